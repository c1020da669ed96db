/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A file that appears under its name only when it is whole: written beside it, then renamed. */
#ifndef HF_TOOL_BODY_FILE_H
#define HF_TOOL_BODY_FILE_H

#include <stdio.h>

#include <handfast/types.h>

enum { HF_BODY_PATH_MAX = 4096 };

typedef struct hf_body_file {
    FILE *stream; /* NULL: none is open */
    const char *path;
    char temporary[HF_BODY_PATH_MAX];
} hf_body_file;

/* Each returns 0 or an errno. After a failure the temporary file is gone. */
int hf_body_open(hf_body_file *file, const char *path);
int hf_body_write(hf_body_file *file, hf_span bytes);
int hf_body_commit(hf_body_file *file);
/* Removes what was written. Harmless if nothing is open. */
void hf_body_abandon(hf_body_file *file);

#endif
