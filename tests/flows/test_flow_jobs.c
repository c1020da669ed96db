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

#include "support/hostile.h"

/* ---- two ends whose jobs stand still until somebody answers them ---- */

enum { JOBS_MAX = 64, WIRE_MAX = 1 << 16, BATCH = 8 };

typedef struct held {
    hf_conn *conn;
    hf_job *job;
} held;

typedef struct desk {
    held jobs[JOBS_MAX];
    size_t n;
    unsigned seen; /* jobs that were ever handed out */
} desk;

typedef struct ends {
    pair p;
    uint8_t wire[2][WIRE_MAX]; /* towards each role, not taken yet */
    size_t n_wire[2];
    desk *desk;
} ends;

static void external(hf_config *config, hf_role role, void *user)
{
    (void)role, (void)user;
    assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_JOBS, true), HF_OK);
}

static void start(ends *e, desk *d, const pair_options *options)
{
    pair_options o = options ? *options : (pair_options){ 0 };

    if (!o.configure)
        o.configure = external;
    memset(e, 0, sizeof *e);
    e->desk = d;
    pair_start(&e->p, &o);
}

static void collect(ends *e, hf_conn *conn)
{
    desk *d = e->desk;
    hf_job *job;

    while ((job = hf_conn_job_next(conn)) != NULL) {
        assert_true(d->n < JOBS_MAX);
        d->jobs[d->n++] = (held){ conn, job };
        d->seen++;
    }
}

static bool carry(ends *e, hf_role from)
{
    hf_conn *to = e->p.end[!from].conn, *source = e->p.end[from].conn;
    hf_span out = hf_conn_wire_out(source);
    uint8_t *wire = e->wire[!from];
    size_t *n = &e->n_wire[!from];

    assert_true(*n + out.len <= WIRE_MAX);
    if (out.len > 0)
        memcpy(wire + *n, out.data, out.len);
    *n += out.len;
    hf_conn_wire_sent(source, out.len);
    size_t taken = *n > 0 ? hf_conn_wire_in(to, wire, *n) : 0;
    memmove(wire, wire + taken, *n - taken);
    *n -= taken;
    return out.len > 0 || taken > 0;
}

/* Everything that moves without an answer to a job. */
static void run(ends *e)
{
    bool moved = true;

    while (moved) {
        moved = false;
        for (int role = 0; role < 2; role++) {
            pair_events(&e->p, (hf_role)role);
            collect(e, e->p.end[role].conn);
            moved |= carry(e, (hf_role)role);
        }
    }
}

static held take(desk *d, size_t i)
{
    held h = d->jobs[i];

    memmove(d->jobs + i, d->jobs + i + 1, (d->n - i - 1) * sizeof *d->jobs);
    d->n--;
    return h;
}

static void answer(held h)
{
    hf_error result = hf_job_run(h.job);

    assert_int_equal(hf_conn_job_done(h.conn, h.job, result), HF_OK);
}

static bool nobody_connected(const ends *e)
{
    return !e->p.end[0].connected && !e->p.end[1].connected;
}

static void finish(ends *e)
{
    while (e->desk->n > 0) {
        answer(take(e->desk, 0));
        run(e);
    }
}

/* Answers jobs as they come until number k of the handshake is at the head; false: there are fewer. */
static bool advance_to(ends *e, unsigned k)
{
    run(e);
    for (unsigned i = 0; i < k; i++) {
        if (e->desk->n == 0)
            return false;
        answer(take(e->desk, 0));
        run(e);
    }
    return e->desk->n > 0;
}

/* ---- held, failed ---- */

static void assert_silent(ends *e)
{
    for (int role = 0; role < 2; role++) {
        pair_end *end = &e->p.end[role];
        assert_false(end->connected);
        assert_int_equal(hf_conn_wire_out(end->conn).len, 0);
        assert_int_equal(hf_conn_next(end->conn), HF_EVENT_NONE);
        assert_int_equal(end->n_data, 0);
    }
}

