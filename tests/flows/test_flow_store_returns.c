/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a client's own memory (hf_config_set_sessions) gives out and gets back: one session a connection;
 * one of TLS 1.2 comes back when the connection is made with it (RFC 5077 3.3) and not when it is spoilt
 * (RFC 5246 7.2.2); what never left with a ClientHello comes back in any case; and nothing is kept or
 * offered where it is not known where the connection goes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conn/conn.h"
#include "support/visit.h"

static hf_sessions *server_memory, *store;
static hf_policy stingy; /* a server's that gives no tickets of TLS 1.3 */
static kept a;

static int set_up(void **state)
{
    (void)state;
    server_memory = memory_of(true, 64);
    store = hf_sessions_new(&(hf_sessions_options){ .entries = 100, .lifetime = VISIT_HOUR });
    assert_non_null(store);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hf_sessions_free(server_memory);
    hf_sessions_free(store);
    return 0;
}

static pair_options with_store(uint16_t version)
{
    pair_options o = version == HF_TLS13 ? usual_return(server_memory) : usual_visit(server_memory);

    o.want_session = false; /* the store does */
    o.store = store;
    return o;
}

/* One more session stands in the store, by a full handshake. */
static void fill(const pair_options *o)
{
    pair_options afresh = *o;
    pair p;

    afresh.session = hf_span_of("x", 1); /* none; what is in the store stays there */
    pair_start(&p, &afresh);
    pair_connect(&p);
    assert_false(hf_conn_info_of(p.end[HF_CLIENT].conn)->resumed);
    pair_free(&p);
}

/* How many are there: as many connections at once get one each. The connections are given up before they said anything. */
static unsigned stored(const pair_options *o)
{
    enum { MANY = 12 };
    unsigned n = 0;
    pair p[MANY];

    for (int i = 0; i < MANY; i++) {
        pair_start(&p[i], o);
        n += p[i].end[HF_CLIENT].conn->engine.borrowed.len > 0;
    }
    for (int i = MANY; i > 0; i--)
        pair_free(&p[i - 1]);
    return n;
}

/* ---- TLS 1.2: back after a good connection, gone after a bad one ---- */

static void test_back_after_a_good_connection(void **state)
{
    pair_options o = with_store(HF_TLS12);

    (void)state;
    fill(&o);
    assert_int_equal(stored(&o), 1);
    for (int i = 0; i < 3; i++) {
        assert_resumed(visit(&o, NULL, NULL));
        assert_int_equal(stored(&o), 1);
    }
}

/* While it is in use nobody else has it. */
static void test_in_use(void **state)
{
    pair_options o = with_store(HF_TLS12);
    pair p;

    (void)state;
    fill(&o);
    pair_start(&p, &o);
    pair_events(&p, HF_CLIENT);
    assert_int_equal(stored(&o), 0);
    pair_connect(&p);
    assert_true(hf_conn_info_of(p.end[HF_CLIENT].conn)->resumed);
    assert_int_equal(stored(&o), 1);
    pair_free(&p);
}

/* Its connection fails by an alert of that end's; it is not offered again, and a new one is as good as ever. */
static void fail_by(pair *p, const pair_options *o, int by)
{
    hf_conn_abort(p->end[by].conn, HF_ALERT_internal_error);
    pair_run(p);
    const hf_failure *f = hf_conn_failure(p->end[HF_CLIENT].conn);
    assert_non_null(f);
    assert_int_equal(f->alert_direction, by == HF_CLIENT ? HF_ALERT_SENT : HF_ALERT_RECEIVED);
    pair_free(p);
    assert_int_equal(stored(o), 0);
    assert_full(visit(o, NULL, NULL));
    assert_int_equal(stored(o), 1);
    assert_resumed(visit(o, NULL, NULL));
}

