/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* With a baseline: what changed, and nothing else. */
#include "audit/report_text.h"

/* Two rules of a policy may have said the same. */
static bool is_told(char *const *at, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (at[k] && at[i] && strcmp(at[k], at[i]) == 0)
            return true;
    return !at[i];
}

static void lines(hf_text_report *report, char *const *at, size_t n)
{
    for (size_t i = 0; i < n && i < HF_CHANGES_MAX; i++) {
        if (is_told(at, i))
            continue;
        hf_pen_to(&report->pen, HF_TEXT_INDENT);
        hf_pen_put(&report->pen, HF_INK_HINT, "changed");
        hf_pen_to(&report->pen, HF_TEXT_INDENT + 9);
        hf_pen_wrap(&report->pen, HF_TEXT_INDENT + 9, at[i]);
    }
    if (n > HF_CHANGES_MAX) {
        hf_pen_to(&report->pen, HF_TEXT_INDENT);
        hf_pen_add(&report->pen, HF_INK_DIM, "and %zu more", n - HF_CHANGES_MAX);
        hf_pen_line(&report->pen);
    }
}

/* Of each rule that told of it otherwise. */
static void was(hf_text_report *report, const hf_told *told)
{
    const char *last = "";

    for (size_t i = 0; i < told->n && i < HF_TOLD_BY; i++) {
        const hf_updated *update = hf_finding_update(report->audit, told->by[i].finding);
        if (!update || strcmp(update->was, last) == 0)
            continue;
        hf_pen_row(&report->pen, HF_TEXT_INDENT + 9, HF_TEXT_INDENT + 15, *last ? "" : "was",
                   update->was);
        last = update->was;
    }
}

static void put_finding(hf_text_report *report, const hf_told *told, const char *title)
{
    const hf_fix *fix = told->finding->rule->fix;
    hf_sheet text = { .error = HF_OK };
    hf_pen *pen = &report->pen;

    hf_pen_to(pen, HF_TEXT_INDENT);
    hf_pen_put(pen, told->severity > HF_SEVERITY_NOTE ? HF_INK_BAD : HF_INK_DIM, title);
    hf_pen_to(pen, HF_TEXT_INDENT + 9);
    hf_sheet_add(&text, "%s: %s (", hf_severity_word(told->severity), told->finding->what);
    for (size_t i = 0; i < told->n && i < HF_TOLD_BY; i++)
        hf_sheet_add(&text, "%s%s %s", i > 0 ? "; " : "", told->by[i].book->name,
                     hf_finding_section(told->by[i].finding));
    hf_sheet_put(&text, ")");
    hf_pen_wrap(pen, HF_TEXT_INDENT + 9, hf_text_of(pen, &text));
    was(report, told);
    if (fix)
        hf_pen_row(pen, HF_TEXT_INDENT + 9, HF_TEXT_INDENT + 15, "fix", fix->what);
    hf_sheet_free(&text);
}

static void findings(hf_text_report *report, hf_told_wanted *wanted, const char *title)
{
    hf_told_list list;

    if (!hf_told_pick(report->audit, wanted, &list)) {
        report->pen.out->error = HF_E_NO_MEMORY;
        return;
    }
    for (size_t i = 0; i < list.n; i++)
        put_finding(report, &list.at[i], title);
    hf_told_free(&list);
}

static void went(hf_text_report *report)
{
    hf_pen *pen = &report->pen;
    hf_gone gone;

    for (size_t i = 0; hf_gone_next(report->audit, &i, &gone);) {
        hf_sheet text = { .error = HF_OK };
        hf_sheet_add(&text, "%s: ", gone.severity);
        hf_gone_words(report->audit, &gone, &text);
        hf_pen_to(pen, HF_TEXT_INDENT);
        hf_pen_put(pen, HF_INK_GOOD, "gone");
        hf_pen_to(pen, HF_TEXT_INDENT + 9);
        hf_pen_wrap(pen, HF_TEXT_INDENT + 9, hf_text_of(pen, &text));
        hf_sheet_free(&text);
    }
}

void hf_text_change(hf_text_report *report)
{
    const hf_audit_change *change = report->audit->change;

    if (change->n_new + change->n_updated + change->n_gone + change->n_facts == 0) {
        hf_pen_to(&report->pen, HF_TEXT_INDENT);
        hf_pen_wrap(&report->pen, HF_TEXT_INDENT, "nothing changed since the baseline");
        return;
    }
    findings(report, hf_finding_is_new, "new");
    findings(report, hf_finding_is_updated, "updated");
    went(report);
    lines(report, change->facts, change->n_facts);
}
