/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A chain of blocks; each allocation is cut from the newest one. */
#include "base/arena.h"

#include <stdalign.h>

enum { BLOCK_SIZE = 8192 };

struct hf_arena_block {
    hf_arena_block *older;
    size_t size; /* with this header */
    alignas(max_align_t) uint8_t bytes[];
};

void hf_arena_init(hf_arena *arena, hf_blocks *store, size_t limit)
{
    *arena = (hf_arena){ .store = store, .limit = limit };
}

void hf_arena_lend(hf_arena *arena, void *room, size_t size)
{
    arena->at = room;
    arena->left = size;
}

static size_t aligned(size_t size)
{
    const size_t align = alignof(max_align_t);

    return (size + align - 1) / align * align;
}

static bool add_block(hf_arena *arena, size_t at_least)
{
    size_t want = sizeof(hf_arena_block) + at_least;
    size_t size = hf_block_size(arena->store, want > BLOCK_SIZE ? want : BLOCK_SIZE);
    hf_arena_block *block = hf_block_take(arena->store, size);

    if (!block)
        return false;
    block->size = size;
    block->older = arena->blocks;
    arena->blocks = block;
    arena->at = block->bytes;
    arena->left = size - sizeof *block;
    return true;
}

void *hf_arena_alloc(hf_arena *arena, size_t size)
{
    if (size > arena->limit - arena->used)
        return NULL;
    size = aligned(size);
    if (size > arena->limit - arena->used)
        return NULL;
    if (arena->left < size && !add_block(arena, size))
        return NULL;
    arena->last = arena->at;
    arena->at += size;
    arena->left -= size;
    arena->used += size;
    return arena->last;
}

void hf_arena_trim(hf_arena *arena, const void *piece, size_t size)
{
    if (!arena->last || piece != arena->last)
        return;
    size_t spare = (size_t)(arena->at - arena->last) - aligned(size);
    arena->at -= spare;
    arena->left += spare;
    arena->used -= spare;
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
        hf_block_give(arena->store, block, block->size, block->size);
    }
    hf_arena_init(arena, arena->store, arena->limit);
}
