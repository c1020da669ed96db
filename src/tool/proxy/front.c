/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A client's connection: its life, its handshake, and the mode that it is handed to. */
#include "tool/proxy/front_parts.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool/proxy/mapped.h"

/* ---- what is known of it ---- */

const hf_peer_at *hf_front_own(hf_front *front)
{
    struct sockaddr_storage at;
    socklen_t len = sizeof at;

    if (!front->own_known && front->stream.fd >= 0 &&
        getsockname(front->stream.fd, (struct sockaddr *)&at, &len) == 0) {
        hf_peer_of(&front->own, &at);
        front->own_known = true;
    }
    return &front->own;
}

const char *hf_front_version(const hf_front *front)
{
    uint16_t version = front->stream.conn ? hf_conn_info_of(front->stream.conn)->version : 0;

    return version == HF_TLS13 ? "TLSv1.3" : version == HF_TLS12 ? "TLSv1.2" : NULL;
}

const char *hf_peer_text(const hf_peer_at *at, char text[HF_ADDRESS_TEXT])
{
    bool is_v4 = hf_is_mapped(at->ip);

    text[0] = '\0';
    inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? at->ip + HF_MAPPED_AT : at->ip, text,
              HF_ADDRESS_TEXT);
    return text;
}

/* ---- the mode ---- */

void hf_front_start_mode(hf_front *front, const hf_mode *mode)
{
    hf_stream_unlimit(&front->stream);
    free(front->prelude);
    front->prelude = NULL;
    front->mode = mode;
    front->mode_started = mode->start(front);
    if (!front->mode_started)
        hf_stream_close(&front->stream);
    else if (front->house->draining && !hf_stream_is_closing(&front->stream))
        mode->stop(front);
}

/* ---- the handshake ---- */

void hf_front_limit_handshake(hf_front *front)
{
    uint64_t limit = front->generation->config->limits.handshake_ms;
    uint64_t gone = (uv_hrtime() - front->came_at) / 1000000;

    hf_stream_limit(&front->stream, HF_LIMIT_HANDSHAKE, gone < limit ? limit - gone : 1);
}

void hf_front_start_tls(hf_front *front, hf_span first)
{
    hf_trace_sink sink = hf_tell_sink(front);
    hf_conn_options options = { .user = front, .trace = sink.event ? &sink : NULL };
    hf_conn *conn = hf_conn_new(front->generation->hello, front->house->tls, &options);

    if (!conn) {
        hf_stream_close(&front->stream);
        return;
    }
    if (front->house->draining) /* it had a moment alone to begin */
        hf_front_limit_handshake(front);
    hf_stream_tls(&front->stream, conn, first);
}

/* The name decides. A site that has nothing to show for it says so in its own protocol (http mode: 503), or not at all. */
static void choose_site(hf_front *front)
{
    hf_conn *conn = front->stream.conn;
    hf_site *site = hf_generation_site(front->generation, hf_conn_hello(conn));

    front->site = site;
    hf_tell_hello(front);
    if (!site)
        hf_conn_abort(conn, HF_ALERT_unrecognized_name);
    else if (!site->tls || (site->unavailable && site->row->mode == HF_SITE_TCP))
        hf_conn_abort(conn, HF_ALERT_internal_error);
    else if (hf_conn_switch_config(conn, site->tls) != HF_OK)
        hf_conn_abort(conn, HF_ALERT_internal_error);
}

static void event(hf_stream *stream, hf_event event)
{
    hf_front *front = stream->user;

    switch (event) {
    case HF_EVENT_CLIENT_HELLO: choose_site(front); break;
    case HF_EVENT_CONNECTED:
        front->connected_at = uv_hrtime();
        hf_tell_connected(front);
        hf_front_start_mode(front,
                            front->site->row->mode == HF_SITE_TCP ? &hf_tcp_mode : &hf_http_mode);
        break;
    case HF_EVENT_FAILED: hf_tell_failed(front); break;
    default: break;
    }
}

/* ---- bytes ---- */

static void data(hf_stream *stream, hf_span bytes)
{
    hf_front *front = stream->user;

    if (front->mode_started)
        front->mode->data(front, bytes);
    else if (!front->mode && !stream->conn)
        hf_front_first(front, bytes);
}

/* Before TLS nobody misses who goes without a word. */
static void end(hf_stream *stream)
{
    hf_front *front = stream->user;

    if (front->mode_started)
        front->mode->end(front);
    else
        hf_stream_close(stream);
}

static void drained(hf_stream *stream)
{
    hf_front *front = stream->user;

    if (front->mode_started)
        front->mode->drained(front);
}

