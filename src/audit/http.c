/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What HTTP adds to TLS, or undoes: one GET / over TLS, for the headers that browsers act upon, and one without TLS, to see whether it
 * leads to HTTPS. A redirect is noted and never followed.
 */
#include <stdio.h>

#include "audit/hsts.h"
#include "audit/whole.h"

typedef enum step { OVER_TLS, PLAIN, DONE } step;
typedef struct http {
    step step;
} http;

/* ---- asking ---- */

static void unknown_over_tls(hf_seen *seen, size_t evidence, const char *why)
{
    static const hf_trait_id ids[] = { HF_TRAIT_http, HF_TRAIT_hsts, HF_TRAIT_insecure_cookies };

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        hf_seen_trait(seen, ids[i], HF_UNKNOWN, evidence, "%s", why);
}

static void unknown_plain(hf_seen *seen, size_t evidence, const char *why)
{
    hf_seen_trait(seen, HF_TRAIT_plain_http, HF_UNKNOWN, evidence, "%s", why);
    hf_seen_trait(seen, HF_TRAIT_redirect, HF_UNKNOWN, evidence, "%s", why);
}

static void no_web(hf_seen *seen)
{
    static const hf_trait_id ids[] = { HF_TRAIT_http, HF_TRAIT_hsts, HF_TRAIT_insecure_cookies,
                                       HF_TRAIT_plain_http, HF_TRAIT_redirect };

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        hf_seen_idle(seen, ids[i], "this is no service of HTTP");
}

static bool ask_over_tls(const hf_inquiry *q, hf_ask *ask)
{
    static const char neither[] = "neither TLS 1.2 nor TLS 1.3 is spoken";
    bool no13 = hf_whole_unable(q->seen, HF_TLS13) != NULL;
    const char *unable = no13 ? hf_whole_unable(q->seen, HF_TLS12) : NULL;

    if (unable) {
        unknown_over_tls(q->seen, 0, hf_seen_speaks(q->seen, HF_V_TLS12) ? unable : neither);
        return false;
    }
    hf_whole_ask(ask, no13 ? HF_TLS12 : HF_TLS13);
    ask->path = "/";
    ask->alpn[0] = "http/1.1";
    ask->n_alpn = 1;
    return true;
}

static bool ask_plain(const hf_inquiry *q, hf_ask *ask)
{
    if (q->setup->plain_port == 0) {
        unknown_plain(q->seen, 0, "not asked: no port for HTTP without TLS is known");
        return false;
    }
    ask->kind = HF_ASK_PLAIN;
    ask->path = "/";
    ask->port = q->setup->plain_port;
    return true;
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    http *s = q->state;

    if (!q->setup->http) {
        no_web(q->seen);
        return false;
    }
    if (s->step == OVER_TLS && ask_over_tls(q, ask))
        return true;
    if (s->step == OVER_TLS)
        s->step = PLAIN;
    return s->step == PLAIN && ask_plain(q, ask);
}

/* ---- headers ---- */

/* What a peer wrote, fit for a line: controls and bytes beyond ASCII are dots. */
static void make_visible(char *out, size_t room, const char *value)
{
    size_t n = 0;

    for (; value[n] && n + 1 < room; n++)
        out[n] = value[n] < 0x20 || value[n] > 0x7e ? '.' : value[n];
    out[n] = '\0';
}

static const char *header(const hf_reply_http *reply, const char *name)
{
    for (size_t i = 0; i < reply->n; i++)
        if (strcmp(reply->headers[i].name, name) == 0)
            return reply->headers[i].value;
    return NULL;
}

static void keep_header(const hf_reply_http *reply, const char *name, char *out, size_t room)
{
    const char *value = header(reply, name);

    make_visible(out, room, value ? value : "");
}

/* The header as it came, and what it says. */
static void keep_hsts(hf_seen_http *seen, const char *value, hf_hsts *hsts)
{
    hf_hsts_read(hsts, value);
    make_visible(seen->hsts, sizeof seen->hsts, value);
    seen->hsts_subdomains = hsts->subdomains;
    seen->hsts_preload = hsts->preload;
    seen->hsts_malformed = hsts->wrong != NULL;
}

static void judge_hsts(hf_seen *seen, const hf_hsts *hsts, size_t evidence)
{
    uint32_t seconds = hsts->max_age < UINT32_MAX ? (uint32_t)hsts->max_age : UINT32_MAX;

    if (hsts->wrong)
        hf_seen_trait(seen, HF_TRAIT_hsts, HF_ABSENT, evidence, "the header counts for nothing: %s",
                      hsts->wrong);
    else if (seconds == 0)
        hf_seen_trait(seen, HF_TRAIT_hsts, HF_ABSENT, evidence,
                      "max-age=0 takes it back (RFC 6797 6.1.1)");
    else
        hf_seen_trait(seen, HF_TRAIT_hsts, HF_PRESENT, evidence, "%s", "");
    seen->traits[HF_TRAIT_hsts].number = seconds;
}

