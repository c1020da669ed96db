/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * How the proxy is doing, as the parent knows it: one struct that the parent keeps up to date, and what is made of it: the JSON object of
 * `proxy status --json`, the same in words, and the page of /metrics.
 */
#ifndef HF_TOOL_PROXY_STATUS_H
#define HF_TOOL_PROXY_STATUS_H

#include <jansson.h>

#include "tool/proxy/counters.h"
#include "tool/proxy/failures_ring.h"
#include "tool/proxy/load.h"
#include "tool/text.h"

enum { HF_STATUS_WHY = 1024, HF_STATUS_TEXT_MAX = 64 << 20 };

typedef enum hf_worker_state {
    HF_WORKER_STARTING,
    HF_WORKER_SERVING,
    HF_WORKER_DRAINING,
    HF_WORKER_DOWN
} hf_worker_state;

typedef struct hf_worker_status {
    long pid; /* 0: none at the moment */
    hf_worker_state state;
    uint64_t restarts; /* since the proxy began */
    uint64_t hangs;    /* of these, because it answered nothing any more */
    int64_t since;     /* this one's start, or that of its draining; seconds since 1970 */
} hf_worker_status;

/* Nothing in it is owned; all zero is a good start. Times are seconds since 1970, 0: never. */
typedef struct hf_status {
    const hf_loaded *loaded; /* what counts now; NULL: nothing yet */
    const hf_counters *counters;
    const hf_failures_ring *failures;
    const json_t *backend_errors; /* backend_errors.h */
    const hf_worker_status *workers;
    size_t n_workers;
    long pid;
    int64_t started;
    bool stopping;
    struct {
        uint64_t good, refused; /* the start is neither */
        int64_t at;             /* the last one, good or not */
        int64_t good_at;        /* what counts now was taken then: the start's at first */
        bool last_good;
        char why[HF_STATUS_WHY]; /* if not: in words, with the file's place */
    } reloads;
    uint64_t reminders; /* that were sent */
    uint64_t reminder_commands_failed;
    uint64_t log_lost; /* of the parent's own log */
} hf_status;

/* NULL: no memory. The caller owns it. */
json_t *hf_status_json(const hf_status *status);
/* In words, for people, from that object (which came over the control socket: what is not as it should be is left out). */
bool hf_status_words(const json_t *status, hf_text *out);
/* The page of /metrics (Prometheus's text format 0.0.4). False: no memory, or too long. */
bool hf_metrics_text(const hf_status *status, hf_text *out);
/* "ok\n", or why not: a worker must serve. Returns the HTTP status: 200 or 503. */
unsigned hf_health_text(const hf_status *status, hf_text *out);

#endif
