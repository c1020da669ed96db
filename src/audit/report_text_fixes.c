/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What to do: each thing once, with the settings of the server that was seen; where policies want different ones, each by name. */
#include "audit/report_text.h"

enum {
    AT = HF_TEXT_FINDING + 6,
    SETTINGS = 5, /* fixes whose settings are told for every server, if there are no more */
};

void hf_text_beside(hf_text_report *report, const char *title, const char *text)
{
    hf_pen_row(&report->pen, HF_TEXT_FINDING, AT, title, text);
}

void hf_text_sheet_beside(hf_text_report *report, const char *title, hf_sheet *text)
{
    hf_text_beside(report, title, hf_text_of(&report->pen, text));
    hf_sheet_free(text);
}

/* ---- which are the same, as far as they are told ---- */

/* Behind STARTTLS there is none of these servers, and their settings are no help. */
static bool is_shown(const hf_text_report *report, size_t server)
{
    size_t seen = hf_fix_server(report->seen);

    if (report->seen->starttls[0])
        return false;
    return report->view->all || seen == HF_FIX_SERVERS || seen == server;
}

static bool has_settings(const hf_text_report *report, const hf_fix *fix)
{
    for (size_t i = 0; i < HF_FIX_SERVERS; i++)
        if (is_shown(report, i) && hf_fix_at(fix, i).setting)
            return true;
    return false;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_setting(const hf_fix_setting *a, const hf_fix_setting *b)
{
    if (!a || !b)
        return a == b;
    return same_text(a->place, b->place) && same_text(a->lines, b->lines) &&
           same_text(a->words, b->words);
}

static bool same(const hf_text_report *report, const hf_fix *a, const hf_fix *b)
{
    if (!a || !b || strcmp(a->what, b->what) != 0)
        return a == b;
    for (size_t i = 0; i < HF_FIX_SERVERS; i++)
        if (is_shown(report, i) && !same_setting(hf_fix_at(a, i).setting, hf_fix_at(b, i).setting))
            return false;
    return true;
}

static const hf_fix *fix_at(const hf_told *told, size_t i)
{
    return told->by[i].finding->rule->fix;
}

static size_t rules_of(const hf_told *told)
{
    return told->n < HF_TOLD_BY ? told->n : HF_TOLD_BY;
}

/* ---- the table: each fix once, and where it is told ---- */

/* NULL: it is told nowhere. */
static hf_text_fix_row *row_of(hf_text_report *report, const hf_fix *fix)
{
    for (size_t i = 0; i < report->n_fixes; i++)
        if (same(report, report->fixes[i].fix, fix))
            return &report->fixes[i];
    return NULL;
}

/* Another policy wants the same done by other settings: so do both of them. */
static void add(hf_text_report *report, const hf_fix *fix, size_t first, bool leads)
{
    if (!fix || row_of(report, fix) || report->n_fixes == HF_TEXT_FIXES)
        return;
    hf_text_fix_row *row = &report->fixes[report->n_fixes];
    *row = (hf_text_fix_row){ .fix = fix, .first = first };
    for (size_t i = 0; i < report->n_fixes; i++)
        if (strcmp(report->fixes[i].fix->what, fix->what) == 0)
            report->fixes[i].has_rival = row->has_rival = true;
    report->n_fixes++;
    report->n_settings += leads && has_settings(report, fix);
}

/* Of the first of each set, and of no note that is told without its fix. */
void hf_text_fixes_begin(hf_text_report *report, const hf_told_list *list)
{
    report->n_fixes = report->n_settings = 0;
    for (size_t i = 0; i < list->n; i++) {
        const hf_told *told = &list->at[i];
        if (i > 0 && told->set == told[-1].set)
            continue;
        for (size_t k = 0; k < rules_of(told); k++)
            if (report->view->all || told->severity > HF_SEVERITY_NOTE)
                add(report, fix_at(told, k), i, k == 0);
    }
}

/* ---- settings ---- */

static void setting_row(hf_text_report *report, const char *words)
{
    hf_pen_to(&report->pen, AT + 10);
    hf_pen_put(&report->pen, HF_INK_PLAIN, words);
    hf_pen_line(&report->pen);
}

static void setting_sheet(hf_text_report *report, hf_sheet *text)
{
    setting_row(report, hf_text_of(&report->pen, text));
    hf_sheet_free(text);
}

/* Lines are never broken, so that they can be copied: a terminal goes on where it must. */
static void setting(hf_text_report *report, hf_fix_row row)
{
    const hf_fix_setting *s = row.setting;
    hf_sheet text = { .error = HF_OK };
    const char *at = s->lines;

    hf_pen_to(&report->pen, AT);
    hf_pen_put(&report->pen, HF_INK_DIM, row.server);
    if (s->place) {
        hf_sheet_add(&text, "%s:", s->place);
        setting_sheet(report, &text);
    }
    for (hf_span line; (line = hf_fix_line(&at)).len > 0;) {
        text = (hf_sheet){ .error = HF_OK };
        hf_sheet_bytes(&text, (const char *)line.data, line.len);
        setting_sheet(report, &text);
    }
    if (s->words) {
        text = (hf_sheet){ .error = HF_OK };
        hf_sheet_add(&text, s->lines ? "(%s)" : "%s", s->words);
        setting_sheet(report, &text);
    }
}

static bool are_elsewhere(const hf_text_report *report)
{
    return !report->view->all && hf_fix_server(report->seen) == HF_FIX_SERVERS &&
           report->n_settings > SETTINGS;
}

/* "For modern, default:", of the rules that want it. */
static void whose(hf_text_report *report, const hf_told *told, const hf_fix *fix)
{
    const hf_book *last = NULL;
    hf_sheet text = { .error = HF_OK };

    for (size_t i = 0; i < rules_of(told); i++) {
        if (!same(report, fix_at(told, i), fix) || told->by[i].book == last)
            continue;
        last = told->by[i].book;
        hf_sheet_add(&text, "%s%s", text.len > 0 ? ", " : "For ", last->name);
    }
    hf_sheet_put(&text, ":");
    hf_text_sheet_beside(report, "", &text);
}

static void settings(hf_text_report *report, const hf_told *told, const hf_text_fix_row *row)
{
    if (!has_settings(report, row->fix) || are_elsewhere(report))
        return;
    if (row->has_rival)
        whose(report, told, row->fix);
    for (size_t i = 0; i < HF_FIX_SERVERS; i++)
        if (is_shown(report, i) && hf_fix_at(row->fix, i).setting)
            setting(report, hf_fix_at(row->fix, i));
}

/* ---- a fix ---- */

/* "as above: Name the suites that may be used", of the words that stood there. */
static void as_above(hf_text_report *report, const hf_fix *fix)
{
    hf_sheet text = { .error = HF_OK };

    hf_sheet_put(&text, "as above: ");
    hf_sheet_bytes(&text, fix->what, strcspn(fix->what, ".,;:"));
    hf_text_sheet_beside(report, "fix", &text);
}

void hf_text_fix(hf_text_report *report, const hf_told_list *list, size_t at)
{
    const hf_told *told = &list->at[at];
    const char *said = NULL;

    for (size_t i = 0; i < rules_of(told); i++) {
        hf_text_fix_row *row = row_of(report, fix_at(told, i));
        if (!row || row->last == at + 1) /* it was told just now */
            continue;
        row->last = at + 1;
        if (row->first == at) {
            if (!said || strcmp(said, row->fix->what) != 0)
                hf_text_beside(report, said ? "" : "fix", row->fix->what);
            settings(report, told, row);
        } else if (!said) {
            as_above(report, row->fix);
        }
        said = row->fix->what;
    }
}

static bool any_rivals(const hf_text_report *report)
{
    for (size_t i = 0; i < report->n_fixes; i++)
        if (report->fixes[i].has_rival && has_settings(report, report->fixes[i].fix))
            return true;
    return false;
}

void hf_text_fixes_end(hf_text_report *report)
{
    bool elsewhere = are_elsewhere(report);

    if (elsewhere || any_rivals(report))
        hf_pen_gap(&report->pen);
    if (elsewhere)
        hf_pen_wrap(&report->pen, 0,
                    "The settings for nginx, haproxy, Apache and handfast are on the page (--html) "
                    "and in --json.");
    else if (any_rivals(report))
        hf_pen_wrap(&report->pen, 0,
                    "Policies differ in their settings: what stands in the lists of all of them "
                    "keeps all of them.");
}
