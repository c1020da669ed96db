/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What keeps a flood of connections from being a flood of lines: a pace for each reason, and a line that says how many were left out. */
#include "tool/proxy/telling_parts.h"

/* A process has one log, so that one pace a reason is enough. */
static hf_pace events[HF_EVENT_OF_COUNT], handshakes[HF_FAIL_COUNT], connections[HF_FAIL_COUNT],
    backends[1];

static const struct {
    const char *name;
    hf_pace *paces;
    unsigned n;
    hf_severity severity;
} floods[HF_FLOOD_COUNT] = {
    [HF_FLOOD_EVENT] = { NULL, events, HF_EVENT_OF_COUNT, HF_SAY_WARNING },
    [HF_FLOOD_HANDSHAKE] = { "handshake_failed", handshakes, HF_FAIL_COUNT, HF_SAY_WARNING },
    [HF_FLOOD_CONNECTION] = { "connection_failed", connections, HF_FAIL_COUNT, HF_SAY_WARNING },
    [HF_FLOOD_BACKEND] = { "backend_handshake_failed", backends, 1, HF_SAY_ERROR },
};

const char *hf_flood_name(hf_flood flood)
{
    return floods[flood].name;
}

/* ---- may it? ---- */

bool hf_pace_may(hf_pace *pace, double at_once, double a_second)
{
    uint64_t now = uv_hrtime();
    double back = (double)(now - pace->at) / 1e9 * a_second;

    pace->spent = pace->spent > back ? pace->spent - back : 0;
    pace->at = now;
    if (pace->spent > at_once - 1) {
        pace->left_out++;
        return false;
    }
    pace->spent++;
    return true;
}

static void a_second_later(uv_timer_t *timer)
{
    hf_tell_left_out(timer->data);
}

bool hf_tell_may(hf_house *house, hf_flood flood, unsigned reason)
{
    uv_timer_t *timer = &house->left_out;

    if (hf_pace_may(&floods[flood].paces[reason], HF_EVENT_BURST, HF_EVENT_PACE))
        return true;
    if (timer->data && !uv_is_active((uv_handle_t *)timer))
        uv_timer_start(timer, a_second_later, HF_LEFT_OUT_MS, 0);
    return false;
}

/* ---- how many were left out ---- */

static void begin(hf_line *line, hf_log *log, hf_flood flood, unsigned reason)
{
    if (flood == HF_FLOOD_EVENT) {
        const hf_event_row *row = hf_event_row_of((hf_event_kind)reason);
        hf_line_begin(line, log, row->severity, row->name);
        hf_line_flag(line, "security", true);
        return;
    }
    hf_line_begin(line, log, floods[flood].severity, floods[flood].name);
    if (flood != HF_FLOOD_BACKEND)
        hf_line_text(line, "reason", hf_fail_row_of((hf_fail_reason)reason)->reason);
}

static void say(hf_house *house, hf_flood flood, unsigned reason)
{
    hf_pace *pace = &floods[flood].paces[reason];
    hf_line line;

    if (pace->left_out == 0)
        return;
    begin(&line, &house->log, flood, reason);
    hf_line_number(&line, "suppressed", pace->left_out);
    hf_line_text(&line, "message", "as many more lines like these were not written");
    hf_line_end(&line);
    pace->left_out = 0;
}

void hf_tell_left_out(hf_house *house)
{
    for (unsigned flood = 0; flood < HF_FLOOD_COUNT; flood++)
        for (unsigned reason = 0; reason < floods[flood].n; reason++)
            say(house, (hf_flood)flood, reason);
    hf_tell_lost(&house->log, house->counters, house->slot);
}
