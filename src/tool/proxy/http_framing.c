/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the fields mean for the body and the connection (RFC 9112 6, 7, 9; RFC 9110 7.6, 7.8, 10.1.1). One field says how long a body
 * is, once, in one way; two that agree are refused as two that differ, for a list of one may be a list of two to the next reader.
 */
#include "tool/proxy/http_parts.h"
#include "tool/proxy/http_rewrite.h"

/* The only field of that name; *has tells whether there is one. */
static bool only(hf_head_reader *r, const char *name, const char *twice, bool *has, hf_span *value)
{
    size_t at = 0;
    hf_span second;

    *value = (hf_span){ NULL, 0 };
    *has = hf_head_next(r->head, name, &at, value);
    return !hf_head_next(r->head, name, &at, &second) || hf_head_bad(r, 400, twice, second.data);
}

/* ---- Content-Length ---- */

static bool read_length(hf_head_reader *r, hf_span value)
{
    uint64_t length = 0;

    if (value.len == 0)
        return hf_head_bad(r, 400, "Content-Length is empty", value.data);
    if (memchr(value.data, ',', value.len))
        return hf_head_bad(r, 400, "Content-Length is a list", value.data);
    for (size_t i = 0; i < value.len; i++)
        if (!hf_is_digit(value.data[i]))
            return hf_head_bad(r, 400, "Content-Length is not digits alone", value.data + i);
    if (value.len > 1 && value.data[0] == '0') /* ten, or eight? */
        return hf_head_bad(r, 400, "Content-Length begins with a zero", value.data);
    for (size_t i = 0; i < value.len; i++) {
        length = length * 10 + (value.data[i] - 48u);
        if (length > (uint64_t)1 << 62 || i > 18)
            return hf_head_bad(r, 400, "Content-Length is too large", value.data);
    }
    r->head->length = length;
    return true;
}

/* ---- Transfer-Encoding ---- */

/* Registered codings with perhaps chunked at the end: not a riddle, but not offered. */
static bool is_other_coding(hf_span list)
{
    static const char *const others[] = { "gzip",       "x-gzip",  "compress",
                                          "x-compress", "deflate", "identity" };
    bool chunked = false, any = false;
    hf_span coding;

    while (hf_list_next(&list, &coding)) {
        bool other = false;
        for (size_t i = 0; i < sizeof others / sizeof *others; i++)
            other |= hf_is_word(coding, others[i]);
        if (chunked || (!other && !hf_is_word(coding, "chunked")))
            return false;
        chunked = !other;
        any |= other;
    }
    return any;
}

static bool read_coding(hf_head_reader *r, hf_span value)
{
    if (r->head->minor == 0)
        return hf_head_bad(r, 400, "Transfer-Encoding in HTTP/1.0", value.data);
    if (hf_is_word(value, "chunked"))
        return true;
    if (is_other_coding(value))
        return hf_head_bad(r, 501, "a transfer coding other than chunked", value.data);
    return hf_head_bad(r, 400, "Transfer-Encoding is not exactly chunked", value.data);
}

static bool read_framing(hf_head_reader *r)
{
    hf_head *head = r->head;
    bool has_length, has_coding;
    hf_span length, coding;

    if (!only(r, "content-length", "more than one Content-Length", &has_length, &length) ||
        !only(r, "transfer-encoding", "more than one Transfer-Encoding", &has_coding, &coding))
        return false;
    if (has_length && has_coding)
        return hf_head_bad(r, 400, "Content-Length and Transfer-Encoding together", coding.data);
    if ((has_length && !read_length(r, length)) || (has_coding && !read_coding(r, coding)))
        return false;
    head->announced = has_length ? HF_BODY_LENGTH : has_coding ? HF_BODY_CHUNKED : HF_BODY_NONE;
    head->framing = head->announced;
    return true;
}

/* ---- Connection, Upgrade ---- */

/* Fields that a peer may not have us take out of its own message. */
static bool is_kept(hf_span name)
{
    return hf_is_word(name, "host") || hf_is_word(name, "content-length") ||
           hf_is_word(name, "transfer-encoding");
}

static bool read_connection(hf_head_reader *r, bool *upgrade)
{
    hf_head *head = r->head;
    bool close = false, keep = false;
    size_t at = 0;
    hf_span value, option;

    *upgrade = false;
    while (hf_head_next(head, "connection", &at, &value))
        while (hf_list_next(&value, &option)) {
            if (!hf_is_token(option))
                return hf_head_bad(r, 400, "Connection is not a list of names", option.data);
            if (is_kept(option))
                return hf_head_bad(r, 400, "Connection names a field that is not the connection's",
                                   option.data);
            close |= hf_is_word(option, "close");
            keep |= hf_is_word(option, "keep-alive");
            *upgrade |= hf_is_word(option, "upgrade");
        }
    head->keep_alive = !close && (head->minor == 1 || keep);
    return true;
}

