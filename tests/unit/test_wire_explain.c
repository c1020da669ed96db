/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* hf_message_explain: the tree that a sink hears, and what it says of messages that are broken. */
#include "unit/wire_samples.h"

static events heard;

static hf_error explain(hf_msg msg, const hf_wire *w, const char *hex, hf_fault *fault)
{
    static bytes message;
    hf_field_sink sink = { hear, &heard };

    message.len = heard.n = 0;
    heard.depth = 0;
    add_hex(&message, hex);
    hf_error e = hf_message_explain(msg, w, span_of(&message), &sink, fault);
    if (e == HF_OK)
        assert_covered(&heard, 0, message.len);
    return e;
}

static const char *const kinds[] = { "uint", "bytes", "list16", "length", "begin", "end" };

typedef struct line {
    const char *kind, *name;
    int depth;
    size_t offset, len;
    uint64_t value;
} line;

static void assert_heard(const line *tree, size_t n)
{
    assert_int_equal(heard.n, n);
    for (size_t i = 0; i < n; i++) {
        const hf_field *f = &heard.at[i].field;
        assert_string_equal(kinds[f->kind], tree[i].kind);
        assert_string_equal(f->name, tree[i].name);
        assert_int_equal(heard.at[i].depth, tree[i].depth);
        assert_int_equal(f->offset, tree[i].offset);
        assert_int_equal(f->len, tree[i].len);
        assert_int_equal(f->value, tree[i].value);
    }
}

/* The whole tree of a small ServerHello, line by line. */
static void test_tree(void **state)
{
    static const line tree[] = {
        { "begin", "ServerHello", 0, 0, 57, 0 },
        { "uint", "msg_type", 1, 0, 1, 2 },
        { "uint", "length", 1, 1, 3, 53 },
        { "uint", "legacy_version", 1, 4, 2, 0x0303 },
        { "bytes", "random", 1, 6, 32, 0 },
        { "length", "legacy_session_id_echo", 1, 38, 1, 0 },
        { "bytes", "legacy_session_id_echo", 1, 39, 0, 0 },
        { "uint", "cipher_suite", 1, 39, 2, 0x1301 },
        { "uint", "legacy_compression_method", 1, 41, 1, 0 },
        { "length", "extensions", 1, 42, 2, 13 },
        { "begin", "extensions", 1, 44, 13, 0 },
        { "uint", "extension_type", 2, 44, 2, 43 },
        { "length", "supported_versions", 2, 46, 2, 2 },
        { "begin", "supported_versions", 2, 48, 2, 0 },
        { "uint", "selected_version", 3, 48, 2, 0x0304 },
        { "end", "supported_versions", 2, 50, 0, 0 },
        { "uint", "extension_type", 2, 50, 2, 0x0a0a },
        { "length", "GREASE", 2, 52, 2, 3 },
        { "begin", "GREASE", 2, 54, 3, 0 },
        { "bytes", "extension_data", 3, 54, 3, 0 },
        { "end", "GREASE", 2, 57, 0, 0 },
        { "end", "extensions", 1, 57, 0, 0 },
        { "end", "ServerHello", 0, 57, 0, 0 },
    };
    hf_fault fault;

    (void)state;
    assert_int_equal(
        explain(HF_MSG_ServerHello, &TLS13,
                "02000035 0303"
                "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff 00 1301 00"
                "000d 002b 0002 0304 0a0a 0003 616263",
                &fault),
        HF_OK);
    assert_heard(tree, COUNT(tree));
}

/* RFC 5246 7.4.4: what TLS 1.2 has instead of a block of extensions. */
static void test_tree_of_tls12(void **state)
{
    static const line tree[] = {
        { "begin", "CertificateRequest", 0, 0, 19, 0 },
        { "uint", "msg_type", 1, 0, 1, 13 },
        { "uint", "length", 1, 1, 3, 15 },
        { "length", "certificate_types", 1, 4, 1, 2 },
        { "bytes", "certificate_types", 1, 5, 2, 0 },
        { "length", "supported_signature_algorithms", 1, 7, 2, 2 },
        { "list16", "supported_signature_algorithms", 1, 9, 2, 0 },
        { "length", "certificate_authorities", 1, 11, 2, 6 },
        { "begin", "certificate_authorities", 1, 13, 6, 0 },
        { "length", "DistinguishedName", 2, 13, 2, 1 },
        { "bytes", "DistinguishedName", 2, 15, 1, 0 },
        { "length", "DistinguishedName", 2, 16, 2, 1 },
        { "bytes", "DistinguishedName", 2, 18, 1, 0 },
        { "end", "certificate_authorities", 1, 19, 0, 0 },
        { "end", "CertificateRequest", 0, 19, 0, 0 },
    };
    hf_fault fault;

    (void)state;
    assert_int_equal(explain(HF_MSG_CertificateRequest, &TLS12,
                             "0d00000f 02 0140 0002 0403 0006 0001 31 0001 32", &fault),
                     HF_OK);
    assert_heard(tree, COUNT(tree));
}

