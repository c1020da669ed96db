/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * AES-GCM, ChaCha20-Poly1305 (RFC 5116, RFC 8439) and AES-CCM (RFC 6655) on libcrypto's contexts:
 * one for each algorithm and direction, so that a connection's two keys stay loaded side by side.
 * Nonces and limits are src/record's business. CCM's tag depends on the length, which therefore
 * comes before all else, and its text comes in one piece.
 */
#include "crypto/aead.h"

#include <limits.h>

#include "crypto/libcrypto.h"

enum { ALGORITHMS = 5 };
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
    case HF_AES_128_CCM:
    case HF_AES_128_CCM_8: return EVP_aes_128_ccm();
    }
    return NULL;
}

size_t hf_aead_key_len(hf_aead_id id)
{
    switch (id) {
    case HF_AES_128_GCM:
    case HF_AES_128_CCM:
    case HF_AES_128_CCM_8: return 16;
    case HF_AES_256_GCM:
    case HF_CHACHA20_POLY1305: return 32;
    }
    return 0;
}

size_t hf_aead_tag_len(hf_aead_id id)
{
    return id == HF_AES_128_CCM_8 ? 8 : HF_AEAD_TAG; /* RFC 6655 4 */
}

static bool is_ccm(hf_aead_id id)
{
    return id == HF_AES_128_CCM || id == HF_AES_128_CCM_8;
}

/* They are part of what CCM encrypts first, and stay with the context. */
static bool set_ccm_lengths(EVP_CIPHER_CTX *ctx, hf_aead_id id)
{
    return EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, HF_AEAD_NONCE, NULL) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)hf_aead_tag_len(id), NULL) == 1;
}

/* The one place where libcrypto looks the cipher up. */
static bool prepare(slot *s, hf_aead_id id, int way)
{
    s->ctx = EVP_CIPHER_CTX_new();
    if (s->ctx && EVP_CipherInit_ex(s->ctx, cipher_of(id), NULL, NULL, NULL, way) == 1 &&
        (!is_ccm(id) || set_ccm_lengths(s->ctx, id)))
        return true;
    EVP_CIPHER_CTX_free(s->ctx);
    s->ctx = NULL;
    return false;
}

static slot *slot_of(hf_aead *aead, hf_aead_id id, int way)
{
    return &aead->slots[id - HF_AES_128_GCM][way];
}

