/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Comparing what stat says now with what it said before. */
#include "tool/file_state.h"

#include <string.h>

struct stat hf_file_state(const char *path)
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
bool hf_file_is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           is_same_time(a->st_mtim, b->st_mtim) && is_same_time(a->st_ctim, b->st_ctim);
}
