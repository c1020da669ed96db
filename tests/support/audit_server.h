/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A server in memory that inquiries are put to, as the tool would over sockets: every question is a connection of its own, to the same
 * config, so that sessions last from one to the next. Whole handshakes and hellos written by hand are both answered by the engine.
 */
#ifndef TESTS_SUPPORT_AUDIT_SERVER_H
#define TESTS_SUPPORT_AUDIT_SERVER_H

#include "audit/inquiry.h"
#include "policy/policy.h"
#include "support/testpki.h"

enum { AUDIT_SERVER_IDENTITIES = 4, AUDIT_CLAIMS_MAX = 16 };

typedef struct audit_server {
    /* what it is made of; NULL or 0: nothing of it */
    uint16_t min_version, max_version;                /* 0: TLS 1.2, TLS 1.3 */
    hf_identity *identities[AUDIT_SERVER_IDENTITIES]; /* given away */
    hf_span staple;                                   /* for the first of them */
    const char *alpn[4];
    int client_auth; /* hf_client_auth; CAs are `authorities` */
    uint16_t group;  /* the only one that it speaks; 0: the usual ones */
    hf_trust *authorities;
    bool tickets;
    size_t cache; /* sessions by id */
    uint32_t lifetime;
    uint32_t early_data;
    bool replays;       /* its register forgets at once */
    unsigned tickets13; /* 0: two */
    bool no_tickets13;
    hf_reply_http http, plain;        /* what is answered to a GET */
    hf_flight_end plain_end;          /* how that without TLS ends unanswered; OPEN: refused */
    const char *plain_trouble;        /* and what is said of it */
    hf_flight_end refuses;            /* every connection ends like that, if not OPEN … */
    unsigned refuses_n;               /* … or only so many, the first ones; 0: every one */
    void (*spoil)(hf_flight *flight); /* changes what was read of an answer to a hello by hand */
    hf_override shows;                /* puts other messages in the place of ours */
    unsigned answers;                 /* so many connections are answered, then none; 0: all */
    unsigned misses;                  /* of a course: this one alone is not answered; 0: none */
    /* while it runs */
    hf_config *config;
    hf_sessions *sessions;
    hf_worker *worker;
    uint8_t claims[AUDIT_CLAIMS_MAX][HF_EARLY_ID];
    size_t n_claims;
    unsigned connections, engine, bytes, plains;
} audit_server;

/* From one certificate's file: leaf first; schemes by its key. */
hf_identity *audit_identity(const hf_span *chain, size_t n, const test_cert *leaf);
void audit_server_start(audit_server *server);
void audit_server_stop(audit_server *server);
/* What inquiries know: trust is the root's, the name localhost, the time TEST_NOW. */
hf_audit_setup audit_setup(hf_trust *trust);
/* Says what versions it speaks, as the inquiries of the first phase would. */
void audit_seen_versions(hf_seen *seen, const audit_server *server);
/* Puts the whole inquiry to it. */
void audit_inquire(const hf_inquiry_row *row, hf_seen *seen, const hf_audit_setup *setup,
                   audit_server *server);
/* All of them, phase by phase and side by side, as the tool's course of an audit: it is cut once the server has stopped answering. */
void audit_course(hf_seen *seen, const hf_audit_setup *setup, audit_server *server);

#endif
