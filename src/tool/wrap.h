/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Text in lines of at most 80 columns. */
#ifndef HF_TOOL_WRAP_H
#define HF_TOOL_WRAP_H

#include "tool/text.h"

enum {
    HF_WIDTH = 80,
    HF_WRAP_BESIDE = -1 /* an indent: below the second column of the line, if it has one */
};

/* Appends `text`, whose first line starts at `column`. What does not fit goes on at `indent` of the next
   line; words longer than a line stay whole, but for fingerprints. Marks of colour have no width. */
void hf_wrap(hf_text *out, const char *text, int column, int indent);
/* The same for a command: a backslash at the end of each line but the last, so that it can be pasted, and
   no break inside quotes. */
void hf_wrap_command(hf_text *out, const char *command, int column, int indent);

#endif
