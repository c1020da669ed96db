/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What is known of both ends of a run, and whether it is as it must be. */
#ifndef TESTS_FAULTS_JUDGE_H
#define TESTS_FAULTS_JUDGE_H

#include "tests/faults/run.h"

enum { HEARD_MAX = 100000, HELD_MAX = 1 << 17 };

typedef struct ends {
    pair p; /* whose configs they are */
    hf_worker *worker[2];
    hf_config *config[2];
    hf_conn *conn[2];
    size_t chunk;
    hf_span early;
    uint8_t held[2][HELD_MAX]; /* of each writer: not taken yet */
    size_t n_held[2];
    uint8_t heard[2][HEARD_MAX];
    size_t n_heard[2], n_early;
    bool started, connected[2], failed[2], closed[2];
    bool left[2];                  /* said close_notify, after which there is no alert */
    bool talked, exported, rested; /* rested: connected and whole before they part */
    unsigned talks, sessions;
    size_t hits_before[2]; /* of each end's faults, before its CONNECTED */
    hf_error api_error[2];
    hf_failure failure[2]; /* code HF_OK: none */
    outcome seen;
    size_t hits;
} ends;

/* Before a visit; once it has come as far as it does; after its end. */
void judge_forget(ends *e);
void judge_note(ends *e);
void judge_note_end(ends *e);
void judge_outcome(ends *e, outcome *out);

void judge_say(verdict *v, const char *format, ...);
/* Whether that error can be the fault's. */
bool judge_fits(const scene *s, const outcome *usual, const fault_hit *hit, hf_error code);
/* What the search of memory found; lax: libcrypto may leave something. */
void judge_secrets(verdict *v, bool lax);
/* libcrypto's error queue is empty: else the application would find there what is none of its own. lax: as above, it goes on
   after some faults of its own and leaves its complaint. */
void judge_queue(verdict *v, bool lax);
/* Something fails inside libcrypto, which loses memory then. */
bool judge_inside(const fault_plan *plan);
void judge(verdict *v, const ends *e, const scene *s, const outcome *usual, const outcome *out);

#endif
