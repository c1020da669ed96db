/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Texts as heads: what the tests of the proxy's HTTP share. Bytes lie in memory of exactly their size. */
#ifndef TESTS_UNIT_PROXY_SUPPORT_H
#define TESTS_UNIT_PROXY_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "tool/proxy/http_head.h"

/* The last one asked for is given back with the next; the others of a test stay. */
static inline hf_span tight(const char *text, size_t len)
{
    static hf_span kept[8];
    static size_t next;
    hf_span *place = &kept[next++ % 8];
    uint8_t *copy = malloc(len ? len : 1);

    assert_non_null(copy);
    free((void *)place->data);
    memcpy(copy, text, len);
    return *place = hf_span_of(copy, len);
}

static inline void assert_span(hf_span span, const char *text)
{
    if (span.len != strlen(text) || (span.len > 0 && memcmp(span.data, text, span.len) != 0))
        fail_msg("\"%.*s\" is not \"%s\"", (int)span.len, (const char *)span.data, text);
}

/* A head that must be good. */
static inline void read_head(const char *text, const hf_head *request, hf_head *head)
{
    hf_head_fault fault;
    hf_span bytes = tight(text, strlen(text));

    if (hf_head_length(bytes, HF_HEAD_BYTES_MAX, request != NULL, &fault) != bytes.len ||
        !hf_head_read(bytes, request, head, &fault))
        fail_msg("%s: %u %s", text, fault.status, fault.why ? fault.why : "not whole");
}

#endif
