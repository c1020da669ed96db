/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Asymmetric operations as jobs that the application runs: held for ever, failed, answered in any
 * order, run after their connection is gone, in one batch with those of other connections. While a
 * proof is owed nothing is written, nothing is delivered and nobody is connected.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/desk.h"

enum { BATCH = 8 };

/* ---- held, failed ---- */

/* One job is never answered, all others are; then the connections are freed, and only then it runs. */
static void hold(unsigned k, bool *more, char *names, size_t room)
{
    desk d = { .n = 0 };
    desk_ends e;

    desk_start(&e, &d, NULL);
    *more = desk_advance_to(&e, k);
    if (*more) {
        desk_job one = desk_take(&d, 0);
        snprintf(names + strlen(names), room - strlen(names), " %s", hf_job_name(one.job));
        uint64_t said = hf_conn_info_of(one.conn)->bytes_out;
        desk_finish(&e);
        desk_assert_silent(&e);
        assert_int_equal(hf_conn_info_of(one.conn)->bytes_out, said); /* not a word since */
        assert_null(hf_conn_failure(e.p.end[0].conn));
        assert_null(hf_conn_failure(e.p.end[1].conn));
        pair_free(&e.p);
        (void)hf_job_run(one.job); /* legal: it owns what it needs */
        hf_job_free(one.job);
        return;
    }
    assert_true(e.p.end[0].connected && e.p.end[1].connected);
    pair_free(&e.p);
}

static void test_each_job_held_for_ever(void **state)
{
    char names[400] = "";
    unsigned k = 0;
    bool more = true;

    (void)state;
    for (; more; k++)
        hold(k, &more, names, sizeof names);
    printf("%u jobs held:%s\n", k - 1, names);
    assert_true(k - 1 >= 7); /* two shares, encapsulate, sign, decapsulate, chain, signature */
}

/* The connection fails with the error's own row, and the peer hears its alert. */
static void fail_with(unsigned k, hf_error code, bool *more)
{
    desk d = { .n = 0 };
    desk_ends e;

    desk_start(&e, &d, NULL);
    *more = desk_advance_to(&e, k);
    if (*more) {
        desk_job one = desk_take(&d, 0);
        pair_end *failing = &e.p.end[one.conn == e.p.end[HF_SERVER].conn];
        hf_error shown = code == HF_WAIT ? HF_E_JOB_FAILED : code;
        assert_int_equal(hf_conn_job_done(one.conn, one.job, code), HF_OK);
        desk_run(&e);
        desk_finish(&e); /* late answers to a failed connection are dropped */
        assert_true(desk_nobody_connected(&e));
        assert_true(failing->failed);
        const hf_failure *f = hf_conn_failure(failing->conn);
        assert_int_equal(f->code, shown);
        assert_int_equal(f->alert, hf_error_row_of(shown)->alert);
        assert_int_equal(f->blame, hf_error_row_of(shown)->blame);
    }
    for (; d.n > 0; d.n--)
        hf_job_free(d.jobs[d.n - 1].job);
    pair_free(&e.p);
}

static void test_each_job_failed_with_each_kind(void **state)
{
    static const hf_error codes[] = {
        HF_E_JOB_FAILED,     HF_E_CRYPTO,
        HF_E_NO_MEMORY,      HF_E_KEY_SHARE_INVALID,
        HF_E_KEY_SHARE_ZERO, HF_E_SIGNATURE_WRONG,
        HF_E_CERT_EXPIRED,   HF_E_CERT_UNKNOWN_CA,
        HF_E_RANDOM,         HF_WAIT,
    };
    unsigned cases = 0;

    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        bool more = true;
        for (unsigned k = 0; more; k++, cases += more)
            fail_with(k, codes[i], &more);
    }
    printf("%u cases\n", cases);
    assert_true(cases >= 70);
}

/* ---- orders ---- */

static void test_answers_in_any_order(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 40; seed++) { /* 0: the last first */
        desk d = { .n = 0 };
        uint32_t dice = seed;
        desk_ends e;
        desk_start(&e, &d, NULL);
        desk_run(&e);
        while (d.n > 0) {
            assert_true(desk_nobody_connected(&e));
            desk_answer(desk_take(&d, seed ? desk_draw(&dice) % d.n : d.n - 1));
            if (seed % 2 == 0)
                desk_run(&e);
            else if (d.n == 0)
                desk_run(&e); /* all of a turn, then the connections */
        }
        assert_true(e.p.end[0].connected && e.p.end[1].connected);
        pair_free(&e.p);
    }
}