static void test_header(void **state)
{
    static const struct {
        hf_msg msg;
        const char *hex;
        hf_error code;
        const char *path;
        size_t at;
    } rows[] = {
        { HF_MSG_KeyUpdate, "18000001 01", HF_OK, "", 0 },
        { HF_MSG_EndOfEarlyData, "05000000", HF_OK, "", 0 },
        { HF_MSG_HelloRequest, "00000000", HF_OK, "", 0 },
        { HF_MSG_ServerHelloDone, "0e000000", HF_OK, "", 0 },
        { HF_MSG_KeyUpdate, "", HF_E_TRUNCATED, "KeyUpdate.msg_type", 0 },
        { HF_MSG_KeyUpdate, "180000", HF_E_TRUNCATED, "KeyUpdate.length", 1 },
        { HF_MSG_KeyUpdate, "18000001", HF_E_TRUNCATED, "KeyUpdate.length", 1 },
        { HF_MSG_KeyUpdate, "18000001 01 00", HF_E_TRAILING_BYTES, "KeyUpdate.length", 1 },
        { HF_MSG_KeyUpdate, "18000002 01 00", HF_E_TRAILING_BYTES, "KeyUpdate", 5 },
        { HF_MSG_KeyUpdate, "14000001 01", HF_E_UNEXPECTED_MESSAGE, "KeyUpdate.msg_type", 0 },
        { HF_MSG_EndOfEarlyData, "05000001 00", HF_E_TRAILING_BYTES, "EndOfEarlyData", 4 },
    };
    hf_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(explain(rows[i].msg, &TLS13, rows[i].hex, &fault), rows[i].code);
        assert_string_equal(fault.path, rows[i].path);
        assert_int_equal(fault.offset, rows[i].at);
    }
}

/* One field: unknown messages, and TLS 1.2's own where it was not, or not yet, negotiated. */
static void test_opaque_bodies(void **state)
{
    static const hf_wire unsettled = { .writer = HF_SERVER };
    static const struct {
        hf_msg msg;
        const hf_wire *w;
        const char *hex;
    } rows[] = {
        { HF_MSG_UNKNOWN, &TLS12, "fe000002 0102" },
        { HF_MSG_UNKNOWN, &TLS13, "fe000002 0102" },
        { HF_MSG_ServerKeyExchange, &TLS13, "0c000003 010203" },
        { HF_MSG_ServerKeyExchange, &unsettled, "0c000003 010203" },
        { HF_MSG_ClientKeyExchange, &TLS13, "10000000" },
        { HF_MSG_ClientKeyExchange, &unsettled, "10000000" },
        { HF_MSG_CertificateStatus, &TLS13, "16000001 01" },
        { HF_MSG_CertificateStatus, &unsettled, "16000001 01" },
    };
    hf_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(explain(rows[i].msg, rows[i].w, rows[i].hex, &fault), HF_OK);
        assert_string_equal(heard.at[3].field.name, "body");
        assert_int_equal(heard.n, 5);
    }
}

/* The version alone tells the two structures of these apart. */
static void test_forms_of_other_versions(void **state)
{
    static const struct {
        hf_msg msg;
        const char *tls12, *tls13;
    } rows[] = {
        { HF_MSG_Certificate, "0b000007 000004 000001 30", "0b00000a 00 000006 000001 30 0000" },
        { HF_MSG_CertificateRequest, "0d000008 01 40 0002 0403 0000", "0d000003 00 0000" },
        { HF_MSG_NewSessionTicket, "04000007 00001c20 0001 aa",
          "0400000e 00001c20 00000000 00 0001 aa 0000" },
    };
    hf_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(explain(rows[i].msg, &TLS12, rows[i].tls12, &fault), HF_OK);
        assert_int_equal(explain(rows[i].msg, &TLS13, rows[i].tls13, &fault), HF_OK);
        assert_int_not_equal(explain(rows[i].msg, &TLS12, rows[i].tls13, &fault), HF_OK);
        assert_int_not_equal(explain(rows[i].msg, &TLS13, rows[i].tls12, &fault), HF_OK);
    }
}

static void test_change_cipher_spec(void **state)
{
    hf_fault fault;

    (void)state;
    assert_int_equal(explain(HF_MSG_ChangeCipherSpec, &TLS13, "01", &fault), HF_OK);
    assert_string_equal(heard.at[1].field.name, "type");
    assert_int_equal(explain(HF_MSG_ChangeCipherSpec, &TLS13, "", &fault), HF_E_TRUNCATED);
    assert_int_equal(explain(HF_MSG_ChangeCipherSpec, &TLS13, "0101", &fault), HF_E_TRAILING_BYTES);
}

/* The fault of the explainer is the fault of the engine, and all fields before it were heard. */
static void test_fault_has_the_engine_s_place(void **state)
{
    hf_fault fault;

    (void)state;
    assert_int_equal(explain(HF_MSG_EncryptedExtensions, &TLS13,
                             "0800000c 000a 0010 0006 0004 03 683200", &fault),
                     HF_OK);
    assert_int_equal(explain(HF_MSG_EncryptedExtensions, &TLS13,
                             "0800000c 000a 0010 0006 0004 04 683200", &fault),
                     HF_E_TRUNCATED);
    assert_string_equal(fault.path,
                        "EncryptedExtensions.extensions."
                        "application_layer_protocol_negotiation.protocol_name_list.ProtocolName");
    assert_int_equal(fault.offset, 13);
    assert_string_equal(fault.rule, "3 bytes left, 4 needed");
    assert_string_equal(heard.at[heard.n - 1].field.name, "ProtocolName");
    assert_int_equal(heard.at[heard.n - 1].field.kind, HF_FIELD_LENGTH);
}

/* Nobody need listen. */
static void test_without_a_sink(void **state)
{
    static const uint8_t message[] = { 24, 0, 0, 1, 1 };
    hf_fault fault;

    (void)state;
    assert_int_equal(
        hf_message_explain(HF_MSG_KeyUpdate, &TLS13, hf_span_of(message, 5), NULL, &fault), HF_OK);
    assert_int_equal(
        hf_message_explain(HF_MSG_KeyUpdate, &TLS13, hf_span_of(message, 4), NULL, &fault),
        HF_E_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_tree_of_tls12),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_opaque_bodies),
        cmocka_unit_test(test_forms_of_other_versions),
        cmocka_unit_test(test_change_cipher_spec),
        cmocka_unit_test(test_fault_has_the_engine_s_place),
        cmocka_unit_test(test_without_a_sink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
