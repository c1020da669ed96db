/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The arena of a handshake: what is allocated here lives until the handshake ends, and is wiped
 * then. Few large blocks instead of many small ones, a limit on the whole.
 */
#ifndef HF_BASE_ARENA_H
#define HF_BASE_ARENA_H

#include "base/blocks.h"

typedef struct hf_arena_block hf_arena_block;
typedef struct hf_arena {
    hf_blocks *store;       /* where blocks come from; may be NULL */
    hf_arena_block *blocks; /* newest first */
    uint8_t *at;            /* what is cut from now: `left` bytes, all zero … */
    size_t left;
    uint8_t *last; /* … and the newest piece */
    size_t used;   /* of all blocks together */
    size_t limit;  /* an allocation that would pass it fails */
} hf_arena;

void hf_arena_init(hf_arena *arena, hf_blocks *store, size_t limit);
/* Zero bytes of the caller's to cut from before there are blocks, aligned for any type; he wipes them. */
void hf_arena_lend(hf_arena *arena, void *room, size_t size);
/* Zeroed, aligned for any type, or NULL (no memory, or over the limit). */
void *hf_arena_alloc(hf_arena *arena, size_t size) HF_MUST_USE;
/* Of the newest piece only the first `size` bytes are needed, and those behind them were never written. Any other piece stays. */
void hf_arena_trim(hf_arena *arena, const void *piece, size_t size);
/* A copy that lives as long as the arena; data is NULL when there was no memory. */
hf_span hf_arena_copy(hf_arena *arena, hf_span bytes);
/* Wipes and gives back every block. The arena may be used again. */
void hf_arena_wipe(hf_arena *arena);

#endif
