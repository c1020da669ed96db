/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Bytes as a file, and what is said about it. */
#include "fuzz/files.h"

#include <sys/stat.h>
#include <unistd.h>

enum { SAID_MAX = 1 << 16 };

/* ---- the file ---- */

/* In memory, where the system has such a place. */
static char in_memory[] = "/dev/shm/hf-fuzz-XXXXXX", on_disk[] = "/tmp/hf-fuzz-XXXXXX";
static char *path = in_memory;
static int file = -1;

static void remove_file(void)
{
    unlink(path);
}

static void replace_contents(int fd, hf_span bytes)
{
    CHECK(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
    CHECK(bytes.len == 0 || write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len);
}

const char *file_of(hf_span bytes)
{
    if (file < 0) {
        file = mkstemp(path);
        if (file < 0)
            file = mkstemp(path = on_disk);
        CHECK(file >= 0 && fchmod(file, 0600) == 0 && atexit(remove_file) == 0);
    }
    replace_contents(file, bytes);
    return path;
}

/* ---- stderr ---- */

static int heard = -1, kept = -1;

/* A file without a name. */
static int open_ear(void)
{
    char name[] = "/dev/shm/hf-fuzz-ear-XXXXXX", other[] = "/tmp/hf-fuzz-ear-XXXXXX";
    int fd = mkstemp(name);

    if (fd >= 0)
        unlink(name);
    else if ((fd = mkstemp(other)) >= 0)
        unlink(other);
    CHECK(fd >= 0);
    return fd;
}

void hear_stderr(void)
{
    if (heard < 0)
        heard = open_ear();
    fflush(stderr);
    replace_contents(heard, hf_span_of(NULL, 0));
    kept = dup(STDERR_FILENO);
    CHECK(kept >= 0 && dup2(heard, STDERR_FILENO) >= 0);
}

const char *heard_on_stderr(size_t *len)
{
    static char said[SAID_MAX];

    fflush(stderr);
    CHECK(dup2(kept, STDERR_FILENO) >= 0 && close(kept) == 0);
    ssize_t n = pread(heard, said, sizeof said, 0);
    CHECK(n >= 0 && n < SAID_MAX);
    said[n] = '\0';
    *len = (size_t)n;
    return said;
}

void check_refusal(const char *said, size_t len)
{
    size_t lines = 0;

    CHECK(len > 0 && said[len - 1] == '\n' && strlen(said) == len);
    for (size_t i = 0; i < len; i++) {
        CHECK(said[i] == '\n' || ((unsigned char)said[i] >= ' ' && said[i] != 0x7f));
        lines += said[i] == '\n';
    }
    CHECK(lines >= 3 && strncmp(said, "handfast: ", 10) == 0);
}
