/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* An audit on a page of a terminal: the verdict first, what is wrong and what to do, then what was seen and what was not. */
#include "audit/report_text.h"

#include <stdio.h>

#include "x509/x509.h"

const char *hf_text_of(hf_pen *pen, const hf_sheet *sheet)
{
    if (sheet->error && !pen->out->error)
        pen->out->error = sheet->error;
    return sheet->text ? sheet->text : "";
}

void hf_text_title(hf_text_report *report, const char *title)
{
    hf_pen_gap(&report->pen);
    hf_pen_put(&report->pen, HF_INK_BOLD, title);
    hf_pen_line(&report->pen);
}

void hf_text_row(hf_text_report *report, const char *title, const char *text)
{
    hf_pen_row(&report->pen, HF_TEXT_INDENT, HF_TEXT_BESIDE + HF_TEXT_INDENT, title, text);
}

void hf_text_sheet_row(hf_text_report *report, const char *title, hf_sheet *text)
{
    hf_text_row(report, title, hf_text_of(&report->pen, text));
    hf_sheet_free(text);
}

/* ---- the verdict ---- */

static void head(hf_text_report *report)
{
    const hf_seen *seen = report->seen;
    const char *name = hf_audit_other_name(seen);
    hf_sheet text = { .error = HF_OK };
    char target[HF_AUDIT_TARGET_ROOM];

    hf_audit_target(seen, target);
    if (strlen(target) < report->pen.width / 2)
        hf_pen_put(&report->pen, HF_INK_BOLD, target);
    else
        hf_sheet_put(&text, target); /* whoever gave it that name: in lines */
    if (*name)
        hf_sheet_add(&text, ", asked for as %s", name);
    if (hf_audit_other_address(seen, target))
        hf_sheet_add(&text, ", at %s", seen->address);
    if (*seen->starttls)
        hf_sheet_add(&text, ", after STARTTLS of %s", seen->starttls);
    hf_pen_wrap(&report->pen, HF_TEXT_INDENT, hf_text_of(&report->pen, &text));
    hf_sheet_free(&text);
}

static void count(hf_sheet *out, const char *before, size_t n, const char *what, const char *plural)
{
    if (n > 0)
        hf_sheet_add(out, "%s%zu %s", out->len > 0 ? before : ": ", n, n == 1 ? what : plural);
}

static void verdict_words(hf_sheet *out, const hf_judgement *judged)
{
    hf_audit_counts counts = hf_audit_count(judged);
    size_t broken = 0;
    char words[HF_COUNTS_ROOM];

    for (unsigned s = HF_SEVERITY_LOW; s < HF_SEVERITIES; s++)
        broken += counts.broken[s];
    count(out, ": ", broken, "rule broken", "rules broken");
    if (*hf_counts_words(&counts, words))
        hf_sheet_add(out, " (%s)", words);
    count(out, "; ", counts.broken[HF_SEVERITY_NOTE], "note", "notes");
    count(out, "; ", counts.rules[HF_RULE_UNSEEN], "rule could not be judged",
          "rules could not be judged");
}

/* Whose words these rules are, and how far those were read. */
static void edition(hf_pen *pen, const hf_book *book)
{
    hf_sheet line = { .error = HF_OK };

    hf_sheet_add(&line, "%s, %s; rules as of %s", book->title, book->edition, book->dated);
    hf_pen_to(pen, HF_TEXT_INDENT + 8);
    hf_pen_wrap(pen, HF_TEXT_INDENT + 8, hf_text_of(pen, &line));
    hf_sheet_free(&line);
    hf_book_limits(book, &line);
    if (line.len > 0) {
        hf_pen_to(pen, HF_TEXT_INDENT + 8);
        hf_pen_wrap(pen, HF_TEXT_INDENT + 8, hf_text_of(pen, &line));
    }
    hf_sheet_free(&line);
}

static void verdict(hf_text_report *report, const hf_judgement *judged)
{
    hf_sheet line = { .error = HF_OK };
    hf_pen *pen = &report->pen;
    /* Of an audit that ended early nobody can say that all is well. */
    bool none =
        !judged->broken && (report->seen->cut || hf_audit_count(judged).rules[HF_RULE_KEPT] == 0);

    verdict_words(&line, judged);
    hf_pen_to(pen, HF_TEXT_INDENT);
    hf_pen_put(pen,
               judged->broken ? HF_INK_BAD
               : none         ? HF_INK_HINT
                              : HF_INK_GOOD,
               judged->broken ? "broken"
               : none         ? "unseen"
                              : "kept");
    hf_pen_to(pen, HF_TEXT_INDENT + 8);
    hf_pen_put(pen, HF_INK_BOLD, judged->book->name);
    if (hf_book_is_ours(judged->book))
        hf_pen_add(pen, HF_INK_PLAIN, " (%s)", judged->book->dated);
    hf_pen_wrap(pen, HF_TEXT_INDENT + 8, hf_text_of(pen, &line));
    hf_sheet_free(&line);
    if (!hf_book_is_ours(judged->book))
        edition(pen, judged->book);
}

