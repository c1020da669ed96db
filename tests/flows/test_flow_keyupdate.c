/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * When keys are renewed (RFC 9846 4.7.3, 5.5): by time, from a clock of the test's own; how often a peer
 * is asked, and how often it may; the last generation there is. That a renewal works, and the one before
 * the AEAD's limit, is test_flow_keys.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/hostile.h"

enum { HOUR = 3600, HOUR_MS = 3600000 };
#define DAY_MS UINT64_C(86400000)

static uint64_t now;

static uint64_t test_clock(void *user)
{
    (void)user;
    return now;
}

/* Each KeyUpdate that a trace hears, as 'C' or 'S' for its writer and '+' if it asks for one. */
static char heard[256];

static void hear(void *user, const hf_trace_event *event)
{
    (void)user;
    if (event->kind != HF_TRACE_MESSAGE || strcmp(event->name, "KeyUpdate") != 0)
        return;
    size_t n = strlen(heard);
    snprintf(heard + n, sizeof heard - n, "%c%s", event->writer == HF_CLIENT ? 'C' : 'S',
             event->bytes.data[HF_HANDSHAKE_HEADER] ? "+" : "");
}

static const hf_trace_sink ear = { hear, NULL };
static uint32_t after; /* HF_SET_KEY_UPDATE_AFTER of both ends, UINT32_MAX: as it comes */

static void set_after(hf_config *config, hf_role role, void *user)
{
    (void)role, (void)user;
    if (after != UINT32_MAX)
        assert_int_equal(hf_config_set(config, HF_SET_KEY_UPDATE_AFTER, after), HF_OK);
}

static pair_options timed(uint32_t seconds)
{
    after = seconds;
    now = 1000;
    heard[0] = '\0';
    return (pair_options){ .policy = { hostile_policy(), hostile_policy() },
                           .hooks = { { .clock_ms = test_clock }, { .clock_ms = test_clock } },
                           .configure = set_after,
                           .trace = { &ear } };
}

static void start(pair *p, uint32_t seconds)
{
    pair_options o = timed(seconds);

    pair_start(p, &o);
    pair_connect(p);
}

static uint64_t deadline(const pair *p, int role)
{
    uint64_t at = 0;

    hf_conn_wants(p->end[role].conn, &at);
    return at;
}

static uint64_t updates(const pair *p, int role)
{
    return hf_conn_info_of(p->end[role].conn)->key_updates;
}

static void talk(pair *p)
{
    for (int from = 0; from < 2; from++) {
        size_t before = p->end[!from].n_data;
        pair_send(p, (hf_role)from, "x", 1);
        assert_int_equal(p->end[!from].n_data, before + 1);
    }
}

static void expect(const char *updates_heard)
{
    assert_string_equal(heard, updates_heard);
    heard[0] = '\0';
}

/* ---- by time ---- */

/* A day unless the config says otherwise; 0: never. Asked for at the deadline that hf_conn_wants gives, and not before. */
static void test_deadline(void **state)
{
    (void)state;
    for (int role = 0; role < 2; role++) {
        pair p;
        start(&p, UINT32_MAX);
        assert_int_equal(deadline(&p, role), 1000 + DAY_MS);
        pair_free(&p);
        start(&p, 0);
        assert_int_equal(deadline(&p, role), UINT64_MAX);
        now = UINT64_C(1) << 50;
        hf_conn_tick(p.end[role].conn);
        talk(&p);
        expect("");
        pair_free(&p);
        start(&p, HOUR);
        assert_int_equal(deadline(&p, role), 1000 + HOUR_MS);
        now = 1000 + HOUR_MS - 1;
        hf_conn_tick(p.end[role].conn);
        talk(&p);
        expect("");
        now++;
        hf_conn_tick(p.end[role].conn);
        assert_int_equal(deadline(&p, role), now + HOUR_MS);
        hf_conn_tick(p.end[role].conn); /* once */
        pair_run(&p);
        expect(role == HF_CLIENT ? "C+" : "S+");
        assert_int_equal(updates(&p, role), 1);
        assert_int_equal(updates(&p, !role), 0); /* before its next data */
        pair_free(&p);
    }
}

