/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Jobs that look something up (src/handshake/job.c): they hold what they need, and say what they found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "handshake/job.h"

enum { HOUR_MS = 3600 * 1000 };

static hf_psks *one_key(void)
{
    hf_psks *set = hf_psks_new();

    assert_non_null(set);
    assert_int_equal(hf_psks_add(set, hf_span_str("a"), hf_span_str("sixteen bytes...")), HF_OK);
    return set;
}

static hf_config *server_with(hf_psks *set)
{
    hf_config *config = hf_config_new(HF_SERVER, hf_policy_named("iot"));

    assert_non_null(config);
    assert_int_equal(hf_config_set_psks(config, set), HF_OK);
    return config;
}

/* Config and set are gone when it runs, and so is the name that was asked for. */
static void test_psk_lookup_owns_its_inputs(void **state)
{
    char name[] = "a";
    hf_psks *set = one_key();
    hf_config *config = server_with(set);
    hf_job *job = hf_job_psk_lookup(NULL, config, hf_span_of(name, 1));

    (void)state;
    hf_config_free(config);
    hf_psks_free(set);
    name[0] = 'b';
    assert_int_equal(hf_job_kind_of(job), HF_JOB_PSK_LOOKUP);
    assert_string_equal(hf_job_name(job), "psk_lookup");
    assert_true(hf_span_equal(hf_job_input(job, NULL), hf_span_str("a")));
    assert_int_equal(hf_job_run(job), HF_OK);
    assert_true(job->fulfilled);
    assert_true(
        hf_span_equal(hf_span_of(job->output, job->output_len), hf_span_str("sixteen bytes...")));
    hf_job_free(job);
}

/* To the set an empty name would be the first (keys/psks.h); nobody who asks over the wire may have it so. */
static void test_psk_lookup_finds_only_that_name(void **state)
{
    static const uint8_t zeroes[129];
    const hf_span names[] = {
        hf_span_str("b"), hf_span_str("aa"), hf_span_str(""), { zeroes, 1 }, { zeroes, 129 },
    };
    hf_psks *set = one_key();
    hf_config *config = server_with(set), *empty = server_with(NULL);

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        hf_job *job = hf_job_psk_lookup(NULL, config, names[i]);
        assert_int_equal(hf_job_run(job), HF_E_PSK_UNKNOWN);
        assert_false(job->fulfilled);
        hf_job_free(job);
    }
    hf_job *job = hf_job_psk_lookup(NULL, empty, hf_span_str("a"));
    assert_int_equal(hf_job_run(job), HF_E_PSK_UNKNOWN);
    hf_job_free(job);
    hf_config_free(config);
    hf_config_free(empty);
    hf_psks_free(set);
}

static hf_sessions *registry(void)
{
    hf_sessions *sessions =
        hf_sessions_new(&(hf_sessions_options){ .tickets = true, .lifetime = 3600 });

    assert_non_null(sessions);
    return sessions;
}

/* RFC 9846 8.1: the first who claims an id has it; the register lives as long as somebody asks it. */
static void test_replay_check(void **state)
{
    static const uint8_t ids[2][HF_EARLY_ID] = { { 1 }, { 2 } };
    hf_sessions *sessions = registry();
    uint64_t now = hf_sessions_clock(sessions, 1000);
    hf_job *jobs[] = { hf_job_replay_check(NULL, sessions, ids[0], now, now + HOUR_MS),
                       hf_job_replay_check(NULL, sessions, ids[0], now, now + HOUR_MS),
                       hf_job_replay_check(NULL, sessions, ids[1], now, now + HOUR_MS) };

    (void)state;
    hf_sessions_free(sessions);
    assert_string_equal(hf_job_name(jobs[0]), "replay_check");
    assert_int_equal(hf_job_run(jobs[0]), HF_OK);
    assert_int_equal(hf_job_run(jobs[1]), HF_E_EARLY_USED);
    assert_int_equal(hf_job_run(jobs[2]), HF_OK);
    assert_true(jobs[0]->fulfilled && jobs[2]->fulfilled);
    assert_false(jobs[1]->fulfilled);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(hf_job_set_output(jobs[i], hf_span_str("nothing to put in")), HF_E_MISUSE);
        hf_job_free(jobs[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_psk_lookup_owns_its_inputs),
        cmocka_unit_test(test_psk_lookup_finds_only_that_name),
        cmocka_unit_test(test_replay_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
