/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A listening socket: ADDR:PORT, and the next free port if that one is taken. What comes in is the caller's. */
#ifndef HF_TOOL_LISTENER_H
#define HF_TOOL_LISTENER_H

#include <uv.h>

#include "tool/dial.h"

typedef struct hf_listener {
    uv_tcp_t *tcp;                /* NULL once closed */
    char host[64];                /* an address */
    uint16_t wanted, port;        /* asked for (0: any), and got */
    bool moves_on;                /* if the port is taken: to the next free one */
    char address[HF_ADDRESS_MAX]; /* "127.0.0.1:8443" */
} hf_listener;

/* "127.0.0.1:8443", "[::1]:0", "localhost:8443", ":8443" (all addresses), "8443". NULL, or what is wrong. */
const char *hf_listener_parse(const char *text, hf_listener *listener);
/* 0 or a UV_E…. came is libuv's connection callback; `user` goes to tcp->data. */
int hf_listener_open(hf_listener *listener, uv_loop_t *loop, uv_connection_cb came, void *user);
/* The connection that `came` told of, in heap memory; NULL if there is none any more. */
uv_tcp_t *hf_listener_accept(hf_listener *listener, uv_loop_t *loop);
void hf_listener_close(hf_listener *listener);

#endif
