/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * malloc and its kin over glibc's own: while it is switched on, calls and bytes are counted. Objects loaded with dlopen
 * bind to these as well. One thread only.
 */
#include "count.h"

#include <errno.h>
#include <malloc.h>
#include <openssl/crypto.h>

/* glibc's, under the names that it keeps for those who put theirs in front. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *block);

enum { HEADER = 8 };

static bool on;
static hf_bench_count count;

static void tell(void *block, int sign, bool crypto)
{
    if (!on || !block)
        return;
    int64_t bytes = sign * (int64_t)malloc_usable_size(block);
    count.bytes += bytes;
    count.heap_bytes += bytes + sign * HEADER;
    count.crypto_bytes += crypto ? bytes : 0;
}

static void *came(void *block, bool crypto)
{
    tell(block, 1, crypto);
    if (on && block) {
        count.calls++;
        count.crypto_calls += crypto;
    }
    return block;
}

static void *move(void *block, size_t size, bool crypto)
{
    tell(block, -1, crypto);
    void *moved = __libc_realloc(block, size);
    if (!moved && size > 0)
        tell(block, 1, crypto); /* it is still there */
    return came(moved, crypto);
}

static void leave(void *block, bool crypto)
{
    int saved = errno;

    tell(block, -1, crypto);
    __libc_free(block);
    errno = saved;
}

/* ---- in front of glibc's: seen by every object that is loaded ---- */

#pragma GCC visibility push(default)

void *malloc(size_t size)
{
    return came(__libc_malloc(size), false);
}

void *calloc(size_t n, size_t size)
{
    return came(__libc_calloc(n, size), false);
}

void *realloc(void *block, size_t size)
{
    return move(block, size, false);
}

void free(void *block)
{
    leave(block, false);
}

void *memalign(size_t align, size_t size)
{
    return came(__libc_memalign(align, size), false);
}

void *aligned_alloc(size_t align, size_t size)
{
    return came(__libc_memalign(align, size), false);
}

int posix_memalign(void **block, size_t align, size_t size)
{
    *block = came(__libc_memalign(align, size), false);
    return *block || size == 0 ? 0 : ENOMEM;
}

#pragma GCC visibility pop

/* ---- libcrypto's ---- */

static void *crypto_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return size > 0 ? came(__libc_malloc(size), true) : NULL;
}

static void crypto_free(void *block, const char *file, int line)
{
    (void)file, (void)line;
    leave(block, true);
}

static void *crypto_realloc(void *block, size_t size, const char *file, int line)
{
    if (size > 0)
        return move(block, size, true);
    crypto_free(block, file, line);
    return NULL;
}

bool count_libcrypto_apart(void)
{
    return CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) == 1;
}

/* ---- the counter ---- */

static void start(void)
{
    count = (hf_bench_count){ 0 };
    on = true;
}

static void stop(void)
{
    on = false;
}

static hf_bench_count read_count(void)
{
    return count;
}

const hf_bench_counter count_allocations = { start, stop, read_count };
