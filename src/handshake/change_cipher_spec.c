/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ChangeCipherSpec: in TLS 1.2 the announcement that the writer's next record is protected (RFC 5246
 * 7.1), in TLS 1.3 a disguise that changes nothing (RFC 9846 E.4). A record's content, not a handshake
 * message, and in no transcript. The change of keys itself is the script's.
 */
#include "handshake/engine.h"

static hf_error build(hf_engine *e)
{
    static const uint8_t one = 1;
    hf_span content = hf_span_of(&one, 1);

    hf_tell_message(e, hf_script_own_row(&e->script), e->role, content);
    return e->below->write(e->conn, HF_CT_CHANGE_CIPHER_SPEC, content);
}

/* Its one byte was checked by the connection. TLS 1.3 never gets here: the `ignored` table drops it. */
static hf_error accept(hf_engine *e)
{
    (void)e;
    return HF_OK;
}

const hf_step hf_step_change_cipher_spec = { build, accept };
