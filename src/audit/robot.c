/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ROBOT: whether answers tell good RSA padding from bad (Bleichenbacher 1998; Böck, Somorovsky, Young 2018). Five blocks go to the server's key
 * in ClientKeyExchange, each over a connection of its own: with ChangeCipherSpec and a Finished that cannot be right; if all are answered alike,
 * once more without these, where a good server waits in silence. What differs must differ in the same way three times over.
 */
#include "audit/robot.h"

#include <stdio.h>

#include "explain/names.h"

enum {
    ROUNDS = 3,   /* that must agree on a difference */
    FAILURES = 3, /* connections that come to nothing, before it is given up */
    RECORDS = 1,
    DECRYPTION_FAILED = 21, /* TLS 1.0's bad_record_mac */
    /* And thrice the time of the slowest answer so far, with three round trips: where silence is what a good server answers, or is only to be
       seen again. */
    SHORT_PATIENCE_MS = 120
};

typedef enum flow { WITH_FINISHED, ALONE, FLOWS } flow;

typedef struct robot {
    bool begun, over;
    bool asks_certificate; /* the server, of its client */
    hf_seen_version_id version;
    flow flow;
    unsigned round;
    hf_robot_form form;
    uint32_t answers[HF_ROBOT_FORMS], first[HF_ROBOT_FORMS]; /* of this round, and of the first */
    size_t evidence[HF_ROBOT_FORMS];
    char good[HF_FLIGHT_WORDS]; /* how good padding was answered */
    unsigned slowest;  /* whole answer so far, milliseconds: a server that is busy is waited for */
    bool patient;      /* this form is asked again, with all the time there is */
    unsigned failures; /* connections that did not come to the question */
    hf_weak_said said;
} robot;

/* ---- what is said ---- */

static size_t say(void *user, const hf_flight *flight, uint8_t out[HF_ASK_MORE_MAX],
                  size_t *records)
{
    robot *s = ((hf_inquiry *)user)->state;
    uint8_t ciphertext[HF_SIGNATURE_MAX];
    hf_builder b = hf_wr_start(out, HF_ASK_MORE_MAX);

    if (s->said.said || !flight->done || flight->key_exchange || flight->n_certs == 0)
        return 0;
    size_t n = hf_robot_ciphertext(s->form, hf_seen_version_code(s->version), flight->certs[0],
                                   ciphertext);
    if (n == 0)
        return 0;
    s->asks_certificate = flight->certificate_request;
    hf_robot_write(&b, flight->version, hf_span_of(ciphertext, n), s->asks_certificate,
                   s->flow == WITH_FINISHED);
    *records = RECORDS;
    return hf_weak_say(&s->said, &b);
}

/* ---- whom to ask ---- */

static void conclude(hf_inquiry *q, hf_tri state, size_t evidence, const char *words)
{
    ((robot *)q->state)->over = true;
    hf_seen_trait(q->seen, HF_TRAIT_robot, state, evidence, "%s", words);
}

/* No suite has what it is about: that is no answer to the question. */
static void nothing_to_ask(hf_inquiry *q, robot *s)
{
    s->over = true;
    hf_seen_idle(q->seen, HF_TRAIT_robot, "no suite with static RSA is spoken");
}

static bool is_static_rsa(uint16_t suite)
{
    const char *name = hf_name_of(HF_NAMES_SUITES, suite);

    return name && strncmp(name, "TLS_RSA_WITH_", 13) == 0;
}

static void static_rsa_of(const hf_codes *all, hf_codes *out)
{
    out->n = 0;
    for (size_t i = 0; i < all->n; i++)
        if (is_static_rsa(all->at[i]))
            hf_codes_add(out, all->at[i]);
}

/* The newest version that has such a suite. */
static hf_seen_version_id choose_version(const hf_seen *seen)
{
    hf_codes rsa;

    for (int id = HF_V_TLS12; id >= HF_V_TLS10; id--) {
        static_rsa_of(&seen->v[id].suites, &rsa);
        if (rsa.n > 0)
            return (hf_seen_version_id)id;
    }
    return HF_V_COUNT;
}

static bool begin(hf_inquiry *q, robot *s)
{
    hf_codes rsa;

    s->begun = true;
    s->version = choose_version(q->seen);
    if (s->version != HF_V_COUNT)
        return true;
    static_rsa_of(&q->seen->v[HF_V_SSL3].suites, &rsa);
    if (rsa.n > 0)
        conclude(q, HF_UNKNOWN, 0, "static RSA is spoken in SSL 3.0 alone, where it is not tried");
    else if (hf_seen_older_whole(q->seen))
        nothing_to_ask(q, s);
    else
        conclude(q, HF_UNKNOWN, 0, "nobody could tell whether static RSA is spoken");
    return false;
}

static unsigned short_patience(const robot *s)
{
    unsigned ms = SHORT_PATIENCE_MS + 3 * s->slowest;

    return ms < HF_WEAK_PATIENCE_MS ? ms : HF_WEAK_PATIENCE_MS;
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    robot *s = q->state;
    hf_crafted hello;

    if (s->over || (!s->begun && !begin(q, s)))
        return false;
    s->said = (hf_weak_said){ 0 };
    hf_inquiry_open(q, hf_seen_version_code(s->version), &hello);
    static_rsa_of(&q->seen->v[s->version].suites, &hello.suites);
    if (!hf_weak_ask(q, ask, &hello, say))
        return false;
    if (!s->patient && (s->flow == ALONE || s->round > 0))
        ask->more_ms = short_patience(s);
    return true;
}

/* ---- what came of it ---- */

