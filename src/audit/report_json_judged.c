/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a book says, as JSON: every rule with its verdict, every finding with its fix; and what changed since a baseline. */
#include "audit/report_json.h"

/* NULL where that server has none. */
static json_t *setting(hf_jw *j, const hf_fix *fix, size_t server)
{
    const hf_fix_setting *s = hf_fix_at(fix, server).setting;
    json_t *object, *lines;
    const char *at;

    if (!s)
        return json_null();
    object = json_object();
    lines = json_array();
    at = s->lines;
    for (hf_span line; (line = hf_fix_line(&at)).len > 0;)
        hf_jw_append(j, lines, json_stringn((const char *)line.data, line.len));
    hf_jw_set(j, object, "place", hf_aj_text(s->place));
    hf_jw_set(j, object, "lines", lines);
    hf_jw_set(j, object, "words", hf_aj_text(s->words));
    return object;
}

static json_t *fix_of(hf_jw *j, const hf_fix *fix)
{
    static const char *const names[HF_FIX_SERVERS] = { "nginx", "haproxy", "apache", "handfast" };
    json_t *object;

    if (!fix)
        return json_null();
    object = json_object();
    hf_jw_set(j, object, "what", hf_aj_text(fix->what));
    for (size_t i = 0; i < HF_FIX_SERVERS; i++)
        hf_jw_set(j, object, names[i], setting(j, fix, i));
    return object;
}

/* "modern/versions-refused#tls10": stable from run to run. */
static json_t *finding_id(const hf_finding *f)
{
    hf_sheet id = { .error = HF_OK };

    hf_sheet_add(&id, "%s%s%s", f->rule->id, *f->key ? "#" : "", f->key);
    json_t *value = id.error ? NULL : hf_aj_text(id.text);
    hf_sheet_free(&id);
    return value;
}

static json_t *finding(hf_jw *j, const hf_finding *f)
{
    json_t *object = json_object();

    hf_jw_set(j, object, "id", finding_id(f));
    hf_jw_set(j, object, "rule", hf_aj_text(f->rule->id));
    hf_jw_set(j, object, "check", hf_aj_text(f->rule->check->id));
    hf_jw_set(j, object, "key", hf_aj_text(f->key));
    hf_jw_set(j, object, "severity", json_string(hf_severity_word(f->severity)));
    hf_jw_set(j, object, "what", hf_aj_text(f->what));
    hf_jw_set(j, object, "evidence", hf_aj_evidence(f->evidence));
    hf_jw_set(j, object, "section", hf_aj_text(hf_finding_section(f)));
    hf_jw_set(j, object, "demands", hf_aj_text(f->rule->demands));
    hf_jw_set(j, object, "fix", fix_of(j, f->rule->fix));
    return object;
}

static json_t *rule(hf_jw *j, const hf_judged_rule *judged)
{
    const hf_rule *r = judged->rule;
    json_t *object = json_object();

    hf_jw_set(j, object, "id", hf_aj_text(r->id));
    hf_jw_set(j, object, "check", hf_aj_text(r->check->id));
    hf_jw_set(j, object, "title", hf_aj_text(r->check->title));
    hf_jw_set(j, object, "section", hf_aj_text(r->section));
    hf_jw_set(j, object, "demands", hf_aj_text(r->demands));
    hf_jw_set(j, object, "severity", json_string(hf_severity_word(r->severity)));
    hf_jw_set(j, object, "verdict", json_string(hf_verdict_word(judged->verdict)));
    hf_jw_set(j, object, "partial", hf_aj_text_or_null(judged->partial));
    hf_jw_set(j, object, "why", hf_aj_text_or_null(judged->why));
    hf_jw_set(j, object, "findings", hf_jw_uint(judged->n));
    return object;
}

static json_t *counts_of(hf_jw *j, const hf_judgement *judgement)
{
    hf_audit_counts counts = hf_audit_count(judgement);
    json_t *object = json_object();

    for (unsigned s = 0; s < HF_SEVERITIES; s++)
        hf_jw_set(j, object, hf_severity_word((hf_severity)s), hf_jw_uint(counts.findings[s]));
    for (unsigned v = 0; v <= HF_RULE_IDLE; v++)
        hf_jw_set(j, object, hf_verdict_word((hf_verdict)v), hf_jw_uint(counts.rules[v]));
    return object;
}

json_t *hf_aj_judgement(hf_jw *j, const hf_judgement *judgement)
{
    const hf_book *book = judgement->book;
    json_t *object = json_object(), *rules = json_array(), *findings = json_array();

    hf_jw_set(j, object, "policy", hf_aj_text(book->name));
    hf_jw_set(j, object, "title", hf_aj_text(book->title));
    hf_jw_set(j, object, "edition", hf_aj_text(book->edition));
    hf_jw_set(j, object, "dated", hf_aj_text(book->dated));
    hf_jw_set(j, object, "source", hf_aj_text(book->source));
    hf_jw_set(j, object, "about", hf_aj_text(book->about));
    hf_jw_set(j, object, "gdpr", hf_aj_text(book->gdpr));
    hf_jw_set(j, object, "broken", json_boolean(judgement->broken));
    hf_jw_set(j, object, "counts", counts_of(j, judgement));
    for (size_t i = 0; i < judgement->n_findings; i++)
        hf_jw_append(j, findings, finding(j, &judgement->findings[i]));
    for (size_t i = 0; i < judgement->n_rules; i++)
        hf_jw_append(j, rules, rule(j, &judgement->rules[i]));
    hf_jw_set(j, object, "findings", findings);
    hf_jw_set(j, object, "rules", rules);
    return object;
}

/* ---- --baseline ---- */

static json_t *lines(hf_jw *j, char *const *at, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n && i < HF_CHANGES_MAX; i++)
        hf_jw_append(j, list, hf_aj_text(at[i]));
    return list;
}

static json_t *update_of(hf_jw *j, const hf_updated *updated)
{
    json_t *object = json_object();

    hf_jw_set(j, object, "id", finding_id(updated->finding));
    hf_jw_set(j, object, "was", hf_aj_text(updated->was));
    return object;
}

json_t *hf_aj_change(hf_jw *j, const hf_audit *audit)
{
    const hf_audit_change *change = audit->change;
    json_t *object, *fresh, *updated;

    if (!change)
        return json_null();
    object = json_object();
    fresh = json_array();
    for (size_t i = 0; i < change->n_new; i++)
        hf_jw_append(j, fresh, finding_id(change->fresh[i]));
    updated = json_array();
    for (size_t i = 0; i < change->n_updated; i++)
        hf_jw_append(j, updated, update_of(j, &change->updated[i]));
    hf_jw_set(j, object, "known", json_boolean(change->known));
    hf_jw_set(j, object, "n_new", hf_jw_uint(change->n_new));
    hf_jw_set(j, object, "n_updated", hf_jw_uint(change->n_updated));
    hf_jw_set(j, object, "n_gone", hf_jw_uint(change->n_gone));
    hf_jw_set(j, object, "n_facts", hf_jw_uint(change->n_facts));
    hf_jw_set(j, object, "new", fresh);
    hf_jw_set(j, object, "updated", updated);
    hf_jw_set(j, object, "gone", lines(j, change->gone, change->n_gone));
    hf_jw_set(j, object, "facts", lines(j, change->facts, change->n_facts));
    return object;
}
