/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a request asks for (RFC 9112 3.2, 3.3): origin-form, absolute-form or "*", and Host. An authority is a name or an address and
 * perhaps a port; what it says and what Host says is the same, or the request is refused.
 */
#include "tool/proxy/http_parts.h"

enum { HOST_MAX = 255, PORT_DIGITS = 5 };

typedef struct authority {
    hf_span host;
    uint16_t port;
} authority;

/* ---- an authority ---- */

static const char *read_port(hf_span digits, uint16_t *port)
{
    unsigned value = 0;

    if (digits.len == 0)
        return "a host with a colon and no port";
    if (digits.len > PORT_DIGITS || digits.data[0] == '0')
        return "the host's port is none";
    for (size_t i = 0; i < digits.len; i++) {
        if (!hf_is_digit(digits.data[i]))
            return "the host's port is none";
        value = value * 10 + (digits.data[i] - 48u);
    }
    if (value > UINT16_MAX)
        return "the host's port is none";
    *port = (uint16_t)value;
    return NULL;
}

/* Labels of letters, digits, "-" and "_", with or without the root's dot; IPv4 is one of these too. */
static bool is_name(hf_span name)
{
    size_t label = 0;

    if (name.len > 0 && name.data[name.len - 1] == '.')
        name.len--;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];
        if (c == '.' && label == 0)
            return false;
        if (c != '.' && c != '-' && c != '_' && !hf_is_digit(c) && !hf_is_letter(c))
            return false;
        label = c == '.' ? 0 : label + 1;
    }
    return label > 0 && name.len <= HOST_MAX;
}

/* Hexadecimal digits, colons and dots between brackets: whether it is an address, its user finds out. */
static bool is_literal(hf_span text)
{
    bool colon = false;

    for (size_t i = 1; i + 1 < text.len; i++) {
        colon |= text.data[i] == ':';
        if (hf_hex_digit(text.data[i]) < 0 && text.data[i] != ':' && text.data[i] != '.')
            return false;
    }
    return colon && text.len <= 2 + 45;
}

/* NULL, or what is wrong. */
static const char *read_authority(hf_span text, authority *out)
{
    const uint8_t *close =
        text.len > 0 && text.data[0] == '[' ? memchr(text.data, ']', text.len) : NULL;
    const uint8_t *from = close ? close + 1 : text.data;
    size_t left = text.len - (size_t)(from - text.data);
    const uint8_t *colon = left > 0 ? memchr(from, ':', left) : NULL;
    size_t n = colon ? (size_t)(colon - text.data) : text.len;

    *out = (authority){ .host = { text.data, n } };
    if (text.len == 0)
        return "the host is empty";
    if (memchr(text.data, '@', text.len))
        return "a user's name before the host";
    if (close ? close + 1 != text.data + n || !is_literal(out->host) : !is_name(out->host))
        return "the host is neither a name nor an address";
    if (text.data[n - 1] == '.')
        out->host.len--;
    return colon ? read_port(hf_span_of(colon + 1, text.len - n - 1), &out->port) : NULL;
}

static bool read_host(hf_head_reader *r, bool *has, authority *host)
{
    size_t at = 0;
    hf_span value, second;

    *has = hf_head_next(r->head, "host", &at, &value);
    if (!*has)
        return r->head->minor == 0 || hf_head_bad(r, 400, "no Host", r->bytes.data);
    if (hf_head_next(r->head, "host", &at, &second))
        return hf_head_bad(r, 400, "more than one Host", second.data);
    const char *why = read_authority(value, host);
    return !why || hf_head_bad(r, 400, why, value.data);
}

/* ---- the target's forms ---- */

