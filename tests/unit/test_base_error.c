/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A failure record as a line: what, where, whose fault, cut to the room there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <handfast/error.h>

static const hf_failure whole = { .code = HF_E_SUITE_NOT_OFFERED,
                                  .blame = HF_BLAME_PEER,
                                  .step = "ServerHello",
                                  .message = "ServerHello",
                                  .field = "ServerHello.cipher_suite",
                                  .offset = 71,
                                  .rule = "a rule",
                                  .expected = "one that was offered",
                                  .offered = "0x1305",
                                  .alert = HF_ALERT_illegal_parameter,
                                  .alert_direction = HF_ALERT_SENT };

static void test_all_that_is_known(void **state)
{
    char text[512], want[512];

    (void)state;
    snprintf(
        want, sizeof want,
        "%s, in ServerHello.cipher_suite, byte 71: a rule; expected one that was offered; offered "
        "0x1305; the peer's fault, told by illegal_parameter",
        hf_error_row_of(whole.code)->sentence);
    assert_string_equal(hf_failure_text(&whole, text, sizeof text), want);
}

/* The row's sentence is not said twice; without a field there is the message, without one the step. */
static void test_what_is_not_known(void **state)
{
    hf_failure f = { .code = HF_E_TIMEOUT,
                     .blame = HF_BLAME_NETWORK,
                     .step = "ClientHello",
                     .offset = -1,
                     .alert = HF_ALERT_none };
    char text[512], want[512];

    (void)state;
    snprintf(f.rule, sizeof f.rule, "%s", hf_error_row_of(f.code)->sentence);
    snprintf(want, sizeof want, "%s, while waiting for ClientHello; the network's fault",
             hf_error_row_of(f.code)->sentence);
    assert_string_equal(hf_failure_text(&f, text, sizeof text), want);
    f.message = "Certificate";
    hf_failure_text(&f, text, sizeof text);
    assert_non_null(strstr(text, ", in Certificate;"));
    f.message = NULL;
    f.step = "connected"; /* nothing in particular is waited for then */
    hf_failure_text(&f, text, sizeof text);
    assert_non_null(strstr(text, ", after the handshake;"));
}

/* The example in error.h, above hf_failure_text. */
static void test_the_example(void **state)
{
    hf_failure f = whole;
    char text[512];

    (void)state;
    snprintf(f.rule, sizeof f.rule, "%s", hf_error_row_of(f.code)->sentence);
    f.expected[0] = '\0';
    assert_string_equal(hf_failure_text(&f, text, sizeof text),
                        "the server chose a cipher suite that was not offered, in "
                        "ServerHello.cipher_suite, byte 71; offered 0x1305; the peer's fault, "
                        "told by illegal_parameter");
}

static void test_an_alert_of_the_peer(void **state)
{
    hf_failure f = { .code = HF_E_ALERT_RECEIVED,
                     .blame = HF_BLAME_PEER,
                     .step = "Finished",
                     .message = "Alert",
                     .offset = -1,
                     .alert = HF_ALERT_bad_certificate,
                     .alert_direction = HF_ALERT_RECEIVED };
    char text[512];

    (void)state;
    snprintf(f.rule, sizeof f.rule, "the peer sent bad_certificate (42): words");
    assert_string_equal(
        hf_failure_text(&f, text, sizeof text),
        "the peer refused the connection: the peer sent bad_certificate (42): words");
}

/* Whatever the room: NUL-terminated, and the beginning of the whole. */
static void test_cut(void **state)
{
    char text[512], all[512];

    (void)state;
    hf_failure_text(&whole, all, sizeof all);
    for (size_t room = 1; room <= strlen(all) + 1; room++) {
        memset(text, 'x', sizeof text);
        hf_failure_text(&whole, text, room);
        assert_true(strlen(text) < room);
        assert_int_equal(strncmp(text, all, strlen(text)), 0);
        assert_int_equal(text[room], 'x');
    }
    text[0] = 'x';
    hf_failure_text(&whole, text, 0);
    assert_int_equal(text[0], 'x');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_that_is_known),
        cmocka_unit_test(test_what_is_not_known),
        cmocka_unit_test(test_the_example),
        cmocka_unit_test(test_an_alert_of_the_peer),
        cmocka_unit_test(test_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
