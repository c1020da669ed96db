/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The report of `connect` in about twelve lines. */
#ifndef HF_TOOL_REPORT_H
#define HF_TOOL_REPORT_H

#include "tool/outcome.h"

/* say: hf_out, or hf_note when stdout belongs to a body. Only for runs that connected. */
void hf_report(const hf_outcome *outcome, void (*say)(const char *, ...));
/* "TLS 1.3"; NULL for no version. */
const char *hf_version_name(uint16_t version);
/* "X25519MLKEM768 (hybrid: also safe from quantum computers)" */
const char *hf_group_remark(uint16_t group);

#endif