/* Both ends have the same day: whoever is first asks, and the answer is the other's renewal. */
static void test_one_renewal_for_both(void **state)
{
    pair p;

    (void)state;
    start(&p, HOUR);
    for (int hour = 1; hour <= 3; hour++) {
        now += HOUR_MS;
        hf_conn_tick(p.end[HF_CLIENT].conn);
        pair_run(&p);
        pair_send(&p, HF_SERVER, "x", 1);
        pair_send(&p, HF_CLIENT, "x", 1);
        for (int role = 0; role < 2; role++) {
            assert_int_equal(updates(&p, role), hour);
            assert_int_equal(deadline(&p, role), now + HOUR_MS);
        }
        assert_true(strncmp(heard, "C+S", 3) == 0);
        heard[0] = '\0';
    }
    pair_free(&p);
}

/* Nobody called hf_conn_tick in time: data does not go out under keys that are too old. */
static void test_before_data(void **state)
{
    (void)state;
    for (int role = 0; role < 2; role++) {
        pair p;
        start(&p, HOUR);
        now += HOUR_MS - 1;
        pair_send(&p, (hf_role)role, "x", 1);
        expect("");
        now++;
        pair_send(&p, (hf_role)role, "x", 1);
        expect(role == HF_CLIENT ? "C+" : "S+");
        pair_send(&p, (hf_role)role, "x", 1);
        expect("");
        assert_int_equal(p.end[!role].n_data, 3);
        pair_free(&p);
    }
}

/* No deadline where nothing can be renewed: before CONNECTED it is the handshake's, after close_notify and after the end there is none. */
static void test_no_deadline_without_keys(void **state)
{
    pair_options o = timed(HOUR);
    pair p;

    (void)state;
    pair_start(&p, &o);
    for (int role = 0; role < 2; role++)
        assert_int_equal(deadline(&p, role), 1000 + 10000);
    pair_connect(&p);
    assert_int_equal(hf_conn_close_write(p.end[HF_CLIENT].conn), HF_OK);
    assert_int_equal(deadline(&p, HF_CLIENT), UINT64_MAX);
    pair_run(&p);
    assert_int_equal(deadline(&p, HF_SERVER), 1000 + HOUR_MS); /* it may go on writing */
    now += 2 * HOUR_MS;
    for (int role = 0; role < 2; role++)
        hf_conn_tick(p.end[role].conn);
    pair_send(&p, HF_SERVER, "x", 1);
    expect("S+");
    hf_conn_abort(p.end[HF_SERVER].conn, HF_ALERT_internal_error);
    assert_int_equal(deadline(&p, HF_SERVER), UINT64_MAX);
    pair_free(&p);
}

/* A setting in seconds, up to what a clock of milliseconds in 32 bits can tell. */
static void test_setting(void **state)
{
    hf_config *config = hf_config_new(HF_CLIENT, hf_policy_named("default"));

    (void)state;
    assert_int_equal(hf_config_set(config, HF_SET_KEY_UPDATE_AFTER, 0), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_KEY_UPDATE_AFTER, UINT32_MAX / 1000), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_KEY_UPDATE_AFTER, UINT32_MAX / 1000 + 1),
                     HF_E_MISUSE);
    assert_int_equal(hf_config_set(config, HF_SET_KEY_UPDATE_AFTER, UINT64_MAX), HF_E_MISUSE);
    hf_config_free(config);
}

/* Nobody says anything for a year; keys are renewed each day, and that is no flood. */
static void test_idle_for_a_year(void **state)
{
    pair p;

    (void)state;
    start(&p, UINT32_MAX);
    for (int day = 0; day < 365; day++) {
        now += DAY_MS;
        heard[0] = '\0';
        for (int role = 0; role < 2; role++)
            hf_conn_tick(p.end[role].conn);
        pair_run(&p);
        for (int role = 0; role < 2; role++)
            assert_null(hf_conn_failure(p.end[role].conn));
    }
    talk(&p);
    for (int role = 0; role < 2; role++)
        assert_true(updates(&p, role) >= 365);
    pair_free(&p);
}

/* ---- how often ---- */

