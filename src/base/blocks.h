/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Memory that comes and goes with every handshake: a worker keeps a few blocks of it instead of giving
 * them back to the allocator each time. A kept block is all zero: it was wiped when it was given back,
 * so taking one costs no second pass over it. One thread at a time, as with all of a worker.
 */
#ifndef HF_BASE_BLOCKS_H
#define HF_BASE_BLOCKS_H

#include "base/bytes.h"

enum {
    HF_BLOCK_SIZES = 5, /* 1, 2, 4, 8 and 16 KiB; others are not kept */
    HF_BLOCK_SMALLEST = 1024,
    HF_BLOCKS_KEPT = HF_WATCHED ? 0 : 4 /* of each size: 124 KiB at most */
};

typedef struct hf_blocks {
    unsigned most;              /* of each size; 0: nothing is kept */
    void *kept[HF_BLOCK_SIZES]; /* each begins with a pointer to the next */
    unsigned n[HF_BLOCK_SIZES];
} hf_blocks;

/* How large the block for that many bytes really is: exactly that large where nothing is kept. */
size_t hf_block_size(const hf_blocks *blocks, size_t size);
/* hf_block_size() zero bytes, or NULL. blocks may be NULL: nothing is kept. */
void *hf_block_take(hf_blocks *blocks, size_t size) HF_MUST_USE;
/* size: as it was asked for. Only the first `used` bytes were ever written; they are wiped. */
void hf_block_give(hf_blocks *blocks, void *block, size_t size, size_t used);
/* Back to the allocator with all of them. */
void hf_blocks_drop(hf_blocks *blocks);

#endif
