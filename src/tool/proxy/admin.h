/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The parent's own HTTP server (`admin:`): GET and HEAD of /metrics and /healthz, and nothing else. Strict and bounded, as whoever
 * reaches it may talk to it: few connections, one small request at a time, little time.
 */
#ifndef HF_TOOL_PROXY_ADMIN_H
#define HF_TOOL_PROXY_ADMIN_H

#include <uv.h>

#include "tool/proxy/status.h"

enum {
    HF_ADMIN_CONNECTIONS_MAX = 32,
    HF_ADMIN_HEAD_MAX = 4096,     /* bytes of a request; its body must be empty */
    HF_ADMIN_REQUESTS_MAX = 1000, /* of a connection */
    HF_ADMIN_TIME_MS = 10000,     /* for a request to come, and for its answer to leave */
    HF_ADMIN_LINGER_MS = 1000     /* for the client to close after the last one */
};

typedef struct hf_admin hf_admin;

/* Takes over fd: bound and listening. ask: gives the state of now, at each request. NULL: UV_E… in *error, and fd is closed. */
hf_admin *hf_admin_start(uv_loop_t *loop, int fd, const hf_status *(*ask)(void *user), void *user,
                         int *error);
/* Closes all of it; the memory goes when the loop has run. NULL is allowed. */
void hf_admin_stop(hf_admin *admin);

#endif
