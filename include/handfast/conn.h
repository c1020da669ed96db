/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The connection: bytes in, bytes out, events. It has no socket and no clock of its own; whoever
 * owns the socket moves bytes between it and the four pairs of calls below.
 *
 *                  wire_in --> +------------+ --> data_out, data_taken
 *     the network              | connection |          the application
 *      wire_out, wire_sent <-- +------------+ <-- data_in
 *
 * A blocking client, whole:
 *
 *     uint8_t buffer[16384];
 *     size_t at = 0, end = 0;               bytes that were not taken yet
 *     for (;;) {
 *         hf_event event;
 *         while ((event = hf_conn_next(c)) != HF_EVENT_NONE)
 *             if (!handle(c, event))        may call data_out, data_in,
 *                 return;                   close_write; false at
 *                                           PEER_CLOSED and FAILED
 *         hf_span out = hf_conn_wire_out(c);
 *         if (out.len > 0) {
 *             ssize_t n = send(fd, out.data, out.len, MSG_NOSIGNAL);
 *             if (n < 0)
 *                 hf_conn_wire_eof(c);      the transport is gone
 *             else
 *                 hf_conn_wire_sent(c, (size_t)n);
 *             continue;
 *         }
 *         if (at == end) {                  never over bytes that data_out
 *             at = 0;                       may still point to
 *             ssize_t n = recv(fd, buffer, sizeof buffer, 0);
 *             if (n <= 0)
 *                 hf_conn_wire_eof(c);
 *             end = n > 0 ? (size_t)n : 0;
 *         }
 *         at += hf_conn_wire_in(c, buffer + at, end - at);
 *     }
 *
 * With an event loop, a turn of a connection repeats this until nothing moves any more
 * (examples/poll.c is such a loop, whole):
 *
 *     hf_conn_tick(c);
 *     if (hf_conn_wants(c, NULL) & HF_WANT_WIRE_IN)
 *         recv into a buffer of your own; wire_in; keep what it left
 *     while ((event = hf_conn_next(c)) != HF_EVENT_NONE)
 *         handle(c, event);
 *     look at data_out, as long as there is room for an answer:
 *         n = hf_conn_data_in(c, &answer, 1);
 *         hf_conn_data_taken(c, n);         only what was passed on
 *     send of wire_out; wire_sent
 *
 * then waits until the socket is readable (if HF_WANT_WIRE_IN), writable (if HF_WANT_WIRE_OUT), or the deadline is there.
 *
 * A peer that reads slowly: data_in takes less and less. Then leave the rest in data_out. While data_out holds data, wire_in takes
 * nothing, HF_WANT_WIRE_IN is off and no event of what came behind it is given, so that nothing piles up at this end; when
 * HF_WANT_CAN_SEND is on again, go on. HF_EVENT_DATA comes once for each record's data, not again for what was left of it: look at
 * data_out on every turn.
 *
 * The states:
 *
 *   handshaking  data does not flow yet (a server may already send: half-RTT data; so may a client
 *                whose 0-RTT is offered, see hf_early)
 *   connected    HF_EVENT_CONNECTED came, once: the peer is proved. Each direction closes on its
 *                own from here: close_write ends ours, HF_EVENT_PEER_CLOSED says that theirs ended.
 *                In TLS 1.2 that ends ours as well (RFC 5246 7.2.1): what data_in has taken still
 *                leaves, with our close_notify behind it, and data_in takes nothing more
 *   failed       hf_conn_failure says what happened, at once; HF_EVENT_FAILED comes once, after all
 *                data that came before it was taken. What was sealed before and our alert still leave
 *                through wire_out (nothing, if the peer failed it with an alert of his). data_in takes
 *                nothing more; the secrets are gone
 *
 * At the end: what is in wire_out should leave before the socket is closed, and after an alert or
 * close_notify shutdown(fd, SHUT_WR), then read and drop until the peer closes, for a second at
 * most: close() with unread bytes has the kernel reset the connection, and our last words are lost. There is no deadline of the
 * library's in this state: that second is the application's.
 *
 * After each call that moved bytes, ask hf_conn_next until it answers HF_EVENT_NONE. One connection
 * belongs to one thread at a time.
 */
#ifndef HANDFAST_CONN_H
#define HANDFAST_CONN_H

#include <handfast/config.h>
#include <handfast/job.h>
#include <handfast/trace.h>

HF_BEGIN_DECLS

/* One piece of hf_conn_data_in; laid out as POSIX's struct iovec, which may be cast. */
typedef struct hf_iovec {
    const void *base;
    size_t len;
} hf_iovec;

