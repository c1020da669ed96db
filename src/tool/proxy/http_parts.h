/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the readers of a head share: kinds of characters, and the reader that goes through a head line by line. http_head.c reads lines
 * and fields, http_start.c the first line, http_target.c what a request asks for, http_framing.c what the fields mean for the body and
 * the connection.
 */
#ifndef HF_TOOL_PROXY_HTTP_PARTS_H
#define HF_TOOL_PROXY_HTTP_PARTS_H

#include "base/bytes.h"
#include "tool/proxy/http_head.h"

typedef struct hf_head_reader {
    hf_span bytes;
    size_t at; /* where the next line begins */
    const hf_head *request;
    hf_head *head;
    hf_head_fault *fault;
} hf_head_reader;

static inline bool hf_is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static inline bool hf_is_letter(uint8_t c)
{
    return hf_lower(c) >= 'a' && hf_lower(c) <= 'z';
}

/* tchar (RFC 9110 5.6.2) */
bool hf_is_tchar(uint8_t c);
bool hf_is_token(hf_span text);
/* 0 to 15, or -1 */
int hf_hex_digit(uint8_t c);
bool hf_is_word(hf_span text, const char *word);
/* Without the spaces and tabs around it. */
hf_span hf_trim(hf_span text);

/* Says what is wrong with a head, and where; false. A response's status is always 502. */
bool hf_head_bad(hf_head_reader *r, unsigned status, const char *why, const uint8_t *at);
/* The request line or the status line; never empty. */
bool hf_head_read_start(hf_head_reader *r, hf_span line);
/* The request line's target, once the fields are there: path, host, port. */
bool hf_head_read_target(hf_head_reader *r);
/* Framing, persistence and the rest that fields decide. */
bool hf_head_read_framing(hf_head_reader *r);

#endif
