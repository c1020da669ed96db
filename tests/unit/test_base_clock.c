/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The default clocks: what they tell agrees with what any other program would have read at that moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

/* Waits for a second to begin, which is where a clock that is some milliseconds behind shows it. */
static int64_t new_second(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    for (time_t before = t.tv_sec; t.tv_sec == before;)
        clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec;
}

static void the_wall_is_never_behind(void **state)
{
    (void)state;
    int64_t begun = new_second();

    assert_true(hf_clock_wall() >= begun);
}

static void the_monotonic_clock_does_not_go_back(void **state)
{
    (void)state;
    uint64_t before = hf_clock_monotonic();

    for (int i = 0; i < 1000; i++) {
        uint64_t now = hf_clock_monotonic();
        assert_true(now >= before);
        before = now;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wall_is_never_behind),
        cmocka_unit_test(the_monotonic_clock_does_not_go_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
