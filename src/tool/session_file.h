/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `connect --session FILE`: the session of one run, for the next. Who can read the file can read both. */
#ifndef HF_TOOL_SESSION_FILE_H
#define HF_TOOL_SESSION_FILE_H

#include "tool/outcome.h"

enum { HF_SESSION_PATH_MAX = 4096 };

typedef struct hf_session_file {
    const char *path; /* NULL: no --session; all below is empty then */
    uint8_t *bytes;   /* what was read, or NULL */
    size_t len;
    hf_span inside; /* the session in it; of a damaged file what is none */
    uint8_t *fresh; /* this connection's, or NULL */
    size_t fresh_len;
    bool once; /* it is one of TLS 1.3, to be used once (RFC 9846 C.4) … */
    bool claimed,
        taken; /* … by us: it is not in the file any more; or another run took it before */
} hf_session_file;

/* No file, or an empty one, is no error. An exit code, after it said what is wrong. */
int hf_session_file_read(hf_session_file *file, const char *path);
/* Before the session is offered: one that is to be used once is taken out of the file, so that no other run can offer it too.
   Afterwards `inside` is what may be offered, which is empty if another run was faster. */
void hf_session_file_claim(hf_session_file *file);
/* It was not offered after all: back into the file, unless that has another one by now. */
void hf_session_file_put_back(hf_session_file *file);
/* At CONNECTED and at SESSION: remembers what the connection has to keep. */
void hf_session_file_keep(hf_session_file *file, hf_conn *conn);
/* Replaces the file by what was kept, if that is anything: into outcome->session, or ->trouble. */
void hf_session_file_write(const hf_session_file *file, hf_outcome *outcome);
/* Wipes. */
void hf_session_file_free(hf_session_file *file);

#endif
