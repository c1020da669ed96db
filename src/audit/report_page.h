/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The parts of an audit's page, for report_html*.c alone. Everything is written by src/explain/markup.h, which escapes what is
 * put into its markup; the style is that of the trace's page with page.css of this folder behind it. There is no script.
 */
#ifndef HF_AUDIT_REPORT_PAGE_H
#define HF_AUDIT_REPORT_PAGE_H

#include "audit/report_parts.h"
#include "explain/markup.h"

/* page.css, which the build makes an array of. */
extern const hf_span hf_audit_css;

enum { HF_AUDIT_PAGE_FULL = 16 << 20 /* bytes of the page from which on evidence is left out */ };

typedef struct hf_audit_page {
    hf_sheet *out;
    const hf_audit *const *audits;
    size_t n;
    const hf_report_view *view;
    const hf_audit *audit; /* the one that is told of … */
    const hf_seen *seen;
    size_t number; /* … and its number, in front of every id: "t1-findings" */
} hf_audit_page;

void hf_ap_verdict(hf_audit_page *page);
void hf_ap_findings(hf_audit_page *page);
void hf_ap_seen(hf_audit_page *page);
void hf_ap_chains(hf_audit_page *page);
void hf_ap_traits(hf_audit_page *page);
void hf_ap_rules(hf_audit_page *page);
void hf_ap_unseen(hf_audit_page *page);
void hf_ap_words(hf_audit_page *page);

/* "<section id="t1-seen"><h2>…", to be closed by </section>. */
void hf_ap_section(hf_audit_page *page, const char *id, const char *title);
/* A row of a <dl class="rows">; nothing if the text is empty. */
void hf_ap_row(hf_audit_page *page, const char *title, const char *text);
/* The text of a sheet, which is freed. */
void hf_ap_sheet_row(hf_audit_page *page, const char *title, hf_sheet *text);
/* A link to the word in the glossary; `word` itself if it has none. */
void hf_ap_word(hf_audit_page *page, const char *word, const char *shown);
/* The bytes of a piece of evidence, to be opened. Number 0: nothing. */
void hf_ap_evidence(hf_audit_page *page, size_t number);

#endif
