/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Record protection of TLS 1.2 by AEAD (RFC 5246 6.2.3.3). The nonce of AES-GCM and AES-CCM is 4
 * bytes of the key_block and 8 that stand before the ciphertext (RFC 5288 3, RFC 6655 3);
 * ChaCha20-Poly1305's is made as in TLS 1.3 (RFC 7905 2). The content type is in the clear, the sequence number in the additional data.
 */
#include "record/protect.h"

enum { AD_LEN = 8 + 1 + 2 + 2, SALT = HF_AEAD_NONCE - HF_EXPLICIT_NONCE };

static size_t explicit_nonce(const hf_traffic *keys)
{
    return keys->key.id == HF_CHACHA20_POLY1305 ? 0 : HF_EXPLICIT_NONCE;
}

static void put_u64(uint8_t out[8], uint64_t v)
{
    for (size_t i = 0; i < 8; i++)
        out[7 - i] = (uint8_t)(v >> 8 * i);
}

/* RFC 5246 6.2.3.3: seq_num + TLSCompressed.type + TLSCompressed.version + TLSCompressed.length.
   All but the first come from the header as it stands on the wire. */
static hf_span additional_data(uint8_t ad[AD_LEN], const hf_traffic *keys, const uint8_t *header)
{
    size_t length = (size_t)(header[3] << 8 | header[4]);
    size_t plain_len = length - explicit_nonce(keys) - hf_aead_tag_len(keys->key.id);

    put_u64(ad, keys->sequence);
    memcpy(ad + 8, header, 3);
    ad[11] = (uint8_t)(plain_len >> 8);
    ad[12] = (uint8_t)plain_len;
    return hf_span_of(ad, AD_LEN);
}

/* `body` begins with the explicit part, if there is one. */
static void make_nonce(const hf_traffic *keys, const uint8_t *body, uint8_t nonce[HF_AEAD_NONCE])
{
    if (explicit_nonce(keys) == 0) {
        hf_record_nonce(keys, nonce);
        return;
    }
    memcpy(nonce, keys->iv, SALT);
    memcpy(nonce + SALT, body, HF_EXPLICIT_NONCE);
}

hf_error hf_record_open12(hf_aead *aead, hf_traffic *keys, uint8_t *record, size_t len,
                          size_t limit, uint8_t *type, hf_span *content)
{
    uint8_t nonce[HF_AEAD_NONCE], ad[AD_LEN], *body = record + HF_RECORD_HEADER;
    size_t before = HF_RECORD_HEADER + explicit_nonce(keys), plain_len;

    if (len < before + hf_aead_tag_len(keys->key.id))
        return HF_E_RECORD_TOO_SHORT;
    if (keys->sequence == UINT64_MAX)
        return HF_E_KEY_LIMIT; /* RFC 5246 6.1 */
    make_nonce(keys, body, nonce);
    hf_span about = additional_data(ad, keys, record);
    TRY(hf_aead_open(aead, &keys->key, nonce, about, record + before, len - before, &plain_len));
    keys->sequence++;
    if (plain_len > limit) /* RFC 5246 6.2.1, RFC 8449 4 */
        return HF_E_RECORD_OVERFLOW;
    *type = record[0];
    *content = hf_span_of(record + before, plain_len);
    return HF_OK;
}

static size_t total_of(const hf_span *parts, size_t n_parts)
{
    size_t total = 0;

    for (size_t i = 0; i < n_parts; i++)
        total += parts[i].len;
    return total;
}

/* A single part that lies where a record without an explicit nonce has its content makes room for
   one: hf_aead_seal works in place, or not at all. */
static const hf_span *in_place(const hf_span *parts, size_t n_parts, uint8_t *body, uint8_t *to,
                               hf_span *moved)
{
    if (n_parts != 1 || parts[0].data != body || body == to)
        return parts;
    memmove(to, body, parts[0].len);
    *moved = hf_span_of(to, parts[0].len);
    return moved;
}

hf_error hf_record_seal12(hf_aead *aead, hf_traffic *keys, uint8_t type, const hf_span *parts,
                          size_t n_parts, uint8_t *out, size_t *out_len)
{
    uint8_t nonce[HF_AEAD_NONCE], ad[AD_LEN], *body = out + HF_RECORD_HEADER;
    size_t before = explicit_nonce(keys), plain_len = total_of(parts, n_parts);
    size_t length = before + plain_len + hf_aead_tag_len(keys->key.id);
    hf_span moved;

    if (keys->sequence >= keys->limit)
        return HF_E_KEY_LIMIT; /* RFC 5246 6.1, RFC 9846 5.5 */
    parts = in_place(parts, n_parts, body, body + before, &moved);
    hf_record_header_write(out, type, HF_TLS12, length);
    if (before > 0)
        put_u64(body, keys->sequence); /* RFC 5288 3, RFC 6655 3: never twice under a key */
    make_nonce(keys, body, nonce);
    TRY(hf_aead_seal(aead, &keys->key, nonce, additional_data(ad, keys, out), parts, n_parts,
                     body + before));
    keys->sequence++;
    *out_len = HF_RECORD_HEADER + length;
    return HF_OK;
}
