/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Comparing what stat says now with what it said before. */
#include "tool/proxy/watch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "tool/file_state.h"

/* ---- what is looked at ---- */

static int by_path(const void *a, const void *b)
{
    return strcmp(((const hf_watched *)a)->path, ((const hf_watched *)b)->path);
}

void hf_watched_files_free(hf_watched_files *files)
{
    if (!files || --files->refs > 0)
        return;
    for (size_t i = 0; i < files->n; i++)
        hf_free(files->at[i].path);
    hf_free(files);
}

static bool copy_paths(hf_watched_files *files, char *const *paths)
{
    for (size_t i = 0; i < files->n; i++)
        if (!(files->at[i].path = (char *)hf_copy(hf_span_str(paths[i]))))
            return false;
    return true;
}

static void see(hf_watched *file)
{
    struct stat link;

    file->seen = hf_file_state(file->path);
    if (lstat(file->path, &link) == 0)
        file->link = link.st_ctim;
}

hf_watched_files *hf_watch_files(char *const *paths, size_t n)
{
    hf_watched_files *files = hf_alloc(sizeof *files + n * sizeof(hf_watched));

    if (!files)
        return NULL;
    files->refs = 1;
    files->n = n;
    if (!copy_paths(files, paths)) {
        hf_watched_files_free(files);
        return NULL;
    }
    qsort(files->at, n, sizeof *files->at, by_path);
    for (size_t i = 0; i < n; i++)
        see(&files->at[i]);
    return files;
}

/* ---- looking ---- */

static hf_watch_look *new_look(hf_watch *w)
{
    size_t n = w->files ? w->files->n : 0;
    hf_watch_look *look = n > 0 ? hf_alloc(sizeof *look + n * sizeof(struct stat)) : NULL;

    if (!look)
        return NULL;
    look->watch = w;
    look->files = w->files;
    look->files->refs++;
    look->turn = w->turn;
    return look;
}

static void free_look(hf_watch_look *look)
{
    if (look)
        hf_watched_files_free(look->files);
    hf_free(look);
}

void hf_watch_look_there(hf_watch_look *look)
{
    for (size_t i = 0; look && i < look->files->n; i++)
        look->now[i] = hf_file_state(look->files->at[i].path);
}

/* Does it differ from what was seen before? */
static bool note(hf_watch_look *look)
{
    bool any = false;

    for (size_t i = 0; i < look->files->n; i++) {
        hf_watched *file = &look->files->at[i];
        any = any || !hf_file_is_same(&look->now[i], &file->seen);
        file->seen = look->now[i];
    }
    return any;
}

static void judge(hf_watch *w, bool moved)
{
    if (!moved && w->restless == 0)
        return;
    w->restless++;
    if (moved && w->restless < HF_WATCH_RESTLESS)
        return;
    w->restless = 0;
    w->changed(w->user);
}

static void look_on_thread(uv_work_t *work)
{
    hf_watch_look_there(work->data);
}

static void looked(uv_work_t *work, int status)
{
    hf_watch_look *look = work->data;
    hf_watch *w = look->watch;

    (void)status;
    if (w)
        w->looking = NULL;
    if (w && look->turn == w->turn)
        judge(w, note(look));
    free_look(look);
}

/* A reading looks by itself. */
static void tick(uv_timer_t *timer)
{
    hf_watch *w = timer->data;
    hf_watch_look *look = w->looking || w->reading ? NULL : new_look(w);

    if (!look)
        return;
    look->work.data = look;
    if (uv_queue_work(timer->loop, &look->work, look_on_thread, looked) == 0)
        w->looking = look;
    else
        free_look(look);
}

void hf_watch_start(hf_watch *w, uv_loop_t *loop, void (*changed)(void *user), void *user)
{
    w->changed = changed;
    w->user = user;
    uv_timer_init(loop, &w->timer);
    w->timer.data = w;
    uv_timer_start(&w->timer, tick, HF_WATCH_MS, HF_WATCH_MS);
    w->running = true;
}

/* ---- readings ---- */

hf_watch_look *hf_watch_begin(hf_watch *w)
{
    w->turn++;
    w->reading = true;
    return new_look(w);
}

void hf_watch_began(hf_watch *w, hf_watch_look *look)
{
    bool moved = look && look->turn == w->turn && note(look);

    free_look(look);
    w->was_restless = moved || w->restless > 0;
    w->restless = 0;
}

void hf_watch_read(hf_watch *w)
{
    w->reading = false;
}

void hf_watch_refused(hf_watch *w)
{
    hf_watch_read(w);
    if (w->was_restless && w->restless == 0)
        w->restless = 1;
}

static bool is_after(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec >= b.tv_nsec;
}

/* A link that leads elsewhere since then may lead to a file that is older. */
static bool is_newer(const hf_watched *file, struct timespec since)
{
    return is_after(file->seen.st_ctim, since) || is_after(file->link, since);
}

static bool is_news(const hf_watched_files *before, const hf_watched *file, struct timespec since)
{
    const hf_watched *old =
        before ? bsearch(file, before->at, before->n, sizeof *file, by_path) : NULL;

    return old ? !hf_file_is_same(&old->seen, &file->seen) : is_newer(file, since);
}

void hf_watch_set(hf_watch *w, hf_watched_files *files, struct timespec since)
{
    bool news = w->restless > 0;

    hf_watch_read(w);
    w->turn++;
    if (!files)
        return;
    for (size_t i = 0; i < files->n; i++)
        news = news || is_news(w->files, &files->at[i], since);
    hf_watched_files_free(w->files);
    w->files = files;
    w->restless = news;
}

struct timespec hf_watch_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME_COARSE, &now); /* the clock that files are stamped with */
    return now;
}

void hf_watch_stop(hf_watch *w)
{
    if (w->running)
        uv_close((uv_handle_t *)&w->timer, NULL);
    w->running = false;
    w->turn++;
    if (w->looking)
        w->looking->watch = NULL;
    w->looking = NULL;
    hf_watched_files_free(w->files);
    w->files = NULL;
}
