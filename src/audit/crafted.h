/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ClientHellos that are written by hand: of any version, with anything in them. The engine never offers what it would not speak;
 * an auditor must, to see whether somebody takes it. What is written here is never gone on with: a handshake that is to be
 * completed is the engine's.
 *
 *     hf_crafted o = { .version = HF_TLS10, .server_name = "example.org" };
 *     hf_crafted_usual(&o);                       suites, groups, schemes as a common client has them
 *     uint8_t bytes[HF_CRAFTED_MAX];
 *     size_t n = hf_crafted_write(&o, bytes);     records, ready to be sent
 */
#ifndef HF_AUDIT_CRAFTED_H
#define HF_AUDIT_CRAFTED_H

#include "audit/codes.h"
#include "base/bytes.h"
#include "registry/registry.h"

enum {
    HF_SSL2 = 0x0002,
    HF_SSL3 = 0x0300,
    HF_TLS10 = 0x0301,
    HF_TLS11 = 0x0302,
    HF_CRAFTED_MAX = 20 * 1024, /* bytes of all its records */
    HF_CRAFTED_SHARES = 4
};

typedef struct hf_crafted {
    /* What is asked for; HF_TLS13: legacy_version 0x0303 and supported_versions. */
    uint16_t version;
    uint16_t record_version;  /* 0: 0x0301, SSL 3.0: 0x0300 */
    uint16_t legacy_version;  /* 0: from `version` */
    hf_codes suites;          /* any, in any order */
    hf_codes versions;        /* of supported_versions; empty: with HF_TLS13 that one alone, else no
                                such extension */
    hf_codes groups, schemes; /* empty: no such extension */
    /* Groups of key_share, with shares that any server can compute with; ended by 0. With HF_TLS13 the extension is there even if
       it is empty. A group whose share nobody here knows is left out. */
    uint16_t shares[HF_CRAFTED_SHARES];
    const char *server_name; /* NULL, or an address: none is sent */
    hf_span session_id;      /* at most 32 bytes */
    hf_span ticket;          /* content of session_ticket, if has_ticket */
    hf_span alpn;            /* wire list of vec8; empty: none */
    size_t padding; /* the ClientHello's length that padding (RFC 7685) brings it to; 0: none */
    hf_span extra;  /* whole extensions, as they stand on the wire, put behind the others */
    uint16_t unknown_extension; /* an empty extension of that type; 0: none */
    bool has_ticket, ems, encrypt_then_mac, status_request, scts, heartbeat;
    bool renegotiation_info;     /* with no_extensions it is the SCSV */
    bool deflate;                /* compression_methods: DEFLATE before null */
    bool scsv_fallback;          /* TLS_FALLBACK_SCSV among the suites */
    bool grease;                 /* RFC 8701 in suites, groups, versions, extensions, shares */
    bool no_extensions;          /* none at all, not even the block's length */
    size_t record_size;          /* bytes of the message a record; 0: as many as a record takes */
    uint8_t random[HF_HASH_MAX]; /* only tests set it: the first 32 bytes; all zero: drawn */
} hf_crafted;

/* What a common client of that version has: all suites in use for it (fewer than 128, which is as many as some servers bear), usual
   groups and schemes, ems, renegotiation_info (SSL 3.0: no extensions), and for TLS 1.3 a share of X25519 and a session id. Lists,
   shares and session id that are set already are kept. A hello of TLS 1.3 has suites of TLS 1.3 alone: who lists older `versions`
   too adds suites for them. */
void hf_crafted_usual(hf_crafted *hello);
/* All code points of a kind that somebody may speak in that version (names_….def), likely ones first; no signals (SCSV), no GREASE.
   TLS 1.2 has some 350 suites. groups: of ECDHE, or TLS 1.3's (curves that it forbids too, but for those of characteristic 2);
   schemes: that may sign a handshake. Neither is there before its extension was. */
void hf_all_suites(uint16_t version, hf_codes *codes);
void hf_all_groups(uint16_t version, hf_codes *codes);
void hf_all_schemes(uint16_t version, hf_codes *codes);

/* Bytes written; 0: it does not fit, or there is no randomness. SSL 2 has a form of its own, whose suites have three bytes:
   hf_crafted_write_ssl2. */
size_t hf_crafted_write(const hf_crafted *hello, uint8_t out[HF_CRAFTED_MAX]);
/* An SSL 2.0 CLIENT-HELLO with all seven of its cipher kinds. */
size_t hf_crafted_write_ssl2(uint8_t out[HF_CRAFTED_MAX]);
/* A cipher kind by its first two bytes of three, which tell all seven apart: 0x0100 is "SSL_CK_RC4_128_WITH_MD5". NULL: none. */
const char *hf_ssl2_kind_name(uint16_t kind);

#endif
