/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Which application protocols a server chooses by ALPN (RFC 7301): each is offered alone, as a list would only show the favourite. In
 * TLS 1.2 the answer comes in the clear; where only TLS 1.3 is spoken the engine has to ask.
 */
#include "audit/whole.h"

#include <stdio.h>

enum { NAMES_MAX = 4 };

/* What a service of its own says (IANA "TLS ALPN Protocol IDs"). */
static const struct {
    const char *starttls, *alpn;
} own[] = {
    { "imap", "imap" }, { "pop3", "pop3" },        { "sieve", "managesieve" },
    { "nntp", "nntp" }, { "ftp", "ftp" },          { "postgres", "postgresql" },
    { "smtp", "smtp" }, { "xmpp", "xmpp-client" },
};

typedef struct alpn {
    size_t at;
    bool answered; /* one of them at least could be asked */
    bool open;     /* of one of them at least nothing came back */
    size_t evidence;
    char trouble[HF_WHOLE_WORDS];
} alpn;

static const char *name_at(const hf_seen *seen, size_t i)
{
    static const char *const web[NAMES_MAX] = { "h2", "http/1.1", "http/1.0" };

    if (!*seen->starttls)
        return i < NAMES_MAX ? web[i] : NULL;
    for (size_t k = 0; i == 0 && k < sizeof own / sizeof *own; k++)
        if (strncmp(seen->starttls, own[k].starttls, strlen(own[k].starttls)) == 0)
            return own[k].alpn;
    return NULL;
}

/* ---- asking ---- */

static bool ask_clear(const hf_inquiry *q, hf_ask *ask, const char *name)
{
    uint8_t list[32];
    hf_crafted hello;
    size_t len = strlen(name);

    list[0] = (uint8_t)len;
    memcpy(list + 1, name, len);
    hf_inquiry_open(q, HF_TLS12, &hello);
    hello.alpn = hf_span_of(list, len + 1);
    return hf_inquiry_say(ask, &hello);
}

static void tell(hf_inquiry *q)
{
    alpn *s = q->state;

    q->seen->alpn_whole = !s->open;
    if (*q->seen->alpn || !s->at)
        return;
    if (s->answered && !s->open)
        hf_seen_trait(q->seen, HF_TRAIT_alpn, HF_ABSENT, s->evidence, "%s", "");
    else
        hf_seen_trait(q->seen, HF_TRAIT_alpn, HF_UNKNOWN, s->evidence, "%s", s->trouble);
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    alpn *s = q->state;
    const char *name = name_at(q->seen, s->at);
    bool clear = hf_seen_speaks(q->seen, HF_V_TLS12);

    if (!clear && !hf_seen_speaks(q->seen, HF_V_TLS13)) {
        hf_seen_trait(q->seen, HF_TRAIT_alpn, HF_UNKNOWN, 0, "neither TLS 1.2 nor 1.3 is spoken");
        return false;
    }
    if (!name) {
        tell(q);
        return false;
    }
    s->at++;
    if (clear)
        return ask_clear(q, ask, name);
    hf_whole_ask(ask, HF_TLS13);
    ask->alpn[0] = name;
    ask->n_alpn = 1;
    return true;
}

/* ---- the answer ---- */

static void add(hf_seen *seen, const char *name)
{
    size_t len = strlen(seen->alpn);

    snprintf(seen->alpn + len, sizeof seen->alpn - len, "%s%s", len > 0 ? ", " : "", name);
}

/* An alert that is about ALPN is an answer as well. */
static bool is_answer(const hf_reply *reply)
{
    if (reply->ask->kind == HF_ASK_BYTES)
        return hf_flight_took(reply->flight, HF_TLS12) ||
               (reply->flight->has_alert &&
                reply->flight->alert == HF_ALERT_no_application_protocol);
    return hf_whole_connected(reply) || hf_whole_alert(reply) == HF_ALERT_no_application_protocol;
}

static bool is_silent(const hf_reply *reply)
{
    const hf_flight *f = reply->flight;

    if (reply->ask->kind == HF_ASK_BYTES)
        return !f->hello && !f->has_alert && !f->sure;
    return !hf_whole_connected(reply) && !hf_whole_alert(reply) && !f->sure;
}

static void note_trouble(alpn *s, const hf_reply *reply)
{
    char words[HF_FLIGHT_WORDS];

    s->open |= is_silent(reply);
    if (reply->ask->kind == HF_ASK_BYTES)
        snprintf(s->trouble, sizeof s->trouble, "%.90s", hf_flight_words(reply->flight, words));
    else
        hf_whole_trouble(reply, s->trouble);
}

static bool is_chosen(const hf_reply *reply, const char *name)
{
    if (reply->ask->kind == HF_ASK_BYTES)
        return hf_span_equal(reply->flight->alpn, hf_span_str(name));
    const char *chosen = reply->conn ? hf_conn_info_of(reply->conn)->alpn : NULL;
    return chosen && strcmp(chosen, name) == 0;
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    alpn *s = q->state;
    const char *name = name_at(q->seen, s->at - 1);
    bool bytes = reply->ask->kind == HF_ASK_BYTES;
    char what[64];

    snprintf(what, sizeof what, "%s alone as ALPN", name);
    s->evidence = bytes ? hf_flight_note(q, reply, what) : hf_whole_note(q, reply, what);
    s->answered |= is_answer(reply);
    if (!is_answer(reply))
        note_trouble(s, reply);
    if (!is_chosen(reply, name))
        return;
    add(q->seen, name);
    hf_seen_trait(q->seen, HF_TRAIT_alpn, HF_PRESENT, s->evidence, "%s", q->seen->alpn);
    snprintf(q->seen->traits[HF_TRAIT_alpn].words, HF_EVIDENCE_WORDS, "%.190s", q->seen->alpn);
}

const hf_inquiry_row hf_inquiry_alpn = {
    .name = "alpn",
    .title = "Application protocols",
    .phase = HF_PHASE_DETAILS,
    .state_size = sizeof(alpn),
    .next = next,
    .got = got,
};
