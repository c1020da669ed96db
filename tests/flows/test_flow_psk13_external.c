/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Keys shared beforehand in TLS 1.3 (RFC 9846 2.2, 4.3.11, RFC 9257): who holds which, what a server
 * tells strangers, and what a key does not stand for. Where a server finds it is test_flow_psk13_lookup.c,
 * what attackers try tests/hostile.
 */
#include "support/psk_scene.h"

enum { AES_128 = 0x1301, AES_256 = 0x1302, CHACHA = 0x1303 };

/* ---- who holds which ---- */

static void test_the_same_key(void **state)
{
    pair_options o = keys_alone();

    (void)state;
    add(HF_CLIENT, "device1", KEY);
    add(HF_SERVER, "device1", KEY);
    connects_with(&o, "device1");
    o.chunk = 1;
    connects_with(&o, "device1");
    o = keys_and_certificates(); /* it goes before certificates */
    connects_with(&o, "device1");
    o.client_auth = HF_CLIENT_AUTH_REQUEST, o.client_identity = true; /* nobody is asked either */
    connects_with(&o, "device1");
}

/* hf_conn_options.psk_identity, else the first. */
static void test_which_identity_is_offered(void **state)
{
    static const char *const names[] = { "one", "two", "three" };
    pair_options o = keys_alone();

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        add(HF_CLIENT, names[i], i == 1 ? OTHER_KEY : KEY);
        add(HF_SERVER, names[2 - i], i == 1 ? OTHER_KEY : KEY);
    }
    connects_with(&o, "one");
    for (size_t i = 0; i < 3; i++) {
        o.psk_identity = hf_span_str(names[i]);
        connects_with(&o, names[i]);
    }
}

/* RFC 9846 4.3.11: whoever names a key that he does not hold is refused, certificates or not. */
static void test_a_wrong_key(void **state)
{
    pair_options o = keys_alone();

    (void)state;
    add(HF_CLIENT, "device1", OTHER_KEY);
    add(HF_SERVER, "device1", KEY);
    refused(&o, HF_E_PSK_BINDER_WRONG, HF_ALERT_decrypt_error, NULL);
    o = keys_and_certificates();
    refused(&o, HF_E_PSK_BINDER_WRONG, HF_ALERT_decrypt_error, NULL);
}

/* RFC 9257 4.2, RFC 9846 4.3.11: without certificates a stranger does not learn which identities there are. */
static void test_an_unknown_identity_looks_like_a_wrong_key(void **state)
{
    pair_options o = keys_alone();
    size_t said[2];

    (void)state;
    add(HF_CLIENT, "device1", OTHER_KEY);
    add(HF_CLIENT, "device2", OTHER_KEY);
    add(HF_SERVER, "device1", KEY);
    refused(&o, HF_E_PSK_BINDER_WRONG, HF_ALERT_decrypt_error, &said[0]);
    o.psk_identity = hf_span_str("device2");
    refused(&o, HF_E_PSK_UNKNOWN, HF_ALERT_decrypt_error, &said[1]);
    assert_int_equal(said[0], said[1]);
}

/* … with certificates it is ignored: a full handshake. */
static void test_an_unknown_identity_and_certificates(void **state)
{
    pair_options o = keys_and_certificates();
    pair p;

    (void)state;
    add(HF_CLIENT, "device2", KEY);
    add(HF_SERVER, "device1", KEY);
    pair_start(&p, &o);
    pair_connect(&p);
    for (int role = 0; role < 2; role++)
        assert_false(info(&p, (hf_role)role)->psk_used);
    assert_int_equal(info(&p, HF_SERVER)->psk_identity.len, 0);
    assert_true(info(&p, HF_CLIENT)->peer_verified);
    pair_free(&p);
}

/* A client that has no CA to judge by accepts no certificate in place of the key. */
static void test_a_certificate_in_place_of_the_key(void **state)
{
    pair_options o = keys_and_certificates();
    pair p;

    (void)state;
    o.no_trust = true;
    add(HF_CLIENT, "device2", KEY);
    add(HF_SERVER, "device1", KEY);
    pair_start(&p, &o);
    pair_run(&p);
    const hf_failure *f = hf_conn_failure(p.end[HF_CLIENT].conn);
    assert_non_null(f);
    assert_int_equal(f->code, HF_E_PSK_DECLINED);
    assert_int_equal(f->alert, HF_ALERT_handshake_failure);
    assert_false(p.end[0].connected || p.end[1].connected);
    pair_free(&p);
}

