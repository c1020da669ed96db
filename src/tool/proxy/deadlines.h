/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Time limits of very many connections: a queue for each kind of limit, since all of one kind last equally long and so end in the
 * order in which they began. Setting one is a matter of four pointers; one timer of the loop serves all.
 */
#ifndef HF_TOOL_PROXY_DEADLINES_H
#define HF_TOOL_PROXY_DEADLINES_H

#include <uv.h>

typedef enum hf_limit_kind {
    HF_LIMIT_HANDSHAKE,
    HF_LIMIT_HEADER, /* a request's head, a PROXY protocol header, a plain connection's first bytes */
    HF_LIMIT_IDLE,
    HF_LIMIT_CONNECT,  /* to a backend, its handshake included */
    HF_LIMIT_RESPONSE, /* for the head of a backend's response */
    HF_LIMIT_LINGER,   /* the peer's FIN behind ours */
    HF_LIMIT_FLUSH,    /* our last bytes */
    HF_LIMIT_POOL,     /* an unused connection to a backend */
    HF_LIMIT_KIND_COUNT
} hf_limit_kind;

enum {
    HF_DEADLINES_A_TURN = 128
}; /* end in one turn of the loop: what comes in meanwhile does not wait for all of them */

typedef struct hf_deadline {
    struct hf_deadline *before, *after; /* NULL: it is not set */
    uint64_t at;                        /* ms, uv_now */
    uint8_t kind;
} hf_deadline;

/* It is not set any more, and may be set again. */
typedef void (*hf_deadline_over)(hf_deadline *deadline, hf_limit_kind kind);

typedef struct hf_deadlines {
    hf_deadline queues[HF_LIMIT_KIND_COUNT];
    uv_timer_t timer;
    uv_loop_t *loop;
    hf_deadline_over over;
    uint64_t next; /* when the timer fires, UINT64_MAX: never */
} hf_deadlines;

void hf_deadlines_start(hf_deadlines *deadlines, uv_loop_t *loop, hf_deadline_over over);
void hf_deadlines_stop(hf_deadlines *deadlines); /* closes its handle */
/* Sets it, or sets it anew. One that lasts less long than those before it (after a reload) goes to its place. */
void hf_deadline_set(hf_deadlines *deadlines, hf_deadline *deadline, hf_limit_kind kind,
                     uint64_t ms);
void hf_deadline_clear(hf_deadline *deadline);

/* Those of a kind are over now. */
void hf_deadlines_hurry(hf_deadlines *deadlines, hf_limit_kind kind);

#endif
