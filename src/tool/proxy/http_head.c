/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A head's lines: where it ends, and its fields (RFC 9112 2, 5). Each line ends with CRLF and nothing else, holds no
 * control characters, and is judged by its bytes in their order, so that it makes no difference how they arrive.
 */
#include "tool/proxy/http_names.h"
#include "tool/proxy/http_parts.h"

bool hf_head_bad(hf_head_reader *r, unsigned status, const char *why, const uint8_t *at)
{
    r->fault->status = r->head->response ? 502 : status;
    r->fault->why = why;
    r->fault->offset = (size_t)(at - r->bytes.data);
    return false;
}

/* ---- lines ---- */

typedef enum line_state { LINE_MORE, LINE_WHOLE, LINE_LONG, LINE_BAD } line_state;

static const char *control_words(uint8_t c)
{
    switch (c) {
    case '\r': return "a CR without LF";
    case '\n': return "a LF without CR";
    case '\0': return "a NUL byte";
    default: return "a control character";
    }
}

/* The line that begins at `at`; its CR must stand before `limit`. *end: where that is, or what is wrong. */
static line_state find_line(hf_span bytes, size_t at, size_t limit, size_t *end)
{
    size_t stop = bytes.len < limit ? bytes.len : limit;

    for (*end = at; *end < stop; (*end)++) {
        uint8_t c = bytes.data[*end];

        if (HF_LIKELY((c >= ' ' && c != 0x7f) || c == '\t'))
            continue;
        if (c != '\r')
            return LINE_BAD;
        if (*end + 1 == bytes.len)
            return LINE_MORE;
        return bytes.data[*end + 1] == '\n' ? LINE_WHOLE : LINE_BAD;
    }
    return *end >= limit ? LINE_LONG : LINE_MORE;
}

/* Why no line ends there. */
static void blame_line(hf_head_fault *fault, hf_span bytes, line_state state, size_t end,
                       bool response)
{
    fault->offset = end;
    fault->status = 400;
    if (state == LINE_LONG) { /* the first one: others are as long as the head may be */
        fault->status = 414;
        fault->why = "the first line is too long";
    } else if (end == 0 && bytes.data[0] == 0x16) {
        fault->why = "a TLS record where HTTP should begin";
    } else {
        fault->why = control_words(bytes.data[end]);
    }
    if (response)
        fault->status = 502;
}

/* Where the CR of a line may stand at the latest; its CRLF has to be within the head. */
static size_t line_limit(size_t at, bool is_first, size_t max)
{
    size_t last = max > 0 ? max - 1 : 0;

    return is_first && at + HF_HEAD_START_MAX < last ? at + HF_HEAD_START_MAX : last;
}

static size_t no_head(hf_head_fault *fault, bool response, const char *why, size_t offset)
{
    *fault = (hf_head_fault){ response ? 502 : 400, why, offset };
    return 0;
}

size_t hf_head_length(hf_span bytes, size_t max, bool response, hf_head_fault *fault)
{
    size_t at = 0, first = 0, end;

    *fault = (hf_head_fault){ .status = 0 };
    for (;; at = end + 2) {
        bool is_first = at == first;
        line_state state = find_line(bytes, at, line_limit(at, is_first, max), &end);

        if (state == LINE_MORE)
            return 0;
        if (state == LINE_LONG && (!is_first || end < at + HF_HEAD_START_MAX)) {
            *fault = (hf_head_fault){ response ? 502 : 431, "the head is too long", end };
            return 0;
        }
        if (state != LINE_WHOLE) {
            blame_line(fault, bytes, state, end, response);
            return 0;
        }
        if (end > at)
            continue;
        if (at > first)
            return end + 2;
        if (response)
            return no_head(fault, true, "an empty line where a status line should be", at);
        if (first > 0)
            return no_head(fault, false, "empty lines before the request", at);
        first = 2;
    }
}

