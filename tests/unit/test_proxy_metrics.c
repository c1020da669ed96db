/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What is counted where: every error has its row, every row its series from the start, and the page keeps Prometheus's rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <ctype.h>
#include <unistd.h>

#include "tool/proxy/metrics_text.h"
#include "tool/proxy/telling.h"

/* ---- errors and rows ---- */

static const char *const blames[] = { "peer", "us", "network", "config", "policy" };

/* What no handshake with a client ends with: told by other things (files, sessions, captures) without an alert, or later. */
static bool is_elsewhere(const hf_error_row *row)
{
    static const char *const kinds[] = { "CRL_",   "OCSP_",   "SESSION_",
                                         "EARLY_", "CAPTURE", "TRACE_FORMAT" };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(row->name, kinds[i], strlen(kinds[i])) == 0)
            return row->alert == HF_ALERT_none;
    return strcmp(row->name, "MAX_AGE") == 0 || strcmp(row->name, "ALERT_RECEIVED") == 0;
}

static hf_failure failed(hf_error code)
{
    const hf_error_row *row = hf_error_row_of(code);
    hf_failure f = {
        .code = code, .blame = row->blame, .side = HF_SERVER, .step = "ClientHello", .offset = -1
    };

    f.alert = row->alert;
    f.alert_direction = row->alert == HF_ALERT_none ? HF_ALERT_NOT_SENT : HF_ALERT_SENT;
    return f;
}

static void test_every_error_has_its_row(void **state)
{
    (void)state;
    for (int e = 1; e < HF_ERROR_COUNT; e++) {
        const hf_error_row *row = hf_error_row_of((hf_error)e);
        hf_failure f = failed((hf_error)e);
        hf_fail_reason reason = hf_fail_reason_of(&f);
        if (reason >= HF_FAIL_COUNT || (reason == HF_FAIL_other) != is_elsewhere(row))
            fail_msg("%s counts as %s", row->name, hf_fail_row_of(reason)->name);
    }
}

/* The label `alert` is the one that was really sent, and nobody is blamed who is not to blame by the error's own row. */
static void test_alerts_are_those_that_are_sent(void **state)
{
    (void)state;
    for (int e = 1; e < HF_ERROR_COUNT; e++) {
        const hf_error_row *row = hf_error_row_of((hf_error)e);
        hf_failure f = failed((hf_error)e);
        hf_fail_reason reason = hf_fail_reason_of(&f);
        const hf_fail_row *counts = hf_fail_row_of(reason);
        if (row->alert == HF_ALERT_none || reason == HF_FAIL_aborted)
            continue;
        if (row->alert == HF_ALERT_close_notify) { /* the greatest age: never within a handshake */
            assert_int_equal(reason, HF_FAIL_other);
            continue;
        }
        if (strcmp(counts->alert, hf_alert_name(row->alert)) != 0)
            fail_msg("%s: %s is sent, %s is counted", row->name, hf_alert_name(row->alert),
                     counts->alert);
        if (row->blame == HF_BLAME_US || row->blame == HF_BLAME_CONFIG)
            assert_string_equal(counts->side, hf_blame_name(row->blame));
        else
            assert_true(strcmp(counts->side, "us") != 0 && strcmp(counts->side, "config") != 0);
    }
}

static void test_every_alert_of_a_client_has_a_row(void **state)
{
    unsigned refused = 0;

    (void)state;
    for (int alert = 0; alert < 256; alert++) {
        hf_failure f = failed(HF_E_ALERT_RECEIVED);
        f.alert = alert;
        f.alert_direction = HF_ALERT_RECEIVED;
        const hf_fail_row *counts = hf_fail_row_of(hf_fail_reason_of(&f));
        assert_string_equal(counts->reason, "refused_by_client");
        assert_true(strcmp(counts->alert, "other") == 0 ||
                    strcmp(counts->alert, hf_alert_name(alert)) == 0);
        refused += strcmp(counts->alert, "other") == 0;
    }
    assert_int_equal(refused, 252);
}

static void assert_aborted(int alert, hf_fail_reason wanted)
{
    hf_failure f = failed(HF_E_ABORTED);

    f.alert = alert;
    assert_int_equal(hf_fail_reason_of(&f), wanted);
}

