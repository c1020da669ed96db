/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The messages that RFC 8448 does not show (TLS 1.2 hellos, long chains, every extension at once),
 * read, written back, cut and lengthened; and single matters of single messages.
 */
#include "unit/wire_samples.h"

#define RANDOM "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define RETRY  "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"

/* ---- bodies ---- */

/* The extensions of a message, all of them, with their length. */
static void add_all_extensions(bytes *out, unsigned message)
{
    static bytes block;

    block.len = 0;
    for (int row = 0; row < HF_EXT_COUNT; row++)
        if (sample_of((hf_ext)row, message) && row != HF_EXT_pre_shared_key)
            add_sample(&block, sample_of((hf_ext)row, message));
    if (sample_of(HF_EXT_pre_shared_key, message))
        add_sample(&block, sample_of(HF_EXT_pre_shared_key, message));
    add_uint(out, block.len, 2);
    add_bytes(out, span_of(&block));
}

/* Parts of a body: hex, and where `extensions` is set the block of all for that message. */
typedef struct sent {
    hf_msg msg;
    const hf_wire *w;
    const char *hex;
    unsigned extensions; /* 0: none */
} sent;

static const sent bodies[] = {
    { HF_MSG_ClientHello, &TLS13, "0303" RANDOM "20" RANDOM "0006 1301 1302 00ff 01 00", IN_CH },
    { HF_MSG_ClientHello, &TLS12, "0303" RANDOM "00 0002 c02f 02 00 01", 0 },
    { HF_MSG_ClientHello, &TLS12, "0301" RANDOM "00 0002 c02f 01 00 0000", 0 },
    { HF_MSG_ServerHello, &TLS13, "0303" RANDOM "20" RANDOM "1301 00", IN_SH },
    { HF_MSG_HelloRetryRequest, &TLS13, "0303" RETRY "00 1301 00", IN_HRR },
    { HF_MSG_ServerHello, &TLS12, "0303" RANDOM "04 01020304 c02f 00", IN_SH12 },
    { HF_MSG_ServerHello, &TLS12, "0303" RANDOM "00 c02f 00", 0 },
    { HF_MSG_ServerHello, &TLS12, "0303" RANDOM "00 c02f 00 0000", 0 },
    { HF_MSG_EncryptedExtensions, &TLS13, "", IN_EE },
    { HF_MSG_EncryptedExtensions, &TLS13, "0000", 0 },
    { HF_MSG_CertificateRequest, &TLS13, "03 010203", IN_CR },
    { HF_MSG_CertificateRequest, &TLS13, "00 0000", 0 },
    { HF_MSG_Certificate, &TLS13, "00 000000", 0 },
    { HF_MSG_Certificate, &TLS13, "02 0102 00000d 000001 30 0000 000002 3000 0000", 0 },
    { HF_MSG_Certificate, &TLS13,
      "00 00001a 000001 30 0014 0005 0007 01000003aabbcc 0012 0005 0003 0001 11", 0 },
    { HF_MSG_CertificateVerify, &TLS13, "0403 0000", 0 },
    { HF_MSG_CertificateVerify, &TLS12, "0804 0003 aabbcc", 0 },
    { HF_MSG_Finished, &TLS12, "000102030405060708090a0b", 0 },
    { HF_MSG_Finished, &TLS13, RANDOM, 0 },
    { HF_MSG_Finished, &TLS13, RANDOM "00112233445566778899aabbccddeeff", 0 },
    { HF_MSG_NewSessionTicket, &TLS13, "00015180 01020304 08 0000000000000001 0003 aabbcc",
      IN_NST },
    { HF_MSG_NewSessionTicket, &TLS13, "00000000 00000000 00 0001 aa 0000", 0 },
    { HF_MSG_KeyUpdate, &TLS13, "00", 0 },
    { HF_MSG_KeyUpdate, &TLS13, "01", 0 },
};

/* A whole message, with its header. */
static hf_span message_of(const sent *row)
{
    static bytes out;

    out.len = 0;
    add_uint(&out, hf_msg_type(row->msg), 1);
    add_uint(&out, 0, 3);
    add_hex(&out, row->hex);
    if (row->extensions)
        add_all_extensions(&out, row->extensions);
    for (size_t i = 0; i < 3; i++)
        out.data[1 + i] = (uint8_t)((out.len - 4) >> (16 - 8 * i));
    return span_of(&out);
}

static void test_round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++)
        assert_round_trip(bodies[i].msg, bodies[i].w, message_of(&bodies[i]));
}

static void test_every_byte_has_a_name(void **state)
{
    static events heard;
    hf_field_sink sink = { hear, &heard };
    hf_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        hf_span message = message_of(&bodies[i]);
        heard.n = 0;
        heard.depth = 0;
        assert_int_equal(hf_message_explain(bodies[i].msg, bodies[i].w, message, &sink, &fault),
                         HF_OK);
        assert_covered(&heard, 0, message.len);
    }
}