/* RFC 9846 4.2.1: who has no key has no business with a server of keys alone. */
static void test_a_client_without_keys(void **state)
{
    pair_options o = keys_alone();

    (void)state;
    o.psks[HF_CLIENT] = NULL;
    o.no_trust = false;
    add(HF_SERVER, "device1", KEY);
    refused(&o, HF_E_PSK_REQUIRED, HF_ALERT_handshake_failure, NULL);
}

/* A name that the client has no key for is a mistake of the application's: no connection is made, whatever else would do. */
static void test_a_name_without_a_key(void **state)
{
    static const char *const strangers[] = { "device2", "device", "device11", "DEVICE1" };

    (void)state;
    add(HF_CLIENT, "device1", KEY);
    add(HF_SERVER, "device1", KEY);
    for (int trusts = 0; trusts < 2; trusts++)
        for (int has_keys = 0; has_keys < 2; has_keys++) {
            pair_options o = trusts ? keys_and_certificates() : keys_alone();
            pair p;
            if (!has_keys && !trusts)
                continue; /* there is no such config */
            if (!has_keys)
                o.psks[HF_CLIENT] = o.psks[HF_SERVER] = NULL;
            pair_start(&p, &o);
            hf_conn_options co = { .server_name = "localhost" };
            for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
                co.psk_identity = hf_span_str(strangers[i]);
                assert_null(hf_conn_new(p.config[HF_CLIENT], p.worker, &co));
            }
            co.psk_identity = hf_span_str("device1");
            hf_conn *known = hf_conn_new(p.config[HF_CLIENT], p.worker, &co);
            assert_int_equal(known != NULL, has_keys);
            hf_conn_free(known);
            pair_free(&p);
        }
}

/* RFC 9257 4.1: one set of keys for both roles would let an end talk to itself (Selfie). */
static void test_one_set_has_one_role(void **state)
{
    (void)state;
    add(HF_CLIENT, "device1", KEY);
    for (int first = 0; first < 2; first++) {
        hf_config *config[3];
        hf_psks *set = hf_psks_new();
        for (int i = 0; i < 3; i++)
            config[i] =
                hf_config_new((hf_role)(i == 1 ? !first : first), hf_policy_named("default"));
        assert_int_equal(hf_psks_add(set, hf_span_str("a"), hf_span_str(KEY)), HF_OK);
        assert_int_equal(hf_config_set_psks(config[0], set), HF_OK);
        assert_int_equal(hf_config_set_psks(config[1], set), HF_E_PSK_ROLE);
        assert_int_equal(hf_config_set_psks(config[2], set), HF_OK);
        for (int i = 0; i < 3; i++)
            hf_config_free(config[i]);
        hf_psks_free(set);
    }
}

/* ---- suites and retries ---- */

static hf_policy with_suites(uint16_t first, uint16_t second)
{
    hf_policy p = *hostile_policy();

    memset(p.suites, 0, sizeof p.suites);
    p.suites[0] = first;
    p.suites[1] = second;
    return p;
}

/* RFC 9846 4.3.11: keys shared beforehand are for SHA-256; a suite of SHA-384 that both like better gives way.
   (RFC 9846 2.2#1, 4.3.11#2) */
static void test_the_keys_hash_decides(void **state)
{
    hf_policy strong = with_suites(AES_256, AES_128), only = with_suites(AES_256, CHACHA);
    pair_options o = keys_alone();
    pair p;

    (void)state;
    add(HF_CLIENT, "device1", KEY);
    add(HF_SERVER, "device1", KEY);
    o.policy[0] = o.policy[1] = &strong;
    pair_start(&p, &o);
    pair_connect(&p);
    assert_int_equal(info(&p, HF_CLIENT)->cipher_suite, AES_128);
    pair_free(&p);
    o.policy[HF_SERVER] =
        &only; /* no suite of SHA-256 in common: such a key is as good as unknown */
    refused(&o, HF_E_PSK_UNKNOWN, HF_ALERT_decrypt_error, NULL);
    o = keys_and_certificates();
    o.policy[HF_CLIENT] = &strong;
    o.policy[HF_SERVER] = &only;
    pair_start(&p, &o);
    pair_connect(&p);
    assert_int_equal(info(&p, HF_CLIENT)->cipher_suite, AES_256);
    assert_false(info(&p, HF_SERVER)->psk_used);
    pair_free(&p);
}

