/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A chain of blocks; each allocation is cut from the newest one. */
#include "base/arena.h"

#include <stdalign.h>

enum { BLOCK_SIZE = 8192 };

struct hf_arena_block {
    hf_arena_block *older;
    size_t used, size;
    alignas(max_align_t) uint8_t bytes[];
};

void hf_arena_init(hf_arena *arena, size_t limit)
{
    *arena = (hf_arena){ .limit = limit };
}

static hf_arena_block *add_block(hf_arena *arena, size_t at_least)
{
    size_t size = at_least > BLOCK_SIZE ? at_least : BLOCK_SIZE;
    hf_arena_block *block = hf_alloc(sizeof *block + size);

    if (!block)
        return NULL;
    block->size = size;
    block->older = arena->blocks;
    arena->blocks = block;
    return block;
}

void *hf_arena_alloc(hf_arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    hf_arena_block *block = arena->blocks;

    if (size > arena->limit - arena->used)
        return NULL;
    size = (size + align - 1) / align * align;
    if (size > arena->limit - arena->used)
        return NULL;
    if (!block || block->size - block->used < size)
        block = add_block(arena, size);
    if (!block)
        return NULL;
    void *out = block->bytes + block->used;
    block->used += size;
    arena->used += size;
    return out;
}

hf_span hf_arena_copy(hf_arena *arena, hf_span bytes)
{
    uint8_t *copy = hf_arena_alloc(arena, bytes.len + 1);

    if (!copy)
        return (hf_span){ NULL, 0 };
    if (bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    return hf_span_of(copy, bytes.len);
}

void hf_arena_wipe(hf_arena *arena)
{
    while (arena->blocks) {
        hf_arena_block *block = arena->blocks;
        arena->blocks = block->older;
        hf_free_secret(block, sizeof *block + block->size);
    }
    arena->used = 0;
}
