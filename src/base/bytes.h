/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Spans, secret-safe memory and the allocator: what every floor needs to hold bytes.
 * Reading bytes off the wire is reader.h, writing them builder.h.
 */
#ifndef HF_BASE_BYTES_H
#define HF_BASE_BYTES_H

#include <string.h>

#include <handfast/types.h>
#include "base/compiler.h"

static inline hf_span hf_span_of(const void *data, size_t len)
{
    return (hf_span){ (const uint8_t *)data, len };
}

static inline hf_span hf_span_str(const char *text)
{
    return (hf_span){ (const uint8_t *)text, strlen(text) };
}

/* NULL is empty. */
static inline hf_span hf_span_text(const char *text)
{
    return text ? hf_span_str(text) : (hf_span){ NULL, 0 };
}

/* For public values only: it stops at the first difference. Secrets go through hf_ct_equal. */
static inline bool hf_span_equal(hf_span a, hf_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Of ASCII letters. */
static inline uint8_t hf_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

/* For public values: names and words of protocols, whose ASCII letters have no case. */
static inline bool hf_span_equal_text(hf_span a, hf_span b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (hf_lower(a.data[i]) != hf_lower(b.data[i]))
            return false;
    return true;
}

/* True if `part` points into `whole`: what a zero-copy parser promises. */
static inline bool hf_span_within(hf_span part, hf_span whole)
{
    return part.data >= whole.data && part.data + part.len <= whole.data + whole.len;
}

/* Compares without a branch or index that depends on the content; the lengths are public. */
bool hf_ct_equal(hf_span a, hf_span b);

/* Overwrites memory in a way that the compiler may not remove. */
void hf_wipe(void *data, size_t len);

/* The only allocator of the library: zeroed memory, or NULL. Tests make the n-th call fail. */
void *hf_alloc(size_t size) HF_MUST_USE;
void hf_free(void *block);
/* Wipes first: for every block that may have held a secret. */
void hf_free_secret(void *block, size_t size);

/* A copy in fresh memory with a NUL after it (not counted); NULL when there is no memory. */
uint8_t *hf_copy(hf_span bytes) HF_MUST_USE;

#endif
