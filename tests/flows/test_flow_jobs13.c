/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The jobs of TLS 1.3 where it rests on a pre-shared key, in every shape of it: each one held for ever,
 * failed in every way, claimed to be done without having been, run after its connection is gone. While
 * one is outstanding nobody is connected and nothing is said. What becomes of answers to
 * HF_JOB_REPLAY_CHECK and HF_JOB_PSK_LOOKUP is test_flow_early_jobs.c and test_flow_psk13_lookup.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/desk.h"
#include "support/flow13.h"

/* Which jobs a shape has, as they come when each is answered at once: a key exchange, and no signatures. */
static const struct {
    const char *flow, *jobs;
} expected[] = {
    { "resumed", " keygen encapsulate decapsulate" },
    { "resumed, client certificate before", " keygen encapsulate decapsulate" },
    { "resumed after a retry", " keygen keygen encapsulate decapsulate" },
    { "a shared key", " keygen psk_lookup encapsulate decapsulate" },
    { "a shared key after a retry",
      " keygen psk_lookup keygen psk_lookup encapsulate decapsulate" },
    { "early data taken", " keygen replay_check encapsulate decapsulate" },
    { "early data refused", " keygen replay_check encapsulate decapsulate" },
    { "early data and a retry", " keygen replay_check keygen encapsulate decapsulate" },
};

static const char *expected_of(const flow13 *flow)
{
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (strcmp(expected[i].flow, flow->name) == 0)
            return expected[i].jobs;
    fail_msg("which jobs has \"%s\"?", flow->name);
    return NULL;
}

static void start(desk_ends *e, desk *d, flow13_setup *s)
{
    s->options.configure = desk_external;
    desk_start(e, d, &s->options);
}

typedef unsigned with_setup(flow13_setup *setup);

static unsigned each_flow(with_setup *f)
{
    const flow13 *flow;
    unsigned cases = 0;

    for (size_t i = 0; (flow = flow13_row(i)) != NULL; i++) {
        flow13_setup setup;
        flow13_prepare(&setup, flow);
        cases += f(&setup);
        flow13_release(&setup);
    }
    return cases;
}

/* ---- which ---- */

static unsigned list(flow13_setup *s)
{
    desk d = { .n = 0 };
    desk_ends e;
    char names[400] = "";
    unsigned n = 0;

    start(&e, &d, s);
    for (desk_run(&e); d.n > 0; desk_run(&e), n++) {
        desk_job one = desk_take(&d, 0);
        snprintf(names + strlen(names), sizeof names - strlen(names), " %s", hf_job_name(one.job));
        desk_answer(one);
    }
    flow13_assert(&e.p, s->flow);
    assert_string_equal(names, expected_of(s->flow));
    pair_free(&e.p);
    return n;
}

static void test_which_jobs_there_are(void **state)
{
    (void)state;
    printf("%u jobs\n", each_flow(list));
}

/* ---- held ---- */

/* Job number k is never answered, all others are; then the connections are freed, and only then it runs. Early data may have been
   delivered before, none is after. */
static bool hold(flow13_setup *s, unsigned k)
{
    desk d = { .n = 0 };
    desk_ends e;

    start(&e, &d, s);
    bool more = desk_advance_to(&e, k);
    if (!more) {
        flow13_assert(&e.p, s->flow);
        pair_free(&e.p);
        return false;
    }
    desk_job one = desk_take(&d, 0);
    uint64_t said = hf_conn_info_of(one.conn)->bytes_out;
    size_t heard = e.p.end[HF_SERVER].n_data;
    desk_finish(&e);
    assert_true(desk_nobody_connected(&e));
    assert_int_equal(e.p.end[HF_SERVER].n_data, heard);
    assert_int_equal(hf_conn_info_of(one.conn)->bytes_out, said); /* not a word since */
    assert_int_equal(hf_conn_data_in(one.conn, &(hf_iovec){ "x", 1 }, 1), 0);
    for (int role = 0; role < 2; role++)
        assert_null(hf_conn_failure(e.p.end[role].conn));
    pair_free(&e.p);
    (void)hf_job_run(one.job); /* legal: it owns what it needs */
    hf_job_free(one.job);
    return true;
}

static unsigned hold_each(flow13_setup *s)
{
    unsigned k = 0;

    while (hold(s, k))
        k++;
    return k;
}

static void test_each_job_held_for_ever(void **state)
{
    (void)state;
    unsigned cases = each_flow(hold_each);
    printf("%u jobs held\n", cases);
    assert_true(cases >= 25);
}

/* ---- failed, claimed ---- */

