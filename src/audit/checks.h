/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a check is asked with: a rule and what was seen. It answers by saying what it found, that nobody could tell, or nothing,
 * which means that the rule is kept. Whether a check applies at all (`where`) is settled before it is asked.
 */
#ifndef HF_AUDIT_CHECKS_H
#define HF_AUDIT_CHECKS_H

#include "audit/judge.h"

/* When a check applies; otherwise its rule is IDLE. */
typedef enum hf_where {
    HF_ANYWHERE,
    HF_IN_12,             /* TLS 1.2 or older is spoken */
    HF_IN_13,             /* TLS 1.3 is spoken */
    HF_WITH_CBC,          /* a suite with CBC is */
    HF_WITH_RSA_KX,       /* a suite with RSA key transport is */
    HF_WITH_FALLBACK,     /* two versions are, of which one is TLS 1.2 or older */
    HF_WITH_OLD_FALLBACK, /* TLS 1.1 or older is spoken, and another version, but not TLS 1.3 */
    HF_WITH_CHAIN,        /* certificates were shown */
    HF_WITH_HTTP,         /* HTTP over TLS was answered */
    HF_WITH_PLAIN_HTTP,   /* HTTP without TLS was answered */
    HF_WITH_SESSIONS      /* tickets or session ids resume */
} hf_where;

typedef struct hf_case {
    hf_judgement *to; /* findings go there */
    hf_judged_rule *row;
    const hf_rule *rule;
    const hf_seen *seen;
    int64_t now;
    uint16_t codes[HF_RULE_CODES_MAX]; /* the rule's, wherever they stand */
    size_t n_codes;
    uint32_t number;
    size_t room; /* for findings */
    const char *
        source; /* of what is found next, where the rule's own speaks of more than that; else NULL */
    bool no_memory;
} hf_case;

/* Something is wrong. key and words as in hf_finding. */
void hf_case_found(hf_case *c, const char *key, size_t evidence, const char *words, ...)
    HF_PRINTF(4, 5);
/* The same, but no graver than that. */
void hf_case_found_at_most(hf_case *c, hf_severity most, const char *key, size_t evidence,
                           const char *words, ...) HF_PRINTF(5, 6);
/* Nobody could tell: the first reason is kept. */
void hf_case_unseen(hf_case *c, const char *why, ...) HF_PRINTF(2, 3);
/* There may be more than was looked at; of the verdict it says nothing. */
void hf_case_partial(hf_case *c, const char *why, ...) HF_PRINTF(2, 3);
/* It does not apply, as it turned out. */
void hf_case_idle(hf_case *c, const char *why, ...) HF_PRINTF(2, 3);
/* The same by a trait that is UNKNOWN: idle if it is. */
void hf_case_unknown(hf_case *c, const hf_trait *trait);
bool hf_case_lists(const hf_case *c, uint16_t code);

/* ---- what checks ask of hf_seen ---- */

/* PRESENT: `where` holds. ABSENT, UNKNOWN: why not, or why nobody can tell. */
hf_tri hf_where_holds(hf_where where, const hf_seen *seen, char why[160]);
/* Suites of all versions but SSL 2.0, each once: calls back with its first evidence and the versions as bits 1u << HF_V_…. */
typedef void hf_suite_visit(void *user, uint16_t suite, unsigned versions, size_t evidence);
void hf_each_suite(const hf_seen *seen, unsigned versions, hf_suite_visit *visit, void *user);
/* "tls10", "ssl2": for keys of findings. */
const char *hf_version_key(hf_seen_version_id id);
/* "TLS 1.0, TLS 1.2" */
enum { HF_VERSIONS_TEXT = 64 };
char *hf_versions_text(unsigned versions, char text[HF_VERSIONS_TEXT]);
/* Versions that the book refuses anyway, as bits: their lists go with them, and only what is weak in those is told. */
unsigned hf_versions_refused(const hf_book *book);
/* False: a spoken version's list is not whole, or whether one is spoken is not known. */
bool hf_suites_whole(const hf_seen *seen, unsigned versions);
/* Unseen, unless they are whole; idle where no version is spoken that could have any. */
void hf_case_needs_suites(hf_case *c, unsigned versions);
bool hf_speaks_suite_of(const hf_seen *seen, unsigned versions, uint32_t classes);
/* A name for a chain that stays the same when the certificate is renewed: "rsa", "p256", "rsa-2". */
enum { HF_CHAIN_KEY = 24 };
char *hf_chain_key(const hf_seen *seen, size_t i, char key[HF_CHAIN_KEY]);

