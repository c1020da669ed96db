/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Findings that came, changed or went, as events, the gravest first. What is alike is one event, however many suites it is and however
 * many policies say so: each event is somebody's mail.
 */
#include <string.h>

#include "audit/report_json.h"
#include "tool/audit/watch_events.h"
#include "tool/text.h"

enum { TEXT_MAX = 3000, NAMED = 5 /* of those that are alike; the others are counted */ };

/* ---- which ---- */

static bool is_new(const hf_audit *audit, size_t book, const hf_finding *f)
{
    return !audit->change->book_is_new[book] && hf_finding_is_new(audit, book, f) &&
           !hf_finding_is_first_sight(audit, f);
}

/* It may have been there all the time: no change, and too grave not to be told once. A note is not. */
static bool is_first_sight(const hf_audit *audit, size_t book, const hf_finding *f)
{
    return !audit->change->book_is_new[book] && hf_finding_is_first_sight(audit, f) &&
           f->severity > HF_SEVERITY_NOTE;
}

static bool is_updated(const hf_audit *audit, size_t book, const hf_finding *f)
{
    return !audit->change->book_is_new[book] && hf_finding_is_updated(audit, book, f);
}

/* ---- one event ---- */

static json_t *rules_of(const hf_told *told)
{
    json_t *list = json_array();

    for (size_t i = 0; i < told->n && i < HF_TOLD_BY; i++)
        json_array_append_new(list, json_string(told->by[i].finding->rule->id));
    return list;
}

static json_t *details_of(const hf_told *told, size_t n)
{
    const hf_finding *f = told->finding;
    const char *policy = "";

    for (size_t i = 0; i < told->n && i < HF_TOLD_BY; i++)
        if (told->by[i].finding == f)
            policy = told->by[i].book->name;
    return json_pack("{s:s, s:s, s:o, s:s, s:o, s:I}", "policy", policy, "rule", f->rule->id, "key",
                     hf_aj_text(f->key), "severity", hf_severity_word(told->severity), "rules",
                     rules_of(told), "n", (json_int_t)n);
}

static void say_policies(hf_text *text, const hf_told *told)
{
    const hf_book *last = NULL;

    hf_text_say(text, " (");
    for (size_t i = 0; i < told->n && i < HF_TOLD_BY; i++) {
        if (told->by[i].book != last)
            hf_text_print(text, "%s%s", last ? ", " : "", told->by[i].book->name);
        last = told->by[i].book;
    }
    hf_text_say(text, ")");
}

/* New, or graver than it was: that the words are others makes nothing worse. */
static bool is_worse(const hf_audit *audit, const hf_told *told, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < told[i].n && k < HF_TOLD_BY; k++) {
            const hf_finding *f = told[i].by[k].finding;
            if (f->severity > HF_SEVERITY_NOTE &&
                (!hf_finding_update(audit, f) || hf_finding_is_graver(audit, f)))
                return true;
        }
    return false;
}

/* "high: A is accepted (modern)"; "high: Cipher suites …: 40: A is accepted …; B …; and 38 more (modern)". */
static void tell_alike(hf_watch_scene *s, const hf_audit *audit, const char *event,
                       const hf_told *told, size_t n)
{
    hf_text text = hf_text_new(TEXT_MAX);
    const hf_updated *update = hf_finding_update(audit, told->finding);

    hf_text_print(&text, "%s: ", hf_severity_word(told->severity));
    if (n > 1)
        hf_text_print(&text, "%s: %zu: ", hf_told_title(told, n), n);
    for (size_t i = 0; i < n && i < NAMED; i++)
        hf_text_print(&text, "%s%s", i > 0 ? "; " : "", told[i].finding->what);
    if (n > NAMED)
        hf_text_print(&text, "; and %zu more", n - NAMED);
    say_policies(&text, told);
    if (update)
        hf_text_print(&text, "; it was %s", update->was);
    if (hf_finding_is_first_sight(audit, told->finding))
        hf_text_say(&text, "; no round before could see it");
    s->failed |= !text.data;
    hf_watch_tell(s, event, is_worse(audit, told, n), details_of(told, n),
                  text.data ? text.data : "");
    hf_text_free(&text);
}

static void tell_all(hf_watch_scene *s, const hf_audit *audit, const char *event,
                     hf_told_wanted *wanted)
{
    hf_told_list list;

    if (!hf_told_pick(audit, wanted, &list)) {
        s->failed = true;
        return;
    }
    for (size_t i = 0; i < list.n;) {
        size_t n = hf_told_run(&list, i);
        tell_alike(s, audit, event, &list.at[i], n);
        i += n;
    }
    hf_told_free(&list);
}

/* ---- those that went: of them the state alone knows ---- */

static void tell_gone(hf_watch_scene *s, const hf_audit *audit, const hf_gone *gone)
{
    hf_sheet text = { .error = HF_OK };

    hf_sheet_add(&text, "no longer (%s): ", gone->severity);
    hf_gone_words(audit, gone, &text);
    s->failed |= text.error != HF_OK;
    hf_watch_tell(s, "finding-gone", false,
                  json_pack("{s:I, s:o}", "n", (json_int_t)gone->n, "policies",
                            hf_gone_policies(audit, gone)),
                  text.error ? "" : text.text);
    hf_sheet_free(&text);
}

void hf_watch_findings(hf_watch_scene *s, const hf_audit *audit)
{
    hf_gone gone;

    tell_all(s, audit, "finding-new", is_new);
    tell_all(s, audit, "finding-new", is_first_sight);
    tell_all(s, audit, "finding-changed", is_updated);
    for (size_t i = 0; hf_gone_next(audit, &i, &gone);)
        tell_gone(s, audit, &gone);
}
