/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Which versions a server speaks, one inquiry each, side by side. A hello as a common client of that version has it; if that is refused
 * for another reason than the version, one with everything that there is; then a small one, for servers that cannot read long ones.
 * A refusal that does not name the version may be about the name that was asked for: it counts only beside a version that is served.
 */
#include <stdio.h>

#include "audit/lists.h"
#include "audit/whole.h"
#include "explain/names.h"

typedef struct asked {
    hf_hello_form form;
    unsigned refusals, gone; /* so far */
    bool over, again;        /* again: the same once more */
    bool spoken;    /* by a HelloRetryRequest: now it is seen whether the handshake goes on … */
    uint16_t share; /* … with the group that was asked for */
    bool silent, last; /* a form had no answer: …; last: and that is asked again */
    hf_hello_form silent_form;
    hf_codes offered;
} asked;

static hf_seen_version_id version_of(const hf_inquiry *q);

static bool next_ssl2(asked *a, hf_ask *ask)
{
    (void)a;
    ask->kind = HF_ASK_BYTES;
    ask->len = hf_crafted_write_ssl2(ask->bytes);
    return ask->len > 0;
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    hf_seen_version_id id = version_of(q);
    asked *a = q->state;
    hf_crafted hello;

    if (a->over)
        return false;
    if (id == HF_V_SSL2)
        return next_ssl2(a, ask);
    hf_inquiry_open(q, hf_seen_version_code(id), &hello);
    hf_list_form(&hello, a->form);
    if (a->share)
        hello.shares[0] = a->share;
    a->offered = hello.suites;
    return hf_inquiry_say(ask, &hello);
}

/* ---- answers ---- */

static void settle(hf_inquiry *q, const hf_reply *reply, hf_tri spoken)
{
    static const char *const forms[] = { "a hello of %s as clients have it: %s",
                                         "a hello of %s with everything that there is: %s",
                                         "a small hello of %s: %s" };
    hf_seen_version_id id = version_of(q);
    hf_seen_version *v = &q->seen->v[id];
    asked *a = q->state;
    char words[HF_FLIGHT_WORDS], text[HF_EVIDENCE_WORDS];

    hf_flight_words(reply->flight, words);
    snprintf(text, sizeof text, id == HF_V_SSL2 ? "a CLIENT-HELLO of %s: %s" : forms[a->form],
             hf_seen_version_name(id), words);
    v->spoken = spoken;
    v->form = a->form;
    v->groups_whole = id < HF_V_TLS10; /* there are none */
    v->schemes_whole = id < HF_V_TLS12;
    v->chains_open = (uint8_t)hf_chain_kinds_of(id); /* until they are asked for */
    v->evidence = hf_inquiry_evidence(q, reply, "%s", text);
    v->first = hf_seen_answer_of(q->seen, reply->flight, hf_seen_version_code(id));
    if (spoken == HF_UNKNOWN)
        snprintf(v->why, sizeof v->why, "%.*s", (int)sizeof v->why - 1, words);
    a->over = true;
}

/* A refusal in words that need not be about the version is one of it if another version is served. */
static void settle_doubtful(hf_seen *seen)
{
    bool served = false;

    for (unsigned id = 0; id < HF_V_COUNT; id++)
        served = served || seen->v[id].served;
    for (unsigned id = 0; id < HF_V_COUNT; id++) {
        hf_seen_version *v = &seen->v[id];
        if (!v->doubtful || !served)
            continue;
        v->spoken = HF_ABSENT;
        v->doubtful = false;
        v->why[0] = '\0';
    }
}

static void keep_chain(hf_inquiry *q, const hf_reply *reply)
{
    const hf_flight *f = reply->flight;
    hf_seen_version_id id = version_of(q);

    hf_seen_chain_of(q->seen, f->certs, f->n_certs, f->more_certs, id, q->seen->v[id].evidence);
    q->seen->v[id].first = hf_seen_answer_of(q->seen, f, hf_seen_version_code(id));
    hf_list_glean(q, reply);
}

static void took(hf_inquiry *q, const hf_reply *reply)
{
    hf_seen_version *v = &q->seen->v[version_of(q)];
    asked *a = q->state;

    if (hf_codes_have(&a->offered, reply->flight->suite)) {
        settle(q, reply, HF_PRESENT);
        keep_chain(q, reply);
        v->served = !reply->flight->retry;
        a->spoken = reply->flight->retry && reply->flight->group != 0;
        a->share = reply->flight->group;
        a->over = !a->spoken;
        return;
    }
    settle(q, reply, HF_UNKNOWN);
    snprintf(v->why, sizeof v->why, "it chose suite 0x%04x, which was not offered",
             reply->flight->suite);
}

/* It is about the version and nothing else, so that no other hello would fare better. */
static bool is_about_version(const hf_flight *f)
{
    return f->hello || (f->has_alert && f->alert == HF_ALERT_protocol_version);
}

static void note_declined(hf_seen *seen, const hf_flight *f)
{
    seen->declined = seen->declined || (f->has_alert && !is_about_version(f));
}

