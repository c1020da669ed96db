/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whose order of suites it is: what was found last is offered first. A server with an order of its own still takes the one that it took
 * first; then it is asked whether it gives way to a client that puts ChaCha20 first, as one without AES in hardware does.
 */
#include "audit/lists.h"
#include "explain/names.h"

typedef enum stage { REVERSED, CHACHA, OVER } stage;
typedef struct order {
    stage stage;
    unsigned tries;
    hf_codes offered;
} order;

static hf_seen_version_id version_of(const hf_inquiry *q);

/* ---- questions ---- */

static void to_front(hf_codes *codes, uint16_t code)
{
    hf_codes rest = *codes;

    hf_codes_drop(&rest, code);
    codes->n = 0;
    hf_codes_add(codes, code);
    for (size_t i = 0; i < rest.n; i++)
        hf_codes_add(codes, rest.at[i]);
}

/* The last one that is neither the favourite nor ChaCha20, with both parts in its name; 0: none. */
static uint16_t last_with(const hf_codes *found, const char *part, const char *other)
{
    for (size_t i = found->n; i-- > 1;)
        if (!hf_suite_is_chacha(found->at[i]) && hf_suite_has(found->at[i], part) &&
            hf_suite_has(found->at[i], other))
            return found->at[i];
    return 0;
}

/* What is put first is no ChaCha20, which would be a question of its own, and AES-GCM (with ECDHE) if there is a choice: some (Go) take a
   client whose first suite is anything else for one without AES in hardware. */
static void reverse(const hf_codes *found, hf_codes *out)
{
    uint16_t front = last_with(found, "_ECDHE_", "_GCM_");

    hf_codes_reversed(found, out);
    if (front == 0)
        front = last_with(found, "_GCM_", "");
    if (front == 0)
        front = last_with(found, "", "");
    if (front != 0)
        to_front(out, front);
}

static void chacha_first(const hf_codes *found, hf_codes *out)
{
    *out = *found;
    for (size_t i = found->n; i-- > 0;)
        if (hf_suite_is_chacha(found->at[i]))
            to_front(out, found->at[i]);
}

static void not_ordered(hf_seen *seen, const hf_seen_version *v, hf_trait_id trait)
{
    if (v->spoken == HF_ABSENT)
        hf_seen_idle(seen, trait, "no such version is spoken");
    else if (v->spoken == HF_UNKNOWN)
        hf_seen_trait(seen, trait, HF_UNKNOWN, 0, "whether such a version is spoken is not known");
    else if (v->suites_whole)
        hf_seen_idle(seen, trait, "there are fewer than two suites to put in order");
    else
        hf_seen_trait(seen, trait, HF_UNKNOWN, 0, "its list of suites is not whole");
}

/* Nothing to ask: why the trait says nothing. */
static bool tell_none(hf_seen *seen, hf_seen_version_id id)
{
    if (id == HF_V_TLS13)
        not_ordered(seen, &seen->v[id], HF_TRAIT_server_order13);
    else if (id == hf_newest_older(seen) || hf_newest_older(seen) == HF_V_COUNT) {
        not_ordered(seen, &seen->v[id], HF_TRAIT_server_order);
        not_ordered(seen, &seen->v[id], HF_TRAIT_ecdsa_preferred);
    }
    return false;
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    hf_seen_version_id id = version_of(q);
    order *o = q->state;
    hf_crafted hello;

    if (o->stage == OVER)
        return false;
    if (!hf_seen_speaks(q->seen, id) || q->seen->v[id].suites.n < 2)
        return tell_none(q->seen, id);
    if (o->stage == REVERSED)
        reverse(&q->seen->v[id].suites, &o->offered);
    else
        chacha_first(&q->seen->v[id].suites, &o->offered);
    hf_list_open(q, id, &hello);
    if (q->seen->v[id].form != HF_HELLO_SMALL)
        hf_list_form(&hello, HF_HELLO_ALL);
    hello.suites = o->offered;
    return hf_inquiry_say(ask, &hello);
}

/* ---- answers ---- */

static const char *name_of(uint16_t suite)
{
    const char *name = hf_name_of(HF_NAMES_SUITES, suite);

    return name ? name : "a suite without a name";
}

static void tell_order(hf_inquiry *q, const hf_reply *reply, hf_seen_version_id id)
{
    hf_trait_id trait = id == HF_V_TLS13 ? HF_TRAIT_server_order13 : HF_TRAIT_server_order;
    const hf_seen_version *v = &q->seen->v[id];
    const order *o = q->state;

    if (id != HF_V_TLS13 && id != hf_newest_older(q->seen))
        return;
    size_t evidence = hf_inquiry_evidence(q, reply, "%s first: %s was chosen",
                                          name_of(o->offered.at[0]), name_of(reply->flight->suite));
    if (v->order == HF_ORDER_UNKNOWN)
        hf_seen_trait(q->seen, trait, HF_UNKNOWN, evidence, "neither the first nor the favourite");
    else
        hf_seen_trait(q->seen, trait, v->order == HF_ORDER_SERVER ? HF_PRESENT : HF_ABSENT,
                      evidence, "%s%s", hf_seen_version_name(id),
                      v->order == HF_ORDER_SERVER ? ", its first is always chosen" : "");
}