/* An address cannot be a known HSTS host (RFC 6797 8.1.1), and of several headers only the first counts (8.1). */
static void tell_hsts(hf_inquiry *q, const hf_reply_http *reply, size_t evidence)
{
    const char *value = header(reply, "strict-transport-security");
    hf_hsts hsts = { .wrong = NULL };

    if (value)
        keep_hsts(&q->seen->http, value, &hsts);
    if (!q->setup->sni)
        hf_seen_idle(q->seen, HF_TRAIT_hsts,
                     "browsers heed it for names alone, and an address was asked");
    else if (value)
        judge_hsts(q->seen, &hsts, evidence);
    else
        hf_seen_trait(q->seen, HF_TRAIT_hsts, HF_ABSENT, evidence, "%s", "");
}

/* Headers by which a site protects itself from other sites, a line each. */
static void keep_protections(hf_seen_http *seen, const hf_reply_http *reply)
{
    static const char *const names[] = { "content-security-policy", "x-frame-options",
                                         "x-content-type-options",  "referrer-policy",
                                         "permissions-policy",      "cross-origin-opener-policy" };
    char value[256];
    size_t len = 0;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!header(reply, names[i]))
            continue;
        keep_header(reply, names[i], value, sizeof value);
        int n =
            snprintf(seen->headers + len, sizeof seen->headers - len, "%s: %s\n", names[i], value);
        len += n > 0 ? (size_t)n : 0;
        if (len >= sizeof seen->headers)
            return;
    }
}

/* ---- cookies ---- */

/* RFC 6265 5.2: attributes stand behind semicolons; their names have no case. */
static bool is_secure(const char *cookie)
{
    const char *at = strchr(cookie, ';');

    while (at) {
        at += 1 + strspn(at + 1, " \t");
        size_t len = strcspn(at, "=; \t");
        if (hf_span_equal_text(hf_span_of(at, len), hf_span_str("secure")))
            return true;
        at = strchr(at, ';');
    }
    return false;
}

static void add_cookie(hf_seen_http *seen, const char *cookie)
{
    char name[64];
    size_t len = strlen(seen->cookies), n = strcspn(cookie, "=;");

    make_visible(name, n + 1 < sizeof name ? n + 1 : sizeof name, cookie);
    snprintf(seen->cookies + len, sizeof seen->cookies - len, "%s%s", len > 0 ? ", " : "", name);
}

static void tell_cookies(hf_seen *seen, const hf_reply_http *reply, size_t evidence)
{
    unsigned n = 0;

    if (!header(reply, "set-cookie")) {
        hf_seen_idle(seen, HF_TRAIT_insecure_cookies, "no cookie was set by the answer to GET /");
        return;
    }
    for (size_t i = 0; i < reply->n; i++)
        if (strcmp(reply->headers[i].name, "set-cookie") == 0 &&
            !is_secure(reply->headers[i].value)) {
            add_cookie(&seen->http, reply->headers[i].value);
            n++;
        }
    hf_seen_trait(seen, HF_TRAIT_insecure_cookies, n > 0 ? HF_PRESENT : HF_ABSENT, evidence,
                  "%.180s", seen->http.cookies);
    seen->traits[HF_TRAIT_insecure_cookies].number = n;
}

/* ---- answers ---- */

/* Whether there would have been an answer is open if it was late, or the connection broke; and what a head says that was not read to
   its end is open, too. */
static void no_answer(hf_seen *seen, const hf_reply *reply, size_t evidence)
{
    static const char not_spoken[] = "it does not speak HTTP/1.1";
    hf_flight_end end = reply->flight->end;

    if (reply->http.wrong) {
        unknown_over_tls(seen, evidence, reply->http.wrong);
        return;
    }
    if (end == HF_FLIGHT_LATE || end == HF_FLIGHT_RESET) {
        unknown_over_tls(seen, evidence,
                         end == HF_FLIGHT_LATE ? "no answer to a GET in time"
                                               : "the connection broke behind a GET");
        return;
    }
    hf_seen_trait(seen, HF_TRAIT_http, HF_ABSENT, evidence, "no answer that is HTTP/1.1");
    hf_seen_idle(seen, HF_TRAIT_hsts, not_spoken);
    hf_seen_idle(seen, HF_TRAIT_insecure_cookies, not_spoken);
}