/* With the share that was asked for: a certificate was chosen, or there is none for this name. */
static void went_on(hf_inquiry *q, const hf_reply *reply)
{
    asked *a = q->state;

    q->seen->v[version_of(q)].served =
        hf_flight_took(reply->flight, HF_TLS13) && !reply->flight->retry;
    note_declined(q->seen, reply->flight);
    hf_list_glean(q, reply);
    a->over = true;
}

static void took_ssl2(hf_inquiry *q, const hf_reply *reply)
{
    hf_seen_version *v = &q->seen->v[HF_V_SSL2];

    settle(q, reply, HF_PRESENT);
    keep_chain(q, reply);
    v->served = true;
    v->suites = reply->flight->suites2;
    v->suites_whole = true;
    v->order = HF_ORDER_CLIENT; /* SSL 2.0's client chooses */
    for (size_t i = 0; i < v->suites.n; i++)
        v->suite_evidence[i] = v->evidence;
}

/* Silence may have been an accident, and what was refused in its place was another question: the form that was met by it comes again. */
static bool silent_form_again(asked *a, hf_answer answer)
{
    if (!a->silent || answer == HF_ANSWER_NONE)
        return false;
    a->form = a->silent_form;
    a->last = true;
    return true;
}

/* The next form; false: there is none. A server that was silent once is not asked with a longer hello; one of TLS 1.3 needs extensions. */
static bool next_form(asked *a, hf_seen_version_id id, hf_answer answer)
{
    if (id == HF_V_SSL2) {
        a->again = !a->again && answer == HF_ANSWER_GONE;
        return a->again;
    }
    if (a->last)
        return false;
    if (answer == HF_ANSWER_NONE && !a->silent) {
        a->silent = true;
        a->silent_form = a->form;
    }
    if (a->form == HF_HELLO_USUAL && answer != HF_ANSWER_NONE)
        a->form = HF_HELLO_ALL;
    else if (a->form != HF_HELLO_SMALL && id != HF_V_TLS13)
        a->form = HF_HELLO_SMALL;
    else if (a->form == HF_HELLO_USUAL && !a->again)
        a->again = true;
    else
        return silent_form_again(a, answer);
    return true;
}

/* All forms failed, in orderly ways, but none of them said that it is for the version. To silence that comes again something was refused
   in between. */
static bool is_doubtful(const asked *a, hf_answer last)
{
    bool stubborn = a->last && a->refusals > 0;

    return (last != HF_ANSWER_NONE || stubborn) && (a->refusals > 0 || a->gone > 1);
}

/* It is about the name that was asked for, or about who asks: what is spoken with others is not known. */
static bool is_about_us(const hf_flight *f)
{
    return f->has_alert &&
           (f->alert == HF_ALERT_unrecognized_name || f->alert == HF_ALERT_access_denied);
}

static void failed(hf_inquiry *q, const hf_reply *reply, hf_answer answer)
{
    asked *a = q->state;

    a->refusals += answer == HF_ANSWER_REFUSED && !is_about_us(reply->flight);
    a->gone += answer == HF_ANSWER_GONE;
    note_declined(q->seen, reply->flight);
    if (answer == HF_ANSWER_REFUSED && is_about_version(reply->flight))
        settle(q, reply, HF_ABSENT);
    else if (!next_form(a, version_of(q), answer)) {
        settle(q, reply, HF_UNKNOWN);
        q->seen->v[version_of(q)].doubtful = is_doubtful(a, answer);
    }
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    const hf_flight *f = reply->flight;
    hf_answer answer = hf_answer_of(f, hf_seen_version_code(version_of(q)));

    if (f->hello || f->ssl2 || f->has_alert)
        q->seen->reached = true;
    if (((asked *)q->state)->spoken)
        went_on(q, reply);
    else if (f->ssl2 && version_of(q) == HF_V_SSL2)
        took_ssl2(q, reply);
    else if (answer == HF_ANSWER_TOOK)
        took(q, reply);
    else
        failed(q, reply, answer);
    settle_doubtful(q->seen);
}

/* ---- rows ---- */

#define ROW(symbol, text)                                                                          \
    const hf_inquiry_row hf_inquiry_##symbol = { #symbol,       text, HF_PHASE_VERSIONS,           \
                                                 sizeof(asked), next, got,                         \
                                                 NULL }
ROW(version_ssl2, "SSL 2.0");
ROW(version_ssl3, "SSL 3.0");
ROW(version_tls10, "TLS 1.0");
ROW(version_tls11, "TLS 1.1");
ROW(version_tls12, "TLS 1.2");
ROW(version_tls13, "TLS 1.3");

static hf_seen_version_id version_of(const hf_inquiry *q)
{
    static const hf_inquiry_row *const rows[HF_V_COUNT] = {
        [HF_V_SSL2] = &hf_inquiry_version_ssl2,   [HF_V_SSL3] = &hf_inquiry_version_ssl3,
        [HF_V_TLS10] = &hf_inquiry_version_tls10, [HF_V_TLS11] = &hf_inquiry_version_tls11,
        [HF_V_TLS12] = &hf_inquiry_version_tls12, [HF_V_TLS13] = &hf_inquiry_version_tls13,
    };
    unsigned i = 0;

    while (i < HF_V_COUNT && rows[i] != q->row)
        i++;
    return (hf_seen_version_id)i;
}