static bool legal_cut(const sent *row, const hf_field *field, size_t cut)
{
    if (row->msg == HF_MSG_ClientHello || row->msg == HF_MSG_ServerHello)
        return strcmp(field->name, "extensions") == 0 && field->offset == cut &&
               field->kind == HF_FIELD_LENGTH;
    return row->msg == HF_MSG_Finished && row->w->version == HF_TLS13 && cut >= 4 + 32;
}

static void test_every_cut_is_a_fault(void **state)
{
    static events heard;
    hf_field_sink sink = { hear, &heard };
    char path[HF_FAULT_PATH_MAX];
    hf_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        hf_msg msg = bodies[i].msg;
        hf_span message = message_of(&bodies[i]);
        heard.n = 0;
        heard.depth = 0;
        hf_message_explain(msg, bodies[i].w, message, &sink, &fault);
        for (size_t cut = 4; cut < message.len; cut++) {
            const hf_field *field = field_cut(&heard, 1, cut);
            hf_error e =
                read_tight(msg, bodies[i].w, hf_span_of(message.data + 4, cut - 4), &fault);
            if (legal_cut(&bodies[i], field, cut)) {
                assert_int_equal(e, HF_OK);
                continue;
            }
            assert_int_equal(e, msg == HF_MSG_Finished ? HF_E_LENGTH_OUT_OF_RANGE : HF_E_TRUNCATED);
            snprintf(path, sizeof path, "%s.%s", hf_msg_name(msg), field->name);
            assert_string_equal(fault.path, path);
            assert_int_equal(fault.offset, field->offset);
        }
    }
}

/* One byte after the message; where there was no extensions block it is read as a broken one. */
static void test_one_more_byte_is_a_fault(void **state)
{
    static bytes longer;
    hf_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        longer.len = 0;
        add_bytes(&longer, message_of(&bodies[i]));
        add_uint(&longer, 0, 1);
        hf_span body = hf_span_of(longer.data + 4, longer.len - 4);
        hf_error e = read_tight(bodies[i].msg, bodies[i].w, body, &fault);
        if (bodies[i].msg == HF_MSG_Finished) {
            assert_int_equal(e, bodies[i].w == &TLS12 ? HF_E_LENGTH_OUT_OF_RANGE : HF_OK);
            continue;
        }
        bool no_block = i == 1 || i == 6;
        assert_int_equal(e, no_block ? HF_E_TRUNCATED : HF_E_TRAILING_BYTES);
        assert_int_equal(fault.offset, longer.len - 1);
    }
}

/* ---- single matters ---- */

static void test_retry_is_told_by_its_random(void **state)
{
    static bytes body;

    (void)state;
    body.len = 0;
    add_hex(&body, "0303" RETRY);
    assert_true(hf_is_retry(span_of(&body)));
    assert_false(hf_is_retry(hf_span_of(body.data, 33)));
    for (size_t i = 2; i < 34; i++) {
        body.data[i] ^= 1;
        assert_false(hf_is_retry(span_of(&body)));
        body.data[i] ^= 1;
    }
    assert_false(hf_is_retry(hf_span_of(NULL, 0)));
}

static void test_hello_fields(void **state)
{
    hf_span message = message_of(&bodies[0]);
    hf_client_hello hello;
    hf_fault fault = { 0 };
    hf_reader r =
        hf_rd_start(hf_span_of(message.data + 4, message.len - 4), "ClientHello", 4, &fault, NULL);

    (void)state;
    hf_client_hello_read(&r, &TLS13, &hello);
    assert_int_equal(fault.code, HF_OK);
    assert_int_equal(hello.legacy_version, 0x0303);
    assert_int_equal(hello.random[31], 0xff);
    assert_int_equal(hello.legacy_session_id.len, 32);
    assert_int_equal(hf_list16_count(hello.cipher_suites), 3);
    assert_int_equal(hf_list16_at(hello.cipher_suites, 1), HF_TLS_AES_256_GCM_SHA384);
    assert_int_equal(hello.legacy_compression_methods.len, 1);
    assert_true(hello.has_extensions);
    assert_true(hf_span_within(hello.ext.host_name, message));
    assert_true(hf_span_equal(hello.ext.host_name, hf_span_str("example.com")));
    /* the binders are the end of the message */
    assert_int_equal(hello.ext.psk_binders_offset + 2 + hello.ext.psk_binders.len, message.len);
}

/* A hello without extensions leaves the struct empty. */
static void test_hello_without_extensions(void **state)
{
    hf_span message = message_of(&bodies[1]);
    hf_client_hello hello;
    hf_fault fault = { 0 };
    hf_reader r =
        hf_rd_start(hf_span_of(message.data + 4, message.len - 4), "ClientHello", 4, &fault, NULL);

    (void)state;
    memset(&hello, 0xee, sizeof hello);
    hf_client_hello_read(&r, &TLS12, &hello);
    assert_int_equal(fault.code, HF_OK);
    assert_false(hello.has_extensions);
    assert_int_equal(hello.ext.present, 0);
    assert_int_equal(hello.ext.raw.len, 0);
}

