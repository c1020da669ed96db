/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Certificates: what a zero-copy parser finds in one, and the question that the handshake asks of a
 * chain: does it prove that the peer is who we meant, for this purpose, now? (RFC 5280, RFC 9525.)
 * Nothing is copied: spans point into the DER that was given, which must outlive the hf_cert.
 */
#ifndef HF_X509_H
#define HF_X509_H

#include "base/reader.h"
#include "crypto/signature.h"

enum {
    HF_CHAIN_MAX = 10,  /* certificates that a peer may send, and depth of a path */
    HF_POOL_MAX = 4096, /* certificates among which a path is looked for */
    HF_PATH_MAX = 16,   /* depth of a path, leaf and anchor included */
    HF_SIGNATURE_BUDGET =
        32, /* signature checks for one chain, in units of one P-256 or RSA-2048 check */
    HF_NAME_BUDGET = 250000, /* comparisons of names with constraints for one chain */
    HF_CERT_EXTENSIONS_MAX = 32,
    HF_CERT_SANS_MAX = 1024
};

typedef struct hf_sig_algorithm {
    hf_sig_kind kind;
    hf_hash_id hash;
} hf_sig_algorithm;

/* keyUsage bits as RFC 5280 4.2.1.3 numbers them: digitalSignature is 1u << 0, keyCertSign 1u << 5. */
enum {
    HF_KU_DIGITAL_SIGNATURE = 1u << 0,
    HF_KU_KEY_ENCIPHERMENT = 1u << 2,
    HF_KU_KEY_CERT_SIGN = 1u << 5,
    HF_KU_CRL_SIGN = 1u << 6
};
enum {
    HF_EKU_SERVER_AUTH = 1u << 0,
    HF_EKU_CLIENT_AUTH = 1u << 1,
    HF_EKU_ANY = 1u << 2,
    HF_EKU_OTHER = 1u << 3
};

/* Extensions that are understood, as bits of `has` and `critical`. */
typedef enum hf_cert_ext {
    HF_CX_SKI,
    HF_CX_AKI,
    HF_CX_KEY_USAGE,
    HF_CX_EKU,
    HF_CX_BASIC_CONSTRAINTS,
    HF_CX_SAN,
    HF_CX_NAME_CONSTRAINTS,
    HF_CX_POLICIES,
    HF_CX_POLICY_MAPPINGS,
    HF_CX_POLICY_CONSTRAINTS,
    HF_CX_INHIBIT_ANY_POLICY,
    HF_CX_CRL_POINTS,
    HF_CX_AIA,
    HF_CX_TLS_FEATURE,
    HF_CX_SCTS,
    HF_CX_COUNT
} hf_cert_ext;
#define HF_CX_BIT(ext) (1u << HF_CX_##ext)

typedef struct hf_cert {
    hf_span der, tbs, serial, issuer, subject, spki;
    int version;                   /* 3; another one only by hf_cert_look_at */
    int64_t not_before, not_after; /* seconds since 1970, both inclusive */
    hf_public_key key;
    hf_sig_algorithm signed_with;
    hf_span signature;
    bool has_basic_constraints, is_ca, has_key_usage, has_eku, self_issued;
    int path_len;       /* -1: none */
    uint16_t key_usage; /* HF_KU_… */
    uint8_t eku;        /* HF_EKU_… */
    hf_span san;        /* content of GeneralNames, empty: none */
    bool san_critical;
    hf_span ski, aki;       /* key identifiers */
    uint32_t has, critical; /* HF_CX_BIT(…) */
    bool aki_names_issuer;  /* authorityCertIssuer or -SerialNumber is there */
    bool must_staple;       /* RFC 7633: status_request */
    /* contents of extensions whose shape was checked; empty: not there */
    hf_span name_constraints, policies, policy_mappings, policy_constraints, inhibit_any_policy;
    hf_span crl_points, aia;
    bool unknown_critical; /* holds a critical extension that is not understood */
    hf_span unknown_critical_oid;
} hf_cert;

/* HF_E_CERT_DER, _VERSION, _SERIAL or _KEY_UNSUPPORTED, with offset and path in fault (which may be NULL). A signature
   algorithm that is not supported is HF_SIG_NONE: it matters only when that signature has to be verified. */
