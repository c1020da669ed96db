/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the PROXY protocol's reader and writer share: version 2's signature and types; and the reader's checksum, for its tests. */
#ifndef HF_TOOL_PROXY_PP_PARTS_H
#define HF_TOOL_PROXY_PP_PARTS_H

#include <handfast/types.h>

enum {
    HF_PP2_ALPN = 0x01,
    HF_PP2_AUTHORITY = 0x02,
    HF_PP2_CRC32C = 0x03,
    HF_PP2_SSL = 0x20,
    HF_PP2_SSL_VERSION = 0x21,
    HF_PP2_SSL_CN = 0x22,
    HF_PP2_SSL_CIPHER = 0x23
};

extern const uint8_t hf_pp2_signature[12];
/* CRC32c (RFC 3720 B.4) of what came before, followed by these bytes; begins with 0. */
uint32_t hf_crc32c(uint32_t before, hf_span bytes);

#endif
