/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * From the peer's certificate to a trust anchor (RFC 5280 6.1, RFC 4158): a search in depth over the
 * certificates that the peer sent, anchors first. It runs strictly, dropping a candidate at its first
 * defect; and if that finds nothing, once more tolerantly, only to say what stood in the way. Each
 * signature is checked at most once, and all checks together are counted. What is demanded of one
 * certificate is in path_rules.c.
 */
#include <stdio.h>

#include "x509/parts.h"
#include "x509/path_rules.h"
#include "x509/trust.h"

/* No path here: go on searching. Never returned from this file. */
#define NO_PATH HF_E_CERT_UNKNOWN_CA

enum { STEPS_MAX = 4096 }; /* candidates looked at; signatures run out first unless somebody plays games */

typedef struct link {
    const hf_cert *cert;
    size_t at; /* place in the peer's chain; n_chain for an anchor */
} link;

typedef struct checked {
    const hf_cert *cert, *issuer;
    bool good;
} checked;

typedef struct defect {
    hf_error code; /* HF_OK: none */
    size_t at;
    char detail[HF_DETAIL_MAX];
} defect;

typedef struct search {
    const hf_path_query *query;
    hf_path_result *result;
    hf_cert certs[HF_CHAIN_MAX];   /* of the peer */
    defect malformed[HF_CHAIN_MAX];/* those that did not parse are no candidates */
    link path[HF_CHAIN_MAX + 1];
    size_t depth;
    checked checks[HF_SIGNATURE_BUDGET];
    size_t n_checks, steps;
    bool tolerant;
    unsigned defects;              /* of the path so far, tolerant only */
    defect first;                  /* one of them */
    unsigned best_defects;         /* of the best path that reached an anchor; 0: none did */
    defect best;
    defect dead_end;               /* the furthest certificate for which there was no issuer */
    size_t dead_end_depth;
} search;

static hf_error extend(search *s);

/* ---- signatures ---- */

static hf_error verify(search *s, const hf_cert *cert, const hf_cert *issuer, bool *good)
{
    for (size_t i = 0; i < s->n_checks; i++) {
        if (s->checks[i].cert == cert && s->checks[i].issuer == issuer) {
            *good = s->checks[i].good;
            return HF_OK;
        }
    }
    if (s->n_checks == HF_SIGNATURE_BUDGET)
        return HF_E_CERT_BUDGET;
    hf_error e = hf_verify(&issuer->key, cert->signed_with.kind, cert->signed_with.hash, cert->tbs, cert->signature);
    if (e != HF_OK && e != HF_E_SIGNATURE_WRONG)
        return e;
    *good = e == HF_OK;
    s->checks[s->n_checks++] = (checked){ cert, issuer, *good };
    return HF_OK;
}

/* Key identifiers are hints (RFC 5280 4.2.1.1): they order candidates and never decide. */
static bool key_ids_differ(const hf_cert *cert, const hf_cert *issuer)
{
    return cert->aki.len > 0 && issuer->ski.len > 0 && !hf_span_equal(cert->aki, issuer->ski);
}

/* ---- one step ---- */

/* Strict: no path here. Tolerant: remembered, and on we go. */
static hf_error found_defect(search *s, hf_error code, size_t at, const char *detail)
{
    if (!s->tolerant)
        return NO_PATH;
    if (s->defects++ == 0) {
        s->first.code = code;
        s->first.at = at;
        snprintf(s->first.detail, sizeof s->first.detail, "%s", detail);
    }
    return HF_OK;
}

static void append_name(char detail[HF_DETAIL_MAX], const char *words, hf_span name)
{
    size_t n = strlen(detail), added = strlen(words);

    if (n + added + 1 > HF_DETAIL_MAX)
        return;
    memcpy(detail + n, words, added);
    hf_name_text(name, detail + n + added, HF_DETAIL_MAX - n - added);
}

/* RFC 5280 6.1.4 (l): self-issued certificates do not count, and neither does the leaf. */
static unsigned count_below(const search *s)
{
    unsigned n = 0;

    for (size_t i = 1; i < s->depth; i++)
        n += !s->path[i].cert->self_issued;
    return n;
}

