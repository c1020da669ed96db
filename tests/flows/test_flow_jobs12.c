/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The jobs of TLS 1.2, in every shape of its handshake: each one held for ever, failed in every way,
 * claimed to be done without having been, run after its connection is gone, and all of them answered in
 * every order. While one is outstanding nobody is connected and nothing is said.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/flow12.h"
#include "support/jobs_scene.h"

/* Which jobs a shape has, as they come when each is answered at once. A server's key share and its signature are made one
   after the other; a chain and a signature over it come together (RFC 5246 figure 1). */
static const struct {
    const char *flow, *jobs;
    unsigned
        orders; /* in which they can be answered: what is owed goes side by side, what is waited for alone */
} expected[] = {
    { "ECDHE", " keygen sign verify_chain verify encapsulate decapsulate", 2 },
    { "ECDHE, TLS 1.3 offered too",
      " keygen keygen sign verify_chain verify encapsulate decapsulate", 2 },
    { "ECDHE, client certificate",
      " keygen sign verify_chain verify encapsulate sign verify_chain decapsulate verify", 6 },
    { "ECDHE, no certificate to show", " keygen sign verify_chain verify encapsulate decapsulate",
      2 },
    { "ECDHE, ticket promised", " keygen sign verify_chain verify encapsulate decapsulate", 2 },
    { "ECDHE, client certificate and ticket",
      " keygen sign verify_chain verify encapsulate sign verify_chain decapsulate verify", 6 },
    { "static RSA", " verify_chain rsa_decrypt", 1 },
    { "static RSA, client certificate", " verify_chain sign verify_chain rsa_decrypt verify", 3 },
    { "static RSA, ticket promised", " verify_chain rsa_decrypt", 1 },
    { "ECDHE_PSK", " keygen encapsulate psk_lookup decapsulate", 2 },
    { "plain PSK", " psk_lookup", 1 },
};
enum { EXPECTED = sizeof expected / sizeof *expected };

static size_t row_of(const char *name)
{
    size_t i = 0;

    while (i < EXPECTED && strcmp(expected[i].flow, name) != 0)
        i++;
    assert_true(i < EXPECTED);
    return i;
}

/* ---- what is right ---- */

static void assert_connected(pair *p, const void *flow)
{
    (void)flow;
    assert_true(p->end[0].connected && p->end[1].connected);
}

static void assert_held(desk_ends *e, hf_conn *waits, size_t heard)
{
    (void)waits, (void)heard;
    desk_assert_silent(e);
    for (int role = 0; role < 2; role++)
        assert_int_equal(hf_conn_data_in(e->p.end[role].conn, &(hf_iovec){ "x", 1 }, 1), 0);
}

static void assert_failed(desk_ends *e, jobs_failure failure, const void *flow)
{
    (void)flow;
    jobs_assert_failed(e, failure, false);
}

static jobs_scene scene_of(flow12_setup *setup)
{
    return (jobs_scene){ setup->flow->name, &setup->options, setup->flow,
                         assert_connected,  assert_held,     assert_failed };
}

typedef unsigned with_scene(const jobs_scene *scene);

static unsigned each_flow(with_scene *f)
{
    const flow12 *flow;
    unsigned cases = 0;

    for (size_t i = 0; (flow = flow12_row(i)) != NULL; i++) {
        flow12_setup setup;
        if (flow12_resumes(flow))
            continue;
        flow12_prepare(&setup, flow);
        jobs_scene scene = scene_of(&setup);
        cases += f(&scene);
        flow12_release(&setup);
    }
    return cases;
}

/* ---- which ---- */

static unsigned list(const jobs_scene *s)
{
    return jobs_list(s, expected[row_of(s->name)].jobs);
}

static void test_which_jobs_there_are(void **state)
{
    (void)state;
    printf("%u jobs\n", each_flow(list));
}

/* A session proves everything at once: no asymmetric operation is left. */
static void test_resumption_has_no_jobs(void **state)
{
    const flow12 *flow;

    (void)state;
    for (size_t i = 0; (flow = flow12_row(i)) != NULL; i++) {
        desk d = { .n = 0 };
        flow12_setup setup;
        desk_ends e;
        if (!flow12_resumes(flow))
            continue;
        flow12_prepare(&setup, flow);
        jobs_scene scene = scene_of(&setup);
        jobs_start(&e, &d, &scene);
        desk_run(&e);
        assert_int_equal(d.seen, 0);
        assert_true(e.p.end[0].connected && e.p.end[1].connected);
        assert_true(hf_conn_info_of(e.p.end[HF_SERVER].conn)->resumed);
        pair_free(&e.p);
        flow12_release(&setup);
    }
}

/* ---- held, failed, claimed ---- */

static void test_each_job_held_for_ever(void **state)
{
    (void)state;
    unsigned cases = each_flow(jobs_hold_each);
    printf("%u jobs held\n", cases);
    assert_true(cases >= 40);
}

static unsigned fail_each(const jobs_scene *s)
{
    static const hf_error codes[] = {
        HF_OK,
        HF_WAIT,
        HF_E_JOB_FAILED,
        HF_E_CRYPTO,
        HF_E_NO_MEMORY,
        HF_E_RANDOM,
        HF_E_SIGNATURE_WRONG,
        HF_E_CERT_EXPIRED,
        HF_E_CERT_UNKNOWN_CA,
        HF_E_KEY_SHARE_INVALID,
    };

    return jobs_fail_each(s, codes, sizeof codes / sizeof *codes);
}

