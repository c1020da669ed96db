/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * --baseline: an audit beside an earlier report of the same target. What was not seen this time is neither gone nor new: it is said
 * that it could not be seen. Nothing of the file is trusted: members that are missing or of another kind count as not there.
 */
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "audit/report_compare.h"
#include "explain/markup.h"

/* ---- reading ---- */

const char *hf_ac_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* Strings of a report have everything visible: ours is made so before it is compared. */
bool hf_ac_same(hf_audit_change *change, const json_t *object, const char *name, const char *text)
{
    json_t *ours = hf_aj_text(text);
    bool same = ours && strcmp(json_string_value(ours), hf_ac_text(object, name)) == 0;

    change->failed |= !ours;
    json_decref(ours);
    return same;
}

/* The same of names of hosts, where capitals are none. */
static bool same_host(hf_audit_change *change, const json_t *object, const char *name,
                      const char *text)
{
    json_t *ours = hf_aj_text(text);
    bool same = ours && strcasecmp(json_string_value(ours), hf_ac_text(object, name)) == 0;

    change->failed |= !ours;
    json_decref(ours);
    return same;
}

static const json_t *find_target(hf_audit_change *change, const json_t *targets,
                                 const hf_seen *seen)
{
    for (size_t i = 0; i < json_array_size(targets); i++) {
        const json_t *t = json_array_get(targets, i);
        if (same_host(change, t, "host", seen->host) && same_host(change, t, "name", seen->name) &&
            hf_ac_same(change, t, "starttls", seen->starttls) &&
            json_integer_value(json_object_get(t, "port")) == seen->port)
            return t;
    }
    return NULL;
}

static const json_t *find_judgement(hf_audit_change *change, const json_t *target,
                                    const hf_book *book)
{
    const json_t *list = json_object_get(target, "judgements");

    for (size_t i = 0; i < json_array_size(list); i++)
        if (hf_ac_same(change, json_array_get(list, i), "policy", book->name))
            return json_array_get(list, i);
    return NULL;
}

/* ---- lines ---- */

/* What is over HF_CHANGES_MAX is only counted. */
static void add_line(hf_audit_change *change, char *lines[HF_CHANGES_MAX], size_t *n,
                     const char *format, va_list args)
{
    char text[HF_AC_LINE];

    vsnprintf(text, sizeof text, format, args);
    if (*n < HF_CHANGES_MAX) {
        lines[*n] = (char *)hf_copy(hf_span_str(text));
        change->failed |= !lines[*n];
    }
    ++*n;
}

void hf_ac_fact(hf_audit_change *change, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_line(change, change->facts, &change->n_facts, format, args);
    va_end(args);
}

static void HF_PRINTF(2, 3) gone(hf_audit_change *change, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_line(change, change->gone, &change->n_gone, format, args);
    va_end(args);
}

static void absent(hf_audit_change *change, const json_t *old)
{
    if (json_array_size(change->absent) < HF_ABSENT_MAX)
        change->failed |=
            json_array_append(change->absent, (json_t *)(uintptr_t)old) != 0; /* counts it */
}

/* ---- what each of the two could see ---- */

typedef struct sights {
    bool complete;      /* nothing was cut short in either */
    const json_t *then; /* the rules of the baseline */
} sights;

/* NULL: it was seen whole. Files of before say it by the verdict alone. */
static const char *partial_then(hf_audit_change *change, const sights *s, const hf_rule *rule)
{
    for (size_t i = 0; i < json_array_size(s->then); i++) {
        const json_t *row = json_array_get(s->then, i);
        const char *partial = json_string_value(json_object_get(row, "partial"));
        if (!hf_ac_same(change, row, "id", rule->id))
            continue;
        if (partial || strcmp(hf_ac_text(row, "verdict"), "unseen") != 0)
            return partial;
        return hf_ac_text(row, "why");
    }
    return NULL;
}

static const char *partial_now(const hf_judged_rule *row)
{
    if (row->partial[0])
        return row->partial;
    return row->verdict == HF_RULE_UNSEEN ? row->why : NULL;
}

/* What is always missing for the same reason, as of a server that never answers some question, hides no change: both saw the same. */
static bool same_part(hf_audit_change *change, const sights *s, const hf_judged_rule *row)
{
    const char *then = partial_then(change, s, row->rule), *now = partial_now(row);
    json_t *ours = now ? hf_aj_text(now) : NULL;
    bool same = s->complete && then && ours && strcmp(json_string_value(ours), then) == 0;

    change->failed |= now && !ours;
    json_decref(ours);
    return same;
}

