/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The parent's talk with a worker: messages of a kind and some bytes over a socket pair. A worker that says something it has no
 * business to say is ended; a worker whose parent is gone ends itself.
 */
#ifndef HF_TOOL_PROXY_CHANNEL_H
#define HF_TOOL_PROXY_CHANNEL_H

#include <uv.h>

#include <handfast/types.h>

typedef enum hf_message {
    /* to workers */
    HF_MESSAGE_PLAN = 1, /* a packed plan: build all of it, say READY or REFUSED */
    HF_MESSAGE_GO,       /* the plan that was built counts from now on */
    HF_MESSAGE_FORGET,   /* it does not: another worker refused it */
    /* No new connections (those that wait to be accepted are still taken); end when the last is gone, or after limits.drain. With a
       body: uint64_t, milliseconds in place of limits.drain, UINT64_MAX without bound: of a worker that others replaced. Said again
       with 0: end now. */
    HF_MESSAGE_DRAIN,
    HF_MESSAGE_ASK, /* whether its loop still turns: say ALIVE */
    /* to the parent */
    HF_MESSAGE_READY = 64, /* uint64_t: the plan's number */
    HF_MESSAGE_REFUSED,    /* why, in words */
    HF_MESSAGE_FAILURE,    /* a failed handshake, as JSON (telling.h); limited in rate */
    HF_MESSAGE_TRACE,      /* the tape of one, as JSON, for the state folder */
    HF_MESSAGE_BACKEND,    /* a backend that failed, as JSON (telling.h); the same */
    HF_MESSAGE_TAKEN,      /* uint64_t: after GO, this plan counts here */
    HF_MESSAGE_ALIVE,      /* to ASK */
    HF_MESSAGE_SHUT        /* after the first DRAIN: nobody is let in here any more */
} hf_message;

enum {
    HF_MESSAGE_UP_MAX = 1 << 20,     /* bytes of one to the parent */
    HF_CHANNEL_UP_WAITING = 4 << 20, /* bytes of FAILUREs and TRACEs that may wait for the parent */
    HF_CHANNEL_TURN = 32             /* messages taken in one turn of the loop */
};

typedef struct hf_channel hf_channel;
typedef struct hf_channel_ops {
    void (*message)(hf_channel *channel, hf_message kind, hf_span bytes);
    void (*ended)(hf_channel *channel); /* closed or out of order; free it */
} hf_channel_ops;

/* Both ends, close-on-exec and non-blocking. False: errno. */
bool hf_channel_pair(int ends[2]);
/* Takes over fd. max: the longest message that is taken. NULL: no memory. */
hf_channel *hf_channel_new(uv_loop_t *loop, int fd, size_t max, const hf_channel_ops *ops,
                           void *user);
/* Copies. False: no memory, or (FAILURE and TRACE) too much waits already; nothing was sent then. What held secrets is wiped once
   it has left. `ended` never comes from within. */
bool hf_channel_say(hf_channel *channel, hf_message kind, hf_span bytes);
void *hf_channel_user(const hf_channel *channel);
void hf_channel_free(hf_channel *channel); /* closes; also within a call */

#endif
