/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `connect --http`: one GET over a connected link; the body to stdout, to a file, or only counted. */
#ifndef HF_TOOL_FETCH_H
#define HF_TOOL_FETCH_H

#include "tool/body_file.h"
#include "tool/http_response.h"
#include "tool/link.h"
#include "tool/trouble.h"

typedef struct hf_fetch {
    hf_text request;
    size_t sent; /* bytes of the request */
    hf_http_response response;
    hf_body_file file;
    bool to_stdout, stopped;        /* stopped: stdout's reader has gone */
    int write_error;                /* errno of the output file */
    const char *output;             /* its name, or NULL */
    double asked_at, first_byte_ms; /* -1: not reached */
} hf_fetch;

/* authority: for the Host header. Opens the output file. An exit code. */
int hf_fetch_prepare(hf_fetch *fetch, const char *authority, const char *path, const char *output,
                     bool to_stdout);
/* When connected, and again when the link can send: what is left of the request. */
void hf_fetch_send(hf_fetch *fetch, hf_link *link);
/* What was sent did not arrive: it will be sent once more, from its first byte. */
void hf_fetch_again(hf_fetch *fetch);
/* True: the response is complete, or nothing more is wanted. */
bool hf_fetch_take(hf_fetch *fetch, hf_span data);
/* No more data will come. */
void hf_fetch_end(hf_fetch *fetch);
/* Puts the file in place, or tells what went wrong if nothing was told before. */
void hf_fetch_close(hf_fetch *fetch, hf_trouble *trouble, const char *where);
void hf_fetch_free(hf_fetch *fetch);

#endif
