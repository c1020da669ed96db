/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * How connections of TLS 1.2 end and what they refuse on the way: close_notify is answered at once,
 * truncation told, a connection has a greatest age, renegotiation is declined with a warning once and
 * with the end if asked again, keys are never renewed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/flow12.h"

static void give_alert(hostile *h, uint8_t level, uint8_t description)
{
    const uint8_t bytes[] = { level, description };

    hostile_record(h, HF_CT_ALERT, hf_span_of(bytes, 2));
}

static void give_data(hostile *h, const char *text)
{
    hostile_record(h, HF_CT_APPLICATION_DATA, hf_span_str(text));
}

/* Both ends of a connection that stands, one of them bad. */
static void connected(hostile *h, hf_role victim)
{
    static hf_policy policy;
    pair_options o = { .pki = shared_pki(HF_KEY_ED25519), .policy = { &policy, &policy } };

    policy = flow12_policy(false);
    flow12_hostile_with(h, victim, &o);
    hostile_rest(h);
    assert_true(hostile_end(h)->connected);
}

static void start_pair(pair *p, pair_options *o, hf_policy *policy)
{
    *policy = flow12_policy(false);
    o->policy[HF_CLIENT] = o->policy[HF_SERVER] = policy;
    o->pki = shared_pki(HF_KEY_ED25519);
    pair_start(p, o);
}

/* The content of the protected records that one end writes, as the other reads them. */
typedef struct watch {
    unsigned alerts, close_notify, no_renegotiation;
} watch;

static void on_event(void *user, const hf_trace_event *event)
{
    watch *w = user;

    if (event->kind != HF_TRACE_RECORD || event->content_type != HF_CT_ALERT ||
        event->content.len != 2)
        return;
    w->alerts++;
    w->close_notify += event->content.data[1] == HF_ALERT_close_notify;
    w->no_renegotiation +=
        event->content.data[0] == 1 && event->content.data[1] == HF_ALERT_no_renegotiation;
}

/* What the victim writes from now on. */
static hf_trace_sink watching(watch *w)
{
    *w = (watch){ 0 };
    return (hf_trace_sink){ on_event, w };
}

/* ---- close_notify (RFC 5246 7.2.1) ---- */

/* The other party MUST respond with a close_notify of its own and close down the connection immediately, discarding any pending
   writes: there is no half-open connection as in TLS 1.3. */
static void test_close_notify_is_answered(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        hf_policy policy;
        pair_options o = { 0 };
        pair p;
        start_pair(&p, &o, &policy);
        pair_connect(&p);
        pair_end *a = &p.end[first], *b = &p.end[!first];
        pair_send(&p, (hf_role)first, "last words", 10);
        assert_int_equal(hf_conn_close_write(a->conn), HF_OK);
        assert_int_equal(hf_conn_close_write(a->conn), HF_OK); /* once is enough */
        assert_false(a->closed);
        pair_run(&p);
        assert_true(a->closed && b->closed); /* nobody but the first asked for it */
        assert_int_equal(b->n_data, 10);
        for (int role = 0; role < 2; role++) {
            hf_conn *c = p.end[role].conn;
            assert_int_equal(hf_conn_data_in(c, &(hf_iovec){ "x", 1 }, 1), 0);
            assert_int_equal(hf_conn_close_write(c), HF_OK);
            assert_int_equal(hf_conn_wire_out(c).len, 0);
            hf_conn_wire_eof(c);
            pair_run(&p);
            assert_null(hf_conn_failure(c));
            assert_int_equal(hf_conn_wants(c, NULL), 0);
        }
        pair_free(&p);
    }
}

/* One alert, and only one: who closed first does not answer the answer. */
static void test_close_notify_is_sent_once(void **state)
{
    (void)state;
    for (int who = 0; who < 2; who++) {
        watch w;
        hostile h;
        connected(&h, HF_CLIENT);
        hostile_conn(&h)->trace = watching(&w);
        hostile_conn(&h)->engine.trace = &hostile_conn(&h)->trace;
        if (who == 0)
            assert_int_equal(hf_conn_close_write(hostile_conn(&h)), HF_OK);
        w = (watch){ 0 };
        give_alert(&h, 1, HF_ALERT_close_notify); /* told of as well: it is a record */
        hostile_pump(&h);
        assert_int_equal(w.close_notify, who == 0 ? 1 : 2);
        assert_true(hostile_end(&h)->closed);
        assert_null(hostile_failure(&h));
        hostile_free(&h);
    }
}

