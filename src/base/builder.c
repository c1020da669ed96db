/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The builder: room and lengths are checked here and nowhere else. */
#include "base/builder.h"

hf_builder hf_wr_start(uint8_t *buffer, size_t cap)
{
    return (hf_builder){ .data = buffer, .cap = cap };
}

uint8_t *hf_wr_space(hf_builder *b, size_t n)
{
    if (b->error != HF_OK)
        return NULL;
    if (b->cap - b->len < n) {
        b->error = HF_E_LIMIT;
        return NULL;
    }
    uint8_t *at = b->data + b->len;
    memset(at, 0, n);
    b->len += n;
    return at;
}

static void put_uint(uint8_t *at, uint64_t v, size_t width)
{
    for (size_t i = width; i-- > 0; v >>= 8)
        at[i] = (uint8_t)v;
}

static void write_uint(hf_builder *b, uint64_t v, size_t width)
{
    uint8_t *at = hf_wr_space(b, width);

    if (at)
        put_uint(at, v, width);
}

void hf_wr_u8(hf_builder *b, uint8_t v)
{
    write_uint(b, v, 1);
}

void hf_wr_u16(hf_builder *b, uint16_t v)
{
    write_uint(b, v, 2);
}

void hf_wr_u24(hf_builder *b, uint32_t v)
{
    write_uint(b, v, 3);
}

void hf_wr_u32(hf_builder *b, uint32_t v)
{
    write_uint(b, v, 4);
}

void hf_wr_u64(hf_builder *b, uint64_t v)
{
    write_uint(b, v, 8);
}

void hf_wr_bytes(hf_builder *b, hf_span bytes)
{
    uint8_t *at = hf_wr_space(b, bytes.len);

    if (at && bytes.len > 0)
        memcpy(at, bytes.data, bytes.len);
}

static void open_prefix(hf_builder *b, uint8_t width)
{
    if (b->depth == HF_BUILDER_DEPTH && b->error == HF_OK)
        b->error = HF_E_INTERNAL;
    if (!hf_wr_space(b, width))
        return;
    b->width[b->depth] = width;
    b->start[b->depth] = b->len;
    b->depth++;
}

void hf_wr_open8(hf_builder *b)
{
    open_prefix(b, 1);
}

void hf_wr_open16(hf_builder *b)
{
    open_prefix(b, 2);
}

void hf_wr_open24(hf_builder *b)
{
    open_prefix(b, 3);
}

void hf_wr_close(hf_builder *b)
{
    if (b->error != HF_OK)
        return;
    if (b->depth == 0) {
        b->error = HF_E_INTERNAL;
        return;
    }
    b->depth--;
    size_t width = b->width[b->depth], start = b->start[b->depth], len = b->len - start;
    if (len >> (8 * width) != 0)
        b->error = HF_E_LIMIT;
    else
        put_uint(b->data + start - width, len, width);
}

void hf_wr_vec8(hf_builder *b, hf_span bytes)
{
    hf_wr_open8(b);
    hf_wr_bytes(b, bytes);
    hf_wr_close(b);
}

void hf_wr_vec16(hf_builder *b, hf_span bytes)
{
    hf_wr_open16(b);
    hf_wr_bytes(b, bytes);
    hf_wr_close(b);
}

void hf_wr_vec24(hf_builder *b, hf_span bytes)
{
    hf_wr_open24(b);
    hf_wr_bytes(b, bytes);
    hf_wr_close(b);
}

hf_error hf_wr_finish(hf_builder *b, hf_span *out)
{
    *out = hf_span_of(b->data, b->len);
    if (b->error == HF_OK && b->depth > 0)
        b->error = HF_E_INTERNAL;
    return b->error;
}
