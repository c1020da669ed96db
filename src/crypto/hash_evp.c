/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The hash back end on EVP, for a libcrypto whose value types are gone or may not be used. Built
 * with HF_HASH_EVP; the default is hash_value.c.
 */
#include "crypto/hash.h"

#include <stdatomic.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "crypto/libcrypto.h"

#ifdef HF_HASH_EVP

static EVP_MD_CTX *started(hf_hash_id id)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    if (ctx && EVP_DigestInit_ex(ctx, hf_libcrypto_hash(id), NULL) == 1)
        return ctx;
    EVP_MD_CTX_free(ctx);
    return NULL;
}

/* An empty hash of each kind, kept for the life of the process: copying it spares OpenSSL looking
   the algorithm up. */
static const EVP_MD_CTX *template_of(hf_hash_id id)
{
    static _Atomic(EVP_MD_CTX *) kept[HF_SHA512 + 1];
    EVP_MD_CTX *template = atomic_load(&kept[id]);

    if (template)
        return template;
    EVP_MD_CTX *fresh = started(id);
    if (fresh && !atomic_compare_exchange_strong(&kept[id], &template, fresh)) {
        EVP_MD_CTX_free(fresh); /* another thread was faster */
        fresh = template;
    }
    return fresh;
}

static hf_error copy_context(hf_hash *to, hf_hash_id id, const EVP_MD_CTX *from)
{
    EVP_MD_CTX *ctx = from ? EVP_MD_CTX_new() : NULL;

    *to = (hf_hash){ .id = id };
    if (ctx && EVP_MD_CTX_copy_ex(ctx, from) == 1) {
        to->state.handle = ctx;
        return HF_OK;
    }
    EVP_MD_CTX_free(ctx);
    return hf_libcrypto_failure(HF_E_CRYPTO);
}

hf_error hf_hash_init(hf_hash *hash, hf_hash_id id)
{
    if (id == HF_NO_HASH) {
        *hash = (hf_hash){ .id = id };
        return HF_E_INTERNAL;
    }
    return copy_context(hash, id, template_of(id));
}

hf_error hf_hash_copy(hf_hash *to, const hf_hash *from)
{
    return copy_context(to, from->id, from->state.handle);
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
