/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The names of IANA's registries, whole: also of what handfast never speaks, since captures and other people's hellos are
 * full of it. names_….def are the tables, sorted by value. What handfast speaks is src/registry.
 */
#ifndef HF_EXPLAIN_NAMES_H
#define HF_EXPLAIN_NAMES_H

#include <handfast/types.h>

typedef enum hf_names {
    HF_NAMES_NONE,
    HF_NAMES_VERSIONS, /* ProtocolVersion: "TLS 1.3", "SSL 3.0", drafts */
    HF_NAMES_SUITES,
    HF_NAMES_GROUPS,
    HF_NAMES_SCHEMES, /* SignatureScheme; in TLS 1.2 pairs of hash and signature too */
    HF_NAMES_EXTENSIONS,
    HF_NAMES_MESSAGES, /* HandshakeType */
    HF_NAMES_CONTENT_TYPES,
    HF_NAMES_ALERT_LEVELS,
    HF_NAMES_ALERTS,
    HF_NAMES_COMPRESSIONS,             /* CompressionMethod */
    HF_NAMES_PSK_MODES,                /* PskKeyExchangeMode */
    HF_NAMES_POINT_FORMATS,            /* ECPointFormat */
    HF_NAMES_CURVE_TYPES,              /* ECCurveType */
    HF_NAMES_NAME_TYPES,               /* server_name: NameType */
    HF_NAMES_STATUS_TYPES,             /* CertificateStatusType */
    HF_NAMES_CERTIFICATE_TYPES,        /* ClientCertificateType of TLS 1.2 */
    HF_NAMES_KEY_UPDATES,              /* KeyUpdateRequest */
    HF_NAMES_FRAGMENT_LENGTHS,         /* MaxFragmentLength */
    HF_NAMES_CERTIFICATE_FORMATS,      /* CertificateType of RFC 7250 */
    HF_NAMES_CERTIFICATE_COMPRESSIONS, /* CertificateCompressionAlgorithm */
    HF_NAMES_ECH_TYPES,                /* ECHClientHelloType */
    HF_NAMES_HPKE_KDFS,
    HF_NAMES_HPKE_AEADS,
    HF_NAMES_SCT_VERSIONS,
    HF_NAMES_HEARTBEAT_MODES,
    HF_NAMES_SRTP_PROFILES,
    HF_NAMES_COUNT
} hf_names;

enum { HF_NAME_ROOM = 96 };

/* The registry's name; NULL: nobody has that value, or GREASE. */
const char *hf_name_of(hf_names names, uint64_t value);
/* For people: "x25519", "GREASE (0x2a2a), which means nothing and must be ignored", "unknown (0x1234)"; where the registry
   has 16-bit values hexadecimal has four digits, else two. Returns text. */
char *hf_code_text(hf_names names, uint64_t value, char text[HF_NAME_ROOM]);
/* True for the values that RFC 8701 reserves in that registry (one-byte ones of PSK modes too). */
bool hf_name_is_grease(hf_names names, uint64_t value);
/* How many bytes a value of that registry has on the wire: 1 or 2. */
size_t hf_names_width(hf_names names);
/* Records of that suite are authenticated, but not encrypted: "…_WITH_NULL_…", and RFC 9150's of TLS 1.3. */
bool hf_suite_is_null(uint16_t suite);
/* Row i of the registry, by value; NULL past its end. For docs and tests. */
const char *hf_name_row(hf_names names, size_t i, uint64_t *value);

#endif
