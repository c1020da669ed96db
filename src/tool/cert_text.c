/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Certificates in plain words. Nothing is judged here but the calendar. */
#include "tool/cert_text.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "tool/say.h"
#include "x509/x509.h"

enum { DAY = 86400, HOUR = 3600 };

/* "90 days", "5 hours": to the nearest, so that a certificate made now for 90 days has 90. */
static void length_text(int64_t seconds, char *out, size_t room)
{
    int64_t length = seconds < 0 ? -seconds : seconds;
    bool days = length >= 2 * DAY;
    int64_t unit = days ? DAY : HOUR, count = (length + unit / 2) / unit;
    const char *name = days ? "days" : count == 1 ? "hour" : "hours";

    snprintf(out, room, "%lld %s", (long long)count, name);
}

void hf_validity_text(int64_t from, int64_t until, int64_t now, char out[HF_WHEN_ROOM])
{
    char length[32];

    length_text(now < from ? from - now : until - now, length, sizeof length);
    if (now < from)
        snprintf(out, HF_WHEN_ROOM, "not yet valid: in %s", length);
    else if (now > until)
        snprintf(out, HF_WHEN_ROOM, "expired %s ago", length);
    else
        snprintf(out, HF_WHEN_ROOM, "%s left", length);
}

void hf_when_text(int64_t when, int64_t now, char out[HF_WHEN_ROOM])
{
    char stamp[24], distance[32];

    hf_time_text(when, stamp);
    length_text(when - now, distance, sizeof distance);
    snprintf(out, HF_WHEN_ROOM, "%.10s %.8s UTC (%s%s%s)", stamp,
             strlen(stamp) > 11 ? stamp + 11 : "", when < now ? "" : "in ", distance,
             when < now ? " ago" : "");
}

static void row(const char *title, const char *text)
{
    if (*text)
        hf_out_lines("  %-13s %s\n", title, text);
}

void hf_cert_text_made(const hf_made *made)
{
    char until[HF_WHEN_ROOM];

    hf_when_text(made->summary.not_after, hf_clock_wall(), until);
    row("certificate", made->cert);
    row("private key", made->key);
    row("names", made->summary.sans);
    row("key", made->summary.key);
    row("valid until", until);
    row("SHA-256", made->summary.fingerprint);
}

static void show_validity(const hf_cert_summary *s)
{
    int64_t now = hf_clock_wall();
    char from[HF_WHEN_ROOM], until[HF_WHEN_ROOM];

    hf_when_text(s->not_before, now, from);
    hf_when_text(s->not_after, now, until);
    row("valid from", from);
    row("valid until", until);
    if (now > s->not_after)
        hf_out("  %-13s " HF_RED "it has expired" HF_PLAIN "\n", "");
    if (now < s->not_before)
        hf_out("  %-13s " HF_RED "it is not yet valid" HF_PLAIN "\n", "");
}

void hf_cert_text_whole(const hf_cert_summary *s, size_t i, size_t n)
{
    bool self = strcmp(s->subject, s->issuer) == 0;

    if (n > 1)
        hf_out("%s" HF_BOLD "Certificate %zu of %zu" HF_PLAIN "\n", i > 1 ? "\n" : "", i, n);
    row("subject", *s->subject ? s->subject : "(empty: the names below count)");
    row("issuer", self ? "itself" : s->issuer);
    row("is a CA", s->is_ca ? "yes: it may sign other certificates" : "no");
    row("names", *s->sans ? s->sans : s->is_ca ? "" : "none: clients accept it for no name");
    row("usage", *s->usage ? s->usage : "not limited");
    show_validity(s);
    row("key", s->key);
    row("signed with", s->signature);
    row("serial", s->serial);
    row("SHA-256", s->fingerprint);
}
