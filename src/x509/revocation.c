/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The status of a path from everything that is at hand. That a certificate is revoked ends it in any
 * mode. What is of no use (stale, malformed, not signed by who may) counts as if it were not there:
 * soft goes on and has a warning, hard demands an answer for the leaf and so fails. CRLs are asked
 * before the staple: those are the user's, and a staple that is dear to check comes from the peer.
 */
#include "x509/revocation_parts.h"

#include <stdio.h>

#include "x509/trust.h"

typedef struct inquiry {
    const hf_path_query *query;
    unsigned *units;
    hf_status status;             /* GOOD: somebody who may has said so */
    char detail[HF_DETAIL_MAX];   /* why it is revoked */
    char obstacle[HF_DETAIL_MAX]; /* the first thing that was of no use; empty: none */
    const hf_crl *newest;         /* the newest genuine CRL of its scope; NULL: not known */
} inquiry;

/* These say nothing about the source: the whole question ends. */
static bool is_final(const hf_path_query *query, hf_error e)
{
    return e == HF_E_NO_MEMORY || e == HF_E_CRYPTO ||
           (e == HF_E_CERT_BUDGET && query->revocation == HF_REVOCATION_HARD);
}

/* One source's answer. REVOKED outweighs GOOD, whatever came first. */
static hf_error weigh(inquiry *q, hf_error e, hf_status status, const char detail[HF_DETAIL_MAX])
{
    if (is_final(q->query, e))
        return e;
    if (e == HF_E_CERT_BUDGET)
        detail = "there are too many signatures of CRLs and OCSP responses to check";
    if (status == HF_STATUS_UNKNOWN && !q->obstacle[0])
        snprintf(q->obstacle, HF_DETAIL_MAX, "%s", detail);
    if (status == HF_STATUS_REVOKED && q->status != HF_STATUS_REVOKED)
        memcpy(q->detail, detail, HF_DETAIL_MAX);
    if (status > q->status)
        q->status = status;
    return HF_OK;
}

static hf_error ask_staple(inquiry *q, const hf_cert *cert, const hf_cert *issuer)
{
    char detail[HF_DETAIL_MAX] = "";
    hf_status status = HF_STATUS_UNKNOWN;

    if (q->query->staple.len == 0)
        return HF_OK;
    hf_error e =
        hf_ocsp_status(q->query, q->query->staple, cert, issuer, q->units, &status, detail);
    return weigh(q, e, status, detail);
}

/* ---- the newest CRL ---- */

/* Only of these does one replace the other. Another key may be another CA of that name. */
static bool same_scope(const hf_crl *a, const hf_crl *b)
{
    return a->delta == b->delta && hf_span_equal(a->idp, b->idp) && hf_span_equal(a->aki, b->aki);
}

/* RFC 5280 5.2.3: numbers grow; they are unsigned and without leading zeros. */
static bool is_newer(const hf_crl *a, const hf_crl *b)
{
    if (a->number.len != b->number.len)
        return a->number.len > b->number.len;
    int order = memcmp(a->number.data, b->number.data, a->number.len);
    return order != 0 ? order > 0 : a->this_update > b->this_update;
}

/* The newest CRL of crl's scope that is newer than it, in force, and older than `below`; NULL: none. */
static const hf_crl *next_newest(const hf_path_query *query, const hf_crl *crl, const hf_crl *below)
{
    const hf_crl *best = NULL, *other;

    for (size_t next = 0; (other = hf_trust_crl(query->trust, crl->issuer, &next)) != NULL;)
        if (other->this_update - HF_STATUS_SKEW <= query->now && same_scope(other, crl) &&
            is_newer(other, best ? best : crl) && (!below || is_newer(below, other)))
            best = other;
    return best;
}

/* A number proves nothing before the signature does. */
static hf_error is_replaced(inquiry *q, const hf_crl *crl, const hf_cert *issuer, bool *replaced)
{
    char words[HF_DETAIL_MAX];

    if (!q->newest || !same_scope(q->newest, crl)) {
        q->newest = NULL;
        for (const hf_crl *other = NULL;
             !q->newest && (other = next_newest(q->query, crl, other)) != NULL;) {
            hf_error e = hf_crl_signer(q->query, other, issuer, q->units, words);
            if (e == HF_OK)
                q->newest = other;
            if (e == HF_E_CERT_BUDGET || is_final(q->query, e))
                return e;
        }
    }
    *replaced = q->newest && is_newer(q->newest, crl);
    return HF_OK;
}

static hf_error ask_crl(inquiry *q, const hf_crl *crl, const hf_cert *cert, const hf_cert *issuer)
{
    char detail[HF_DETAIL_MAX] = "";
    hf_status status = HF_STATUS_UNKNOWN;
    bool replaced = false;
    hf_error e = is_replaced(q, crl, issuer, &replaced);

    if (replaced)
        return HF_OK;
    if (e == HF_OK)
        e = hf_crl_status(q->query, crl, cert, issuer, q->units, &status, detail);
    if (status != HF_STATUS_UNKNOWN) /* it is genuine */
        q->newest = crl;
    return weigh(q, e, status, detail);
}

