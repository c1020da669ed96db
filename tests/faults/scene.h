/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The flows that faults are put into: every shape that a handshake can have, ready to be run again and again. Those that rest
 * on a session bring one that was made before; clocks stand still.
 */
#ifndef TESTS_FAULTS_SCENE_H
#define TESTS_FAULTS_SCENE_H

#include "support/flow12.h"
#include "support/flow13.h"

typedef struct scene {
    char name[96];
    uint16_t version;
    pair_options options;
    hf_policy policies[2];
    hf_identity *identities[2]; /* of each role, or NULL: options says it all */
    hf_sessions *sessions, *store;
    hf_psks *psks[2];
    hostile_bytes session, staple;
    /* what the application does */
    bool jobs, verify,
        pause;      /* it does the jobs, judges chains, takes its time over a ClientHello */
    bool finds_psk; /* by hf_hooks.find_psk */
    bool retries;   /* the server asks everybody again */
    unsigned visits;
    /* what may be so without a fault too */
    bool at_home; /* sessions are kept at an end, secrets and all … */
    bool by_id;   /* … in the server's cache */
    bool rsa;     /* what fails in decrypting shows only in Finished (RFC 5246 7.4.7.1) */
    bool resumes; /* and could do without */
    /* where it comes from, to be given back */
    flow12_setup by12;
    flow13_setup by13;
} scene;

/* How many there are, the name of number i (static, until the next call), and all of it. */
size_t scene_count(void);
const char *scene_name(size_t i);
void scene_prepare(scene *s, size_t i);
void scene_release(scene *s);
/* As pair_start, with what has to be new for each run. */
void scene_start(pair *p, scene *s);
void scene_end(pair *p, scene *s);

/* Hooks of both ends. A draw and a callback may be a fault; what is drawn is the same in every run. */
void scene_begin_draws(void);
/* What a role drew so far, of those draws that could be a key: its first bytes that are none of a version. */
enum { SCENE_DRAWS = 32, SCENE_DRAW = 32 };
typedef struct scene_draws {
    unsigned n;
    uint8_t bytes[SCENE_DRAWS][SCENE_DRAW];
    bool secret[SCENE_DRAWS]; /* as learned from a run without faults */
} scene_draws;
extern scene_draws scene_drawn[2];

/* The ends' clock stands still but for this. */
void scene_pass_time(uint64_t ms);
/* What a key log line tells. */
extern void (*scene_on_secret)(const char *line);

#endif
