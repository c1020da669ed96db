/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Two ends of our own that replay a trace of RFC 8448, record by record.
 *
 *     the trace gives                            our engine gives, and must equal the trace
 *     -----------------------------------------  --------------------------------------------------
 *     random bytes: private keys and randoms     key shares, shared secret, ServerHello
 *     bodies (through hf_override): ClientHello, every secret, key, IV and transcript hash
 *       HelloRetryRequest, EncryptedExtensions,  every record of both directions, with its sequence
 *       Certificate, CertificateVerify,            number, and what is inside when it is opened
 *       NewSessionTicket                         Finished, and the alerts that close
 *     what the applications say and when
 *     resumption: the PSK and the ticket of    the binder, early secrets and keys, and that early
 *       the first trace, in a session and in     data is accepted
 *       what opens tickets; the ticket's age,
 *       the order of ServerHello's extensions
 *
 * A comparison that fails does not stop the replay: it is written down by name, so that a negative
 * control can ask for exactly the differences that it must cause.
 */
#ifndef TESTS_SUPPORT_RFC8448_H
#define TESTS_SUPPORT_RFC8448_H

#include "conn/conn.h"
#include "support/vector_file.h"

enum {
    REPLAY_DRAWS = 4,
    REPLAY_DIFFERENCES = 64,
    REPLAY_NAME = 80,
    REPLAY_RECORD = 1024,
    REPLAY_SESSION = 1024
};

typedef struct replay_options {
    const char *trace;    /* "simple-1rtt", "hello-retry-request" or "resumed-0rtt" */
    size_t chunk;         /* bytes carried at a time, 0: whole records */
    bool own_certificate; /* Certificate and CertificateVerify are built by the server, not given */
    /* Negative controls: a value whose body is given with the lowest bit of one byte flipped … */
    const char *flip_body;
    size_t flip_at; /* (of the message, header included) */
    /* … or a record, by its n, to which that happens on its way to the peer. */
    int flip_record;
    size_t flip_record_at;
    bool flip_psk[2]; /* or the lowest bit of an end's PSK */
} replay_options;

typedef struct replay_end {
    struct replay *replay;
    hf_role role;
    hf_config *config;
    hf_conn *conn;
    hf_span draws[REPLAY_DRAWS]; /* the random bytes that this end gets, in order */
    size_t n_draws, drawn;
    unsigned hellos; /* ClientHellos that were given */
    bool connected, failed, closed;
    unsigned keys_seen; /* bits: which keys were compared */
    unsigned stages;    /* how often the schedule was compared */
    unsigned logged;    /* bits: which lines the key log got */
    unsigned opened;    /* records of the peer */
    unsigned early;     /* early data that was told as such */
} replay_end;

typedef struct replay {
    vector_file file;
    const json_t *trace, *values, *record; /* record: the one on its way */
    replay_options options;
    hf_worker *worker;
    hf_sessions *sessions; /* resumption: the server's, which opens the trace's ticket … */
    uint64_t now_ms;       /* … by this clock, … */
    unsigned claimed;      /* … and asks once whether its early data came before */
    uint8_t session[REPLAY_SESSION]; /* the client's */
    replay_end end[2];
    size_t compared;
    char differences[REPLAY_DIFFERENCES][REPLAY_NAME];
    size_t n_differences;
} replay;

const char *replay_role(hf_role role); /* "client" */
/* The trace of that id in a file that was opened. */
const json_t *replay_trace(const vector_file *file, const char *id);
/* A value of the trace. */
hf_span replay_value(replay *r, const char *name);
/* Writes the difference down as "client: name" unless both are equal. */
void replay_compare(replay *r, hf_role at, const char *name, hf_span found, hf_span expected);
bool replay_differs(const replay *r, const char *name);
void replay_print(const replay *r);

void replay_start(replay *r, const replay_options *options);
/* All records of the trace, or as many as come. */
void replay_run(replay *r);
/* Carries whatever the ends still have to say to each other (alerts, after a failure). */
void replay_drain(replay *r);
/* What the ends hold when all is done. */
void replay_compare_ends(replay *r);
void replay_stop(replay *r);

/* rfc8448_ends.c: configs and connections, with all that the trace gives them. */
void replay_make_ends(replay *r);
/* rfc8448_resumed.c: the trace begins with a ClientHello that offers a ticket; then the server's memory, to be set before its
   config is sealed, and the client's session, to be made after. */
bool replay_resumes(const replay *r);
hf_span replay_first_value(replay *r, const char *name); /* of the first trace */
void replay_give_ticket(replay *r, hf_config *server);
/* The trace writes pre_shared_key first: the server's ServerHello must be the same but for the order. */
void replay_compare_hellos(replay *r, hf_span ours, hf_span message);
hf_span replay_session(replay *r, const hf_config *client);
/* rfc8448_watch.c: the listeners of one end. */
void replay_watch(void *end, const hf_trace_event *event);
void replay_watch_keylog(void *end, const char *line);

#endif
