/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a peer can cost us, and what must be gone when a connection is: memory that does not grow with
 * what was sent, time that does not grow with the square of a list, secrets that do not outlive a
 * failure, proofs that count only if the work was done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conn/conn.h"
#include "support/pair.h"

/* Every test runs in both versions. */
static uint16_t version;

static void begin(pair *p, const pair_options *options)
{
    hf_policy spoken = policy_of_version("default", version);
    pair_options o = options ? *options : (pair_options){ 0 };

    for (int role = 0; role < 2; role++)
        if (!o.policy[role])
            o.policy[role] = &spoken; /* copied by the config */
    pair_start(p, &o);
}

/* ---- memory ---- */

/* A peer that always leaves a little unread: what was sent must not stay in the buffer. */
static void test_out_buffer_does_not_grow(void **state)
{
    static const uint8_t data[8192];
    pair p;
    size_t sent = 0;

    (void)state;
    begin(&p, NULL);
    pair_connect(&p);
    hf_conn *c = p.end[HF_CLIENT].conn;
    while (sent < 4u * 1024 * 1024) {
        hf_iovec iov = { data, sizeof data };
        assert_int_equal(hf_conn_data_in(c, &iov, 1), sizeof data);
        size_t ready = hf_conn_wire_out(c).len;
        hf_conn_wire_sent(c, ready - 100);
        sent += ready - 100;
    }
    printf("%zu bytes sent through a buffer of %zu\n", sent, c->wire_cap);
    assert_true(c->wire_cap <= 64 * 1024);
    pair_free(&p);
}

/* A message that may not come is refused by its header: a Certificate of 128 KiB to a server. */
static void test_unexpected_is_not_buffered(void **state)
{
    uint8_t record[] = { HF_CT_HANDSHAKE, 3, 3, 0, 4, 11, 1, 0xff, 0xff };
    pair p;

    (void)state;
    begin(&p, NULL);
    hf_conn *server = p.end[HF_SERVER].conn;
    hf_conn_wire_in(server, record, sizeof record);
    pair_events(&p, HF_SERVER);
    assert_true(p.end[HF_SERVER].failed);
    assert_int_equal(hf_conn_failure(server)->code, HF_E_UNEXPECTED_MESSAGE);
    assert_true(server->engine.inbox_cap <= 4096);
    pair_free(&p);
}

/* ---- secrets ---- */

static bool all_zero(const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    while (n > 0 && *p == 0)
        p++, n--;
    return n == 0;
}

/* RFC 9846 6.2: a failed connection forgets its secrets, and exports nothing more. (RFC 9846 6#2) */
static void test_failure_forgets(void **state)
{
    uint8_t out[32];
    pair p;

    (void)state;
    begin(&p, NULL);
    pair_connect(&p);
    hf_conn *c = p.end[HF_CLIENT].conn;
    assert_int_equal(hf_conn_export(c, "label", (hf_span){ NULL, 0 }, out, sizeof out), HF_OK);
    hf_conn_abort(c, HF_ALERT_internal_error);
    assert_int_equal(hf_conn_export(c, "label", (hf_span){ NULL, 0 }, out, sizeof out),
                     HF_E_MISUSE);
    assert_true(all_zero(&c->engine.secrets, sizeof c->engine.secrets));
    assert_true(all_zero(&c->in.keys, sizeof c->in.keys));
    assert_true(all_zero(&c->out.keys, sizeof c->out.keys));
    pair_free(&p);
}

/* RFC 9846 6.2: after a fatal alert nothing more leaves, not even what was sealed before. (RFC 9846 6.2#2) */
static void test_nothing_leaves_after_an_alert(void **state)
{
    static const uint8_t data[1000];
    pair p;

    (void)state;
    begin(&p, NULL);
    pair_connect(&p);
    hf_iovec iov = { data, sizeof data };
    hf_conn_data_in(p.end[HF_CLIENT].conn, &iov, 1);
    hf_conn_abort(p.end[HF_SERVER].conn, HF_ALERT_internal_error);
    assert_true(pair_carry(&p, HF_SERVER));
    assert_true(p.end[HF_CLIENT].failed);
    assert_int_equal(hf_conn_wire_out(p.end[HF_CLIENT].conn).len, 0);
    pair_free(&p);
}

