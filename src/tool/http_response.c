/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Reading a response, line by line until the body. Each length has a limit. */
#include "tool/http_response.h"

#include <string.h>
#include <strings.h>

enum {
    LINE_MAX_BYTES = 16 * 1024,
    HEAD_MAX_BYTES = 64 * 1024, /* status line and headers, and trailers, in all */
    INTERIM_MAX = 16
};

void hf_http_response_start(hf_http_response *r, bool (*body)(void *, hf_span), void *user)
{
    memset(r, 0, sizeof *r);
    r->line = hf_text_new(LINE_MAX_BYTES);
    r->fields = hf_text_new(HEAD_MAX_BYTES + 2 * HF_HTTP_HEADERS_MAX);
    r->body = body;
    r->user = user;
}

void hf_http_response_free(hf_http_response *r)
{
    hf_text_free(&r->line);
    hf_text_free(&r->fields);
}

const char *hf_http_header_name(const hf_http_response *r, size_t i)
{
    return r->fields.data + r->headers[i].name;
}

const char *hf_http_header_value(const hf_http_response *r, size_t i)
{
    return r->fields.data + r->headers[i].value;
}

static void bad(hf_http_response *r, const char *wrong)
{
    r->state = HF_HTTP_BAD;
    r->wrong = wrong;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* HTTP/1.x SP 3DIGIT SP … */
static void read_status(hf_http_response *r, const char *line)
{
    bool fits = strncmp(line, "HTTP/1.", 7) == 0 && is_digit(line[7]) && line[8] == ' ' &&
                is_digit(line[9]) && is_digit(line[10]) && is_digit(line[11]) &&
                (line[12] == ' ' || line[12] == '\0');

    if (!fits) {
        bad(r, "the answer is not HTTP/1");
        return;
    }
    r->status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    r->n_headers = 0;
    hf_text_clear(&r->fields);
    r->has_length = r->chunked = false;
    r->state = HF_HTTP_HEADER;
}

static bool read_number(const char *text, unsigned base, uint64_t *value)
{
    const char *start = text;

    *value = 0;
    for (; *text; text++) {
        unsigned digit;
        if (is_digit(*text))
            digit = (unsigned)(*text - '0');
        else if (base == 16 && ((*text | 0x20) >= 'a' && (*text | 0x20) <= 'f'))
            digit = (unsigned)((*text | 0x20) - 'a') + 10;
        else
            break;
        if (*value > (UINT64_MAX >> 5))
            return false;
        *value = *value * base + digit;
    }
    return text > start && (*text == '\0' || (base == 16 && (*text == ';' || *text == ' ')));
}

static void read_length(hf_http_response *r, const char *value)
{
    uint64_t length;

    if (!read_number(value, 10, &length) || (r->has_length && length != r->left)) {
        bad(r, "the answer's Content-Length is not one number");
        return;
    }
    r->has_length = true;
    r->left = length;
}

/* What a header means for the body. */
static void note_header(hf_http_response *r, const char *name, const char *value)
{
    if (strcmp(name, "content-length") == 0)
        read_length(r, value);
    if (strcmp(name, "transfer-encoding") == 0) {
        r->chunked = strcasecmp(value, "chunked") == 0;
        if (!r->chunked)
            bad(r, "the answer has a transfer coding other than chunked");
    }
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static void read_header(hf_http_response *r, char *line)
{
    char *colon = strchr(line, ':');

    if (!colon || colon == line || strcspn(line, " \t") < (size_t)(colon - line)) {
        bad(r, "a header of the answer is malformed");
        return;
    }
    if (r->n_headers == HF_HTTP_HEADERS_MAX) {
        bad(r, "the answer has more than 128 headers");
        return;
    }
    *colon = '\0';
    for (char *p = line; *p; p++)
        *p = lower(*p);
    char *value = colon + 1 + strspn(colon + 1, " \t");
    size_t len = strlen(value);
    while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
        value[--len] = '\0';
    hf_http_header *h = &r->headers[r->n_headers];
    h->name = r->fields.len;
    hf_text_add(&r->fields, line, strlen(line) + 1);
    h->value = r->fields.len;
    if (!hf_text_add(&r->fields, value, len + 1)) {
        bad(r, "the answer's head is too long");
        return;
    }
    r->n_headers++;
    note_header(r, line, value);
}

static void head_done(hf_http_response *r)
{
    if (r->status < 200) {
        r->state = ++r->interim > INTERIM_MAX || r->status == 101 ? HF_HTTP_BAD : HF_HTTP_STATUS;
        r->wrong = "the answer never came to its end";
    } else if (r->status == 204 || r->status == 304 ||
               (r->has_length && !r->chunked && r->left == 0)) {
        r->state = HF_HTTP_DONE;
    } else {
        r->state = r->chunked ? HF_HTTP_CHUNK : r->has_length ? HF_HTTP_LENGTH : HF_HTTP_TO_END;
    }
}

static void read_chunk(hf_http_response *r, const char *line)
{
    if (!read_number(line, 16, &r->left))
        bad(r, "a chunk of the answer has no length");
    else
        r->state = r->left > 0 ? HF_HTTP_CHUNK_DATA : HF_HTTP_TRAILER;
}

static void read_line(hf_http_response *r, char *line)
{
    switch (r->state) {
    case HF_HTTP_STATUS: read_status(r, line); break;
    case HF_HTTP_HEADER:
        if (*line)
            read_header(r, line);
        else
            head_done(r);
        break;
    case HF_HTTP_CHUNK: read_chunk(r, line); break;
    case HF_HTTP_CHUNK_END:
        if (*line)
            bad(r, "a chunk of the answer is longer than it says");
        else
            r->state = HF_HTTP_CHUNK;
        break;
    default: /* TRAILER: dropped */
        if (!*line)
            r->state = HF_HTTP_DONE;
        break;
    }
}

/* Bytes up to the end of a line. Returns how many were used. */
static size_t take_line(hf_http_response *r, hf_span bytes)
{
    const uint8_t *end = memchr(bytes.data, '\n', bytes.len);
    size_t n = end ? (size_t)(end - bytes.data) : bytes.len;
    bool head =
        r->state == HF_HTTP_STATUS || r->state == HF_HTTP_HEADER || r->state == HF_HTTP_TRAILER;

    r->head_bytes += head ? n : 0;
    if (!hf_text_add(&r->line, bytes.data, n) || r->head_bytes > HEAD_MAX_BYTES) {
        bad(r, "the answer's head is too long");
        return n;
    }
    if (!end)
        return n;
    if (r->line.len > 0 && r->line.data[r->line.len - 1] == '\r')
        r->line.data[--r->line.len] = '\0';
    if (strlen(r->line.data) != r->line.len)
        bad(r, "the answer's head holds a zero byte");
    else
        read_line(r, r->line.data);
    hf_text_clear(&r->line);
    return n + 1;
}

static size_t take_body(hf_http_response *r, hf_span bytes)
{
    size_t n = r->state != HF_HTTP_TO_END && bytes.len > r->left ? (size_t)r->left : bytes.len;

    r->body_bytes += n;
    if (!r->body(r->user, (hf_span){ bytes.data, n })) {
        bad(r, "the body could not be written");
        return n;
    }
    if (r->state == HF_HTTP_TO_END)
        return n;
    r->left -= n;
    if (r->left == 0)
        r->state = r->state == HF_HTTP_LENGTH ? HF_HTTP_DONE : HF_HTTP_CHUNK_END;
    return n;
}

hf_http_state hf_http_response_feed(hf_http_response *r, hf_span bytes)
{
    while (bytes.len > 0 && r->state < HF_HTTP_DONE) {
        bool body = r->state == HF_HTTP_LENGTH || r->state == HF_HTTP_TO_END ||
                    r->state == HF_HTTP_CHUNK_DATA;
        size_t n = body ? take_body(r, bytes) : take_line(r, bytes);

        bytes.data += n;
        bytes.len -= n;
    }
    return r->state;
}

hf_http_state hf_http_response_end(hf_http_response *r)
{
    if (r->state == HF_HTTP_TO_END)
        r->state = HF_HTTP_DONE;
    else if (r->state < HF_HTTP_DONE)
        bad(r, r->status == 0 ? "the peer closed without answering"
                              : "the answer ends before it is complete");
    return r->state;
}
