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
    return !audit->change->book_is_new[book] && hf_finding_is_new(audit, book, f);
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

static const char *member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static bool alike(const json_t *a, const json_t *b, const char *name)
{
    return strcmp(member(a, name), member(b, name)) == 0;
}

/* Before `end` in the list there is one with the same check, and the same words if they count too. */
static bool is_told(const json_t *list, size_t end, const json_t *one, bool words)
{
    for (size_t i = 0; i < end; i++) {
        const json_t *other = json_array_get(list, i);
        if (alike(one, other, "check") && (!words || alike(one, other, "what")))
            return true;
    }
    return false;
}

/* "default" of "default/versions-refused"; each once. */
static json_t *policies_of(const json_t *list, const json_t *first)
{
    json_t *names = json_array(), *set = json_object();

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *rule = member(one, "rule");
        json_t *name = json_stringn(rule, strcspn(rule, "/"));
        if (alike(one, first, "check") && !json_object_get(set, json_string_value(name))) {
            json_object_set_new(set, json_string_value(name), json_true());
            json_array_append(names, name);
        }
        json_decref(name);
    }
    json_decref(set);
    return names;
}

static void tell_gone(hf_watch_scene *s, const json_t *list, size_t first)
{
    const json_t *one = json_array_get(list, first);
    json_t *policies = policies_of(list, one);
    hf_text text = hf_text_new(TEXT_MAX);
    size_t n = 0;

    hf_text_print(&text, "no longer (%s): ", member(one, "severity"));
    for (size_t i = first; i < json_array_size(list); i++) {
        const json_t *other = json_array_get(list, i);
        if (!alike(one, other, "check") || is_told(list, i, other, true))
            continue;
        if (n++ < NAMED)
            hf_text_print(&text, "%s%s", n > 1 ? "; " : "", member(other, "what"));
    }
    if (n > NAMED)
        hf_text_print(&text, "; and %zu more", n - NAMED);
    for (size_t i = 0; i < json_array_size(policies); i++)
        hf_text_print(&text, "%s%s", i > 0 ? ", " : " (",
                      json_string_value(json_array_get(policies, i)));
    hf_text_say(&text, ")");
    s->failed |= !text.data;
    hf_watch_tell(s, "finding-gone", false,
                  json_pack("{s:I, s:o}", "n", (json_int_t)n, "policies", policies),
                  text.data ? text.data : "");
    hf_text_free(&text);
}

void hf_watch_findings(hf_watch_scene *s, const hf_audit *audit)
{
    const json_t *absent = audit->change->absent;

    tell_all(s, audit, "finding-new", is_new);
    tell_all(s, audit, "finding-changed", is_updated);
    for (size_t i = 0; i < json_array_size(absent); i++)
        if (!is_told(absent, i, json_array_get(absent, i), false))
            tell_gone(s, absent, i);
}
