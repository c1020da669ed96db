/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What is wrong, most grave first: each thing once, with the rules that it breaks, what it was seen by, and what to do. */
#include <stdio.h>

#include "audit/report_text.h"

enum {
    AT = HF_TEXT_FINDING,
    LISTED = 5,  /* things that are wrong in the same way */
    DEMANDS = 3, /* that are told of one finding */
};

static hf_ink ink_of(hf_severity severity)
{
    return severity >= HF_SEVERITY_MEDIUM ? HF_INK_BAD
           : severity == HF_SEVERITY_LOW  ? HF_INK_HINT
                                          : HF_INK_DIM;
}

/* ---- what ---- */

/* How grave it is only if that is less than what stands above. "NAME (TLS 1.2)" of "NAME is accepted (TLS 1.2): the reason": the heading and the reason stand above. */
static void one_of(hf_pen *pen, const hf_told *told, hf_severity gravest)
{
    static const char accepted[] = " is accepted";
    const char *what = told->finding->what;
    const char *end = hf_reason_in(what), *middle = strstr(what, accepted);
    size_t before = middle && middle < end ? (size_t)(middle - what) : 0;
    hf_sheet text = { .error = HF_OK };

    hf_sheet_bytes(&text, what, before);
    what += before > 0 ? before + strlen(accepted) : 0;
    hf_sheet_bytes(&text, what, (size_t)(end - what));
    if (told->severity != gravest)
        hf_sheet_add(&text, ": %s", hf_severity_word(told->severity));
    hf_pen_to(pen, AT + 2);
    hf_pen_wrap(pen, AT + 4, hf_text_of(pen, &text));
    hf_sheet_free(&text);
}

static void reason(hf_pen *pen, const char *words)
{
    if (!*words)
        return;
    hf_pen_to(pen, AT);
    hf_pen_wrap(pen, AT, words);
}

/* Those with one reason below it, a line each; many are cut. */
static void several(hf_text_report *report, const hf_told *told, size_t n, size_t first)
{
    hf_pen *pen = &report->pen;
    size_t alike = 0, shown = 0;

    for (size_t i = first; i < n; i++)
        alike += hf_told_same_reason(&told[first], &told[i]);
    size_t most = report->view->all || alike == LISTED + 1 ? alike : LISTED;
    reason(pen, hf_told_reason(told, n, first));
    for (size_t i = first; i < n && shown < most; i++)
        if (hf_told_same_reason(&told[first], &told[i])) {
            one_of(pen, &told[i], told->severity);
            shown++;
        }
    if (alike > most) {
        hf_pen_to(pen, AT + 2);
        hf_pen_add(pen, HF_INK_DIM, "and %zu more (--all)", alike - most);
        hf_pen_line(pen);
    }
}

/* One is told as it is; several with their reasons above them. */
static void what(hf_text_report *report, const hf_told *told, size_t n)
{
    hf_pen *pen = &report->pen;

    hf_pen_put(pen, ink_of(told->severity), hf_severity_word(told->severity));
    hf_pen_to(pen, AT);
    if (n == 1) {
        hf_pen_wrap(pen, AT, told->finding->what);
        return;
    }
    hf_pen_add(pen, HF_INK_BOLD, "%s: %zu", hf_told_title(told, n), n);
    hf_pen_line(pen);
    for (size_t i = 0; i < n; i++)
        if (hf_told_is_first(told, i))
            several(report, told, n, i);
}

static void evidence(hf_text_report *report, const hf_told *told)
{
    const hf_evidence *e = hf_seen_evidence_at(report->seen, told->finding->evidence);
    char shown[HF_SHOWN_ROOM];

    if (*hf_finding_shown(report->seen, told->finding, shown))
        hf_text_beside(report, "seen", shown);
    else if (e)
        hf_text_beside(report, "seen", e->words);
}

/* ---- the rules ---- */

static const hf_rule *rule_at(const hf_told *told, size_t i)
{
    return told->by[i].finding->rule;
}

static const char *section_at(const hf_told *told, size_t i)
{
    return hf_finding_section(told->by[i].finding);
}

static bool same_demand(const hf_told *told, size_t i, size_t k)
{
    return strcmp(rule_at(told, i)->demands, rule_at(told, k)->demands) == 0;
}

static bool is_first_demand(const hf_told *told, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (same_demand(told, k, i))
            return false;
    return true;
}

/* "modern, default (low): RFC 9325 4.1; …" of the rules with that demand; those with the same section are told together. */
static void add_books(hf_sheet *out, const hf_told *told, size_t first, size_t n)
{
    size_t last = first;

    for (size_t i = first; i < n; i++) {
        const hf_finding *f = told->by[i].finding;
        bool same = strcmp(section_at(told, last), hf_finding_section(f)) == 0;
        if (!same_demand(told, first, i))
            continue;
        if (i > first && !same)
            hf_sheet_add(out, ": %s; ", section_at(told, last));
        hf_sheet_add(out, "%s%s", i > first && same ? ", " : "", told->by[i].book->name);
        if (f->severity != told->severity)
            hf_sheet_add(out, " (%s)", hf_severity_word(f->severity));
        last = i;
    }
    hf_sheet_add(out, ": %s", section_at(told, last));
}

/* Each demand with whose it is. Books word alike what is alike; where they do not, the first few are told. */
static void breaks(hf_text_report *report, const hf_told *told)
{
    size_t n = told->n < HF_TOLD_BY ? told->n : HF_TOLD_BY, rows = 0, left = 0;
    char more[48];

    for (size_t i = 0; i < n; i++) {
        hf_sheet text = { .error = HF_OK };
        if (!is_first_demand(told, i))
            continue;
        if (rows == DEMANDS && !report->view->all) {
            left++;
            continue;
        }
        hf_sheet_add(&text, "%s (", rule_at(told, i)->demands);
        add_books(&text, told, i, n);
        hf_sheet_put(&text, ")");
        hf_text_sheet_beside(report, rows++ == 0 ? "rule" : "", &text);
    }
    snprintf(more, sizeof more, "and %zu more that %s it", left, left == 1 ? "demands" : "demand");
    hf_text_beside(report, "", left > 0 ? more : "");
}

/* ---- all ---- */

static void group(hf_text_report *report, const hf_told_list *list, size_t first, size_t n)
{
    const hf_told *told = &list->at[first];

    what(report, told, n);
    evidence(report, told);
    breaks(report, told);
    hf_text_fix(report, list, first);
    if (told->severity > HF_SEVERITY_NOTE)
        hf_pen_gap(&report->pen);
}

/* Notes break nothing: a line each, without their evidence and rules, unless all is asked for. */
static void note(hf_text_report *report, const hf_told_list *list, size_t first, size_t n)
{
    if (report->view->all) {
        group(report, list, first, n);
        return;
    }
    what(report, &list->at[first], n);
}

void hf_text_findings(hf_text_report *report)
{
    hf_told_list list;

    if (!hf_told_make(report->audit, &list)) {
        report->pen.out->error = HF_E_NO_MEMORY;
        return;
    }
    hf_text_fixes_begin(report, &list);
    for (size_t i = 0; i < list.n;) {
        size_t n = hf_told_run(&list, i);
        bool notes = list.at[i].severity == HF_SEVERITY_NOTE;
        if (i == 0)
            hf_text_title(report, notes ? "Notes" : "Findings");
        else if (notes && list.at[i - 1].severity != HF_SEVERITY_NOTE)
            hf_text_title(report, "Notes");
        if (notes)
            note(report, &list, i, n);
        else
            group(report, &list, i, n);
        i += n;
    }
    hf_text_fixes_end(report);
    hf_told_free(&list);
}
