/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * How long a session of TLS 1.3 may be used (RFC 9846 4.7.1), by the clocks of both ends, and between
 * which versions and suites it may be (4.3.11). No session outlives the certificates that it rests on,
 * nor, however often its tickets are replaced, the time that its first handshake is good for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "support/visit.h"

enum { HOUR = VISIT_HOUR, WEEK = 604800 };

static kept a, b;

static void both_clocks(int64_t after)
{
    visit_clock[HF_CLIENT] = visit_clock[HF_SERVER] = TEST_NOW + after;
}

static hf_session read_kept(const kept *k)
{
    hf_session s;

    assert_int_equal(hf_session_read(hf_span_of(k->bytes, k->len), &s), HF_OK);
    return s;
}

/* ---- to the second ---- */

/* Each end forgets by its own clock, also one that was set back. (RFC 9846 4.3.11.1#1) */
static void test_expiry_at_both_ends(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);

    (void)state;
    seen s = first_visit(&o, &a);
    assert_int_equal(s.lifetime, HOUR);
    both_clocks(HOUR - 1);
    assert_back(visit(&o, &a, NULL));
    visit_clock[HF_SERVER]++;
    assert_sent_back(visit(&o, &a, NULL));
    visit_clock[HF_SERVER] = TEST_NOW - 1;
    assert_sent_back(visit(&o, &a, NULL));
    visit_clock[HF_SERVER] = TEST_NOW;
    visit_clock[HF_CLIENT] = TEST_NOW + HOUR;
    assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_EXPIRED);
    visit_clock[HF_CLIENT] = TEST_NOW - 1;
    assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_EXPIRED);
    visit_clock[HF_CLIENT] = TEST_NOW;
    assert_back(visit(&o, &a, NULL));
    hf_sessions_free(sessions);
}

/* A clock that was set back after a ticket was replaced: the session is older than it, the ticket is not. */
static void test_clock_set_back_behind_a_ticket(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);

    (void)state;
    first_visit(&o, &a);
    both_clocks(600);
    assert_back(visit(&o, &a, &b));
    visit_clock[HF_CLIENT]--;
    assert_kept_back(visit(&o, &b, NULL), HF_E_SESSION_EXPIRED);
    hf_sessions_free(sessions);
}

/* ---- no session becomes younger ---- */

/* RFC 9846 4.7.1: each new ticket says what is left of the time since the first handshake. */
static void test_resuming_makes_no_session_younger(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);

    (void)state;
    first_visit(&o, &a);
    for (int minute = 10; minute < 60; minute += 10) {
        both_clocks(60 * minute);
        seen s = visit(&o, &a, &b);
        assert_back(s);
        assert_int_equal(s.lifetime, HOUR - 60 * minute);
        assert_int_equal(read_kept(&b).expires, TEST_NOW + HOUR);
        a = b;
    }
    visit_clock[HF_SERVER] = TEST_NOW + HOUR;
    assert_sent_back(visit(&o, &a, NULL));
    visit_clock[HF_CLIENT] = TEST_NOW + HOUR;
    assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_EXPIRED);
    hf_sessions_free(sessions);
}

/* … also with a server that would go on for ever: after a week the client wants to see its certificate again. */
static void test_a_week_at_most_for_a_client(void **state)
{
    hf_sessions *sessions = hf_sessions_new(
        &(hf_sessions_options){ .tickets = true, .lifetime = WEEK, .rotation = WEEK });
    pair_options o = usual_return(sessions);

    (void)state;
    first_visit(&o, &a);
    for (int day = 1; day < 7; day++) {
        visit_clock[HF_CLIENT] = TEST_NOW + day * TEST_DAY; /* the server's clock stands still */
        seen s = visit(&o, &a, &b);
        assert_back(s);
        assert_int_equal(s.lifetime, WEEK);
        assert_int_equal(read_kept(&b).expires, TEST_NOW + WEEK);
        a = b;
    }
    visit_clock[HF_CLIENT] = TEST_NOW + WEEK - 1;
    assert_back(visit(&o, &a, NULL));
    visit_clock[HF_CLIENT] = TEST_NOW + WEEK;
    assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_EXPIRED);
    hf_sessions_free(sessions);
}

