/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What was seen of one server: the only thing that inquiries write and that judges and reports read. Three states everywhere:
 * it is there, it is not there, or nobody could tell, and then why. Nothing here says what is good.
 */
#ifndef HF_AUDIT_SEEN_H
#define HF_AUDIT_SEEN_H

#include <handfast/verify.h>
#include "audit/codes.h"
#include "audit/flight.h"
#include "base/arena.h"
#include "x509/x509.h"

typedef enum hf_tri { HF_UNKNOWN, HF_ABSENT, HF_PRESENT } hf_tri;

/* ---- evidence: what was sent and what came, so that a finding can be checked by hand ---- */

enum { HF_EVIDENCE_MAX = 600, HF_EVIDENCE_BYTES = HF_FLIGHT_SHOWN, HF_EVIDENCE_WORDS = 200 };
typedef struct hf_evidence {
    const char *inquiry; /* who asked; static */
    char words
        [HF_EVIDENCE_WORDS]; /* "a hello with TLS 1.0 alone: ServerHello, TLS 1.0, TLS_RSA_…" */
    hf_span sent,
        received; /* the first bytes; empty: it was the engine's handshake, which is encrypted */
} hf_evidence;

/* ---- parts ---- */

typedef enum hf_seen_version_id {
    HF_V_SSL2,
    HF_V_SSL3,
    HF_V_TLS10,
    HF_V_TLS11,
    HF_V_TLS12,
    HF_V_TLS13,
    HF_V_COUNT
} hf_seen_version_id;

typedef enum hf_order { HF_ORDER_UNKNOWN, HF_ORDER_SERVER, HF_ORDER_CLIENT } hf_order;

/* Which hello a server took when it was asked whether it speaks a version. */
typedef enum hf_hello_form {
    HF_HELLO_USUAL, /* as a common client has it */
    HF_HELLO_ALL,   /* all suites, groups and schemes that there are */
    HF_HELLO_SMALL  /* a few old suites, and no extensions */
} hf_hello_form;

/* What a hello of a version was first answered with: the same one should have the same answer again. */
typedef struct hf_seen_answer {
    bool said; /* by TLS: a ServerHello of that version (taken), or a refusal in words */
    bool taken, retry, ems, encrypt_then_mac, renegotiation_info, heartbeat;
    uint16_t suite, group, scheme;
    size_t chain; /* the leaf's, counted from 1; one more than there are: unknown; 0: none came */
} hf_seen_answer;

typedef struct hf_seen_version {
    hf_tri spoken;
    bool
        served; /* PRESENT: by more than a HelloRetryRequest, which may come before the name counts */
    bool doubtful;   /* UNKNOWN: refused, in words that need not be about the version */
    size_t evidence; /* 0: none; hf_seen_evidence_at */
    char why[96];    /* UNKNOWN, or a list of suites that is not whole: why */
    hf_codes
        suites; /* in the server's order if there is one, else as found. SSL 2: first two bytes of its kinds */
    bool suites_whole; /* the list is complete */
    hf_order order;
    bool
        chacha_first_for_mobile; /* the server's order gives way to a client that puts ChaCha20 first */
    hf_codes groups;             /* ECDHE, or TLS 1.3; in the server's order if it has one */
    bool groups_whole;
    hf_order groups_order;
    hf_codes schemes; /* that the server signs with: TLS 1.2 and 1.3 */
    bool schemes_whole;
    hf_hello_form form; /* of the hello that it took, for later ones */
    hf_seen_answer first;
    uint8_t
        chains_open; /* 1u << hf_chain_kind: whether it has a chain for such keys is not known */
    size_t suite_evidence[HF_CODES_MAX]; /* of suites.at[i] */
} hf_seen_version;

typedef struct hf_trait {
    hf_tri state;
    uint32_t number; /* where the trait has one */
    size_t evidence;
    bool idle; /* UNKNOWN, for there is nothing that it could apply to: words say why */
    char words[HF_EVIDENCE_WORDS]; /* what more there is to say; UNKNOWN: why nobody can tell */
} hf_trait;

typedef enum hf_trait_id {
#define HF_TRAIT(id, ...) HF_TRAIT_##id,
#include "audit/traits.def"
#undef HF_TRAIT
    HF_TRAIT_COUNT
} hf_trait_id;
typedef struct hf_trait_row {
    const char *id, *title, *present, *absent;
} hf_trait_row;
extern const hf_trait_row hf_trait_rows[HF_TRAIT_COUNT];

