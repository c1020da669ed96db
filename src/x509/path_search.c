/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A search in depth over the certificates that the peer sent, anchors first (RFC 4158 2.4). Every
 * candidate that is looked at is counted.
 */
#include "x509/path_account.h"

#include <stdio.h>

#include "x509/signature_cost.h"
#include "x509/trust.h"

/* Enough for the largest pool under one name, several times. The signatures run out first, unless somebody plays games. */
enum { STEPS_MAX = 8 * HF_POOL_MAX, STEPS_EXPLAINED_MAX = 256 };

void hf_path_start(hf_path_search *s, bool tolerant)
{
    s->tolerant = tolerant;
    s->depth = 1;
    s->steps = tolerant ? STEPS_EXPLAINED_MAX : STEPS_MAX;
    if (!tolerant)
        s->names = HF_NAME_BUDGET;
}

/* ---- what stands in the way ---- */

static void tell_attempt(hf_path_search *s, hf_error code, size_t at, const char *detail)
{
    hf_path_result attempt = {
        .depth = s->depth, .at = at, .error = code, .signatures = (unsigned)s->n_checks
    };

    if (s->tolerant || !s->query->tried)
        return;
    for (size_t i = 0; i < s->depth; i++)
        attempt.path[i] = s->path[i].cert->der;
    snprintf(attempt.detail, sizeof attempt.detail, "%s", detail);
    s->query->tried(s->query->tried_user, &attempt);
}

/* A signature that is not checked is a way further up all the same. */
static hf_error spend_unchecked(hf_path_search *s, hf_error code)
{
    if (code != HF_E_CERT_SIGALG_UNSUPPORTED && code != HF_E_CERT_SIGALG_BROKEN)
        return HF_OK;
    if (s->units == 0)
        return HF_E_CERT_BUDGET;
    s->units--;
    return HF_OK;
}

hf_error hf_path_defect(hf_path_search *s, hf_error code, size_t at, const char *detail)
{
    tell_attempt(s, code, at, detail);
    if (!s->tolerant)
        return HF_NO_PATH;
    if (s->defects++ == 0) {
        s->first.code = code;
        s->first.at = at;
        snprintf(s->first.detail, sizeof s->first.detail, "%s", detail);
    }
    return spend_unchecked(s, code);
}

void hf_append_name(char detail[HF_DETAIL_MAX], const char *words, hf_span name)
{
    size_t n = strlen(detail), added = strlen(words);

    if (n + added + 1 > HF_DETAIL_MAX)
        return;
    memcpy(detail + n, words, added);
    hf_name_text(name, detail + n + added, HF_DETAIL_MAX - n - added);
}

static void reached_anchor(hf_path_search *s)
{
    if (s->defects == 0 || (s->best_defects > 0 && s->best_defects <= s->defects))
        return;
    s->best_defects = s->defects;
    s->best = s->first;
    hf_account_best(s);
}

static void note_dead_end(hf_path_search *s, hf_error code, const char *words, hf_span issuer)
{
    const hf_path_link *last = &s->path[s->depth - 1];
    hf_defect dead_end = { code, last->at, "" };

    hf_append_name(dead_end.detail, words, issuer);
    tell_attempt(s, code, last->at, dead_end.detail);
    if (s->depth <= s->dead_end_depth)
        return;
    s->dead_end_depth = s->depth;
    s->dead_end = dead_end;
    hf_account_dead_end(s);
}

/* ---- one step ---- */

/* s->path ends with the issuer that is tried. */
static hf_error go_on(hf_path_search *s)
{
    TRY(hf_path_judge_issuer(s));
    if (s->path[s->depth - 1].at < s->query->n_chain)
        return hf_path_extend(s);
    TRY(hf_path_judge_whole(s));
    if (!s->tolerant)
        return HF_OK;
    reached_anchor(s);
    return HF_NO_PATH; /* tolerance explains; it never accepts */
}

