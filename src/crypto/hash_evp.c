/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The hash back end on EVP, for a libcrypto whose value types are gone or may not be used. Built
 * with HF_HASH_EVP; the default is hash_value.c.
 */
#include "crypto/hash.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "crypto/libcrypto.h"

#ifdef HF_HASH_EVP

hf_error hf_hash_init(hf_hash *hash, hf_hash_id id)
{
    EVP_MD_CTX *ctx;

    *hash = (hf_hash){ .id = id };
    if (id == HF_NO_HASH)
        return HF_E_INTERNAL;
    ctx = EVP_MD_CTX_new();
    if (!ctx)
        return hf_libcrypto_failure(HF_E_NO_MEMORY);
    hash->state.handle = ctx;
    if (EVP_DigestInit_ex(ctx, hf_libcrypto_hash(id), NULL) == 1)
        return HF_OK;
    hf_hash_wipe(hash);
    return hf_libcrypto_failure(HF_E_CRYPTO);
}

hf_error hf_hash_copy(hf_hash *to, const hf_hash *from)
{
    *to = (hf_hash){ .id = from->id };
    to->state.handle = EVP_MD_CTX_new();
    if (to->state.handle && EVP_MD_CTX_copy_ex(to->state.handle, from->state.handle) == 1)
        return HF_OK;
    hf_hash_wipe(to);
    return hf_libcrypto_failure(HF_E_NO_MEMORY);
}

/* A context that failed is given up: final then has nothing to finish. */
void hf_hash_update(hf_hash *hash, hf_span bytes)
{
    if (!hash->state.handle || bytes.len == 0)
        return;
    if (EVP_DigestUpdate(hash->state.handle, bytes.data, bytes.len) != 1) {
        EVP_MD_CTX_free(hash->state.handle);
        hash->state.handle = NULL;
    }
}

/* A hash that could not be computed becomes bytes that nobody knows: whatever is derived from it or
   compared with it will fail. Zeroes would be a value that an attacker can count on. */
void hf_hash_final(hf_hash *hash, uint8_t out[HF_HASH_MAX])
{
    size_t len = hf_hash_len(hash->id);

    if (!hash->state.handle || EVP_DigestFinal_ex(hash->state.handle, out, NULL) != 1) {
        hf_libcrypto_failure(HF_E_CRYPTO);
        RAND_bytes(out, (int)len);
    }
    hf_hash_wipe(hash);
}

void hf_hash_wipe(hf_hash *hash)
{
    EVP_MD_CTX_free(hash->state.handle); /* which wipes it */
    hf_wipe(hash, sizeof *hash);
}

#endif