static hf_error read_chain(size_t n, hf_certificate *certificate, hf_fault *fault)
{
    static bytes body;

    body.len = 0;
    *fault = (hf_fault){ 0 };
    add_uint(&body, 0, 1);
    add_uint(&body, n * 8, 3);
    for (size_t i = 0; i < n; i++) {
        add_uint(&body, 3, 3);
        add_uint(&body, 0x300100 + i, 3);
        add_uint(&body, 0, 2);
    }
    hf_reader r = hf_rd_start(span_of(&body), "Certificate", 4, fault, NULL);
    hf_certificate_read(&r, &TLS13, certificate);
    return fault->code;
}

static void test_length_of_chain(void **state)
{
    static hf_certificate certificate;
    hf_fault fault;

    (void)state;
    for (size_t n = 0; n <= HF_CERTIFICATE_ENTRIES_MAX; n++) {
        assert_int_equal(read_chain(n, &certificate, &fault), HF_OK);
        assert_int_equal(certificate.n_entries, n);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(certificate.entries[i].cert_data.data[2], i);
    }
    assert_int_equal(read_chain(11, &certificate, &fault), HF_E_CERT_CHAIN_TOO_LONG);
    assert_int_equal(certificate.n_entries, HF_CERTIFICATE_ENTRIES_MAX);
    assert_int_equal(fault.offset, 4 + 4 + 80);
    assert_string_equal(fault.path, "Certificate.certificate_list.cert_data");
}

/* Each entry has its own duplicates and extensions. */
static void test_entries_have_extensions_of_their_own(void **state)
{
    static bytes body;
    static hf_certificate certificate;
    hf_fault fault = { 0 };

    (void)state;
    body.len = 0;
    add_hex(&body, "00 00002b 000001 30 0014 0005 0007 01000003aabbcc 0012 0005 0003 0001 11"
                   "000001 31 000b 0005 0007 01000003ddeeff");
    hf_reader r = hf_rd_start(span_of(&body), "Certificate", 4, &fault, NULL);
    hf_certificate_read(&r, &TLS13, &certificate);
    assert_int_equal(fault.code, HF_OK);
    assert_int_equal(certificate.n_entries, 2);
    assert_int_equal(certificate.entries[0].ext.present,
                     HF_EXT_BIT(status_request) | HF_EXT_BIT(signed_certificate_timestamp));
    assert_int_equal(certificate.entries[1].ext.present, HF_EXT_BIT(status_request));
    assert_int_equal(certificate.entries[1].ext.ocsp_response.data[0], 0xdd);
}

static void test_alert(void **state)
{
    static const struct {
        const char *hex;
        hf_error code;
    } rows[] = {
        { "0228", HF_OK },
        { "0700", HF_OK },
        { "", HF_E_ALERT_LENGTH },
        { "02", HF_E_ALERT_LENGTH },
        { "022800", HF_E_ALERT_LENGTH },
        { "01000228", HF_E_ALERT_LENGTH },
    };
    static bytes record;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        hf_alert_message alert;
        hf_fault fault = { 0 };
        record.len = 0;
        add_hex(&record, rows[i].hex);
        uint8_t *copy = tight(span_of(&record));
        hf_reader r = hf_rd_start(hf_span_of(copy, record.len), "Alert", 0, &fault, NULL);
        hf_alert_read(&r, &alert);
        free(copy);
        assert_int_equal(fault.code, rows[i].code);
        assert_int_equal(alert.level, rows[i].code == HF_OK ? record.data[0] : 0);
        assert_int_equal(alert.description, rows[i].code == HF_OK ? record.data[1] : 0);
    }
}

/* A builder without room fails once and for all, wherever it ends. */
static void test_no_room(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        hf_span message = message_of(&bodies[i]), back;
        hf_fault fault;
        for (size_t room = 0; room < message.len; room++) {
            uint8_t *out = malloc(room > 0 ? room : 1);
            hf_builder b = hf_wr_start(out, room);
            hf_message_open(&b, bodies[i].msg);
            read_write(bodies[i].msg, bodies[i].w, hf_span_of(message.data + 4, message.len - 4),
                       &b, &fault);
            hf_message_close(&b);
            assert_int_equal(hf_wr_finish(&b, &back), HF_E_LIMIT);
            free(out);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_byte_has_a_name),
        cmocka_unit_test(test_every_cut_is_a_fault),
        cmocka_unit_test(test_one_more_byte_is_a_fault),
        cmocka_unit_test(test_retry_is_told_by_its_random),
        cmocka_unit_test(test_hello_fields),
        cmocka_unit_test(test_hello_without_extensions),
        cmocka_unit_test(test_length_of_chain),
        cmocka_unit_test(test_entries_have_extensions_of_their_own),
        cmocka_unit_test(test_alert),
        cmocka_unit_test(test_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
