/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Who issued whom among the certificates that were sent: from the leaf upward by names, key identifiers and signatures. RFC 5246
 * 7.4.2 wants each certificate to certify the one before it; RFC 9846 4.5.1 tolerates others. What does not lie on a way
 * from the leaf helps nobody.
 */
#include "audit/chain_judge.h"

#include <stdio.h>

#include "x509/der.h"
#include "x509/parts.h"
#include "x509/oid.h"
#include "x509/trust.h"

enum { BITS_CHECKED_MAX = 8192 }; /* larger RSA keys cost too much: names have to do */

static bool is_issued_by(const hf_cert *cert, const hf_cert *issuer)
{
    bool ids = cert->aki.len > 0 && issuer->ski.len > 0;

    if (!hf_span_equal(cert->issuer, issuer->subject) ||
        (ids && !hf_span_equal(cert->aki, issuer->ski)))
        return false;
    if (cert->signed_with.kind == HF_SIG_NONE || hf_rsa_bits(&issuer->key) > BITS_CHECKED_MAX)
        return true;
    return hf_verify(&issuer->key, cert->signed_with.kind, cert->signed_with.hash, cert->tbs,
                     cert->signature) == HF_OK;
}

static bool is_anchored(const hf_cert *cert, const hf_trust *trust)
{
    const hf_cert *anchor;

    for (size_t next = 0; (anchor = hf_trust_find(trust, cert->issuer, &next)) != NULL;)
        if (is_issued_by(cert, anchor))
            return true;
    return hf_trust_has(trust, cert->der);
}

static bool is_twin(const hf_seen_chain *chain, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (hf_span_equal(chain->der[k], chain->der[i]))
            return true;
    return false;
}

/* Those that issued what is reached are reached; each round finds at least one more, or is the last. */
static bool reach(hf_chain_shape *s, const hf_seen_chain *chain)
{
    bool more = false;

    for (size_t i = 0; i < chain->n; i++)
        for (size_t k = 1; s->reached[i] && k < chain->n; k++)
            if (k != i && s->readable[k] && !s->reached[k] && !is_twin(chain, k) &&
                is_issued_by(&s->cert[i], &s->cert[k])) {
                s->reached[k] = more = true;
                s->top = k;
            }
    return more;
}

void hf_chain_shape_of(hf_chain_shape *s, const hf_seen_chain *chain, const hf_trust *trust)
{
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < chain->n; i++)
        s->readable[i] = hf_cert_parse(&s->cert[i], chain->der[i], NULL) == HF_OK;
    if (chain->parsed) { /* of whatever version */
        s->cert[0] = chain->leaf;
        s->readable[0] = true;
    }
    s->reached[0] = s->readable[0];
    while (reach(s, chain))
        ;
    for (size_t i = 0; i < chain->n; i++) {
        s->anchored |= s->reached[i] && is_anchored(&s->cert[i], trust);
        s->ends_in_root |= s->reached[i] && s->cert[i].self_issued;
    }
}

const hf_cert *hf_chain_leaf_issuer(const hf_chain_shape *s, const hf_seen_chain *chain,
                                    const hf_trust *trust)
{
    const hf_cert *anchor;

    for (size_t i = 0; s->readable[0] && i < chain->n; i++)
        if (s->reached[i] && is_issued_by(&s->cert[0], &s->cert[i]))
            return &s->cert[i];
    for (size_t next = 0;
         s->readable[0] && (anchor = hf_trust_find(trust, s->cert[0].issuer, &next)) != NULL;)
        if (is_issued_by(&s->cert[0], anchor))
            return anchor;
    return NULL;
}

/* ---- what is said of it ---- */

/* RFC 5280 4.2.2.1: who says where his issuer can be had expects somebody to send it. */
static bool tells_issuer(const hf_cert *cert)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader list = hf_rd_start(cert->aia, "authorityInfoAccess", 0, &fault, NULL);

    while (hf_rd_left(&list) > 0) {
        uint8_t tag = 0;
        hf_reader access = hf_der_open(&list, HF_DER_SEQUENCE, "AccessDescription");
        hf_oid method = hf_oid_of(hf_der_oid(&access, "accessMethod"));
        hf_der_any(&access, &tag, "accessLocation");
        if (method == HF_OID_ad_ca_issuers)
            return true;
    }
    return false;
}

/* Somebody issued the top who is neither here nor trusted. A root that is not trusted here is rightly not sent, and may issue leaves
   itself; only who says where his issuer can be had is known to lack one. */
static bool is_cut_short(const hf_seen_chain *chain, const hf_chain_shape *s)
{
    return s->readable[0] && !s->anchored && !s->ends_in_root && !chain->more;
}

/* Sent before what it certifies, when it should have stood behind it. */
static bool is_early(const hf_seen_chain *chain, const hf_chain_shape *s, size_t k)
{
    for (size_t i = 0; i < k; i++)
        if (s->reached[i] && is_issued_by(&s->cert[i], &s->cert[k]))
            return false;
    for (size_t i = k + 1; i < chain->n; i++)
        if (s->reached[i] && is_issued_by(&s->cert[i], &s->cert[k]))
            return true;
    return false;
}

void hf_chain_tell_shape(hf_seen_chain *chain, const hf_chain_shape *s)
{
    for (size_t i = 1; i < chain->n; i++) {
        bool root =
            s->readable[i] && s->cert[i].self_issued && is_issued_by(&s->cert[i], &s->cert[i]);
        chain->has_root |= root && s->reached[i];
        chain->has_strangers |= !s->reached[i];
        chain->out_of_order |= s->reached[i] && is_early(chain, s, i);
    }
    if (!is_cut_short(chain, s))
        return;
    chain->missing_intermediate = tells_issuer(&s->cert[s->top]);
    hf_name_text(s->cert[s->top].issuer, chain->missing_issuer, sizeof chain->missing_issuer);
    if (!*chain->missing_issuer)
        snprintf(chain->missing_issuer, sizeof chain->missing_issuer, "(empty name)");
}