/* A server tells the least of what its memory and its policy allow. */
static void test_policy_may_be_stricter(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);
    const hf_policy *usual = o.policy[HF_SERVER];
    hf_policy strict = *usual;

    (void)state;
    strict.session_seconds = 100;
    o.policy[HF_SERVER] = &strict;
    assert_int_equal(first_visit(&o, &a).lifetime, 100);
    both_clocks(60);
    o.policy[HF_SERVER] = usual; /* generous again: what was promised stays as it was */
    seen s = visit(&o, &a, NULL);
    assert_back(s);
    assert_int_equal(s.lifetime, 40);
    o.policy[HF_SERVER] = &strict;
    both_clocks(99);
    assert_back(visit(&o, &a, NULL));
    visit_clock[HF_SERVER] = TEST_NOW + 100;
    assert_sent_back(visit(&o, &a, NULL));
    hf_sessions_free(sessions);
}

/* ---- what a server says of it ---- */

static uint32_t said_lifetime;

static bool change_lifetime(void *user, hf_msg msg, hf_span *body)
{
    static uint8_t bytes[HF_TICKET_MAX + 64];

    (void)user;
    if (msg != HF_MSG_NewSessionTicket)
        return false;
    memcpy(bytes, body->data, body->len);
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(said_lifetime >> (24 - 8 * i));
    *body = hf_span_of(bytes, body->len);
    return true;
}

static void lie(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER)
        config->override = (hf_override){ change_lifetime, NULL };
}

/* RFC 9846 4.7.1: no more than a week, whatever the server says; 0 is to be forgotten at once. */
static void test_lifetime_as_told(void **state)
{
    static const struct {
        uint32_t says;
        int64_t means;
    } rows[] = { { 1, 1 }, { 30, 30 }, { WEEK, WEEK }, { WEEK + 1, WEEK }, { UINT32_MAX, WEEK } };
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);

    (void)state;
    o.configure = lie;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        said_lifetime = rows[i].says;
        assert_int_equal(first_visit(&o, &a).lifetime, rows[i].says);
        assert_int_equal(read_kept(&a).expires, TEST_NOW + rows[i].means);
    }
    said_lifetime = 0;
    seen s = visit(&o, NULL, &a);
    assert_true(s.connected && s.new_tickets > 0);
    assert_int_equal(a.len, 0);
    hf_sessions_free(sessions);
}

/* ---- certificates ---- */

static test_cert *short_lived(const test_pki *pki, bool server, int64_t seconds)
{
    test_cert_options options = { .common_name = server ? "localhost" : "client",
                                  .key_slot = server ? TEST_KEY_LEAF : TEST_KEY_CLIENT,
                                  .eku = server ? HF_EKU_SERVER_AUTH : HF_EKU_CLIENT_AUTH,
                                  .no_names = !server,
                                  .not_after = TEST_NOW + seconds };

    return test_cert_new(&options, pki->intermediate);
}

