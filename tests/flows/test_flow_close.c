/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * How connections end: each direction closed on its own, truncation told from a clean end, alerts
 * that come and that are sent, deadlines, and what an ended connection still does (nothing).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/hostile.h"

static void give_alert(hostile *h, uint8_t level, uint8_t description)
{
    const uint8_t bytes[] = { level, description };

    hostile_record(h, HF_CT_ALERT, hf_span_of(bytes, 2));
}

static void give_data(hostile *h, const char *text)
{
    hostile_record(h, HF_CT_APPLICATION_DATA, hf_span_str(text));
}

static void connected(hostile *h, hf_role victim)
{
    hostile_start(h, victim, NULL);
    hostile_rest(h);
    assert_true(hostile_end(h)->connected);
}

/* ---- close_notify (RFC 9846 6.1) ---- */

/* Each direction closes on its own, whoever starts. */
static void test_half_close(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        pair p;
        pair_start(&p, NULL);
        pair_connect(&p);
        pair_end *a = &p.end[first], *b = &p.end[!first];
        pair_send(&p, (hf_role)first, "last words", 10);
        assert_int_equal(hf_conn_close_write(a->conn), HF_OK);
        assert_int_equal(hf_conn_close_write(a->conn), HF_OK); /* once is enough */
        pair_run(&p);
        assert_true(b->closed);
        assert_false(a->closed);
        assert_int_equal(b->n_data, 10);
        assert_false(hf_conn_wants(a->conn, NULL) & HF_WANT_CAN_SEND);
        assert_false(hf_conn_wants(b->conn, NULL) & (HF_WANT_CAN_RECEIVE | HF_WANT_WIRE_IN));
        assert_int_equal(hf_conn_data_in(a->conn, &(hf_iovec){ "x", 1 }, 1), 0);
        assert_int_equal(hf_conn_key_update(a->conn, false), HF_E_MISUSE);
        pair_send(&p, (hf_role)!first, "and then some", 13);
        assert_int_equal(a->n_data, 13);
        assert_int_equal(hf_conn_close_write(b->conn), HF_OK);
        pair_run(&p);
        assert_true(a->closed);
        for (int role = 0; role < 2; role++) {
            hf_conn_wire_eof(p.end[role].conn); /* after close_notify: a clean end */
            pair_run(&p);
            assert_false(p.end[role].failed);
            assert_null(hf_conn_failure(p.end[role].conn));
            assert_int_equal(hf_conn_wants(p.end[role].conn, NULL), 0);
        }
        pair_free(&p);
    }
}

static void test_end_without_close_notify_is_truncation(void **state)
{
    (void)state;
    for (int victim = 0; victim < 2; victim++) {
        hostile h;
        connected(&h, (hf_role)victim);
        give_data(&h, "half of a sentence");
        hostile_eof(&h);
        const hf_failure *f = hostile_failure(&h);
        assert_non_null(f);
        assert_int_equal(f->code, HF_E_TRUNCATED_STREAM);
        assert_int_equal(f->blame, HF_BLAME_NETWORK);
        assert_false(hostile_end(&h)->closed);
        hostile_assert_dead(&h, 18);
        hostile_free(&h);
    }
}

static void test_close_notify_in_the_handshake_is_a_failure(void **state)
{
    static const hf_msg before[] = { HF_MSG_ServerHello, HF_MSG_EncryptedExtensions,
                                     HF_MSG_Finished };

    (void)state;
    for (int i = 0; i < 4; i++) {
        hostile h;
        hostile_start(&h, i < 3 ? HF_CLIENT : HF_SERVER, NULL);
        hostile_until(&h, i < 3 ? before[i] : HF_MSG_Finished, 0);
        give_alert(&h, 1, HF_ALERT_close_notify);
        assert_int_equal(hostile_failure(&h)->code, HF_E_CLOSED_IN_HANDSHAKE);
        assert_int_equal(hostile_alert(&h), HF_ALERT_none);
        assert_false(hostile_end(&h)->closed);
        hostile_assert_dead(&h, 0);
        hostile_free(&h);
    }
}

/* RFC 9846 6.1: any data received after close_notify must be ignored. */
static void test_bytes_after_close_notify_are_swallowed(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        hostile h;
        connected(&h, HF_SERVER);
        give_data(&h, "all");
        give_alert(&h, 1, HF_ALERT_close_notify);
        if (kind == 0)
            give_data(&h, "too late");
        else if (kind == 1)
            give_alert(&h, 2, HF_ALERT_internal_error);
        else if (kind == 2)
            hostile_raw(&h, hf_span_str("not even TLS, and long enough for a record"));
        else
            hostile_eof(&h);
        assert_null(hostile_failure(&h));
        assert_true(hostile_end(&h)->closed);
        assert_int_equal(hostile_end(&h)->n_data, 3);
        pair_send(&h.p, HF_SERVER, "still here", 10); /* our own direction is open */
        assert_int_equal(h.p.end[HF_CLIENT].n_data, 10);
        hostile_free(&h);
    }
}

/* ---- alerts that come (RFC 9846 6) ---- */

