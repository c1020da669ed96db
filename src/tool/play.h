/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The play of `demo` while its loop turns: a server and a client in one process. Setting and closing are demo.c. */
#ifndef HF_TOOL_PLAY_H
#define HF_TOOL_PLAY_H

#include "tool/ca_store.h"
#include "tool/fetch.h"
#include "tool/failures.h"
#include "tool/listener.h"
#include "tool/options.h"
#include "tool/steps.h"
#include "tool/temp_folder.h"
#include "tool/visitor.h"

enum { HF_PLAY_LIMIT_S = 10 };

typedef struct hf_play {
    const hf_demo_options *o;
    char folder[HF_TEMP_PATH_MAX];
    hf_local_store store;
    hf_config *server, *client;
    hf_worker *worker;
    void *keylog;
    uv_loop_t loop;
    uv_signal_t signals[3];
    hf_listener listener;
    hf_visitor_rules rules;
    hf_visitor *visitor;
    hf_dial *dial;
    hf_link *link;
    hf_conn *conn;
    hf_steps steps, at_server;
    hf_recording recording, servers; /* of the client, and of the server */
    hf_fetch fetch;
    hf_trouble trouble;
    double started, connected_at, handshake_ms;
    bool connected;
    int signal;
} hf_play;

/* What the server's one visitor gets. */
void hf_play_rules(hf_play *play);
/* Callbacks of the listener and of the client's dialling. */
void hf_play_came(uv_stream_t *stream, int status);
void hf_play_dialled(void *user, uv_tcp_t *tcp, const hf_dial_result *result);
/* There is no client: why. */
void hf_play_no_client(hf_play *play, const char *why);
/* The loop ends once the server's connection is gone too. */
void hf_play_over(hf_play *play);
/* SIGINT, SIGTERM and SIGHUP end the play. */
void hf_play_watch_signals(hf_play *play);

#endif
