/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Jobs failed, held for ever, done in another order, and evidence that never comes; during the handshake
   and after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "support/script_suites.h"

static void test_jobs_of_a_handshake(void **state)
{
    script_report r = { .suite = "jobs" };

    (void)state;
    script_suite_jobs(&r);
    printf("jobs failed %ld, held %ld, demanded evidence struck out %ld; cases %ld; wrong %ld\n",
           r.failed, r.held, r.struck, r.cases, r.wrong);
    assert_int_equal(r.wrong, 0);
    assert_true(r.failed >= 35000);
    assert_true(r.held >= 1400);
    assert_true(r.struck >= 8700);
}

static void test_rounds_after_the_handshake(void **state)
{
    script_report r = { .suite = "rounds" };

    (void)state;
    script_suite_rounds(&r);
    printf("rounds %ld; jobs failed %ld, held %ld, evidence struck out %ld; cases %ld; wrong %ld\n",
           r.rounds, r.failed, r.held, r.struck, r.cases, r.wrong);
    assert_int_equal(r.wrong, 0);
    assert_true(r.rounds >= 128000);
    assert_true(r.struck >= 2600);
    assert_true(r.held >= 380);
}

static void test_duties_are_what_must_be_proved(void **state)
{
    script_report r = { .suite = "duties" };

    (void)state;
    script_suite_duties(&r);
    printf("sets of facts against both tables of duties %ld; wrong %ld\n", r.cases, r.wrong);
    assert_int_equal(r.wrong, 0);
    assert_true(r.cases >= 288);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jobs_of_a_handshake),
        cmocka_unit_test(test_rounds_after_the_handshake),
        cmocka_unit_test(test_duties_are_what_must_be_proved),
    };

    return cmocka_run_group_tests_name("script jobs", tests, NULL, NULL);
}
