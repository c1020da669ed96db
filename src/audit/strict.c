/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whether a server refuses what it does not know: a foreign ALPN name (RFC 7301 3.2; ALPACA), a server name that is not its own. In TLS 1.3
 * the answer to ALPN is encrypted: where that alone is spoken the engine asks.
 */
#include "audit/lists.h"
#include "audit/whole.h"

static const char foreign_protocol[] = "handfast-audit";
static const char foreign_name[] = "unknown.handfast-audit.invalid";

typedef struct strict {
    bool over;
    unsigned tries;
} strict;

static void tell(hf_inquiry *q, hf_trait_id id, hf_tri state, const hf_reply *reply,
                 const char *words)
{
    hf_seen_trait(q->seen, id, state,
                  hf_inquiry_evidence(q, reply, "%s: %s",
                                      id == HF_TRAIT_alpn_strict ? foreign_protocol : foreign_name,
                                      words),
                  "%s", words);
}

/* A refusal that is not the alert for it counts if it comes again. */
static bool wait_for_more(strict *s, const hf_flight *f, hf_answer answer)
{
    bool by_name = f->has_alert && (f->alert == HF_ALERT_no_application_protocol ||
                                    f->alert == HF_ALERT_unrecognized_name);

    s->over = answer == HF_ANSWER_TOOK || answer == HF_ANSWER_REFUSED || by_name ||
              ++s->tries >= HF_WALK_TRIES;
    return !s->over;
}

static hf_tri verdict(hf_answer answer)
{
    if (answer == HF_ANSWER_TOOK)
        return HF_ABSENT;
    return answer == HF_ANSWER_NONE ? HF_UNKNOWN : HF_PRESENT;
}

/* A server that takes no extension at all is not asked: its refusal would say nothing. */
static bool takes_none(hf_seen *seen, hf_trait_id trait, hf_seen_version_id id)
{
    if (id == HF_V_COUNT || (id > HF_V_SSL3 && seen->v[id].form != HF_HELLO_SMALL))
        return false;
    hf_seen_trait(seen, trait, HF_UNKNOWN, 0, "the hello that it takes has no extensions");
    return true;
}

/* ---- ALPN ---- */

static bool next_alpn(hf_inquiry *q, hf_ask *ask)
{
    static const uint8_t list[] = "\016handfast-audit";
    hf_seen_version_id id = hf_newest_older(q->seen);
    strict *s = q->state;
    hf_crafted hello;

    if (s->over || hf_seen_newest(q->seen) == HF_V_COUNT ||
        takes_none(q->seen, HF_TRAIT_alpn_strict, id))
        return false;
    if (id == HF_V_COUNT && hf_whole_unable(q->seen, HF_TLS13))
        return false;
    if (id == HF_V_COUNT) {
        hf_whole_ask(ask, HF_TLS13);
        ask->alpn[0] = foreign_protocol;
        ask->n_alpn = 1;
        return true;
    }
    hf_list_open(q, id, &hello);
    hello.alpn = hf_span_of(list, sizeof list - 1);
    return hf_inquiry_say(ask, &hello);
}

static void got_alpn_engine(hf_inquiry *q, const hf_reply *reply)
{
    char words[HF_WHOLE_WORDS];
    strict *s = q->state;

    s->over = true;
    if (hf_whole_connected(reply))
        tell(q, HF_TRAIT_alpn_strict, HF_ABSENT, reply, "the connection came about");
    else
        tell(q, HF_TRAIT_alpn_strict,
             hf_whole_alert(reply) == HF_ALERT_no_application_protocol ? HF_PRESENT : HF_UNKNOWN,
             reply, hf_whole_trouble(reply, words));
}

static void got_alpn(hf_inquiry *q, const hf_reply *reply)
{
    uint16_t version = hf_seen_version_code(hf_newest_older(q->seen));
    char words[HF_FLIGHT_WORDS];

    if (reply->ask->kind == HF_ASK_ENGINE) {
        got_alpn_engine(q, reply);
        return;
    }
    hf_list_glean(q, reply);
    hf_answer answer = hf_walk_answer(reply->flight, version);
    if (!wait_for_more(q->state, reply->flight, answer))
        tell(q, HF_TRAIT_alpn_strict, verdict(answer), reply,
             hf_flight_words(reply->flight, words));
}

const hf_inquiry_row hf_inquiry_alpn_strict = {
    "alpn_strict", "A foreign ALPN name", HF_PHASE_DETAILS, sizeof(strict), next_alpn, got_alpn,
    NULL
};

/* ---- server_name ---- */

static hf_seen_version_id version_for_name(const hf_seen *seen)
{
    hf_seen_version_id id = hf_newest_older(seen);

    return id == HF_V_COUNT || id == HF_V_SSL3 ? hf_seen_newest(seen) : id;
}

static bool next_sni(hf_inquiry *q, hf_ask *ask)
{
    hf_seen_version_id id = version_for_name(q->seen);
    strict *s = q->state;
    hf_crafted hello;

    if (s->over || id == HF_V_COUNT || takes_none(q->seen, HF_TRAIT_sni_strict, id))
        return false;
    hf_list_open(q, id, &hello);
    hello.server_name = foreign_name;
    return hf_inquiry_say(ask, &hello);
}

static void got_sni(hf_inquiry *q, const hf_reply *reply)
{
    uint16_t version = hf_seen_version_code(version_for_name(q->seen));
    hf_answer answer = hf_walk_answer(reply->flight, version);
    char words[HF_FLIGHT_WORDS];

    hf_list_glean(q, reply);
    if (!wait_for_more(q->state, reply->flight, answer))
        tell(q, HF_TRAIT_sni_strict, verdict(answer), reply, hf_flight_words(reply->flight, words));
}

const hf_inquiry_row hf_inquiry_sni_strict = {
    "sni_strict", "An unknown server name", HF_PHASE_DETAILS, sizeof(strict), next_sni, got_sni,
    NULL
};
