/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Trees of what the engine really says: every message and record of every shape of handshake, of both versions; and the
 * messages of RFC 8448. Nothing is without a name, and every value of a registry has its name.
 */
#include "unit/tree_support.h"

#include "support/flow12.h"
#include "support/flow13.h"
#include "support/staple_scene.h"

static bool heard[HF_MSG_COUNT];
static size_t n_records;

/* Nothing that the engine writes is unknown to the registries. */
static void assert_names(const hf_tree *tree)
{
    char path[HF_PATH_ROOM], value[HF_VALUE_ROOM];

    for (size_t i = 0; i < tree->n; i++)
        if (strstr(hf_node_value(tree, i, value), "unknown (0x"))
            fail_msg("%s: %s", hf_node_path(tree, i, path), value);
}

static hf_msg kind_of(hf_span message)
{
    hf_msg msg = hf_msg_of_type(message.data[0]);
    bool retry =
        msg == HF_MSG_ServerHello && hf_is_retry(hf_span_of(message.data + HF_HANDSHAKE_HEADER,
                                                            message.len - HF_HANDSHAKE_HEADER));

    return retry ? HF_MSG_HelloRetryRequest : msg;
}

static void hear_message(const hf_trace_event *e)
{
    bool ccs = e->content_type == HF_CT_CHANGE_CIPHER_SPEC;
    hf_msg msg = ccs ? HF_MSG_ChangeCipherSpec : kind_of(e->bytes);
    const hf_suite *suite = hf_suite_of(e->cipher_suite);
    hf_wire w = { .version = e->version,
                  .writer = e->writer,
                  .kx = suite ? suite->kx : HF_KX_TLS13 };
    hf_tree tree;

    assert_int_equal(hf_tree_of_message(&tree, msg, &w, e->bytes), HF_OK);
    assert_whole_tree(&tree);
    assert_names(&tree);
    heard[msg] = true;
    hf_tree_free(&tree);
}

static void hear_record(const hf_trace_event *e)
{
    hf_tree tree;

    assert_int_equal(hf_tree_of_record(&tree, e->bytes, e->epoch > 1, e->version, e->cipher_suite),
                     HF_OK);
    assert_whole_tree(&tree);
    assert_names(&tree);
    assert_true(hf_tree_find(&tree, 0, "tag") < tree.n || e->epoch == 1 || e->version == 0);
    n_records++;
    hf_tree_free(&tree);
    if (e->content_type != HF_CT_ALERT)
        return;
    assert_int_equal(hf_tree_of_alert(&tree, e->content), HF_OK);
    assert_whole_tree(&tree);
    assert_names(&tree);
    hf_tree_free(&tree);
}

static void listen(void *user, const hf_trace_event *e)
{
    (void)user;
    if (e->kind == HF_TRACE_MESSAGE && e->content_type != HF_CT_ALERT)
        hear_message(e);
    if (e->kind == HF_TRACE_RECORD)
        hear_record(e);
}

/* Bytes of a certificate that are no DER, or another DER, stay covered. */
static void flip(const hf_trace_event *e)
{
    hf_wire w = { .version = e->version, .writer = e->writer };
    uint8_t *copy = tight(e->bytes);

    for (size_t at = 0; at < e->bytes.len; at++) {
        unsigned bits = at % 2 == 0 ? 0xff : 0x01;
        hf_tree tree;
        copy[at] = (uint8_t)(copy[at] ^ bits);
        assert_int_equal(hf_tree_of_message(&tree, hf_msg_of_type(e->bytes.data[0]), &w,
                                            hf_span_of(copy, e->bytes.len)),
                         HF_OK);
        assert_tree(&tree);
        hf_tree_free(&tree);
        copy[at] = (uint8_t)(copy[at] ^ bits);
    }
    free(copy);
}

static void flip_certificate(void *user, const hf_trace_event *e)
{
    (void)user;
    if (e->kind == HF_TRACE_MESSAGE && e->writer == HF_SERVER &&
        strcmp(e->name, hf_msg_name(HF_MSG_Certificate)) == 0)
        flip(e);
}

static const hf_trace_sink flipper = { flip_certificate, NULL };
static const hf_trace_sink sink = { listen, NULL };

static void run(pair_options options)
{
    pair p;

    options.trace[HF_CLIENT] = options.trace[HF_SERVER] = &sink;
    pair_start(&p, &options);
    pair_connect(&p);
    pair_send(&p, HF_CLIENT, "ping", 4);
    pair_send(&p, HF_SERVER, "pong", 4);
    pair_free(&p);
}

/* Full, resumed, 0-RTT taken and refused, with a key shared beforehand, with HelloRetryRequest. */
static void test_shapes_of_tls13(void **state)
{
    const flow13 *flow;

    (void)state;
    for (size_t i = 0; (flow = flow13_row(i)); i++) {
        flow13_setup s;
        flow13_prepare(&s, flow);
        run(s.options);
        flow13_release(&s);
    }
}

static void test_shapes_of_tls12(void **state)
{
    const flow12 *flow;

    (void)state;
    for (size_t i = 0; (flow = flow12_row(i)); i++) {
        flow12_setup s;
        flow12_prepare(&s, flow);
        run(s.options);
        flow12_release(&s);
    }
}

