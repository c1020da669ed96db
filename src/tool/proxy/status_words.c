/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `proxy status` for people, from its JSON. */
#include "tool/proxy/status_words.h"

#include <inttypes.h>
#include <string.h>

#include "tool/proxy/status.h"

/* ---- parts ---- */

const char *hf_word_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

uint64_t hf_count_of(const json_t *object, const char *key)
{
    json_int_t n = json_integer_value(json_object_get(object, key));

    return n > 0 ? (uint64_t)n : 0;
}

void hf_words_safe(hf_text *out, const char *text)
{
    for (; *text; text++) {
        if (*text >= 0x20 && *text < 0x7f)
            hf_text_add(out, text, 1);
        else
            hf_text_print(out, "\\x%02x", (unsigned char)*text);
    }
}

void hf_words_span(hf_text *out, uint64_t seconds)
{
    if (seconds >= 2 * 86400)
        hf_text_print(out, "%" PRIu64 " days", seconds / 86400);
    else if (seconds >= 3600)
        hf_text_print(out, "%" PRIu64 " h %" PRIu64 " min", seconds / 3600, seconds / 60 % 60);
    else if (seconds >= 60)
        hf_text_print(out, "%" PRIu64 " min", seconds / 60);
    else
        hf_text_print(out, "%" PRIu64 " s", seconds);
}

/* "1 handshake", "2 handshakes" */
static void say_n(hf_text *out, uint64_t n, const char *what)
{
    hf_text_print(out, "%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
}

static void say_list(hf_text *out, const char *name, const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *text = json_string_value(json_array_get(array, i));
        hf_text_print(out, "%s", i > 0 ? ", " : name);
        hf_words_safe(out, text ? text : "");
    }
    if (json_array_size(array) > 0)
        hf_text_say(out, "\n");
}

/* ---- blocks ---- */

static void say_head(hf_text *out, const json_t *status)
{
    hf_text_say(out, "handfast proxy ");
    hf_words_safe(out, hf_word_of(status, "version"));
    hf_text_print(out, ", pid %" PRIu64 ", up ", hf_count_of(status, "pid"));
    hf_words_span(out, hf_count_of(status, "uptime_seconds"));
    hf_text_say(out, " (since ");
    hf_words_safe(out, hf_word_of(status, "started"));
    hf_text_say(out, ")\n");
}

/* What matters first. */
static void say_summary(hf_text *out, const json_t *status)
{
    const json_t *sites = json_object_get(status, "sites");
    size_t n = json_array_size(sites), bad = 0, down = 0;

    for (size_t i = 0; i < n; i++) {
        const json_t *site = json_array_get(sites, i);
        const char *health = hf_word_of(site, "health");
        bad += strcmp(health, "good") != 0 || *hf_word_of(site, "no_backend");
        down += strcmp(health, "unavailable") == 0;
    }
    if (json_is_true(json_object_get(status, "stopping")))
        hf_text_say(out, "it is stopping: no new connections; ");
    if (bad == 0)
        hf_text_print(out, "all is well: %zu site%s", n, n == 1 ? "" : "s");
    else if (down > 0)
        hf_text_print(out, "%zu of %zu site%s %s unavailable", down, n, n == 1 ? "" : "s",
                      down == 1 ? "is" : "are");
    if (bad > down)
        hf_text_print(out, "%s%zu of %zu %s not served as configured", down > 0 ? ", " : "",
                      bad - down, n, bad - down == 1 ? "is" : "are");
    hf_text_say(out, "\n");
}

static void say_reloads(hf_text *out, const json_t *status)
{
    const json_t *reloads = json_object_get(status, "reloads");

    hf_text_say(out, "configuration  ");
    hf_words_safe(out, hf_word_of(status, "config"));
    hf_text_print(out, ", number %" PRIu64 ", taken ", hf_count_of(status, "plan"));
    hf_words_safe(out, hf_word_of(reloads, "taken"));
    hf_text_say(out, "\n");
    if (strcmp(hf_word_of(reloads, "result"), "refused") != 0)
        return;
    hf_text_say(out, "last reload    REFUSED ");
    hf_words_safe(out, hf_word_of(reloads, "last"));
    hf_text_say(out, ": ");
    hf_words_safe(out, hf_word_of(reloads, "why"));
    hf_text_say(out, "; what was there before keeps serving\n");
}

