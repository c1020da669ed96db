/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What inquiries by crafted hellos have in common: how an answer is to be understood, hellos that a server is known to take, and
 * walks, which find out everything that a server takes of a list: it is offered whole, what the server chose is taken
 * out, and so on until it refuses.
 */
#ifndef HF_AUDIT_LISTS_H
#define HF_AUDIT_LISTS_H

#include "audit/inquiry.h"

typedef enum hf_answer {
    HF_ANSWER_TOOK,    /* a ServerHello of that version, whatever came behind it */
    HF_ANSWER_REFUSED, /* an alert, another version, or a closing that was proved to be one */
    HF_ANSWER_GONE, /* closed, reset, or an alert that blames nobody: a refusal if it comes again */
    HF_ANSWER_NONE, /* silence, garbage, no connection: it says nothing */
    HF_ANSWER_ALERT /* hf_walk_answer's: refused by an alert, as who has too much to do says it as well */
} hf_answer;
hf_answer hf_answer_of(const hf_flight *flight, uint16_t version);
/* The same, with alerts told from other refusals. */
hf_answer hf_walk_answer(const hf_flight *flight, uint16_t version);

/* A hello in the form that the server took of this version (hf_seen_version.form). Forms but SMALL: ALL adds all groups and schemes. */
void hf_list_open(const hf_inquiry *q, hf_seen_version_id id, hf_crafted *hello);
void hf_list_form(hf_crafted *hello, hf_hello_form form);
/* The newest version up to TLS 1.2 that is spoken, SSL 2.0 apart; HF_V_COUNT: none. */
hf_seen_version_id hf_newest_older(const hf_seen *seen);

/* What every flight tells beside what it was asked for: whether a key exchange value came twice. */
void hf_list_glean(hf_inquiry *q, const hf_reply *reply);

/* ---- suites ---- */

typedef enum hf_signer_kind {
    HF_SIGNED_BY_NOBODY, /* RSA key transport, anonymous, PSK */
    HF_SIGNED_BY_RSA,
    HF_SIGNED_BY_ECDSA,
    HF_SIGNED_BY_DSS
} hf_signer_kind;
/* Whose signature ServerKeyExchange holds with that suite of TLS 1.2 or older. */
hf_signer_kind hf_suite_signer(uint16_t suite);
bool hf_suite_has(uint16_t suite, const char *part); /* of its IANA name */
static inline bool hf_suite_is_chacha(uint16_t suite)
{
    return hf_suite_has(suite, "CHACHA20");
}

/* ---- walks ---- */

typedef struct hf_walk {
    hf_codes left; /* not settled yet, likely ones first */
    hf_codes found;
    size_t evidence[HF_CODES_MAX]; /* of found.at[i] */
    uint16_t keeper;   /* is offered behind the others although it was found already; 0: nothing */
    unsigned tries;    /* of this question, so far without an answer */
    unsigned noes;     /* alerts to it */
    bool refused;      /* all of it was refused as a whole: a piece need not be asked for twice */
    unsigned failures; /* questions that never had one */
    bool chunked;      /* the whole was refused: now a few at a time … */
    size_t chunk;      /* … so many; 0: HF_WALK_CHUNK */
    bool falls_back;   /* a choice that was not offered means that nothing of the offer would do */
    bool over;
    bool whole;   /* over, and nothing was left untold */
    char why[96]; /* over, and not whole: why */
} hf_walk;

enum {
    HF_WALK_CHUNK = 48, /* as many as every server can read */
    HF_WALK_TRIES = 2,
    HF_WALK_FAILURES = 3
};

/* False: there is nothing more to offer. */
bool hf_walk_offer(const hf_walk *walk, hf_codes *out);
/* True: `chosen` is new and was added to found. */
bool hf_walk_got(hf_walk *walk, hf_answer answer, uint16_t chosen, size_t evidence,
                 const char *words);
/* The list from the end to its beginning, so that a server that follows the client chooses another one. */
void hf_codes_reversed(const hf_codes *codes, hf_codes *out);
/* Whose order it is: `found` in the order in which it was found, `chosen` when it was offered reversed. */
hf_order hf_order_of(const hf_codes *offered, const hf_codes *found, uint16_t chosen);

#endif
