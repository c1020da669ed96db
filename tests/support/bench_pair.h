/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Both ends of a peer of the benchmark, and what a watcher of the wire sees of their handshake: everything that is in the
 * clear, read with the library's own readers.
 */
#ifndef TESTS_SUPPORT_BENCH_PAIR_H
#define TESTS_SUPPORT_BENCH_PAIR_H

#include <stdbool.h>

#include "tool/bench_peer.h"

enum { BENCH_SHARE_SEEN = 32 };

typedef struct bench_side {
    void *end, *conn;
    hf_bench_step at;
    uint8_t bytes[HF_BENCH_WIRE_ROOM];
    hf_bench_wire wire;
} bench_side;

/* Of one handshake. */
typedef struct bench_seen {
    uint16_t suite, group;
    int client_shares;         /* TLS 1.3 */
    bool extended_main_secret; /* TLS 1.2, by the server */
    bool offered_ticket;       /* TLS 1.2 */
    int tickets;               /* TLS 1.2 */
    int last_records;          /* of the server's last flight */
    uint8_t client_share[BENCH_SHARE_SEEN], server_share[BENCH_SHARE_SEEN]; /* their first bytes */
} bench_seen;

typedef struct bench_pair {
    const hf_bench_peer *peer;
    uint16_t version;
    bench_side client, server;
    bench_seen seen;
} bench_pair;

/* The row of FILE.so in the build folder; a skip of the test if it is not there. */
const hf_bench_peer *bench_peer_load(const char *file);

/* Both ends; false when the peer declines, and why. bench_pair_free then, too. */
bool bench_pair_new(bench_pair *p, const hf_bench_peer *peer, const hf_bench_case *client,
                    const hf_bench_case *server, const char **why);
void bench_pair_free(bench_pair *p);

/* New connections; until both are done and nothing is under way, or one has failed: false. */
bool bench_pair_shake(bench_pair *p);
void bench_pair_part(bench_pair *p);

int bench_records(const hf_bench_wire *wire);

#endif