/* … and a policy that has none at all does not go with keys. */
static void test_keys_need_a_suite(void **state)
{
    hf_policy strong = with_suites(AES_256, 0);

    (void)state;
    for (int role = 0; role < 2; role++) {
        hf_config *config = hf_config_new((hf_role)role, &strong);
        add((hf_role)role, "device1", KEY);
        assert_int_equal(hf_config_set_psks(config, psks[role]), HF_OK);
        assert_int_equal(hf_config_seal(config), HF_E_CONFIG_POLICY);
        hf_config_free(config);
    }
}

static void always_retry(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER)
        assert_int_equal(hf_config_set(config, HF_SET_ALWAYS_RETRY, true), HF_OK);
}

/* RFC 9846 4.3.11.2: the second binder covers what was said before the retry. */
static void test_retry(void **state)
{
    (void)state;
    add(HF_CLIENT, "device1", KEY);
    add(HF_SERVER, "device1", KEY);
    for (int way = 0; way < 4; way++) {
        hf_policy strong = with_suites(AES_256, AES_128);
        pair_options o = keys_alone();
        if (way & 1)
            o.configure = always_retry; /* a cookie */
        if (way != 1)
            o.policy[HF_SERVER] = hostile_retry_policy(); /* another group */
        if (way == 3)
            o.policy[HF_CLIENT] = &strong;
        pair p;
        pair_start(&p, &o);
        pair_connect(&p);
        assert_true(info(&p, HF_CLIENT)->retried && info(&p, HF_CLIENT)->psk_used);
        pair_send(&p, HF_CLIENT, "x", 1);
        pair_free(&p);
    }
}

static hostile_bytes said[3]; /* ClientHello, HelloRetryRequest, ClientHello */
static size_t n_said;

static void keep_message(void *user, const hf_trace_event *event)
{
    (void)user;
    if (event->kind == HF_TRACE_MESSAGE && n_said < 3 &&
        strcmp(event->name, "ChangeCipherSpec") != 0)
        hb_set(&said[n_said++], event->bytes);
}

/* RFC 9846 4.3.11.2, 4.1, calculated here once more: Transcript-Hash(message_hash || HelloRetryRequest || Truncate(ClientHello2)). */
static void test_what_the_second_binder_covers(void **state)
{
    static const hf_trace_sink sink = { keep_message, NULL };
    enum { LIST = 2, ENTRY = 1, HASH = 32 };
    uint8_t hash[HF_HASH_MAX], binder[HF_HASH_MAX];
    hostile_bytes all = { 0 };
    pair_options o = keys_alone();
    pair p;

    (void)state;
    add(HF_CLIENT, "device1", KEY);
    add(HF_SERVER, "device1", KEY);
    o.policy[HF_SERVER] = hostile_retry_policy();
    o.trace[HF_CLIENT] = &sink;
    n_said = 0;
    pair_start(&p, &o);
    pair_connect(&p);
    pair_free(&p);
    assert_int_equal(hf_hash_once(HF_SHA256, hb_span(&said[0]), hash), HF_OK);
    hb_set(&all, hf_span_of("\376\0\0\40", 4));
    hb_add(&all, hf_span_of(hash, HASH));
    hb_add(&all, hb_span(&said[1]));
    hb_add(&all, hf_span_of(said[2].data, said[2].len - HASH - ENTRY - LIST));
    assert_int_equal(hf_hash_once(HF_SHA256, hb_span(&all), hash), HF_OK);
    assert_int_equal(hf_psk_binder(HF_SHA256, hf_span_str(KEY), true, hash, binder), HF_OK);
    assert_memory_equal(said[2].data + said[2].len - HASH, binder, HASH);
    hb_free(&all);
    for (int i = 0; i < 3; i++)
        hb_free(&said[i]);
}

/* ---- a ticket and a key ---- */

