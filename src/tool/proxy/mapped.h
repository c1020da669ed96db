/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* IPv4 addresses within IPv6 (RFC 4291 2.5.5.2), as connections are counted and compared by one kind of address. */
#ifndef HF_TOOL_PROXY_MAPPED_H
#define HF_TOOL_PROXY_MAPPED_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { HF_MAPPED_AT = 12, HF_MAPPED_BITS = 96 }; /* what stands before the four bytes */

static const uint8_t hf_mapped_prefix[HF_MAPPED_AT] = { [10] = 0xff, [11] = 0xff };

static inline bool hf_is_mapped(const uint8_t ip[16])
{
    return memcmp(ip, hf_mapped_prefix, HF_MAPPED_AT) == 0;
}

static inline void hf_map(uint8_t ip[16], const void *v4)
{
    memcpy(ip, hf_mapped_prefix, HF_MAPPED_AT);
    memcpy(ip + HF_MAPPED_AT, v4, 4);
}

#endif
