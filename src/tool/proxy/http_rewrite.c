/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Heads written anew. What framed the message when it came is written from what was understood of it, never copied, so that the next
 * reader can understand nothing else.
 */
#include "tool/proxy/http_rewrite.h"

#include <inttypes.h>

#include "tool/proxy/http_names.h"
#include "tool/proxy/writer.h"

enum { HOPS_MAX = 100 };

static void put_field(hf_writer *o, hf_span name, hf_span value)
{
    hf_put_span(o, name);
    hf_put_text(o, value.len > 0 ? ": " : ":");
    hf_put_span(o, value);
    hf_put_text(o, "\r\n");
}

static void put_named(hf_writer *o, const char *name, const char *value)
{
    if (value)
        put_field(o, hf_span_str(name), hf_span_str(value));
}

/* Somebody else's words: percent-encoded where they are not printable ASCII. */
static void put_foreign(hf_writer *o, const char *name, const char *value)
{
    if (!value)
        return;
    hf_put_text(o, name);
    hf_put_text(o, ": ");
    for (const char *p = value; *p; p++) {
        unsigned char c = (unsigned char)*p;
        bool edge = c == ' ' && (p == value || p[1] == '\0'); /* would be trimmed */
        if (c < ' ' || c > '~' || c == '%' || edge)
            hf_put_words(o, "%%%02X", c);
        else
            hf_put(o, p, 1);
    }
    hf_put_text(o, "\r\n");
}

static void put_framing(hf_writer *o, const hf_head *head)
{
    if (head->announced == HF_BODY_LENGTH)
        hf_put_words(o, "Content-Length: %" PRIu64 "\r\n", head->length);
    if (head->announced == HF_BODY_CHUNKED && !(head->response && head->asked_minor == 0))
        hf_put_text(o, "Transfer-Encoding: chunked\r\n");
}

static void put_upgrade(hf_writer *o, hf_span protocol)
{
    hf_put_text(o, "Connection: upgrade\r\n");
    put_field(o, hf_span_str("Upgrade"), protocol);
}

static bool says(const hf_head *head, const char *name)
{
    size_t at = 0;
    hf_span value;

    return hf_head_next(head, name, &at, &value);
}

/* Passed on as it came: not the connection's, and Trailer only where trailers can be. */
static bool is_passed(const hf_head *head, hf_span name)
{
    if (hf_field_is_hop(name) || hf_field_is_nominated(head, name))
        return false;
    return !hf_is_word(name, "trailer") ||
           (head->announced == HF_BODY_CHUNKED && !head->plain_body);
}

static size_t finish(hf_writer *o)
{
    hf_put_text(o, "\r\n");
    return hf_written(o);
}

/* ---- requests ---- */

static void put_host(hf_writer *o, const hf_head *head, const hf_client_facts *facts)
{
    if (head->host.len > 0)
        hf_put_span(o, head->host);
    else if (facts->server_name)
        hf_put_text(o, facts->server_name);
    if (head->port)
        hf_put_words(o, ":%u", head->port);
}

/* RFC 7239 6: an address with a port, or of IPv6, is quoted. */
static void put_node(hf_writer *o, const char *address, uint16_t port)
{
    bool ipv6 = address && strchr(address, ':') != NULL;

    hf_put_words(o, port || ipv6 ? "\"%s%s%s" : "%s%s%s", ipv6 ? "[" : "",
                 address ? address : "unknown", ipv6 ? "]" : "");
    if (port)
        hf_put_words(o, ":%u", port);
    hf_put_text(o, port || ipv6 ? "\"" : "");
}

static void put_forwarded(hf_writer *o, const hf_head *head, const hf_client_facts *facts)
{
    hf_put_text(o, "Forwarded: for=");
    put_node(o, facts->address, facts->address ? facts->port : 0);
    if (head->host.len > 0 || facts->server_name) {
        hf_put_text(o, ";host=\"");
        put_host(o, head, facts);
        hf_put_text(o, "\"");
    }
    hf_put_text(o, ";proto=https\r\n");
}

static void put_client(hf_writer *o, const hf_head *head, const hf_client_facts *facts)
{
    put_named(o, "X-Forwarded-For", facts->address);
    hf_put_text(o, "X-Forwarded-Proto: https\r\nX-Forwarded-Host: ");
    put_host(o, head, facts);
    hf_put_text(o, "\r\n");
    if (facts->own_port)
        hf_put_words(o, "X-Forwarded-Port: %u\r\n", facts->own_port);
    put_forwarded(o, head, facts);
    put_named(o, "X-TLS-Version", facts->version);
    put_named(o, "X-TLS-Cipher", facts->suite);
    put_named(o, "X-Client-Cert-Verified", facts->cert_verified ? "yes" : "no");
    put_foreign(o, "X-Client-Cert-Subject", facts->cert_subject);
    put_foreign(o, "X-Client-Cert-Fingerprint", facts->cert_fingerprint);
    put_foreign(o, "X-Client-Cert-SANs", facts->cert_sans);
}