/* The ticket goes first, and what a server can use first it takes. Neither of a key nor of a ticket is 0-RTT the other's. */
static void test_a_ticket_and_a_key(void **state)
{
    static kept session;
    hf_sessions *sessions = memory_of(true, 0), *others = memory_of(true, 0);
    pair_options o = usual_return(sessions);

    (void)state;
    add(HF_CLIENT, "device1", KEY);
    add(HF_SERVER, "device1", KEY);
    o.psks[HF_CLIENT] = psks[HF_CLIENT];
    seen s = first_visit(&o, &session); /* no key at the server yet */
    assert_int_equal(s.psks_offered, 1);
    o.psks[HF_SERVER] = psks[HF_SERVER];
    s = visit(&o, &session, NULL);
    assert_back(s);
    assert_int_equal(s.psks_offered, 2);
    o.sessions = others; /* whose tickets these are not */
    s = visit(&o, &session, &session);
    assert_true(s.connected && !s.resumed[HF_CLIENT] && !s.verified[HF_CLIENT]);
    assert_int_equal(s.psks_offered, 2);
    assert_int_equal(s.new_tickets, 0);
    assert_int_equal(session.len,
                     0); /* RFC 9846 4.7.1 allows one; it would be no better than the key */
    hf_sessions_free(sessions);
    hf_sessions_free(others);
}

/* RFC 9846 4.2.2: after a HelloRetryRequest, which settles the suite, a client leaves out what is of another hash. */
static void test_another_hash_is_left_out_after_a_retry(void **state)
{
    static kept session;
    hf_policy wide = with_suites(AES_256, AES_128);

    (void)state;
    add(HF_CLIENT, "device1", KEY);
    add(HF_SERVER, "device1", KEY);
    for (int known = 0; known < 2; known++) { /* the ticket, of SHA-384; else the key, of SHA-256 */
        hf_sessions *sessions = memory_of(true, 0), *others = memory_of(true, 0);
        pair_options o = usual_return(sessions);
        o.policy[HF_CLIENT] = o.policy[HF_SERVER] = &wide;
        first_visit(&o, &session);
        o.psks[HF_CLIENT] = psks[HF_CLIENT];
        o.psks[HF_SERVER] = psks[HF_SERVER];
        o.sessions = known ? sessions : others;
        o.configure = always_retry;
        seen s = visit(&o, &session, NULL);
        assert_true(s.connected && s.retried);
        assert_int_equal(s.psks_offered, 1);
        assert_int_equal(s.suite, known ? AES_256 : AES_128);
        assert_int_equal(s.resumed[HF_SERVER], known);
        hf_sessions_free(sessions);
        hf_sessions_free(others);
    }
}

/* RFC 9846 4.3.10: early data needs a ticket that allows it. */
static void test_no_early_data_with_a_key(void **state)
{
    pair_options o = keys_alone();
    pair p;

    (void)state;
    add(HF_CLIENT, "device1", KEY);
    add(HF_SERVER, "device1", KEY);
    o.early_data[HF_CLIENT] = o.early_data[HF_SERVER] = 1000;
    o.early = hf_span_str("too early");
    pair_start(&p, &o);
    pair_connect(&p);
    assert_int_equal(info(&p, HF_CLIENT)->early, HF_EARLY_NONE);
    assert_int_equal(info(&p, HF_CLIENT)->early_error, HF_E_EARLY_NO_SESSION);
    assert_int_equal(p.end[HF_SERVER].n_data, 0);
    pair_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PSK_TEST(test_the_same_key),
        PSK_TEST(test_which_identity_is_offered),
        PSK_TEST(test_a_wrong_key),
        PSK_TEST(test_an_unknown_identity_looks_like_a_wrong_key),
        PSK_TEST(test_an_unknown_identity_and_certificates),
        PSK_TEST(test_a_certificate_in_place_of_the_key),
        PSK_TEST(test_a_client_without_keys),
        PSK_TEST(test_a_name_without_a_key),
        PSK_TEST(test_one_set_has_one_role),
        PSK_TEST(test_the_keys_hash_decides),
        PSK_TEST(test_keys_need_a_suite),
        PSK_TEST(test_retry),
        PSK_TEST(test_what_the_second_binder_covers),
        PSK_TEST(test_a_ticket_and_a_key),
        PSK_TEST(test_another_hash_is_left_out_after_a_retry),
        PSK_TEST(test_no_early_data_with_a_key),
    };

    return cmocka_run_group_tests_name("flow_psk13_external", tests, NULL, NULL);
}
