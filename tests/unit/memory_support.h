/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A base/bytes.c for tests of what keeps secrets: it counts blocks, refuses memory, counts comparisons,
 * and finds blocks with a run of MARK that were given back without being wiped. For programs of one file.
 */
#ifndef HF_TESTS_MEMORY_SUPPORT_H
#define HF_TESTS_MEMORY_SUPPORT_H

#include "crypto_support.h"

enum { MARK = 0xc5 };

typedef struct block {
    struct block *next;
    uint8_t *at;
    size_t size;
} block;

enum { CHAINS = 4096 };
static block *blocks[CHAINS]; /* by their address */
static size_t live, calls, compared;
static size_t fail_at = SIZE_MAX;
static bool leaked; /* a block with marks came back */

void hf_wipe(void *data, size_t len)
{
    volatile uint8_t *p = data;

    while (len-- > 0)
        *p++ = 0;
}

bool hf_ct_equal(hf_span a, hf_span b)
{
    compared++;
    return hf_span_equal(a, b);
}

static block **chain_of(const void *at)
{
    return &blocks[((uintptr_t)at >> 4) % CHAINS];
}

void *hf_alloc(size_t size)
{
    block *b;

    if (calls++ == fail_at || (b = malloc(sizeof *b)) == NULL)
        return NULL;
    uint8_t *at = calloc(1, size > 0 ? size : 1);
    *b = (block){ *chain_of(at), at, size };
    *chain_of(at) = b;
    live++;
    return at;
}

static bool has_marks(const uint8_t *data, size_t size)
{
    size_t run = 0;

    for (size_t i = 0; i < size && run < 8; i++)
        run = data[i] == MARK ? run + 1 : 0;
    return run == 8;
}

/* Marks are somewhere: what is looked for can be found. */
static inline bool any_marks(void)
{
    for (size_t i = 0; i < CHAINS; i++)
        for (const block *b = blocks[i]; b; b = b->next)
            if (has_marks(b->at, b->size))
                return true;
    return false;
}

static inline size_t largest_block(void)
{
    size_t most = 0;

    for (size_t i = 0; i < CHAINS; i++)
        for (const block *b = blocks[i]; b; b = b->next)
            most = b->size > most ? b->size : most;
    return most;
}

void hf_free(void *data)
{
    block **place = chain_of(data);

    if (!data)
        return;
    while (*place && (*place)->at != data)
        place = &(*place)->next;
    block *b = *place;
    assert_non_null(b);
    leaked = leaked || has_marks(b->at, b->size);
    *place = b->next;
    live--;
    free(b->at);
    free(b);
}

#include "support/allocator_rest.h"

#endif
