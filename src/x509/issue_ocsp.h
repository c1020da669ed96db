/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Making OCSP responses (RFC 6960): what a private CA says about one certificate, to be stapled. */
#ifndef HF_X509_ISSUE_OCSP_H
#define HF_X509_ISSUE_OCSP_H

#include "x509/revocation.h"

typedef struct hf_ocsp_answer {
    const hf_cert *cert, *issuer;
    hf_status status;
    int64_t revoked_at;               /* if revoked, with … */
    int reason;                       /* … an HF_REASON_NONE or a CRLReason */
    int64_t this_update, next_update; /* next_update 0: none */
    bool sha256;                      /* the CertID's hash; else SHA-1, which everybody knows */
    bool by_key;                      /* how the responder is named */
    const hf_cert *delegate;          /* who signs and is sent along; NULL: the issuer */
} hf_ocsp_answer;

/* key is the delegate's or the issuer's. *der is fresh memory. HF_E_CONFIG_KEY_MISMATCH: it is neither's. */
hf_error hf_ocsp_issue(const hf_ocsp_answer *answer, const hf_private_key *key, uint8_t **der,
                       size_t *len);
/* A response without an answer, as tryLater (3) is: 5 bytes. */
enum { HF_OCSP_REFUSAL_LEN = 5 };
void hf_ocsp_refusal(uint8_t response_status, uint8_t out[HF_OCSP_REFUSAL_LEN]);

#endif
