/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The DER layer: one row a case, what is read from it or where and why it is refused. */
#include "x509_support.h"

#include "x509/der.h"
#include "x509/der_write.h"
#include "x509/time.h"

typedef enum what {
    ANY,
    SEQUENCE,
    BOOLEAN,
    INTEGER,
    UNSIGNED,
    SMALL,
    BITS,
    FLAGS,
    FLAGS_OF_1,
    OID,
    NUL,
    TIME
} what;

typedef struct der_case {
    what what;
    const char *hex;
    hf_error code;
    size_t offset; /* of the fault */
    int64_t value; /* or length of what was read */
} der_case;

static int64_t read_value(hf_reader *r, what kind)
{
    uint8_t tag;

    switch (kind) {
    case ANY: return (int64_t)hf_der_any(r, &tag, "x").len;
    case SEQUENCE: {
        hf_reader content = hf_der_open(r, HF_DER_SEQUENCE, "x");
        int64_t len = (int64_t)hf_rd_left(&content);
        hf_rd_bytes(&content, (size_t)len, "y");
        hf_rd_end(&content);
        return len;
    }
    case BOOLEAN: return hf_der_boolean(r, "x");
    case INTEGER: return (int64_t)hf_der_integer(r, "x").len;
    case UNSIGNED: return (int64_t)hf_der_unsigned(r, "x").len;
    case SMALL: return hf_der_small(r, 300, "x");
    case BITS: return (int64_t)hf_der_bits(r, HF_DER_BIT_STRING, "x").len;
    case FLAGS: return hf_der_flags(r, "x");
    case FLAGS_OF_1: return hf_der_flags_of(r, HF_DER_CONTEXT(1), "x");
    case OID: return (int64_t)hf_der_oid(r, "x").len;
    case NUL: hf_der_null(r, "x"); return 0;
    case TIME: return hf_der_time(r, "x");
    }
    return -1;
}

static void check(const der_case *c)
{
    uint8_t bytes[400];
    size_t len = unhex(c->hex, bytes, sizeof bytes);
    uint8_t *copy = tight(hf_span_of(bytes, len));
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(hf_span_of(copy, len), "T", 0, &fault, NULL);
    int64_t value = read_value(&r, c->what);

    hf_rd_end(&r);
    if (fault.code != c->code || (c->code == HF_OK && value != c->value) ||
        (c->code != HF_OK && fault.offset != c->offset))
        fail_msg("%s: %s at %zu (%s), value %lld", c->hex, hf_error_row_of(fault.code)->name,
                 fault.offset, fault.rule, (long long)value);
    if (c->code != HF_OK)
        assert_true(fault.rule[0] && strncmp(fault.path, "T", 1) == 0);
    free(copy);
}

#define BAD HF_E_CERT_DER
#define CUT HF_E_TRUNCATED