static void put_max_forwards(hf_writer *o, hf_span value)
{
    unsigned long hops = 0;

    for (size_t i = 0; i < value.len && hops < 1000; i++)
        hops = hops * 10 + (value.data[i] - 48u);
    if (hops > HOPS_MAX) /* RFC 9110 7.6.2: the lesser of it and the most that we support */
        hops = HOPS_MAX;
    hf_put_words(o, "Max-Forwards: %lu\r\n", hops > 0 ? hops - 1 : 0);
}

static void put_request_fields(hf_writer *o, const hf_head *head)
{
    bool options = hf_is_word(head->method, "OPTIONS");

    for (size_t i = 0; i < head->n_fields; i++) {
        hf_span name = head->fields[i].name, value = head->fields[i].value;

        if (!is_passed(head, name) || hf_field_is_ours(name) || hf_is_word(name, "host") ||
            hf_is_word(name, "expect"))
            continue;
        if (options && hf_is_word(name, "max-forwards"))
            put_max_forwards(o, value);
        else
            put_field(o, name, value);
    }
}

size_t hf_request_rewrite(const hf_head *head, const hf_client_facts *facts, char *data,
                          size_t room)
{
    hf_writer o = { .data = data, .room = room };

    hf_put_span(&o, head->method);
    hf_put_text(&o, " ");
    hf_put_span(&o, head->path);
    hf_put_text(&o, " HTTP/1.1\r\nHost: ");
    put_host(&o, head, facts);
    hf_put_text(&o, "\r\n");
    put_request_fields(&o, head);
    put_framing(&o, head);
    if (head->expects_continue)
        hf_put_text(&o, "Expect: 100-continue\r\n");
    if (head->upgrade)
        put_upgrade(&o, head->protocol);
    hf_put_words(&o, "Via: 1.%u handfast\r\n", head->minor);
    put_client(&o, head, facts);
    if (says(head,
             "early-data")) /* RFC 8470 5.1: nobody takes it away, and whatever it says means 1 */
        hf_put_text(&o, "Early-Data: 1\r\n");
    return finish(&o);
}

/* ---- responses ---- */

/* What the backend said of it is passed on, and not said twice. */
static void put_own_lines(hf_writer *o, const hf_head *head, const hf_response_facts *facts)
{
    char line[HF_FIELD_LINE] = "";

    if (facts->now > 0 && head->status >= 200 && !says(head, "date"))
        hf_date_line(facts->now, line);
    hf_put_text(o, line);
    if (says(head, "strict-transport-security"))
        return;
    hf_hsts_line(&facts->hsts, head->status, line);
    hf_put_text(o, line);
}

/* An interim response says nothing about the connection. */
static void put_connection(hf_writer *o, const hf_head *head, bool close)
{
    size_t at = 0;
    hf_span value;

    if (head->status == 101)
        put_upgrade(o, head->protocol);
    else if (head->status == 426 &&
             hf_head_next(head, "upgrade", &at, &value)) /* it must say to what */
        put_field(o, hf_span_str("Upgrade"), value);
    if (head->status < 200)
        return;
    bool ends = close || head->framing == HF_BODY_CLOSE || head->plain_body;
    bool upgrades = at > 0;
    if (ends || upgrades)
        hf_put_words(o, "Connection: %s%s%s\r\n", upgrades ? "upgrade" : "",
                     ends && upgrades ? ", " : "", ends ? "close" : "");
    else if (head->asked_minor == 0)
        hf_put_text(o, "Connection: keep-alive\r\n");
}

size_t hf_response_rewrite(const hf_head *head, const hf_response_facts *facts, char *data,
                           size_t room)
{
    hf_writer o = { .data = data, .room = room };

    hf_put_words(&o, "HTTP/1.1 %03u ", head->status);
    hf_put_span(&o, head->reason);
    hf_put_text(&o, "\r\n");
    for (size_t i = 0; i < head->n_fields; i++)
        if (is_passed(head, head->fields[i].name))
            put_field(&o, head->fields[i].name, head->fields[i].value);
    put_framing(&o, head);
    put_own_lines(&o, head, facts);
    put_connection(&o, head, facts->close);
    return finish(&o);
}
