/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whether one machine answers. Behind an address there may be several that are set up differently, and then each list is a union that
 * none of them has. What contradicts itself in the other answers costs nothing to see; beside that each version's first hello is asked
 * twice more, as it was, one right behind the other: machines that take turns are both met. Once a difference is known nothing is asked.
 */
#include <stdio.h>

#include "audit/lists.h"

enum { TIMES = 2 };

typedef struct alike {
    bool begun;
    unsigned id; /* the version that is asked next, from the newest down */
    unsigned times, answered;
} alike;

static void differ(hf_seen *seen, size_t evidence, hf_seen_version_id id, const char *how)
{
    hf_seen_trait(seen, HF_TRAIT_answers_differ, HF_PRESENT, evidence, "%s: %s",
                  hf_seen_version_name(id), how);
}

/* ---- what the others saw ---- */

/* What the version was taken with is missing where all suites were offered one after another. */
static void look_at_suites(hf_seen *seen, hf_seen_version_id id)
{
    const hf_seen_version *v = &seen->v[id];

    if (v->first.taken && v->suites_whole && !hf_codes_have(&v->suites, v->first.suite))
        differ(seen, v->evidence, id, "the suite of its first answer was refused later");
}

/* Whom the client names in each of its hellos; SSL 3.0 and small hellos have no server_name. */
static unsigned named_versions(const hf_seen *seen)
{
    unsigned versions = 0;

    for (unsigned id = HF_V_TLS10; id < HF_V_COUNT; id++)
        if (seen->v[id].form != HF_HELLO_SMALL)
            versions |= 1u << id;
    return versions;
}

static bool same_kind(const hf_cert *a, const hf_cert *b)
{
    return a->key.type == b->key.type;
}

/* A server has one certificate for a name and a kind of key. */
static void look_at_chains(hf_seen *seen)
{
    unsigned named = named_versions(seen);

    for (size_t i = 1; i < seen->n_chains; i++)
        for (size_t k = 0; k < i; k++) {
            const hf_seen_chain *a = &seen->chains[k], *b = &seen->chains[i];
            unsigned both = a->versions & b->versions & named;
            hf_seen_version_id id = HF_V_TLS13;
            if (!both || !a->parsed || !b->parsed || !same_kind(&a->leaf, &b->leaf))
                continue;
            while (!(both & 1u << id))
                id--;
            differ(seen, b->evidence, id, "two certificates for the same name and kind of key");
        }
}

/* ---- the same once more ---- */

static bool is_asked(const hf_seen_version *v)
{
    return v->first.said && v->spoken != HF_UNKNOWN;
}

/* Nothing that was asked had an answer that could be compared. */
static bool tell_end(hf_inquiry *q, const alike *s)
{
    if (s->answered > 0)
        hf_seen_trait(q->seen, HF_TRAIT_answers_differ, HF_ABSENT, 0, "%s", "");
    else
        hf_seen_trait(q->seen, HF_TRAIT_answers_differ, HF_UNKNOWN, 0,
                      "no hello was answered twice");
    return false;
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    alike *s = q->state;
    hf_crafted hello;

    if (!s->begun) {
        s->id = HF_V_TLS13;
        for (unsigned id = HF_V_SSL3; id < HF_V_COUNT; id++)
            look_at_suites(q->seen, (hf_seen_version_id)id);
        look_at_chains(q->seen);
    }
    s->begun = true;
    while (s->id >= HF_V_SSL3 && !is_asked(&q->seen->v[s->id]))
        s->id--;
    if (s->id < HF_V_SSL3 || q->seen->traits[HF_TRAIT_answers_differ].state == HF_PRESENT)
        return tell_end(q, s);
    hf_list_open(q, (hf_seen_version_id)s->id, &hello);
    return hf_inquiry_say(ask, &hello);
}

/* NULL: it is the same. */
static const char *difference(const hf_seen_answer *a, const hf_seen_answer *b)
{
    if (a->taken != b->taken)
        return a->taken ? "a hello that was taken is refused" : "a hello that was refused is taken";
    if (a->suite != b->suite)
        return "the same hello has another suite";
    if (a->chain && b->chain && a->chain != b->chain)
        return "the same hello has another certificate";
    if (a->group != b->group || a->retry != b->retry)
        return "the same hello has another group";
    if (a->scheme != b->scheme)
        return "the same hello has another signature scheme";
    if (a->ems != b->ems || a->encrypt_then_mac != b->encrypt_then_mac ||
        a->renegotiation_info != b->renegotiation_info || a->heartbeat != b->heartbeat)
        return "the same hello has other extensions";
    return NULL;
}

static void compare(hf_inquiry *q, const hf_reply *reply, hf_seen_version_id id)
{
    const hf_flight *f = reply->flight;
    char words[HF_FLIGHT_WORDS];

    hf_seen_answer again = hf_seen_answer_of(q->seen, f, hf_seen_version_code(id));
    const char *how = difference(&q->seen->v[id].first, &again);
    if (!how)
        return;
    size_t evidence = hf_inquiry_evidence(q, reply, "the first hello of %s once more: %s",
                                          hf_seen_version_name(id), hf_flight_words(f, words));
    differ(q->seen, evidence, id, how);
    hf_seen_chain_of(q->seen, f->certs, f->n_certs, f->more_certs, id, evidence);
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    alike *s = q->state;
    hf_seen_version_id id = (hf_seen_version_id)s->id;
    hf_answer answer = hf_answer_of(reply->flight, hf_seen_version_code(id));

    hf_list_glean(q, reply);
    if (answer == HF_ANSWER_TOOK || (answer == HF_ANSWER_REFUSED && !reply->flight->sure)) {
        compare(q, reply, id);
        s->answered++;
    }
    if (++s->times < TIMES)
        return;
    s->id--;
    s->times = 0;
}

const hf_inquiry_row hf_inquiry_alike = {
    .name = "alike",
    .title = "Whether the same hello has the same answer",
    .phase = HF_PHASE_DETAILS,
    .state_size = sizeof(alike),
    .next = next,
    .got = got,
};
