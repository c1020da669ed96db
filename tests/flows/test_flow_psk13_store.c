/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A client's own memory (hf_config_set_sessions): sessions are kept and offered without the application's
 * help, those of TLS 1.3 once each (RFC 9846 C.4), only where they come from, and never more than it has
 * room for. Its table alone is tested in unit/test_keys_session_client.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/visit.h"

enum { PER_KEY = 8 }; /* sessions of one server that are kept */

static hf_sessions *server_memory, *store;
static hf_policy generous,
    stingy; /* the server's: how many tickets it gives; what a session is bound to is the same */
static kept a;

static int set_up(void **state)
{
    (void)state;
    server_memory = memory_of(true, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hf_sessions_free(server_memory);
    hf_sessions_free(store);
    store = NULL;
    return 0;
}

/* The server gives `tickets` at a full handshake. */
static pair_options with_store(size_t entries, uint8_t tickets)
{
    pair_options o = usual_return(server_memory);

    generous = stingy = *o.policy[HF_SERVER];
    generous.tickets = tickets;
    stingy.tickets = 0;
    o.policy[HF_SERVER] = &generous;
    o.want_session = false; /* the store does */
    hf_sessions_free(store);
    store = hf_sessions_new(&(hf_sessions_options){ .entries = entries, .lifetime = VISIT_HOUR });
    assert_non_null(store);
    o.store = store;
    return o;
}

/* With a server that gives nothing new, how often the client can come back. */
static unsigned returns(const pair_options *options)
{
    pair_options o = *options;
    unsigned n = 0;

    o.policy[HF_SERVER] = &stingy;
    for (;;) {
        seen s = visit(&o, NULL, NULL);
        assert_int_equal(s.session_error, HF_OK);
        if (s.psks_offered == 0) {
            assert_new_again(s);
            return n;
        }
        assert_back(s);
        n++;
    }
}

/* RFC 9846 C.4: as many connections as there are tickets, and no ticket twice. */
static void test_each_ticket_is_offered_once(void **state)
{
    (void)state;
    for (uint8_t tickets = 0; tickets <= 4; tickets++) {
        pair_options o = with_store(100, tickets);
        seen s = visit(&o, NULL, &a);
        assert_new_again(s);
        assert_int_equal(s.new_tickets, tickets);
        assert_int_equal(a.len > 0, tickets > 0); /* the application is told all the same */
        assert_int_equal(returns(&o), tickets);
        assert_int_equal(returns(&o), 0);
    }
}

/* Each resumption brings a new one, so that it goes on. */
static void test_goes_on(void **state)
{
    pair_options o = with_store(100, 1);

    (void)state;
    assert_new_again(visit(&o, NULL, NULL));
    for (int i = 0; i < 5; i++) {
        seen s = visit(&o, NULL, NULL);
        assert_back(s);
        assert_int_equal(s.psks_offered, 1);
    }
    assert_int_equal(returns(&o), 1);
}

/* A ticket that was taken out is gone, also if nothing became of its connection. */
static void test_a_ticket_of_a_lost_connection_is_gone(void **state)
{
    pair_options o = with_store(100, 1);
    pair p;

    (void)state;
    assert_new_again(visit(&o, NULL, NULL));
    pair_start(&p, &o);
    pair_events(&p, HF_CLIENT);
    pair_free(&p);
    assert_int_equal(returns(&o), 0);
}

/* Connections that run side by side never share one. */
static void test_connections_side_by_side(void **state)
{
    enum { AT_ONCE = 4, TICKETS = 3 };
    pair_options o = with_store(100, TICKETS);
    unsigned resumed = 0;
    pair p[AT_ONCE];

    (void)state;
    assert_new_again(visit(&o, NULL, NULL));
    o.policy[HF_SERVER] = &stingy;
    for (int i = 0; i < AT_ONCE; i++)
        pair_start(&p[i], &o);
    for (int i = 0; i < AT_ONCE; i++) {
        pair_connect(&p[i]);
        resumed += hf_conn_info_of(p[i].end[HF_SERVER].conn)->resumed;
        pair_free(&p[i]);
    }
    assert_int_equal(resumed, TICKETS);
}

/* ---- only where it comes from ---- */

static void insecure(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_CLIENT)
        assert_int_equal(hf_config_set(config, HF_SET_INSECURE, true), HF_OK);
}

static void trust_more(hf_config *config, hf_role role, void *user)
{
    hf_trust *trust = test_trust(shared_pki(HF_KEY_P256)->root);

    (void)user;
    if (role == HF_CLIENT) {
        assert_int_equal(hf_trust_add_der(trust, test_cert_der(shared_pki(HF_KEY_P384)->root)),
                         HF_OK);
        assert_int_equal(hf_config_set_trust(config, trust), HF_OK);
    }
    hf_trust_free(trust);
}

