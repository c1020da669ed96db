/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A thought: what a server chose when it was asked whether it speaks a version belongs into that version's lists, whatever the walks
 * through them found. Where it is missing they are not whole, nor is a list without anything that suites need. And what it signs with
 * tells which kinds of certificates it has: one that did not come may still be there.
 */
#include <stdio.h>

#include "audit/lists.h"
#include "audit/whole.h"

static void own_suite(hf_seen_version *v)
{
    hf_codes *suites = &v->suites;

    if (hf_codes_have(suites, v->first.suite) || suites->n == HF_CODES_MAX)
        return;
    v->suite_evidence[suites->n] = v->evidence;
    hf_codes_add(suites, v->first.suite);
    if (v->suites_whole)
        snprintf(v->why, sizeof v->why, "the suite of its first answer was refused later");
    v->suites_whole = false;
}

/* 0: none was chosen. What was not offered is no choice, but a way to say that nothing fits. */
static void own_code(uint16_t chosen, const hf_codes *offered, hf_codes *list, bool *whole)
{
    if (chosen == 0 || !hf_codes_have(offered, chosen) || hf_codes_have(list, chosen))
        return;
    hf_codes_add(list, chosen);
    *whole = false;
}

static bool has_suite(const hf_seen_version *v, const char *part)
{
    bool any = false;

    for (size_t i = 0; i < v->suites.n; i++)
        any = any || hf_suite_has(v->suites.at[i], part);
    return any;
}

/* Suites of ECDHE go with a group, and what has a fresh exchange of TLS 1.2 with a signature. */
static void missing_parts(hf_seen_version *v, hf_seen_version_id id)
{
    if (v->groups.n == 0 && (id == HF_V_TLS13 || has_suite(v, "_ECDHE_")))
        v->groups_whole = false;
    if (id == HF_V_TLS12 && v->schemes.n == 0 &&
        (has_suite(v, "DHE_RSA_") || has_suite(v, "_ECDHE_ECDSA_")))
        v->schemes_whole = false;
}

/* ---- certificates ---- */

static bool kind_of_key(hf_key_type type, hf_chain_kind *kind)
{
    switch (type) {
    case HF_KEY_RSA: *kind = HF_CHAIN_RSA; return true;
    case HF_KEY_RSA_PSS: *kind = HF_CHAIN_RSA_PSS; return true;
    case HF_KEY_P256:
    case HF_KEY_P384:
    case HF_KEY_P521: *kind = HF_CHAIN_ECDSA; return true;
    case HF_KEY_ED25519: *kind = HF_CHAIN_EDDSA; return true;
    default: return false;
    }
}

/* The kinds of keys that came in that version; all of them, if one cannot be told. */
static unsigned kinds_seen(const hf_seen *seen, hf_seen_version_id id)
{
    unsigned kinds = 0;
    hf_chain_kind kind;

    for (size_t i = 0; i < seen->n_chains; i++) {
        const hf_seen_chain *chain = &seen->chains[i];
        if (!(chain->versions & 1u << id))
            continue;
        if (!chain->parsed || !kind_of_key(chain->leaf.key.type, &kind))
            return ~0u;
        kinds |= 1u << kind;
    }
    return kinds;
}

/* Those that its signatures are of: of TLS 1.2, where they were seen. In TLS 1.3 a scheme may be taken without a certificate for it. */
static unsigned kinds_signing(const hf_codes *schemes)
{
    static const struct {
        uint16_t first, last;
        hf_chain_kind kind;
    } ranges[] = { { 0x0804, 0x0806, HF_CHAIN_RSA },     { 0x0403, 0x0403, HF_CHAIN_ECDSA },
                   { 0x0503, 0x0503, HF_CHAIN_ECDSA },   { 0x0603, 0x0603, HF_CHAIN_ECDSA },
                   { 0x0809, 0x080b, HF_CHAIN_RSA_PSS }, { 0x0807, 0x0808, HF_CHAIN_EDDSA } };
    unsigned kinds = 0;

    for (size_t i = 0; i < schemes->n; i++)
        for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++)
            if (schemes->at[i] >= ranges[k].first && schemes->at[i] <= ranges[k].last)
                kinds |= 1u << ranges[k].kind;
    return kinds;
}

/* A hello without extensions names no groups and no schemes. */
static void look_at(hf_inquiry *q, hf_seen_version_id id)
{
    hf_seen_version *v = &q->seen->v[id];
    hf_crafted hello;

    hf_list_open(q, id, &hello);
    if (v->first.taken)
        own_suite(v);
    if (v->first.taken && !hello.no_extensions) {
        own_code(v->first.group, &hello.groups, &v->groups, &v->groups_whole);
        own_code(v->first.scheme, &hello.schemes, &v->schemes, &v->schemes_whole);
    }
    if (!hello.no_extensions)
        missing_parts(v, id);
    if (id == HF_V_TLS12)
        v->chains_open |= (uint8_t)(kinds_signing(&v->schemes) & ~kinds_seen(q->seen, id));
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    (void)ask;
    for (unsigned id = HF_V_SSL3; id < HF_V_COUNT; id++)
        if (hf_seen_speaks(q->seen, (hf_seen_version_id)id))
            look_at(q, (hf_seen_version_id)id);
    return false;
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    (void)q;
    (void)reply;
}

const hf_inquiry_row hf_inquiry_own_answers = {
    .name = "own_answers",
    .title = "What versions were taken with",
    .phase = HF_PHASE_THOUGHTS,
    .state_size = 1,
    .next = next,
    .got = got,
};
