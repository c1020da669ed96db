/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The reader: each kind of field, its bounds, the fault that sticks, and what a sink hears. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/reader.h"

static const uint8_t ten[10] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
static hf_fault fault;

static hf_reader start(const void *data, size_t len)
{
    fault = (hf_fault){ 0 };
    return hf_rd_start(hf_span_of(data, len), "Message", 4, &fault, NULL);
}

static void assert_fault(hf_error code, size_t offset, const char *path, const char *rule)
{
    assert_int_equal(fault.code, code);
    assert_int_equal(fault.offset, offset);
    assert_string_equal(fault.path, path);
    assert_string_equal(fault.rule, rule);
}

static void test_integers(void **state)
{
    hf_reader r = start(ten, sizeof ten);

    (void)state;
    assert_int_equal(hf_rd_u8(&r, "a"), 0);
    assert_int_equal(hf_rd_u16(&r, "b"), 0x0102);
    assert_int_equal(hf_rd_u24(&r, "c"), 0x030405);
    assert_int_equal(hf_rd_left(&r), 4);
    assert_int_equal(hf_rd_u32(&r, "d"), 0x06070809);
    hf_rd_end(&r);
    assert_true(hf_rd_ok(&r));
    r = start("\xff\xff\xff\xff", 4);
    assert_true(hf_rd_u32(&r, "e") == 0xffffffff);
}

static void test_truncated_integers(void **state)
{
    (void)state;
    hf_reader r = start(ten, 0);
    assert_int_equal(hf_rd_u8(&r, "a"), 0);
    assert_fault(HF_E_TRUNCATED, 4, "Message.a", "0 bytes left, 1 needed");
    r = start(ten, 1);
    assert_int_equal(hf_rd_u16(&r, "b"), 0);
    assert_fault(HF_E_TRUNCATED, 4, "Message.b", "1 byte left, 2 needed");
    r = start(ten, 5);
    hf_rd_u24(&r, "c");
    assert_int_equal(hf_rd_u24(&r, "d"), 0);
    assert_fault(HF_E_TRUNCATED, 7, "Message.d", "2 bytes left, 3 needed");
    r = start(ten, 3);
    assert_int_equal(hf_rd_u32(&r, "e"), 0);
    assert_fault(HF_E_TRUNCATED, 4, "Message.e", "3 bytes left, 4 needed");
}

/* A reader over nothing at all is a reader over no bytes. */
static void test_null_span(void **state)
{
    hf_reader r = start(NULL, 0);

    (void)state;
    assert_int_equal(hf_rd_left(&r), 0);
    assert_int_equal(hf_rd_rest(&r, 0, 10, "rest").len, 0);
    hf_rd_end(&r);
    assert_int_equal(fault.code, HF_OK);
}

static void test_first_fault_sticks(void **state)
{
    uint8_t copy[2] = { 7, 7 };
    hf_reader r = start(ten, 4);

    (void)state;
    hf_reader sub = hf_rd_sub(&r, 2, "inner");
    hf_rd_u32(&sub, "x");
    assert_fault(HF_E_TRUNCATED, 4, "Message.inner.x", "2 bytes left, 4 needed");
    assert_false(hf_rd_ok(&r));
    assert_int_equal(hf_rd_left(&r),
                     0); /* the parent is empty too, although bytes are left in it */
    assert_int_equal(hf_rd_u8(&r, "y"), 0);
    assert_null(hf_rd_bytes(&r, 1, "z").data);
    hf_rd_copy(&r, copy, 2, "z");
    assert_int_equal(copy[0] | copy[1], 0);
    assert_int_equal(hf_rd_vec8(&r, 0, 9, "v").len, 0);
    assert_int_equal(hf_rd_list16(&r, 0, 9, "l").len, 0);
    assert_int_equal(hf_rd_rest(&r, 0, 9, "r").len, 0);
    hf_rd_refuse(&r, HF_E_INTERNAL, 0, "w", "later");
    hf_rd_end(&r);
    assert_fault(HF_E_TRUNCATED, 4, "Message.inner.x", "2 bytes left, 4 needed");
}

