/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * An audit, told: for a terminal, as JSON (handfast.audit/1, docs/audit.md), as a page, as SARIF 2.1.0 and as JUnit XML. All of them from
 * the same two things, what was seen and what the books say of it. None opens a file.
 */
#ifndef HF_AUDIT_REPORT_H
#define HF_AUDIT_REPORT_H

#include <jansson.h>

#include "audit/judge.h"
#include "explain/outputs.h"

enum { HF_AUDIT_BOOKS_MAX = 12 };

/* One target. */
typedef struct hf_audit {
    hf_seen *seen;
    size_t n; /* books */
    hf_judgement *judged[HF_AUDIT_BOOKS_MAX];
    struct hf_audit_change *change; /* --baseline: NULL: none was given */
} hf_audit;

/* A finding that was there in other words, or more or less grave. */
typedef struct hf_updated {
    const hf_finding *finding;
    char *was; /* "note: HSTS is …"; owned */
} hf_updated;

/* What differs from an earlier report: findings that are new, those that are told otherwise, and those that are gone, by policy, rule and
   key; and facts (versions, certificates) that changed, in words. All findings of a policy that the earlier one was not judged by are
   new. */
enum { HF_CHANGES_MAX = 256, HF_ABSENT_MAX = 2048 };
typedef struct hf_audit_change {
    bool known;  /* the target is in the baseline */
    bool failed; /* while it is made: there was no memory for a part of it */
    size_t n_new, n_updated, n_gone, n_facts;
    const hf_finding **fresh; /* all of them; owned */
    bool *first_sight;   /* of each of those: the baseline could not see all of its rule; owned */
    hf_updated *updated; /* all of them; owned */
    json_t *absent;      /* those gone, as the baseline has them: at most HF_ABSENT_MAX */
    bool book_is_new[HF_AUDIT_BOOKS_MAX];               /* the baseline was not judged by it */
    char *gone[HF_CHANGES_MAX], *facts[HF_CHANGES_MAX]; /* a line each; owned */
    size_t n_unseen; /* so many of the facts, the first ones, say what could not be compared … */
    size_t certificates, n_certificates; /* … and so many, from there on, speak of certificates */
} hf_audit_change;

typedef struct hf_report_view {
    bool colour;
    bool why;            /* the paths that the validator tried */
    bool all;            /* rules that are kept, too */
    unsigned width;      /* 0: 80 */
    const char *command; /* for the page: what was run */
} hf_report_view;

/* A target's page on a terminal: verdict, findings by severity with rule and fix, then what was seen. With `change`: what changed alone. */
hf_error hf_report_text(const hf_audit *audit, const hf_report_view *view, hf_sheet *out);
/* The others tell all targets at once. */
json_t *hf_report_json(const hf_audit *const *audits, size_t n);
hf_error hf_report_html(const hf_audit *const *audits, size_t n, const hf_report_view *view,
                        hf_sheet *out);
hf_error hf_report_sarif(const hf_audit *const *audits, size_t n, hf_sheet *out);
hf_error hf_report_junit(const hf_audit *const *audits, size_t n, hf_sheet *out);

/* baseline: a report of hf_report_json. Fills audit->change in. HF_OK; HF_E_TRACE_… is never said: false and why on a wrong file. */
bool hf_audit_compare(hf_audit *audit, const json_t *baseline, char why[HF_WHY_ROOM]);
/* Before anything is asked: it is such a report; false and why if not. */
bool hf_audit_is_report(const json_t *baseline, char why[HF_WHY_ROOM]);
void hf_audit_change_free(struct hf_audit_change *change);

#endif
