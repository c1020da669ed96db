/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Files that are read again when they change. They are asked for once a second by name, so that a file which takes another's place
 * and a symbolic link that leads elsewhere are changes too, on every file system. A change counts when it has been quiet for a
 * second: a chain and its key are seldom written in one step. A file system may let whoever asks wait for ever, so it is threads that
 * ask, never the loop, and the next look begins when the one before is over.
 */
#ifndef HF_TOOL_PROXY_WATCH_H
#define HF_TOOL_PROXY_WATCH_H

#include <stdbool.h>
#include <sys/stat.h>

#include <uv.h>

enum {
    HF_WATCH_MS = 1000,
    HF_WATCH_RESTLESS = 10 /* looks: then what never rests counts as well */
};

typedef struct hf_watched {
    char *path;
    struct stat seen;     /* zeroes: it is not there */
    struct timespec link; /* when the name itself was last changed, if it is a symbolic link's */
} hf_watched;

/* Threads read the paths alone, and these stay. */
typedef struct hf_watched_files {
    unsigned refs;
    size_t n;
    hf_watched at[]; /* by path */
} hf_watched_files;

typedef struct hf_watch hf_watch;

typedef struct hf_watch_look {
    uv_work_t work;
    hf_watch *watch; /* NULL: it has stopped */
    hf_watched_files *files;
    unsigned turn;
    struct stat now[];
} hf_watch_look;

struct hf_watch {
    uv_timer_t timer;
    hf_watched_files *files; /* NULL: none */
    hf_watch_look *looking;  /* on its thread, or NULL */
    unsigned turn;           /* of a look: what comes of one of an earlier turn is old */
    unsigned restless;       /* looks since the first change */
    bool running, reading, was_restless; /* the latter: before the reading that is under way */
    void (*changed)(void *user);
    void *user;
};

/* changed: something did, and what was seen is noted as seen. */
void hf_watch_start(hf_watch *watch, uv_loop_t *loop, void (*changed)(void *user), void *user);
/* A reading begins, which will see what has changed so far: its thread looks first. NULL (nothing is watched, or no memory) is fine
   for what follows. */
hf_watch_look *hf_watch_begin(hf_watch *watch);
/* On the reading's thread. */
void hf_watch_look_there(hf_watch_look *look);
/* Also on a thread, after the reading: these files, as they are then. NULL: no memory. */
hf_watched_files *hf_watch_files(char *const *paths, size_t n);
void hf_watched_files_free(hf_watched_files *files); /* gives a reference back */
/* On the loop again: what was seen when the reading began. The look is gone then. One of these follows: */
void hf_watch_began(hf_watch *watch, hf_watch_look *look);
/* These from now on; NULL: those of before. Takes over. What changed since the reading began may have been read before, and counts as a
   change once; of files that were not watched then, those whose time, or whose link's, is after `since` (hf_watch_now). */
void hf_watch_set(hf_watch *watch, hf_watched_files *files, struct timespec since);
/* Nothing came of it, and what had changed before still has … */
void hf_watch_refused(hf_watch *watch);
/* … or has made no difference. */
void hf_watch_read(hf_watch *watch);
struct timespec hf_watch_now(void);
/* Closes its handle. A look that is under way ends by itself. */
void hf_watch_stop(hf_watch *watch);

#endif