/* One protocol, and none that would be HTTP or TLS past us (h2c is how requests are smuggled through a proxy's upgrade). */
static bool is_protocol(hf_span value)
{
    const uint8_t *slash = value.len > 0 ? memchr(value.data, '/', value.len) : NULL;
    size_t n = slash ? (size_t)(slash - value.data) : value.len;
    hf_span name = hf_span_of(value.data, n);

    if (!hf_is_token(name) || (slash && !hf_is_token(hf_span_of(slash + 1, value.len - n - 1))))
        return false;
    return !hf_is_word(name, "h2c") && !hf_is_word(name, "h2") && !hf_is_word(name, "h3") &&
           !hf_is_word(name, "http") && !hf_is_word(name, "tls");
}

static bool read_upgrade(hf_head_reader *r, bool named)
{
    hf_head *head = r->head;
    bool has;
    hf_span value;

    if (!only(r, "upgrade", "more than one Upgrade", &has, &value))
        return false;
    if (has && !named && !head->response && head->minor == 1)
        return hf_head_bad(r, 400, "Upgrade without Connection: upgrade", value.data);
    head->upgrade = has && named && head->minor == 1 && is_protocol(value);
    if (head->upgrade)
        head->protocol = value;
    return true;
}

/* ---- Expect, Max-Forwards, Trailer ---- */

static bool read_expect(hf_head_reader *r)
{
    hf_head *head = r->head;
    bool has;
    hf_span value;

    if (!only(r, "expect", "more than one Expect", &has, &value))
        return false;
    if (!has || head->minor == 0) /* RFC 9110 10.1.1: of HTTP/1.0 it is ignored */
        return true;
    if (!hf_is_word(value, "100-continue"))
        return hf_head_bad(r, 417, "Expect is not 100-continue", value.data);
    head->expects_continue = head->framing != HF_BODY_NONE;
    return true;
}

static bool read_max_forwards(hf_head_reader *r)
{
    bool has;
    hf_span value;

    if (!hf_is_word(r->head->method, "OPTIONS"))
        return true;
    if (!only(r, "max-forwards", "more than one Max-Forwards", &has, &value))
        return false;
    if (!has)
        return true;
    bool number = value.len > 0, zero = true;
    for (size_t i = 0; i < value.len; i++) {
        number &= hf_is_digit(value.data[i]);
        zero &= value.data[i] == '0';
    }
    r->head->last_hop = number && zero;
    return number || hf_head_bad(r, 400, "Max-Forwards is not a number", value.data);
}

/* It announces trailers; hf_body looks at what comes. */
static bool read_trailer(hf_head_reader *r)
{
    size_t at = 0;
    hf_span value, name;

    while (hf_head_next(r->head, "trailer", &at, &value))
        while (hf_list_next(&value, &name)) {
            if (!hf_is_token(name))
                return hf_head_bad(r, 400, "Trailer is not a list of names", name.data);
            if (hf_field_is_no_trailer(name))
                return hf_head_bad(r, 400, "Trailer names a field that is none", name.data);
        }
    return true;
}

/* ---- responses ---- */

static bool read_switch(hf_head_reader *r)
{
    hf_head *head = r->head;

    if (!r->request->upgrade)
        return hf_head_bad(r, 502, "101 that nobody asked for", r->bytes.data);
    if (!head->upgrade || !hf_span_equal_text(head->protocol, r->request->protocol))
        return hf_head_bad(r, 502, "101 to another protocol than was asked for", r->bytes.data);
    if (head->announced == HF_BODY_CHUNKED || head->length > 0)
        return hf_head_bad(r, 502, "101 with a body", r->bytes.data);
    head->announced = HF_BODY_NONE;
    head->framing = HF_BODY_TUNNEL;
    return true;
}

/* 1xx and 204 have no body, whatever they say; Content-Length: 0 is said often, and true. */
static bool read_bodiless(hf_head_reader *r)
{
    hf_head *head = r->head;

    if (head->announced == HF_BODY_CHUNKED || head->length > 0)
        return hf_head_bad(r, 502, "a body where the status allows none", r->bytes.data);
    head->announced = head->framing = HF_BODY_NONE;
    return true;
}

static bool read_response(hf_head_reader *r)
{
    hf_head *head = r->head;

    head->asked_minor = r->request->minor;
    if (head->status == 101)
        return read_switch(r);
    if (head->status < 200 || head->status == 204)
        return read_bodiless(r);
    if (hf_is_word(r->request->method, "HEAD") || head->status == 304) {
        head->framing = HF_BODY_NONE;
        return true;
    }
    if (head->framing == HF_BODY_NONE) {
        head->framing = head->announced = HF_BODY_CLOSE;
        head->keep_alive = false;
    }
    head->plain_body = head->framing == HF_BODY_CHUNKED && head->asked_minor == 0;
    return true;
}

bool hf_head_read_framing(hf_head_reader *r)
{
    bool upgrade;

    if (!read_framing(r) || !read_connection(r, &upgrade) || !read_upgrade(r, upgrade) ||
        !read_trailer(r))
        return false;
    return r->head->response ? read_response(r) : read_expect(r) && read_max_forwards(r);
}