/* CCM is for few: its contexts are made when a key for them comes. */
hf_aead *hf_aead_new(void)
{
    hf_aead *aead = hf_alloc(sizeof *aead);
    bool good = aead != NULL;

    for (hf_aead_id id = HF_AES_128_GCM; good && !is_ccm(id); id++)
        good = prepare(slot_of(aead, id, OPEN), id, OPEN) &&
               prepare(slot_of(aead, id, SEAL), id, SEAL);
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

/* Loading zeroes overwrites the key schedule, which cannot be reached otherwise; where that fails, the whole context goes. */
void hf_aead_forget(hf_aead *aead, const hf_aead_key *key)
{
    static const uint8_t zeroes[HF_AEAD_KEY_MAX];

    for (int way = OPEN; hf_aead_key_len(key->id) > 0 && way <= SEAL; way++) {
        slot *s = slot_of(aead, key->id, way);
        if (!s->ctx || !holds(s, key))
            continue;
        if (EVP_CipherInit_ex(s->ctx, NULL, NULL, zeroes, NULL, way) != 1) {
            hf_libcrypto_failure(HF_E_CRYPTO);
            EVP_CIPHER_CTX_free(s->ctx);
            s->ctx = NULL;
        }
        s->loaded = false;
        hf_wipe(s->key, sizeof s->key);
    }
}

/* Makes the slot ready for a record: loads the key if it is another one, and sets the nonce. CCM's key is loaded each time: all
   that is promised about its contexts is one message after each. */
static hf_error start(hf_aead *aead, const hf_aead_key *key, int way, const uint8_t *nonce,
                      slot **ready)
{
    size_t len = hf_aead_key_len(key->id);

    if (len == 0)
        return HF_E_INTERNAL;
    slot *s = slot_of(aead, key->id, way);
    if (!s->ctx && !prepare(s, key->id, way))
        return hf_libcrypto_failure(HF_E_CRYPTO);
    bool same = !is_ccm(key->id) && s->loaded && holds(s, key);

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

/* ---- CCM: one piece of text, its length first ---- */

static size_t total_of(const hf_span *parts, size_t n_parts)
{
    size_t total = 0;

    for (size_t i = 0; i < n_parts; i++)
        total += parts[i].len;
    return total;
}

static bool start_ccm(slot *s, hf_span ad, size_t len)
{
    int n;

    return len <= INT_MAX && EVP_CipherUpdate(s->ctx, NULL, &n, NULL, (int)len) == 1 &&
           feed(s, NULL, ad);
}

/* In place, also an empty text: only then is there a tag. Opening, false means that the tag is wrong. */
static bool run_ccm(slot *s, uint8_t *text, size_t len)
{
    int n;

    return EVP_CipherUpdate(s->ctx, text, &n, text, (int)len) == 1;
}

static bool seal_ccm(slot *s, hf_span ad, const hf_span *parts, size_t n_parts, uint8_t *out)
{
    size_t total = total_of(parts, n_parts);
    uint8_t *at = out;

    for (size_t i = 0; i < n_parts; at += parts[i++].len)
        if (parts[i].len > 0 && parts[i].data != at)
            memcpy(at, parts[i].data, parts[i].len);
    return start_ccm(s, ad, total) && run_ccm(s, out, total);
}

static hf_error open_ccm(slot *s, hf_span ad, uint8_t *bytes, size_t body)
{
    if (!start_ccm(s, ad, body))
        return fail(s, HF_E_CRYPTO);
    return run_ccm(s, bytes, body) ? HF_OK : hf_libcrypto_failure(HF_E_RECORD_MAC);
}

/* ---- the others ---- */

static bool seal_stream(slot *s, hf_span ad, const hf_span *parts, size_t n_parts, uint8_t *out)
{
    bool good = feed(s, NULL, ad);
    int n;

    for (size_t i = 0; good && i < n_parts; i++) {
        good = feed(s, out, parts[i]);
        out += parts[i].len;
    }
    return good && EVP_CipherFinal_ex(s->ctx, out, &n) == 1;
}

static hf_error open_stream(slot *s, hf_span ad, uint8_t *bytes, size_t body)
{
    int n;

    if (!feed(s, NULL, ad) || !feed(s, bytes, hf_span_of(bytes, body)))
        return fail(s, HF_E_CRYPTO);
    return EVP_CipherFinal_ex(s->ctx, bytes + body, &n) == 1
               ? HF_OK
               : hf_libcrypto_failure(HF_E_RECORD_MAC);
}

/* ---- both ---- */

hf_error hf_aead_seal(hf_aead *aead, const hf_aead_key *key, const uint8_t nonce[HF_AEAD_NONCE],
                      hf_span ad, const hf_span *parts, size_t n_parts, uint8_t *out)
{
    uint8_t *tag = out + total_of(parts, n_parts);
    int tag_len = (int)hf_aead_tag_len(key->id);
    slot *s;

    TRY(start(aead, key, SEAL, nonce, &s));
    bool good = (is_ccm(key->id) ? seal_ccm : seal_stream)(s, ad, parts, n_parts, out) &&
                EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_GET_TAG, tag_len, tag) == 1;
    return good ? HF_OK : fail(s, HF_E_CRYPTO);
}

hf_error hf_aead_open(hf_aead *aead, const hf_aead_key *key, const uint8_t nonce[HF_AEAD_NONCE],
                      hf_span ad, uint8_t *bytes, size_t len, size_t *plain_len)
{
    size_t tag_len = hf_aead_tag_len(key->id);
    slot *s;

    if (len < tag_len)
        return HF_E_RECORD_TOO_SHORT;
    size_t body = len - tag_len;
    TRY(start(aead, key, OPEN, nonce, &s));
    if (EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_SET_TAG, (int)tag_len, bytes + body) != 1)
        return fail(s, HF_E_CRYPTO);
    TRY((is_ccm(key->id) ? open_ccm : open_stream)(s, ad, bytes, body));
    *plain_len = body;
    return HF_OK;
}
