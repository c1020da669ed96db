/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Every state × all 256 message types, HelloRetryRequest and ChangeCipherSpec; and every path of an
   arbitrary peer. The oracle is the drawing in support/script_figures.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "support/script_suites.h"

static void report_states(const script_report *r, const char *where)
{
    printf("%s: %ld states x %d injections = %ld cases; %ld accepted, %ld tolerated, %ld refused; "
           "wrong %ld\n",
           where, r->states, SCRIPT_INJECTIONS, r->cases, r->accepted, r->tolerated, r->refused,
           r->wrong);
    assert_int_equal(r->wrong, 0);
    assert_int_equal(r->cases, r->states * SCRIPT_INJECTIONS);
}

static void test_every_state_of_a_handshake(void **state)
{
    script_report r = { .suite = "exhaustive" };

    (void)state;
    script_suite_exhaustive(&r);
    report_states(&r, "during the handshake");
    assert_true(r.states >= 1300);
    assert_true(r.cases >= 330000);
}

/* RFC 5246 figures 1 and 2 with tickets, staples and client certificates: what the drawings predict is what is met. */
static void test_every_state_of_tls12(void **state)
{
    script_report r = { .suite = "exhaustive12" };

    (void)state;
    script_suite_exhaustive12(&r);
    printf("TLS 1.2 alone: %ld states predicted by the figures, %ld met; %ld cases; wrong %ld\n",
           r.paths, r.states, r.cases, r.wrong);
    assert_int_equal(r.wrong, 0);
    assert_int_equal(r.states, r.paths);
    assert_int_equal(r.cases, r.paths * SCRIPT_INJECTIONS);
    assert_true(r.cases > 8000);
}

static void test_every_state_after_it(void **state)
{
    script_report r = { .suite = "after" };

    (void)state;
    script_suite_after(&r);
    report_states(&r, "after the handshake");
    assert_true(r.states >= 2400);
    assert_true(r.cases >= 620000);
}

static void test_every_path_of_an_arbitrary_peer(void **state)
{
    script_report r = { .suite = "paths" };

    (void)state;
    script_suite_paths(&r);
    printf("messages of an arbitrary peer %ld; paths to CONNECTED %ld; wrong %ld\n", r.cases,
           r.paths, r.wrong);
    assert_int_equal(r.wrong, 0);
    assert_true(r.paths >= 14000);
    assert_true(r.cases >= 3000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_state_of_a_handshake),
        cmocka_unit_test(test_every_state_of_tls12),
        cmocka_unit_test(test_every_state_after_it),
        cmocka_unit_test(test_every_path_of_an_arbitrary_peer),
    };

    return cmocka_run_group_tests_name("script exhaustive", tests, NULL, NULL);
}