static void test_bytes(void **state)
{
    uint8_t copy[3];
    hf_reader r = start(ten, sizeof ten);

    (void)state;
    hf_span view = hf_rd_bytes(&r, 2, "view");
    assert_ptr_equal(view.data, ten);
    assert_int_equal(view.len, 2);
    hf_rd_copy(&r, copy, sizeof copy, "copy");
    assert_memory_equal(copy, ten + 2, 3);
    view = hf_rd_rest(&r, 5, 5, "rest");
    assert_ptr_equal(view.data, ten + 5);
    assert_int_equal(view.len, 5);
    r = start(ten, 4);
    hf_rd_rest(&r, 5, 9, "verify_data");
    assert_fault(HF_E_LENGTH_OUT_OF_RANGE, 4, "Message.verify_data",
                 "4 bytes, at least 5 required");
    r = start(ten, 4);
    hf_rd_rest(&r, 0, 3, "verify_data");
    assert_fault(HF_E_LENGTH_OUT_OF_RANGE, 4, "Message.verify_data", "4 bytes, at most 3 allowed");
}

typedef hf_span read_vec(hf_reader *, size_t, size_t, const char *);
static const struct {
    read_vec *read;
    size_t width;
} vectors[] = {
    { hf_rd_vec8, 1 },
    { hf_rd_vec16, 2 },
    { hf_rd_vec24, 3 },
};

/* opaque v<2..3>, with each length from 0 to 4, whole and one byte short. */
static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (size_t len = 0; len <= 4; len++) {
            uint8_t data[8] = { 0 };
            size_t width = vectors[i].width;
            data[width - 1] = (uint8_t)len;
            hf_reader r = start(data, width + len);
            hf_span v = vectors[i].read(&r, 2, 3, "v");
            if (len == 2 || len == 3) {
                assert_int_equal(v.len, len);
                assert_ptr_equal(v.data, data + width);
                hf_rd_end(&r);
                assert_int_equal(fault.code, HF_OK);
                r = start(data, width + len - 1);
                vectors[i].read(&r, 2, 3, "v");
                assert_int_equal(fault.code, HF_E_TRUNCATED);
                assert_int_equal(fault.offset, 4 + width);
            } else {
                assert_int_equal(v.len, 0);
                assert_int_equal(fault.code, HF_E_LENGTH_OUT_OF_RANGE);
                assert_int_equal(fault.offset, 4);
            }
        }
        hf_reader r = start(ten, vectors[i].width - 1);
        vectors[i].read(&r, 0, 9, "v");
        assert_int_equal(fault.code, HF_E_TRUNCATED);
    }
}

/* design.md 3.1 */
static void test_the_rule_says_what_is_wrong(void **state)
{
    uint8_t data[40] = { 33 };
    hf_reader r = start(data, sizeof data);

    (void)state;
    hf_rd_vec8(&r, 0, 32, "legacy_session_id_echo");
    assert_fault(HF_E_LENGTH_OUT_OF_RANGE, 4, "Message.legacy_session_id_echo",
                 "33 bytes, at most 32 allowed");
    data[0] = 1;
    r = start(data, sizeof data);
    hf_rd_vec8(&r, 2, 32, "legacy_session_id_echo");
    assert_fault(HF_E_LENGTH_OUT_OF_RANGE, 4, "Message.legacy_session_id_echo",
                 "1 byte, at least 2 required");
}