static bool next_line(hf_head_reader *r, bool first, hf_span *line)
{
    size_t end;
    size_t limit = line_limit(r->at, first, r->bytes.len + 2);
    line_state state = find_line(r->bytes, r->at, limit, &end);

    if (state == LINE_MORE)
        return hf_head_bad(r, 400, "the head is not whole", r->bytes.data + end);
    if (state != LINE_WHOLE) {
        blame_line(r->fault, r->bytes, state, end, r->head->response);
        return false;
    }
    *line = hf_span_of(r->bytes.data + r->at, end - r->at);
    r->at = end + 2;
    return true;
}

/* ---- fields ---- */

static bool read_name(hf_head_reader *r, hf_span name)
{
    if (name.len == 0)
        return hf_head_bad(r, 400, "a field without a name", name.data);
    uint8_t last = name.data[name.len - 1];
    if (last == ' ' || last == '\t')
        return hf_head_bad(r, 400, "white space before a field's colon", name.data);
    if (!hf_is_token(name))
        return hf_head_bad(r, 400, "a field's name is not a token", name.data);
    if (hf_field_is_framing_in_disguise(name))
        return hf_head_bad(r, 400, "a framing field in another spelling", name.data);
    return true;
}

static bool read_field(hf_head_reader *r, hf_span line)
{
    hf_head *head = r->head;
    const uint8_t *colon = memchr(line.data, ':', line.len);

    if (line.data[0] == ' ' || line.data[0] == '\t')
        return hf_head_bad(r, 400,
                           head->n_fields == 0 ? "white space before the first field"
                                               : "a folded field (obs-fold)",
                           line.data);
    if (!colon)
        return hf_head_bad(r, 400, "a field without a colon", line.data);
    hf_span name = hf_span_of(line.data, (size_t)(colon - line.data));
    if (!read_name(r, name))
        return false;
    if (head->n_fields == HF_HEAD_FIELDS_MAX)
        return hf_head_bad(r, 431, "too many fields", line.data);
    head->fields[head->n_fields++] =
        (hf_head_field){ name, hf_trim(hf_span_of(colon + 1, line.len - name.len - 1)) };
    return true;
}

static bool read_lines(hf_head_reader *r)
{
    hf_span line;

    if (!next_line(r, true, &line) || !hf_head_read_start(r, line))
        return false;
    for (;;) {
        if (!next_line(r, false, &line))
            return false;
        if (line.len == 0)
            break;
        if (!read_field(r, line))
            return false;
    }
    return r->at == r->bytes.len ||
           hf_head_bad(r, 400, "bytes after the head", r->bytes.data + r->at);
}

/* An empty line is left out before a request (RFC 9112 2.2), but there must be something after it. */
static bool begin(hf_head_reader *r)
{
    hf_span bytes = r->bytes;

    if (!r->head->response && bytes.len >= 2 && memcmp(bytes.data, "\r\n", 2) == 0)
        r->at = 2;
    if (bytes.len == 0)
        return hf_head_bad(r, 400, "the head is not whole", bytes.data);
    if (bytes.len - r->at < 2 || memcmp(bytes.data + r->at, "\r\n", 2) != 0)
        return true;
    return hf_head_bad(r, 400,
                       r->head->response ? "an empty line where a status line should be"
                                         : "empty lines before the request",
                       bytes.data + r->at);
}

bool hf_head_read(hf_span bytes, const hf_head *request, hf_head *head, hf_head_fault *fault)
{
    hf_head_reader r = { .bytes = bytes, .request = request, .head = head, .fault = fault };

    memset(head, 0, offsetof(hf_head, fields));
    memset(&head->n_fields, 0, sizeof *head - offsetof(hf_head, n_fields));
    *fault = (hf_head_fault){ .status = 0 };
    head->response = request != NULL;
    if (!begin(&r) || !read_lines(&r))
        return false;
    return (head->response || hf_head_read_target(&r)) && hf_head_read_framing(&r);
}
