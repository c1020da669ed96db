/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The status of a path from everything that is at hand. That a certificate is revoked ends it in any
 * mode. What is of no use (stale, malformed, not signed by who may) counts as if it were not there:
 * soft goes on and has a warning, hard demands an answer for the leaf and so fails.
 */
#include "x509/revocation.h"

#include <stdio.h>

#include "x509/trust.h"

typedef struct inquiry {
    const hf_path_query *query;
    unsigned *units;
    hf_status status;             /* GOOD: somebody who may has said so */
    char detail[HF_DETAIL_MAX];   /* why it is revoked */
    char obstacle[HF_DETAIL_MAX]; /* the first thing that was of no use; empty: none */
} inquiry;

/* These say nothing about the source: the whole question ends. */
static bool is_final(hf_error e)
{
    return e == HF_E_CERT_BUDGET || e == HF_E_NO_MEMORY || e == HF_E_CRYPTO;
}

/* One source's answer. REVOKED outweighs GOOD, whatever came first. */
static hf_error weigh(inquiry *q, hf_error e, hf_status status, const char detail[HF_DETAIL_MAX])
{
    if (is_final(e))
        return e;
    if (status == HF_STATUS_UNKNOWN && !q->obstacle[0])
        memcpy(q->obstacle, detail, HF_DETAIL_MAX);
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

static hf_error ask_crls(inquiry *q, const hf_cert *cert, const hf_cert *issuer)
{
    const hf_crl *crl;

    for (size_t next = 0; (crl = hf_trust_crl(q->query->trust, cert->issuer, &next)) != NULL;) {
        char detail[HF_DETAIL_MAX] = "";
        hf_status status = HF_STATUS_UNKNOWN;
        hf_error e = hf_crl_status(q->query, crl, cert, issuer, q->units, &status, detail);
        TRY(weigh(q, e, status, detail));
    }
    return HF_OK;
}

/* RFC 7633 4.2.3: of servers; a client is not asked for a staple. */
static bool owes_staple(const hf_path_query *query, const hf_cert *leaf)
{
    return leaf->must_staple && query->purpose == HF_EKU_SERVER_AUTH;
}

static void put_words(char detail[HF_DETAIL_MAX], const char *words, const char *otherwise)
{
    snprintf(detail, HF_DETAIL_MAX, "%s", words[0] ? words : otherwise);
}

/* The leaf has sources and duties that the others have not. */
static hf_error check_leaf(inquiry *q, const hf_cert *leaf, const hf_cert *issuer, hf_error *lacks,
                           char words[HF_DETAIL_MAX])
{
    TRY(ask_staple(q, leaf, issuer));
    bool stapled = q->status == HF_STATUS_GOOD;
    if (owes_staple(q->query, leaf) && !stapled) {
        *lacks = HF_E_CERT_STAPLE_MISSING;
        put_words(words, q->obstacle, "no staple came");
    }
    hf_leaf_known known = { .staple = (uint8_t)q->status };
    TRY(ask_crls(q, leaf, issuer));
    known.leaf = (uint8_t)q->status;
    if (q->query->known)
        *q->query->known = known;
    if (*lacks == HF_OK && q->query->revocation == HF_REVOCATION_HARD &&
        q->status == HF_STATUS_UNKNOWN) {
        *lacks = HF_E_CERT_STATUS_UNKNOWN;
        put_words(words, q->obstacle, "there is neither a staple nor a CRL of its issuer");
    }
    return HF_OK;
}

static hf_error revoked(const inquiry *q, size_t i, size_t *at, char detail[HF_DETAIL_MAX])
{
    *at = i;
    memcpy(detail, q->detail, HF_DETAIL_MAX);
    return HF_E_CERT_REVOKED;
}

/* A revoked CA is worse news than a leaf of which too little is known: all are asked before the leaf's lack is told. */
hf_error hf_revocation_check(const hf_path_query *query, const hf_cert *const *path, size_t n,
                             unsigned *units, size_t *at, char detail[HF_DETAIL_MAX])
{
    hf_error lacks = HF_OK;

    *at = 0;
    detail[0] = '\0';
    for (size_t i = 0; i + 1 < n; i++) {
        inquiry q = { .query = query, .units = units };
        if (i == 0)
            TRY(check_leaf(&q, path[0], path[1], &lacks, detail));
        else
            TRY(ask_crls(&q, path[i], path[i + 1]));
        if (q.status == HF_STATUS_REVOKED)
            return revoked(&q, i, at, detail);
        if (!detail[0] && q.status == HF_STATUS_UNKNOWN && q.obstacle[0]) {
            *at = i;
            memcpy(detail, q.obstacle, HF_DETAIL_MAX);
        }
    }
    return lacks;
}