static void one_kind(hf_seen *seen, const hf_seen_version *v)
{
    if (v->suites_whole)
        hf_seen_idle(seen, HF_TRAIT_ecdsa_preferred, "its suites are for one kind of certificate");
    else
        hf_seen_trait(seen, HF_TRAIT_ecdsa_preferred, HF_UNKNOWN, 0,
                      "the suites that were found are for one kind of certificate");
}

/* Which of two kinds of certificates comes first, as far as the server decides it. */
static void tell_kinds(hf_inquiry *q, hf_seen_version_id id)
{
    const hf_seen_version *v = &q->seen->v[id];
    size_t first[HF_SIGNED_BY_DSS + 1] = { 0 };

    if (id == HF_V_TLS13 || id != hf_newest_older(q->seen) || v->order == HF_ORDER_UNKNOWN)
        return;
    for (size_t i = v->suites.n; i-- > 0;)
        first[hf_suite_signer(v->suites.at[i])] = i + 1;
    if (!first[HF_SIGNED_BY_RSA] || !first[HF_SIGNED_BY_ECDSA]) {
        one_kind(q->seen, v);
        return;
    }
    bool ecdsa = v->order == HF_ORDER_SERVER && first[HF_SIGNED_BY_ECDSA] < first[HF_SIGNED_BY_RSA];
    hf_seen_trait(q->seen, HF_TRAIT_ecdsa_preferred, ecdsa ? HF_PRESENT : HF_ABSENT,
                  v->suite_evidence[0], "%s",
                  v->order == HF_ORDER_CLIENT ? "the client's order decides" : "");
}

static bool has_chacha_behind(const hf_codes *suites)
{
    bool any = false;

    for (size_t i = 0; i < suites->n; i++)
        any = any || hf_suite_is_chacha(suites->at[i]);
    return any && !hf_suite_is_chacha(suites->at[0]);
}

/* If nothing but ChaCha20 could be put first, its being chosen may have either reason. */
static hf_order order_of(const hf_codes *offered, const hf_codes *found, uint16_t chosen)
{
    hf_order whose = hf_order_of(offered, found, chosen);

    return whose == HF_ORDER_CLIENT && hf_suite_is_chacha(chosen) ? HF_ORDER_UNKNOWN : whose;
}

static void judge_order(hf_inquiry *q, const hf_reply *reply, hf_seen_version_id id)
{
    hf_seen_version *v = &q->seen->v[id];
    order *o = q->state;

    v->order = order_of(&o->offered, &v->suites, reply->flight->suite);
    tell_order(q, reply, id);
    tell_kinds(q, id);
    o->stage = v->order == HF_ORDER_SERVER && has_chacha_behind(&v->suites) ? CHACHA : OVER;
}

/* All that was offered had been taken before. */
static void tell_refused(hf_inquiry *q, const hf_reply *reply, hf_seen_version_id id)
{
    char words[HF_FLIGHT_WORDS];

    hf_seen_trait(q->seen, HF_TRAIT_answers_differ, HF_PRESENT,
                  hf_inquiry_evidence(q, reply, "%s with suites that were taken before: %s",
                                      hf_seen_version_name(id),
                                      hf_flight_words(reply->flight, words)),
                  "%s: suites that were taken are refused", hf_seen_version_name(id));
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    hf_seen_version_id id = version_of(q);
    order *o = q->state;

    hf_list_glean(q, reply);
    hf_answer answer = hf_answer_of(reply->flight, hf_seen_version_code(id));
    if (answer == HF_ANSWER_REFUSED && !reply->flight->sure)
        tell_refused(q, reply, id);
    if (answer != HF_ANSWER_TOOK) {
        if (++o->tries >= HF_WALK_TRIES)
            o->stage = OVER;
        return;
    }
    if (o->stage == REVERSED) {
        judge_order(q, reply, id);
        return;
    }
    q->seen->v[id].chacha_first_for_mobile = hf_suite_is_chacha(reply->flight->suite);
    o->stage = OVER;
}

#define ROW(symbol, text)                                                                          \
    const hf_inquiry_row hf_inquiry_##symbol = { #symbol,       text, HF_PHASE_DETAILS,            \
                                                 sizeof(order), next, got,                         \
                                                 NULL }
ROW(order_ssl3, "Order of suites of SSL 3.0");
ROW(order_tls10, "Order of suites of TLS 1.0");
ROW(order_tls11, "Order of suites of TLS 1.1");
ROW(order_tls12, "Order of suites of TLS 1.2");
ROW(order_tls13, "Order of suites of TLS 1.3");

static hf_seen_version_id version_of(const hf_inquiry *q)
{
    static const hf_inquiry_row *const rows[HF_V_COUNT] = {
        [HF_V_SSL3] = &hf_inquiry_order_ssl3,   [HF_V_TLS10] = &hf_inquiry_order_tls10,
        [HF_V_TLS11] = &hf_inquiry_order_tls11, [HF_V_TLS12] = &hf_inquiry_order_tls12,
        [HF_V_TLS13] = &hf_inquiry_order_tls13,
    };
    unsigned i = 0;

    while (i < HF_V_COUNT && rows[i] != q->row)
        i++;
    return (hf_seen_version_id)i;
}
