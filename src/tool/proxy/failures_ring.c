/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A ring of failures, and the folder of their traces. */
#include "tool/proxy/failures_ring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/json_text.h"
#include "tool/proxy/channel.h"
#include "tool/proxy/counters.h"
#include "tool/trace_folder.h"

struct hf_failures_ring {
    json_t *failures[HF_RING_MAX];
    size_t n, next;
    uint64_t total;
    char folder[HF_TRACE_PATH_MAX]; /* "": no traces */
    char *traced[HF_SLOTS_MAX];     /* by worker: the trace whose failure is to come */
    unsigned number;                /* of the next trace */
};

hf_failures_ring *hf_failures_ring_new(void)
{
    hf_failures_ring *ring = calloc(1, sizeof *ring);

    if (ring)
        ring->number = 1;
    return ring;
}

void hf_failures_ring_free(hf_failures_ring *ring)
{
    if (!ring)
        return;
    for (size_t i = 0; i < HF_RING_MAX; i++)
        json_decref(ring->failures[i]);
    for (size_t i = 0; i < HF_SLOTS_MAX; i++)
        free(ring->traced[i]);
    free(ring);
}

bool hf_failures_ring_state(hf_failures_ring *ring, const char *state)
{
    char folder[HF_TRACE_PATH_MAX];

    ring->folder[0] = '\0';
    if (!state)
        return true;
    int n = snprintf(folder, sizeof folder, "%s/failures", state);
    if (n < 0 || (size_t)n >= sizeof folder || !hf_trace_folder_make(folder))
        return false;
    char *whole = realpath(folder, NULL); /* who asks for the status may stand elsewhere */
    bool good = whole && strlen(whole) < sizeof ring->folder;
    if (good)
        memcpy(ring->folder, whole, strlen(whole) + 1);
    free(whole);
    return good;
}

/* ---- what comes ---- */

/* An object with `failure` in it, no deeper than ours are. */
static json_t *read_failure(hf_span bytes)
{
    json_t *object =
        bytes.len <= HF_RING_BYTES_MAX
            ? json_loadb((const char *)bytes.data, bytes.len, JSON_REJECT_DUPLICATES, NULL)
            : NULL;

    if (json_is_object(object) && json_is_object(json_object_get(object, "failure")) &&
        json_is_string(json_object_get(json_object_get(object, "failure"), "code")) &&
        json_is_integer(json_object_get(object, "ts")))
        return object;
    json_decref(object);
    return NULL;
}

/* When it was in people's form, and its trace. */
static bool complete(json_t *object, const char *trace)
{
    int64_t when = json_integer_value(json_object_get(object, "ts"));

    json_object_del(object, "traced");
    return json_object_set_new(object, "ts", hf_json_time(when)) == 0 &&
           json_object_set_new(object, "trace", hf_json_text_or_null(trace)) == 0;
}

static void put(hf_failures_ring *ring, json_t *object)
{
    json_decref(ring->failures[ring->next]);
    ring->failures[ring->next] = object;
    ring->next = (ring->next + 1) % HF_RING_MAX;
    ring->n += ring->n < HF_RING_MAX;
    ring->total++;
}

bool hf_failures_ring_add(hf_failures_ring *ring, unsigned worker, hf_span json)
{
    json_t *object = read_failure(json);
    char **traced = worker < HF_SLOTS_MAX ? &ring->traced[worker] : NULL;

    if (!object || !traced) {
        json_decref(object);
        return false;
    }
    bool with = json_is_true(json_object_get(object, "traced"));
    if (complete(object, with ? *traced : NULL))
        put(ring, object);
    else
        json_decref(object);
    free(*traced);
    *traced = NULL;
    return true;
}

bool hf_failures_ring_trace(hf_failures_ring *ring, unsigned worker, hf_span json)
{
    char path[HF_TRACE_PATH_MAX];

    if (worker >= HF_SLOTS_MAX || json.len == 0 || json.len > HF_MESSAGE_UP_MAX ||
        json.data[0] != '{')
        return false;
    free(ring->traced[worker]);
    ring->traced[worker] = NULL;
    if (ring->folder[0] && hf_trace_folder_keep_json(ring->folder, HF_FOLDER_NAMED, HF_RING_MAX,
                                                     ring->number, json, path)) {
        ring->traced[worker] = strdup(path);
        ring->number++;
    }
    return true;
}

/* ---- what is asked for ---- */

json_t *hf_failures_ring_json(const hf_failures_ring *ring)
{
    json_t *array = json_array();

    for (size_t i = 1; array && i <= ring->n; i++) {
        json_t *one = ring->failures[(ring->next + HF_RING_MAX - i) % HF_RING_MAX];
        if (json_array_append_new(array, json_deep_copy(one)) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}
