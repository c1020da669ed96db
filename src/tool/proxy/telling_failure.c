/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A handshake that failed: a counter, a line, perhaps a security event, and a message to the parent for `proxy status --failures`. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "tool/json_text.h"
#include "tool/proxy/fail_words.h"
#include "tool/proxy/telling_parts.h"

enum { TEXT_MAX = 512 };

static const char *direction_of(const hf_failure *f)
{
    switch (f->alert_direction) {
    case HF_ALERT_SENT: return "sent";
    case HF_ALERT_RECEIVED: return "received";
    default: return NULL;
    }
}

/* ---- the line ---- */

static void say_place(hf_line *line, const hf_failure *f)
{
    hf_line_text(line, "step", f->step);
    hf_line_text(line, "message", f->message);
    hf_line_text(line, "field", f->field);
}

static void say_failure(hf_line *line, const hf_failure *f)
{
    char text[TEXT_MAX];
    const char *direction = direction_of(f);

    hf_line_text(line, "reason", hf_fail_row_of(hf_fail_reason_of(f))->reason);
    hf_line_text(line, "code", hf_error_row_of(f->code)->name);
    hf_line_text(line, "blame", hf_blame_name(hf_fail_words_of(f).blame));
    say_place(line, f);
    if (direction)
        hf_line_text(line, "alert", hf_alert_name(f->alert));
    hf_line_text(line, "alert_direction", direction);
    hf_line_text(line, "text", hf_fail_text(f, text, sizeof text));
    hf_line_text(line, "next", hf_fail_words_of(f).hint);
}

/* Of a site that is unavailable: what is wrong with its files. */
static const char *why_of(const hf_front *front, const hf_failure *f)
{
    hf_fail_reason reason = hf_fail_reason_of(f);
    bool is_it = reason == HF_FAIL_unavailable || reason == HF_FAIL_spare_refused;

    return is_it && front->site ? front->site->unavailable : NULL;
}

static void say_line(const hf_front *front, const hf_failure *f, const char *sni, hf_flood flood)
{
    hf_blame blame = hf_fail_words_of(f).blame;
    bool ours = blame == HF_BLAME_US || blame == HF_BLAME_CONFIG;
    hf_line line;

    if (!hf_tell_may(front->house, flood, hf_fail_reason_of(f)))
        return;
    hf_tell_begin(&line, front, ours ? HF_SAY_ERROR : HF_SAY_WARNING, hf_flood_name(flood));
    hf_line_text(&line, "sni", sni);
    say_failure(&line, f);
    hf_line_text(&line, "why", why_of(front, f));
    hf_line_ms(&line, "hello_ms", hf_tell_ms(front->came_at, front->hello_at));
    hf_line_ms(&line, "ms", hf_tell_ms(front->came_at, uv_hrtime()));
    hf_line_end(&line);
}

/* ---- events ---- */

static void tell_events(hf_front *front, const hf_failure *f, hf_fail_reason reason)
{
    const char *sentence = hf_error_row_of(f->code)->sentence;

    if (reason >= HF_FAIL_no_certificate && reason <= HF_FAIL_client_status)
        hf_tell_event(front->house, HF_EVENT_OF_client_auth_refused, front, "%s", sentence);
    if (f->code == HF_E_FALLBACK || f->code == HF_E_DOWNGRADE)
        hf_tell_event(front->house, HF_EVENT_OF_downgrade_seen, front, "%s", sentence);
}

/* ---- to the parent ---- */

/* In the form of the library's own failure record (docs/trace.md), with the proxy's words for it. */
static json_t *record_of(const hf_failure *f)
{
    char text[TEXT_MAX];
    hf_fail_words words = hf_fail_words_of(f);

    return json_pack(
        "{s:s s:s s:s s:s s:o s:o s:o s:o s:o s:I s:o}", "code", hf_error_row_of(f->code)->name,
        "reason", hf_fail_row_of(hf_fail_reason_of(f))->reason, "blame", hf_blame_name(words.blame),
        "sentence", words.sentence, "source", hf_json_text_or_null(words.source), "hint",
        hf_json_text_or_null(words.hint), "step", hf_json_text(f->step), "message",
        hf_json_text(f->message), "field", hf_json_text_or_null(f->field), "offset",
        (json_int_t)f->offset, "text", hf_json_text(hf_fail_text(f, text, sizeof text)));
}

static json_t *details_of(const hf_failure *f)
{
    const char *direction = direction_of(f);

    return json_pack("{s:o s:o s:o s:o s:o s:s}", "rule", hf_json_text_or_null(f->rule), "expected",
                     hf_json_text_or_null(f->expected), "offered", hf_json_text_or_null(f->offered),
                     "alert", hf_json_text(direction ? hf_alert_name(f->alert) : NULL),
                     "alert_direction", hf_json_text(direction), "side",
                     f->side == HF_SERVER ? "server" : "client");
}

static json_t *failure_json(const hf_failure *f)
{
    json_t *record = record_of(f), *details = details_of(f);

    if (record && details)
        json_object_update(record, details);
    json_decref(details);
    return record;
}

