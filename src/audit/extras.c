/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a ServerHello of TLS 1.2 or older tells about its server: extended_main_secret, renegotiation_info, heartbeat, compression, and
 * whether its random warns of a downgrade. One hello asks for all of it; if that is refused, each of the unusual things is asked for
 * alone. encrypt_then_mac needs a suite of CBC, so it is asked for with those.
 */
#include <stdio.h>

#include "audit/lists.h"

typedef enum stage { ALL, PLAIN, HEARTBEAT, DEFLATE, OVER } stage;
typedef struct extras {
    stage stage;
    unsigned tries;
} extras;

static void ask_for(hf_crafted *hello, stage asked)
{
    hello->heartbeat = asked == ALL || asked == HEARTBEAT;
    hello->deflate = asked == ALL || asked == DEFLATE;
}

/* TLS 1.3 alone: some of it has an answer by what TLS 1.3 is. */
static void tell_tls13(hf_seen *seen)
{
    static const hf_trait_id older[] = { HF_TRAIT_compression, HF_TRAIT_extended_main_secret,
                                         HF_TRAIT_secure_renegotiation };

    if (!hf_seen_speaks(seen, HF_V_TLS13))
        return;
    hf_seen_trait(seen, HF_TRAIT_heartbeat, HF_UNKNOWN, 0,
                  "only TLS 1.3 is spoken, where the answer is encrypted");
    if (!hf_seen_older_whole(seen)) {
        for (size_t i = 0; i < sizeof older / sizeof *older; i++)
            hf_seen_trait(seen, older[i], HF_UNKNOWN, 0,
                          "whether an older version than TLS 1.3 is spoken is not known");
        return;
    }
    hf_seen_idle(seen, HF_TRAIT_compression, "only TLS 1.3 is spoken, which has none");
    hf_seen_idle(seen, HF_TRAIT_extended_main_secret,
                 "only TLS 1.3 is spoken, whose keys are always bound");
    hf_seen_idle(seen, HF_TRAIT_secure_renegotiation,
                 "only TLS 1.3 is spoken, which has no renegotiation");
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    hf_seen_version_id id = hf_newest_older(q->seen);
    extras *e = q->state;
    hf_crafted hello;

    if (id == HF_V_COUNT) {
        tell_tls13(q->seen);
        return false;
    }
    if (e->stage == OVER)
        return false;
    hf_list_open(q, id, &hello);
    ask_for(&hello, e->stage);
    return hf_inquiry_say(ask, &hello);
}

/* ---- what the answer shows ---- */

static void tell(hf_inquiry *q, hf_trait_id id, bool there, size_t evidence)
{
    hf_seen_trait(q->seen, id, there ? HF_PRESENT : HF_ABSENT, evidence, "%s", "");
}

/* A small hello had no extension to be answered; nor has one of SSL 3.0, but nobody ever will there. */
static void tell_extension(hf_inquiry *q, hf_trait_id id, const hf_flight *f, bool there,
                           size_t evidence)
{
    hf_seen_version_id version = hf_seen_version_of(f->version);

    if (version > HF_V_SSL3 && q->seen->v[version].form == HF_HELLO_SMALL)
        hf_seen_trait(q->seen, id, HF_UNKNOWN, evidence,
                      "the hello that it takes has no extensions");
    else
        tell(q, id, there, evidence);
}

static void tell_usual(hf_inquiry *q, const hf_flight *f, size_t evidence)
{
    tell_extension(q, HF_TRAIT_extended_main_secret, f, f->ems, evidence);
    tell(q, HF_TRAIT_secure_renegotiation, f->renegotiation_info, evidence);
}

/* Which sentinel is due: that of TLS 1.2 if a newer version is there, else the one of older versions. */
static void tell_sentinel(hf_inquiry *q, const hf_flight *f, size_t evidence)
{
    hf_seen_version_id newest = hf_seen_newest(q->seen), id = hf_seen_version_of(f->version);

    if (newest <= id || newest < HF_V_TLS12)
        return;
    tell(q, HF_TRAIT_downgrade_sentinel, id == HF_V_TLS12 ? f->downgrade_12 : f->downgrade_11,
         evidence);
}

static void took(hf_inquiry *q, const hf_reply *reply, stage asked)
{
    const hf_flight *f = reply->flight;
    char words[HF_FLIGHT_WORDS];
    size_t evidence = hf_inquiry_evidence(
        q, reply, "a hello with%s%s of %s: %s", asked == ALL ? " heartbeat and DEFLATE" : "",
        asked == HEARTBEAT ? " heartbeat"
        : asked == DEFLATE ? " DEFLATE"
                           : "",
        hf_seen_version_name(hf_newest_older(q->seen)), hf_flight_words(f, words));

    if (asked == ALL || asked == PLAIN) {
        tell_usual(q, f, evidence);
        tell_sentinel(q, f, evidence);
    }
    if (asked == ALL || asked == HEARTBEAT)
        tell_extension(q, HF_TRAIT_heartbeat, f, f->heartbeat, evidence);
    if (asked == ALL || asked == DEFLATE)
        tell(q, HF_TRAIT_compression, f->compression != 0, evidence);
}