/* No session outlives the certificate that it rests on; a renewed one remembers when that is, although nobody shows it again. */
static void test_lifetime_is_bounded_by_certificates(void **state)
{
    (void)state;
    for (int server = 0; server < 2; server++) {
        hf_sessions *sessions = memory_of(true, 0);
        pair_options o = usual_return(sessions);
        test_pki pki = *shared_pki(HF_KEY_P256);
        test_cert *leaf = short_lived(&pki, server, 100);
        *(server ? &pki.leaf : &pki.client) = leaf;
        *(server ? pki.chain : pki.client_chain) = test_cert_der(leaf);
        o.pki = &pki;
        o.client_auth = HF_CLIENT_AUTH_REQUEST;
        o.client_identity = true;
        first_visit(&o, &a);
        both_clocks(50);
        assert_back(visit(&o, &a, &b));
        both_clocks(99);
        assert_back(visit(&o, &b, &a));
        both_clocks(101);
        seen s = visit(&o, &a, NULL);
        assert_false(s.connected || s.resumed[HF_CLIENT] || s.resumed[HF_SERVER]);
        assert_int_equal(s.session_error, HF_E_SESSION_EXPIRED);
        assert_int_equal(s.failure[server ? HF_CLIENT : HF_SERVER], HF_E_CERT_EXPIRED);
        visit_clock[HF_CLIENT] = TEST_NOW + 98; /* the server alone */
        s = visit(&o, &a, NULL);
        assert_false(!server && s.resumed[HF_SERVER]);
        test_cert_free(leaf);
        hf_sessions_free(sessions);
    }
}

/* ---- versions and suites ---- */

/* RFC 9846 4.2.3: a session is of one version. A server that has learnt TLS 1.3 declines one of TLS 1.2, one that was set back
   declines one of TLS 1.3; a client that may not speak its version keeps it. */
static void test_versions(void **state)
{
    const hf_policy *both = hf_policy_named("default");
    hf_policy only[2] = { policy_of_version("default", HF_TLS12),
                          policy_of_version("default", HF_TLS13) };
    const uint16_t versions[2] = { HF_TLS12, HF_TLS13 };

    (void)state;
    for (int old = 0; old < 2; old++) {
        hf_sessions *sessions = memory_of(true, 0);
        pair_options o = usual_return(sessions);
        o.policy[HF_CLIENT] = both;
        o.policy[HF_SERVER] = &only[old];
        assert_int_equal(first_visit(&o, &a).version, versions[old]);
        o.policy[HF_SERVER] = &only[!old];
        seen s = visit(&o, &a, NULL);
        assert_true(s.connected);
        assert_int_equal(s.version, versions[!old]);
        assert_int_equal(s.session_error, HF_E_SESSION_DECLINED);
        assert_int_equal(s.psks_offered, old);
        o.policy[HF_SERVER] = both;
        s = visit(&o, &a, NULL);
        assert_true(s.connected);
        assert_false(s.resumed[HF_CLIENT] || s.resumed[HF_SERVER]); /* made under another policy */
        assert_int_equal(s.version, HF_TLS13);
        o.policy[HF_CLIENT] = &only[!old];
        assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_OTHER_SETTINGS);
        hf_sessions_free(sessions);
    }
}

/* A server of both versions remembers which one it was. */
static void test_versions_of_one_server(void **state)
{
    const hf_policy *both = hf_policy_named("default");
    hf_policy only13 = policy_of_version("default", HF_TLS13);
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);

    (void)state;
    o.policy[HF_CLIENT] = &only13;
    o.policy[HF_SERVER] = both;
    assert_int_equal(first_visit(&o, &a).version, HF_TLS13);
    assert_back(visit(&o, &a, NULL));
    hf_sessions_free(sessions);
}

static hf_policy with_suites(uint16_t first, uint16_t second)
{
    hf_policy p = policy_of_version("default", HF_TLS13);

    memset(p.suites, 0, sizeof p.suites);
    p.suites[0] = first;
    p.suites[1] = second;
    return p;
}

enum { AES_128 = 0x1301, AES_256 = 0x1302, CHACHA = 0x1303 };

/* RFC 9846 4.3.11: any suite of the same hash would do, the session's own comes first. (RFC 9846 4.3.11#3) */
static void test_suite_of_the_session(void **state)
{
    hf_policy client = with_suites(AES_128, AES_256), server = with_suites(AES_256, AES_128);
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);

    (void)state;
    server.server_prefers = true;
    o.policy[HF_CLIENT] = &client;
    o.policy[HF_SERVER] = &server;
    assert_int_equal(first_visit(&o, &a).suite, AES_256); /* SHA-384 */
    for (int i = 0; i < 2; i++) {
        seen s = visit(&o, &a, &b);
        assert_back(s);
        assert_int_equal(s.suite, AES_256);
        a = b;
    }
    hf_sessions_free(sessions);
}

