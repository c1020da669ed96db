/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Trees of messages: every byte has a leaf, every node a meaning, whole messages and broken ones alike; and what values say.
 */
#include "unit/tree_support.h"

static const hf_wire ECDHE_PSK = { .version = HF_TLS12, .kx = HF_KX_ECDHE_PSK };
static const hf_wire PSK = { .version = HF_TLS12, .kx = HF_KX_PSK };

/* ---- every message ---- */

typedef struct body {
    hf_msg msg;
    const hf_wire *w;
    const char *hex;
} body;

static const body bodies[] = {
    { HF_MSG_ClientHello, &TLS13, HELLO },
    { HF_MSG_ClientHello, &TLS12, "0301" RANDOM "20" RANDOM "0004 c02f 5600 02 00 01 0000" },
    { HF_MSG_ServerHello, &TLS13, "0303" RANDOM "20" RANDOM "1301 00 0006 002b 0002 0304" },
    { HF_MSG_HelloRetryRequest, &TLS13, "0303" RETRY "00 1301 00 0006 0033 0002 001d" },
    { HF_MSG_ServerHello, &TLS12, "0303" RANDOM "00 c02f 00" },
    { HF_MSG_EncryptedExtensions, &TLS13, "0000" },
    { HF_MSG_CertificateRequest, &TLS13, "03 010203 0008 000d 0004 0002 0403" },
    { HF_MSG_CertificateRequest, &TLS12, "02 0140 0002 0403 0006 0001 31 0001 32" },
    { HF_MSG_Certificate, &TLS13, "00 000000" },
    { HF_MSG_Certificate, &TLS13,
      "00 00001a 000001 30 0014 0005 0007 01000003aabbcc 0012 0005 0003 0001 11" },
    { HF_MSG_Certificate, &TLS12, "000009 000001 30 000002 3000" },
    { HF_MSG_CertificateVerify, &TLS13, "0403 0003 aabbcc" },
    { HF_MSG_Finished, &TLS12, "000102030405060708090a0b" },
    { HF_MSG_Finished, &TLS13, RANDOM },
    { HF_MSG_NewSessionTicket, &TLS13,
      "00015180 01020304 08 0000000000000001 0003 aabbcc 0008 002a 0004 00004000" },
    { HF_MSG_NewSessionTicket, &TLS12, "00001c20 0003 aabbcc" },
    { HF_MSG_KeyUpdate, &TLS13, "01" },
    { HF_MSG_EndOfEarlyData, &TLS13, "" },
    { HF_MSG_HelloRequest, &TLS12, "" },
    { HF_MSG_ServerHelloDone, &TLS12, "" },
    { HF_MSG_ServerKeyExchange, &TLS12, "03 0017 01 04 0804 0001 00" },
    { HF_MSG_ServerKeyExchange, &ECDHE_PSK, "0003 616263 03 0017 01 04" },
    { HF_MSG_ServerKeyExchange, &PSK, "0002 6869" },
    { HF_MSG_ServerKeyExchange, &TLS13, "010203" },
    { HF_MSG_ClientKeyExchange, &TLS12, "01 04" },
    { HF_MSG_ClientKeyExchange, &TLS12_RSA, "0004 01020304" },
    { HF_MSG_ClientKeyExchange, &ECDHE_PSK, "0001 61 01 04" },
    { HF_MSG_ClientKeyExchange, &PSK, "0004 61626364" },
    { HF_MSG_CertificateStatus, &TLS12, "01 000005 30030a0106" },
    { HF_MSG_UNKNOWN, &TLS13, "010203" },
};

static void test_every_message(void **state)
{
    bool seen[HF_MSG_COUNT] = { false };

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        hf_tree tree =
            tree_of(bodies[i].msg, bodies[i].w, message_of(bodies[i].msg, bodies[i].hex));
        assert_whole_tree(&tree);
        assert_string_equal(tree.nodes[0].name, hf_msg_name(bodies[i].msg));
        seen[bodies[i].msg] = true;
        hf_tree_free(&tree);
    }
    for (int msg = HF_MSG_NONE + 1; msg < HF_MSG_COUNT; msg++)
        assert_true(seen[msg] || msg == HF_MSG_ChangeCipherSpec);
}

