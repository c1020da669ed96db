/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * An executor for tests: the jobs of two ends (or of many) lie on a desk and stand still until
 * somebody takes and answers them, in whatever order.
 */
#ifndef TESTS_SUPPORT_DESK_H
#define TESTS_SUPPORT_DESK_H

#include "support/hostile.h"

enum { DESK_JOBS_MAX = 64, DESK_WIRE_MAX = 1 << 16 };

typedef struct desk_job {
    hf_conn *conn;
    hf_job *job;
} desk_job;

typedef struct desk {
    desk_job jobs[DESK_JOBS_MAX];
    size_t n;
    unsigned seen; /* jobs that were ever handed out */
} desk;

typedef struct desk_ends {
    pair p;
    uint8_t wire[2][DESK_WIRE_MAX]; /* towards each role, not taken yet */
    size_t n_wire[2];
    desk *desk;
} desk_ends;

/* A pair_options.configure: the jobs of both ends are external. */
void desk_external(hf_config *config, hf_role role, void *user);
/* That one is used unless options have another. */
void desk_start(desk_ends *e, desk *d, const pair_options *options);
/* Everything that moves without an answer to a job. */
void desk_run(desk_ends *e);
desk_job desk_take(desk *d, size_t i);
/* Runs it and gives its result back. */
void desk_answer(desk_job one);
/* Answers jobs as they come until none is left … */
void desk_finish(desk_ends *e);
/* … or until number k of the handshake is at the head; false: there are fewer. */
bool desk_advance_to(desk_ends *e, unsigned k);
bool desk_nobody_connected(const desk_ends *e);
/* Nobody is connected, and nobody has anything to say or to tell. */
void desk_assert_silent(desk_ends *e);
uint32_t desk_draw(uint32_t *seed);

#endif