static void not_taken(hf_inquiry *q, hf_trait_id id, hf_tri state, const hf_reply *reply)
{
    char words[HF_FLIGHT_WORDS];

    hf_seen_trait(q->seen, id, state,
                  hf_inquiry_evidence(q, reply, "a hello that asks for it was not taken"), "%s",
                  hf_flight_words(reply->flight, words));
}

/* A thing that a hello is refused for is not spoken; one that nobody answers is not known. */
static void failed(hf_inquiry *q, const hf_reply *reply, stage asked, hf_answer answer)
{
    hf_tri state = answer == HF_ANSWER_REFUSED ? HF_ABSENT : HF_UNKNOWN;

    if (asked == HEARTBEAT)
        not_taken(q, HF_TRAIT_heartbeat, state, reply);
    if (asked == DEFLATE)
        not_taken(q, HF_TRAIT_compression, state, reply);
    if (asked != PLAIN)
        return;
    not_taken(q, HF_TRAIT_extended_main_secret, HF_UNKNOWN, reply);
    not_taken(q, HF_TRAIT_secure_renegotiation, HF_UNKNOWN, reply);
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    extras *e = q->state;
    uint16_t version = hf_seen_version_code(hf_newest_older(q->seen));
    hf_answer answer = hf_answer_of(reply->flight, version);

    hf_list_glean(q, reply);
    if (answer == HF_ANSWER_TOOK)
        took(q, reply, e->stage);
    else if (answer != HF_ANSWER_REFUSED && ++e->tries < HF_WALK_TRIES)
        return;
    else
        failed(q, reply, e->stage, answer);
    e->tries = 0;
    e->stage = answer == HF_ANSWER_TOOK && e->stage == ALL ? OVER : (stage)(e->stage + 1);
}

const hf_inquiry_row hf_inquiry_extras = {
    "extras", "What a ServerHello tells", HF_PHASE_LISTS, sizeof(extras), next, got, NULL
};

/* ---- encrypt_then_mac ---- */

typedef struct etm {
    bool over;
    unsigned tries;
} etm;

/* The newest version with suites of CBC, which are put into `out`. */
static hf_seen_version_id with_cbc(const hf_seen *seen, hf_codes *out)
{
    out->n = 0;
    for (unsigned id = HF_V_TLS12; id >= HF_V_TLS10; id--) {
        const hf_codes *suites = &seen->v[id].suites;
        for (size_t i = 0; i < suites->n; i++)
            if (hf_suite_has(suites->at[i], "_CBC_"))
                hf_codes_add(out, suites->at[i]);
        if (out->n > 0)
            return (hf_seen_version_id)id;
    }
    return HF_V_COUNT;
}

static void tell_no_cbc(hf_seen *seen)
{
    if (hf_seen_older_whole(seen))
        hf_seen_idle(seen, HF_TRAIT_encrypt_then_mac, "no suite of CBC is taken");
    else
        hf_seen_trait(seen, HF_TRAIT_encrypt_then_mac, HF_UNKNOWN, 0,
                      "no suite of CBC was found, but not all could be asked");
}

static bool next_etm(hf_inquiry *q, hf_ask *ask)
{
    etm *e = q->state;
    hf_crafted hello;
    hf_codes suites;
    hf_seen_version_id id = with_cbc(q->seen, &suites);

    if (e->over)
        return false;
    if (id == HF_V_COUNT) {
        tell_no_cbc(q->seen);
        return false;
    }
    hf_list_open(q, id, &hello);
    hello.suites = suites;
    hello.encrypt_then_mac = true;
    return hf_inquiry_say(ask, &hello);
}

static void got_etm(hf_inquiry *q, const hf_reply *reply)
{
    const hf_flight *f = reply->flight;
    etm *e = q->state;
    hf_codes suites;
    hf_seen_version_id id = with_cbc(q->seen, &suites);
    hf_answer answer = hf_answer_of(f, hf_seen_version_code(id));
    char words[HF_FLIGHT_WORDS];

    hf_list_glean(q, reply);
    hf_flight_words(f, words);
    if (answer != HF_ANSWER_TOOK && ++e->tries < HF_WALK_TRIES)
        return;
    e->over = true;
    size_t evidence = hf_inquiry_evidence(q, reply, "suites of CBC with encrypt_then_mac, %s: %s",
                                          hf_seen_version_name(id), words);
    if (answer == HF_ANSWER_TOOK)
        tell_extension(q, HF_TRAIT_encrypt_then_mac, f, f->encrypt_then_mac, evidence);
    else
        hf_seen_trait(q->seen, HF_TRAIT_encrypt_then_mac, HF_UNKNOWN, evidence, "%s", words);
}

const hf_inquiry_row hf_inquiry_encrypt_then_mac = {
    "encrypt_then_mac", "encrypt_then_mac", HF_PHASE_DETAILS, sizeof(etm), next_etm, got_etm, NULL
};
