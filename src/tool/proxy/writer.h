/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Text into a room of fixed size: heads, and the answers of our own. That something did not fit sticks and is asked for once, at the
 * end. What grows is tool/text.h's.
 */
#ifndef HF_TOOL_PROXY_WRITER_H
#define HF_TOOL_PROXY_WRITER_H

#include <handfast/types.h>
#include "base/compiler.h"

enum { HF_WRITER_WORDS = 256 };

typedef struct hf_writer {
    char *data;
    size_t len, room;
    bool full;
} hf_writer;

void hf_put(hf_writer *w, const void *bytes, size_t len);
void hf_put_span(hf_writer *w, hf_span bytes);
void hf_put_text(hf_writer *w, const char *text);
/* Short things: numbers, addresses, and texts of our own around them. What is longer than HF_WRITER_WORDS does not fit. */
void hf_put_words(hf_writer *w, const char *format, ...) HF_PRINTF(2, 3);
/* How long it is; 0: it did not fit. */
size_t hf_written(const hf_writer *w);

#endif
