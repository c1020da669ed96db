/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Events, told: a line each on stdout, and a command. What goes to the command stays in the state ("pending") until a command for it
 * exited with 0: one that fails, waits or is ended with the watch has told nobody, and is run again in the next round.
 */
#ifndef HF_TOOL_AUDIT_WATCH_TELL_H
#define HF_TOOL_AUDIT_WATCH_TELL_H

#include <jansson.h>

#include "tool/options.h"
#include "tool/shell.h"

enum {
    HF_WATCH_COMMANDS = 4,            /* that run at the same time … */
    HF_WATCH_COMMANDS_WAITING = 1000, /* … and that wait for it; more are left for the next round */
    HF_WATCH_COMMAND_MS = 30000,
    HF_WATCH_PENDING_MAX = 256 /* events of one target that wait for a command; the newest stay */
};

/* All events of one target, on stdout. True if one of them is for the worse, beside that it cannot be reached. */
bool hf_watch_say(const hf_watch_options *options, const json_t *events);

/* What happened waits in the state from now on. what: of which target, for a warning if old ones must go. False: no memory. */
bool hf_watch_pending_add(json_t *state, const json_t *events, const char *what);

typedef struct hf_watch_post hf_watch_post;
/* command: NULL: none, then nothing is sent. Failures are told on stderr. NULL: no memory. */
hf_watch_post *hf_watch_post_new(uv_loop_t *loop, const char *command);
/* A command for all that waits in the state, which lies at that path (or does not: kept is false, and it is not written again). */
void hf_watch_post_send(hf_watch_post *post, const char *what, const char *path,
                        const json_t *state, bool kept);
/* For events without a state, which come again by themselves. */
void hf_watch_post_loose(hf_watch_post *post, const json_t *events);
bool hf_watch_post_busy(const hf_watch_post *post);
uint64_t hf_watch_post_failures(const hf_watch_post *post);
/* Says on stderr how many events wait for the next round, and frees it; the loop must turn until it is empty. */
void hf_watch_post_stop(hf_watch_post *post);

#endif