static hf_config *context_of;

static void claim_suite(hf_session *s, const void *suite)
{
    s->cipher_suite = *(const uint16_t *)suite;
    s->secret_len = 32;
    assert_int_equal(hf_session_context(context_of, NULL, s->context), HF_OK);
}

static void note_client(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_CLIENT) {
        hf_config_free(context_of);
        context_of = hf_config_ref(config);
    }
}

/* The same client with its suites in another order, or with another suite of the same hash alone: the session's own suite goes
   before what both like better, as early data is bound to it (RFC 9846 4.3.10); else any of its hash will do. */
static void test_own_suite_goes_before(void **state)
{
    static const struct {
        uint16_t first, second, spoken;
    } rows[] = { { AES_128, CHACHA, CHACHA }, { AES_128, 0, AES_128 } };
    hf_policy server = with_suites(AES_128, CHACHA), client = with_suites(CHACHA, 0);
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);

    (void)state;
    server.server_prefers = true;
    o.policy[HF_CLIENT] = &client;
    o.policy[HF_SERVER] = &server;
    assert_int_equal(first_visit(&o, &a).suite, CHACHA);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        client = with_suites(rows[i].first, rows[i].second);
        o.configure = note_client;
        visit(&o, NULL, NULL);
        b = a;
        recut(&b, claim_suite, &rows[i].spoken); /* as if it had been made with these */
        seen s = visit(&o, &b, NULL);
        assert_back(s);
        assert_int_equal(s.suite, rows[i].spoken);
    }
    hf_config_free(context_of);
    context_of = NULL;
    hf_sessions_free(sessions);
}

/* A session of SHA-384 with a client that speaks SHA-256 alone now: the server's ticket is of a hash that no common suite has. It is
   no error (RFC 9846 4.3.11: the server looks for another key, or for none). (RFC 9846 4.3.11#3, 4.7.1#2) */
static void test_session_of_another_hash(void **state)
{
    const uint16_t mine = AES_128;
    hf_policy wide = with_suites(AES_256, AES_128), narrow = with_suites(AES_128, 0);
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);

    (void)state;
    o.policy[HF_CLIENT] = o.policy[HF_SERVER] = &wide;
    assert_int_equal(first_visit(&o, &a).suite, AES_256);
    o.policy[HF_CLIENT] = &narrow;
    assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_OTHER_SETTINGS); /* it knows better … */
    o.configure = note_client;
    visit(&o, NULL, NULL);
    recut(&a, claim_suite, &mine); /* … unless it lies to itself */
    assert_sent_back(visit(&o, &a, NULL));
    o.policy[HF_CLIENT] = &wide;
    o.configure = NULL;
    o.policy[HF_SERVER] = &narrow; /* and a server that has SHA-256 alone now */
    first_visit(&o, &b);
    o.policy[HF_SERVER] = &wide;
    first_visit(&o, &a);
    o.policy[HF_SERVER] = &narrow;
    assert_sent_back(visit(&o, &a, NULL));
    hf_config_free(context_of);
    context_of = NULL;
    hf_sessions_free(sessions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expiry_at_both_ends),
        cmocka_unit_test(test_clock_set_back_behind_a_ticket),
        cmocka_unit_test(test_resuming_makes_no_session_younger),
        cmocka_unit_test(test_a_week_at_most_for_a_client),
        cmocka_unit_test(test_policy_may_be_stricter),
        cmocka_unit_test(test_lifetime_as_told),
        cmocka_unit_test(test_lifetime_is_bounded_by_certificates),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_versions_of_one_server),
        cmocka_unit_test(test_suite_of_the_session),
        cmocka_unit_test(test_own_suite_goes_before),
        cmocka_unit_test(test_session_of_another_hash),
    };

    return cmocka_run_group_tests_name("flow_psk13_time", tests, NULL, NULL);
}
