/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The chains that a server has, one for each kind of key: hellos that leave it no other choice. Below TLS 1.3 certificates come in
 * the clear, and a hello is enough; in TLS 1.3 they come under the handshake's keys, and the engine must go on.
 */
#include "audit/whole.h"

#include <stdio.h>

#include "explain/names.h"

/* What is not answered is asked twice; so is what an alert refuses in TLS 1.3, as it may be about something else. Of TLS 1.2 its signatures
   tell (own_answers.c). */
enum { TRIES = 2 };

static void settle(hf_seen_version *v, hf_chain_kind kind, bool known)
{
    unsigned bit = 1u << kind;

    v->chains_open = (uint8_t)(known ? v->chains_open & ~bit : v->chains_open | bit);
}

/* Asked often enough, and nothing came in time: not all could be seen. */
static void note_stall(hf_seen *seen, bool answered, const hf_reply *reply)
{
    seen->chains_stalled |= !answered && reply->flight->end == HF_FLIGHT_LATE;
}

/* Silence, a loss, garbage: it says nothing about certificates. */
static bool is_closed_for_sure(const hf_flight *flight)
{
    return flight->sure && (flight->end == HF_FLIGHT_CLOSED || flight->end == HF_FLIGHT_RESET);
}

/* What came instead of a certificate. */
static void tell_none(hf_seen *seen, const char *words)
{
    if (seen->n_chains == 0)
        snprintf(seen->uncertified, sizeof seen->uncertified, "%.95s", words);
}

/* ---- TLS 1.3 ---- */

typedef struct chains13 {
    hf_chain_kind kind; /* that is asked for now */
    unsigned tries;
} chains13;

static bool next13(hf_inquiry *q, hf_ask *ask)
{
    chains13 *s = q->state;

    if (!hf_seen_speaks(q->seen, HF_V_TLS13) || s->kind >= HF_CHAIN_KINDS)
        return false;
    hf_whole_ask(ask, HF_TLS13);
    hf_whole_narrow(ask, s->kind);
    return true;
}

static bool is_sure13(const hf_reply *reply)
{
    const hf_span *der = NULL;

    return (reply->conn && hf_conn_peer_chain(reply->conn, &der) > 0) ||
           is_closed_for_sure(reply->flight);
}

static void got13(hf_inquiry *q, const hf_reply *reply)
{
    chains13 *s = q->state;
    bool sure = is_sure13(reply), answered = sure || hf_whole_alert(reply);
    char what[64], words[HF_WHOLE_WORDS];

    snprintf(what, sizeof what, "TLS 1.3 with schemes of %s keys alone",
             hf_chain_kind_word(s->kind));
    hf_whole_note(q, reply, what);
    tell_none(q->seen, hf_whole_trouble(reply, words));
    settle(&q->seen->v[HF_V_TLS13], s->kind, answered);
    if (!sure && ++s->tries < TRIES)
        return;
    note_stall(q->seen, answered, reply);
    s->kind++;
    s->tries = 0;
}

const hf_inquiry_row hf_inquiry_chains13 = {
    .name = "chains13",
    .title = "Certificate chains of TLS 1.3",
    .phase = HF_PHASE_LISTS,
    .state_size = sizeof(chains13),
    .next = next13,
    .got = got13,
};

/* ---- TLS 1.2 and older ---- */

typedef struct chains_clear {
    hf_seen_version_id version; /* that is asked now, from the newest down */
    unsigned step;              /* hf_chain_kind */
    unsigned tries;
    bool begun;
} chains_clear;

/* By the authentication that a suite's name tells: "_ECDSA_WITH_"; the others that have a certificate go with RSA. */
static bool named_for(uint16_t code, bool ecdsa)
{
    const char *name = hf_name_of(HF_NAMES_SUITES, code);
    bool anonymous = !name || strstr(name, "_anon_") || strstr(name, "PSK") ||
                     strstr(name, "SRP") || strstr(name, "KRB5") || strstr(name, "_DSS_");

    return !anonymous && (strstr(name, "_ECDSA_") != NULL) == ecdsa;
}

static void keep_suites(hf_crafted *hello, bool ecdsa)
{
    hf_codes kept = { .n = 0 };

    for (size_t i = 0; i < hello->suites.n; i++)
        if (named_for(hello->suites.at[i], ecdsa))
            hf_codes_add(&kept, hello->suites.at[i]);
    hello->suites = kept;
}

