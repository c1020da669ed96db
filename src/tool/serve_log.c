/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The lines of `serve`, one function an event. Each is flushed: who reads a pipe waits for the port. */
#include "tool/serve_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <handfast/policy.h>
#include "base/clock.h"
#include "registry/registry.h"
#include "tool/exit.h"
#include "tool/json_report.h"
#include "tool/json_text.h"
#include "tool/psk_file.h"
#include "tool/report.h"
#include "tool/say.h"
#include "tool/text.h"
#include "tool/trouble.h"

void hf_clock_text(char out[HF_CLOCK_ROOM])
{
    time_t t = hf_clock_wall();
    struct tm utc;

    if (!gmtime_r(&t, &utc) || strftime(out, HF_CLOCK_ROOM, "%H:%M:%S", &utc) == 0)
        snprintf(out, HF_CLOCK_ROOM, "--:--:--");
}

static json_t *event_of(const char *event, hf_visitor *visitor)
{
    return json_pack("{s:s s:o s:i s:s s:o}", "event", event, "time", hf_json_now(), "id",
                     (int)hf_visitor_id(visitor), "peer", hf_visitor_address(visitor), "ms",
                     hf_json_ms(hf_visitor_age_ms(visitor)));
}

/* Servers that ask nobody say nothing. */
static void say_client(const hf_conn_info *info, const hf_peer *who)
{
    if (who)
        hf_out(", client %s (%s), SHA-256 %s", *who->subject ? who->subject : "without a subject",
               *who->sans ? who->sans : "no other name", who->fingerprint);
    else if (info->certificate_requested)
        hf_out(", no client certificate");
}

/* The group; without one, what took its place. */
static const char *exchange_words(const hf_conn_info *info)
{
    const hf_suite *suite = hf_suite_of(info->cipher_suite);
    const char *group = hf_code_name(HF_GROUPS, info->group);
    bool ephemeral = !suite || hf_kx_is_ephemeral(suite->kx);

    if (group)
        return group;
    if (info->resumed)
        return ephemeral ? "resumed" : "resumed, NO forward secrecy";
    return suite && suite->kx == HF_KX_PSK ? "PSK, NO forward secrecy" : "RSA, NO forward secrecy";
}

/* The name of a key that was used, or that a client named in vain. */
static void say_psk(const hf_conn_info *info, const char *words)
{
    char name[HF_PSK_NAME_ROOM];

    if (info->psk_identity.len > 0)
        hf_out(", %s %s", words, hf_psk_name(info->psk_identity, name));
}

static void say_early(const hf_conn_info *info, hf_visitor *visitor)
{
    bool echo = hf_visitor_rules_of(visitor)->echo;

    if (info->early == HF_EARLY_ACCEPTED)
        hf_out(", early data: accepted (%zu bytes%s)", hf_visitor_early_bytes(visitor),
               echo ? ", echoed" : "");
    else if (info->early == HF_EARLY_REJECTED)
        hf_out(", early data: rejected%s%s", info->early_error ? ", " : "",
               info->early_error ? hf_error_row_of(info->early_error)->sentence : "");
}

void hf_serve_log_connected(const hf_serve_log *log, hf_visitor *visitor)
{
    const hf_conn_info *info = hf_conn_info_of(hf_visitor_conn(visitor));
    char now[HF_CLOCK_ROOM];

    if (log->json) {
        json_t *object = event_of("connected", visitor);
        if (object) {
            hf_json_agreed(object, hf_visitor_conn(visitor));
            hf_json_client(object, hf_visitor_conn(visitor));
            json_object_set_new(object, "early_bytes",
                                json_integer((json_int_t)hf_visitor_early_bytes(visitor)));
        }
        hf_json_print(object, false);
        return;
    }
    hf_clock_text(now);
    const char *suite = hf_code_name(HF_SUITES, info->cipher_suite);
    hf_out("%s  %-21s  %s, %s, %s%s, for %s", now, hf_visitor_address(visitor),
           hf_version_name(info->version), suite ? suite : "?", exchange_words(info),
           info->resumed && info->group ? ", resumed" : "",
           info->server_name ? info->server_name : "no name");
    if (info->psk_used)
        say_psk(info, "pre-shared key");
    say_early(info, visitor);
    say_client(info, hf_conn_peer(hf_visitor_conn(visitor)));
    hf_out("\n");
    hf_out_flush();
}

