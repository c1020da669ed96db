/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Key logs as files have them (RFC 9850): line ends, comments and blank lines of any kind; labels that are not known here; what
 * is no line is counted, what is too much or too long left out; and nothing of a secret stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "explain/capture.h"

#define R1 "0101010101010101010101010101010101010101010101010101010101010101"
#define R2 "a0B1c2D3e4F5a0B1c2D3e4F5a0B1c2D3e4F5a0B1c2D3e4F5a0B1c2D3e4F5a0B1"
#define S1 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static hf_keylog read_text(const char *text)
{
    hf_keylog keylog = { 0 };

    assert_int_equal(hf_keylog_read(&keylog, hf_span_str(text)), HF_OK);
    return keylog;
}

static const hf_tape_secret *find(const hf_keylog *keylog, const char *label, uint8_t random_byte)
{
    uint8_t random[32];

    memset(random, random_byte, sizeof random);
    return hf_keylog_find(keylog, label, random);
}

static void test_lines(void **state)
{
    hf_keylog k = read_text("# of a browser\r\n"
                            "\r\n"
                            "   \t\n"
                            "CLIENT_RANDOM " R1 " " S1 "00112233445566778899aabbccddeeff\r\n"
                            "\tSERVER_TRAFFIC_SECRET_0  " R1 "\t" S1 "  \r\n"
                            "  # indented\n"
                            "A_LABEL_OF_TOMORROW " R2 " aB\n"
                            "CLIENT_TRAFFIC_SECRET_0 " R1 " " S1); /* without an end */
    const hf_tape_secret *s;

    (void)state;
    assert_int_equal(k.n, 4);
    assert_int_equal(k.bad_lines + k.left_out, 0);
    assert_non_null(s = find(&k, "CLIENT_RANDOM", 1));
    assert_int_equal(s->len, 48);
    assert_int_equal(s->secret[47], 0xff);
    assert_non_null(s = find(&k, "SERVER_TRAFFIC_SECRET_0", 1));
    assert_int_equal(s->len, 32);
    assert_int_equal(s->secret[1], 0x11);
    assert_non_null(find(&k, "CLIENT_TRAFFIC_SECRET_0", 1));
    assert_null(find(&k, "CLIENT_TRAFFIC_SECRET_0", 2));
    assert_null(find(&k, "CLIENT_TRAFFIC_SECRET", 1));
    assert_string_equal(k.secrets[2].label, "A_LABEL_OF_TOMORROW");
    assert_int_equal(k.secrets[2].client_random[1], 0xb1);
    assert_int_equal(k.secrets[2].secret[0], 0xab);
    hf_keylog_free(&k);
}

/* What an editor of another system puts in front. */
static void test_a_marked_file(void **state)
{
    hf_keylog k = read_text("\xef\xbb\xbf"
                            "CLIENT_RANDOM " R1 " " S1 "\n");

    (void)state;
    assert_int_equal(k.n, 1);
    assert_int_equal(k.bad_lines, 0);
    hf_keylog_free(&k);
}

static void test_bad_lines(void **state)
{
    static const char *const bad[] = {
        "CLIENT_RANDOM",
        "CLIENT_RANDOM " R1,
        "CLIENT_RANDOM " R1 " ",
        "CLIENT_RANDOM " R1 " " S1 " more",
        "CLIENT_RANDOM " R1 " " S1 "0",  /* half a byte */
        "CLIENT_RANDOM " R1 " " S1 "0g", /* no digit */
        "CLIENT_RANDOM " R1 "00 " S1,
        "CLIENT_RANDOM 0101 " S1,
        "CLIENT_RANDOM x" R1 " " S1,
        "RSA 0011223344556677 " S1, /* by the first bytes of the encrypted premaster secret */
        "RSA Session-ID:00 Master-Key:11",
        "\x01LABEL " R1 " " S1,
        "L\xc3\xa4"
        "BEL " R1 " " S1,
        "GET / HTTP/1.1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "CLIENT_RANDOM " R1 " " S1 "\n%s\nCLIENT_RANDOM " R2 " " S1 "\n", bad[i]);
        hf_keylog k = read_text(text);
        if (k.n != 2 || k.bad_lines != 1 || k.left_out != 0)
            fail_msg("%s: %zu secrets, %zu bad lines", bad[i], k.n, k.bad_lines);
        hf_keylog_free(&k);
    }
}

