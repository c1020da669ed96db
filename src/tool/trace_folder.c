/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Traces as files of a folder: writing one, and removing what is too old. */
#include "tool/trace_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <handfast/os.h>
#include "explain/outputs.h"

enum {
    STAMP = 17, /* of a name: "20261122T030052Z-" */
    NAME_MAX_LEN = 48,
    TRIES = 1000 /* names of one second */
};

bool hf_trace_folder_make(const char *dir)
{
    char path[HF_TRACE_PATH_MAX];
    size_t len = strlen(dir);
    struct stat folder;

    if (len >= sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(path, dir, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        path[i] = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST &&
            (i == len || (errno != EACCES && errno != EROFS)))
            return false;
        path[i] = dir[i];
    }
    if (stat(dir, &folder) != 0)
        return false;
    errno = S_ISDIR(folder.st_mode) ? 0 : ENOTDIR;
    return errno == 0 && access(dir, W_OK | X_OK) == 0;
}

/* ---- names ---- */

/* "20261122T030052Z-7.json" */
static bool is_trace(const char *name)
{
    static const char form[] = "dddddddd"
                               "Tdddddd"
                               "Z-";
    size_t n = 0;

    for (; form[n]; n++)
        if (form[n] == 'd' ? name[n] < '0' || name[n] > '9' : name[n] != form[n])
            return false;
    size_t digits = strspn(name + n, "0123456789");
    return digits > 0 && strcmp(name + n + digits, ".json") == 0 && strlen(name) < NAME_MAX_LEN;
}

/* By time, then by number. */
static int by_age(const void *a, const void *b)
{
    const char *x = a, *y = b;
    int order = strncmp(x, y, STAMP);
    size_t m = strlen(x), n = strlen(y);

    if (order == 0 && m != n)
        return m < n ? -1 : 1;
    return order ? order : strcmp(x, y);
}

/* ---- removing ---- */

/* The names of the folder's traces; what finds no memory is left out. */
static size_t list(const char *dir, char (**names)[NAME_MAX_LEN])
{
    DIR *folder = opendir(dir);
    size_t n = 0, room = 0;

    *names = NULL;
    for (struct dirent *e = folder ? readdir(folder) : NULL; e; e = readdir(folder)) {
        if (!is_trace(e->d_name))
            continue;
        if (n == room) {
            void *more = realloc(*names, (room += 256) * sizeof **names);
            if (!more)
                break;
            *names = more;
        }
        snprintf((*names)[n++], NAME_MAX_LEN, "%.47s", e->d_name);
    }
    if (folder)
        closedir(folder);
    return n;
}

static void prune(const char *dir, size_t limit)
{
    char(*names)[NAME_MAX_LEN], path[HF_TRACE_PATH_MAX];
    size_t n = list(dir, &names);

    if (n > limit) {
        qsort(names, n, sizeof *names, by_age);
        for (size_t i = 0; i < n - limit; i++)
            if (snprintf(path, sizeof path, "%s/%s", dir, names[i]) < (int)sizeof path)
                unlink(path);
    }
    free(names);
}

/* ---- writing ---- */

static bool draw(const hf_tape *tape, hf_sheet *sheet)
{
    hf_story *story = hf_story_of(tape);
    hf_error e = story ? hf_show_json(story, &(hf_show){ .verbose = 0 }, sheet) : HF_E_NO_MEMORY;

    hf_story_free(story);
    if (e != HF_OK)
        errno = ENOMEM;
    return e == HF_OK;
}

static bool name_file(const char *dir, time_t when, unsigned n, char path[HF_TRACE_PATH_MAX])
{
    char stamp[STAMP];
    struct tm utc;
    int len = -1;

    if (gmtime_r(&when, &utc) && strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc) > 0)
        len = snprintf(path, HF_TRACE_PATH_MAX, "%s/%s-%u.json", dir, stamp, n);
    if (len > 0 && len < HF_TRACE_PATH_MAX)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

static bool write_file(const char *dir, unsigned n, hf_span json, char path[HF_TRACE_PATH_MAX])
{
    time_t when = time(NULL);

    for (unsigned last = n + TRIES; n < last; n++) {
        if (!name_file(dir, when, n, path))
            return false;
        if (access(path, F_OK) == 0)
            continue;
        if (hf_os_write_file(path, json, 0600, false) == HF_OK)
            return true;
        if (errno != EEXIST)
            return false;
    }
    return false;
}

bool hf_trace_folder_keep(const char *dir, size_t limit, unsigned n, const hf_tape *tape,
                          char path[HF_TRACE_PATH_MAX])
{
    hf_sheet sheet = { .text = NULL };
    bool good = draw(tape, &sheet) && write_file(dir, n, hf_span_of(sheet.text, sheet.len), path);
    int why = errno;

    hf_sheet_free(&sheet);
    if (good)
        prune(dir, limit);
    else
        path[0] = '\0';
    errno = why;
    return good;
}
