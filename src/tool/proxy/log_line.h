/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Between the making of a line (log_line.c) and its way out (log.c). */
#ifndef HF_TOOL_PROXY_LOG_LINE_H
#define HF_TOOL_PROXY_LOG_LINE_H

#include "tool/proxy/log.h"

/* A whole line with its newline: gathered, or dropped and counted. */
void hf_log_put(hf_log *log, const char *line, size_t len);
/* "lines were lost", as a line of that form; torn: what stands before it is half a line. Returns its length. */
size_t hf_line_of_lost(char *out, size_t room, bool json, uint64_t lost, bool torn);

#endif
