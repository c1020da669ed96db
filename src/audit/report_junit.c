/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * JUnit's XML, for build servers: a suite for a target and a book, a case for a rule; broken rules have failed, what could not be
 * judged was skipped. Notes break nothing: their case passes, and says them.
 */
#include <stdio.h>

#include "audit/report_parts.h"
#include "explain/markup.h"
#include "x509/x509.h"

typedef struct junit_counts {
    size_t tests, failures, errors, skipped;
} junit_counts;

static bool is_broken(const hf_judgement *judged, const hf_judged_rule *rule)
{
    for (size_t i = rule->first; i < rule->first + rule->n && i < judged->n_findings; i++)
        if (judged->findings[i].severity > HF_SEVERITY_NOTE)
            return true;
    return false;
}

static junit_counts count(const hf_audit *audit, const hf_judgement *judged)
{
    junit_counts c = { .tests = judged->n_rules };

    if (!audit->seen->reached)
        return (junit_counts){ .tests = 1, .errors = 1 };
    for (size_t i = 0; i < judged->n_rules; i++) {
        c.failures += is_broken(judged, &judged->rules[i]);
        c.skipped += judged->rules[i].verdict >= HF_RULE_UNSEEN;
    }
    return c;
}

/* ---- a rule ---- */

static void put_findings(hf_sheet *out, const hf_seen *seen, const hf_judgement *judged,
                         const hf_judged_rule *rule)
{
    for (size_t i = rule->first; i < rule->first + rule->n && i < judged->n_findings; i++) {
        const hf_finding *f = &judged->findings[i];
        const hf_evidence *e = hf_seen_evidence_at(seen, f->evidence);
        hf_markup(out, "%s: %s\n", hf_severity_word(f->severity), f->what);
        if (e)
            hf_markup(out, "  seen: %s\n", e->words);
    }
}

static void put_fix(hf_sheet *out, const hf_seen *seen, const hf_fix *fix)
{
    if (!fix)
        return;
    hf_markup(out, "fix: %s\n", fix->what);
    if (seen->starttls[0]) /* settings of web servers are no help there */
        return;
    for (size_t i = 0; i < HF_FIX_SERVERS; i++) {
        hf_sheet text = { .error = HF_OK };
        if (hf_fix_at(fix, i).setting)
            hf_fix_put(hf_fix_at(fix, i), "  ", &text);
        if (text.error && !out->error)
            out->error = text.error;
        hf_markup(out, "%s", text.text ? text.text : "");
        hf_sheet_free(&text);
    }
}

static void put_failure(hf_sheet *out, const hf_seen *seen, const hf_judgement *judged,
                        const hf_judged_rule *rule)
{
    const hf_finding *gravest = &judged->findings[rule->first];

    for (size_t i = rule->first; i < rule->first + rule->n && i < judged->n_findings; i++)
        if (judged->findings[i].severity > gravest->severity)
            gravest = &judged->findings[i];
    hf_markup(out, "<failure type=\"%s\" message=\"%s", hf_severity_word(gravest->severity),
              gravest->what);
    if (rule->n > 1)
        hf_markup(out, ", and %z more", rule->n - 1);
    hf_markup(out, "\">");
    put_findings(out, seen, judged, rule);
    hf_markup(out, "rule: %s (%s)\n", rule->rule->demands, hf_finding_section(gravest));
    put_fix(out, seen, rule->rule->fix);
    hf_sheet_put(out, "</failure>");
}

static void put_case(hf_sheet *out, const hf_seen *seen, const hf_judgement *judged,
                     const hf_judged_rule *rule)
{
    hf_markup(out, "    <testcase classname=\"%s\" name=\"%s\" time=\"0\">", judged->book->name,
              rule->rule->id);
    if (is_broken(judged, rule)) {
        put_failure(out, seen, judged, rule);
    } else if (rule->verdict >= HF_RULE_UNSEEN) {
        hf_markup(out, "<skipped message=\"%s: %s\"/>", hf_verdict_word(rule->verdict), rule->why);
    } else if (rule->n > 0) {
        hf_sheet_put(out, "<system-out>");
        put_findings(out, seen, judged, rule);
        hf_sheet_put(out, "</system-out>");
    }
    hf_sheet_put(out, "</testcase>\n");
}

/* ---- a target ---- */

static void put_unreachable(hf_sheet *out, const hf_seen *seen, const char *book)
{
    hf_markup(
        out,
        "    <testcase classname=\"%s\" name=\"reached\" time=\"0\"><error type=\"unreachable\" "
        "message=\"%s\"/></testcase>\n",
        book, *seen->trouble ? seen->trouble : "nothing that came back was TLS");
}

static void put_suite(hf_sheet *out, const hf_audit *audit, const hf_judgement *judged)
{
    const hf_seen *seen = audit->seen;
    junit_counts c = count(audit, judged);
    char target[HF_AUDIT_TARGET_ROOM], time[24];

    hf_time_text(seen->started, time);
    time[19] = '\0'; /* JUnit's has no zone */
    hf_markup(out, "  <testsuite name=\"%s %s\" hostname=\"%s\" timestamp=\"%s\"",
              hf_audit_target(seen, target), judged->book->name, seen->host, time);
    hf_sheet_add(out, " time=\"%.3f\"", seen->seconds);
    hf_markup(out, " tests=\"%z\" failures=\"%z\" errors=\"%z\" skipped=\"%z\">\n", c.tests,
              c.failures, c.errors, c.skipped);
    for (size_t i = 0; i < judged->n_rules && seen->reached; i++)
        put_case(out, seen, judged, &judged->rules[i]);
    if (!seen->reached)
        put_unreachable(out, seen, judged->book->name);
    hf_sheet_put(out, "  </testsuite>\n");
}

hf_error hf_report_junit(const hf_audit *const *audits, size_t n, hf_sheet *out)
{
    junit_counts all = { .tests = 0 };

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < audits[i]->n; k++) {
            junit_counts c = count(audits[i], audits[i]->judged[k]);
            all.tests += c.tests;
            all.failures += c.failures;
            all.errors += c.errors;
            all.skipped += c.skipped;
        }
    hf_markup(out,
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"handfast audit\" "
              "tests=\"%z\" failures=\"%z\" errors=\"%z\" skipped=\"%z\">\n",
              all.tests, all.failures, all.errors, all.skipped);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < audits[i]->n; k++)
            put_suite(out, audits[i], audits[i]->judged[k]);
    hf_sheet_put(out, "</testsuites>\n");
    return out->error;
}
