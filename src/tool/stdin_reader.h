/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * stdin in a loop, whatever it is: a terminal, a pipe, a file, /dev/zero. A thread of its own reads it,
 * blocking, because making stdin non-blocking would change it for every program that shares it.
 */
#ifndef HF_TOOL_STDIN_READER_H
#define HF_TOOL_STDIN_READER_H

#include <uv.h>

#include <handfast/types.h>

typedef struct hf_stdin hf_stdin;

/* bytes: good until hf_stdin_next. Empty: the end (error 0) or a failure (an errno); nothing follows then. */
typedef void (*hf_stdin_got)(void *user, hf_span bytes, int error);

/* One a process. NULL: no memory or no thread. */
hf_stdin *hf_stdin_start(uv_loop_t *loop, hf_stdin_got got, void *user);
/* The bytes were used: read on. */
void hf_stdin_next(hf_stdin *reader);
/* Nothing is told any more, and the loop can end. A read that blocks is left behind until the process ends. */
void hf_stdin_stop(hf_stdin *reader);

#endif
