/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A base/bytes.c for one program: it knows every block of the library, searches it for secrets when it
 * is given back (and all of them when asked to), and can refuse any one of them. A part of the program
 * that includes it, and no object of its own: the linker must find these functions before the library's.
 */
#ifndef TESTS_FLOWS_MEMORY_WATCH_H
#define TESTS_FLOWS_MEMORY_WATCH_H

#include <stdlib.h>

#include "base/blocks.h"
#include "support/as_if_written.h"

/* A worker that keeps blocks asks for memory less often; HF_TEST_KEEP as in support/pair.c. */
static inline bool blocks_are_kept(void)
{
    return HF_BLOCKS_KEPT > 0 || getenv("HF_TEST_KEEP");
}

/* ---- the library's allocator ---- */

typedef struct block {
    struct block *next;
    uint8_t *bytes;
    size_t size;
} block;

static block *blocks;
static size_t live, live_bytes, peak_bytes, calls;
static size_t fail_at = SIZE_MAX; /* the call that gets no memory */

static void search(const char *where, const uint8_t *bytes, size_t size);

void hf_wipe(void *data, size_t len)
{
    volatile uint8_t *p = data;

    while (len-- > 0)
        *p++ = 0;
}

bool hf_ct_equal(hf_span a, hf_span b)
{
    return hf_span_equal(a, b);
}

void *hf_alloc(size_t size)
{
    block *b;

    if (calls++ == fail_at || (b = malloc(sizeof *b)) == NULL)
        return NULL;
    *b = (block){ blocks, calloc(1, size > 0 ? size : 1), size };
    blocks = b;
    live++;
    live_bytes += size;
    peak_bytes = live_bytes > peak_bytes ? live_bytes : peak_bytes;
    return b->bytes;
}

void hf_free(void *bytes)
{
    block **at = &blocks;

    if (!bytes)
        return;
    while (*at && (*at)->bytes != bytes)
        at = &(*at)->next;
    block *b = *at;
    if (!b)
        abort();
    search("a block that was given back", b->bytes, b->size);
    *at = b->next;
    live--;
    live_bytes -= b->size;
    free(b->bytes);
    free(b);
}

#include "support/allocator_rest.h"

/* ---- secrets ---- */

enum { SECRETS_MAX = 64, SECRET = 32 };

typedef struct secret {
    char name[40];
    uint8_t bytes[SECRET]; /* its first */
    bool kept; /* a connection needs it as long as it lives: only when blocks are given back */
} secret;

static secret secrets[SECRETS_MAX];
static size_t n_secrets;
static unsigned found;
static bool at_rest; /* the blocks of living connections are searched */

static void search(const char *where, const uint8_t *bytes, size_t size)
{
    as_if_written(bytes, size);
    for (size_t i = 0; i < n_secrets; i++)
        for (size_t at = 0; at + SECRET <= size && !(at_rest && secrets[i].kept); at++)
            if (bytes[at] == secrets[i].bytes[0] &&
                memcmp(bytes + at, secrets[i].bytes, SECRET) == 0) {
                print_error("%s (%zu bytes, at %zu) holds %s\n", where, size, at, secrets[i].name);
                found++;
            }
}

/* In every block that is still owned. */
static void search_all(void)
{
    at_rest = true;
    for (const block *b = blocks; b; b = b->next)
        search("a block in use", b->bytes, b->size);
    at_rest = false;
}

static void remember(const char *name, const uint8_t *bytes, bool kept)
{
    assert_true(n_secrets < SECRETS_MAX);
    secret *s = &secrets[n_secrets++];
    snprintf(s->name, sizeof s->name, "%.*s", (int)sizeof s->name - 1, name);
    memcpy(s->bytes, bytes, SECRET);
    s->kept = kept;
}

static void forget_all(void)
{
    memset(secrets, 0, sizeof secrets);
    n_secrets = 0;
    found = 0;
}

/* ---- bytes that are the same in every run ---- */

static uint32_t seed;

static void fill(uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        out[i] = (uint8_t)(seed >> 24);
    }
}

#endif
