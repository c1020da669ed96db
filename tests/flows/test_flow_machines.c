/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Machines that have the same ticket keys and let sessions live for different times: each goes by its
 * own, whoever sealed the ticket, counted from the session's first handshake (RFC 9846 4.7.1, RFC 5077
 * 5.6), in TLS 1.3 and in TLS 1.2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/visit.h"

enum { SHORT = 600, LONG = VISIT_HOUR };

static hf_sessions *patient, *strict; /* LONG and SHORT */
static kept a, b;

static hf_sessions *machine(uint32_t lifetime)
{
    static const uint8_t keys[1][HF_TICKET_KEY] = { { 1, 2, 3 } };
    hf_sessions *sessions = hf_sessions_new(
        &(hf_sessions_options){ .tickets = true, .lifetime = lifetime, .rotation = LONG });

    assert_non_null(sessions);
    assert_int_equal(hf_sessions_set_keys(sessions, keys, 1), HF_OK);
    return sessions;
}

static int set_up(void **state)
{
    (void)state;
    patient = machine(LONG);
    strict = machine(SHORT);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hf_sessions_free(patient);
    hf_sessions_free(strict);
    return 0;
}

static pair_options of_version(uint16_t version, hf_sessions *sessions)
{
    return version == HF_TLS13 ? usual_return(sessions) : usual_visit(sessions);
}

static void both_clocks(int64_t after)
{
    visit_clock[HF_CLIENT] = visit_clock[HF_SERVER] = TEST_NOW + after;
}

static void assert_comes_back(seen s)
{
    assert_true(s.connected);
    assert_true(s.resumed[HF_CLIENT] && s.resumed[HF_SERVER]);
}

/* It was offered, and the machine would not. */
static void assert_starts_afresh(seen s)
{
    assert_true(s.connected);
    assert_true(s.psks_offered + s.ticket_offered > 0);
    assert_false(s.resumed[HF_CLIENT] || s.resumed[HF_SERVER]);
    assert_int_equal(s.session_error, HF_E_SESSION_DECLINED);
}

/* To the second. */
static void test_an_older_ticket_of_another_machine(void **state)
{
    (void)state;
    for (uint16_t version = HF_TLS12; version <= HF_TLS13; version++) {
        pair_options o = of_version(version, patient);
        first_visit(&o, &a);
        o.sessions = strict;
        both_clocks(SHORT - 1);
        assert_comes_back(visit(&o, &a, NULL));
        both_clocks(SHORT);
        assert_starts_afresh(visit(&o, &a, NULL));
        both_clocks(LONG - 1);
        assert_starts_afresh(visit(&o, &a, NULL));
        o.sessions = patient; /* to whom it is as good as before */
        assert_comes_back(visit(&o, &a, NULL));
    }
}

/* A ticket that it gives for one of another machine's is no younger, here or there. */
static void test_a_new_ticket_for_an_old_one(void **state)
{
    pair_options o = of_version(HF_TLS13, patient);

    (void)state;
    first_visit(&o, &a);
    o.sessions = strict;
    both_clocks(SHORT - 1);
    seen s = visit(&o, &a, &b);
    assert_comes_back(s);
    assert_int_equal(s.new_tickets, 1);
    assert_in_range(s.lifetime, 1, LONG - (SHORT - 1));
    both_clocks(SHORT);
    assert_starts_afresh(visit(&o, &b, NULL));
    o.sessions = patient;
    visit_clock[HF_CLIENT] = TEST_NOW + SHORT;
    visit_clock[HF_SERVER] = TEST_NOW + LONG - 1;
    assert_comes_back(visit(&o, &b, NULL));
    visit_clock[HF_SERVER] = TEST_NOW + LONG;
    assert_starts_afresh(visit(&o, &b, NULL));
}

/* Nor does a machine with a longer lifetime prolong what was allowed a short one. */
static void test_a_patient_machine_prolongs_nothing(void **state)
{
    (void)state;
    for (uint16_t version = HF_TLS12; version <= HF_TLS13; version++) {
        pair_options o = of_version(version, strict);
        first_visit(&o, &a);
        o.sessions = patient;
        both_clocks(SHORT - 1);
        seen s = visit(&o, &a, &b);
        assert_comes_back(s);
        if (version == HF_TLS13)
            assert_int_equal(s.lifetime, 1);
        visit_clock[HF_CLIENT] = TEST_NOW; /* it would go on */
        visit_clock[HF_SERVER] = TEST_NOW + SHORT;
        assert_starts_afresh(visit(&o, &a, NULL));
        if (version == HF_TLS12)
            assert_starts_afresh(visit(&o, &b, NULL));
    }
}

/* A policy's session_seconds counts like the lifetime: whichever is shorter. */
static void test_the_policys_time(void **state)
{
    (void)state;
    for (uint16_t version = HF_TLS12; version <= HF_TLS13; version++) {
        pair_options o = of_version(version, patient);
        hf_policy hasty = *o.policy[HF_SERVER];
        hasty.session_seconds = 60;
        first_visit(&o, &a);
        o.policy[HF_SERVER] = &hasty;
        both_clocks(59);
        assert_comes_back(visit(&o, &a, NULL));
        both_clocks(60);
        assert_starts_afresh(visit(&o, &a, NULL));
    }
}

#define MACHINE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_TEST(test_an_older_ticket_of_another_machine),
        MACHINE_TEST(test_a_new_ticket_for_an_old_one),
        MACHINE_TEST(test_a_patient_machine_prolongs_nothing),
        MACHINE_TEST(test_the_policys_time),
    };

    return cmocka_run_group_tests_name("flow_machines", tests, NULL, NULL);
}
