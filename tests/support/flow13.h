/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The shapes of TLS 1.3 that rest on a pre-shared key, for tests that go through all of them: what both
 * ends are made of, and the session that they come back with. Clocks stand still, and the register of
 * 0-RTT tickets says yes each time, so that a setup can be started again and again.
 */
#ifndef TESTS_SUPPORT_FLOW13_H
#define TESTS_SUPPORT_FLOW13_H

#include "support/hostile.h"

#define FLOW13_KEY   "32 bytes that both ends know ..."
#define FLOW13_EARLY "early data"

typedef enum flow13_early { FLOW13_NO_EARLY, FLOW13_TAKEN, FLOW13_REFUSED } flow13_early;

typedef struct flow13 {
    const char *name;
    bool external; /* a key shared beforehand, else a ticket */
    bool retry;
    flow13_early early;
    bool identity; /* the session knows who the client is */
} flow13;

/* Row i of all shapes, NULL past the end. */
const flow13 *flow13_row(size_t i);
const flow13 *flow13_named(const char *name);

typedef struct flow13_setup {
    const flow13 *flow;
    pair_options options; /* may be added to before an end is made of it */
    hf_sessions *sessions;
    hf_psks *psks[2];
    hostile_bytes session;
} flow13_setup;

void flow13_prepare(flow13_setup *s, const flow13 *flow);
void flow13_release(flow13_setup *s);
/* The clock of both ends, for hooks of a test's own. */
uint64_t flow13_clock(void *user);
/* Both are connected, and what became of it is what the shape says. */
void flow13_assert(pair *p, const flow13 *flow);

#endif
