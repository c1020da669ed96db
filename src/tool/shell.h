/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Commands of a configuration or an option, run by /bin/sh with facts in the environment: a few at a time, a bounded queue, each with
 * a bounded time. Beside the facts a command gets PATH, HOME, LANG, TZ and USER, and nothing else of ours.
 */
#ifndef HF_TOOL_SHELL_H
#define HF_TOOL_SHELL_H

#include <uv.h>

#include <handfast/types.h>

typedef struct hf_shell hf_shell;

enum { HF_SHELL_FACTS = 16, HF_SHELL_FACT_MAX = 4096 /* longer ones are cut */ };

typedef struct hf_shell_limits {
    size_t at_once, waiting; /* commands that run at the same time, and that wait for it */
    uint64_t ms;             /* then it is killed, with all that it started */
    bool talks;              /* what it writes goes to our stderr; else nowhere */
    bool ends;               /* a stop kills what runs in the same way; else it runs on */
} hf_shell_limits;

/* A command that failed, took too long, could not be started, or was one too many. facts: "NAME=value", as they were given. */
typedef void hf_shell_failed(void *user, const char *why, const char *const *facts, size_t n);

/* What came of one command, once: good if it exited with 0. One that runs when the shell is stopped is not: nobody knows. */
typedef void hf_shell_over(void *token, bool good);

/* NULL: no memory. */
hf_shell *hf_shell_new(uv_loop_t *loop, const hf_shell_limits *limits, hf_shell_failed *failed,
                       void *user);
/* Command and facts are copied. */
void hf_shell_run(hf_shell *shell, const char *command, const char *const *facts, size_t n);
/* The same, and tells what came of it: maybe before it returns. */
void hf_shell_run_for(hf_shell *shell, const char *command, const char *const *facts, size_t n,
                      hf_shell_over *over, void *token);
/* Some wait or run. */
bool hf_shell_busy(const hf_shell *shell);
/* How many failed in any way. */
uint64_t hf_shell_failures(const hf_shell *shell);
/* Closes its handles and frees itself when the loop has called back for the last of them. Commands that run are killed or left to run
   (limits.ends; then the loop turns once, so not from within it). */
void hf_shell_stop(hf_shell *shell);

#endif