/* front.c ends handshakes by an alert: what it means then. */
static void test_what_the_proxy_ends_itself(void **state)
{
    (void)state;
    assert_aborted(HF_ALERT_unrecognized_name, HF_FAIL_name);
    assert_aborted(HF_ALERT_internal_error, HF_FAIL_unavailable);
    assert_aborted(HF_ALERT_user_canceled, HF_FAIL_aborted);
    assert_aborted(HF_ALERT_general_error, HF_FAIL_aborted);
}

static void test_rows_are_distinct_and_known(void **state)
{
    (void)state;
    for (int r = 0; r < HF_FAIL_COUNT; r++) {
        const hf_fail_row *row = hf_fail_row_of((hf_fail_reason)r);
        bool blame = false,
             alert = strcmp(row->alert, "none") == 0 || strcmp(row->alert, "other") == 0;
        for (size_t i = 0; i < sizeof blames / sizeof *blames; i++)
            blame = blame || strcmp(blames[i], row->side) == 0;
        for (int a = 0; a < 256; a++)
            alert = alert || strcmp(hf_alert_name(a), row->alert) == 0;
        assert_true(blame && alert && strlen(row->help) > 8);
        for (int other = 0; other < r; other++) {
            const hf_fail_row *o = hf_fail_row_of((hf_fail_reason)other);
            assert_false(strcmp(row->reason, o->reason) == 0 && strcmp(row->side, o->side) == 0 &&
                         strcmp(row->alert, o->alert) == 0);
        }
    }
}

/* ---- the page ---- */

static const char *const labels[] = { "a.test", "b.test", "a.test", "*.c.test" };

typedef struct world {
    hf_counters *counters;
    hf_proxy_config config;
    hf_config_site rows[4];
    hf_loaded_site sites[4];
    hf_expiry expiries[3];
    hf_worker_status workers[2];
    hf_loaded loaded;
    hf_status status;
    hf_text out;
} world;

static char chain_path[] = "dir \"x\"\\/a.pem";

static void end_at(hf_expiry *e, int what, const char *file, int64_t at)
{
    memcpy(&e->what, &what, sizeof what);
    snprintf(e->file, sizeof e->file, "%s", file);
    e->not_after = at;
}

static world *begin(void)
{
    static char file[] = "/etc/handfast/proxy.yaml", b_path[] = "/b.pem";
    world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    w->counters = hf_counters_new(2);
    assert_non_null(w->counters);
    w->config.file = file;
    w->config.sites = w->rows;
    w->config.n_sites = 4;
    for (uint32_t i = 0; i < 4; i++) {
        w->rows[i].n_certificates = 1;
        w->rows[i].certificates[0].chain.text = i == 1 ? b_path : chain_path;
        w->sites[i] = (hf_loaded_site){ .row = &w->rows[i], .label = labels[i], .slot = i + 10 };
    }
    w->sites[1].health = HF_HEALTH_UNAVAILABLE;
    w->sites[2].health = HF_HEALTH_KEPT;
    strcpy(w->sites[2].why, "/a.key: \"other\"");
    end_at(&w->expiries[0], HF_EXPIRES_CERTIFICATE, chain_path, 2000000000);
    end_at(&w->expiries[1], HF_EXPIRES_CLIENT_CA, "/ca.pem", 2100000000);
    end_at(&w->expiries[2], HF_EXPIRES_CLIENT_CA, "/ca.pem", 2050000000);
    w->loaded = (hf_loaded){
        .config = &w->config, .sites = w->sites, .expiries = w->expiries, .n_expiries = 3
    };
    w->workers[0].state = HF_WORKER_SERVING;
    w->workers[1].restarts = 3;
    w->status = (hf_status){ .loaded = &w->loaded,
                             .counters = w->counters,
                             .workers = w->workers,
                             .n_workers = 2,
                             .started = 1700000000 };
    w->out = hf_text_new(HF_STATUS_TEXT_MAX);
    return w;
}

static void end(world *w)
{
    hf_text_free(&w->out);
    hf_counters_free(w->counters);
    free(w);
}

static const char *page(world *w)
{
    hf_text_clear(&w->out);
    assert_true(hf_metrics_text(&w->status, &w->out));
    return w->out.data;
}

static bool has(const char *page, const char *line)
{
    for (const char *at = page; (at = strstr(at, line)); at++)
        if ((at == page || at[-1] == '\n') && at[strlen(line)] == '\n')
            return true;
    return false;
}

static void assert_has(const char *text, const char *line)
{
    if (!has(text, line))
        fail_msg("no line %s in\n%s", line, text);
}

