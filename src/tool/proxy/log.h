/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Lines to stderr, text or JSON (`log:`), written whole and never waited for: they are gathered during a turn of the loop and leave
 * together; if stderr takes nothing, lines are dropped and counted. What a client said is never written raw (control characters, quotes).
 */
#ifndef HF_TOOL_PROXY_LOG_H
#define HF_TOOL_PROXY_LOG_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/compiler.h"

enum { HF_LOG_LINE = 4096, HF_LOG_ROOM = 64 * 1024 };

typedef struct hf_log {
    char *room;
    size_t len;
    int fd;
    bool json;
    uint8_t way;     /* how fd takes bytes without being waited for (log.c) */
    bool own, turns; /* fd is of our own opening; there is a loop */
    bool within,
        torn;      /* the last byte that left ended no line; and the rest of that line is lost */
    uint64_t lost; /* lines, in all … */
    uint64_t told_lost;    /* … those that the log has told of since … */
    uint64_t counted_lost; /* … and those that were counted (telling.c) */
    uv_prepare_t turn;     /* before the loop waits */
} hf_log;

typedef enum hf_severity { HF_SAY_INFO, HF_SAY_WARNING, HF_SAY_ERROR } hf_severity;

/* A line is begun, gets its pairs in order, and is ended. Text: `2026-11-22T06:00:00.123Z info request site=a.test status=200 …`. */
typedef struct hf_line {
    hf_log *log;
    char text[HF_LOG_LINE];
    size_t len;
    bool cut;
} hf_line;

/* loop NULL: every line at once. fd stays the caller's. json may be set later, between lines. False: no memory. */
bool hf_log_start(hf_log *log, uv_loop_t *loop, int fd, bool json);
void hf_log_stop(
    hf_log *log); /* what is gathered leaves as far as it is taken; closes its handle */
void hf_log_flush(hf_log *log);
/* `what` is a word: "request". The line is one piece with its pairs, however long they are: what does not fit is left out and cut=true. */
void hf_line_begin(hf_line *line, hf_log *log, hf_severity severity, const char *what);
void hf_line_text(hf_line *line, const char *key, const char *value); /* NULL or "": left out */
void hf_line_span(hf_line *line, const char *key, const void *bytes, size_t len);
void hf_line_number(hf_line *line, const char *key, uint64_t value);
void hf_line_ms(hf_line *line, const char *key, double ms);
void hf_line_flag(hf_line *line, const char *key, bool value);
void hf_line_print(hf_line *line, const char *key, const char *format, ...) HF_PRINTF(3, 4);
void hf_line_end(hf_line *line);
/* A line with nothing but words: `… info started message="…"`. For what the proxy itself does. */
void hf_log_say(hf_log *log, hf_severity severity, const char *what, const char *format, ...)
    HF_PRINTF(4, 5);

#endif