/* RFC 5246 7.2.2: whoever sends the fatal alert: a server that refuses at once, a client in the middle of the server's answer. */
static void test_gone_after_a_fatal_alert(void **state)
{
    pair_options o = with_store(HF_TLS12);
    pair p;

    (void)state;
    fill(&o);
    for (int by = 0; by < 2; by++) {
        pair_start(&p, &o);
        pair_events(&p, HF_CLIENT);
        assert_int_equal(stored(&o), 0);
        if (by == HF_CLIENT) {
            assert_true(pair_carry(&p, HF_CLIENT));
            p.chunk = 40;
            assert_true(pair_carry(&p, HF_SERVER));
            p.chunk = 0;
        }
        assert_false(p.end[HF_CLIENT].connected);
        fail_by(&p, &o, by);
    }
}

/* … also when the connection was made already: by a full handshake, or by that session. */
static void test_gone_after_a_fatal_alert_later(void **state)
{
    pair_options o = with_store(HF_TLS12);

    (void)state;
    for (int i = 0; i < 4; i++) {
        pair_options first = o;
        pair p;
        if (i & 2)
            while (stored(&o) > 0) { /* none is there */
                hf_sessions_free(store);
                store = hf_sessions_new(
                    &(hf_sessions_options){ .entries = 100, .lifetime = VISIT_HOUR });
                o.store = first.store = store;
            }
        else if (stored(&o) == 0)
            fill(&o);
        pair_start(&p, &first);
        pair_connect(&p);
        assert_int_equal(hf_conn_info_of(p.end[HF_CLIENT].conn)->resumed, !(i & 2));
        assert_int_equal(stored(&o), 1);
        fail_by(&p, &o, i & 1);
    }
}

/* … that one alone; and a transport that ends without a word spoils none (RFC 5246 7.2.1). */
static void test_the_others_stay(void **state)
{
    pair_options o = with_store(HF_TLS12);

    (void)state;
    for (int i = 0; i < 3; i++)
        fill(&o);
    for (unsigned left = 3; left > 0; left--) {
        pair p;
        pair_start(&p, &o);
        pair_connect(&p);
        assert_true(hf_conn_info_of(p.end[HF_CLIENT].conn)->resumed);
        hf_conn_wire_eof(p.end[HF_CLIENT].conn);
        pair_events(&p, HF_CLIENT);
        assert_true(p.end[HF_CLIENT].failed);
        pair_free(&p);
        assert_int_equal(stored(&o), left);
        pair_start(&p, &o);
        pair_connect(&p);
        assert_true(hf_conn_info_of(p.end[HF_CLIENT].conn)->resumed);
        hf_conn_abort(p.end[HF_CLIENT].conn, HF_ALERT_internal_error);
        pair_free(&p);
        assert_int_equal(stored(&o), left - 1);
    }
}

static void spoil_finished(pair *p, hf_role from, uint8_t *bytes, size_t *len)
{
    (void)p;
    if (from == HF_SERVER)
        bytes[*len - 1] ^= 1;
}

/* The server does not show that it knows the session's secret. */
static void test_gone_after_a_wrong_finished(void **state)
{
    pair_options o = with_store(HF_TLS12);
    pair p;

    (void)state;
    fill(&o);
    pair_start(&p, &o);
    p.tamper = spoil_finished;
    pair_run(&p);
    assert_int_equal(hf_conn_failure(p.end[HF_CLIENT].conn)->code, HF_E_RECORD_MAC);
    pair_free(&p);
    assert_int_equal(stored(&o), 0);
}

/* The transport ended before there was an answer: nobody knows what the server made of it. */
static void test_gone_after_silence(void **state)
{
    pair_options o = with_store(HF_TLS12);
    pair p;

    (void)state;
    fill(&o);
    pair_start(&p, &o);
    pair_events(&p, HF_CLIENT);
    hf_conn_wire_eof(p.end[HF_CLIENT].conn);
    pair_events(&p, HF_CLIENT);
    assert_true(p.end[HF_CLIENT].failed);
    pair_free(&p);
    assert_int_equal(stored(&o), 0);
}

/* ---- connections that came to nothing ---- */

