/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The lines of `serve`, one function an event. Each is flushed: who reads a pipe waits for the port. */
#include "tool/serve_log.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <handfast/policy.h>
#include "tool/exit.h"
#include "tool/json_report.h"
#include "tool/json_text.h"
#include "tool/report.h"
#include "tool/say.h"
#include "tool/target.h"
#include "tool/text.h"
#include "tool/trouble.h"

static void url_of(const hf_listener *l, char out[128])
{
    bool named = strncmp(l->host, "127.", 4) == 0 || strcmp(l->host, "::1") == 0 ||
                 strcmp(l->host, "0.0.0.0") == 0 || strcmp(l->host, "::") == 0;
    char where[96];

    hf_target_text(named ? "localhost" : l->host, l->port, where, sizeof where);
    snprintf(out, 128, "https://%s/", where);
}

static void say_trust(const hf_local_store *store, const char *ca)
{
    hf_out("  certificate   for localhost, 127.0.0.1 and ::1, from a private CA %s\n",
           store->new_ca ? "made just now" : "of this machine");
    hf_out("  CA            %s\n", store->ca);
    hf_out("\nNothing trusts this CA unless it is told to. Debian and Ubuntu, all programs that "
           "use the system's store:\n");
    hf_out("  trust         sudo cp %s /usr/local/share/ca-certificates/handfast-local.crt && sudo "
           "update-ca-certificates\n",
           ca);
    hf_out("  untrust       sudo rm /usr/local/share/ca-certificates/handfast-local.crt && sudo "
           "update-ca-certificates --fresh\n");
    hf_out("Browsers have stores of their own: import the CA's file there, as an authority for "
           "websites.\n");
}

static void listening_json(const hf_listener *l, const hf_local_store *store, const char *url)
{
    json_t *object =
        json_pack("{s:s s:s s:i s:s s:s s:s}", "event", "listening", "schema", "handfast.serve/1",
                  "port", (int)l->port, "host", l->host, "address", l->address, "url", url);

    if (object && store)
        json_object_set_new(object, "ca", hf_json_text(store->ca));
    hf_json_print(object, false);
}

void hf_serve_log_listening(const hf_serve_log *log, const hf_listener *l,
                            const hf_local_store *store, bool echo)
{
    hf_text ca = hf_text_new(2 * HF_STORE_PATH_MAX);
    char url[128];

    url_of(l, url);
    if (log->json) {
        listening_json(l, store, url);
        return;
    }
    if (store)
        hf_text_say_word(&ca, store->ca);
    hf_out(HF_BOLD "Listening on %s" HF_PLAIN " (%s%s)\n", url, l->address, echo ? ", echo" : "");
    if (store)
        say_trust(store, ca.data);
    if (echo)
        hf_out("\nTry it:\n  handfast connect --pipe%s%s localhost:%u\n", store ? " --ca " : "",
               store ? ca.data : "", l->port);
    else
        hf_out("\nTry it:\n  curl%s%s %s\n", store ? " --cacert " : "", store ? ca.data : "", url);
    hf_out("Ctrl-C ends it.\n\n");
    hf_out_flush();
    hf_text_free(&ca);
}

/* 12:34:56, UTC: enough to tell lines apart. */
static void clock_text(char out[16])
{
    time_t t = time(NULL);
    struct tm utc;

    if (!gmtime_r(&t, &utc) || strftime(out, 16, "%H:%M:%S", &utc) == 0)
        snprintf(out, 16, "--:--:--");
}

static json_t *event_of(const char *event, hf_visitor *visitor)
{
    return json_pack("{s:s s:i s:s s:o}", "event", event, "id", (int)hf_visitor_id(visitor), "peer",
                     hf_visitor_address(visitor), "ms", hf_json_ms(hf_visitor_age_ms(visitor)));
}

void hf_serve_log_connected(const hf_serve_log *log, hf_visitor *visitor)
{
    const hf_conn_info *info = hf_conn_info_of(hf_visitor_conn(visitor));
    char now[16];

    if (log->json) {
        json_t *object = event_of("connected", visitor);
        if (object)
            hf_json_agreed(object, hf_visitor_conn(visitor));
        hf_json_print(object, false);
        return;
    }
    clock_text(now);
    const char *suite = hf_suite_name(info->cipher_suite), *group = hf_group_name(info->group);
    hf_out("%s  %-21s  %s, %s, %s, for %s\n", now, hf_visitor_address(visitor),
           hf_version_name(info->version), suite ? suite : "?", group ? group : "?",
           info->server_name ? info->server_name : "no name");
    hf_out_flush();
}

void hf_serve_log_failed(const hf_serve_log *log, hf_visitor *visitor, const hf_failure *failure)
{
    hf_trouble trouble;
    char now[16];

    memset(&trouble, 0, sizeof trouble);
    hf_trouble_failure(&trouble, failure, "");
    if (log->json) {
        json_t *object = event_of("failed", visitor);
        if (object)
            json_object_set_new(object, "failure", hf_trouble_json(&trouble));
        hf_json_print(object, false);
        return;
    }
    clock_text(now);
    hf_out("%s  %-21s  " HF_RED "failed" HF_PLAIN ": %s%s%s (%s)\n", now,
           hf_visitor_address(visitor), trouble.sentence, trouble.where[0] ? ": " : "",
           trouble.where, trouble.code);
    hf_out_flush();
}

void hf_serve_log_closed(const hf_serve_log *log, hf_visitor *visitor)
{
    const hf_conn_info *info = hf_conn_info_of(hf_visitor_conn(visitor));
    json_t *object;

    if (!log->json)
        return;
    object = event_of("closed", visitor);
    if (object)
        json_object_set_new(object, "bytes",
                            json_pack("{s:I s:I s:I s:I}", "in", (json_int_t)info->bytes_in, "out",
                                      (json_int_t)info->bytes_out, "data_in",
                                      (json_int_t)info->data_in, "data_out",
                                      (json_int_t)info->data_out));
    hf_json_print(object, false);
}

void hf_serve_log_draining(const hf_serve_log *log, unsigned open)
{
    if (log->json)
        hf_json_print(json_pack("{s:s s:i}", "event", "draining", "open", (int)open), false);
    else
        hf_note("ending: no new connections, %u still open\n", open);
}
