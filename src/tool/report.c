/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What was agreed, with whom, and how long it took: one fact a line. */
#include "tool/report.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <handfast/cert.h>
#include <handfast/policy.h>
#include "tool/cert_text.h"
#include "tool/say.h"

typedef void (*sayer)(const char *, ...);

const char *hf_version_name(uint16_t version)
{
    return version == HF_TLS13 ? "TLS 1.3" : version == HF_TLS12 ? "TLS 1.2" : NULL;
}

const char *hf_group_remark(uint16_t group)
{
    enum { X25519MLKEM768 = 0x11ec };

    return group == X25519MLKEM768 ? " (hybrid: safe from quantum computers too)" : "";
}

static const char *or_none(const char *text)
{
    return text && *text ? text : "none";
}

static void day_of(int64_t seconds, char out[16])
{
    time_t t = (time_t)seconds;
    struct tm utc;

    if (!gmtime_r(&t, &utc) || strftime(out, 16, "%Y-%m-%d", &utc) == 0)
        snprintf(out, 16, "?");
}

static void say_certificate(const hf_cert_summary *leaf, size_t n, sayer say)
{
    char from[16], until[16], validity[HF_WHEN_ROOM];

    day_of(leaf->not_before, from);
    day_of(leaf->not_after, until);
    say("  certificate    %s\n", or_none(leaf->subject));
    say("  for            %s\n", or_none(leaf->sans));
    say("  issued by      %s\n", or_none(leaf->issuer));
    hf_validity_text(leaf->not_before, leaf->not_after, (int64_t)time(NULL), validity);
    say("  valid          %s to %s, %s\n", from, until, validity);
    say("  key            %s, chain of %zu certificate%s\n", leaf->key, n, n == 1 ? "" : "s");
}

static void say_peer(const hf_outcome *o, sayer say)
{
    const hf_conn_info *info = hf_conn_info_of(o->conn);
    const hf_span *chain = NULL;
    size_t n = hf_conn_peer_chain(o->conn, &chain);
    hf_cert_summary leaf;

    if (info->peer_verified)
        say("  identity       " HF_GREEN "verified" HF_PLAIN ": %s\n", o->name);
    else
        say("  identity       " HF_RED "NOT VERIFIED" HF_PLAIN ": %s%s%s\n",
            hf_error_sentence(info->peer_error), info->peer_error_detail[0] ? ": " : "",
            info->peer_error_detail);
    if (n > 0 && hf_cert_summarize(chain[0], &leaf) == HF_OK)
        say_certificate(&leaf, n, say);
}

static void say_agreed(const hf_conn_info *info, sayer say)
{
    const char *group = hf_group_name(info->group),
               *scheme = hf_scheme_name(info->signature_scheme);

    say("  protocol       %s, %u round trip%s%s\n", or_none(hf_version_name(info->version)),
        info->round_trips, info->round_trips == 1 ? "" : "s",
        info->retried ? " (the server asked for another key share)" : "");
    say("  cipher suite   %s\n", or_none(hf_suite_name(info->cipher_suite)));
    say("  key exchange   %s%s%s\n", or_none(group), hf_group_remark(info->group),
        info->forward_secrecy ? ", forward secrecy" : ", NO forward secrecy");
    say("  signature      %s\n", or_none(scheme));
    say("  application    %s\n", info->alpn ? info->alpn : "no protocol negotiated (ALPN)");
}

static void say_http(const hf_outcome *o, sayer say)
{
    if (o->http && o->http->status)
        say("  http           status %d, %llu bytes of body\n", o->http->status,
            (unsigned long long)o->http->body_bytes);
}

void hf_report(const hf_outcome *o, sayer say)
{
    const hf_conn_info *info = hf_conn_info_of(o->conn);
    char where[HF_HOST_MAX + 8];

    hf_target_text(o->target->shown, o->target->port, where, sizeof where);
    say(HF_BOLD "%s" HF_PLAIN " at %s", where, o->dial.address);
    if (strcmp(o->target->shown, o->target->host) != 0)
        say(" (on the wire: %s)", o->target->host);
    say("\n");
    say_agreed(info, say);
    say_peer(o, say);
    say_http(o, say);
    say("  time           look-up %.1f, connect %.1f, handshake %.1f, total %.1f ms\n",
        o->dial.lookup_ms, o->dial.connect_ms, o->handshake_ms, o->total_ms);
    say("  bytes          %llu received, %llu sent\n", (unsigned long long)info->bytes_in,
        (unsigned long long)info->bytes_out);
}
