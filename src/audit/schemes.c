/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a server of TLS 1.2 signs its key exchange with: a walk for each kind of key that its suites show, the choice being read from
 * ServerKeyExchange. In TLS 1.3 the signature is encrypted: schemes13.c.
 */
#include "audit/lists.h"

enum { KINDS = 3 };
static const hf_signer_kind kinds[KINDS] = { HF_SIGNED_BY_RSA, HF_SIGNED_BY_ECDSA,
                                             HF_SIGNED_BY_DSS };

typedef struct schemes {
    hf_walk walk;
    size_t kind;
    bool begun, doubtful;
    hf_codes suites; /* of this kind */
} schemes;

static void suites_of(const hf_seen *seen, hf_signer_kind kind, hf_codes *out)
{
    const hf_codes *all = &seen->v[HF_V_TLS12].suites;

    out->n = 0;
    for (size_t i = 0; i < all->n; i++)
        if (hf_suite_signer(all->at[i]) == kind)
            hf_codes_add(out, all->at[i]);
}

/* The next kind that the server has suites of; false: there is none. */
static bool begin(const hf_seen *seen, schemes *s)
{
    for (; s->kind < KINDS; s->kind++) {
        suites_of(seen, kinds[s->kind], &s->suites);
        if (s->suites.n == 0)
            continue;
        s->walk = (hf_walk){ .falls_back = true };
        hf_all_schemes(HF_TLS12, &s->walk.left);
        s->begun = true;
        return true;
    }
    return false;
}

/* All kinds are done, or there never was one: then it signs nothing. */
static void tell_whole(hf_seen *seen, const schemes *s)
{
    hf_seen_version *v = &seen->v[HF_V_TLS12];

    v->schemes_whole = s->kind == KINDS && v->suites_whole && !s->doubtful;
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    schemes *s = q->state;
    hf_crafted hello;

    if (!hf_seen_speaks(q->seen, HF_V_TLS12))
        return false;
    if (!s->begun && !begin(q->seen, s)) {
        tell_whole(q->seen, s);
        return false;
    }
    hf_inquiry_open(q, HF_TLS12, &hello);
    if (q->seen->v[HF_V_TLS12].form == HF_HELLO_ALL)
        hf_all_groups(HF_TLS12, &hello.groups);
    hello.suites = s->suites;
    return hf_walk_offer(&s->walk, &hello.schemes) && hf_inquiry_say(ask, &hello);
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    hf_seen_version *v = &q->seen->v[HF_V_TLS12];
    const hf_flight *f = reply->flight;
    schemes *s = q->state;
    hf_answer answer = hf_walk_answer(f, HF_TLS12);
    char words[HF_FLIGHT_WORDS];

    hf_list_glean(q, reply);
    if (answer == HF_ANSWER_TOOK && !f->key_exchange) /* it came no further than ServerHello */
        answer = f->end == HF_FLIGHT_ALERT ? HF_ANSWER_REFUSED : HF_ANSWER_NONE;
    if (hf_walk_got(&s->walk, answer, f->scheme, 0, hf_flight_words(f, words)))
        hf_codes_add(&v->schemes, f->scheme);
    if (!s->walk.over)
        return;
    s->doubtful = s->doubtful || !s->walk.whole;
    s->begun = false;
    s->kind++;
}

const hf_inquiry_row hf_inquiry_schemes_tls12 = { "schemes_tls12",
                                                  "Signature schemes of TLS 1.2",
                                                  HF_PHASE_DETAILS,
                                                  sizeof(schemes),
                                                  next,
                                                  got,
                                                  NULL };
