/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Values, with the length moved in before the content when it is known. */
#include "x509/der_write.h"

#include <stdio.h>

#include "x509/time.h"

/* A length under 128 takes one byte, which is left free here; more are made room for at the end. */
size_t hf_dw_open(hf_builder *b, uint8_t tag)
{
    hf_wr_u8(b, tag);
    hf_wr_u8(b, 0);
    return b->len;
}

void hf_dw_close(hf_builder *b, size_t mark)
{
    if (b->error != HF_OK)
        return;
    size_t len = b->len - mark, extra = len < 0x80 ? 0 : len < 0x100 ? 1 : len < 0x10000 ? 2 : 3;
    if (len > HF_DER_LENGTH_MAX) {
        b->error = HF_E_LIMIT;
        return;
    }
    if (!hf_wr_space(b, extra))
        return;
    uint8_t *content = b->data + mark;
    memmove(content + extra, content, len);
    content[-1] = (uint8_t)(extra > 0 ? 0x80 | extra : len);
    for (size_t i = extra; i-- > 0; len >>= 8)
        content[i] = (uint8_t)len;
}

void hf_dw_value(hf_builder *b, uint8_t tag, hf_span content)
{
    size_t mark = hf_dw_open(b, tag);

    hf_wr_bytes(b, content);
    hf_dw_close(b, mark);
}

void hf_dw_true(hf_builder *b)
{
    const uint8_t v = 0xff;

    hf_dw_value(b, HF_DER_BOOLEAN, hf_span_of(&v, 1));
}

void hf_dw_small(hf_builder *b, uint8_t v)
{
    if (v > 127 && b->error == HF_OK)
        b->error = HF_E_INTERNAL;
    hf_dw_value(b, HF_DER_INTEGER, hf_span_of(&v, 1));
}

void hf_dw_oid(hf_builder *b, hf_oid id)
{
    hf_dw_value(b, HF_DER_OID, hf_oid_octets(id));
}

void hf_dw_bits(hf_builder *b, hf_span octets)
{
    size_t mark = hf_dw_open(b, HF_DER_BIT_STRING);

    hf_wr_u8(b, 0);
    hf_wr_bytes(b, octets);
    hf_dw_close(b, mark);
}

/* X.690 11.2.2: trailing zero bits are left out. */
void hf_dw_flags(hf_builder *b, uint8_t flags)
{
    uint8_t content[2] = { 7, 0 };

    for (unsigned bit = 0; bit < 8; bit++) {
        if (!(flags & 1u << bit))
            continue;
        content[0] = (uint8_t)(7 - bit);
        content[1] = (uint8_t)(content[1] | 0x80u >> bit);
    }
    hf_dw_value(b, HF_DER_BIT_STRING, hf_span_of(content, 2));
}

void hf_dw_time(hf_builder *b, int64_t t)
{
    char text[24];

    if (t < HF_TIME_MIN || t > HF_TIME_MAX) {
        b->error = b->error == HF_OK ? HF_E_MISUSE : b->error;
        return;
    }
    hf_civil c = hf_civil_of(t);
    bool utc = c.year >= 1950 && c.year < 2050;
    snprintf(text, sizeof text, "%04u%02u%02u%02u%02u%02uZ", (unsigned)c.year % 10000,
             (unsigned)c.month % 100, (unsigned)c.day % 100, (unsigned)c.hour % 100,
             (unsigned)c.minute % 100, (unsigned)c.second % 100);
    hf_dw_value(b, utc ? HF_DER_UTC_TIME : HF_DER_GENERALIZED_TIME,
                hf_span_str(utc ? text + 2 : text));
}
