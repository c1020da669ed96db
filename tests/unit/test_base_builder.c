/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The builder: integers, vectors, nested prefixes, and the failure that sticks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/builder.h"

static void assert_bytes(hf_builder *b, const char *expected, size_t len)
{
    hf_span out;

    assert_int_equal(hf_wr_finish(b, &out), HF_OK);
    assert_int_equal(out.len, len);
    assert_memory_equal(out.data, expected, len);
}

static void test_integers(void **state)
{
    uint8_t buffer[18];
    hf_builder b = hf_wr_start(buffer, sizeof buffer);

    (void)state;
    hf_wr_u8(&b, 0x01);
    hf_wr_u16(&b, 0x0203);
    hf_wr_u24(&b, 0x040506);
    hf_wr_u32(&b, 0x0708090a);
    hf_wr_u64(&b, 0x0b0c0d0e0f101112);
    assert_bytes(&b, "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12",
                 18);
}

static void test_vectors(void **state)
{
    uint8_t buffer[64];
    hf_builder b = hf_wr_start(buffer, sizeof buffer);

    (void)state;
    hf_wr_vec8(&b, hf_span_str("a"));
    hf_wr_vec16(&b, hf_span_str("bc"));
    hf_wr_vec24(&b, hf_span_of(NULL, 0));
    hf_wr_bytes(&b, hf_span_str("d"));
    assert_bytes(&b,
                 "\x01"
                 "a"
                 "\x00\x02"
                 "bc"
                 "\x00\x00\x00"
                 "d",
                 10);
}

static void test_nested_prefixes(void **state)
{
    uint8_t buffer[64];
    hf_builder b = hf_wr_start(buffer, sizeof buffer);

    (void)state;
    hf_wr_open24(&b);
    hf_wr_open16(&b);
    hf_wr_open8(&b);
    hf_wr_u8(&b, 0xaa);
    hf_wr_close(&b);
    hf_wr_u8(&b, 0xbb);
    hf_wr_close(&b);
    hf_wr_open8(&b);
    hf_wr_close(&b);
    hf_wr_close(&b);
    assert_bytes(&b, "\x00\x00\x06\x00\x03\x01\xaa\xbb\x00", 9);
}

static void test_space(void **state)
{
    uint8_t buffer[4];
    hf_builder b = hf_wr_start(buffer, sizeof buffer);

    (void)state;
    memset(buffer, 0xee, sizeof buffer);
    uint8_t *at = hf_wr_space(&b, 3);
    assert_ptr_equal(at, buffer);
    at[1] = 7;
    assert_null(hf_wr_space(&b, 2));
    assert_null(hf_wr_space(&b, 1)); /* it sticks, although there would be room */
    assert_int_equal(b.len, 3);
    assert_memory_equal(buffer, "\x00\x07\x00\xee", 4);
}

/* A prefix that cannot say the length of its content. */
static void test_content_longer_than_its_prefix(void **state)
{
    static uint8_t buffer[0x10010];
    static const size_t most[] = { 0xff, 0xffff };
    void (*const open[])(hf_builder *) = { hf_wr_open8, hf_wr_open16 };
    hf_span out;

    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (size_t more = 0; more < 2; more++) {
            hf_builder b = hf_wr_start(buffer, sizeof buffer);
            open[i](&b);
            hf_wr_space(&b, most[i] + more);
            hf_wr_close(&b);
            assert_int_equal(hf_wr_finish(&b, &out), more ? HF_E_LIMIT : HF_OK);
        }
}

static void test_no_room(void **state)
{
    (void)state;
    for (size_t room = 0; room < 12; room++) {
        uint8_t *buffer = malloc(room > 0 ? room : 1);
        hf_builder b = hf_wr_start(buffer, room);
        hf_span out;
        hf_wr_open16(&b);
        hf_wr_u32(&b, 1);
        hf_wr_vec8(&b, hf_span_str("abc"));
        hf_wr_u16(&b, 2);
        hf_wr_close(&b);
        assert_int_equal(hf_wr_finish(&b, &out), HF_E_LIMIT);
        assert_true(out.len <= room);
        free(buffer);
    }
}

static void test_left_open_or_closed_too_often(void **state)
{
    uint8_t buffer[64];
    hf_span out;
    hf_builder b = hf_wr_start(buffer, sizeof buffer);

    (void)state;
    hf_wr_open8(&b);
    assert_int_equal(hf_wr_finish(&b, &out), HF_E_INTERNAL);
    b = hf_wr_start(buffer, sizeof buffer);
    hf_wr_close(&b);
    assert_int_equal(hf_wr_finish(&b, &out), HF_E_INTERNAL);
    b = hf_wr_start(buffer, sizeof buffer);
    for (int i = 0; i < HF_BUILDER_DEPTH; i++)
        hf_wr_open8(&b);
    assert_int_equal(b.error, HF_OK);
    hf_wr_open8(&b);
    assert_int_equal(b.error, HF_E_INTERNAL);
}

/* The first failure is the one that is told. */
static void test_first_failure_sticks(void **state)
{
    uint8_t buffer[HF_BUILDER_DEPTH];
    hf_builder b = hf_wr_start(buffer, sizeof buffer);
    hf_span out;

    (void)state;
    for (int i = 0; i < HF_BUILDER_DEPTH; i++)
        hf_wr_open8(&b);
    hf_wr_u8(&b, 1);
    hf_wr_open8(&b);
    assert_int_equal(hf_wr_finish(&b, &out), HF_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_nested_prefixes),
        cmocka_unit_test(test_space),
        cmocka_unit_test(test_content_longer_than_its_prefix),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_left_open_or_closed_too_often),
        cmocka_unit_test(test_first_failure_sticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
