/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The handshake messages of RFC 8448's five traces: each is read and written back byte for byte,
 * each byte has a name, and each cut and each extra byte is a fault at the right place.
 */
#include "unit/wire_support.h"

static size_t counts[HF_MSG_COUNT];

static void round_trip(const char *trace, hf_msg msg, const hf_wire *w, hf_span message)
{
    (void)trace;
    counts[msg]++;
    if (msg == HF_MSG_EndOfEarlyData)
        assert_int_equal(message.len, HF_HANDSHAKE_HEADER);
    else
        assert_round_trip(msg, w, message);
}

static void test_round_trip(void **state)
{
    (void)state;
    memset(counts, 0, sizeof counts);
    each_of_rfc8448(round_trip);
    assert_int_equal(counts[HF_MSG_ClientHello], 6);
    assert_int_equal(counts[HF_MSG_HelloRetryRequest], 1);
    assert_int_equal(counts[HF_MSG_ServerHello], 5);
    assert_int_equal(counts[HF_MSG_EncryptedExtensions], 5);
    assert_int_equal(counts[HF_MSG_CertificateRequest], 1);
    assert_int_equal(counts[HF_MSG_Certificate], 5);
    assert_int_equal(counts[HF_MSG_CertificateVerify], 5);
    assert_int_equal(counts[HF_MSG_EndOfEarlyData], 1);
    assert_int_equal(counts[HF_MSG_Finished], 10);
    assert_true(counts[HF_MSG_NewSessionTicket] >= 1);
}

static void coverage(const char *trace, hf_msg msg, const hf_wire *w, hf_span message)
{
    static events heard;
    hf_field_sink sink = { hear, &heard };
    hf_fault fault;

    (void)trace;
    heard.n = 0;
    heard.depth = 0;
    assert_int_equal(hf_message_explain(msg, w, message, &sink, &fault), HF_OK);
    assert_covered(&heard, 0, message.len);
    assert_string_equal(heard.at[0].field.name, hf_msg_name(msg));
}

static void test_every_byte_has_a_name(void **state)
{
    (void)state;
    each_of_rfc8448(coverage);
}

/* The cuts of a body that leave a legal message: the hellos of TLS 1.2 may lack their extensions,
   and verify_data may be shorter as far as the wire can know. */
static bool legal_cut(hf_msg msg, const events *heard, size_t cut)
{
    const hf_field *field = field_cut(heard, 1, cut);

    if (msg == HF_MSG_ClientHello || msg == HF_MSG_ServerHello)
        return strcmp(field->name, "extensions") == 0 && field->kind == HF_FIELD_LENGTH &&
               field->offset == cut;
    return msg == HF_MSG_Finished && cut >= HF_HANDSHAKE_HEADER + 32;
}

static void cuts(const char *trace, hf_msg msg, const hf_wire *w, hf_span message)
{
    static events heard;
    hf_field_sink sink = { hear, &heard };
    hf_fault fault;
    char path[HF_FAULT_PATH_MAX];

    (void)trace;
    heard.n = 0;
    heard.depth = 0;
    assert_int_equal(hf_message_explain(msg, w, message, &sink, &fault), HF_OK);
    for (size_t cut = HF_HANDSHAKE_HEADER; cut < message.len; cut++) {
        hf_span body = hf_span_of(message.data + HF_HANDSHAKE_HEADER, cut - HF_HANDSHAKE_HEADER);
        hf_error e = read_tight(msg, w, body, &fault);
        if (legal_cut(msg, &heard, cut)) {
            assert_int_equal(e, HF_OK);
            continue;
        }
        const hf_field *field = field_cut(&heard, 1, cut);
        snprintf(path, sizeof path, "%s.%s", hf_msg_name(msg), field->name);
        assert_int_equal(e, msg == HF_MSG_Finished ? HF_E_LENGTH_OUT_OF_RANGE : HF_E_TRUNCATED);
        assert_string_equal(fault.path, path);
        assert_int_equal(fault.offset, field->offset);
        assert_true(fault.rule[0] != '\0');
    }
}

static void test_every_cut_is_a_fault(void **state)
{
    (void)state;
    each_of_rfc8448(cuts);
}