/* A close and a reset are one: which of them it is may be chance. */
static uint32_t fingerprint(const hf_weak_answer *a)
{
    return (uint32_t)a->alert << 16 | (uint32_t)a->strange_alert << 17 | (uint32_t)a->gone << 18 |
           (uint32_t)a->silent << 19 | a->description;
}

static bool all_silent(const robot *s)
{
    return s->answers[HF_ROBOT_GOOD] == fingerprint(&(hf_weak_answer){ .silent = true });
}

/* A server that demands a certificate may end it for want of one, and never look at the padding; if a record or a Finished was wrong, it did. */
static bool came_to_the_padding(const robot *s)
{
    static const uint8_t alerts[] = { HF_ALERT_bad_record_mac, HF_ALERT_decrypt_error,
                                      DECRYPTION_FAILED };
    bool came = !s->asks_certificate;

    for (size_t i = 0; i < sizeof alerts; i++)
        came =
            came || s->answers[HF_ROBOT_GOOD] ==
                        fingerprint(&(hf_weak_answer){ .alert = true, .description = alerts[i] });
    return came;
}

static void all_alike(hf_inquiry *q, robot *s)
{
    if (s->flow == WITH_FINISHED && all_silent(s))
        conclude(q, HF_UNKNOWN, s->evidence[0],
                 "a wrong Finished is met by silence, whatever the padding");
    else if (s->flow == WITH_FINISHED && !came_to_the_padding(s))
        conclude(q, HF_UNKNOWN, s->evidence[0],
                 "a client's certificate is demanded before it comes to the padding");
    else if (s->flow == WITH_FINISHED)
        s->flow = ALONE;
    else
        conclude(q, HF_ABSENT, s->evidence[0], "with and without a Finished behind them");
}

/* The first form that is answered in another way than good padding. */
static size_t telling(const robot *s)
{
    size_t i = 1;

    while (i + 1 < HF_ROBOT_FORMS && s->answers[i] == s->answers[HF_ROBOT_GOOD])
        i++;
    return s->evidence[i];
}

static void differs(hf_inquiry *q, robot *s, hf_robot_verdict verdict)
{
    if (s->round == 0)
        memcpy(s->first, s->answers, sizeof s->first);
    else if (memcmp(s->first, s->answers, sizeof s->first) != 0) {
        conclude(q, HF_UNKNOWN, telling(s),
                 "answers differ from time to time for the same padding");
        return;
    }
    if (++s->round < ROUNDS)
        return;
    conclude(q, HF_PRESENT, telling(s),
             verdict == HF_ROBOT_STRONG
                 ? "a strong oracle: padding that begins well is told from other"
                 : "a weak oracle: only padding that is good in every way is told from other");
    q->seen->traits[HF_TRAIT_robot].number = verdict;
}

static void round_over(hf_inquiry *q)
{
    robot *s = q->state;
    hf_robot_verdict verdict = hf_robot_judge(s->answers);

    s->form = HF_ROBOT_GOOD;
    if (verdict != HF_ROBOT_NONE)
        differs(q, s, verdict);
    else if (s->round > 0)
        conclude(q, HF_UNKNOWN, s->evidence[0], "answers differed once, and did not differ again");
    else
        all_alike(q, s);
}

static void time_it(robot *s, double milliseconds)
{
    unsigned ms =
        milliseconds < HF_WEAK_PATIENCE_MS ? 1 + (unsigned)milliseconds : HF_WEAK_PATIENCE_MS;

    s->slowest = ms > s->slowest ? ms : s->slowest;
}

/* Silence that was waited for shortly, where something was said before: is it another answer, or a late one? */
static bool may_be_late(const robot *s, const hf_weak_answer *answer)
{
    return answer->silent && !s->patient && s->round > 0 &&
           s->first[s->form] != fingerprint(answer);
}

static void keep_answer(hf_inquiry *q, const hf_reply *reply)
{
    static const char *const forms[HF_ROBOT_FORMS] = { "good padding", "padding without 00 02",
                                                       "padding with a late 00",
                                                       "padding without 00",
                                                       "a premaster secret of another version" };
    robot *s = q->state;
    hf_weak_answer answer = hf_weak_answer_of(reply->flight);
    char came[HF_FLIGHT_WORDS];

    hf_weak_words(&answer, came);
    s->answers[s->form] = fingerprint(&answer);
    s->patient = may_be_late(s, &answer);
    if (s->form == HF_ROBOT_GOOD)
        memcpy(s->good, came, sizeof s->good);
    if (s->round == 0)
        s->evidence[s->form] =
            hf_weak_evidence(q, &s->said, reply->flight, "%s%s: %.40s%s%.40s", forms[s->form],
                             s->flow == ALONE ? ", ClientKeyExchange alone" : "", came,
                             s->form == HF_ROBOT_GOOD ? "" : "; good padding: ",
                             s->form == HF_ROBOT_GOOD ? "" : s->good);
    if (!answer.silent)
        time_it(s, reply->milliseconds);
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    robot *s = q->state;

    if (!s->said.said) {
        s->over = ++s->failures >= FAILURES;
        if (s->over)
            hf_weak_unasked(q, HF_TRAIT_robot, reply);
        return;
    }
    keep_answer(q, reply);
    if (s->patient)
        return;
    s->form = (hf_robot_form)(s->form + 1);
    if (s->form == HF_ROBOT_FORMS)
        round_over(q);
}

const hf_inquiry_row hf_inquiry_robot = {
    .name = "robot",
    .title = "ROBOT",
    .phase = HF_PHASE_DETAILS,
    .state_size = sizeof(robot),
    .next = next,
    .got = got,
};
