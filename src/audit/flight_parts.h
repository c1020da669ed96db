/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the files of the flight's reader share. Messages are copied into one room that never moves, so that spans stay good. */
#ifndef HF_AUDIT_FLIGHT_PARTS_H
#define HF_AUDIT_FLIGHT_PARTS_H

#include "audit/flight.h"

enum {
    HF_FLIGHT_SIGHT = 8, /* bytes after which it is clear what speaks */
    HF_RECORD_HEADER = 5,
    HF_RECORD_CONTENT_MAX = (1 << 14) + 2048 /* of any version */
};

typedef enum hf_flight_form {
    HF_FORM_UNKNOWN, /* fewer bytes than it takes to tell */
    HF_FORM_TLS,
    HF_FORM_SSL2,
    HF_FORM_FOREIGN
} hf_flight_form;

typedef struct hf_flight_alerts {
    uint8_t level, first, fatal;
    bool has, has_fatal;
    unsigned n, n_warnings;
} hf_flight_alerts;

typedef struct hf_flight_room {
    hf_flight_form form;
    uint8_t header[HF_FLIGHT_SIGHT]; /* of the record that is coming, or of what is not clear yet */
    size_t n_header;
    bool in_content; /* the header is whole, `left` bytes of `len` are to come */
    uint8_t type;
    uint16_t version;
    size_t len, left;
    uint8_t scrap
        [HF_FLIGHT_AFTER_CONTENT]; /* the record's first bytes, if it is not read as messages */
    size_t n_scrap;
    unsigned n_records;

    uint8_t messages
        [HF_FLIGHT_BYTES_MAX]; /* contents of handshake records, one behind another; read up to `at` */
    size_t n_messages, at;

    bool over;                        /* DONE was reached: what comes are raw records */
    bool deaf;                        /* nothing is read any more */
    hf_flight_end pending, transport; /* ends that hf_flight_go_on will meet; OPEN: none */
    hf_flight_alerts late;            /* alerts that came while nobody had asked */
    size_t want, n_after;             /* records after DONE: that are waited for, and that came */
    struct {
        uint8_t type;
        uint16_t version;
        size_t len, n;
        uint8_t content[HF_FLIGHT_AFTER_CONTENT];
    } after[HF_FLIGHT_AFTER_MAX];
} hf_flight_room;

/* The end, unless there is one: after DONE it waits for hf_flight_go_on. */
void hf_flight_settle(hf_flight *flight, hf_flight_end end);
/* The same with words for it; always false. */
bool hf_flight_refuse(hf_flight *flight, hf_flight_end end, const char *why, ...) HF_PRINTF(3, 4);
/* MALFORMED with the fault's words. */
bool hf_flight_fault(hf_flight *flight, const hf_fault *fault);

/* The record of alerts that just ended; and the fields of the flight that tell of alerts. */
void hf_flight_alert_record(hf_flight *flight);
void hf_flight_show_alerts(hf_flight *flight, const hf_flight_alerts *alerts);
/* Reads all whole messages that there are. */
void hf_flight_messages(hf_flight *flight);
/* Bodies of messages. False: it cannot be read, the end says so. */
bool hf_flight_hello(hf_flight *flight, hf_span body);
bool hf_flight_key_exchange(hf_flight *flight, hf_span body);
/* The first bytes of the public value that the server sent. */
void hf_flight_share(hf_flight *flight, hf_span share);
/* FOREIGN, with words for what came instead of TLS. */
void hf_flight_foreign(hf_flight *flight);
/* SSL 2.0: how many bytes its header has and its message, from the first three bytes; and the message. */
size_t hf_flight_ssl2_lengths(const uint8_t header[3], size_t *len);
void hf_flight_ssl2(hf_flight *flight, hf_span message);
/* Which form the first bytes have; UNKNOWN, which HF_FLIGHT_SIGHT bytes never are: more are needed. */
hf_flight_form hf_flight_form_of(hf_span bytes);

/* A content type that records had in some version: heartbeat is the last one. */
static inline bool hf_flight_may_be_tls(uint8_t first)
{
    return first >= HF_CT_CHANGE_CIPHER_SPEC && first <= 24;
}

static inline bool hf_flight_is13(const hf_flight *flight)
{
    return flight->version >= HF_TLS13;
}

#endif