/* Proofs are owed: chain and signature stand in one batch, the client has read to Finished and says nothing. */
static void test_nothing_is_said_while_a_proof_is_owed(void **state)
{
    (void)state;
    for (int order = 0; order < 2; order++) {
        desk d = { .n = 0 };
        desk_ends e;
        desk_start(&e, &d, NULL);
        assert_true(desk_advance_to(&e, 5));
        assert_int_equal(d.n, 2);
        hf_conn *client = e.p.end[HF_CLIENT].conn, *server = e.p.end[HF_SERVER].conn;
        assert_int_equal(hf_job_kind_of(d.jobs[0].job), HF_JOB_VERIFY_CHAIN);
        assert_int_equal(hf_job_kind_of(d.jobs[1].job), HF_JOB_VERIFY);
        assert_int_equal(hf_conn_data_in(server, &(hf_iovec){ "half", 4 }, 1),
                         4); /* it may write; nobody may read */
        desk_run(&e);
        desk_assert_silent(&e);
        desk_answer(desk_take(&d, (size_t)order));
        desk_run(&e);
        desk_assert_silent(&e);
        assert_int_equal(hf_conn_data_in(client, &(hf_iovec){ "x", 1 }, 1), 0);
        assert_false(hf_conn_wants(client, NULL) & (HF_WANT_CAN_SEND | HF_WANT_WIRE_IN));
        desk_answer(desk_take(&d, 0));
        desk_run(&e);
        assert_true(e.p.end[HF_CLIENT].connected && e.p.end[HF_SERVER].connected);
        assert_int_equal(e.p.end[HF_CLIENT].n_data, 4);
        pair_free(&e.p);
    }
}

/* A job that a connection does not know is dropped; it answers for nobody. */
static void test_answer_to_the_wrong_connection(void **state)
{
    desk d[2] = { { .n = 0 } };
    desk_ends e[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        desk_start(&e[i], &d[i], NULL);
        assert_true(desk_advance_to(&e[i], 5));
    }
    desk_job mine = desk_take(&d[0], 0);
    hf_job_ref(mine.job);
    assert_int_equal(hf_job_run(mine.job), HF_OK);
    assert_int_equal(hf_conn_job_done(e[1].p.end[HF_CLIENT].conn, mine.job, HF_OK), HF_OK);
    desk_finish(&e[0]);
    assert_true(desk_nobody_connected(&e[0]));
    desk_run(&e[1]);
    assert_true(desk_nobody_connected(&e[1]));
    desk_answer(mine);
    desk_run(&e[0]);
    assert_true(e[0].p.end[0].connected);
    desk_finish(&e[1]);
    assert_true(e[1].p.end[0].connected);
    for (int i = 0; i < 2; i++)
        pair_free(&e[i].p);
}

/* ---- a batch executor: all jobs of a turn of the loop, of all connections, at once ---- */

static void run_batch(desk *d, uint32_t *dice)
{
    hf_error results[DESK_JOBS_MAX];
    size_t n = d->n;

    for (size_t i = 0; i < n; i++) /* eight lanes would do this */
        results[i] = hf_job_run(d->jobs[i].job);
    d->n = 0;
    for (size_t left = n; left > 0; left--) {
        size_t i = desk_draw(dice) % left;
        assert_int_equal(hf_conn_job_done(d->jobs[i].conn, d->jobs[i].job, results[i]), HF_OK);
        d->jobs[i] = d->jobs[left - 1];
        results[i] = results[left - 1];
    }
}

