/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A question's life: dial, dialogue, kind; one timer for all that takes time; and the end, which is told by the timer in any
 * case, so that nobody is called back from within a call of his own.
 */
#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "tool/audit/ask_parts.h"

enum { LOOK_MS = 1 };

static void tick(uv_timer_t *timer);

/* A header that was read and not told would be one that the server did not send. */
static_assert((int)HF_REPLY_HEADERS_MAX >= (int)HF_HTTP_HEADERS_MAX, "all headers are told");

/* ---- the end ---- */

void hf_asking_let_go(hf_asking *a)
{
    if (--a->handles > 0)
        return;
    hf_flight_free(a->flight);
    hf_http_response_free(&a->response);
    hf_text_free(&a->request);
    hf_config_free(a->config);
    if (a->session)
        hf_wipe(a->session, a->session_len);
    free(a->session);
    free(a);
}

static void timer_closed(uv_handle_t *handle)
{
    hf_asking_let_go(handle->data);
}

static void tcp_closed(uv_handle_t *handle)
{
    hf_asking *a = handle->data;

    free(handle);
    hf_asking_let_go(a);
}

static void cancel_reaching(hf_asking *a)
{
    if (a->dial)
        hf_dial_cancel(a->dial);
    if (a->prelude)
        hf_prelude_cancel(a->prelude);
    a->dial = NULL;
    a->prelude = NULL;
}

/* Its `closed` gives the handle back, unless the other end was faster. */
static void close_link(hf_asking *a)
{
    if (!a->link_gone) {
        hf_link_close_write(a->link);
        hf_link_close(a->link);
        return;
    }
    hf_link_free(a->link);
    hf_asking_let_go(a);
}

static void close_all(hf_asking *a)
{
    cancel_reaching(a);
    if (a->tcp)
        uv_close((uv_handle_t *)a->tcp, tcp_closed);
    a->tcp = NULL;
    if (a->link)
        close_link(a);
    uv_close((uv_handle_t *)&a->timer, timer_closed);
}

static void fill_http(hf_asking *a)
{
    hf_reply_http *http = &a->asked.reply.http;
    const hf_http_response *r = &a->response;

    if (!a->head_done && r->status > 0)
        http->wrong = r->wrong ? r->wrong : "the answer ends within its head";
    if (!a->head_done)
        return;
    http->status = r->status;
    for (size_t i = 0; i < r->n_headers; i++) {
        http->headers[http->n].name = hf_http_header_name(r, i);
        http->headers[http->n++].value = hf_http_header_value(r, i);
    }
}

static void tell(hf_asking *a)
{
    hf_reply *reply = &a->asked.reply;

    hf_flight_ended(a->flight, a->end);
    reply->ask = a->ask;
    reply->flight = a->flight;
    reply->conn = a->link ? hf_link_conn(a->link) : NULL;
    reply->session = hf_span_of(a->session, a->session_len);
    reply->milliseconds = hf_now_ms() - a->started;
    reply->trouble = a->asked.trouble;
    fill_http(a);
    a->done(a->user, &a->asked);
    a->told = true;
    close_all(a);
}

/* ---- time ---- */

static double due(const hf_asking *a)
{
    bool patience = a->patience_ends > 0 && a->patience_ends < a->deadline;

    return patience ? a->patience_ends : a->deadline;
}

static void arm(hf_asking *a)
{
    double now = hf_now_ms(), end = due(a);

    uv_update_time(a->place->loop);
    uv_timer_start(&a->timer, tick, a->finished || end <= now ? 0 : (uint64_t)(end - now) + 1, 0);
}

void hf_asking_finish(hf_asking *a, hf_flight_end end)
{
    if (a->finished)
        return;
    a->finished = true;
    a->end = end;
    if (a->tcp)
        uv_read_stop((uv_stream_t *)a->tcp);
    arm(a);
}

