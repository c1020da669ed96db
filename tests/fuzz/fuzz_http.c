/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The tool's two halves of HTTP/1: the head of a request, and a response with its body. The first byte
 * chooses the half, the second the pieces in which the rest comes. The pieces make no difference; what is
 * complete is well-formed; a body is made of bytes of the input, in order, and as long as it says.
 */
#include <strings.h>

#include "fuzz/fuzz.h"
#include "tool/http_request.h"
#include "tool/http_response.h"

/* ---- a request ---- */

static bool is_inside(const hf_http_request *r, const char *text)
{
    return text >= r->head && text + strlen(text) <= r->head + r->len;
}

static void check_request(const hf_http_request *r)
{
    static const int refusals[] = { 400, 431, 505 };
    bool known = r->status == 0 || r->status == 200;

    CHECK(r->len <= HF_REQUEST_HEAD_MAX);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        known |= r->status == refusals[i];
    CHECK(known && (r->status != 0 || r->len < HF_REQUEST_HEAD_MAX));
    if (r->status != 200)
        return;
    CHECK(is_inside(r, r->method) && is_inside(r, r->path) && r->minor >= 0 && r->minor <= 1);
    CHECK(r->method[0] && strcspn(r->method, " \t\r\n:/") == strlen(r->method));
    CHECK((r->path[0] == '/' || strcmp(r->path, "*") == 0) && !strpbrk(r->path, " \t\r\n"));
    CHECK(r->host ? is_inside(r, r->host) && !strpbrk(r->host, "\n") : r->minor == 0);
    CHECK(!r->accept || (is_inside(r, r->accept) && !strpbrk(r->accept, "\n")));
}

static bool begins(hf_span line, const char *name)
{
    size_t n = strlen(name);

    return line.len >= n && strncasecmp((const char *)line.data, name, n) == 0;
}

/* Fields of that name in the head. */
static size_t count_fields(hf_span bytes, const char *name)
{
    size_t at = 0, n = 0;
    bool first = true;

    while (at < bytes.len && (bytes.data[at] == '\r' || bytes.data[at] == '\n'))
        at++;
    for (size_t end; at < bytes.len; at = end + 1, first = false) {
        for (end = at; end < bytes.len && bytes.data[end] != '\n'; end++) {
        }
        hf_span line = hf_span_of(bytes.data + at, end - at);
        if (line.len == 0 || (line.len == 1 && line.data[0] == '\r'))
            break;
        n += !first && begins(line, name);
    }
    return n;
}

static void read_request(hf_http_request *r, hf_span bytes, size_t piece)
{
    memset(r, 0, sizeof *r);
    while (bytes.len > 0 && r->status == 0) {
        size_t n = bytes.len < piece ? bytes.len : piece;
        uint8_t *copy = tight_copy(hf_span_of(bytes.data, n));
        CHECK(hf_http_request_feed(r, hf_span_of(copy, n)) == r->status);
        free(copy);
        bytes = hf_span_of(bytes.data + n, bytes.len - n);
    }
    check_request(r);
}

static void check_requests(hf_span bytes, size_t piece)
{
    static hf_http_request whole, pieces;

    read_request(&whole, bytes, bytes.len + 1);
    read_request(&pieces, bytes, piece);
    CHECK(whole.status == pieces.status);
    if (whole.status != 200)
        return;
    CHECK(count_fields(bytes, "host:") == (whole.host != NULL));
    CHECK(strcmp(whole.method, pieces.method) == 0 && strcmp(whole.path, pieces.path) == 0);
    CHECK(whole.minor == pieces.minor && !whole.host == !pieces.host);
    CHECK(!whole.host || strcmp(whole.host, pieces.host) == 0);
}

/* ---- a response ---- */

typedef struct answer {
    hf_http_response r;
    hf_span input; /* what of it may still be body */
    uint8_t *body;
    size_t n_body, most, stops_at;
} answer;

