/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Wiping, constant-time comparison and the allocator. */
#include "base/bytes.h"

#include <stdlib.h>

/* Called through a volatile pointer, so that no optimiser may prove the call useless. */
static void *(*const volatile wipe_fn)(void *, int, size_t) = memset;

void hf_wipe(void *data, size_t len)
{
    if (len > 0)
        wipe_fn(data, 0, len);
}

bool hf_ct_equal(hf_span a, hf_span b)
{
    volatile uint8_t differs = 0;

    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        differs = (uint8_t)(differs | (a.data[i] ^ b.data[i]));
    return differs == 0;
}

void *hf_alloc(size_t size)
{
    return calloc(1, size > 0 ? size : 1);
}

void hf_free(void *block)
{
    free(block);
}

void hf_free_secret(void *block, size_t size)
{
    if (!block)
        return;
    hf_wipe(block, size);
    hf_free(block);
}

uint8_t *hf_copy(hf_span bytes)
{
    uint8_t *copy = hf_alloc(bytes.len + 1);

    if (copy && bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    return copy;
}