static void test_each_job_failed_with_each_kind(void **state)
{
    (void)state;
    unsigned cases = each_flow(fail_each);
    printf("%u cases\n", cases);
    assert_true(cases >= 400);
}

/* ---- orders ---- */

enum { CHOICES_MAX = 64 };

/* Every sequence of choices among the jobs that lie on the desk, one after the other. */
typedef struct odometer {
    size_t digit[CHOICES_MAX], base[CHOICES_MAX], n;
} odometer;

static bool advance(odometer *o)
{
    while (o->n > 0 && o->digit[o->n - 1] + 1 == o->base[o->n - 1])
        o->n--;
    if (o->n == 0)
        return false;
    o->digit[o->n - 1]++;
    return true;
}

static void in_order(const jobs_scene *s, odometer *o)
{
    desk d = { .n = 0 };
    desk_ends e;
    size_t at = 0;

    jobs_start(&e, &d, s);
    for (desk_run(&e); d.n > 0; desk_run(&e), at++) {
        assert_true(at < CHOICES_MAX);
        assert_false(e.p.end[HF_SERVER].connected);
        if (at == o->n)
            o->digit[o->n++] = 0;
        o->base[at] = d.n;
        desk_answer(desk_take(&d, o->digit[at]));
    }
    assert_true(e.p.end[0].connected && e.p.end[1].connected);
    pair_free(&e.p);
}

static unsigned every_order(const jobs_scene *s)
{
    odometer o = { .n = 0 };
    unsigned cases = 0;

    do {
        in_order(s, &o);
        cases++;
    } while (advance(&o));
    printf("%s: %u orders\n", s->name, cases);
    assert_int_equal(cases, expected[row_of(s->name)].orders);
    return cases;
}

static void test_answers_in_every_order(void **state)
{
    (void)state;
    unsigned cases = each_flow(every_order);
    assert_true(cases >= 16);
}

static unsigned backwards(const jobs_scene *s)
{
    jobs_backwards(s);
    return 1;
}

static void test_a_turn_in_one_batch(void **state)
{
    (void)state;
    assert_int_equal(each_flow(backwards), 11);
}

/* ---- jobs and verdicts, both from outside ---- */

static void all_external(hf_config *config, hf_role role, void *user)
{
    desk_external(config, role, user);
    assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_VERIFY, true), HF_OK);
}

/* true: somebody waited for a verdict, and has one now. */
static bool give_verdicts(desk_ends *e)
{
    bool any = false;

    for (int role = 0; role < 2; role++)
        any |= hf_conn_verify_done(e->p.end[role].conn, HF_OK) == HF_OK;
    desk_run(e);
    return any;
}

/* The verdicts first or the jobs first: nobody speaks before both are in. */
static void test_verdicts_and_jobs_in_either_order(void **state)
{
    (void)state;
    for (int verdicts_first = 0; verdicts_first < 2; verdicts_first++) {
        desk d = { .n = 0 };
        flow12_setup setup;
        desk_ends e;
        unsigned verdicts = 0;
        bool more = true;
        flow12_prepare(&setup, flow12_named("ECDHE, client certificate"));
        setup.options.configure = all_external;
        desk_start(&e, &d, &setup.options);
        for (desk_run(&e); more;) {
            if (verdicts_first && give_verdicts(&e)) {
                verdicts++;
                continue;
            }
            more = d.n > 0;
            desk_finish(&e);
            if (!verdicts_first && !e.p.end[HF_SERVER].connected) {
                desk_assert_silent(&e);
                more = give_verdicts(&e);
                verdicts += more;
            }
        }
        assert_true(e.p.end[0].connected && e.p.end[1].connected);
        assert_int_equal(verdicts, 2);
        pair_free(&e.p);
        flow12_release(&setup);
    }
}

/* ---- RSA key exchange done elsewhere ---- */

/* HF_JOB_RSA_DECRYPT makes a secret: its result cannot be put in from outside. */
static void test_a_premaster_is_not_put_in(void **state)
{
    static const uint8_t guess[48] = { 3, 3 };
    flow12_setup setup;
    desk d = { .n = 0 };
    desk_ends e;

    (void)state;
    flow12_prepare(&setup, flow12_named("static RSA"));
    jobs_scene scene = scene_of(&setup);
    jobs_start(&e, &d, &scene);
    assert_true(desk_advance_to(&e, 1));
    desk_job one = desk_take(&d, 0);
    assert_int_equal(hf_job_kind_of(one.job), HF_JOB_RSA_DECRYPT);
    assert_int_equal(hf_job_set_output(one.job, hf_span_of(guess, sizeof guess)), HF_E_MISUSE);
    desk_answer(one);
    desk_run(&e);
    assert_true(e.p.end[0].connected && e.p.end[1].connected);
    pair_free(&e.p);
    flow12_release(&setup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_jobs_there_are),
        cmocka_unit_test(test_resumption_has_no_jobs),
        cmocka_unit_test(test_each_job_held_for_ever),
        cmocka_unit_test(test_each_job_failed_with_each_kind),
        cmocka_unit_test(test_answers_in_every_order),
        cmocka_unit_test(test_a_turn_in_one_batch),
        cmocka_unit_test(test_verdicts_and_jobs_in_either_order),
        cmocka_unit_test(test_a_premaster_is_not_put_in),
    };

    return cmocka_run_group_tests_name("flow_jobs12", tests, NULL, NULL);
}
