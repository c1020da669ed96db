/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What went wrong on one run of a networked command: the library's failure record, or one of the
 * tool's own (name look-up, unreachable, HTTP, local output), in the same shape. From it come the
 * message on stderr, the JSON member `failure` and the exit code.
 */
#ifndef HF_TOOL_TROUBLE_H
#define HF_TOOL_TROUBLE_H

#include <jansson.h>

#include <handfast/conn.h>
#include "base/compiler.h"

enum { HF_TROUBLE_TEXT_MAX = 2048, HF_TROUBLE_TRACE_MAX = 4096 };

typedef struct hf_trouble {
    bool happened;
    int exit;         /* the exit code it earns */
    const char *code; /* "SUITE_NOT_OFFERED"; the tool's own: "LOOKUP", "UNREACHABLE" … */
    const char *blame;
    const char *side; /* who noticed */
    const char *step;
    hf_failure record;                  /* field, offset, rule …; empty for the tool's own */
    char sentence[HF_TROUBLE_TEXT_MAX]; /* what happened */
    char where[HF_TROUBLE_TEXT_MAX];    /* where and why */
    char hint[HF_TROUBLE_TEXT_MAX];     /* what to do */
    char next[HF_TROUBLE_TEXT_MAX];     /* the command to run next, or "" */
    const char *lead;                   /* what that command is for; NULL: what the hint says */
    char trace[HF_TROUBLE_TRACE_MAX];   /* the file that the failed handshake left, or "" */
} hf_trouble;

/* Each keeps what came first: later troubles follow from it. */
void hf_trouble_failure(hf_trouble *trouble, const hf_failure *failure, const char *where);
void hf_trouble_own(hf_trouble *trouble, int status, const char *code, const char *blame,
                    const char *step);
void hf_trouble_sentence(hf_trouble *trouble, const char *format, ...) HF_PRINTF(2, 3);
void hf_trouble_where(hf_trouble *trouble, const char *format, ...) HF_PRINTF(2, 3);
void hf_trouble_hint(hf_trouble *trouble, const char *format, ...) HF_PRINTF(2, 3);
void hf_trouble_next(hf_trouble *trouble, const char *format, ...) HF_PRINTF(2, 3);

/* The message of three parts on stderr; and how to see the failed handshake, if it left a trace. */
void hf_trouble_say(const hf_trouble *trouble);
/* null if nothing happened. The caller owns the value; NULL: no memory. */
json_t *hf_trouble_json(const hf_trouble *trouble);

#endif
