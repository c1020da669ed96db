/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The connection: bytes in, bytes out, events. It has no socket and no clock of its own; whoever
 * owns the socket moves bytes between it and the four pairs of calls below.
 *
 *                       wire_in  -->  +------------+  -->  data_out, data_taken
 *        the network                  | connection |                             the application
 *            wire_out, wire_sent <--  +------------+  <--  data_in
 *
 * After each call that moved bytes, ask hf_conn_next until it answers HF_EVENT_NONE, and
 * hf_conn_wants for what can be done next. The loop of a blocking client:
 *
 *     for (;;) {
 *         while ((e = hf_conn_next(c)) != HF_EVENT_NONE)
 *             if (handle(e)) return;
 *         unsigned w = hf_conn_wants(c);
 *         if (w & HF_WANT_WIRE_OUT) { span = hf_conn_wire_out(c); n = send(span); hf_conn_wire_sent(c, n); }
 *         else if (w & HF_WANT_WIRE_IN) { n = recv(buffer); n ? hf_conn_wire_in(c, buffer, n) : hf_conn_wire_eof(c); }
 *     }
 *
 * States, seen from outside. Handshaking: data may not flow (a server may already send: half-RTT).
 * Connected: HF_EVENT_CONNECTED was reported; the peer is proved. Each direction then closes on its
 * own. Failed: HF_EVENT_FAILED was reported, after all data that came before it; its alert still
 * leaves through wire_out; hf_conn_failure says what happened. Nothing leaves a failed connection
 * but that alert.
 *
 * One connection belongs to one thread at a time.
 */
#ifndef HANDFAST_CONN_H
#define HANDFAST_CONN_H

#include <handfast/config.h>
#include <handfast/job.h>
#include <handfast/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One piece of hf_conn_data_in; laid out as POSIX's struct iovec, which may be cast. */
typedef struct hf_iovec {
    const void *base;
    size_t len;
} hf_iovec;

typedef struct hf_conn_options {
    const char
        *server_name; /* client: sent as server_name if it is a DNS name. NULL: none is sent */
    const char *
        verify_name; /* client: DNS name or IP address that the certificate must hold; NULL: server_name */
    const char *const *alpn; /* client: instead of the config's list */
    size_t n_alpn;
    const hf_trace_sink *trace; /* copied; NULL: none */
    void *user;
} hf_conn_options;

/* The config must be sealed; the connection takes a reference. The worker must outlive it. NULL: no memory, an unsealed
   config, or a client with neither name and verification on. */
hf_conn *hf_conn_new(hf_config *config, hf_worker *worker, const hf_conn_options *options);
/* Legal at any time, with jobs outstanding too: their results are dropped. */
void hf_conn_free(hf_conn *conn);
void *hf_conn_user(const hf_conn *conn);

/* ---- bytes ---- */

/* Bytes from the peer, opened in place: they are changed. Returns how many were taken; the rest must be offered again once
   events were handled (0 while data_out holds data or a job is awaited). */
size_t hf_conn_wire_in(hf_conn *conn, uint8_t *bytes, size_t len);
/* The transport has ended: truncation is told from a clean close. */
void hf_conn_wire_eof(hf_conn *conn);
/* Bytes for the peer, good until the next call on this connection; then say how many left. */
hf_span hf_conn_wire_out(hf_conn *conn);
void hf_conn_wire_sent(hf_conn *conn, size_t len);

/* Application data to protect. Returns how many bytes were taken, 0..n: up to the high-water mark of the
   out buffer, 0 while sending is not possible (see HF_WANT_CAN_SEND). Two calls never share a record. */
size_t hf_conn_data_in(hf_conn *conn, const hf_iovec *parts, int n);
/* Application data from the peer: points into the bytes given to wire_in or a copy of ours; good until data_taken or
   the next wire_in. While some is outstanding wire_in takes 0. */
hf_span hf_conn_data_out(hf_conn *conn);
void hf_conn_data_taken(hf_conn *conn, size_t len);

/* ---- events ---- */

typedef enum hf_event {
    HF_EVENT_NONE,
    HF_EVENT_CLIENT_HELLO, /* server, if the config pauses there: see hf_conn_hello, answer with hf_conn_switch_config */
    HF_EVENT_JOB, /* external jobs: hf_conn_job_next has some */
    HF_EVENT_VERIFY, /* external verification: see hf_conn_peer_chain, answer with hf_conn_verify_done */
    HF_EVENT_CONNECTED,
    HF_EVENT_DATA,       /* hf_conn_data_out has some */
    HF_EVENT_EARLY_DATA, /* the same, 0-RTT (not before resumption exists) */
    HF_EVENT_EARLY_REJECTED,
    HF_EVENT_SESSION,     /* a ticket came (not before resumption exists) */
    HF_EVENT_PEER_CLOSED, /* close_notify: no more data will come; we may go on writing */
    HF_EVENT_FAILED
} hf_event;

