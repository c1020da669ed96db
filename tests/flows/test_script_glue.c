/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Bytes of the next message in the same record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "support/script_suites.h"

static void test_glued_bytes(void **state)
{
    script_report r = { .suite = "glue" };

    (void)state;
    script_suite_glue(&r);
    printf("glued %ld cases; %ld inside a flight, %ld across keys, a turn or the end and refused; "
           "wrong %ld\n",
           r.cases, r.accepted, r.refused, r.wrong);
    assert_int_equal(r.wrong, 0);
    assert_true(r.refused >= 80000);
    assert_true(r.cases >= 115000);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_glued_bytes) };

    return cmocka_run_group_tests_name("script glue", tests, NULL, NULL);
}
