/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The programs of a bad peer (bad_peer.c) as a language: where a step of them ends, and mutations
 * that keep their grammar: whole steps are made, removed, repeated, exchanged and taken from another program, and
 * contents change within their lengths.
 *
 *     head:  how, flow, twist, which message is rewritten; if how says so, a length and that many bytes of edits
 *     step:  what, and the arguments that program_step_size knows
 */
#ifndef TESTS_FUZZ_PROGRAM_H
#define TESTS_FUZZ_PROGRAM_H

#include "fuzz/edits.h"

/* What a step does, modulo PROGRAM_OPS. */
typedef enum program_op {
    OP_DUE,          /* the message that is due, in a record of its own */
    OP_EDITED,       /* edited, its header put right */
    OP_EDITED_WHOLE, /* … or not */
    OP_JOINED,       /* several in one record */
    OP_PIECES,       /* in records of so many bytes */
    OP_LEFT_OUT,
    OP_DAMAGED, /* a byte of its record is changed */
    OP_RECORD,  /* type, length, content: under the keys that are read now */
    OP_PLAIN_RECORD,
    OP_MESSAGE, /* type, length, body */
    OP_RAW,     /* length in two bytes, bytes of the wire */
    OP_AGAIN,   /* the last record */
    OP_UPDATE_KEYS,
    OP_APPLICATION, /* a call of the victim's application */
    OP_CHUNK,       /* deliveries come in pieces of that size */
    OP_TIME,        /* it passes; or the end of the wire */
    PROGRAM_OPS
} program_op;

enum { PROGRAM_REWRITES = 1 }; /* in how */

size_t program_head_size(input in);
/* Of the step that begins here. */
size_t program_step_size(input in);

/* For LLVMFuzzerCustomMutator and LLVMFuzzerCustomCrossOver. */
size_t program_mutate(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t program_cross(hf_span a, hf_span b, uint8_t *out, size_t max, unsigned seed);

#endif
