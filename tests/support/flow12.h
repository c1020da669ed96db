/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The shapes that a handshake of TLS 1.2 can have, each ready to be run: by two good ends (pair.h) or
 * against a bad peer (hostile.h). One that resumes brings a session that was made before. What comes
 * when in each shape is drawn in script_figures.c, by the facts that flow12_wire gives.
 */
#ifndef TESTS_SUPPORT_FLOW12_H
#define TESTS_SUPPORT_FLOW12_H

#include "support/hostile.h"
#include "support/script_figures.h"

typedef enum flow12_session {
    FLOW12_NO_SESSION,
    FLOW12_TICKET_PROMISED, /* a full handshake that ends with a ticket */
    FLOW12_BY_TICKET,
    FLOW12_BY_OLD_TICKET, /* it is resumed, and renewed */
    FLOW12_BY_ID
} flow12_session;

typedef enum flow12_psk { FLOW12_NO_PSK, FLOW12_ECDHE_PSK, FLOW12_PLAIN_PSK } flow12_psk;

typedef struct flow12 {
    const char *name;
    bool rsa; /* static RSA key exchange */
    flow12_session session;
    int client_auth; /* hf_client_auth */
    bool identity;   /* the client has a certificate to show */
    bool offer13;    /* the client would speak TLS 1.3 too */
    flow12_psk psk;  /* there are no certificates then */
} flow12;

/* Row i of all shapes, NULL past the end. */
const flow12 *flow12_row(size_t i);
const flow12 *flow12_named(const char *name);
bool flow12_resumes(const flow12 *flow);
/* What is on the wire, for the drawings. */
hf_facts flow12_wire(const flow12 *flow);

/* What both ends are made of. */
typedef struct flow12_setup {
    const flow12 *flow;
    pair_options options; /* may be added to before an end is made of it */
    hf_policy policy[2];
    hf_sessions *sessions;
    hf_psks *psks[2];
    hostile_bytes session;
} flow12_setup;

void flow12_prepare(flow12_setup *s, const flow12 *flow);
void flow12_release(flow12_setup *s);
/* One suite and two groups of TLS 1.2 only: quick, and always the same. */
hf_policy flow12_policy(bool rsa);

void flow12_start(pair *p, flow12_setup *s);
/* As hostile_start, with the keys of TLS 1.2. */
void flow12_hostile(hostile *h, hf_role victim, flow12_setup *s);
/* … and options in place of a setup. */
void flow12_hostile_with(hostile *h, hf_role victim, const pair_options *options);
/* Delivers the first n of the peer's messages, ChangeCipherSpec counted. */
void flow12_deliver(hostile *h, size_t n);

#endif
