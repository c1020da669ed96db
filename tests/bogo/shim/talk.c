/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Application data of a visit, and its end. */
#include "talk.h"
#include "inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

outcome wrong(const char *why)
{
    fprintf(stderr, "%s\n", why);
    return WRONG;
}

outcome outcome_of(wire_state state)
{
    static const outcome of[] = { DONE, FINISHED, REFUSED, BROKEN };

    return of[state];
}

/* ---- what is written before the echo ---- */

/* The public call waits until everything is proved; a server's exporter secret is there before (RFC 9846 7.5). */
static hf_error export(visit *v, hf_span context, uint8_t *out, size_t len)
{
    const char *label = v->options->export_label;

    if (v->options->server && !v->connected)
        return hf_export(&v->conn->engine.secrets, label, context, out, len);
    return hf_conn_export(v->conn, label, context, out, len);
}

outcome talk_exporter(wire *w)
{
    visit *v = w->visit;
    const options *o = v->options;
    uint8_t out[4096];
    size_t len = (size_t)o->export_keying_material;
    hf_span context = { NULL, 0 };

    if (o->use_export_context)
        context = (hf_span){ (const uint8_t *)o->export_context, strlen(o->export_context) };
    if (len > sizeof out || export(v, context, out, len) != HF_OK) {
        fputs(v->connected ? "no exporter\n" : "no exporter: :HANDSHAKE_NOT_COMPLETE:\n", stderr);
        return WRONG;
    }
    return outcome_of(wire_write(w, out, len));
}

outcome talk_secrets(wire *w)
{
    const hf_engine *e = &w->visit->conn->engine;
    size_t len = hf_hash_len(e->secrets.hash);
    uint8_t both[2 + 2 * HF_SUITE_HASH_MAX] = { (uint8_t)len, 0 };

    memcpy(both + 2, e->secrets.traffic[!e->role], len);
    memcpy(both + 2 + len, e->secrets.traffic[e->role], len);
    return outcome_of(wire_write(w, both, 2 + 2 * len));
}

outcome talk_alert(wire *w)
{
    enum { DECOMPRESSION_FAILURE = 30 };

    hf_conn_abort(w->visit->conn, (hf_alert)DECOMPRESSION_FAILURE);
    wire_flush(w);
    return FINISHED;
}

static hf_span first_words(const options *o)
{
    const char *text = o->shim_initial_write ? o->shim_initial_write : "hello";

    return (hf_span){ (const uint8_t *)text, strlen(text) };
}

/* One byte of the record leaves, and the rest after the first read. */
static outcome begin_write(wire *w)
{
    hf_span text = first_words(w->visit->options);
    hf_iovec part = { text.data, text.len };

    if (hf_conn_data_in(w->visit->conn, &part, 1) != text.len)
        return wrong("the initial message could not be begun");
    wire_hold(w);
    return DONE;
}

outcome talk_first(wire *w)
{
    const options *o = w->visit->options;
    hf_span text = first_words(o);
    int64_t times = o->repeat_shim_initial_write > 0 ? o->repeat_shim_initial_write : 1;
    outcome end = DONE;

    if (o->read_with_unfinished_write)
        return begin_write(w);
    for (int64_t i = 0; i < times && o->shim_writes_first && end == DONE; i++)
        end = outcome_of(wire_write(w, text.data, text.len));
    return end;
}

/* ---- the echo ---- */

static outcome answer(wire *w, uint8_t *bytes, size_t len)
{
    visit *v = w->visit;

    w->held = 0;
    if (v->options->expect_reject_early_data && v->number > 0 && !v->options->server &&
        !v->retrying)
        return wrong("data came, and no refusal of early data");
    if (!v->connected && hf_conn_info_of(v->conn)->early != HF_EARLY_ACCEPTED)
        return wrong("data came before the handshake was done");
    if (v->options->key_update && hf_conn_key_update(v->conn, false) != HF_OK)
        return wrong("no KeyUpdate");
    for (size_t i = 0; i < len; i++)
        bytes[i] ^= 0xff;
    return outcome_of(wire_write(w, bytes, len));
}

outcome talk_echo(wire *w)
{
    size_t room = w->visit->options->read_size > 0 ? (size_t)w->visit->options->read_size : 512;
    uint8_t *bytes = malloc(room);
    outcome end = bytes ? DONE : wrong("no memory");

    while (end == DONE) {
        size_t len;
        end = outcome_of(wire_read(w, bytes, room, &len));
        if (end == DONE)
            end = answer(w, bytes, len);
    }
    free(bytes);
    return end == FINISHED ? DONE : end;
}

/* ---- the end ---- */

static outcome wait_for_close(wire *w)
{
    uint8_t byte;
    size_t len;
    wire_state state = wire_read(w, &byte, 1, &len);

    if (state == WIRE_GOES_ON)
        return wrong("data came after our close_notify: :APPLICATION_DATA_ON_SHUTDOWN:");
    if (state == WIRE_CLOSED && !w->visit->peer_closed)
        return wrong(
            "Unexpected SSL_shutdown result: -1 != 1"); /* the runner wants it in these words */
    return state == WIRE_CLOSED ? DONE : outcome_of(state);
}

/* Without -check-close-notify the other end does not care. */
outcome talk_shut_down(wire *w)
{
    visit *v = w->visit;

    if (!v->options->check_close_notify)
        return DONE;
    hf_conn_close_write(v->conn);
    wire_flush(w);
    return wait_for_close(w);
}
