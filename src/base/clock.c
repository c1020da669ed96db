/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The default clocks. */
#include "base/clock.h"

#include <time.h>

/* Not time(), which may be some milliseconds behind the clock that everybody else reads. */
int64_t hf_clock_wall(void)
{
    struct timespec t = { 0, 0 };

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec;
}

uint64_t hf_clock_monotonic(void)
{
    struct timespec t = { 0, 0 };

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}