/* Each extension in each message that it may stand in. */
static void test_every_extension(void **state)
{
    static const struct {
        unsigned message;
        hf_msg msg;
        const char *before;
    } places[] = {
        { IN_CH, HF_MSG_ClientHello, HELLO },
        { IN_SH, HF_MSG_ServerHello, "0303" RANDOM "00 1301 00" },
        { IN_HRR, HF_MSG_HelloRetryRequest, "0303" RETRY "00 1301 00" },
        { IN_EE, HF_MSG_EncryptedExtensions, "" },
        { IN_CR, HF_MSG_CertificateRequest, "00" },
        { IN_NST, HF_MSG_NewSessionTicket, "00015180 01020304 00 0001 aa" },
        { IN_SH12, HF_MSG_ServerHello, "0303" RANDOM "00 c02f 00" },
    };

    (void)state;
    for (size_t p = 0; p < COUNT(places); p++)
        for (size_t i = 0; i < COUNT(samples); i++) {
            static bytes block;
            char hex[4096];
            if (!(samples[i].messages & places[p].message))
                continue;
            block.len = 0;
            if (places[p].message == IN_SH && samples[i].ext != HF_EXT_supported_versions)
                add_hex(&block, "002b 0002 0304"); /* what makes it one of TLS 1.3 */
            add_sample(&block, &samples[i]);
            int n = snprintf(hex, sizeof hex, "%s%04zx", places[p].before, block.len);
            for (size_t k = 0; k < block.len; k++)
                n += snprintf(hex + n, sizeof hex - (size_t)n, "%02x", block.data[k]);
            hf_tree tree = tree_of(places[p].msg, &TLS13, message_of(places[p].msg, hex));
            assert_whole_tree(&tree);
            hf_tree_free(&tree);
        }
}

static const hf_meaning *row_of(const char *path)
{
    const hf_meaning *row;

    for (size_t i = 0; (row = hf_meaning_row(i)); i++)
        if (strcmp(row->path, path) == 0)
            return row;
    return NULL;
}

/* Also those that are skipped: each has a row, and stands in the tree under its own name. */
static void test_every_extension_of_the_registry(void **state)
{
    uint64_t type;
    const char *name;

    (void)state;
    for (size_t i = 0; (name = hf_name_row(HF_NAMES_EXTENSIONS, i, &type)); i++) {
        if (!row_of(name))
            fail_msg("no row of fields.def for the extension %s", name);
        if (hf_extension_row((uint16_t)type) != HF_EXT_COUNT)
            continue;
        hf_tree tree = hello_with((uint16_t)type, "ff");
        assert_whole_tree(&tree);
        assert_true(hf_tree_find(&tree, 0, name) < tree.n);
        hf_tree_free(&tree);
    }
}

/* Rows are sentences, once each, with a title and a source. */
static void test_rows(void **state)
{
    const hf_meaning *row;

    (void)state;
    for (size_t i = 0; (row = hf_meaning_row(i)); i++) {
        size_t n = strlen(row->meaning);
        assert_true(n > 3 && row->meaning[n - 1] == '.');
        assert_true(strlen(row->title) > 0 && strlen(row->path) > 0);
        assert_true(strcmp(row->source, "-") == 0 || strncmp(row->source, "RFC ", 4) == 0);
        assert_ptr_equal(row_of(row->path), row);
    }
}

/* ---- broken ones ---- */

static void test_extended_hello(void **state)
{
    hf_tree tree = tree_of(HF_MSG_ClientHello, &TLS13, extended_hello());

    (void)state;
    assert_whole_tree(&tree);
    hf_tree_free(&tree);
}

/* Cut at every byte, with the header's length as it was, and with one that fits: the rest is there, as "unread". */
static void test_cut_at_every_byte(void **state)
{
    hf_span whole = extended_hello();
    uint8_t *copy = tight(whole);

    (void)state;
    for (size_t cut = 0; cut < whole.len; cut++)
        for (int fits = 0; fits < 2; fits++) {
            memcpy(copy, whole.data, whole.len);
            if (fits && cut >= HF_HANDSHAKE_HEADER)
                copy[3] = (uint8_t)(cut - HF_HANDSHAKE_HEADER), copy[2] = 0;
            uint8_t *part = tight(hf_span_of(copy, cut));
            hf_tree tree = tree_of(HF_MSG_ClientHello, &TLS13, hf_span_of(part, cut));
            assert_tree(&tree);
            assert_true(tree.fault.code != HF_OK || (fits && cut == HF_HANDSHAKE_HEADER + 43));
            assert_true(tree.fault.offset <= cut);
            hf_tree_free(&tree);
            free(part);
        }
    free(copy);
}

