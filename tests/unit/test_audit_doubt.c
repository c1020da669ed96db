/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Connections that end without a word: as a way to refuse they are believed, as a limit or an accident never. Whatever a server closes, and
 * from whatever connection on, what is told of it is what it is, or is told as not known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/audit_model.h"

static hf_seen *direct, *seen; /* without and with what is closed */
static hf_doubts *doubts;

static void see(audit_model *m, hf_seen **to)
{
    hf_seen_free(*to);
    *to = hf_seen_new();
    memset(doubts, 0, sizeof *doubts);
    m->doubts = doubts;
    m->gave_up = false;
    m->connections = m->engine_asks = 0;
    audit_model_all(m, *to);
}

static int set_up(void **state)
{
    audit_model m = audit_model_usual();

    (void)state;
    doubts = calloc(1, sizeof *doubts);
    see(&m, &direct);
    return hf_seen_speaks(direct, HF_V_TLS13) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    hf_seen_free(direct);
    hf_seen_free(seen);
    direct = seen = NULL;
    free(doubts);
    return 0;
}

static bool is_same(const hf_codes *a, const hf_codes *b)
{
    return a->n == b->n && memcmp(a->at, b->at, a->n * sizeof *a->at) == 0;
}

/* What is known is true. */
static void expect_truth(const char *what, unsigned n)
{
    for (unsigned id = 0; id < HF_V_COUNT; id++) {
        const hf_seen_version *a = &direct->v[id], *b = &seen->v[id];
        if (b->spoken != HF_UNKNOWN && b->spoken != a->spoken)
            fail_msg("%s %u: %s is said to be %d", what, n,
                     hf_seen_version_name((hf_seen_version_id)id), b->spoken);
        if (b->suites_whole && !is_same(&a->suites, &b->suites))
            fail_msg("%s %u: %s has %zu suites, and %zu are told as the whole", what, n,
                     hf_seen_version_name((hf_seen_version_id)id), a->suites.n, b->suites.n);
        if (b->spoken == HF_PRESENT && b->groups_whole && !is_same(&a->groups, &b->groups))
            fail_msg("%s %u: groups", what, n);
        if (b->spoken == HF_PRESENT && b->schemes_whole && a->schemes_whole &&
            !is_same(&a->schemes, &b->schemes))
            fail_msg("%s %u: schemes", what, n);
        if (b->order != HF_ORDER_UNKNOWN && b->order != a->order)
            fail_msg("%s %u: order", what, n);
    }
    for (unsigned i = 0; i < HF_TRAIT_COUNT; i++)
        if (seen->traits[i].state != HF_UNKNOWN && seen->traits[i].state != direct->traits[i].state)
            fail_msg("%s %u: trait %u", what, n, i);
}

static void expect_all(const char *what, unsigned n)
{
    expect_truth(what, n);
    for (unsigned id = 0; id < HF_V_COUNT; id++) {
        if (seen->v[id].spoken != direct->v[id].spoken ||
            seen->v[id].suites_whole != direct->v[id].suites_whole ||
            seen->v[id].groups_whole != direct->v[id].groups_whole)
            fail_msg("%s %u: %s is not seen as it is", what, n,
                     hf_seen_version_name((hf_seen_version_id)id));
    }
}

/* Its refusals look like a limit's closings. */
static audit_model closer(void)
{
    audit_model m = audit_model_usual();

    m.refusing = m.refusing_versions = m.hating = AUDIT_CLOSE;
    return m;
}

/* ---- accidents and limits ---- */

/* Rule: from whichever connection on it closes all of them, whatever it would answer otherwise: nothing false is told, and it is noticed. */
static void closing_from_some_moment_on(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        audit_model whole = i ? closer() : audit_model_usual();
        see(&whole, &direct);
        for (unsigned from = 1; from <= whole.connections; from++) {
            audit_model m = i ? closer() : audit_model_usual();
            m.failing = from % 2 ? AUDIT_CLOSE : AUDIT_RESET;
            m.fails_from = from;
            m.fails_to = 100000;
            see(&m, &seen);
            if (from > 1) {
                expect_truth(i ? "closer, from" : "from", from);
                assert_true(m.gave_up);
                assert_in_range(m.connections, from, from + 8);
            }
        }
    }
}

/* Rule: windows in which all is closed, of any length, tell nothing false. */
static void closing_in_windows(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        audit_model whole = i ? closer() : audit_model_usual();
        see(&whole, &direct);
        for (unsigned every = 1; every <= 60; every++) {
            audit_model m = i ? closer() : audit_model_usual();
            m.closes_every = every;
            see(&m, &seen);
            expect_truth(i ? "closer, every" : "every", every);
            if (!m.gave_up)
                expect_all("every", every);
        }
    }
}

/* Rule: one that is closed by accident changes nothing. */
static void one_accident(void **state)
{
    audit_model whole = audit_model_usual();

    (void)state;
    see(&whole, &direct);
    for (unsigned at = 1; at <= whole.connections; at++) {
        audit_model m = audit_model_usual();
        m.failing = AUDIT_CLOSE;
        m.fails_from = m.fails_to = at;
        see(&m, &seen);
        assert_false(m.gave_up);
        expect_all("one", at);
    }
}

/* ---- refusals ---- */

