/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* tcp mode: bytes both ways as they come, each side waiting for the other's pace; one's end is passed on while the other still speaks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "tool/proxy/back.h"
#include "tool/proxy/telling.h"

enum { WHY_ROOM = 512 };

typedef struct relay {
    hf_back *back;  /* NULL: it is gone */
    uint8_t *early; /* bytes of the client from before the backend was there */
    size_t early_len;
    uint64_t up, down; /* to the backend, to the client */
    bool ready, client_ended, backend_ended;
    const char *name;   /* the backend's; the generation's memory */
    char why[WHY_ROOM]; /* it did not end in order … */
    hf_relay_end by;    /* … and who is to blame */
} relay;

static void set_why(relay *r, hf_relay_end by, const char *why)
{
    if (r->why[0])
        return;
    snprintf(r->why, sizeof r->why, "%s", why);
    r->by = by;
}

static void moved(hf_front *front)
{
    hf_stream_limit(&front->stream, HF_LIMIT_IDLE, front->generation->config->limits.idle_ms);
}

static void let_go(relay *r)
{
    if (!r->back)
        return;
    r->name = hf_back_name(r->back);
    hf_back_release(r->back, false);
    r->back = NULL;
}

/* What ended out of order does not end in order for the other side: it could take half for the whole. */
static void break_off(hf_front *front)
{
    hf_conn_abort(front->stream.conn, HF_ALERT_internal_error);
    hf_stream_resume(&front->stream);
    hf_stream_hear(&front->stream);
}

static void finish(hf_front *front)
{
    let_go(front->talk);
    hf_stream_finish(&front->stream);
}

/* Both have said all they had to. */
static void end_if_over(hf_front *front)
{
    relay *r = front->talk;

    if (r->client_ended && r->backend_ended)
        finish(front);
}

/* ---- from the client ---- */

static bool keep_early(relay *r, hf_span bytes)
{
    uint8_t *bigger = realloc(r->early, r->early_len + bytes.len);

    if (!bigger)
        return false;
    memcpy(bigger + r->early_len, bytes.data, bytes.len);
    r->early = bigger;
    r->early_len += bytes.len;
    return true;
}

/* Until the backend is there the client is not read; what was read already, of one reading, is kept. */
static void data(hf_front *front, hf_span bytes)
{
    relay *r = front->talk;
    hf_iovec part = { bytes.data, bytes.len };

    if (!r->back)
        return;
    r->up += bytes.len;
    if (!r->ready) {
        if (!keep_early(r, bytes))
            hf_stream_close(&front->stream);
        return;
    }
    moved(front);
    if (!hf_stream_send(&r->back->stream, &part, 1))
        hf_stream_pause(&front->stream);
}

/* In TLS 1.2 the client's close_notify ends our side to it as well (RFC 5246 7.2.1): nothing that the backend says could reach it. */
static void end(hf_front *front)
{
    relay *r = front->talk;

    r->client_ended = true;
    if (r->back && r->ready)
        hf_stream_end(&r->back->stream);
    if (hf_conn_info_of(front->stream.conn)->version == HF_TLS12)
        r->backend_ended = true;
    end_if_over(front);
}

static void drained(hf_front *front)
{
    relay *r = front->talk;

    if (r->back)
        hf_stream_resume(&r->back->stream);
}

/* ---- from the backend ---- */

static void back_ready(hf_back *back)
{
    hf_front *front = back->user;
    relay *r = front->talk;
    hf_iovec part = { r->early, r->early_len };
    bool goes_on = true;

    r->ready = true;
    if (r->early_len > 0)
        goes_on = hf_stream_send(&back->stream, &part, 1);
    free(r->early);
    r->early = NULL;
    moved(front);
    if (r->client_ended)
        hf_stream_end(&back->stream);
    if (goes_on)
        hf_stream_resume(&front->stream);
}

static void back_data(hf_back *back, hf_span bytes)
{
    hf_front *front = back->user;
    relay *r = front->talk;
    hf_iovec part = { bytes.data, bytes.len };

    r->down += bytes.len;
    moved(front);
    if (!hf_stream_send(&front->stream, &part, 1))
        hf_stream_pause(&back->stream);
}

static void back_end(hf_back *back)
{
    hf_front *front = back->user;
    relay *r = front->talk;
    const hf_conn *conn = back->stream.conn;

    r->backend_ended = true;
    hf_stream_end(&front->stream);
    if (conn && hf_conn_info_of(back->stream.conn)->version == HF_TLS12)
        r->client_ended = true;
    end_if_over(front);
}

static void back_drained(hf_back *back)
{
    hf_front *front = back->user;

    hf_stream_resume(&front->stream);
}

static void back_failed(hf_back *back, const char *why)
{
    hf_front *front = back->user;
    relay *r = front->talk;

    r->name = hf_back_name(back);
    r->back = NULL;
    set_why(r, r->ready ? HF_RELAY_BACKEND : HF_RELAY_NO_BACKEND, why);
    break_off(front);
}

static const hf_back_ops back_ops = { back_ready, back_data, back_end, back_drained, back_failed };

/* ---- its life ---- */

static bool start(hf_front *front)
{
    relay *r = calloc(1, sizeof *r);
    const char *why = NULL;

    if (!r)
        return false;
    front->talk = r;
    r->back = hf_back_get(front, true, &back_ops, front, &why);
    if (r->back) {
        hf_stream_pause(&front->stream);
        return true;
    }
    set_why(r, HF_RELAY_NO_BACKEND, why);
    break_off(front);
    return true;
}

static void late(hf_front *front, hf_limit_kind kind)
{
    (void)kind;
    set_why(front->talk, HF_RELAY_LIMIT, "no byte moved within limits.idle");
    finish(front);
}

/* What is spoken is not ours to end: limits.drain ends it. */
static void stop(hf_front *front)
{
    (void)front;
}

static void gone(hf_front *front)
{
    relay *r = front->talk;
    const hf_failure *failure = hf_conn_failure(front->stream.conn);
    char text[WHY_ROOM];

    if (failure && failure->code == HF_E_TRUNCATED_STREAM)
        set_why(r, HF_RELAY_CLIENT, "the client hung up without close_notify");
    else if (failure)
        set_why(r, HF_RELAY_CLIENT, hf_failure_text(failure, text, sizeof text));
    else if (front->stream.error)
        set_why(r, HF_RELAY_CLIENT, uv_strerror(front->stream.error));
    if (r->back && failure && r->back->stream.conn)
        hf_stream_close(&r->back->stream);
    let_go(r);
    hf_tell_relay(front, r->by, r->name, r->down, r->up, r->why[0] ? r->why : NULL);
    free(r->early);
    free(r);
    front->talk = NULL;
}

const hf_mode hf_tcp_mode = { .start = start,
                              .data = data,
                              .end = end,
                              .drained = drained,
                              .late = late,
                              .stop = stop,
                              .gone = gone };