/* The register's no is no failure: early data is refused. */
static void judge_refusal(desk_ends *e)
{
    assert_true(e->p.end[0].connected && e->p.end[1].connected);
    assert_int_equal(e->p.end[HF_SERVER].n_early, 0);
    assert_int_equal(hf_conn_info_of(e->p.end[HF_CLIENT].conn)->early, HF_EARLY_REJECTED);
}

/* A client that fails before it hears of the refusal says so under the early keys, which the server does not have: to that it is
   more early data to be skipped (RFC 9846 4.3.10). */
static bool is_unheard(const flow13 *flow, int side)
{
    return side == HF_CLIENT && flow->early == FLOW13_REFUSED && !flow->retry;
}

static void judge_failure(desk_ends *e, int side, hf_error code, const flow13 *flow)
{
    hf_error shown = code == HF_WAIT || code == HF_OK ? HF_E_JOB_FAILED : code;
    const hf_failure *f = hf_conn_failure(e->p.end[side].conn),
                     *theirs = hf_conn_failure(e->p.end[!side].conn);

    assert_true(desk_nobody_connected(e));
    assert_non_null(f);
    assert_int_equal(f->code, shown);
    assert_int_equal(f->alert, hf_error_row_of(shown)->alert);
    assert_int_equal(f->blame, hf_error_row_of(shown)->blame);
    if (!theirs && is_unheard(flow, side))
        return;
    assert_non_null(theirs);
    assert_int_equal(theirs->code, HF_E_ALERT_RECEIVED);
    assert_int_equal(theirs->alert, f->alert);
}

/* HF_WAIT is no result, and HF_OK none for a job that nobody ran. */
static bool fail_with(flow13_setup *s, unsigned k, hf_error code)
{
    desk d = { .n = 0 };
    desk_ends e;

    start(&e, &d, s);
    bool more = desk_advance_to(&e, k);
    if (more) {
        desk_job one = desk_take(&d, 0);
        int side = one.conn == e.p.end[HF_SERVER].conn;
        bool asked = hf_job_kind_of(one.job) == HF_JOB_REPLAY_CHECK;
        assert_int_equal(hf_conn_job_done(one.conn, one.job, code), HF_OK);
        desk_run(&e);
        desk_finish(&e); /* late answers to a failed connection are dropped */
        if (asked)
            judge_refusal(&e);
        else
            judge_failure(&e, side, code, s->flow);
    }
    for (; d.n > 0; d.n--)
        hf_job_free(d.jobs[d.n - 1].job);
    pair_free(&e.p);
    return more;
}

static unsigned fail_each(flow13_setup *s)
{
    static const hf_error codes[] = {
        HF_OK,          HF_WAIT,     HF_E_JOB_FAILED,   HF_E_CRYPTO,
        HF_E_NO_MEMORY, HF_E_RANDOM, HF_E_CERT_EXPIRED, HF_E_KEY_SHARE_INVALID,
    };
    unsigned cases = 0;

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        for (unsigned k = 0; fail_with(s, k, codes[i]); k++)
            cases++;
    return cases;
}

static void test_each_job_failed_with_each_kind(void **state)
{
    (void)state;
    unsigned cases = each_flow(fail_each);
    printf("%u cases\n", cases);
    assert_true(cases >= 200);
}

/* ---- late ---- */

/* Results that come only when all jobs of a turn were run, the last first. */
static unsigned backwards(flow13_setup *s)
{
    desk d = { .n = 0 };
    desk_ends e;

    start(&e, &d, s);
    for (desk_run(&e); d.n > 0; desk_run(&e)) {
        hf_error results[DESK_JOBS_MAX];
        for (size_t i = 0; i < d.n; i++)
            results[i] = hf_job_run(d.jobs[i].job);
        for (; d.n > 0; d.n--) {
            desk_job one = d.jobs[d.n - 1];
            assert_int_equal(hf_conn_job_done(one.conn, one.job, results[d.n - 1]), HF_OK);
        }
    }
    flow13_assert(&e.p, s->flow);
    pair_free(&e.p);
    return 1;
}

static void test_a_turn_in_one_batch(void **state)
{
    (void)state;
    assert_int_equal(each_flow(backwards), sizeof expected / sizeof *expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_jobs_there_are),
        cmocka_unit_test(test_each_job_held_for_ever),
        cmocka_unit_test(test_each_job_failed_with_each_kind),
        cmocka_unit_test(test_a_turn_in_one_batch),
    };

    return cmocka_run_group_tests_name("flow_jobs13", tests, NULL, NULL);
}
