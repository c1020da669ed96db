/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Writing a file so that nobody ever sees half of it: a temporary name in the same folder, fsync,
 * then link (which refuses an existing name) or rename (which replaces it), then the folder's
 * fsync. Every failure leaves errno and no temporary file.
 */
#include <handfast/os.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "os/fill.h"

enum { PATH_ROOM = 4096, TEMP_TRIES = 100 };

static bool write_all(int fd, hf_span bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.data, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes = hf_span_of(bytes.data + n, bytes.len - (size_t)n);
    }
    return true;
}

/* The folder of `path`, without a slash at its end unless it is the root. */
static bool folder_of(const char *path, char out[PATH_ROOM])
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;

    if (!slash)
        return snprintf(out, PATH_ROOM, ".") > 0;
    if (len >= PATH_ROOM) {
        errno = ENAMETOOLONG;
        return false;
    }
    snprintf(out, PATH_ROOM, "%.*s", len > 0 ? (int)len : 1, len > 0 ? path : "/");
    return true;
}

/* A new file beside the target; the kernel applies the umask to its mode. */
static int open_temp(const char *folder, unsigned mode, char out[PATH_ROOM])
{
    for (int i = 0; i < TEMP_TRIES; i++) {
        int n = snprintf(out, PATH_ROOM, "%s/.handfast-%ld-%d.tmp", folder, (long)getpid(), i);
        if (n < 0 || n >= PATH_ROOM) {
            errno = ENAMETOOLONG;
            return -1;
        }
        int fd = open(out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

bool hf_fd_fill(int fd, hf_span bytes)
{
    bool good = write_all(fd, bytes) && fsync(fd) == 0;
    int why = errno;

    if (close(fd) != 0 && good)
        return false;
    errno = why;
    return good;
}

/* For file systems without hard links: an empty file of that name is the claim, and it is ours. */
static bool claim_and_rename(const char *temp, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return false;
    close(fd);
    if (rename(temp, path) == 0)
        return true;
    int why = errno;
    unlink(path);
    errno = why;
    return false;
}

static bool put_in_place(const char *temp, const char *path, bool replace)
{
    if (replace)
        return rename(temp, path) == 0;
    if (link(temp, path) != 0)
        return errno != EEXIST && errno != ENOSPC && claim_and_rename(temp, path);
    unlink(temp);
    return true;
}

/* So that the name survives a power cut. Some file systems cannot: the file itself is safe. */
static void sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

static hf_error write_new(const char *path, hf_span bytes, unsigned mode, bool replace)
{
    char folder[PATH_ROOM], temp[PATH_ROOM];

    if (!folder_of(path, folder))
        return HF_E_CONFIG_FILE;
    int fd = open_temp(folder, mode, temp);
    if (fd < 0)
        return HF_E_CONFIG_FILE;
    if (!hf_fd_fill(fd, bytes) || !put_in_place(temp, path, replace)) {
        int why = errno;
        unlink(temp);
        errno = why;
        return HF_E_CONFIG_FILE;
    }
    sync_folder(folder);
    return HF_OK;
}

/* A terminal, a pipe or /dev/null is written into, never replaced. */
static hf_error write_into(const char *path, hf_span bytes)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return HF_E_CONFIG_FILE;
    bool good = write_all(fd, bytes);
    int why = errno;
    close(fd);
    errno = why;
    return good ? HF_OK : HF_E_CONFIG_FILE;
}

hf_error hf_os_write_file(const char *path, hf_span bytes, unsigned mode, bool replace)
{
    struct stat target;
    char *real = NULL;

    if (replace && stat(path, &target) == 0) {
        if (!S_ISREG(target.st_mode) && !S_ISDIR(target.st_mode))
            return write_into(path, bytes);
        real = realpath(path, NULL); /* what a symbolic link points to is replaced, not the link */
    }
    hf_error e = write_new(real ? real : path, bytes, mode, replace);
    int why = errno;
    free(real);
    errno = why;
    return e;
}
