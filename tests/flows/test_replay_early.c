/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whoever records first flights with early data and sends them again, to eight connections at once,
 * gets none of them accepted twice (RFC 9846 8), nor one that a full register sent away, whatever happens
 * to clocks, ticket keys and the server meanwhile. 2,000 flights, and 400 for each thing that may happen; HF_CAMPAIGN=1: 10,000 each.
 */
#include "support/campaign_flights.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { USUAL = 2000, FEW = 400, WHOLE = 10000, HOUR = 3600 };

static size_t whole_or(size_t usual)
{
    return getenv("HF_CAMPAIGN") ? WHOLE : usual;
}

/* Plays them all; none may arrive twice. Returns how many of a hundred did once. */
static size_t replay(const flights_plan *plan, size_t usual)
{
    flights *f = flights_record(plan, whole_or(usual));
    unsigned most;

    flights_play(f);
    size_t once = flights_once(f, &most), n = f->n;
    printf(
        "campaign: %s: %zu flights over %d connections each, %zu accepted once, at most %u times\n",
        plan->name, n, FLIGHT_THREADS, once, most);
    unsigned wrong = atomic_load(&f->wrong);
    size_t sent_away = flights_sent_away(f);
    flights_free(f);
    assert_int_equal(wrong, 0);
    assert_int_equal(sent_away, 0);
    assert_true(most <= 1);
    return once * 100 / n;
}

/* A test in which nothing is accepted would find nothing. (RFC 9846 8#2) */
static void test_each_is_accepted_once(void **state)
{
    static const flights_plan plan = { .name = "nothing else happens" };

    (void)state;
    assert_true(replay(&plan, USUAL) >= 99);
}

/* Those that nobody sends before the second rotation are lost: their key is gone. */
static void rotate_twice(flights *f, unsigned nth)
{
    if (nth == FLIGHT_EVENTS / 3 || nth == 2 * FLIGHT_EVENTS / 3)
        (void)hf_sessions_rotate(f->memory);
}

static void test_rotation_by_hand(void **state)
{
    static const flights_plan plan = { .name = "ticket keys rotate by hand",
                                       .event = rotate_twice };

    (void)state;
    assert_true(replay(&plan, FEW) >= 50);
}

/* A ticket is good for all its life, so that all are accepted. */
static void hours_pass(flights *f, unsigned nth)
{
    if (nth % 8 != 0)
        return;
    atomic_fetch_add(&f->wall[HF_SERVER], HOUR);
    atomic_fetch_add(&f->wall[HF_CLIENT], HOUR);
    flights_visitor(f);
}

static void test_rotation_by_itself(void **state)
{
    static const flights_plan plan = { .name = "ticket keys rotate by themselves",
                                       .event = hours_pass };

    (void)state;
    assert_true(replay(&plan, FEW) >= 99);
}

static void restart_once(flights *f, unsigned nth)
{
    if (nth == FLIGHT_EVENTS / 2)
        flights_restart(f, f->plan->shared);
}

static void test_restart_with_new_keys(void **state)
{
    static const flights_plan plan = { .name = "the server starts again", .event = restart_once };

    (void)state;
    assert_true(replay(&plan, FEW) >= 40);
}

static void restart_often(flights *f, unsigned nth)
{
    if (nth % 4 == 0)
        flights_restart(f, true);
}

static void test_restart_with_the_same_keys_and_register(void **state)
{
    static const flights_plan plan = { .name = "the server starts again with its keys and register",
                                       .given = true,
                                       .shared = true,
                                       .event = restart_often };

    (void)state;
    assert_true(replay(&plan, FEW) >= 99);
}

/* Its keys open the tickets, and its register knows none of them: 0-RTT must be off. */
static void lose_the_register(flights *f, unsigned nth)
{
    if (nth == FLIGHT_EVENTS / 2)
        flights_restart(f, false);
}

static void test_restart_with_the_same_keys_alone(void **state)
{
    static const flights_plan plan = { .name = "the server starts again with its keys alone",
                                       .given = true,
                                       .shared = true,
                                       .event = lose_the_register };

    (void)state;
    assert_true(replay(&plan, FEW) >= 40);
}

/* 40 seconds, in steps that are shorter than the window: what was fresh becomes stale, and what was used forgotten. */
static void seconds_pass(flights *f, unsigned nth)
{
    (void)nth;
    atomic_fetch_add(&f->mono_ms, 40000 / FLIGHT_EVENTS);
}

static void test_time_passes(void **state)
{
    static const flights_plan plan = { .name = "time passes", .event = seconds_pass, .spread = 40 };

    (void)state;
    assert_true(replay(&plan, FEW) >= 50);
}

static void test_time_passes_for_a_shared_register(void **state)
{
    static const flights_plan plan = { .name = "time passes for a shared register",
                                       .event = seconds_pass,
                                       .given = true,
                                       .shared = true,
                                       .spread = 40 };

    (void)state;
    assert_true(replay(&plan, FEW) >= 50);
}

/* RFC 9846 8.2: a register that is full refuses, and for a while after that. Slots are given away as time passes, and the clock
   goes back sometimes. Flights that come too early or too late take room as well. */
static void time_jumps(flights *f, unsigned nth)
{
    if (nth % 4 == 0)
        atomic_fetch_sub(&f->mono_ms, 12000);
    else
        atomic_fetch_add(&f->mono_ms, 8000);
}

/* RFC 9846 8.2#1 */
static void test_a_full_register(void **state)
{
    const flights_plan plan = { .name = "the register is small, and the clock jumps",
                                .strikes = whole_or(FEW) / 4,
                                .event = time_jumps,
                                .spread = 100 };

    (void)state;
    assert_true(replay(&plan, FEW) >= 10);
}

/* A client's clock that was set forward: all come a minute too early, are refused, and sent again as other data. No copy may be
   taken when it would be fresh, though none of them stands in the register any more who has not a slot. */
static void test_refused_and_fresh_later(void **state)
{
    const flights_plan plan = { .name = "too early, and again when it would be time",
                                .strikes = whole_or(FEW) / 4,
                                .ahead = 60 };
    flights *f = flights_record(&plan, whole_or(FEW));
    unsigned most;

    (void)state;
    flights_play(f);
    atomic_fetch_add(&f->mono_ms, 55000);
    flights_play(f);
    (void)flights_once(f, &most);
    printf("campaign: %s: %zu flights over %d connections each, accepted at most %u times\n",
           plan.name, f->n, 2 * FLIGHT_THREADS, most);
    flights_free(f);
    assert_int_equal(most, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_is_accepted_once),
        cmocka_unit_test(test_rotation_by_hand),
        cmocka_unit_test(test_rotation_by_itself),
        cmocka_unit_test(test_restart_with_new_keys),
        cmocka_unit_test(test_restart_with_the_same_keys_and_register),
        cmocka_unit_test(test_restart_with_the_same_keys_alone),
        cmocka_unit_test(test_time_passes),
        cmocka_unit_test(test_time_passes_for_a_shared_register),
        cmocka_unit_test(test_a_full_register),
        cmocka_unit_test(test_refused_and_fresh_later),
    };

    return cmocka_run_group_tests_name("replay_early", tests, NULL, NULL);
}
