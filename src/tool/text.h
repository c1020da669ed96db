/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A growing piece of text with a ceiling, for what the tool puts together: requests, heads, words. Reaching the ceiling (or the
 * end of memory) sticks and is asked for once, at the end. Markup is explain/markup.h's.
 */
#ifndef HF_TOOL_TEXT_H
#define HF_TOOL_TEXT_H

#include <handfast/types.h>
#include "base/compiler.h"

typedef struct hf_text {
    char *data; /* NUL-terminated, NULL while empty */
    size_t len, cap, max;
    bool full; /* something did not fit and was left out */
} hf_text;

/* max: bytes it may hold, without the NUL. */
hf_text hf_text_new(size_t max);
void hf_text_free(hf_text *text);
void hf_text_clear(hf_text *text);
bool hf_text_add(hf_text *text, const void *bytes, size_t len);
bool hf_text_say(hf_text *text, const char *words);
bool hf_text_print(hf_text *text, const char *format, ...) HF_PRINTF(2, 3);
/* A word for a POSIX shell, quoted if need be. */
bool hf_text_say_word(hf_text *text, const char *word);

#endif
