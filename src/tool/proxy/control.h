/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The control socket: a Unix socket of mode 0600 that takes one line ("reload", "status", "failures 20") and answers with one JSON
 * object. Whoever can open it can do these three things, and no other.
 */
#ifndef HF_TOOL_PROXY_CONTROL_H
#define HF_TOOL_PROXY_CONTROL_H

#include <jansson.h>
#include <uv.h>

#include "tool/proxy/config.h"

enum {
    HF_CONTROL_CLIENTS = 16,
    HF_CONTROL_LINE = 256,
    HF_CONTROL_LINE_MS = 10000,    /* for the line */
    HF_CONTROL_ANSWER_MS = 180000, /* for all of it */
    HF_CONTROL_ANSWER_MAX = 64 << 20
};

typedef struct hf_control hf_control;
typedef struct hf_control_client hf_control_client;

/* A line came, without its end. The answer may come later; every client gets one. */
typedef void (*hf_control_asked)(void *user, hf_control_client *client, const char *line);

/* NULL: fault. A socket that nobody listens on any more is replaced; nothing else ever is. */
hf_control *hf_control_open(uv_loop_t *loop, const hf_proxy_config *config, hf_control_asked asked,
                            void *user, hf_config_fault *fault);
/* Where it stands. */
const char *hf_control_path(const hf_control *control);
/* Somebody may have taken its file away, or put another there. */
bool hf_control_stands(const hf_control *control);
typedef enum hf_control_chance {
    HF_CONTROL_POSSIBLE,
    HF_CONTROL_UNDER_SYSTEMD, /* which may make the folder at the start; nobody else does */
    HF_CONTROL_IMPOSSIBLE
} hf_control_chance;

/* Whether it could be opened, as far as that can be seen without doing it. But for POSSIBLE fault says why not. */
hf_control_chance hf_control_is_possible(const hf_proxy_config *config, hf_config_fault *fault);
/* The process that connected, by what the kernel says of it; 0: not one that can be named here. -1: it is no more. */
pid_t hf_control_pid(const hf_control_client *client);
/* Takes over the answer. A client that is gone by then is no fault. */
void hf_control_answer(hf_control_client *client, json_t *answer);
/* No new clients; the path is taken away; clients that wait for an answer still get it. */
void hf_control_close(hf_control *control);

/* ---- the other end ---- */

/* Asks a proxy that runs; ms: how long it may say nothing. NULL: errno (EAGAIN: it said nothing), 0: the answer was no JSON. */
json_t *hf_control_ask(const char *path, const char *line, unsigned ms);

#endif