/* Mutual, with an OCSP response, an application protocol and every key type that a PKI can have. */
static void test_certificates(void **state)
{
    static const hf_key_type keys[] = { HF_KEY_RSA, HF_KEY_RSA_PSS, HF_KEY_P256, HF_KEY_P384,
                                        HF_KEY_ED25519 };

    (void)state;
    for (size_t v = 0; v < COUNT(versions); v++) {
        scene s = { .version = versions[v], .staple = says(HF_STATUS_GOOD) };
        pair_options o = *options_of(&s);
        o.client_auth = HF_CLIENT_AUTH_REQUIRE;
        o.client_identity = true;
        o.alpn[HF_CLIENT][0] = o.alpn[HF_SERVER][0] = "h2";
        run(o);
        for (size_t k = 0; k < COUNT(keys); k++) {
            hf_policy policy = policy_of_version("default", versions[v]);
            run((pair_options){ .pki = shared_pki(keys[k]), .policy = { &policy, &policy } });
        }
    }
}

static void test_flipped_certificates(void **state)
{
    scene s = { .version = HF_TLS13, .staple = says(HF_STATUS_GOOD) };
    pair_options o = *options_of(&s);
    pair p;

    (void)state;
    o.trace[HF_SERVER] = &flipper;
    pair_start(&p, &o);
    pair_connect(&p);
    pair_free(&p);
}

/* What the test PKI's leaf and its staple say. */
static void read_certificate(void *user, const hf_trace_event *e)
{
    static const char *const rows[][2] = {
        { "Version", "v3" },
        { "issuer", "CN=Test Intermediate" },
        { "subject", "CN=localhost" },
        { "subjectPublicKeyInfo.algorithm", "id-ecPublicKey, secp256r1" },
        { "basicConstraints", "no CA" },
        { "keyUsage.critical", "TRUE" },
        { "keyUsage", "digitalSignature" },
        { "KeyPurposeId", "serverAuth" },
        { "GeneralNames.dNSName", "localhost" },
        { "GeneralNames.iPAddress", "127.0.0.1" },
        { "subjectAltName", "localhost, 127.0.0.1, ::1, example.test, *.wild.test" },
        { "signatureAlgorithm", "ecdsa-with-SHA256" },
        { "responseStatus", "successful" },
        { "certID.hashAlgorithm", "id-sha1" },
        { "SingleResponse.good", "good" },
    };
    hf_wire w = { .version = e->version, .writer = e->writer };
    size_t *n = user;
    hf_tree tree;

    if (e->kind != HF_TRACE_MESSAGE || e->writer != HF_SERVER ||
        strcmp(e->name, hf_msg_name(HF_MSG_Certificate)) != 0)
        return;
    assert_int_equal(hf_tree_of_message(&tree, HF_MSG_Certificate, &w, e->bytes), HF_OK);
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(value_of(&tree, rows[i][0]), rows[i][1]);
    assert_memory_equal(value_of(&tree, "cert_data"), "CN=localhost, issued by CN=Test", 31);
    assert_memory_equal(value_of(&tree, "OCSPResponse"), "good, as of 20", 14);
    assert_true(hf_node_in_der(&tree, hf_tree_find(&tree, 0, "issuer")));
    assert_false(hf_node_in_der(&tree, hf_tree_find(&tree, 0, "cert_data")));
    hf_tree_free(&tree);
    ++*n;
}

/* RFC 7633 4.1 */
static void test_must_staple(void **state)
{
    static bytes message;
    hf_span der = test_cert_der(&must_staple);
    hf_tree tree;

    (void)state;
    message.len = 0;
    add_uint(&message, hf_msg_type(HF_MSG_Certificate), 1);
    add_uint(&message, der.len + 6, 3);
    add_uint(&message, der.len + 3, 3);
    add_uint(&message, der.len, 3);
    add_bytes(&message, der);
    assert_int_equal(hf_tree_of_message(&tree, HF_MSG_Certificate, &TLS12, span_of(&message)),
                     HF_OK);
    assert_whole_tree(&tree);
    assert_string_equal(value_of(&tree, "tlsFeature"), "status_request");
    hf_tree_free(&tree);
}

static void test_words_of_a_certificate(void **state)
{
    size_t read = 0;
    hf_trace_sink reader = { read_certificate, &read };
    scene s = { .version = HF_TLS13, .staple = says(HF_STATUS_GOOD) };
    pair_options o = *options_of(&s);
    pair p;

    (void)state;
    o.trace[HF_CLIENT] = &reader;
    pair_start(&p, &o);
    pair_connect(&p);
    pair_free(&p);
    assert_int_equal(read, 1);
}

static void test_all_were_heard(void **state)
{
    (void)state;
    for (int msg = HF_MSG_NONE + 1; msg < HF_MSG_UNKNOWN; msg++)
        if (!heard[msg] && msg != HF_MSG_HelloRequest && msg != HF_MSG_KeyUpdate)
            fail_msg("no %s was heard", hf_msg_name((hf_msg)msg));
    assert_true(n_records > 100);
}

static void one_of_rfc8448(const char *trace, hf_msg msg, const hf_wire *w, hf_span message)
{
    hf_tree tree;

    (void)trace;
    assert_int_equal(hf_tree_of_message(&tree, msg, w, message), HF_OK);
    assert_whole_tree(&tree);
    assert_names(&tree);
    hf_tree_free(&tree);
}

static void test_rfc8448(void **state)
{
    (void)state;
    each_of_rfc8448(one_of_rfc8448);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes_of_tls13),
        cmocka_unit_test(test_shapes_of_tls12),
        cmocka_unit_test_setup_teardown(test_certificates, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_flipped_certificates, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_must_staple, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_words_of_a_certificate, set_up, tear_down),
        cmocka_unit_test(test_all_were_heard),
        cmocka_unit_test(test_rfc8448),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
