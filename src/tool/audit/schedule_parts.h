/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Inside the course of one audit, for schedule.c (what happens) and schedule_begin.c (what it begins with) alone. */
#ifndef HF_TOOL_AUDIT_SCHEDULE_PARTS_H
#define HF_TOOL_AUDIT_SCHEDULE_PARTS_H

#include "audit/doubt.h"
#include "tool/audit/ask.h"
#include "tool/audit/schedule.h"

enum { HF_RATE_MAX = 1000 };

/* An inquiry, and where it stands. */
typedef struct hf_inquirer {
    hf_audit_course *course;
    hf_inquiry q;
    hf_ask *ask;
    hf_asking *asking;     /* NULL: it may be asked what it wants next */
    bool again, was_again; /* what it asked is asked once more, as no connection came about */
    hf_doubt doubt;        /* whether its question was refused: its answer is held back … */
    bool controls;         /* … and what is asked now is the control */
    bool over;
} hf_inquirer;

struct hf_audit_course {
    hf_audit_job *job;
    hf_seen *seen;
    const hf_audit_settings *settings;
    void (*done)(void *user, hf_audit_job *job);
    void *user;
    uv_loop_t *loop;
    uv_timer_t timer;
    hf_audit_setup setup;
    hf_ask_place place;
    char authority[HF_HOST_MAX + 8], endpoint[HF_HOST_MAX + 8];
    hf_inquirer *inquirers; /* hf_n_inquiries */
    unsigned phase, busy, n_over;
    char strange[HF_FLIGHT_WORDS + 8]; /* what came in place of TLS; "": nobody knows */
    bool foreign;                      /* it is of another protocol */
    bool opened;                       /* a connection, once, up to where TLS begins */
    bool ending;
    unsigned late_row, late_all, unreachable_row;
    hf_doubts doubts;
    unsigned closed_from; /* connections so far when a control was not taken; 0: none was */
    double began, ends, rests_until;
    double starts[HF_RATE_MAX]; /* of the last connections, a ring */
    unsigned at;
};

/* The timer's, and all that ever happens. */
void hf_audit_turn(uv_timer_t *timer);
/* Ends it; the first reason is the one that is told. cut: not all was asked. */
void hf_audit_end(hf_audit_course *c, bool cut, const char *format, ...) HF_PRINTF(3, 4);

/* ---- schedule_doubt.c: connections that end without a word ---- */

/* True: the answer was the control's, or it is held back: got() is not called. */
bool hf_audit_holds(hf_inquirer *i, const hf_reply *reply);
/* What an inquirer in doubt asks next; NULL: nothing, it may be settled by now. */
const hf_ask *hf_audit_doubted(hf_inquirer *i);
/* No hello was taken, and nobody has anything else to ask: those that are held back are told as they are. False: there are none. */
bool hf_audit_tell_held(hf_audit_course *c);
/* Nothing was taken so far that could be its control. */
bool hf_audit_is_held(const hf_inquirer *i);

#endif
