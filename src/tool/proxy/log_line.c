/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * How a line is written, as text or as JSON. Nothing that came from outside can end a line, forge a pair or reach a terminal: in text
 * a value that is not plain stands in quotes with \xNN for all but printable ASCII, in JSON such bytes are \u escapes.
 */
#include "tool/proxy/log_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    VALUE_MAX = 1024, /* bytes of one, as they came */
    TAIL = 32         /* of a line: for `cut` and its end */
};

static const char *const levels[] = { "info", "warning", "error" };

/* ---- pieces ---- */

static void add(hf_line *line, const char *bytes, size_t len)
{
    if (len > sizeof line->text - TAIL - line->len) {
        line->cut = true;
        return;
    }
    memcpy(line->text + line->len, bytes, len);
    line->len += len;
}

static void say(hf_line *line, const char *text)
{
    add(line, text, strlen(text));
}

/* A value stands whole or not at all. */
static void settle(hf_line *line, size_t before, bool cut_before)
{
    if (line->cut && !cut_before)
        line->len = before;
    line->cut = line->cut || cut_before;
}

static void say_key(hf_line *line, const char *key)
{
    say(line, line->log->json ? ",\"" : " ");
    say(line, key);
    say(line, line->log->json ? "\":" : "=");
}

static void say_pair(hf_line *line, const char *key, const char *plain)
{
    size_t before = line->len;
    bool cut = line->cut;

    line->cut = false;
    say_key(line, key);
    say(line, plain);
    settle(line, before, cut);
}

/* ---- texts ---- */

/* How many bytes from there on need no quotes … */
static size_t plain_run(const uint8_t *bytes, size_t len)
{
    static const char also[] = "-_./:@%+,*[]?&~#!();$";
    static bool plain[256], known;
    size_t n = 0;

    if (!known) {
        for (int c = '0'; c <= 'z'; c++)
            plain[c] = c <= '9' || (c >= 'A' && c <= 'Z') || c >= 'a';
        for (const char *c = also; *c; c++)
            plain[(uint8_t)*c] = true;
        known = true;
    }
    while (n < len && plain[bytes[n]])
        n++;
    return n;
}

/* … and how many no escape in JSON. */
static size_t clean_run(const uint8_t *bytes, size_t len)
{
    size_t n = 0;

    while (n < len && bytes[n] >= 0x20 && bytes[n] < 0x7f && bytes[n] != '"' && bytes[n] != '\\')
        n++;
    return n;
}

static void say_quoted(hf_line *line, const uint8_t *bytes, size_t len)
{
    char one[8];

    say(line, "\"");
    for (size_t i = 0; i < len; i++) {
        uint8_t c = bytes[i];
        if (c == '"' || c == '\\')
            snprintf(one, sizeof one, "\\%c", c);
        else if (c >= 0x20 && c < 0x7f)
            snprintf(one, sizeof one, "%c", c);
        else
            snprintf(one, sizeof one, "\\x%02x", c);
        say(line, one);
    }
    say(line, "\"");
}

/* How many bytes the UTF-8 character has that begins there, and what it is; 0: none begins there. */
static size_t character(const uint8_t *b, size_t len, uint32_t *c)
{
    size_t n = b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : b[0] < 0xf5 ? 4 : 0;

    if (n == 0 || n > len)
        return 0;
    *c = b[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((b[i] & 0xc0) != 0x80)
            return 0;
        *c = *c << 6 | (b[i] & 0x3f);
    }
    bool whole = (n == 2 || *c >= (n == 3 ? 0x800u : 0x10000u)) && *c <= 0x10ffff;
    return whole && (*c < 0xd800 || *c > 0xdfff) ? n : 0;
}

static void say_unicode(hf_line *line, uint32_t c)
{
    char escapes[16];

    if (c < 0x10000)
        snprintf(escapes, sizeof escapes, "\\u%04x", (unsigned)c);
    else
        snprintf(escapes, sizeof escapes, "\\u%04x\\u%04x",
                 (unsigned)(0xd800 + ((c - 0x10000) >> 10)),
                 (unsigned)(0xdc00 + ((c - 0x10000) & 0x3ff)));
    say(line, escapes);
}

/* What is not UTF-8 is read as Latin-1. */
static void say_json(hf_line *line, const uint8_t *bytes, size_t len)
{
    say(line, "\"");
    for (size_t i = 0; i < len;) {
        size_t clean = clean_run(bytes + i, len - i), n;
        add(line, (const char *)bytes + i, clean);
        i += clean;
        if (i == len)
            break;
        uint32_t c = bytes[i];
        n = c < 0x80 ? 1 : character(bytes + i, len - i, &c);
        if (c == '"' || c == '\\')
            say(line, c == '"' ? "\\\"" : "\\\\");
        else
            say_unicode(line, n > 0 ? c : bytes[i]);
        i += n > 0 ? n : 1;
    }
    say(line, "\"");
}

