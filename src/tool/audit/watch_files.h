/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* When the certificates and CRLs of a file end. */
#ifndef HF_TOOL_AUDIT_WATCH_FILES_H
#define HF_TOOL_AUDIT_WATCH_FILES_H

#include "tool/audit/watch_events.h"

enum { HF_WATCH_FILE_ENDS = 500, HF_WATCH_NAME_ROOM = 256 };

typedef struct hf_watch_file {
    hf_watch_end ends[HF_WATCH_FILE_ENDS]; /* their texts are the rows below */
    char names[HF_WATCH_FILE_ENDS][HF_WATCH_NAME_ROOM], fingerprints[HF_WATCH_FILE_ENDS][65];
    size_t n;
    char error[HF_WATCH_NAME_ROOM]; /* "": none; what could be read is there all the same */
} hf_watch_file;

/* PEM with any number of certificates and CRLs, or DER with one. NULL: no memory. To be given back with free. */
hf_watch_file *hf_watch_file_read(const char *path);

#endif
