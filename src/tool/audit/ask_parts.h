/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Inside a question, for ask.c (its life) and the three kinds alone. */
#ifndef HF_TOOL_AUDIT_ASK_PARTS_H
#define HF_TOOL_AUDIT_ASK_PARTS_H

#include "tool/audit/ask.h"
#include "tool/http_response.h"
#include "tool/link.h"
#include "tool/prelude.h"
#include "tool/text.h"

enum {
    HF_ASK_PIECE = 16 * 1024,       /* read at once */
    HF_ASK_ROUNDS_MAX = 16,         /* of hf_ask.more */
    HF_ASK_DATA_MAX = 256 * 1024,   /* application data that a peer may send before it is enough */
    HF_ASK_PATIENCE_MS = 300,       /* for a session, beside thrice the time so far … */
    HF_ASK_PATIENCE_MAX_MS = 1500,  /* … and at most */
    HF_ASK_SESSION_MAX = 64 * 1024, /* of the engine's form of one */
    HF_ASK_REQUEST_MAX = 4096
};

/* What a kind does once there is a connection. */
typedef struct hf_ask_kind_ops {
    void (*begin)(hf_asking *a);
    void (*take)(hf_asking *a, hf_span bytes); /* raw socket */
    void (*ended)(hf_asking *a, int error);    /* raw socket: UV_EOF or worse */
    void (*impatient)(hf_asking *a);           /* patience_ends has passed */
} hf_ask_kind_ops;

struct hf_asking {
    hf_ask_place *place;
    const hf_ask *ask;
    hf_asking_done done;
    void *user;
    const hf_ask_kind_ops *ops;
    uv_timer_t timer;
    unsigned handles; /* that libuv still has */
    hf_dial *dial;
    hf_prelude *prelude;
    uv_tcp_t *tcp; /* raw socket: BYTES, PLAIN */
    hf_link *link; /* ENGINE */
    bool link_gone, told;
    hf_config *config;
    hf_flight *flight;
    hf_http_response response;
    hf_text request;
    hf_asked asked;
    hf_flight_end end;
    bool finished;
    double started, deadline, patience_ends; /* patience_ends 0: none */
    bool looked;                             /* once more, before the next of these ends it */
    unsigned rounds;                         /* BYTES: of `more` */
    /* ENGINE */
    bool connected, began, head_done, sent_inside;
    size_t sent; /* of the request */
    uint64_t data;
    uint8_t *session;
    size_t session_len;
    uint8_t piece[HF_ASK_PIECE];
};

extern const hf_ask_kind_ops hf_ask_bytes_ops, hf_ask_engine_ops, hf_ask_plain_ops;

/* It is over: `done` comes with the loop's next turn. Only the first call counts. */
void hf_asking_finish(hf_asking *a, hf_flight_end end);
/* The patience that ends before the deadline does; 0: none. */
void hf_asking_patience(hf_asking *a, double ms);
/* Raw socket: bytes on their way; a failure is heard of by reading. */
void hf_asking_write(hf_asking *a, hf_span bytes);

/* A handle that libuv gave back: the last one frees. */
void hf_asking_let_go(hf_asking *a);

/* A GET of the ask's path, for HTTP/1.1. False: no memory. */
bool hf_asking_request(hf_asking *a);
/* Bytes of the answer. True: its head is whole, or it is no HTTP; what follows is of no interest. */
bool hf_asking_http(hf_asking *a, hf_span bytes);

#endif
