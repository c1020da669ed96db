/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A connection that ended without a word may be a refusal, or a limit, a filter or an accident that has nothing to do with what was asked.
 * It is told as a refusal only if the question ends so again, alone, while a hello that was taken before still is, right before and right
 * behind it. Whoever runs inquiries holds such an answer back, and asks here what to do with it. No sockets, no clocks.
 */
#ifndef HF_AUDIT_DOUBT_H
#define HF_AUDIT_DOUBT_H

#include "audit/inquiry.h"

enum {
    HF_DOUBT_PROVED = 3, /* refusals that were proved: from then on the proof is a shorter one */
    HF_DOUBT_STRAYS = 8, /* closings that meant nothing: more of them are told as trouble */
    HF_DOUBT_LIMITS = 4, /* pauses that helped, of one audit … */
    HF_DOUBT_RESTS = 2,  /* … and tries of one */
    HF_DOUBT_REST_MS = 500
};

/* Of one target. */
typedef struct hf_doubts {
    hf_ask control; /* a hello that was taken, of the newest version so far; len 0: none yet */
    uint16_t version;
    unsigned proved, strays;
    unsigned limits; /* times that nothing was taken for a while */
} hf_doubts;

/* Of one inquiry: its question, and where the proof stands. */
typedef struct hf_doubt {
    hf_flight_end end; /* CLOSED or RESET; 0: no doubt */
    const char *proof; /* what is still to be done of it; NULL: it has not begun */
    unsigned rests;
} hf_doubt;

typedef enum hf_doubt_step {
    HF_DOUBT_HOLD,    /* nobody can tell yet: no hello was taken so far */
    HF_DOUBT_CONTROL, /* ask doubts->control */
    HF_DOUBT_AGAIN,   /* ask the question once more */
    HF_DOUBT_BELIEVE, /* it is a refusal: hf_doubt_settle */
    HF_DOUBT_GIVE_UP  /* what it closes has nothing to do with what is asked */
} hf_doubt_step;

static inline bool hf_doubt_open(const hf_doubt *doubt)
{
    return doubt->end != HF_FLIGHT_OPEN;
}
/* A hello that is taken is kept for later. */
void hf_doubts_learn(hf_doubts *doubts, const hf_reply *reply);
/* The answer to a question, asked for the first time or AGAIN. True: it is held back. */
bool hf_doubt_keeps(hf_doubts *doubts, hf_doubt *doubt, const hf_reply *reply);
hf_doubt_step hf_doubt_next(hf_doubts *doubts, hf_doubt *doubt);
/* The answer to the control. Returns milliseconds in which nothing is to be asked; 0: none. */
unsigned hf_doubt_controlled(hf_doubts *doubts, hf_doubt *doubt, const hf_reply *reply);
/* Nothing else may be asked until it is settled. */
bool hf_doubt_alone(const hf_doubts *doubts, const hf_doubt *doubt);
/* Something is not as it should be: fewer connections at a time are better. */
static inline bool hf_doubts_troubled(const hf_doubts *doubts)
{
    return doubts->strays > 0 || doubts->limits > 0;
}
/* The end of the doubt: got() is told of a connection that was closed; `sure`: it is a refusal. False: no memory, got() was not called. */
bool hf_doubt_settle(hf_doubt *doubt, hf_inquiry *q, const hf_ask *ask, bool sure);

#endif