static bool lost_now(hf_audit_change *change, const sights *s, const hf_judged_rule *row)
{
    return partial_now(row) && !same_part(change, s, row);
}

static bool lost_then(hf_audit_change *change, const sights *s, const hf_judged_rule *row)
{
    return partial_then(change, s, row->rule) && !same_part(change, s, row);
}

static const hf_judged_rule *row_of(const hf_judgement *judged, const hf_finding *f)
{
    for (size_t i = 0; i < judged->n_rules; i++)
        if (judged->rules[i].rule == f->rule)
            return &judged->rules[i];
    return NULL;
}

/* ---- findings ---- */

/* As the baseline has it; NULL: it does not. */
static const json_t *find_old(hf_audit_change *change, const json_t *findings, const hf_finding *f)
{
    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *old = json_array_get(findings, i);
        if (hf_ac_same(change, old, "rule", f->rule->id) && hf_ac_same(change, old, "key", f->key))
            return old;
    }
    return NULL;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Behind "now 2026-11-22T12:00:00Z", with which a verdict names the time of its look. */
static const char *skip_now(const char *text)
{
    static const char shape[] = "now 0000-00-00T00:00:00Z";

    for (size_t i = 0; i < sizeof shape - 1; i++)
        if (shape[i] == '0' ? !is_digit(text[i]) : text[i] != shape[i])
            return NULL;
    return text + sizeof shape - 1;
}

/* Behind what is another one each time though nothing has changed: a number of days or hours, the time of the look. NULL: it is something else. */
static const char *skip_time(const char *text)
{
    static const char *const units[] = { " days", " day", " hours", " hour", " of " };

    if (!is_digit(*text))
        return skip_now(text);
    while (is_digit(*text))
        text++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strncmp(text, units[i], strlen(units[i])) == 0)
            return text + strlen(units[i]);
    return NULL;
}

static bool same_words(const char *a, const char *b)
{
    while (*a && *b) {
        const char *behind_a = skip_time(a), *behind_b = skip_time(b);
        bool time = behind_a && behind_b;
        if (!time && *a != *b)
            return false;
        a = time ? behind_a : a + 1;
        b = time ? behind_b : b + 1;
    }
    return *a == *b;
}

/* loose: other words may come of what was not seen. */
static bool is_updated(hf_audit_change *change, const hf_finding *now, const json_t *old,
                       bool loose)
{
    json_t *what = hf_aj_text(now->what);
    bool same = what && (loose || same_words(json_string_value(what), hf_ac_text(old, "what"))) &&
                strcmp(hf_severity_word(now->severity), hf_ac_text(old, "severity")) == 0;

    change->failed |= !what;
    json_decref(what);
    return !same;
}

static void update(hf_audit_change *change, const hf_finding *now, const json_t *old)
{
    hf_updated *u = &change->updated[change->n_updated++];
    char was[HF_FINDING_WORDS + 32];

    snprintf(was, sizeof was, "%.16s: %s", hf_ac_text(old, "severity"), hf_ac_text(old, "what"));
    u->finding = now;
    u->was = (char *)hf_copy(hf_span_str(was));
    change->failed |= !u->was;
}

static bool has(hf_audit_change *change, const hf_judgement *judged, const json_t *old)
{
    for (size_t i = 0; i < judged->n_findings; i++)
        if (hf_ac_same(change, old, "rule", judged->findings[i].rule->id) &&
            hf_ac_same(change, old, "key", judged->findings[i].key))
            return true;
    return false;
}

/* NULL: the book has no such rule any more. */
static const hf_judged_rule *rule_of(hf_audit_change *change, const hf_judgement *judged,
                                     const json_t *old)
{
    for (size_t i = 0; i < judged->n_rules; i++)
        if (hf_ac_same(change, old, "rule", judged->rules[i].rule->id))
            return &judged->rules[i];
    return NULL;
}

static void find_gone(hf_audit_change *change, const hf_judgement *judged, const sights *s,
                      const json_t *findings)
{
    const char *policy = judged->book->name;

    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *old = json_array_get(findings, i);
        const char *what = hf_ac_text(old, "what");
        if (has(change, judged, old))
            continue;
        const hf_judged_rule *rule = rule_of(change, judged, old);
        if (rule && lost_now(change, s, rule)) {
            hf_ac_fact(change, "%s: whether still “%s” could not be seen: %s", policy, what,
                       partial_now(rule));
            continue;
        }
        absent(change, old);
        if (!rule)
            gone(change, "%s: the rule of “%s” is not in this edition", policy, what);
        else
            gone(change, "%s: %s", policy, what);
    }
}

