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

/* ---- which are told, and which are the same ---- */

/* A bare name of a setting says nothing that the words do not. */
static bool is_setting(const char *setting)
{
    return setting && strchr(setting, ' ');
}

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
        if (is_shown(report, i) && is_setting(hf_fix_at(fix, i).setting))
            return true;
    return false;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* As far as it is told. */
static bool same(const hf_text_report *report, const hf_fix *a, const hf_fix *b)
{
    if (!a || !b || strcmp(a->what, b->what) != 0)
        return a == b;
    for (size_t i = 0; i < HF_FIX_SERVERS; i++)
        if (is_shown(report, i) && !same_text(hf_fix_at(a, i).setting, hf_fix_at(b, i).setting))
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

/* Among the first `n` of its rules there is one with that fix. */
static bool has_fix(const hf_text_report *report, const hf_told *told, size_t n, const hf_fix *fix)
{
    for (size_t i = 0; i < n; i++)
        if (same(report, fix_at(told, i), fix))
            return true;
    return false;
}

/* The first of its set, and no note that is told without its fix. */
static bool tells_fix(const hf_text_report *report, const hf_told_list *list, size_t at)
{
    return (at == 0 || list->at[at].set != list->at[at - 1].set) &&
           (report->view->all || list->at[at].severity > HF_SEVERITY_NOTE);
}

static bool told_before(const hf_text_report *report, const hf_told_list *list, size_t at,
                        const hf_fix *fix)
{
    for (size_t i = 0; i < at; i++)
        if (tells_fix(report, list, i) &&
            has_fix(report, &list->at[i], rules_of(&list->at[i]), fix))
            return true;
    return false;
}

/* Another policy wants the same done by other settings. */
static bool has_rival(const hf_text_report *report, const hf_told_list *list, const hf_fix *fix)
{
    for (size_t i = 0; i < list->n; i++)
        for (size_t k = 0; tells_fix(report, list, i) && k < rules_of(&list->at[i]); k++) {
            const hf_fix *other = fix_at(&list->at[i], k);
            if (other && strcmp(other->what, fix->what) == 0 && !same(report, other, fix))
                return true;
        }
    return false;
}

static size_t count_settings(const hf_text_report *report, const hf_told_list *list)
{
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++) {
        const hf_fix *fix = fix_at(&list->at[i], 0);
        n += tells_fix(report, list, i) && fix && has_settings(report, fix) &&
             !told_before(report, list, i, fix);
    }
    return n;
}

/* ---- settings ---- */

enum { NGINX, HAPROXY };

/* Where its line ends: behind a directive of nginx, and behind where it stands ("global:"). */
static size_t piece_of(const char *at, size_t server)
{
    const char *end = server == NGINX ? strstr(at, "; ") : NULL, *place = strstr(at, ": ");

    if (server <= HAPROXY && place && (!end || place < end) &&
        !memchr(at, '(', (size_t)(place - at)))
        end = place;
    return end ? (size_t)(end - at) + 1 : strlen(at);
}

/* Never broken, so that they can be copied: a terminal goes on where it must. */
static void setting(hf_text_report *report, const hf_fix *fix, size_t server)
{
    hf_fix_row row = hf_fix_at(fix, server);
    hf_pen *pen = &report->pen;
    const char *at = row.setting;

    if (!is_setting(at))
        return;
    hf_pen_to(pen, AT);
    hf_pen_put(pen, HF_INK_DIM, row.server);
    while (*at) {
        size_t n = piece_of(at, server);
        hf_sheet line = { .error = HF_OK };
        hf_sheet_bytes(&line, at, n);
        hf_pen_to(pen, AT + 10);
        hf_pen_put(pen, HF_INK_PLAIN, hf_text_of(pen, &line));
        hf_pen_line(pen);
        hf_sheet_free(&line);
        at += n + (at[n] == ' ');
    }
}

static bool are_elsewhere(const hf_text_report *report, const hf_told_list *list)
{
    return !report->view->all && hf_fix_server(report->seen) == HF_FIX_SERVERS &&
           count_settings(report, list) > SETTINGS;
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

static void settings(hf_text_report *report, const hf_told_list *list, const hf_told *told,
                     const hf_fix *fix)
{
    if (!has_settings(report, fix) || are_elsewhere(report, list))
        return;
    if (has_rival(report, list, fix))
        whose(report, told, fix);
    for (size_t i = 0; i < HF_FIX_SERVERS; i++)
        if (is_shown(report, i))
            setting(report, fix, i);
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
        const hf_fix *fix = fix_at(told, i);
        if (!fix || has_fix(report, told, i, fix))
            continue;
        if (told_before(report, list, at, fix)) {
            if (!said)
                as_above(report, fix);
        } else {
            if (!said || strcmp(said, fix->what) != 0)
                hf_text_beside(report, said ? "" : "fix", fix->what);
            settings(report, list, told, fix);
        }
        said = fix->what;
    }
}

static bool any_rivals(const hf_text_report *report, const hf_told_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const hf_fix *fix = fix_at(&list->at[i], 0);
        if (tells_fix(report, list, i) && fix && has_settings(report, fix) &&
            has_rival(report, list, fix))
            return true;
    }
    return false;
}

void hf_text_fixes_end(hf_text_report *report, const hf_told_list *list)
{
    bool elsewhere = are_elsewhere(report, list);

    if (elsewhere || any_rivals(report, list))
        hf_pen_gap(&report->pen);
    if (elsewhere)
        hf_pen_wrap(&report->pen, 0,
                    "The settings for nginx, haproxy, Apache and handfast are on the page (--html) "
                    "and in --json.");
    else if (any_rivals(report, list))
        hf_pen_wrap(&report->pen, 0,
                    "Policies differ in their settings: what stands in the lists of all of them "
                    "keeps all of them.");
}
