/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Judging one step of a path and a path as a whole (RFC 5280 6.1.3 to 6.1.5). Each signature is
 * checked at most once, and all checks together are counted in units of what they cost.
 */
#include <handfast/policy.h>
#include <stdio.h>

#include "x509/cert_policies.h"
#include "x509/constraints.h"
#include "x509/parts.h"
#include "x509/path_account.h"
#include "x509/revocation.h"
#include "x509/signature_cost.h"
#include "x509/trust.h"

/* These end the search instead of one way. */
static bool is_final(hf_error e)
{
    return e == HF_E_CERT_BUDGET || e == HF_E_CERT_BUDGET_NAMES || e == HF_E_NO_MEMORY ||
           e == HF_E_CRYPTO;
}

/* ---- the issuer by itself ---- */

/* RFC 5280 6.1.4 (l): self-issued certificates do not count, and neither do the ends of the path. */
static unsigned count_between(const hf_path_search *s)
{
    unsigned n = 0;

    for (size_t i = 1; i + 1 < s->depth; i++)
        n += !s->path[i].cert->self_issued;
    return n;
}

static hf_error judge_rules(hf_path_search *s, const hf_path_link *issuer, bool anchor)
{
    char detail[HF_DETAIL_MAX] = "";

    hf_tell_about(s, s->depth - 1, s->depth - 1);
    hf_tell_rule(s->query, HF_RULE_FORM, HF_OK, "");
    hf_error e = hf_rule_issuer(s->query, issuer->cert, anchor, count_between(s), detail);
    if (e == HF_OK)
        return HF_OK;
    if (anchor) /* it has no place in the chain by which people could find it */
        hf_append_name(detail, " in the trusted ", issuer->cert->subject);
    return hf_path_defect(s, e, issuer->at, detail);
}

static hf_error judge_count(hf_path_search *s, const hf_path_link *issuer)
{
    char detail[HF_DETAIL_MAX];
    unsigned n = count_between(s) + !issuer->cert->self_issued;

    if (s->query->max_intermediates < 0)
        return HF_OK;
    if (n <= (unsigned)s->query->max_intermediates)
        return hf_tell_rule(s->query, HF_RULE_INTERMEDIATES, HF_OK, "");
    snprintf(detail, sizeof detail, "%u intermediates at least, allowed are %d", n,
             s->query->max_intermediates);
    hf_tell_rule(s->query, HF_RULE_INTERMEDIATES, HF_E_CERT_DEPTH, detail);
    return hf_path_defect(s, HF_E_CERT_DEPTH, issuer->at, detail);
}

/* ---- its signature ---- */

/* The same key checks the same signature in the same way, whichever certificate brought it. */
static bool is_known(const hf_path_search *s, const hf_cert *cert, const hf_cert *issuer,
                     bool *good)
{
    for (size_t i = 0; i < s->n_checks; i++) {
        const hf_path_check *known = &s->checks[i];
        if ((known->cert == cert || hf_span_equal(known->cert->der, cert->der)) &&
            (known->issuer == issuer || hf_span_equal(known->issuer->spki, issuer->spki))) {
            *good = known->good;
            return true;
        }
    }
    return false;
}

static hf_error verify(hf_path_search *s, const hf_cert *cert, const hf_cert *issuer, bool *good)
{
    unsigned units = hf_signature_units(&issuer->key);

    if (is_known(s, cert, issuer, good))
        return HF_OK;
    if (units > s->units || s->n_checks == HF_SIGNATURE_BUDGET)
        return HF_E_CERT_BUDGET;
    s->units -= units;
    hf_error e = hf_verify(&issuer->key, cert->signed_with.kind, cert->signed_with.hash, cert->tbs,
                           cert->signature);
    if (e != HF_OK && e != HF_E_SIGNATURE_WRONG)
        return e;
    *good = e == HF_OK;
    s->checks[s->n_checks++] = (hf_path_check){ cert, issuer, *good };
    return HF_OK;
}

static hf_error is_issuer_of(hf_path_search *s, const hf_cert *cert, const hf_cert *issuer,
                             bool *is)
{
    char words[HF_DETAIL_MAX];
    unsigned bits = hf_rsa_bits(&issuer->key);

    *is = false;
    if (hf_key_ids_differ(cert, issuer) || bits > s->query->rsa_max_bits ||
        hf_rule_signature(s->query, cert, &issuer->key, words) != HF_OK)
        return HF_OK;
    return verify(s, cert, issuer, is);
}