typedef struct hf_seen_dh {
    unsigned bits;
    const char *
        name; /* of a well-known prime ("RFC 3526 group 14", "Oakley group 2, 1024 bits"); NULL: none */
    uint16_t version;
    size_t evidence;
    bool export_grade; /* below 768 bits, or of an export suite */
} hf_seen_dh;

typedef struct hf_chain_fault {
    hf_error error; /* HF_E_CERT_… */
    size_t at;      /* which certificate of the chain; its number for an anchor */
    char detail[128];
} hf_chain_fault;

/* A chain that the server shows; one a distinct leaf. */
enum {
    HF_SEEN_CHAINS = 8,
    HF_SEEN_DH = 8,
    HF_SEEN_TEXT = 512,
    HF_SEEN_ATTEMPTS = 8,
    HF_SEEN_FAULTS = 6
};
typedef struct hf_seen_chain {
    size_t n;
    hf_span der[HF_CHAIN_MAX]; /* leaf first, as it was sent; in the arena of the hf_seen */
    bool more;                 /* there were more than that */
    bool parsed;               /* leaf counts */
    hf_error
        parse_error; /* CERT_VERSION: it counts all the same, if it could be read beyond that */
    hf_cert leaf;
    char sans[1024];      /* "DNS:a.test, …", cut */
    char fingerprint[96]; /* SHA-256, hex with colons */
    uint16_t versions;    /* 1u << HF_V_…: seen in these */
    size_t evidence;
    bool judged;      /* the validator was asked: */
    hf_error verdict; /* HF_OK or HF_E_CERT_… */
    char detail[128];
    char why[4096];    /* the paths that were tried and why each was given up, a line each */
    size_t path_len;   /* verdict HF_OK: certificates in the path, anchor included */
    bool name_matches; /* the leaf holds the name that was asked for */
    bool missing_intermediate; /* the last link says where its issuer can be had: not sent */
    bool out_of_order, has_root, has_strangers; /* certificates that are no part of the path */
    unsigned weakest_bits;                      /* of RSA keys in the chain; 0: no RSA key */
    hf_hash_id weakest_hash;                    /* of signatures in the chain but a root's */
    bool sha1_signature, md5_signature;
    size_t n_scts_certificate, n_scts_staple, n_scts_handshake;
    hf_span staple; /* the OCSPResponse; empty: none came */
    hf_tri
        staple_good; /* usable and says good; ABSENT: it says revoked, or is expired, malformed …: staple_words */
    char staple_words[128];
    int64_t staple_this_update, staple_next_update; /* 0: not known */
    bool must_staple;
    /* All that is wrong with it: the verdict, then what the validator says once that is left aside, and so on. */
    hf_chain_fault faults[HF_SEEN_FAULTS];
    size_t n_faults;
    bool settled;     /* the faults are all: with them left aside the validator would say yes */
    bool status_good; /* a staple or a CRL says that the leaf is not revoked */
    /* Who issued the last certificate on the way up, if that one was neither sent nor is trusted; else "". Without
       missing_intermediate it may be an intermediate as well as a root that is not trusted here. */
    char missing_issuer[256];
    size_t weakest_at; /* the certificate with that RSA key: 0 is the leaf; and its subject */
    char weakest_subject[128];
} hf_seen_chain;

/* Key exchange values that came, the newest of them: enough to see whether one comes again. */
enum { HF_SEEN_SHARES = 64, HF_SEEN_SHARE_BYTES = 64 };
typedef struct hf_seen_share {
    uint16_t version, group; /* 0: DHE */
    uint8_t len, bytes[HF_SEEN_SHARE_BYTES];
} hf_seen_share;

typedef struct hf_seen_http {
    int status;                /* of GET / over TLS; 0: no answer */
    char server[HF_SEEN_TEXT]; /* header values, control characters made visible */
    char location[HF_SEEN_TEXT];
    char hsts[HF_SEEN_TEXT]; /* the header as it came */
    bool hsts_subdomains, hsts_preload, hsts_malformed;
    int plain_status; /* of GET / without TLS; 0: no answer or not asked */
    uint16_t plain_port;
    char plain_location[HF_SEEN_TEXT];
    char headers[2048];         /* security headers that were there, a line each */
    char cookies[HF_SEEN_TEXT]; /* names of cookies without Secure */
} hf_seen_http;

