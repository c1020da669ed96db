/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The responses that the proxy gives itself. They are not to be kept by caches unless they say where a thing has moved for good, and
 * they load nothing from anywhere.
 */
#include "tool/proxy/answers.h"

#include <string.h>

#include "base/bytes.h"
#include "tool/proxy/writer.h"

enum { BODY_ROOM = 3 * 1024 };

typedef struct row {
    unsigned status;
    const char *reason, *what, *todo;
} row;

static const row rows[] = {
    { 200, "OK", "", "" },
    { 301, "Moved Permanently", "This service is reached with https:// only.",
      "Go to the same address with https:// in front of it." },
    { 308, "Permanent Redirect", "This service is reached with https:// only.",
      "Send the same request to the same address with https:// in front of it." },
    { 400, "Bad Request", "The request could not be understood.",
      "If a program sent it, look at how it writes its requests." },
    { 403, "Forbidden",
      "This part of the site is for clients with a certificate that the site accepts.",
      "Choose your certificate when your browser asks, or give it to your client; then connect "
      "anew." },
    { 404, "Not Found", "There is nothing here.", "Look at the address again." },
    { 405, "Method Not Allowed", "This can only be read.", "Ask with GET or HEAD." },
    { 408, "Request Timeout", "The request did not come within the time that is given for it.",
      "Send it again." },
    { 414, "URI Too Long", "The address that was asked for is too long.",
      "Ask for a shorter one." },
    { 417, "Expectation Failed", "The request expects something that is not done here.",
      "Send it without the field Expect." },
    { 421, "Misdirected Request", "This connection does not lead to the site that was asked for.",
      "Connect anew, with the name of that site." },
    { 431, "Request Header Fields Too Large", "The request's header fields are too long.",
      "If a browser sent it, delete the cookies of this site; else send fewer or shorter fields." },
    { 500, "Internal Server Error", "The request could not be passed on.", "Try again later." },
    { 501, "Not Implemented", "The request asks for something that is not done here.",
      "Ask in another way." },
    { 502, "Bad Gateway", "The service behind this site gave no answer that could be passed on.",
      "Try again; if it stays so, tell who runs the site." },
    { 503, "Service Unavailable", "This service is not available at the moment.",
      "Try again in a while; if it stays so, tell who runs the site." },
    { 504, "Gateway Timeout", "The service behind this site did not answer in time.",
      "Try again in a while; if it stays so, tell who runs the site." },
    { 505, "HTTP Version Not Supported",
      "The request is of a version of HTTP that is not spoken here.", "Use HTTP/1.1." },
};

static const row *row_of(unsigned status)
{
    static const row other = { 0, "Error", "The request could not be answered.",
                               "Try again later." };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == status)
            return &rows[i];
    return &other;
}

/* ---- writing ---- */

/* For a page: no word of it is a tag. */
static void put_escaped(hf_writer *o, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '<': hf_put_text(o, "&lt;"); break;
        case '>': hf_put_text(o, "&gt;"); break;
        case '&': hf_put_text(o, "&amp;"); break;
        case '"': hf_put_text(o, "&quot;"); break;
        default: hf_put(o, text, 1);
        }
}

static const char style[] =
    ":root{color-scheme:light dark}body{font:1rem/1.5 "
    "system-ui,sans-serif;max-width:36rem;margin:0 auto;"
    "padding:15vh 1.25rem}h1{font-size:1.4rem;margin:0 0 1rem}p{margin:0 0 .75rem}p+p{opacity:.75}";