hf_error hf_path_signer(hf_path_search *s, const hf_cert *cert, const hf_cert **signer)
{
    size_t n = 0, next = 0;
    hf_pool_entry *const *sent = hf_pool_find(&s->pool, cert->issuer, &n);
    bool is = false;

    for (const hf_cert *one;
         (one = hf_trust_find(s->query->trust, cert->issuer, &next)) != NULL && !is;) {
        TRY(is_issuer_of(s, cert, one, &is));
        if (is)
            *signer = one;
    }
    for (size_t i = 0; i < n && !is; i++) {
        TRY(is_issuer_of(s, cert, &sent[i]->cert, &is));
        if (is)
            *signer = &sent[i]->cert;
    }
    if (!is && cert->self_issued) { /* a leaf is not among those that were sent for others */
        TRY(is_issuer_of(s, cert, cert, &is));
        if (is)
            *signer = cert;
    }
    return HF_OK;
}

/* A wrong signature under another key identifier is another CA of the same name: no defect, no path. */
static hf_error wrong_key(hf_path_search *s, const hf_path_link *child, const char *detail)
{
    return s->tolerant ? HF_NO_PATH : hf_path_defect(s, HF_E_CERT_SIGNATURE, child->at, detail);
}

static hf_error judge_signature(hf_path_search *s, const hf_path_link *child, const hf_cert *issuer)
{
    char detail[HF_DETAIL_MAX] = "";
    bool good = false, other = hf_key_ids_differ(child->cert, issuer);

    hf_tell_about(s, s->depth - 2, s->depth - 1);
    hf_error e = hf_rule_signature(s->query, child->cert, &issuer->key, detail);

    hf_tell_rule(s->query, HF_RULE_ALGORITHM, e, detail);
    if (e == HF_E_CERT_SIGNATURE && other)
        return wrong_key(s, child, detail); /* its key could not even have made this signature */
    if (e != HF_OK)
        return hf_path_defect(s, e, child->at, detail);
    if (hf_rsa_bits(&issuer->key) > s->query->rsa_max_bits)
        return HF_OK; /* a defect already, and checking would cost more than one may ask of us */
    TRY(verify(s, child->cert, issuer, &good));
    if (good)
        return hf_tell_rule(s->query, HF_RULE_SIGNATURE, HF_OK, "");
    hf_append_name(detail, "does not verify with the key of ", issuer->subject);
    hf_tell_rule(s->query, HF_RULE_SIGNATURE, HF_E_CERT_SIGNATURE, detail);
    return other ? wrong_key(s, child, detail)
                 : hf_path_defect(s, HF_E_CERT_SIGNATURE, child->at, detail);
}

/* ---- what it allows those below ---- */

/* RFC 5280 6.1.3 (b), (c): every certificate but self-issued ones, unless they are the leaf. */
static hf_error judge_names(hf_path_search *s, const hf_cert *issuer)
{
    bool strict = s->query->profile == HF_PROFILE_WEBPKI;
    char detail[HF_DETAIL_MAX] = "";

    for (size_t i = s->depth - 1; i-- > 0;) {
        const hf_path_link *below = &s->path[i];
        if (i > 0 && below->cert->self_issued)
            continue;
        hf_error e = hf_constraints_check(issuer, below->cert, strict, &s->names, detail);
        if (issuer->name_constraints.len > 0 || e != HF_OK) {
            hf_tell_about(s, i, s->depth - 1);
            hf_tell_rule(s->query, HF_RULE_CONSTRAINTS, e, detail);
        }
        if (is_final(e))
            return e;
        if (e != HF_OK) {
            hf_append_name(detail, ", says ", issuer->subject);
            return hf_path_defect(s, e, below->at, detail);
        }
    }
    return HF_OK;
}

hf_error hf_path_judge_issuer(hf_path_search *s)
{
    const hf_path_link *issuer = &s->path[s->depth - 1];
    bool anchor = issuer->at == s->query->n_chain;

    TRY(judge_rules(s, issuer, anchor));
    if (!anchor)
        TRY(judge_count(s, issuer));
    TRY(judge_signature(s, issuer - 1, issuer->cert));
    return judge_names(s, issuer->cert);
}

/* ---- the whole path ---- */

/* Words without an error: a CRL or staple is there and was of no use. */
static void warn(hf_path_search *s, size_t at, const char detail[HF_DETAIL_MAX])
{
    if (s->tolerant)
        return;
    s->result->at = s->path[at].at;
    memcpy(s->result->detail, detail, HF_DETAIL_MAX);
}

/* There is signed evidence. For the leaf that is the end: no path can do without it. Another path may do without a CA's
   certificate, but none may lead over it. */
static hf_error end_revoked(hf_path_search *s, size_t at, const char detail[HF_DETAIL_MAX])
{
    if (at > 0 && s->n_revoked < HF_PATH_MAX) {
        hf_defect *d = &s->revoked[s->n_revoked++];
        *d = (hf_defect){ .code = HF_E_CERT_REVOKED, .at = at };
        memcpy(d->detail, detail, HF_DETAIL_MAX);
        return hf_path_defect(s, HF_E_CERT_REVOKED, at, detail);
    }
    hf_path_defect(s, HF_E_CERT_REVOKED, at, detail); /* for whoever listens */
    s->result->at = at;
    memcpy(s->result->detail, detail, HF_DETAIL_MAX);
    return HF_E_CERT_REVOKED;
}

