/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * hf_builder: the reader's mirror. It appends to a buffer of fixed capacity that the caller gives;
 * length prefixes are opened and closed, never computed by hand:
 *
 *     hf_builder b = hf_wr_start(buffer, sizeof buffer);
 *     hf_wr_u16(&b, HF_TLS12);
 *     hf_wr_open16(&b);            extensions<..>
 *     ...
 *     hf_wr_close(&b);
 *     hf_error e = hf_wr_finish(&b, &bytes);
 *
 * The first failure (no room, a vector longer than its prefix can say) sticks.
 */
#ifndef HF_BASE_BUILDER_H
#define HF_BASE_BUILDER_H

#include <handfast/error.h>
#include "base/bytes.h"

enum { HF_BUILDER_DEPTH = 12 };

typedef struct hf_builder {
    uint8_t *data;
    size_t len, cap;
    uint8_t depth;
    uint8_t width[HF_BUILDER_DEPTH]; /* of each open prefix, in bytes */
    size_t start[HF_BUILDER_DEPTH];  /* where its content starts */
    hf_error error;
} hf_builder;

hf_builder hf_wr_start(uint8_t *buffer, size_t cap);
void hf_wr_u8(hf_builder *b, uint8_t v);
void hf_wr_u16(hf_builder *b, uint16_t v);
void hf_wr_u24(hf_builder *b, uint32_t v);
void hf_wr_u32(hf_builder *b, uint32_t v);
void hf_wr_u64(hf_builder *b, uint64_t v);
void hf_wr_bytes(hf_builder *b, hf_span bytes);
/* n zero bytes, returned so that the caller can fill them; NULL when there is no room. */
uint8_t *hf_wr_space(hf_builder *b, size_t n);
/* A whole vector with its length before it. */
void hf_wr_vec8(hf_builder *b, hf_span bytes);
void hf_wr_vec16(hf_builder *b, hf_span bytes);
void hf_wr_vec24(hf_builder *b, hf_span bytes);
/* Opens a vector whose length is written when it is closed. They nest. */
void hf_wr_open8(hf_builder *b);
void hf_wr_open16(hf_builder *b);
void hf_wr_open24(hf_builder *b);
void hf_wr_close(hf_builder *b);
/* The bytes written; HF_E_INTERNAL if a vector is still open, else the first failure. */
hf_error hf_wr_finish(hf_builder *b, hf_span *out);

#endif
