/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A response on its way to the client. Its head is read as strictly as a request's; its body passes by as it comes, and ends where
 * its framing says, or the client's connection is cut.
 */
#include "base/bytes.h"
#include "tool/proxy/exchange.h"

#include "base/clock.h"

enum { PARTS = 16 };

/* As much of the request as its response is read by. */
static void asked(const hf_exchange *x, hf_head *request)
{
    const char *words = x->words;

    request->response = false;
    request->method = hf_span_str(words);
    request->minor = x->old ? 0 : 1;
    request->upgrade = x->upgrade;
    request->protocol = hf_span_str(words + x->protocol_at);
}

static void malformed(hf_exchange *x, const char *why)
{
    if (x->stage == HF_EXCHANGE_ASKED)
        hf_exchange_answer(x, 502, why);
    else
        hf_exchange_cut(x, why);
}

/* ---- the body ---- */

/* How a piece is taken off: its content alone, for a client that knows no chunks, or all but the chunks' extensions. */
typedef size_t take_piece(hf_body *body, hf_span bytes, hf_span *piece);

/* Bytes used up. */
static size_t pass_pieces(hf_exchange *x, take_piece *take, hf_span bytes, hf_iovec first)
{
    hf_iovec parts[PARTS];
    int n = 0;
    size_t used = 0;

    if (first.len > 0)
        parts[n++] = first;
    while (used < bytes.len && !x->reply.done && !x->reply.why) {
        hf_span data;
        used += take(&x->reply, hf_span_of(bytes.data + used, bytes.len - used), &data);
        if (data.len > 0)
            parts[n++] = (hf_iovec){ data.data, data.len };
        x->sent += data.len;
        if (n == PARTS) {
            hf_exchange_send(x, parts, n);
            n = 0;
        }
    }
    if (n > 0)
        hf_exchange_send(x, parts, n);
    return used;
}

static size_t pass_whole(hf_exchange *x, hf_span bytes, hf_iovec head)
{
    hf_body before = x->reply;
    size_t used = hf_body_take(&x->reply, bytes);
    hf_iovec parts[2] = { head, { bytes.data, used } };

    if (x->reply.left_out > before.left_out) {
        x->reply = before;
        return pass_pieces(x, hf_body_piece, bytes, head);
    }
    x->sent += used;
    if (head.len > 0)
        hf_exchange_send(x, parts, used > 0 ? 2 : 1);
    else if (used > 0)
        hf_exchange_send(x, parts + 1, 1);
    return used;
}

/* The head, if there is one, and the body behind it in one go. */
static void pass_body(hf_exchange *x, hf_span bytes, hf_iovec head)
{
    size_t used =
        x->plain_reply ? pass_pieces(x, hf_body_part, bytes, head) : pass_whole(x, bytes, head);

    if (x->reply.why) {
        hf_exchange_cut(x, x->reply.why);
    } else if (x->reply.done) {
        x->back_keeps &= used == bytes.len;
        hf_exchange_over(x);
    } else {
        hf_inbox_clear(&x->answer);
        hf_exchange_limit(x, HF_LIMIT_IDLE);
    }
}

/* ---- heads ---- */

/* 100, 103 … as they come; a client of HTTP/1.0 knows none. */
static bool pass_interim(hf_exchange *x, const hf_head *head)
{
    char room[HF_REWRITE_ROOM];

    if (++x->interim > HF_INTERIM_MAX) {
        malformed(x, "too many interim responses");
        return false;
    }
    x->awaits_continue &= head->status != 100;
    if (x->old)
        return true;
    size_t n = hf_response_rewrite(head, &(hf_response_facts){ .close = false }, room, sizeof room);
    if (n == 0) {
        malformed(x, "the head is too long once it is written anew");
        return false;
    }
    hf_exchange_send(x, &(hf_iovec){ room, n }, 1);
    hf_exchange_limit(x, x->body.done ? HF_LIMIT_RESPONSE : HF_LIMIT_IDLE);
    return true;
}

static void pass_tunnel(hf_exchange *x, hf_span bytes)
{
    hf_exchange_send(x, &(hf_iovec){ bytes.data, bytes.len }, 1);
    x->sent += bytes.len;
    hf_exchange_limit(x, HF_LIMIT_IDLE);
}

/* The last head: the body's first bytes are judged with it, so that what is wrong at once is a 502. */
static void pass_head(hf_exchange *x, const hf_head *head, hf_span rest)
{
    hf_response_facts facts = { .hsts = hf_exchange_hsts(x), .now = hf_clock_wall() };
    char room[HF_REWRITE_ROOM];
    hf_body probe;

    hf_body_start(&probe, head);
    x->reply = probe;
    hf_body_take(&probe, rest);
    facts.close = hf_exchange_closes(x) || !x->body.done;
    size_t n = hf_response_rewrite(head, &facts, room, sizeof room);
    if (probe.why || n == 0) {
        malformed(x, probe.why ? probe.why : "the head is too long once it is written anew");
        return;
    }
    x->stage = HF_EXCHANGE_REPLY;
    x->close = facts.close || head->framing == HF_BODY_CLOSE || head->plain_body;
    x->plain_reply = head->plain_body;
    x->back_keeps = head->keep_alive;
    pass_body(x, rest, (hf_iovec){ room, n });
}

