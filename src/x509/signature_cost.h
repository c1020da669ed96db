/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What checking a signature costs, for budgets: the library has no stopwatch. */
#ifndef HF_X509_SIGNATURE_COST_H
#define HF_X509_SIGNATURE_COST_H

#include "x509/x509.h"

/* In units of one P-256 or RSA-2048 check (HF_SIGNATURE_BUDGET). */
unsigned hf_signature_units(const hf_public_key *key);
/* Key identifiers are hints (RFC 5280 4.2.1.1): they order candidates and never decide. */
bool hf_key_ids_differ(const hf_cert *cert, const hf_cert *issuer);

#endif
