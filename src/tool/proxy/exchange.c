/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * How an exchange begins and ends. Between requests a connection has none: what it holds is given back to a short list, so that a
 * busy connection allocates nothing and an idle one holds nothing.
 */
#include "tool/proxy/exchange.h"

#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"

enum { WORDS_KEPT = 8 * 1024 };

/* Of this process, which is one worker with one thread. */
static hf_exchange *spare;
static size_t n_spare;

/* ---- memory ---- */

/* As new, but for its memory for words. */
static void clear(hf_exchange *x)
{
    char *words = x->words;
    size_t room = x->words_room;

    *x = (hf_exchange){ .words = words, .words_room = room };
}

hf_exchange *hf_exchange_need(hf_front *front)
{
    hf_exchange *x = front->talk;

    if (x)
        return x;
    x = spare;
    if (x) {
        spare = x->spare;
        n_spare--;
        clear(x);
    } else {
        x = hf_alloc(sizeof *x);
    }
    if (x)
        x->front = front;
    front->talk = x;
    return x;
}

static void give_back(hf_exchange *x)
{
    if (x->words_room > WORDS_KEPT || n_spare == HF_EXCHANGES_SPARE) {
        hf_free(x->words);
        x->words = NULL;
        x->words_room = 0;
    }
    if (n_spare == HF_EXCHANGES_SPARE) {
        hf_free(x);
        return;
    }
    x->spare = spare;
    spare = x;
    n_spare++;
}

void hf_exchange_release(hf_exchange *x, bool keep)
{
    hf_back *back = x->back;

    x->back = NULL;
    if (!back)
        return;
    if (x->back_paused && keep)
        hf_stream_resume(&back->stream);
    x->back_paused = false;
    hf_back_release(back, keep);
}

void hf_exchange_drop(hf_front *front)
{
    hf_exchange *x = front->talk;

    if (!x)
        return;
    front->talk = NULL;
    hf_exchange_release(x, false);
    hf_inbox_clear(&x->inbox);
    hf_inbox_clear(&x->answer);
    give_back(x);
}

/* ---- words ---- */

static bool words_hold(hf_exchange *x, size_t n)
{
    if (n <= x->words_room)
        return true;
    hf_free(x->words);
    x->words = hf_alloc(n);
    x->words_room = x->words ? n : 0;
    return x->words != NULL;
}

static size_t add_text(hf_exchange *x, hf_span text)
{
    size_t at = x->words_len;

    if (text.len > 0)
        memcpy(x->words + at, text.data, text.len);
    x->words[at + text.len] = '\0';
    x->words_len += text.len + 1;
    return at;
}

static bool remember(hf_exchange *x, const hf_head *head, hf_span rewritten)
{
    size_t texts = head->method.len + head->target.len + head->host.len + head->protocol.len + 4;

    if (!words_hold(x, texts + rewritten.len))
        return false;
    x->words_len = 0;
    add_text(x, head->method);
    x->target_at = add_text(x, head->target);
    x->host_at = add_text(x, head->host);
    x->protocol_at = add_text(x, head->protocol);
    x->head_from = x->words_len;
    memcpy(x->words + x->words_len, rewritten.data, rewritten.len);
    x->words_len += rewritten.len;
    return true;
}

/* ---- beginning ---- */

/* RFC 9110 9.2.2: what may be sent once more, to another backend. */
static bool is_idempotent(hf_span method)
{
    static const char *const methods[] = { "GET", "HEAD", "OPTIONS", "PUT", "DELETE" };

    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (hf_span_equal(method, hf_span_str(methods[i])))
            return true;
    return false;
}

static void describe(hf_exchange *x, const hf_head *head)
{
    x->came_at = uv_hrtime();
    x->idempotent = is_idempotent(head->method);
    x->head_only = hf_span_equal(head->method, hf_span_str("HEAD"));
    x->old = head->minor == 0;
    x->upgrade = head->upgrade;
    x->awaits_continue = head->expects_continue;
    x->hsts = hf_host_is_name(head->host);
    x->close = !head->keep_alive;
    x->kept_http10 = x->old && head->keep_alive;
    hf_body_start(&x->body, head);
}

/* The head for the backend. False: no room or no memory; it was answered. */
static bool write_words(hf_exchange *x, const hf_head *head)
{
    char room[HF_REWRITE_ROOM], address[HF_ADDRESS_TEXT];
    hf_client_facts facts;

    hf_exchange_facts(x->front, &facts, address);
    size_t n = hf_request_rewrite(head, &facts, room, sizeof room);
    if (!remember(x, head, hf_span_of(room, n))) {
        hf_exchange_cut(x, "no memory");
        return false;
    }
    if (n == 0)
        hf_exchange_answer(x, 431, "the head is too long once it is written anew");
    return n > 0;
}

size_t hf_exchange_begin(hf_exchange *x, const hf_head *head, hf_span rest)
{
    const char *why = NULL;

    x->stage = HF_EXCHANGE_REACH;
    describe(x, head);
    if (!write_words(x, head))
        return 0;
    hf_body probe = x->body;
    hf_body_take(&probe, rest);
    if (probe.why) {
        hf_exchange_answer(x, 400, probe.why);
        return 0;
    }
    unsigned status = hf_exchange_judge(x->front, head, &why);
    if (status == 0)
        return hf_exchange_ask(x, rest);
    hf_exchange_answer(x, status, why);
    return 0;
}

