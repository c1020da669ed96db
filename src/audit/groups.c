/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Which groups a server takes: in TLS 1.2 and older with suites of ECDHE alone, in TLS 1.3 without a share, so that it has to say in a
 * HelloRetryRequest which one it would have. Then whose order it is.
 */
#include "audit/lists.h"

/* REST: what the whole list did not show, a few at a time. mbedTLS 2 reads no more than the first twelve; and some servers refuse every
   group unless that of their ECDSA certificate is offered, so it goes along. */
typedef enum stage { WALK, REST, REVERSED, PAIR, OVER } stage;
enum { WINDOW = 12 };

typedef struct groups {
    stage stage;
    bool begun;
    hf_walk walk;
    hf_codes all, offered; /* REVERSED, PAIR: what is offered */
    uint16_t curve;        /* of an ECDSA certificate */
    unsigned tries;
} groups;

static hf_seen_version_id version_of(const hf_inquiry *q);

/* ---- questions ---- */

static void only_ecdhe(hf_crafted *hello)
{
    hf_codes all;

    hf_all_suites(hello->version, &all);
    hello->suites.n = 0;
    for (size_t i = 0; i < all.n; i++)
        if (hf_suite_has(all.at[i], "_ECDHE_RSA_") || hf_suite_has(all.at[i], "_ECDHE_ECDSA_"))
            hf_codes_add(&hello->suites, all.at[i]);
}

static void begin(groups *g, uint16_t version)
{
    if (g->begun)
        return;
    g->begun = true;
    hf_all_groups(version, &g->all);
    g->walk.left = g->all;
    g->walk.falls_back = true; /* also by a HelloRetryRequest that asks for no group */
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    hf_seen_version_id id = version_of(q);
    groups *g = q->state;
    hf_crafted hello;

    if (!hf_seen_speaks(q->seen, id) || g->stage == OVER)
        return false;
    hf_inquiry_open(q, hf_seen_version_code(id), &hello);
    begin(g, hello.version);
    if (id == HF_V_TLS13)
        memset(hello.shares, 0, sizeof hello.shares);
    else
        only_ecdhe(&hello);
    if (g->stage == REVERSED || g->stage == PAIR)
        hello.groups = g->offered;
    else if (!hf_walk_offer(&g->walk, &hello.groups))
        return false;
    return hf_inquiry_say(ask, &hello);
}

/* ---- answers ---- */

static void note_curve(groups *g, const hf_flight *f)
{
    hf_cert leaf;

    if (f->n_certs > 0 && hf_cert_parse(&leaf, f->certs[0], NULL) == HF_OK)
        g->curve = hf_curve_of(leaf.key.type);
}

static void write_down(hf_inquiry *q, const groups *g)
{
    hf_seen_version *v = &q->seen->v[version_of(q)];

    v->groups = g->walk.found;
    v->groups_whole = g->walk.whole;
}

/* What is never chosen beside the certificate's curve never is: without that curve such a server refuses, with it that one wins. */
static bool walk_rest(groups *g, hf_seen_version_id id)
{
    hf_codes rest = g->all;

    if (g->stage != WALK || !g->walk.whole || g->walk.found.n == 0 || id == HF_V_TLS13)
        return false;
    for (size_t i = 0; i < g->walk.found.n; i++)
        hf_codes_drop(&rest, g->walk.found.at[i]);
    g->stage = REST;
    g->walk.left = rest;
    g->walk.keeper = hf_codes_have(&g->walk.found, g->curve) ? g->curve : 0;
    g->walk.chunked = g->walk.refused = true;
    g->walk.chunk = g->walk.keeper ? WINDOW - 1 : WINDOW;
    g->walk.over = g->walk.whole = false;
    return rest.n > 0;
}

static void walk_on(hf_inquiry *q, groups *g)
{
    if (!g->walk.over || walk_rest(g, version_of(q)))
        return;
    write_down(q, g);
    hf_codes_reversed(&g->walk.found, &g->offered);
    g->stage = g->walk.found.n > 1 ? REVERSED : OVER;
}

/* The second before the first: for servers that see no more than a part of a longer list. */
static void ask_pair(groups *g, const hf_codes *found)
{
    g->stage = PAIR;
    g->tries = 0;
    g->offered.n = 0;
    hf_codes_add(&g->offered, found->at[1]);
    hf_codes_add(&g->offered, found->at[0]);
    if (g->walk.keeper)
        hf_codes_add(&g->offered, g->walk.keeper);
}

static void order_got(hf_inquiry *q, groups *g, hf_answer answer, uint16_t chosen)
{
    hf_seen_version *v = &q->seen->v[version_of(q)];

    if (answer != HF_ANSWER_TOOK && ++g->tries < HF_WALK_TRIES)
        return;
    if (answer == HF_ANSWER_TOOK)
        v->groups_order = hf_order_of(&g->offered, &v->groups, chosen);
    if (answer == HF_ANSWER_TOOK && v->groups_order == HF_ORDER_UNKNOWN && g->stage == REVERSED)
        ask_pair(g, &v->groups);
    else
        g->stage = OVER;
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    const hf_flight *f = reply->flight;
    groups *g = q->state;
    hf_answer answer = hf_walk_answer(f, hf_seen_version_code(version_of(q)));
    char words[HF_FLIGHT_WORDS];

    hf_list_glean(q, reply);
    if (g->stage == REVERSED || g->stage == PAIR) {
        order_got(q, g, answer, f->group);
        return;
    }
    if (answer == HF_ANSWER_TOOK)
        note_curve(g, f);
    if (hf_walk_got(&g->walk, answer, f->group, 0, hf_flight_words(f, words)))
        write_down(q, g);
    walk_on(q, g);
}

#define ROW(symbol, text)                                                                          \
    const hf_inquiry_row hf_inquiry_##symbol = {                                                   \
        #symbol, text, HF_PHASE_LISTS, sizeof(groups), next, got, NULL                             \
    }
ROW(groups_tls10, "Groups of TLS 1.0");
ROW(groups_tls11, "Groups of TLS 1.1");
ROW(groups_tls12, "Groups of TLS 1.2");
ROW(groups_tls13, "Groups of TLS 1.3");

static hf_seen_version_id version_of(const hf_inquiry *q)
{
    static const hf_inquiry_row *const rows[HF_V_COUNT] = {
        [HF_V_TLS10] = &hf_inquiry_groups_tls10,
        [HF_V_TLS11] = &hf_inquiry_groups_tls11,
        [HF_V_TLS12] = &hf_inquiry_groups_tls12,
        [HF_V_TLS13] = &hf_inquiry_groups_tls13,
    };
    unsigned i = 0;

    while (i < HF_V_COUNT && rows[i] != q->row)
        i++;
    return (hf_seen_version_id)i;
}
