/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What follows from hf_alloc and hf_free (base/bytes.h), for programs that have their own: include it behind those two. */
#ifndef TESTS_SUPPORT_ALLOCATOR_REST_H
#define TESTS_SUPPORT_ALLOCATOR_REST_H

#include "base/bytes.h"

/* The size must be the block's: less would leave something. */
void hf_free_secret(void *data, size_t size)
{
    if (data)
        hf_wipe(data, size);
    hf_free(data);
}

uint8_t *hf_copy(hf_span from)
{
    uint8_t *copy = hf_alloc(from.len + 1);

    if (copy && from.len > 0)
        memcpy(copy, from.data, from.len);
    return copy;
}

#endif
