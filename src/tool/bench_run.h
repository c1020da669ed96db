/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The bench: every case with every implementation, in rounds that take turns, so that what the machine does meanwhile
 * hits all alike. Results are medians over the rounds. The same core serves `handfast bench` and `make bench`.
 */
#ifndef HF_TOOL_BENCH_RUN_H
#define HF_TOOL_BENCH_RUN_H

#include <signal.h>

#include "tool/bench_case.h"
#include "tool/bench_pair.h"

enum { HF_BENCH_PEERS_MAX = 16, HF_BENCH_ROUNDS = 15, HF_BENCH_KINDS_MAX = 16 };

/* A median with the middle half of the rounds (the interquartile range) in percent of it. */
typedef struct hf_bench_figure {
    double median, spread;
} hf_bench_figure;
hf_bench_figure hf_bench_figure_of(double *values, size_t n);

typedef struct hf_bench_side {
    hf_bench_figure cpu_us;
    double ratio; /* libssl's median divided by this one; 0: there is no libssl to compare with */
    /* 0 without a counter: */
    double allocations,
        allocations_crypto;        /* a handshake; the second is counted for handfast only */
    double idle, idle_heap, fresh; /* bytes a connection; fresh: of a server only */
} hf_bench_side;

typedef struct hf_bench_row {
    const hf_bench_kind *kind;
    const hf_bench_peer *peer;
    const char *left_out; /* why there are no figures; NULL: there are */
    bool failed;          /* it could do the case, and then did not */
    hf_bench_side side[2];
} hf_bench_row;

typedef struct hf_bench_bulk {
    const hf_bench_load *load;
    const hf_bench_peer *peer;
    const char *left_out;
    bool failed;
    hf_bench_figure seal, open; /* GB/s */
} hf_bench_bulk;

typedef struct hf_bench_plan {
    const hf_bench_peer *peer[HF_BENCH_PEERS_MAX]; /* the first is ours */
    size_t n_peers;
    const char *const *names;                               /* of cases … */
    size_t n_names;                                         /* … 0: all */
    double seconds;                                         /* for all of it */
    const hf_bench_counter *counter;                        /* or NULL */
    void (*progress)(const char *name, size_t i, size_t n); /* or NULL; case i of n begins */
    const volatile sig_atomic_t *interrupted;               /* or NULL: not zero stops it */
    const hf_bench_certs *certs;
} hf_bench_plan;

typedef struct hf_bench_results {
    hf_bench_row rows[HF_BENCH_KINDS_MAX * HF_BENCH_PEERS_MAX];
    size_t n;
    hf_bench_bulk bulk[HF_BENCH_KINDS_MAX * HF_BENCH_PEERS_MAX];
    size_t n_bulk;
} hf_bench_results;

bool hf_bench_wanted(const hf_bench_plan *plan, const char *name);
bool hf_bench_interrupted(const hf_bench_plan *plan);
void hf_bench_run(const hf_bench_plan *plan, hf_bench_results *results);
/* What failed although that implementation can do it, or that it can do nothing at all; NULL: all is well. */
const char *hf_bench_fault(const hf_bench_results *results, const hf_bench_peer *peer);

/* Parts of it: what connections keep (bench_memory.c); a case of bulk with all implementations (bench_bulk.c). */
const char *hf_bench_memory(const hf_bench_plan *plan, hf_bench_pair *pair, hf_bench_row *row);
void hf_bench_run_bulk(const hf_bench_plan *plan, const hf_bench_load *load, double seconds,
                       hf_bench_results *results);

#endif
