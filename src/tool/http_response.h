/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A client's half of HTTP/1.1: the response head, and bodies by Content-Length, in chunks, or up to
 * the end of the connection. Bytes come in any pieces; the body goes out as it comes. No content
 * codings, no keep-alive: one request, one response (RFC 9112).
 */
#ifndef HF_TOOL_HTTP_RESPONSE_H
#define HF_TOOL_HTTP_RESPONSE_H

#include "tool/text.h"

enum { HF_HTTP_HEADERS_MAX = 128 };

typedef enum hf_http_state {
    HF_HTTP_STATUS,
    HF_HTTP_HEADER,
    HF_HTTP_LENGTH,
    HF_HTTP_TO_END,
    HF_HTTP_CHUNK,
    HF_HTTP_CHUNK_DATA,
    HF_HTTP_CHUNK_END,
    HF_HTTP_TRAILER,
    HF_HTTP_DONE,
    HF_HTTP_BAD
} hf_http_state;

typedef struct hf_http_header {
    size_t name, value; /* offsets into `fields`, NUL-terminated there; the name in lower case */
} hf_http_header;

typedef struct hf_http_response {
    hf_http_state state;
    int status;
    hf_text line, fields;
    hf_http_header headers[HF_HTTP_HEADERS_MAX];
    size_t n_headers;
    uint64_t left, body_bytes;
    size_t head_bytes;
    unsigned interim; /* 1xx responses before this one */
    bool has_length, chunked;
    const char *wrong; /* state BAD: a sentence */
    /* A piece of the body; false stops with BAD. */
    bool (*body)(void *user, hf_span piece);
    void *user;
} hf_http_response;

void hf_http_response_start(hf_http_response *response, bool (*body)(void *, hf_span), void *user);
/* Returns the state. Bytes after the end are ignored. */
hf_http_state hf_http_response_feed(hf_http_response *response, hf_span bytes);
/* The connection has ended: DONE, or BAD if the response was not complete. */
hf_http_state hf_http_response_end(hf_http_response *response);
const char *hf_http_header_name(const hf_http_response *response, size_t i);
const char *hf_http_header_value(const hf_http_response *response, size_t i);
void hf_http_response_free(hf_http_response *response);

#endif
