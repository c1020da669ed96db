/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A program linked with count.c counts what it allocates, libraries that it loads included; libcrypto's share apart. */
#ifndef TESTS_BENCH_COUNT_H
#define TESTS_BENCH_COUNT_H

#include "tool/bench_pair.h"

extern const hf_bench_counter count_allocations;
/* Before libcrypto has allocated anything; else its share cannot be told, and this is false. */
bool count_libcrypto_apart(void);

#endif
