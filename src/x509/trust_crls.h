/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The CRLs of a trust store, for trust.c. */
#ifndef HF_X509_TRUST_CRLS_H
#define HF_X509_TRUST_CRLS_H

#include "x509/revocation.h"

enum { HF_TRUST_CRLS_MAX = 4096 };

typedef struct hf_trust_crls {
    hf_crl *list; /* each points into a copy of its own, and has known */
    size_t count, room;
} hf_trust_crls;

void hf_trust_crls_free(hf_trust_crls *crls);
/* As hf_trust_add_crls. Those before the first malformed one stay. */
hf_error hf_trust_crls_add(hf_trust_crls *crls, hf_span pem_or_der);
const hf_crl *hf_trust_crls_find(const hf_trust_crls *crls, hf_span issuer, size_t *next);

#endif
