/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the nodes of a tree say, and what is opened that the engine takes as bytes. */
#include "unit/tree_support.h"

static const hf_wire PSK = { .version = HF_TLS12, .kx = HF_KX_PSK };

static void test_values_of_a_hello(void **state)
{
    static const char *const rows[][2] = {
        { "ClientHello.msg_type", "client_hello" },
        { "ClientHello.legacy_version", "TLS 1.2" },
        { "ClientHello.legacy_session_id", "empty" },
        { "ClientHello.cipher_suites length", "4 bytes: 2 entries" },
        { "ClientHello.cipher_suites", "TLS_AES_128_GCM_SHA256, GREASE (0x0a0a)" },
        { "ClientHello.legacy_compression_methods", "null" },
        { "server_name.server_name_list.host_name", "example.com" },
        { "protocol_name_list.ProtocolName", "h2" },
        { "application_layer_protocol_negotiation", "h2, http/1.1" },
        { "versions", "GREASE (0x7a7a), TLS 1.3, TLS 1.2" },
        { "client_shares.key_exchange", "aabb" },
        { "signature_algorithms", "ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256" },
        { "application_settings.supported_protocols.ProtocolName", "h2" },
        { "compress_certificate.algorithms", "brotli" },
        { "GREASE", "empty" },
    };
    hf_tree tree = tree_of(HF_MSG_ClientHello, &TLS13, extended_hello());

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(value_of(&tree, rows[i][0]), rows[i][1]);
    hf_tree_free(&tree);
}

