/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Responses of our own: what happened and what to do, as text, or as a page for who takes one; self-contained, short, and never about
 * what is behind the proxy. No I/O.
 */
#ifndef HF_TOOL_PROXY_ANSWERS_H
#define HF_TOOL_PROXY_ANSWERS_H

#include <handfast/types.h>

#include "tool/proxy/http_fields.h"

enum { HF_ANSWER_ROOM = 14 * 1024, HF_ANSWER_WORDS = 512 };

typedef struct hf_answer {
    unsigned status;
    const char *what, *todo; /* sentences; NULL: what the status always means */
    const char
        *detail; /* static words behind what: "the request has more than one Host"; NULL: none */
    const char *location, *allow, *type; /* fields; NULL: none. type: of `body` */
    hf_span body;                        /* instead of words, if type is given */
    unsigned retry_after;                /* seconds; 0: none */
    bool html;                           /* a page, not text */
    bool head_only;                      /* to HEAD */
    bool close;                          /* Connection: close */
    bool kept_http10;                    /* Connection: keep-alive */
    bool store;                          /* caches may keep it; else no-store */
    hf_hsts hsts;                        /* over TLS, of a site that wants it */
} hf_answer;

/* Bytes written; 0: no room. now: seconds since 1970, for Date. */
size_t hf_answer_write(const hf_answer *answer, int64_t now, char *out, size_t room);
/* The lines of a head say that its sender takes text/html. It need be neither whole nor good. */
bool hf_answer_is_page(hf_span head);

#endif
