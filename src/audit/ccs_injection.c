/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * CCS injection (CVE-2014-0224): a ChangeCipherSpec before there are any keys. A good server ends it with an alert. One that takes it reads on
 * under keys made of nothing, so that what comes next, in the clear, fails its MAC: bad_record_mac, and that is what tells it. A second
 * connection, with the ChangeCipherSpec alone, must be met by silence then; and where the first was closed without a word, it says whether that
 * was for the ChangeCipherSpec.
 */
#include "audit/weak.h"

enum {
    NONSENSE = 60,
    RECORDS = 2,
    DECRYPTION_FAILED = 21 /* TLS 1.0's name for it (RFC 2246 7.2.2) */
};

typedef enum step { FIRST, ALONE, OVER } step;

typedef struct injection {
    step step;
    bool looks_taken; /* by the first connection */
    size_t evidence;  /* of that one */
    char came[HF_FLIGHT_WORDS];
    hf_weak_said said;
} injection;

static size_t inject(void *user, const hf_flight *flight, uint8_t out[HF_ASK_MORE_MAX],
                     size_t *records)
{
    injection *s = ((hf_inquiry *)user)->state;
    hf_builder b = hf_wr_start(out, HF_ASK_MORE_MAX);

    if (s->said.said || !flight->done)
        return 0;
    hf_weak_record(&b, HF_CT_CHANGE_CIPHER_SPEC, flight->version, hf_span_of("\1", 1));
    if (s->step == FIRST)
        hf_weak_nonsense(&b, flight->version, NONSENSE);
    *records = RECORDS;
    return hf_weak_say(&s->said, &b);
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    injection *s = q->state;
    hf_seen_version_id version = hf_weak_version(q->seen, HF_V_SSL3);
    hf_crafted hello;

    if (s->step == OVER)
        return false;
    if (version == HF_V_COUNT) {
        hf_weak_idle(q, HF_TRAIT_ccs_injection, HF_V_SSL3);
        return false;
    }
    s->said = (hf_weak_said){ 0 };
    hf_inquiry_open(q, hf_seen_version_code(version), &hello);
    return hf_weak_ask(q, ask, &hello, inject);
}

static bool is_mac_failure(const hf_weak_answer *a)
{
    return a->strange_alert || (a->alert && (a->description == HF_ALERT_bad_record_mac ||
                                             a->description == DECRYPTION_FAILED));
}

/* Of each connection; the first one's is the finding's, as what tells it came there. */
static void note(hf_inquiry *q, const hf_flight *flight)
{
    injection *s = q->state;
    hf_weak_answer answer = hf_weak_answer_of(flight);

    hf_weak_words(&answer, s->came);
    size_t evidence =
        hf_weak_evidence(q, &s->said, flight, "an early ChangeCipherSpec%s: %s",
                         s->step == FIRST ? " and a record behind it" : " alone", s->came);
    s->evidence = s->step == FIRST ? evidence : s->evidence;
}

static void conclude(hf_inquiry *q, hf_tri state)
{
    injection *s = q->state;

    s->step = OVER;
    if (state == HF_PRESENT)
        hf_seen_trait(q->seen, HF_TRAIT_ccs_injection, state, s->evidence,
                      "what comes behind it fails its MAC, and alone it is met by silence");
    else
        hf_seen_trait(q->seen, HF_TRAIT_ccs_injection, state, s->evidence, "the answer was %s",
                      s->came);
}

static void after_first(hf_inquiry *q, const hf_flight *flight)
{
    injection *s = q->state;
    hf_weak_answer answer = hf_weak_answer_of(flight);

    s->looks_taken = is_mac_failure(&answer);
    if (s->looks_taken || answer.gone)
        s->step = ALONE;
    else
        conclude(q, answer.alert ? HF_ABSENT : HF_UNKNOWN);
}

static void after_alone(hf_inquiry *q, const hf_flight *flight)
{
    const injection *s = q->state;
    hf_weak_answer answer = hf_weak_answer_of(flight);
    hf_tri state = HF_UNKNOWN;

    if (answer.alert || answer.strange_alert || answer.gone)
        state = HF_ABSENT;
    else if (s->looks_taken && answer.silent)
        state = HF_PRESENT;
    conclude(q, state);
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    injection *s = q->state;

    if (!s->said.said) {
        s->step = OVER;
        hf_weak_unasked(q, HF_TRAIT_ccs_injection, reply);
        return;
    }
    note(q, reply->flight);
    (s->step == FIRST ? after_first : after_alone)(q, reply->flight);
}

const hf_inquiry_row hf_inquiry_ccs_injection = {
    .name = "ccs_injection",
    .title = "CCS injection",
    .phase = HF_PHASE_LISTS,
    .state_size = sizeof(injection),
    .next = next,
    .got = got,
};