/* Calls back for each chain with its key; or only for those whose leaf could be read, the others being unseen. */
typedef void hf_chain_look(hf_case *c, const hf_seen_chain *chain, const char *key);
void hf_each_chain(hf_case *c, hf_chain_look *look);
void hf_each_leaf(hf_case *c, hf_chain_look *look);
/* Unseen, unless all certificates up to a trusted CA or to a root are there; for what is good as far as they are. */
void hf_all_sent(hf_case *c, const hf_seen_chain *chain, const char *key);

/* Families of suites, by name: bits for suites-refused. */
enum {
    HF_CLASS_NULL = 1u << 0,
    HF_CLASS_ANON = 1u << 1,
    HF_CLASS_EXPORT = 1u << 2,
    HF_CLASS_RC4 = 1u << 3,
    HF_CLASS_DES = 1u << 4, /* DES and RC2, also with 40 bits */
    HF_CLASS_3DES = 1u << 5,
    HF_CLASS_CBC = 1u << 6,
    HF_CLASS_RSA_KX = 1u << 7, /* the premaster secret is encrypted to the certificate's key */
    HF_CLASS_STATIC_DH = 1u << 8,
    HF_CLASS_NO_FS = 1u << 9, /* those two, and what has no fresh exchange at all */
    HF_CLASS_DSS = 1u << 10,
    HF_CLASS_MD5 = 1u << 11,
    HF_CLASS_BLOCK64 = 1u << 12,   /* blocks of 64 bits: 3DES, DES, RC2, IDEA, GOST 28147 */
    HF_CLASS_SHORT_TAG = 1u << 13, /* CCM_8 */
    HF_CLASS_PSK = 1u << 14,
    HF_CLASS_DHE = 1u << 15, /* finite fields */
    HF_CLASS_UNUSUAL =
        1u << 16, /* Kerberos, SRP, Fortezza, GOST: whatever nobody needs on the Internet */
    HF_CLASS_SHA1 = 1u << 17 /* HMAC-SHA-1 */
};
uint32_t hf_classes_of(uint16_t suite);
/* "RC4", "no forward secrecy": of the lowest bit. */
const char *hf_class_words(uint32_t classes);

/* Of a classical and a post-quantum part, as RFC 10024 and its like have it. */
bool hf_group_is_hybrid(uint16_t group);

/* One function a check; those of one trait share two. */
typedef enum hf_check_at {
#define HF_CHECK(symbol, ...)       HF_CHECK_##symbol,
#define HF_CHECK_TRAIT(symbol, ...) HF_CHECK_##symbol,
#include "audit/checks.def"
#undef HF_CHECK
#undef HF_CHECK_TRAIT
    HF_CHECK_COUNT
} hf_check_at;
extern const hf_check hf_check_rows[HF_CHECK_COUNT];
typedef enum hf_fix_at_row {
#define HF_FIX(symbol, ...) HF_FIX_##symbol,
#include "audit/fixes.def"
#undef HF_FIX
    HF_FIX_COUNT
} hf_fix_at_row;
extern const hf_fix hf_fixes_default[HF_FIX_COUNT]; /* as the book `default` has them */
#define HF_CHECK(symbol, ...) void hf_check_##symbol(hf_case *c);
#define HF_CHECK_TRAIT(symbol, ...)
#include "audit/checks.def"
#undef HF_CHECK
#undef HF_CHECK_TRAIT
void hf_check_trait_wanted(hf_case *c);
void hf_check_trait_refused(hf_case *c);

#endif
