/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The page of /metrics: what parent and workers counted, in Prometheus's text format 0.0.4, one family after the other. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <handfast/handfast.h>
#include "tool/proxy/metrics_text.h"
#include "tool/proxy/telling.h"

/* ---- one line ---- */

bool hf_metric_label(hf_text *out, const char *value)
{
    for (; *value; value++) {
        const char *safe = *value == '\\'   ? "\\\\"
                           : *value == '"'  ? "\\\""
                           : *value == '\n' ? "\\n"
                                            : NULL;

        if (safe ? !hf_text_say(out, safe) : !hf_text_add(out, value, 1))
            return false;
    }
    return true;
}

void hf_metric_family(hf_text *out, const char *family, const char *kind, const char *help)
{
    hf_text_print(out, "# HELP %s %s\n# TYPE %s %s\n", family, help, family, kind);
}

/* "handfast_x{site="a.test",": the caller goes on with labels, and hf_metric_value. */
static void begin_of_site(hf_text *out, const char *family, const char *site)
{
    hf_text_print(out, "%s{site=\"", family);
    hf_metric_label(out, site);
    hf_text_say(out, "\"");
}

static void value(hf_text *out, uint64_t n)
{
    hf_text_print(out, "} %" PRIu64 "\n", n);
}

static void plain(hf_text *out, const char *family, const char *kind, const char *help, uint64_t n)
{
    hf_metric_family(out, family, kind, help);
    hf_text_print(out, "%s %" PRIu64 "\n", family, n);
}

/* ---- sites, by their labels: those that share a name are one series ---- */

static bool is_same_slot(const hf_metric_sites *sites, size_t a, size_t b)
{
    return sites->at[a].slot == sites->at[b].slot;
}

/* Two with one slot count there together. */
static bool slot_came_before(const hf_metric_sites *sites, size_t first, size_t i)
{
    for (size_t j = first; j != i; j = sites->at[j].next) {
        if (is_same_slot(sites, j, i))
            return true;
        if (sites->at[j].next == 0)
            break;
    }
    return false;
}

/* Behind the last of its label. */
static void chain(hf_metric_sites *sites, size_t i)
{
    size_t *next = &sites->at[sites->at[i].first].last;

    if (sites->at[i].first != i)
        sites->at[*next].next = i;
    *next = i;
}

bool hf_metric_sites_of(const hf_loaded *loaded, hf_metric_sites *sites)
{
    size_t n = loaded ? loaded->config->n_sites : 0;

    sites->n = n + 1;
    sites->at = calloc(n + 1, sizeof *sites->at);
    if (!sites->at)
        return false;
    for (size_t i = 0; i <= n; i++) {
        hf_metric_site *site = &sites->at[i];
        site->label = i < n ? loaded->sites[i].label : "-";
        site->slot = i < n ? loaded->sites[i].slot : (uint32_t)HF_SITE_NONE;
        for (site->first = 0; strcmp(sites->at[site->first].label, site->label) != 0;)
            site->first++;
        site->counts = !slot_came_before(sites, site->first, i);
        chain(sites, i);
    }
    return true;
}

typedef uint64_t sum_of(const hf_counters *counters, uint32_t slot, int which);

static uint64_t sum_metric(const hf_counters *counters, uint32_t slot, int which)
{
    return hf_counter_sum(counters, slot, (hf_metric)which);
}

static uint64_t sum_failures(const hf_counters *counters, uint32_t slot, int which)
{
    return hf_counter_failures(counters, slot, (hf_fail_reason)which);
}

static uint64_t sum_label(const hf_counters *counters, const hf_metric_sites *sites, size_t first,
                          sum_of *sum, int which)
{
    uint64_t n = 0;

    for (size_t i = first;; i = sites->at[i].next) {
        if (sites->at[i].counts)
            n += sum(counters, sites->at[i].slot, which);
        if (sites->at[i].next == 0)
            return n;
    }
}

/* ---- metrics.def ---- */

static void say_failures(const hf_status *status, const hf_metric_sites *sites, hf_text *out)
{
    static const char family[] = "handfast_handshake_failures_total";

    hf_metric_family(out, family, "counter",
                     "Handshakes with clients that failed: whose fault it was, why, and the alert "
                     "that told it.");
    for (size_t i = 0; i < sites->n; i++) {
        if (sites->at[i].first != i)
            continue;
        for (int r = 0; r < HF_FAIL_COUNT; r++) {
            const hf_fail_row *row = hf_fail_row_of((hf_fail_reason)r);
            begin_of_site(out, family, sites->at[i].label);
            hf_text_print(out, ",side=\"%s\",reason=\"%s\",alert=\"%s\"", row->side, row->reason,
                          row->alert);
            value(out, sum_label(status->counters, sites, i, sum_failures, r));
        }
    }
}

