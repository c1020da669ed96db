/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * How two ends know each other (fuzz_schedule, bad_peer): a session of an earlier connection, a key that was
 * shared beforehand, both or nothing; what happened since; and what both must say in the end.
 */
#ifndef TESTS_FUZZ_SCHEDULE_H
#define TESTS_FUZZ_SCHEDULE_H

#include "conn/conn.h"
#include "support/pair.h"
#include "support/visit.h"

typedef enum flow_kind {
    FLOW_STRANGERS, /* TLS 1.3 and a full handshake */
    FLOW_TICKETS,   /* … and tickets are wanted */
    FLOW_RESUMED,
    FLOW_EARLY,
    FLOW_KEY,      /* shared beforehand; the server has a certificate too */
    FLOW_KEY_ONLY, /* … or nothing else */
    FLOW_BOTH,     /* a ticket and such a key */
    FLOW_STRANGERS12,
    FLOW_RESUMED12,
    FLOW_KEY12,
    FLOW_KEY_ONLY12,
    FLOWS
} flow_kind;

/* What happened since the session was made, or is the matter with the key. */
typedef enum twist_kind {
    TWIST_NONE,
    TWIST_REPLAYED, /* the session was used before */
    TWIST_OFF,      /* the server takes no early data any more */
    TWIST_STALE,    /* by its other clock a minute has passed */
    TWIST_PROTOCOL, /* it prefers another protocol */
    TWIST_CHANGED,  /* the ticket is another */
    TWIST_RESTARTED,
    TWIST_ROTATED,
    TWIST_ROTATED_AWAY,
    TWISTS
} twist_kind;

typedef struct acquaintance {
    flow_kind flow;
    twist_kind twist;
    uint8_t detail; /* which suite of TLS 1.2; whether keys are looked up */
    size_t limit;   /* of early data */
    hf_policy policy[2];
    hf_sessions *sessions;
    hf_psks *psks[2];
    kept session;
    uint64_t clock_ms[2];
} acquaintance;

void acquaintance_start(acquaintance *a, uint8_t flow, uint8_t twist);
void acquaintance_end(acquaintance *a);
/* How many connections there were before. */
int acquaintance_visits(const acquaintance *a);
/* Of those before, or of the one that is watched. */
void acquaintance_options(acquaintance *a, const uint8_t how[2], bool before, pair_options *o);
/* After one that was before. */
void acquaintance_keep(acquaintance *a, hf_conn *client);
/* The server can still open its ticket, and knows the key. */
bool acquaintance_may_return(const acquaintance *a);
/* Both are connected, and say the same, which is what it must be. */
void acquaintance_check(const acquaintance *a, const uint8_t how[2], hf_conn *client,
                        hf_conn *server);

#endif
