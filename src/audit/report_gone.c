/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Findings that went, as a baseline has them: what is of one check is told together, however many suites it is and however many
 * policies said so, like those that are new (report_told.c). Nothing of a baseline is trusted: it is words and no more.
 */
#include "audit/report_compare.h"
#include "audit/report_parts.h"

enum { NAMED = 5 /* of those that are alike; the others are counted */ };

static const json_t *at(const hf_audit *audit, size_t i)
{
    return json_array_get(audit->change->absent, i);
}

static bool alike(const json_t *a, const json_t *b, const char *name)
{
    return strcmp(hf_ac_text(a, name), hf_ac_text(b, name)) == 0;
}

/* Before `end` there is one with the same check, and the same words if they count too. */
static bool is_told(const hf_audit *audit, size_t end, const json_t *one, bool words)
{
    for (size_t i = 0; i < end; i++)
        if (alike(one, at(audit, i), "check") && (!words || alike(one, at(audit, i), "what")))
            return true;
    return false;
}

bool hf_gone_next(const hf_audit *audit, size_t *next, hf_gone *gone)
{
    size_t all = json_array_size(audit->change->absent);

    while (*next < all && is_told(audit, *next, at(audit, *next), false))
        ++*next;
    if (*next == all)
        return false;
    *gone = (hf_gone){ .first = at(audit, *next) };
    gone->severity = hf_ac_text(gone->first, "severity");
    for (size_t i = (*next)++; i < all; i++)
        gone->n +=
            alike(gone->first, at(audit, i), "check") && !is_told(audit, i, at(audit, i), true);
    return true;
}

/* "default" of "default/versions-refused"; each once. */
json_t *hf_gone_policies(const hf_audit *audit, const hf_gone *gone)
{
    json_t *names = json_array(), *set = json_object();

    for (size_t i = 0; i < json_array_size(audit->change->absent); i++) {
        const char *rule = hf_ac_text(at(audit, i), "rule");
        json_t *name = json_stringn(rule, strcspn(rule, "/"));
        if (alike(at(audit, i), gone->first, "check") &&
            !json_object_get(set, json_string_value(name))) {
            json_object_set_new(set, json_string_value(name), json_true());
            json_array_append(names, name);
        }
        json_decref(name);
    }
    json_decref(set);
    return names;
}

/* No book that was judged by has a rule of that check any more. */
static bool has_no_rule(const hf_audit *audit, const hf_gone *gone)
{
    for (size_t b = 0; b < audit->n; b++)
        for (size_t i = 0; i < audit->judged[b]->n_rules; i++)
            if (strcmp(audit->judged[b]->rules[i].rule->check->id,
                       hf_ac_text(gone->first, "check")) == 0)
                return false;
    return true;
}

void hf_gone_words(const hf_audit *audit, const hf_gone *gone, hf_sheet *out)
{
    json_t *policies = hf_gone_policies(audit, gone);
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(audit->change->absent); i++)
        if (alike(gone->first, at(audit, i), "check") && !is_told(audit, i, at(audit, i), true) &&
            n++ < NAMED)
            hf_sheet_add(out, "%s%.*s", n > 1 ? "; " : "", HF_FINDING_WORDS,
                         hf_ac_text(at(audit, i), "what"));
    if (n > NAMED)
        hf_sheet_add(out, "; and %zu more", n - NAMED);
    for (size_t i = 0; i < json_array_size(policies); i++)
        hf_sheet_add(out, "%s%s", i > 0 ? ", " : " (",
                     json_string_value(json_array_get(policies, i)));
    hf_sheet_put(out, json_array_size(policies) > 0 ? ")" : "");
    if (has_no_rule(audit, gone))
        hf_sheet_put(out, ", whose rule is not in this edition");
    if (!policies && !out->error)
        out->error = HF_E_NO_MEMORY;
    json_decref(policies);
}
