/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Every mode from the first byte to CONNECTED, however records are cut and jobs are ordered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "support/script_suites.h"

/* RFC 9846 4#1, 4.5.1#4 */
static void test_every_mode_follows_its_figure(void **state)
{
    script_report r = { .suite = "orders" };

    (void)state;
    script_suite_orders(&r);
    printf("modes %zu; handshakes %ld, of them %ld with several jobs at once; orders seen %ld, "
           "drawn %ld; wrong %ld\n",
           script_mode_count(), r.handshakes, r.reordered, r.orders_seen, r.orders_drawn, r.wrong);
    assert_int_equal(r.wrong, 0);
    assert_int_equal(r.orders_seen, r.orders_drawn);
    assert_true(r.handshakes >= 60000);
    assert_true(r.reordered >= 14000);
    assert_true(r.orders_drawn >= 56);
}

static void test_data_flows_by_epoch(void **state)
{
    script_report r = { .suite = "data" };

    (void)state;
    script_suite_data(&r);
    printf("connections with 0-RTT or half-RTT data %ld; wrong %ld\n", r.cases, r.wrong);
    assert_int_equal(r.wrong, 0);
    assert_true(r.cases >= 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_mode_follows_its_figure),
        cmocka_unit_test(test_data_flows_by_epoch),
    };

    return cmocka_run_group_tests_name("script orders", tests, NULL, NULL);
}
