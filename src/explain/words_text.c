/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Text that is put together piece by piece: names, counts, lists, and the bytes of others. */
#include "explain/words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const char more[] = "…";
enum { QUOTED_MAX = 80, LISTED = 3 };

hf_phrase hf_phrase_start(char text[HF_WORDS_ROOM])
{
    *text = '\0';
    return (hf_phrase){ .text = text };
}

/* Back to the start of a character of UTF-8, so that "…" fits behind it. */
static void cut_short(hf_phrase *p)
{
    size_t len = HF_WORDS_ROOM - sizeof more;

    while (len > 0 && ((uint8_t)p->text[len] & 0xc0) == 0x80)
        len--;
    memcpy(p->text + len, more, sizeof more);
    p->len = len + sizeof more - 1;
    p->cut = true;
}

void hf_phrase_add(hf_phrase *p, const char *format, ...)
{
    va_list args;

    if (p->cut)
        return;
    va_start(args, format);
    int n = vsnprintf(p->text + p->len, HF_WORDS_ROOM - p->len, format, args);
    va_end(args);
    if (n < 0)
        p->text[p->len] = '\0';
    else if ((size_t)n >= HF_WORDS_ROOM - p->len)
        cut_short(p);
    else
        p->len += (size_t)n;
}

void hf_phrase_quote(hf_phrase *p, hf_span bytes)
{
    for (size_t i = 0; i < bytes.len && i < QUOTED_MAX; i++) {
        uint8_t c = bytes.data[i];
        hf_phrase_add(p, c >= 0x20 && c < 0x7f && c != '\\' ? "%c" : "\\x%02x", c);
    }
    if (bytes.len > QUOTED_MAX)
        hf_phrase_add(p, "%s", more);
}

void hf_phrase_name(hf_phrase *p, hf_names names, uint64_t value)
{
    char name[HF_NAME_ROOM];

    hf_phrase_add(p, "%s", hf_code_text(names, value, name));
}

void hf_phrase_count(hf_phrase *p, uint64_t n, const char *what)
{
    hf_phrase_add(p, "%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
}

static size_t count_real(hf_names names, const uint16_t *values, size_t n)
{
    size_t real = 0;

    for (size_t i = 0; i < n; i++)
        real += !hf_name_is_grease(names, values[i]);
    return real;
}

void hf_phrase_list(hf_phrase *p, hf_names names, const uint16_t *values, size_t n)
{
    size_t left = count_real(names, values, n), said = 0;

    for (size_t i = 0; i < n && said < LISTED; i++) {
        if (hf_name_is_grease(names, values[i]))
            continue;
        hf_phrase_add(p, "%s", said == 0 ? "" : left == 1 ? " and " : ", ");
        hf_phrase_name(p, names, values[i]);
        said++, left--;
    }
    if (left > 0)
        hf_phrase_add(p, " and %zu more", left);
}

void hf_phrase_alpn(hf_phrase *p, hf_span list)
{
    hf_span name;
    size_t said = 0;

    while (hf_name_next(&list, &name)) {
        bool grease = name.len == 2 && hf_is_grease((uint16_t)(name.data[0] << 8 | name.data[1]));
        if (grease || said == LISTED)
            continue;
        hf_phrase_add(p, "%s", said++ ? ", " : "");
        hf_phrase_quote(p, name);
    }
}

const char *hf_end_name(unsigned role)
{
    return role == HF_SERVER ? "server" : "client";
}
