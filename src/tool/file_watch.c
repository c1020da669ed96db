/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Asks for the file's state every few seconds: what changed before the first look is noticed too, which uv_fs_poll would miss. */
#include "tool/file_watch.h"

#include "tool/file_state.h"

enum { EVERY_MS = 5000 };

void hf_file_watch_note(hf_file_watch *w, const char *path)
{
    w->path = path;
    w->seen = hf_file_state(path);
}

static void look(uv_timer_t *timer)
{
    hf_file_watch *w = timer->data;
    struct stat now = hf_file_state(w->path);

    if (hf_file_is_same(&w->seen, &now))
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
