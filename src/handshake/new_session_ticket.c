/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * NewSessionTicket. In TLS 1.2 it is part of the handshake, promised by ServerHello (RFC 5077 3.3). In
 * TLS 1.3 (RFC 9846 4.7.1) it comes afterwards; a client ignores it silently, once it is well-formed,
 * and servers issue none yet: what is built then is for tests, whose override gives the body.
 */
#include "handshake/hello.h"

enum { TICKET_ROOM = 64 + HF_TICKET_MAX, TICKET_KEPT_MAX = 4096 };

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

/* ---- both versions ---- */

static hf_error build(hf_engine *e)
{
    hf_builder b;

    if (e->suite->version == HF_TLS12)
        return build12(e);
    if (!e->config->override.body)
        return HF_E_INTERNAL;
    TRY(hf_message_start(e, TICKET_ROOM, &b));
    return hf_message_send(e, &b, NULL);
}

static hf_error accept(hf_engine *e)
{
    hf_new_session_ticket ticket = { 0 };
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_reader r = hf_message_reader(e, &fault);

    hf_new_session_ticket_read(&r, &w, &ticket);
    TRY(hf_read_done(e, &fault)); /* RFC 9846 4.7.1 */
    return e->suite->version == HF_TLS12 ? accept12(e, &ticket) : HF_OK;
}

const hf_step hf_step_new_session_ticket = { build, accept };
