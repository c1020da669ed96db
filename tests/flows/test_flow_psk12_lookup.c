/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a server of TLS 1.2 does with the name of a key (RFC 4279 2): whether it is unknown, impossible
 * or has another key, the wire shows the same; where keys are looked up, and when the answer comes
 * later, from outside, wrong or not at all.
 */
#include "flows/psk12_scene.h"

#include <openssl/rand.h>

/* ---- an unknown name looks like a wrong key ---- */

static unsigned draws; /* of the server's */

static bool count_draw(void *user, uint8_t *out, size_t len)
{
    (void)user;
    draws++;
    return RAND_bytes(out, (int)len) == 1;
}

typedef struct outcome {
    psk_wire wire;
    unsigned draws;
    hf_failure failure[2];
} outcome;

static outcome refused(uint16_t suite, bool certificates, const char *identity, const char *key)
{
    outcome out = { .draws = 0 };
    psk_scene s;
    pair p;

    psk_open(&s, suite, identity, key);
    if (certificates)
        psk_with_certificates(&s);
    s.o.hooks[HF_SERVER].random = count_draw;
    pair_start(&p, &s.o);
    p.user = &out.wire;
    p.tamper = psk_listen;
    draws = 0;
    pair_run(&p);
    psk_assert_refused(&p, HF_SERVER, HF_E_PSK_WRONG, HF_ALERT_decrypt_error);
    out.draws = draws;
    for (int role = 0; role < 2; role++)
        out.failure[role] = *psk_failure(&p, (hf_role)role);
    pair_free(&p);
    psk_close(&s);
    return out;
}

static void assert_alike(const outcome *a, const outcome *b)
{
    assert_int_equal(a->wire.n, b->wire.n);
    for (size_t i = 0; i < a->wire.n; i++) {
        assert_int_equal(a->wire.record[i].from, b->wire.record[i].from);
        assert_int_equal(a->wire.record[i].type, b->wire.record[i].type);
        assert_int_equal(a->wire.record[i].len, b->wire.record[i].len);
    }
    assert_int_equal(a->draws, b->draws);
    assert_string_equal(a->failure[HF_CLIENT].rule, b->failure[HF_CLIENT].rule);
}

/* The server's own log may tell them apart. */
static void test_an_unknown_name_looks_like_a_wrong_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < PSK_SUITES; i++)
        for (int certificates = 0; certificates < 2; certificates++) {
            outcome wrong = refused(psk_suites[i], certificates, IDENTITY, OTHER_KEY);
            outcome unknown = refused(psk_suites[i], certificates, "sensor 18", KEY);
            assert_alike(&wrong, &unknown);
            assert_string_equal(wrong.failure[HF_SERVER].rule,
                                hf_error_row_of(HF_E_PSK_WRONG)->sentence);
            assert_non_null(strstr(unknown.failure[HF_SERVER].rule, "identity is known"));
            assert_string_equal(unknown.failure[HF_SERVER].field, "ClientKeyExchange.psk_identity");
        }
}

/* Another bit of the key is another key, wherever it is. */
static void test_every_byte_of_a_key_counts(void **state)
{
    char key[] = KEY;

    (void)state;
    for (size_t i = 0; i < sizeof key - 1; i++) {
        key[i] ^= 1;
        (void)refused(0x00a8, false, IDENTITY, key);
        key[i] ^= 1;
    }
}

/* What stands for the key of an unknown name is random: nobody can guess it, zeroes least of all. */
static void test_no_key_fits_an_unknown_name(void **state)
{
    static const uint8_t zeroes[HF_PSK_KEY_MAX];

    (void)state;
    for (size_t i = 0; i < PSK_SUITES; i++)
        for (size_t len = HF_PSK_KEY_MIN; len <= HF_PSK_KEY_MAX; len += 16) {
            hf_span name = hf_span_str("nobody");
            psk_scene s;
            pair p;
            psk_open(&s, psk_suites[i], IDENTITY, KEY);
            assert_int_equal(hf_psks_add(s.psks[HF_CLIENT], name, hf_span_of(zeroes, len)), HF_OK);
            s.o.psk_identity = name;
            pair_start(&p, &s.o);
            pair_run(&p);
            psk_assert_refused(&p, HF_SERVER, HF_E_PSK_WRONG, HF_ALERT_decrypt_error);
            pair_free(&p);
            psk_close(&s);
        }
}

static unsigned asked;

static bool never_asked(void *user, hf_span identity, uint8_t *key, size_t *len)
{
    (void)user, (void)identity, (void)key, (void)len;
    asked++;
    return false;
}