/* One job is never answered, all others are; then the connections are freed, and only then it runs. */
static void hold(unsigned k, bool *more, char *names, size_t room)
{
    desk d = { .n = 0 };
    ends e;

    start(&e, &d, NULL);
    *more = advance_to(&e, k);
    if (*more) {
        held one = take(&d, 0);
        snprintf(names + strlen(names), room - strlen(names), " %s", hf_job_name(one.job));
        finish(&e);
        assert_silent(&e);
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
    ends e;

    start(&e, &d, NULL);
    *more = advance_to(&e, k);
    if (*more) {
        held one = take(&d, 0);
        pair_end *failing = &e.p.end[one.conn == e.p.end[HF_SERVER].conn];
        hf_error shown = code == HF_WAIT ? HF_E_JOB_FAILED : code;
        assert_int_equal(hf_conn_job_done(one.conn, one.job, code), HF_OK);
        run(&e);
        finish(&e); /* late answers to a failed connection are dropped */
        assert_true(nobody_connected(&e));
        assert_true(failing->failed);
        const hf_failure *f = hf_conn_failure(failing->conn);
        assert_int_equal(f->code, shown);
        assert_int_equal(f->alert, hf_error_alert(shown));
        assert_int_equal(f->blame, hf_error_blame(shown));
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

static uint32_t draw(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

static void test_answers_in_any_order(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 40; seed++) { /* 0: the last first */
        desk d = { .n = 0 };
        uint32_t dice = seed;
        ends e;
        start(&e, &d, NULL);
        run(&e);
        while (d.n > 0) {
            assert_true(nobody_connected(&e));
            answer(take(&d, seed ? draw(&dice) % d.n : d.n - 1));
            if (seed % 2 == 0)
                run(&e);
            else if (d.n == 0)
                run(&e); /* all of a turn, then the connections */
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
        ends e;
        start(&e, &d, NULL);
        assert_true(advance_to(&e, 5));
        assert_int_equal(d.n, 2);
        hf_conn *client = e.p.end[HF_CLIENT].conn, *server = e.p.end[HF_SERVER].conn;
        assert_int_equal(hf_job_kind_of(d.jobs[0].job), HF_JOB_VERIFY_CHAIN);
        assert_int_equal(hf_job_kind_of(d.jobs[1].job), HF_JOB_VERIFY);
        assert_int_equal(hf_conn_data_in(server, &(hf_iovec){ "half", 4 }, 1),
                         4); /* it may write; nobody may read */
        run(&e);
        assert_silent(&e);
        answer(take(&d, (size_t)order));
        run(&e);
        assert_silent(&e);
        assert_int_equal(hf_conn_data_in(client, &(hf_iovec){ "x", 1 }, 1), 0);
        assert_false(hf_conn_wants(client, NULL) & (HF_WANT_CAN_SEND | HF_WANT_WIRE_IN));
        answer(take(&d, 0));
        run(&e);
        assert_true(e.p.end[HF_CLIENT].connected && e.p.end[HF_SERVER].connected);
        assert_int_equal(e.p.end[HF_CLIENT].n_data, 4);
        pair_free(&e.p);
    }
}

/* A job that a connection does not know is dropped; it answers for nobody. */
static void test_answer_to_the_wrong_connection(void **state)
{
    desk d[2] = { { .n = 0 } };
    ends e[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        start(&e[i], &d[i], NULL);
        assert_true(advance_to(&e[i], 5));
    }
    held mine = take(&d[0], 0);
    hf_job_ref(mine.job);
    assert_int_equal(hf_job_run(mine.job), HF_OK);
    assert_int_equal(hf_conn_job_done(e[1].p.end[HF_CLIENT].conn, mine.job, HF_OK), HF_OK);
    finish(&e[0]);
    assert_true(nobody_connected(&e[0]));
    run(&e[1]);
    assert_true(nobody_connected(&e[1]));
    answer(mine);
    run(&e[0]);
    assert_true(e[0].p.end[0].connected);
    finish(&e[1]);
    assert_true(e[1].p.end[0].connected);
    for (int i = 0; i < 2; i++)
        pair_free(&e[i].p);
}

/* ---- a batch executor: all jobs of a turn of the loop, of all connections, at once ---- */

static void run_batch(desk *d, uint32_t *dice)
{
    hf_error results[JOBS_MAX];
    size_t n = d->n;

    for (size_t i = 0; i < n; i++) /* eight lanes would do this */
        results[i] = hf_job_run(d->jobs[i].job);
    d->n = 0;
    for (size_t left = n; left > 0; left--) {
        size_t i = draw(dice) % left;
        assert_int_equal(hf_conn_job_done(d->jobs[i].conn, d->jobs[i].job, results[i]), HF_OK);
        d->jobs[i] = d->jobs[left - 1];
        results[i] = results[left - 1];
    }
}

static void test_jobs_of_many_connections_in_one_batch(void **state)
{
    static ends all[BATCH];
    desk d = { .n = 0 };
    uint32_t dice = 7;
    size_t largest = 0;
    unsigned batches = 0;

    (void)state;
    for (int i = 0; i < BATCH; i++)
        start(&all[i], &d, NULL);
    do {
        for (int i = 0; i < BATCH; i++)
            run(&all[i]);
        largest = d.n > largest ? d.n : largest;
        if (d.n > 0)
            run_batch(&d, &dice), batches++;
        for (int i = 0; i < BATCH; i++)
            run(&all[i]);
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
    ends e;

    (void)state;
    start(&e, &d, NULL);
    assert_true(advance_to(&e, 3));
    held one = take(&d, 0);
    assert_int_equal(hf_job_kind_of(one.job), HF_JOB_SIGN);
    hf_span input = hf_job_input(one.job, &scheme);
    const hf_scheme *s = hf_scheme_of(scheme);
    run(&e);
    assert_silent(&e);
    assert_int_equal(
        hf_sign(shared_pki(HF_KEY_P256)->leaf->key, s->kind, s->hash, input, signature, &len),
        HF_OK);
    assert_int_equal(hf_job_set_output(one.job, hf_span_of(signature, sizeof signature)),
                     HF_E_LIMIT);
    assert_int_equal(hf_job_set_output(one.job, hf_span_of(signature, len)), HF_OK);
    assert_int_equal(hf_conn_job_done(one.conn, one.job, HF_OK), HF_OK);
    run(&e);
    finish(&e);
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
