/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Alerts that arrive, and closing in order (RFC 9846 6). */
#include "conn/conn.h"

#include <stdio.h>

/* TLS 1.3 closes each direction on its own, TLS 1.2 both at once (RFC 5246 7.2.1). */
static hf_error on_close_notify(hf_conn *c)
{
    c->in.closed = true;
    if (!c->connected)
        return HF_E_CLOSED_IN_HANDSHAKE;
    hf_conn_event(c, HF_EVENT_PEER_CLOSED);
    return c->engine.info.version == HF_TLS12 ? hf_conn_close_write(c) : HF_OK;
}

enum { WARNING = 1, FATAL = 2 };

/* Levels mean something in TLS 1.2 alone; before ServerHello it may be that. */
static bool may_be_12(const hf_conn *c)
{
    return !(c->engine.script.facts & HF_F_TLS13) &&
           c->engine.config->policy.min_version <= HF_TLS12;
}

/* Every other alert ends the connection, whatever its level; nothing is sent back (RFC 9846 6#1 #4 #5, 6.2#1). */
static hf_error on_error_alert(hf_conn *c, int description)
{
    hf_failure *f = hf_failure_of(&c->engine);
    char rule[HF_FAILURE_TEXT_MAX];

    snprintf(rule, sizeof rule, "the peer sent %s (%d): %s", hf_alert_name(description),
             description, hf_alert_words(description));
    hf_refusal_write(&c->engine, HF_E_ALERT_RECEIVED,
                     &(hf_refusal){ .message = "Alert", .offset = -1, .rule = rule });
    f->alert = description;
    f->alert_direction = HF_ALERT_RECEIVED;
    return HF_E_ALERT_RECEIVED;
}

hf_error hf_in_alert(hf_conn *c, hf_span content)
{
    if (content.len == 0) /* RFC 9846 5.1 */
        return HF_E_RECORD_EMPTY;
    if (content.len != 2) /* RFC 9846 5.1#9 #10 #11 */
        return HF_E_ALERT_LENGTH;
    hf_conn_tell(c, HF_TRACE_MESSAGE, (hf_role)!c->engine.role, HF_CT_ALERT, content,
                 (hf_span){ NULL, 0 }, "Alert");
    int level = content.data[0], description = content.data[1];
    if (may_be_12(c) && level != WARNING && level != FATAL) /* RFC 5246 7.2 */
        return HF_E_ALERT_LEVEL;
    bool tolerated = may_be_12(c) && level == WARNING; /* RFC 5246 7.2.2 */
    bool canceled = description == HF_ALERT_user_canceled &&
                    (level == WARNING || c->engine.info.version != HF_TLS12); /* RFC 5246 7.2 */
    if (description != HF_ALERT_close_notify && !canceled && !tolerated)
        return on_error_alert(c, description);
    if (hf_engine_mid_message(&c->engine)) /* RFC 9846 5.1#2 #3 */
        return HF_E_INTERLEAVED;
    if (description == HF_ALERT_close_notify)
        return on_close_notify(c);
    if (++c->warnings > HF_WARNINGS_MAX)
        return description == HF_ALERT_user_canceled ? HF_E_USER_CANCELED_FLOOD : HF_E_ALERT_FLOOD;
    return HF_OK; /* RFC 9846 6.1: go on reading */
}

/* RFC 9846 6.1#4 */
hf_error hf_conn_close_write(hf_conn *c)
{
    if (c->failed || c->out.closed)
        return HF_OK;
    const hf_script *s = &c->engine.script;
    if (!hf_script_data_flows(s, s->role) || s->epoch[s->role] == HF_EARLY)
        return HF_E_MISUSE; /* a handshake is not closed, it is aborted; early data ends by itself */
    hf_error e = hf_out_alert(c, HF_ALERT_close_notify);
    c->out.closed = true;
    if (e != HF_OK)
        hf_conn_fail(c, e);
    return e;
}