static void say_of_sites(const hf_status *status, const hf_metric_sites *sites, hf_metric metric,
                         const char *family, hf_text *out)
{
    const char *labels = hf_metric_row_of(metric)->labels;

    for (size_t i = 0; i < sites->n; i++) {
        if (sites->at[i].first != i)
            continue;
        begin_of_site(out, family, sites->at[i].label);
        hf_text_print(out, "%s%s", *labels ? "," : "", labels);
        value(out, sum_label(status->counters, sites, i, sum_metric, (int)metric));
    }
}

static void say_metrics(const hf_status *status, const hf_metric_sites *sites, hf_text *out)
{
    const char *before = "";

    for (int m = 0; m < HF_METRIC_COUNT; m++) {
        const hf_metric_row *row = hf_metric_row_of((hf_metric)m);
        char family[96];
        snprintf(family, sizeof family, "handfast_%s", row->family);
        if (strcmp(before, row->family) != 0)
            hf_metric_family(out, family, row->kind, row->help);
        before = row->family;
        if (row->of_site) {
            say_of_sites(status, sites, (hf_metric)m, family, out);
            continue;
        }
        uint64_t n = hf_counter_sum(status->counters, HF_SITE_NONE, (hf_metric)m) +
                     (m == HF_METRIC_log_lines_lost ? status->log_lost : 0);
        hf_text_print(out, "%s%s%s%s %" PRIu64 "\n", family, *row->labels ? "{" : "", row->labels,
                      *row->labels ? "}" : "", n);
    }
}

/* ---- durations ---- */

static void add_durations(hf_durations *sum, const hf_counters *counters, uint32_t slot)
{
    hf_durations one = hf_counter_durations(counters, slot);

    for (size_t b = 0; b <= HF_DURATION_BUCKETS; b++)
        sum->in[b] += one.in[b];
    sum->seconds += one.seconds;
}

static hf_durations durations_of(const hf_counters *counters, const hf_metric_sites *sites,
                                 size_t first)
{
    hf_durations sum;

    memset(&sum, 0, sizeof sum);
    for (size_t i = first;; i = sites->at[i].next) {
        if (sites->at[i].counts)
            add_durations(&sum, counters, sites->at[i].slot);
        if (sites->at[i].next == 0)
            return sum;
    }
}

static void say_durations_of(hf_text *out, const char *label, const hf_durations *sum)
{
    static const char family[] = "handfast_handshake_duration_seconds";
    uint64_t n = 0;

    for (size_t b = 0; b <= HF_DURATION_BUCKETS; b++) {
        n += sum->in[b];
        begin_of_site(out, "handfast_handshake_duration_seconds_bucket", label);
        if (b < HF_DURATION_BUCKETS)
            hf_text_print(out, ",le=\"%g\"", hf_duration_bounds[b]);
        else
            hf_text_say(out, ",le=\"+Inf\"");
        value(out, n);
    }
    hf_text_print(out, "%s_sum{site=\"", family);
    hf_metric_label(out, label);
    hf_text_print(out, "\"} %.6f\n%s_count{site=\"", sum->seconds, family);
    hf_metric_label(out, label);
    hf_text_say(out, "\"");
    value(out, n);
}

static void say_durations(const hf_status *status, const hf_metric_sites *sites, hf_text *out)
{
    hf_metric_family(out, "handfast_handshake_duration_seconds", "histogram",
                     "From the whole ClientHello to the end of a handshake that was completed.");
    for (size_t i = 0; i < sites->n; i++) {
        if (sites->at[i].first != i)
            continue;
        hf_durations sum = durations_of(status->counters, sites, i);
        say_durations_of(out, sites->at[i].label, &sum);
    }
}

/* ---- the parent's ---- */

static void say_health(const hf_status *status, const hf_metric_sites *sites, hf_text *out)
{
    hf_metric_family(
        out, "handfast_site_available", "gauge",
        "1 if the site is served, 0 if its clients get a 503 for want of a certificate.");
    for (size_t i = 0; i + 1 < sites->n; i++)
        if (sites->at[i].first == i) {
            begin_of_site(out, "handfast_site_available", sites->at[i].label);
            value(out, hf_metric_health(status->loaded, sites, i) != HF_HEALTH_UNAVAILABLE);
        }
    hf_metric_family(out, "handfast_site_health", "gauge", "1 for the health that the site is in.");
    for (size_t i = 0; i + 1 < sites->n; i++)
        for (int h = 0; sites->at[i].first == i && h <= HF_HEALTH_UNAVAILABLE; h++) {
            begin_of_site(out, "handfast_site_health", sites->at[i].label);
            hf_text_print(out, ",health=\"%s\"", hf_health_name((hf_health)h));
            value(out, hf_metric_health(status->loaded, sites, i) == (hf_health)h);
        }
}

/* Any of those that share the label. */
static bool is_backless(const hf_loaded *loaded, const hf_metric_sites *sites, size_t i)
{
    for (size_t j = sites->at[i].first;; j = sites->at[j].next) {
        if (loaded->sites[j].backless[0])
            return true;
        if (sites->at[j].next == 0)
            return false;
    }
}

