/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* malloc and its kin over glibc's own, with a running total. One thread only. */
#include "peak.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

/* glibc's, under the names that it keeps for those who put theirs in front. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *block);

static bool on;
static long long held, most;

void peak_reset(void)
{
    held = most = 0;
}

void peak_count(bool count)
{
    on = count;
}

size_t peak_bytes(void)
{
    return (size_t)most;
}

static void *came(void *block)
{
    if (on && block)
        held += (long long)malloc_usable_size(block);
    most = held > most ? held : most;
    return block;
}

static void leaves(void *block)
{
    if (on && block)
        held -= (long long)malloc_usable_size(block);
}

#pragma GCC visibility push(default)

void *malloc(size_t size)
{
    return came(__libc_malloc(size));
}

void *calloc(size_t n, size_t size)
{
    return came(__libc_calloc(n, size));
}

void *realloc(void *block, size_t size)
{
    leaves(block);
    return came(__libc_realloc(block, size));
}

void free(void *block)
{
    int saved = errno;

    leaves(block);
    __libc_free(block);
    errno = saved;
}

void *memalign(size_t align, size_t size)
{
    return came(__libc_memalign(align, size));
}

void *aligned_alloc(size_t align, size_t size)
{
    return came(__libc_memalign(align, size));
}

int posix_memalign(void **block, size_t align, size_t size)
{
    *block = came(__libc_memalign(align, size));
    return *block || size == 0 ? 0 : ENOMEM;
}

#pragma GCC visibility pop
