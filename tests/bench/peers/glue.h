/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the peers of the benchmark that are written in C have in common: bytes that a step was given and a wire that it
 * writes to, as the I/O callbacks of their libraries see them.
 */
#ifndef TESTS_BENCH_PEERS_GLUE_H
#define TESTS_BENCH_PEERS_GLUE_H

#include <stdbool.h>
#include <string.h>

#include "tool/bench_peer.h"

#define GLUE_EXPORT __attribute__((visibility("default")))

enum { GLUE_NAME_ROOM = 256 };

typedef struct glue {
    const uint8_t *in;
    size_t left;
    hf_bench_wire *out;
} glue;

static inline void glue_begin(glue *g, const uint8_t *in, size_t n, hf_bench_wire *out)
{
    g->in = in;
    g->left = n;
    g->out = out;
}

/* 0: there is nothing. */
static inline size_t glue_take(glue *g, void *to, size_t n)
{
    if (n > g->left)
        n = g->left;
    if (n == 0)
        return 0;
    memcpy(to, g->in, n);
    g->in += n;
    g->left -= n;
    return n;
}

static inline bool glue_put(glue *g, const void *from, size_t n)
{
    if (!g->out || n > HF_BENCH_WIRE_ROOM - g->out->len)
        return false;
    memcpy(g->out->bytes + g->out->len, from, n);
    g->out->len += n;
    return true;
}

/* The peer's own copy of a name of the case. */
static inline bool glue_name(char name[GLUE_NAME_ROOM], const char *from)
{
    size_t n = strlen(from);

    if (n >= GLUE_NAME_ROOM)
        return false;
    memcpy(name, from, n + 1);
    return true;
}

/* NULL, and the reason said. */
static inline void *glue_cannot(const char **why, const char *words)
{
    *why = words;
    return NULL;
}

const hf_bench_peer *hf_bench_peer_row(void);

/* A peer's row and what gives it away: the functions of that file, which have the row's names. */
#define GLUE_ROW(peer)                                                                             \
    GLUE_EXPORT const hf_bench_peer *hf_bench_peer_row(void)                                       \
    {                                                                                              \
        static const hf_bench_peer row = { .abi = HF_BENCH_ABI,                                    \
                                           .name = (peer),                                         \
                                           .version = version,                                     \
                                           .end_new = end_new,                                     \
                                           .end_free = end_free,                                   \
                                           .conn_new = conn_new,                                   \
                                           .step = step,                                           \
                                           .was_resumed = was_resumed,                             \
                                           .conn_free = conn_free,                                 \
                                           .seal = seal,                                           \
                                           .open = open_record };                                  \
        return &row;                                                                               \
    }                                                                                              \
    typedef int glue_row_is_defined

#endif
