/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `proxy status` as one JSON object. */
#include "tool/proxy/status.h"

#include <stdlib.h>
#include <string.h>

#include <handfast/handfast.h>
#include "base/clock.h"
#include "tool/json_text.h"
#include "tool/proxy/backend_errors.h"
#include "tool/proxy/metrics_text.h"
#include "tool/proxy/telling.h"

/* ---- workers ---- */

static const char *state_name(hf_worker_state state)
{
    static const char *const names[] = { "starting", "serving", "draining", "down" };

    return state <= HF_WORKER_DOWN ? names[state] : "down";
}

static json_t *workers_of(const hf_status *status)
{
    json_t *array = json_array();

    for (size_t i = 0; i < status->n_workers; i++) {
        const hf_worker_status *w = &status->workers[i];
        json_array_append_new(
            array, json_pack("{s:i s:I s:s s:I s:I s:o}", "slot", (int)i, "pid", (json_int_t)w->pid,
                             "state", state_name(w->state), "restarts", (json_int_t)w->restarts,
                             "hangs", (json_int_t)w->hangs, "since", hf_json_time(w->since)));
    }
    return array;
}

/* ---- sites ---- */

static json_t *texts_of(const hf_config_list *list)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->n; i++)
        json_array_append_new(array, hf_json_text(list->at[i].text));
    return array;
}

static json_t *certificates_of(const hf_loaded *loaded, const hf_expiry **sorted,
                               const hf_config_site *site)
{
    json_t *array = json_array();

    for (size_t c = 0; c < site->n_certificates; c++) {
        const char *file = site->certificates[c].chain.text;
        const hf_expiry *end = hf_expiry_of(loaded, sorted, HF_EXPIRES_CERTIFICATE, file);
        json_array_append_new(array,
                              json_pack("{s:o s:o s:o s:o}", "file", hf_json_text(file), "name",
                                        hf_json_text(end ? end->name : NULL), "not_before",
                                        hf_json_time(end ? end->not_before : 0), "not_after",
                                        hf_json_time(end ? end->not_after : 0)));
    }
    return array;
}

/* With the last failure of each. */
static json_t *backends_of(const hf_status *status, const hf_loaded_site *site)
{
    json_t *array = json_array();

    for (size_t i = 0; i < site->row->n_backends; i++) {
        const char *address = site->row->backends[i].address.text;
        const json_t *error = hf_backend_errors_of(status->backend_errors, site->label, address);
        json_array_append_new(
            array,
            json_pack("{s:o s:o s:o}", "address", hf_json_text(address), "last_failure",
                      hf_json_time(json_integer_value(json_object_get(error, "at"))), "why",
                      hf_json_text_or_null(json_string_value(json_object_get(error, "why")))));
    }
    return array;
}

static json_int_t sum_metrics(const hf_status *status, uint32_t slot, hf_metric from, hf_metric to)
{
    uint64_t n = 0;

    for (int m = (int)from; m <= (int)to; m++)
        n += hf_counter_sum(status->counters, slot, (hf_metric)m);
    return (json_int_t)n;
}

static json_int_t sum_failures(const hf_status *status, uint32_t slot)
{
    uint64_t n = 0;

    for (int r = 0; r < HF_FAIL_COUNT; r++)
        n += hf_counter_failures(status->counters, slot, (hf_fail_reason)r);
    return (json_int_t)n;
}

static json_t *site_of(const hf_status *status, const hf_expiry **sorted, size_t i)
{
    const hf_loaded_site *site = &status->loaded->sites[i];
    const hf_config_site *row = &status->loaded->config->sites[i];
    bool good = site->health == HF_HEALTH_GOOD;

    return json_pack(
        "{s:o s:o s:s s:s s:o s:o s:o s:o s:o s:I s:I s:I s:I s:I}", "site",
        hf_json_text(site->label), "names", texts_of(&row->names), "mode",
        row->mode == HF_SITE_HTTP ? "http" : "tcp", "health", hf_health_name(site->health), "why",
        hf_json_text_or_null(good ? NULL : site->why), "todo",
        hf_json_text_or_null(good ? NULL : site->todo), "certificates",
        certificates_of(status->loaded, sorted, row), "backends", backends_of(status, site),
        "no_backend", hf_json_text_or_null(site->backless), "handshakes",
        sum_metrics(status, site->slot, HF_METRIC_handshakes_13, HF_METRIC_handshakes_12_resumed),
        "requests", sum_metrics(status, site->slot, HF_METRIC_requests_1xx, HF_METRIC_requests_5xx),
        "relays", sum_metrics(status, site->slot, HF_METRIC_relays_total, HF_METRIC_relays_total),
        "backend_failures",
        sum_metrics(status, site->slot, HF_METRIC_backend_unreachable, HF_METRIC_backend_response),
        "failures", sum_failures(status, site->slot));
}

static json_t *sites_of(const hf_status *status)
{
    const hf_expiry **sorted = hf_expiries_sorted(status->loaded);
    json_t *array = sorted ? json_array() : NULL;

    for (size_t i = 0; array && i < status->loaded->config->n_sites; i++)
        json_array_append_new(array, site_of(status, sorted, i));
    free(sorted);
    return array;
}

/* ---- sums ---- */

