/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A socket and a connection, tied together: bytes from the uv_tcp_t go into the hf_conn and back, its
 * deadlines become timers, and a failed handshake's alert leaves before the socket closes. What the
 * bytes mean is the owner's business, through the calls of hf_link_ops.
 */
#ifndef HF_TOOL_LINK_H
#define HF_TOOL_LINK_H

#include <uv.h>

#include <handfast/conn.h>

typedef struct hf_link hf_link;

typedef struct hf_link_ops {
    /* CONNECTED, SESSION, EARLY_REJECTED, PEER_CLOSED, FAILED (after which the link closes by itself). */
    void (*event)(hf_link *link, hf_event event);
    /* Data of the peer; a server may get some before CONNECTED (see hf_link_early). Returns how many bytes were taken; if not
       all, call hf_link_resume later. */
    size_t (*data)(hf_link *link, hf_span data);
    /* May be NULL: sending is possible again after hf_link_send took less than it was given. */
    void (*can_send)(hf_link *link);
    /* May be NULL: after each turn that may have told the trace sink something. */
    void (*turn)(hf_link *link);
    /* The last call: the socket is closed. Frees with hf_link_free, at once or later. */
    void (*closed)(hf_link *link);
} hf_link_ops;

/* Takes over tcp (connected, heap memory) and conn. NULL: no memory, and the caller still owns both. */
hf_link *hf_link_new(uv_loop_t *loop, uv_tcp_t *tcp, hf_conn *conn, const hf_link_ops *ops,
                     void *user);
/* Starts: a client's first flight leaves. */
void hf_link_start(hf_link *link);
/* After `closed`. The connection goes with it. */
void hf_link_free(hf_link *link);

hf_conn *hf_link_conn(const hf_link *link);
void *hf_link_user(const hf_link *link);

/* Data for the peer; returns how many bytes were taken. Before CONNECTED that may be none. */
size_t hf_link_send(hf_link *link, const void *bytes, size_t len);
/* Within a call of `data`: it came as 0-RTT, and may come again from somebody who only watched. */
bool hf_link_early(const hf_link *link);
/* Data that was not taken is offered again. */
void hf_link_resume(hf_link *link);
/* close_notify: we send no more, and go on reading. */
void hf_link_close_write(hf_link *link);
/* All that was sent leaves, then close_notify; what still comes is dropped; then the socket closes. A handshake under way is
   aborted. */
void hf_link_finish(hf_link *link);
/* Closes the socket now. */
void hf_link_close(hf_link *link);
/* Finishes when no byte moved for so long; 0: never. */
void hf_link_set_idle(hf_link *link, uint64_t ms);
/* What the transport said, 0 or a UV_E…, and whether the idle time ended it. */
int hf_link_transport_error(const hf_link *link);
bool hf_link_idled(const hf_link *link);

/* The clock that the configs of linked connections must use (hf_hooks.clock_ms). */
uint64_t hf_link_clock_ms(void *user);

#endif