/* Before it is told as silence the socket is looked at once more: timers come before it in the loop's turn, and what this process was late by,
   as others had the processor or it was stopped, is not the other end's silence. So much is given back, and a moment for the look. */
static bool looks_again(hf_asking *a, double now)
{
    double lost = now - due(a);

    if (a->looked)
        return false;
    a->looked = true;
    lost = lost < (double)a->place->timeout_ms ? lost : (double)a->place->timeout_ms;
    a->deadline += lost + LOOK_MS;
    if (a->patience_ends > 0)
        a->patience_ends += lost + LOOK_MS;
    return true;
}

void hf_asking_patience(hf_asking *a, double ms)
{
    a->looked = false;
    a->patience_ends = ms > 0 ? hf_now_ms() + ms : 0;
    if (!a->finished)
        arm(a);
}

static void unreachable(hf_asking *a, const char *why)
{
    snprintf(a->asked.trouble, sizeof a->asked.trouble, "%.*s", HF_ASK_TROUBLE - 1, why);
    hf_asking_finish(a, HF_FLIGHT_UNREACHABLE);
}

static void late(hf_asking *a)
{
    if (a->dial)
        unreachable(a, "no answer in time");
    else if (a->prelude)
        unreachable(a, "the dialogue before TLS did not end in time");
    cancel_reaching(a);
    hf_asking_finish(a, HF_FLIGHT_LATE);
}

static void tick(uv_timer_t *timer)
{
    hf_asking *a = timer->data;
    double now = hf_now_ms();

    if (!a->finished && now >= due(a) && looks_again(a, now)) {
        arm(a);
        return;
    }
    if (!a->finished && now >= a->deadline)
        late(a);
    if (!a->finished && a->patience_ends > 0 && now >= a->patience_ends) {
        hf_asking_patience(a, 0);
        a->ops->impatient(a);
    }
    if (a->finished)
        tell(a);
    else
        arm(a);
}

void hf_asking_stop(hf_asking *a)
{
    if (!a->finished)
        cancel_reaching(a);
    hf_asking_finish(a, HF_FLIGHT_LATE);
}

/* ---- the raw socket ---- */

static void room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    hf_asking *a = handle->data;

    (void)suggested;
    *buf = uv_buf_init((char *)a->piece, sizeof a->piece);
}

static void got(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    hf_asking *a = stream->data;

    if (a->finished || n == 0)
        return;
    if (n > 0)
        a->ops->take(a, hf_span_of(buf->base, (size_t)n));
    else
        a->ops->ended(a, (int)n);
}

typedef struct outgoing {
    uv_write_t request;
    uint8_t bytes[];
} outgoing;

static void written(uv_write_t *request, int status)
{
    (void)status;
    free(request->data);
}

void hf_asking_write(hf_asking *a, hf_span bytes)
{
    outgoing *out = malloc(sizeof *out + bytes.len);
    uv_buf_t buf;

    if (!out)
        return; /* silence will end it */
    memcpy(out->bytes, bytes.data, bytes.len);
    out->request.data = out;
    buf = uv_buf_init((char *)out->bytes, (unsigned)bytes.len);
    if (uv_write(&out->request, (uv_stream_t *)a->tcp, &buf, 1, written) != 0)
        free(out);
}

/* ---- reaching the other end ---- */

static void begin(hf_asking *a, uv_tcp_t *tcp)
{
    a->asked.opened = true;
    a->tcp = tcp;
    tcp->data = a;
    a->handles++;
    if (a->ask->kind != HF_ASK_ENGINE)
        uv_read_start((uv_stream_t *)tcp, room, got);
    a->ops->begin(a);
}

static void on_prelude(void *user, uv_tcp_t *tcp, const hf_starttls *dialogue)
{
    hf_asking *a = user;
    static hf_trouble trouble; /* large, and used up at once */

    a->prelude = NULL;
    if (tcp) {
        begin(a, tcp);
        return;
    }
    memset(&trouble, 0, sizeof trouble);
    hf_starttls_trouble(dialogue, &trouble, a->asked.address);
    unreachable(a, trouble.sentence);
}