/* The client's ClientKeyExchange names somebody else. */
static hostile_bytes renamed;
static size_t name_len;

static bool rename_client(void *user, hf_msg msg, hf_span *body)
{
    static const uint8_t name[2000];

    (void)user;
    if (msg != HF_MSG_ClientKeyExchange)
        return false;
    size_t was = 2 + ((size_t)body->data[0] << 8 | body->data[1]);
    renamed.len = 0;
    hb_add_uint(&renamed, name_len, 2);
    hb_add(&renamed, hf_span_of(name, name_len));
    hb_add(&renamed, hf_span_of(body->data + was, body->len - was));
    *body = hb_span(&renamed);
    return true;
}

static void override_name(hf_config *config, hf_role role, void *user)
{
    desk_external(config, role, user);
    if (role == HF_CLIENT)
        config->override = (hf_override){ rename_client, NULL };
}

static void refuse_impossible(uint16_t suite, size_t len)
{
    psk_scene s;
    desk_ends e;
    desk d = { .n = 0 };

    name_len = len;
    psk_open(&s, suite, IDENTITY, KEY);
    s.o.configure = override_name;
    s.o.hooks[HF_SERVER].find_psk = never_asked;
    desk_start(&e, &d, &s.o);
    for (desk_run(&e); d.n > 0; desk_run(&e)) {
        assert_int_not_equal(hf_job_kind_of(d.jobs[0].job), HF_JOB_PSK_LOOKUP);
        desk_answer(desk_take(&d, 0));
    }
    psk_assert_refused(&e.p, HF_SERVER, HF_E_PSK_WRONG, HF_ALERT_decrypt_error);
    assert_int_equal(psk_info(&e.p, HF_SERVER)->psk_identity.len, 0);
    pair_free(&e.p);
    psk_close(&s);
}

/* An empty name is not the first of the set, and nobody has one of more than 128 bytes: no one is asked, and the end is the
   same. */
static void test_impossible_names(void **state)
{
    static const size_t lengths[] = { 0, 129, 2000 };

    (void)state;
    asked = 0;
    for (size_t i = 0; i < PSK_SUITES * COUNT(lengths); i++)
        refuse_impossible(psk_suites[i / COUNT(lengths)], lengths[i % COUNT(lengths)]);
    assert_int_equal(asked, 0);
    hb_free(&renamed);
}

/* ---- where the record does not open ---- */

typedef struct flip {
    psk_wire wire;
    hf_role victim_of;
    bool done;
} flip;

/* The last byte of the flight that has the ChangeCipherSpec: of Finished. */
static void flip_finished(pair *p, hf_role from, uint8_t *bytes, size_t *len)
{
    flip *f = p->user;

    psk_listen(p, from, bytes, len);
    if (from != f->victim_of || !f->wire.sealed[from] || f->done)
        return;
    bytes[*len - 1] ^= 1;
    f->done = true;
}

/* Either end says decrypt_error (RFC 4279 2), but where there is no such key it is bad_record_mac (RFC 5246 7.2.2). */
static void test_a_finished_that_does_not_open(void **state)
{
    (void)state;
    for (size_t i = 0; i <= PSK_SUITES; i++)
        for (int from = 0; from < 2; from++) {
            bool psk = i < PSK_SUITES;
            flip f = { .victim_of = (hf_role)from };
            psk_scene s;
            pair p;
            psk_open(&s, psk ? psk_suites[i] : 0xc02b, IDENTITY, KEY);
            psk_with_certificates(&s);
            pair_start(&p, &s.o);
            p.user = &f;
            p.tamper = flip_finished;
            pair_run(&p);
            assert_true(f.done);
            const hf_failure *found = psk_failure(&p, (hf_role)!from);
            assert_int_equal(found->code, psk ? HF_E_PSK_WRONG : HF_E_RECORD_MAC);
            assert_int_equal(found->alert, psk ? HF_ALERT_decrypt_error : HF_ALERT_bad_record_mac);
            assert_string_equal(found->rule, hf_error_row_of(found->code)->sentence);
            assert_false(p.end[!from].connected);
            pair_free(&p);
            psk_close(&s);
        }
}

static void flip_last(pair *p, hf_role from, uint8_t *bytes, size_t *len)
{
    (void)from;
    if (p->user)
        bytes[*len - 1] ^= 1;
    p->user = NULL;
}

