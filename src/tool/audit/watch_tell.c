/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What happened, as people and scripts want it: a line each. */
#include "tool/audit/watch_tell.h"

#include "tool/json_text.h"
#include "tool/say.h"

static const char *member(const json_t *event, const char *name)
{
    const char *text = json_string_value(json_object_get(event, name));

    return text ? text : "";
}

static void print(const hf_watch_options *o, const json_t *event)
{
    if (o->json)
        hf_json_print(json_incref((json_t *)(uintptr_t)event), false);
    else
        hf_out("%s: %s: %s\n", member(event, "target"), member(event, "event"),
               member(event, "text"));
}

/* That somebody cannot be reached has an exit code of its own. */
static bool is_worse(const json_t *event)
{
    return json_is_true(json_object_get(event, "worse")) &&
           !json_is_false(json_object_get(json_object_get(event, "details"), "reached"));
}

bool hf_watch_say(const hf_watch_options *o, const json_t *events)
{
    bool worse = false;

    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *event = json_array_get(events, i);
        worse |= is_worse(event);
        print(o, event);
    }
    hf_out_flush();
    return worse;
}

/* ---- what waits ---- */

static bool is_event(const json_t *one)
{
    return json_is_string(json_object_get(one, "event")) &&
           json_is_string(json_object_get(one, "target"));
}

/* A new array, so that nothing is half added; nothing of the state's file is trusted. */
bool hf_watch_pending_add(json_t *state, const json_t *events, const char *what)
{
    const json_t *before = json_object_get(state, "pending");
    json_t *all = json_array();
    size_t lost = 0;
    bool good = all != NULL;

    for (size_t i = 0; good && i < json_array_size(before); i++)
        if (is_event(json_array_get(before, i)))
            good = json_array_append(all, json_array_get(before, i)) == 0;
    for (size_t i = 0; good && i < json_array_size(events); i++)
        good = json_array_append(all, json_array_get(events, i)) == 0;
    for (; json_array_size(all) > HF_WATCH_PENDING_MAX; lost++)
        json_array_remove(all, 0);
    if (!good) {
        json_decref(all);
        return false;
    }
    if (lost > 0)
        hf_warn("%s: more than %d events wait for --command: the oldest %zu are given up", what,
                HF_WATCH_PENDING_MAX, lost);
    return json_object_set_new(state, "pending", all) == 0;
}