/* All zero is a good start: { 0 } in C, memset or a static variable in C++, and so with the other structs of options. */
typedef struct hf_conn_options {
    /* Clients: sent as server_name if it is a DNS name (A-labels). NULL: none is sent. */
    const char *server_name;
    /* Clients: the DNS name or IP address that the certificate must hold. NULL: server_name. */
    const char *verify_name;
    /* Clients: protocols instead of the config's list, best first. */
    const char *const *alpn;
    size_t n_alpn;
    /* Clients: what hf_conn_session of an earlier connection gave; it is offered if it fits this one (info.session_error says
       if not), and needs keeping no longer than this call. */
    hf_span session;
    /* Clients: ask for a session (HF_EVENT_SESSION). One is asked for in any case if `session` is given. */
    bool want_session;
    /* Clients: where the connection goes, as "name:port". A session is offered only where it comes from; without it the config's
       hf_sessions is not used. */
    const char *endpoint;
    /* Clients: which of the config's hf_psks is offered; empty: the first. hf_conn_new refuses one that is not there. */
    hf_span psk_identity;
    /* Told of every message, record, change of keys and proof. Copied; NULL: none. */
    const hf_trace_sink *trace;
    /* Handed back by hf_conn_user. */
    void *user;
} hf_conn_options;

/* Takes a reference of the config; the worker must outlive the connection. options are copied, and NULL stands for none.
   NULL is returned if there is no memory, or if something does not hold that the caller can look at beforehand:
     - the config is sealed: hf_config_seal was HF_OK
     - a client that judges chains (trusted CAs, neither INSECURE nor EXTERNAL_VERIFY) has a server_name or a verify_name, whatever
       it says: one that is no name fails later, as no certificate holds it
     - a client's options.alpn: each name has 1 to 255 bytes, all together at most 1024 with a byte more for each; what
       hf_config_set_alpn would refuse with HF_E_CONFIG_ALPN
     - psk_identity, if not empty, is one that is in the config's hf_psks
   The first two are mistakes of the program; so are the others, unless such names come from its users. */
hf_conn *hf_conn_new(hf_config *config, hf_worker *worker, const hf_conn_options *options);
/* Legal in every state, with jobs under way too: their results are dropped. On the worker's thread, as
   every call: the keys are unloaded from its contexts. NULL is allowed. */
void hf_conn_free(hf_conn *conn);
/* hf_conn_options.user. */
void *hf_conn_user(const hf_conn *conn);

/* ---- bytes ---- */

/* Bytes from the peer. Records are opened in place: the bytes are changed. Returns how many were
   taken; the rest must be offered again, in order, once events were handled. A record may come in
   pieces of any size. Takes 0 while data_out holds data or a job is awaited. After the end (closed,
   failed) everything is swallowed. */
size_t hf_conn_wire_in(hf_conn *conn, uint8_t *bytes, size_t len);
/* The transport has ended, in order (recv says 0) or not (ECONNRESET, EPIPE): so truncation is told from a clean close. Without a
   close_notify before, the connection fails: HF_E_TRUNCATED_STREAM or HF_E_CLOSED_IN_HANDSHAKE. */
void hf_conn_wire_eof(hf_conn *conn);
/* Bytes for the peer, good until the next call on this connection … */
hf_span hf_conn_wire_out(hf_conn *conn);
/* … and how many of them left; more than there were is ignored. */
void hf_conn_wire_sent(hf_conn *conn, size_t len);

/* Application data to protect. Returns how many bytes were taken: whole records until the out buffer has passed its high-water
   mark (64 KiB), 0 while sending is not possible. Two calls never share a record. data_out stays as it is. */
size_t hf_conn_data_in(hf_conn *conn, const hf_iovec *parts, int n);
/* Application data from the peer. It points into the bytes that were given to wire_in, or into a
   copy of ours, and is good until data_taken or the next wire_in: until then leave those bytes where
   they are. After a failure it must still be taken, else HF_EVENT_FAILED does not come. */
hf_span hf_conn_data_out(hf_conn *conn);
/* How many bytes of it were used up; the rest stays in data_out, without another HF_EVENT_DATA. */
void hf_conn_data_taken(hf_conn *conn, size_t len);

/* ---- events ---- */

