/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Lines and counters of connections and requests. What a failed handshake comes to is telling_failure.c. */
#include "tool/proxy/telling.h"

#include <stdio.h>
#include <string.h>

#include "registry/registry.h"
#include "tool/proxy/telling_parts.h"
#include "tool/report.h"

/* ---- common parts ---- */

uint32_t hf_tell_site(const hf_front *front)
{
    return front->site ? front->site->slot : HF_SITE_NONE;
}

void hf_tell_count(const hf_front *front, hf_metric metric, uint64_t n)
{
    hf_count(front->house->counters, front->house->slot, hf_tell_site(front), metric, n);
}

double hf_tell_ms(uint64_t from, uint64_t to)
{
    return from > 0 && to >= from ? (double)(to - from) / 1e6 : -1;
}

void hf_tell_lost(hf_log *log, hf_counters *counters, unsigned worker)
{
    if (log->lost > log->counted_lost && counters)
        hf_count(counters, worker, HF_SITE_NONE, HF_METRIC_log_lines_lost,
                 log->lost - log->counted_lost);
    log->counted_lost = log->lost;
}

void hf_tell_client(hf_line *line, const hf_peer_at *client)
{
    char text[HF_ADDRESS_TEXT];

    hf_line_text(line, "client", hf_peer_text(client, text));
    if (client->port > 0)
        hf_line_number(line, "client_port", client->port);
}

void hf_tell_begin(hf_line *line, const hf_front *front, hf_severity severity, const char *what)
{
    hf_line_begin(line, &front->house->log, severity, what);
    hf_line_text(line, "site", front->site ? front->site->label : NULL);
    hf_tell_client(line, &front->client);
    hf_line_print(line, "connection", "%u.%u", front->house->slot, front->id);
    hf_tell_lost(&front->house->log, front->house->counters, front->house->slot);
}

static bool tells_requests(const hf_front *front)
{
    return !front->generation || front->generation->config->log_requests;
}

/* ---- a connection ---- */

void hf_tell_hello(hf_front *front)
{
    const hf_conn_info *info = hf_conn_info_of(front->stream.conn);
    const hf_hello *hello = hf_conn_hello(front->stream.conn);
    char name[256] = "";

    front->hello_at = uv_hrtime();
    if (front->site)
        return;
    if (info->server_name)
        snprintf(name, sizeof name, "%s", info->server_name);
    else if (hello && hello->server_name.len < sizeof name)
        memcpy(name, hello->server_name.data, hello->server_name.len);
    hf_tell_event(front->house, HF_EVENT_OF_unknown_name, front, "%s", *name ? name : "no name");
}

static void count_handshake(const hf_front *front, const hf_conn_info *info)
{
    static const hf_metric metrics[2][2] = {
        { HF_METRIC_handshakes_12, HF_METRIC_handshakes_12_resumed },
        { HF_METRIC_handshakes_13, HF_METRIC_handshakes_13_resumed },
    };
    uint64_t from = front->hello_at ? front->hello_at : front->came_at;

    hf_tell_count(front, metrics[info->version == HF_TLS13][info->resumed], 1);
    hf_count_duration(front->house->counters, front->house->slot, hf_tell_site(front),
                      hf_tell_ms(from, uv_hrtime()) / 1000);
}

static void say_agreed(hf_line *line, const hf_conn_info *info)
{
    hf_line_text(line, "version", hf_version_name(info->version));
    hf_line_text(line, "suite", hf_code_name(HF_SUITES, info->cipher_suite));
    hf_line_text(line, "group", hf_code_name(HF_GROUPS, info->group));
    hf_line_flag(line, "resumed", info->resumed);
    hf_line_text(line, "sni", info->server_name);
    hf_line_text(line, "alpn", info->alpn);
}

static void say_identity(hf_line *line, const hf_peer *peer)
{
    if (!peer)
        return;
    hf_line_text(line, "identity", peer->subject);
    hf_line_text(line, "identity_names", peer->sans);
    hf_line_text(line, "identity_sha256", peer->fingerprint);
}

static void say_connected(const hf_front *front, const hf_conn_info *info)
{
    uint64_t now = uv_hrtime();
    hf_line line;

    hf_tell_begin(&line, front, HF_SAY_INFO, "connection");
    say_agreed(&line, info);
    say_identity(&line, hf_conn_peer(front->stream.conn));
    hf_line_ms(&line, "hello_ms", hf_tell_ms(front->came_at, front->hello_at));
    hf_line_ms(&line, "handshake_ms",
               hf_tell_ms(front->hello_at ? front->hello_at : front->came_at, now));
    hf_line_end(&line);
}

void hf_tell_connected(hf_front *front)
{
    const hf_conn_info *info = hf_conn_info_of(front->stream.conn);

    hf_trace_over(front);
    count_handshake(front, info);
    if (tells_requests(front))
        say_connected(front, info);
    if (info->early == HF_EARLY_REJECTED)
        hf_tell_event(
            front->house, HF_EVENT_OF_early_data_refused, front, "%s",
            hf_error_row_of(info->early_error ? info->early_error : HF_E_EARLY_OFF)->sentence);
}

