/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Security events: a line each, as long as they do not come in floods, and a counter that misses none. */
#include "tool/proxy/telling.h"

#include <stdarg.h>
#include <stdio.h>

#include "tool/proxy/telling_parts.h"

enum { WORDS_MAX = 1024 };

static const hf_event_row rows[] = {
#define HF_SECURITY_EVENT(name, severity, help) { #name, help, HF_SAY_##severity },
#include "tool/proxy/events.def"
#undef HF_SECURITY_EVENT
};

const hf_event_row *hf_event_row_of(hf_event_kind kind)
{
    return kind < HF_EVENT_OF_COUNT ? &rows[kind] : NULL;
}

typedef struct told {
    hf_house *house;
    const char *site;
    const hf_front *front;
    const hf_peer_at *client;
} told;

static void say(const told *t, hf_event_kind kind, const char *words)
{
    hf_house *house = t->house;
    hf_line line;

    hf_count_event(house->counters, house->slot, kind);
    if (!hf_tell_may(house, HF_FLOOD_EVENT, kind))
        return;
    hf_line_begin(&line, &house->log, rows[kind].severity, rows[kind].name);
    hf_line_flag(&line, "security", true);
    hf_line_text(&line, "site", t->site);
    if (t->client)
        hf_tell_client(&line, t->client);
    if (t->front)
        hf_line_print(&line, "connection", "%u.%u", house->slot, t->front->id);
    hf_line_text(&line, "message", words);
    hf_line_end(&line);
    hf_tell_lost(&house->log, house->counters, house->slot);
}

void hf_tell_event(hf_house *house, hf_event_kind kind, const hf_front *front, const char *format,
                   ...)
{
    told t = { house, NULL, front, NULL };
    char words[WORDS_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    if (front) {
        t.site = front->site ? front->site->label : NULL;
        t.client = &front->client;
    }
    say(&t, kind, words);
}

void hf_tell_refused(hf_house *house, const hf_peer_at *client, hf_event_kind kind, const char *why)
{
    told t = { house, NULL, NULL, client };

    if (kind != HF_EVENT_OF_limit_hit) /* hf_counters_admit has counted those */
        hf_count(house->counters, house->slot, HF_SITE_NONE, HF_METRIC_refused_other, 1);
    if (kind == HF_EVENT_OF_proxy_header_refused)
        hf_tell_header_refused(house, client, why);
    say(&t, kind, why);
}
