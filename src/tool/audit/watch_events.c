/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From an audit and what is remembered of the target to what has changed. */
#include "tool/audit/watch_events.h"

#include <stdio.h>
#include <string.h>

#include "audit/report_json.h"
#include "base/bytes.h"
#include "tool/moment.h"
#include "tool/text.h"

enum { TEXT_MAX = 2000, ENDS_MAX = 64 };

/* ---- one event ---- */

void hf_watch_tell(hf_watch_scene *s, const char *event, bool worse, json_t *details,
                   const char *text)
{
    json_t *one =
        json_pack("{s:s, s:o, s:s, s:o, s:o, s:b, s:o}", "schema", "handfast.watch-event/1", "time",
                  hf_jw_time(s->now, -1), "event", event, "target", hf_aj_text(s->target), "text",
                  hf_aj_text(text), "worse", worse, "details", details ? details : json_object());

    s->failed |= !one || json_array_append_new(s->events, one) != 0;
}

/* ---- verdicts ---- */

static void say_judgement(hf_text *text, const hf_judgement *judged)
{
    hf_audit_counts counts = hf_audit_count(judged);
    char words[HF_COUNTS_ROOM];
    size_t notes = counts.findings[HF_SEVERITY_NOTE];

    hf_text_print(text, "%s %s", judged->book->name, judged->broken ? "is broken" : "is kept");
    if (judged->broken)
        hf_text_print(text, " (%s)", hf_counts_words(&counts, words));
    else if (notes > 0)
        hf_text_print(text, " (%zu note%s)", notes, notes == 1 ? "" : "s");
}

static void tell_verdict(hf_watch_scene *s, const char *event, const char *words,
                         const hf_audit *audit)
{
    hf_text text = hf_text_new(TEXT_MAX);
    bool broken = false;

    hf_text_print(&text, "%s: ", words);
    for (size_t i = 0; i < audit->n; i++) {
        hf_text_say(&text, i > 0 ? ", " : "");
        say_judgement(&text, audit->judged[i]);
        broken |= audit->judged[i]->broken;
    }
    if (audit->seen->cut)
        hf_text_print(&text, "; not all could be asked: %s", audit->seen->trouble);
    hf_watch_tell(s, event, broken, json_pack("{s:s}", "verdict", hf_audit_verdict(audit)),
                  text.data ? text.data : words);
    hf_text_free(&text);
}

/* ---- changes ---- */

static const json_t *target_of(const json_t *report)
{
    return json_array_get(json_object_get(report, "targets"), 0);
}

/* A policy that the line did not have last time: its verdict is told, and not all that it has to say. */
static void tell_policies(hf_watch_scene *s, const hf_audit *audit)
{
    for (size_t i = 0; i < audit->n; i++) {
        hf_audit one = { .seen = audit->seen, .n = 1, .judged = { audit->judged[i] } };
        if (audit->change->book_is_new[i])
            tell_verdict(s, "first", "now judged by one policy more", &one);
    }
}

static size_t stored(size_t n)
{
    return n < HF_CHANGES_MAX ? n : HF_CHANGES_MAX;
}

static void tell_facts(hf_watch_scene *s, const hf_audit_change *c)
{
    for (size_t i = c->n_unseen; i < stored(c->n_facts); i++) {
        bool certificate = i >= c->certificates && i < c->certificates + c->n_certificates;
        hf_watch_tell(s, certificate ? "certificate-changed" : "fact-changed", false, NULL,
                      c->facts[i] ? c->facts[i] : "");
    }
    if (c->n_facts > HF_CHANGES_MAX)
        hf_watch_tell(s, "changes-more", false,
                      json_pack("{s:I}", "n", (json_int_t)(c->n_facts - HF_CHANGES_MAX)),
                      "more has changed than is told");
}

static void compare(hf_watch_scene *s, hf_audit *audit, const json_t *report)
{
    char why[HF_WHY_ROOM];

    if (!hf_audit_compare(audit, report, why)) {
        s->failed = true;
        return;
    }
    tell_policies(s, audit);
    hf_watch_findings(s, audit);
    tell_facts(s, audit->change);
}

/* ---- certificates of a report ---- */

