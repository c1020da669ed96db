/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What `handfast audit` writes: text a target, one JSON object for all, and files. */
#ifndef HF_TOOL_AUDIT_OUTPUT_H
#define HF_TOOL_AUDIT_OUTPUT_H

#include "tool/audit/run.h"
#include "tool/options.h"

/* What these options contradict each other in, and files that cannot be written: said before anything is asked. An exit code. */
int hf_audit_output_check(const hf_audit_options *options);
/* True if text goes to stdout, a target at a time. */
bool hf_audit_output_text(const hf_audit_options *options);
/* True if the reports of all targets are needed at the end. */
bool hf_audit_output_keeps(const hf_audit_options *options);
/* One target's text. first: no line stands above it. An exit code. */
int hf_audit_print(const hf_audit_options *options, const hf_audit *audit, bool first);
/* Its line below those of all, to be freed; NULL: no memory. */
char *hf_audit_summary(const hf_audit *audit);
/* JSON and files of all targets that are over. What can be written is; an exit code, after it said what failed. */
int hf_audit_write(const hf_audit_options *options, const hf_audit_job *jobs, size_t n);

#endif
