/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `connect --session FILE`: the session of one run, for the next. Who can read the file can read both. */
#ifndef HF_TOOL_SESSION_FILE_H
#define HF_TOOL_SESSION_FILE_H

#include "tool/outcome.h"

typedef struct hf_session_file {
    const char *path; /* NULL: no --session; all below is empty then */
    uint8_t *bytes;   /* what was read, or NULL */
    size_t len;
    hf_span inside; /* the session in it; of a damaged file what is none */
    uint8_t *fresh; /* this connection's, or NULL */
    size_t fresh_len;
} hf_session_file;

/* No file, or an empty one, is no error. An exit code, after it said what is wrong. */
int hf_session_file_read(hf_session_file *file, const char *path);
/* At CONNECTED and at SESSION: remembers what the connection has to keep. */
void hf_session_file_keep(hf_session_file *file, hf_conn *conn);
/* Replaces the file by what was kept, if that is anything: into outcome->session, or ->trouble. */
void hf_session_file_write(const hf_session_file *file, hf_outcome *outcome);
/* Wipes. */
void hf_session_file_free(hf_session_file *file);

#endif