static void add_new(hf_audit_change *change, const hf_finding *f, bool first_sight)
{
    change->first_sight[change->n_new] = first_sight;
    change->fresh[change->n_new++] = f;
}

static void compare_book(hf_audit_change *change, const hf_audit *audit, const hf_judgement *judged,
                         const json_t *target)
{
    const json_t *old = find_judgement(change, target, judged->book);
    const json_t *findings = json_object_get(old, "findings");
    const sights s = { .complete =
                           !audit->seen->cut && json_is_true(json_object_get(target, "complete")),
                       .then = json_object_get(old, "rules") };

    for (size_t i = 0; i < judged->n_findings; i++) {
        const hf_finding *now = &judged->findings[i];
        const json_t *before = find_old(change, findings, now);
        const hf_judged_rule *row = row_of(judged, now);
        bool blind = row && lost_then(change, &s, row);
        if (!before)
            add_new(change, now, blind);
        else if (is_updated(change, now, before, blind || (row && lost_now(change, &s, row))))
            update(change, now, before);
    }
    find_gone(change, judged, &s, findings);
}

static void compare_books(hf_audit_change *change, const hf_audit *audit, const json_t *target)
{
    for (size_t i = 0; i < audit->n; i++) {
        const hf_book *book = audit->judged[i]->book;
        change->book_is_new[i] = !find_judgement(change, target, book);
        if (change->book_is_new[i])
            hf_ac_fact(change, "%s: the baseline was not judged by it, so all its findings are new",
                       book->name);
        compare_book(change, audit, audit->judged[i], target);
    }
}

/* ---- all ---- */

bool hf_audit_is_report(const json_t *baseline, char why[HF_WHY_ROOM])
{
    hf_sheet schema = { .error = HF_OK };

    if (!json_is_object(baseline)) {
        snprintf(why, HF_WHY_ROOM, "it is no JSON object");
        return false;
    }
    if (strcmp(hf_ac_text(baseline, "schema"), HF_AUDIT_SCHEMA) != 0) {
        hf_visible(&schema, hf_span_str(hf_ac_text(baseline, "schema")));
        snprintf(why, HF_WHY_ROOM, "its member schema is \"%.80s\", not \"%s\"",
                 schema.text ? schema.text : "", HF_AUDIT_SCHEMA);
        hf_sheet_free(&schema);
        return false;
    }
    if (!json_is_array(json_object_get(baseline, "targets"))) {
        snprintf(why, HF_WHY_ROOM, "it has no array targets");
        return false;
    }
    return true;
}

static void compare(hf_audit_change *change, const hf_audit *audit, const json_t *baseline)
{
    const json_t *target = find_target(change, json_object_get(baseline, "targets"), audit->seen);

    change->known = target != NULL;
    if (target && audit->seen->reached)
        compare_books(change, audit, target);
    change->n_unseen = change->n_facts;
    if (target)
        hf_ac_facts(change, audit->seen, target);
}

static hf_audit_change *change_new(const hf_audit *audit)
{
    hf_audit_change *change = hf_alloc(sizeof *change);
    size_t all = 1;

    for (size_t i = 0; i < audit->n; i++)
        all += audit->judged[i]->n_findings;
    if (!change)
        return NULL;
    change->fresh = hf_alloc(all * sizeof *change->fresh);
    change->first_sight = hf_alloc(all * sizeof *change->first_sight);
    change->updated = hf_alloc(all * sizeof *change->updated);
    change->absent = json_array();
    change->failed = !change->fresh || !change->first_sight || !change->updated || !change->absent;
    if (!change->failed)
        return change;
    hf_audit_change_free(change);
    return NULL;
}

bool hf_audit_compare(hf_audit *audit, const json_t *baseline, char why[HF_WHY_ROOM])
{
    if (!hf_audit_is_report(baseline, why))
        return false;
    hf_audit_change *change = change_new(audit);
    if (change)
        compare(change, audit, baseline);
    if (!change || change->failed) {
        snprintf(why, HF_WHY_ROOM, "there is no memory");
        hf_audit_change_free(change);
        return false;
    }
    hf_audit_change_free(audit->change);
    audit->change = change;
    return true;
}

void hf_audit_change_free(hf_audit_change *change)
{
    for (size_t i = 0; change && i < HF_CHANGES_MAX; i++) {
        hf_free(change->gone[i]);
        hf_free(change->facts[i]);
    }
    if (!change)
        return;
    for (size_t i = 0; i < change->n_updated; i++)
        hf_free(change->updated[i].was);
    json_decref(change->absent);
    hf_free(change->updated);
    hf_free(change->first_sight);
    hf_free(change->fresh);
    hf_free(change);
}