static void say_backless(const hf_status *status, const hf_metric_sites *sites, hf_text *out)
{
    hf_metric_family(out, "handfast_site_without_backend", "gauge",
                     "1 if none of the site's backends could be asked when it was last loaded, so "
                     "that its clients are not served.");
    for (size_t i = 0; i + 1 < sites->n; i++)
        if (sites->at[i].first == i) {
            begin_of_site(out, "handfast_site_without_backend", sites->at[i].label);
            value(out, is_backless(status->loaded, sites, i));
        }
}

/* Of those that share the label of the i-th: the worst. */
static const hf_loaded_site *worst_of(const hf_loaded *loaded, const hf_metric_sites *sites,
                                      size_t i)
{
    hf_health health = hf_metric_health(loaded, sites, i);
    size_t j = i;

    while (loaded->sites[j].health != health)
        j = sites->at[j].next;
    return &loaded->sites[j];
}

static void say_problems(const hf_status *status, const hf_metric_sites *sites, hf_text *out)
{
    hf_metric_family(out, "handfast_site_problem", "gauge",
                     "1, with the file and the reason, for each site that is not in good health.");
    for (size_t i = 0; i + 1 < sites->n; i++) {
        if (sites->at[i].first != i)
            continue;
        const hf_loaded_site *site = worst_of(status->loaded, sites, i);
        if (site->health == HF_HEALTH_GOOD)
            continue;
        begin_of_site(out, "handfast_site_problem", sites->at[i].label);
        hf_text_print(out, ",health=\"%s\",why=\"", hf_health_name(site->health));
        hf_metric_label(out, site->why);
        hf_text_say(out, "\"");
        value(out, 1);
    }
}

static void say_events(const hf_status *status, hf_text *out)
{
    hf_metric_family(out, "handfast_security_events_total", "counter",
                     "Security events, by their names.");
    for (unsigned e = 0; e < HF_EVENT_OF_COUNT; e++)
        hf_text_print(out, "handfast_security_events_total{event=\"%s\"} %" PRIu64 "\n",
                      hf_event_row_of((hf_event_kind)e)->name,
                      hf_counter_events(status->counters, e));
}

static void say_workers(const hf_status *status, hf_text *out)
{
    uint64_t serving = 0, restarts = 0, hangs = 0;

    for (size_t i = 0; i < status->n_workers; i++) {
        serving += status->workers[i].state == HF_WORKER_SERVING;
        restarts += status->workers[i].restarts;
        hangs += status->workers[i].hangs;
    }
    plain(out, "handfast_workers", "gauge", "Worker processes that serve.", serving);
    plain(out, "handfast_worker_restarts_total", "counter",
          "Workers that were started in place of one that had died.", restarts);
    plain(out, "handfast_worker_hangs_total", "counter",
          "Workers that were ended because they answered nothing any more.", hangs);
}

static void say_reloads(const hf_status *status, hf_text *out)
{
    static const char family[] = "handfast_reloads_total";

    hf_metric_family(out, family, "counter", "Reloads, by what came of them.");
    hf_text_print(out, "%s{result=\"success\"} %" PRIu64 "\n%s{result=\"refused\"} %" PRIu64 "\n",
                  family, status->reloads.good, family, status->reloads.refused);
    plain(out, "handfast_last_reload_successful", "gauge",
          "1 unless the last reload was refused; then the configuration from before serves.",
          status->reloads.last_good || status->reloads.at == 0);
    plain(out, "handfast_last_reload_success_timestamp_seconds", "gauge",
          "When the configuration that serves was taken.", (uint64_t)status->reloads.good_at);
}

static void say_parent(const hf_status *status, hf_text *out)
{
    hf_metric_family(out, "handfast_build_info", "gauge", "1, with the version.");
    hf_text_print(out, "handfast_build_info{version=\"%s\"} 1\n", hf_version());
    plain(out, "process_start_time_seconds", "gauge",
          "Start time of the process since unix epoch in seconds.", (uint64_t)status->started);
    plain(out, "handfast_open_connections", "gauge", "Connections of clients at the moment.",
          hf_counter_held(status->counters));
    say_workers(status, out);
    say_reloads(status, out);
    plain(out, "handfast_reminders_total", "counter",
          "Reminders of certificates, CAs, CRLs and staples that will expire.", status->reminders);
    plain(out, "handfast_reminder_commands_failed_total", "counter",
          "Commands of reminders that failed, took too long or could not be started.",
          status->reminder_commands_failed);
    say_events(status, out);
}

bool hf_metrics_text(const hf_status *status, hf_text *out)
{
    hf_metric_sites sites;

    if (!hf_metric_sites_of(status->loaded, &sites))
        return false;
    say_parent(status, out);
    say_failures(status, &sites, out);
    say_durations(status, &sites, out);
    say_metrics(status, &sites, out);
    if (status->loaded) {
        say_health(status, &sites, out);
        say_backless(status, &sites, out);
        say_problems(status, &sites, out);
    }
    bool good = !status->loaded || hf_metric_expiries(status->loaded, &sites, out);
    free(sites.at);
    return good && !out->full;
}
