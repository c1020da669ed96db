/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The parent process of `handfast proxy run`: it reads, judges, opens and hands out, and speaks no TLS. What is kept here is what
 * counts now; a reload (reload.h) gathers everything new beside it, and puts it in its place in one step.
 */
#ifndef HF_TOOL_PROXY_PARENT_H
#define HF_TOOL_PROXY_PARENT_H

#include "tool/proxy/backend_errors.h"
#include "tool/proxy/backend_names.h"
#include "tool/proxy/control.h"
#include "tool/proxy/crew.h"
#include "tool/proxy/load.h"
#include "tool/proxy/log.h"
#include "tool/proxy/reload.h"
#include "tool/proxy/reminders.h"
#include "tool/proxy/status.h"
#include "tool/proxy/own_keys.h"
#include "tool/proxy/watch.h"

typedef struct hf_parent {
    uv_loop_t loop;
    const char *file;
    /* what counts */
    hf_loaded *now;
    hf_sockets *sockets;
    hf_account account;
    hf_crew *crew;
    hf_control *control; /* NULL: none */
    hf_admin *admin;     /* NULL: none */
    /* what stays */
    hf_crew_house house;
    hf_own_keys keys;
    hf_log log;
    hf_failures_ring *failures;
    json_t *backend_errors; /* the last of each (backend_errors.h) */
    hf_reminders *reminders;
    hf_status status;
    hf_worker_status workers[HF_SLOTS_MAX];
    hf_watch watch;
    hf_reload reload;
    uv_signal_t hangup, terminate, interrupt, child;
    uv_timer_t rotation, watchdog, minute;
    uv_work_t asking_names; /* while known.names is there */
    hf_known_names known;   /* the thread's */
    bool names_moved;       /* what it found */
    int64_t looked_at;      /* by the clock: when what counts was last held against it */
    uint64_t numbers;       /* of plans, the last */
    int exit_code;
    bool serving, closed; /* the first plan counts; all handles are closed */
    unsigned stops;       /* how often it was told to stop */
} hf_parent;

/* `handfast proxy run FILE`. An exit code. */
int hf_parent_run(const char *file);
/* Begins the end: connections may finish, for limits.drain. Said again: now. */
void hf_parent_stop(hf_parent *parent);

/* How many workers that configuration asks for. */
unsigned hf_parent_workers(const hf_proxy_config *config);
/* What follows from parent->now beside the workers: what is watched (it takes it over), where traces go. since: when its reading
   began. */
void hf_parent_settle(hf_parent *parent, hf_watched_files *watched, struct timespec since);

/* ---- parent_status.c: what it says of itself ---- */

/* Answers a line of the control socket. */
void hf_parent_asked(void *parent, hf_control_client *client, const char *line);
/* The HTTP server of admin. NULL: fault. */
hf_admin *hf_parent_admin(hf_parent *parent, const hf_proxy_config *config, hf_config_fault *fault);
/* A reload is over. fault NULL: it counts. */
void hf_parent_note_reload(hf_parent *parent, const hf_config_fault *fault);

/* ---- parent_names.c ---- */

/* Looks names of backends up, on a thread; if one leads elsewhere by now, that is a reload of HF_RELOAD_TIME. */
void hf_parent_ask_names(hf_parent *parent);

/* ---- parent_log.c: what it does, in lines of the log ---- */

void hf_parent_say_ready(hf_parent *parent);
/* It is to end: connections may finish, or not. */
void hf_parent_say_stop(hf_parent *parent, bool may_finish);
void hf_parent_say_sites(hf_parent *parent, const hf_loaded *loaded);
void hf_parent_say_warnings(hf_parent *parent, const hf_loaded *loaded);
/* What this system lets workers take from themselves. */
void hf_parent_say_confined(hf_parent *parent);
/* Sockets of systemd that no address asks for. */
void hf_parent_say_unused(hf_parent *parent);
void hf_parent_say_refused(hf_parent *parent, const hf_config_fault *fault);
void hf_parent_say_reload(hf_parent *parent, const hf_loaded *before, hf_reload_cause cause);
void hf_parent_say_hang(hf_parent *parent, pid_t pid);
/* Whom the workers run as, if nobody has said it. */
void hf_parent_say_account(hf_parent *parent, const hf_proxy_config *config);
void hf_parent_say_death(hf_parent *parent, pid_t pid, int status, unsigned restart_ms);
/* One line of that severity: what, and why if there is one. */
void hf_parent_say(hf_parent *parent, hf_severity severity, const char *what, const char *format,
                   ...) HF_PRINTF(4, 5);

#endif