/* Extensions that are skipped, and opened all the same; what does not fit stays bytes. */
static void test_foreign_extensions(void **state)
{
    static const struct {
        uint16_t type;
        const char *hex, *path, *value; /* NULL: closed */
    } rows[] = {
        { 27, "04 0002 0001", "compress_certificate.algorithms", "brotli, zlib" },
        { 27, "03 0002 00", NULL, NULL },
        { 34, "0004 0403 0503", "delegated_credential.supported_signature_algorithms",
          "ecdsa_secp256r1_sha256, ecdsa_secp384r1_sha384" },
        { 17613, "0003 02 6832", "supported_protocols.ProtocolName", "h2" },
        { 17513, "0003 02 6832", "application_settings_old.supported_protocols", "h2" },
        { 17513, "7b7d", NULL, NULL },
        { 58, "02 01", "ticket_request.resumption_count", "1" },
        { 58, "02", "ticket_request.expected_count", "2" },
        { 65037, "01", "encrypted_client_hello.ECHClientHelloType", "inner" },
        { 65037, "00 0001 0001 2a 0002 aabb 0003 010203", "encrypted_client_hello.kdf_id",
          "HKDF-SHA256" },
        { 65037, "00 0001 0001 2a 0002 aabb 0003 010203", "encrypted_client_hello.aead_id",
          "AES-128-GCM" },
        { 65037, "00 0001", NULL, NULL },
        { 19, "02 00 02", "client_certificate_type.certificate_types", "X509, RawPublicKey" },
        { 20, "02", "server_certificate_type.certificate_type", "RawPublicKey" },
        { 15, "01", "heartbeat.HeartbeatMode", "peer_allowed_to_send" },
        { 14, "0002 0001 00", "use_srtp.srtp_mki", "empty" },
        { 24, "0100 01 02", "token_binding.token_binding_version", "256" },
        { 57, "01 02 6710 4fff 00", "quic_transport_parameters.transport_parameter_value", "6710" },
        { 57, "01 04 6710", NULL, NULL },
        { 57, "c1", NULL, NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        hf_tree tree = hello_with(rows[i].type, rows[i].hex);
        assert_whole_tree(&tree);
        assert_int_equal(hf_tree_find(&tree, 0, "extension_data") < tree.n, !rows[i].path);
        if (rows[i].path)
            assert_string_equal(value_of(&tree, rows[i].path), rows[i].value);
        hf_tree_free(&tree);
    }
}

/* RFC 6962 3.2: one that is whole, and one of another version. */
static void test_signed_timestamps(void **state)
{
#define SCT_ID   RANDOM
#define SCT_REST "0000019a00000000 0000 0403 0002 aabb"
    hf_tree tree =
        tree_of(HF_MSG_Certificate, &TLS13,
                message_of(HF_MSG_Certificate,
                           "00 00003f 000001 30 0039 0012 0035 0033 0031 00" SCT_ID SCT_REST));

    (void)state;
    assert_whole_tree(&tree);
    assert_string_equal(value_of(&tree, "SerializedSCT.sct_version"), "v1");
    assert_string_equal(value_of(&tree, "SerializedSCT.timestamp"), "2025-10-20T05:03:11Z");
    assert_string_equal(value_of(&tree, "SerializedSCT.algorithm"), "ecdsa_secp256r1_sha256");
    hf_tree_free(&tree);
    tree = tree_of(
        HF_MSG_Certificate, &TLS13,
        message_of(HF_MSG_Certificate, "00 000010 000001 30 000a 0012 0006 0004 0002 01ff"));
    assert_whole_tree(&tree);
    assert_int_equal(hf_tree_find(&tree, 0, "sct_version"), tree.n);
    hf_tree_free(&tree);
}

/* Forms that the engine does not read, as whoever follows a capture asks for them: version 0. */
static void test_foreign_bodies(void **state)
{
    static const hf_wire unknown = { .version = 0 };
    static const struct {
        hf_msg msg;
        const char *hex, *leaves;
    } rows[] = {
        { HF_MSG_ServerKeyExchange, "0002 0d17 0001 02 0002 aabb 0401 0003 010203",
          "dh_p dh_g dh_Ys algorithm signature " },
        { HF_MSG_ServerKeyExchange, "0002 0d17 0001 02 0002 aabb 0003 010203",
          "dh_p dh_g dh_Ys signature " },
        { HF_MSG_ServerKeyExchange, "0002 0d17 0001 02 0002 aabb", "dh_p dh_g dh_Ys " },
        { HF_MSG_ServerKeyExchange, "03 0017 01 04 0003 010203",
          "curve_type named_curve point signature " },
        { HF_MSG_ServerKeyExchange, "03 0017 01 04 0401 0003 010203",
          "curve_type named_curve point algorithm signature " },
        { HF_MSG_ServerKeyExchange, "03 0017 01 04", "curve_type named_curve point " },
        { HF_MSG_ServerKeyExchange, "ff", "body " },
        { HF_MSG_ClientKeyExchange, "0002 aabb", "exchange_keys " },
        { HF_MSG_ClientKeyExchange, "02 aabb", "ecdh_Yc " },
        { HF_MSG_ClientKeyExchange, "02 aa", "body " },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char leaves[256] = "";
        hf_tree tree = tree_of(rows[i].msg, &unknown, message_of(rows[i].msg, rows[i].hex));
        assert_whole_tree(&tree);
        for (size_t k = 3; k < tree.n; k++)
            if (tree.nodes[k].kind != HF_FIELD_LENGTH)
                snprintf(leaves + strlen(leaves), sizeof leaves - strlen(leaves), "%s ",
                         tree.nodes[k].name);
        assert_string_equal(leaves, rows[i].leaves);
        hf_tree_free(&tree);
    }
}

/* RFC 8879 4, and every other message of the registry. */
static void test_foreign_messages(void **state)
{
    static const uint8_t compressed[] = { 25, 0, 0, 9, 0, 2, 0, 16, 0, 0, 0, 1, 0xaa };
    hf_tree tree = tree_of(HF_MSG_UNKNOWN, &TLS13, hf_span_of(compressed, sizeof compressed));
    uint64_t type;

    (void)state;
    assert_whole_tree(&tree);
    assert_string_equal(tree.nodes[0].name, "compressed_certificate");
    assert_string_equal(value_of(&tree, "CertificateCompressionAlgorithm"), "brotli");
    assert_string_equal(value_of(&tree, "uncompressed_length"), "4096 bytes");
    hf_tree_free(&tree);
    for (size_t i = 0; hf_name_row(HF_NAMES_MESSAGES, i, &type); i++) {
        uint8_t message[] = { (uint8_t)type, 0, 0, 1, 0xff };
        if (hf_msg_of_type((uint8_t)type) != HF_MSG_UNKNOWN)
            continue;
        tree = tree_of(HF_MSG_UNKNOWN, &TLS13, hf_span_of(message, sizeof message));
        assert_whole_tree(&tree);
        hf_tree_free(&tree);
    }
}

/* RFC 9846 4.2.3: what stands in a random that is none. */
static void test_what_randoms_hide(void **state)
{
    static const struct {
        hf_msg msg;
        const char *random, *says;
    } rows[] = {
        { HF_MSG_HelloRetryRequest, RETRY, "HelloRetryRequest" },
        { HF_MSG_ServerHello, "00112233445566778899aabbccddeeff0011223344556677444f574e47524401",
          "\"DOWNGRD\" and 01" },
        { HF_MSG_ServerHello, "00112233445566778899aabbccddeeff0011223344556677444f574e47524400",
          "\"DOWNGRD\" and 00" },
        { HF_MSG_ServerHello, "00112233445566778899aabbccddeeff0011223344556677444f574e47524402",
          NULL },
        { HF_MSG_ServerHello, RANDOM, NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char hex[256];
        snprintf(hex, sizeof hex, "0303%s00 1301 00 0006 002b 0002 0304", rows[i].random);
        hf_tree tree = tree_of(rows[i].msg, &TLS13, message_of(rows[i].msg, hex));
        const char *value = value_of(&tree, "random");
        assert_memory_equal(value, rows[i].random, 64);
        assert_true(rows[i].says ? strstr(value, rows[i].says) != NULL : value[64] == '\0');
        hf_tree_free(&tree);
    }
}

/* A peer's text harms no terminal; what is long is cut at the end of a character. */
static void test_text_of_peers(void **state)
{
    static const char *const rows[][2] = {
        { "61 0a 1b 62", "a\\x0a\\x1bb" },
        { "c3a9", "\xc3\xa9" },
        { "c3", "\\xc3" },
        { "e280ae 61", "\\xe2\\x80\\xaea" },
        { "0a0a", "\\x0a\\x0a" },
        { "c080", "\\xc0\\x80" },
        { "f09f9880", "\xf0\x9f\x98\x80" },
        { "eda080", "\\xed\\xa0\\x80" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char hex[128];
        static bytes name;
        name.len = 0;
        add_hex(&name, rows[i][0]);
        snprintf(hex, sizeof hex, "%04zx 00 %04zx %s", name.len + 3, name.len, rows[i][0]);
        hf_tree tree = hello_with(0, hex);
        assert_string_equal(value_of(&tree, "host_name"), rows[i][1]);
        hf_tree_free(&tree);
    }
    char hex[2048] = "0260 00 025d 61";
    for (size_t i = 0; i < 302; i++)
        snprintf(hex + strlen(hex), sizeof hex - strlen(hex), "c3a9");
    hf_tree tree = hello_with(0, hex);
    const char *value = value_of(&tree, "host_name");
    size_t n = strlen(value);
    assert_true(n < HF_VALUE_ROOM && n > HF_VALUE_ROOM - 8);
    assert_string_equal(value + n - 5, "\xc3\xa9…");
    hf_tree_free(&tree);
}

static void test_long_lists_are_counted(void **state)
{
    char hex[2048] = "0303" RANDOM "00 00c8 ";
    (void)state;
    for (int i = 0; i < 100; i++)
        snprintf(hex + strlen(hex), sizeof hex - strlen(hex), "c02b");
    snprintf(hex + strlen(hex), sizeof hex - strlen(hex), "01 00");
    hf_tree tree = tree_of(HF_MSG_ClientHello, &TLS12, message_of(HF_MSG_ClientHello, hex));
    const char *value = value_of(&tree, "cipher_suites");
    unsigned shown = 0, others = 0;
    for (const char *p = value; (p = strstr(p, "TLS_ECDHE")); p++)
        shown++;
    assert_int_equal(sscanf(strstr(value, ", and "), ", and %u more", &others), 1);
    assert_int_equal(shown + others, 100);
    hf_tree_free(&tree);
}

static void test_units(void **state)
{
    static const struct {
        hf_msg msg;
        const hf_wire *w;
        const char *hex, *path, *value;
    } rows[] = {
        { HF_MSG_NewSessionTicket, &TLS13, "00015180 01020304 00 0001 aa 0000", "ticket_lifetime",
          "86400 seconds (1 day)" },
        { HF_MSG_NewSessionTicket, &TLS12, "00000000 0000", "ticket_lifetime_hint", "0: not said" },
        { HF_MSG_NewSessionTicket, &TLS12, "00001c20 0000", "ticket_lifetime_hint",
          "7200 seconds (2 hours)" },
        { HF_MSG_KeyUpdate, &TLS13, "01", "request_update", "update_requested" },
        { HF_MSG_KeyUpdate, &TLS13, "07", "request_update", "unknown (0x07)" },
        { HF_MSG_KeyUpdate, &TLS13, "00", "KeyUpdate.length", "1 byte" },
        { HF_MSG_ServerKeyExchange, &TLS12, "03 0017 01 04 0301 0001 00", "algorithm",
          "rsa_pkcs1_sha224" },
        { HF_MSG_ServerKeyExchange, &PSK, "0002 6869", "psk_identity_hint", "hi" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        hf_tree tree = tree_of(rows[i].msg, rows[i].w, message_of(rows[i].msg, rows[i].hex));
        assert_string_equal(value_of(&tree, rows[i].path), rows[i].value);
        hf_tree_free(&tree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_of_a_hello),
        cmocka_unit_test(test_foreign_extensions),
        cmocka_unit_test(test_signed_timestamps),
        cmocka_unit_test(test_foreign_bodies),
        cmocka_unit_test(test_foreign_messages),
        cmocka_unit_test(test_what_randoms_hide),
        cmocka_unit_test(test_text_of_peers),
        cmocka_unit_test(test_long_lists_are_counted),
        cmocka_unit_test(test_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