/* Rule: a server that refuses by closing is seen as one that says so, with not many more connections. */
static void closing_as_a_way_to_refuse(void **state)
{
    audit_model alerts = audit_model_usual(), m = closer();

    (void)state;
    see(&alerts, &direct);
    for (int i = 0; i < 2; i++) {
        m.refusing = i ? AUDIT_RESET : AUDIT_CLOSE;
        see(&m, &seen);
        assert_false(m.gave_up);
        for (unsigned id = 0; id < HF_V_COUNT; id++) {
            const hf_seen_version *a = &direct->v[id], *b = &seen->v[id];
            assert_int_equal(a->spoken, b->spoken);
            assert_int_equal(a->suites_whole, b->suites_whole);
            assert_true(is_same(&a->suites, &b->suites) && is_same(&a->groups, &b->groups));
        }
        assert_in_range(m.connections, alerts.connections, 2 * alerts.connections + 20);
    }
    assert_true(doubts->proved >= HF_DOUBT_PROVED && doubts->strays == 0 && doubts->limits == 0);
}

/* ---- the proof itself ---- */

static hf_reply reply_of(hf_ask *ask, hf_flight *flight, hf_flight_end end, bool hello)
{
    ask->kind = HF_ASK_BYTES;
    ask->len = 1;
    flight->end = end;
    flight->hello = hello;
    flight->version = hello ? HF_TLS12 : 0;
    return (hf_reply){ .ask = ask, .flight = flight };
}

/* The steps until it is believed, when all goes as it should: "CCQC". */
static void prove(const char *steps, hf_reply *taken, hf_reply *gone)
{
    hf_doubt doubt = { .end = HF_FLIGHT_OPEN };

    assert_true(hf_doubt_keeps(doubts, &doubt, gone));
    for (; *steps; steps++) {
        assert_int_equal(hf_doubt_next(doubts, &doubt),
                         *steps == 'C' ? HF_DOUBT_CONTROL : HF_DOUBT_AGAIN);
        if (*steps == 'C')
            assert_int_equal(hf_doubt_controlled(doubts, &doubt, taken), 0);
        else
            assert_true(hf_doubt_keeps(doubts, &doubt, gone));
    }
    assert_int_equal(hf_doubt_next(doubts, &doubt), HF_DOUBT_BELIEVE);
}

/* Rule: two controls, the question again, a control; shorter once some were proved; whole again as soon as something was odd. */
static void proofs_are_whole_until_they_were_given(void **state)
{
    hf_ask *ask = calloc(1, sizeof *ask);
    hf_flight *a = hf_flight_new(), *b = hf_flight_new();
    hf_reply taken = reply_of(ask, a, HF_FLIGHT_DONE, true);
    hf_reply gone = reply_of(ask, b, HF_FLIGHT_CLOSED, false);
    hf_doubt doubt = { .end = HF_FLIGHT_OPEN };

    (void)state;
    memset(doubts, 0, sizeof *doubts);
    assert_true(hf_doubt_keeps(doubts, &doubt, &gone));
    assert_int_equal(hf_doubt_next(doubts, &doubt), HF_DOUBT_HOLD);
    hf_doubts_learn(doubts, &gone);
    assert_int_equal(hf_doubt_next(doubts, &doubt), HF_DOUBT_HOLD);
    hf_doubts_learn(doubts, &taken);
    assert_int_equal(hf_doubt_next(doubts, &doubt), HF_DOUBT_CONTROL);
    for (int i = 0; i < HF_DOUBT_PROVED; i++)
        prove("CCQC", &taken, &gone);
    prove("QC", &taken, &gone);
    assert_true(hf_doubt_keeps(doubts, &doubt, &gone));
    assert_false(hf_doubt_keeps(doubts, &doubt, &taken));
    assert_int_equal(doubts->strays, 1);
    prove("CCQC", &taken, &gone);
    hf_flight_free(a);
    hf_flight_free(b);
    free(ask);
}

/* Rule: a control that is not taken is tried again behind pauses that grow, and then no more. */
static void pauses_are_bounded(void **state)
{
    hf_ask *ask = calloc(1, sizeof *ask);
    hf_flight *a = hf_flight_new(), *b = hf_flight_new();
    hf_reply taken = reply_of(ask, a, HF_FLIGHT_DONE, true);
    hf_reply gone = reply_of(ask, b, HF_FLIGHT_CLOSED, false);
    hf_doubt doubt = { .end = HF_FLIGHT_OPEN };
    unsigned last = 0, n = 0;

    (void)state;
    memset(doubts, 0, sizeof *doubts);
    hf_doubts_learn(doubts, &taken);
    assert_true(hf_doubt_keeps(doubts, &doubt, &gone));
    while (hf_doubt_next(doubts, &doubt) == HF_DOUBT_CONTROL) {
        unsigned rest = hf_doubt_controlled(doubts, &doubt, &gone);
        assert_true(hf_doubt_alone(doubts, &doubt));
        assert_true(n++ < HF_DOUBT_RESTS ? rest > last : rest == 0);
        last = rest;
    }
    assert_int_equal(n, HF_DOUBT_RESTS + 1);
    assert_int_equal(hf_doubt_next(doubts, &doubt), HF_DOUBT_GIVE_UP);
    hf_flight_free(a);
    hf_flight_free(b);
    free(ask);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(closing_from_some_moment_on),
        TEST(closing_in_windows),
        TEST(one_accident),
        TEST(closing_as_a_way_to_refuse),
        TEST(proofs_are_whole_until_they_were_given),
        TEST(pauses_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
