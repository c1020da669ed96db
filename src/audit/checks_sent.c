/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* How certificates are sent, and what comes with them: staples and timestamps. */
#include "audit/checks.h"

/* ---- how it is sent ---- */

static void look_at_order(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    if (chain->out_of_order)
        hf_case_found(
            c, key, chain->evidence,
            "the certificates (%s) are not in order: each must be followed by its issuer's", key);
}

void hf_check_chain_order(hf_case *c)
{
    hf_each_leaf(c, look_at_order);
}

static void look_for_root(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    if (chain->has_root && chain->n > 1)
        hf_case_found(c, key, chain->evidence,
                      "the root is sent along (%s): clients have it or do not trust it, so it only "
                      "costs bytes",
                      key);
}

void hf_check_chain_root(hf_case *c)
{
    hf_each_leaf(c, look_for_root);
}

static void look_for_strangers(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    if (chain->has_strangers)
        hf_case_found(c, key, chain->evidence,
                      "certificates are sent that are no part of the chain (%s)", key);
}

void hf_check_chain_strangers(hf_case *c)
{
    hf_each_leaf(c, look_for_strangers);
}

/* ---- staples and timestamps ---- */

/* False: there is none, or nobody could tell. */
static bool staple_known(hf_case *c)
{
    const hf_trait *t = &c->seen->traits[HF_TRAIT_staple];

    if (t->state == HF_UNKNOWN)
        hf_case_unseen(c, "%.150s", t->words[0] ? t->words : "it was not asked");
    return t->state != HF_UNKNOWN;
}

static bool holds(hf_span der, const uint8_t *oid, size_t n)
{
    for (size_t i = 0; i + n <= der.len; i++)
        if (memcmp(der.data + i, oid, n) == 0)
            return true;
    return false;
}

/* id-ad-ocsp among its AIA (RFC 5280 4.2.2.1): a CA without a responder has nothing that could be stapled. */
static bool has_responder(const hf_seen_chain *chain)
{
    static const uint8_t ocsp[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01 };

    return holds(chain->leaf.aia, ocsp, sizeof ocsp);
}

/* 2.23.140.1.…, the CA/Browser Forum's policies: every public CA's certificate holds one. */
static bool is_public(const hf_seen_chain *chain)
{
    static const uint8_t forum[] = { 0x67, 0x81, 0x0c, 0x01 };

    return holds(chain->leaf.policies, forum, sizeof forum);
}

static void look_for_responder(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    if (!has_responder(chain))
        hf_case_found(c, key, chain->evidence,
                      "the certificate (%s) names no OCSP responder: whether it is revoked stands "
                      "in lists at best",
                      key);
}

void hf_check_cert_responder(hf_case *c)
{
    hf_each_leaf(c, look_for_responder);
}

static void look_for_staple(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    if (!has_responder(chain))
        hf_case_idle(c, "the CA names no OCSP responder (%s)", key);
    else if (chain->staple.len == 0)
        hf_case_found(c, key, chain->evidence, "no OCSP response comes with the certificate (%s)",
                      key);
}

void hf_check_staple(hf_case *c)
{
    if (staple_known(c))
        hf_each_leaf(c, look_for_staple);
}

static void look_at_staple(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    if (chain->staple.len == 0)
        return;
    if (chain->staple_good == HF_ABSENT)
        hf_case_found(c, key, chain->evidence, "the OCSP response (%s) is of no use: %s", key,
                      chain->staple_words[0] ? chain->staple_words : "it does not say good");
    else if (chain->staple_good == HF_UNKNOWN)
        hf_case_unseen(c, "the OCSP response (%s) was not judged", key);
}

void hf_check_staple_good(hf_case *c)
{
    bool some = false;

    for (size_t i = 0; i < c->seen->n_chains; i++)
        some |= c->seen->chains[i].staple.len > 0;
    if (some)
        hf_each_leaf(c, look_at_staple);
    else if (staple_known(c))
        hf_case_idle(c, "no staple comes");
}

static void look_for_demand(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    if (chain->must_staple && chain->staple.len == 0)
        hf_case_found(c, key, chain->evidence,
                      "the certificate (%s) demands a staple (RFC 7633), and none comes: strict "
                      "clients refuse it",
                      key);
}

void hf_check_must_staple(hf_case *c)
{
    bool demanded = false;

    for (size_t i = 0; i < c->seen->n_chains; i++)
        demanded |= c->seen->chains[i].must_staple;
    if (!demanded)
        hf_case_idle(c, "no certificate demands it");
    else if (staple_known(c))
        hf_each_leaf(c, look_for_demand);
}

static void look_at_scts(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    size_t n = chain->n_scts_certificate + chain->n_scts_staple + chain->n_scts_handshake;

    if (!is_public(chain))
        hf_case_idle(c, "it is not a public CA's certificate (%s)", key);
    else if (n < c->number)
        hf_case_found(c, key, chain->evidence,
                      "%zu signed certificate timestamps (%s); browsers want at least %u of a "
                      "public CA's",
                      n, key, (unsigned)c->number);
}

void hf_check_scts(hf_case *c)
{
    hf_each_leaf(c, look_at_scts);
}