/* ---- sending ---- */

void hf_exchange_send(hf_exchange *x, const hf_iovec *parts, int n)
{
    if (hf_stream_send(&x->front->stream, parts, n))
        return;
    x->front_full = true;
    if (x->back && !x->back_paused) {
        hf_stream_pause(&x->back->stream);
        x->back_paused = true;
    }
}

void hf_exchange_limit(hf_exchange *x, hf_limit_kind kind)
{
    hf_front *front = x->front;
    const hf_proxy_config *config = front->generation->config;
    uint64_t ms = kind == HF_LIMIT_HEADER     ? config->limits.header_ms
                  : kind == HF_LIMIT_RESPONSE ? config->limits.response_ms
                                              : config->limits.idle_ms;

    hf_stream_limit(&front->stream, kind, ms);
}

bool hf_exchange_closes(const hf_exchange *x)
{
    return x->close || x->front->generation->retired || x->front->house->draining;
}

/* ---- ending ---- */

static void tell(const hf_exchange *x)
{
    uint64_t now = uv_hrtime();
    const char *words = x->words_len > 0 ? x->words : NULL;
    hf_request_tale tale = {
        .method = words,
        .target = words ? words + x->target_at : NULL,
        .host = words ? words + x->host_at : NULL,
        .status = x->status,
        .why = x->why,
        .backend = x->backend,
        .cut = x->cut && !x->body.why && !x->front_full, /* else it was the client */
        .sent = x->sent,
        .received = x->received,
        .ms = x->came_at ? (double)(now - x->came_at) / 1e6 : -1,
        .backend_ms = x->head_at ? (double)(x->head_at - x->asked_at) / 1e6 : -1,
    };

    hf_tell_request(x->front, &tale);
}

/* For the next request; what the client sent already and what its stream still holds stays. */
static void renew(hf_exchange *x)
{
    hf_exchange kept = *x;

    clear(x);
    x->front = kept.front;
    x->inbox = kept.inbox;
    x->front_full = kept.front_full;
    x->paused = kept.paused;
    x->running = kept.running;
    x->client_ended = kept.client_ended;
}

void hf_exchange_over(hf_exchange *x)
{
    hf_front *front = x->front;
    bool close = x->close || !x->body.done;

    tell(x);
    hf_exchange_release(x, x->back_keeps && x->body.done);
    hf_inbox_clear(&x->answer);
    if (close && x->front_full && !hf_stream_is_closing(&front->stream)) {
        x->stage = HF_EXCHANGE_LEAVING; /* a slow reader has limits.idle for it */
        hf_exchange_limit(x, HF_LIMIT_IDLE);
        return;
    }
    if (close) {
        hf_exchange_drop(front);
        hf_stream_finish(&front->stream);
        return;
    }
    renew(x);
    hf_http_next(front);
}

void hf_exchange_lost(hf_exchange *x, const char *why)
{
    x->why = why;
    tell(x);
    hf_exchange_drop(x->front);
}

void hf_exchange_cut(hf_exchange *x, const char *why)
{
    hf_front *front = x->front;

    x->cut = true;
    hf_exchange_lost(x, why);
    hf_stream_close(&front->stream);
}

/* ---- answers of our own ---- */

/* How many of the bytes are no head. */
static size_t body_of(const char *answer, size_t n)
{
    for (size_t i = 4; i <= n; i++)
        if (memcmp(answer + i - 4, "\r\n\r\n", 4) == 0)
            return n - i;
    return 0;
}

static void answer(hf_exchange *x, unsigned status, const char *why, hf_span head)
{
    char room[HF_ANSWER_ROOM];
    hf_answer a = {
        .status = status,
        .detail = status == 400 || status == 431 || status == 501 || status == 417 ? why : NULL,
        .retry_after = status == 503 ? HF_RETRY_AFTER : 0,
        .html = hf_answer_is_page(head),
        .head_only = x->head_only,
        .close = x->close,
        .kept_http10 = x->kept_http10,
        .hsts = hf_exchange_hsts(x),
    };
    size_t n = hf_answer_write(&a, hf_clock_wall(), room, sizeof room);

    hf_exchange_send(x, &(hf_iovec){ room, n }, 1);
    x->sent = body_of(room, n);
    x->status = status;
    x->why = why;
    x->back_keeps = false;
    hf_exchange_over(x);
}

void hf_exchange_answer(hf_exchange *x, unsigned status, const char *why)
{
    x->close = hf_exchange_closes(x) || !x->body.done;
    answer(x, status, why, hf_span_of(x->words + x->head_from, x->words_len - x->head_from));
}

void hf_exchange_refuse(hf_exchange *x, const hf_head_fault *fault, hf_span bytes)
{
    x->close = true;
    x->hsts = false; /* whose host it was, nobody knows */
    x->head_only = bytes.len >= 5 && memcmp(bytes.data, "HEAD ", 5) == 0;
    answer(x, fault->status, fault->why, bytes);
}