static void test_a_nul_is_no_blank(void **state)
{
    static const char text[] = "CLIENT_RANDOM " R1 "\0" S1 "\n";
    hf_keylog k = { 0 };

    (void)state;
    assert_int_equal(hf_keylog_read(&k, hf_span_of(text, sizeof text - 1)), HF_OK);
    assert_int_equal(k.n, 0);
    assert_int_equal(k.bad_lines, 1);
    hf_keylog_free(&k);
}

/* RFC 9850 3: ECH_CONFIG holds more than a secret; a label may be of any length. Both lines are good. */
static void test_too_long(void **state)
{
    hf_keylog k = read_text("ECH_CONFIG " R1 " " S1 S1 "00\n"
                            "A_LABEL_THAT_IS_LONGER_THAN_ANYBODY_WILL_EVER_NEED_IT " R1 " " S1 "\n"
                            "A_LABEL_THAT_JUST_FITS_INTO_ITS_ROOM_OF_48_BYTE " R1 " " S1 S1 "\n");

    (void)state;
    assert_int_equal(k.n, 1);
    assert_int_equal(k.secrets[0].len, HF_TAPE_SECRET_MAX);
    assert_int_equal(k.left_out, 2);
    assert_int_equal(k.bad_lines, 0);
    hf_keylog_free(&k);
}

/* Logs are appended to, and read one after the other: the first of two that differ counts. */
static void test_doubles(void **state)
{
    hf_keylog k = read_text("CLIENT_RANDOM " R1 " 0101\nCLIENT_RANDOM " R1 " 0101\n");

    (void)state;
    assert_int_equal(hf_keylog_read(&k, hf_span_str("CLIENT_RANDOM " R1 " 0202\n")), HF_OK);
    const hf_tape_secret *s = find(&k, "CLIENT_RANDOM", 1);
    assert_non_null(s);
    assert_int_equal(s->secret[0], 1);
    hf_keylog_free(&k);
}

static void test_empty(void **state)
{
    hf_keylog k = { 0 };

    (void)state;
    assert_int_equal(hf_keylog_read(&k, hf_span_of(NULL, 0)), HF_OK);
    assert_int_equal(hf_keylog_read(&k, hf_span_str("\n\n\r\n")), HF_OK);
    assert_int_equal(k.n + k.bad_lines + k.left_out, 0);
    assert_null(find(&k, "CLIENT_RANDOM", 1));
    assert_null(find(NULL, "CLIENT_RANDOM", 1));
    hf_keylog_free(&k);
}

static void test_most_lines(void **state)
{
    static const char line[] = "CLIENT_RANDOM " R1 " " S1 "\n";
    size_t len = sizeof line - 1, more = 3;
    char *text = malloc((HF_KEYLOG_MAX + more) * len);
    hf_keylog k = { 0 };

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < HF_KEYLOG_MAX + more; i++)
        memcpy(text + i * len, line, len);
    assert_int_equal(hf_keylog_read(&k, hf_span_of(text, (HF_KEYLOG_MAX + more) * len)), HF_OK);
    assert_int_equal(k.n, HF_KEYLOG_MAX);
    assert_int_equal(k.left_out, more);
    hf_keylog_free(&k);
    free(text);
}

static void test_free_forgets(void **state)
{
    hf_keylog k = read_text("CLIENT_RANDOM " R1 " " S1 "\n");

    (void)state;
    hf_keylog_free(&k);
    assert_null(k.secrets);
    assert_int_equal(k.n + k.room, 0);
    hf_keylog_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),        cmocka_unit_test(test_a_marked_file),
        cmocka_unit_test(test_bad_lines),    cmocka_unit_test(test_a_nul_is_no_blank),
        cmocka_unit_test(test_too_long),     cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_empty),        cmocka_unit_test(test_most_lines),
        cmocka_unit_test(test_free_forgets),
    };

    return cmocka_run_group_tests_name("keylog", tests, NULL, NULL);
}
