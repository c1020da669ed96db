/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Strict-Transport-Security, read as RFC 6797 6.1 says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "audit/hsts.h"

static const struct {
    const char *value;
    uint64_t max_age;
    bool subdomains, preload;
} good[] = {
    { "max-age=31536000", 31536000, false, false },
    { "max-age=31536000; includeSubDomains", 31536000, true, false },
    { "includesubdomains;MAX-AGE=\"63072000\" ; preload", 63072000, true, true },
    { "max-age = 1", 1, false, false },
    { ";; max-age=0 ;", 0, false, false },
    { "max-age=10; unknown=\"a;b\\\"c\"; other", 10, false, false },
    { "max-age=10;\tpreload", 10, false, true },
    { "max-age=99999999999999999999999", INT64_MAX, false, false },
};

static const char *const bad[] = {
    "",
    ";",
    "includeSubDomains",
    "max-age",
    "max-age=",
    "max-age=\"\"",
    "max-age=-1",
    "max-age=1.5",
    "max-age=31536000, includeSubDomains",
    "max-age=31536000 includeSubDomains",
    "max-age=1; max-age=2",
    "max-age=1; includeSubDomains; INCLUDESUBDOMAINS",
    "max-age=1; includeSubDomains=yes",
    "max-age=\"1",
    "max-age=1; =x",
    "max-age=1; a=",
    "max-age=1; a=\"x\"y",
    "max age=1",
    "max-age:1",
    "\xc3\xa4=1; max-age=1",
    "max-age=1;a;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p",
};

static void good_headers_are_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        hf_hsts h;
        hf_hsts_read(&h, good[i].value);
        if (h.wrong)
            fail_msg("%s: %s", good[i].value, h.wrong);
        assert_int_equal(h.max_age, good[i].max_age);
        assert_int_equal(h.subdomains, good[i].subdomains);
        assert_int_equal(h.preload, good[i].preload);
    }
}

static void bad_headers_count_for_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        hf_hsts h;
        hf_hsts_read(&h, bad[i]);
        if (!h.wrong)
            fail_msg("row %zu, %s, was taken", i, bad[i]);
        assert_int_equal(h.max_age, 0);
        assert_false(h.subdomains || h.preload);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_headers_are_understood),
        cmocka_unit_test(bad_headers_count_for_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
