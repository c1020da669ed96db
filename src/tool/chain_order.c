/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The leaf is what issued nothing; from it a search in depth goes up, and the first way to a root wins, else the
 * longest one. Only names, key identifiers and signatures are looked at.
 */
#include "tool/chain_order.h"

#include <string.h>

#include "base/bytes.h"
#include "x509/der.h"
#include "x509/oid.h"
#include "x509/trust.h"

enum { STEPS_MAX = 4096 };

typedef struct search {
    hf_chain_order *order;
    size_t n_bag;
    const hf_trust *trust;
    size_t path[HF_ORDER_MAX], depth;
    unsigned steps;
} search;

/* ---- two certificates ---- */

/* A signature that cannot be checked here is believed: the names and key identifiers have to do. */
static bool is_signed_by(const hf_cert *cert, const hf_cert *issuer)
{
    bool ids = cert->aki.len > 0 && issuer->ski.len > 0;

    if (!hf_span_equal(cert->issuer, issuer->subject) ||
        (ids && !hf_span_equal(cert->aki, issuer->ski)))
        return false;
    if (cert->signed_with.kind == HF_SIG_NONE)
        return true;
    return hf_verify(&issuer->key, cert->signed_with.kind, cert->signed_with.hash, cert->tbs,
                     cert->signature) == HF_OK;
}

static bool is_anchored(const search *s, const hf_cert *cert)
{
    const hf_cert *anchor;

    for (size_t next = 0; (anchor = hf_trust_find(s->trust, cert->issuer, &next)) != NULL;)
        if (is_signed_by(cert, anchor))
            return true;
    return hf_trust_has(s->trust, cert->der);
}

/* ---- the way up ---- */

static bool on_path(const search *s, size_t i)
{
    for (size_t k = 0; k < s->depth; k++)
        if (s->path[k] == i)
            return true;
    return false;
}

static void keep(search *s, bool complete)
{
    hf_chain_order *order = s->order;

    if (!complete && s->depth <= order->n)
        return;
    memcpy(order->chain, s->path, sizeof order->chain);
    order->n = s->depth;
    order->complete = complete;
}

static bool root_in_bag(const search *s, const hf_cert *cert)
{
    for (size_t i = 0; i < s->n_bag; i++)
        if (s->order->items[i].root && is_signed_by(cert, &s->order->items[i].cert))
            return true;
    return false;
}

static bool is_candidate(search *s, size_t i, const hf_cert *child)
{
    const hf_chain_item *item = &s->order->items[i];

    if (!item->readable || item->left_out || item->root || !item->cert.is_ca || on_path(s, i) ||
        !hf_span_equal(child->issuer, item->cert.subject) || s->steps == 0)
        return false;
    s->steps--;
    return is_signed_by(child, &item->cert);
}

/* True once a whole chain was kept. */
static bool climb(search *s)
{
    size_t last = s->path[s->depth - 1];
    const hf_chain_item *item = &s->order->items[last];

    for (size_t i = 0; i < s->n_bag && s->depth < HF_ORDER_MAX; i++) {
        if (!is_candidate(s, i, &item->cert))
            continue;
        s->path[s->depth++] = i;
        if (climb(s))
            return true;
        s->depth--;
    }
    bool complete = item->root || is_anchored(s, &item->cert) || root_in_bag(s, &item->cert);
    keep(s, complete);
    return complete;
}

/* ---- the leaf ---- */

static bool issued_another(const search *s, size_t i)
{
    const hf_cert *cert = &s->order->items[i].cert;

    for (size_t k = 0; k < s->n_bag; k++) {
        const hf_chain_item *other = &s->order->items[k];
        if (k != i && other->readable && !other->root &&
            hf_span_equal(other->cert.issuer, cert->subject))
            return true;
    }
    return false;
}

/* The bag's number of the leaf, n_bag if nothing can be read. */
static size_t find_leaf(const search *s)
{
    size_t above = s->n_bag, any = s->n_bag;

    for (size_t i = s->n_bag; i-- > 0;) {
        const hf_chain_item *item = &s->order->items[i];
        if (!item->readable || item->left_out)
            continue;
        any = i;
        if (item->root || !issued_another(s, i))
            above = item->root && above < s->n_bag && !s->order->items[above].root ? above : i;
    }
    for (size_t i = 0; i < s->n_bag; i++)
        if (s->order->items[i].readable && !s->order->items[i].cert.is_ca &&
            !s->order->items[i].left_out)
            return i;
    return above < s->n_bag ? above : any;
}

/* ---- the rest ---- */

static bool is_twin(const hf_cert_bag *bag, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (hf_span_equal(bag->der[k], bag->der[i]))
            return true;
    return false;
}

static void read_items(hf_chain_order *order, const hf_cert_bag *bag)
{
    for (size_t i = 0; i < bag->n; i++) {
        hf_chain_item *item = &order->items[i];
        item->readable = hf_cert_parse(&item->cert, bag->der[i], NULL) == HF_OK;
        item->root =
            item->readable && item->cert.self_issued && is_signed_by(&item->cert, &item->cert);
        if (!item->readable)
            item->left_out = "it cannot be read; handfast cert inspect says where it is damaged";
        else if (is_twin(bag, i))
            item->left_out = "it is there twice";
    }
}

static void explain_left_out(search *s)
{
    for (size_t i = 0; i < s->n_bag; i++) {
        hf_chain_item *item = &s->order->items[i];
        bool used = false;
        for (size_t k = 0; k < s->order->n; k++)
            used = used || s->order->chain[k] == i;
        if (used || item->left_out)
            continue;
        item->left_out = item->root && item->cert.is_ca
                             ? "a root: whoever trusts it has it, and nobody else learns anything"
                         : !item->cert.is_ca ? "another leaf: it needs a chain of its own"
                                             : "nothing in the chain needs it";
    }
}

hf_error hf_chain_order_find(hf_chain_order *order, const hf_cert_bag *bag, const hf_trust *trust)
{
    search s = { .order = order, .n_bag = bag->n, .trust = trust, .depth = 1, .steps = STEPS_MAX };

    memset(order, 0, sizeof *order);
    order->items = hf_alloc(bag->n * sizeof *order->items);
    if (!order->items)
        return HF_E_NO_MEMORY;
    read_items(order, bag);
    s.path[0] = find_leaf(&s);
    if (s.path[0] < bag->n)
        climb(&s);
    explain_left_out(&s);
    return HF_OK;
}

/* ---- where to get it ---- */

bool hf_issuer_url(const hf_cert *cert, char *out, size_t room)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader list = hf_rd_start(cert->aia, "authorityInfoAccess", 0, &fault, NULL);

    while (hf_rd_left(&list) > 0) {
        uint8_t tag = 0;
        hf_reader access = hf_der_open(&list, HF_DER_SEQUENCE, "AccessDescription");
        hf_oid method = hf_oid_of(hf_der_oid(&access, "accessMethod"));
        hf_span place = hf_der_any(&access, &tag, "accessLocation");
        if (method != HF_OID_ad_ca_issuers || tag != HF_DER_CONTEXT(6) || place.len >= room)
            continue;
        memcpy(out, place.data, place.len);
        out[place.len] = '\0';
        return true;
    }
    return false;
}
