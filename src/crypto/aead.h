/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Authenticated encryption of records. An hf_aead is a set of libcrypto contexts that one worker
 * owns and all its connections share: it is re-keyed when another key comes (0.2 µs), so that a
 * connection holds 32 bytes of key and not a kilobyte of context.
 */
#ifndef HF_CRYPTO_AEAD_H
#define HF_CRYPTO_AEAD_H

#include "base/bytes.h"
#include "base/error.h"
#include "registry/registry.h"

enum { HF_AEAD_KEY_MAX = 32, HF_AEAD_NONCE = 12, HF_AEAD_TAG = 16 };

typedef struct hf_aead_key {
    hf_aead_id id;
    uint8_t key[HF_AEAD_KEY_MAX]; /* hf_aead_key_len(id) of them */
} hf_aead_key;

size_t hf_aead_key_len(hf_aead_id id);
size_t hf_aead_tag_len(hf_aead_id id); /* at most HF_AEAD_TAG */

typedef struct hf_aead hf_aead;
hf_aead *hf_aead_new(void); /* NULL: no memory */
void hf_aead_free(hf_aead *aead);
/* The key is loaded nowhere any more: its connection has ended. */
void hf_aead_forget(hf_aead *aead, const hf_aead_key *key);

/* Encrypts `parts` (in order) to out, which gets their total plus hf_aead_tag_len bytes. A part may lie
   exactly where its ciphertext goes, not elsewhere in out. */
hf_error hf_aead_seal(hf_aead *aead, const hf_aead_key *key, const uint8_t nonce[HF_AEAD_NONCE],
                      hf_span ad, const hf_span *parts, size_t n_parts, uint8_t *out);
/* Opens in place: bytes[0..len) is ciphertext and tag; *plain_len gets len less the tag.
   HF_E_RECORD_MAC if it does not open (the bytes are then undefined), HF_E_RECORD_TOO_SHORT. */
hf_error hf_aead_open(hf_aead *aead, const hf_aead_key *key, const uint8_t nonce[HF_AEAD_NONCE],
                      hf_span ad, uint8_t *bytes, size_t len, size_t *plain_len);

#endif
