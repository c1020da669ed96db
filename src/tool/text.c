/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Text with a ceiling. */
#include "tool/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

hf_text hf_text_new(size_t max)
{
    return (hf_text){ NULL, 0, 0, max, false };
}

void hf_text_free(hf_text *text)
{
    free(text->data);
    *text = hf_text_new(text->max);
}

void hf_text_clear(hf_text *text)
{
    text->len = 0;
    text->full = false;
}

/* Room for len more bytes and the NUL. */
static bool reserve(hf_text *text, size_t len)
{
    size_t cap = text->cap > 0 ? text->cap : 256;

    if (text->full || len > text->max - text->len)
        return false;
    while (cap < text->len + len + 1)
        cap *= 2;
    if (cap == text->cap)
        return true;
    char *data = realloc(text->data, cap);
    if (!data)
        return false;
    text->data = data;
    text->cap = cap;
    return true;
}

bool hf_text_add(hf_text *text, const void *bytes, size_t len)
{
    if (!reserve(text, len)) {
        text->full = true;
        return false;
    }
    if (len > 0)
        memcpy(text->data + text->len, bytes, len);
    text->len += len;
    text->data[text->len] = '\0';
    return true;
}

bool hf_text_say(hf_text *text, const char *words)
{
    return hf_text_add(text, words, strlen(words));
}

bool hf_text_print(hf_text *text, const char *format, ...)
{
    char piece[2048];
    va_list args;

    va_start(args, format);
    int len = vsnprintf(piece, sizeof piece, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof piece) {
        text->full = true;
        return false;
    }
    return hf_text_add(text, piece, (size_t)len);
}

bool hf_text_say_word(hf_text *text, const char *word)
{
    static const char safe[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,";

    if (*word && word[strspn(word, safe)] == '\0')
        return hf_text_say(text, word);
    hf_text_say(text, "'");
    for (; *word; word++)
        if (!hf_text_add(text, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1))
            return false;
    return hf_text_say(text, "'");
}
