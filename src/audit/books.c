/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rule books, found by name, and the lists that some of them take from a policy. */
#include "audit/books.h"

#include <handfast/policy.h>

static const hf_book *const books[] = { &hf_book_default, &hf_book_modern, &hf_book_pci,
                                        &hf_book_nist,    &hf_book_bsi,    &hf_book_mozilla };

const hf_book *hf_book_row(size_t i)
{
    return i < sizeof books / sizeof *books ? books[i] : NULL;
}

const hf_book *hf_book_named(const char *name)
{
    for (size_t i = 0; i < sizeof books / sizeof *books; i++) {
        size_t len = strlen(books[i]->name);
        if (strncmp(name, books[i]->name, len) != 0)
            continue;
        if (name[len] == '\0' || (name[len] == '-' && strcmp(name + len + 1, books[i]->dated) == 0))
            return books[i];
    }
    return NULL;
}

/* ---- lists ---- */

static size_t take(const uint16_t *list, size_t n, uint16_t codes[HF_RULE_CODES_MAX])
{
    size_t i = 0;

    for (; i < n && i < HF_RULE_CODES_MAX && list[i] != 0; i++)
        codes[i] = list[i];
    return i;
}

static size_t other_versions(const hf_policy *policy, uint16_t codes[HF_RULE_CODES_MAX])
{
    size_t n = 0;

    for (int v = 0; v < HF_V_COUNT; v++) {
        uint16_t code = hf_seen_version_code((hf_seen_version_id)v);
        if (code < policy->min_version || code > policy->max_version)
            codes[n++] = code;
    }
    return n;
}

size_t hf_rule_codes(const hf_book *book, const hf_rule *rule, uint16_t codes[HF_RULE_CODES_MAX])
{
    const hf_policy *policy = book->policy ? hf_policy_named(book->policy) : NULL;

    if (!policy || rule->from == HF_FROM_RULE)
        return take(rule->codes, rule->n_codes, codes);
    switch ((hf_rule_from)rule->from) {
    case HF_FROM_VERSIONS: return other_versions(policy, codes);
    case HF_FROM_SUITES: return take(policy->suites, HF_POLICY_LIST, codes);
    case HF_FROM_GROUPS: return take(policy->groups, HF_POLICY_LIST, codes);
    case HF_FROM_SCHEMES: return take(policy->schemes, HF_POLICY_LIST, codes);
    default: return 0;
    }
}

uint32_t hf_rule_number(const hf_book *book, const hf_rule *rule)
{
    const hf_policy *policy = book->policy ? hf_policy_named(book->policy) : NULL;

    if (policy && rule->from == HF_FROM_RSA_BITS)
        return policy->rsa_min_bits;
    if (policy && rule->from == HF_FROM_SESSION_SECONDS)
        return policy->session_seconds;
    return rule->number;
}
