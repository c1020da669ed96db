/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Resumption in TLS 1.2, by ticket (RFC 5077) and by id (RFC 5246 7.4.1.3) apart: a server that has both gives a ticket to whoever asks
 * for one. So a second connection does not ask, and the id that it was given comes back in a hello written by hand: its echo is the answer,
 * and the rest of that handshake is not needed.
 */
#include "audit/sessions.h"

#include "conn/conn.h"

typedef enum step12 { ASK_TICKET, USE_TICKET, ASK_ID, USE_ID, OVER } step12;

typedef struct sessions12 {
    step12 step;
    hf_kept session;
    uint8_t id[HF_SESSION_ID];
    size_t id_len;
    uint16_t suite; /* of the connection that the id is of */
} sessions12;

static const hf_trait_id all[] = { HF_TRAIT_tickets12, HF_TRAIT_ticket_seconds12,
                                   HF_TRAIT_session_ids };
enum { N_ALL = sizeof all / sizeof *all };

/* ---- asking ---- */

static bool bring_id(const hf_inquiry *q, hf_ask *ask)
{
    const sessions12 *s = q->state;
    hf_crafted hello;

    hf_inquiry_open(q, HF_TLS12, &hello);
    hf_codes_add(&hello.suites, s->suite); /* RFC 5246 7.4.1.2: the session's must be there */
    hello.ems = true;                      /* RFC 7627 5.3 */
    hello.has_ticket = false;
    hello.session_id = hf_span_of(s->id, s->id_len);
    return hf_inquiry_say(ask, &hello);
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    sessions12 *s = q->state;
    const char *unable = hf_whole_unable(q->seen, HF_TLS12);

    if (s->step == OVER)
        return false;
    if (unable) {
        hf_sessions_unable(q->seen, HF_TLS12, all, N_ALL, unable);
        return false;
    }
    if (s->step == USE_ID)
        return bring_id(q, ask);
    hf_whole_ask(ask, HF_TLS12);
    ask->want_session = s->step == ASK_TICKET;
    if (s->step == USE_TICKET)
        ask->session = hf_span_of(s->session.bytes, s->session.len);
    return true;
}

/* ---- tickets ---- */

static bool has_ticket(hf_span session)
{
    hf_session s;
    bool has = hf_session_read(session, &s) == HF_OK && s.ticket.len > 0;

    hf_wipe(s.secret, sizeof s.secret);
    return has;
}

static void unknown(hf_inquiry *q, hf_trait_id id, const hf_reply *reply, size_t evidence)
{
    char trouble[HF_WHOLE_WORDS];

    hf_seen_trait(q->seen, id, HF_UNKNOWN, evidence, "%s", hf_whole_trouble(reply, trouble));
}

/* RFC 5077 3.3: 0 says nothing about how long the ticket is good. */
static void tell_hint(hf_inquiry *q, const hf_reply *reply, size_t evidence)
{
    uint32_t seconds = reply->conn->engine.ticket_lifetime;

    hf_seen_trait(q->seen, HF_TRAIT_ticket_seconds12, seconds > 0 ? HF_PRESENT : HF_ABSENT,
                  evidence, "%s", "");
    q->seen->traits[HF_TRAIT_ticket_seconds12].number = seconds;
}

static void got_ticket(hf_inquiry *q, const hf_reply *reply)
{
    sessions12 *s = q->state;
    size_t evidence = hf_whole_note(q, reply, "TLS 1.2, asking for a ticket");

    if (!hf_whole_connected(reply)) {
        for (size_t i = 0; i < N_ALL; i++)
            unknown(q, all[i], reply, evidence);
        s->step = OVER;
        return;
    }
    bool ticket = has_ticket(reply->session) && hf_kept_take(&s->session, reply->session);
    s->step = ticket ? USE_TICKET : ASK_ID;
    if (ticket)
        tell_hint(q, reply, evidence);
    for (size_t i = 0; !ticket && i < 2; i++)
        hf_seen_trait(q->seen, all[i], HF_ABSENT, evidence, "none was issued");
}

static void got_ticket_use(hf_inquiry *q, const hf_reply *reply)
{
    sessions12 *s = q->state;
    size_t evidence = hf_whole_note(q, reply, "TLS 1.2, resuming by a ticket");

    hf_resumption_tell(q, HF_TRAIT_tickets12, reply, evidence);
    s->step = ASK_ID;
}

/* ---- ids ---- */

static void got_id(hf_inquiry *q, const hf_reply *reply)
{
    sessions12 *s = q->state;
    size_t evidence = hf_whole_note(q, reply, "TLS 1.2, asking for no ticket");

    s->step = OVER;
    if (!hf_whole_connected(reply)) {
        unknown(q, HF_TRAIT_session_ids, reply, evidence);
        return;
    }
    const hf_engine *e = &reply->conn->engine;
    s->id_len = e->session_id_len;
    s->suite = e->info.cipher_suite;
    memcpy(s->id, e->session_id, sizeof s->id);
    if (s->id_len == 0)
        hf_seen_trait(q->seen, HF_TRAIT_session_ids, HF_ABSENT, evidence, "none is given");
    else
        s->step = USE_ID;
}

static void got_id_use(hf_inquiry *q, const hf_reply *reply)
{
    sessions12 *s = q->state;
    const hf_flight *f = reply->flight;
    char words[HF_FLIGHT_WORDS];
    size_t evidence = hf_inquiry_evidence(q, reply, "TLS 1.2 with the id of a session: %s",
                                          hf_flight_words(f, words));
    bool echoed =
        hf_span_equal(hf_span_of(f->session_id, f->session_id_len), hf_span_of(s->id, s->id_len));

    s->step = OVER;
    if (!hf_flight_took(f, HF_TLS12))
        hf_seen_trait(q->seen, HF_TRAIT_session_ids, HF_UNKNOWN, evidence, "%s", words);
    else if (echoed && f->n_certs == 0)
        hf_seen_trait(q->seen, HF_TRAIT_session_ids, HF_PRESENT, evidence, "%s", "");
    else
        hf_seen_trait(q->seen, HF_TRAIT_session_ids, HF_ABSENT, evidence,
                      "one is given, and declined when it comes back");
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    switch (((sessions12 *)q->state)->step) {
    case ASK_TICKET: got_ticket(q, reply); break;
    case USE_TICKET: got_ticket_use(q, reply); break;
    case ASK_ID: got_id(q, reply); break;
    default: got_id_use(q, reply); break;
    }
}

static void finish(hf_inquiry *q)
{
    hf_kept_drop(&((sessions12 *)q->state)->session);
}

const hf_inquiry_row hf_inquiry_sessions12 = {
    .name = "sessions12",
    .title = "Session ids and tickets of TLS 1.2",
    .phase = HF_PHASE_DETAILS,
    .state_size = sizeof(sessions12),
    .next = next,
    .got = got,
    .finish = finish,
};
