/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Two ends of one implementation, their connections in memory, and the meter that tells what each side's calls cost. */
#ifndef HF_TOOL_BENCH_PAIR_H
#define HF_TOOL_BENCH_PAIR_H

#include <handfast/types.h>

#include "tool/bench_peer.h"

/* What was allocated since the counting began. */
typedef struct hf_bench_count {
    uint64_t calls;        /* of malloc and its kin … */
    uint64_t crypto_calls; /* … of which libcrypto's own */
    int64_t bytes;         /* more (or fewer) than were live then, as usable sizes … */
    int64_t crypto_bytes;  /* … of which libcrypto's */
    int64_t heap_bytes;    /* the same with malloc's headers */
} hf_bench_count;

/* Who counts. Only a program that replaces malloc has one: the installed tool does not. */
typedef struct hf_bench_counter {
    void (*start)(void);
    void (*stop)(void);
    hf_bench_count (*read)(void);
} hf_bench_counter;

typedef struct hf_bench_meter {
    const hf_bench_counter *counter; /* NULL: time is measured, else allocations are counted */
    double clock_us;                 /* what asking the clock twice costs */
    double us[2];                    /* CPU time of each side */
    hf_bench_count count[2];
    double began;
    hf_bench_count before;
} hf_bench_meter;

/* Finds out what the clock costs. */
void hf_meter_init(hf_bench_meter *meter);
void hf_meter_begin(hf_bench_meter *meter);
void hf_meter_end(hf_bench_meter *meter, int side);

/* One connection's two sides. wire[side] holds what that side wrote. */
typedef struct hf_bench_link {
    void *conn[2];
    hf_bench_step state[2];
} hf_bench_link;

typedef struct hf_bench_pair {
    const hf_bench_peer *peer;
    void *end[2];
    hf_bench_wire wire[2];
    hf_bench_meter *meter;
} hf_bench_pair;

/* Makes both ends. False: this implementation cannot do the case, and *why says so. */
bool hf_pair_open(hf_bench_pair *pair, const hf_bench_peer *peer, const hf_bench_case *what,
                  const char **why);
void hf_pair_close(hf_bench_pair *pair);

/* A handshake up to its end, tickets included. False: it failed; the link is to be hung up in any case. */
bool hf_link_shake(hf_bench_pair *pair, hf_bench_link *link);
/* The client's first flight, and a server that got `n` bytes of it. */
bool hf_link_begin(hf_bench_pair *pair, hf_bench_link *link, size_t n);
void hf_link_hang_up(hf_bench_pair *pair, hf_bench_link *link);
/* Both, and whether it was resumed as the case wants it. NULL, or what went wrong. */
const char *hf_pair_shake_once(hf_bench_pair *pair, bool resumed);

#endif
