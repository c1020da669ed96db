/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A server's half of HTTP/1.1 and 1.0: the head of one request, within 8 KiB. Bodies are not read:
 * nothing that `serve` offers takes one. The answers are status_page.h.
 */
#ifndef HF_TOOL_HTTP_REQUEST_H
#define HF_TOOL_HTTP_REQUEST_H

#include <handfast/types.h>

enum { HF_REQUEST_HEAD_MAX = 8 * 1024 };

typedef struct hf_http_request {
    char head[HF_REQUEST_HEAD_MAX + 1];
    size_t len;
    /* Once complete; they point into head. */
    const char *method, *path, *accept, *host;
    int minor;  /* of HTTP/1.x */
    bool early; /* some of it came as 0-RTT data; set by whoever feeds it */
    int status; /* 0: not complete; 200: complete; else the status that refuses it */
} hf_http_request;

/* Returns the status. Bytes after the head are ignored. */
int hf_http_request_feed(hf_http_request *request, hf_span bytes);

#endif
