/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A tape shown as the options want it: text or JSON on stdout, a page and a capture as files. */
#ifndef HF_TOOL_TRACE_OUT_H
#define HF_TOOL_TRACE_OUT_H

#include "explain/tape.h"
#include "tool/options.h"

/* What these options contradict each other in, said before anything is done. An exit code. */
int hf_trace_check(const hf_show_options *options);
/* True if the secrets belong on the tape. */
bool hf_trace_wants_secrets(const hf_show_options *options);
/* All that was asked for; what can be shown is, even if a file cannot be written. An exit code, after it said what failed. */
int hf_trace_show(const hf_tape *tape, const hf_show_options *options);

#endif