static void test_lengths(void **state)
{
    static const der_case cases[] = {
        { SEQUENCE, "3000", HF_OK, 0, 0 },
        { SEQUENCE, "30020500", HF_OK, 0, 2 },
        { SEQUENCE, "", CUT, 0, 0 },
        { SEQUENCE, "30", CUT, 1, 0 },
        { SEQUENCE, "3001", CUT, 2, 0 },
        { SEQUENCE, "30 80 0000", BAD, 1, 0 }, /* indefinite */
        { SEQUENCE, "30 8100", BAD, 1, 0 },    /* not minimal */
        { SEQUENCE, "30 8102 0500", BAD, 1, 0 },
        { SEQUENCE, "30 820002 0500", BAD, 1, 0 },
        { SEQUENCE, "30 82007f", BAD, 1, 0 },
        { SEQUENCE, "30 8200ff", BAD, 1, 0 },
        { SEQUENCE, "30 8300ffff", BAD, 1, 0 },
        { SEQUENCE, "30 8400000002 0500", BAD, 1, 0 }, /* too many octets */
        { SEQUENCE, "30 84ffffffff", BAD, 1, 0 },
        { SEQUENCE, "30 88ffffffffffffffff", BAD, 1, 0 },
        { SEQUENCE, "30 ff", BAD, 1, 0 },
        { SEQUENCE, "30 81", CUT, 2, 0 },
        { SEQUENCE, "30 8201", CUT, 3, 0 },
        { SEQUENCE, "30 8180", CUT, 3, 0 }, /* 128 bytes are said to follow */
        { SEQUENCE, "30 83ffffff", CUT, 5, 0 },
        { SEQUENCE, "3000 00", HF_E_TRAILING_BYTES, 2, 0 },
        { SEQUENCE, "3100", BAD, 0, 0 }, /* SET */
        { SEQUENCE, "1000", BAD, 0, 0 }, /* SEQUENCE, but primitive */
        { ANY, "1f8101 00", BAD, 0, 0 }, /* high tag number */
        { ANY, "bf2101 00", BAD, 0, 0 },
        { ANY, "0000", HF_OK, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check(&cases[i]);
}

static void test_long_length(void **state)
{
    uint8_t bytes[3 + 128] = { 0x30, 0x81, 0x80 };
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(hf_span_of(bytes, sizeof bytes), "T", 0, &fault, NULL);

    (void)state;
    assert_int_equal(hf_der_read(&r, HF_DER_SEQUENCE, "x").len, 128);
    hf_rd_end(&r);
    assert_error(fault.code, HF_OK);
}

static void test_primitives(void **state)
{
    static const der_case cases[] = {
        { BOOLEAN, "0101ff", HF_OK, 0, 1 },
        { BOOLEAN, "010100", HF_OK, 0, 0 },
        { BOOLEAN, "010101", BAD, 2, 0 },
        { BOOLEAN, "0100", BAD, 2, 0 },
        { BOOLEAN, "0102ffff", BAD, 2, 0 },
        { NUL, "0500", HF_OK, 0, 0 },
        { NUL, "050100", BAD, 2, 0 },
        { INTEGER, "020100", HF_OK, 0, 1 },
        { INTEGER, "0201ff", HF_OK, 0, 1 },
        { INTEGER, "02020080", HF_OK, 0, 2 },
        { INTEGER, "0202ff7f", HF_OK, 0, 2 },
        { INTEGER, "0200", BAD, 2, 0 },
        { INTEGER, "0202007f", BAD, 2, 0 },
        { INTEGER, "02020000", BAD, 2, 0 },
        { INTEGER, "0202ff80", BAD, 2, 0 },
        { UNSIGNED, "02020080", HF_OK, 0, 1 },
        { UNSIGNED, "020100", HF_OK, 0, 1 },
        { UNSIGNED, "02017f", HF_OK, 0, 1 },
        { UNSIGNED, "020180", BAD, 2, 0 },
        { SMALL, "0202012c", HF_OK, 0, 300 },
        { SMALL, "0202012d", BAD, 2, 0 },
        { SMALL, "02050100000000", BAD, 2, 0 },
        { SMALL, "0205 00ffffffff", BAD, 3, 0 },
        { BITS, "030100", HF_OK, 0, 0 },
        { BITS, "030200ff", HF_OK, 0, 1 },
        { BITS, "0300", BAD, 2, 0 },
        { BITS, "030204f0", BAD, 2, 0 }, /* not whole octets */
        { BITS, "030208ff", BAD, 2, 0 },
        { BITS, "030101", BAD, 2, 0 },
        { FLAGS, "03020780", HF_OK, 0, 1 },
        { FLAGS, "030205a0", HF_OK, 0, 5 },
        { FLAGS, "0303070080", HF_OK, 0, 1 << 8 },
        { FLAGS, "030100", HF_OK, 0, 0 },
        { FLAGS, "03020781", BAD, 3, 0 }, /* an unused bit is set */
        { FLAGS, "030400808080", BAD, 3, 0 },
        { FLAGS_OF_1, "810205a0", HF_OK, 0, 5 },
        { FLAGS_OF_1, "030205a0", BAD, 0, 0 },
        { OID, "06032b6570", HF_OK, 0, 3 },
        { OID, "06028101", HF_OK, 0, 2 },
        { OID, "0600", BAD, 2, 0 },
        { OID, "06022b80", BAD, 2, 0 },   /* unfinished */
        { OID, "06032b8001", BAD, 2, 0 }, /* a leading zero */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check(&cases[i]);
}

typedef struct time_case {
    uint8_t tag;
    const char *text;
    const char *expected; /* NULL: refused */
} time_case;

static void check_time(const time_case *c)
{
    uint8_t bytes[40] = { c->tag, (uint8_t)strlen(c->text) };
    char text[24] = "";
    hf_fault fault = { .code = HF_OK };

    memcpy(bytes + 2, c->text, strlen(c->text));
    hf_reader r = hf_rd_start(hf_span_of(bytes, 2 + strlen(c->text)), "T", 0, &fault, NULL);
    int64_t t = hf_der_time(&r, "notAfter");
    if (fault.code != (c->expected ? HF_OK : HF_E_CERT_DER))
        fail_msg("%s: %s", c->text, hf_error_row_of(fault.code)->name);
    if (!c->expected)
        return;
    hf_time_text(t, text);
    assert_string_equal(text, c->expected);
}

static void test_times(void **state)
{
    enum { UTC = HF_DER_UTC_TIME, GEN = HF_DER_GENERALIZED_TIME };
    static const time_case cases[] = {
        { UTC, "261121090000Z", "2026-11-21T09:00:00Z" },
        { UTC, "491231235959Z", "2049-12-31T23:59:59Z" },
        { UTC, "500101000000Z", "1950-01-01T00:00:00Z" },
        { UTC, "000229120000Z", "2000-02-29T12:00:00Z" },
        { UTC, "700101000000Z", "1970-01-01T00:00:00Z" },
        { UTC, "691231235959Z", "1969-12-31T23:59:59Z" },
        { GEN, "20500101000000Z", "2050-01-01T00:00:00Z" },
        { GEN, "99991231235959Z", "9999-12-31T23:59:59Z" },
        { GEN, "00000101000000Z", "0000-01-01T00:00:00Z" },
        { GEN, "00000229000000Z", "0000-02-29T00:00:00Z" },
        { GEN, "21000228235959Z", "2100-02-28T23:59:59Z" },
        { UTC, "010229120000Z", NULL }, /* no leap year */
        { GEN, "21000229000000Z", NULL },
        { UTC, "261121090060Z", NULL },
        { UTC, "261121096000Z", NULL },
        { UTC, "261121240000Z", NULL },
        { UTC, "261100090000Z", NULL },
        { UTC, "261131090000Z", NULL },
        { UTC, "261321090000Z", NULL },
        { UTC, "260021090000Z", NULL },
        { UTC, "2611210900Z", NULL },  /* without seconds */
        { UTC, "261121090000", NULL }, /* without a zone */
        { UTC, "261121090000+0100", NULL },
        { UTC, "26112109000+Z", NULL },
        { UTC, " 61121090000Z", NULL },
        { UTC, "20261121090000Z", NULL },
        { GEN, "261121090000Z", NULL },
        { GEN, "20261121090000.5Z", NULL },
        { GEN, "20261121090000z", NULL },
        { HF_DER_PRINTABLE_STRING, "261121090000Z", NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_time(&cases[i]);
}

/* Every day of eight centuries, there and back: calendars fail at their edges. */
static void test_calendar(void **state)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int year = 1600, month = 1, day = 1;

    (void)state;
    for (int64_t t = INT64_C(-11676096000); year < 2400; t += 86400) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        hf_civil c = hf_civil_of(t + 86399);
        assert_true(c.year == year && c.month == month && c.day == day);
        assert_true(c.hour == 23 && c.minute == 59 && c.second == 59);
        if (++day > days[month - 1] + (month == 2 && leap))
            day = 1, month++;
        if (month > 12)
            month = 1, year++;
    }
}

static void test_time_text_out_of_range(void **state)
{
    char text[24];

    (void)state;
    hf_time_text(HF_TIME_MIN, text);
    assert_string_equal(text, "0000-01-01T00:00:00Z");
    hf_time_text(HF_TIME_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
    hf_time_text(INT64_MIN, text);
    assert_string_equal(text, "before year 0");
    hf_time_text(INT64_MAX, text);
    assert_string_equal(text, "after year 9999");
}

static void test_faults_say_where(void **state)
{
    static const uint8_t bytes[] = { 0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x80 };
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(hf_span_of(bytes, sizeof bytes), "A", 10, &fault, NULL);
    hf_reader b = hf_der_open(&r, HF_DER_SEQUENCE, "b"), c = hf_der_open(&b, HF_DER_SEQUENCE, "c");

    (void)state;
    hf_der_unsigned(&c, "n");
    assert_string_equal(fault.path, "A.b.c.n");
    assert_int_equal(fault.offset, 16);
    assert_string_equal(fault.rule, "a negative integer");
    assert_int_equal(hf_der_peek(&r), 0);
    assert_int_equal(hf_der_any(&r, &(uint8_t){ 0 }, "later").len, 0);
    assert_string_equal(fault.path, "A.b.c.n");
}

/* ---- writing ---- */

static void round_trip(size_t len)
{
    static uint8_t buffer[70100], content[70000];
    hf_builder b = hf_wr_start(buffer, sizeof buffer);
    size_t outer = hf_dw_open(&b, HF_DER_SEQUENCE);
    hf_fault fault = { .code = HF_OK };
    hf_span out;

    memset(content, 0x5a, sizeof content);
    hf_dw_value(&b, HF_DER_OCTET_STRING, hf_span_of(content, len));
    hf_dw_close(&b, outer);
    assert_error(hf_wr_finish(&b, &out), HF_OK);
    hf_reader r = hf_rd_start(out, "T", 0, &fault, NULL),
              inner = hf_der_open(&r, HF_DER_SEQUENCE, "outer");
    assert_true(
        hf_span_equal(hf_der_read(&inner, HF_DER_OCTET_STRING, "inner"), hf_span_of(content, len)));
    hf_rd_end(&inner);
    hf_rd_end(&r);
    assert_error(fault.code, HF_OK);
}

static void test_written_lengths(void **state)
{
    static const size_t lengths[] = { 0,   1,     123,   124,   125,   126,   127,   128,
                                      129, 250,   251,   252,   253,   254,   255,   256,
                                      257, 65529, 65530, 65531, 65532, 65535, 65536, 70000 };

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++)
        round_trip(lengths[i]);
}

static void expect_written(hf_builder *b, const char *hex)
{
    uint8_t bytes[64];
    hf_span out;

    assert_error(hf_wr_finish(b, &out), HF_OK);
    assert_true(hf_span_equal(out, hf_span_of(bytes, unhex(hex, bytes, sizeof bytes))));
    b->len = 0;
}

static void test_written_values(void **state)
{
    uint8_t buffer[64];
    hf_builder b = hf_wr_start(buffer, sizeof buffer);

    (void)state;
    hf_dw_true(&b);
    expect_written(&b, "0101ff");
    hf_dw_small(&b, 127);
    expect_written(&b, "02017f");
    hf_dw_oid(&b, HF_OID_ed25519);
    expect_written(&b, "06032b6570");
    hf_dw_flags(&b, 0x60);
    expect_written(&b, "03020106");
    hf_dw_flags(&b, 0x01);
    expect_written(&b, "03020780");
    hf_dw_flags(&b, 0x80);
    expect_written(&b, "03020001");
    hf_dw_time(&b, 2524607999);
    expect_written(&b, "170d 3439313233313233353935395a");
    hf_dw_time(&b, 2524608000);
    expect_written(&b, "180f 32303530303130313030303030305a");
    hf_dw_time(&b, -631152001);
    expect_written(&b, "180f 31393439313233313233353935395a");
}

static void test_writer_refuses(void **state)
{
    uint8_t buffer[140];
    hf_builder b = hf_wr_start(buffer, sizeof buffer);
    hf_span out;

    (void)state;
    hf_dw_small(&b, 128);
    assert_error(hf_wr_finish(&b, &out), HF_E_INTERNAL);
    b = hf_wr_start(buffer, sizeof buffer);
    hf_dw_time(&b, HF_TIME_MAX + 1);
    assert_error(hf_wr_finish(&b, &out), HF_E_MISUSE);
    /* there is room for the content, but not for the length that grows when it is closed */
    b = hf_wr_start(buffer, 130);
    size_t mark = hf_dw_open(&b, HF_DER_SEQUENCE);
    hf_wr_space(&b, 128);
    hf_dw_close(&b, mark);
    assert_error(hf_wr_finish(&b, &out), HF_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),          cmocka_unit_test(test_long_length),
        cmocka_unit_test(test_primitives),       cmocka_unit_test(test_times),
        cmocka_unit_test(test_calendar),         cmocka_unit_test(test_time_text_out_of_range),
        cmocka_unit_test(test_faults_say_where), cmocka_unit_test(test_written_lengths),
        cmocka_unit_test(test_written_values),   cmocka_unit_test(test_writer_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
