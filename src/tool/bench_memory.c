/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Allocations and bytes, for who has a counter. Each is counted around the calls of its side: allocations of whole
 * handshakes; bytes of many connections that are open at once, divided by their number, so that what belongs to an end,
 * or stays in a pool of it, does not count.
 */
#include <string.h>

#include "tool/bench_run.h"

enum { HANDSHAKES = 32, OPEN = 64, PART_OF_HELLO = 100 };

static void reset(hf_bench_meter *meter, const hf_bench_counter *counter)
{
    memset(meter, 0, sizeof *meter);
    meter->counter = counter;
    counter->start();
}

/* libcrypto's calls can be told apart in our process alone: the others may have one of their own. */
static bool is_ours(const hf_bench_row *row, const hf_bench_plan *plan)
{
    return row->peer == plan->peer[0];
}

static const char *count_calls(const hf_bench_plan *plan, hf_bench_pair *pair, hf_bench_row *row)
{
    const char *fault = NULL;

    reset(pair->meter, plan->counter);
    for (int i = 0; i < HANDSHAKES && !fault; i++)
        fault = hf_pair_shake_once(pair, row->kind->resumed);
    plan->counter->stop();
    for (int side = 0; side < 2; side++) {
        const hf_bench_count *count = &pair->meter->count[side];
        uint64_t apart = is_ours(row, plan) ? count->crypto_calls : 0;
        row->side[side].allocations = (double)(count->calls - apart) / HANDSHAKES;
        row->side[side].allocations_crypto = (double)apart / HANDSHAKES;
    }
    return fault;
}

/* Opens many, reads the meter, and hangs up. */
static bool open_many(hf_bench_pair *pair, bool whole, hf_bench_count counts[2])
{
    static hf_bench_link links[OPEN];
    bool good = true;

    memset(links, 0, sizeof links);
    for (int i = 0; i < OPEN && good; i++)
        good =
            whole ? hf_link_shake(pair, &links[i]) : hf_link_begin(pair, &links[i], PART_OF_HELLO);
    memcpy(counts, pair->meter->count, sizeof pair->meter->count);
    for (int i = 0; i < OPEN; i++)
        hf_link_hang_up(pair, &links[i]);
    return good;
}

static double bytes_each(const hf_bench_count *count, bool ours)
{
    return (double)(count->bytes - (ours ? count->crypto_bytes : 0)) / OPEN;
}

static const char *count_bytes(const hf_bench_plan *plan, hf_bench_pair *pair, hf_bench_row *row)
{
    hf_bench_count counts[2];
    bool ours = is_ours(row, plan), good;

    reset(pair->meter, plan->counter);
    good = open_many(pair, true, counts);
    for (int side = 0; side < 2; side++) {
        row->side[side].idle = bytes_each(&counts[side], ours);
        row->side[side].idle_heap = (double)counts[side].heap_bytes / OPEN;
    }
    plan->counter->stop();
    reset(pair->meter, plan->counter);
    good = good && open_many(pair, false, counts);
    plan->counter->stop();
    row->side[HF_BENCH_SERVER].fresh = bytes_each(&counts[HF_BENCH_SERVER], ours);
    return good ? NULL : "of many connections at once one failed";
}

const char *hf_bench_memory(const hf_bench_plan *plan, hf_bench_pair *pair, hf_bench_row *row)
{
    const char *fault = count_calls(plan, pair, row);

    return fault ? fault : count_bytes(plan, pair, row);
}