static void keep_schemes(hf_crafted *hello, hf_chain_kind kind)
{
    static const uint16_t schemes[HF_CHAIN_KINDS][12] = {
        [HF_CHAIN_RSA] = { 0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806, 0x0301, 0x0201 },
        [HF_CHAIN_ECDSA] = { 0x0403, 0x0503, 0x0603, 0x0303, 0x0203 },
        [HF_CHAIN_RSA_PSS] = { 0x0809, 0x080a, 0x080b },
        [HF_CHAIN_EDDSA] = { 0x0807, 0x0808 },
    };

    hello->schemes.n = 0;
    for (size_t i = 0; schemes[kind][i]; i++)
        hf_codes_add(&hello->schemes, schemes[kind][i]);
}

static bool go_down(const hf_seen *seen, chains_clear *s)
{
    if (s->begun && hf_chain_kinds_of(s->version) & 1u << s->step &&
        hf_seen_speaks(seen, s->version))
        return true;
    s->version = s->begun ? s->version - 1 : HF_V_TLS12;
    s->begun = true;
    s->step = 0;
    while (s->version > HF_V_SSL2 && !hf_seen_speaks(seen, s->version))
        s->version--;
    return s->version > HF_V_SSL2;
}

static bool next_clear(hf_inquiry *q, hf_ask *ask)
{
    chains_clear *s = q->state;
    hf_crafted hello;

    if (s->begun && s->version <= HF_V_SSL2)
        return false;
    if (!go_down(q->seen, s))
        return false;
    hf_chain_kind kind = (hf_chain_kind)s->step;
    hf_inquiry_open(q, hf_seen_version_code(s->version), &hello);
    hello.status_request = hello.scts = true;
    keep_suites(&hello, kind == HF_CHAIN_ECDSA || kind == HF_CHAIN_EDDSA);
    if (s->version == HF_V_TLS12)
        keep_schemes(&hello, kind);
    return hello.suites.n > 0 && hf_inquiry_say(ask, &hello);
}

/* A flight that broke off before the certificate might have come says nothing. */
static bool is_answered(const hf_flight *f)
{
    if (f->hello)
        return f->n_certs > 0 || f->done;
    return f->has_fatal || is_closed_for_sure(f);
}

static void got_clear(hf_inquiry *q, const hf_reply *reply)
{
    chains_clear *s = q->state;
    hf_chain_kind kind = (hf_chain_kind)s->step;
    bool answered = is_answered(reply->flight);
    char what[64], words[HF_FLIGHT_WORDS];

    snprintf(what, sizeof what, "%s for %s keys alone", hf_seen_version_name(s->version),
             hf_chain_kind_word(kind));
    hf_flight_note(q, reply, what);
    tell_none(q->seen, hf_flight_words(reply->flight, words));
    settle(&q->seen->v[s->version], kind, answered);
    if (!answered && ++s->tries < TRIES)
        return;
    note_stall(q->seen, answered, reply);
    s->step++;
    s->tries = 0;
}

const hf_inquiry_row hf_inquiry_chains = {
    .name = "chains",
    .title = "Certificate chains of TLS 1.2 and older",
    .phase = HF_PHASE_LISTS,
    .state_size = sizeof(chains_clear),
    .next = next_clear,
    .got = got_clear,
};

/* ---- whether one is due ---- */

static bool has_certified_suite(const hf_codes *suites)
{
    bool any = suites->n == 0;

    for (size_t i = 0; i < suites->n; i++)
        any = any || named_for(suites->at[i], false) || named_for(suites->at[i], true);
    return any;
}

bool hf_chains_due(const hf_seen *seen)
{
    bool due = !hf_whole_unable(seen, HF_TLS13);

    for (unsigned id = HF_V_SSL3; id <= HF_V_TLS12; id++)
        due = due || (hf_seen_speaks(seen, (hf_seen_version_id)id) &&
                      has_certified_suite(&seen->v[id].suites));
    return due;
}

static void cut(hf_seen *seen, const char *what, const char *why)
{
    seen->cut = true;
    snprintf(seen->trouble, sizeof seen->trouble, "%s: %s", what, why);
}

void hf_chains_look_back(hf_seen *seen)
{
    char why[HF_CHAINS_WHY];

    if (seen->cut || !seen->reached)
        return;
    if (seen->n_chains == 0 && hf_chains_due(seen))
        cut(seen, "no certificate was seen",
            *seen->uncertified ? seen->uncertified : "it was not sent");
    else if (seen->chains_stalled && !hf_chains_whole(seen, why))
        cut(seen, "no answer in time", why);
}