/* ---- time ---- */

/* The engine's own clock runs from the first byte on, ours from accept: whichever is over first, it is told as the same. */
static void cut_handshake(hf_front *front)
{
    hf_conn *conn = front->stream.conn;

    front->is_late = true;
    hf_conn_tick(conn);
    if (!hf_conn_failure(conn))
        hf_conn_abort(conn, HF_ALERT_user_canceled);
    hf_stream_hear(&front->stream);
}

static void late(hf_stream *stream, hf_limit_kind kind)
{
    hf_front *front = stream->user;

    if (front->mode_started)
        front->mode->late(front, kind);
    else if (stream->conn)
        cut_handshake(front);
    else if (front->house->draining)
        hf_stream_close(stream);
    else
        hf_front_refuse(front, HF_EVENT_OF_limit_hit,
                        kind == HF_LIMIT_HEADER
                            ? "no whole PROXY protocol header within limits.header"
                            : "no ClientHello within limits.handshake");
}

/* ---- the end ---- */

static void unlink_front(hf_front *front)
{
    hf_house *house = front->house;

    if (front->before)
        front->before->after = front->after;
    else
        house->fronts = front->after;
    if (front->after)
        front->after->before = front->before;
    house->n_fronts--;
}

static void closed(hf_stream *stream, int error)
{
    hf_front *front = stream->user;
    hf_house *house = front->house;

    (void)error;
    if (front->mode_started)
        front->mode->gone(front);
    hf_tell_gone(front);
    if (front->admitted)
        hf_counters_leave(house->counters, house->slot, front->client.ip);
    unlink_front(front);
    hf_generation_free(front->generation);
    free(front->prelude);
    free(front);
    if (house->draining && house->n_fronts == 0)
        hf_worker_drained(house);
}

static const hf_stream_ops ops = {
    .event = event, .data = data, .end = end, .drained = drained, .late = late, .closed = closed
};

void hf_front_refuse(hf_front *front, hf_event_kind kind, const char *why)
{
    hf_tell_refused(front->house, &front->client, kind, why);
    hf_stream_close(&front->stream);
}

void hf_front_stop_all(hf_house *house)
{
    for (hf_front *front = house->fronts, *after; front; front = after) {
        after = front->after;
        if (hf_stream_is_closing(&front->stream))
            continue;
        if (front->mode_started) /* a handshake under way may end, and be told to go */
            front->mode->stop(front);
        else if (!front->stream.conn)
            hf_stream_limit(&front->stream, HF_LIMIT_HEADER, HF_LAST_REQUEST_MS);
    }
}

/* ---- the beginning ---- */

static void link_front(hf_front *front)
{
    hf_house *house = front->house;

    front->after = house->fronts;
    if (front->after)
        front->after->before = front;
    house->fronts = front;
    house->n_fronts++;
}

static bool open_stream(hf_front *front, int fd)
{
    if (hf_stream_open(&front->stream, front->house, fd, &ops, front))
        return true;
    hf_generation_free(front->generation);
    free(front);
    return false;
}

static void start(hf_front *front)
{
    bool speaks_pp = front->generation->config->proxy_protocol_in != 0;

    if (front->door == HF_DOOR_REDIRECT) {
        hf_front_start_mode(front, &hf_plain_mode);
    } else if (speaks_pp && !hf_front_may_speak_pp(front->house, &front->client)) {
        hf_front_refuse(front, HF_EVENT_OF_proxy_header_refused,
                        "it may not send a PROXY protocol header (proxy_protocol_from)");
    } else {
        uint64_t header = front->generation->config->limits.header_ms;
        hf_front_limit_handshake(front);
        if (speaks_pp && header < front->generation->config->limits.handshake_ms)
            hf_stream_limit(&front->stream, HF_LIMIT_HEADER, header);
    }
}

bool hf_front_begin(hf_house *house, int fd, hf_door door, const hf_peer_at *client)
{
    hf_front *front = calloc(1, sizeof *front);

    if (!front) {
        close(fd);
        return false;
    }
    front->house = house;
    front->generation = hf_generation_ref(house->now);
    front->client = *client;
    front->came_at = uv_hrtime();
    front->door = (uint8_t)door;
    front->id = ++house->last_id;
    if (!open_stream(front, fd))
        return false;
    front->admitted = true;
    link_front(front);
    hf_count(house->counters, house->slot, HF_SITE_NONE, HF_METRIC_connections_total, 1);
    start(front);
    if (!hf_stream_is_closing(&front->stream))
        hf_stream_read(&front->stream); /* most send at once */
    return true;
}