void hf_line_span(hf_line *line, const char *key, const void *bytes, size_t len)
{
    size_t before = line->len, shown = len < VALUE_MAX ? len : VALUE_MAX;
    bool cut = line->cut || shown < len;

    if (len == 0)
        return;
    line->cut = false;
    say_key(line, key);
    if (line->log->json)
        say_json(line, bytes, shown);
    else if (plain_run(bytes, shown) == shown)
        add(line, bytes, shown);
    else
        say_quoted(line, bytes, shown);
    bool fits = !line->cut;
    if (!fits)
        line->len = before;
    line->cut = cut || !fits;
}

void hf_line_text(hf_line *line, const char *key, const char *value)
{
    if (value)
        hf_line_span(line, key, value, strlen(value));
}

void hf_line_print(hf_line *line, const char *key, const char *format, ...)
{
    char words[VALUE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    hf_line_text(line, key, words);
}

/* ---- numbers ---- */

enum { DIGITS = 32 };

/* Written from the end on; at least `least` digits. Returns where it begins. */
static char *digits_of(char text[DIGITS], uint64_t value, int least)
{
    char *at = text + DIGITS - 1;

    *at = '\0';
    for (int n = 0; value > 0 || n < least; n++, value /= 10)
        *--at = (char)('0' + value % 10);
    return at;
}

void hf_line_number(hf_line *line, const char *key, uint64_t value)
{
    char text[DIGITS];

    say_pair(line, key, digits_of(text, value, 1));
}

void hf_line_ms(hf_line *line, const char *key, double ms)
{
    char text[DIGITS], whole[DIGITS], *at;

    if (!(ms >= 0) || ms > 1e12)
        return;
    uint64_t us = (uint64_t)(ms * 1000);
    char *before = digits_of(whole, us / 1000, 1);
    at = digits_of(text, us % 1000, 3);
    *--at = '.';
    for (size_t n = strlen(before); n > 0; n--)
        *--at = before[n - 1];
    say_pair(line, key, at);
}

void hf_line_flag(hf_line *line, const char *key, bool value)
{
    const char *text = value ? "yes" : "no";

    say_pair(line, key, line->log->json ? value ? "true" : "false" : text);
}

/* ---- lines ---- */

/* The day and second are the same for many lines; a process writes its log with one thread. */
static const char *second_text(time_t second)
{
    static char text[24];
    static time_t of = -1;
    struct tm utc;

    if (second == of)
        return text;
    of = second;
    if (!gmtime_r(&second, &utc) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc) == 0)
        snprintf(text, sizeof text, "1970-01-01T00:00:00");
    return text;
}

/* 2026-11-22T06:00:00.123Z */
static void now_text(char out[32])
{
    char text[DIGITS];
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    const char *second = second_text(now.tv_sec);
    size_t len = strlen(second);
    memcpy(out, second, len);
    out[len++] = '.';
    memcpy(out + len, digits_of(text, (uint64_t)(now.tv_nsec / 1000000), 3), 3);
    memcpy(out + len + 3, "Z", 2);
}

void hf_line_begin(hf_line *line, hf_log *log, hf_severity severity, const char *what)
{
    const char *level = levels[severity <= HF_SAY_ERROR ? severity : HF_SAY_ERROR];
    char now[32];

    line->log = log;
    line->len = 0;
    line->cut = false;
    now_text(now);
    say(line, log->json ? "{\"ts\":\"" : "");
    say(line, now);
    say(line, log->json ? "\",\"level\":\"" : " ");
    say(line, level);
    say(line, log->json ? "\",\"event\":\"" : " ");
    say(line, what);
    say(line, log->json ? "\"" : "");
}

void hf_line_end(hf_line *line)
{
    const char *end = line->log->json ? "}\n" : "\n";

    if (line->cut) {
        const char *cut = line->log->json ? ",\"cut\":true" : " cut=yes";
        memcpy(line->text + line->len, cut, strlen(cut));
        line->len += strlen(cut);
    }
    memcpy(line->text + line->len, end, strlen(end));
    line->len += strlen(end);
    hf_log_put(line->log, line->text, line->len);
}

void hf_log_say(hf_log *log, hf_severity severity, const char *what, const char *format, ...)
{
    hf_line line;
    char words[VALUE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    hf_line_begin(&line, log, severity, what);
    hf_line_text(&line, "message", words);
    hf_line_end(&line);
}

size_t hf_line_of_lost(char *out, size_t room, bool json, uint64_t lost, bool torn)
{
    char now[32];

    now_text(now);
    int n =
        snprintf(out, room,
                 json ? "%s{\"ts\":\"%s\",\"level\":\"warning\",\"event\":\"log\",\"lost\":%llu}\n"
                      : "%s%s warning log lost=%llu\n",
                 torn ? "\n" : "", now, (unsigned long long)lost);
    return n > 0 && (size_t)n < room ? (size_t)n : 0;
}
