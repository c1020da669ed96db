/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Reading our own JSON for people: what is not there, or is something else, is "". */
#ifndef HF_TOOL_PROXY_STATUS_WORDS_H
#define HF_TOOL_PROXY_STATUS_WORDS_H

#include <jansson.h>
#include <stdint.h>

#include "tool/text.h"

/* Never NULL. */
const char *hf_word_of(const json_t *object, const char *key);
uint64_t hf_count_of(const json_t *object, const char *key);
/* Text that may have come from outside: control characters and what is not ASCII as \xNN. */
void hf_words_safe(hf_text *out, const char *text);
/* "3 days", "2 h 5 min", "12 s" */
void hf_words_span(hf_text *out, uint64_t seconds);

#endif
