/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A comment of a header, without its marks, as scdoc; every line begins with `tabs`. */
#ifndef HF_TOOL_PAGES_REMARK_H
#define HF_TOOL_PAGES_REMARK_H

#include <stdio.h>

void sc_remark(FILE *out, const char *text, size_t len, const char *tabs);

#endif
