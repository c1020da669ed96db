/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Where a server of TLS 1.3 finds a key that was shared beforehand: a hook, or a job that is answered
 * later and elsewhere (HF_JOB_PSK_LOOKUP). No answer is ever taken for a key.
 */
#include "support/psk_scene.h"

/* ---- a hook ---- */

typedef struct hook {
    const char *key;
    size_t len;
    unsigned asked;
} hook;

static bool find(void *user, hf_span identity, uint8_t *key, size_t *len)
{
    hook *h = user;

    h->asked++;
    assert_int_equal(*len, HF_PSK_KEY_MAX);
    if (!hf_span_equal(identity, hf_span_str("device1")))
        return false;
    memcpy(key, h->key, h->len < 32 ? h->len : 32);
    *len = h->len;
    return true;
}

/* hf_hooks.find_psk is asked for whom the set does not have, and its answers are judged. */
static void test_hook(void **state)
{
    hook h = { KEY, 32, 0 };
    pair_options o = keys_alone();

    (void)state;
    add(HF_CLIENT, "device1", KEY);
    add(HF_CLIENT, "device2", KEY);
    o.psks[HF_SERVER] = NULL;
    o.hooks[HF_SERVER] = (hf_hooks){ .find_psk = find, .user = &h };
    connects_with(&o, "device1");
    assert_int_equal(h.asked, 1);
    o.psk_identity = hf_span_str("device2");
    refused(&o, HF_E_PSK_UNKNOWN, HF_ALERT_decrypt_error, NULL);
    assert_int_equal(h.asked, 2);
    o.psk_identity = hf_span_str("device1");
    h.len = HF_PSK_KEY_MIN - 1;
    refused(&o, HF_E_PSK_KEY, HF_ALERT_internal_error, NULL);
    h.len = HF_PSK_KEY_MAX + 1;
    refused(&o, HF_E_PSK_KEY, HF_ALERT_internal_error, NULL);
    h.len = HF_PSK_KEY_MIN;
    refused(&o, HF_E_PSK_BINDER_WRONG, HF_ALERT_decrypt_error, NULL);
    h.asked = 0, h.len = 32;
    add(HF_SERVER, "device1", KEY);
    o.psks[HF_SERVER] = psks[HF_SERVER];
    connects_with(&o, "device1");
    assert_int_equal(h.asked, 0);
}

/* ---- a job ---- */

/* The look-up of a server whose jobs are done elsewhere. */
static desk_job look_up(desk_ends *e, desk *d)
{
    desk_run(e);
    for (;;) {
        assert_true(d->n > 0);
        desk_job one = desk_take(d, 0);
        if (hf_job_kind_of(one.job) == HF_JOB_PSK_LOOKUP)
            return one;
        desk_answer(one);
        desk_run(e);
    }
}

typedef struct answer {
    hf_span output; /* empty: none */
    hf_error result, code;
} answer;

/* The answer comes later, from a directory of keys say: hf_job_set_output, or an error. */
static void answer_later(const pair_options *o, const answer *a)
{
    desk d = { .n = 0 };
    desk_ends e;

    desk_start(&e, &d, o);
    desk_job one = look_up(&e, &d);
    assert_true(hf_span_equal(hf_job_input(one.job, NULL), hf_span_str("device1")));
    desk_run(&e);
    desk_assert_silent(&e);
    if (a->output.len > 0)
        assert_int_equal(hf_job_set_output(one.job, a->output), HF_OK);
    assert_int_equal(hf_conn_job_done(one.conn, one.job, a->result), HF_OK);
    desk_run(&e);
    desk_finish(&e);
    const hf_failure *f = hf_conn_failure(e.p.end[HF_SERVER].conn);
    assert_int_equal(f ? f->code : HF_OK, a->code);
    assert_int_equal(e.p.end[HF_SERVER].connected, a->code == HF_OK);
    assert_int_equal(e.p.end[HF_CLIENT].connected, a->code == HF_OK);
    pair_free(&e.p);
}

static void test_answers_that_come_later(void **state)
{
    const answer rows[] = {
        { hf_span_str(KEY), HF_OK, HF_OK },
        { hf_span_str(OTHER_KEY), HF_OK, HF_E_PSK_BINDER_WRONG },
        { { NULL, 0 }, HF_E_PSK_UNKNOWN, HF_E_PSK_UNKNOWN },
        { { NULL, 0 }, HF_OK, HF_E_JOB_FAILED }, /* a lost result is no key */
        { { NULL, 0 }, HF_E_JOB_FAILED, HF_E_JOB_FAILED },
        { { NULL, 0 }, HF_E_NO_MEMORY, HF_E_NO_MEMORY },
        { { NULL, 0 }, HF_WAIT, HF_E_JOB_FAILED },
        { hf_span_str(KEY), HF_E_PSK_UNKNOWN, HF_E_PSK_UNKNOWN }, /* the result counts */
    };
    pair_options o = keys_alone();

    (void)state;
    add(HF_CLIENT, "device1", KEY);
    add(HF_SERVER, "somebody else", KEY);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        answer_later(&o, &rows[i]);
    o = keys_and_certificates(); /* a stranger is shown a certificate */
    answer_later(&o, &(answer){ { NULL, 0 }, HF_E_PSK_UNKNOWN, HF_OK });
    answer_later(&o, &(answer){ { NULL, 0 }, HF_E_JOB_FAILED, HF_E_JOB_FAILED });
}

/* Keys that are too short or too long are none. */
static void test_output_of_a_look_up_is_judged(void **state)
{
    static const uint8_t bytes[HF_PSK_KEY_MAX + 1] = { 1 };
    pair_options o = keys_alone();
    desk d = { .n = 0 };
    desk_ends e;

    (void)state;
    add(HF_CLIENT, "device1", KEY);
    add(HF_SERVER, "somebody else", KEY);
    desk_start(&e, &d, &o);
    desk_job one = look_up(&e, &d);
    assert_int_equal(hf_job_set_output(one.job, hf_span_of(bytes, 0)), HF_E_LIMIT);
    assert_int_equal(hf_job_set_output(one.job, hf_span_of(bytes, HF_PSK_KEY_MIN - 1)), HF_E_LIMIT);
    assert_int_equal(hf_job_set_output(one.job, hf_span_of(bytes, sizeof bytes)), HF_E_LIMIT);
    assert_int_equal(hf_conn_job_done(one.conn, one.job, HF_OK), HF_OK);
    desk_run(&e);
    assert_true(desk_nobody_connected(&e));
    assert_int_equal(hf_conn_failure(e.p.end[HF_SERVER].conn)->code, HF_E_JOB_FAILED);
    pair_free(&e.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PSK_TEST(test_hook),
        PSK_TEST(test_answers_that_come_later),
        PSK_TEST(test_output_of_a_look_up_is_judged),
    };

    return cmocka_run_group_tests_name("flow_psk13_lookup", tests, NULL, NULL);
}
