/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a list does not name any more. Several lists may share a folder, at different times: each state has the path of the list that last
 * looked at it, and only its own are removed. What cannot be read, or has no such path, stays.
 */
#include "tool/audit/watch_left.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <handfast/os.h>
#include "base/clock.h"
#include "tool/say.h"

#define MEMBER "list"
static const char suffix[] = ".json";

bool hf_watch_left_mark(json_t *state, const hf_watch_list *list)
{
    return json_object_set_new(state, MEMBER, json_string(list->path)) == 0;
}

/* ---- what the list names ---- */

typedef struct names {
    char **at;
    size_t n;
} names;

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add(names *all, const hf_watch_folder *folder, const char *what, const char *key)
{
    char path[HF_WATCH_PATH_MAX];

    hf_watch_state_path(folder, what, key, path);
    all->at[all->n] = strdup(path);
    return all->at[all->n] && ++all->n > 0;
}

static bool add_line(names *all, const hf_watch_folder *folder, const hf_watch_line *line)
{
    char what[HF_WATCH_WHAT_ROOM], key[HF_WATCH_KEY_ROOM];
    bool good = true;

    for (size_t i = 0; line->files && i < line->n_words && good; i++)
        good = add(all, folder, line->words[i], line->words[i]);
    for (size_t i = 0; i < line->list.n && good; i++) {
        hf_watch_what(&line->list.jobs[i], what);
        hf_watch_key(&line->list.jobs[i], key);
        good = add(all, folder, what, key);
    }
    return good;
}

/* False: no memory. */
static bool gather(names *all, const hf_watch_round *r)
{
    bool good;

    *all = (names){ .at = calloc(r->list->n_targets + r->list->n_files + 1, sizeof *all->at) };
    good = all->at != NULL;
    for (size_t i = 0; i < r->list->n && good; i++)
        good = add_line(all, r->folder, &r->list->at[i]);
    if (good)
        qsort(all->at, all->n, sizeof *all->at, by_name);
    return good;
}

static void forget(names *all)
{
    for (size_t i = 0; i < all->n; i++)
        free(all->at[i]);
    free(all->at);
}

/* ---- what is not among it ---- */

/* NULL: it is none, or another list's. */
static json_t *own_state(const hf_watch_round *r, const char *path)
{
    uint8_t *bytes;
    size_t len;

    if (hf_os_read_file(path, HF_WATCH_STATE_MAX, &bytes, &len) != HF_OK)
        return NULL;
    json_t *state = json_loadb((const char *)bytes, len, JSON_REJECT_DUPLICATES, NULL);
    hf_os_free(bytes, len);
    const char *list = json_string_value(json_object_get(state, MEMBER));
    if (list && strcmp(list, r->list->path) == 0)
        return state;
    json_decref(state);
    return NULL;
}

static void tell(hf_watch_round *r, const char *what)
{
    hf_watch_scene scene = { .target = what, .now = hf_clock_wall(), .events = json_array() };

    hf_watch_tell(&scene, "left", false, NULL,
                  "it is watched no longer: what was remembered of it is removed");
    hf_watch_say(r->o, scene.events);
    hf_watch_post_loose(r->post, scene.events);
    json_decref(scene.events);
}

static void look_at(hf_watch_round *r, const names *all, const char *path)
{
    json_t *state;

    if (bsearch(&path, all->at, all->n, sizeof *all->at, by_name))
        return;
    state = own_state(r, path);
    if (!state)
        return;
    const char *what = json_string_value(json_object_get(state, "what"));
    if (unlink(path) == 0)
        tell(r, what ? what : path);
    else
        hf_warn("%s is of nothing that is watched, and cannot be removed (%s)", path,
                strerror(errno));
    json_decref(state);
}

static bool is_state(const char *name)
{
    size_t len = strlen(name), end = sizeof suffix - 1;

    return len > end && strcmp(name + len - end, suffix) == 0;
}

void hf_watch_left_sweep(hf_watch_round *r)
{
    char path[HF_WATCH_PATH_MAX];
    const struct dirent *entry;
    DIR *folder = opendir(r->folder->path);
    names all;

    if (folder && gather(&all, r))
        while ((entry = readdir(folder)) != NULL)
            if (is_state(entry->d_name) && snprintf(path, sizeof path, "%s/%s", r->folder->path,
                                                    entry->d_name) < HF_WATCH_PATH_MAX)
                look_at(r, &all, path);
    if (folder) {
        forget(&all);
        closedir(folder);
    }
    r->list->swept = true;
}