static void one_more(const char *trace, hf_msg msg, const hf_wire *w, hf_span message)
{
    static bytes longer;
    hf_fault fault;

    (void)trace;
    longer.len = 0;
    add_bytes(&longer, message);
    add_uint(&longer, 0, 1);
    hf_error e = read_tight(msg, w, hf_span_of(longer.data + 4, longer.len - 4), &fault);
    if (msg == HF_MSG_Finished) { /* the exact length is the suite's */
        assert_int_equal(e, HF_OK);
        return;
    }
    assert_int_equal(e, HF_E_TRAILING_BYTES);
    assert_string_equal(fault.path, hf_msg_name(msg));
    assert_int_equal(fault.offset, message.len);
    assert_string_equal(fault.rule, "1 byte left over");
}

static void test_one_more_byte_is_a_fault(void **state)
{
    (void)state;
    each_of_rfc8448(one_more);
}

/* Any single byte changed to any of a few values: never a crash, and what is read can be written. */
static void changes(const char *trace, hf_msg msg, const hf_wire *w, hf_span message)
{
    static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
    static uint8_t out[BYTES_MAX];
    uint8_t *body = tight(hf_span_of(message.data + 4, message.len - 4));
    hf_fault fault;

    (void)trace;
    for (size_t i = 0; i < message.len - 4; i++) {
        uint8_t was = body[i];
        for (size_t v = 0; v < COUNT(values); v++) {
            hf_builder b = hf_wr_start(out, sizeof out);
            body[i] = values[v];
            if (read_write(msg, w, hf_span_of(body, message.len - 4), &b, &fault) == HF_OK)
                assert_int_equal(b.error, HF_OK);
            else
                assert_true(fault.offset >= 4 && fault.offset <= message.len && fault.path[0] &&
                            fault.rule[0]);
        }
        body[i] = was;
    }
    free(body);
}

static void test_changed_bytes_do_no_harm(void **state)
{
    (void)state;
    each_of_rfc8448(changes);
}

static hf_span values_binder_prefix;
static void binder_place(const char *trace, hf_msg msg, const hf_wire *w, hf_span message)
{
    hf_fault fault = { 0 };
    hf_client_hello hello;
    hf_psk_identity psk;
    hf_span binder;

    if (msg != HF_MSG_ClientHello || strcmp(trace, "resumed-0rtt") != 0)
        return;
    hf_reader r =
        hf_rd_start(hf_span_of(message.data + 4, message.len - 4), "ClientHello", 4, &fault, NULL);
    hf_client_hello_read(&r, w, &hello);
    assert_int_equal(fault.code, HF_OK);
    assert_int_equal(hello.ext.psk_binders_offset, values_binder_prefix.len);
    assert_memory_equal(message.data, values_binder_prefix.data, values_binder_prefix.len);
    assert_true(hf_psk_identity_next(&hello.ext.psk_identities, &psk));
    assert_int_equal(psk.identity.len, 178);
    assert_int_equal(psk.obfuscated_ticket_age, 0xfad6aacb);
    assert_false(hf_psk_identity_next(&hello.ext.psk_identities, &psk));
    assert_true(hf_name_next(&hello.ext.psk_binders, &binder));
    assert_int_equal(binder.len, 32);
    assert_false(hf_name_next(&hello.ext.psk_binders, &binder));
}

/* RFC 9846 4.3.11.2: the binder covers ClientHello up to the binders list. */
static void test_binders_offset(void **state)
{
    static bytes prefix;
    json_t *file = load_rfc8448();
    json_t *values = json_object_get(json_array_get(json_object_get(file, "traces"), 1), "values");

    (void)state;
    prefix.len = 0;
    add_hex(&prefix, json_string_value(json_object_get(values, "ClientHello_without_binders")));
    json_decref(file);
    values_binder_prefix = span_of(&prefix);
    each_of_rfc8448(binder_place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_byte_has_a_name),
        cmocka_unit_test(test_every_cut_is_a_fault),
        cmocka_unit_test(test_one_more_byte_is_a_fault),
        cmocka_unit_test(test_changed_bytes_do_no_harm),
        cmocka_unit_test(test_binders_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