static void pass_switch(hf_exchange *x, const hf_head *head, hf_span rest)
{
    char room[HF_REWRITE_ROOM];
    size_t n = hf_response_rewrite(head, &(hf_response_facts){ .close = false }, room, sizeof room);
    hf_iovec parts[2] = { { room, n }, { rest.data, rest.len } };
    hf_front *front = x->front;

    if (!x->body.done || n == 0) {
        malformed(x, "101 before the request was whole");
        return;
    }
    x->stage = HF_EXCHANGE_TUNNEL;
    x->close = true;
    x->back_keeps = false;
    x->sent += rest.len;
    hf_exchange_send(x, parts, rest.len > 0 ? 2 : 1);
    hf_inbox_clear(&x->answer);
    hf_exchange_limit(x, HF_LIMIT_IDLE);
    hf_http_next(front);
}

/* One head; false: the exchange is over, or the body has begun. *used: its length. */
static bool read_head(hf_exchange *x, hf_span bytes, size_t *used)
{
    hf_head request, head;
    hf_head_fault fault;

    *used = hf_head_length(bytes, HF_HEAD_REPLY_MAX, true, &fault);
    if (*used == 0 && fault.status == 0)
        return true;
    asked(x, &request);
    if (*used == 0 || !hf_head_read(hf_span_of(bytes.data, *used), &request, &head, &fault)) {
        malformed(x, fault.why);
        return false;
    }
    if (head.status < 200 && head.status != 101)
        return pass_interim(x, &head);
    hf_span rest = hf_span_of(bytes.data + *used, bytes.len - *used);
    x->status = head.status;
    x->head_at = uv_hrtime();
    if (head.status == 101)
        pass_switch(x, &head, rest);
    else
        pass_head(x, &head, rest);
    return false;
}

/* Heads that come in pieces are gathered, up to their bound. */
static void read_heads(hf_exchange *x, hf_span bytes)
{
    bool waited = x->answer.len > 0;
    size_t at = 0, n;

    if (waited && !hf_inbox_put(&x->answer, bytes)) {
        malformed(x, "the head is too long");
        return;
    }
    if (waited)
        bytes = hf_inbox_span(&x->answer);
    while (read_head(x, hf_span_of(bytes.data + at, bytes.len - at), &n)) {
        at += n;
        if (n > 0 && at < bytes.len)
            continue;
        if (waited)
            hf_inbox_take(&x->answer, at);
        else if (!hf_inbox_put(&x->answer, hf_span_of(bytes.data + at, bytes.len - at)))
            malformed(x, "no memory");
        return;
    }
}

void hf_exchange_reply(hf_exchange *x, hf_span bytes)
{
    x->heard = true;
    switch (x->stage) {
    case HF_EXCHANGE_ASKED: read_heads(x, bytes); return;
    case HF_EXCHANGE_REPLY: pass_body(x, bytes, (hf_iovec){ NULL, 0 }); return;
    case HF_EXCHANGE_TUNNEL: pass_tunnel(x, bytes); return;
    default: malformed(x, "bytes before the request"); return;
    }
}

/* ---- the end ---- */

/* It was closed while it waited in the pool, most likely before it had seen any of the request (RFC 9112 9.3.1). */
static bool may_ask_again(const hf_exchange *x)
{
    return x->pooled && !x->heard && !x->retried && x->idempotent && x->received == 0;
}

static void ask_again(hf_exchange *x)
{
    hf_front *front = x->front;

    x->retried = true;
    x->back_full = false;
    x->why = NULL;
    size_t used = hf_exchange_ask(x, hf_inbox_span(&x->inbox));
    if (front->talk != x)
        return;
    hf_inbox_take(&x->inbox, used);
    hf_http_next(front);
}

static void end_unanswered(hf_exchange *x, bool broken)
{
    if (may_ask_again(x))
        ask_again(x);
    else
        hf_exchange_answer(x, 502,
                           broken && x->why ? x->why
                           : x->heard       ? "the backend's connection ended within the head"
                                            : "the backend's connection ended without an answer");
}

static void end_tunnel(hf_exchange *x, bool broken)
{
    x->back_ended = true;
    if (broken)
        hf_exchange_cut(x, x->why ? x->why : "the backend's connection broke");
    else if (x->client_ended)
        hf_exchange_over(x);
    else
        hf_stream_end(&x->front->stream);
}

void hf_exchange_reply_end(hf_exchange *x, bool broken)
{
    switch (x->stage) {
    case HF_EXCHANGE_REACH: hf_exchange_answer(x, 503, x->why ? x->why : "no backend"); return;
    case HF_EXCHANGE_ASKED:
        hf_exchange_release(x, false);
        end_unanswered(x, broken);
        return;
    case HF_EXCHANGE_REPLY:
        if (!broken && hf_body_end(&x->reply))
            hf_exchange_over(x);
        else
            hf_exchange_cut(x, "the backend's connection ended before its response did");
        return;
    default: end_tunnel(x, broken); return;
    }
}
