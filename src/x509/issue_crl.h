/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Making CRLs: the certificates that a private CA has withdrawn (RFC 5280 5). */
#ifndef HF_X509_ISSUE_CRL_H
#define HF_X509_ISSUE_CRL_H

#include "x509/revocation.h"

enum { HF_CRL_ENTRIES_MAX = 100000 };

typedef struct hf_crl_request {
    const hf_crl_entry *entries; /* serial, date, reason */
    size_t n;
    uint64_t number;                  /* of this CRL: each one's is greater than the one's before */
    int64_t this_update, next_update; /* next_update 0: none, and then nobody can use it */
    bool only_users, only_cas;        /* issuingDistributionPoint, with or without … */
    const char *point;                /* … the URI of its place; NULL: none */
} hf_crl_request;

/* *der is fresh memory. HF_E_CONFIG_KEY_MISMATCH: not the issuer's key. HF_E_MISUSE: a serial number of no octet or over 20. */
hf_error hf_crl_issue(const hf_crl_request *request, const hf_cert *issuer,
                      const hf_private_key *issuer_key, uint8_t **der, size_t *len);

#endif
