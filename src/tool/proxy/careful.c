/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Opening without waiting, looking before reading, and looking again afterwards. */
#include "tool/proxy/careful.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"

enum { TRIES = 3, STEP = 16 * 1024 };

static bool refuse(hf_careful *f, const char *why, const char *todo)
{
    snprintf(f->why, sizeof f->why, "%s", why);
    f->todo = todo;
    return false;
}

static bool refuse_errno(hf_careful *f, int e)
{
    switch (e) {
    case ENOENT: return refuse(f, "there is no such file", "put it there, or correct the path");
    case ENOTDIR:
        return refuse(f, "a part of its path is no folder",
                      "correct the path in the configuration");
    case EACCES:
    case EPERM:
        return refuse(
            f, "the proxy may not read it",
            "let the user that the proxy is started as read it, and pass through its folders");
    case ELOOP:
        return refuse(f, "its symbolic links lead round in a circle",
                      "let the link point to a file");
    case EMFILE:
    case ENFILE: return refuse(f, "there are too many open files", "raise the limit of open files");
    default: return refuse(f, strerror(e), "see that the file and its disk are in order");
    }
}

static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "it is a folder, not a file"
           : S_ISFIFO(mode) ? "it is a FIFO, not a file"
           : S_ISSOCK(mode) ? "it is a socket, not a file"
                            : "it is a device, not a file";
}

static bool check_kind(hf_careful *f, const struct stat *s, size_t limit)
{
    char why[96];

    if (!S_ISREG(s->st_mode))
        return refuse(f, kind_of(s->st_mode), "give the path of a regular file");
    if (s->st_size < 0 || (uintmax_t)s->st_size <= limit)
        return true;
    snprintf(why, sizeof why, "it has %ju bytes, and at most %zu are read", (uintmax_t)s->st_size,
             limit);
    return refuse(f, why, "see whether it is the right file");
}

static bool more_room(hf_careful *f, size_t *room, size_t limit)
{
    size_t bigger = *room > 0 ? *room * 2 : STEP;
    uint8_t *bytes = hf_alloc((bigger <= limit ? bigger : limit + 1) + 1);

    if (!bytes)
        return refuse_errno(f, ENOMEM);
    if (f->len > 0)
        memcpy(bytes, f->bytes, f->len);
    hf_free_secret(f->bytes, f->len);
    f->bytes = bytes;
    *room = bigger <= limit ? bigger : limit + 1;
    return true;
}

static bool read_whole(hf_careful *f, int fd, size_t limit)
{
    size_t room = 0;

    for (;;) {
        if (f->len == room && !more_room(f, &room, limit))
            return false;
        ssize_t n = read(fd, f->bytes + f->len, room - f->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return refuse_errno(f, errno);
        if (n == 0)
            return f->len > 0 || refuse(f, "it is empty", "write it again, whole");
        f->len += (size_t)n;
        if (f->len > limit)
            return refuse(f, "it grows while it is read", "see whether it is the right file");
    }
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* *changed: somebody wrote meanwhile. */
static bool read_open(hf_careful *f, int fd, size_t limit, bool *changed)
{
    struct stat before, after;

    *changed = false;
    if (fstat(fd, &before) != 0)
        return refuse_errno(f, errno);
    if (!check_kind(f, &before, limit))
        return false;
    f->mode = (unsigned)before.st_mode & 07777;
    bool good = read_whole(f, fd, limit);
    *changed = fstat(fd, &after) == 0 && !is_same(&before, &after);
    return good;
}

static bool read_once(const char *path, size_t limit, hf_careful *f, bool *changed)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    *changed = false;
    if (fd < 0) /* ENXIO: a socket, or a device without anything behind it */
        return errno == ENXIO ? refuse(f, "it is not a file", "give the path of a regular file")
                              : refuse_errno(f, errno);
    bool good = read_open(f, fd, limit, changed);
    close(fd);
    return good;
}

bool hf_careful_read(const char *path, size_t limit, hf_careful *f)
{
    bool changed = true, good = false;

    memset(f, 0, sizeof *f);
    for (int i = 0; i < TRIES && changed; i++) {
        hf_careful_free(f);
        good = read_once(path, limit, f, &changed);
    }
    if (!good) {
        hf_free_secret(f->bytes, f->len);
        f->bytes = NULL;
        f->len = 0;
    }
    return good;
}

void hf_careful_free(hf_careful *f)
{
    hf_free_secret(f->bytes, f->len);
    memset(f, 0, sizeof *f);
}
