/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the fuzz targets share: the entry point, an assertion that holds in every build, and a cursor
 * over the input. A cursor at its end gives zeroes, so a short input is a legal one.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(holds)                                                                               \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds);                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

typedef struct input {
    const uint8_t *p;
    size_t left;
} input;

static inline hf_span input_take(input *in, size_t n)
{
    hf_span out = { in->p, n < in->left ? n : in->left };

    in->p += out.len;
    in->left -= out.len;
    return out;
}

static inline uint8_t input_u8(input *in)
{
    hf_span one = input_take(in, 1);

    return one.len > 0 ? one.data[0] : 0;
}

static inline uint16_t input_u16(input *in)
{
    uint8_t high = input_u8(in);

    return (uint16_t)(high << 8 | input_u8(in));
}

/* A copy of exactly that size on the heap, so that AddressSanitizer sees a step past its end (free). */
static inline uint8_t *tight_copy(hf_span bytes)
{
    uint8_t *copy = malloc(bytes.len > 0 ? bytes.len : 1);

    CHECK(copy);
    if (bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    return copy;
}

/* Text of a buffer: ended, and safe to print. */
static inline void check_text(const char *text, size_t room)
{
    size_t n = 0;

    while (n < room && text[n] != '\0') {
        CHECK((unsigned char)text[n] >= 0x20 && text[n] != 0x7f);
        n++;
    }
    CHECK(n < room);
}

#endif
