/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Reminders: each number of days once for each certificate or CRL, also over restarts; and errors of files, once until they change. */
#include <stdlib.h>
#include <string.h>

#include "audit/report_json.h"
#include "tool/audit/watch_events.h"

enum { DAY = 24 * 3600, DAYS_LARGEST = 3650, SHORT_LIVED = 3, LONG_AGO = 90 * DAY, TEXT = 512 };

/* ---- when ---- */

bool hf_watch_days_read(const char *text, hf_watch_days *days)
{
    days->n = 0;
    for (;;) {
        char *end;
        long n = strtol(text, &end, 10);
        if (*text < '0' || *text > '9' || n < 1 || n > DAYS_LARGEST || days->n == HF_WATCH_DAYS_MAX)
            return false;
        days->at[days->n++] = (int32_t)n;
        if (*end == '\0')
            return true;
        if (*end != ',')
            return false;
        text = end + 1;
    }
}

/* A number that is more than a third of the whole life says nothing: what lives a week would be told of at once, each week. */
int hf_watch_days_due(const hf_watch_days *days, const hf_watch_end *end, int64_t now)
{
    int64_t life = end->not_after - end->not_before, left = end->not_after - now;
    int due = -1;

    if (left < 0)
        return 0;
    for (size_t i = 0; i < days->n; i++) {
        int64_t span = (int64_t)days->at[i] * DAY;
        if (left <= span && span * SHORT_LIVED <= life + DAY && (due < 0 || days->at[i] < due))
            due = days->at[i];
    }
    return due;
}

/* ---- what was told ---- */

static void remind(hf_watch_scene *s, json_t *reminded, const hf_watch_end *end)
{
    const json_t *before = json_object_get(reminded, end->fingerprint);
    int due = hf_watch_days_due(s->days, end, s->now);
    char text[TEXT], when[HF_WHEN_ROOM];

    if (due < 0 || (before && json_integer_value(json_object_get(before, "days")) <= due))
        return;
    s->failed |= json_object_set_new(reminded, end->fingerprint,
                                     json_pack("{s:i, s:I}", "days", due, "not_after",
                                               (json_int_t)end->not_after)) != 0;
    snprintf(text, sizeof text, "the %s %.300s %s %s", end->kind, end->name,
             due == 0 ? "expired" : "expires", hf_when_words(end->not_after, s->now, when));
    hf_watch_tell(s, "expiry", true,
                  json_pack("{s:s, s:s, s:o, s:i}", "kind", end->kind, "fingerprint",
                            end->fingerprint, "not_after", hf_jw_time(end->not_after, -1), "days",
                            due),
                  text);
}

bool hf_watch_has_end(const hf_watch_end *ends, size_t n, const char *fingerprint)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(ends[i].fingerprint, fingerprint) == 0)
            return true;
    return false;
}

/* What is neither shown any more nor ended lately takes room for nothing. */
static void forget(hf_watch_scene *s, json_t *reminded, const hf_watch_end *ends, size_t n)
{
    const char *fingerprint;
    json_t *one;
    void *next;

    json_object_foreach_safe(
        reminded, next, fingerprint,
        one) if (!hf_watch_has_end(ends, n, fingerprint) &&
                 json_integer_value(json_object_get(one, "not_after")) + LONG_AGO < s->now)
        json_object_del(reminded, fingerprint);
}

static void tell_error(hf_watch_scene *s, json_t *state, const char *error)
{
    const char *before = json_string_value(json_object_get(state, "error"));

    if (error && !(before && strcmp(before, error) == 0))
        hf_watch_tell(s, "error", true, NULL, error);
    s->failed |= json_object_set_new(state, "error", hf_aj_text(error)) != 0;
}

void hf_watch_ends(hf_watch_scene *s, json_t *state, const hf_watch_end *ends, size_t n,
                   const char *error)
{
    json_t *reminded = json_object_get(state, "reminded");

    tell_error(s, state, error);
    for (size_t i = 0; i < n; i++)
        remind(s, reminded, &ends[i]);
    forget(s, reminded, ends, n);
}