static void pin(hf_asking *a, uv_tcp_t *tcp)
{
    struct sockaddr_storage address;
    int len = sizeof address;
    const struct sockaddr_in6 *six = (const void *)&address;
    const struct sockaddr_in *four = (const void *)&address;

    if (a->place->pinned[0] ||
        uv_tcp_getpeername(tcp, (struct sockaddr *)(void *)&address, &len) != 0)
        return;
    if (address.ss_family == AF_INET)
        uv_ip4_name(four, a->place->pinned, sizeof a->place->pinned);
    else if (!IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr)) /* whose zone would be lost */
        uv_ip6_name(six, a->place->pinned, sizeof a->place->pinned);
}

static bool is_ours(int error)
{
    return error == UV_EMFILE || error == UV_ENFILE || error == UV_ENOMEM || error == UV_ENOBUFS ||
           error == UV_EADDRNOTAVAIL;
}

static void on_dialled(void *user, uv_tcp_t *tcp, const hf_dial_result *result)
{
    hf_asking *a = user;
    const hf_starttls_script *script = a->ask->kind == HF_ASK_PLAIN ? NULL : a->place->starttls;
    double left = a->deadline - hf_now_ms();

    a->dial = NULL;
    snprintf(a->asked.address, sizeof a->asked.address, "%s", result->address);
    if (!tcp) {
        /* Of several addresses only the first one's reason is known. */
        a->asked.reply.refused = result->error == UV_ECONNREFUSED && result->tried == 1;
        a->asked.ours = !result->lookup && is_ours(result->error);
        unreachable(a, result->lookup ? "the name could not be looked up"
                       : result->late ? "no answer in time"
                                      : uv_strerror(result->error));
        return;
    }
    a->asked.connected = true;
    pin(a, tcp);
    if (!script) {
        begin(a, tcp);
        return;
    }
    a->prelude = hf_prelude_start(a->place->loop, tcp, script, a->place->name,
                                  left > 1 ? (uint64_t)left : 1, false, NULL, on_prelude, a);
    if (!a->prelude) {
        uv_close((uv_handle_t *)tcp, hf_handle_free);
        unreachable(a, "out of memory");
    }
}

static const hf_ask_kind_ops *const kinds[] = {
    [HF_ASK_BYTES] = &hf_ask_bytes_ops,
    [HF_ASK_ENGINE] = &hf_ask_engine_ops,
    [HF_ASK_PLAIN] = &hf_ask_plain_ops,
};

static void dial(hf_asking *a)
{
    const hf_ask_place *p = a->place;
    uint16_t port = a->ask->kind == HF_ASK_PLAIN ? a->ask->port : p->port;

    /* Its own time is longer than ours, with what may be given back, so that ours ends it. */
    a->dial = hf_dial_start(p->loop, p->pinned[0] ? p->pinned : p->host, port, p->family,
                            2 * p->timeout_ms + 1000, on_dialled, a);
    if (!a->dial)
        unreachable(a, "out of memory");
}

hf_asking *hf_asking_start(hf_ask_place *place, const hf_ask *ask, hf_asking_done done, void *user)
{
    hf_asking *a = calloc(1, sizeof *a);

    if (!a)
        return NULL;
    a->flight = hf_flight_new();
    if (!a->flight) {
        free(a);
        return NULL;
    }
    a->place = place;
    a->ask = ask;
    a->done = done;
    a->user = user;
    a->ops = kinds[ask->kind];
    a->started = hf_now_ms();
    a->deadline = a->started + (double)place->timeout_ms;
    a->handles = 1;
    uv_timer_init(place->loop, &a->timer);
    a->timer.data = a;
    arm(a);
    dial(a);
    return a;
}
