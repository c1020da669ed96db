/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A book's rules, asked one after another. */
#include "audit/judge.h"

#include <stdio.h>

#include "audit/checks.h"

const char *hf_severity_word(hf_severity severity)
{
    static const char *const words[] = { "note", "low", "medium", "high", "critical" };

    return words[severity <= HF_SEVERITY_CRITICAL ? severity : HF_SEVERITY_CRITICAL];
}

const char *hf_finding_section(const hf_finding *finding)
{
    return *finding->section ? finding->section : finding->rule->section;
}

static void ask(hf_case *c, const hf_book *book)
{
    const hf_check *check = c->rule->check;
    hf_tri holds = hf_where_holds((hf_where)check->where, c->seen, c->row->why);

    c->row->verdict = holds == HF_PRESENT  ? HF_RULE_KEPT
                      : holds == HF_ABSENT ? HF_RULE_IDLE
                                           : HF_RULE_UNSEEN;
    if (holds == HF_UNKNOWN)
        memcpy(c->row->partial, c->row->why, sizeof c->row->partial);
    if (holds != HF_PRESENT)
        return;
    c->n_codes = hf_rule_codes(book, c->rule, c->codes);
    c->number = hf_rule_number(book, c->rule);
    check->ask(c);
    if (c->row->verdict == HF_RULE_BROKEN)
        c->row->why[0] = '\0';
}

static void unreached(hf_case *c)
{
    c->row->verdict = HF_RULE_UNSEEN;
    snprintf(c->row->why, sizeof c->row->why, "%.150s",
             c->seen->trouble[0] ? c->seen->trouble : "the server did not answer with TLS");
    memcpy(c->row->partial, c->row->why, sizeof c->row->partial);
}

static bool judge(hf_judgement *to, const hf_seen *seen, int64_t now)
{
    hf_case c = { .to = to, .seen = seen, .now = now };

    for (size_t i = 0; i < to->n_rules && !c.no_memory; i++) {
        c.rule = &to->book->rules[i];
        c.row = &to->rules[i];
        *c.row = (hf_judged_rule){ .rule = c.rule, .first = to->n_findings };
        if (seen->reached)
            ask(&c, to->book);
        else
            unreached(&c);
    }
    return !c.no_memory;
}

hf_judgement *hf_judge(const hf_book *book, const hf_seen *seen, int64_t now)
{
    hf_judgement *to = hf_alloc(sizeof *to);

    if (!to)
        return NULL;
    to->book = book;
    to->n_rules = book->n_rules;
    to->rules = hf_alloc(to->n_rules * sizeof *to->rules);
    if (to->rules && judge(to, seen, now))
        return to;
    hf_judgement_free(to);
    return NULL;
}

void hf_judgement_free(hf_judgement *judgement)
{
    if (!judgement)
        return;
    hf_free(judgement->rules);
    hf_free(judgement->findings);
    hf_free(judgement);
}
