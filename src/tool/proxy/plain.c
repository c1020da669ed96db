/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Plain HTTP: the redirect listener, which sends everybody on to https:// once the challenges of a certificate authority were looked
 * at, and the hint for who speaks it on a TLS port. Nothing is passed on to a backend from here, and no body is read.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "tool/proxy/challenge.h"
#include "tool/proxy/exchange.h"
#include "tool/proxy/redirect.h"

/* While something waits: half a head, or requests behind answers that the client does not read. */
typedef struct plain {
    hf_inbox inbox;
    bool full, timed, paused;
} plain;

enum { TOLD = 1024 };

/* ---- memory ---- */

static void drop(hf_front *front)
{
    plain *p = front->talk;

    if (!p)
        return;
    hf_inbox_clear(&p->inbox);
    hf_free(p);
    front->talk = NULL;
}

static plain *plain_of(hf_front *front)
{
    if (!front->talk)
        front->talk = hf_alloc(sizeof(plain));
    return front->talk;
}

static void finish(hf_front *front)
{
    drop(front);
    hf_stream_finish(&front->stream);
}

static void limit(hf_front *front, hf_limit_kind kind)
{
    const hf_proxy_config *config = front->generation->config;
    uint64_t ms = kind == HF_LIMIT_HEADER ? config->limits.header_ms : config->limits.idle_ms;

    hf_stream_limit(&front->stream, kind, ms);
}

/* ---- answering ---- */

static const char *text_of(hf_span span, char room[TOLD])
{
    size_t n = span.len < TOLD - 1 ? span.len : TOLD - 1;

    if (span.len == 0)
        return NULL;
    memcpy(room, span.data, n);
    room[n] = '\0';
    return room;
}

/* head NULL: it could not be read. */
static void tell(hf_front *front, const hf_head *head, const hf_answer *a, const char *why)
{
    char method[TOLD], target[TOLD], host[TOLD];
    hf_request_tale tale = {
        .status = a->status, .why = why, .sent = a->body.len, .ms = -1, .backend_ms = -1
    };

    if (head) {
        tale.method = text_of(head->method, method);
        tale.target = text_of(head->target, target);
        tale.host = text_of(head->host, host);
    }
    hf_tell_request(front, &tale);
}

static void send_answer(hf_front *front, const hf_answer *a)
{
    char room[HF_ANSWER_ROOM];
    hf_answer apart = *a;
    bool head_only = a->head_only || a->type;
    plain *p = front->talk;

    apart.head_only = head_only;
    size_t n = hf_answer_write(&apart, hf_clock_wall(), room, sizeof room);
    hf_iovec parts[2] = { { room, n }, { a->body.data, a->body.len } };
    bool body = a->type && !a->head_only && a->body.len > 0;
    if (!hf_stream_send(&front->stream, parts, body ? 2 : 1) && p)
        p->full = true;
}

static void answer(hf_front *front, const hf_head *head, hf_answer *a, const char *why)
{
    a->head_only = head && hf_span_equal(head->method, hf_span_str("HEAD"));
    a->close = !head || !head->keep_alive || head->framing != HF_BODY_NONE ||
               front->generation->retired || front->house->draining;
    a->kept_http10 = !a->close && head->minor == 0;
    send_answer(front, a);
    tell(front, head, a, why);
    if (a->close)
        finish(front);
}

static void refuse(hf_front *front, const hf_head_fault *fault, hf_span bytes)
{
    hf_answer a = { .status = fault->status,
                    .detail = fault->status == 400 || fault->status == 501 ? fault->why : NULL,
                    .html = hf_answer_is_page(bytes) };

    answer(front, NULL, &a, fault->why);
}

/* ---- the redirect listener's requests ---- */

static void serve_challenge(hf_front *front, const hf_head *head, hf_answer *a)
{
    size_t len = 0;
    bool reads = hf_span_equal(head->method, hf_span_str("GET")) ||
                 hf_span_equal(head->method, hf_span_str("HEAD"));
    uint8_t *bytes = reads ? hf_challenge_read(front->generation->config, head->path, &len) : NULL;

    a->status = bytes ? 200 : reads ? 404 : 405;
    a->allow = reads ? NULL : "GET, HEAD";
    if (bytes) {
        a->type = "application/octet-stream";
        a->body = hf_span_of(bytes, len);
    }
    answer(front, head, a, bytes ? NULL : "no such challenge");
    hf_free(bytes);
}

static void serve(hf_front *front, const hf_head *head, hf_span bytes)
{
    char location[HF_LOCATION_ROOM];
    hf_answer a = { .html = hf_answer_is_page(bytes) };
    const char *why = NULL;

    if (front->generation->config->challenges.text && hf_challenge_is_path(head->path)) {
        serve_challenge(front, head, &a);
        return;
    }
    hf_redirect_judge(front->generation, head, hf_front_own(front)->port, &a, location, &why);
    answer(front, head, &a, why);
}

