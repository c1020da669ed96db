/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `serve` while its loop turns: who is inside, and how it ends. Setting it up is serve.c. */
#ifndef HF_TOOL_SERVER_H
#define HF_TOOL_SERVER_H

#include "tool/ca_store.h"
#include "tool/failures.h"
#include "tool/listener.h"
#include "tool/options.h"
#include "tool/returning.h"
#include "tool/serve_log.h"
#include "tool/shared_keys.h"
#include "tool/steps.h"

enum { HF_SERVER_TRACES = 1000 }; /* kept in --trace-dir */

/* A visitor's place in the list, and its trace. */
typedef struct hf_guest {
    struct hf_guest *next, **link;
    hf_visitor *visitor;
    hf_steps steps;
    hf_recording recording;
} hf_guest;

typedef struct hf_server {
    const hf_serve_options *o;
    hf_config *config;
    hf_worker *worker;
    void *keylog;
    hf_local_store store;
    hf_returning returning;
    hf_shared_keys psk;
    bool own_ca;
    bool psk_only;                /* no certificate at all */
    hf_listener listener, second; /* second: [::1] beside 127.0.0.1, or closed */
    hf_visitor_rules rules;
    hf_serve_log log;
    uv_loop_t loop;
    uv_signal_t interrupted, terminated;
    uv_timer_t drain;
    hf_guest *guests;
    hf_failures_pace pace;
    bool records;    /* traces: somebody can get one */
    bool complained; /* that one could not be written */
    unsigned open, came;
    bool waiting; /* a connection was not accepted yet: too many are open */
    bool draining, pressed;
} hf_server;

/* What each visitor gets, from the options. */
void hf_server_rules(hf_server *server);
/* libuv's callback of the listener, whose data is the server. */
void hf_server_came(uv_stream_t *stream, int status);
/* No new connections; those under way have five seconds, then the loop ends. */
void hf_server_stop(hf_server *server);
/* SIGINT and SIGTERM stop it; a second one does not wait. SIGHUP renews ticket keys and reads pre-shared keys again. */
void hf_server_watch_signals(hf_server *server);

#endif