/* Every byte turned over, in every message. */
static void test_flips(void **state)
{
    (void)state;
    for (size_t i = 0; i <= COUNT(bodies); i++) {
        const body *row = i < COUNT(bodies) ? &bodies[i] : NULL;
        hf_msg msg = row ? row->msg : HF_MSG_ClientHello;
        hf_span whole = row ? message_of(msg, row->hex) : extended_hello();
        uint8_t *copy = tight(whole);
        for (size_t at = 0; at < whole.len; at++) {
            copy[at] ^= 0xff;
            hf_tree tree = tree_of(msg, row ? row->w : &TLS13, hf_span_of(copy, whole.len));
            assert_tree(&tree);
            hf_tree_free(&tree);
            copy[at] ^= 0xff;
        }
        free(copy);
    }
}

/* The rest of a group is the group's own, what follows it is not. */
static void test_unread(void **state)
{
    hf_tree tree = hello_with(16, "0004 04 683200");
    size_t unread = hf_tree_find(&tree, 0, "protocol_name_list.unread");

    (void)state;
    assert_tree(&tree);
    assert_int_equal(tree.fault.code, HF_E_TRUNCATED);
    assert_true(unread < tree.n && tree.nodes[unread].fault);
    assert_int_equal(tree.unnamed, 3);
    assert_string_equal(value_of(&tree, "unread"), "3 bytes not read: 683200");
    hf_tree_free(&tree);
    tree = hello_with(10, "0007 001d 0017 0018");
    size_t fault = hf_tree_find(&tree, 0, "named_group_list length");
    assert_tree(&tree);
    assert_true(hf_tree_find(&tree, 0, "supported_groups.unread") < tree.n);
    assert_string_equal(value_of(&tree, "unread"), "6 bytes not read: 001d00170018");
    assert_true(fault < tree.n && !tree.nodes[fault].fault);
    hf_tree_free(&tree);
}

/* More names than there are nodes: nothing is lost. */
static void test_more_than_there_is_room_for(void **state)
{
    static bytes message;
    enum { NAMES = 20000 };

    (void)state;
    message.len = 0;
    add_hex(&message, "01000000 " HELLO);
    add_uint(&message, 2 * NAMES + 6, 2);
    add_uint(&message, 16, 2);
    add_uint(&message, 2 * NAMES + 2, 2);
    add_uint(&message, 2 * NAMES, 2);
    for (size_t i = 0; i < NAMES; i++)
        add_hex(&message, "0161");
    message.data[2] = (uint8_t)((message.len - 4) >> 8);
    message.data[3] = (uint8_t)(message.len - 4);
    hf_tree tree = tree_of(HF_MSG_ClientHello, &TLS13, span_of(&message));
    assert_true(tree.n <= HF_TREE_NODES_MAX);
    assert_int_equal(tree.fault.code, HF_OK);
    assert_true(tree.unnamed > 0);
    assert_leaves_cover(&tree);
    assert_nested(&tree);
    hf_tree_free(&tree);
}

/* ---- other trees ---- */

/* A Certificate of so many small ones; in TLS 1.3 each with a signed timestamp. */
static hf_span many_certificates(const hf_wire *w, size_t n)
{
    static const char entry12[] = "000002 3000 ",
                      entry13[] = "000002 3000 0009 0012 0005 0003 0001 11 ";
    const char *entry = w->version == HF_TLS12 ? entry12 : entry13;
    size_t size = w->version == HF_TLS12 ? 5 : 16;
    char text[1024];
    int at = snprintf(text, sizeof text, "%s%06zx ", w->version == HF_TLS12 ? "" : "00 ", n * size);

    for (size_t i = 0; i < n; i++)
        at += snprintf(text + at, sizeof text - (size_t)at, "%s", entry);
    assert_true((size_t)at < sizeof text);
    return message_of(HF_MSG_Certificate, text);
}

