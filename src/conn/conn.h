/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The connection from inside: an engine, the keys of both directions, and two buffers that exist only
 * while something is in them.
 */
#ifndef HF_CONN_H
#define HF_CONN_H

#include "handshake/engine.h"
#include "record/record.h"

enum {
    HF_EVENTS_MAX = 16,
    HF_HIGH_WATER = 64 * 1024, /* of unsent bytes: data_in takes nothing above it */
    HF_EMPTY_RECORDS_MAX = 32, /* in a row */
    HF_CCS_MAX = 4,
    HF_WARNINGS_MAX = 4, /* tolerated alerts in a row */
    HF_EARLY_SKIP_MAX =
        HF_EARLY_DATA_MAX +
        64 * 1024 /* bytes of refused early data: whatever a ticket may have allowed, and padding */
};

/* One direction: its keys once it is protected. */
typedef struct hf_direction {
    hf_traffic keys;
    bool is_protected;
    uint8_t epoch; /* that they are of: the script is ahead of it while the last record is closed */
    bool closed;   /* close_notify passed here */
    uint64_t since; /* the clock when the keys were installed */
} hf_direction;

struct hf_conn {
    hf_engine engine;
    hf_worker *worker;
    void *user;
    hf_trace_sink trace;
    hf_direction in, out;
    uint64_t deadline;
    hf_run run;             /* what the engine waits for */
    bool dirty;             /* something came in: the engine may go on */
    bool connected, failed; /* reported, or about to be */
    bool early_told;        /* HF_EVENT_EARLY_REJECTED */

    /* incoming: an incomplete record, or one that holds data that was not taken */
    uint8_t header[HF_RECORD_HEADER];
    size_t header_len;
    uint8_t *partial;
    size_t partial_len, partial_cap, partial_total; /* here, room, of the whole record */
    hf_span data;                                   /* application data that was not taken */
    size_t skipped;
    unsigned empty_records, ccs_records, warnings;
    bool data_in_partial;
    bool opened_one; /* a protected record of the peer was opened */
    bool skip_early; /* refused early data is dropped */

    /* outgoing */
    uint8_t *wire; /* sent: wire_start bytes of wire_len */
    size_t wire_start, wire_len, wire_cap;
    size_t open_at;
    size_t max_record;
    bool record_open; /* a handshake record that more may be added to starts at open_at */
    bool first_record_sent, ccs_sent;
    bool ccs_last; /* the last record that was written is a change_cipher_spec */

    uint8_t n_events, events[HF_EVENTS_MAX];
};

/* failing.c */
void hf_conn_fail(hf_conn *c, hf_error code);
/* With another alert than the code has; HF_ALERT_none: none is sent. */
void hf_conn_fail_with(hf_conn *c, hf_error code, hf_alert alert);
/* conn.c */
void hf_conn_event(hf_conn *c, hf_event event);
void hf_conn_drive(hf_conn *c);
/* Our writing keys can be renewed … */
bool hf_conn_may_renew(const hf_conn *c);
/* … and are due for it by time; and those that we read with. */
bool hf_conn_keys_are_old(const hf_conn *c);
bool hf_conn_peer_keys_are_old(const hf_conn *c);
/* wire_out.c */
hf_error hf_out_write(void *conn, uint8_t content_type, hf_span bytes);
size_t hf_out_ready(const hf_conn *c);
hf_error hf_out_close_record(hf_conn *c);
void hf_out_drop_record(hf_conn *c);
void hf_out_drop_ccs(hf_conn *c);
void hf_out_drop_all(hf_conn *c);
hf_error hf_out_alert(hf_conn *c, hf_alert alert);
/* wire_in.c */
void hf_in_release(hf_conn *c);
/* alert.c */
hf_error hf_in_alert(hf_conn *c, hf_span content);
/* inside.c: an auditor's question, whether a server of TLS 1.2 starts another handshake inside a connection. Nobody else renegotiates. */
enum { HF_RENEGOTIATION_INFO = 4 + 1 + HF_VERIFY_DATA12 }; /* its bytes as an extension */
/* Sends handshake messages under the keys of a connection of TLS 1.2 that is CONNECTED; the client's. Where they end in a
   renegotiation_info extension with twelve zero bytes, these become the connection's verify_data (RFC 5746 3.5). HF_E_MISUSE. */
hf_error hf_conn_say_inside(hf_conn *c, hf_span messages);
/* What came of it, so far. */
typedef enum hf_inside {
    HF_INSIDE_SILENT,  /* nothing yet */
    HF_INSIDE_TAKEN,   /* a ServerHello: another handshake has begun */
    HF_INSIDE_WARNED,  /* a warning (no_renegotiation), and the connection goes on */
    HF_INSIDE_REFUSED, /* a fatal alert, an announced end, or a closed connection */
    HF_INSIDE_BROKEN   /* it ended for another reason, which says nothing of what was sent */
} hf_inside;
hf_inside hf_conn_inside_answer(const hf_conn *c);
/* All of them tell the trace about records and alerts through this. */
void hf_conn_tell(hf_conn *c, hf_trace_kind kind, hf_role writer, uint8_t type, hf_span bytes,
                  hf_span content, const char *name);

#endif
