/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Record protection of TLS 1.3 (RFC 9846 5.2): the content type is inside, behind the content. */
#include "record/protect.h"

enum { PARTS_MAX = 16, PADDING_MAX = HF_PLAINTEXT_MAX };

/* RFC 9846 5.4#4 #5: the last byte that is not zero is the content type. */
static hf_error strip_padding(const uint8_t *plain, size_t len, size_t limit, uint8_t *type,
                              hf_span *content)
{
    size_t n = len;

    if (len > limit) /* RFC 9846 5.4#6, RFC 8449 4 */
        return HF_E_RECORD_OVERFLOW;
    while (n > 0 && plain[n - 1] == 0)
        n--;
    if (n == 0)
        return HF_E_RECORD_NO_CONTENT_TYPE;
    *type = plain[n - 1];
    *content = hf_span_of(plain, n - 1);
    return HF_OK;
}

hf_error hf_record_open13(hf_aead *aead, hf_traffic *keys, uint8_t *record, size_t len,
                          size_t limit, uint8_t *type, hf_span *content)
{
    uint8_t nonce[HF_AEAD_NONCE];
    size_t plain_len;

    if (len < HF_RECORD_HEADER + hf_aead_tag_len(keys->key.id) + 1)
        return HF_E_RECORD_TOO_SHORT;
    if (keys->sequence == UINT64_MAX)
        return HF_E_KEY_LIMIT; /* RFC 9846 5.3#2 */
    hf_record_nonce(keys, nonce);
    TRY(hf_aead_open(aead, &keys->key, nonce, hf_span_of(record, HF_RECORD_HEADER),
                     record + HF_RECORD_HEADER, len - HF_RECORD_HEADER, &plain_len));
    keys->sequence++;
    return strip_padding(record + HF_RECORD_HEADER, plain_len, limit, type, content);
}

hf_error hf_record_seal13(hf_aead *aead, hf_traffic *keys, uint8_t type, const hf_span *parts,
                          size_t n_parts, size_t padding, uint8_t *out, size_t *out_len)
{
    static const uint8_t zeroes[PADDING_MAX];
    hf_span all[PARTS_MAX + 2];
    uint8_t nonce[HF_AEAD_NONCE];
    size_t inner = 1 + padding, tag = hf_aead_tag_len(keys->key.id);

    if (n_parts > PARTS_MAX || padding > PADDING_MAX)
        return HF_E_INTERNAL;
    if (keys->sequence >= keys->limit)
        return HF_E_KEY_LIMIT; /* RFC 9846 5.5#1 #2, 5.3#2 */
    for (size_t i = 0; i < n_parts; i++) {
        all[i] = parts[i];
        inner += parts[i].len;
    }
    all[n_parts] = hf_span_of(&type, 1);
    all[n_parts + 1] = hf_span_of(zeroes, padding); /* RFC 9846 5.4#1 */
    hf_record_header_write(out, HF_CT_APPLICATION_DATA, HF_TLS12, inner + tag);
    hf_record_nonce(keys, nonce);
    TRY(hf_aead_seal(aead, &keys->key, nonce, hf_span_of(out, HF_RECORD_HEADER), all, n_parts + 2,
                     out + HF_RECORD_HEADER));
    keys->sequence++;
    *out_len = HF_RECORD_HEADER + inner + tag;
    return HF_OK;
}