/* ---- the whole ---- */

typedef struct hf_seen {
    hf_arena arena; /* what spans point to */
    /* who was asked */
    char host[256], name[256], address[80], starttls[16];
    uint16_t port;
    int64_t started;      /* seconds since 1970 */
    double seconds;       /* that it took */
    unsigned connections; /* that were made, of which failed to come about: */
    unsigned unreachable;
    bool reached; /* at least one answer that is TLS */
    char trouble
        [HF_SEEN_TEXT]; /* why not, or why it ended early: a limit, the time; "": all was asked */
    bool cut;           /* it ended before all was asked … */
    bool shut; /* … since no handshake came about, and alerts said so that may be about the name */
    bool declined;        /* such an alert came to a hello that asked for a version */
    char uncertified[96]; /* what came where a certificate was due, the last time; "": nothing */
    bool
        chains_stalled; /* a kind of key's chain was asked for, and nothing came in time: chains_open says which */

    hf_seen_version v[HF_V_COUNT];
    hf_trait traits[HF_TRAIT_COUNT];
    hf_seen_share shares[HF_SEEN_SHARES];
    size_t n_shares; /* that came; the i-th is shares[i % HF_SEEN_SHARES] */
    hf_seen_dh dh[HF_SEEN_DH];
    size_t n_dh;
    hf_seen_chain chains[HF_SEEN_CHAINS];
    size_t n_chains;
    char alpn[256];         /* protocols that are spoken, "h2, http/1.1" */
    bool alpn_whole;        /* each that is asked for was answered */
    size_t n_authorities;   /* CAs named in a CertificateRequest */
    char authorities[1024]; /* their names, a line each, cut */
    hf_seen_http http;

    hf_evidence *evidence[HF_EVIDENCE_MAX]; /* 1-based numbers: evidence[i - 1] */
    size_t n_evidence;
} hf_seen;

hf_seen *hf_seen_new(void); /* NULL: no memory */
void hf_seen_free(hf_seen *seen);
/* Copies; cut at the limits above. Returns its number, 0 if there is no room for more. words: at most a line. */
size_t hf_seen_evidence(hf_seen *seen, const char *inquiry, hf_span sent, hf_span received,
                        const char *words, ...) HF_PRINTF(5, 6);
const hf_evidence *hf_seen_evidence_at(const hf_seen *seen, size_t number); /* NULL: none */
/* Sets it, unless it is PRESENT already. words: may be "". */
void hf_seen_trait(hf_seen *seen, hf_trait_id id, hf_tri state, size_t evidence, const char *words,
                   ...) HF_PRINTF(5, 6);
/* It does not apply, unless something is known of it. */
void hf_seen_idle(hf_seen *seen, hf_trait_id id, const char *why);
/* "TLS 1.2" and its code point; and back (HF_V_COUNT: none). */
const char *hf_seen_version_name(hf_seen_version_id id);
uint16_t hf_seen_version_code(hf_seen_version_id id);
hf_seen_version_id hf_seen_version_of(uint16_t code);
/* The newest version that is spoken; HF_V_COUNT: none. */
hf_seen_version_id hf_seen_newest(const hf_seen *seen);
bool hf_seen_speaks(const hf_seen *seen, hf_seen_version_id id);
/* Of SSL 3.0 to TLS 1.2 it is known which are spoken, and all of their suites: what is not among them is not there. */
bool hf_seen_older_whole(const hf_seen *seen);
/* The chain with that leaf: there already, or made anew (DER is copied, parsed, fingerprinted; not judged). NULL: no room, or n is 0. */
hf_seen_chain *hf_seen_chain_of(hf_seen *seen, const hf_span *der, size_t n, bool more,
                                hf_seen_version_id version, size_t evidence);

/* What came to a hello of that version, its certificates being known to the hf_seen. */
hf_seen_answer hf_seen_answer_of(const hf_seen *seen, const hf_flight *flight, uint16_t version);

/* A ServerHello, or an SSL 2.0 SERVER-HELLO, came: the version was spoken. */
static inline bool hf_flight_took(const hf_flight *flight, uint16_t version)
{
    return flight->hello && flight->version == version;
}

#endif
