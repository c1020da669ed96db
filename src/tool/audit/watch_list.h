/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The FILE of `handfast watch`: a line a thing to watch. A line is an argument list of `handfast audit`, read by the same code, or
 * `cert FILE…`. A mistake is told with its line before anybody is asked anything.
 */
#ifndef HF_TOOL_AUDIT_WATCH_LIST_H
#define HF_TOOL_AUDIT_WATCH_LIST_H

#include "tool/audit/plan.h"
#include "tool/audit/targets.h"

enum { HF_WATCH_LINES_MAX = 10000, HF_WATCH_WORDS_MAX = 200 /* of a line */ };

typedef struct hf_watch_line {
    unsigned number;
    char *text, **words; /* the words stand in text */
    size_t n_words;
    bool files;          /* words are paths: `cert` itself is not among them */
    hf_audit_options *o; /* else these */
    hf_audit_plan plan;  /* books; no trust */
    hf_audit_list list;
} hf_watch_line;

typedef struct hf_watch_list {
    char *file, *path; /* as given; and the whole of it, by which its states know it */
    hf_watch_line *at;
    size_t n, room, n_targets, n_files;
    bool swept; /* states of what left it are gone (watch_left.h) */
} hf_watch_list;

/* An exit code, after it said what is wrong. hf_watch_list_free in any case. */
int hf_watch_list_read(const hf_watch_options *options, hf_watch_list *list);
void hf_watch_list_free(hf_watch_list *list);

/* What a target's state goes by: who is asked, and by which name; books and patience may change. */
enum { HF_WATCH_KEY_ROOM = 1200 };
void hf_watch_key(const hf_audit_job *job, char key[HF_WATCH_KEY_ROOM]);
/* How people call it: with the name that is asked for, if it is another. */
enum { HF_WATCH_WHAT_ROOM = 2 * HF_HOST_MAX + 32 };
void hf_watch_what(const hf_audit_job *job, char what[HF_WATCH_WHAT_ROOM]);
/* The two lines can be audited in one run: trust, books and pace are the same. */
bool hf_watch_lines_alike(const hf_watch_line *a, const hf_watch_line *b);

#endif
