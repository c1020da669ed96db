/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a suite counts, and what it does when something is wrong. A suite runs in two places: in its own
 * test program, which prints and asserts the counts, and once for each mutant, where the first wrong
 * result is all that is wanted.
 */
#ifndef HF_TEST_SCRIPT_REPORT_H
#define HF_TEST_SCRIPT_REPORT_H

#include "support/script_figures.h"

typedef struct script_report {
    const char *suite;
    bool brief; /* a mutant's run: fewer shapes, fewer types */
    bool quiet; /* only count */
    void (*stop)(
        const struct script_report *r); /* called at the first wrong result; does not return */
    long cases, wrong;
    long handshakes, orders_seen, orders_drawn; /* orders */
    long states, accepted, tolerated, refused;  /* exhaustive, glue */
    long paths;                                 /* paths */
    long failed, held, struck, reordered;       /* jobs */
    long rounds;                                /* after the handshake */
} script_report;

/* The rules that the fakes can break on purpose, to see that somebody notices. */
enum {
    SCRIPT_STRIKE_PENDING = 1,      /* bytes that stand in the buffer are never reported */
    SCRIPT_STRIKE_OWED = 2,         /* the loop is not told of proofs under way */
    SCRIPT_STRIKE_FRESH_PROOFS = 4, /* evidence of the handshake is kept for later rounds */
    SCRIPT_STRIKE_ROUND_FACTS = 8,  /* facts of a round outlive it */
    SCRIPT_STRIKE_OUR_KEYS = 16,    /* a record stays open across a change of our keys */
    SCRIPT_STRIKE_THEIR_KEYS = 32   /* a change of the peer's keys is ignored */
};

/* What all ends of a run share: the tables under test, struck rules, and an intent added to all modes. */
typedef struct script_world {
    const hf_scripts *tables;
    unsigned strikes;
    hf_facts also_intends;
} script_world;

extern script_world script_the_world;

void script_wrong(script_report *r, const script_mode *mode, const char *what,
                  const script_trace *trace);
/* "client: OFFER13 COMPAT; server: TLS13 PSK" in a static buffer. */
const char *script_mode_text(const script_mode *mode);
/* FNV-1a, for sets of states. */
uint64_t script_hash(uint64_t before, const void *bytes, size_t n);

enum { SCRIPT_SET_SLOTS = 1 << 17 };

typedef struct script_set {
    size_t n;
    uint64_t slot[SCRIPT_SET_SLOTS];
} script_set;

/* Whether it was new. */
bool script_set_add(script_set *set, uint64_t hash);

#endif
