/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What RFC 9846 demands of the hellos that our servers write, in every shape of a handshake; of answers, which are to what was
 * asked for alone; and of all messages, that they read back.
 */
#include "rfc9846_witness.h"

/* ---- ServerHello and HelloRetryRequest ---- */

/* RFC 9846 4.2.3#1 #8, 4.3.1#9 #12, E.5#6 */
static void look_at_server(void)
{
    hf_server_hello s = server_hello("ServerHello");

    assert_int_equal(s.legacy_version, 0x0303);
    assert_int_equal(s.legacy_compression_method, 0);
    assert_int_equal(HAS(&s, supported_versions), witness_is13()); /* RFC 9846 4.3.1#10 #11 */
    if (witness_is13())
        assert_int_equal(s.ext.selected_version, 0x0304);
}

static void test_server_fields(void **state)
{
    (void)state;
    witness_all(look_at_server);
}

/* RFC 9846 4.2.3#10 #11: in TLS 1.3 it holds the version, a share and the choice of a PSK, nothing else. */
static void look_at_server_extensions(void)
{
    hf_server_hello s = server_hello("ServerHello");
    hf_span raw = s.ext.raw, data;
    uint16_t type;

    if (!witness_is13())
        return;
    assert_true(find_extension(raw, SUPPORTED_VERSIONS, &data));
    while (next_extension(&raw, &type, &data))
        assert_true(type == SUPPORTED_VERSIONS || type == KEY_SHARE || type == PRE_SHARED_KEY);
}

static void test_server_extensions(void **state)
{
    (void)state;
    witness_all(look_at_server_extensions);
}

static bool has_share(const hf_client_hello *h, uint16_t group)
{
    return share_of(h, group).len > 0;
}

/* RFC 9846 2#1, 4.3.8#11 #12, 4.3.9#7: a share of a group that the client sent one for, and lists. */
static void look_at_server_share(void)
{
    hf_server_hello s = server_hello("ServerHello");

    if (!witness_is13())
        return;
    hf_client_hello h = client_hello(count_hellos() - 1);
    assert_true(HAS(&s, key_share));
    assert_true(has_share(&h, s.ext.key_share.group));
    assert_true(hf_list16_has(h.ext.supported_groups, s.ext.key_share.group));
}

static void test_server_share(void **state)
{
    (void)state;
    witness_all(look_at_server_share);
}

/* RFC 9846 4.2.4#1 #2 #8 #10, 4.2.1#3: what it says of version and suite stays, and nothing but a cookie comes unasked. */
static void look_at_retry_request(void)
{
    uint16_t type;
    hf_span data, asked;

    if (!said("HelloRetryRequest", 0)) {
        assert_int_equal(count_hellos(), 1);
        return;
    }
    hf_server_hello retry = server_hello("HelloRetryRequest"), s = server_hello("ServerHello");
    hf_client_hello first = client_hello(0);
    hf_span raw = retry.ext.raw;
    assert_int_equal(retry.ext.selected_version, HF_TLS13);
    assert_int_equal(s.ext.selected_version, HF_TLS13);
    assert_int_equal(retry.cipher_suite, s.cipher_suite);
    while (next_extension(&raw, &type, &data))
        assert_true(type == COOKIE || find_extension(first.ext.raw, type, &asked));
    if (HAS(&retry, key_share)) /* it asks for what was not there */
        assert_false(has_share(&first, retry.ext.selected_group));
}

static void test_retry_request(void **state)
{
    (void)state;
    witness_all(look_at_retry_request);
}

/* RFC 9846 4.2.3#3 #13 #14: the mark stands there if TLS 1.2 was negotiated by who speaks 1.3, and only then. */
static void look_at_random(void)
{
    static uint8_t before[HF_RANDOM];
    hf_server_hello s = server_hello("ServerHello");
    bool could = seen.p.config[HF_SERVER]->policy.max_version == HF_TLS13 && !witness_is13();

    assert_int_equal(memcmp(s.random + 24, "DOWNGRD\1", 8) == 0, could);
    assert_int_not_equal(memcmp(s.random + 24, "DOWNGRD\0", 8), 0);
    assert_memory_not_equal(s.random, before, 24); /* RFC 9846 4.2.3#4 */
    memcpy(before, s.random, HF_RANDOM);
}

