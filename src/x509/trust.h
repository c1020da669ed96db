/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The certificates that are believed without proof. A store is filled by one thread and then only
 * read, by any number; references are counted atomically. The functions that fill it stand in
 * <handfast/config.h>; files and directories are not its business.
 */
#ifndef HF_X509_TRUST_H
#define HF_X509_TRUST_H

#include <handfast/config.h>
#include "x509/x509.h"

enum { HF_TRUST_MAX = 16384 }; /* anchors in one store */

/* From here on nothing can be added (HF_E_CONFIG_SEALED): threads read it without a lock. */
void hf_trust_seal(hf_trust *trust);
/* Anchor i, NULL past the last one. */
const hf_cert *hf_trust_at(const hf_trust *trust, size_t i);
/* The next anchor of that subject: *next starts as 0 and moves on. NULL: no further one. */
const hf_cert *hf_trust_find(const hf_trust *trust, hf_span subject, size_t *next);
bool hf_trust_is_public(const hf_trust *trust);
bool hf_trust_has(const hf_trust *trust, hf_span der);

struct hf_crl; /* x509/revocation.h */
/* The next CRL of that issuer: *next starts as 0 and moves on. NULL: no further one. */
const struct hf_crl *hf_trust_crl(const hf_trust *trust, hf_span issuer, size_t *next);
/* CRL i of all, DER; empty past the last one. */
hf_span hf_trust_crl_at(const hf_trust *trust, size_t i);

#endif
