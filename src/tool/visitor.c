/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a visitor gets: one page per connection, or his own bytes back. */
#include "tool/visitor.h"

#include <stdlib.h>
#include <string.h>

#include "tool/http_request.h"
#include "tool/status_page.h"

struct hf_visitor {
    const hf_visitor_rules *rules;
    hf_link *link;
    hf_conn *conn;
    unsigned id;
    bool connected, silent;
    double since;
    size_t early_bytes; /* of data that came as 0-RTT */
    void *note;
    char address[HF_ADDRESS_MAX];
    hf_http_request request;
    hf_text response;
    size_t sent;
};

hf_conn *hf_visitor_conn(const hf_visitor *visitor)
{
    return visitor->conn;
}

const hf_visitor_rules *hf_visitor_rules_of(const hf_visitor *visitor)
{
    return visitor->rules;
}

const char *hf_visitor_address(const hf_visitor *visitor)
{
    return visitor->address;
}

unsigned hf_visitor_id(const hf_visitor *visitor)
{
    return visitor->id;
}

double hf_visitor_age_ms(const hf_visitor *visitor)
{
    return hf_now_ms() - visitor->since;
}

void *hf_visitor_note(const hf_visitor *visitor)
{
    return visitor->note;
}

size_t hf_visitor_early_bytes(const hf_visitor *visitor)
{
    return visitor->early_bytes;
}

/* ---- the page ---- */

/* An early request has its answer before the handshake is over; the goodbye waits for that. */
static void send_page(hf_visitor *v)
{
    if (v->sent < v->response.len)
        v->sent += hf_link_send(v->link, v->response.data + v->sent, v->response.len - v->sent);
    if (v->connected && v->response.len > 0 && v->sent == v->response.len)
        hf_link_finish(v->link);
}

static void answer(hf_visitor *v)
{
    v->response = hf_text_new(2 * HF_PAGE_MAX);
    if (hf_status_page(&v->response, &v->request, v->conn, v->address))
        send_page(v);
    else
        hf_link_finish(v->link);
}

static size_t take_request(hf_visitor *v, hf_span data)
{
    if (v->request.status)
        return data
            .len; /* a body, or a second request: this connection ends with the first answer */
    v->request.early |= hf_link_early(v->link);
    hf_http_request_feed(&v->request, data);
    if (!v->request.status && hf_visitor_age_ms(v) > (double)v->rules->request_ms)
        v->request.status = 408; /* a byte now and then keeps no connection open */
    if (v->request.status)
        answer(v);
    return data.len;
}

/* ---- the link's calls ---- */

static void failed(hf_visitor *v, const hf_failure *failure)
{
    v->silent = v->connected && !v->rules->echo && v->request.len == 0 &&
                failure->code == HF_E_TRUNCATED_STREAM;
    if (v->rules->failed && !v->silent)
        v->rules->failed(v, failure);
}

static void on_event(hf_link *link, hf_event event)
{
    hf_visitor *v = hf_link_user(link);

    if (event == HF_EVENT_CONNECTED) {
        v->connected = true;
        hf_link_set_idle(link, v->rules->idle_ms);
        if (v->rules->connected)
            v->rules->connected(v);
        send_page(v);
    } else if (event == HF_EVENT_PEER_CLOSED) {
        if (v->rules->echo || !v->request.status) /* a page under way is still sent: half-close */
            hf_link_finish(link);
    } else if (event == HF_EVENT_FAILED && hf_conn_failure(v->conn)) {
        failed(v, hf_conn_failure(v->conn));
    }
}

static size_t on_data(hf_link *link, hf_span data)
{
    hf_visitor *v = hf_link_user(link);
    size_t n = v->rules->echo ? hf_link_send(link, data.data, data.len) : take_request(v, data);

    v->early_bytes += hf_link_early(link) ? n : 0;
    return n;
}

static void on_can_send(hf_link *link)
{
    hf_visitor *v = hf_link_user(link);

    if (v->rules->echo)
        hf_link_resume(link);
    else
        send_page(v);
}

static void on_turn(hf_link *link)
{
    hf_visitor *v = hf_link_user(link);

    if (v->rules->turn)
        v->rules->turn(v);
}

static void on_closed(hf_link *link)
{
    hf_visitor *v = hf_link_user(link);

    if (v->rules->gone)
        v->rules->gone(v);
    hf_link_free(link);
    hf_text_free(&v->response);
    free(v);
}

static const hf_link_ops ops = { on_event, on_data, on_can_send, on_turn, on_closed };

/* ---- from accept to close ---- */

static void learn_address(hf_visitor *v, const uv_tcp_t *tcp)
{
    struct sockaddr_storage address;
    int len = sizeof address;

    if (uv_tcp_getpeername(tcp, (struct sockaddr *)&address, &len) == 0)
        hf_address_text((struct sockaddr *)&address, v->address);
}

static bool build(hf_visitor *v, uv_loop_t *loop, uv_tcp_t *tcp)
{
    hf_trace_sink sink = { NULL, NULL };

    if (v->rules->trace)
        sink = v->rules->trace(v, tcp);
    hf_conn_options options = { .trace = sink.event ? &sink : NULL };
    v->conn = hf_conn_new(v->rules->config, v->rules->worker, &options);
    v->link = v->conn ? hf_link_new(loop, tcp, v->conn, &ops, v) : NULL;
    if (!v->link)
        hf_conn_free(v->conn);
    return v->link != NULL;
}

hf_visitor *hf_visitor_new(uv_loop_t *loop, uv_tcp_t *tcp, const hf_visitor_rules *rules,
                           unsigned id, void *note)
{
    hf_visitor *v = calloc(1, sizeof *v);

    if (v) {
        v->rules = rules;
        v->id = id;
        v->note = note;
        v->since = hf_now_ms();
        v->response = hf_text_new(2 * HF_PAGE_MAX);
        learn_address(v, tcp);
    }
    if (v && build(v, loop, tcp)) {
        uv_tcp_nodelay(tcp, 1);
        return v;
    }
    free(v);
    uv_close((uv_handle_t *)tcp, hf_handle_free);
    return NULL;
}

void hf_visitor_start(hf_visitor *visitor)
{
    hf_link_start(visitor->link);
}

bool hf_visitor_is_busy(const hf_visitor *v)
{
    if (!v->connected)
        return hf_conn_info_of(v->conn)->bytes_in > 0;
    return v->rules->echo || v->request.len > 0;
}

bool hf_visitor_was_silent(const hf_visitor *v)
{
    return v->silent;
}

void hf_visitor_finish(hf_visitor *v, bool lazy)
{
    if (lazy && hf_visitor_is_busy(v))
        return;
    if (lazy && !v->connected)
        hf_link_close(v->link); /* it never said a word */
    else
        hf_link_finish(v->link);
}

void hf_visitor_close(hf_visitor *visitor)
{
    hf_link_close(visitor->link);
}