/* Escapes that are none, and NUL, mean something else to everyone. */
static const char *check_escapes(hf_span path)
{
    for (size_t i = 0; i < path.len; i++) {
        if (path.data[i] != '%')
            continue;
        int high = i + 2 < path.len ? hf_hex_digit(path.data[i + 1]) : -1;
        int low = i + 2 < path.len ? hf_hex_digit(path.data[i + 2]) : -1;
        if (high < 0 || low < 0)
            return "a percent sign without two hexadecimal digits in the path";
        if (high == 0 && low == 0)
            return "a NUL in the path";
    }
    return NULL;
}

static bool read_path(hf_head_reader *r, hf_span path)
{
    const uint8_t *query = memchr(path.data, '?', path.len);
    hf_span before = hf_span_of(path.data, query ? (size_t)(query - path.data) : path.len);
    const char *why =
        memchr(before.data, '\\', before.len) ? "a backslash in the path" : check_escapes(before);

    r->head->path = path;
    return !why || hf_head_bad(r, 400, why, path.data);
}

static bool check_target_bytes(hf_head_reader *r)
{
    hf_span t = r->head->target;

    for (size_t i = 0; i < t.len; i++) {
        if (t.data[i] > '~')
            return hf_head_bad(r, 400, "a target that is not ASCII", t.data + i);
        if (t.data[i] == '\t')
            return hf_head_bad(r, 400, "a tab in the request line", t.data + i);
        if (t.data[i] == '#')
            return hf_head_bad(r, 400, "a fragment in the target", t.data + i);
    }
    return true;
}

/* http:// or https://; the rest behind it, and the port that goes without saying. */
static bool take_scheme(hf_span *rest, uint16_t *port)
{
    static const struct {
        const char *text;
        uint16_t port;
    } schemes[] = { { "http://", 80 }, { "https://", 443 } };

    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(schemes[i].text);
        if (rest->len < n || !hf_is_word(hf_span_of(rest->data, n), schemes[i].text))
            continue;
        *rest = hf_span_of(rest->data + n, rest->len - n);
        *port = schemes[i].port;
        return true;
    }
    return false;
}

static uint16_t port_or(uint16_t port, uint16_t otherwise)
{
    return port ? port : otherwise;
}

static bool read_absolute(hf_head_reader *r, bool has_host, const authority *host)
{
    hf_head *head = r->head;
    hf_span rest = head->target;
    uint16_t usual;
    authority named;
    size_t n = 0;

    if (!take_scheme(&rest, &usual))
        return hf_head_bad(r, 400, "the target is neither a path nor an http(s) address",
                           rest.data);
    while (n < rest.len && rest.data[n] != '/' && rest.data[n] != '?')
        n++;
    const char *why = read_authority(hf_span_of(rest.data, n), &named);
    if (why)
        return hf_head_bad(r, 400, why, rest.data);
    if (has_host && (!hf_span_equal_text(named.host, host->host) ||
                     port_or(named.port, usual) != port_or(host->port, usual)))
        return hf_head_bad(r, 400, "the target and Host differ", rest.data);
    head->host = named.host;
    head->port = named.port;
    if (n < rest.len && rest.data[n] == '?')
        return hf_head_bad(r, 400, "a query without a path", rest.data + n);
    if (n < rest.len)
        return read_path(r, hf_span_of(rest.data + n, rest.len - n));
    head->path = hf_span_str(hf_is_word(head->method, "OPTIONS") ? "*" : "/");
    return true;
}

bool hf_head_read_target(hf_head_reader *r)
{
    hf_head *head = r->head;
    authority host = { .port = 0 };
    bool has_host;

    if (!check_target_bytes(r) || !read_host(r, &has_host, &host))
        return false;
    if (head->target.data[0] != '/' && !hf_is_word(head->target, "*"))
        return read_absolute(r, has_host, &host);
    head->host = host.host;
    head->port = host.port;
    if (head->target.data[0] == '/')
        return read_path(r, head->target);
    head->path = head->target;
    return hf_is_word(head->method, "OPTIONS") ||
           hf_head_bad(r, 400, "\"*\" is for OPTIONS alone", head->target.data);
}
