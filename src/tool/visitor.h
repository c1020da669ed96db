/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * One connection of a server of ours, from accept to close: the status page, or an echo. Used by
 * `serve` and `demo`; who listens, and what is logged, is theirs.
 */
#ifndef HF_TOOL_VISITOR_H
#define HF_TOOL_VISITOR_H

#include "tool/dial.h"
#include "tool/link.h"
#include "tool/recording.h"

typedef struct hf_visitor hf_visitor;

typedef struct hf_visitor_rules {
    hf_config *config;
    hf_worker *worker;
    bool echo;                    /* else the page */
    uint64_t request_ms, idle_ms; /* for a whole request head; without a byte moving */
    void *user;
    /* All may be NULL. */
    hf_trace_sink (*trace)(hf_visitor *visitor, const uv_tcp_t *tcp); /* at its start */
    void (*turn)(hf_visitor *visitor);
    void (*connected)(hf_visitor *visitor);
    void (*failed)(hf_visitor *visitor, const hf_failure *failure);
    void (*gone)(hf_visitor *visitor); /* closed; freed after the call */
} hf_visitor_rules;

/* Takes over tcp (connected, heap memory), also on failure: NULL, no memory. rules must outlive it. */
hf_visitor *hf_visitor_new(uv_loop_t *loop, uv_tcp_t *tcp, const hf_visitor_rules *rules,
                           unsigned id, void *note);
/* Not before the caller has noted the visitor: `gone` may be next. */
void hf_visitor_start(hf_visitor *visitor);
/* A handshake or a request is under way, or it is an echo. */
bool hf_visitor_is_busy(const hf_visitor *visitor);
/* Connected, then left without a request and without a word: browsers do so with connections to spare. */
bool hf_visitor_was_silent(const hf_visitor *visitor);
/* Says goodbye: all that was sent leaves, then it closes. With `lazy`, only if it is not busy. */
void hf_visitor_finish(hf_visitor *visitor, bool lazy);
void hf_visitor_close(hf_visitor *visitor);

hf_conn *hf_visitor_conn(const hf_visitor *visitor);
const hf_visitor_rules *hf_visitor_rules_of(const hf_visitor *visitor);
const char *hf_visitor_address(const hf_visitor *visitor);
unsigned hf_visitor_id(const hf_visitor *visitor);
double hf_visitor_age_ms(const hf_visitor *visitor);
/* How much came as 0-RTT data and was taken. */
size_t hf_visitor_early_bytes(const hf_visitor *visitor);
/* What the caller gave. */
void *hf_visitor_note(const hf_visitor *visitor);

#endif
