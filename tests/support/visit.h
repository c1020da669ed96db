/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Visits of a client that comes back (TLS 1.2): one connection each, on tests/support/pair.h, with the
 * session of an earlier one, and what it showed at both ends and on the wire.
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
} seen;

/* The wall clock of each end; usual_visit sets both to TEST_NOW. */
extern int64_t visit_clock[2];

/* Both ends speak TLS 1.2 alone; the client has a certificate, and the server asks for one. */
pair_options usual_visit(hf_sessions *sessions);
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
/* The client offered it, the server would not. */
void assert_declined(seen s);
/* The client knew better than to offer it. */
void assert_not_offered(seen s, hf_error why);

#endif