/* Every alert but close_notify and user_canceled is an error, whatever its level and number; no alert is sent back, and
   nothing more is delivered. */
static void test_every_error_alert_ends_the_connection(void **state)
{
    static const uint8_t levels[] = { 2, 1, 0, 3, 255 };
    unsigned cases = 0;

    (void)state;
    for (int description = 1; description < 256; description++)
        for (size_t i = 0; i < sizeof levels; i++) {
            hostile h;
            if (description == HF_ALERT_user_canceled || (i > 1 && description % 16))
                continue;
            connected(&h, (hf_role)(description & 1));
            give_alert(&h, levels[i], (uint8_t)description);
            give_data(&h, "after the end");
            const hf_failure *f = hostile_failure(&h);
            assert_non_null(f);
            assert_int_equal(f->code, HF_E_ALERT_RECEIVED);
            assert_int_equal(f->alert, description);
            assert_int_equal(f->alert_direction, HF_ALERT_RECEIVED);
            assert_int_equal(h.p.end[h.self].n_log, 1); /* CONNECTED: it heard nothing back */
            hostile_assert_dead(&h, 0);
            hostile_free(&h);
            cases++;
        }
    printf("%u cases\n", cases);
    assert_true(cases >= 500);
}

/* RFC 9846 6.1: user_canceled is followed by close_notify, and reading goes on until then. */
static void test_user_canceled_is_read_past(void **state)
{
    hostile h;

    (void)state;
    connected(&h, HF_CLIENT);
    give_alert(&h, 1, HF_ALERT_user_canceled);
    give_data(&h, "on its way");
    assert_int_equal(hostile_end(&h)->n_data, 10);
    give_alert(&h, 1, HF_ALERT_close_notify);
    assert_true(hostile_end(&h)->closed);
    assert_null(hostile_failure(&h));
    hostile_free(&h);

    hostile_start(&h, HF_CLIENT, NULL); /* in the handshake too */
    hostile_until(&h, HF_MSG_Certificate, 0);
    give_alert(&h, 1, HF_ALERT_user_canceled);
    assert_null(hostile_failure(&h));
    give_alert(&h, 1, HF_ALERT_close_notify);
    assert_int_equal(hostile_failure(&h)->code, HF_E_CLOSED_IN_HANDSHAKE);
    hostile_assert_dead(&h, 0);
    hostile_free(&h);
}

/* ---- alerts that we send ---- */

static void test_abort_sends_the_alert(void **state)
{
    static const hf_alert alerts[] = { HF_ALERT_access_denied, HF_ALERT_internal_error,
                                       HF_ALERT_general_error, HF_ALERT_unrecognized_name };

    (void)state;
    for (int when = 0; when < 2; when++)
        for (size_t i = 0; i < sizeof alerts / sizeof *alerts; i++) {
            pair p;
            pair_start(&p, NULL);
            if (when == 1)
                pair_connect(&p);
            hf_conn_abort(p.end[HF_SERVER].conn, alerts[i]);
            hf_conn_abort(p.end[HF_SERVER].conn, HF_ALERT_bad_certificate); /* too late to change */
            pair_run(&p);
            const hf_failure *ours = hf_conn_failure(p.end[HF_SERVER].conn);
            const hf_failure *theirs = hf_conn_failure(p.end[HF_CLIENT].conn);
            assert_int_equal(ours->code, HF_E_ABORTED);
            assert_int_equal(ours->blame, HF_BLAME_US);
            assert_int_equal(ours->alert, alerts[i]);
            assert_int_equal(ours->alert_direction, HF_ALERT_SENT);
            assert_int_equal(theirs->code, HF_E_ALERT_RECEIVED);
            assert_int_equal(theirs->alert, alerts[i]);
            assert_int_equal(hf_conn_wants(p.end[HF_SERVER].conn, NULL), 0);
            pair_free(&p);
        }
}

/* RFC 9846 6.1: after user_canceled comes close_notify. */
static void test_abort_with_user_canceled(void **state)
{
    pair p;

    (void)state;
    pair_start(&p, NULL);
    pair_connect(&p);
    hf_conn_abort(p.end[HF_CLIENT].conn, HF_ALERT_user_canceled);
    pair_run(&p);
    assert_true(p.end[HF_CLIENT].failed);
    assert_true(p.end[HF_SERVER].closed);
    assert_false(p.end[HF_SERVER].failed);
    pair_free(&p);
}

/* Aborting after close_notify was sent cannot write any more, but fails all the same. */
static void test_abort_after_close_write(void **state)
{
    pair p;

    (void)state;
    pair_start(&p, NULL);
    pair_connect(&p);
    assert_int_equal(hf_conn_close_write(p.end[HF_CLIENT].conn), HF_OK);
    pair_run(&p);
    hf_conn_abort(p.end[HF_CLIENT].conn, HF_ALERT_internal_error);
    assert_int_equal(hf_conn_wire_out(p.end[HF_CLIENT].conn).len, 0);
    pair_run(&p);
    assert_true(p.end[HF_CLIENT].failed);
    assert_int_not_equal(hf_conn_failure(p.end[HF_CLIENT].conn)->alert_direction, HF_ALERT_SENT);
    pair_free(&p);
}

