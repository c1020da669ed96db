/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The mode for HTTP/1.1: requests one after another on the client's connection. What came and cannot be used yet waits in the
 * exchange's inbox, and meanwhile the client is not read from; so a client holds one reading's worth of memory at most.
 */
#include "base/bytes.h"
#include "tool/proxy/exchange.h"

/* ---- using what came ---- */

/* Bytes used up, 0: the head is not whole, or it was refused. */
static size_t take_head(hf_exchange *x, hf_span bytes)
{
    hf_head head;
    hf_head_fault fault;
    size_t max = (size_t)x->front->generation->config->limits.head_bytes;
    size_t len = hf_head_length(bytes, max, false, &fault);

    if (len == 0 && fault.status == 0) {
        if (!x->has_head_limit)
            hf_exchange_limit(x, HF_LIMIT_HEADER);
        x->has_head_limit = true;
        return 0;
    }
    if (len == 0 || !hf_head_read(hf_span_of(bytes.data, len), NULL, &head, &fault)) {
        hf_exchange_refuse(x, &fault, bytes);
        return 0;
    }
    return len + hf_exchange_begin(x, &head, hf_span_of(bytes.data + len, bytes.len - len));
}

static size_t take(hf_exchange *x, hf_span bytes)
{
    if (x->stage != HF_EXCHANGE_HEAD)
        return hf_exchange_take(x, bytes);
    return x->front_full ? 0 : take_head(x, bytes);
}

/* As far as it goes. False: the connection ends, and the exchange is gone. */
static bool run(hf_exchange *x, hf_span bytes, size_t *used)
{
    hf_front *front = x->front;

    x->running = true;
    *used = 0;
    while (*used < bytes.len) {
        size_t n = take(x, hf_span_of(bytes.data + *used, bytes.len - *used));
        if (front->talk != x)
            return false;
        if (n == 0)
            break;
        *used += n;
    }
    x->running = false;
    return true;
}

/* ---- reading or not ---- */

static bool must_wait(const hf_exchange *x)
{
    if (x->stage == HF_EXCHANGE_LEAVING)
        return false;
    if (x->stage == HF_EXCHANGE_HEAD)
        return x->front_full;
    return x->back_full || x->inbox.len > 0;
}

/* Nothing more can be done now: reads on, or waits; forgets the exchange if there is nothing to remember. */
static void settle(hf_exchange *x)
{
    hf_front *front = x->front;
    bool empty = x->stage == HF_EXCHANGE_HEAD && !x->front_full;
    bool wait = must_wait(x), was_paused = x->paused;

    x->paused = wait;
    if (empty && x->client_ended) {
        hf_exchange_drop(front);
        hf_stream_finish(&front->stream);
        return;
    }
    if (empty && x->inbox.len == 0) {
        hf_exchange_limit(x, HF_LIMIT_IDLE);
        hf_exchange_drop(front);
    }
    if (wait && !was_paused)
        hf_stream_pause(&front->stream);
    else if (!wait && was_paused)
        hf_stream_resume(&front->stream);
}

void hf_http_next(hf_front *front)
{
    hf_exchange *x = front->talk;
    size_t used;

    if (!x || x->running)
        return;
    if (x->inbox.len > 0) {
        if (!run(x, hf_inbox_span(&x->inbox), &used))
            return;
        hf_inbox_take(&x->inbox, used);
    }
    if (x->client_ended && x->stage != HF_EXCHANGE_HEAD)
        hf_exchange_client_end(x);
    if (front->talk == x)
        settle(x);
}

/* ---- the mode ---- */

/* Who has asked for nothing yet holds his place no longer than a head may take; limits.idle is for those who have. */
static bool on_start(hf_front *front)
{
    const hf_proxy_config *config = front->generation->config;
    bool soon = config->limits.header_ms < config->limits.idle_ms;

    hf_stream_limit(&front->stream, soon ? HF_LIMIT_HEADER : HF_LIMIT_IDLE,
                    soon ? config->limits.header_ms : config->limits.idle_ms);
    return true;
}

static void keep(hf_exchange *x, hf_span bytes)
{
    if (!hf_inbox_put(&x->inbox, bytes))
        hf_exchange_cut(x, "no memory, or more than may wait");
    else
        settle(x);
}

