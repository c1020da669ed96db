/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Making certificates: a private CA and its leaves, for `handfast cert`, `serve` and `demo`. */
#ifndef HF_X509_ISSUE_H
#define HF_X509_ISSUE_H

#include "crypto/random.h"
#include "x509/path_rules.h"

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
    const char *const
        *permitted;     /* of a CA: it may sign for these domains and what is below them, and … */
    size_t n_permitted; /* … addresses ("10.0.0.0/8"), and for no others; 0: for all */
} hf_cert_request;

/* Signs a certificate for subject_key. Self-signed when issuer is NULL. *der is fresh memory. The serial
   number is 16 random bytes (positive). SKI is SHA-256 of the key, cut to 20 bytes (RFC 7093); AKI of leaves. */
hf_error hf_cert_issue(const hf_cert_request *request, const hf_private_key *subject_key,
                       const hf_cert *issuer, const hf_private_key *issuer_key,
                       const hf_random *random, uint8_t **der, size_t *len);

/* The same for somebody else's key, given as its SubjectPublicKeyInfo. */
hf_error hf_cert_issue_for(const hf_cert_request *request, hf_span spki, const hf_cert *issuer,
                           const hf_private_key *issuer_key, const hf_random *random, uint8_t **der,
                           size_t *len);

/* A host name (also of one label), an address, or a network as RFC 4632 writes it. */
bool hf_is_permitted_name(const char *text);
/* May that CA sign for these names? HF_E_CERT_NAME_… and, in `detail`, which of them it may not sign for. */
hf_error hf_names_permitted(const hf_cert *issuer, const char *const *names, size_t n,
                            char detail[HF_DETAIL_MAX]);
/* "localhost, test, 10.0.0.0/8": the domains and addresses that its constraints permit; empty: none are named. */
void hf_permitted_text(const hf_cert *issuer, char *out, size_t room);

/* A mail address as rfc822Name has it (RFC 5280 4.2.1.6): a dot-atom, an @ and a host name. */
bool hf_is_email(const char *name);

#endif
