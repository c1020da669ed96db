/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A program linked with peak.c knows how many bytes it holds, libcrypto's included, and the most that it held at once. */
#ifndef TESTS_BENCH_PEAK_H
#define TESTS_BENCH_PEAK_H

#include <stdbool.h>
#include <stddef.h>

/* From zero on. */
void peak_reset(void);
/* What is allocated or given back while this is false does not count. */
void peak_count(bool on);
size_t peak_bytes(void);

#endif
