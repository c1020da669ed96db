/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Coming back in TLS 1.3 (RFC 9846 2.2, 2.3, 4.3.11, 4.7.1), one of each kind: tickets, keys shared
 * beforehand and early data between two good ends. The rules, one by one, are test_flow_psk13_*.c and
 * test_flow_early*.c; what attackers try is tests/hostile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/hostile.h"

enum { HOUR = 3600, EARLY = 1000 };

static hostile_bytes kept;

static hf_sessions *memory(void)
{
    hf_sessions_options o = { .tickets = true, .lifetime = HOUR };
    hf_sessions *sessions = hf_sessions_new(&o);

    assert_non_null(sessions);
    return sessions;
}

/* It stands still, so that no ticket's age depends on how long a test takes. */
static uint64_t fixed_clock(void *user)
{
    (void)user;
    return 1000000;
}

static pair_options usual(hf_sessions *sessions)
{
    return (pair_options){ .sessions = sessions,
                           .want_session = true,
                           .endpoint = "localhost:443",
                           .hooks = { { .clock_ms = fixed_clock }, { .clock_ms = fixed_clock } } };
}

static const hf_conn_info *info(pair *p, hf_role role)
{
    return hf_conn_info_of(p->end[role].conn);
}

/* A full handshake; the newest session is kept and offered from now on. */
static void first_visit(pair_options *o)
{
    pair p;

    o->session = hf_span_of(NULL, 0);
    pair_start(&p, o);
    pair_connect(&p);
    assert_false(info(&p, HF_CLIENT)->resumed);
    hb_set(&kept, hf_conn_session(p.end[HF_CLIENT].conn));
    assert_true(kept.len > 0);
    o->session = hb_span(&kept);
    pair_free(&p);
}

/* RFC 9846 4.7.1: as many tickets as the policy says, each told; then one for the one that was used. */
static void test_tickets_come_by_policy(void **state)
{
    hf_sessions *sessions = memory();
    pair_options o = usual(sessions);
    unsigned told[2] = { 0 };
    pair p;

    (void)state;
    for (int visit = 0; visit < 2; visit++) {
        pair_start(&p, &o);
        pair_run(&p);
        assert_true(p.end[HF_CLIENT].connected);
        for (size_t i = 0; i < p.end[HF_CLIENT].n_log; i++)
            told[visit] += p.end[HF_CLIENT].log[i] == HF_EVENT_SESSION;
        assert_int_equal(info(&p, HF_CLIENT)->resumed, visit);
        assert_int_equal(info(&p, HF_SERVER)->resumed, visit);
        hb_set(&kept, hf_conn_session(p.end[HF_CLIENT].conn));
        o.session = hb_span(&kept);
        pair_free(&p);
    }
    assert_true(told[0] >= 1 && told[1] >= 1);
    hf_sessions_free(sessions);
}

static void test_resumes_again_and_again(void **state)
{
    hf_sessions *sessions = memory();
    pair_options o = usual(sessions);
    pair p;

    (void)state;
    first_visit(&o);
    for (int i = 0; i < 4; i++) {
        o.chunk = i == 3;
        pair_start(&p, &o);
        pair_connect(&p);
        assert_true(info(&p, HF_CLIENT)->resumed && info(&p, HF_SERVER)->resumed);
        assert_true(info(&p, HF_CLIENT)->peer_verified && info(&p, HF_CLIENT)->forward_secrecy);
        pair_send(&p, HF_CLIENT, "ping", 4);
        pair_send(&p, HF_SERVER, "pong", 4);
        hb_set(&kept, hf_conn_session(p.end[HF_CLIENT].conn));
        o.session = hb_span(&kept);
        pair_free(&p);
    }
    hf_sessions_free(sessions);
}

static void test_resumes_after_a_retry(void **state)
{
    hf_sessions *sessions = memory();
    hf_policy policy[2] = { *hostile_policy(), *hostile_retry_policy() };
    pair_options o = usual(sessions);
    pair p;

    (void)state;
    policy[0].max_version = policy[1].max_version = HF_TLS13;
    o.policy[HF_CLIENT] = &policy[0];
    o.policy[HF_SERVER] = &policy[1];
    first_visit(&o);
    pair_start(&p, &o);
    pair_connect(&p);
    assert_true(info(&p, HF_CLIENT)->retried && info(&p, HF_CLIENT)->resumed);
    pair_free(&p);
    hf_sessions_free(sessions);
}

static void test_early_data_arrives_once(void **state)
{
    hf_sessions *sessions = memory();
    pair_options o = usual(sessions);
    pair p;

    (void)state;
    o.early_data[HF_CLIENT] = o.early_data[HF_SERVER] = EARLY;
    o.early = hf_span_str("GET / HTTP/1.0");
    first_visit(&o);
    for (int again = 0; again < 2; again++) {
        pair_start(&p, &o);
        pair_connect(&p);
        assert_true(info(&p, HF_CLIENT)->resumed);
        assert_int_equal(info(&p, HF_CLIENT)->early, again ? HF_EARLY_REJECTED : HF_EARLY_ACCEPTED);
        assert_int_equal(info(&p, HF_SERVER)->early_error, again ? HF_E_EARLY_USED : HF_OK);
        assert_int_equal(p.end[HF_SERVER].n_early, again ? 0 : o.early.len);
        assert_int_equal(pair_saw(&p.end[HF_CLIENT], HF_EVENT_EARLY_REJECTED), again);
        pair_send(&p, HF_CLIENT, "more", 4);
        pair_free(&p);
    }
    hf_sessions_free(sessions);
}

static void test_a_shared_key(void **state)
{
    hf_psks *psks[2] = { hf_psks_new(), hf_psks_new() };
    pair_options o = { .psks = { psks[0], psks[1] }, .no_identity = true, .no_trust = true };
    pair p;

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            hf_psks_add(psks[i], hf_span_str("device1"), hf_span_str("0123456789abcdef")), HF_OK);
    pair_start(&p, &o);
    pair_connect(&p);
    assert_true(info(&p, HF_CLIENT)->psk_used && info(&p, HF_SERVER)->psk_used);
    assert_true(hf_span_equal(info(&p, HF_SERVER)->psk_identity, hf_span_str("device1")));
    pair_send(&p, HF_CLIENT, "ping", 4);
    pair_free(&p);
    hf_psks_free(psks[0]);
    hf_psks_free(psks[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tickets_come_by_policy),
        cmocka_unit_test(test_resumes_again_and_again),
        cmocka_unit_test(test_resumes_after_a_retry),
        cmocka_unit_test(test_early_data_arrives_once),
        cmocka_unit_test(test_a_shared_key),
    };
    int status = cmocka_run_group_tests_name("flow_resume13", tests, NULL, NULL);

    hb_free(&kept);
    return status;
}
