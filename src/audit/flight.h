/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a server answered to a ClientHello that was written by hand, read byte by byte as it comes and as far as it stands in the
 * clear. A reader and nothing else: whatever comes, it ends, keeps no more than it has room for, and says what it saw. What
 * the engine refuses is information here: old versions, weak parameters, garbage.
 */
#ifndef HF_AUDIT_FLIGHT_H
#define HF_AUDIT_FLIGHT_H

#include "audit/crafted.h"
#include "wire/wire.h"

enum {
    HF_FLIGHT_BYTES_MAX = 96 * 1024, /* that one answer may have, records and all */
    HF_FLIGHT_RECORDS_MAX = 256,
    HF_FLIGHT_CERTS_MAX = HF_CERTIFICATE_ENTRIES_MAX,
    HF_FLIGHT_AFTER_MAX = 64,      /* records that are kept after it, … */
    HF_FLIGHT_AFTER_CONTENT = 256, /* … and of each of them so many bytes */
    HF_FLIGHT_SHOWN = 512          /* first bytes that are kept as evidence */
};

typedef enum hf_flight_end {
    HF_FLIGHT_OPEN, /* more is to come */
    HF_FLIGHT_DONE, /* all that there is in the clear: to ServerHelloDone, or TLS 1.3's ServerHello or HelloRetryRequest */
    HF_FLIGHT_ALERT,  /* a fatal alert, or close_notify; SSL 2.0's ERROR (why) */
    HF_FLIGHT_CLOSED, /* the transport's end, without a word of TLS about it */
    HF_FLIGHT_RESET,
    HF_FLIGHT_LATE,       /* time was over */
    HF_FLIGHT_FOREIGN,    /* it is not TLS: HTTP, text, garbage */
    HF_FLIGHT_MALFORMED,  /* TLS at first, then a record or message that cannot be read */
    HF_FLIGHT_TOO_LONG,   /* one of the limits above */
    HF_FLIGHT_UNREACHABLE /* no connection came about: set by who dialled */
} hf_flight_end;

typedef struct hf_flight {
    hf_flight_end end;
    char why[96]; /* MALFORMED, FOREIGN, TOO_LONG: what, where; safe to print */
    bool sure;    /* CLOSED, RESET: it was proved to be a refusal (doubt.h); set by who asked */
    /* what there is of it so far */
    bool hello;       /* a ServerHello was read: the fields below count */
    bool retry;       /* it is a HelloRetryRequest */
    bool ssl2;        /* a SERVER-HELLO of SSL 2.0: suites2 are its cipher kinds */
    uint16_t version; /* that was chosen: of supported_versions or server_version */
    uint16_t record_version;
    uint16_t suite;
    uint8_t compression;
    /* TLS 1.3: of the share, or asked for; else ServerKeyExchange's named curve, or 0xff01 and 0xff02 for one that is written out;
       0: none. */
    uint16_t group;
    bool downgrade_12, downgrade_11; /* the sentinels at the random's end (RFC 9846 4.2.3) */
    uint8_t random[HF_RANDOM];
    uint8_t session_id[32];
    uint8_t session_id_len;
    hf_codes extensions; /* types, in the order they came (ServerHello's alone) */
    bool ems, encrypt_then_mac, renegotiation_info, ticket, status, heartbeat, scts;
    uint8_t heartbeat_mode;
    size_t n_scts;  /* in the extension */
    hf_span alpn;   /* the one that was chosen; empty: none */
    size_t n_certs; /* leaf first; cut at FLIGHT_CERTS_MAX … */
    hf_span certs[HF_FLIGHT_CERTS_MAX];
    bool more_certs;   /* … and there were more */
    hf_span staple;    /* OCSPResponse of CertificateStatus */
    bool key_exchange; /* a ServerKeyExchange was read */
    uint16_t scheme;   /* that it was signed with: TLS 1.2; 0: an older version, or anonymous */
    size_t share_len;  /* of the server's public value, … */
    uint8_t share[64]; /* … its first bytes: to see whether it is used again */
    unsigned dh_bits;  /* DHE: of p … */
    hf_span dh_p, dh_g;
    unsigned rsa_export_bits; /* RSA_EXPORT: of the temporary modulus */
    bool certificate_request;
    size_t n_authorities;
    bool done; /* ServerHelloDone was read */
    /* It followed a ServerHello of TLS 1.2 or older: a session was resumed. */
    bool change_cipher_spec;
    uint8_t alert_level, alert; /* the first alert, warnings included … */
    bool has_alert;
    uint8_t fatal_alert; /* … and the first that is fatal, or close_notify, … */
    bool has_fatal;      /* … if there was one */
    unsigned n_alerts, n_warnings;
    hf_codes suites2; /* SSL 2.0: the first two bytes of each kind (hf_ssl2_kind_name) */
    size_t bytes;     /* that came, of which the first ones: */
    uint8_t shown[HF_FLIGHT_SHOWN];
    size_t n_shown;
    struct hf_flight_room *room; /* spans point in there; the reader's own */
} hf_flight;

/* NULL: no memory. */
hf_flight *hf_flight_new(void);
void hf_flight_free(hf_flight *flight);
/* Bytes as they come, in any pieces. After the end they are ignored. Returns the end so far. */
hf_flight_end hf_flight_feed(hf_flight *flight, hf_span bytes);
/* The transport says CLOSED, RESET, LATE or UNREACHABLE; nothing happens after an end. */
void hf_flight_ended(hf_flight *flight, hf_flight_end end);
/* After DONE, or after the ALERT or DONE of an earlier call, more was sent, and an answer to it is to be read: records from now on,
   of which the fields of alerts (they begin anew) and the raw ones below tell. OPEN again until an alert (of any level), that many
   more records (then DONE), or the transport's end; what came unasked after DONE counts as if it came now. After any other end
   it does nothing. */
void hf_flight_go_on(hf_flight *flight, size_t records);
/* The records that came after the first DONE, all calls of hf_flight_go_on together: content type, version and content of the i-th
   (cut at HF_FLIGHT_AFTER_CONTENT bytes). False past the last, and past HF_FLIGHT_AFTER_MAX. */
typedef struct hf_flight_record {
    uint8_t type;
    uint16_t version;
    size_t len; /* as its header says */
    hf_span content;
} hf_flight_record;
bool hf_flight_record_at(const hf_flight *flight, size_t i, hf_flight_record *record);
/* "handshake_failure (40)", "closed the connection without a word", "ServerHello, TLS 1.2, TLS_…": one phrase of what happened. */
enum { HF_FLIGHT_WORDS = 160 };
char *hf_flight_words(const hf_flight *flight, char text[HF_FLIGHT_WORDS]);

#endif
