/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Files that a command writes its results to: looked at before anything is done, written whole or not at all. "-" is stdout. */
#ifndef HF_TOOL_OUT_FILE_H
#define HF_TOOL_OUT_FILE_H

#include <handfast/types.h>

/* False for NULL. */
bool hf_out_file_is_stdout(const char *file);
/* Whether it can be written, as far as can be told: who finds out after the work has done it for nothing. NULL and stdout are good. An
   exit code, after it said what is wrong; option: "--html". */
int hf_out_file_check(const char *option, const char *file);
/* Replaces what is there. An exit code, after it said what failed. */
int hf_out_file_write(const char *option, const char *file, hf_span bytes, unsigned mode);

#endif
