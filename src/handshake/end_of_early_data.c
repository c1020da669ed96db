/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* EndOfEarlyData (RFC 9846 4.6#1): the client's last word under the early keys. It has no content. */
#include "handshake/hello.h"

enum { END_ROOM = HF_HANDSHAKE_HEADER };

static hf_error build(hf_engine *e)
{
    hf_builder b;

    e->early_left = 0;
    TRY(hf_message_start(e, END_ROOM, &b));
    return hf_message_send(e, &b, NULL);
}

static hf_error accept(hf_engine *e)
{
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, HF_CLIENT);
    hf_reader r = hf_message_reader(e, &fault);

    hf_empty_read(&r, &w);
    TRY(hf_read_done(e, &fault)); /* RFC 9846 4.6 */
    return hf_transcribe(e);
}

const hf_step hf_step_end_of_early_data = { build, accept };