typedef enum hf_event {
    HF_EVENT_NONE,
    HF_EVENT_CLIENT_HELLO, /* servers that pause there: hf_conn_hello, hf_conn_switch_config */
    HF_EVENT_JOB,          /* external jobs: hf_conn_job_next has some */
    HF_EVENT_VERIFY,       /* external verification: hf_conn_peer_chain, hf_conn_verify_done */
    HF_EVENT_CONNECTED,    /* everything that must be proved is proved */
    HF_EVENT_DATA,         /* hf_conn_data_out has some: once for each record */
    HF_EVENT_EARLY_DATA, /* servers: hf_conn_data_out has some that came as 0-RTT: it may have been sent before */
    HF_EVENT_EARLY_REJECTED, /* clients: what was sent as 0-RTT was not taken, and must be sent again */
    HF_EVENT_SESSION,        /* hf_conn_session has one to keep; more may follow */
    HF_EVENT_PEER_CLOSED, /* close_notify: no more data will come; ours may go on in TLS 1.3 */
    HF_EVENT_FAILED       /* hf_conn_failure has the reason */
} hf_event;

/* The next event, in order. Runs what can be run: a client's first call writes its ClientHello. */
hf_event hf_conn_next(hf_conn *conn);

enum {
    HF_WANT_WIRE_IN = 1,    /* bytes of the peer would be taken: not while data_out holds some */
    HF_WANT_WIRE_OUT = 2,   /* wire_out is not empty */
    HF_WANT_CAN_SEND = 4,   /* data_in would take bytes */
    HF_WANT_CAN_RECEIVE = 8 /* the peer may still send data */
};
/* Level-triggered. *deadline_ms (may be NULL) gets the clock's time at which hf_conn_tick must be
   called, or UINT64_MAX: none, as after a failure. The handshake's runs from hf_conn_new on. The clock is hf_hooks.clock_ms, by default CLOCK_MONOTONIC in milliseconds. */
unsigned hf_conn_wants(const hf_conn *conn, uint64_t *deadline_ms);
/* Time has passed, or not: it may be called at any time. Fails the connection if the handshake's deadline, or the greatest age of a TLS 1.2 connection, is over; renews
   the keys of a TLS 1.3 connection that are old (HF_SET_KEY_UPDATE_AFTER). */
void hf_conn_tick(hf_conn *conn);

/* ---- answers to events ---- */

typedef struct hf_hello {
    hf_span server_name;                              /* empty: none */
    hf_span cipher_suites, groups, schemes, versions; /* code points, big-endian, two bytes each */
    hf_span alpn;                                     /* one length byte before each name */
    hf_span message;                                  /* the whole ClientHello */
} hf_hello;
/* Good until switch_config; NULL when the connection does not pause there. */
const hf_hello *hf_conn_hello(const hf_conn *conn);
/* Goes on with that config (sealed, of a server), or with the present one (NULL). At once or later.
   HF_E_MISUSE: not paused there, or no such config. */
hf_error hf_conn_switch_config(hf_conn *conn, hf_config *config);

/* The next job that nobody has; the caller gets a reference. NULL: none. */
hf_job *hf_conn_job_next(hf_conn *conn);
/* What hf_job_run said (or HF_OK after hf_job_set_output), or why it failed. HF_OK for a job that was
   neither run nor given an output is HF_E_JOB_FAILED: a lost result is no proof. Takes the caller's
   reference back. A result that comes too late is dropped. */
hf_error hf_conn_job_done(hf_conn *conn, hf_job *job, hf_error result);

/* The chain as the peer sent it, leaf first; DER, good until the connection is freed. Returns how
   many certificates there are. */
size_t hf_conn_peer_chain(const hf_conn *conn, const hf_span **chain);
/* The OCSP response that the server sent along, for hf_verify_options.staple; empty: none. Good until the connection is freed. */
hf_span hf_conn_peer_staple(const hf_conn *conn);
/* HF_OK: the application holds the chain proved for this name. Else an HF_E_CERT_… row, whose alert
   is sent (what is no such row counts as HF_E_CERT_REFUSED). HF_E_MISUSE: nobody asked, or it failed
   meanwhile. */
hf_error hf_conn_verify_done(hf_conn *conn, hf_error verdict);

/* ---- closing, keys ---- */

/* Sends close_notify, behind all that data_in has taken: we write no more, and go on reading. HF_E_MISUSE while we could not write
   yet: a handshake is not closed but aborted. HF_OK, and nothing more, when it is closed already or has failed. */
