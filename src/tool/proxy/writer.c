/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Text into a room of fixed size. */
#include "tool/proxy/writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

void hf_put(hf_writer *w, const void *bytes, size_t len)
{
    if (w->full || len > w->room - w->len) {
        w->full = true;
        return;
    }
    if (len > 0)
        memcpy(w->data + w->len, bytes, len);
    w->len += len;
}

void hf_put_span(hf_writer *w, hf_span bytes)
{
    hf_put(w, bytes.data, bytes.len);
}

void hf_put_text(hf_writer *w, const char *text)
{
    hf_put(w, text, strlen(text));
}

/* By way of a room of its own, as the NUL of vsnprintf has no place in the writer's. */
void hf_put_words(hf_writer *w, const char *format, ...)
{
    char words[HF_WRITER_WORDS];
    va_list list;

    va_start(list, format);
    int n = vsnprintf(words, sizeof words, format, list);
    va_end(list);
    if (n < 0 || (size_t)n >= sizeof words)
        w->full = true;
    else
        hf_put(w, words, (size_t)n);
}

size_t hf_written(const hf_writer *w)
{
    return w->full ? 0 : w->len;
}
