/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A folder of our own below TMPDIR that is gone afterwards, with what `demo` put into it. */
#ifndef HF_TOOL_TEMP_FOLDER_H
#define HF_TOOL_TEMP_FOLDER_H

#include <handfast/types.h>

enum { HF_TEMP_PATH_MAX = 512 };

/* Mode 0700. An exit code, after it said what failed. */
int hf_temp_make(char path[HF_TEMP_PATH_MAX]);
/* Removes the files in it, not deeper, and the folder. False: something is left, errno says why. */
bool hf_temp_remove(const char *path);

#endif
