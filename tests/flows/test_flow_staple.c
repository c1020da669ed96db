/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Stapling in whole handshakes, in both versions (RFC 9846 4.5.1.1, RFC 6066 8): what a server sends and when it
 * does not, what a client makes of it under each policy, and must-staple (RFC 7633).
 */
#include "support/staple_scene.h"

/* ---- soft ---- */

static void test_none(void **state)
{
    scene s = { 0 };

    (void)state;
    EACH(s)
    expect_good(s, false, HF_KNOWN_NOTHING);
}

static void test_good(void **state)
{
    scene s = { .staple = says(HF_STATUS_GOOD) };

    (void)state;
    EACH(s)
    expect_good(s, true, HF_KNOWN_GOOD);
}

/* RFC 6960 2.2: unknown to the responder is no answer. */
static void test_unknown(void **state)
{
    scene s = { .staple = says(HF_STATUS_UNKNOWN) };

    (void)state;
    EACH(s)
    expect_good(s, true, HF_KNOWN_NOTHING);
}

static void test_revoked(void **state)
{
    scene s = { .staple = says(HF_STATUS_REVOKED) };

    (void)state;
    EACH(s)
    expect_refused(s, HF_E_CERT_REVOKED, HF_ALERT_certificate_revoked);
}

/* It was fresh when the server got it, and is not sent when it no longer is; to the second. */
static void test_stale_is_not_sent(void **state)
{
    scene s = { .set_at = TEST_NOW - HOUR };

    (void)state;
    EACH(s)
    {
        s.staple = answer(pki->leaf, HF_STATUS_GOOD, TEST_NOW - 2 * HOUR, TEST_NOW);
        expect_good(s, false, HF_KNOWN_NOTHING);
        s.staple = answer(pki->leaf, HF_STATUS_GOOD, TEST_NOW - 2 * HOUR, TEST_NOW + 1);
        expect_good(s, true, HF_KNOWN_GOOD);
    }
}

/* RFC 5246 7.4.2: without ServerKeyExchange, CertificateRequest or ServerHelloDone comes next. */
static void test_static_rsa_and_client_certificates(void **state)
{
    const test_pki *before = pki;

    (void)state;
    pki = shared_pki(HF_KEY_RSA);
    for (int auth = HF_CLIENT_AUTH_NONE; auth <= HF_CLIENT_AUTH_REQUIRE; auth++)
        for (int good = 0; good < 2; good++) {
            scene s = { .version = HF_TLS12,
                        .policy = "classroom",
                        .staple = good ? says(HF_STATUS_GOOD) : hf_span_of(NULL, 0),
                        .options.client_auth = auth,
                        .options.client_identity = auth != HF_CLIENT_AUTH_NONE };
            options_of(&s);
            expect_good(s, good, good ? HF_KNOWN_GOOD : HF_KNOWN_NOTHING);
            s.version = HF_TLS13;
            s.policy = NULL;
            expect_good(s, good, good ? HF_KNOWN_GOOD : HF_KNOWN_NOTHING);
        }
    pki = before;
}

/* ---- must-staple and hard ---- */

/* RFC 7633 4.2.3 */
static void test_must_staple(void **state)
{
    scene s = { .leaf = &must_staple };

    (void)state;
    EACH(s)
    {
        s.staple = hf_span_of(NULL, 0);
        expect_refused(s, HF_E_CERT_STAPLE_MISSING, HF_ALERT_bad_certificate_status_response);
        s.staple = answer(&must_staple, HF_STATUS_UNKNOWN, TEST_NOW - HOUR, TEST_NOW + HOUR);
        expect_refused(s, HF_E_CERT_STAPLE_MISSING, HF_ALERT_bad_certificate_status_response);
        s.staple = answer(&must_staple, HF_STATUS_REVOKED, TEST_NOW - HOUR, TEST_NOW + HOUR);
        expect_refused(s, HF_E_CERT_REVOKED, HF_ALERT_certificate_revoked);
        s.staple = answer(&must_staple, HF_STATUS_GOOD, TEST_NOW - HOUR, TEST_NOW + HOUR);
        expect_good(s, true, HF_KNOWN_GOOD);
    }
}

