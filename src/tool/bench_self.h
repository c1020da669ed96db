/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast's own rows of the bench. */
#ifndef HF_TOOL_BENCH_SELF_H
#define HF_TOOL_BENCH_SELF_H

#include "tool/bench_peer.h"

extern const hf_bench_peer hf_bench_self;
/* The same while a tape of every connection is recorded, as `handfast trace` does (explain/tape.h). */
extern const hf_bench_peer hf_bench_recorded;

#endif
