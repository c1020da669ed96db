/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One round of `handfast watch`: everything of the list is looked at, compared with its state, told, and remembered. */
#ifndef HF_TOOL_AUDIT_WATCH_ROUND_H
#define HF_TOOL_AUDIT_WATCH_ROUND_H

#include "tool/audit/watch_events.h"
#include "tool/audit/watch_list.h"
#include "tool/audit/watch_state.h"
#include "tool/audit/watch_tell.h"

typedef struct hf_watch_round {
    const hf_watch_options *o;
    hf_watch_list *list;
    const hf_watch_folder *folder;
    const hf_watch_days *days;
    uv_loop_t *loop; /* the post's */
    hf_watch_post *post;
    bool worse, unreachable; /* what came of it */
    int trouble;             /* HF_EXIT_OK, or the exit code of what could not be read or kept */
} hf_watch_round;

/* 0, or 128 and the number of a signal that ended it: what was not over is left as it was. */
int hf_watch_look(hf_watch_round *round);

/* How long until the next one: `every` seconds, a tenth more or less by what was drawn. */
uint64_t hf_watch_rest_ms(int64_t every, uint64_t draw);

#endif