static void test_server_random(void **state)
{
    (void)state;
    witness_all(look_at_random);
}

/* RFC 9846 4.2.3#5: to the same ClientHello, another random each time. */
static bool same_bytes(void *user, uint8_t *out, size_t len)
{
    (void)user;
    memset(out, 7, len);
    return true;
}

/* RFC 9846 4.3.8#7 */
static void test_server_random_is_its_own(void **state)
{
    static const scene plain = { .name = "the same ClientHello" };
    uint8_t random[2][HF_RANDOM];
    hf_policy policy[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        pair_options o = witness_options(&plain, policy);
        o.hooks[HF_CLIENT].random = same_bytes;
        witness_start(plain.name, &o);
        pair_connect(&seen.p);
        hf_client_hello h = client_hello(0);
        for (size_t at = 0; at < HF_RANDOM; at++)
            assert_int_equal(h.random[at], 7);
        hf_server_hello s = server_hello("ServerHello");
        memcpy(random[i], s.random, HF_RANDOM);
        assert_memory_not_equal(s.random, h.random, 8);
        pair_free(&seen.p);
    }
    witness_forget();
    assert_memory_not_equal(random[0], random[1], 8);
}

/* ---- answers ---- */

/* RFC 9846 4.3#3, 4.3.6#2, 4.3.9#5: EncryptedExtensions and Certificate answer what was asked. */
static void assert_asked(hf_span answers, hf_span questions)
{
    hf_span data, asked;
    uint16_t type;

    while (next_extension(&answers, &type, &data)) {
        assert_true(find_extension(questions, type, &asked));
        assert_true(type != PSK_MODES && type != 49);
    }
}

static void look_at_answers(void)
{
    const written *ee = said("EncryptedExtensions", 0);

    if (!ee)
        return;
    hf_client_hello h = client_hello(count_hellos() - 1);
    hf_span body = body_of(ee);
    assert_asked(hf_span_of(body.data + 2, body.len - 2), h.ext.raw);
}

static void test_only_what_was_asked(void **state)
{
    (void)state;
    witness_all(look_at_answers);
}

/* RFC 9846 B#1: messages of TLS 1.3, and no reserved one. */
static bool is_message13(uint8_t type)
{
    static const uint8_t types[] = { 1, 2, 4, 5, 8, 11, 13, 15, 20, 24 };

    return memchr(types, type, sizeof types) != NULL;
}

/* RFC 9846 4.3#1, 4.3#7: what we write reads back without a rest, and no type stands there twice. Readers refuse both, and
   what they read they write the same again. */
static void look_at_structures(void)
{
    for (size_t i = 0; i < seen.n; i++) {
        const written *w = &seen.all[i];
        const hf_wire wire = { .version = HF_TLS13, .writer = w->writer, .kx = HF_KX_TLS13 };
        hf_fault fault = { 0 };
        if (w->kind != HF_TRACE_MESSAGE || w->type != HF_CT_HANDSHAKE || !witness_is13())
            continue;
        hf_msg msg = hf_msg_of_type(w->bytes.data[0]);
        assert_true(is_message13(w->bytes.data[0]));
        if (hf_message_explain(msg, &wire, hb_span(&w->bytes), NULL, &fault) != HF_OK)
            fail_msg("%s: %s: %s", seen.scene, w->name, fault.rule);
    }
}

static void test_structures(void **state)
{
    (void)state;
    witness_all(look_at_structures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_fields),       cmocka_unit_test(test_server_extensions),
        cmocka_unit_test(test_server_share),        cmocka_unit_test(test_retry_request),
        cmocka_unit_test(test_server_random),       cmocka_unit_test(test_server_random_is_its_own),
        cmocka_unit_test(test_only_what_was_asked), cmocka_unit_test(test_structures),
    };

    return cmocka_run_group_tests_name("flow_rfc9846_server_hello", tests, NULL, NULL);
}