static void say_workers(hf_text *out, const json_t *workers)
{
    for (size_t i = 0; i < json_array_size(workers); i++) {
        const json_t *w = json_array_get(workers, i);
        uint64_t restarts = hf_count_of(w, "restarts"), hangs = hf_count_of(w, "hangs");
        hf_text_print(out, "%-14s %" PRIu64 ": pid %" PRIu64 ", ", i == 0 ? "workers" : "",
                      hf_count_of(w, "slot"), hf_count_of(w, "pid"));
        hf_words_safe(out, hf_word_of(w, "state"));
        hf_text_say(out, " since ");
        hf_words_safe(out, hf_word_of(w, "since"));
        if (restarts > 0)
            hf_text_print(out, ", restarted %" PRIu64 "x", restarts);
        if (hangs > 0)
            hf_text_print(out, " (%" PRIu64 "x because it hung)", hangs);
        hf_text_say(out, "\n");
    }
}

static void say_turned_away(hf_text *out, const json_t *refused)
{
    static const char *const rows[][2] = {
        { "connections", "limits.connections, or the files that a worker may open" },
        { "per_address", "limits.per_address" },
        { "other", "a PROXY protocol header that was missing or wrong, or no ClientHello in time" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (hf_count_of(refused, rows[i][0]) > 0)
            hf_text_print(out, "               %" PRIu64 " by %s\n",
                          hf_count_of(refused, rows[i][0]), rows[i][1]);
}

static void say_connections(hf_text *out, const json_t *status)
{
    const json_t *c = json_object_get(status, "connections"),
                 *refused = json_object_get(c, "refused");
    uint64_t lost = hf_count_of(status, "log_lines_lost");
    uint64_t away = hf_count_of(refused, "connections") + hf_count_of(refused, "per_address") +
                    hf_count_of(refused, "other");

    hf_text_print(out,
                  "connections    %" PRIu64 " now, %" PRIu64 " accepted, %" PRIu64 " turned away\n",
                  hf_count_of(c, "now"), hf_count_of(c, "accepted"), away);
    say_turned_away(out, refused);
    if (lost > 0)
        hf_text_print(out, "log            %" PRIu64 " line%s lost: stderr did not take them\n",
                      lost, lost == 1 ? " was" : "s were");
}

/* ---- sites ---- */

static void say_certificate(hf_text *out, const json_t *certificate)
{
    const char *end = hf_word_of(certificate, "not_after");

    hf_text_say(out, "    certificate  ");
    hf_words_safe(out, hf_word_of(certificate, "file"));
    hf_text_say(out, *end ? ", until " : "");
    hf_words_safe(out, end);
    hf_text_say(out, "\n");
}

static void say_backend(hf_text *out, const json_t *backend, bool first)
{
    const char *why = hf_word_of(backend, "why");

    hf_text_say(out, first ? "    backend      " : "                 ");
    hf_words_safe(out, hf_word_of(backend, "address"));
    if (*why) {
        hf_text_say(out, ", last failed ");
        hf_words_safe(out, hf_word_of(backend, "last_failure"));
        hf_text_say(out, ": ");
        hf_words_safe(out, why);
    }
    hf_text_say(out, "\n");
}

static void say_backends(hf_text *out, const json_t *site)
{
    const json_t *backends = json_object_get(site, "backends");
    uint64_t unserved = hf_count_of(site, "backend_failures");

    for (size_t i = 0; i < json_array_size(backends); i++)
        say_backend(out, json_array_get(backends, i), i == 0);
    if (unserved > 0) {
        hf_text_say(out, "                 ");
        say_n(out, unserved, "time");
        hf_text_say(out, " a client was not served because of a backend\n");
    }
}

static const char *health_words(const char *health)
{
    return strcmp(health, "unavailable") == 0 ? "UNAVAILABLE"
           : strcmp(health, "expired") == 0   ? "EXPIRED, served all the same"
           : strcmp(health, "kept") == 0      ? "KEPT, served with what it had before"
                                              : health;
}

static void say_site_counts(hf_text *out, const json_t *site)
{
    bool tcp = strcmp(hf_word_of(site, "mode"), "tcp") == 0;

    hf_text_say(out, "; ");
    say_n(out, hf_count_of(site, "handshakes"), "handshake");
    hf_text_say(out, ", ");
    say_n(out, hf_count_of(site, tcp ? "relays" : "requests"), tcp ? "relay" : "request");
    hf_text_say(out, ", ");
    say_n(out, hf_count_of(site, "failures"), "failed handshake");
    hf_text_say(out, "\n");
}

static void say_site(hf_text *out, const json_t *site)
{
    const char *why = hf_word_of(site, "why"), *health = hf_word_of(site, "health"),
               *backless = hf_word_of(site, "no_backend");
    const json_t *certificates = json_object_get(site, "certificates");

    hf_text_say(out, "  ");
    hf_words_safe(out, hf_word_of(site, "site"));
    hf_text_say(out, ": ");
    hf_words_safe(out, *backless && strcmp(health, "good") == 0
                           ? "WITHOUT A BACKEND, its clients are not served"
                           : health_words(health));
    say_site_counts(out, site);
    for (int part = 0; *why && part < 2; part++) {
        hf_text_say(out, part == 0 ? "    why          " : "    next         ");
        hf_words_safe(out, part == 0 ? why : hf_word_of(site, "todo"));
        hf_text_say(out, "\n");
    }
    for (size_t i = 0; i < json_array_size(certificates); i++)
        say_certificate(out, json_array_get(certificates, i));
    say_backends(out, site);
    if (*backless) {
        hf_text_say(out, "    no backend   ");
        hf_words_safe(out, backless);
        hf_text_say(out, "\n");
    }
}

static void say_sites(hf_text *out, const json_t *sites)
{
    hf_text_say(out, "sites\n");
    for (size_t i = 0; i < json_array_size(sites); i++)
        say_site(out, json_array_get(sites, i));
}

/* ---- failures ---- */

static void say_failures(hf_text *out, const json_t *failures)
{
    if (json_array_size(failures) == 0)
        return;
    hf_text_say(out,
                "failed handshakes (the last of them in words: handfast proxy status --failures;\n"
                "    what a reason means: handfast explain REASON)\n");
    for (size_t i = 0; i < json_array_size(failures); i++) {
        const json_t *row = json_array_get(failures, i);
        hf_text_print(out, "  %8" PRIu64 "  ", hf_count_of(row, "count"));
        hf_words_safe(out, hf_word_of(row, "site"));
        hf_text_say(out, "  ");
        hf_words_safe(out, hf_word_of(row, "reason"));
        hf_text_say(out, ": ");
        hf_words_safe(out, hf_word_of(row, "help"));
        hf_text_say(out, "\n");
    }
}

static void say_warnings(hf_text *out, const json_t *warnings)
{
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        const char *text = json_string_value(json_array_get(warnings, i));
        hf_text_say(out, i == 0 ? "warnings\n  " : "  ");
        hf_words_safe(out, text ? text : "");
        hf_text_say(out, "\n");
    }
}

bool hf_status_words(const json_t *status, hf_text *out)
{
    const char *admin = hf_word_of(status, "admin");

    say_head(out, status);
    say_summary(out, status);
    say_reloads(out, status);
    say_list(out, "listen         ", json_object_get(status, "listen"));
    say_list(out, "redirect       ", json_object_get(status, "redirect"));
    if (*admin) {
        hf_text_say(out, "admin          ");
        hf_words_safe(out, admin);
        hf_text_say(out, "\n");
    }
    say_workers(out, json_object_get(status, "workers"));
    say_connections(out, status);
    say_sites(out, json_object_get(status, "sites"));
    say_failures(out, json_object_get(status, "failures"));
    say_warnings(out, json_object_get(status, "warnings"));
    return !out->full;
}
