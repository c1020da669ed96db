/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A file's state as stat tells it, for who asks whether it has changed since it was read: by name, so that a file which takes its place, or a
   symbolic link that leads elsewhere, is a change too. */
#ifndef HF_TOOL_FILE_STATE_H
#define HF_TOOL_FILE_STATE_H

#include <stdbool.h>
#include <sys/stat.h>

/* Zeroes: there is none. */
struct stat hf_file_state(const char *path);
bool hf_file_is_same(const struct stat *a, const struct stat *b);

#endif
