/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* States of what left FILE: removed once FILE was read well, and told. Those of other lists in the same folder are theirs. */
#ifndef HF_TOOL_AUDIT_WATCH_LEFT_H
#define HF_TOOL_AUDIT_WATCH_LEFT_H

#include "tool/audit/watch_round.h"

/* What is in the state says whose it is: of the FILE at that path. False: no memory. */
bool hf_watch_left_mark(json_t *state, const hf_watch_list *list);
/* After a whole round of a list that was just read. */
void hf_watch_left_sweep(hf_watch_round *round);

#endif
