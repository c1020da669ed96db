/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the tests of the X.509 floor share: cmocka, bytes from PEM and hex, copies of exact size. */
#ifndef HF_TESTS_X509_SUPPORT_H
#define HF_TESTS_X509_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "x509/x509.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define assert_error(expression, expected)                                                         \
    assert_string_equal(hf_error_row_of(expression)->name, hf_error_row_of(expected)->name)

/* The first certificate of a PEM text, in fresh memory of its own (hf_free). */
static inline hf_span der_of(const char *pem)
{
    hf_span text = hf_span_str(pem);
    uint8_t *der = NULL;
    size_t len = 0;

    assert_error(hf_pem_next(&text, "CERTIFICATE", &der, &len), HF_OK);
    return hf_span_of(der, len);
}

/* A copy of its own on the heap, so that AddressSanitizer sees a read past its end. */
static inline uint8_t *tight(hf_span from)
{
    uint8_t *copy = malloc(from.len > 0 ? from.len : 1);

    assert_non_null(copy);
    if (from.len > 0)
        memcpy(copy, from.data, from.len);
    return copy;
}

static inline size_t unhex(const char *hex, uint8_t *out, size_t room)
{
    size_t n = 0;

    for (unsigned v; *hex; hex += 2) {
        while (*hex == ' ')
            hex++;
        assert_int_equal(sscanf(hex, "%2x", &v), 1);
        assert_true(n < room);
        out[n++] = (uint8_t)v;
    }
    return n;
}

#endif
