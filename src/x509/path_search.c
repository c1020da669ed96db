/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A search in depth over the certificates that the peer sent, anchors first (RFC 4158 2.4). Each
 * signature is checked at most once, all checks together are counted, and so are the candidates.
 */
#include "x509/path_search.h"

#include <stdio.h>

#include "x509/parts.h"
#include "x509/trust.h"

/* Candidates looked at: the signatures run out first, unless somebody plays games. */
enum { STEPS_MAX = 4096 };

/* ---- signatures ---- */

static hf_error verify(hf_path_search *s, const hf_cert *cert, const hf_cert *issuer, bool *good)
{
    for (size_t i = 0; i < s->n_checks; i++) {
        if (s->checks[i].cert == cert && s->checks[i].issuer == issuer) {
            *good = s->checks[i].good;
            return HF_OK;
        }
    }
    if (s->n_checks == HF_SIGNATURE_BUDGET)
        return HF_E_CERT_BUDGET;
    hf_error e = hf_verify(&issuer->key, cert->signed_with.kind, cert->signed_with.hash, cert->tbs,
                           cert->signature);
    if (e != HF_OK && e != HF_E_SIGNATURE_WRONG)
        return e;
    *good = e == HF_OK;
    s->checks[s->n_checks++] = (hf_path_check){ cert, issuer, *good };
    return HF_OK;
}

/* Key identifiers are hints (RFC 5280 4.2.1.1): they order candidates and never decide. */
static bool key_ids_differ(const hf_cert *cert, const hf_cert *issuer)
{
    return cert->aki.len > 0 && issuer->ski.len > 0 && !hf_span_equal(cert->aki, issuer->ski);
}

/* ---- one step ---- */

/* Strict: no path here. Tolerant: remembered, and on we go. */
hf_error hf_path_defect(hf_path_search *s, hf_error code, size_t at, const char *detail)
{
    if (!s->tolerant)
        return HF_NO_PATH;
    if (s->defects++ == 0) {
        s->first.code = code;
        s->first.at = at;
        snprintf(s->first.detail, sizeof s->first.detail, "%s", detail);
    }
    return HF_OK;
}

void hf_append_name(char detail[HF_DETAIL_MAX], const char *words, hf_span name)
{
    size_t n = strlen(detail), added = strlen(words);

    if (n + added + 1 > HF_DETAIL_MAX)
        return;
    memcpy(detail + n, words, added);
    hf_name_text(name, detail + n + added, HF_DETAIL_MAX - n - added);
}

/* RFC 5280 6.1.4 (l): self-issued certificates do not count, and neither does the leaf. */
static unsigned count_below(const hf_path_search *s)
{
    unsigned n = 0;

    for (size_t i = 1; i < s->depth; i++)
        n += !s->path[i].cert->self_issued;
    return n;
}

static hf_error judge_issuer(hf_path_search *s, const hf_cert *issuer, size_t at)
{
    char detail[HF_DETAIL_MAX] = "";
    bool anchor = at == s->query->n_chain;
    hf_error e = hf_rule_issuer(s->query, issuer, anchor, count_below(s), detail);

    if (e == HF_OK)
        return HF_OK;
    if (anchor) /* it has no place in the chain by which people could find it */
        hf_append_name(detail, " in the trusted ", issuer->subject);
    return hf_path_defect(s, e, at, detail);
}

/* A wrong signature under another key identifier is another CA of the same name: no defect, no path. */
static hf_error judge_signature(hf_path_search *s, const hf_path_link *child, const hf_cert *issuer)
{
    char detail[HF_DETAIL_MAX] = "";
    bool good = false;
    hf_error e = hf_rule_signature(s->query, child->cert, &issuer->key, detail);

    if (e == HF_E_CERT_SIGNATURE && key_ids_differ(child->cert, issuer))
        return HF_NO_PATH; /* its key could not even have made this signature */
    if (e != HF_OK)
        return hf_path_defect(s, e, child->at, detail);
    if (hf_rsa_bits(&issuer->key) > s->query->rsa_max_bits)
        return HF_OK; /* a defect already, and checking would cost more than one may ask of us */
    TRY(verify(s, child->cert, issuer, &good));
    if (good)
        return HF_OK;
    if (key_ids_differ(child->cert, issuer))
        return HF_NO_PATH;
    hf_append_name(detail, "does not verify with the key of ", issuer->subject);
    return hf_path_defect(s, HF_E_CERT_SIGNATURE, child->at, detail);
}