/* It takes connections, and what it says there is not TLS. */
static bool answers(const hf_seen *seen)
{
    return seen->connections > seen->unreachable;
}

static void trouble(hf_text_report *report)
{
    const hf_seen *seen = report->seen;
    hf_pen *pen = &report->pen;

    if (seen->reached && !*seen->trouble && !seen->cut)
        return;
    hf_pen_to(pen, HF_TEXT_INDENT);
    hf_pen_put(pen, HF_INK_BAD,
               seen->reached   ? "incomplete"
               : answers(seen) ? "no TLS"
                               : "not reached");
    hf_pen_put(pen, HF_INK_PLAIN, ": ");
    hf_pen_wrap(pen, HF_TEXT_INDENT + 4,
                *seen->trouble ? seen->trouble
                : seen->cut    ? "it ended before all was asked"
                               : "nothing that came back was TLS");
    if (!*hf_audit_next(seen))
        return;
    hf_pen_to(pen, HF_TEXT_INDENT);
    hf_pen_put(pen, HF_INK_HINT, "next: ");
    hf_pen_wrap(pen, HF_TEXT_INDENT + 4, hf_audit_next(seen));
}

/* ---- rules, where all of them are asked for ---- */

static void rule(hf_text_report *report, const hf_judgement *judgement,
                 const hf_judged_rule *judged)
{
    static const hf_ink inks[] = { HF_INK_GOOD, HF_INK_BAD, HF_INK_HINT, HF_INK_DIM };
    hf_sheet text = { .error = HF_OK };
    hf_pen *pen = &report->pen;

    hf_sheet_add(&text, "%s%s%s (%s)", judged->rule->demands, *judged->why ? ": " : "", judged->why,
                 judged->rule->section);
    hf_pen_to(pen, HF_TEXT_INDENT);
    if (hf_rule_is_noted(judgement, judged))
        hf_pen_put(pen, HF_INK_HINT, "note");
    else
        hf_pen_put(pen, inks[judged->verdict], hf_verdict_word(judged->verdict));
    hf_pen_to(pen, HF_TEXT_INDENT + 8);
    hf_pen_wrap(pen, HF_TEXT_INDENT + 8, hf_text_of(pen, &text));
    hf_sheet_free(&text);
}

static void rules(hf_text_report *report)
{
    char title[160];

    for (size_t i = 0; i < report->audit->n; i++) {
        const hf_judgement *judged = report->audit->judged[i];
        snprintf(title, sizeof title, "Every rule of %s (%s)", judged->book->name,
                 judged->book->dated);
        hf_text_title(report, title);
        for (size_t k = 0; k < judged->n_rules; k++)
            rule(report, judged, &judged->rules[k]);
    }
}

/* ---- all of it ---- */

static void foot(hf_text_report *report)
{
    const hf_seen *seen = report->seen;
    char text[200], failed[64] = "", time[24], took[32];

    hf_time_text(seen->started, time);
    if (seen->seconds < 1)
        snprintf(took, sizeof took, "%.0f milliseconds", seen->seconds * 1000);
    else
        snprintf(took, sizeof took, "%.1f seconds", seen->seconds);
    bool vain = seen->unreachable > 0 && seen->unreachable == seen->connections;
    if (!vain && seen->unreachable > 0)
        snprintf(failed, sizeof failed, ", %u of them in vain", seen->unreachable);
    snprintf(text, sizeof text, "%u %s%s%s in %s, begun %s", seen->connections,
             vain ? "attempt" : "connection", seen->connections == 1 ? "" : "s",
             vain ? " to connect, in vain," : failed, took, time);
    hf_pen_gap(&report->pen);
    hf_pen_wrap(&report->pen, 0, text);
}

static void whole(hf_text_report *report)
{
    hf_text_findings(report);
    if (report->seen->reached) {
        hf_text_seen(report);
        hf_text_unseen(report);
    }
    if (report->view->all)
        rules(report);
    foot(report);
}

hf_error hf_report_text(const hf_audit *audit, const hf_report_view *view, hf_sheet *out)
{
    const hf_show show = { .colour = view->colour, .width = view->width };
    hf_text_report report = {
        .audit = audit, .seen = audit->seen, .view = view, .pen = hf_pen_start(out, &show)
    };

    head(&report);
    trouble(&report);
    if (audit->change && audit->change->known) {
        hf_text_change(&report);
        return out->error;
    }
    for (size_t i = 0; i < audit->n && audit->seen->reached; i++)
        verdict(&report, audit->judged[i]);
    if (audit->change)
        hf_text_row(&report, "baseline", "this target is not in it, so all of it is told");
    whole(&report);
    return out->error;
}