/* What the record says in numbers only; "" where it says enough. */
static const char *in_words(const hf_failure *f)
{
    static const char *const versions[] = { " (the client speaks SSL 3.0 at most)",
                                            " (the client speaks TLS 1.0 at most)",
                                            " (the client speaks TLS 1.1 at most)",
                                            " (the client speaks TLS 1.2 at most)" };
    unsigned long highest = strtoul(f->offered, NULL, 16);

    if (f->code == HF_E_NOT_TLS)
        return " (plain HTTP?)";
    if (f->code != HF_E_VERSION_UNSUPPORTED || highest < 0x0300 || highest > HF_TLS12)
        return "";
    return versions[highest - 0x0300];
}

static void say_trace(const char *path)
{
    hf_text word = hf_text_new(2 * HF_TROUBLE_TRACE_MAX);

    if (*path && hf_text_say_word(&word, path))
        hf_out("; see it: handfast explain %s", word.data);
    hf_text_free(&word);
}

void hf_serve_log_failed(const hf_serve_log *log, hf_visitor *visitor, const hf_failure *failure,
                         const char *trace)
{
    const hf_span *named = &hf_conn_info_of(hf_visitor_conn(visitor))->psk_identity;
    char now[HF_CLOCK_ROOM], name[HF_PSK_NAME_ROOM];
    hf_trouble trouble;

    memset(&trouble, 0, sizeof trouble);
    hf_trouble_failure(&trouble, failure, "");
    snprintf(trouble.trace, sizeof trouble.trace, "%s", trace);
    if (log->json) {
        json_t *object = event_of("failed", visitor);
        if (object)
            json_object_set_new(object, "failure", hf_trouble_json(&trouble));
        if (object && named->len > 0)
            json_object_set_new(object, "psk_identity", hf_json_text(hf_psk_name(*named, name)));
        hf_json_print(object, false);
        return;
    }
    hf_clock_text(now);
    hf_out("%s  %-21s  " HF_RED "failed" HF_PLAIN ": %s%s%s%s (%s)", now,
           hf_visitor_address(visitor), trouble.sentence, in_words(failure),
           trouble.where[0] ? ": " : "", trouble.where, trouble.code);
    say_psk(hf_conn_info_of(hf_visitor_conn(visitor)), "for the pre-shared key");
    say_trace(trace);
    hf_out("\n");
    hf_out_flush();
}

void hf_serve_log_closed(const hf_serve_log *log, hf_visitor *visitor)
{
    const hf_conn_info *info = hf_conn_info_of(hf_visitor_conn(visitor));
    json_t *object;
    char now[HF_CLOCK_ROOM];

    if (!log->json) {
        hf_clock_text(now);
        if (hf_visitor_was_silent(visitor))
            hf_out("%s  %-21s  closed without a request\n", now, hf_visitor_address(visitor));
        hf_out_flush();
        return;
    }
    object = event_of("closed", visitor);
    if (object)
        json_object_set_new(object, "bytes",
                            json_pack("{s:I s:I s:I s:I}", "in", (json_int_t)info->bytes_in, "out",
                                      (json_int_t)info->bytes_out, "data_in",
                                      (json_int_t)info->data_in, "data_out",
                                      (json_int_t)info->data_out));
    hf_json_print(object, false);
}

void hf_serve_log_draining(const hf_serve_log *log, unsigned open, unsigned seconds)
{
    if (log->json)
        hf_json_print(json_pack("{s:s s:o s:i}", "event", "draining", "time", hf_json_now(), "open",
                                (int)open),
                      false);
    else
        hf_note("ending: no new connections; %u still open, up to %u s; again to end now\n", open,
                seconds);
}