static void reached_anchor(hf_path_search *s)
{
    if (s->defects == 0 || (s->best_defects > 0 && s->best_defects <= s->defects))
        return;
    s->best_defects = s->defects;
    s->best = s->first;
}

static hf_error go_on(hf_path_search *s, const hf_cert *issuer, size_t at)
{
    const hf_path_link *child = &s->path[s->depth - 1];

    TRY(judge_issuer(s, issuer, at));
    TRY(judge_signature(s, child, issuer));
    s->path[s->depth++] = (hf_path_link){ issuer, at };
    if (at < s->query->n_chain)
        return hf_path_extend(s);
    if (!s->tolerant)
        return HF_OK;
    reached_anchor(s);
    return HF_NO_PATH; /* tolerance explains; it never accepts */
}

/* HF_OK: the path stands, s->path holds it. HF_NO_PATH: everything is as before. */
static hf_error try_issuer(hf_path_search *s, const hf_cert *issuer, size_t at)
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
static bool on_path(const hf_path_search *s, const hf_cert *cert)
{
    for (size_t i = 0; i < s->depth; i++)
        if (hf_span_equal(s->path[i].cert->subject, cert->subject) &&
            hf_span_equal(s->path[i].cert->spki, cert->spki))
            return true;
    return false;
}

/* `other_key`: this round is for the candidates whose key identifier differs from what the child asks for. */
static hf_error try_anchors(hf_path_search *s, const hf_cert *child, bool other_key, bool *any)
{
    size_t next = 0;

    for (const hf_cert *anchor;
         (anchor = hf_trust_find(s->query->trust, child->issuer, &next)) != NULL;) {
        if (key_ids_differ(child, anchor) != other_key)
            continue;
        *any = *any || !other_key;
        hf_error e = try_issuer(s, anchor, s->query->n_chain);
        if (e != HF_NO_PATH)
            return e;
    }
    return HF_NO_PATH;
}

static hf_error try_chain(hf_path_search *s, const hf_cert *child, bool other_key, bool *any)
{
    for (size_t i = 1; i < s->query->n_chain; i++) {
        const hf_cert *cert = &s->certs[i];
        if (s->malformed[i].code != HF_OK || !hf_span_equal(cert->subject, child->issuer) ||
            key_ids_differ(child, cert) != other_key || on_path(s, cert))
            continue;
        *any = *any || !other_key;
        hf_error e = try_issuer(s, cert, i);
        if (e != HF_NO_PATH)
            return e;
    }
    return HF_NO_PATH;
}

static void note_dead_end(hf_path_search *s, const hf_path_link *child)
{
    const hf_span issuer = child->cert->issuer;
    size_t next = 0;

    if (s->depth <= s->dead_end_depth)
        return;
    bool same_name = hf_trust_find(s->query->trust, issuer, &next) != NULL;
    s->dead_end_depth = s->depth;
    s->dead_end = (hf_defect){ HF_E_CERT_UNKNOWN_CA, child->at, "" };
    hf_append_name(
        s->dead_end.detail,
        same_name ? "another key is trusted for " : "not trusted and not sent: ", issuer);
}

/* Goes from the path's last certificate to its issuers. Recursion is as deep as the path: HF_CHAIN_MAX. */
hf_error hf_path_extend(hf_path_search *s)
{
    hf_path_link child = s->path[s->depth - 1];
    hf_error e = HF_NO_PATH;
    bool any = false;

    for (int round = 0; round < 2 && e == HF_NO_PATH; round++) {
        e = try_anchors(s, child.cert, round == 1, &any);
        if (e == HF_NO_PATH)
            e = try_chain(s, child.cert, round == 1, &any);
    }
    if (e == HF_NO_PATH && !any)
        note_dead_end(s, &child);
    return e;
}
