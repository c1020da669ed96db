/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* How a connection fails: what its record says, which alert leaves, and that its secrets go. */
#include "conn/conn.h"

/* A failure without a place: what stood at the head, and what the script waited for. */
static void place_failure(hf_conn *c, hf_error code, const hf_row *row)
{
    hf_engine *e = &c->engine;
    bool unexpected = code == HF_E_UNEXPECTED_MESSAGE && row && row->msg < HF_MSG_COUNT;

    hf_refusal_write(e, code,
                     &(hf_refusal){ .message = e->message.len > 0 ? hf_msg_name(e->msg) : NULL,
                                    .offset = -1,
                                    .expected = unexpected ? hf_msg_name((hf_msg)row->msg) : NULL,
                                    .offered = unexpected ? hf_msg_name(e->msg) : NULL });
}

/* The step is the message that a step refused; else the message that was waited for. */
static const char *step_of(const hf_conn *c, const hf_row *row, bool placed)
{
    const hf_failure *f = c->engine.failure;

    if (placed && f->message && f->alert_direction != HF_ALERT_RECEIVED)
        return f->message;
    if (c->connected || !row || row->msg == HF_ROW_END || row->msg >= HF_MSG_COUNT)
        return "connected";
    /* a HelloRetryRequest is never waited for: it comes in ServerHello's place */
    return hf_msg_name(row->msg == HF_MSG_HelloRetryRequest ? HF_MSG_ServerHello
                                                            : (hf_msg)row->msg);
}

static void complete_failure(hf_conn *c, hf_error code)
{
    hf_failure *f = hf_failure_of(&c->engine);
    const hf_row *row = hf_script_row(&c->engine.script);
    bool placed = f->code == code;

    if (!placed)
        place_failure(c, code, row);
    f->blame = hf_error_row_of(code)->blame;
    f->side = c->engine.role;
    f->step = step_of(c, row, placed);
}

/* RFC 9846 6#2: the secrets of a failed connection go. */
static void forget(hf_conn *c)
{
    hf_aead_forget(c->worker->aead, &c->in.keys.key);
    hf_aead_forget(c->worker->aead, &c->out.keys.key);
    hf_engine_forget(&c->engine);
    hf_wipe(&c->engine.secrets, sizeof c->engine.secrets);
    hf_wipe((void *)(uintptr_t)c->engine.session.data, c->engine.session.len); /* RFC 5246 7.2.2 */
    hf_wipe(&c->in.keys, sizeof c->in.keys);
    hf_wipe(&c->out.keys, sizeof c->out.keys);
}

/* RFC 9846 6.2#1 #2 #3: the row's alert, if any, is the last that leaves; after a fatal one from the peer nothing does. */
void hf_conn_fail_with(hf_conn *c, hf_error code, hf_alert alert)
{
    hf_failure *f = hf_failure_of(&c->engine);

    if (c->failed)
        return;
    c->failed = true;
    complete_failure(c, code);
    if (hf_error_row_of(code)->blame != HF_BLAME_NETWORK && code != HF_E_MAX_AGE)
        hf_session_drop(&c->engine);
    c->engine.script.error = code;
    hf_out_drop_record(c);
    hf_out_drop_ccs(c);
    if (f->alert_direction == HF_ALERT_RECEIVED)
        hf_out_drop_all(c);
    else if (alert != HF_ALERT_none && !c->out.closed && hf_out_alert(c, alert) == HF_OK) {
        f->alert = alert;
        f->alert_direction = HF_ALERT_SENT;
    }
    if (alert == HF_ALERT_user_canceled && !c->out.closed)
        (void)hf_out_alert(c, HF_ALERT_close_notify); /* RFC 9846 6.1#3 */
    forget(c);
    hf_conn_event(c, HF_EVENT_FAILED);
}

void hf_conn_fail(hf_conn *c, hf_error code)
{
    hf_conn_fail_with(c, code, hf_error_row_of(code)->alert);
}

void hf_conn_abort(hf_conn *c, hf_alert alert)
{
    hf_conn_fail_with(c, HF_E_ABORTED, alert);
}