/* RFC 9846 4.7.3: one request is outstanding at most, however often the time comes round; the peer need not be quick. */
static void test_one_request_until_it_is_answered(void **state)
{
    pair p;

    (void)state;
    start(&p, HOUR);
    for (int hour = 0; hour < 4; hour++) {
        now += HOUR_MS;
        hf_conn_tick(p.end[HF_CLIENT].conn);
        pair_run(&p);
    }
    expect("C+CCC");
    assert_int_equal(hf_conn_key_update(p.end[HF_CLIENT].conn, true), HF_OK);
    pair_run(&p);
    expect("C");
    pair_send(&p, HF_SERVER, "x", 1);
    assert_true(strncmp(heard, "S", 1) == 0);
    heard[0] = '\0';
    now += HOUR_MS;
    hf_conn_tick(p.end[HF_CLIENT].conn);
    pair_run(&p);
    expect("C+");
    pair_free(&p);
}

/* Both ask at the same moment: each has one answer to give, and then it is quiet. */
static void test_both_at_once(void **state)
{
    (void)state;
    for (size_t chunk = 0; chunk < 2; chunk++) {
        pair p;
        start(&p, 0);
        p.chunk = chunk;
        for (int round = 1; round <= 3; round++) {
            for (int role = 0; role < 2; role++)
                assert_int_equal(hf_conn_key_update(p.end[role].conn, true), HF_OK);
            pair_run(&p);
            talk(&p);
            talk(&p);
            for (int role = 0; role < 2; role++)
                assert_int_equal(updates(&p, role), 2 * round);
        }
        pair_free(&p);
    }
}

/* Data that was written before a renewal and not sent yet leaves under the keys of before. */
static void test_between_data(void **state)
{
    pair p;

    (void)state;
    start(&p, 0);
    p.chunk = 3;
    hf_conn *client = p.end[HF_CLIENT].conn;
    for (char c = 'a'; c < 'k'; c++) {
        assert_int_equal(hf_conn_data_in(client, &(hf_iovec){ &c, 1 }, 1), 1);
        assert_int_equal(hf_conn_key_update(client, false), HF_OK);
    }
    pair_run(&p);
    assert_int_equal(p.end[HF_SERVER].n_data, 10);
    assert_memory_equal(p.end[HF_SERVER].data, "abcdefghij", 10);
    pair_free(&p);
}

/* Up to 32 in a row; data between them, or time, starts the count again. */
static void test_flood(void **state)
{
    enum { MANY = HF_POST_HANDSHAKE_FLOOD };

    (void)state;
    for (int victim = 0; victim < 2; victim++)
        for (int way = 0; way < 3; way++) {
            pair_options o = timed(0);
            hostile h;
            hostile_start(&h, (hf_role)victim, &o);
            hostile_rest(&h);
            for (int i = 0; i < 2 * MANY && !hostile_failure(&h); i++) {
                if (i == MANY && way == 1)
                    hostile_record(&h, HF_CT_APPLICATION_DATA, hf_span_str("x"));
                if (i == MANY && way == 2)
                    now += HF_POST_HANDSHAKE_PERIOD;
                hostile_send(&h, HF_MSG_KeyUpdate, hf_span_of("\0", 1));
                hostile_next_keys(&h);
                assert_int_equal(hostile_failure(&h) != NULL, i == MANY && way == 0);
            }
            if (way == 0) {
                assert_int_equal(hostile_failure(&h)->code, HF_E_KEY_UPDATE_FLOOD);
                assert_int_equal(hostile_alert(&h), HF_ALERT_unexpected_message);
            }
            hostile_free(&h);
        }
}

/* Each costs a derivation: so many within ten seconds by the config's clock, also with data between them; one more is a flood. In
   the next ten seconds there may be as many again. */
static void test_flood_with_data(void **state)
{
    enum { MANY = HF_POST_HANDSHAKE_MAX };

    (void)state;
    assert_int_equal(MANY, 512);
    for (int victim = 0; victim < 2; victim++)
        for (int pause = 0; pause < 2; pause++) {
            pair_options o = timed(0);
            hostile h;
            hostile_start(&h, (hf_role)victim, &o);
            hostile_rest(&h);
            now += HF_POST_HANDSHAKE_PERIOD; /* the tickets are forgotten */
            for (int i = 0; i < (1 + pause) * MANY + 1; i++) {
                assert_null(hostile_failure(&h));
                if (i == MANY - 1) /* the last moment of them */
                    now += HF_POST_HANDSHAKE_PERIOD - 1;
                if (i == MANY && pause)
                    now++;
                hostile_record(&h, HF_CT_APPLICATION_DATA, hf_span_str("x"));
                hostile_send(&h, HF_MSG_KeyUpdate, hf_span_of("\0", 1));
                hostile_next_keys(&h);
            }
            assert_non_null(hostile_failure(&h));
            assert_int_equal(hostile_failure(&h)->code, HF_E_MESSAGE_FLOOD);
            assert_int_equal(hostile_alert(&h), HF_ALERT_unexpected_message);
            hostile_free(&h);
        }
}

