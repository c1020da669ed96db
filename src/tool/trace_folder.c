/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Traces as files of a folder: writing one, and removing what is too old. */
#include "tool/trace_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "explain/outputs.h"
#include "os/fill.h"

enum {
    STAMP = 17,      /* of a name: "20261122T030052Z-" */
    DIGITS_MAX = 10, /* of its number */
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

/* "20261122T030052Z-7.json", and nothing that no run of ours would write. */
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
    return digits > 0 && digits <= DIGITS_MAX && (name[n] != '0' || digits == 1) &&
           strcmp(name + n + digits, ".json") == 0;
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

/* ---- the folder ---- */

/* A descriptor, so that all that follows happens in the folder that was looked at. -1: errno says why. */
static int open_folder(const char *dir, hf_folder whose)
{
    bool ours = whose == HF_FOLDER_OURS;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (ours ? O_NOFOLLOW : 0));
    struct stat s;
    int why = EPERM;

    if (fd < 0 || !ours)
        return fd;
    if (fstat(fd, &s) != 0)
        why = errno;
    else if (s.st_uid == geteuid() && !(s.st_mode & (S_IWGRP | S_IWOTH)))
        return fd;
    close(fd);
    errno = why;
    return -1;
}

/* ---- removing ---- */

static bool is_regular(int folder, const char *name)
{
    struct stat s;

    return fstatat(folder, name, &s, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(s.st_mode);
}

static DIR *read_folder(int folder)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);

    if (!dir && fd >= 0)
        close(fd);
    return dir;
}

/* The names of the folder's traces; what finds no memory is left out. */
static size_t list(int folder, char (**names)[NAME_MAX_LEN])
{
    DIR *dir = read_folder(folder);
    size_t n = 0, room = 0;

    *names = NULL;
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        if (!is_trace(e->d_name) || !is_regular(folder, e->d_name))
            continue;
        if (n == room) {
            void *more = realloc(*names, (room += 256) * sizeof **names);
            if (!more)
                break;
            *names = more;
        }
        snprintf((*names)[n++], NAME_MAX_LEN, "%.47s", e->d_name);
    }
    if (dir)
        closedir(dir);
    return n;
}

static void prune(int folder, size_t limit)
{
    char(*names)[NAME_MAX_LEN];
    size_t n = list(folder, &names);

    if (n > limit) {
        qsort(names, n, sizeof *names, by_age);
        for (size_t i = 0; i < n - limit; i++)
            unlinkat(folder, names[i], 0);
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

static bool stamp_of(time_t when, char stamp[STAMP])
{
    struct tm utc;

    return gmtime_r(&when, &utc) && strftime(stamp, STAMP, "%Y%m%dT%H%M%SZ", &utc) == STAMP - 1;
}

/* Under another name until it is whole; who made that one has a right to this one. False with EEXIST: both are for others. */
static bool write_one(int folder, const char *name, hf_span json)
{
    char part[NAME_MAX_LEN + sizeof ".part"];
    struct stat s;

    snprintf(part, sizeof part, "%s.part", name);
    int fd = openat(folder, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool taken = fstatat(folder, name, &s, AT_SYMLINK_NOFOLLOW) == 0;
    bool good = hf_fd_fill(fd, taken ? hf_span_of(NULL, 0) : json) && !taken &&
                renameat(folder, part, folder, name) == 0;
    int why = taken ? EEXIST : errno;
    if (!good)
        unlinkat(folder, part, 0);
    errno = why;
    return good;
}

static bool write_file(int folder, unsigned n, hf_span json, char name[NAME_MAX_LEN])
{
    char stamp[STAMP];

    if (!stamp_of(hf_clock_wall(), stamp)) {
        errno = EOVERFLOW;
        return false;
    }
    for (unsigned last = n + TRIES; n < last; n++) {
        snprintf(name, NAME_MAX_LEN, "%s-%u.json", stamp, n);
        if (write_one(folder, name, json))
            return true;
        if (errno != EEXIST)
            return false;
    }
    return false;
}

/* path gets the file's name. */
static bool keep(const char *dir, hf_folder whose, unsigned n, hf_span json, size_t limit,
                 char path[HF_TRACE_PATH_MAX])
{
    char name[NAME_MAX_LEN];
    int folder = open_folder(dir, whose);

    if (folder < 0)
        return false;
    bool good = write_file(folder, n, json, name);
    int why = errno;
    if (good && snprintf(path, HF_TRACE_PATH_MAX, "%s/%s", dir, name) >= HF_TRACE_PATH_MAX) {
        unlinkat(folder, name, 0);
        why = ENAMETOOLONG;
        good = false;
    }
    if (good)
        prune(folder, limit);
    close(folder);
    errno = why;
    return good;
}

bool hf_trace_folder_keep_json(const char *dir, hf_folder whose, size_t limit, unsigned n,
                               hf_span json, char path[HF_TRACE_PATH_MAX])
{
    bool good = keep(dir, whose, n, json, limit, path);
    int why = errno;

    if (!good)
        path[0] = '\0';
    errno = why;
    return good;
}

bool hf_trace_folder_keep(const char *dir, hf_folder whose, size_t limit, unsigned n,
                          const hf_tape *tape, char path[HF_TRACE_PATH_MAX])
{
    hf_sheet sheet = { .text = NULL };
    bool good =
        draw(tape, &sheet) && keep(dir, whose, n, hf_span_of(sheet.text, sheet.len), limit, path);
    int why = errno;

    hf_sheet_free(&sheet);
    if (!good)
        path[0] = '\0';
    errno = why;
    return good;
}