/* HF_ALERT_none: the application ends it without a word. */
static void test_abort_without_alert(void **state)
{
    pair p;

    (void)state;
    begin(&p, NULL);
    pair_connect(&p);
    hf_conn_abort(p.end[HF_SERVER].conn, HF_ALERT_none);
    assert_int_equal(hf_conn_wire_out(p.end[HF_SERVER].conn).len, 0);
    assert_int_equal(hf_conn_failure(p.end[HF_SERVER].conn)->code, HF_E_ABORTED);
    pair_free(&p);
}

/* ---- proofs ---- */

static void external_jobs(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_CLIENT)
        assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_JOBS, true), HF_OK);
}

static void finish_jobs(pair *p, bool run_proofs)
{
    hf_conn *c = p->end[HF_CLIENT].conn;
    hf_job *job;

    while ((job = hf_conn_job_next(c)) != NULL) {
        hf_job_kind kind = hf_job_kind_of(job);
        bool proof = kind == HF_JOB_VERIFY || kind == HF_JOB_VERIFY_CHAIN;
        hf_conn_job_done(c, job, proof && !run_proofs ? HF_OK : hf_job_run(job));
    }
    pair_events(p, HF_CLIENT);
}

/* "HF_OK" for a proof whose job never ran is no proof. */
static void test_a_lost_result_proves_nothing(void **state)
{
    for (int run = 0; run < 2; run++) {
        pair_options o = { .configure = external_jobs };
        pair p;

        (void)state;
        begin(&p, &o);
        for (int turn = 0; turn < 8; turn++) {
            pair_run(&p);
            finish_jobs(&p, run);
        }
        pair_run(&p);
        assert_int_equal(p.end[HF_CLIENT].connected, run);
        if (!run)
            assert_int_equal(hf_conn_failure(p.end[HF_CLIENT].conn)->code, HF_E_JOB_FAILED);
        pair_free(&p);
    }
}

/* Only a signature can be made elsewhere; a secret or a verdict cannot be put in by hand. */
static void test_set_output_is_for_signatures(void **state)
{
    pair_options o = { .configure = external_jobs };
    pair p;

    (void)state;
    begin(&p, &o);
    pair_run(&p); /* TLS 1.2: the client's first job is a proof, TLS 1.3: a key */
    hf_job *job = hf_conn_job_next(p.end[HF_CLIENT].conn);
    assert_int_equal(hf_job_kind_of(job),
                     version == HF_TLS12 ? HF_JOB_VERIFY_CHAIN : HF_JOB_KEYGEN);
    assert_int_equal(hf_job_set_output(job, hf_span_of("x", 1)), HF_E_MISUSE);
    hf_job_free(job);
    pair_free(&p);
}

/* ---- places of failures that jobs find ---- */

static void test_place_of_a_wrong_name(void **state)
{
    pair_options o = { .pki = shared_pki(HF_KEY_P256), .server_name = "other.test" };
    pair p;

    (void)state;
    begin(&p, &o);
    pair_run(&p);
    const hf_failure *f = hf_conn_failure(p.end[HF_CLIENT].conn);
    assert_int_equal(f->code, HF_E_CERT_NAME);
    assert_string_equal(f->step, "Certificate");
    assert_string_equal(f->field, "Certificate.certificate_list[0]");
    assert_true(f->offset > 0);
    pair_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_out_buffer_does_not_grow),
        cmocka_unit_test(test_unexpected_is_not_buffered),
        cmocka_unit_test(test_failure_forgets),
        cmocka_unit_test(test_nothing_leaves_after_an_alert),
        cmocka_unit_test(test_abort_without_alert),
        cmocka_unit_test(test_a_lost_result_proves_nothing),
        cmocka_unit_test(test_set_output_is_for_signatures),
        cmocka_unit_test(test_place_of_a_wrong_name),
    };

    version = HF_TLS13;
    int failed = cmocka_run_group_tests_name("flow_limits, TLS 1.3", tests, NULL, NULL);
    version = HF_TLS12;
    return failed + cmocka_run_group_tests_name("flow_limits, TLS 1.2", tests, NULL, NULL);
}
