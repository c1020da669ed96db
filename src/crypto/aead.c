/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * AES-GCM and ChaCha20-Poly1305 (RFC 5116, RFC 8439) on libcrypto's contexts: one for each
 * algorithm and direction, so that a connection's two keys stay loaded side by side. Nonces and
 * limits are src/record's business.
 */
#include "crypto/aead.h"

#include <limits.h>

#include "crypto/libcrypto.h"

enum { ALGORITHMS = 3 };
enum { OPEN = 0, SEAL = 1 }; /* as EVP_CipherInit_ex has them */

typedef struct slot {
    EVP_CIPHER_CTX *ctx;
    bool loaded; /* key is the one in ctx */
    uint8_t key[HF_AEAD_KEY_MAX];
} slot;

struct hf_aead {
    slot slots[ALGORITHMS][2];
};

static const EVP_CIPHER *cipher_of(hf_aead_id id)
{
    switch (id) {
    case HF_AES_128_GCM: return EVP_aes_128_gcm();
    case HF_AES_256_GCM: return EVP_aes_256_gcm();
    case HF_CHACHA20_POLY1305: return EVP_chacha20_poly1305();
    }
    return NULL;
}

size_t hf_aead_key_len(hf_aead_id id)
{
    switch (id) {
    case HF_AES_128_GCM: return 16;
    case HF_AES_256_GCM:
    case HF_CHACHA20_POLY1305: return 32;
    }
    return 0;
}

/* The one place where libcrypto looks the cipher up. */
static bool prepare(slot *s, hf_aead_id id, int way)
{
    s->ctx = EVP_CIPHER_CTX_new();
    return s->ctx && EVP_CipherInit_ex(s->ctx, cipher_of(id), NULL, NULL, NULL, way) == 1;
}

hf_aead *hf_aead_new(void)
{
    hf_aead *aead = hf_alloc(sizeof *aead);
    bool good = aead != NULL;

    for (int i = 0; good && i < ALGORITHMS; i++)
        good = prepare(&aead->slots[i][OPEN], (hf_aead_id)(HF_AES_128_GCM + i), OPEN) &&
               prepare(&aead->slots[i][SEAL], (hf_aead_id)(HF_AES_128_GCM + i), SEAL);
    if (good)
        return aead;
    hf_libcrypto_failure(HF_E_CRYPTO);
    hf_aead_free(aead);
    return NULL;
}

void hf_aead_free(hf_aead *aead)
{
    if (!aead)
        return;
    for (int i = 0; i < ALGORITHMS; i++) {
        EVP_CIPHER_CTX_free(aead->slots[i][OPEN].ctx);
        EVP_CIPHER_CTX_free(aead->slots[i][SEAL].ctx);
    }
    hf_free_secret(aead, sizeof *aead);
}

/* Also after a failure, when the context is not to be built on but still has the key. */
static bool holds(const slot *s, const hf_aead_key *key)
{
    size_t len = hf_aead_key_len(key->id);

    return hf_ct_equal(hf_span_of(s->key, len), hf_span_of(key->key, len));
}

/* Loading zeroes overwrites the key schedule, which cannot be reached otherwise. */
void hf_aead_forget(hf_aead *aead, const hf_aead_key *key)
{
    static const uint8_t zeroes[HF_AEAD_KEY_MAX];

    for (int way = OPEN; hf_aead_key_len(key->id) > 0 && way <= SEAL; way++) {
        slot *s = &aead->slots[key->id - HF_AES_128_GCM][way];
        if (!holds(s, key))
            continue;
        if (EVP_CipherInit_ex(s->ctx, NULL, NULL, zeroes, NULL, way) != 1)
            hf_libcrypto_failure(HF_E_CRYPTO);
        s->loaded = false;
        hf_wipe(s->key, sizeof s->key);
    }
}

/* Makes the slot ready for a record: loads the key if it is another one, and sets the nonce. */
static hf_error start(hf_aead *aead, const hf_aead_key *key, int way, const uint8_t *nonce,
                      slot **ready)
{
    size_t len = hf_aead_key_len(key->id);

    if (len == 0)
        return HF_E_INTERNAL;
    slot *s = &aead->slots[key->id - HF_AES_128_GCM][way];
    bool same = s->loaded && holds(s, key);

    s->loaded = false;
    if (EVP_CipherInit_ex(s->ctx, NULL, NULL, same ? NULL : key->key, nonce, way) != 1)
        return hf_libcrypto_failure(HF_E_CRYPTO);
    if (!same)
        memcpy(s->key, key->key, len);
    s->loaded = true;
    *ready = s;
    return HF_OK;
}

/* One stretch of input; out is NULL for associated data. */
static bool feed(slot *s, uint8_t *out, hf_span in)
{
    int n;

    if (in.len == 0)
        return true;
    return in.len <= INT_MAX && EVP_CipherUpdate(s->ctx, out, &n, in.data, (int)in.len) == 1;
}

/* What a failed operation left in the context is not to be built on. */
static hf_error fail(slot *s, hf_error otherwise)
{
    s->loaded = false;
    return hf_libcrypto_failure(otherwise);
}

hf_error hf_aead_seal(hf_aead *aead, const hf_aead_key *key, const uint8_t nonce[HF_AEAD_NONCE],
                      hf_span ad, const hf_span *parts, size_t n_parts, uint8_t *out)
{
    slot *s;
    int n;

    TRY(start(aead, key, SEAL, nonce, &s));
    bool good = feed(s, NULL, ad);
    for (size_t i = 0; good && i < n_parts; i++) {
        good = feed(s, out, parts[i]);
        out += parts[i].len;
    }
    good = good && EVP_CipherFinal_ex(s->ctx, out, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_GET_TAG, HF_AEAD_TAG, out) == 1;
    return good ? HF_OK : fail(s, HF_E_CRYPTO);
}

hf_error hf_aead_open(hf_aead *aead, const hf_aead_key *key, const uint8_t nonce[HF_AEAD_NONCE],
                      hf_span ad, uint8_t *bytes, size_t len, size_t *plain_len)
{
    slot *s;
    int n;

    if (len < HF_AEAD_TAG)
        return HF_E_RECORD_TOO_SHORT;
    size_t body = len - HF_AEAD_TAG;
    TRY(start(aead, key, OPEN, nonce, &s));
    if (EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_SET_TAG, HF_AEAD_TAG, bytes + body) != 1 ||
        !feed(s, NULL, ad) || !feed(s, bytes, hf_span_of(bytes, body)))
        return fail(s, HF_E_CRYPTO);
    if (EVP_CipherFinal_ex(s->ctx, bytes + body, &n) != 1)
        return hf_libcrypto_failure(HF_E_RECORD_MAC);
    *plain_len = body;
    return HF_OK;
}