/* What comes after close_notify is ignored; what came before is delivered. */
static void test_bytes_after_close_notify_are_swallowed(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++)
        for (int victim = 0; victim < 2; victim++) {
            hostile h;
            connected(&h, (hf_role)victim);
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
            assert_int_equal(hf_conn_data_in(hostile_conn(&h), &(hf_iovec){ "x", 1 }, 1), 0);
            hostile_free(&h);
        }
}

/* RFC 5246 7.2.1: who closed first reads on until the answer comes. */
static void test_data_on_its_way_is_read_after_close_write(void **state)
{
    hostile h;

    (void)state;
    connected(&h, HF_SERVER);
    assert_int_equal(hf_conn_close_write(hostile_conn(&h)), HF_OK);
    give_data(&h, "on its way");
    assert_int_equal(hostile_end(&h)->n_data, 10);
    give_alert(&h, 1, HF_ALERT_close_notify);
    assert_true(hostile_end(&h)->closed);
    assert_null(hostile_failure(&h));
    hostile_free(&h);
}

static void test_end_without_close_notify_is_truncation(void **state)
{
    (void)state;
    for (int victim = 0; victim < 2; victim++)
        for (int closing = 0; closing < 2; closing++) { /* having sent one's own is no excuse */
            hostile h;
            connected(&h, (hf_role)victim);
            give_data(&h, "half of a sentence");
            if (closing)
                assert_int_equal(hf_conn_close_write(hostile_conn(&h)), HF_OK);
            hostile_pump(&h);
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

/* Nothing may be written yet, so nothing is closed: in TLS 1.2 a server has no half-RTT data either. */
static void test_close_write_in_the_handshake(void **state)
{
    hf_policy policy;
    pair_options o = { 0 };
    pair p;

    (void)state;
    start_pair(&p, &o, &policy);
    for (int step = 0; step < 3; step++) {
        for (int role = 0; role < 2; role++) {
            pair_events(&p, (hf_role)role);
            assert_false(p.end[role].connected);
            assert_int_equal(hf_conn_close_write(p.end[role].conn), HF_E_MISUSE);
        }
        if (step < 2)
            assert_true(pair_carry(&p, (hf_role)step));
    }
    pair_connect(&p);
    pair_free(&p);
}

/* ---- aborting ---- */

/* After any number of flights, by either end: the other can read the alert, under whatever keys it is. */
static unsigned abort_after(flow12_setup *setup, unsigned flights, hf_role who)
{
    pair p;

    flow12_start(&p, setup);
    pair_events(&p, HF_CLIENT);
    for (unsigned i = 0; i < flights; i++)
        pair_carry(&p, (hf_role)(i % 2));
    hf_conn_abort(p.end[who].conn, HF_ALERT_access_denied);
    pair_run(&p);
    const hf_failure *ours = hf_conn_failure(p.end[who].conn),
                     *theirs = hf_conn_failure(p.end[!who].conn);
    assert_int_equal(ours->code, HF_E_ABORTED);
    assert_int_equal(ours->alert_direction, HF_ALERT_SENT);
    if (!theirs || theirs->code != HF_E_ALERT_RECEIVED || theirs->alert != HF_ALERT_access_denied)
        fail_msg("%s, %s after %u flights: the other end hears %s", setup->flow->name,
                 who == HF_CLIENT ? "client" : "server", flights,
                 theirs ? hf_error_row_of(theirs->code)->name : "nothing");
    pair_free(&p);
    return 1;
}

static void test_an_alert_is_heard_in_every_state(void **state)
{
    const flow12 *flow;
    unsigned cases = 0;

    (void)state;
    for (size_t i = 0; (flow = flow12_row(i)) != NULL; i++) {
        flow12_setup setup;
        flow12_prepare(&setup, flow);
        for (unsigned flights = 0; flights < 6; flights++)
            for (int who = 0; who < 2; who++)
                cases += abort_after(&setup, flights, (hf_role)who);
        flow12_release(&setup);
    }
    printf("%u cases\n", cases);
}

/* ---- age (RFC 9325 3.5) ---- */

static uint64_t clock_now;

static uint64_t test_clock(void *user)
{
    (void)user;
    return clock_now;
}

typedef struct age {
    uint64_t seconds; /* UINT64_MAX: not set */
} age;

static void set_age(hf_config *config, hf_role role, void *user)
{
    const age *a = user;

    (void)role;
    if (a->seconds != UINT64_MAX)
        assert_int_equal(hf_config_set(config, HF_SET_MAX_AGE, a->seconds), HF_OK);
}

static void start_aged(pair *p, age *a, hf_policy *policy, uint16_t version)
{
    pair_options o = { .hooks = { { .clock_ms = test_clock }, { .clock_ms = test_clock } },
                       .configure = set_age,
                       .user = a };

    clock_now = 5000;
    if (version == HF_TLS12)
        start_pair(p, &o, policy);
    else
        pair_start(p, &o);
    clock_now = 6000; /* the age counts from CONNECTED */
    pair_connect(p);
}

/* close_notify is sent, HF_E_MAX_AGE told, and the peer sees a clean end. */
static void dies_at(pair *p, int role, uint64_t deadline)
{
    hf_conn *c = p->end[role].conn;

    clock_now = deadline - 1;
    hf_conn_tick(c);
    pair_send(p, (hf_role)role, "x", 1);
    assert_null(hf_conn_failure(c));
    clock_now = deadline;
    hf_conn_tick(c);
    pair_run(p);
    assert_true(p->end[role].failed);
    assert_int_equal(hf_conn_failure(c)->code, HF_E_MAX_AGE);
    assert_int_equal(hf_conn_failure(c)->blame, HF_BLAME_POLICY);
    assert_int_equal(hf_conn_failure(c)->alert, HF_ALERT_close_notify);
    assert_int_equal(hf_conn_failure(c)->alert_direction, HF_ALERT_SENT);
    assert_true(p->end[!role].closed);
    assert_false(p->end[!role].failed);
    assert_int_equal(hf_conn_wants(c, NULL), 0);
}

static void test_a_connection_has_a_greatest_age(void **state)
{
    static const struct {
        uint64_t seconds, ms;
    } rows[] = { { UINT64_MAX, 86400000 }, { 1, 1000 }, { 3600, 3600000 }, { 0, UINT64_MAX } };

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (int role = 0; role < 2; role++) {
            age a = { rows[i].seconds };
            uint64_t deadline = 0;
            hf_policy policy;
            pair p;
            start_aged(&p, &a, &policy, HF_TLS12);
            hf_conn_wants(p.end[role].conn, &deadline);
            if (rows[i].ms == UINT64_MAX) {
                assert_int_equal(deadline, UINT64_MAX);
                clock_now = UINT64_C(1) << 50;
                hf_conn_tick(p.end[role].conn);
                assert_null(hf_conn_failure(p.end[role].conn));
            } else {
                assert_int_equal(deadline, 6000 + rows[i].ms);
                dies_at(&p, role, deadline);
                hf_conn_wants(p.end[role].conn, &deadline);
                assert_int_equal(deadline, UINT64_MAX);
            }
            pair_free(&p);
        }
}

/* What was closed in order has no age any more. */
static void test_a_closed_connection_does_not_age(void **state)
{
    (void)state;
    for (int role = 0; role < 2; role++) {
        age a = { 60 };
        uint64_t deadline = 0;
        hf_policy policy;
        pair p;
        start_aged(&p, &a, &policy, HF_TLS12);
        assert_int_equal(hf_conn_close_write(p.end[role].conn), HF_OK);
        hf_conn_wants(p.end[role].conn, &deadline);
        assert_int_equal(deadline, 6000 + 60000); /* a peer that never answers is not waited for */
        pair_run(&p);
        clock_now = 7000000;
        for (int end = 0; end < 2; end++) {
            hf_conn_wants(p.end[end].conn, &deadline);
            assert_int_equal(deadline, UINT64_MAX);
            hf_conn_tick(p.end[end].conn);
            assert_null(hf_conn_failure(p.end[end].conn));
            assert_int_equal(hf_conn_next(p.end[end].conn), HF_EVENT_NONE);
        }
        pair_free(&p);
    }
}

/* TLS 1.3 renews its keys. */
static void test_tls13_has_no_greatest_age(void **state)
{
    age a = { 1 };
    uint64_t deadline = 0;
    pair p;

    (void)state;
    start_aged(&p, &a, NULL, HF_TLS13);
    hf_conn_wants(p.end[HF_CLIENT].conn, &deadline);
    assert_true(deadline > clock_now + 1000); /* of its keys (RFC 9846 4.7.3): no age of a second */
    clock_now = UINT64_C(1) << 40;
    for (int role = 0; role < 2; role++) {
        hf_conn_tick(p.end[role].conn);
        hf_conn_wants(p.end[role].conn, &deadline);
        assert_true(deadline > clock_now);
    }
    pair_send(&p, HF_CLIENT, "x", 1);
    assert_int_equal(p.end[HF_SERVER].n_data, 1);
    pair_free(&p);
}

static void test_age_out_of_range(void **state)
{
    hf_config *config = hf_config_new(HF_CLIENT, hf_policy_named("default"));

    (void)state;
    assert_int_equal(hf_config_set(config, HF_SET_MAX_AGE, UINT32_MAX), HF_E_MISUSE);
    assert_int_equal(hf_config_set(config, HF_SET_MAX_AGE, UINT64_MAX), HF_E_MISUSE);
    assert_int_equal(hf_config_set(config, HF_SET_MAX_AGE, UINT32_MAX / 1000), HF_OK);
    hf_config_free(config);
}

/* ---- renegotiation (RFC 5246 7.4.1.1, RFC 5746 4.5) ---- */

static void life_goes_on(hostile *h)
{
    size_t before = hostile_end(h)->n_data;

    give_data(h, "still here");
    assert_int_equal(hostile_end(h)->n_data, before + 10);
    assert_int_equal(hf_conn_data_in(hostile_conn(h), &(hf_iovec){ "so am I", 7 }, 1), 7);
    hostile_pump(h);
    assert_null(hostile_failure(h));
}

/* HelloRequest gets one no_renegotiation warning, however often it comes, and nothing else happens. */
static void test_hello_request_is_declined_once(void **state)
{
    watch w;
    hostile h;

    (void)state;
    connected(&h, HF_CLIENT);
    hostile_conn(&h)->trace = watching(&w);
    hostile_conn(&h)->engine.trace = &hostile_conn(&h)->trace;
    for (int i = 0; i < 5; i++) {
        hostile_send(&h, HF_MSG_HelloRequest, hf_span_of(NULL, 0));
        assert_int_equal(w.alerts, 1);
        assert_int_equal(w.no_renegotiation, 1);
        life_goes_on(&h);
    }
    hostile_free(&h);
}

/* RFC 5246 7.2.1: after close_notify nothing is written, a refusal neither. */
static void test_nothing_is_declined_after_close_write(void **state)
{
    watch w;
    hostile h;

    (void)state;
    connected(&h, HF_CLIENT);
    assert_int_equal(hf_conn_close_write(hostile_conn(&h)), HF_OK);
    hf_conn_wire_sent(hostile_conn(&h), hf_conn_wire_out(hostile_conn(&h)).len);
    hostile_conn(&h)->trace = watching(&w);
    hostile_conn(&h)->engine.trace = &hostile_conn(&h)->trace;
    hostile_send(&h, HF_MSG_HelloRequest, hf_span_of(NULL, 0));
    assert_int_equal(w.alerts, 0);
    assert_int_equal(hf_conn_wire_out(hostile_conn(&h)).len, 0);
    hostile_free(&h);
}

/* … but a peer that says nothing else is a flood. */
static void test_hello_requests_without_end(void **state)
{
    hostile h;
    unsigned n = 0;

    (void)state;
    connected(&h, HF_CLIENT);
    for (; !hostile_failure(&h) && n < 10000; n++)
        hostile_send(&h, HF_MSG_HelloRequest, hf_span_of(NULL, 0));
    printf("refused after %u HelloRequests\n", n);
    assert_non_null(hostile_failure(&h));
    assert_int_equal(hostile_failure(&h)->code, HF_E_HELLO_REQUEST_FLOOD);
    hostile_free(&h);
}

/* A ClientHello gets the warning; a second one is handshake_failure. */
static void test_client_hello_is_declined_and_then_refused(void **state)
{
    watch w;
    hostile h;
    hostile_bytes hello = { 0 };

    (void)state;
    connected(&h, HF_SERVER);
    hb_set(&hello, hf_span_of(h.said[0].bytes.data + HF_HANDSHAKE_HEADER,
                              h.said[0].bytes.len - HF_HANDSHAKE_HEADER));
    hostile_conn(&h)->trace = watching(&w);
    hostile_conn(&h)->engine.trace = &hostile_conn(&h)->trace;
    hostile_send(&h, HF_MSG_ClientHello, hb_span(&hello));
    assert_int_equal(w.no_renegotiation, 1);
    life_goes_on(&h);
    hostile_send(&h, HF_MSG_ClientHello, hb_span(&hello));
    assert_int_equal(w.no_renegotiation, 1);
    assert_int_equal(hostile_alert(&h), HF_ALERT_handshake_failure);
    assert_int_equal(hostile_failure(&h)->code, HF_E_RENEGOTIATION);
    hostile_assert_dead(&h, 10);
    hb_free(&hello);
    hostile_free(&h);
}

/* Our own refusal, as the peer hears it: two good ends, one of which has a HelloRequest put into its stream. */
static void test_a_warning_hurts_nobody(void **state)
{
    (void)state;
    for (int victim = 0; victim < 2; victim++) {
        hostile h;
        connected(&h, (hf_role)victim);
        for (int i = 0; i < 3; i++) {
            give_alert(&h, 1, HF_ALERT_no_renegotiation);
            life_goes_on(&h);
        }
        hostile_free(&h);
    }
}

/* ---- keys ---- */

/* TLS 1.2 has no KeyUpdate. */
static void test_key_update_is_misuse(void **state)
{
    hf_policy policy;
    pair_options o = { 0 };
    pair p;

    (void)state;
    start_pair(&p, &o, &policy);
    for (int when = 0; when < 2; when++) {
        for (int role = 0; role < 2; role++)
            for (int request = 0; request < 2; request++)
                assert_int_equal(hf_conn_key_update(p.end[role].conn, request), HF_E_MISUSE);
        pair_connect(&p);
    }
    for (int role = 0; role < 2; role++)
        pair_send(&p, (hf_role)role, "x", 1);
    assert_int_equal(p.end[HF_SERVER].n_data, 1);
    pair_free(&p);
}

/* Without renewal the limit of the keys is the end of the connection: nothing is written beyond it. */
static void test_keys_are_used_up(void **state)
{
    hf_policy policy;
    pair_options o = { 0 };
    hf_iovec iov = { "x", 1 };
    size_t sent = 0;
    pair p;

    (void)state;
    start_pair(&p, &o, &policy);
    pair_connect(&p);
    hf_conn *client = p.end[HF_CLIENT].conn;
    client->out.keys.limit = client->out.keys.sequence + 10;
    for (int i = 0; i < 40 && !p.end[HF_CLIENT].failed; i++) {
        sent += hf_conn_data_in(client, &iov, 1);
        pair_run(&p);
    }
    assert_true(p.end[HF_CLIENT].failed);
    assert_int_equal(hf_conn_failure(client)->code, HF_E_KEY_LIMIT);
    assert_int_equal(hf_conn_failure(client)->alert, HF_ALERT_close_notify);
    assert_true(sent > 0 && sent < 10);
    assert_true(pair_saw(&p.end[HF_SERVER], HF_EVENT_PEER_CLOSED)); /* told, not cut off */
    assert_int_equal(p.end[HF_SERVER].n_data, sent);
    pair_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_close_notify_is_answered),
        cmocka_unit_test(test_close_notify_is_sent_once),
        cmocka_unit_test(test_bytes_after_close_notify_are_swallowed),
        cmocka_unit_test(test_data_on_its_way_is_read_after_close_write),
        cmocka_unit_test(test_end_without_close_notify_is_truncation),
        cmocka_unit_test(test_close_write_in_the_handshake),
        cmocka_unit_test(test_an_alert_is_heard_in_every_state),
        cmocka_unit_test(test_a_connection_has_a_greatest_age),
        cmocka_unit_test(test_a_closed_connection_does_not_age),
        cmocka_unit_test(test_tls13_has_no_greatest_age),
        cmocka_unit_test(test_age_out_of_range),
        cmocka_unit_test(test_hello_request_is_declined_once),
        cmocka_unit_test(test_nothing_is_declined_after_close_write),
        cmocka_unit_test(test_hello_requests_without_end),
        cmocka_unit_test(test_client_hello_is_declined_and_then_refused),
        cmocka_unit_test(test_a_warning_hurts_nobody),
        cmocka_unit_test(test_key_update_is_misuse),
        cmocka_unit_test(test_keys_are_used_up),
    };

    return cmocka_run_group_tests_name("flow_close12", tests, NULL, NULL);
}
