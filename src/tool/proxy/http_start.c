/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The first line of a head (RFC 9112 3, 4): three parts with one space between them, and a version that is spoken here. */
#include "tool/proxy/http_parts.h"

enum { METHOD_MAX = 32, VERSION_LEN = 8 };

/* ---- the request line ---- */

/* Up to the next space, which is taken off too; false if there is none. */
static bool next_word(hf_span *rest, hf_span *word)
{
    const uint8_t *space = rest->len > 0 ? memchr(rest->data, ' ', rest->len) : NULL;

    if (!space)
        return false;
    *word = hf_span_of(rest->data, (size_t)(space - rest->data));
    *rest = hf_span_of(space + 1, rest->len - word->len - 1);
    return true;
}

static bool read_method(hf_head_reader *r)
{
    hf_span method = r->head->method;

    if (!hf_is_token(method))
        return hf_head_bad(r, 400, "the method is not a token", method.data);
    if (method.len > METHOD_MAX)
        return hf_head_bad(r, 501, "the method is too long", method.data);
    for (size_t i = 0; i < method.len; i++)
        if (method.data[i] >= 'a' &&
            method.data[i] <= 'z') /* is "head" HEAD? Its answer's framing depends on it */
            return hf_head_bad(r, 501, "a method with lower-case letters", method.data);
    if (hf_is_word(method, "CONNECT"))
        return hf_head_bad(r, 501, "CONNECT is not offered", method.data);
    if (hf_is_word(method, "TRACE")) /* it would show the client what only the backend is told */
        return hf_head_bad(r, 501, "TRACE is not offered", method.data);
    return true;
}

/* HTTP/1.0 and HTTP/1.1; what else looks like a version is one that is not spoken here. */
static bool read_version(hf_head_reader *r, hf_span v)
{
    bool form = v.len == VERSION_LEN && v.data[6] == '.' && hf_is_digit(v.data[5]) &&
                hf_is_digit(v.data[7]);

    if (v.len == 0)
        return hf_head_bad(r, 400, "the first line ends with a space", v.data);
    if (memchr(v.data, ' ', v.len) || memchr(v.data, '\t', v.len))
        return hf_head_bad(r, 400, "the request line has more than three parts", v.data);
    if (v.len >= 5 && hf_is_word(hf_span_of(v.data, 5), "HTTP/") && memcmp(v.data, "HTTP/", 5) != 0)
        return hf_head_bad(r, 400, "the version is not in upper case", v.data);
    if (!form || memcmp(v.data, "HTTP/", 5) != 0)
        return hf_head_bad(r, 400, "the version is malformed", v.data);
    if (v.data[5] != '1')
        return hf_head_bad(r, 505, "a version that is not HTTP/1", v.data);
    if (v.data[7] > '1')
        return hf_head_bad(r, 505, "a version of HTTP/1 after 1.1", v.data);
    r->head->minor = (unsigned)(v.data[7] - '0');
    return true;
}

static bool read_request_line(hf_head_reader *r, hf_span line)
{
    hf_span rest = line;

    if (line.data[0] == ' ' || line.data[0] == '\t')
        return hf_head_bad(r, 400, "white space before the request line", line.data);
    if (hf_is_word(line, "PRI * HTTP/2.0"))
        return hf_head_bad(r, 505, "the preface of HTTP/2", line.data);
    if (!next_word(&rest, &r->head->method))
        return hf_head_bad(r, 400, "the request line has no target", line.data);
    if (!read_method(r))
        return false;
    if (rest.len > 0 && rest.data[0] == ' ')
        return hf_head_bad(r, 400, "more than one space in the request line", rest.data);
    if (!next_word(&rest, &r->head->target))
        return hf_head_bad(r, 400, "the request line has no version", line.data);
    if (rest.len > 0 && rest.data[0] == ' ')
        return hf_head_bad(r, 400, "more than one space in the request line", rest.data);
    return read_version(r, rest);
}

/* ---- the status line ---- */

/* HTTP-version SP 3DIGIT [SP reason]; without a reason some leave its space out, which nobody can misread. */
static bool read_status_line(hf_head_reader *r, hf_span line)
{
    static const char start[] = "HTTP/1.";
    const uint8_t *p = line.data;

    if (line.len < 7 || memcmp(p, start, 7) != 0)
        return hf_head_bad(r, 502, "the answer is not HTTP/1", p);
    if (line.len < 9 || (p[7] != '0' && p[7] != '1') || p[8] != ' ')
        return hf_head_bad(r, 502, "the answer's version is not HTTP/1.0 or HTTP/1.1", p);
    if (line.len < 12 || !hf_is_digit(p[9]) || !hf_is_digit(p[10]) || !hf_is_digit(p[11]) ||
        (line.len > 12 && p[12] != ' '))
        return hf_head_bad(r, 502, "the answer's status is not three digits", p);
    r->head->minor = (unsigned)(p[7] - '0');
    r->head->status = (p[9] - 48u) * 100 + (p[10] - 48u) * 10 + (p[11] - 48u);
    r->head->reason = line.len > 13 ? hf_span_of(p + 13, line.len - 13) : hf_span_of(p + 12, 0);
    if (r->head->status < 100 || r->head->status > 599)
        return hf_head_bad(r, 502, "the answer's status is none (100 to 599)", p + 9);
    return true;
}

bool hf_head_read_start(hf_head_reader *r, hf_span line)
{
    return r->head->response ? read_status_line(r, line) : read_request_line(r, line);
}
