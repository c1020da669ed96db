/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The scripts, walked by somebody who only watches. The engine's rows say who may write what, when keys change and what each
 * message proves to its reader; a follower reads the facts out of the messages and finds the row of each. It judges nothing: a
 * message that no row expects has no row, and the follower goes on from where it stood.
 */
#ifndef HF_EXPLAIN_FOLLOW_H
#define HF_EXPLAIN_FOLLOW_H

#include "handshake/script.h"
#include "wire/wire.h"

typedef struct hf_follower {
    hf_facts facts;
    const hf_row *at; /* the next row of the handshake; NULL: no table leads further */
    bool ended;       /* the script's end was reached: what comes is after the handshake */
    uint16_t version, cipher_suite, group; /* settled so far, 0: not yet */
    uint8_t epoch[2];                      /* of each role's writing */
    const hf_row *keys[2]; /* of each role: the last row that only changes keys; NULL: none yet */
    uint8_t provable
        [2]; /* what each role may hold proved by now: HF_CHAIN, HF_SIGNATURE, HF_FINISHED */
    uint8_t session_id[32],
        session_id_len; /* the client's: its echo resumes a session of TLS 1.2 */
    bool greeted;       /* TLS 1.2: ServerHello came, and nothing after it */
} hf_follower;

void hf_follow_start(hf_follower *f);
/* What a reader must know to read that message, the writer's next. */
hf_wire hf_follow_wire(const hf_follower *f, hf_role writer, hf_msg msg);
/* Which message that header and body are: ServerHello's type stands for HelloRetryRequest too. */
hf_msg hf_follow_kind(hf_span message);
/* A whole message (a ChangeCipherSpec: its one byte). Its row, NULL: none. Facts, epochs and proofs are those after it. */
const hf_row *hf_follow_message(hf_follower *f, hf_msg msg, hf_role writer, hf_span message);

#endif
