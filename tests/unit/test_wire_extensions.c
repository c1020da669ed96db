/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What holds for all extensions: duplicates, placement, the unknown ones, pre_shared_key last, the
 * block's frame.
 */
#include "unit/wire_samples.h"

/* ---- the table ---- */

/* RFC 9846 4.3, the table of Recommended extensions; those outside it from their own RFCs. Written
   from the text, not from extensions.def. */
static const struct {
    uint16_t type;
    unsigned messages;
} placement[] = {
    { 0, IN_CH | IN_EE | IN_CR | IN_SH12 }, /* server_name; RFC 6066 3 */
    { 1, IN_CH | IN_EE | IN_SH12 },         /* max_fragment_length, RFC 6066 4 */
    { 5, IN_CH | IN_CR | IN_CT | IN_SH12 }, /* status_request; RFC 6066 8 */
    { 10, IN_CH | IN_EE },                  /* supported_groups; RFC 8422 5.2: not in ServerHello */
    { 11, IN_CH | IN_SH12 },                /* ec_point_formats, RFC 8422 5.2 */
    { 13, IN_CH | IN_CR },           /* signature_algorithms; RFC 5246 7.4.1.4.1: clients only */
    { 16, IN_CH | IN_EE | IN_SH12 }, /* application_layer_protocol_negotiation, RFC 7301 3.1 */
    { 18, IN_CH | IN_CR | IN_CT | IN_SH12 }, /* signed_certificate_timestamp, RFC 6962 3.3.1 */
    { 21, IN_CH },                           /* padding, RFC 7685 */
    { 23, IN_CH | IN_SH12 },                 /* extended_main_secret, RFC 7627 5.1 */
    { 28, IN_CH | IN_EE | IN_SH12 },         /* record_size_limit; RFC 8449 4 */
    { 35, IN_CH | IN_SH12 },                 /* session_ticket, RFC 5077 3.2 */
    { 41, IN_CH | IN_SH },                   /* pre_shared_key */
    { 42, IN_CH | IN_EE | IN_NST },          /* early_data */
    { 43, IN_CH | IN_SH | IN_HRR },          /* supported_versions */
    { 44, IN_CH | IN_HRR },                  /* cookie */
    { 45, IN_CH },                           /* psk_key_exchange_modes */
    { 47, IN_CH | IN_CR },                   /* certificate_authorities */
    { 48, IN_CR },                           /* oid_filters */
    { 49, IN_CH },                           /* post_handshake_auth */
    { 50, IN_CH | IN_CR },                   /* signature_algorithms_cert */
    { 51, IN_CH | IN_SH | IN_HRR },          /* key_share */
    { 65281, IN_CH | IN_SH12 },              /* renegotiation_info, RFC 5746 3.2 */
};

static unsigned where(uint16_t type)
{
    for (size_t i = 0; i < COUNT(placement); i++)
        if (placement[i].type == type)
            return placement[i].messages;
    fail_msg("extension %u is not in the list", type);
    return 0;
}

static void test_rows_and_types(void **state)
{
    (void)state;
    assert_int_equal(HF_EXT_COUNT, COUNT(placement));
    assert_true(HF_EXT_COUNT <= 32); /* bits of `present` */
    for (int row = 0; row < HF_EXT_COUNT; row++) {
        assert_int_equal(hf_extension_row(hf_extension_type((hf_ext)row)), row);
        assert_true(where(hf_extension_type((hf_ext)row)) != 0);
    }
    assert_int_equal(hf_extension_row(0x0a0a), HF_EXT_COUNT);
    assert_int_equal(hf_extension_row(17), HF_EXT_COUNT);
    assert_int_equal(hf_extension_row(65535), HF_EXT_COUNT);
    assert_int_equal(hf_extension_type(HF_EXT_key_share), 51);
    assert_true(sizeof(hf_extensions) <= 600); /* ten of them stand in a Certificate */
}