void hf_tell_gone(hf_front *front)
{
    hf_trace_free(front);
    hf_tell_count(front, HF_METRIC_received_bytes, front->stream.bytes_in);
    hf_tell_count(front, HF_METRIC_sent_bytes, front->stream.bytes_out);
}

/* ---- requests ---- */

static const char stopped[] = "the proxy was stopped";

/* 0: there was none. */
static hf_metric of_status(bool plain, unsigned status)
{
    unsigned class = status / 100 > 5 ? 5 : status / 100;

    if (class == 0)
        return plain ? HF_METRIC_plain_aborted : HF_METRIC_requests_aborted;
    return (hf_metric)((plain ? HF_METRIC_plain_1xx : HF_METRIC_requests_1xx) + (int)class - 1);
}

/* An answer of ours in place of a backend's. */
static void count_backend(const hf_front *front, const hf_request_tale *tale)
{
    if (!tale->why || !front->site || front->site->unavailable || front->house->cut)
        return;
    if (tale->status == 503)
        hf_tell_count(front, HF_METRIC_backend_unreachable, 1);
    else if (tale->status == 504)
        hf_tell_count(front, HF_METRIC_backend_timeout, 1);
    else if (tale->status == 502)
        hf_tell_count(front, HF_METRIC_backend_response, 1);
    if (tale->status == 502 || tale->status == 504 || tale->cut)
        hf_tell_backend_down(front->house, front->site, tale->backend, tale->why);
}

/* What somebody may have tried on purpose. */
static void tell_request_event(const hf_front *front, const hf_request_tale *tale)
{
    const char *host = tale->host && *tale->host ? tale->host : "no name";

    if (tale->status == 421)
        hf_tell_event(front->house, HF_EVENT_OF_misdirected, front, "a request for %s", host);
    else if (tale->status == 400 || tale->status == 501)
        hf_tell_event(front->house, HF_EVENT_OF_request_refused, front, "%s", tale->why);
}

void hf_tell_request(hf_front *front, const hf_request_tale *tale)
{
    bool plain = front->door == HF_DOOR_REDIRECT;
    hf_line line;

    hf_tell_count(front, of_status(plain, tale->status), 1);
    if (!plain)
        count_backend(front, tale);
    bool hint = !plain && !front->stream.conn; /* plain HTTP on the TLS port: a slip */
    if (tale->why && !tale->backend && !hint)
        tell_request_event(front, tale);
    if (!tells_requests(front))
        return;
    bool bad = tale->status >= 500 || (tale->cut && !front->house->cut);
    hf_tell_begin(&line, front, bad ? HF_SAY_WARNING : HF_SAY_INFO, "request");
    hf_line_text(&line, "method", tale->method);
    hf_line_text(&line, "target", tale->target);
    hf_line_text(&line, "host", tale->host);
    hf_line_number(&line, "status", tale->status);
    hf_line_text(&line, "why", tale->why && front->house->cut ? stopped : tale->why);
    hf_line_text(&line, "backend", tale->backend);
    hf_line_number(&line, "sent", tale->sent);
    hf_line_number(&line, "received", tale->received);
    hf_line_ms(&line, "ms", tale->ms);
    hf_line_ms(&line, "backend_ms", tale->backend_ms);
    hf_line_end(&line);
}

static void count_relay(const hf_front *front, hf_relay_end end, const char *backend,
                        const char *why)
{
    hf_tell_count(front, HF_METRIC_relays_total, 1);
    if (end == HF_RELAY_NO_BACKEND)
        hf_tell_count(front, HF_METRIC_backend_unreachable, 1);
    else if (end == HF_RELAY_BACKEND)
        hf_tell_count(front, HF_METRIC_backend_response, 1);
    if (end == HF_RELAY_BACKEND && backend)
        hf_tell_backend_down(front->house, front->site, backend, why);
}

void hf_tell_relay(hf_front *front, hf_relay_end end, const char *backend, uint64_t sent,
                   uint64_t received, const char *why)
{
    hf_line line;

    count_relay(front, end, backend, why);
    if (!tells_requests(front))
        return;
    hf_tell_begin(&line, front,
                  end == HF_RELAY_NO_BACKEND ? HF_SAY_ERROR
                  : end == HF_RELAY_BACKEND  ? HF_SAY_WARNING
                                             : HF_SAY_INFO,
                  "relay");
    hf_line_text(&line, "backend", backend);
    hf_line_number(&line, "sent", sent);
    hf_line_number(&line, "received", received);
    hf_line_ms(&line, "ms", hf_tell_ms(front->connected_at, uv_hrtime()));
    hf_line_text(&line, "why", front->house->cut ? stopped : why);
    hf_line_end(&line);
}
