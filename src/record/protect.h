/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the files of this floor share: the protection of each version, which record.c chooses from. */
#ifndef HF_RECORD_PROTECT_H
#define HF_RECORD_PROTECT_H

#include "record/record.h"

/* The sequence number, padded on the left, xor the IV (RFC 9846 5.3, RFC 7905 2). */
void hf_record_nonce(const hf_traffic *keys, uint8_t nonce[HF_AEAD_NONCE]);

/* As hf_record_open and hf_record_seal. */
hf_error hf_record_open13(hf_aead *aead, hf_traffic *keys, uint8_t *record, size_t len,
                          size_t limit, uint8_t *type, hf_span *content);
hf_error hf_record_open12(hf_aead *aead, hf_traffic *keys, uint8_t *record, size_t len,
                          size_t limit, uint8_t *type, hf_span *content);
hf_error hf_record_seal13(hf_aead *aead, hf_traffic *keys, uint8_t type, const hf_span *parts,
                          size_t n_parts, size_t padding, uint8_t *out, size_t *out_len);
hf_error hf_record_seal12(hf_aead *aead, hf_traffic *keys, uint8_t type, const hf_span *parts,
                          size_t n_parts, uint8_t *out, size_t *out_len);

#endif