/* The next event, in order. Runs what can be run. */
hf_event hf_conn_next(hf_conn *conn);

enum {
    HF_WANT_WIRE_IN = 1,    /* bytes of the peer would be taken */
    HF_WANT_WIRE_OUT = 2,   /* wire_out is not empty */
    HF_WANT_CAN_SEND = 4,   /* data_in would take bytes */
    HF_WANT_CAN_RECEIVE = 8 /* the peer may still send data */
};
/* Level-triggered. *deadline_ms (may be NULL) gets the clock's time at which hf_conn_tick must be called, or UINT64_MAX. */
unsigned hf_conn_wants(const hf_conn *conn, uint64_t *deadline_ms);
/* Time has passed: fails the connection if the handshake's deadline is over. */
void hf_conn_tick(hf_conn *conn);

/* ---- answers to events ---- */

typedef struct hf_hello {
    hf_span server_name;                              /* empty: none */
    hf_span cipher_suites, groups, schemes, versions; /* big-endian code points, two bytes each */
    hf_span alpn;                                     /* one length byte before each name */
    hf_span message;                                  /* the whole ClientHello */
} hf_hello;
/* Good until switch_config. */
const hf_hello *hf_conn_hello(const hf_conn *conn);
/* Goes on with `config` (sealed, of a server; NULL: the present one). */
hf_error hf_conn_switch_config(hf_conn *conn, hf_config *config);

/* The next job that is not under way; the caller gets a reference. NULL: none. */
hf_job *hf_conn_job_next(hf_conn *conn);
/* HF_OK with the job's output in place, or why it failed. Gives the caller's reference back. */
hf_error hf_conn_job_done(hf_conn *conn, hf_job *job, hf_error result);

/* The chain as the peer sent it, leaf first; DER, good until the connection is freed. */
size_t hf_conn_peer_chain(const hf_conn *conn, const hf_span **chain);
/* HF_OK: the application holds the chain proved for this name. Else an HF_E_CERT_… row, whose alert is sent. */
hf_error hf_conn_verify_done(hf_conn *conn, hf_error verdict);

/* ---- closing, keys ---- */

/* Sends close_notify: we write no more, and go on reading. */
hf_error hf_conn_close_write(hf_conn *conn);
/* Fails the connection with that alert (HF_ALERT_user_canceled, HF_ALERT_access_denied …). */
void hf_conn_abort(hf_conn *conn, hf_alert alert);
/* Renews our writing keys; `request` asks the peer to renew his. Once CONNECTED. */
hf_error hf_conn_key_update(hf_conn *conn, bool request);
/* RFC 9846 7.5: len bytes that only the two ends know. Once CONNECTED. has_context = false and an empty context are the same in
   TLS 1.3. */
hf_error hf_conn_export(hf_conn *conn, const char *label, hf_span context, uint8_t *out,
                        size_t len);
/* Content bytes per record from now on (1 to 16384), for latency or thin pipes. */
hf_error hf_conn_set_max_record(hf_conn *conn, size_t len);

/* ---- what is known ---- */

typedef struct hf_conn_info {
    uint16_t version, cipher_suite, group, signature_scheme; /* code points, 0: not known yet */
    bool connected, retried, resumed, forward_secrecy;
    bool peer_verified;  /* false with hf_config_set_insecure and a chain that does not verify */
    hf_error peer_error; /* … and why */
    char peer_error_detail[HF_FAILURE_TEXT_MAX];
    const char *alpn;             /* NULL: none */
    const char *server_name;      /* sent or received, NULL: none */
    unsigned round_trips;         /* of the handshake: 1, or 2 after HelloRetryRequest */
    uint64_t bytes_in, bytes_out; /* on the wire */
    uint64_t data_in, data_out;   /* application data, received and sent */
} hf_conn_info;
/* Good until the next call. */
const hf_conn_info *hf_conn_info_of(hf_conn *conn);
/* NULL while nothing failed. */
const hf_failure *hf_conn_failure(const hf_conn *conn);

#ifdef __cplusplus
}
#endif
#endif
