/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * NewSessionTicket (RFC 9846 4.7.1). A client without resumption ignores it silently, once it is
 * well-formed. Servers issue none yet: what is built is for tests, whose override gives the body.
 */
#include "handshake/hello.h"

enum { TICKET_ROOM = 64 };

static hf_error build(hf_engine *e)
{
    hf_builder b;

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
    return hf_read_done(e, &fault); /* RFC 9846 4.7.1 */
}

const hf_step hf_step_new_session_ticket = { build, accept };