static size_t certificates_of(const hf_tree *tree)
{
    size_t n = 0;

    for (size_t i = 0; i < tree->n; i++)
        n +=
            strcmp(tree->nodes[i].name, "cert_data") == 0 && tree->nodes[i].kind != HF_FIELD_LENGTH;
    return n;
}

/* The engine's reader takes ten. In a capture there may be more: the first too many is marked, and all of them have names. */
static void test_more_certificates_than_the_engine_takes(void **state)
{
    static const hf_wire *const versions[] = { &TLS12, &TLS13 };

    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++)
        for (size_t n = 9; n <= 12; n++) {
            hf_tree tree =
                tree_of(HF_MSG_Certificate, versions[v], many_certificates(versions[v], n));
            bool long_chain = n > HF_CERTIFICATE_ENTRIES_MAX;
            assert_int_equal(tree.fault.code, long_chain ? HF_E_CERT_CHAIN_TOO_LONG : HF_OK);
            assert_int_equal(tree.unnamed, 0);
            assert_tree(&tree);
            assert_int_equal(certificates_of(&tree), n);
            assert_int_equal(hf_tree_find(&tree, 0, "unread"), tree.n);
            for (size_t i = 0, k = 0; i < tree.n; i++) {
                bool length = strcmp(tree.nodes[i].name, "cert_data") == 0 &&
                              tree.nodes[i].kind == HF_FIELD_LENGTH;
                k += length;
                assert_int_equal(tree.nodes[i].fault,
                                 length && k == HF_CERTIFICATE_ENTRIES_MAX + 1);
            }
            hf_tree_free(&tree);
        }
}

/* Where one of them makes no sense, the rest is unread as ever. */
static void test_further_certificates_that_make_no_sense(void **state)
{
    hf_span message = many_certificates(&TLS13, 12);
    uint8_t *last = (uint8_t *)message.data + message.len - 16;
    hf_tree tree;

    (void)state;
    last[2] = 14; /* one byte more than there is */
    tree = tree_of(HF_MSG_Certificate, &TLS13, message);
    assert_tree(&tree);
    assert_int_equal(tree.fault.code, HF_E_CERT_CHAIN_TOO_LONG);
    assert_int_equal(certificates_of(&tree), 11);
    assert_int_equal(tree.unnamed, 13);
    hf_tree_free(&tree);
    last[2] = 2;
    last[14] = 2; /* in a timestamp's list */
    tree = tree_of(HF_MSG_Certificate, &TLS13, message);
    assert_tree(&tree);
    assert_int_equal(certificates_of(&tree), 12);
    assert_true(tree.unnamed > 0);
    hf_tree_free(&tree);
}

static void test_change_cipher_spec(void **state)
{
    static const uint8_t ccs[] = { 1, 1 };

    (void)state;
    for (size_t n = 0; n <= 2; n++) {
        hf_tree tree = tree_of(HF_MSG_ChangeCipherSpec, &TLS13, hf_span_of(ccs, n));
        assert_tree(&tree);
        assert_int_equal(tree.fault.code == HF_OK, n == 1);
        hf_tree_free(&tree);
    }
}

static void test_alerts(void **state)
{
    static const uint8_t alert[] = { 2, 40, 0 };
    hf_tree tree;

    (void)state;
    for (size_t n = 0; n <= 3; n++) {
        assert_int_equal(hf_tree_of_alert(&tree, hf_span_of(alert, n)), HF_OK);
        assert_tree(&tree);
        assert_int_equal(tree.fault.code == HF_OK, n == 2);
        if (n == 2) {
            assert_string_equal(value_of(&tree, "Alert.level"), "fatal");
            assert_string_equal(value_of(&tree, "Alert.description"), "handshake_failure");
        }
        hf_tree_free(&tree);
    }
}