static void test_all_failures_are_there_at_zero(void **state)
{
    world *w = begin();
    static const char *const sites[] = { "a.test", "b.test", "*.c.test", "-" };
    const char *text = page(w);
    char line[256];

    (void)state;
    for (size_t s = 0; s < 4; s++)
        for (int r = 0; r < HF_FAIL_COUNT; r++) {
            const hf_fail_row *row = hf_fail_row_of((hf_fail_reason)r);
            snprintf(line, sizeof line,
                     "handfast_handshake_failures_total{site=\"%s\",side=\"%s\",reason=\"%s\","
                     "alert=\"%s\"} 0",
                     sites[s], row->side, row->reason, row->alert);
            assert_has(text, line);
        }
    end(w);
}

static void test_what_was_counted_is_shown(void **state)
{
    world *w = begin();
    hf_failure f = failed(HF_E_NO_COMMON_ALPN);
    const char *text;

    (void)state;
    hf_count_failure(w->counters, 0, 10, &f);
    hf_count_failure(w->counters, 1, 12, &f); /* of the same label */
    hf_count(w->counters, 1, 11, HF_METRIC_requests_5xx, 4);
    hf_count(w->counters, 1, HF_SITE_NONE, HF_METRIC_connections_total, 9);
    hf_count(w->counters, 1, HF_SITE_NONE, HF_METRIC_log_lines_lost, 2);
    w->status.log_lost = 3;
    hf_count_duration(w->counters, 0, 13, 0.02);
    hf_count_duration(w->counters, 1, 13, 0.02);
    hf_count_duration(w->counters, 1, 13, 20);
    hf_count_event(w->counters, hf_counters_parent(w->counters), HF_EVENT_OF_reload_refused);
    text = page(w);
    assert_has(text, "handfast_handshake_failures_total{site=\"a.test\",side=\"policy\",reason="
                     "\"no_common_alpn\","
                     "alert=\"no_application_protocol\"} 2");
    assert_has(text, "handfast_requests_total{site=\"b.test\",listener=\"tls\",code=\"5xx\"} 4");
    assert_has(text, "handfast_connections_total 9");
    assert_has(text, "handfast_log_lines_lost_total 5");
    assert_has(text, "handfast_handshake_duration_seconds_bucket{site=\"*.c.test\",le=\"0.01\"} 0");
    assert_has(text,
               "handfast_handshake_duration_seconds_bucket{site=\"*.c.test\",le=\"0.025\"} 2");
    assert_has(text, "handfast_handshake_duration_seconds_bucket{site=\"*.c.test\",le=\"10\"} 2");
    assert_has(text, "handfast_handshake_duration_seconds_bucket{site=\"*.c.test\",le=\"+Inf\"} 3");
    assert_has(text, "handfast_handshake_duration_seconds_count{site=\"*.c.test\"} 3");
    assert_has(text, "handfast_handshake_duration_seconds_sum{site=\"*.c.test\"} 20.040000");
    assert_has(text, "handfast_security_events_total{event=\"reload_refused\"} 1");
    end(w);
}

static void test_what_the_parent_knows_is_shown(void **state)
{
    world *w = begin();
    const char *text = page(w);

    (void)state;
    assert_has(text,
               "handfast_certificate_not_after_timestamp_seconds{site=\"a.test\",certificate=\"0\","
               "file=\"dir \\\"x\\\"\\\\/a.pem\"} 2000000000");
    assert_null(strstr(text, "timestamp_seconds{site=\"b.test\"")); /* its file could not be read */
    assert_has(text,
               "handfast_expiry_timestamp_seconds{kind=\"client_ca\",file=\"/ca.pem\"} 2050000000");
    assert_has(text, "handfast_site_available{site=\"a.test\"} 1");
    assert_has(text, "handfast_site_available{site=\"b.test\"} 0");
    assert_has(text, "handfast_site_health{site=\"a.test\",health=\"kept\"} 1");
    assert_has(text, "handfast_site_health{site=\"a.test\",health=\"good\"} 0");
    assert_has(text, "handfast_site_problem{site=\"a.test\",health=\"kept\",why=\"/a.key: "
                     "\\\"other\\\"\"} 1");
    assert_has(text, "handfast_site_without_backend{site=\"a.test\"} 0");
    assert_has(text, "handfast_site_without_backend{site=\"b.test\"} 0");
    snprintf(w->sites[1].backless, sizeof w->sites[1].backless, "x");
    assert_has(page(w), "handfast_site_without_backend{site=\"b.test\"} 1");
    assert_has(page(w), "handfast_site_without_backend{site=\"a.test\"} 0");
    text = page(w);
    assert_has(text, "handfast_workers 1");
    assert_has(text, "handfast_worker_restarts_total 3");
    assert_has(text, "handfast_last_reload_successful 1");
    w->status.reloads.at = 1;
    w->status.reloads.refused = 2;
    text = page(w);
    assert_has(text, "handfast_last_reload_successful 0");
    assert_has(text, "handfast_reloads_total{result=\"refused\"} 2");
    w->status.loaded = NULL; /* the page is there before the first plan, too */
    assert_has(page(w), "handfast_workers 1");
    end(w);
}