static void test_list16(void **state)
{
    static const uint8_t data[] = { 0, 6, 0x13, 0x01, 0x13, 0x02, 0xff, 0xff },
                         odd[] = { 0, 3, 1, 2, 3 };
    hf_reader r = start(data, sizeof data);
    hf_span list = hf_rd_list16(&r, 2, 100, "cipher_suites");

    (void)state;
    assert_int_equal(hf_list16_count(list), 3);
    assert_int_equal(hf_list16_at(list, 1), 0x1302);
    assert_true(hf_list16_has(list, 0x1301) && hf_list16_has(list, 0xffff));
    assert_false(hf_list16_has(list, 0x0113)); /* never across two entries */
    assert_false(hf_list16_has(hf_span_of(NULL, 0), 0));
    r = start(odd, sizeof odd);
    assert_int_equal(hf_rd_list16(&r, 2, 100, "cipher_suites").len, 0);
    assert_fault(HF_E_ODD_LIST, 4, "Message.cipher_suites", "3 bytes is not a multiple of 2");
}

static void test_nested_readers_know_their_place(void **state)
{
    static const uint8_t data[] = { 0, 0, 7, 0, 4, 2, 0xaa, 0xbb, 0xcc, 0xdd };
    hf_reader r = start(data, sizeof data);

    (void)state;
    hf_reader one = hf_rd_sub24(&r, 0, 100, "one");
    hf_reader two = hf_rd_sub16(&one, 0, 100, "two");
    hf_reader three = hf_rd_sub8(&two, 0, 100, "three");
    assert_int_equal(hf_rd_left(&r), 0);
    assert_int_equal(hf_rd_left(&one), 1);
    assert_int_equal(hf_rd_left(&two), 1);
    assert_int_equal(hf_rd_u16(&three, "x"), 0xaabb);
    hf_rd_end(&three);
    hf_rd_end(&two);
    assert_fault(HF_E_TRAILING_BYTES, 4 + 8, "Message.one.two", "1 byte left over");
}

static void test_sub_bounds(void **state)
{
    static const uint8_t data[] = { 3, 1, 2 };
    hf_reader r = start(data, sizeof data);

    (void)state;
    hf_reader sub = hf_rd_sub8(&r, 0, 9, "v");
    assert_int_equal(hf_rd_left(&sub), 0);
    hf_rd_end(&sub);
    assert_fault(HF_E_TRUNCATED, 5, "Message.v", "2 bytes left, 3 needed");
    r = start(data, sizeof data);
    sub = hf_rd_sub8(&r, 4, 9, "v");
    assert_fault(HF_E_LENGTH_OUT_OF_RANGE, 4, "Message.v", "3 bytes, at least 4 required");
    r = start(data, sizeof data);
    sub = hf_rd_sub(&r, 4, "s");
    assert_fault(HF_E_TRUNCATED, 4, "Message.s", "3 bytes left, 4 needed");
}

static void test_trailing_bytes(void **state)
{
    hf_reader r = start(ten, 3);

    (void)state;
    hf_rd_u8(&r, "a");
    hf_rd_end(&r);
    assert_fault(HF_E_TRAILING_BYTES, 5, "Message", "2 bytes left over");
}

static void test_refuse(void **state)
{
    hf_reader r = start(ten, sizeof ten);

    (void)state;
    hf_rd_u16(&r, "a");
    hf_rd_refuse(&r, HF_E_STATUS_TYPE, 2, "a", "%d is not %s", 1, "allowed");
    assert_fault(HF_E_STATUS_TYPE, 4, "Message.a", "1 is not allowed");
    assert_int_equal(hf_rd_left(&r), 0);
}

/* Names that do not fit are cut, never written past the end. */
static void test_long_paths_and_rules(void **state)
{
    char name[200];
    hf_reader r = start(ten, sizeof ten);

    (void)state;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    hf_reader one = hf_rd_sub(&r, 5, name);
    hf_reader two = hf_rd_sub(&one, 5, name);
    hf_rd_refuse(&two, HF_E_INTERNAL, 0, name, "%s", name);
    assert_int_equal(strlen(fault.path), HF_FAULT_PATH_MAX - 1);
    assert_int_equal(strlen(fault.rule), HF_FAULT_RULE_MAX - 1);
    assert_memory_equal(fault.path, "Message.nnn", 11);
}

/* ---- the sink ---- */

static hf_field heard[32];
static size_t n_heard;