/* ---- the last generation ---- */

/* RFC 9846 4.7.3: at 2^48 - 1 there are no more: none is sent, requests are not answered, and data goes on …
   (RFC 9846 4.7.3#9 #11) */
static void test_last_generation(void **state)
{
    (void)state;
    for (int role = 0; role < 2; role++) {
        pair p;
        start(&p, HOUR);
        hf_engine *e = &p.end[role].conn->engine;
        e->generations[role] = HF_GENERATIONS_MAX - 1;
        assert_int_equal(hf_conn_key_update(p.end[role].conn, false), HF_OK);
        assert_int_equal(hf_conn_key_update(p.end[role].conn, false), HF_E_KEY_LIMIT);
        assert_int_equal(e->generations[role], HF_GENERATIONS_MAX);
        talk(&p);
        heard[0] = '\0';
        assert_int_equal(hf_conn_key_update(p.end[!role].conn, true), HF_OK);
        pair_run(&p);
        talk(&p);
        expect(role == HF_CLIENT ? "S+" : "C+");
        assert_int_equal(deadline(&p, role), UINT64_MAX);
        now += 100 * HOUR_MS;
        hf_conn_tick(p.end[role].conn);
        pair_send(&p, (hf_role)role, "x", 1);
        expect("");
        pair_free(&p);
    }
}

/* … until the AEAD's limit (RFC 9846 5.5): then the connection ends, and the peer sees a clean end. */
static void test_end_of_the_last_generation(void **state)
{
    (void)state;
    for (int role = 0; role < 2; role++) {
        pair p;
        start(&p, 0);
        hf_conn *c = p.end[role].conn;
        c->engine.generations[role] = HF_GENERATIONS_MAX;
        c->out.keys.limit = c->out.keys.sequence + 10;
        size_t sent = 0;
        while (sent < 20 && hf_conn_data_in(c, &(hf_iovec){ "x", 1 }, 1) == 1)
            sent++;
        assert_in_range(sent, 1, 10);
        pair_run(&p);
        assert_non_null(hf_conn_failure(c));
        assert_int_equal(hf_conn_failure(c)->code, HF_E_KEY_LIMIT);
        assert_int_equal(p.end[!role].n_data, sent);
        assert_true(p.end[!role].closed);
        assert_null(hf_conn_failure(p.end[!role].conn));
        pair_free(&p);
    }
}

/* RFC 9846 4.7.3: a receiver does not enforce it. (RFC 9846 4.7.3#10) */
static void test_a_peer_past_the_last_generation(void **state)
{
    pair p;

    (void)state;
    start(&p, 0);
    p.end[HF_SERVER].conn->engine.generations[HF_CLIENT] = HF_GENERATIONS_MAX;
    assert_int_equal(hf_conn_key_update(p.end[HF_CLIENT].conn, true), HF_OK);
    pair_run(&p);
    talk(&p);
    expect("C+S");
    pair_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_one_renewal_for_both),
        cmocka_unit_test(test_before_data),
        cmocka_unit_test(test_no_deadline_without_keys),
        cmocka_unit_test(test_setting),
        cmocka_unit_test(test_idle_for_a_year),
        cmocka_unit_test(test_one_request_until_it_is_answered),
        cmocka_unit_test(test_both_at_once),
        cmocka_unit_test(test_between_data),
        cmocka_unit_test(test_flood),
        cmocka_unit_test(test_flood_with_data),
        cmocka_unit_test(test_last_generation),
        cmocka_unit_test(test_end_of_the_last_generation),
        cmocka_unit_test(test_a_peer_past_the_last_generation),
    };

    return cmocka_run_group_tests_name("flow_keyupdate", tests, NULL, NULL);
}
