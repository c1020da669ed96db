/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From a traffic secret to the key and IV of a direction (RFC 9846 7.3), and lines of the key log. */
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

hf_error hf_traffic_keys(hf_traffic *t, const hf_suite *suite, const uint8_t *secret)
{
    hf_span from = hf_span_of(secret, hf_hash_len(suite->hash));
    hf_span none = { NULL, 0 };

    t->key.id = suite->aead;
    t->sequence = 0;
    t->limit = record_limit(suite->limit_half_bits);
    TRY(hf_expand_label(suite->hash, from, "key", none, t->key.key, hf_aead_key_len(suite->aead)));
    return hf_expand_label(suite->hash, from, "iv", none, t->iv, sizeof t->iv);
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
