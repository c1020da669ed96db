/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * From the peer's certificate to a trust anchor (RFC 5280 6.1). The search runs strictly, dropping a
 * candidate at its first defect; if that finds nothing it runs once more tolerantly, only to say what
 * stood in the way. The search itself is path_search.c, the demands on one certificate path_rules.c.
 */
#include <stdio.h>

#include "x509/path_search.h"
#include "x509/trust.h"

static hf_error tell(hf_path_search *s, const hf_defect *d)
{
    s->result->at = d->at;
    memcpy(s->result->detail, d->detail, sizeof s->result->detail);
    return d->code;
}

static hf_error succeed(hf_path_search *s)
{
    s->result->depth = s->depth;
    for (size_t i = 0; i < s->depth; i++)
        s->result->path[i] = s->path[i].cert->der;
    return HF_OK;
}

static void parse_chain(hf_path_search *s)
{
    for (size_t i = 0; i < s->query->n_chain; i++) {
        hf_fault fault = { .code = HF_OK };
        s->malformed[i].at = i;
        s->malformed[i].code = hf_cert_parse(&s->certs[i], s->query->chain[i], &fault);
        if (s->malformed[i].code != HF_OK)
            snprintf(s->malformed[i].detail, HF_DETAIL_MAX, "%.60s, byte %zu: %.50s", fault.path,
                     fault.offset, fault.rule);
    }
}

/* No path reached an anchor. A malformed certificate right after the dead end was meant to be its issuer. */
static hf_error no_anchor(hf_path_search *s)
{
    const hf_cert *leaf = &s->certs[0];
    size_t after = s->dead_end.at + 1;

    if (leaf->self_issued) {
        s->dead_end = (hf_defect){ HF_E_CERT_SELF_SIGNED, 0, "" };
        hf_append_name(s->dead_end.detail, "subject and issuer are both ", leaf->subject);
    } else if (s->dead_end_depth == 0) {
        s->dead_end = (hf_defect){ HF_E_CERT_UNKNOWN_CA, 0,
                                   "the certificates that were sent lead to no trusted one" };
    } else if (after < s->query->n_chain && s->malformed[after].code != HF_OK) {
        return tell(s, &s->malformed[after]);
    }
    return tell(s, &s->dead_end);
}

static hf_error explain(hf_path_search *s, hf_error leaf_error, const char *leaf_detail)
{
    s->tolerant = true;
    s->depth = 1;
    s->steps = 0;
    if (leaf_error != HF_OK)
        hf_path_defect(s, leaf_error, 0, leaf_detail);
    hf_error e = hf_path_extend(s);
    if (s->best_defects > 0)
        return tell(s, &s->best);
    return e == HF_NO_PATH ? no_anchor(s) : e;
}

static hf_error run(hf_path_search *s)
{
    char detail[HF_DETAIL_MAX] = "";
    hf_error leaf_error, e;

    parse_chain(s);
    if (s->malformed[0].code != HF_OK)
        return tell(s, &s->malformed[0]);
    s->path[0] = (hf_path_link){ &s->certs[0], 0 };
    s->depth = 1;
    leaf_error = hf_rule_leaf(s->query, &s->certs[0], detail);
    if (hf_trust_has(s->query->trust, s->query->chain[0])) {
        hf_defect d = { .code = leaf_error };
        memcpy(d.detail, detail, sizeof d.detail);
        return leaf_error == HF_OK ? succeed(s) : tell(s, &d);
    }
    e = leaf_error == HF_OK ? hf_path_extend(s) : HF_NO_PATH;
    if (e == HF_OK)
        return succeed(s);
    return e == HF_NO_PATH ? explain(s, leaf_error, detail) : e;
}

hf_error hf_path_verify(const hf_path_query *query, hf_path_result *result)
{
    *result = (hf_path_result){ .depth = 0 };
    if (query->n_chain == 0)
        return HF_E_CERTIFICATE_EMPTY;
    if (query->n_chain > HF_CHAIN_MAX) {
        snprintf(result->detail, sizeof result->detail, "%zu certificates, at most %d allowed",
                 query->n_chain, HF_CHAIN_MAX);
        return HF_E_CERT_CHAIN_TOO_LONG;
    }
    hf_path_search s = { .query = query, .result = result };
    return run(&s);
}