static void test_hard(void **state)
{
    scene s = { .wish = HF_REVOCATION_HARD };

    (void)state;
    EACH(s)
    {
        s.staple = hf_span_of(NULL, 0);
        expect_refused(s, HF_E_CERT_STATUS_UNKNOWN, HF_ALERT_bad_certificate_status_response);
        s.staple = says(HF_STATUS_UNKNOWN);
        expect_refused(s, HF_E_CERT_STATUS_UNKNOWN, HF_ALERT_bad_certificate_status_response);
        s.staple = says(HF_STATUS_GOOD);
        expect_good(s, true, HF_KNOWN_GOOD);
    }
}

/* A config that is in use serves the new one from the next handshake on. */
static void test_replaced(void **state)
{
    scene s = { 0 };
    pair p, q;

    (void)state;
    EACH(s)
    {
        s.staple = answer(pki->leaf, HF_STATUS_GOOD, TEST_NOW - 2 * HOUR, TEST_NOW + HOUR);
        pair_start(&p, options_of(&s));
        hf_span newer = says(HF_STATUS_GOOD);
        hf_identity *id = p.config[HF_SERVER]->identities[0];
        assert_int_equal(hf_identity_staple(id, newer, TEST_NOW), HF_OK);
        pair_connect(&p);
        assert_true(hf_span_equal(hf_conn_peer_staple(p.end[HF_CLIENT].conn), newer));
        pair_free(&p);

        pair_start(&q, options_of(&s));
        pair_events(&q, HF_CLIENT);
        pair_carry(&q, HF_CLIENT);
        pair_events(&q, HF_SERVER);
        id = q.config[HF_SERVER]->identities[0];
        assert_int_equal(hf_identity_staple(id, hf_span_of(NULL, 0), TEST_NOW), HF_OK);
        pair_connect(&q); /* removed in the middle of a handshake */
        pair_free(&q);
    }
}

/* ---- sessions, applications ---- */

/* RFC 5246 7.4.1.4: an abbreviated handshake has no certificates, and nothing that belongs to them. */
static void test_resumed(void **state)
{
    scene s = { .version = HF_TLS12, .staple = says(HF_STATUS_GOOD) };
    hf_sessions *sessions =
        hf_sessions_new(&(hf_sessions_options){ .tickets = true, .entries = 0, .lifetime = 3600 });
    pair first, second;

    (void)state;
    s.options.sessions = sessions;
    s.options.want_session = true;
    pair_start(&first, options_of(&s));
    pair_connect(&first);
    assert_true(client_info(&first)->stapled);
    s.options.session = hf_conn_session(first.end[HF_CLIENT].conn);
    pair_start(&second, options_of(&s));
    pair_connect(&second);
    assert_true(client_info(&second)->resumed);
    assert_false(client_info(&second)->stapled);
    pair_free(&second);
    pair_free(&first);
    hf_sessions_free(sessions);
}

/* Whoever verifies by himself is asked when the staple is there. */
static void test_external(void **state)
{
    scene s = { .staple = says(HF_STATUS_GOOD), .external = true };
    pair p;

    (void)state;
    EACH(s)
    {
        pair_start(&p, options_of(&s));
        pair_run(&p);
        hf_conn *c = p.end[HF_CLIENT].conn;
        assert_true(pair_saw(&p.end[HF_CLIENT], HF_EVENT_VERIFY));
        assert_true(hf_span_equal(hf_conn_peer_staple(c), s.staple));
        assert_int_equal(hf_conn_verify_done(c, HF_OK), HF_OK);
        pair_connect(&p);
        pair_free(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_revoked),
        cmocka_unit_test(test_stale_is_not_sent),
        cmocka_unit_test(test_static_rsa_and_client_certificates),
        cmocka_unit_test(test_must_staple),
        cmocka_unit_test(test_hard),
        cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_resumed),
        cmocka_unit_test(test_external),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
