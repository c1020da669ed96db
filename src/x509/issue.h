/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Making certificates: a private CA and its leaves, for `handfast cert`, `serve` and `demo`. */
#ifndef HF_X509_ISSUE_H
#define HF_X509_ISSUE_H

#include "crypto/random.h"
#include "x509/x509.h"

typedef struct hf_cert_request {
    const char *common_name;  /* of the subject; at most 64 bytes */
    const char *organization; /* or NULL */
    const char *const
        *names; /* SANs: DNS names (also *.example.org), IP literals, mail addresses */
    size_t n_names;
    bool
        ca; /* basicConstraints CA, keyCertSign and cRLSign; else digitalSignature (and keyEncipherment
                                    for a server's RSA key) and EKU */
    int path_len; /* -1: none */
    uint8_t eku;  /* HF_EKU_SERVER_AUTH | HF_EKU_CLIENT_AUTH */
    int64_t not_before, not_after;
} hf_cert_request;

/* Signs a certificate for subject_key. Self-signed when issuer is NULL. *der is fresh memory. The serial
   number is 16 random bytes (positive). SKI is SHA-256 of the key, cut to 20 bytes (RFC 7093); AKI of leaves. */
hf_error hf_cert_issue(const hf_cert_request *request, const hf_private_key *subject_key,
                       const hf_cert *issuer, const hf_private_key *issuer_key,
                       const hf_random *random, uint8_t **der, size_t *len);

/* A mail address as rfc822Name has it (RFC 5280 4.2.1.6): a dot-atom, an @ and a host name. */
bool hf_is_email(const char *name);

#endif
