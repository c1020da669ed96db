/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Random lives of servers and clients (tests/support/campaign.h): connect, resume, rotate, expire,
 * restart, change policy, name, protocol and identity, clocks forth and back, against an oracle of what
 * must resume and what must not. 2,000 of them, HF_CAMPAIGN=1: 100,000; HF_CAMPAIGN_SEED=N: that one,
 * with all that happens.
 */
#include "support/campaign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { USUAL = 2000, WHOLE = 100000, STEPS_MIN = 8, STEPS_MORE = 12 };

static camp_tally tally;

static void live(uint64_t seed, bool aloud)
{
    static camp_world w;

    camp_world_new(&w, seed, &tally);
    for (unsigned steps = STEPS_MIN + camp_chance(&w, STEPS_MORE); steps > 0; steps--)
        camp_step(&w);
    if (aloud)
        printf("%s", w.log);
    camp_world_free(&w);
    tally.sequences++;
}

static void print_tally(void)
{
    const camp_tally *t = &tally;

    printf("campaign: %lu sequences, %lu connections: %lu full handshakes, %lu shared keys, "
           "%lu refused as they must be\n",
           t->sequences, t->connections, t->full, t->shared_key, t->failed_rightly);
    printf("campaign: resumed: %lu TLS 1.3, %lu TLS 1.2 by ticket, %lu TLS 1.2 by id; not offered: "
           "%lu, "
           "declined: %lu\n",
           t->resumed13, t->resumed_ticket12, t->resumed_id12, t->not_offered, t->declined);
    printf(
        "campaign: early data: %lu taken, %lu refused; %lu retries, %lu rotations, %lu restarts, "
        "%lu clock moves, %lu changes of settings\n",
        t->early_taken, t->early_refused, t->retried, t->rotations, t->restarts, t->clock_moves,
        t->changes);
}

/* A campaign in which nothing happens finds nothing. */
static void assert_busy(unsigned long n)
{
    const unsigned long each[] = { tally.full,         tally.shared_key,      tally.failed_rightly,
                                   tally.resumed13,    tally.early_taken,     tally.early_refused,
                                   tally.declined,     tally.not_offered,     tally.retried,
                                   tally.rotations,    tally.restarts,        tally.clock_moves,
                                   tally.resumed_id12, tally.resumed_ticket12 };

    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        assert_true(each[i] >= n / 100);
    assert_true(tally.resumed13 >= n / 2);
}

static void test_only_what_must_resume_does(void **state)
{
    const char *one = getenv("HF_CAMPAIGN_SEED");
    unsigned long n = getenv("HF_CAMPAIGN") ? WHOLE : USUAL;

    (void)state;
    if (one) {
        live(strtoull(one, NULL, 10), true);
        return;
    }
    for (unsigned long seed = 1; seed <= n; seed++)
        live(seed, false);
    print_tally();
    assert_busy(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_only_what_must_resume_does) };

    return cmocka_run_group_tests_name("campaign_sessions", tests, NULL, NULL);
}