static void hear(void *user, const hf_field *field)
{
    assert_ptr_equal(user, heard);
    assert_true(n_heard < 32);
    heard[n_heard++] = *field;
}

static void assert_heard(size_t i, hf_field_kind kind, const char *name, size_t offset, size_t len,
                         uint64_t value)
{
    assert_int_equal(heard[i].kind, kind);
    assert_string_equal(heard[i].name, name);
    assert_int_equal(heard[i].offset, offset);
    assert_int_equal(heard[i].len, len);
    assert_int_equal(heard[i].value, value);
}

static void test_sink(void **state)
{
    static const uint8_t data[] = { 3, 3, 0xaa, 0xbb, 1, 0xcc, 0, 2, 0x13, 0x01, 2, 9, 9 };
    const hf_field_sink sink = { hear, heard };

    (void)state;
    n_heard = 0;
    fault = (hf_fault){ 0 };
    hf_reader r = hf_rd_start(hf_span_of(data, sizeof data), "Message", 4, &fault, &sink);
    hf_rd_u16(&r, "legacy_version");
    hf_rd_bytes(&r, 2, "random");
    hf_rd_vec8(&r, 0, 32, "legacy_session_id");
    hf_rd_list16(&r, 2, 10, "cipher_suites");
    hf_reader sub = hf_rd_sub8(&r, 0, 10, "extensions");
    hf_rd_rest(&sub, 0, 10, "body");
    hf_rd_end(&sub);
    hf_rd_end(&r);
    assert_int_equal(fault.code, HF_OK);
    assert_int_equal(n_heard, 10);
    assert_heard(0, HF_FIELD_UINT, "legacy_version", 4, 2, 0x0303);
    assert_heard(1, HF_FIELD_BYTES, "random", 6, 2, 0);
    assert_heard(2, HF_FIELD_LENGTH, "legacy_session_id", 8, 1, 1);
    assert_heard(3, HF_FIELD_BYTES, "legacy_session_id", 9, 1, 0);
    assert_heard(4, HF_FIELD_LENGTH, "cipher_suites", 10, 2, 2);
    assert_heard(5, HF_FIELD_LIST16, "cipher_suites", 12, 2, 0);
    assert_heard(6, HF_FIELD_LENGTH, "extensions", 14, 1, 2);
    assert_heard(7, HF_FIELD_BEGIN, "extensions", 15, 2, 0);
    assert_heard(8, HF_FIELD_BYTES, "body", 15, 2, 0);
    assert_heard(9, HF_FIELD_END, "extensions", 17, 0, 0);
    assert_ptr_equal(heard[1].bytes, data + 2);
    assert_ptr_equal(heard[8].bytes, data + 11);
    assert_null(heard[7].bytes);
}

/* What comes after a fault is not told. */
static void test_sink_after_a_fault(void **state)
{
    const hf_field_sink sink = { hear, heard };

    (void)state;
    n_heard = 0;
    fault = (hf_fault){ 0 };
    hf_reader r = hf_rd_start(hf_span_of(ten, 3), "Message", 0, &fault, &sink);
    hf_reader sub = hf_rd_sub(&r, 2, "sub");
    hf_rd_u32(&sub, "x");
    hf_rd_u8(&sub, "y");
    hf_rd_end(&sub);
    hf_rd_u8(&r, "z");
    hf_rd_end(&r);
    assert_int_equal(n_heard, 1);
    assert_heard(0, HF_FIELD_BEGIN, "sub", 0, 2, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_truncated_integers),
        cmocka_unit_test(test_null_span),
        cmocka_unit_test(test_first_fault_sticks),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_the_rule_says_what_is_wrong),
        cmocka_unit_test(test_list16),
        cmocka_unit_test(test_nested_readers_know_their_place),
        cmocka_unit_test(test_sub_bounds),
        cmocka_unit_test(test_trailing_bytes),
        cmocka_unit_test(test_refuse),
        cmocka_unit_test(test_long_paths_and_rules),
        cmocka_unit_test(test_sink),
        cmocka_unit_test(test_sink_after_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
