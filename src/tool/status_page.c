/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * One list of facts, three forms. A browser says that it takes text/html and gets a page; curl and
 * s_client get text that reads well in 80 columns; who asks for application/json gets that.
 */
#include "tool/status_page.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>
#include <stdlib.h>

#include <handfast/handfast.h>
#include "explain/markup.h"
#include "tool/json_report.h"
#include "tool/json_text.h"
#include "tool/psk_file.h"
#include "tool/report.h"
#include "tool/target.h"

enum { FACTS_MAX = 20, FACT_TEXT = 1100, VALUE_COLUMN = 19, LINE_MAX_COLUMNS = 80 };

typedef struct fact {
    const char *name, *meaning;
    char value[FACT_TEXT];
} fact;

typedef struct facts {
    fact at[FACTS_MAX];
    size_t n;
} facts;

static const char *or_none(const char *text)
{
    return text && *text ? text : "none";
}

static void add(facts *f, const char *name, const char *value, const char *meaning)
{
    fact *next = &f->at[f->n++];

    next->name = name;
    next->meaning = meaning;
    snprintf(next->value, sizeof next->value, "%s", value);
}

/* Only what was verified is shown: without it there is no connection. */
static void add_client(facts *f, const hf_conn_info *info, const hf_peer *who)
{
    char psk[HF_PSK_NAME_ROOM], words[HF_PSK_NAME_ROOM + 16];

    if (info->psk_used) {
        hf_psk_name(info->psk_identity, psk);
        snprintf(words, sizeof words, "pre-shared key %s", psk);
        add(f, "Your identity", words, "the name of the key that both sides had beforehand");
        return;
    }
    if (!who) {
        add(f, "Your identity",
            info->certificate_requested ? "no client certificate"
                                        : "no client certificate (none was asked for)",
            "who your client proved to be");
        return;
    }
    add(f, "Your identity", *who->subject ? who->subject : "no subject",
        "who your client proved to be");
    add(f, "Your names", or_none(who->sans), "that the certificate is for (subjectAltName)");
    add(f, "Fingerprint", who->fingerprint, "SHA-256 of your client's certificate");
}

static const char *signature(const hf_conn_info *info)
{
    const char *scheme = hf_code_name(HF_SCHEMES, info->signature_scheme);

    return scheme           ? scheme
           : info->resumed  ? "none: the session vouches for the server"
           : info->psk_used ? "none: the pre-shared key vouches for both sides"
                            : "none";
}

static void collect(facts *f, hf_conn *conn, const char *visitor)
{
    const hf_conn_info *info = hf_conn_info_of(conn);
    char exchange[HF_KEY_EXCHANGE_ROOM], trips[48];

    hf_key_exchange_text(info, exchange);
    snprintf(trips, sizeof trips, "%u%s", info->round_trips,
             info->retried ? ", one more for another key share" : "");
    f->n = 0;
    add(f, "Version", or_none(hf_version_name(info->version)),
        "the protocol that both sides agreed on");
    add(f, "Cipher suite", or_none(hf_code_name(HF_SUITES, info->cipher_suite)),
        "how this page is encrypted");
    add(f, "Key exchange", exchange, "how both sides came to the same secret");
    add(f, "Signature", signature(info), "how the server proved that the certificate is its own");
    add(f, "Forward secrecy", info->forward_secrecy ? "yes" : "no",
        "whether a key stolen later leaves this page secret");
    add(f, "Resumed", info->resumed ? "yes" : "no",
        "whether this is a session of before, so that nobody had to prove who he is again");
    add(f, "Early data", hf_early_name(info->early),
        "whether your client's first flight carried data already (0-RTT)");
    add(f, "Round trips", trips, "that the handshake took before data could flow");
    add(f, "Server name", or_none(info->server_name), "that your client asked for (SNI)");
    add(f, "Application", or_none(info->alpn), "the protocol agreed on for what follows (ALPN)");
    add_client(f, info, hf_conn_peer(conn));
    add(f, "You", visitor, "the address that this connection comes from");
}

/* ---- the three bodies ---- */

/* As much of it as fits into a line; broken behind a blank or a colon if there is one. */
static size_t fitting(const char *value)
{
    size_t room = LINE_MAX_COLUMNS - VALUE_COLUMN, len = strlen(value);

    if (len <= room)
        return len;
    for (size_t n = room; n > room / 2; n--)
        if (value[n - 1] == ' ' || value[n - 1] == ':')
            return n;
    return room;
}

static void plain_value(hf_text *body, const char *value)
{
    for (size_t n; (n = fitting(value)) < strlen(value); value += n)
        hf_text_print(body, "%.*s\n%*s", (int)(value[n - 1] == ' ' ? n - 1 : n), value,
                      VALUE_COLUMN, "");
    hf_text_print(body, "%s\n", value);
}

/* A browser has certificates and no pre-shared keys. */
static void plain(hf_text *body, const facts *f, bool browsers)
{
    hf_text_say(body, "Your handshake with handfast\n\n");
    for (size_t i = 0; i < f->n; i++) {
        hf_text_print(body, "  %-17s", f->at[i].name);
        plain_value(body, f->at[i].value);
    }
    hf_text_print(body, "\n%sAs JSON: Accept: application/json.\n",
                  browsers ? "As a page: open this address in a browser. " : "");
}

