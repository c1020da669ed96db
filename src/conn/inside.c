/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Handshake messages inside a connection of TLS 1.2 that stands: what a client that renegotiates would send (RFC 5246 7.4.1.1). We never
 * do; an auditor asks whether a server would take it, and gives up as soon as that is known.
 */
#include "conn/conn.h"

static const uint8_t EMPTY_INFO[HF_RENEGOTIATION_INFO] = { 0xff, 0x01, 0, HF_VERIFY_DATA12 + 1,
                                                           HF_VERIFY_DATA12 };

static bool has_empty_info(hf_span messages)
{
    return messages.len >= sizeof EMPTY_INFO &&
           memcmp(messages.data + messages.len - sizeof EMPTY_INFO, EMPTY_INFO,
                  sizeof EMPTY_INFO) == 0;
}

hf_error hf_conn_say_inside(hf_conn *c, hf_span messages)
{
    const hf_engine *e = &c->engine;
    hf_span info = hf_span_of(e->verify_data, HF_VERIFY_DATA12);

    if (!c->connected || c->failed || c->out.closed || e->role != HF_CLIENT ||
        e->suite->version != HF_TLS12)
        return HF_E_MISUSE;
    if (!has_empty_info(messages))
        info.len = 0;
    messages.len -= info.len;
    TRY(hf_out_write(c, HF_CT_HANDSHAKE, messages));
    TRY(hf_out_write(c, HF_CT_HANDSHAKE, info));
    return hf_out_close_record(c);
}

static bool is_hello(const hf_failure *f)
{
    return f->code == HF_E_UNEXPECTED_MESSAGE && f->message &&
           strcmp(f->message, "ServerHello") == 0;
}

static hf_inside end_of(const hf_failure *f)
{
    if (is_hello(f))
        return HF_INSIDE_TAKEN;
    return f->code == HF_E_ALERT_RECEIVED || f->code == HF_E_TRUNCATED_STREAM ? HF_INSIDE_REFUSED
                                                                              : HF_INSIDE_BROKEN;
}

hf_inside hf_conn_inside_answer(const hf_conn *c)
{
    if (c->failed)
        return end_of(hf_conn_failure(c));
    if (c->in.closed)
        return HF_INSIDE_REFUSED;
    return c->warnings > 0 ? HF_INSIDE_WARNED : HF_INSIDE_SILENT;
}
