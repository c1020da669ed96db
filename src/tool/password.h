/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The password of an encrypted key: the first line of a file, or asked for on the terminal without showing it. */
#ifndef HF_TOOL_PASSWORD_H
#define HF_TOOL_PASSWORD_H

#include <handfast/types.h>

enum { HF_PASSWORD_MAX = 1024 };

/* An exit code, after it said what is wrong. Wipe `out` (hf_wipe) after use. */
int hf_password_file(const char *path, char out[HF_PASSWORD_MAX]);
/* False: stdin or stderr is no terminal, or nothing was typed. */
bool hf_password_ask(const char *what, char out[HF_PASSWORD_MAX]);

#endif
