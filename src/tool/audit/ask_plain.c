/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* HTTP as far as an audit needs it, a request and the head of its answer; and the kind of question that is nothing else. */
#include <handfast/handfast.h>

#include <string.h>

#include "base/bytes.h"
#include "tool/audit/ask_parts.h"

/* ---- for both kinds ---- */

static bool drop_body(void *user, hf_span piece)
{
    (void)user;
    (void)piece;
    return true;
}

bool hf_asking_request(hf_asking *a)
{
    a->request = hf_text_new(HF_ASK_REQUEST_MAX);
    hf_http_response_start(&a->response, drop_body, NULL);
    return hf_text_print(&a->request,
                         "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: handfast/%s audit\r\n"
                         "Accept: */*\r\nConnection: close\r\n\r\n",
                         a->ask->path, a->place->authority, hf_version());
}

/* A line at a time, so that a body that is malformed does not spoil its head. */
bool hf_asking_http(hf_asking *a, hf_span bytes)
{
    hf_http_response *r = &a->response;

    while (bytes.len > 0 && r->state < HF_HTTP_LENGTH) {
        const uint8_t *end = memchr(bytes.data, '\n', bytes.len);
        size_t n = end ? (size_t)(end - bytes.data) + 1 : bytes.len;
        hf_http_response_feed(r, hf_span_of(bytes.data, n));
        bytes = hf_span_of(bytes.data + n, bytes.len - n);
    }
    a->head_done = r->status >= 200 && r->state >= HF_HTTP_LENGTH && r->state != HF_HTTP_BAD;
    return r->state >= HF_HTTP_LENGTH;
}

/* ---- without TLS ---- */

static void begin(hf_asking *a)
{
    if (a->ask->path && hf_asking_request(a))
        hf_asking_write(a, hf_span_of(a->request.data, a->request.len));
    else
        hf_asking_finish(a, HF_FLIGHT_DONE);
}

static void take(hf_asking *a, hf_span bytes)
{
    if (hf_asking_http(a, bytes))
        hf_asking_finish(a, a->head_done ? HF_FLIGHT_DONE : HF_FLIGHT_FOREIGN);
}

static void ended(hf_asking *a, int error)
{
    hf_asking_finish(a, error == UV_EOF ? HF_FLIGHT_CLOSED : HF_FLIGHT_RESET);
}

static void impatient(hf_asking *a)
{
    hf_asking_finish(a, HF_FLIGHT_LATE);
}

const hf_ask_kind_ops hf_ask_plain_ops = { begin, take, ended, impatient };
