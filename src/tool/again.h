/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A command line as it was given, put together again from its options: for "run this next". */
#ifndef HF_TOOL_AGAIN_H
#define HF_TOOL_AGAIN_H

#include "tool/options.h"
#include "tool/text.h"

/* "handfast NAME" and every option that differs from its default, quoted for a shell, but not --SKIP
   (NULL: all). The arguments are the caller's to add. */
void hf_again(hf_text *out, const hf_command *command, const void *options, const char *skip);

#endif