/* ---- the hint ---- */

static void hint(hf_front *front, hf_span bytes, size_t len)
{
    hf_head head;
    hf_head_fault fault;
    char todo[HF_ANSWER_WORDS];
    bool good = len > 0 && hf_head_read(hf_span_of(bytes.data, len), NULL, &head, &fault);
    hf_answer a = { .status = 400,
                    .what = "This port speaks HTTPS, and the request came as plain HTTP.",
                    .todo = todo,
                    .html = hf_answer_is_page(bytes) };

    hf_redirect_hint(good ? &head : NULL, todo);
    if (good)
        head.keep_alive = false;
    answer(front, good ? &head : NULL, &a, "plain HTTP on a TLS port");
}

/* ---- bytes ---- */

/* Used up; 0: the head is not whole yet, or the connection ends. */
static size_t take_head(hf_front *front, plain *p, hf_span bytes)
{
    hf_head head;
    hf_head_fault fault;
    size_t max = (size_t)front->generation->config->limits.head_bytes;
    size_t len = hf_head_length(bytes, max, false, &fault);

    if (len == 0 && fault.status == 0) {
        if (!p->timed)
            limit(front, HF_LIMIT_HEADER);
        p->timed = true;
        return 0;
    }
    p->timed = false;
    if (front->mode == &hf_hint_mode)
        hint(front, bytes, len);
    else if (len == 0 || !hf_head_read(hf_span_of(bytes.data, len), NULL, &head, &fault))
        refuse(front, &fault, bytes);
    else
        serve(front, &head, hf_span_of(bytes.data, len));
    return len;
}

/* False: the connection ends. */
static bool run(hf_front *front, hf_span bytes, size_t *used)
{
    plain *p = front->talk;

    *used = 0;
    while (*used < bytes.len && !p->full) {
        size_t n = take_head(front, p, hf_span_of(bytes.data + *used, bytes.len - *used));
        if (front->talk != p)
            return false;
        if (n == 0)
            break;
        *used += n;
    }
    return true;
}

static void settle(hf_front *front)
{
    plain *p = front->talk;
    bool wait = p->full, waited = p->paused;

    p->paused = wait;
    if (!wait && p->inbox.len == 0) {
        limit(front, HF_LIMIT_IDLE);
        drop(front);
    }
    if (wait && !waited)
        hf_stream_pause(&front->stream);
    else if (!wait && waited)
        hf_stream_resume(&front->stream);
}

static void run_inbox(hf_front *front)
{
    plain *p = front->talk;
    size_t used;

    if (!run(front, hf_inbox_span(&p->inbox), &used))
        return;
    hf_inbox_take(&p->inbox, used);
    settle(front);
}

static void on_data(hf_front *front, hf_span bytes)
{
    plain *p = hf_stream_is_closing(&front->stream) ? NULL : plain_of(front);
    bool waits = p && p->inbox.len > 0;
    size_t used = 0;

    if (p && !waits && !run(front, bytes, &used))
        return;
    if (!p || !hf_inbox_put(&p->inbox, hf_span_of(bytes.data + used, bytes.len - used))) {
        drop(front);
        hf_stream_close(&front->stream);
    } else if (waits) {
        run_inbox(front);
    } else {
        settle(front);
    }
}

/* ---- the modes ---- */

static bool on_start(hf_front *front)
{
    limit(front, HF_LIMIT_HEADER); /* the first bytes; later ones may take limits.idle */
    return true;
}

static void on_end(hf_front *front)
{
    finish(front);
}

static void on_drained(hf_front *front)
{
    plain *p = front->talk;

    if (!p)
        return;
    p->full = false;
    run_inbox(front);
}

static void on_late(hf_front *front, hf_limit_kind kind)
{
    static const hf_head_fault fault = { 408, "the request's head did not come in time", 0 };
    plain *p = front->talk;

    (void)kind;
    if (p && front->mode == &hf_hint_mode)
        hint(front, hf_inbox_span(&p->inbox), 0);
    else if (p && p->inbox.len > 0 && !p->full)
        refuse(front, &fault, hf_inbox_span(&p->inbox));
    else
        finish(front);
}

static void on_stop(hf_front *front)
{
    if (!front->talk)
        hf_stream_limit(&front->stream, HF_LIMIT_HEADER, HF_LAST_REQUEST_MS);
}

const hf_mode hf_plain_mode = { on_start, on_data, on_end, on_drained, on_late, on_stop, drop };
const hf_mode hf_hint_mode = { on_start, on_data, on_end, on_drained, on_late, on_stop, drop };
