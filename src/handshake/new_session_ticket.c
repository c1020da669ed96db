/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * NewSessionTicket. In TLS 1.2 it is part of the handshake, promised by ServerHello (RFC 5077 3.3). In
 * TLS 1.3 (RFC 9846 4.7.1) it comes afterwards, as often as a server likes; each has a PSK of its own,
 * made from the handshake's resumption secret. A client that wants none ignores it silently, once it
 * is well-formed.
 */
#include "handshake/hello.h"

enum { TICKET_ROOM = 64 + HF_TICKET_MAX, TICKET_KEPT_MAX = 4096, NONCE_LEN = 1, AGE_ADD_LEN = 4 };

/* ---- TLS 1.2 ---- */

/* A promised ticket that cannot be made is sent empty (RFC 5077 3.3). */
static void seal_ticket(hf_engine *e, hf_new_session_ticket *out)
{
    uint8_t *room = hf_arena_alloc(&e->hs->arena, HF_TICKET_MAX);
    size_t len = HF_TICKET_MAX;
    uint32_t seconds = 0;
    hf_span state;

    if (!room || hf_session_state(e, &state, &seconds) != HF_OK || state.len == 0)
        return;
    if (hf_ticket_seal(e->config->sessions, &e->config->random, hf_config_now(e->config), state,
                       room, &len) != HF_OK)
        return;
    out->ticket_lifetime = seconds;
    out->ticket = hf_span_of(room, len);
}

static hf_error build12(hf_engine *e)
{
    hf_new_session_ticket ticket = { 0 };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_builder b;

    seal_ticket(e, &ticket);
    TRY(hf_message_start(e, TICKET_ROOM, &b));
    hf_new_session_ticket_write(&b, &w, &ticket);
    return hf_message_send(e, &b, NULL);
}

/* A ticket that is too long to be worth keeping is forgotten, not refused. */
static hf_error accept12(hf_engine *e, const hf_new_session_ticket *ticket)
{
    if (ticket->ticket.len > 0 && ticket->ticket.len <= TICKET_KEPT_MAX && e->want_session) {
        uint8_t *copy = hf_copy(ticket->ticket);
        if (!copy)
            return HF_E_NO_MEMORY;
        e->ticket = hf_span_of(copy, ticket->ticket.len);
        e->ticket_lifetime = ticket->ticket_lifetime;
    }
    return hf_transcribe(e);
}

/* ---- TLS 1.3 ---- */

/* What belongs to this ticket alone (RFC 9846 4.7.1#7). The nonce counts: it must differ within a connection (RFC 9846 4.7.1). */
static hf_error make_own(hf_engine *e, hf_new_session_ticket *t, hf_session *s)
{
    uint8_t *nonce = hf_arena_alloc(&e->hs->arena, NONCE_LEN), add[AGE_ADD_LEN];

    if (!nonce)
        return HF_E_NO_MEMORY;
    nonce[0] = (uint8_t)e->tickets_due;
    t->ticket_nonce = hf_span_of(nonce, NONCE_LEN);
    TRY(hf_draw(e, add, sizeof add));
    s->ticket_age_add =
        (uint32_t)add[0] << 24 | (uint32_t)add[1] << 16 | (uint32_t)add[2] << 8 | add[3];
    TRY(hf_draw(e, s->early_id, sizeof s->early_id));
    return hf_ticket_psk(e->suite->hash, e->secrets.resumption, t->ticket_nonce, s->secret);
}

/* A client whose identity is too long for a ticket gets none. */
static hf_error seal13(hf_engine *e, const hf_session *s, hf_span *ticket)
{
    uint8_t *room = hf_arena_alloc(&e->hs->arena, HF_SESSION_STATE_MAX);
    uint8_t *sealed = hf_arena_alloc(&e->hs->arena, HF_TICKET_MAX);
    size_t len = HF_TICKET_MAX;
    hf_span state;

    if (!room || !sealed)
        return HF_E_NO_MEMORY;
    hf_builder b = hf_wr_start(room, HF_SESSION_STATE_MAX);
    hf_session_write(&b, s);
    TRY(hf_wr_finish(&b, &state));
    TRY(hf_ticket_seal(e->config->sessions, &e->config->random, hf_config_now(e->config), state,
                       sealed, &len));
    *ticket = hf_span_of(sealed, len);
    return HF_OK;
}

static hf_error make_ticket(hf_engine *e, hf_new_session_ticket *t)
{
    hf_session s;
    hf_error error = hf_session_of_ticket(e, &s);

    *t = (hf_new_session_ticket){ 0 };
    if (error == HF_OK)
        error = make_own(e, t, &s);
    if (error == HF_OK)
        error = seal13(e, &s, &t->ticket);
    hf_wipe(&s.secret, sizeof s.secret);
    TRY(error);
    t->ticket_lifetime = (uint32_t)(s.expires - hf_config_now(e->config));
    t->ticket_age_add = s.ticket_age_add;
    if (s.max_early_data > 0) {
        t->ext.present = HF_EXT_BIT(early_data);
        t->ext.max_early_data_size = s.max_early_data;
    }
    return HF_OK;
}

bool hf_ticket_next(hf_engine *e)
{
    if (!e->hs || e->tickets_due == 0)
        return false;
    if (make_ticket(e, &e->hs->new_ticket) != HF_OK)
        return false;
    e->tickets_due--;
    e->script.intent |= HF_F_TICKET;
    return true;
}

static hf_error build13(hf_engine *e)
{
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_builder b;

    if (!e->hs &&
        !e->config->override.body) /* a test that gives the body may send one at any time */
        return HF_E_INTERNAL;
    TRY(hf_message_start(e, TICKET_ROOM, &b));
    if (e->hs)
        hf_new_session_ticket_write(&b, &w, &e->hs->new_ticket);
    return hf_message_send(e, &b, NULL);
}

/* A lifetime of 0 says: forget it at once (RFC 9846 4.7.1). */
static hf_error accept13(hf_engine *e, const hf_new_session_ticket *ticket)
{
    if (ticket->ticket_lifetime == 0 || ticket->ticket.len > TICKET_KEPT_MAX)
        return HF_OK;
    return hf_session_complete(e, ticket);
}

/* ---- both versions ---- */

static hf_error build(hf_engine *e)
{
    return e->suite->version == HF_TLS12 ? build12(e) : build13(e);
}

static hf_error accept(hf_engine *e)
{
    hf_new_session_ticket ticket = { 0 };
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_reader r = hf_message_reader(e, &fault);

    hf_new_session_ticket_read(&r, &w, &ticket);
    TRY(hf_read_done(e, &fault)); /* RFC 9846 4.7.1 */
    return e->suite->version == HF_TLS12 ? accept12(e, &ticket) : accept13(e, &ticket);
}

const hf_step hf_step_new_session_ticket = { build, accept };
