/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What may become of the jobs of a handshake, in whatever shape and version: each one held for ever,
 * failed in every way, claimed to be done without having been, or answered in one batch. What is right
 * then is the version's, and stands with the tests.
 */
#ifndef TESTS_SUPPORT_JOBS_SCENE_H
#define TESTS_SUPPORT_JOBS_SCENE_H

#include "support/desk.h"

/* A job that was answered with an error, and by whom. */
typedef struct jobs_failure {
    int side; /* whose job */
    hf_job_kind kind;
    hf_error code;
} jobs_failure;

typedef struct jobs_scene {
    const char *name;      /* of the shape */
    pair_options *options; /* of both ends */
    const void *flow;      /* the shape, for what follows */
    void (*assert_connected)(pair *p, const void *flow);
    /* `waits` has a job that nobody answered; the server had `heard` that many bytes before. */
    void (*assert_held)(desk_ends *e, hf_conn *waits, size_t heard);
    void (*assert_failed)(desk_ends *e, jobs_failure failure, const void *flow);
} jobs_scene;

/* Both ends with their jobs outside. */
void jobs_start(desk_ends *e, desk *d, const jobs_scene *s);
/* The jobs are these, as they come when each is answered at once: how many. */
unsigned jobs_list(const jobs_scene *s, const char *expected);
/* Each job is held once, or answered once with each of the codes: the number of cases. */
unsigned jobs_hold_each(const jobs_scene *s);
unsigned jobs_fail_each(const jobs_scene *s, const hf_error *codes, size_t n);
/* Results that come only when all jobs of a turn were run, the last first. */
void jobs_backwards(const jobs_scene *s);
/* For assert_failed: the failure is the code's, and the other end was told; unless it cannot have heard of it. */
void jobs_assert_failed(desk_ends *e, jobs_failure failure, bool unheard);

#endif
