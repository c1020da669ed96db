/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the files of the dissector share: dissect.c cuts records, dissect_keys.c opens them, dissect_messages.c cuts
   messages out of them, dissect_start.c finds where TLS begins, dissect_about.c who spoke with whom, dissect_notes.c says what was
   left out and why. */
#ifndef HF_EXPLAIN_DISSECT_H
#define HF_EXPLAIN_DISSECT_H

#include "explain/capture.h"
#include "explain/follow.h"
#include "record/record.h"

/* What is said once of a writer. */
enum {
    HF_TOLD_CLOSED = 1, /* why his records stay closed */
    HF_TOLD_BAD = 2,    /* that a secret does not open them */
    HF_TOLD_COMMON = 4, /* a reason that both writers have */
    HF_TOLD_EARLY = 8,  /* why a client's early data stays closed */
    HF_TOLD_BARE = 16   /* that his records are not encrypted */
};

/* What one end wrote. */
typedef struct hf_dissected {
    const hf_stream *stream;
    size_t at;       /* the next record */
    size_t piece;    /* that its last byte is in, as far as it was looked for */
    bool ended;      /* what follows are no records */
    uint8_t *joined; /* the content of handshake records, from the next message on */
    size_t n_joined, joined_room;
    uint8_t epoch;           /* that the tape was told */
    bool ready, early_ready; /* traffic, early: there are keys */
    bool opened_one;         /* under `traffic` */
    bool bare;          /* the keys authenticate and do not encrypt: nothing is needed to read */
    size_t mac_len;     /* … what stands in front of the MAC */
    hf_traffic traffic; /* of the epoch */
    hf_traffic early;   /* a client's that is past: refused early data may still come */
    uint8_t secret
        [HF_TAPE_SECRET_MAX]; /* TLS 1.3: that traffic is of, and the next generation will be */
    unsigned told;
} hf_dissected;

typedef struct hf_dissection {
    const hf_tcp *tcp;
    const hf_keylog *keylog; /* NULL: there is none */
    hf_tape *tape;
    hf_follower f;
    hf_aead *aead;
    hf_dissected side[2]; /* by writer */
    uint8_t client_random[HF_RANDOM], server_random[HF_RANDOM];
    uint64_t us;     /* of the record at hand, on the tape's clock */
    uint64_t packet; /* that it ends in */
    bool renegotiated;
    unsigned hellos;             /* that the key log was searched for */
    hf_error failed;             /* HF_E_NO_MEMORY */
    uint8_t copy[HF_RECORD_MAX]; /* of the record that is being opened */
} hf_dissection;

/* What a record turned out to be. */
typedef struct hf_opened {
    bool opened;
    uint8_t type, epoch;
    hf_span content; /* in the copy */
} hf_opened;

/* ---- dissect_messages.c ---- */

/* The content of a record. */
void hf_dissect_handshake(hf_dissection *d, hf_role writer, hf_span content);
void hf_dissect_ccs(hf_dissection *d, hf_role writer, hf_span content);
/* From now on that writer writes under `epoch`: an event of the tape, and other keys. */
void hf_dissect_epoch(hf_dissection *d, hf_role writer, uint8_t epoch);

/* ---- dissect_keys.c ---- */

/* The key log's secrets of the client's random go to the tape. */
void hf_dissect_secrets(hf_dissection *d);
/* The epoch has changed from `before`. */
void hf_dissect_rekey(hf_dissection *d, hf_role writer, uint8_t before);
/* A protected record. Trials may show that the writer's epoch has changed unseen. */
hf_opened hf_dissect_open(hf_dissection *d, hf_role writer, hf_span record);
/* "SERVER_HANDSHAKE_TRAFFIC_SECRET" */
const char *hf_dissect_label(const hf_dissection *d, hf_role writer, uint8_t epoch);

/* ---- dissect_start.c ---- */

/* The header of a record that could be. */
bool hf_dissect_header(hf_span bytes, size_t at, size_t *total);
/* The bytes before TLS go to the tape, as they were exchanged. A ClientHello in the form of SSL 2.0 (RFC 5246 E.2) is no record, so
   it is among them; the follower hears what it says. */
void hf_dissect_prelude(hf_dissection *d, const size_t until[2]);
/* ---- dissect_about.c ---- */

/* Microseconds since the tape began. */
uint64_t hf_dissect_us(const hf_dissection *d, int64_t us);
/* Who spoke with whom. */
void hf_dissect_addresses(const hf_tcp *tcp, hf_tape *tape);
/* ":443"; 7 bytes of room. */
void hf_dissect_port(char *out, uint16_t port);

/* ---- dissect_notes.c ---- */

/* His records are closed, though nothing was wrong with them. */
void hf_dissect_closed(hf_dissection *d, hf_role writer);
/* His records are not encrypted. */
void hf_dissect_bare(hf_dissection *d, hf_role writer);
/* There are keys, and they do not open it. */
void hf_dissect_bad(hf_dissection *d, hf_role writer, hf_error why);
/* What follows, five bytes or more, are no records. */
void hf_dissect_no_record(hf_dissection *d, hf_role writer, hf_span rest, uint64_t packet);
/* How each stream ended, and what found no room. */
void hf_dissect_ends(hf_dissection *d);

#endif
