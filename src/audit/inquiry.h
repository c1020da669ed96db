/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Inquiries: each finds out one thing about a server (which suites does it take in TLS 1.2?), with one connection at a time. An
 * inquiry has no socket: it says what it wants to ask, and is told what came of it, until it has no more to ask. Several run side
 * by side, as many as the bound on connections allows; all of a phase are over before the next one begins.
 *
 *     bool next(inquiry *q, hf_ask *ask)         fills `ask` in; false: over
 *     void got(inquiry *q, const hf_reply *r)    looks at the answer, writes what was seen to q->seen
 *
 * After next() said true, got() is called once, with flight->end UNREACHABLE or LATE if nothing came of it; unless there is no memory, or
 * the whole audit ends before another try: then only finish() is called.
 */
#ifndef HF_AUDIT_INQUIRY_H
#define HF_AUDIT_INQUIRY_H

#include <handfast/conn.h>
#include "audit/flight.h"
#include "audit/seen.h"

typedef enum hf_ask_kind {
    HF_ASK_BYTES,  /* these bytes, and the server's flight */
    HF_ASK_ENGINE, /* a whole handshake by the engine, and perhaps a request over it */
    HF_ASK_PLAIN   /* HTTP without TLS, on another port of the host */
} hf_ask_kind;

typedef struct hf_reply hf_reply;

enum { HF_ASK_ALPN_MAX = 8, HF_ASK_MORE_MAX = 4096 };
typedef struct hf_ask {
    hf_ask_kind kind;
    /* BYTES */
    uint8_t bytes[HF_CRAFTED_MAX];
    size_t len;
    /* The flight is over (DONE, or the end after an earlier `more`): what is sent next, into out; returns its length, 0: nothing more,
       close. NULL: close when the flight is over. records: how many records of the answer to it are waited for at most. Its own
       short patience (more_ms, 0: the timeout) ends silence: that is LATE, and not a fault. */
    size_t (*more)(void *user, const hf_flight *flight, uint8_t out[HF_ASK_MORE_MAX],
                   size_t *records);
    unsigned more_ms;
    /* ENGINE */
    hf_policy
        policy; /* what is offered; chains are never judged by the engine, so that anything can be looked at */
    const char *alpn[HF_ASK_ALPN_MAX];
    size_t n_alpn;
    hf_span session;   /* to be resumed; empty: none */
    bool want_session; /* the connection is kept open (bounded) until one came */
    hf_span
        inside; /* TLS 1.2: handshake messages that are sent under the connection's keys once it is CONNECTED, to see what comes
                           of it (a renegotiation); then no request is sent. It must outlive the ask. Carried out by
                           hf_conn_say_inside (conn/conn.h), and over as soon as hf_conn_inside_answer is not SILENT, or
                           the connection ends, or it is late: the reply's conn is asked the same */
    bool early; /* the request goes as 0-RTT data, if the session allows it */
    const char *name; /* server_name; NULL: the target's */
    /* ENGINE and PLAIN */
    const char *path; /* GET this; NULL: no request */
    uint16_t port;    /* PLAIN */
    void *user;       /* for more */
} hf_ask;

enum { HF_REPLY_HEADERS_MAX = 128 }; /* as many as the tool reads of an answer */
typedef struct hf_reply_http {
    int status; /* 0: no whole head came … */
    const char *
        wrong; /* … but HTTP had begun, and this is why no more was read: "the answer has more than …" */
    size_t n;
    struct {
        const char *name, *value; /* name in lower case */
    } headers[HF_REPLY_HEADERS_MAX];
} hf_reply_http;

struct hf_reply {
    const hf_ask *ask;
    const hf_flight *
        flight; /* BYTES: what came. Others: only its end: DONE, CLOSED, RESET, LATE, UNREACHABLE, FOREIGN (PLAIN) */
    hf_conn *
        conn; /* ENGINE: for hf_conn_info_of, _peer_chain, _failure …; NULL: it never came to one */
    hf_span session;    /* ENGINE: the newest session, empty: none; copy it to keep it */
    hf_reply_http http; /* ENGINE, PLAIN */
    double milliseconds;
    const char *trouble; /* UNREACHABLE: why, in words; NULL or "": not known */
    bool refused;        /* UNREACHABLE: the host itself said that nobody listens there */
};

typedef struct hf_inquiry {
    const struct hf_inquiry_row *row;
    hf_seen *seen;
    const struct hf_audit_setup *setup;
    void *state; /* row->state_size zero bytes of its own; its finish() frees what hangs there */
} hf_inquiry;

/* What inquiries know of the task, beside what was seen. */
typedef struct hf_audit_setup {
    hf_trust *trust; /* for chains; never NULL */
    const hf_policy *
        policy; /* by which chains are validated: default's, whatever the books, with the profile that is in force */
    const hf_hooks *hooks; /* public_suffix; may be NULL */
    int64_t now;           /* seconds since 1970 */
    uint16_t plain_port;   /* where the redirect is looked for; 0: nowhere */
    bool http;        /* this is a service of HTTP as far as anybody can tell (no --starttls) */
    const char *sni;  /* what server_name says; NULL: an address was given, none is sent */
    const char *name; /* what the certificate must hold */
} hf_audit_setup;

typedef struct hf_inquiry_row {
    const char *name, *title; /* "suites12", "Suites of TLS 1.2" */
    unsigned phase;
    size_t state_size;
    bool (*next)(hf_inquiry *q, hf_ask *ask);
    void (*got)(hf_inquiry *q, const hf_reply *reply);
    void (*finish)(hf_inquiry *q); /* NULL: nothing to free */
} hf_inquiry_row;

/* Phases: which versions; then what rests on them alone; then what rests on suites, chains and sessions; and at the end, however early
   it came, what asks nobody and thinks over what the others saw: next() is called once, and says false. */
enum { HF_PHASE_VERSIONS, HF_PHASE_LISTS, HF_PHASE_DETAILS, HF_PHASE_THOUGHTS, HF_PHASE_COUNT };

/* inquiries.def has all of them, in the order in which they begin. */
extern const hf_inquiry_row *const hf_inquiries[];
extern const size_t hf_n_inquiries;

/* ---- for inquiries ---- */

/* A hello of that version as a common client has it, with the target's name. */
void hf_inquiry_open(const hf_inquiry *q, uint16_t version, hf_crafted *hello);
/* Written into the ask (kind BYTES). False: it did not fit, the inquiry ends. */
bool hf_inquiry_say(hf_ask *ask, const hf_crafted *hello);
/* The evidence of a reply, with its bytes. */
size_t hf_inquiry_evidence(const hf_inquiry *q, const hf_reply *reply, const char *words, ...)
    HF_PRINTF(3, 4);

#endif
