/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the admin port says: /metrics, /healthz, and why not. */
#include "tool/proxy/admin_answer.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "tool/proxy/admin.h"
#include "tool/proxy/http_fields.h"
#include "tool/proxy/http_head.h"

typedef struct answer {
    unsigned status;
    const char *type;
    hf_text body;
    bool head_only, allow, keep;
} answer;

static const char *reason_of(unsigned status)
{
    switch (status) {
    case 200: return "OK";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 417: return "Expectation Failed";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Bad Request";
    }
}

static bool is(hf_span span, const char *text)
{
    return span.len == strlen(text) && memcmp(span.data, text, span.len) == 0;
}

static hf_span without_query(hf_span path)
{
    const uint8_t *mark = path.len > 0 ? memchr(path.data, '?', path.len) : NULL;

    return mark ? (hf_span){ path.data, (size_t)(mark - path.data) } : path;
}

static void plain(answer *a, unsigned status, const char *words)
{
    a->status = status;
    hf_text_print(&a->body, "%s\n", words);
}

static void metrics(answer *a, const hf_status *status)
{
    if (hf_metrics_text(status, &a->body)) {
        a->status = 200;
        a->type = "text/plain; version=0.0.4; charset=utf-8";
        return;
    }
    hf_text_free(&a->body);
    plain(a, 500, "out of memory");
}

static bool has_body(const hf_head *head)
{
    return head->framing != HF_BODY_NONE && (head->framing != HF_BODY_LENGTH || head->length > 0);
}

static void choose(answer *a, const hf_head *head, const hf_status *status)
{
    hf_span path = without_query(head->path);

    a->head_only = is(head->method, "HEAD");
    a->keep = head->keep_alive && !has_body(head);
    if (!is(path, "/metrics") && !is(path, "/healthz")) {
        plain(a, 404, "there is /metrics and /healthz");
    } else if (!a->head_only && !is(head->method, "GET")) {
        a->allow = true;
        plain(a, 405, "GET and HEAD alone");
    } else if (has_body(head)) {
        plain(a, 413, "a request has no body here");
    } else if (is(path, "/metrics")) {
        metrics(a, status);
    } else {
        a->status = hf_health_text(status, &a->body);
    }
}

static void say(const answer *a, hf_text *out)
{
    char date[HF_FIELD_LINE];

    hf_date_line(hf_clock_wall(), date);
    hf_text_print(out,
                  "HTTP/1.1 %u %s\r\n%sContent-Type: %s\r\nContent-Length: %zu\r\n"
                  "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n%s%s\r\n",
                  a->status, reason_of(a->status), date, a->type, a->body.len,
                  a->allow ? "Allow: GET, HEAD\r\n" : "", a->keep ? "" : "Connection: close\r\n");
    if (!a->head_only && a->body.len > 0)
        hf_text_add(out, a->body.data, a->body.len);
    out->full = out->full || a->body.full;
}

size_t hf_admin_answer(hf_span in, const hf_status *status, hf_text *out, bool *last)
{
    answer a = { .type = "text/plain; charset=utf-8", .body = hf_text_new(HF_STATUS_TEXT_MAX) };
    hf_head_fault fault = { 0, NULL, 0 };
    size_t len = hf_head_length(in, HF_ADMIN_HEAD_MAX, false, &fault);
    hf_head head;

    if (len == 0 && fault.status == 0)
        return 0;
    if (len > 0 && hf_head_read((hf_span){ in.data, len }, NULL, &head, &fault)) {
        choose(&a, &head, status);
    } else {
        len = in.len;
        plain(&a, fault.status, fault.why ? fault.why : "no request");
    }
    say(&a, out);
    hf_text_free(&a.body);
    *last = !a.keep;
    return len;
}
