/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Rule books, and what they say of what was seen. A book (books/NAME.def) is data: a title, an edition, a date, where its text
 * stands, and rules; each rule names a check (checks.def), what it allows, how grave it is when it is broken, and the section of the
 * source. A check is a question to an hf_seen, answered by one function; whether the answer is good is the book's affair.
 */
#ifndef HF_AUDIT_JUDGE_H
#define HF_AUDIT_JUDGE_H

#include "audit/seen.h"

typedef enum hf_severity {
    HF_SEVERITY_NOTE,
    HF_SEVERITY_LOW,
    HF_SEVERITY_MEDIUM,
    HF_SEVERITY_HIGH,
    HF_SEVERITY_CRITICAL
} hf_severity;
const char *hf_severity_word(hf_severity severity); /* "high" */

/* KEPT and BROKEN were seen; UNSEEN: nobody could tell; IDLE: it does not apply (no TLS 1.2, so no rule of its suites). */
typedef enum hf_verdict { HF_RULE_KEPT, HF_RULE_BROKEN, HF_RULE_UNSEEN, HF_RULE_IDLE } hf_verdict;

/* What a server is told; neither lines nor words: there is no such setting there. */
typedef struct hf_fix_setting {
    const char *place; /* "global", "server block of TLS"; NULL: wherever such settings stand */
    const char *lines; /* as they are copied, newlines between them; NULL: nothing to copy */
    const char *words; /* what to know beside them, or in their place; NULL: nothing */
} hf_fix_setting;

/* A fix in words, and for each server whose setting it is. */
typedef struct hf_fix {
    const char *what; /* for everybody: "take TLS 1.0 and 1.1 out of the versions" */
    hf_fix_setting nginx, haproxy, apache, handfast;
} hf_fix;

struct hf_case; /* checks.h */
typedef struct hf_check {
    const char *id;    /* "versions-refused" */
    const char *title; /* "Versions that must not be spoken" */
    const hf_fix *fix; /* as the book `default` has it; a rule's own is better */
    void (*ask)(struct hf_case *);
    uint8_t where;     /* hf_where: when it applies at all */
    uint8_t trait;     /* of checks that look at one trait: hf_trait_id … */
    const char *wrong; /* … and what is wrong if it is not as it must be; else NULL */
} hf_check;
/* When its findings are less grave than the rule, as a sentence; NULL: never. */
const char *hf_check_milder(const hf_check *check);
/* Row i of checks.def, NULL past the end. */
const hf_check *hf_check_row(size_t i);

/* Where a rule's list or number stands if not in the rule itself: in the hf_policy of the book. */
typedef enum hf_rule_from {
    HF_FROM_RULE,
    HF_FROM_VERSIONS, /* codes: versions that the policy does not have */
    HF_FROM_SUITES,
    HF_FROM_GROUPS,
    HF_FROM_SCHEMES,
    HF_FROM_RSA_BITS,       /* number: rsa_min_bits */
    HF_FROM_SESSION_SECONDS /* number: session_seconds */
} hf_rule_from;

typedef struct hf_rule {
    const hf_check *check;
    hf_severity severity;
    const char *id;      /* "nist-800-52r2/versions-refused", unique */
    const char *section; /* with its document: "SP 800-52r2 3.1", "CVE-2014-0160; RFC 6520 4" */
    const char *
        demands; /* in our words: "Government-only servers shall not speak TLS 1.1, 1.0, SSL 3.0 or 2.0" */
    const uint16_t *codes; /* the check's list; NULL: none */
    size_t n_codes;
    uint32_t number;   /* the check's number */
    const hf_fix *fix; /* the check's, with the lists of this book */
    uint8_t from; /* hf_rule_from: use hf_rule_codes and hf_rule_number instead of the fields */
} hf_rule;

typedef struct hf_book {
    const char *name;                             /* --policy's: "nist-800-52r2" */
    const char *title, *edition, *dated, *source; /* source: URL */
    const char *about; /* one or two sentences: whom it binds, what it is silent about */
    const char
        *gdpr; /* how its rules stand to Article 32's "state of the art"; NULL: nothing to say */
    const hf_rule *rules;
    size_t n_rules;
    const char *policy; /* the hf_policy that it takes lists from; NULL: it has its own */
} hf_book;

/* A rule's list and number, wherever they stand. Versions are those of hf_seen_version_code. */
enum { HF_RULE_CODES_MAX = 64 };
size_t hf_rule_codes(const hf_book *book, const hf_rule *rule, uint16_t codes[HF_RULE_CODES_MAX]);
uint32_t hf_rule_number(const hf_book *book, const hf_rule *rule);

/* By --policy's word (also with its date, as in hf_policy_named); NULL: unknown. Row i, NULL past the end. */
const hf_book *hf_book_named(const char *name);
const hf_book *hf_book_row(size_t i);

/* One thing that is wrong, or worth a note. */
enum { HF_FINDING_WORDS = 400 };
typedef struct hf_finding {
    const hf_rule *rule;
    hf_severity severity; /* the rule's, or less where the check says so */
    char key
        [64]; /* what of it: "tls10", "0x0005", "chain-1": stable from run to run, for --baseline; "" if there is only one */
    char what[HF_FINDING_WORDS]; /* "TLS 1.0 is spoken" */
    char section
        [96]; /* that is broken, where it is not the rule's; "": it is (hf_finding_section) */
    size_t evidence; /* hf_seen_evidence_at; 0: none */
} hf_finding;

const char *hf_finding_section(const hf_finding *finding);

typedef struct hf_judged_rule {
    const hf_rule *rule;
    hf_verdict verdict;
    char why[160]; /* UNSEEN, IDLE: why */
    char partial
        [160]; /* why not all that it looks at could be seen, whatever the verdict; "": it could */
    size_t first, n; /* of findings */
} hf_judged_rule;

typedef struct hf_judgement {
    const hf_book *book;
    hf_judged_rule *rules;
    size_t n_rules;
    hf_finding *findings; /* in the order of rules; reports sort */
    size_t n_findings;
    bool broken; /* a finding above NOTE */
} hf_judgement;

enum { HF_FINDINGS_MAX = 512 /* of one book; what is more is told as one */ };
/* now: seconds since 1970. NULL: no memory. */
hf_judgement *hf_judge(const hf_book *book, const hf_seen *seen, int64_t now);
void hf_judgement_free(hf_judgement *judgement);

#endif
