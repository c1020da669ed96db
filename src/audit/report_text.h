/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The parts of the report for a terminal, for report_text*.c alone. */
#ifndef HF_AUDIT_REPORT_TEXT_H
#define HF_AUDIT_REPORT_TEXT_H

#include "audit/report_parts.h"
#include "explain/text_pen.h"

enum {
    HF_TEXT_INDENT = 2,
    HF_TEXT_BESIDE = 14,
    HF_TEXT_FINDING = 10 /* where a finding's text begins, behind its severity */
};

/* A fix that is told, and those that say the same. */
typedef struct hf_text_fix_row {
    const hf_fix *fix;
    size_t first;   /* of the list: there it is told in full */
    size_t last;    /* where it was told last, counted from 1 */
    bool has_rival; /* the same words with other settings stand in the table, too */
} hf_text_fix_row;
enum { HF_TEXT_FIXES = 512 };

typedef struct hf_text_report {
    const hf_audit *audit;
    const hf_seen *seen;
    const hf_report_view *view;
    hf_pen pen;
    hf_text_fix_row fixes[HF_TEXT_FIXES]; /* hf_text_fixes_begin */
    size_t n_fixes, n_settings;           /* n_settings: that have settings, each its set's first */
} hf_text_report;

/* The sheet's text, "" if there is none; that it failed is the report's failure, too. */
const char *hf_text_of(hf_pen *pen, const hf_sheet *sheet);
void hf_text_title(hf_text_report *report, const char *title);
/* A row "title  text" of what was seen. */
void hf_text_row(hf_text_report *report, const char *title, const char *text);
/* Gives the sheet's text to hf_text_row, and frees it. */
void hf_text_sheet_row(hf_text_report *report, const char *title, hf_sheet *text);

/* A row of a finding. */
void hf_text_beside(hf_text_report *report, const char *title, const char *text);
void hf_text_sheet_beside(hf_text_report *report, const char *title, hf_sheet *text);
/* What to do about that one of the list. First of all which fixes there are; and, behind all, what there is to say of settings. */
void hf_text_fixes_begin(hf_text_report *report, const hf_told_list *list);
void hf_text_fix(hf_text_report *report, const hf_told_list *list, size_t at);
void hf_text_fixes_end(hf_text_report *report);

void hf_text_findings(hf_text_report *report);
void hf_text_seen(hf_text_report *report);
void hf_text_chains(hf_text_report *report);
void hf_text_unseen(hf_text_report *report);
void hf_text_change(hf_text_report *report);

#endif