/* ---- rules of the format ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void check_name(const char *name, const char *kind)
{
    size_t len = strlen(name);
    bool total = len > 6 && strcmp(name + len - 6, "_total") == 0;

    for (const char *p = name; *p; p++)
        assert_true(islower((unsigned char)*p) || isdigit((unsigned char)*p) || *p == '_');
    if (total != (strcmp(kind, "counter") == 0))
        fail_msg("%s is a %s", name, kind);
}

/* Each family has its HELP and TYPE once, before its series, which stand together; no series is there twice. */
static void test_the_page_keeps_the_rules(void **state)
{
    static char *series[20000], *families[500];
    world *w = begin();
    size_t n = 0, n_families = 0;
    char family[128] = "", kind[32], name[128];

    (void)state;
    for (char *line = strtok((char *)(uintptr_t)page(w), "\n"); line; line = strtok(NULL, "\n")) {
        if (sscanf(line, "# HELP %127s", family) == 1) {
            assert_true(strlen(line) > strlen("# HELP ") + strlen(family) + 8);
            families[n_families++] = strdup(family);
        } else if (sscanf(line, "# TYPE %127s %31s", name, kind) == 2) {
            assert_string_equal(name, family);
            check_name(name, kind);
        } else {
            assert_int_equal(strncmp(line, family, strlen(family)), 0);
            *strrchr(line, ' ') = '\0';
            series[n++] = line;
        }
    }
    qsort(series, n, sizeof *series, by_text);
    for (size_t i = 1; i < n; i++)
        assert_string_not_equal(series[i - 1], series[i]);
    qsort(families, n_families, sizeof *families, by_text);
    for (size_t i = 0; i < n_families; i++) {
        assert_true(i == 0 || strcmp(families[i - 1], families[i]) != 0);
        if (i > 0)
            free(families[i - 1]);
    }
    free(families[n_families - 1]);
    assert_true(n > 4 * HF_FAIL_COUNT);
    end(w);
}

static void test_a_thousand_sites_fit(void **state)
{
    enum { MANY = HF_PROXY_SITES_MAX };
    world *w = begin();
    hf_config_site *rows = calloc(MANY, sizeof *rows);
    hf_loaded_site *sites = calloc(MANY, sizeof *sites);
    char(*names)[16] = calloc(MANY, sizeof *names);

    (void)state;
    assert_true(rows && sites && names);
    for (uint32_t i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "s%u.test", i);
        sites[i] = (hf_loaded_site){ .label = names[i], .slot = i };
    }
    w->config.sites = rows;
    w->config.n_sites = MANY;
    w->loaded.sites = sites;
    assert_has(page(w), "handfast_site_available{site=\"s1023.test\"} 1");
    free(rows);
    free(sites);
    free(names);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_error_has_its_row),
        cmocka_unit_test(test_alerts_are_those_that_are_sent),
        cmocka_unit_test(test_every_alert_of_a_client_has_a_row),
        cmocka_unit_test(test_what_the_proxy_ends_itself),
        cmocka_unit_test(test_rows_are_distinct_and_known),
        cmocka_unit_test(test_all_failures_are_there_at_zero),
        cmocka_unit_test(test_what_was_counted_is_shown),
        cmocka_unit_test(test_what_the_parent_knows_is_shown),
        cmocka_unit_test(test_the_page_keeps_the_rules),
        cmocka_unit_test(test_a_thousand_sites_fit),
    };

    return cmocka_run_group_tests_name("proxy metrics", tests, NULL, NULL);
}
