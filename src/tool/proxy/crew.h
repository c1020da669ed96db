/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The workers that serve one set of sockets as one user. A plan is offered to all of them, and counts once all could build it. Who
 * dies is replaced at once: same slot, same sockets, the plan that counts. A crew whose sockets, number or user change is not
 * changed but replaced by another: the old one drains, without a limit of time, for connections of tcp mode stay.
 *
 * Who is slow is not who hangs. A worker that needs too long for a plan keeps serving by the one that counts; one whose loop does not
 * turn any more, however busy the machine, is ended, and replaced like the dead.
 */
#ifndef HF_TOOL_PROXY_CREW_H
#define HF_TOOL_PROXY_CREW_H

#include "tool/proxy/account.h"
#include "tool/proxy/channel.h"
#include "tool/proxy/counters.h"
#include "tool/proxy/plan.h"
#include "tool/proxy/sockets.h"
#include "tool/proxy/status.h"

enum {
    HF_CREW_ANSWER_MS = 60000, /* for all workers to build a plan */
    HF_CREW_QUICK_MS = 1000,   /* who lives less long than this … */
    HF_CREW_QUICK_DEATHS = 5,  /* … so often, waits for its successor … */
    HF_CREW_PAUSE_MS = 500,    /* … this long */
    HF_CREW_LAST_MS = 5000,    /* from the end of its talk to a worker's end */
    HF_CREW_ASK_MS = 2000,     /* between two looks whether it is alive … */
    HF_CREW_MISSED =
        5 /* … so many of which it may let pass without an answer, the last of them not */
};

#define HF_DRAIN_NO_LIMIT UINT64_MAX
#define HF_DRAIN_STANDARD (UINT64_MAX - 1) /* limits.drain */

typedef struct hf_crew hf_crew;

typedef struct hf_crew_ops {
    /* The plan that was offered: all can work by it (then hf_crew_go or hf_crew_forget is to be called), or not, and why. Never from within hf_crew_offer. */
    void (*answered)(hf_crew *crew, bool good, const char *why);
    /* FAILURE, TRACE and BACKEND. False: the worker is out of order, and is ended. */
    bool (*message)(hf_crew *crew, unsigned slot, hf_message kind, hf_span bytes);
    /* A worker died that should not have. restart_ms: until its successor. */
    void (*died)(hf_crew *crew, pid_t pid, int status, unsigned restart_ms);
    /* A worker hangs, and is ended: its death follows. */
    void (*hangs)(hf_crew *crew, pid_t pid);
    /* Nobody is left of a crew that drains or was ended. Its memory is gone after this call. */
    void (*gone)(hf_crew *crew);
    /* After hf_crew_go, never from within it: the plan counts in every worker. Who did not take it is ended. */
    void (*taken)(hf_crew *crew);
    /* After hf_crew_drain, never from within it: no worker lets anybody in any more. May come more than once. */
    void (*shut)(hf_crew *crew);
} hf_crew_ops;

/* What all crews of a parent share. */
typedef struct hf_crew_house {
    uv_loop_t *loop;
    hf_counters *counters;
    unsigned slots;
    bool taken[HF_SLOTS_MAX];
    hf_crew *crews; /* all of them */
    const hf_crew_ops *ops;
    void *user;
} hf_crew_house;

/* Free slots. */
unsigned hf_crew_room(const hf_crew_house *house);
/* Nobody is there yet: hf_crew_offer starts them. NULL: no memory, or not enough slots. */
hf_crew *hf_crew_new(hf_crew_house *house, const hf_sockets *sockets, const hf_account *account);
/* `plan` stays the caller's, and must stay as it is until go (from then on until the next go) or forget. False: no memory. */
bool hf_crew_offer(hf_crew *crew, const hf_plan *plan);
void hf_crew_go(hf_crew *crew);
void hf_crew_forget(hf_crew *crew);
/* Milliseconds; 0: now. May be said again. */
void hf_crew_drain(hf_crew *crew, uint64_t ms);
/* It was told to drain, and may still let somebody in. */
bool hf_crew_is_shutting(const hf_crew *crew);
/* Workers that are alive. */
unsigned hf_crew_alive(const hf_crew *crew);
/* Of the workers of all crews; how many. */
size_t hf_crew_status(const hf_crew_house *house, hf_worker_status out[], size_t room);
hf_crew *hf_crew_next(const hf_crew *crew);
hf_crew_house *hf_crew_house_of(const hf_crew *crew);

/* Ends the worker of that process, which did what no worker does. False: it is none. */
bool hf_crew_end_one(hf_crew_house *house, pid_t pid);
/* SIGCHLD came. */
void hf_crew_reap(hf_crew_house *house);

#endif
