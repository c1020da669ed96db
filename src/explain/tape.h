/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A tape: what happened in one connection, in order, with its bytes. A live one is recorded from a connection's trace
 * (hf_tape_sink); one of a capture is made by dissect.h. Everything that is shown is derived from a tape, and from nothing
 * else: a tape that was saved as JSON and read back tells the same story.
 *
 * Of application data the tape keeps the records as they were on the wire, never what is inside. Secrets are on it only if
 * somebody asked for them (hf_tape_keylog), and are wiped with it.
 *
 *     hf_tape *tape = hf_tape_new(HF_TAPE_CLIENT, clock, NULL);
 *     hf_trace_sink sink = hf_tape_sink(tape);          hf_conn_options.trace
 *     ... the handshake ...
 *     hf_tape_failed(tape, hf_conn_failure(conn));      if it did
 *     hf_story *story = hf_story_of(tape);              story.h
 */
#ifndef HF_EXPLAIN_TAPE_H
#define HF_EXPLAIN_TAPE_H

#include <handfast/error.h>
#include <handfast/trace.h>
#include "base/bytes.h"
#include "registry/registry.h"

enum {
    HF_TAPE_EVENTS_MAX = 4096,
    HF_TAPE_BYTES_MAX = 4 << 20, /* of records and secrets: what comes after is counted as lost */
    HF_TAPE_NAME_MAX = 256,
    HF_TAPE_SECRETS_MAX = 64,
    HF_TAPE_SECRET_MAX = 64,
    HF_TAPE_NOTES_MAX = 32,
    HF_TAPE_NOTE_MAX = 256
};

/* Who listened. */
typedef enum hf_tape_side { HF_TAPE_CLIENT, HF_TAPE_SERVER, HF_TAPE_CAPTURE } hf_tape_side;

typedef enum hf_tape_kind {
    HF_TAPE_PRELUDE, /* bytes before TLS: a STARTTLS dialogue, in `wire` */
    HF_TAPE_RECORD,  /* one whole record; or the header alone, of one that was refused by it */
    HF_TAPE_KEYS,    /* from the writer's next record on, he writes under `epoch` */
    HF_TAPE_PROVED,  /* `writer`'s end (live tapes only) holds `proofs` proved */
    HF_TAPE_KIND_COUNT
} hf_tape_kind;

typedef struct hf_tape_event {
    uint8_t kind;         /* an hf_tape_kind */
    uint8_t writer;       /* an hf_role */
    uint8_t content_type; /* record: what is inside, if it could be opened; else as on the wire */
    uint8_t epoch;        /* an hf_epoch (script.h); generations count up from HF_APP */
    uint8_t proofs;       /* HF_CHAIN, HF_SIGNATURE, HF_FINISHED (script.h) */
    bool opened;          /* record: content is there, as it was plain or could be deprotected */
    uint16_t version, cipher_suite; /* as far as they were settled then, 0: not yet */
    uint64_t us;                    /* microseconds since the tape began */
    size_t wire_at, wire_len;       /* in tape->bytes: the record with its header */
    size_t content_at;              /* of handshake, alert and change_cipher_spec: what is inside */
    size_t content_len; /* its length, for application data too, where content_at is 0 */
} hf_tape_event;

/* A line of the key log (RFC 9850). */
typedef struct hf_tape_secret {
    char label[48]; /* "CLIENT_HANDSHAKE_TRAFFIC_SECRET" */
    uint8_t client_random[32], secret[HF_TAPE_SECRET_MAX];
    size_t len;
} hf_tape_secret;

/* One rule that a certificate was held to, and what came of it. */
typedef struct hf_tape_check {
    uint8_t certificate; /* which of the path, 0: the leaf */
    bool kept;
    bool unknown; /* with `kept`: it was not broken, but nothing was there to hold it to the rule */
    char rule[HF_TAPE_NOTE_MAX];   /* "the name localhost is among its names" */
    char detail[HF_TAPE_NOTE_MAX]; /* what was found; may be empty */
    char source[48];               /* "RFC 9525 6" */
} hf_tape_check;

/* In details, for who takes them apart: after the anchor's name, and before why something is `unknown`. */
#define HF_FOUND_ANCHOR  " is in the trust store"
#define HF_FOUND_NOTHING "not known: "

