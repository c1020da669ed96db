/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A policy is data: a named, dated, frozen list of what is spoken. The same object configures an
 * endpoint and judges somebody else's. `default` and `modern` stand for their newest dated version.
 * To narrow one, copy the struct and shorten its lists; hf_config_seal checks that it still adds up.
 *
 *     hf_policy mine = *hf_policy_named("modern");
 *     mine.groups[0] = 0x001d, mine.groups[1] = 0;
 */
#ifndef HANDFAST_POLICY_H
#define HANDFAST_POLICY_H

#include <handfast/types.h>

HF_BEGIN_DECLS

enum { HF_POLICY_LIST = 24 };

/* Whose rules certificates must keep beside RFC 5280's. */
typedef enum hf_cert_profile {
    HF_PROFILE_PRIVATE, /* a CA of one's own: what RFC 5280 section 6 demands */
    HF_PROFILE_WEBPKI, /* the public CAs: also what RFC 5280 section 4 and the CA/Browser Forum demand of issuers */
    HF_PROFILE_AUTO /* WEBPKI where the trust store is one of public CAs (hf_trust_mark_public), else PRIVATE */
} hf_cert_profile;

/* What a chain's revocation status means. A certificate that is known to be revoked is refused in any case. */
typedef enum hf_revocation {
    HF_REVOCATION_SOFT, /* CRLs and staples that are there are used; none is needed */
    HF_REVOCATION_HARD  /* the leaf's status must be known, from a staple or a fresh CRL */
} hf_revocation;

/* Lists hold IANA code points, best first, and end at the first 0. */
typedef struct hf_policy {
    const char *name;    /* "default-2026-11" */
    const char *summary; /* one sentence for people */
    uint16_t min_version, max_version;
    uint16_t suites[HF_POLICY_LIST];
    uint16_t groups[HF_POLICY_LIST];
    uint16_t key_shares[4]; /* that a client sends unasked; a subset of groups, in their order */
    uint16_t schemes[HF_POLICY_LIST];      /* for handshake signatures */
    uint16_t cert_schemes[HF_POLICY_LIST]; /* for signatures in certificates; a superset is usual */
    uint16_t rsa_min_bits, rsa_max_bits;
    uint8_t profile;                 /* hf_cert_profile */
    uint8_t revocation;              /* hf_revocation */
    uint16_t leaf_max_days;          /* the longest validity that a leaf may have, 0: any */
    uint16_t record_size_limit;      /* announced to the peer (RFC 8449), 64 to 16385 */
    bool server_prefers;             /* the server's order of suites and groups wins */
    bool client_grease;              /* RFC 8701 */
    bool middlebox_compat;           /* RFC 9846 E.4 */
    bool require_ems;                /* TLS 1.2: extended_main_secret or nothing (RFC 7627) */
    bool require_renegotiation_info; /* TLS 1.2: the peer must speak RFC 5746 */
    uint8_t tickets;          /* that a server of TLS 1.3 sends after a full handshake, 0 to 8 */
    uint32_t session_seconds; /* the longest time that a session may be used, at most 604,800 */
} hf_policy;

/* A dated name, or one without its date ("default", "modern"), which stands for the newest; NULL: unknown. */
const hf_policy *hf_policy_named(const char *name);
/* Row i of all policies, NULL past the end. */
const hf_policy *hf_policy_row(size_t i);

typedef enum hf_registry { HF_SUITES, HF_GROUPS, HF_SCHEMES } hf_registry;
/* A code point by its IANA or OpenSSL spelling ("TLS_AES_128_GCM_SHA256", "P-256", "secp256r1", "RSA-PSS+SHA256"), case
   ignored; 0: unknown. */
uint16_t hf_code(hf_registry registry, const char *name);
/* Its IANA name, static; NULL: unknown. */
const char *hf_code_name(hf_registry registry, uint16_t code);

HF_END_DECLS
#endif
