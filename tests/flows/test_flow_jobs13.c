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

#include "support/flow13.h"
#include "support/jobs_scene.h"

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

static const char *expected_of(const char *flow)
{
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (strcmp(expected[i].flow, flow) == 0)
            return expected[i].jobs;
    fail_msg("which jobs has \"%s\"?", flow);
    return NULL;
}

/* ---- what is right ---- */

static void assert_connected(pair *p, const void *flow)
{
    flow13_assert(p, flow);
}

/* Early data may have been delivered before, none is after. */
static void assert_held(desk_ends *e, hf_conn *waits, size_t heard)
{
    assert_true(desk_nobody_connected(e));
    assert_int_equal(e->p.end[HF_SERVER].n_data, heard);
    assert_int_equal(hf_conn_data_in(waits, &(hf_iovec){ "x", 1 }, 1), 0);
}

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

static void assert_failed(desk_ends *e, jobs_failure failure, const void *flow)
{
    if (failure.kind == HF_JOB_REPLAY_CHECK)
        judge_refusal(e);
    else
        jobs_assert_failed(e, failure, is_unheard(flow, failure.side));
}

typedef unsigned with_scene(const jobs_scene *scene);

static unsigned each_flow(with_scene *f)
{
    const flow13 *flow;
    unsigned cases = 0;

    for (size_t i = 0; (flow = flow13_row(i)) != NULL; i++) {
        flow13_setup setup;
        flow13_prepare(&setup, flow);
        cases += f(&(jobs_scene){ flow->name, &setup.options, flow, assert_connected, assert_held,
                                  assert_failed });
        flow13_release(&setup);
    }
    return cases;
}

/* ---- the tests ---- */

static unsigned list(const jobs_scene *s)
{
    return jobs_list(s, expected_of(s->name));
}

static void test_which_jobs_there_are(void **state)
{
    (void)state;
    printf("%u jobs\n", each_flow(list));
}

static void test_each_job_held_for_ever(void **state)
{
    (void)state;
    unsigned cases = each_flow(jobs_hold_each);
    printf("%u jobs held\n", cases);
    assert_true(cases >= 25);
}

static unsigned fail_each(const jobs_scene *s)
{
    static const hf_error codes[] = {
        HF_OK,          HF_WAIT,     HF_E_JOB_FAILED,   HF_E_CRYPTO,
        HF_E_NO_MEMORY, HF_E_RANDOM, HF_E_CERT_EXPIRED, HF_E_KEY_SHARE_INVALID,
    };
    return jobs_fail_each(s, codes, sizeof codes / sizeof *codes);
}

static void test_each_job_failed_with_each_kind(void **state)
{
    (void)state;
    unsigned cases = each_flow(fail_each);
    printf("%u cases\n", cases);
    assert_true(cases >= 200);
}

static unsigned backwards(const jobs_scene *s)
{
    jobs_backwards(s);
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