hf_error hf_conn_close_write(hf_conn *conn);
/* Fails the connection with that alert (HF_ALERT_user_canceled, HF_ALERT_access_denied …). */
void hf_conn_abort(hf_conn *conn, hf_alert alert);
/* Renews our writing keys at once; `request` asks the peer to renew his (once: another request waits for his answer). HF_E_MISUSE: not connected, or TLS 1.2, which cannot. */
hf_error hf_conn_key_update(hf_conn *conn, bool request);
/* RFC 9846 7.5: len bytes that only the two ends know, from a label (at most 249 bytes) and a
   context, which may be empty. TLS 1.2 (RFC 5705) tells a context whose data is NULL from an empty one. HF_E_MISUSE: not
   connected, too long, a label that TLS itself uses, or TLS 1.2 without extended_main_secret. */
hf_error hf_conn_export(hf_conn *conn, const char *label, hf_span context, uint8_t *out,
                        size_t len);
/* Content bytes per record from now on (1 to 16384), for latency or thin pipes. */
hf_error hf_conn_set_max_record(hf_conn *conn, size_t len);

/* ---- what is known ---- */

/* Whether the peer's certificate is known to be revoked. */
typedef enum hf_known { HF_KNOWN_NOTHING, HF_KNOWN_GOOD, HF_KNOWN_REVOKED } hf_known;

/* What became of 0-RTT. A client may send data as soon as it is OFFERED. */
typedef enum hf_early {
    HF_EARLY_NONE, /* not offered */
    HF_EARLY_OFFERED,
    HF_EARLY_ACCEPTED,
    HF_EARLY_REJECTED
} hf_early;

typedef struct hf_conn_info {
    uint16_t version, cipher_suite, group, signature_scheme; /* code points; 0: not known yet */
    bool connected, retried, resumed, forward_secrecy;
    bool extended_main_secret;  /* TLS 1.2 (RFC 7627); TLS 1.3 always has it */
    bool certificate_requested; /* the server asked for one */
    bool certificate_sent;      /* the client showed one */
    hf_error
        session_error; /* why the session that was given is not resumed; HF_OK: it is, or none was given */
    hf_early early; /* 0-RTT … */
    hf_error
        early_error; /* … and why it was not offered although it is switched on (clients), or not accepted (servers) */
    bool psk_used; /* this handshake rests on a key shared beforehand … */
    hf_span
        psk_identity; /* … of this name: both are claims until CONNECTED, which proves them. Good until the connection is
                             freed; empty: none */
    uint64_t key_updates; /* of our own writing keys */
    bool
        peer_verified; /* from CONNECTED on; false under HF_SET_INSECURE if the chain did not verify … */
    hf_error peer_error;           /* … and why */
    const char *peer_error_detail; /* never NULL */
    bool stapled;                  /* the server sent an OCSP response with its certificate … */
    uint8_t staple;     /* … and what it says, an hf_known; NOTHING if it cannot be used */
    uint8_t revocation; /* what staple and CRLs together say: an hf_known */
    const char *revocation_detail; /* why a staple or CRL is of no use, in words; never NULL */
    const char *alpn;              /* NULL: none */
    const char *server_name;       /* sent or received; NULL: none */
    unsigned
        round_trips; /* of the handshake: 1, or 2 after a HelloRetryRequest or with all of TLS 1.2 */
    uint64_t bytes_in, bytes_out; /* on the wire */
    uint64_t data_in, data_out;   /* application data, received and sent */
} hf_conn_info;
/* Good until the connection is freed; what it says is of now. */
const hf_conn_info *hf_conn_info_of(hf_conn *conn);
/* Who the peer proved to be, in this handshake or in the one that is resumed. */
typedef struct hf_peer {
    const char *subject;     /* RFC 4514, cut after 255 bytes */
    const char *sans;        /* "DNS:localhost, email:device@a.test", cut after 1023 */
    const char *fingerprint; /* SHA-256 of the leaf, hex with colons */
    int64_t not_after;       /* the leaf's */
} hf_peer;
/* NULL: nobody (a client without a certificate, or not known yet). Good until the connection is freed. */
const hf_peer *hf_conn_peer(hf_conn *conn);
/* Clients: the i-th CA that the server named when it asked for a certificate, as RFC 4514 text. False past the last. */
bool hf_conn_authority(const hf_conn *conn, size_t i, char *text, size_t room);
/* The newest session to give to a later connection of the same kind (hf_conn_options.session); a secret. One of TLS 1.3 should be
   offered once (RFC 9846 C.4). Empty: there is none. Good until the next call that takes bytes or events (a ticket may come),
   or until the connection is freed or fails; after a failure a copy should not be used either (RFC 5246 7.2.2). */
hf_span hf_conn_session(hf_conn *conn);
/* NULL while nothing failed. */
const hf_failure *hf_conn_failure(const hf_conn *conn);

HF_END_DECLS
#endif
