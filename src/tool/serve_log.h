/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What `serve` says while it runs: words, or with --json one object a line. */
#ifndef HF_TOOL_SERVE_LOG_H
#define HF_TOOL_SERVE_LOG_H

#include "tool/visitor.h"

typedef struct hf_serve_log {
    bool json;
} hf_serve_log;

/* 12:34:56, UTC: enough to tell lines apart. */
enum { HF_CLOCK_ROOM = 16 };
void hf_clock_text(char out[HF_CLOCK_ROOM]);

void hf_serve_log_connected(const hf_serve_log *log, hf_visitor *visitor);
/* trace: the file that shows it, or "". */
void hf_serve_log_failed(const hf_serve_log *log, hf_visitor *visitor, const hf_failure *failure,
                         const char *trace);
void hf_serve_log_closed(const hf_serve_log *log, hf_visitor *visitor);
void hf_serve_log_draining(const hf_serve_log *log, unsigned open, unsigned seconds);

#endif