static json_t *message_of(const hf_front *front, const hf_failure *f, const char *sni, bool traced)
{
    char client[HF_ADDRESS_TEXT], id[32];

    snprintf(id, sizeof id, "%u.%u", front->house->slot, front->id);
    return json_pack("{s:I s:o s:o s:i s:s s:o s:b s:o s:o}", "ts", (json_int_t)hf_clock_wall(),
                     "site", hf_json_text(front->site ? front->site->label : NULL), "client",
                     hf_json_text(hf_peer_text(&front->client, client)), "client_port",
                     (int)front->client.port, "connection", id, "sni", hf_json_text_or_null(sni),
                     "traced", traced, "why", hf_json_text_or_null(why_of(front, f)), "failure",
                     failure_json(f));
}

static void send_failure(hf_front *front, const hf_failure *f, const char *sni)
{
    if (hf_tell_parent_may(front->house, HF_MESSAGE_FAILURE))
        hf_tell_parent(front->house, HF_MESSAGE_FAILURE,
                       message_of(front, f, sni, hf_trace_send(front, f)));
}

/* ---- */

/* The engine knows that it was told to end, and the front that it was for the time. */
static void make_late(hf_failure *f)
{
    f->code = HF_E_TIMEOUT;
    f->blame = hf_error_row_of(HF_E_TIMEOUT)->blame;
    snprintf(f->rule, sizeof f->rule, "%s", hf_error_row_of(HF_E_TIMEOUT)->sentence);
}

/* Of a connection that ended without the engine's having noticed. */
static void make_closed(hf_failure *f, const hf_front *front)
{
    memset(f, 0, sizeof *f);
    f->code = HF_E_CLOSED_IN_HANDSHAKE;
    f->blame = HF_BLAME_PEER;
    f->side = HF_SERVER;
    f->step = front->hello_at ? "handshake" : "ClientHello";
    f->offset = -1;
    f->alert = HF_ALERT_none;
}

/* What the engine says, and what it cannot know. */
static void failure_of(const hf_front *front, hf_failure *own)
{
    const hf_failure *f = front->stream.conn ? hf_conn_failure(front->stream.conn) : NULL;

    if (!f) {
        make_closed(own, front);
        return;
    }
    *own = *f;
    if (front->is_late && own->code == HF_E_ABORTED)
        make_late(own);
    if (front->site && front->site->unavailable && own->alert_direction == HF_ALERT_RECEIVED)
        own->blame = HF_BLAME_CONFIG; /* it was right to refuse what stands in for the site's own */
    hf_fail_name_codes(own);
}

/* A hello that was refused before its name picked a site: the one that it was for. */
static void find_site(hf_front *front, const char *sni)
{
    if (!front->site && front->hello_at == 0 && sni)
        front->site = hf_generation_site_named(front->generation,
                                               (hf_span){ (const uint8_t *)sni, strlen(sni) });
}

/* What the proxy itself broke off is told with its reason by the line of the request or relay. */
static bool is_told_elsewhere(const hf_failure *f)
{
    return f->code == HF_E_TRUNCATED_STREAM || f->code == HF_E_ABORTED;
}

void hf_tell_failed(hf_front *front)
{
    hf_failure f;
    const hf_conn_info *info = front->stream.conn ? hf_conn_info_of(front->stream.conn) : NULL;
    const char *sni = info ? info->server_name : NULL;

    find_site(front, sni);
    failure_of(front, &f);
    if (info && info->connected) { /* no handshake any more: a connection that broke */
        if (!is_told_elsewhere(&f))
            say_line(front, &f, sni, HF_FLOOD_CONNECTION);
        return;
    }
    hf_count_failure(front->house->counters, front->house->slot, hf_tell_site(front), &f);
    say_line(front, &f, sni, HF_FLOOD_HANDSHAKE);
    tell_events(front, &f, hf_fail_reason_of(&f));
    send_failure(front, &f, sni);
    hf_trace_over(front);
}

/* ---- backends ---- */

void hf_tell_backend_failed(hf_house *house, const hf_site *site, const char *backend,
                            hf_conn *conn)
{
    const hf_failure *f = hf_conn_failure(conn);
    char text[TEXT_MAX];
    hf_line line;

    if (!f || hf_conn_info_of(conn)->connected)
        return;
    if (f->code == HF_E_DOWNGRADE)
        hf_tell_event(house, HF_EVENT_OF_downgrade_seen, NULL, "on the way to the backend %s",
                      backend);
    if (!hf_tell_may(house, HF_FLOOD_BACKEND, 0))
        return;
    hf_line_begin(&line, &house->log, HF_SAY_ERROR, hf_flood_name(HF_FLOOD_BACKEND));
    hf_line_text(&line, "site", site->label);
    hf_line_text(&line, "backend", backend);
    hf_line_text(&line, "code", hf_error_row_of(f->code)->name);
    hf_line_text(&line, "blame", hf_blame_name(f->blame));
    say_place(&line, f);
    hf_line_text(&line, "text", hf_failure_text(f, text, sizeof text));
    hf_line_end(&line);
}