/* Made and freed before they said a word: as if they had never been, for one session and for several. */
static void test_abandoned_connections(void **state)
{
    (void)state;
    for (uint16_t version = HF_TLS12; version <= HF_TLS13; version++) {
        pair_options o = with_store(version), tell_less = o;
        pair p[2];
        fill(&o);
        unsigned before = stored(&o);
        assert_int_equal(before, version == HF_TLS13 ? 2 : 1);
        for (int order = 0; order < 2; order++) {
            for (int i = 0; i < 2; i++)
                pair_start(&p[i], &o);
            assert_int_equal(stored(&o), before == 2 ? 0 : before - 1);
            for (int i = 0; i < 2; i++)
                pair_free(&p[order ? 1 - i : i]);
            assert_int_equal(stored(&o), before);
        }
        stingy = *o.policy[HF_SERVER];
        stingy.tickets = 0;
        tell_less.policy[HF_SERVER] = &stingy;
        for (unsigned i = 0; i < before; i++) { /* and they are as good as before */
            seen s = visit(&tell_less, NULL, NULL);
            assert_true(s.connected && s.resumed[HF_CLIENT]);
        }
        hf_sessions_free(store);
        store = hf_sessions_new(&(hf_sessions_options){ .entries = 100, .lifetime = VISIT_HOUR });
    }
}

/* RFC 9846 C.4: a ticket of TLS 1.3 that left with a ClientHello is gone, whatever became of it. */
static void test_a_ticket_that_left(void **state)
{
    pair_options o = with_store(HF_TLS13);
    pair p;

    (void)state;
    fill(&o);
    assert_int_equal(stored(&o), 2);
    pair_start(&p, &o);
    pair_events(&p, HF_CLIENT);
    pair_free(&p);
    assert_int_equal(stored(&o), 1);
}

/* ---- no endpoint ---- */

/* Who does not say where the connection goes has nothing kept and nothing offered; what is there stays for others. */
static void test_no_endpoint(void **state)
{
    (void)state;
    for (uint16_t version = HF_TLS12; version <= HF_TLS13; version++) {
        pair_options o = with_store(version), nowhere = o;
        nowhere.endpoint = NULL;
        for (int i = 0; i < 2; i++) {
            seen s = visit(&nowhere, NULL, NULL);
            assert_true(s.connected);
            assert_false(s.resumed[HF_CLIENT]);
            assert_int_equal(s.psks_offered + s.ticket_offered, 0);
            assert_int_equal(stored(&nowhere), 0);
        }
        fill(&o);
        unsigned before = stored(&o);
        assert_true(before > 0);
        assert_int_equal(stored(&nowhere), 0);
        assert_false(visit(&nowhere, NULL, NULL).resumed[HF_CLIENT]);
        assert_int_equal(stored(&o), before);
        hf_sessions_free(store);
        store = hf_sessions_new(&(hf_sessions_options){ .entries = 100, .lifetime = VISIT_HOUR });
    }
}

/* The application's own sessions need no endpoint: it knows what it does. */
static void test_the_applications_session_without_endpoint(void **state)
{
    pair_options o = with_store(HF_TLS13);

    (void)state;
    o.endpoint = NULL;
    first_visit(&o, &a);
    assert_back(visit(&o, &a, NULL));
}

#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(test_back_after_a_good_connection),
        STORE_TEST(test_in_use),
        STORE_TEST(test_gone_after_a_fatal_alert),
        STORE_TEST(test_gone_after_a_fatal_alert_later),
        STORE_TEST(test_the_others_stay),
        STORE_TEST(test_gone_after_a_wrong_finished),
        STORE_TEST(test_gone_after_silence),
        STORE_TEST(test_abandoned_connections),
        STORE_TEST(test_a_ticket_that_left),
        STORE_TEST(test_no_endpoint),
        STORE_TEST(test_the_applications_session_without_endpoint),
    };

    return cmocka_run_group_tests_name("flow_store_returns", tests, NULL, NULL);
}
