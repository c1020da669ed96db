/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A server of the audit's tests, described rather than run: it reads crafted hellos as a server would, and answers by what stands here. So
 * inquiries are run to their end in memory, and what they saw is compared with the description.
 *
 *     audit_model m = audit_model_usual();
 *     m.versions[1] = 0;
 *     hf_seen *seen = hf_seen_new();
 *     audit_model_all(&m, seen);
 */
#ifndef TESTS_SUPPORT_AUDIT_MODEL_H
#define TESTS_SUPPORT_AUDIT_MODEL_H

#include "audit/doubt.h"
#include "audit/inquiry.h"

enum { AUDIT_MODEL_LIST = 96 };

/* How a server says no. */
typedef enum audit_how {
    AUDIT_ALERT, /* the one that fits */
    AUDIT_CLOSE,
    AUDIT_RESET,
    AUDIT_STALL,
    AUDIT_INTERNAL_ERROR,
    AUDIT_GARBAGE,
    AUDIT_UNREACHABLE
} audit_how;

/* What it cannot bear, as bits. */
enum {
    AUDIT_HATES_VERSIONS = 1u << 0,   /* unknown ones in supported_versions */
    AUDIT_HATES_FIELD = 1u << 1,      /* legacy_version beyond TLS 1.2 */
    AUDIT_HATES_EXTENSIONS = 1u << 2, /* unknown ones */
    AUDIT_HATES_GREASE = 1u << 3,
    AUDIT_HATES_LONG = 1u << 4,      /* more than 2 KiB */
    AUDIT_HATES_BAND = 1u << 5,      /* 256 to 511 bytes */
    AUDIT_HATES_FRAGMENTS = 1u << 6, /* more than one record */
    AUDIT_HATES_HEARTBEAT = 1u << 7,
    AUDIT_HATES_ANY_EXTENSION = 1u << 8
};

typedef struct audit_model {
    /* lists in its order, ended by 0 */
    uint16_t versions[8];
    uint16_t suites[AUDIT_MODEL_LIST]; /* of all versions */
    uint16_t groups[32];
    uint16_t schemes[32];
    uint16_t suites2[8]; /* SSL 2.0 */
    bool server_order, groups_server_order, chacha_for_mobile;
    bool chacha_unless_gcm; /* takes ChaCha20 unless the first that both have is AES-GCM */
    size_t groups_window;   /* reads no more than so many; 0: all */
    uint16_t
        fallback_group; /* takes it where none fits, offered or not; TLS 1.3: asks for no group at all */
    uint16_t fallback_scheme;
    uint16_t curve; /* of its ECDSA certificate: no ECDSA without it; 0: it does not care */
    hf_span leaf;   /* empty: five bytes that are no certificate */
    bool ems, renegotiation_info, encrypt_then_mac, heartbeat, deflate, scsv, sentinel, reuse;
    bool alpn_strict, sni_strict;
    uint8_t shut; /* the alert that every hello of a spoken version is refused with; 0: none */
    bool shut_after_retry; /* a HelloRetryRequest comes before it, where one is due */
    bool schemes_late;     /* TLS 1.3: a scheme that does not fit is found out behind ServerHello */
    unsigned hates;
    audit_how hating, refusing; /* how it fails by those, and refuses suites, groups, schemes */
    audit_how refusing_versions;
    size_t suites_max;             /* more than so many it does not read; 0: any */
    uint16_t insists;              /* a suite that it chooses, offered or not; 0: none */
    unsigned fails_from, fails_to; /* of its connections, counted from 1: fails in the way below */
    audit_how failing;
    unsigned closes_every; /* so many of its connections, after each so many; 0: none */
    hf_doubts *doubts;     /* closings are looked into; NULL: they are told as they are */
    unsigned changes_at;   /* from that connection on it speaks only its first suite; 0: never */
    const struct audit_model
        *twin;      /* another machine has every second connection; NULL: there is none */
    uint32_t chaos; /* not 0: a seed, and what is read of its answers is often something else */
    /* what came of it */
    unsigned connections, engine_asks;
    bool gave_up; /* what it closes has nothing to do with what is asked */
} audit_model;

/* TLS 1.2 and 1.3 with what a server of our days has, RSA, its own order. */
audit_model audit_model_usual(void);
/* One inquiry to its end. */
void audit_model_run(audit_model *model, const hf_inquiry_row *row, hf_seen *seen);
/* All that ask by crafted hellos for lists and traits, phase by phase. */
void audit_model_all(audit_model *model, hf_seen *seen);

/* ---- the hello, as a server reads it ---- */

typedef struct audit_asked {
    bool ssl2, readable;
    uint16_t version; /* client_version */
    hf_codes versions, suites, groups, schemes, shares;
    bool has_versions, has_groups, has_schemes, has_extensions;
    bool ems, renegotiation_info, encrypt_then_mac, heartbeat, deflate, scsv, alpn, unknown, grease;
    char name[256];
    size_t len, records; /* of the message, with its header */
} audit_asked;
void audit_model_read(hf_span bytes, audit_asked *asked);

/* ---- its answer ---- */

typedef struct audit_choice {
    uint16_t version, suite, group, scheme;
    bool retry;
    int alert; /* -1: none; else it refuses by that, or as `how` says */
    audit_how how;
} audit_choice;
void audit_model_choose(const audit_model *model, const audit_asked *asked, audit_choice *choice);
/* The bytes; `n` makes its key exchange values differ. */
hf_span audit_model_write(const audit_model *model, const audit_asked *asked,
                          const audit_choice *choice, unsigned n);

#endif
