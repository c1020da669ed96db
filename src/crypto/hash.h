/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Hashes as values, and HMAC and HKDF on top of them (RFC 2104, RFC 5869). A transcript hash is
 * copied a dozen times in a handshake; as a value that costs a memcpy.
 */
#ifndef HF_CRYPTO_HASH_H
#define HF_CRYPTO_HASH_H

#include "base/bytes.h"
#include "base/error.h"
#include "registry/registry.h"

typedef struct hf_hash {
    hf_hash_id id;
    union {
        uint64_t align;
        void *handle;       /* the EVP back end */
        uint8_t bytes[224]; /* libcrypto's value type */
    } state;
} hf_hash;

size_t hf_hash_len(hf_hash_id id); /* 32, 48 or 64; 0 for HF_NO_HASH */

/* init and copy may fail (the EVP back end allocates). final leaves the state wiped; to go on after
   it, finish a copy. An hf_hash that is not finished is given back with hf_hash_wipe. */
hf_error hf_hash_init(hf_hash *hash, hf_hash_id id);
hf_error hf_hash_copy(hf_hash *to, const hf_hash *from);
void hf_hash_update(hf_hash *hash, hf_span bytes);
void hf_hash_final(hf_hash *hash, uint8_t out[HF_HASH_MAX]);
void hf_hash_wipe(hf_hash *hash);
hf_error hf_hash_once(hf_hash_id id, hf_span bytes, uint8_t out[HF_HASH_MAX]);

/* An HMAC with its key absorbed: made once, copied for each message. final leaves it wiped. */
typedef struct hf_mac {
    hf_hash inner, outer;
} hf_mac;

hf_error hf_mac_init(hf_mac *mac, hf_hash_id id, hf_span key);
hf_error hf_mac_copy(hf_mac *to, const hf_mac *from);
void hf_mac_update(hf_mac *mac, hf_span bytes);
void hf_mac_final(hf_mac *mac, uint8_t out[HF_HASH_MAX]);
void hf_mac_wipe(hf_mac *mac);

/* Outputs are hf_hash_len(id) bytes. HF_NO_HASH is HF_E_INTERNAL. */
hf_error hf_hmac(hf_hash_id id, hf_span key, hf_span data, uint8_t out[HF_HASH_MAX]);
hf_error hf_hkdf_extract(hf_hash_id id, hf_span salt, hf_span ikm, uint8_t out[HF_HASH_MAX]);
/* At most 255 times the hash's length, else HF_E_LIMIT. */
hf_error hf_hkdf_expand(hf_hash_id id, hf_span prk, hf_span info, uint8_t *out, size_t len);

#endif
