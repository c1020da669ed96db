/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What several forms of the report share: findings that are told once though several books have them, counts, names of a target,
 * marks of suites, dates in words. For report*.c alone.
 */
#ifndef HF_AUDIT_REPORT_PARTS_H
#define HF_AUDIT_REPORT_PARTS_H

#include "audit/report.h"

enum { HF_SEVERITIES = HF_SEVERITY_CRITICAL + 1 };

/* ---- findings, told once ---- */

enum { HF_TOLD_BY = 2 * HF_AUDIT_BOOKS_MAX };
typedef struct hf_told {
    size_t set;                /* the same number: found by the same rules */
    const hf_finding *finding; /* of the book that takes it gravest */
    hf_severity severity;      /* that book's */
    size_t n; /* rules that find it, and nothing else than the others of its set … */
    struct {
        const hf_book *book;
        const hf_finding *finding;
    } by[HF_TOLD_BY]; /* … the first of them */
    bool fresh;       /* not in the baseline, … */
    bool updated;     /* … or in it in other words: of one of them */
} hf_told;

/* All that a rule finds in one, together with the rules that find just the same; by the gravest of each. */
typedef struct hf_told_list {
    hf_told *at;
    size_t n;
} hf_told_list;
bool hf_told_make(const hf_audit *audit, hf_told_list *list); /* false: no memory */
/* Those that are wanted; book: which of the audit's. */
typedef bool hf_told_wanted(const hf_audit *audit, size_t book, const hf_finding *finding);
bool hf_told_pick(const hf_audit *audit, hf_told_wanted *wanted, hf_told_list *list);
/* Beside a baseline: it is not in it; it is, in other words or more or less grave. Without one: neither. */
hf_told_wanted hf_finding_is_new, hf_finding_is_updated;
/* New, and the baseline could not have seen it: it may have been there. */
bool hf_finding_is_first_sight(const hf_audit *audit, const hf_finding *finding);
const hf_updated *hf_finding_update(const hf_audit *audit,
                                    const hf_finding *finding);              /* NULL: no */
bool hf_finding_is_graver(const hf_audit *audit, const hf_finding *finding); /* than it was */
/* Something above a note is wrong that the baseline does not have, or has as less grave. Without a baseline: anything above a note. */
bool hf_audit_is_worse(const hf_audit *audit);
void hf_told_free(hf_told_list *list);
/* How many from `first` on are found by the same rules: several things wrong in the same way, which are told together. */
size_t hf_told_run(const hf_told_list *list, size_t first);
/* What several are called together: "Suites without forward secrecy", or the check's title. */
const char *hf_told_title(const hf_told *told, size_t n);
/* Above those that are wrong for no other reason than that, or for the reason behind "): " in hf_finding.what; "": there is none. */
const char *hf_told_reason(const hf_told *told, size_t n, size_t i);
/* What shows it, where the words of its evidence tell of no more than the connection; "": they tell enough. */
enum { HF_SHOWN_ROOM = 600 };
char *hf_finding_shown(const hf_seen *seen, const hf_finding *finding, char text[HF_SHOWN_ROOM]);

/* ---- what went, since a baseline ---- */

/* All that is of one check, as the baseline has it. */
typedef struct hf_gone {
    const json_t *first;
    const char *severity; /* the first one's */
    size_t n;             /* different things */
} hf_gone;
/* The next one, from *next = 0 on. False: there is no more. */
bool hf_gone_next(const hf_audit *audit, size_t *next, hf_gone *gone);
/* "A is accepted; B …; and 38 more (default, modern)" */
void hf_gone_words(const hf_audit *audit, const hf_gone *gone, hf_sheet *out);
json_t *hf_gone_policies(const hf_audit *audit, const hf_gone *gone); /* an array of names; owned */

/* ---- counts ---- */