/* Later records are judged as any: the keys are known to be the same by then. */
static void test_later_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < PSK_SUITES; i++) {
        psk_scene s;
        pair p;
        psk_open(&s, psk_suites[i], IDENTITY, KEY);
        pair_start(&p, &s.o);
        pair_connect(&p);
        p.tamper = flip_last;
        p.user = &s;
        assert_int_equal(hf_conn_data_in(p.end[HF_CLIENT].conn, &(hf_iovec){ "too late", 8 }, 1),
                         8);
        pair_run(&p);
        assert_int_equal(psk_failure(&p, HF_SERVER)->code, HF_E_RECORD_MAC);
        assert_int_equal(psk_failure(&p, HF_SERVER)->alert, HF_ALERT_bad_record_mac);
        pair_free(&p);
        psk_close(&s);
    }
}

/* ---- the hook ---- */

static size_t hook_len;

static bool find_by_hook(void *user, hf_span identity, uint8_t *key, size_t *len)
{
    (void)user;
    asked++;
    assert_int_equal(*len, HF_PSK_KEY_MAX);
    if (!hf_span_equal(identity, hf_span_str("sensor 18")))
        return false;
    memcpy(key, KEY, strlen(KEY));
    *len = hook_len;
    return true;
}

/* The set comes first; the hook is asked for the others, and is enough alone. */
static void test_the_hook(void **state)
{
    static const struct {
        const char *identity;
        bool set, connects;
        unsigned asked;
    } rows[] = {
        { IDENTITY, true, true, 0 },     { "sensor 18", true, true, 1 },
        { "sensor 18", false, true, 1 }, { "sensor 19", true, false, 1 },
        { IDENTITY, false, false, 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        psk_scene s;
        pair p;
        psk_open(&s, 0xd001, rows[i].identity, KEY);
        if (!rows[i].set)
            s.o.psks[HF_SERVER] = NULL;
        s.o.hooks[HF_SERVER].find_psk = find_by_hook;
        hook_len = strlen(KEY);
        asked = 0;
        pair_start(&p, &s.o);
        pair_run(&p);
        if (rows[i].connects)
            assert_true(p.end[0].connected && p.end[1].connected);
        else
            psk_assert_refused(&p, HF_SERVER, HF_E_PSK_WRONG, HF_ALERT_decrypt_error);
        assert_int_equal(asked, rows[i].asked);
        pair_free(&p);
        psk_close(&s);
    }
}

/* A key that hf_psks_add would not take is our own mistake. */
static void test_what_a_hook_may_not_say(void **state)
{
    static const size_t lengths[] = { 0, HF_PSK_KEY_MIN - 1, HF_PSK_KEY_MAX + 1, SIZE_MAX };

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        psk_scene s;
        pair p;
        psk_open(&s, 0x00a8, "sensor 18", KEY);
        s.o.hooks[HF_SERVER].find_psk = find_by_hook;
        hook_len = lengths[i];
        pair_start(&p, &s.o);
        pair_run(&p);
        psk_assert_refused(&p, HF_SERVER, HF_E_PSK_KEY, HF_ALERT_internal_error);
        pair_free(&p);
        psk_close(&s);
    }
}

/* ---- answers from outside ---- */

typedef hf_error answer(hf_job *job);

static hf_error right_key(hf_job *job)
{
    return hf_job_set_output(job, hf_span_str(KEY));
}

static hf_error wrong_key(hf_job *job)
{
    return hf_job_set_output(job, hf_span_str(OTHER_KEY));
}

static hf_error nobody(hf_job *job)
{
    (void)job;
    return HF_E_PSK_UNKNOWN;
}

static hf_error not_done(hf_job *job)
{
    (void)job;
    return HF_OK;
}

static hf_error broken(hf_job *job)
{
    (void)job;
    return HF_E_JOB_FAILED;
}

static hf_error no_memory(hf_job *job)
{
    (void)job;
    return HF_E_NO_MEMORY;
}

/* Which of the jobs on the desk is the look-up. */
static size_t lookup_on(const desk *d)
{
    size_t i = 0;

    while (i < d->n && hf_job_kind_of(d->jobs[i].job) != HF_JOB_PSK_LOOKUP)
        i++;
    assert_true(i < d->n);
    return i;
}

static void start_external(desk_ends *e, desk *d, psk_scene *s, uint16_t suite)
{
    *d = (desk){ .n = 0 };
    psk_open(s, suite, "sensor 18", KEY); /* whom the set does not have */
    desk_start(e, d, &s->o);
    for (desk_run(e); d->n > 0; desk_run(e)) {
        for (size_t i = 0; i < d->n; i++)
            if (hf_job_kind_of(d->jobs[i].job) == HF_JOB_PSK_LOOKUP)
                return;
        desk_answer(desk_take(d, 0));
    }
    fail_msg("nothing is looked up");
}

