/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A worker process: one loop, its listening sockets, and what its connections share. The house outlives plans; a generation is
 * what one plan came to, and lives as long as a connection that began under it.
 */
#ifndef HF_TOOL_PROXY_WORKER_H
#define HF_TOOL_PROXY_WORKER_H

#include <uv.h>

#include <handfast/conn.h>
#include "tool/proxy/channel.h"
#include "tool/proxy/config.h"
#include "tool/proxy/counters.h"
#include "tool/proxy/deadlines.h"
#include "tool/proxy/log.h"
#include "tool/proxy/plan.h"
#include "tool/proxy/stream.h"

struct hf_front;
struct hf_back;

/* A backend of a site, with its connections that nobody uses at the moment. */
typedef struct hf_backend {
    const hf_config_backend *row;
    hf_plan_address addresses[HF_PLAN_ADDRESSES_MAX];
    size_t n_addresses, next_address;
    hf_config *tls; /* a client's; NULL: plain */
    const char *
        unusable; /* why it must not be asked (its CA or our identity for it could not be loaded); NULL: it may. Never plain then */
    struct hf_back *idle; /* newest first */
    size_t n_idle;
    uint64_t failed_at; /* uv_now, 0: it did not; taken last for HF_BACK_FAILED_MS */
} hf_backend;

typedef struct hf_site {
    struct hf_generation *generation;
    const hf_config_site *row;
    const char *label; /* its first name */
    uint32_t slot;
    hf_config *tls;          /* sealed; of the spare identity if it is unavailable */
    const char *unavailable; /* why, or NULL */
    hf_backend *backends;    /* row->n_backends */
    size_t next_backend;     /* round-robin */
} hf_site;

typedef struct hf_generation {
    unsigned refs;
    uint64_t number;
    hf_plan plan;
    hf_proxy_config *config;
    hf_site *sites;   /* config->n_sites, same order */
    hf_config *hello; /* a server's that pauses at CLIENT_HELLO: its identity is never shown */
    bool retired;     /* a newer one counts: responses carry Connection: close */
} hf_generation;

/* From a plan, which it takes over in any case. NULL: why (an inner error: the parent has judged everything before). */
hf_generation *hf_generation_build(hf_plan *plan, hf_sessions *sessions, char *why, size_t room);
hf_generation *hf_generation_ref(hf_generation *generation);
void hf_generation_free(hf_generation *generation); /* gives a reference back */
/* NULL: none. */
hf_site *hf_generation_site(hf_generation *generation, const hf_hello *hello);
/* The site of a name alone (Host on the redirect listener); NULL: none. Never reads past len. */
hf_site *hf_generation_site_named(hf_generation *generation, hf_span name);

typedef enum hf_door { HF_DOOR_TLS, HF_DOOR_REDIRECT } hf_door;

typedef struct hf_house {
    uv_loop_t loop;
    unsigned slot;             /* which worker this is */
    hf_worker *tls;            /* the engine's */
    hf_sessions *sessions;     /* outlives plans; keys are set from them */
    hf_generation *now, *next; /* NULL before the first GO; next: built, not counting yet */
    hf_counters *counters;
    hf_channel *channel;
    hf_deadlines deadlines;
    hf_streams streams;
    hf_log log;
    uint8_t *room;           /* HF_STREAM_ROOM bytes: what is read, good until the turn ends */
    struct hf_front *fronts; /* all of them */
    size_t n_fronts;
    size_t most_open;      /* streams, for another client to be let in; SIZE_MAX: no bound */
    uint32_t last_id;      /* of a front */
    uint64_t told_full_at; /* uv_now: that descriptors ran out */
    uv_timer_t left_out;   /* lines of the log (telling_pace.c); its data NULL: there is none */
    bool draining;
    bool cut; /* the end: no connection is waited for any more */
} hf_house;

/* No descriptors are left: no connection is accepted for a moment. */
void hf_worker_breathe(hf_house *house);
/* The last front of a worker that drains is gone. */
void hf_worker_drained(hf_house *house);

/* `handfast proxy run` in a worker's process (worker.c): fds 3: channel, from 4 on the listening sockets, n_tls of them for TLS,
   then n_redirect, then the counters' of all slots and the parent's. An exit code. */
int hf_worker_main(unsigned slot, unsigned slots, unsigned n_tls, unsigned n_redirect);

#endif