/* HF_OK: the path stands, s->path holds it. HF_NO_PATH: everything is as before. */
static hf_error try_issuer(hf_path_search *s, const hf_cert *issuer, size_t at)
{
    size_t depth = s->depth, told = hf_account_mark(s);
    unsigned defects = s->defects;

    s->path[s->depth++] = (hf_path_link){ issuer, at, NULL };
    hf_error e = go_on(s);
    if (e != HF_OK) {
        s->depth = depth;
        s->defects = defects;
    }
    if (e == HF_NO_PATH) /* all others end the search: here it stood */
        hf_account_back(s, told);
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

/* Where one key has made a signature, that others of its owner's name have not is no defect: they are others, last year's perhaps. Asked
   by the tolerant search alone, so that no decision rests on it; whatever cannot be checked any more counts as before. */
static hf_error find_signer(hf_path_search *s)
{
    hf_path_link *last = &s->path[s->depth - 1];

    last->signer = NULL;
    if (!s->tolerant)
        return HF_OK;
    hf_error e = hf_path_signer(s, last->cert, &last->signer);
    return e == HF_E_CERT_BUDGET ? HF_OK : e;
}

static bool is_namesake(const hf_path_search *s, const hf_cert *candidate)
{
    const hf_cert *signer = s->path[s->depth - 1].signer;

    return signer && !hf_span_equal(signer->spki, candidate->spki);
}

/* `other_key`: this round is for the candidates whose key identifier differs from what the child asks for. */
static hf_error try_anchors(hf_path_search *s, const hf_cert *child, bool other_key, bool *any)
{
    size_t next = 0;

    for (const hf_cert *anchor;
         (anchor = hf_trust_find(s->query->trust, child->issuer, &next)) != NULL;) {
        if (s->steps-- == 0)
            return HF_E_CERT_BUDGET_STEPS;
        if (hf_key_ids_differ(child, anchor) != other_key || is_namesake(s, anchor))
            continue;
        *any = *any || !other_key;
        hf_error e = try_issuer(s, anchor, s->query->n_chain);
        if (e != HF_NO_PATH)
            return e;
    }
    return HF_NO_PATH;
}

/* There has to be room for the anchor. */
static hf_error try_pool(hf_path_search *s, const hf_cert *child, bool other_key, bool *any)
{
    size_t n;
    hf_pool_entry *const *candidates = hf_pool_find(&s->pool, child->issuer, &n);

    for (size_t i = 0; i < n; i++) {
        const hf_cert *cert = &candidates[i]->cert;
        if (s->steps-- == 0)
            return HF_E_CERT_BUDGET_STEPS;
        if (hf_key_ids_differ(child, cert) != other_key || on_path(s, cert) || is_namesake(s, cert))
            continue;
        if (s->depth + 1 == HF_PATH_MAX) {
            note_dead_end(s, HF_E_CERT_DEPTH,
                          "a path has 16 certificates at most; one more would be ", cert->subject);
            *any = true;
            return HF_NO_PATH;
        }
        *any = *any || !other_key;
        hf_error e = try_issuer(s, cert, candidates[i]->at);
        if (e != HF_NO_PATH)
            return e;
    }
    return HF_NO_PATH;
}

/* Goes from the path's last certificate to its issuers. Recursion is as deep as the path: HF_PATH_MAX. */
hf_error hf_path_extend(hf_path_search *s)
{
    const hf_cert *child = s->path[s->depth - 1].cert;
    hf_error e = HF_NO_PATH;
    size_t next = 0;
    bool any = false;

    TRY(find_signer(s));
    for (int round = 0; round < 2 && e == HF_NO_PATH; round++) {
        e = try_anchors(s, child, round == 1, &any);
        if (e == HF_NO_PATH)
            e = try_pool(s, child, round == 1, &any);
    }
    if (e == HF_NO_PATH && !any)
        note_dead_end(s, HF_E_CERT_UNKNOWN_CA,
                      hf_trust_find(s->query->trust, child->issuer, &next)
                          ? "another key is trusted for "
                      : child->self_issued ? "a root that is not trusted: "
                                           : "not trusted and not sent: ",
                      child->issuer);
    return e;
}
