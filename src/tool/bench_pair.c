/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A handshake in memory: each side's calls inside its measured time, and nothing else. */
#include "tool/bench_pair.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TURNS = 32, CLOCK_TRIES = 2001 };

/* ---- the meter ---- */

static double cpu_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void hf_meter_init(hf_bench_meter *meter)
{
    double tries[CLOCK_TRIES];

    memset(meter, 0, sizeof *meter);
    for (int i = 0; i < CLOCK_TRIES; i++) {
        double began = cpu_us();
        tries[i] = cpu_us() - began;
    }
    qsort(tries, CLOCK_TRIES, sizeof tries[0], compare);
    meter->clock_us = tries[CLOCK_TRIES / 2];
}

void hf_meter_begin(hf_bench_meter *meter)
{
    if (meter->counter)
        meter->before = meter->counter->read();
    else
        meter->began = cpu_us();
}

void hf_meter_end(hf_bench_meter *meter, int side)
{
    hf_bench_count *sum = &meter->count[side], now;

    if (!meter->counter) {
        meter->us[side] += cpu_us() - meter->began - meter->clock_us;
        return;
    }
    now = meter->counter->read();
    sum->calls += now.calls - meter->before.calls;
    sum->crypto_calls += now.crypto_calls - meter->before.crypto_calls;
    sum->bytes += now.bytes - meter->before.bytes;
    sum->crypto_bytes += now.crypto_bytes - meter->before.crypto_bytes;
    sum->heap_bytes += now.heap_bytes - meter->before.heap_bytes;
}

/* ---- the ends ---- */

bool hf_pair_open(hf_bench_pair *pair, const hf_bench_peer *peer, const hf_bench_case *what,
                  const char **why)
{
    memset(pair, 0, sizeof *pair);
    pair->peer = peer;
    *why = "its ends cannot be made";
    for (int side = 0; side < 2; side++) {
        pair->end[side] = peer->end_new(what, side, why);
        pair->wire[side].bytes = malloc(HF_BENCH_WIRE_ROOM);
        if (pair->end[side] && pair->wire[side].bytes)
            continue;
        hf_pair_close(pair);
        return false;
    }
    return true;
}

void hf_pair_close(hf_bench_pair *pair)
{
    for (int side = 0; side < 2; side++) {
        if (pair->end[side])
            pair->peer->end_free(pair->end[side]);
        free(pair->wire[side].bytes);
        pair->end[side] = NULL;
        pair->wire[side].bytes = NULL;
    }
}

/* ---- a connection ---- */

static bool make_conns(hf_bench_pair *pair, hf_bench_link *link)
{
    memset(link, 0, sizeof *link);
    for (int side = 0; side < 2; side++) {
        pair->wire[side].len = 0;
        hf_meter_begin(pair->meter);
        link->conn[side] = pair->peer->conn_new(pair->end[side]);
        hf_meter_end(pair->meter, side);
    }
    return link->conn[0] && link->conn[1];
}

/* The first n bytes that the other side wrote are this one's; what is behind them is dropped. */
static bool take_step(hf_bench_pair *pair, hf_bench_link *link, int side, size_t n)
{
    hf_bench_wire *in = &pair->wire[!side];

    hf_meter_begin(pair->meter);
    link->state[side] =
        pair->peer->step(link->conn[side], n > 0 ? in->bytes : NULL, n, &pair->wire[side]);
    hf_meter_end(pair->meter, side);
    in->len = 0;
    return link->state[side] != HF_BENCH_FAILED;
}

bool hf_link_shake(hf_bench_pair *pair, hf_bench_link *link)
{
    const hf_bench_wire *wire = pair->wire;

    if (!make_conns(pair, link) || !take_step(pair, link, HF_BENCH_CLIENT, 0))
        return false;
    for (int turn = 0; turn < TURNS && (wire[0].len > 0 || wire[1].len > 0); turn++) {
        int side = wire[HF_BENCH_CLIENT].len > 0 ? HF_BENCH_SERVER : HF_BENCH_CLIENT;
        if (!take_step(pair, link, side, wire[!side].len))
            return false;
    }
    return link->state[0] == HF_BENCH_DONE && link->state[1] == HF_BENCH_DONE;
}

bool hf_link_begin(hf_bench_pair *pair, hf_bench_link *link, size_t n)
{
    return make_conns(pair, link) && take_step(pair, link, HF_BENCH_CLIENT, 0) &&
           pair->wire[HF_BENCH_CLIENT].len > n && take_step(pair, link, HF_BENCH_SERVER, n);
}

void hf_link_hang_up(hf_bench_pair *pair, hf_bench_link *link)
{
    for (int side = 0; side < 2; side++) {
        if (!link->conn[side])
            continue;
        hf_meter_begin(pair->meter);
        pair->peer->conn_free(link->conn[side]);
        hf_meter_end(pair->meter, side);
        link->conn[side] = NULL;
    }
}

const char *hf_pair_shake_once(hf_bench_pair *pair, bool resumed)
{
    hf_bench_link link;
    const char *fault = hf_link_shake(pair, &link) ? NULL : "a handshake failed";

    for (int side = 0; side < 2 && !fault; side++) {
        bool was = pair->peer->was_resumed(link.conn[side]) != 0;
        if (was != resumed)
            fault = was ? "a full handshake was resumed" : "a handshake was not resumed";
    }
    hf_link_hang_up(pair, &link);
    return fault;
}
