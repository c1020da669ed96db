/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rules in words, and how the account of a search is kept. */
#include "x509/path_account.h"

#include <stdio.h>

const hf_rule_row hf_rule_rows[HF_RULE_COUNT] = {
#define HF_RULE(id, words, source) [HF_RULE_##id] = { words, source },
#include "x509/path_rules.def"
#undef HF_RULE
};

void hf_account_rule(hf_path_account *account, hf_rule rule, hf_error e, const char *detail)
{
    hf_telling *t = &account->now;

    if (t->n == HF_TOLD_MAX)
        return;
    hf_told *row = &t->rows[t->n++];
    *row = account->next;
    row->rule = (uint8_t)rule;
    row->error = e;
    snprintf(row->detail, sizeof row->detail, "%s", detail);
}

static void copy(hf_telling *to, const hf_telling *from)
{
    memcpy(to->rows, from->rows, from->n * sizeof *from->rows);
    to->n = from->n;
}

void hf_account_best(const hf_path_search *s)
{
    if (s->query->account)
        copy(&s->query->account->best, &s->query->account->now);
}

void hf_account_dead_end(const hf_path_search *s)
{
    if (s->query->account)
        copy(&s->query->account->dead_end, &s->query->account->now);
}

void hf_account_choose_best(const hf_path_search *s)
{
    if (s->query->account)
        copy(&s->query->account->now, &s->query->account->best);
}

/* Without one the leaf's own rules are all that there is. */
void hf_account_choose_dead_end(const hf_path_search *s)
{
    if (s->query->account && s->dead_end_depth > 0)
        copy(&s->query->account->now, &s->query->account->dead_end);
}

void hf_account_anchor(const hf_path_search *s)
{
    hf_tell_about(s, s->depth - 1, s->depth - 1);
    hf_tell_rule(s->query, HF_RULE_ANCHOR, HF_OK, "");
}

/* ---- the verdict ---- */

/* The rule behind an error that the search found, not a rule. */
static hf_rule rule_of(hf_error e)
{
    switch (e) {
    case HF_E_CERT_UNKNOWN_CA:
    case HF_E_CERT_SELF_SIGNED: return HF_RULE_ANCHOR;
    case HF_E_CERT_DEPTH:
    case HF_E_CERT_CHAIN_TOO_LONG: return HF_RULE_INTERMEDIATES;
    case HF_E_CERT_REVOKED:
    case HF_E_CERT_STAPLE_MISSING:
    case HF_E_CERT_STATUS_UNKNOWN: return HF_RULE_STATUS;
    case HF_E_CERT_BUDGET:
    case HF_E_CERT_BUDGET_NAMES:
    case HF_E_CERT_BUDGET_STEPS:
    case HF_E_NO_MEMORY:
    case HF_E_CRYPTO: return HF_RULE_EFFORT;
    default: return HF_RULE_FORM;
    }
}

/* The first row that tells of the verdict; n: none does. */
static size_t find(const hf_telling *t, const hf_path_result *result)
{
    size_t i = 0;

    while (i < t->n && !(t->rows[i].error == result->error && t->rows[i].at == result->at))
        i++;
    return i;
}

/* The place in the path of the certificate that is at that place in the chain. */
static hf_told whose(const hf_path_query *query, const hf_telling *t, size_t at)
{
    hf_told row = { .at = at };

    if (at < query->n_chain)
        row.der = query->chain[at];
    for (size_t i = 0; i < t->n; i++) {
        if (t->rows[i].at == at)
            return t->rows[i];
        if (t->rows[i].certificate >= row.certificate) /* it was to be the next one */
            row.certificate = (uint8_t)(t->rows[i].certificate + (at > 0));
    }
    return row;
}

void hf_account_close(const hf_path_query *query, const hf_path_result *result)
{
    if (!query->account || result->error == HF_OK)
        return;
    hf_telling *t = &query->account->now;
    size_t i = find(t, result);
    if (i == t->n) {
        hf_told row = whose(query, t, result->at);
        row.rule = (uint8_t)rule_of(result->error);
        i = i < HF_TOLD_MAX ? i : HF_TOLD_MAX - 1;
        t->rows[i] = row;
        t->rows[i].error = result->error;
    }
    memcpy(t->rows[i].detail, result->detail, HF_DETAIL_MAX);
    t->n = i + 1;
}