enum { HF_TAPE_CHECKS_MAX = 64 };

typedef struct hf_tape {
    hf_tape_side side;
    int64_t started_us;            /* wall clock, microseconds since 1970; 0: not known */
    char target[HF_TAPE_NAME_MAX]; /* whom the client wanted: "example.org:443"; may be empty */
    char client[64],
        server[64];   /* addresses with ports, "127.0.0.1:443", "[::1]:443"; may be empty */
    char program[64]; /* what made the tape: "handfast 0.1.0" */
    char origin[HF_TAPE_NAME_MAX]; /* the capture file and stream; empty: live */
    hf_tape_event *events;
    size_t n, room;
    uint8_t *bytes;
    size_t n_bytes, bytes_room;
    size_t lost; /* events that found no room */
    hf_tape_secret *secrets;
    size_t n_secrets;
    bool connected; /* live: HF_EVENT_CONNECTED came */
    bool failed;
    hf_failure
        failure; /* if it failed; its texts are those of errors.def, or kept in failure_texts */
    char failure_step[64], failure_message[64];
    hf_tape_check *checks; /* room for HF_TAPE_CHECKS_MAX, or NULL */
    size_t n_checks;
    bool checks_done; /* the chain was judged, so that no check means that there was no chain */
    char (*notes)[HF_TAPE_NOTE_MAX]; /* where a capture stopped making sense, and the like: room for
                                        HF_TAPE_NOTES_MAX, or NULL */
    size_t n_notes;
    uint64_t (*clock_us)(void *user); /* NULL: no times */
    void *clock_user;
    uint64_t clock_start;
} hf_tape;

/* clock_us never goes back; NULL: every event is at 0. NULL is returned if there is no memory. */
hf_tape *hf_tape_new(hf_tape_side side, uint64_t (*clock_us)(void *user), void *user);
void hf_tape_free(hf_tape *tape); /* NULL is allowed; wipes */

/* ---- recording ---- */

/* For hf_conn_options.trace; the tape must outlive the connection. */
hf_trace_sink hf_tape_sink(hf_tape *tape);
/* For hf_hooks.keylog: user is the tape. Only where secrets are wanted. */
void hf_tape_keylog(void *tape, const char *line);
void hf_tape_failed(hf_tape *tape, const hf_failure *failure);
void hf_tape_connected(hf_tape *tape);
void hf_tape_note(hf_tape *tape, const char *format, ...) HF_PRINTF(2, 3);
hf_tape_check *hf_tape_check_add(hf_tape *tape); /* NULL: no room */
void hf_tape_prelude(hf_tape *tape, hf_role writer, hf_span bytes);

/* ---- what recorders and readers are made of ---- */

/* What notes of a capture say of records that stay closed, for who asks why. */
#define HF_NOTE_NO_KEYLOG  "no key log for this connection"
#define HF_NOTE_NO_SECRET  "the key log has no "
#define HF_NOTE_BAD_SECRET " of the key log does not open what "

/* Appends an event, `wire` and `content` copied; the fields for their places are set here. The event gets the time `us`.
   False: no room or no memory, and tape->lost says one more. */
bool hf_tape_add(hf_tape *tape, const hf_tape_event *event, hf_span wire, hf_span content);
bool hf_tape_add_secret(hf_tape *tape, const hf_tape_secret *secret);
uint64_t hf_tape_now(const hf_tape *tape); /* microseconds since it began */
static inline hf_span hf_tape_wire(const hf_tape *tape, const hf_tape_event *event)
{
    return hf_span_of(event->wire_len > 0 ? tape->bytes + event->wire_at : NULL, event->wire_len);
}
/* A record that the engine refused by its header, before the rest of it came. */
bool hf_is_header_alone(hf_span wire);
/* Empty for application data, and for what could not be opened. */
static inline hf_span hf_tape_content(const hf_tape *tape, const hf_tape_event *event)
{
    bool kept =
        event->opened && event->content_type != HF_CT_APPLICATION_DATA && event->content_len > 0;

    return hf_span_of(kept ? tape->bytes + event->content_at : NULL, kept ? event->content_len : 0);
}

#endif
