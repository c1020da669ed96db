/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A handshake for people, while it goes on: the story of a connection's tape (explain/story.h) is told step by step, in the words
 * of `handfast trace`. A step is written once and never changed, so that what may still grow waits: a run of records, and a
 * message whose rest has not come.
 *
 *     hf_steps_start(&steps, HF_STEPS_NOTE, 0);
 *     hf_steps_flush(&steps, recording.tape);      whenever the engine has paused
 *     hf_steps_end(&steps, recording.tape);        when nothing more can come
 */
#ifndef HF_TOOL_STEPS_H
#define HF_TOOL_STEPS_H

#include "explain/tape.h"
#include "tool/nine.h"

typedef enum hf_steps_where { HF_STEPS_OUT, HF_STEPS_NOTE } hf_steps_where;

typedef struct hf_steps {
    hf_steps_where where;
    int verbose;    /* as of hf_show */
    size_t written; /* steps of the story */
    size_t heard;   /* events that the tape had then */
    uint8_t told;   /* proofs */
    hf_nine nine;
} hf_steps;

void hf_steps_start(hf_steps *steps, hf_steps_where where, int verbose);
/* Writes what is there and was not written yet. A tape of NULL has nothing. */
void hf_steps_flush(hf_steps *steps, const hf_tape *tape);
void hf_steps_end(hf_steps *steps, const hf_tape *tape);
/* For a second end in the same process, which has steps of its own: only what was proved to it. */
void hf_steps_proofs(hf_steps *steps, const hf_tape *tape);

#endif
