/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Inside a crew: crew.c has what is asked of all of them, crew_talk.c what is said with one and whether it answers, crew_life.c birth and death. What
 * a worker is told follows from three numbers: the plan that it was told last, the last it was ready for, and the one that counts.
 */
#ifndef HF_TOOL_PROXY_CREW_PARTS_H
#define HF_TOOL_PROXY_CREW_PARTS_H

#include "tool/proxy/crew.h"

typedef struct hf_child {
    hf_crew *crew;
    pid_t pid; /* 0: nobody */
    unsigned slot, worker;
    hf_channel *channel;
    uv_timer_t
        timer; /* until its successor starts, or until one that has stopped talking is ended */
    uint64_t born, ready, taken; /* ms; the plan it was ready for; the one that counts in it */
    uint64_t restarts, hangs;
    int64_t since; /* born, by the clock on the wall */
    unsigned quick_deaths;
    unsigned missed; /* looks since it was asked whether it is alive */
    bool serving;
    bool shut;  /* it was told to drain, and lets nobody in any more */
    bool asked; /* that, without an answer so far */
} hf_child;

struct hf_crew {
    hf_crew *next;
    hf_crew_house *house;
    const hf_sockets *sockets;
    hf_account account;
    const hf_plan *now, *offered;
    uv_timer_t timer;   /* for an answer */
    uv_timer_t asking;  /* whether all are alive */
    int64_t drained_at; /* by the clock on the wall: since then */
    bool draining, told;
    bool going; /* until all have taken it */
    unsigned n, handles;
    hf_child children[];
};

/* ---- crew_talk.c ---- */

extern const hf_channel_ops hf_child_talk;
void hf_child_end(hf_child *c);
bool hf_child_say_plan(hf_child *c, const hf_plan *plan);
void hf_child_say(hf_child *c, hf_message kind);
void hf_child_go(hf_child *c);
/* It has answered, or begins anew. */
void hf_child_is_alive(hf_child *c);
/* It serves, by a plan that does not count any more. */
bool hf_child_is_behind(const hf_child *c);
/* Of the plan that was offered; once. */
void hf_crew_answer(hf_crew *crew, bool good, const char *why);
void hf_crew_see_whether_taken(hf_crew *crew);
void hf_crew_see_whether_shut(hf_crew *crew);
/* Timers: no answer to an offer, a GO that was not taken, a look at whether all are alive. */
void hf_crew_late(uv_timer_t *timer);
void hf_crew_late_to_go(uv_timer_t *timer);
void hf_crew_look_after_all(uv_timer_t *timer);

/* ---- crew_life.c ---- */

void hf_child_start(hf_child *c);
/* A crew that drains is told gone with its last worker, and freed. */
void hf_crew_see_whether_gone(hf_crew *crew);

#endif