/* The look-up and the share of ECDHE go side by side: either may come first. */
static void answer_with(uint16_t suite, answer *say, bool last, hf_error code)
{
    psk_scene s;
    desk_ends e;
    desk d;

    start_external(&e, &d, &s, suite);
    desk_job one = desk_take(&d, lookup_on(&d));
    uint16_t scheme;
    assert_true(hf_span_equal(hf_job_input(one.job, &scheme), hf_span_str("sensor 18")));
    if (last)
        desk_finish(&e);
    desk_assert_silent(&e); /* nobody speaks before the answer is there */
    hf_error result = say(one.job);
    assert_int_equal(hf_conn_job_done(one.conn, one.job, result), HF_OK);
    desk_run(&e);
    desk_finish(&e);
    if (code == HF_OK)
        assert_true(e.p.end[0].connected && e.p.end[1].connected);
    else
        psk_assert_refused(&e.p, HF_SERVER, code, hf_error_row_of(code)->alert);
    pair_free(&e.p);
    psk_close(&s);
}

static void test_answers_from_outside(void **state)
{
    static const struct {
        answer *say;
        hf_error code;
    } rows[] = {
        { right_key, HF_OK },          { wrong_key, HF_E_PSK_WRONG }, { nobody, HF_E_PSK_WRONG },
        { not_done, HF_E_JOB_FAILED }, { broken, HF_E_JOB_FAILED },   { no_memory, HF_E_NO_MEMORY },
    };

    (void)state;
    for (size_t i = 0; i < PSK_SUITES; i++)
        for (size_t k = 0; k < COUNT(rows); k++)
            for (int last = 0; last < 2; last++)
                answer_with(psk_suites[i], rows[k].say, last, rows[k].code);
}

/* Bounds of what may be put in, and that no other kind of secret may. */
static void test_what_may_be_put_in(void **state)
{
    static const uint8_t key[HF_PSK_KEY_MAX + 1];
    psk_scene s;
    desk_ends e;
    desk d;

    (void)state;
    start_external(&e, &d, &s, 0xccac);
    size_t at = lookup_on(&d);
    for (size_t len = 0; len <= sizeof key; len++)
        assert_int_equal(hf_job_set_output(d.jobs[at].job, hf_span_of(key, len)),
                         len < HF_PSK_KEY_MIN || len > HF_PSK_KEY_MAX ? HF_E_LIMIT : HF_OK);
    assert_int_equal(d.n, 2);
    assert_int_equal(hf_job_kind_of(d.jobs[!at].job), HF_JOB_DECAPSULATE);
    assert_int_equal(hf_job_set_output(d.jobs[!at].job, hf_span_of(key, 32)), HF_E_MISUSE);
    desk_finish(&e);
    pair_free(&e.p);
    psk_close(&s);
}

/* A look-up that comes back after its connection is gone, set and config too, touches nothing. */
static void test_a_late_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < PSK_SUITES; i++) {
        psk_scene s;
        desk_ends e;
        desk d;
        start_external(&e, &d, &s, psk_suites[i]);
        pair_free(&e.p);
        psk_close(&s);
        for (; d.n > 0; d.n--) {
            hf_job *job = d.jobs[d.n - 1].job;
            bool lookup = hf_job_kind_of(job) == HF_JOB_PSK_LOOKUP;
            assert_int_equal(hf_job_run(job), lookup ? HF_E_PSK_UNKNOWN : HF_OK);
            hf_job_free(job);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_unknown_name_looks_like_a_wrong_key),
        cmocka_unit_test(test_every_byte_of_a_key_counts),
        cmocka_unit_test(test_no_key_fits_an_unknown_name),
        cmocka_unit_test(test_impossible_names),
        cmocka_unit_test(test_a_finished_that_does_not_open),
        cmocka_unit_test(test_later_records),
        cmocka_unit_test(test_the_hook),
        cmocka_unit_test(test_what_a_hook_may_not_say),
        cmocka_unit_test(test_answers_from_outside),
        cmocka_unit_test(test_what_may_be_put_in),
        cmocka_unit_test(test_a_late_answer),
    };

    return cmocka_run_group_tests_name("flow_psk12_lookup", tests, NULL, NULL);
}
