/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Other implementations for the bench: shared objects that define hf_bench_peer_row (tool/bench_peer.h). */
#ifndef HF_TOOL_BENCH_LOAD_H
#define HF_TOOL_BENCH_LOAD_H

#include "tool/bench_run.h"

/* An implementation that was looked for and is not taking part. */
typedef struct hf_bench_missing {
    char name[64];
    char why[256];
} hf_bench_missing;

typedef struct hf_bench_peers {
    const hf_bench_peer *peer[HF_BENCH_PEERS_MAX]; /* the first is handfast's own row */
    bool asked_for[HF_BENCH_PEERS_MAX];            /* by --peer; ours in any case */
    size_t n;
    hf_bench_missing missing[HF_BENCH_PEERS_MAX];
    size_t n_missing;
} hf_bench_peers;

/* Only ours; recorded: and the one that records. */
void hf_bench_peers_init(hf_bench_peers *peers, bool recorded);
/* One that was asked for: an exit code, after it said what is wrong with the file. */
int hf_bench_peers_add(hf_bench_peers *peers, const char *file);
/* All *.so in a folder; those that cannot be loaded are missing. NULL: where `make install` and
   a build put them, beside the tool that runs; neither need be there. */
int hf_bench_peers_add_folder(hf_bench_peers *peers, const char *folder);
/* Names those that handfast has a peer object for, and that are not among these. */
void hf_bench_peers_end(hf_bench_peers *peers);

#endif
