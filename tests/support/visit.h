/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Visits of a client that comes back: one connection each, on tests/support/pair.h, with the session of
 * an earlier one, and what it showed at both ends and on the wire.
 */
#ifndef TESTS_SUPPORT_VISIT_H
#define TESTS_SUPPORT_VISIT_H

#include "keys/session.h"
#include "support/pair.h"

enum { VISIT_HOUR = 3600 }; /* the lifetime of memory_of's sessions */

typedef struct kept { /* a client's session, as an application keeps it */
    uint8_t bytes[HF_SESSION_MAX];
    size_t len;
} kept;

/* What one connection showed. */
typedef struct seen {
    bool connected, resumed[2], verified[2];
    hf_error session_error, failure[2];
    hf_alert alert[2];
    unsigned trips;
    uint16_t version;
    char peer[2][256], print[2][96];
    /* on the wire */
    size_t ticket_offered, id_offered;
    bool may_have_ticket; /* the extension was there */
    unsigned new_tickets;
    size_t new_ticket_len;
    /* TLS 1.3 */
    unsigned psks_offered;
    bool early_offered, retried;
    hf_early early[2];
    hf_error early_error[2];
    size_t n_early; /* bytes that the server got as early data */
    uint16_t suite;
    uint32_t lifetime; /* of the last new ticket */
} seen;

/* The wall clock of each end; usual_visit sets both to TEST_NOW. usual_return's other clock tells the same time, and a few
   milliseconds more. */
extern int64_t visit_clock[2];
extern uint64_t visit_ms[2];

/* Both ends speak TLS 1.2 alone; the client has a certificate, and the server asks for one. */
pair_options usual_visit(hf_sessions *sessions);
/* The same for TLS 1.3; nobody is asked for a certificate. */
pair_options usual_return(hf_sessions *sessions);
/* One connection, with that session or none; its new session goes to `next`, unless that is NULL. */
seen visit(const pair_options *options, const kept *session, kept *next);
/* A full handshake that leaves a session. */
seen first_visit(const pair_options *options, kept *session);
/* Changes what the client remembers, so that it offers what it never would. */
void recut(kept *session, void (*edit)(hf_session *s, const void *with), const void *with);

hf_sessions *memory_of(bool tickets, size_t entries);
/* What a server judges it judges for both ways of remembering: 0 by ticket, 1 by id. */
hf_sessions *by_way(int way);

void assert_resumed(seen s);
void assert_full(seen s);
/* The same for TLS 1.3. */
void assert_back(seen s);
void assert_new_again(seen s);
void assert_sent_back(seen s); /* it was offered, and not taken */
void assert_kept_back(seen s, hf_error why);
/* The client offered it, the server would not. */
void assert_declined(seen s);
/* The client knew better than to offer it. */
void assert_not_offered(seen s, hf_error why);

#endif