/* Each known extension in each message: read if it may stand there, else refused at its type. */
static void test_placement(void **state)
{
    static bytes block;
    hf_extensions ext;
    hf_fault fault;

    (void)state;
    for (int row = 0; row < HF_EXT_COUNT; row++) {
        for (size_t m = 0; m < COUNT(each_message); m++) {
            unsigned message = each_message[m];
            const sample *s = sample_of((hf_ext)row, message);
            block.len = 0;
            add_extension(&block, 0xfffe, hf_span_str("ab"));
            if (s)
                add_sample(&block, s);
            else
                add_extension(&block, hf_extension_type((hf_ext)row), hf_span_str(""));
            hf_error e = read_block(message, span_of(&block), &ext, &fault, NULL);
            assert_int_equal(s != NULL, (where(hf_extension_type((hf_ext)row)) & message) != 0);
            assert_int_equal(e, s ? HF_OK : HF_E_EXTENSION_NOT_ALLOWED);
            if (!s) {
                assert_int_equal(fault.offset, 2 + 6);
                assert_string_equal(fault.path + strlen("Message.extensions."),
                                    hf_extension_name(hf_extension_type((hf_ext)row)));
                assert_int_equal(hf_error_row_of(e)->alert, HF_ALERT_illegal_parameter);
            }
        }
    }
}

/* ---- duplicates ---- */

/* The extension, others, and the same type again, as it is or empty: a fault of form, but the alert of what is misplaced in
   requests, tickets and with certificates (alerts.tsv cr-extension-not-allowed, cert-entry-extension-not-allowed). */
static void check_duplicate(unsigned message, const bytes *first, uint16_t type, bool whole)
{
    static bytes block;
    hf_extensions ext;
    hf_fault fault;

    block.len = 0;
    add_bytes(&block, span_of(first));
    if (type != hf_extension_type(HF_EXT_pre_shared_key) || message != IN_CH)
        add_extension(&block, 0xfefe, hf_span_str("x"));
    size_t at = 2 + block.len;
    if (whole)
        add_bytes(&block, span_of(first));
    else
        add_extension(&block, type, hf_span_str(""));
    hf_error e = read_block(message, span_of(&block), &ext, &fault, NULL);
    bool opening = (message & (IN_CH | IN_SH | IN_SH12 | IN_EE)) != 0;
    assert_int_equal(e, opening ? HF_E_DUPLICATE_EXTENSION : HF_E_REPEATED_EXTENSION);
    assert_int_equal(fault.offset, at);
    assert_int_equal(hf_error_row_of(e)->alert,
                     opening ? HF_ALERT_decode_error : HF_ALERT_illegal_parameter);
}

static void test_duplicates_of_known(void **state)
{
    static bytes one;

    (void)state;
    for (size_t m = 0; m < COUNT(each_message); m++)
        for (int row = 0; row < HF_EXT_COUNT; row++) {
            const sample *s = sample_of((hf_ext)row, each_message[m]);
            if (!s)
                continue;
            one.len = 0;
            add_sample(&one, s);
            check_duplicate(each_message[m], &one, hf_extension_type((hf_ext)row), true);
            check_duplicate(each_message[m], &one, hf_extension_type((hf_ext)row), false);
        }
}

static void test_duplicates_of_unknown(void **state)
{
    static bytes one;

    (void)state;
    for (size_t m = 0; m < COUNT(each_message); m++) {
        static const uint16_t unknown[] = { 17, 27, 34, 57, 17513, 65037, 65535 };
        for (size_t i = 0; i < COUNT(unknown); i++) {
            one.len = 0;
            add_extension(&one, unknown[i], hf_span_str("abc"));
            check_duplicate(each_message[m], &one, unknown[i], i % 2 == 0);
        }
        for (unsigned grease = 0x0a0a; grease <= 0xfafa; grease += 0x1010) {
            one.len = 0;
            add_extension(&one, (uint16_t)grease, hf_span_str(""));
            check_duplicate(each_message[m], &one, (uint16_t)grease, true);
        }
    }
}

