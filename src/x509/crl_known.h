/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a trust store finds out about a CRL of its once, so that no chain pays for it again: where each
 * serial number stands, and who signed it. No answer depends on it, only what the answer costs.
 */
#ifndef HF_X509_CRL_KNOWN_H
#define HF_X509_CRL_KNOWN_H

#include "x509/revocation.h"

typedef struct hf_crl_known hf_crl_known;

/* Goes over the entries of a parsed CRL and sets crl->known. HF_E_NO_MEMORY. */
hf_error hf_crl_know(hf_crl *crl);
void hf_crl_forget(hf_crl *crl);

/* Whether hf_crl_find can answer. If not, the entries must be walked: the CRL is in no store, or not a plain one, in which
   an entry is malformed, or has a critical extension that is not understood, or is another CA's (and all after it). */
bool hf_crl_has_index(const hf_crl *crl);
/* The next entry with that serial number, in the order of the list: *next starts as 0 and moves on. */
bool hf_crl_find(const hf_crl *crl, hf_span serial, size_t *next, hf_crl_entry *entry);

/* Whether the key is known to have made crl->signature. Any number of threads may ask and keep. */
bool hf_crl_knows_signer(const hf_crl *crl, const hf_cert *issuer);
void hf_crl_keep_signer(const hf_crl *crl, const hf_cert *issuer);

#endif