static hf_error judge_issuer(search *s, const hf_cert *issuer, size_t at)
{
    char detail[HF_DETAIL_MAX] = "";
    bool anchor = at == s->query->n_chain;
    hf_error e = hf_rule_issuer(s->query, issuer, anchor, count_below(s), detail);

    if (e == HF_OK)
        return HF_OK;
    if (anchor) /* it has no place in the chain by which people could find it */
        append_name(detail, " in the trusted ", issuer->subject);
    return found_defect(s, e, at, detail);
}

/* A wrong signature under another key identifier is another CA of the same name: no defect, no path. */
static hf_error judge_signature(search *s, const link *child, const hf_cert *issuer)
{
    char detail[HF_DETAIL_MAX] = "";
    bool good = false;
    hf_error e = hf_rule_signature(s->query, child->cert, &issuer->key, detail);

    if (e != HF_OK)
        return found_defect(s, e, child->at, detail);
    if (hf_rsa_bits(&issuer->key) > s->query->rsa_max_bits)
        return HF_OK; /* a defect already, and checking would cost more than one may ask of us */
    TRY(verify(s, child->cert, issuer, &good));
    if (good)
        return HF_OK;
    if (key_ids_differ(child->cert, issuer))
        return NO_PATH;
    append_name(detail, "does not verify with the key of ", issuer->subject);
    return found_defect(s, HF_E_CERT_SIGNATURE, child->at, detail);
}

static void reached_anchor(search *s)
{
    if (s->defects == 0 || (s->best_defects > 0 && s->best_defects <= s->defects))
        return;
    s->best_defects = s->defects;
    s->best = s->first;
}

static hf_error go_on(search *s, const hf_cert *issuer, size_t at)
{
    const link *child = &s->path[s->depth - 1];

    TRY(judge_issuer(s, issuer, at));
    TRY(judge_signature(s, child, issuer));
    s->path[s->depth++] = (link){ issuer, at };
    if (at < s->query->n_chain)
        return extend(s);
    reached_anchor(s);
    return s->defects == 0 ? HF_OK : NO_PATH;
}

/* HF_OK: the path stands, s->path holds it. NO_PATH: everything is as before. */
static hf_error try_issuer(search *s, const hf_cert *issuer, size_t at)
{
    size_t depth = s->depth;
    unsigned defects = s->defects;

    if (++s->steps > STEPS_MAX)
        return HF_E_CERT_BUDGET;
    hf_error e = go_on(s, issuer, at);
    if (e != HF_OK) {
        s->depth = depth;
        s->defects = defects;
    }
    return e;
}

/* ---- candidates ---- */

/* The same name and key twice in one path leads nowhere that once does not (RFC 4158 2.4.2). */
static bool on_path(const search *s, const hf_cert *cert)
{
    for (size_t i = 0; i < s->depth; i++)
        if (hf_span_equal(s->path[i].cert->subject, cert->subject) && hf_span_equal(s->path[i].cert->spki, cert->spki))
            return true;
    return false;
}

/* `other_key`: this round is for the candidates whose key identifier differs from what the child asks for. */
static hf_error try_anchors(search *s, const hf_cert *child, bool other_key, bool *any)
{
    size_t next = 0;

    for (const hf_cert *anchor; (anchor = hf_trust_find(s->query->trust, child->issuer, &next)) != NULL;) {
        if (key_ids_differ(child, anchor) != other_key)
            continue;
        *any = *any || !other_key;
        hf_error e = try_issuer(s, anchor, s->query->n_chain);
        if (e != NO_PATH)
            return e;
    }
    return NO_PATH;
}

static hf_error try_chain(search *s, const hf_cert *child, bool other_key, bool *any)
{
    for (size_t i = 1; i < s->query->n_chain; i++) {
        const hf_cert *cert = &s->certs[i];
        if (s->malformed[i].code != HF_OK || !hf_span_equal(cert->subject, child->issuer) ||
            key_ids_differ(child, cert) != other_key || on_path(s, cert))
            continue;
        *any = *any || !other_key;
        hf_error e = try_issuer(s, cert, i);
        if (e != NO_PATH)
            return e;
    }
    return NO_PATH;
}

static void note_dead_end(search *s, const link *child)
{
    const hf_span issuer = child->cert->issuer;
    size_t next = 0;

    if (s->depth <= s->dead_end_depth)
        return;
    bool same_name = hf_trust_find(s->query->trust, issuer, &next) != NULL;
    s->dead_end_depth = s->depth;
    s->dead_end = (defect){ HF_E_CERT_UNKNOWN_CA, child->at, "" };
    append_name(s->dead_end.detail, same_name ? "another key is trusted for " : "not trusted and not sent: ", issuer);
}