static void test_records(void **state)
{
    static const struct {
        bool sealed;
        uint16_t version, suite;
        const char *hex, *leaves;
    } rows[] = {
        { false, 0, 0, "16 0301 0002 0102", "type legacy_record_version length fragment " },
        { true, HF_TLS13, 0x1301, "17 0303 0011 00112233445566778899aabbccddeeff00",
          "opaque_type legacy_record_version length encrypted_record tag " },
        { true, HF_TLS12, 0xc02f,
          "16 0303 0019 0011223344556677 00 112233445566778899aabbccddeeff00",
          "type legacy_record_version length nonce_explicit encrypted_record tag " },
        { true, HF_TLS12, 0xcca8, "16 0303 0011 00112233445566778899aabbccddeeff00",
          "type legacy_record_version length encrypted_record tag " },
        { true, HF_TLS12, 0xc0a8, "16 0303 0011 00112233445566778899aabbccddeeff00",
          "type legacy_record_version length nonce_explicit encrypted_record tag " },
        { true, 0x0301, 0x002f, "16 0301 0002 0102",
          "type legacy_record_version length encrypted_record " },
        { true, HF_TLS13, 0x1301, "17 0303 0002 0102",
          "opaque_type legacy_record_version length encrypted_record " },
    };
    static bytes record;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char leaves[256] = "";
        hf_tree tree;
        record.len = 0;
        add_hex(&record, rows[i].hex);
        assert_int_equal(hf_tree_of_record(&tree, span_of(&record), rows[i].sealed, rows[i].version,
                                           rows[i].suite),
                         HF_OK);
        assert_whole_tree(&tree);
        for (size_t k = 1; k < tree.n; k++)
            snprintf(leaves + strlen(leaves), sizeof leaves - strlen(leaves), "%s ",
                     tree.nodes[k].name);
        assert_string_equal(leaves, rows[i].leaves);
        hf_tree_free(&tree);
    }
    for (size_t cut = 0; cut < record.len; cut++) {
        hf_tree tree;
        assert_int_equal(
            hf_tree_of_record(&tree, hf_span_of(record.data, cut), true, HF_TLS13, 0x1301), HF_OK);
        assert_tree(&tree);
        assert_int_equal(tree.fault.code, HF_E_TRUNCATED);
        hf_tree_free(&tree);
    }
}

/* ---- paths, items ---- */

static void test_paths(void **state)
{
    hf_tree tree = tree_of(HF_MSG_ClientHello, &TLS13, extended_hello());
    size_t group = hf_tree_find(&tree, 0, "key_share.client_shares.group"), next;
    char path[HF_PATH_ROOM];
    uint64_t value;

    (void)state;
    assert_true(group < tree.n);
    assert_string_equal(hf_node_path(&tree, group, path),
                        "ClientHello.extensions.key_share.client_shares.group");
    assert_int_equal(tree.nodes[group].value, 0x001d);
    next = hf_tree_find(&tree, group + 1, "group");
    assert_true(next < tree.n);
    assert_int_equal(tree.nodes[next].value, 0x0a0a);
    assert_int_equal(hf_tree_find(&tree, next + 1, "group"), tree.n);
    assert_int_equal(hf_tree_find(&tree, 0, "hare.client_shares.group"), tree.n);
    size_t suites = hf_tree_find(&tree, 0, "cipher_suites");
    assert_int_equal(tree.nodes[suites].kind, HF_FIELD_LIST16);
    assert_int_equal(hf_tree_find(&tree, 0, "cipher_suites length"), suites - 1);
    assert_true(hf_node_item(&tree, suites, 1, &value) && value == 0x0a0a);
    assert_false(hf_node_item(&tree, suites, 2, &value));
    size_t modes = hf_tree_find(&tree, 0, "ke_modes");
    assert_true(hf_node_item(&tree, modes, 0, &value) && value == 1);
    assert_false(hf_node_item(&tree, hf_tree_find(&tree, 0, "random"), 0, &value));
    hf_tree_free(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_message),
        cmocka_unit_test(test_every_extension),
        cmocka_unit_test(test_every_extension_of_the_registry),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_extended_hello),
        cmocka_unit_test(test_cut_at_every_byte),
        cmocka_unit_test(test_flips),
        cmocka_unit_test(test_unread),
        cmocka_unit_test(test_more_than_there_is_room_for),
        cmocka_unit_test(test_more_certificates_than_the_engine_takes),
        cmocka_unit_test(test_further_certificates_that_make_no_sense),
        cmocka_unit_test(test_change_cipher_spec),
        cmocka_unit_test(test_alerts),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
