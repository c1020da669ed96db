/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the validator did, for somebody who wants to see it: each rule that a certificate was held to, and what came of it. The
 * search tells an account as it goes and takes back what it told when it turns round; in the end the account holds the rules
 * along the path that was taken, or along the one that explains best why there is none, up to the rule that was broken. Nothing
 * is decided here, and without an account (hf_path_query.account) nothing is written.
 */
#ifndef HF_X509_PATH_ACCOUNT_H
#define HF_X509_PATH_ACCOUNT_H

#include "x509/path_search.h"

typedef enum hf_rule {
#define HF_RULE(id, words, source) HF_RULE_##id,
#include "x509/path_rules.def"
#undef HF_RULE
    HF_RULE_COUNT
} hf_rule;

typedef struct hf_rule_row {
    const char *words, *source;
} hf_rule_row;
extern const hf_rule_row hf_rule_rows[HF_RULE_COUNT];

enum { HF_TOLD_MAX = HF_PATH_MAX * HF_RULE_COUNT };

typedef struct hf_told {
    uint8_t rule;        /* an hf_rule */
    uint8_t certificate; /* its place in the path, 0: the leaf */
    uint8_t issuer;      /* SIGNATURE, CONSTRAINTS: the place of the CA that it is about */
    size_t at;           /* as hf_path_result.at */
    hf_span der;
    hf_error error; /* HF_OK: the rule is kept */
    char detail
        [HF_DETAIL_MAX]; /* a broken one: hf_path_result.detail; STATUS: what was of no use. Else empty */
} hf_told;

typedef struct hf_telling {
    hf_told rows[HF_TOLD_MAX];
    size_t n;
} hf_telling;

/* Large: on the heap. Zeroed by its owner; afterwards `now` is what there is to say. */
typedef struct hf_path_account {
    hf_telling now;            /* along the path as it is at the moment */
    hf_telling best, dead_end; /* as it was when hf_path_search.best and .dead_end were noted */
    hf_told next;              /* whom the next rule is about */
} hf_path_account;

/* The next rules are about certificate i of s->path, and in a way about its issuer. */
static inline void hf_tell_about(const hf_path_search *s, size_t i, size_t issuer)
{
    if (s->query->account)
        s->query->account->next = (hf_told){ .certificate = (uint8_t)i,
                                             .issuer = (uint8_t)issuer,
                                             .at = s->path[i].at,
                                             .der = s->path[i].cert->der };
}
void hf_account_rule(hf_path_account *account, hf_rule rule, hf_error e, const char *detail);
/* Returns e. detail is looked at only if the rule is broken. */
static inline hf_error hf_tell_rule(const hf_path_query *query, hf_rule rule, hf_error e,
                                    const char *detail)
{
    if (query->account)
        hf_account_rule(query->account, rule, e, e == HF_OK ? "" : detail);
    return e;
}

/* Where the search turns round. */
static inline size_t hf_account_mark(const hf_path_search *s)
{
    return s->query->account ? s->query->account->now.n : 0;
}
static inline void hf_account_back(const hf_path_search *s, size_t mark)
{
    if (s->query->account)
        s->query->account->now.n = mark;
}
/* The path as it is now is the best explanation so far; the furthest dead end so far. */
void hf_account_best(const hf_path_search *s);
void hf_account_dead_end(const hf_path_search *s);

/* One of these was the explanation in the end. */
void hf_account_choose_best(const hf_path_search *s);
void hf_account_choose_dead_end(const hf_path_search *s);
/* The path stands, and ends at an anchor. */
void hf_account_anchor(const hf_path_search *s);
/* The last row is the broken rule of the verdict, whether a rule told of it or the search. */
void hf_account_close(const hf_path_query *query, const hf_path_result *result);

#endif
