/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Ticketbleed (CVE-2016-9244): a server that resumes by ticket echoes the client's session id (RFC 5077 3.4), and one always echoed 32 bytes of
 * it, however long it was. A ticket comes from a whole handshake; then it is offered with 16 bytes, and if more came back, once again with
 * others. What the rest holds is not kept.
 */
#include "audit/weak.h"
#include "audit/whole.h"
#include "keys/session.h"

enum { ID = 16 };

typedef enum step { TICKET, OFFER, AGAIN, OVER } step;

typedef struct ticketbleed {
    step step;
    uint8_t *ticket; /* owned */
    size_t ticket_len;
    uint16_t suite;
    bool ems;
    uint8_t id[ID];
} ticketbleed;

static void conclude(hf_inquiry *q, hf_tri state, size_t evidence, const char *words)
{
    ((ticketbleed *)q->state)->step = OVER;
    hf_seen_trait(q->seen, HF_TRAIT_ticketbleed, state, evidence, "%s", words);
}

static void nothing_to_ask(hf_inquiry *q, const char *why)
{
    ((ticketbleed *)q->state)->step = OVER;
    hf_seen_idle(q->seen, HF_TRAIT_ticketbleed, why);
}

/* ---- a ticket ---- */

static bool ask_ticket(hf_inquiry *q, hf_ask *ask)
{
    const char *unable = hf_whole_unable(q->seen, HF_TLS12);

    if (unable) {
        if (q->seen->v[HF_V_TLS12].spoken == HF_ABSENT)
            nothing_to_ask(q, unable);
        else
            conclude(q, HF_UNKNOWN, 0, unable);
        return false;
    }
    hf_whole_ask(ask, HF_TLS12);
    ask->want_session = true;
    return true;
}

static void got_ticket(hf_inquiry *q, const hf_reply *reply)
{
    ticketbleed *s = q->state;
    hf_session session = { .version = 0 };
    char words[HF_WHOLE_WORDS];

    if (!hf_whole_connected(reply)) {
        s->step = OVER;
        hf_seen_trait(q->seen, HF_TRAIT_ticketbleed, HF_UNKNOWN, 0,
                      "no connection of TLS 1.2 came about: %s", hf_whole_trouble(reply, words));
    } else if (reply->session.len == 0)
        nothing_to_ask(q, "no ticket is issued in TLS 1.2");
    else if (hf_session_read(reply->session, &session) != HF_OK || session.version != HF_TLS12)
        conclude(q, HF_UNKNOWN, 0, "the session is not one of TLS 1.2");
    else if (session.ticket.len == 0)
        nothing_to_ask(q, "no ticket is issued in TLS 1.2");
    else if (!(s->ticket = hf_copy(session.ticket)))
        conclude(q, HF_UNKNOWN, 0, "no memory");
    else
        s->step = OFFER;
    hf_wipe(session.secret, sizeof session.secret);
    if (s->step != OFFER)
        return;
    s->ticket_len = session.ticket.len;
    s->suite = session.cipher_suite;
    s->ems = session.extended_main_secret;
}

/* ---- offered with a short id ---- */

static bool offer(hf_inquiry *q, hf_ask *ask)
{
    ticketbleed *s = q->state;
    hf_crafted hello;

    memset(s->id, s->step == OFFER ? 0x5a : 0xa5, ID);
    hf_inquiry_open(q, HF_TLS12, &hello);
    hello.suites = (hf_codes){ { s->suite }, 1 };
    hello.ems = s->ems;
    hello.has_ticket = true;
    hello.ticket = hf_span_of(s->ticket, s->ticket_len);
    hello.session_id = hf_span_of(s->id, ID);
    return hf_inquiry_say(ask, &hello);
}

/* Without what came: it may hold memory. */
static size_t evidence_of(const hf_inquiry *q, const hf_reply *reply)
{
    size_t n = reply->ask->len < HF_EVIDENCE_BYTES ? reply->ask->len : HF_EVIDENCE_BYTES;

    return hf_seen_evidence(q->seen, q->row->name, hf_span_of(reply->ask->bytes, n),
                            (hf_span){ NULL, 0 },
                            "a ticket with a session id of %d bytes: %u came back", ID,
                            (unsigned)reply->flight->session_id_len);
}

static void got_echo(hf_inquiry *q, const hf_reply *reply)
{
    ticketbleed *s = q->state;
    const hf_flight *f = reply->flight;
    bool echoed = f->hello && f->session_id_len >= ID && memcmp(f->session_id, s->id, ID) == 0;

    if (!f->hello) {
        s->step = OVER;
        hf_weak_unasked(q, HF_TRAIT_ticketbleed, reply);
    } else if (!echoed)
        conclude(q, HF_UNKNOWN, evidence_of(q, reply),
                 "the ticket was not taken, so nothing was echoed");
    else if (f->session_id_len == ID)
        conclude(q, HF_ABSENT, evidence_of(q, reply), "its 16 bytes");
    else if (s->step == OFFER)
        s->step = AGAIN;
    else
        conclude(q, HF_PRESENT, evidence_of(q, reply), "of 16 bytes, twice; the rest was not kept");
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    const ticketbleed *s = q->state;

    if (s->step == OVER)
        return false;
    return s->step == TICKET ? ask_ticket(q, ask) : offer(q, ask);
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    const ticketbleed *s = q->state;

    if (s->step == TICKET)
        got_ticket(q, reply);
    else
        got_echo(q, reply);
}

/* A ticket resumes a session: a secret of sorts. */
static void finish(hf_inquiry *q)
{
    ticketbleed *s = q->state;

    hf_free_secret(s->ticket, s->ticket_len);
    s->ticket = NULL;
}

const hf_inquiry_row hf_inquiry_ticketbleed = {
    .name = "ticketbleed",
    .title = "Ticketbleed",
    .phase = HF_PHASE_DETAILS,
    .state_size = sizeof(ticketbleed),
    .next = next,
    .got = got,
    .finish = finish,
};