/* Another name, place, identity, trust or policy: there is nothing to offer, and nothing to explain. */
static void test_never_offered_elsewhere(void **state)
{
    const pair_options usually = with_store(100, 2);
    hf_policy fewer = *usually.policy[HF_CLIENT];
    pair_options others[8];

    (void)state;
    fewer.groups[2] = 0;
    for (size_t i = 0; i < 8; i++)
        others[i] = usually, others[i].policy[HF_SERVER] = &stingy;
    others[0].server_name = "example.test";
    others[1].verify_name = "example.test";
    others[2].endpoint = "localhost:8443";
    others[3].endpoint = NULL;
    others[4].client_identity = true;
    others[5].configure = insecure;
    others[6].configure = trust_more;
    others[7].policy[HF_CLIENT] = &fewer;
    assert_new_again(visit(&usually, NULL, NULL));
    for (size_t i = 0; i < 8; i++) {
        seen s = visit(&others[i], NULL, NULL);
        assert_true(s.connected);
        assert_kept_back(s, HF_OK);
    }
    assert_int_equal(returns(&usually), 2); /* another config with the same settings is as good */
}

/* What the application gives goes before, and what is kept stays. */
static void test_the_applications_session_goes_before(void **state)
{
    pair_options o = with_store(100, 1);

    (void)state;
    assert_new_again(visit(&o, NULL, &a));
    o.policy[HF_SERVER] = &stingy;
    assert_back(visit(&o, &a, NULL));
    assert_int_equal(returns(&o), 1);
    a.bytes[a.len - 1] ^= 1; /* also if it is of no use */
    o.policy[HF_SERVER] = &generous;
    assert_sent_back(visit(&o, &a, NULL));
    assert_int_equal(returns(&o), 1);
}

/* ---- bounds ---- */

static const char *const places[] = { "a:1", "a:2", "a:3", "a:4", "a:5" };

/* The oldest makes room. */
static void test_bounded(void **state)
{
    enum { ROOM = 3, PLACES = sizeof places / sizeof *places };
    pair_options o = with_store(ROOM, 1);

    (void)state;
    for (size_t i = 0; i < PLACES; i++) {
        o.endpoint = places[i];
        assert_new_again(visit(&o, NULL, NULL));
    }
    for (size_t i = 0; i < PLACES; i++) {
        o.endpoint = places[i];
        assert_int_equal(returns(&o), i >= PLACES - ROOM);
    }
}

/* No server crowds out the others. */
static void test_bounded_for_each_server(void **state)
{
    pair_options o = with_store(100, PER_KEY), other = o;

    (void)state;
    other.endpoint = "a:1";
    assert_new_again(visit(&other, NULL, NULL));
    pair p;
    for (int i = 0; i < 2; i++) { /* two full handshakes */
        o.session = hf_span_of("x", 1);
        pair_start(&p, &o);
        pair_connect(&p);
        assert_false(hf_conn_info_of(p.end[HF_CLIENT].conn)->resumed);
        pair_free(&p);
    }
    o.session = hf_span_of(NULL, 0);
    assert_int_equal(returns(&o), PER_KEY);
    assert_int_equal(returns(&other), PER_KEY);
}

/* Sessions whose time has passed are not offered, and not kept for a clock that is set back. */
static void test_expired_sessions_are_forgotten(void **state)
{
    pair_options o = with_store(100, 2);

    (void)state;
    assert_new_again(visit(&o, NULL, NULL));
    visit_clock[HF_CLIENT] = TEST_NOW + VISIT_HOUR;
    assert_int_equal(returns(&o), 0);
    visit_clock[HF_CLIENT] = TEST_NOW;
    assert_int_equal(returns(&o), 0);
}

/* RFC 5077 3.3: a session of TLS 1.2 may be used again, and stays. */
static void test_sessions_of_tls12_stay(void **state)
{
    hf_policy tls12 = policy_of_version("default", HF_TLS12);
    pair_options o = with_store(100, 1);

    (void)state;
    o.policy[HF_CLIENT] = o.policy[HF_SERVER] = &tls12;
    assert_full(visit(&o, NULL, NULL));
    for (int i = 0; i < 4; i++) {
        seen s = visit(&o, NULL, NULL);
        assert_resumed(s);
        assert_int_equal(s.new_tickets, 0);
    }
}

#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(test_each_ticket_is_offered_once),
        STORE_TEST(test_goes_on),
        STORE_TEST(test_a_ticket_of_a_lost_connection_is_gone),
        STORE_TEST(test_connections_side_by_side),
        STORE_TEST(test_never_offered_elsewhere),
        STORE_TEST(test_the_applications_session_goes_before),
        STORE_TEST(test_bounded),
        STORE_TEST(test_bounded_for_each_server),
        STORE_TEST(test_expired_sessions_are_forgotten),
        STORE_TEST(test_sessions_of_tls12_stay),
    };

    return cmocka_run_group_tests_name("flow_psk13_store", tests, NULL, NULL);
}
