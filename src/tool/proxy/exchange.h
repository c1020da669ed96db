/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * One request and its response, between a client's connection and a backend's. http.c reads heads off the client's connection and
 * keeps an exchange for as long as there is something to remember; exchange.c begins and ends it, exchange_ask.c asks a backend,
 * exchange_reply.c passes on what that says, exchange_facts.c knows the client and what it may ask for. No body is ever gathered:
 * what one side does not take, the other is not read for.
 */
#ifndef HF_TOOL_PROXY_EXCHANGE_H
#define HF_TOOL_PROXY_EXCHANGE_H

#include "tool/proxy/answers.h"
#include "tool/proxy/back.h"
#include "tool/proxy/http_body.h"
#include "tool/proxy/http_rewrite.h"
#include "tool/proxy/inbox.h"
#include "tool/proxy/telling.h"

enum {
    HF_INTERIM_MAX = 16, /* 1xx responses before the one that counts */
    HF_RETRY_AFTER = 5,  /* seconds, of a 503 */
    HF_REWRITE_ROOM = HF_HEAD_REPLY_MAX + 12 * 1024,
    HF_EXCHANGES_SPARE = 64 /* unused ones that a worker keeps */
};

typedef enum hf_exchange_stage {
    HF_EXCHANGE_HEAD,   /* nothing yet but what the inbox holds of a head */
    HF_EXCHANGE_REACH,  /* a backend is being reached */
    HF_EXCHANGE_ASKED,  /* the head was sent; the response's is awaited */
    HF_EXCHANGE_REPLY,  /* the response's head was passed on, its body follows */
    HF_EXCHANGE_TUNNEL, /* after 101: bytes both ways */
    HF_EXCHANGE_LEAVING /* told; the last bytes have to leave before the connection ends */
} hf_exchange_stage;

typedef struct hf_exchange {
    hf_front *front;
    hf_back *back; /* from HF_EXCHANGE_REACH on */
    struct hf_exchange *spare;
    hf_inbox
        inbox; /* of the client's bytes what waits: half a head, a body that has no backend yet, the next requests */
    hf_inbox answer; /* half a head of the backend's */
    hf_body body, reply;
    uint8_t stage;
    /* the request */
    bool idempotent; /* may be asked once more: a method that does the same when done twice */
    bool head_only;  /* HEAD */
    bool old;        /* HTTP/1.0 */
    bool upgrade, awaits_continue;
    bool hsts;  /* its Host is a name */
    bool close; /* the client's connection ends with it */
    bool cut;   /* within a response, as the rest of it is not to be had */
    bool kept_http10;
    /* where it is */
    bool pooled, retried, heard; /* the backend's connection is not a new one; a byte of its came */
    bool has_head_limit;
    bool back_keeps;  /* its response's head says so */
    bool plain_reply; /* chunks are taken off */
    bool client_ended, back_ended, end_passed;
    bool back_full, front_full, paused, back_paused, running;
    uint8_t interim;
    unsigned status;
    const char *why;
    uint64_t came_at, asked_at, head_at; /* uv_hrtime */
    uint64_t sent, received;
    /* texts one after another: method, target, host, protocol, each with its NUL, then the head for the backend */
    char *words;
    size_t words_room, target_at, host_at, protocol_at, head_from, words_len;
    const char *backend; /* its name, once one was reached */
} hf_exchange;

/* ---- exchange.c ---- */

/* The front's, made if there is none. NULL: no memory. */
hf_exchange *hf_exchange_need(hf_front *front);
/* The front holds nothing any more: the exchange, its backend and what waited are gone. */
void hf_exchange_drop(hf_front *front);
/* The backend's connection is given back. */
void hf_exchange_release(hf_exchange *x, bool keep);
/* A whole head was read. How many bytes of the body behind it were used up at once. */
size_t hf_exchange_begin(hf_exchange *x, const hf_head *head, hf_span rest);
/* A response of ours; the exchange is over, and the connection too unless the request has come whole and the client means to stay. */
void hf_exchange_answer(hf_exchange *x, unsigned status, const char *why);
/* The same for a head that could not be read. */
void hf_exchange_refuse(hf_exchange *x, const hf_head_fault *fault, hf_span bytes);
/* The response has left whole. */
void hf_exchange_over(hf_exchange *x);
/* No clean end is possible any more: the client's connection is cut, so that nobody takes the response for whole. */
void hf_exchange_cut(hf_exchange *x, const char *why);
/* The client's connection is gone already. */
void hf_exchange_lost(hf_exchange *x, const char *why);
/* Into the client's stream; remembers when that has to be waited for. */
void hf_exchange_send(hf_exchange *x, const hf_iovec *parts, int n);
void hf_exchange_limit(hf_exchange *x, hf_limit_kind kind);
/* The connection ends behind the present response: it was asked for, or this proxy means to. */
bool hf_exchange_closes(const hf_exchange *x);

/* ---- exchange_ask.c ---- */

/* Asks for a backend; the words are there. What of rest was passed on. */
size_t hf_exchange_ask(hf_exchange *x, hf_span rest);
/* The request's body, or a tunnel's bytes: how many were used up; 0: they wait. */
size_t hf_exchange_take(hf_exchange *x, hf_span bytes);
/* The client says no more. */
void hf_exchange_client_end(hf_exchange *x);

/* ---- exchange_reply.c ---- */

void hf_exchange_reply(hf_exchange *x, hf_span bytes);
/* The backend says no more: in order, or because its connection broke. */
void hf_exchange_reply_end(hf_exchange *x, bool broken);

/* ---- exchange_facts.c ---- */

/* Good as long as the front's connection and address. */
void hf_exchange_facts(hf_front *front, hf_client_facts *facts, char address[HF_ADDRESS_TEXT]);
/* What a response over this connection promises of its host, if its site wants it. */
hf_hsts hf_exchange_hsts(const hf_exchange *x);
/* May the site be asked for this? 0, or the status to answer with, and why. */
unsigned hf_exchange_judge(hf_front *front, const hf_head *head, const char **why);
/* The site that Host names, or the default one; NULL: none. */
hf_site *hf_site_of_host(hf_generation *generation, hf_span host);
/* An address, which HSTS means nothing for; a request without Host too. */
bool hf_host_is_name(hf_span host);

/* ---- http.c ---- */

/* The exchange is over, and something may wait: the next request begins, or the client's connection is read again. */
void hf_http_next(hf_front *front);

#endif