static const char page_head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>Your handshake</title>\n<style>\n"
    ":root { --ink: #1b1f24; --dim: #59636e; --paper: #fbfbf9; --line: #d9dcd6; --good: #1a7f4b; "
    "}\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  :root { --ink: #e6e8ea; --dim: #9aa4af; --paper: #16191d; --line: #333a41; --good: #57c98d; "
    "} }\n"
    "body { margin: 0 auto; max-width: 46rem; padding: 3rem 1.25rem; color: var(--ink); "
    "background: var(--paper);\n"
    "  font: 1rem/1.5 system-ui, sans-serif; }\n"
    "h1 { font-size: 1.6rem; margin: 0 0 .25rem; } p { color: var(--dim); margin: 0 0 2rem; }\n"
    "dl { display: grid; grid-template-columns: minmax(8rem, auto) 1fr; margin: 0; }\n"
    "dt, dd { padding: .6rem 0; border-top: 1px solid var(--line); margin: 0; }\n"
    "dt { font-weight: 600; padding-right: 1.5rem; } dd b { font-family: ui-monospace, monospace; "
    "font-weight: 600;\n"
    "  overflow-wrap: anywhere; } dd span { display: block; color: var(--dim); font-size: .875rem; "
    "}\n"
    "footer { margin-top: 2rem; color: var(--dim); font-size: .875rem; }\n"
    "h1::before { content: \"\\2713\\00a0\"; color: var(--good); "
    "}\n</style>\n</head>\n<body>\n<main>\n"
    "<h1>Your handshake is complete</h1>\n<p>This is what your client and this server agreed "
    "on.</p>\n<dl>\n";

static void html(hf_text *body, const facts *f)
{
    hf_sheet page = { .error = HF_OK };

    hf_sheet_put(&page, page_head);
    for (size_t i = 0; i < f->n; i++)
        hf_markup(&page, "<dt>%s</dt><dd><b>%s</b><span>%s</span></dd>\n", f->at[i].name,
                  f->at[i].value, f->at[i].meaning);
    hf_markup(&page, "</dl>\n</main>\n<footer>handfast %s</footer>\n</body>\n</html>\n",
              hf_version());
    body->full = body->full || page.error || !hf_text_add(body, page.text, page.len);
    hf_sheet_free(&page);
}

static void json(hf_text *body, hf_conn *conn, const char *visitor)
{
    json_t *object = json_object();

    json_object_set_new(object, "schema", json_string("handfast.page/1"));
    hf_json_agreed(object, conn);
    hf_json_client(object, conn);
    json_object_set_new(object, "client", hf_json_text(visitor));
    char *text = json_dumps(object, JSON_INDENT(2));
    if (text)
        hf_text_say(body, text);
    hf_text_say(body, "\n");
    free(text);
    json_decref(object);
}

/* ---- the response ---- */

static const char *reason(int status)
{
    switch (status) {
    case 200: return "OK";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 425: return "Too Early";
    case 431: return "Request Header Fields Too Large";
    case 505: return "HTTP Version Not Supported";
    default: return "Bad Request";
    }
}

/* A browser that is told so never speaks plain HTTP to this host again (RFC 6797). For localhost that would break
   every other server on the developer's machine, and for addresses it means nothing: there it is taken back. */
static const char *hsts(const char *server_name)
{
    bool local = !server_name || strcasecmp(server_name, "localhost") == 0 ||
                 (strlen(server_name) > 10 &&
                  strcasecmp(server_name + strlen(server_name) - 10, ".localhost") == 0);

    return local ? "max-age=0" : "max-age=63072000";
}

/* The first of our types that the header names; curl's and s_client's silence means text. */
static const char *chosen_type(const char *accept)
{
    if (accept && strstr(accept, "text/html"))
        return "text/html; charset=utf-8";
    if (accept && strstr(accept, "application/json"))
        return "application/json";
    return "text/plain; charset=utf-8";
}

/* What came as 0-RTT may come again from somebody who only watched: nothing is done for it that matters (RFC 8470 5.2). */
static int judge(const hf_http_request *request)
{
    if (request->status != 200)
        return request->status;
    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0)
        return request->early ? 425 : 405;
    return strcmp(request->path, "/") == 0 || strncmp(request->path, "/?", 2) == 0 ? 200 : 404;
}

static void write_body(hf_text *body, int status, const char *type, hf_conn *conn,
                       const char *visitor)
{
    facts f;

    collect(&f, conn, visitor);
    if (status != 200)
        hf_text_print(body, "%d %s\n", status, reason(status));
    else if (type[0] == 'a')
        json(body, conn, visitor);
    else if (type[5] == 'h')
        html(body, &f);
    else
        plain(body, &f, !hf_conn_info_of(conn)->psk_used);
}

bool hf_status_page(hf_text *response, const hf_http_request *request, hf_conn *conn,
                    const char *visitor)
{
    int status = judge(request);
    const char *type = chosen_type(status == 200 ? request->accept : NULL);
    hf_text body = hf_text_new(HF_PAGE_MAX);
    bool head_only = request->method && strcmp(request->method, "HEAD") == 0;

    write_body(&body, status, type, conn, visitor);
    hf_text_print(response, "HTTP/1.%d %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n",
                  request->minor, status, reason(status), type, body.len);
    hf_text_print(response,
                  "Strict-Transport-Security: %s\r\nCache-Control: "
                  "no-store\r\nX-Content-Type-Options: nosniff\r\n"
                  "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nVary: "
                  "Accept\r\n%s"
                  "Connection: close\r\n\r\n",
                  hsts(hf_conn_info_of(conn)->server_name),
                  status == 405 ? "Allow: GET, HEAD\r\n" : "");
    if (!head_only && body.len > 0)
        hf_text_add(response, body.data, body.len);
    bool whole = !body.full && !response->full;
    hf_text_free(&body);
    return whole;
}