static void test_two_different_grease_types(void **state)
{
    static bytes block;
    hf_extensions ext;
    hf_fault fault;

    (void)state;
    block.len = 0;
    add_extension(&block, 0x1a1a, hf_span_str(""));
    add_extension(&block, 0xeaea, hf_span_str("x"));
    assert_int_equal(read_block(IN_CH, span_of(&block), &ext, &fault, NULL), HF_OK);
    assert_true(ext.has_grease && !ext.has_unknown && ext.present == 0);
}

/* ---- unknown ones, numbers, edges ---- */

static void test_unknown_is_noted(void **state)
{
    static bytes block;
    hf_extensions ext;
    hf_fault fault;

    (void)state;
    for (size_t m = 0; m < COUNT(each_message); m++) {
        block.len = 0;
        add_extension(&block, 0x2a2a, hf_span_str(""));
        add_extension(&block, 17513, hf_span_str("abc"));
        add_extension(&block, 65037, hf_span_str(""));
        assert_int_equal(read_block(each_message[m], span_of(&block), &ext, &fault, NULL), HF_OK);
        assert_true(ext.has_grease && ext.has_unknown);
        assert_int_equal(ext.unknown_type, 17513);
        assert_int_equal(ext.raw.len, block.len);
    }
}

/* RFC 9846 4.3.11, alerts.tsv ch-psk-not-last: whatever follows, GREASE included. */
static void test_pre_shared_key_is_last(void **state)
{
    static const uint16_t after[] = { 0, 21, 42, 45, 0x0a0a, 65535, 48 };
    static bytes block;
    hf_extensions ext;
    hf_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(after); i++) {
        block.len = 0;
        add_sample(&block, sample_of(HF_EXT_pre_shared_key, IN_CH));
        size_t at = 2 + block.len;
        add_extension(&block, after[i], hf_span_str(""));
        assert_int_equal(read_block(IN_CH, span_of(&block), &ext, &fault, NULL), HF_E_PSK_NOT_LAST);
        assert_int_equal(fault.offset, at);
    }
    block.len = 0; /* in ServerHello the order is free */
    add_sample(&block, sample_of(HF_EXT_pre_shared_key, IN_SH));
    add_sample(&block, sample_of(HF_EXT_key_share, IN_SH));
    assert_int_equal(read_block(IN_SH, span_of(&block), &ext, &fault, NULL), HF_OK);
}

static void test_number_of_extensions(void **state)
{
    static bytes block;
    hf_extensions ext;
    hf_fault fault;

    (void)state;
    block.len = 0;
    for (unsigned i = 0; i < HF_EXTENSIONS_MAX; i++)
        add_extension(&block, (uint16_t)(0x8000 + i), hf_span_str(""));
    assert_int_equal(read_block(IN_CH, span_of(&block), &ext, &fault, NULL), HF_OK);
    size_t at = 2 + block.len;
    add_extension(&block, 0x9000, hf_span_str(""));
    assert_int_equal(read_block(IN_CH, span_of(&block), &ext, &fault, NULL),
                     HF_E_TOO_MANY_EXTENSIONS);
    assert_int_equal(fault.offset, at);
}