static void got_over_tls(hf_inquiry *q, const hf_reply *reply)
{
    size_t evidence = hf_whole_note(q, reply, "GET / over TLS");
    hf_seen_http *seen = &q->seen->http;
    char trouble[HF_WHOLE_WORDS];

    if (!hf_whole_let_in(reply) && reply->http.status == 0) {
        unknown_over_tls(q->seen, evidence, hf_whole_trouble(reply, trouble));
        return;
    }
    if (reply->http.status == 0) {
        no_answer(q->seen, reply, evidence);
        return;
    }
    seen->status = reply->http.status;
    keep_header(&reply->http, "server", seen->server, sizeof seen->server);
    keep_header(&reply->http, "location", seen->location, sizeof seen->location);
    hf_seen_trait(q->seen, HF_TRAIT_http, HF_PRESENT, evidence, "status %d", seen->status);
    tell_hsts(q, &reply->http, evidence);
    keep_protections(seen, &reply->http);
    tell_cookies(q->seen, &reply->http, evidence);
}

static bool starts_with(const char *text, const char *start)
{
    size_t n = strlen(start);

    return strlen(text) >= n && hf_span_equal_text(hf_span_of(text, n), hf_span_str(start));
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static void tell_redirect(hf_seen *seen, size_t evidence)
{
    const hf_seen_http *h = &seen->http;
    bool secure = is_redirect(h->plain_status) && starts_with(h->plain_location, "https://");

    if (secure)
        hf_seen_trait(seen, HF_TRAIT_redirect, HF_PRESENT, evidence, "%d to %.120s",
                      h->plain_status, h->plain_location);
    else if (is_redirect(h->plain_status))
        hf_seen_trait(seen, HF_TRAIT_redirect, HF_ABSENT, evidence, "%d to %.120s", h->plain_status,
                      h->plain_location);
    else
        hf_seen_trait(seen, HF_TRAIT_redirect, HF_ABSENT, evidence, "status %d", h->plain_status);
}

static const char *why_no_plain(const hf_reply *reply)
{
    switch (reply->flight->end) {
    case HF_FLIGHT_UNREACHABLE:
        return reply->trouble && *reply->trouble ? reply->trouble : "it could not be reached";
    case HF_FLIGHT_LATE: return "no answer in time";
    case HF_FLIGHT_CLOSED:
    case HF_FLIGHT_RESET: return "the connection was closed without an answer";
    default: return "no answer that is HTTP";
    }
}

/* A port that nobody listens on is the safest of all. But only the host itself can say so: silence, and whatever else keeps us away,
   may be meant for us alone. */
static void no_plain(hf_seen *seen, const hf_reply *reply, size_t evidence)
{
    const char *why = reply->refused      ? "nobody listens there"
                      : reply->http.wrong ? reply->http.wrong
                                          : why_no_plain(reply);
    bool foreign = reply->flight->end == HF_FLIGHT_FOREIGN && !reply->http.wrong;

    if (!reply->refused && !foreign) {
        unknown_plain(seen, evidence, why);
        return;
    }
    hf_seen_trait(seen, HF_TRAIT_plain_http, HF_ABSENT, evidence, "%s", why);
    hf_seen_idle(seen, HF_TRAIT_redirect, why);
}

static void got_plain(hf_inquiry *q, const hf_reply *reply)
{
    hf_seen_http *seen = &q->seen->http;
    size_t evidence = hf_inquiry_evidence(q, reply, "GET / without TLS on port %u: %d",
                                          (unsigned)q->setup->plain_port, reply->http.status);

    seen->plain_port = q->setup->plain_port;
    if (reply->http.status == 0) {
        no_plain(q->seen, reply, evidence);
        return;
    }
    seen->plain_status = reply->http.status;
    keep_header(&reply->http, "location", seen->plain_location, sizeof seen->plain_location);
    hf_seen_trait(q->seen, HF_TRAIT_plain_http, HF_PRESENT, evidence, "status %d",
                  seen->plain_status);
    tell_redirect(q->seen, evidence);
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    http *s = q->state;

    if (s->step == OVER_TLS)
        got_over_tls(q, reply);
    else
        got_plain(q, reply);
    s->step++;
}

const hf_inquiry_row hf_inquiry_http = {
    .name = "http",
    .title = "HTTP: HSTS, redirect, headers, cookies",
    .phase = HF_PHASE_DETAILS,
    .state_size = sizeof(http),
    .next = next,
    .got = got,
};
