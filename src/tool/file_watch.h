/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A file that is read again when it changes. Asked for every five seconds by name, so that a file which takes its place, or a
 * symbolic link that leads elsewhere, is a change too. What counts is what was there when it was read last: nothing is missed
 * between the reading and the first question.
 */
#ifndef HF_TOOL_FILE_WATCH_H
#define HF_TOOL_FILE_WATCH_H

#include <stdbool.h>
#include <sys/stat.h>

#include <uv.h>

typedef struct hf_file_watch {
    const char *path;
    struct stat seen; /* zeroes: there was none */
    void (*changed)(void *user);
    void *user;
    uv_timer_t timer;
    bool running;
} hf_file_watch;

/* Right before the file is read. */
void hf_file_watch_note(hf_file_watch *watch, const char *path);
/* changed: it should be read again, if it is still there. */
void hf_file_watch_start(hf_file_watch *watch, uv_loop_t *loop, void (*changed)(void *user),
                         void *user);
/* Closes a handle of the loop, if it was started. */
void hf_file_watch_stop(hf_file_watch *watch);

#endif