typedef struct hf_audit_counts {
    size_t findings[HF_SEVERITIES];
    size_t broken
        [HF_SEVERITIES]; /* rules, by their gravest finding; NOTE: broken by none, but with a note */
    size_t rules[HF_RULE_IDLE + 1];
} hf_audit_counts;
hf_audit_counts hf_audit_count(const hf_judgement *judgement);
/* Of rules: "1 critical, 3 high and 2 low"; "" if none is broken. */
enum { HF_COUNTS_ROOM = 128 };
char *hf_counts_words(const hf_audit_counts *counts, char text[HF_COUNTS_ROOM]);
/* "unreachable", "broken", "notes" (nothing worse), "kept": of all books, by which the exit code goes. */
/* What to try where no handshake came about, perhaps for its name; "": it is not so. */
const char *hf_audit_next(const hf_seen *seen);
const char *hf_audit_verdict(const hf_audit *audit);
/* What is wrong with it is no more than notes, which break nothing. */
bool hf_rule_is_noted(const hf_judgement *judgement, const hf_judged_rule *rule);
const char *hf_verdict_word(hf_verdict verdict); /* "kept", "broken", "unseen", "idle" */

/* ---- names and words ---- */

/* A policy that connections keep, too: its edition is its date. */
bool hf_book_is_ours(const hf_book *book);
/* The sentence of its `about` that says how far its source was read; nothing if there is none. */
void hf_book_limits(const hf_book *book, hf_sheet *out);

/* "example.org:443", "[2001:db8::1]:443". */
enum { HF_AUDIT_TARGET_ROOM = 300 };
char *hf_audit_target(const hf_seen *seen, char text[HF_AUDIT_TARGET_ROOM]);
/* The name that was asked for, if it is not the host itself; "" else. */
const char *hf_audit_other_name(const hf_seen *seen);
/* The address that was dialled says more than the target. */
bool hf_audit_other_address(const hf_seen *seen, const char *target);
/* What is worth knowing of a suite at a glance: "static RSA", "CBC", … Returns how many. */
enum { HF_SUITE_MARKS = 8 };
size_t hf_suite_marks(hf_seen_version_id version, uint16_t suite,
                      const char *marks[HF_SUITE_MARKS]);
/* Its name; SSL 2.0 has a registry of its own. Returns text. */
char *hf_suite_text(hf_seen_version_id version, uint16_t suite, char text[HF_NAME_ROOM]);
/* Where the reason begins in "NAME is accepted (TLS 1.2): no forward secrecy", at ": "; its end if there is none. */
const char *hf_reason_in(const char *what);
bool hf_told_same_reason(const hf_told *a, const hf_told *b);
/* No other before it has its reason. */
bool hf_told_is_first(const hf_told *told, size_t i);
/* "in 43 days (2027-01-04)", "12 days ago (2026-11-10)". */
enum { HF_WHEN_ROOM = 64 };
char *hf_when_words(int64_t then, int64_t now, char text[HF_WHEN_ROOM]);
const char *hf_tri_word(hf_tri tri);       /* "present", "absent", "unknown" */
const char *hf_order_word(hf_order order); /* "server", "client", "unknown" */
const char *hf_trait_words(const hf_seen *seen, hf_trait_id id); /* what its state means */
/* The header, or that there is none; "": there need be none. */
const char *hf_hsts_words(const hf_seen *seen);

/* The fix's settings, by server: rows 0 to 3; NULL past the end. setting: NULL: there is none there. */
typedef struct hf_fix_row {
    const char *server;
    const hf_fix_setting *setting;
} hf_fix_row;
enum { HF_FIX_SERVERS = 4 };
hf_fix_row hf_fix_at(const hf_fix *fix, size_t i);
/* The next of its lines, from *at = setting->lines on; without bytes: there is no more. */
hf_span hf_fix_line(const char **at);
/* Of a server that has one: "nginx, http …:", a line for each that is copied, and words in brackets, all behind `indent`. */
void hf_fix_put(hf_fix_row row, const char *indent, hf_sheet *out);
/* Which of them the Server header names; HF_FIX_SERVERS: none. */
size_t hf_fix_server(const hf_seen *seen);

#endif