/* Goes from the path's last certificate to its issuers. Recursion is as deep as the path: HF_CHAIN_MAX. */
static hf_error extend(search *s)
{
    link child = s->path[s->depth - 1];
    hf_error e = NO_PATH;
    bool any = false;

    for (int round = 0; round < 2 && e == NO_PATH; round++) {
        e = try_anchors(s, child.cert, round == 1, &any);
        if (e == NO_PATH)
            e = try_chain(s, child.cert, round == 1, &any);
    }
    if (e == NO_PATH && !any)
        note_dead_end(s, &child);
    return e;
}

/* ---- the whole ---- */

static hf_error tell(search *s, const defect *d)
{
    s->result->at = d->at;
    memcpy(s->result->detail, d->detail, sizeof s->result->detail);
    return d->code;
}

static hf_error succeed(search *s)
{
    s->result->depth = s->depth;
    for (size_t i = 0; i < s->depth; i++)
        s->result->path[i] = s->path[i].cert->der;
    return HF_OK;
}

static void parse_chain(search *s)
{
    for (size_t i = 0; i < s->query->n_chain; i++) {
        hf_fault fault = { .code = HF_OK };
        s->malformed[i].at = i;
        s->malformed[i].code = hf_cert_parse(&s->certs[i], s->query->chain[i], &fault);
        if (s->malformed[i].code != HF_OK)
            snprintf(s->malformed[i].detail, HF_DETAIL_MAX, "%.60s, byte %zu: %.50s", fault.path, fault.offset,
                     fault.rule);
    }
}

/* No path reached an anchor. A malformed certificate right after the dead end was meant to be its issuer. */
static hf_error no_anchor(search *s)
{
    const hf_cert *leaf = &s->certs[0];
    size_t after = s->dead_end.at + 1;

    if (leaf->self_issued) {
        s->dead_end = (defect){ HF_E_CERT_SELF_SIGNED, 0, "" };
        append_name(s->dead_end.detail, "subject and issuer are both ", leaf->subject);
    } else if (s->dead_end_depth == 0) {
        s->dead_end = (defect){ HF_E_CERT_UNKNOWN_CA, 0, "the certificates that were sent lead to no trusted one" };
    } else if (after < s->query->n_chain && s->malformed[after].code != HF_OK) {
        return tell(s, &s->malformed[after]);
    }
    return tell(s, &s->dead_end);
}

static hf_error explain(search *s, hf_error leaf_error, const char *leaf_detail)
{
    s->tolerant = true;
    s->depth = 1;
    s->steps = 0;
    if (leaf_error != HF_OK)
        found_defect(s, leaf_error, 0, leaf_detail);
    hf_error e = extend(s);
    if (s->best_defects > 0)
        return tell(s, &s->best);
    return e == NO_PATH ? no_anchor(s) : e;
}

static hf_error run(search *s)
{
    char detail[HF_DETAIL_MAX] = "";
    hf_error leaf_error, e;

    parse_chain(s);
    if (s->malformed[0].code != HF_OK)
        return tell(s, &s->malformed[0]);
    s->path[0] = (link){ &s->certs[0], 0 };
    s->depth = 1;
    leaf_error = hf_rule_leaf(s->query, &s->certs[0], detail);
    if (hf_trust_has(s->query->trust, s->query->chain[0])) {
        defect d = { .code = leaf_error };
        memcpy(d.detail, detail, sizeof d.detail);
        return leaf_error == HF_OK ? succeed(s) : tell(s, &d);
    }
    e = leaf_error == HF_OK ? extend(s) : NO_PATH;
    if (e == HF_OK)
        return succeed(s);
    return e == NO_PATH ? explain(s, leaf_error, detail) : e;
}

hf_error hf_path_verify(const hf_path_query *query, hf_path_result *result)
{
    *result = (hf_path_result){ .depth = 0 };
    if (query->n_chain == 0)
        return HF_E_CERTIFICATE_EMPTY;
    if (query->n_chain > HF_CHAIN_MAX) {
        snprintf(result->detail, sizeof result->detail, "%zu certificates, at most %d allowed", query->n_chain,
                 HF_CHAIN_MAX);
        return HF_E_CERT_CHAIN_TOO_LONG;
    }
    search s = { .query = query, .result = result };
    return run(&s);
}