static bool take_end(const json_t *certificate, hf_watch_end *end)
{
    const char *name = json_string_value(json_object_get(certificate, "subject")),
               *issuer = json_string_value(json_object_get(certificate, "issuer")),
               *print = json_string_value(json_object_get(certificate, "fingerprint")),
               *from = json_string_value(json_object_get(certificate, "not_before")),
               *to = json_string_value(json_object_get(certificate, "not_after"));

    if (!name || !issuer || !print || !from || !to)
        return false;
    *end = (hf_watch_end){ .kind = "certificate", .name = name, .fingerprint = print };
    return hf_moment_read(from, &end->not_before) && hf_moment_read(to, &end->not_after);
}

/* The end of a root above a server's certificate is nobody's affair here: who shows it does so for nothing. The server's own is, also
   if it says that it is a CA, as openssl req -x509 has it. */
static bool is_root(const json_t *certificate)
{
    return json_is_true(json_object_get(certificate, "is_ca")) &&
           json_equal(json_object_get(certificate, "subject"),
                      json_object_get(certificate, "issuer"));
}

static size_t ends_of(const json_t *report, hf_watch_end ends[ENDS_MAX])
{
    const json_t *chains = json_object_get(json_object_get(target_of(report), "seen"), "chains");
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(chains); i++) {
        const json_t *list = json_object_get(json_array_get(chains, i), "certificates");
        for (size_t k = 0; k < json_array_size(list) && n < ENDS_MAX; k++) {
            const json_t *one = json_array_get(list, k);
            bool idle = k > 0 && is_root(one);
            if (!idle && take_end(one, &ends[n]) && !hf_watch_has_end(ends, n, ends[n].fingerprint))
                n++;
        }
    }
    return n;
}

/* ---- a round ---- */

static void set_reach(hf_watch_scene *s, json_t *state, json_int_t unreachable, bool told)
{
    s->failed |= json_object_set_new(state, "unreachable", json_integer(unreachable)) != 0 ||
                 json_object_set_new(state, "told", json_boolean(told)) != 0;
}

/* Not at once: an outage that is over by the next round is nobody's trouble. A target that was never reached may be a mistake. */
static void not_reached(hf_watch_scene *s, json_t *state, const hf_seen *seen)
{
    json_int_t rounds = json_integer_value(json_object_get(state, "unreachable")) + 1;
    bool told = json_is_true(json_object_get(state, "told"));
    bool is_new = json_is_null(json_object_get(state, "report"));
    const char *trouble = *seen->trouble ? seen->trouble : "nothing that came back was TLS";
    char text[sizeof seen->trouble + 100];

    if (!told && (is_new || rounds >= HF_WATCH_PATIENCE)) {
        snprintf(text, sizeof text, "%s: %s",
                 is_new ? "now watched, and it cannot be reached"
                        : "it cannot be reached, for the second time in a row",
                 trouble);
        hf_watch_tell(s, is_new ? "first" : "unreachable", true, json_pack("{s:b}", "reached", 0),
                      text);
        told = true;
    }
    set_reach(s, state, rounds, told);
}

static void reached(hf_watch_scene *s, json_t *state, hf_audit *audit)
{
    const hf_audit *one = audit;
    json_t *before = json_object_get(state, "report"), *fresh;

    if (json_is_true(json_object_get(state, "told")))
        tell_verdict(s, "reachable", "it can be reached again", audit);
    else if (json_is_null(before))
        tell_verdict(s, "first", "now watched", audit);
    if (!json_is_null(before))
        compare(s, audit, before);
    hf_audit_change_free(audit->change);
    audit->change = NULL;
    fresh = hf_report_json(&one, 1);
    if (fresh && !json_is_null(before))
        hf_watch_keep(fresh, before);
    s->failed |= !fresh || json_object_set_new(state, "report", fresh) != 0;
    set_reach(s, state, 0, false);
}

void hf_watch_not_audited(hf_watch_scene *s, json_t *state, const char *error)
{
    hf_watch_end ends[ENDS_MAX];
    size_t n = ends_of(json_object_get(state, "report"), ends);

    hf_watch_ends(s, state, ends, n, error);
}

void hf_watch_audited(hf_watch_scene *s, json_t *state, hf_audit *audit)
{
    if (audit->seen->reached)
        reached(s, state, audit);
    else
        not_reached(s, state, audit->seen);
    hf_watch_not_audited(s, state, NULL);
}