/* A head that comes byte by byte is looked at once a line, not once a byte. */
static bool may_be_whole(const hf_exchange *x, hf_span bytes)
{
    return x->stage != HF_EXCHANGE_HEAD || memchr(bytes.data, '\n', bytes.len) ||
           x->inbox.len >= x->front->generation->config->limits.head_bytes;
}

static void on_data(hf_front *front, hf_span bytes)
{
    hf_exchange *x = hf_stream_is_closing(&front->stream) ? NULL : hf_exchange_need(front);
    size_t used;

    if (!x) {
        hf_stream_close(&front->stream);
        return;
    }
    if (x->inbox.len > 0) {
        if (!hf_inbox_put(&x->inbox, bytes))
            hf_exchange_cut(x, "no memory, or more than may wait");
        else if (may_be_whole(x, bytes))
            hf_http_next(front);
        return;
    }
    if (run(x, bytes, &used))
        keep(x, hf_span_of(bytes.data + used, bytes.len - used));
}

static void on_end(hf_front *front)
{
    hf_exchange *x = front->talk;

    if (x && x->stage == HF_EXCHANGE_HEAD && x->front_full) {
        x->client_ended = true; /* whole requests may wait */
    } else if (x && x->stage != HF_EXCHANGE_HEAD) {
        hf_exchange_client_end(x);
    } else {
        hf_exchange_drop(front);
        hf_stream_finish(&front->stream);
    }
}

static void on_drained(hf_front *front)
{
    hf_exchange *x = front->talk;

    if (!x)
        return;
    x->front_full = false;
    if (x->stage == HF_EXCHANGE_LEAVING) {
        hf_exchange_drop(front);
        hf_stream_finish(&front->stream);
        return;
    }
    if (x->back && x->back_paused) {
        x->back_paused = false;
        hf_stream_resume(&x->back->stream);
    }
    hf_http_next(front);
}

/* ---- limits ---- */

static void leave(hf_front *front)
{
    hf_exchange_drop(front);
    hf_stream_close(&front->stream);
}

static void too_late(hf_exchange *x, hf_limit_kind kind)
{
    if (x->stage == HF_EXCHANGE_TUNNEL)
        hf_exchange_over(x);
    else if (x->stage == HF_EXCHANGE_LEAVING)
        leave(x->front);
    else if (x->stage == HF_EXCHANGE_REPLY)
        hf_exchange_cut(x, "nothing moved for too long");
    else if (kind == HF_LIMIT_RESPONSE || x->back_full)
        hf_exchange_answer(x, 504, "the backend did not answer in time");
    else
        hf_exchange_answer(x, 408, "the request's body did not come in time");
}

/* A request that came while this process did not get to run is there already: time limits are looked at before sockets are. Where it
   is answered at once, there is a new limit. */
static void end_idle(hf_front *front)
{
    hf_stream_read(&front->stream);
    if (!front->talk && !front->stream.deadline.after && !hf_stream_is_closing(&front->stream))
        hf_stream_finish(&front->stream);
}

static void on_late(hf_front *front, hf_limit_kind kind)
{
    static const hf_head_fault fault = { 408, "the request's head did not come in time", 0 };
    hf_exchange *x = front->talk;

    if (!x) {
        end_idle(front);
    } else if (x->stage != HF_EXCHANGE_HEAD) {
        too_late(x, kind);
    } else if (x->inbox.len > 0 && !x->front_full) {
        hf_exchange_refuse(x, &fault, hf_inbox_span(&x->inbox));
    } else {
        leave(front);
    }
}

/* A request that is under way says in its response that the connection ends. So does the first of a new connection, and the next of
   a kept one, if it comes soon: it may be on its way already. */
static void on_stop(hf_front *front)
{
    if (!front->talk)
        hf_stream_limit(&front->stream, HF_LIMIT_HEADER, HF_LAST_REQUEST_MS);
}

static void on_gone(hf_front *front)
{
    hf_exchange *x = front->talk;

    if (x && x->stage != HF_EXCHANGE_HEAD && x->stage != HF_EXCHANGE_LEAVING)
        hf_exchange_lost(x, "the client went away");
    else
        hf_exchange_drop(front);
}

const hf_mode hf_http_mode = { on_start, on_data, on_end, on_drained, on_late, on_stop, on_gone };
