/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Byte surgery on message bodies, with lengths kept right. It does not use the wire floor that it is to test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/hostile.h"

/* ---- bytes ---- */

static void room(hostile_bytes *b, size_t len)
{
    if (len <= b->cap)
        return;
    b->cap = len + len / 2 + 16;
    b->data = realloc(b->data, b->cap);
    assert_non_null(b->data);
}

void hb_replace(hostile_bytes *b, size_t at, size_t len, hf_span by)
{
    assert_true(at + len <= b->len);
    room(b, b->len - len + by.len);
    if (b->len > at + len)
        memmove(b->data + at + by.len, b->data + at + len, b->len - at - len);
    if (by.len > 0)
        memcpy(b->data + at, by.data, by.len);
    b->len = b->len - len + by.len;
}

void hb_set(hostile_bytes *b, hf_span from)
{
    b->len = 0;
    hb_add(b, from);
}

void hb_add(hostile_bytes *b, hf_span more)
{
    hb_replace(b, b->len, 0, more);
}

void hb_add_uint(hostile_bytes *b, size_t value, size_t width)
{
    while (width-- > 0) {
        uint8_t byte = (uint8_t)(value >> 8 * width);
        hb_add(b, hf_span_of(&byte, 1));
    }
}

void hb_free(hostile_bytes *b)
{
    free(b->data);
    *b = (hostile_bytes){ 0 };
}

/* ---- extensions ---- */

static size_t uint_at(const hostile_bytes *b, size_t at, size_t width)
{
    size_t v = 0;

    assert_true(at + width <= b->len);
    while (width-- > 0)
        v = v << 8 | b->data[at++];
    return v;
}

static void set_uint(hostile_bytes *b, size_t at, size_t width, size_t value)
{
    while (width-- > 0)
        b->data[at++] = (uint8_t)(value >> 8 * width);
}

static size_t past(const hostile_bytes *b, size_t at, size_t width)
{
    return at + width + uint_at(b, at, width);
}

enum { RANDOM_END = 2 + 32, COMPRESSION = 1, SUITE = 2, LIFETIMES = 8 };

size_t hb_extensions_at(const hostile_bytes *b, hf_msg msg)
{
    switch (msg) {
    case HF_MSG_ClientHello: return past(b, past(b, past(b, RANDOM_END, 1), 2), 1);
    case HF_MSG_ServerHello:
    case HF_MSG_HelloRetryRequest: return past(b, RANDOM_END, 1) + SUITE + COMPRESSION;
    case HF_MSG_EncryptedExtensions: return 0;
    case HF_MSG_CertificateRequest: return past(b, 0, 1);
    case HF_MSG_Certificate: return past(b, past(b, 0, 1) + 3, 3);
    case HF_MSG_NewSessionTicket: return past(b, past(b, LIFETIMES, 1), 2);
    default: fail_msg("%s has no extensions", hf_msg_name(msg)); return 0;
    }
}

/* After a change of `by` bytes in the block: its length, and that of the list around a CertificateEntry. */
static void grow(hostile_bytes *b, hf_msg msg, size_t block, size_t by)
{
    size_t list = msg == HF_MSG_Certificate ? past(b, 0, 1) : 0;

    set_uint(b, block, 2, uint_at(b, block, 2) + by);
    if (msg == HF_MSG_Certificate)
        set_uint(b, list, 3, uint_at(b, list, 3) + by);
}

bool hb_extension(const hostile_bytes *b, hf_msg msg, uint16_t type, size_t *at, size_t *len)
{
    size_t block = hb_extensions_at(b, msg), end = past(b, block, 2);

    for (size_t i = block + 2; i < end; i = past(b, i + 2, 2))
        if (uint_at(b, i, 2) == type) {
            *at = i + 4;
            *len = uint_at(b, i + 2, 2);
            return true;
        }
    return false;
}

void hb_extension_remove(hostile_bytes *b, hf_msg msg, uint16_t type)
{
    size_t at = 0, len = 0;

    assert_true(hb_extension(b, msg, type, &at, &len));
    grow(b, msg, hb_extensions_at(b, msg), 0 - (len + 4));
    hb_replace(b, at - 4, len + 4, hf_span_of(NULL, 0));
}

static void insert(hostile_bytes *b, hf_msg msg, size_t at, uint16_t type, hf_span data)
{
    hostile_bytes one = { 0 };

    hb_add_uint(&one, type, 2);
    hb_add_uint(&one, data.len, 2);
    hb_add(&one, data);
    grow(b, msg, hb_extensions_at(b, msg), one.len);
    hb_replace(b, at, 0, hb_span(&one));
    hb_free(&one);
}

void hb_extension_front(hostile_bytes *b, hf_msg msg, uint16_t type, hf_span data)
{
    insert(b, msg, hb_extensions_at(b, msg) + 2, type, data);
}

void hb_extension_last(hostile_bytes *b, hf_msg msg, uint16_t type, hf_span data)
{
    insert(b, msg, past(b, hb_extensions_at(b, msg), 2), type, data);
}

void hb_extension_put(hostile_bytes *b, hf_msg msg, uint16_t type, hf_span data)
{
    size_t at = 0, len = 0;

    if (!hb_extension(b, msg, type, &at, &len)) {
        hb_extension_last(b, msg, type, data);
        return;
    }
    set_uint(b, at - 2, 2, data.len);
    grow(b, msg, hb_extensions_at(b, msg), data.len - len);
    hb_replace(b, at, len, data);
}
