/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the tests of the crypto floor share: bytes from hex, and random bytes that can be foretold. */
#ifndef HF_TESTS_CRYPTO_SUPPORT_H
#define HF_TESTS_CRYPTO_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/random.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- bytes ---- */

typedef struct bytes {
    size_t len;
    uint8_t data[4096];
} bytes;

/* Spaces are skipped. */
static inline bytes hex(const char *text)
{
    bytes out = { 0 };
    unsigned v;

    for (; *text; text += *text == ' ' ? 1 : 2) {
        if (*text == ' ')
            continue;
        assert_int_equal(sscanf(text, "%2x", &v), 1);
        assert_true(out.len < sizeof out.data);
        out.data[out.len++] = (uint8_t)v;
    }
    return out;
}

static inline hf_span span(const bytes *b)
{
    return hf_span_of(b->data, b->len);
}

static inline void assert_hex(const uint8_t *found, const char *expected)
{
    bytes b = hex(expected);

    assert_memory_equal(found, b.data, b.len);
}

/* ---- random bytes ---- */

enum { DRAWS_MAX = 16 };

/* Gives out `source`, and notes how much each draw took; fails at its end. */
typedef struct script {
    hf_span source;
    size_t draws, taken[DRAWS_MAX];
} script;

static inline bool draw_script(void *user, uint8_t *out, size_t len)
{
    script *s = user;

    if (s->source.len < len || s->draws == DRAWS_MAX)
        return false;
    memcpy(out, s->source.data, len);
    s->source = hf_span_of(s->source.data + len, s->source.len - len);
    s->taken[s->draws++] = len;
    return true;
}

static inline hf_random random_of(script *s)
{
    return (hf_random){ draw_script, s };
}

#endif
