/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Heartbleed (CVE-2014-0160): a HeartbeatRequest whose payload_length is more than there is. RFC 6520 4 has it dropped silently; who does
 * not look copies memory into the answer. Ours claims 16 bytes more than it brings, and only whether they came, and how many, is kept. What
 * cannot be meant comes behind it, so that a server that dropped it says something, and silence is not taken for an answer.
 */
#include "audit/weak.h"

enum {
    HEARTBEAT = 24,
    REQUEST = 1,
    RESPONSE = 2,
    HEADER = 3, /* type, payload_length */
    BROUGHT = 16,
    CLAIMED = 32,
    RECORDS = 4 /* answer and alert, and a margin */
};

typedef struct heartbleed {
    bool asked;
    hf_weak_said said;
} heartbleed;

static size_t probe(void *user, const hf_flight *flight, uint8_t out[HF_ASK_MORE_MAX],
                    size_t *records)
{
    static const uint8_t request[HEADER + BROUGHT] = "\x01\x00\x20handfast audits";
    heartbleed *s = ((hf_inquiry *)user)->state;
    hf_builder b = hf_wr_start(out, HF_ASK_MORE_MAX);

    if (s->said.said || !flight->done || !flight->heartbeat)
        return 0;
    hf_weak_record(&b, HEARTBEAT, flight->version, hf_span_of(request, sizeof request));
    hf_weak_nonsense(&b, flight->version, 12);
    *records = RECORDS;
    return hf_weak_say(&s->said, &b);
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    heartbleed *s = q->state;
    hf_seen_version_id version = hf_weak_version(q->seen, HF_V_TLS10);
    hf_crafted hello;

    if (s->asked)
        return false;
    s->asked = true;
    if (version == HF_V_COUNT) {
        hf_weak_idle(q, HF_TRAIT_heartbleed, HF_V_TLS10);
        return false;
    }
    hf_inquiry_open(q, hf_seen_version_code(version), &hello);
    hello.heartbeat = true;
    return hf_weak_ask(q, ask, &hello, probe);
}

/* Bytes of the answer's payload beyond what was brought; *answered: there was one. */
static size_t beyond(const hf_flight *flight, bool *answered)
{
    hf_flight_record r;

    for (size_t i = 0; hf_flight_record_at(flight, i, &r); i++) {
        if (r.type != HEARTBEAT || r.content.len < HEADER || r.content.data[0] != RESPONSE)
            continue;
        size_t claimed = (size_t)(r.content.data[1] << 8 | r.content.data[2]);
        size_t came = r.len - HEADER < claimed ? r.len - HEADER : claimed;
        *answered = true;
        return came > BROUGHT ? came - BROUGHT : 0;
    }
    return 0;
}

static void judge(hf_inquiry *q, const hf_flight *flight)
{
    heartbleed *s = q->state;
    hf_weak_answer answer = hf_weak_answer_of(flight);
    bool answered = false;
    size_t more = beyond(flight, &answered);
    char words[HF_FLIGHT_WORDS];

    hf_weak_words(&answer, words);
    size_t evidence =
        hf_weak_evidence(q, &s->said, flight, "a HeartbeatRequest of %d bytes that claims %d: %s",
                         BROUGHT, CLAIMED, answered ? "a HeartbeatResponse" : words);
    if (more > 0) {
        hf_seen_trait(q->seen, HF_TRAIT_heartbleed, HF_PRESENT, evidence,
                      "%zu bytes more than were sent; they were not kept", more);
        q->seen->traits[HF_TRAIT_heartbleed].number = (uint32_t)more;
    } else if (answered)
        hf_seen_trait(q->seen, HF_TRAIT_heartbleed, HF_ABSENT, evidence,
                      "the answer held no more than was sent");
    else if (answer.alert || answer.gone)
        hf_seen_trait(q->seen, HF_TRAIT_heartbleed, HF_ABSENT, evidence,
                      "a request that claims more than it brings gets no answer");
    else
        hf_seen_trait(q->seen, HF_TRAIT_heartbleed, HF_UNKNOWN, evidence,
                      "neither an answer nor a refusal: %s", words);
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    const heartbleed *s = q->state;

    if (s->said.said)
        judge(q, reply->flight);
    else if (reply->flight->hello && !reply->flight->heartbeat)
        hf_seen_trait(q->seen, HF_TRAIT_heartbleed, HF_ABSENT, 0, "heartbeat is not spoken");
    else
        hf_weak_unasked(q, HF_TRAIT_heartbleed, reply);
}

const hf_inquiry_row hf_inquiry_heartbleed = {
    .name = "heartbleed",
    .title = "Heartbleed",
    .phase = HF_PHASE_LISTS,
    .state_size = sizeof(heartbleed),
    .next = next,
    .got = got,
};