hf_error hf_cert_parse(hf_cert *cert, hf_span der, hf_fault *fault);
/* The same of any version, for who says what a certificate is and believes nothing of it: versions 1 and 2 have no extensions. */
hf_error hf_cert_look_at(hf_cert *cert, hf_span der);
/* The same, telling `sink` every tag, length and value on its way, up to the fault if there is one. */
hf_error hf_cert_explain(hf_span der, const hf_field_sink *sink, hf_fault *fault);

/* One name of a subjectAltName. */
typedef enum hf_san_kind {
    HF_SAN_DNS,
    HF_SAN_IP,
    HF_SAN_EMAIL,
    HF_SAN_URI,
    HF_SAN_OTHER
} hf_san_kind;
/* The next entry of cert->san; *rest starts as cert->san. False at the end (or at malformed DER). */
bool hf_san_next(hf_span *rest, hf_san_kind *kind, hf_span *name);

/* Reference identity against the SANs (RFC 9525 6): a DNS name (A-label, any case) or an IP address
   literal; a wildcard only as the whole left-most label; the common name is never looked at. */
bool hf_cert_matches(const hf_cert *cert, const char *name);
/* A DNS host name that may stand in server_name: letters, digits, hyphen, underscore, dots; no
   trailing dot, not an IP address. */
bool hf_is_host_name(hf_span name);
/* Parses "192.0.2.1" or "2001:db8::1": 4 or 16 bytes, or 0. */
size_t hf_parse_ip(const char *text, uint8_t out[16]);

/* RFC 4514 text of a Name: "CN=localhost, O=Example". Always NUL-terminated. */
void hf_name_text(hf_span name, char *out, size_t room);
/* 2026-11-21T10:00:00Z */
void hf_time_text(int64_t t, char out[24]);

/* ---- trust ---- */

/* Anchors, counted by reference; immutable once a config that holds it is sealed. hf_trust_new, _add_der, _free… stand in
   <handfast/config.h>. */
struct hf_trust;
size_t hf_trust_count(const hf_trust *trust);

/* ---- paths ---- */

/* What is known of the leaf's revocation, each an hf_status: by the staple alone, and by everything that was at hand. */
typedef struct hf_leaf_known {
    uint8_t staple, leaf;
} hf_leaf_known;

struct hf_path_result;
typedef struct hf_path_query {
    const hf_span *chain; /* as the peer sent it, leaf first */
    size_t n_chain;
    const hf_trust *trust;
    int64_t now;
    const char *name; /* reference identity, NULL: no name is checked (client certificates) */
    const char *const *emails; /* rfc822Names that must be there */
    size_t n_emails;
    uint16_t key_usage;    /* HF_KU_… that the leaf must also allow, 0: none */
    int max_intermediates; /* self-issued ones not counted; below 0: no limit but HF_PATH_MAX */
    uint8_t profile, revocation; /* as in hf_policy */
    hf_span staple;              /* an OCSPResponse for the leaf, empty: none */
    hf_leaf_known *known;        /* to be told; NULL: nobody asks */
    bool (*public_suffix)(void *user, const char *domain);
    void (*tried)(void *user, const struct hf_path_result *attempt);
    void *user, *tried_user;
    uint8_t purpose; /* HF_EKU_SERVER_AUTH or HF_EKU_CLIENT_AUTH */
    bool decrypts;   /* the leaf's key is to decrypt (static RSA), not to sign */
    bool
        undated; /* certificates may be of any time, to see what else is wrong; CRLs and staples may not */
    uint16_t rsa_min_bits, rsa_max_bits;
    uint16_t leaf_max_days; /* 0: any */
    const uint16_t
        *schemes; /* signature schemes that certificates may be signed with, 0-terminated */
    struct hf_blocks *blocks;        /* of this thread, for what the search needs; may be NULL */
    struct hf_path_account *account; /* x509/path_account.h: is told of every rule; NULL: nobody */
} hf_path_query;

typedef struct hf_path_result {
    size_t depth;              /* certificates in the path, leaf and anchor included */
    hf_span path[HF_PATH_MAX]; /* leaf first; the anchor's is in the trust store */
    size_t at;        /* failure: which certificate of the chain (0: leaf; n_chain: the anchor) */
    char detail[128]; /* failure: what was expected and found, in words */
    hf_error error;   /* of an attempt, for `tried` */
    unsigned signatures; /* that were checked */
} hf_path_result;

/* The validator: HF_OK, or the HF_E_CERT_… of the best explanation. */
hf_error hf_path_verify(const hf_path_query *query, hf_path_result *result);

#endif