/* A handshake is not closed but aborted; a server may close after its flight (half-RTT). */
static void test_close_write_in_the_handshake(void **state)
{
    pair p;

    (void)state;
    pair_start(&p, NULL);
    pair_events(&p, HF_CLIENT);
    assert_int_equal(hf_conn_close_write(p.end[HF_CLIENT].conn), HF_E_MISUSE);
    assert_true(pair_carry(&p, HF_CLIENT));
    assert_int_equal(hf_conn_close_write(p.end[HF_SERVER].conn), HF_OK);
    pair_connect(&p);
    assert_true(p.end[HF_CLIENT].closed);
    pair_send(&p, HF_CLIENT, "one way", 7);
    assert_int_equal(p.end[HF_SERVER].n_data, 7);
    pair_free(&p);
}

/* ---- time ---- */

static uint64_t clock_now;

static uint64_t test_clock(void *user)
{
    (void)user;
    return clock_now;
}

static void set_timeout(hf_config *config, hf_role role, void *user)
{
    const uint32_t *ms = user;

    (void)role;
    if (*ms != 1)
        assert_int_equal(hf_config_set(config, HF_SET_HANDSHAKE_TIMEOUT, *ms), HF_OK);
}

/* A stalling peer is cut by the handshake's deadline; 10 s unless set, 0: never. */
static void test_handshake_deadline(void **state)
{
    static const struct {
        uint32_t set;
        uint64_t deadline;
    } rows[] = { { 1, 10000 }, { 250, 250 }, { 0, UINT64_MAX } };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        uint32_t ms = rows[i].set;
        pair_options o = { .hooks = { { .clock_ms = test_clock }, { .clock_ms = test_clock } },
                           .configure = set_timeout,
                           .user = &ms };
        uint64_t deadline = 0;
        pair p;
        clock_now = 5000;
        pair_start(&p, &o);
        hf_conn *client = p.end[HF_CLIENT].conn;
        pair_events(&p, HF_CLIENT);
        hf_conn_wants(client, &deadline);
        assert_int_equal(deadline,
                         rows[i].deadline == UINT64_MAX ? UINT64_MAX : 5000 + rows[i].deadline);
        clock_now += rows[i].deadline == UINT64_MAX ? 1000000 : rows[i].deadline - 1;
        hf_conn_tick(client);
        assert_null(hf_conn_failure(client));
        clock_now++;
        hf_conn_tick(client);
        pair_events(&p, HF_CLIENT);
        assert_int_equal(p.end[HF_CLIENT].failed, rows[i].set != 0);
        if (rows[i].set != 0) {
            assert_int_equal(hf_conn_failure(client)->code, HF_E_TIMEOUT);
            assert_int_equal(hf_conn_failure(client)->blame, HF_BLAME_NETWORK);
        }
        pair_free(&p);
    }
}

static void keep_keys(hf_config *config, hf_role role, void *user)
{
    (void)role, (void)user;
    assert_int_equal(hf_config_set(config, HF_SET_KEY_UPDATE_AFTER, 0), HF_OK);
}

/* The handshake's deadline is over with it; that of the keys (RFC 9846 4.7.3) is a day, unless they are kept for ever, and ends
   nothing. */
static void test_no_deadline_once_connected(void **state)
{
    enum { DAY_MS = 86400000 };

    (void)state;
    for (int kept = 0; kept < 2; kept++) {
        pair_options o = { .hooks = { { .clock_ms = test_clock }, { .clock_ms = test_clock } },
                           .configure = kept ? keep_keys : NULL };
        pair p;
        clock_now = 1;
        pair_start(&p, &o);
        pair_connect(&p);
        for (int role = 0; role < 2; role++) {
            uint64_t deadline = 0;
            hf_conn_wants(p.end[role].conn, &deadline);
            assert_int_equal(deadline, kept ? UINT64_MAX : 1 + DAY_MS);
        }
        clock_now = 1000000000;
        for (int role = 0; role < 2; role++) {
            hf_conn_tick(p.end[role].conn);
            assert_int_equal(hf_conn_info_of(p.end[role].conn)->key_updates, !kept);
        }
        pair_send(&p, HF_CLIENT, "hello", 5);
        assert_int_equal(p.end[HF_SERVER].n_data, 5);
        pair_free(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_half_close),
        cmocka_unit_test(test_end_without_close_notify_is_truncation),
        cmocka_unit_test(test_close_notify_in_the_handshake_is_a_failure),
        cmocka_unit_test(test_bytes_after_close_notify_are_swallowed),
        cmocka_unit_test(test_every_error_alert_ends_the_connection),
        cmocka_unit_test(test_user_canceled_is_read_past),
        cmocka_unit_test(test_abort_sends_the_alert),
        cmocka_unit_test(test_abort_with_user_canceled),
        cmocka_unit_test(test_abort_after_close_write),
        cmocka_unit_test(test_close_write_in_the_handshake),
        cmocka_unit_test(test_handshake_deadline),
        cmocka_unit_test(test_no_deadline_once_connected),
    };

    return cmocka_run_group_tests_name("flow_close", tests, NULL, NULL);
}
