/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A short list for each size of block. */
#include "base/blocks.h"

/* Which list; HF_BLOCK_SIZES: none. */
static size_t list_of(size_t size)
{
    size_t list = 0, room = HF_BLOCK_SMALLEST;

    if (size <= room / 2)
        return HF_BLOCK_SIZES; /* small ones are made to measure */
    while (list < HF_BLOCK_SIZES && room < size)
        list++, room *= 2;
    return list;
}

size_t hf_block_size(const hf_blocks *blocks, size_t size)
{
    size_t list = list_of(size);
    bool kept = blocks && blocks->most > 0 && list < HF_BLOCK_SIZES;

    return kept ? (size_t)HF_BLOCK_SMALLEST << list : size;
}

void *hf_block_take(hf_blocks *blocks, size_t size)
{
    size_t list = list_of(size);

    if (!blocks || list == HF_BLOCK_SIZES || !blocks->kept[list])
        return hf_alloc(hf_block_size(blocks, size));
    void *block = blocks->kept[list];
    memcpy(&blocks->kept[list], block, sizeof(void *));
    memset(block, 0, sizeof(void *));
    blocks->n[list]--;
    return block;
}

void hf_block_give(hf_blocks *blocks, void *block, size_t size, size_t used)
{
    size_t list = list_of(size);

    if (!block)
        return;
    hf_wipe(block, used);
    if (!blocks || list == HF_BLOCK_SIZES || blocks->n[list] >= blocks->most) {
        hf_free(block);
        return;
    }
    memcpy(block, &blocks->kept[list], sizeof(void *));
    blocks->kept[list] = block;
    blocks->n[list]++;
}

void hf_blocks_drop(hf_blocks *blocks)
{
    for (size_t list = 0; list < HF_BLOCK_SIZES; list++)
        while (blocks->n[list] > 0)
            hf_free(hf_block_take(blocks, (size_t)HF_BLOCK_SMALLEST << list));
}
