/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The form of OCSP responses (RFC 6960 4.2.1): extensions, refusals, what is malformed, cut off or changed. */
#include "ocsp_support.h"

/* ---- extensions ---- */

static hf_span response_extensions(const char *oid, bool critical)
{
    const make_ext ext = { oid, critical, make_hex("040101") };

    return make_tlv(HF_DER_CONTEXT_CONS(1), extension_list(&ext, 1));
}

/* RFC 6960 4.4 */
static void test_extensions(void **state)
{
    static const char nonce[] = "1.3.6.1.5.5.7.48.1.2", unknown[] = "1.2.3.4";

    (void)state;
    for (int critical = 0; critical < 2; critical++) {
        assert_error(
            says(raw_response((raw_ocsp){ .after = response_extensions(nonce, critical) })), HF_OK);
        hf_error e =
            says(raw_response((raw_ocsp){ .after = response_extensions(unknown, critical) }));
        assert_error(e, critical ? HF_E_OCSP_DER : HF_OK);
        hf_span in_single = single((raw_single){ .after = response_extensions(unknown, critical) });
        assert_error(says(raw_response((raw_ocsp){ .singles = in_single })),
                     critical ? HF_E_OCSP_DER : HF_OK);
    }
}

/* ---- what does not parse ---- */

static void test_refusals(void **state)
{
    uint8_t bytes[HF_OCSP_REFUSAL_LEN];
    char words[64];

    (void)state;
    for (uint8_t code = 0; code < 9; code++) {
        const char *name = hf_ocsp_response_status_name(code);
        hf_ocsp_refusal(code, bytes);
        hf_error e = says(hf_span_of(bytes, sizeof bytes));
        assert_error(e, code > 0 && name ? HF_E_OCSP_STATUS : HF_E_OCSP_DER);
        assert_int_equal(status, HF_STATUS_UNKNOWN);
        snprintf(words, sizeof words, "the responder said %s", name ? name : "");
        if (e == HF_E_OCSP_STATUS)
            assert_string_equal(detail, words);
    }
    assert_error(says(make_hex("3006 0a0103 050000")), HF_E_OCSP_DER);
}

static void test_malformed(void **state)
{
    const raw_ocsp rows[] = {
        { .version = make_hex("a003020100") }, /* the default, which DER leaves out */
        { .version = make_hex("a003020101") },
        { .responder = make_hex("a303020100") },
        { .responder = make_hex("a1020500") },
        { .produced = time_of(TEST_NOW) }, /* UTCTime */
        { .singles = make_hex("0500") },
        { .singles = make_hex("3000") },
        { .singles = single((raw_single){ .status = make_hex("800100") }) },
        { .singles = single((raw_single){ .status = make_hex("8100") }) },
        { .singles = single((raw_single){ .status = make_hex("a000") }) },
        { .singles = single((raw_single){ .status = make_hex("a100") }) },
        { .singles = single((raw_single){ .status = make_hex("a2020500") }) },
        { .singles = single((raw_single){ .this_update = time_of(TEST_NOW) }) },
        { .singles = single((raw_single){ .next_update = time_of(TEST_NOW) }) },
        { .singles = single((raw_single){ .after = make_hex("0500") }) },
        { .singles = single((raw_single){ .after = make_hex("a1023000") }) },
        { .singles = make_join(single((raw_single){ .no_next = false }), make_hex("3000")) },
        { .after = make_hex("a2020500") },
        { .after = make_join(response_extensions("1.2.3.4", false), make_hex("0500")) },
        { .type = make_oid("1.3.6.1.5.5.7.48.1.2") },
        { .response_status = make_hex("0a020000") },
        { .response_status = make_hex("020100") },
        { .response_status = make_hex("0a0103") }, /* tryLater, with a response */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_error(says(raw_response(rows[i])), HF_E_OCSP_DER);
        assert_int_equal(status, HF_STATUS_UNKNOWN);
        assert_true(detail[0] != '\0');
    }
}

static void test_truncated(void **state)
{
    hf_span ders[] = { staple_that_says(HF_STATUS_GOOD),
                       by_delegate((delegate_options){ .purpose = NULL }) };

    (void)state;
    for (size_t i = 0; i < COUNT(ders); i++) {
        for (size_t n = 0; n < ders[i].len; n++) {
            uint8_t *cut = tight(hf_span_of(ders[i].data, n));
            assert_error(says(hf_span_of(cut, n)), HF_E_OCSP_DER);
            assert_int_equal(status, HF_STATUS_UNKNOWN);
            free(cut);
        }
        assert_error(says(make_join(ders[i], make_hex("00"))), HF_E_OCSP_DER);
    }
}

/* Whatever byte is changed: never an answer, least of all the opposite one. */
static void check_flipped(hf_span der, hf_status expected)
{
    static const uint8_t masks[] = { 0x01, 0x20, 0x80, 0xff };
    uint8_t *bytes = tight(der);

    for (size_t i = 0; i < 4 * der.len; i++) {
        bytes[i / 4] ^= masks[i % 4];
        assert_true(says(hf_span_of(bytes, der.len)) != HF_OK && status == HF_STATUS_UNKNOWN);
        bytes[i / 4] ^= masks[i % 4];
    }
    assert_error(says(hf_span_of(bytes, der.len)), HF_OK);
    assert_int_equal(status, expected);
    free(bytes);
}

static void test_flipped(void **state)
{
    (void)state;
    check_flipped(staple_that_says(HF_STATUS_GOOD), HF_STATUS_GOOD);
    check_flipped(staple_that_says(HF_STATUS_REVOKED), HF_STATUS_REVOKED);
    check_flipped(by_delegate((delegate_options){ .purpose = NULL }), HF_STATUS_GOOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_extensions), TEST(test_refusals), TEST(test_malformed),
        TEST(test_truncated),  TEST(test_flipped),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