static hf_error ask_crls(inquiry *q, const hf_cert *cert, const hf_cert *issuer)
{
    const hf_crl *crl;

    if (!q->query->trust)
        return HF_OK;
    for (size_t next = 0; (crl = hf_trust_crl(q->query->trust, cert->issuer, &next)) != NULL;)
        TRY(ask_crl(q, crl, cert, issuer));
    return HF_OK;
}

hf_error hf_crls_status(const hf_path_query *query, const hf_cert *cert, const hf_cert *issuer,
                        unsigned *units, hf_status *status, char detail[HF_DETAIL_MAX])
{
    inquiry q = { .query = query, .units = units };

    TRY(ask_crls(&q, cert, issuer));
    *status = q.status;
    memcpy(detail, q.status == HF_STATUS_REVOKED ? q.detail : q.obstacle, HF_DETAIL_MAX);
    return HF_OK;
}

/* ---- the leaf ---- */

/* RFC 7633 4.2.3: of servers; a client is not asked for a staple. */
static bool owes_staple(const hf_path_query *query, const hf_cert *leaf)
{
    return leaf->must_staple && query->purpose == HF_EKU_SERVER_AUTH;
}

static void put_words(char detail[HF_DETAIL_MAX], const char *words, const char *otherwise)
{
    snprintf(detail, HF_DETAIL_MAX, "%s", words[0] ? words : otherwise);
}

static void tell_known(const hf_path_query *query, hf_status staple, hf_status leaf)
{
    if (query->known)
        *query->known = (hf_leaf_known){ .staple = (uint8_t)staple, .leaf = (uint8_t)leaf };
}

/* What the leaf owes and has not brought; words is left as it is if that is nothing. */
static hf_error lacking(const inquiry *staple, const inquiry *both, const hf_cert *leaf,
                        char words[HF_DETAIL_MAX])
{
    if (owes_staple(both->query, leaf) && staple->status != HF_STATUS_GOOD) {
        put_words(words, staple->obstacle, "no staple came");
        return HF_E_CERT_STAPLE_MISSING;
    }
    if (both->query->revocation != HF_REVOCATION_HARD || both->status != HF_STATUS_UNKNOWN)
        return HF_OK;
    put_words(words, both->obstacle, "there is neither a staple nor a CRL of its issuer");
    return HF_E_CERT_STATUS_UNKNOWN;
}

/* ---- the whole path ---- */

static hf_error revoked(const inquiry *q, size_t i, size_t *at, char detail[HF_DETAIL_MAX])
{
    *at = i;
    memcpy(detail, q->detail, HF_DETAIL_MAX);
    return HF_E_CERT_REVOKED;
}

static void note_obstacle(const inquiry *q, size_t i, size_t *at, char detail[HF_DETAIL_MAX])
{
    if (q->status != HF_STATUS_UNKNOWN || !q->obstacle[0] || (detail[0] && *at <= i))
        return;
    *at = i;
    memcpy(detail, q->obstacle, HF_DETAIL_MAX);
}

/* `leaf` holds what the CRLs say of it. */
static hf_error finish_leaf(inquiry *leaf, const hf_cert *const *path, size_t n, size_t *at,
                            char detail[HF_DETAIL_MAX])
{
    inquiry staple = { .query = leaf->query, .units = leaf->units };

    if (n > 1)
        TRY(ask_staple(&staple, path[0], path[1]));
    if (staple.obstacle[0])
        memcpy(leaf->obstacle, staple.obstacle, HF_DETAIL_MAX);
    if (staple.status > leaf->status)
        leaf->status = staple.status;
    tell_known(leaf->query, staple.status, leaf->status);
    if (staple.status == HF_STATUS_REVOKED)
        return revoked(&staple, 0, at, detail);
    note_obstacle(leaf, 0, at, detail);
    hf_error e = lacking(&staple, leaf, path[0], detail);
    if (e != HF_OK)
        *at = 0;
    return e;
}

/* A revoked CA is worse news than a leaf of which too little is known: all are asked before the leaf's lack is told. */
hf_error hf_revocation_check(const hf_path_query *query, const hf_cert *const *path, size_t n,
                             unsigned *units, size_t *at, char detail[HF_DETAIL_MAX])
{
    inquiry leaf = { .query = query, .units = units };

    *at = 0;
    detail[0] = '\0';
    for (size_t i = 0; i + 1 < n; i++) {
        inquiry other = { .query = query, .units = units }, *q = i == 0 ? &leaf : &other;
        TRY(ask_crls(q, path[i], path[i + 1]));
        if (i == 0 && q->status == HF_STATUS_REVOKED)
            tell_known(query, HF_STATUS_UNKNOWN, HF_STATUS_REVOKED);
        if (q->status == HF_STATUS_REVOKED)
            return revoked(q, i, at, detail);
        if (i > 0)
            note_obstacle(q, i, at, detail);
    }
    return finish_leaf(&leaf, path, n, at, detail);
}
