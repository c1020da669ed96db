/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A comment of a header, without its marks, as scdoc; every line begins with `tabs`. */
#ifndef HF_TOOL_PAGES_REMARK_H
#define HF_TOOL_PAGES_REMARK_H

#include <stdio.h>

#include <handfast/types.h>

void sc_remark(FILE *out, const char *text, size_t len, const char *tabs);
/* Lines that stay as they are, each with its newline: a sample of code, or a drawing. */
void sc_fence(FILE *out, const char *text, const char *tabs);

#endif
