/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Answers of servers for the tests of the audit, put together from records and messages, right or wrong:
 *
 *     static audit_flight f;
 *     audit_start(&f, HF_TLS10);                          version of records and of ServerHello, unless it says another
 *     audit_hello(&f, &(audit_server_hello){ .suite = 0x002f });
 *     audit_certificate(&f, &der, 1);
 *     audit_done(&f);
 *     hf_flight *flight = audit_read(&f, 1);              byte by byte; to be freed with hf_flight_free
 */
#ifndef TESTS_SUPPORT_AUDIT_FLIGHTS_H
#define TESTS_SUPPORT_AUDIT_FLIGHTS_H

#include "audit/flight.h"
#include "base/builder.h"

enum { AUDIT_FLIGHT_ROOM = 160 * 1024 };

typedef struct audit_flight {
    uint8_t bytes[AUDIT_FLIGHT_ROOM];
    hf_builder b;
    uint16_t version;
    size_t record_size; /* bytes of a message a record; 0: the whole message in one */
} audit_flight;

typedef struct audit_server_hello {
    uint16_t version; /* 0: that of the flight; HF_TLS13 goes into supported_versions */
    uint16_t suite;
    uint8_t compression;
    const uint8_t *random; /* 32 bytes; NULL: 0x20, 0x21, … */
    hf_span session_id;
    bool retry;         /* HelloRetryRequest: its random, and `group` is asked for */
    uint16_t group;     /* TLS 1.3: key_share; 0: none */
    size_t share_len;   /* of the share, filled with 0x5c */
    hf_span extensions; /* whole ones, put behind the others */
    bool with_block;    /* the block of extensions is there, even if it is empty */
} audit_server_hello;

void audit_start(audit_flight *f, uint16_t version);
hf_span audit_bytes(const audit_flight *f);

/* ---- records and messages ---- */

void audit_raw(audit_flight *f, hf_span bytes);
void audit_record(audit_flight *f, uint8_t type, hf_span content);
/* With its header, in records of its own. */
void audit_message(audit_flight *f, uint8_t type, hf_span body);
void audit_alert(audit_flight *f, uint8_t level, uint8_t description);
void audit_change_cipher_spec(audit_flight *f);

/* ---- bodies ---- */

void audit_hello(audit_flight *f, const audit_server_hello *hello);
void audit_certificate(audit_flight *f, const hf_span *ders, size_t n);
void audit_status(audit_flight *f, hf_span response);
/* Signed with 64 bytes if `scheme` is not 0; a version before TLS 1.2 does not say with which. The public value is 0x5c … */
void audit_ecdhe(audit_flight *f, uint16_t group, size_t point_len, uint16_t scheme);
void audit_dhe(audit_flight *f, hf_span p, hf_span g, uint16_t scheme);
void audit_certificate_request(audit_flight *f, size_t n_authorities);
void audit_done(audit_flight *f);

/* ---- SSL 2.0 ---- */

/* kinds: three bytes each. header: 2 or 3 bytes. */
void audit_hello2(audit_flight *f, hf_span certificate, hf_span kinds, unsigned header);
void audit_error2(audit_flight *f, uint16_t code);

/* ---- at once ---- */

/* ServerHello, a Certificate of some bytes, ServerKeyExchange of that group (0: none), ServerHelloDone; of TLS 1.3 the ServerHello. */
void audit_usual(audit_flight *f, uint16_t version, uint16_t suite, uint16_t group);
/* Reads it in pieces (0: at once), then the transport's end CLOSED if it is open still. */
hf_flight *audit_read(const audit_flight *f, size_t piece);

#endif
