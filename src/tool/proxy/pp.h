/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The PROXY protocol, versions 1 and 2 (haproxy's proxy-protocol.txt): who the client of a connection is, said before anything else. */
#ifndef HF_TOOL_PROXY_PP_H
#define HF_TOOL_PROXY_PP_H

#include <handfast/types.h>

enum { HF_PP_V1_MAX = 107, HF_PP_V2_HEADER = 16, HF_PP_MAX = 16 + 4096 };

typedef struct hf_pp {
    uint8_t version; /* 1 or 2 */
    bool local; /* LOCAL, UNKNOWN, or addresses that are none of TCP: the connection's own count */
    bool ipv6;
    uint8_t source[16], destination[16];
    uint16_t source_port, destination_port;
} hf_pp;

/* What to tell a backend beside the addresses (version 2's TLVs); NULLs are left out. */
typedef struct hf_pp_facts {
    const char *alpn, *authority;      /* PP2_TYPE_ALPN, PP2_TYPE_AUTHORITY */
    const char *version, *cipher, *cn; /* PP2_TYPE_SSL */
    bool tls, certificate, resumed,
        verified; /* resumed: the certificate was shown in an earlier connection of the session */
} hf_pp_facts;

/* How many bytes the header has; 0: more are needed; -1: this is none (why says what is wrong). Version 2's TLVs are checked for their
   lengths, and against their CRC32C if there is one; what they say is not kept. */
int hf_pp_read(hf_span bytes, hf_pp *pp, const char **why);
/* In pp->version; facts may be NULL, and say nothing in version 1. Bytes written, 0: no room. */
size_t hf_pp_write(const hf_pp *pp, const hf_pp_facts *facts, uint8_t *out, size_t room);

#endif
