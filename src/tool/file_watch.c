/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Asks for the file's state every few seconds: what changed before the first look is noticed too, which uv_fs_poll would miss. */
#include "tool/file_watch.h"

#include <string.h>

enum { EVERY_MS = 5000 };

static struct stat state_of(const char *path)
{
    struct stat s;

    if (stat(path, &s) != 0)
        memset(&s, 0, sizeof s);
    return s;
}

static bool is_same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* ctime goes with mode and owner. */
static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           is_same_time(a->st_mtim, b->st_mtim) && is_same_time(a->st_ctim, b->st_ctim);
}

void hf_file_watch_note(hf_file_watch *w, const char *path)
{
    w->path = path;
    w->seen = state_of(path);
}

static void look(uv_timer_t *timer)
{
    hf_file_watch *w = timer->data;
    struct stat now = state_of(w->path);

    if (is_same(&w->seen, &now))
        return;
    w->seen = now;
    w->changed(w->user);
}

void hf_file_watch_start(hf_file_watch *w, uv_loop_t *loop, void (*changed)(void *user), void *user)
{
    w->changed = changed;
    w->user = user;
    uv_timer_init(loop, &w->timer);
    w->timer.data = w;
    uv_timer_start(&w->timer, look, EVERY_MS, EVERY_MS);
    w->running = true;
}

void hf_file_watch_stop(hf_file_watch *w)
{
    if (w->running)
        uv_close((uv_handle_t *)&w->timer, NULL);
    w->running = false;
}
