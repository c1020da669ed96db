/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a run of the bench came to: a table for people, JSON for programs. */
#ifndef HF_TOOL_BENCH_REPORT_H
#define HF_TOOL_BENCH_REPORT_H

#include <jansson.h>

#include "tool/bench_load.h"

typedef struct hf_bench_report {
    const hf_bench_plan *plan;
    const hf_bench_results *results;
    const hf_bench_peers *peers;
} hf_bench_report;

/* 80 columns, to stdout. */
void hf_bench_table(const hf_bench_report *report);
/* {"schema": "handfast.bench/1", …}; NULL: no memory. */
json_t *hf_bench_json(const hf_bench_report *report);
/* What there is, nothing measured: {"schema": "handfast.bench-list/1", …}. */
json_t *hf_bench_list_json(const hf_bench_peers *peers);
/* If some are missing: how they are had. */
void hf_bench_say_how(const hf_bench_peers *peers);
/* "AMD EPYC 7763 64-Core Processor" */
enum { HF_BENCH_MACHINE_ROOM = 128 };
void hf_bench_machine(char out[HF_BENCH_MACHINE_ROOM]);

#endif
