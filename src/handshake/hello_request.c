/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Renegotiation, which is never done: a HelloRequest (RFC 5246 7.4.1.1) or a ClientHello on a
 * connection of TLS 1.2 is answered with a warning, and a second ClientHello with the end (RFC 9846
 * 4.2.2#4 #5). Within a
 * handshake the script drops HelloRequest.
 */
#include "handshake/hello.h"

hf_error hf_refuse_renegotiation(hf_engine *e)
{
    static const uint8_t warning[2] = { 1, HF_ALERT_no_renegotiation };

    if (e->renegotiation_refused) /* a HelloRequest may be ignored, a ClientHello wants an answer */
        return e->role == HF_CLIENT ? HF_OK : HF_E_RENEGOTIATION;
    e->renegotiation_refused = true;
    return e->below->write(e->conn, HF_CT_ALERT,
                           hf_span_of(warning, sizeof warning)); /* RFC 5746 4.5 */
}

static hf_error accept(hf_engine *e)
{
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_reader r = hf_message_reader(e, &fault);

    hf_empty_read(&r, &w);
    TRY(hf_read_done(e, &fault));
    return hf_refuse_renegotiation(e);
}

const hf_step hf_step_hello_request = { NULL, accept };
