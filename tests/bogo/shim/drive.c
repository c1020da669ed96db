/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One connection, from dialling to closing: handshake, checks, what the test wants written, the echo, the shutdown. */
#include "talk.h"
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the handshake ---- */

/* A client may send 0-RTT data; a server, whose client may, half-RTT data. */
static bool early(const visit *v)
{
    hf_early state = hf_conn_info_of(v->conn)->early;
    bool can_send = (hf_conn_wants(v->conn, NULL) & HF_WANT_CAN_SEND) != 0;

    if (v->options->server)
        return can_send && state == HF_EARLY_ACCEPTED;
    return can_send && state == HF_EARLY_OFFERED && !v->retrying;
}

static outcome shake_hands(wire *w)
{
    visit *v = w->visit;

    for (;;) {
        wire_state state = wire_events(w);
        if (state == WIRE_FAILED || state == WIRE_REJECTED)
            return outcome_of(state);
        if (v->connected || early(v))
            break;
        wire_move(w);
    }
    wire_flush(w);
    return DONE;
}

/* -early-write-after-message */
static outcome wait_for_message(wire *w)
{
    visit *v = w->visit;

    while (v->last_message != v->options->early_write_after_message) {
        wire_state state = wire_events(w);
        if (v->connected)
            return wrong("the handshake is over, and the message did not come");
        if (state != WIRE_GOES_ON)
            return outcome_of(state);
        wire_move(w);
    }
    return DONE;
}

static outcome handshake(wire *w)
{
    visit *v = w->visit;
    outcome end = shake_hands(w);

    if (end != DONE)
        return end;
    if (!checks_after_handshake(v))
        return WRONG;
    v->new_session = false;
    if (v->options->no_op_extra_handshake && hf_conn_next(v->conn) != HF_EVENT_NONE)
        return wrong("something happened after the handshake was done");
    return v->options->early_write_after_message != 0 ? wait_for_message(w) : DONE;
}

/* ---- all of it ---- */

static outcome exchange(wire *w)
{
    const options *o = w->visit->options;
    outcome end = DONE;

    if (!o->implicit_handshake)
        end = handshake(w);
    if (end == DONE && o->export_keying_material > 0)
        end = talk_exporter(w);
    if (end == DONE && o->export_traffic_secrets)
        end = talk_secrets(w);
    if (end == DONE && o->send_alert)
        return talk_alert(w);
    if (end == DONE)
        end = talk_first(w);
    if (end == DONE && !o->shim_shuts_down)
        end = talk_echo(w);
    if (end == DONE && !checks_at_end(w->visit))
        end = WRONG;
    return end == DONE ? talk_shut_down(w) : end;
}

/* Refused early data is not a new connection: the same one goes on under another set of flags. */
static outcome exchange_twice(wire *w)
{
    visit *v = w->visit;
    bool refusal_due = !v->options->server && v->number > 0 && v->options->expect_reject_early_data;
    outcome end = exchange(w);

    if (end == REFUSED && !refusal_due)
        return wrong("early data was refused, against expectation");
    if (end != REFUSED)
        return refusal_due && end == DONE ? wrong("early data was not refused") : end;
    v->retrying = true;
    v->options = &v->shim->options[SHIM_RETRY];
    v->verifications = 0;
    return exchange(w);
}

/* A failed connection stays as it is, whatever is asked of it. */
static void stays_failed(visit *v, const hf_failure *before)
{
    hf_error code = before->code;
    hf_iovec part = { "x", 1 };

    if (hf_conn_next(v->conn) != HF_EVENT_NONE || hf_conn_data_in(v->conn, &part, 1) != 0 ||
        hf_conn_failure(v->conn)->code != code)
        abort();
}

/* Where an alert of ours left, the runner must have seen it: the exit code says nothing more. */
static int report(visit *v)
{
    char text[512];
    const hf_failure *failure = hf_conn_failure(v->conn);

    if (!failure)
        abort();
    stays_failed(v, failure);
    fprintf(stderr, "connection %d: :%s: (%s) %s\n", v->number,
            v->said ? v->said : name_of(v, failure), hf_error_row_of(failure->code)->name,
            hf_failure_text(failure, text, sizeof text));
    v->shim->refused = true;
    return failure->alert_direction == HF_ALERT_SENT ? SHIM_OK : SHIM_FAILED;
}

static int converse(wire *w)
{
    visit *v = w->visit;
    outcome end = exchange_twice(w);

    if (end == BROKEN)
        return report(v);
    if (end != WRONG && !trace_is_right(v))
        end = WRONG;
    return end == WRONG ? SHIM_FAILED : SHIM_OK;
}

static int connected_drive(visit *v)
{
    static wire w; /* large */
    hf_trace_sink sink = trace_sink(v);
    int code;

    v->conn_options.trace = &sink;
    v->conn_options.user = v;
    v->conn = hf_conn_new(v->config, v->shim->worker, &v->conn_options);
    if (!v->conn)
        return wrong("hf_conn_new") == WRONG;
    if (v->options->max_send_fragment > 0)
        (void)hf_conn_set_max_record(v->conn, (size_t)v->options->max_send_fragment);
    settings_started(v);
    memset(&w, 0, sizeof w);
    code = wire_open(&w, v) ? converse(&w) : SHIM_FAILED;
    wire_close(&w);
    return code;
}

int drive(visit *v)
{
    int code = settings_make(v);

    if (code == SHIM_OK)
        code = connected_drive(v);
    hf_conn_free(v->conn);
    settings_free(v);
    hf_config_free(v->config);
    return code;
}
