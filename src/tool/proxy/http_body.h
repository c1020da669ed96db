/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Where a message's body ends: by length, in chunks, or with the connection (RFC 9112 6, 7). It passes bytes on as they came, so that a
 * body is never copied; of chunked bodies it judges every line: bare LF, sizes over 2^62, and trailers that have no business there
 * are refused. Chunk extensions are refused in requests, where readers differ about them, and left out of responses, as recipients
 * must ignore those that they do not know (RFC 9112 7.1.1). No I/O.
 */
#ifndef HF_TOOL_PROXY_HTTP_BODY_H
#define HF_TOOL_PROXY_HTTP_BODY_H

#include "tool/proxy/http_head.h"

enum {
    HF_CHUNK_DIGITS_MAX = 16,
    HF_CHUNK_EXTENSION_MAX = 1024,
    HF_TRAILER_MAX = 8 * 1024,
    HF_TRAILER_NAME = 40
};

typedef struct hf_body {
    hf_framing framing;
    uint64_t left; /* of the length, or of the present chunk */
    bool done;
    const char *
        why; /* set when it is malformed: then nothing more may be passed on, and both connections end */
    uint64_t left_out; /* bytes of chunk extensions so far: taken, not to be passed on */
    /* private */
    uint8_t state, digits, n_name;
    bool response;
    uint16_t extension;         /* bytes of the present chunk's extensions */
    char name[HF_TRAILER_NAME]; /* of the present trailer, as far as it matters */
    size_t trailer;             /* bytes of trailers so far */
} hf_body;

void hf_body_start(hf_body *body, const hf_head *head);
/* How many of these bytes belong to the body (all framing included) and may be passed on, unless left_out grew (then it is hf_body_piece
   that knows which); fewer than len when it ends there (done) or is malformed (why). Where the bytes are cut makes no difference. A body is a value: who wants to know whether the
   first bytes are good before a backend hears of them takes them with a copy. */
size_t hf_body_take(hf_body *body, hf_span bytes);
/* The same, a piece at a time: *data is what of the taken bytes is content (may be empty). For a client that knows no chunks. */
size_t hf_body_part(hf_body *body, hf_span bytes, hf_span *data);
/* The same, a piece at a time: *kept is what of the taken bytes may be passed on (may be empty): all but extensions. */
size_t hf_body_piece(hf_body *body, hf_span bytes, hf_span *kept);
/* The sender's side has ended: true if the body may end so, false (and why) if something is missing. */
bool hf_body_end(hf_body *body);

#endif
