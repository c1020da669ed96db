/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A flood: a bad peer (tests/support/hostile.h) that stands somewhere in a connection, and records of
 * it without end, or a message as long as may be. What that costs is measured by bench_floods.c.
 */
#ifndef TESTS_BENCH_FLOOD_H
#define TESTS_BENCH_FLOOD_H

#include "support/hostile.h"

typedef struct flood_scene {
    hostile h;
    unsigned epoch;        /* of the bad peer's records */
    hostile_bytes message; /* … if they are the pieces of one, of so many bytes each */
    size_t at, piece;
    size_t share; /* 1: as long as may be; 2: half of that */
} flood_scene;

typedef struct flood {
    const char *name;
    uint16_t version;
    hf_role victim;
    void (*start)(flood_scene *s);
    /* Appends the next record; false: there are no more. NULL: flood_piece. */
    bool (*next)(flood_scene *s, hostile_bytes *out);
    const char *bound; /* what keeps it small */
    bool grows;        /* half of it is measured too */
    void (*options)(pair_options *o);
    hostile_rewrite *rewrite; /* of what the bad peer says before */
} flood;

/* flood_records.c, flood_messages.c, flood_chains.c; the last has no name. */
extern const flood flood_records[], flood_messages[], flood_chains[];

/* The next piece of the scene's message. */
bool flood_piece(flood_scene *s, hostile_bytes *out);
/* Appends one record, sealed unless the epoch is plain. */
void flood_record(flood_scene *s, uint8_t type, hf_span content, hostile_bytes *out);
/* Puts the header of that message in front of its body. */
void flood_header(flood_scene *s, hf_msg msg);
#define S(text) hf_span_of(text, sizeof(text) - 1)

#endif
