/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * From the peer's certificate to a trust anchor (RFC 5280 6.1). The search runs strictly, dropping a
 * candidate at its first defect; if that finds nothing it runs once more tolerantly, only to say what
 * stood in the way. The search itself is path_search.c, the demands on one certificate path_rules.c.
 */
#include <stdio.h>

#include "x509/path_account.h"
#include "x509/revocation.h"
#include "x509/trust.h"

static hf_error tell(hf_path_search *s, const hf_defect *d)
{
    s->result->at = d->at;
    memcpy(s->result->detail, d->detail, sizeof s->result->detail);
    return d->code;
}

static hf_error succeed(hf_path_search *s)
{
    hf_account_anchor(s);
    s->result->depth = s->depth;
    for (size_t i = 0; i < s->depth; i++)
        s->result->path[i] = s->path[i].cert->der;
    return HF_OK;
}

/* What a malformed certificate looks like is only read again when somebody asks. */
static hf_error tell_malformed(hf_path_search *s, size_t at)
{
    hf_fault fault = { .code = HF_OK };
    hf_defect d = { .at = at };
    hf_cert cert;

    d.code = hf_cert_parse(&cert, s->query->chain[at], &fault);
    snprintf(d.detail, sizeof d.detail, "%.60s, byte %zu: %.50s", fault.path, fault.offset,
             fault.rule);
    return tell(s, &d);
}

/* No path reached an anchor. A malformed certificate right after the dead end was meant to be its issuer. */
static hf_error no_anchor(hf_path_search *s)
{
    const hf_cert *leaf = &s->pool.entries[0].cert;
    size_t after = s->dead_end.at + 1;
    bool missing = s->dead_end.code == HF_E_CERT_UNKNOWN_CA;

    hf_account_choose_dead_end(s);
    if (leaf->self_issued) {
        s->dead_end = (hf_defect){ HF_E_CERT_SELF_SIGNED, 0, "" };
        hf_append_name(s->dead_end.detail, "subject and issuer are both ", leaf->subject);
    } else if (s->dead_end_depth == 0) {
        s->dead_end = (hf_defect){ HF_E_CERT_UNKNOWN_CA, 0,
                                   "the certificates that were sent lead to no trusted one" };
    } else if (missing && after < s->query->n_chain && s->pool.entries[after].parsed != HF_OK) {
        return tell_malformed(s, after);
    }
    return tell(s, &s->dead_end);
}

static hf_error explain(hf_path_search *s, const hf_defect *leaf)
{
    hf_path_start(s, true);
    if (leaf->code != HF_OK)
        hf_path_defect(s, leaf->code, 0, leaf->detail);
    hf_error e = hf_path_extend(s);
    if (e == HF_E_CERT_REVOKED)
        return e;
    if (s->best_defects > 0) {
        hf_account_choose_best(s);
        return tell(s, &s->best);
    }
    return e == HF_NO_PATH ? no_anchor(s) : e;
}

static bool is_trusted(const hf_trust *trust, const hf_cert *cert)
{
    const hf_cert *anchor;

    for (size_t next = 0; (anchor = hf_trust_find(trust, cert->subject, &next)) != NULL;)
        if (hf_span_equal(anchor->der, cert->der))
            return true;
    return false;
}

static hf_error search(hf_path_search *s)
{
    const hf_cert *leaf = &s->pool.entries[0].cert;
    hf_defect d = { .code = HF_OK };
    hf_error e = HF_NO_PATH;

    s->path[0] = (hf_path_link){ leaf, 0, NULL };
    hf_path_start(s, false);
    hf_tell_about(s, 0, 0);
    hf_tell_rule(s->query, HF_RULE_FORM, HF_OK, "");
    d.code = hf_rule_leaf(s->query, leaf, d.detail);
    if (d.code != HF_OK)
        hf_path_defect(s, d.code, 0, d.detail);
    if (is_trusted(s->query->trust, leaf)) {
        if (d.code != HF_OK)
            return tell(s, &d);
        TRY(hf_path_judge_trusted_leaf(s));
        return succeed(s);
    }
    if (d.code == HF_OK)
        e = hf_path_extend(s);
    if (e == HF_OK)
        return succeed(s);
    return e == HF_NO_PATH ? explain(s, &d) : e;
}

static hf_error run(hf_path_search *s)
{
    s->pool.store = s->query->blocks;
    TRY(hf_pool_fill(&s->pool, s->query->chain, s->query->n_chain, s->query->trust));
    if (s->pool.entries[0].parsed != HF_OK)
        return tell_malformed(s, 0);
    return search(s);
}

static hf_error check_count(const hf_path_query *query, char detail[HF_DETAIL_MAX])
{
    if (query->n_chain == 0)
        return HF_E_CERTIFICATE_EMPTY;
    if (query->n_chain <= HF_POOL_MAX)
        return HF_OK;
    snprintf(detail, HF_DETAIL_MAX, "%zu certificates, at most %d allowed", query->n_chain,
             HF_POOL_MAX);
    return HF_E_CERT_CHAIN_TOO_LONG;
}

hf_error hf_path_verify(const hf_path_query *query, hf_path_result *result)
{
    hf_path_search s = { .query = query,
                         .result = result,
                         .units = HF_SIGNATURE_BUDGET,
                         .status_units = HF_STATUS_BUDGET };

    *result = (hf_path_result){ .depth = 0 };
    result->error = check_count(query, result->detail);
    if (result->error == HF_OK) {
        result->error = run(&s);
        hf_pool_free(&s.pool);
    }
    result->signatures = (unsigned)s.n_checks;
    hf_account_close(query, result);
    if (result->error == HF_OK && query->tried)
        query->tried(query->tried_user, result);
    return result->error;
}