static void test_jobs_of_many_connections_in_one_batch(void **state)
{
    static desk_ends all[BATCH];
    desk d = { .n = 0 };
    uint32_t dice = 7;
    size_t largest = 0;
    unsigned batches = 0;

    (void)state;
    for (int i = 0; i < BATCH; i++)
        desk_start(&all[i], &d, NULL);
    do {
        for (int i = 0; i < BATCH; i++)
            desk_run(&all[i]);
        largest = d.n > largest ? d.n : largest;
        if (d.n > 0)
            run_batch(&d, &dice), batches++;
        for (int i = 0; i < BATCH; i++)
            desk_run(&all[i]);
    } while (d.n > 0);
    printf("%u jobs of %d connections in %u batches, the largest of %zu\n", d.seen, BATCH, batches,
           largest);
    assert_int_equal(largest, 2 * BATCH); /* the shares, and chain with CertificateVerify */
    assert_true(batches <= 5);
    for (int i = 0; i < BATCH; i++) {
        assert_true(all[i].p.end[0].connected && all[i].p.end[1].connected);
        pair_free(&all[i].p);
    }
}

/* ---- signers ---- */

/* A signer elsewhere: the job's input is signed there, the result put in later. */
static void test_signature_made_elsewhere(void **state)
{
    uint8_t signature[1024 + 8] = { 0 };
    desk d = { .n = 0 };
    size_t len = sizeof signature;
    uint16_t scheme = 0;
    desk_ends e;

    (void)state;
    desk_start(&e, &d, NULL);
    assert_true(desk_advance_to(&e, 3));
    desk_job one = desk_take(&d, 0);
    assert_int_equal(hf_job_kind_of(one.job), HF_JOB_SIGN);
    hf_span input = hf_job_input(one.job, &scheme);
    const hf_scheme *s = hf_scheme_of(scheme);
    desk_run(&e);
    desk_assert_silent(&e);
    assert_int_equal(
        hf_sign(shared_pki(HF_KEY_P256)->leaf->key, s->kind, s->hash, input, signature, &len),
        HF_OK);
    assert_int_equal(hf_job_set_output(one.job, hf_span_of(signature, sizeof signature)),
                     HF_E_LIMIT);
    assert_int_equal(hf_job_set_output(one.job, hf_span_of(signature, len)), HF_OK);
    assert_int_equal(hf_conn_job_done(one.conn, one.job, HF_OK), HF_OK);
    desk_run(&e);
    desk_finish(&e);
    assert_true(e.p.end[0].connected && e.p.end[1].connected);
    pair_free(&e.p);
}

static hf_error refuse_to_sign(void *user, uint16_t scheme, hf_span message, uint8_t *signature,
                               size_t *len)
{
    (void)user, (void)scheme, (void)message, (void)signature, (void)len;
    return HF_E_JOB_FAILED;
}

static void failing_signer(hf_config *config, hf_role role, void *user)
{
    static const hf_signer_ops ops = { .sign = refuse_to_sign };

    (void)user;
    if (role == HF_CLIENT)
        return;
    hf_signer *good = config->identities[0]->signer;
    config->identities[0]->signer = hf_signer_new(&ops, NULL, good->schemes);
    hf_signer_free(good);
}

static void test_signer_fails(void **state)
{
    pair_options o = { .configure = failing_signer };
    pair p;

    (void)state;
    pair_start(&p, &o);
    pair_run(&p);
    const hf_failure *ours = hf_conn_failure(p.end[HF_SERVER].conn),
                     *theirs = hf_conn_failure(p.end[HF_CLIENT].conn);
    assert_non_null(ours);
    assert_int_equal(ours->code, HF_E_JOB_FAILED);
    assert_int_equal(ours->blame, HF_BLAME_US);
    assert_string_equal(ours->step, "CertificateVerify");
    assert_true(p.carried[HF_SERVER] <
                1500); /* ServerHello and the alert: the rest of the flight never leaves */
    assert_non_null(theirs);
    assert_int_equal(theirs->code, HF_E_ALERT_RECEIVED);
    assert_int_equal(theirs->alert, HF_ALERT_internal_error);
    assert_false(p.end[HF_CLIENT].connected || p.end[HF_SERVER].connected);
    pair_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_job_held_for_ever),
        cmocka_unit_test(test_each_job_failed_with_each_kind),
        cmocka_unit_test(test_answers_in_any_order),
        cmocka_unit_test(test_nothing_is_said_while_a_proof_is_owed),
        cmocka_unit_test(test_answer_to_the_wrong_connection),
        cmocka_unit_test(test_jobs_of_many_connections_in_one_batch),
        cmocka_unit_test(test_signature_made_elsewhere),
        cmocka_unit_test(test_signer_fails),
    };

    return cmocka_run_group_tests_name("flow_jobs", tests, NULL, NULL);
}
