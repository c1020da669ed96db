/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Names in words (RFC 4514): what stands last says most, and must never be what is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "x509/oid.h"
#include "x509/x509.h"

enum { NAME_ROOM = 4096 };

typedef struct name {
    uint8_t bytes[NAME_ROOM];
    size_t len;
} name;

/* One RelativeDistinguishedName: type is 03 (CN) or 0b (OU) of 2.5.4. */
static void add(name *n, uint8_t type, const char *value)
{
    uint8_t len = (uint8_t)strlen(value);
    const uint8_t start[] = {
        0x31, (uint8_t)(len + 9), 0x30, (uint8_t)(len + 7), 0x06, 0x03, 0x55, 0x04, type, 0x0c, len
    };

    memcpy(n->bytes + n->len, start, sizeof start);
    memcpy(n->bytes + n->len + sizeof start, value, len);
    n->len += sizeof start + len;
}

static void text_of(const name *n, char *out, size_t room)
{
    uint8_t der[NAME_ROOM + 4] = { 0x30, 0x82, (uint8_t)(n->len >> 8), (uint8_t)n->len };

    if (n->len < 128) {
        der[1] = (uint8_t)n->len;
        memcpy(der + 2, n->bytes, n->len);
        hf_name_text(hf_span_of(der, n->len + 2), out, room);
    } else if (n->len < 256) {
        der[1] = 0x81, der[2] = (uint8_t)n->len;
        memcpy(der + 3, n->bytes, n->len);
        hf_name_text(hf_span_of(der, n->len + 3), out, room);
    } else {
        memcpy(der + 4, n->bytes, n->len);
        hf_name_text(hf_span_of(der, n->len + 4), out, room);
    }
}

/* RFC 4514 2.1 */
static void test_the_last_comes_first(void **state)
{
    name n = { .len = 0 };
    char text[256];

    (void)state;
    add(&n, 0x0b, "unit");
    add(&n, 0x03, "mallory");
    text_of(&n, text, sizeof text);
    assert_string_equal(text, "CN=mallory, OU=unit");
}

/* However many there are: who has "CN=admin" in the middle of his name is not admin. */
static void test_a_long_name_keeps_its_end(void **state)
{
    (void)state;
    for (int units = 0; units < 100; units++) {
        name n = { .len = 0 };
        char text[1024];
        for (int i = 0; i < units; i++)
            add(&n, 0x0b, "x");
        add(&n, 0x03, "admin");
        add(&n, 0x03, "mallory");
        text_of(&n, text, sizeof text);
        assert_int_equal(strncmp(text, "CN=mallory, CN=admin", 20), 0);
        assert_int_equal(strstr(text, "...") != NULL,
                         units + 2 > 32); /* and it says that it is cut */
    }
}

/* 2.5.29.(2^64 + 17) is not subjectAltName. */
static void test_a_huge_oid_is_no_other(void **state)
{
    static const uint8_t huge[] = { 0x55, 0x1d, 0x82, 0x80, 0x80, 0x80,
                                    0x80, 0x80, 0x80, 0x80, 0x80, 0x11 };
    static const uint8_t known[] = { 0x55, 0x1d, 0x11 };
    char text[64], other[64];

    (void)state;
    hf_oid_text(hf_span_of(huge, sizeof huge), text, sizeof text);
    hf_oid_text(hf_span_of(known, sizeof known), other, sizeof other);
    assert_string_not_equal(text, other);
    assert_null(strstr(text, "2.5.29.17"));
}

/* "127.1" is an address to many a resolver. */
static void test_numbers_are_no_host_names(void **state)
{
    static const char *const none[] = { "127.1", "1", "0", "2130706433", "host.1", "a.b.007" };
    static const char *const good[] = { "a1", "1a", "1.test", "127.0.0.1.test", "xn--1" };

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(hf_is_host_name(hf_span_str(none[i])));
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(hf_is_host_name(hf_span_str(good[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_comes_first),
        cmocka_unit_test(test_a_long_name_keeps_its_end),
        cmocka_unit_test(test_a_huge_oid_is_no_other),
        cmocka_unit_test(test_numbers_are_no_host_names),
    };

    return cmocka_run_group_tests_name("x509_name", tests, NULL, NULL);
}