/* alerts.tsv ch-extensions-malformed */
static void test_frame(void **state)
{
    static const struct {
        const char *hex; /* with the block's length */
        unsigned message;
        hf_error code;
        const char *path;
        size_t at;
    } rows[] = {
        { "", IN_EE, HF_E_TRUNCATED, "Message.extensions", 0 },
        { "00", IN_EE, HF_E_TRUNCATED, "Message.extensions", 0 },
        { "0004 0017", IN_CH, HF_E_TRUNCATED, "Message.extensions", 2 },
        { "0003 0017 0000", IN_CH, HF_E_TRUNCATED, "Message.extensions.extended_main_secret", 4 },
        { "0001 00", IN_CH, HF_E_TRUNCATED, "Message.extensions.extension_type", 2 },
        { "0002 0017", IN_CH, HF_E_TRUNCATED, "Message.extensions.extended_main_secret", 4 },
        { "0003 0017 00", IN_CH, HF_E_TRUNCATED, "Message.extensions.extended_main_secret", 4 },
        { "0005 0017 0000 00", IN_CH, HF_E_TRUNCATED, "Message.extensions.extension_type", 6 },
        { "0004 0017 0001 00", IN_CH, HF_E_TRUNCATED, "Message.extensions.extended_main_secret",
          6 },
        { "0004 7a7a 0001 00", IN_CH, HF_E_TRUNCATED, "Message.extensions.GREASE", 6 },
        { "0004 ffff 0001 00", IN_CH, HF_E_TRUNCATED, "Message.extensions.unknown_extension", 6 },
        { "0004 0017 0000 00", IN_CH, HF_E_TRAILING_BYTES, "Message", 6 },
        { "0000", IN_SH, HF_E_LENGTH_OUT_OF_RANGE, "Message.extensions", 0 },
        { "0004 fffe 0000", IN_HRR, HF_E_LENGTH_OUT_OF_RANGE, "Message.extensions", 0 },
        { "0005 fffe 0001 00", IN_SH, HF_E_LENGTH_OUT_OF_RANGE, "Message.extensions", 0 },
        { "0006 fffe 0002 0000", IN_SH, HF_OK, "", 0 },
        { "0000", IN_CH, HF_OK, "", 0 },
        { "0000", IN_SH12, HF_OK, "", 0 },
        { "0000", IN_EE, HF_OK, "", 0 },
        { "0000", IN_CR, HF_OK, "", 0 },
        { "0000", IN_CT, HF_OK, "", 0 },
        { "0000", IN_NST, HF_OK, "", 0 },
    };
    static bytes block;
    hf_extensions ext;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        hf_fault fault = { 0 };
        block.len = 0;
        add_hex(&block, rows[i].hex);
        uint8_t *copy = tight(span_of(&block));
        hf_reader r = hf_rd_start(hf_span_of(copy, block.len), "Message", 0, &fault, NULL);
        hf_extensions_read(&r, rows[i].message, &ext);
        hf_rd_end(&r);
        free(copy);
        assert_int_equal(fault.code, rows[i].code);
        assert_string_equal(fault.path, rows[i].path);
        assert_int_equal(fault.offset, rows[i].at);
    }
}

static void test_misplaced_on_writing_is_our_bug(void **state)
{
    uint8_t out[64];

    (void)state;
    for (int row = 0; row < HF_EXT_COUNT; row++)
        for (size_t m = 0; m < COUNT(each_message); m++) {
            hf_extensions ext = { .present = (uint32_t)1 << row };
            hf_builder b = hf_wr_start(out, sizeof out);
            hf_extensions_write(&b, each_message[m], &ext);
            bool allowed = where(hf_extension_type((hf_ext)row)) & each_message[m];
            assert_int_equal(b.error, allowed ? HF_OK : HF_E_INTERNAL);
        }
}

/* A bit that no extension has is as much a bug; an earlier failure is the one that is told. */
static void test_bits_beyond_the_table(void **state)
{
    uint8_t out[64];
    hf_extensions ext = { .present = (uint32_t)1 << HF_EXT_COUNT };
    hf_builder b = hf_wr_start(out, sizeof out);

    (void)state;
    hf_extensions_write(&b, IN_CH, &ext);
    assert_int_equal(b.error, HF_E_INTERNAL);
    b = hf_wr_start(out, 1);
    hf_wr_u16(&b, 0);
    hf_extensions_write(&b, IN_CH, &ext);
    assert_int_equal(b.error, HF_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_and_types),
        cmocka_unit_test(test_placement),
        cmocka_unit_test(test_duplicates_of_known),
        cmocka_unit_test(test_duplicates_of_unknown),
        cmocka_unit_test(test_two_different_grease_types),
        cmocka_unit_test(test_unknown_is_noted),
        cmocka_unit_test(test_pre_shared_key_is_last),
        cmocka_unit_test(test_number_of_extensions),
        cmocka_unit_test(test_frame),
        cmocka_unit_test(test_misplaced_on_writing_is_our_bug),
        cmocka_unit_test(test_bits_beyond_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
