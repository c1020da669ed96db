/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A request on its way to a backend: the head with what there is of the body in one piece, then the body as it comes. A connection
 * from the pool may turn out to be gone; then a request that may be repeated is sent once more, on a new one.
 */
#include "base/bytes.h"
#include "tool/proxy/exchange.h"

/* ---- what a backend's connection says ---- */

static size_t start(hf_exchange *x, hf_span rest);

/* What waited goes on; the rest of it may be the next request. */
static void go_on(hf_exchange *x, size_t used)
{
    hf_front *front = x->front;

    if (used > 0)
        hf_inbox_take(&x->inbox, used);
    hf_http_next(front);
}

static void on_ready(hf_back *back)
{
    hf_exchange *x = back->user;
    hf_front *front = x->front;

    if (x->stage != HF_EXCHANGE_REACH)
        return;
    size_t used = start(x, hf_inbox_span(&x->inbox));
    if (front->talk == x)
        go_on(x, used);
}

static void on_data(hf_back *back, hf_span bytes)
{
    hf_exchange_reply(back->user, bytes);
}

static void on_end(hf_back *back)
{
    hf_exchange_reply_end(back->user, false);
}

static void on_drained(hf_back *back)
{
    hf_exchange *x = back->user;

    x->back_full = false;
    hf_http_next(x->front);
}

static void on_failed(hf_back *back, const char *why)
{
    hf_exchange *x = back->user;

    x->back = NULL; /* it is gone with this call */
    x->why = why;
    hf_exchange_reply_end(x, true);
}

static const hf_back_ops ops = { on_ready, on_data, on_end, on_drained, on_failed };

/* ---- asking ---- */

static hf_limit_kind limit_of(const hf_exchange *x)
{
    return x->body.done || (x->awaits_continue && x->received == 0) ? HF_LIMIT_RESPONSE
                                                                    : HF_LIMIT_IDLE;
}

/* The head, and what is there of the body, in one go. */
static size_t start(hf_exchange *x, hf_span rest)
{
    size_t n = hf_body_take(&x->body, rest);
    hf_iovec parts[2] = { { x->words + x->head_from, x->words_len - x->head_from },
                          { rest.data, n } };

    if (x->body.why) {
        hf_exchange_answer(x, 400, x->body.why);
        return 0;
    }
    x->stage = HF_EXCHANGE_ASKED;
    x->pooled = x->back->used > 0;
    x->asked_at = uv_hrtime();
    x->backend = hf_back_name(x->back);
    x->received += n;
    x->back_full = !hf_stream_send(&x->back->stream, parts, n > 0 ? 2 : 1);
    hf_exchange_limit(x, limit_of(x));
    return n;
}

size_t hf_exchange_ask(hf_exchange *x, hf_span rest)
{
    const char *why = "no backend";

    x->stage = HF_EXCHANGE_REACH;
    x->back = hf_back_get(x->front, x->retried, &ops, x, &why);
    if (!x->back) {
        hf_exchange_answer(x, 503, why);
        return 0;
    }
    if (x->back->is_ready)
        return start(x, rest);
    hf_stream_unlimit(&x->front->stream); /* limits.connect counts now, on the backend's side */
    return 0;
}

/* ---- the client's bytes ---- */

static void bad_body(hf_exchange *x)
{
    if (x->stage == HF_EXCHANGE_REPLY)
        hf_exchange_cut(x, x->body.why);
    else
        hf_exchange_answer(x, 400, x->body.why);
}

static size_t pass(hf_exchange *x, hf_span bytes)
{
    x->received += bytes.len;
    if (!hf_stream_send(&x->back->stream, &(hf_iovec){ bytes.data, bytes.len }, 1))
        x->back_full = true;
    return bytes.len;
}

size_t hf_exchange_take(hf_exchange *x, hf_span bytes)
{
    if (x->stage == HF_EXCHANGE_LEAVING)
        return bytes.len;
    if (x->stage == HF_EXCHANGE_REACH || x->back_full)
        return 0;
    if (x->stage == HF_EXCHANGE_TUNNEL) {
        hf_exchange_limit(x, HF_LIMIT_IDLE);
        return x->back_ended ? bytes.len : pass(x, bytes);
    }
    size_t n = hf_body_take(&x->body, bytes);
    if (x->body.why) {
        bad_body(x);
        return 0;
    }
    if (n == 0)
        return 0;
    pass(x, hf_span_of(bytes.data, n));
    hf_exchange_limit(x, x->stage == HF_EXCHANGE_ASKED ? limit_of(x) : HF_LIMIT_IDLE);
    return n;
}

/* What came before its end is passed on first. */
void hf_exchange_client_end(hf_exchange *x)
{
    x->client_ended = true;
    if (x->inbox.len > 0 || x->end_passed || x->stage == HF_EXCHANGE_LEAVING)
        return;
    if (x->stage == HF_EXCHANGE_TUNNEL && x->back_ended) {
        hf_exchange_over(x);
    } else if (x->stage == HF_EXCHANGE_TUNNEL) {
        x->end_passed = true;
        hf_stream_end(&x->back->stream);
    } else if (!x->body.done) {
        hf_body_end(&x->body);
        bad_body(x);
    }
}
