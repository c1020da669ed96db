/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* ServerHelloDone (RFC 5246 7.4.5): the server's flight is complete; it has no content. */
#include "handshake/hello.h"

enum { DONE_ROOM = 8 };

static hf_error build(hf_engine *e)
{
    hf_builder b;

    e->info.round_trips++; /* an answer is needed: the full handshake takes a second round trip */
    TRY(hf_message_start(e, DONE_ROOM, &b));
    return hf_message_send(e, &b, NULL);
}

static hf_error accept(hf_engine *e)
{
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_reader r = hf_message_reader(e, &fault);

    hf_empty_read(&r, &w);
    TRY(hf_read_done(e, &fault));
    e->info.round_trips++;
    TRY(hf_transcribe(e));
    if (!(e->script.facts & HF_F_CERT_REQUESTED))
        e->hs->keep_said = false; /* no CertificateVerify will be due */
    return hf_owe_chain(e);
}

const hf_step hf_step_server_hello_done = { build, accept };