static json_t *connections_of(const hf_status *status)
{
    const hf_counters *c = status->counters;

    return json_pack(
        "{s:I s:I s:{s:I s:I s:I}}", "now", (json_int_t)hf_counter_held(c), "accepted",
        (json_int_t)hf_counter_sum(c, HF_SITE_NONE, HF_METRIC_connections_total), "refused",
        "connections", (json_int_t)hf_counter_sum(c, HF_SITE_NONE, HF_METRIC_refused_connections),
        "per_address", (json_int_t)hf_counter_sum(c, HF_SITE_NONE, HF_METRIC_refused_per_address),
        "other", (json_int_t)hf_counter_sum(c, HF_SITE_NONE, HF_METRIC_refused_other));
}

static json_t *row_of(const char *site, const hf_fail_row *row, uint64_t n)
{
    return json_pack("{s:o s:s s:s s:s s:s s:I}", "site", hf_json_text(site), "reason", row->reason,
                     "side", row->side, "alert", row->alert, "help", row->help, "count",
                     (json_int_t)n);
}

/* What is not 0. */
static json_t *failures_of(const hf_status *status)
{
    hf_metric_sites sites;
    json_t *array = hf_metric_sites_of(status->loaded, &sites) ? json_array() : NULL;

    if (!array)
        return NULL;
    for (size_t i = 0; i < sites.n; i++)
        for (int r = 0; sites.at[i].counts && r < HF_FAIL_COUNT; r++) {
            uint64_t n = hf_counter_failures(status->counters, sites.at[i].slot, (hf_fail_reason)r);
            if (n > 0)
                json_array_append_new(
                    array, row_of(sites.at[i].label, hf_fail_row_of((hf_fail_reason)r), n));
        }
    free(sites.at);
    return array;
}

static json_t *events_of(const hf_status *status)
{
    json_t *object = json_object();

    for (unsigned e = 0; e < HF_EVENT_OF_COUNT; e++) {
        uint64_t n = hf_counter_events(status->counters, e);
        if (n > 0)
            json_object_set_new(object, hf_event_row_of((hf_event_kind)e)->name,
                                json_integer((json_int_t)n));
    }
    return object;
}

static json_t *reloads_of(const hf_status *status)
{
    bool none = status->reloads.at == 0, good = status->reloads.last_good;

    return json_pack("{s:I s:I s:o s:o s:o s:o}", "good", (json_int_t)status->reloads.good,
                     "refused", (json_int_t)status->reloads.refused, "taken",
                     hf_json_time(status->reloads.good_at), "last",
                     hf_json_time(status->reloads.at), "result",
                     hf_json_text(none   ? NULL
                                  : good ? "success"
                                         : "refused"),
                     "why", hf_json_text_or_null(none || good ? NULL : status->reloads.why));
}

/* ---- all of it ---- */

static json_t *warnings_of(const hf_loaded *loaded)
{
    json_t *array = json_array();

    for (size_t i = 0; i < loaded->n_warnings; i++)
        json_array_append_new(array, hf_json_text(loaded->warnings[i]));
    return array;
}

/* Once it stops, they are closed. */
static json_t *doors_of(const hf_status *status, const hf_config_list *list)
{
    return status->stopping ? json_array() : texts_of(list);
}

static void add_loaded(json_t *object, const hf_status *status)
{
    const hf_proxy_config *config = status->loaded->config;

    json_object_set_new(object, "config", hf_json_text(config->file));
    json_object_set_new(object, "plan", json_integer((json_int_t)status->loaded->plan.number));
    json_object_set_new(object, "listen", doors_of(status, &config->listen));
    json_object_set_new(object, "redirect", doors_of(status, &config->redirect));
    json_object_set_new(object, "admin", hf_json_text(config->admin.text));
    json_object_set_new(object, "state", hf_json_text(config->state.text));
    json_object_set_new(object, "sites", sites_of(status));
    json_object_set_new(object, "warnings", warnings_of(status->loaded));
}

static int64_t age_of(const hf_status *status)
{
    int64_t now = hf_clock_wall();

    return now > status->started ? now - status->started : 0;
}

json_t *hf_status_json(const hf_status *status)
{
    uint64_t lost = hf_counter_sum(status->counters, HF_SITE_NONE, HF_METRIC_log_lines_lost);
    json_t *object = json_pack(
        "{s:s s:s s:I s:o s:I s:b s:o s:o s:o s:o s:o s:I s:I}", "schema",
        "handfast.proxy-status/1", "version", hf_version(), "pid", (json_int_t)status->pid,
        "started", hf_json_time(status->started), "uptime_seconds", (json_int_t)age_of(status),
        "stopping", status->stopping, "workers", workers_of(status), "reloads", reloads_of(status),
        "connections", connections_of(status), "failures", failures_of(status), "events",
        events_of(status), "reminders", (json_int_t)status->reminders, "log_lines_lost",
        (json_int_t)(lost + status->log_lost));

    if (object && status->loaded)
        add_loaded(object, status);
    return object;
}

unsigned hf_health_text(const hf_status *status, hf_text *out)
{
    bool serves = false;

    for (size_t i = 0; i < status->n_workers; i++)
        serves = serves || status->workers[i].state == HF_WORKER_SERVING;
    if (status->stopping)
        hf_text_say(out, "the proxy is stopping\n");
    else
        hf_text_say(out, serves ? "ok\n" : "no worker serves\n");
    return serves && !status->stopping ? 200 : 503;
}
