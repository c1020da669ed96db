/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From secrets to the key and IV of a direction (RFC 9846 7.3, RFC 5246 6.3), and lines of the key
   log. */
#include "keys/keys.h"

/* 2^(half_bits / 2) records: RFC 9846 5.5 gives 2^24.5 for AES-GCM. */
static uint64_t record_limit(unsigned half_bits)
{
    if (half_bits >= 128)
        return UINT64_MAX;
    uint64_t whole = (uint64_t)1 << half_bits / 2;
    return half_bits % 2 ? whole + whole / 5 * 2
                         : whole; /* a little under the square root of two */
}

/* RFC 9846 5.3#1: numbers start again with each key. */
hf_error hf_traffic_keys(hf_traffic *t, const hf_suite *suite, const uint8_t *secret)
{
    hf_span from = hf_span_of(secret, hf_hash_len(suite->hash));
    hf_span none = { NULL, 0 };

    t->version = HF_TLS13;
    t->key.id = suite->aead;
    t->sequence = 0;
    t->limit = record_limit(suite->limit_half_bits);
    TRY(hf_expand_label(suite->hash, from, "key", none, t->key.key, hf_aead_key_len(suite->aead)));
    return hf_expand_label(suite->hash, from, "iv", none, t->iv, sizeof t->iv);
}

/* What of the IV is the key_block's: RFC 5288 3, RFC 6655 3, RFC 7905 2. */
static size_t fixed_iv_len(hf_aead_id id)
{
    return id == HF_CHACHA20_POLY1305 ? HF_AEAD_NONCE : 4;
}

/* RFC 5246 6.3: client_write_key, server_write_key, client_write_IV, server_write_IV. AEAD suites
   have no MAC keys. */
static void take_from_block(hf_traffic *t, const uint8_t *key_block, hf_role writer)
{
    size_t key = hf_aead_key_len(t->key.id), iv = fixed_iv_len(t->key.id);
    size_t before = writer == HF_CLIENT ? 0 : 1;

    memcpy(t->key.key, key_block + before * key, key);
    memset(t->iv, 0, sizeof t->iv);
    memcpy(t->iv, key_block + 2 * key + before * iv, iv);
}

hf_error hf_traffic_keys12(hf_traffic *t, const hf_suite *suite, const hf_secrets *s,
                           hf_role writer)
{
    uint8_t key_block[2 * (HF_AEAD_KEY_MAX + HF_AEAD_NONCE)];
    size_t len = 2 * (hf_aead_key_len(suite->aead) + fixed_iv_len(suite->aead));

    t->version = HF_TLS12;
    t->key.id = suite->aead;
    t->sequence = 0; /* RFC 5246 6.1 */
    t->limit = record_limit(suite->limit_half_bits);
    hf_error e = hf_prf(suite->hash, hf_span_of(s->master_secret, sizeof s->master_secret),
                        "key expansion", hf_span_of(s->server_random, sizeof s->server_random),
                        hf_span_of(s->client_random, sizeof s->client_random), key_block, len);
    if (e == HF_OK)
        take_from_block(t, key_block, writer);
    hf_wipe(key_block, sizeof key_block);
    return e;
}

static char *put_hex(char *out, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
    return out;
}

/* The longest label has 31 bytes: 31 + 1 + 64 + 1 + 128 + 1 fit. */
void hf_keylog_line(char out[HF_KEYLOG_LINE], const char *label, const uint8_t client_random[32],
                    hf_span secret)
{
    size_t n = strlen(label);

    memcpy(out, label, n);
    out[n] = ' ';
    char *at = put_hex(out + n + 1, client_random, 32);
    *at++ = ' ';
    put_hex(at, secret.data, secret.len);
}
