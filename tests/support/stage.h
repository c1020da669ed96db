/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Handshakes that are the same each time, byte for byte, and are recorded: fixed keys, certificates, clocks and random bytes. A
 * scene (stage_scenes.h) prepares a stage, says what is different about it, and lets it run; then each end has a tape.
 *
 * Where libcrypto draws by itself (tickets' keys, RSA), its generator is replaced. A libcrypto that does not allow that has
 * scenes that it cannot play: stage_can_play.
 */
#ifndef TESTS_SUPPORT_STAGE_H
#define TESTS_SUPPORT_STAGE_H

#include "explain/outputs.h"
#include "support/hostile.h"

enum { STAGE_HEARD_MAX = 128 };

/* A message as the engine told it. */
typedef struct stage_heard {
    hf_role writer;
    char name[32], source[32];
    int phase, six, nine;
    size_t len;
} stage_heard;

typedef struct stage_end {
    uint64_t random, us;
    hf_tape *tape;
    hf_trace_sink tape_sink, sink;
    stage_heard heard[STAGE_HEARD_MAX];
    size_t n_heard;
} stage_end;

typedef struct stage {
    stage_end end[2];
    pair_options options;
    hf_policy policy[2];
    pair p;
    hostile h;
    bool is_hostile;
    hf_sessions *sessions;
    hf_psks *psks[2];
    hostile_bytes session;
} stage;

/* Both ends speak that version alone, with few suites and groups; Ed25519. */
void stage_prepare(stage *s, uint16_t version);
/* The same with the policy of that name, as it is. */
void stage_prepare_named(stage *s, const char *policy, hf_key_type type);
/* The server hands out tickets; a handshake goes before that nobody records, and the client offers its session. */
void stage_remember(stage *s);
void stage_tickets(stage *s);
/* Both know a key of that name; it differs if `same` is false. */
void stage_share_key(stage *s, bool same);

/* Both ends until nothing moves. */
void stage_run(stage *s);
/* Data both ways, and both close. */
void stage_talk(stage *s);
void stage_close(stage *s);
/* A bad peer: only what the scene sends reaches the victim. */
hostile *stage_hostile(stage *s, hf_role victim, hostile_rewrite *rewrite);
/* What became of it goes onto the tapes; the connections are gone after that. */
void stage_finish(stage *s);
void stage_free(stage *s);

/* Certificates that are always the same. */
const test_pki *stage_pki(hf_key_type type); /* ED25519, RSA */
const test_pki *stage_other_pki(void);       /* of another root */
/* localhost, or a client's (eku), good only from … to: one past and one future for each. */
hf_identity *stage_identity_dated(uint8_t eku, int64_t not_before, int64_t not_after);
hf_identity *stage_identity_alone(void); /* its issuer is not shown */

bool stage_can_play(void);

#endif