/* What one path has shown is not asked again. NULL: nothing is known. */
static const hf_defect *known_revoked(const hf_path_search *s)
{
    for (size_t i = 1; i + 1 < s->depth; i++)
        for (size_t k = 0; k < s->n_revoked; k++)
            if (s->path[i].at == s->revoked[k].at)
                return &s->revoked[k];
    return NULL;
}

static bool signs_crls(const hf_cert *cert)
{
    return !cert->has_key_usage || (cert->key_usage & HF_KU_CRL_SIGN);
}

static bool is_twin(const hf_cert *a, const hf_cert *b)
{
    return hf_span_equal(a->subject, b->subject) && hf_span_equal(a->spki, b->spki);
}

/* The same CA may have a certificate with cRLSign beside the one that the path leads over; the key is the same. */
static const hf_cert *crl_signer(const hf_path_search *s, const hf_cert *issuer)
{
    size_t n = 0, next = 0;
    hf_pool_entry *const *sent = hf_pool_find(&s->pool, issuer->subject, &n);

    if (signs_crls(issuer))
        return issuer;
    for (const hf_cert *cert;
         (cert = hf_trust_find(s->query->trust, issuer->subject, &next)) != NULL;)
        if (is_twin(cert, issuer) && signs_crls(cert))
            return cert;
    for (size_t i = 0; i < n; i++)
        if (is_twin(&sent[i]->cert, issuer) && signs_crls(&sent[i]->cert))
            return &sent[i]->cert;
    return issuer;
}

static hf_error judge_status(hf_path_search *s, const hf_cert *const *path, size_t *at,
                             char detail[HF_DETAIL_MAX])
{
    const hf_cert *askable[HF_PATH_MAX];

    askable[0] = path[0];
    for (size_t i = 1; i < s->depth; i++)
        askable[i] = crl_signer(s, path[i]);
    return hf_revocation_check(s->query, askable, s->depth, &s->status_units, at, detail);
}

static bool demands_policies(const hf_cert *const *path, size_t n)
{
    size_t i = 0;

    while (i < n && path[i]->policy_constraints.len == 0)
        i++;
    return i < n;
}

static hf_error judge_policies(hf_path_search *s, const hf_cert *const *path, size_t *at,
                               char detail[HF_DETAIL_MAX])
{
    hf_error e = hf_policies_check(path, s->depth, at, detail);

    if (e == HF_OK && !demands_policies(path, s->depth))
        return HF_OK;
    hf_tell_about(s, *at < s->depth ? *at : 0, 0);
    return hf_tell_rule(s->query, HF_RULE_POLICIES, e, detail);
}

/* A kept rule may still have something to say: why a CRL or staple was of no use. */
static void tell_status(const hf_path_search *s, size_t at, hf_error e, const char *detail)
{
    hf_tell_about(s, at, 0);
    if (s->query->account)
        hf_account_rule(s->query->account, HF_RULE_STATUS, e, detail);
}

/* Where the explanation has a defect already, there is nothing to add to it. */
hf_error hf_path_judge_whole(hf_path_search *s)
{
    const hf_cert *path[HF_PATH_MAX];
    char detail[HF_DETAIL_MAX] = "";
    size_t at = 0;

    if (s->defects > 0)
        return HF_OK;
    const hf_defect *known = known_revoked(s);
    if (known)
        return hf_path_defect(s, known->code, known->at, known->detail);
    for (size_t i = 0; i < s->depth; i++)
        path[i] = s->path[i].cert;
    hf_error e = judge_policies(s, path, &at, detail);
    bool allowed = e == HF_OK;
    if (allowed)
        e = judge_status(s, path, &at, detail);
    if (is_final(e))
        return e;
    if (at >= s->depth)
        at = 0;
    if (allowed)
        tell_status(s, at, e, detail);
    if (e == HF_E_CERT_REVOKED)
        return end_revoked(s, s->path[at].at, detail);
    if (e != HF_OK)
        return hf_path_defect(s, e, s->path[at].at, detail);
    warn(s, at, detail);
    return HF_OK;
}

/* ---- a leaf that needs no path ---- */

hf_error hf_path_judge_trusted_leaf(hf_path_search *s)
{
    const hf_cert *leaf = s->path[0].cert, *issuer = NULL;
    char detail[HF_DETAIL_MAX] = "";
    size_t at = 0;

    TRY(hf_path_signer(s, leaf, &issuer));
    const hf_cert *path[] = { leaf, issuer ? crl_signer(s, issuer) : NULL };
    hf_error e = hf_revocation_check(s->query, path, issuer ? 2 : 1, &s->status_units, &at, detail);
    s->result->at = 0;
    memcpy(s->result->detail, detail, HF_DETAIL_MAX);
    tell_status(s, 0, e, detail);
    return e;
}
