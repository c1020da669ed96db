/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What to run next when `connect` failed: a command that can be pasted. */
#ifndef HF_TOOL_ADVICE_H
#define HF_TOOL_ADVICE_H

#include "tool/options.h"
#include "tool/outcome.h"

/* Fills outcome->trouble.next. */
void hf_advise(hf_outcome *outcome, const hf_connect_options *options);

#endif
