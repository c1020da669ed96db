/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Headers, and the choice of the protection. */
#include "record/protect.h"

static size_t length_max(uint8_t type, uint16_t keys_version)
{
    if (keys_version == HF_TLS12)
        return HF_CIPHERTEXT12_MAX; /* RFC 5246 6.2.3 */
    if (keys_version == HF_TLS13 && type == HF_CT_APPLICATION_DATA)
        return HF_CIPHERTEXT_MAX; /* RFC 9846 5.2#2 #5 */
    return HF_PLAINTEXT_MAX;      /* RFC 9846 5.1#15 */
}

hf_error hf_record_header_read(hf_record_header *h, const uint8_t bytes[HF_RECORD_HEADER],
                               uint16_t keys_version)
{
    h->type = bytes[0];
    h->version = (uint16_t)(bytes[1] << 8 | bytes[2]);
    h->length = (uint16_t)(bytes[3] << 8 | bytes[4]);
    if (h->type < HF_CT_CHANGE_CIPHER_SPEC || h->type > HF_CT_APPLICATION_DATA) /* RFC 9846 5#5 */
        return HF_E_RECORD_TYPE;
    if (bytes[1] != 3)
        return HF_E_RECORD_VERSION; /* RFC 9846 E.5; the other byte is ignored: 5.1#13, E#1, E.2#4 */
    return h->length > length_max(h->type, keys_version) ? HF_E_RECORD_OVERFLOW : HF_OK;
}

void hf_record_header_write(uint8_t out[HF_RECORD_HEADER], uint8_t type, uint16_t version,
                            size_t length)
{
    out[0] = type;
    out[1] = (uint8_t)(version >> 8);
    out[2] = (uint8_t)version;
    out[3] = (uint8_t)(length >> 8);
    out[4] = (uint8_t)length;
}

void hf_record_nonce(const hf_traffic *keys, uint8_t nonce[HF_AEAD_NONCE])
{
    memcpy(nonce, keys->iv, HF_AEAD_NONCE);
    for (size_t i = 0; i < 8; i++)
        nonce[HF_AEAD_NONCE - 1 - i] ^= (uint8_t)(keys->sequence >> 8 * i);
}

hf_error hf_record_open(hf_aead *aead, hf_traffic *keys, uint8_t *record, size_t len, size_t limit,
                        uint8_t *type, hf_span *content)
{
    if (keys->version == HF_TLS12)
        return hf_record_open12(aead, keys, record, len, limit, type, content);
    return hf_record_open13(aead, keys, record, len, limit, type, content);
}

hf_error hf_record_seal(hf_aead *aead, hf_traffic *keys, uint8_t type, const hf_span *parts,
                        size_t n_parts, size_t padding, uint8_t *out, size_t *out_len)
{
    if (keys->version != HF_TLS12)
        return hf_record_seal13(aead, keys, type, parts, n_parts, padding, out, out_len);
    if (padding > 0)
        return HF_E_INTERNAL; /* there is none in TLS 1.2's AEAD suites */
    return hf_record_seal12(aead, keys, type, parts, n_parts, out, out_len);
}
