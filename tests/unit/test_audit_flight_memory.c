/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A flight without memory is none, and nothing is left; one that was read gives all back. */
#include "memory_support.h"

#include "audit/flight.h"

static void test_no_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        calls = 0;
        fail_at = i;
        assert_null(hf_flight_new());
        assert_int_equal(live, 0);
    }
    fail_at = SIZE_MAX;
}

/* Whatever is fed, it takes no more: what an answer may cost is known before it comes. */
static void test_nothing_is_taken_later(void **state)
{
    static const uint8_t hello[] = { 22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3 };
    hf_flight *flight = hf_flight_new();
    size_t before = calls;

    (void)state;
    assert_non_null(flight);
    hf_flight_feed(flight, hf_span_of(hello, sizeof hello));
    for (size_t i = 0; i < 1000; i++)
        hf_flight_feed(flight, hf_span_of(hello, sizeof hello));
    hf_flight_go_on(flight, 1);
    assert_int_equal(calls, before);
    hf_flight_free(flight);
    assert_int_equal(live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_nothing_is_taken_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
