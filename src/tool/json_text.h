/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* jansson with the two things that reports need: foreign bytes as strings, and one line out. */
#ifndef HF_TOOL_JSON_TEXT_H
#define HF_TOOL_JSON_TEXT_H

#include <jansson.h>

#include <handfast/types.h>

/* A string; bytes that are not UTF-8 are read as Latin-1. NULL and "" (with `or_null`) give null. */
json_t *hf_json_text(const char *text);
json_t *hf_json_text_or_null(const char *text);
/* 1.234: three digits are what a clock is good for. */
json_t *hf_json_ms(double ms);
/* 2026-11-21T10:00:00Z, null for 0. */
json_t *hf_json_time(int64_t seconds);
/* The same of now. */
json_t *hf_json_now(void);
/* One line, or indented for people; to stdout. Gives the reference to value back. An exit code. */
int hf_json_print(json_t *value, bool indented);

#endif
