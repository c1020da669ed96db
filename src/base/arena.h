/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The arena of a handshake: what is allocated here lives until the handshake ends, and is wiped
 * then. Few large blocks instead of many small ones, a limit on the whole.
 */
#ifndef HF_BASE_ARENA_H
#define HF_BASE_ARENA_H

#include "base/bytes.h"

typedef struct hf_arena_block hf_arena_block;
typedef struct hf_arena {
    hf_arena_block *blocks; /* newest first */
    size_t used;            /* of all blocks together */
    size_t limit;           /* an allocation that would pass it fails */
} hf_arena;

void hf_arena_init(hf_arena *arena, size_t limit);
/* Zeroed, aligned for any type, or NULL (no memory, or over the limit). */
void *hf_arena_alloc(hf_arena *arena, size_t size) HF_MUST_USE;
/* A copy that lives as long as the arena; data is NULL when there was no memory. */
hf_span hf_arena_copy(hf_arena *arena, hf_span bytes);
/* Wipes and frees every block. The arena may be used again. */
void hf_arena_wipe(hf_arena *arena);

#endif