static void put_page(hf_writer *o, const hf_answer *a, const row *r)
{
    hf_put_text(o, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    hf_put_words(o, "<title>%u %s</title>\n<style>", a->status, r->reason);
    hf_put_text(o, style);
    hf_put_words(o, "</style>\n</head>\n<body>\n<h1>%u %s</h1>\n<p>", a->status, r->reason);
    put_escaped(o, a->what ? a->what : r->what);
    if (a->detail) {
        hf_put_text(o, " (");
        put_escaped(o, a->detail);
        hf_put_text(o, ")");
    }
    hf_put_text(o, "</p>\n<p>");
    put_escaped(o, a->todo ? a->todo : r->todo);
    hf_put_text(o, "</p>\n</body>\n</html>\n");
}

static void put_plain(hf_writer *o, const hf_answer *a, const row *r)
{
    hf_put_words(o, "%u %s\n\n", a->status, r->reason);
    hf_put_text(o, a->what ? a->what : r->what);
    if (a->detail)
        hf_put_words(o, " (%s)", a->detail);
    hf_put_text(o, "\n");
    hf_put_text(o, a->todo ? a->todo : r->todo);
    hf_put_text(o, "\n");
}

static hf_span write_body(const hf_answer *a, const row *r, char room[BODY_ROOM])
{
    hf_writer o = { .data = room, .room = BODY_ROOM };

    if (a->type || a->status == 200)
        return a->body;
    if (a->html)
        put_page(&o, a, r);
    else
        put_plain(&o, a, r);
    return hf_span_of(room, hf_written(&o));
}

static const char *type_of(const hf_answer *a)
{
    return a->type ? a->type : a->html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
}

static void put_named(hf_writer *o, const char *name, const char *value)
{
    if (!value)
        return;
    hf_put_text(o, name);
    hf_put_text(o, value);
    hf_put_text(o, "\r\n");
}

static void put_fields(hf_writer *o, const hf_answer *a, int64_t now, size_t body)
{
    char line[HF_FIELD_LINE];

    hf_date_line(now, line);
    hf_put_text(o, line);
    hf_hsts_line(&a->hsts, a->status, line);
    hf_put_text(o, line);
    hf_put_words(o, "Content-Length: %zu\r\n", body);
    if (body > 0)
        hf_put_words(o, "Content-Type: %s\r\nX-Content-Type-Options: nosniff\r\n", type_of(a));
    if (a->html && !a->type) /* a page of ours has no business to load or to be framed */
        hf_put_text(o, "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
                       "frame-ancestors 'none'\r\n");
    put_named(o, "Location: ", a->location);
    put_named(o, "Allow: ", a->allow);
    if (!a->store)
        hf_put_text(o, "Cache-Control: no-store\r\n");
    if (a->retry_after)
        hf_put_words(o, "Retry-After: %u\r\n", a->retry_after);
    if (a->close || a->kept_http10)
        hf_put_words(o, "Connection: %s\r\n", a->close ? "close" : "keep-alive");
}

size_t hf_answer_write(const hf_answer *answer, int64_t now, char *data, size_t room)
{
    const row *r = row_of(answer->status);
    hf_writer o = { .data = data, .room = room };
    char words[BODY_ROOM];
    hf_span body = write_body(answer, r, words);

    hf_put_words(&o, "HTTP/1.1 %03u %s\r\n", answer->status, r->reason);
    put_fields(&o, answer, now, body.len);
    hf_put_text(&o, "\r\n");
    if (!answer->head_only)
        hf_put_span(&o, body);
    return hf_written(&o);
}

/* ---- who takes a page ---- */

static bool begins(hf_span text, const char *word)
{
    size_t n = strlen(word);

    return text.len >= n && hf_span_equal_text(hf_span_of(text.data, n), hf_span_str(word));
}

bool hf_answer_is_page(hf_span head)
{
    while (head.len > 0) {
        const uint8_t *lf = memchr(head.data, '\n', head.len);
        hf_span line = hf_span_of(head.data, lf ? (size_t)(lf - head.data) : head.len);

        head = hf_span_of(line.data + line.len, head.len - line.len);
        if (lf)
            head = hf_span_of(head.data + 1, head.len - 1);
        if (!begins(line, "accept:"))
            continue;
        for (size_t i = 0; i < line.len; i++)
            if (begins(hf_span_of(line.data + i, line.len - i), "text/html"))
                return true;
    }
    return false;
}