static bool on_body(void *user, hf_span piece)
{
    answer *a = user;

    CHECK(a->n_body + piece.len <= a->most);
    if (a->n_body + piece.len > a->stops_at)
        return false;
    if (piece.len > 0)
        memcpy(a->body + a->n_body, piece.data, piece.len);
    a->n_body += piece.len;
    return true;
}

/* Bytes of the input in their order, though not all of them. */
static bool is_subsequence(hf_span part, hf_span whole)
{
    size_t at = 0;

    for (size_t i = 0; i < whole.len && at < part.len; i++)
        at += whole.data[i] == part.data[at];
    return at == part.len;
}

static void check_response(const answer *a, hf_http_state before_end)
{
    const hf_http_response *r = &a->r;

    CHECK(r->state == HF_HTTP_DONE || r->state == HF_HTTP_BAD);
    CHECK(r->state != HF_HTTP_BAD || r->wrong);
    CHECK(r->n_headers <= HF_HTTP_HEADERS_MAX && r->interim <= 17);
    for (size_t i = 0; i < r->n_headers; i++) {
        const char *name = hf_http_header_name(r, i);
        CHECK(*name && !strpbrk(name, ": \t\n"));
        for (const char *p = name; *p; p++)
            CHECK(*p < 'A' || *p > 'Z');
        CHECK(!strchr(hf_http_header_value(r, i), '\n'));
    }
    CHECK(is_subsequence(hf_span_of(a->body, a->n_body), a->input));
    if (r->state != HF_HTTP_DONE)
        return;
    CHECK(r->status >= 200 && r->status <= 999 && r->body_bytes == a->n_body);
    CHECK(!r->has_length || r->chunked || r->left == 0 || r->status == 204 || r->status == 304);
    CHECK(before_end != HF_HTTP_TO_END || (!r->has_length && !r->chunked));
}

static hf_http_state read_response(answer *a, hf_span bytes, size_t piece, size_t stops_at)
{
    *a = (answer){ .input = bytes, .most = bytes.len, .stops_at = stops_at };
    a->body = malloc(bytes.len + 1);
    CHECK(a->body);
    hf_http_response_start(&a->r, on_body, a);
    while (bytes.len > 0) {
        size_t n = bytes.len < piece ? bytes.len : piece;
        uint8_t *copy = tight_copy(hf_span_of(bytes.data, n));
        hf_http_response_feed(&a->r, hf_span_of(copy, n));
        free(copy);
        bytes = hf_span_of(bytes.data + n, bytes.len - n);
    }
    hf_http_state before = a->r.state;
    hf_http_response_end(&a->r);
    check_response(a, before);
    return before;
}

static void free_answer(answer *a)
{
    hf_http_response_free(&a->r);
    free(a->body);
}

static void check_responses(hf_span bytes, size_t piece)
{
    answer whole, pieces, stopped;
    hf_http_state a = read_response(&whole, bytes, bytes.len + 1, SIZE_MAX);
    hf_http_state b = read_response(&pieces, bytes, piece, SIZE_MAX);

    CHECK(a == b && whole.r.state == pieces.r.state && whole.r.status == pieces.r.status);
    CHECK(whole.r.n_headers == pieces.r.n_headers);
    CHECK(hf_span_equal(hf_span_of(whole.body, whole.n_body),
                        hf_span_of(pieces.body, pieces.n_body)));
    if (whole.n_body > 0) { /* somebody cannot write it down */
        read_response(&stopped, bytes, piece, whole.n_body - 1);
        CHECK(stopped.r.state == HF_HTTP_BAD);
        free_answer(&stopped);
    }
    free_answer(&whole);
    free_answer(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };
    uint8_t half = input_u8(&in);
    size_t piece = 1u + input_u8(&in) % 64;
    hf_span bytes = { in.p, in.left };

    if (half & 1)
        check_responses(bytes, piece);
    else
        check_requests(bytes, piece);
    return 0;
}
