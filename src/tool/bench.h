/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `handfast bench` as a function, for the program that also counts allocations. */
#ifndef HF_TOOL_BENCH_H
#define HF_TOOL_BENCH_H

#include "tool/bench_pair.h"
#include "tool/options.h"

/* counter NULL: time alone. An exit code; HF_EXIT_HANDSHAKE: one of ours failed, HF_EXIT_FINDING: one of somebody else's. */
int hf_bench_with(const hf_bench_options *options, const hf_bench_counter *counter);

#endif
