/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whether a server notices a needless fallback: a hello of a version below its newest, with TLS_FALLBACK_SCSV (RFC 7507), which it must
 * refuse by inappropriate_fallback. And where no hello of TLS 1.2 could show it, whether the random of an older version warns
 * of the downgrade.
 */
#include "audit/lists.h"

typedef enum stage { SCSV, SENTINEL, OVER } stage;
typedef struct fallback {
    stage stage;
    unsigned tries;
} fallback;

/* The newest version below the newest; HF_V_COUNT: none. */
static hf_seen_version_id lower(const hf_seen *seen)
{
    hf_seen_version_id newest = hf_seen_newest(seen);

    if (newest == HF_V_COUNT)
        return HF_V_COUNT;
    for (unsigned i = newest; i-- > HF_V_SSL3;)
        if (hf_seen_speaks(seen, (hf_seen_version_id)i))
            return (hf_seen_version_id)i;
    return HF_V_COUNT;
}

static void tell_alone(hf_seen *seen)
{
    static const char *const open_point = "whether a second version is spoken is not known";
    bool known = true;

    if (hf_seen_newest(seen) == HF_V_COUNT)
        return;
    for (unsigned i = HF_V_SSL3; i < HF_V_COUNT; i++)
        known = known && seen->v[i].spoken != HF_UNKNOWN;
    if (!known) {
        hf_seen_trait(seen, HF_TRAIT_fallback_scsv, HF_UNKNOWN, 0, "%s", open_point);
        hf_seen_trait(seen, HF_TRAIT_downgrade_sentinel, HF_UNKNOWN, 0, "%s", open_point);
        return;
    }
    hf_seen_idle(seen, HF_TRAIT_fallback_scsv,
                 "only one version is spoken, so that there is nothing to fall back to");
    hf_seen_idle(seen, HF_TRAIT_downgrade_sentinel,
                 "only one version is spoken, so that there is nothing to warn of");
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    hf_seen_version_id id = lower(q->seen);
    fallback *s = q->state;
    hf_crafted hello;

    if (id == HF_V_COUNT) {
        tell_alone(q->seen);
        return false;
    }
    if (s->stage == OVER)
        return false;
    hf_list_open(q, id, &hello);
    hello.scsv_fallback = s->stage == SCSV;
    return hf_inquiry_say(ask, &hello);
}

/* ---- answers ---- */

static void tell_scsv(hf_inquiry *q, const hf_reply *reply, hf_answer answer)
{
    const hf_flight *f = reply->flight;
    char words[HF_FLIGHT_WORDS];
    size_t evidence =
        hf_inquiry_evidence(q, reply, "%s with TLS_FALLBACK_SCSV: %s",
                            hf_seen_version_name(lower(q->seen)), hf_flight_words(f, words));
    bool by_name = f->has_alert && f->alert == HF_ALERT_inappropriate_fallback;

    if (answer == HF_ANSWER_TOOK)
        hf_seen_trait(q->seen, HF_TRAIT_fallback_scsv, HF_ABSENT, evidence, "%s", "");
    else if (answer != HF_ANSWER_NONE && !f->hello)
        hf_seen_trait(q->seen, HF_TRAIT_fallback_scsv, HF_PRESENT, evidence, "%s%s",
                      by_name ? "" : "not by inappropriate_fallback: ", by_name ? "" : words);
    else
        hf_seen_trait(q->seen, HF_TRAIT_fallback_scsv, HF_UNKNOWN, evidence, "%s", words);
}

static void tell_sentinel(hf_inquiry *q, const hf_reply *reply, hf_answer answer)
{
    const hf_flight *f = reply->flight;
    char words[HF_FLIGHT_WORDS];

    if (answer == HF_ANSWER_TOOK)
        hf_seen_trait(q->seen, HF_TRAIT_downgrade_sentinel,
                      f->downgrade_11 ? HF_PRESENT : HF_ABSENT,
                      hf_inquiry_evidence(q, reply, "%s: %s", hf_seen_version_name(lower(q->seen)),
                                          hf_flight_words(f, words)),
                      "%s", "");
    else
        hf_seen_trait(q->seen, HF_TRAIT_downgrade_sentinel, HF_UNKNOWN, 0, "%s",
                      hf_flight_words(f, words));
}

/* Only a server of TLS 1.2 has to be asked: of one of TLS 1.3 extras.c has seen it already, and older ones have none. */
static stage behind_scsv(hf_seen *seen)
{
    if (hf_seen_newest(seen) < HF_V_TLS12) {
        hf_seen_idle(seen, HF_TRAIT_downgrade_sentinel, "only servers of TLS 1.2 and 1.3 have it");
        return OVER;
    }
    return hf_newest_older(seen) == lower(seen) ? OVER : SENTINEL;
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    hf_answer answer = hf_walk_answer(reply->flight, hf_seen_version_code(lower(q->seen)));
    bool by_name =
        reply->flight->has_alert && reply->flight->alert == HF_ALERT_inappropriate_fallback;
    fallback *s = q->state;

    hf_list_glean(q, reply);
    if (answer != HF_ANSWER_TOOK && answer != HF_ANSWER_REFUSED && !by_name &&
        ++s->tries < HF_WALK_TRIES)
        return;
    s->tries = 0;
    if (s->stage == SCSV)
        tell_scsv(q, reply, answer);
    else
        tell_sentinel(q, reply, answer);
    s->stage = s->stage == SCSV ? behind_scsv(q->seen) : OVER;
}

const hf_inquiry_row hf_inquiry_fallback = { "fallback",
                                             "TLS_FALLBACK_SCSV and downgrade sentinel",
                                             HF_PHASE_LISTS,
                                             sizeof(fallback),
                                             next,
                                             got,
                                             NULL };
