/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The connection that a tape's bytes are put into, and the headers of its packets (pcapng_headers.c). */
#ifndef HF_EXPLAIN_PCAPNG_H
#define HF_EXPLAIN_PCAPNG_H

#include "explain/outputs.h"

enum {
    HF_MADE_MTU = 1500,
    HF_MADE_HEADERS_MAX = 14 + 40 + 24, /* Ethernet, IPv6, TCP with an option */
    HF_TCP_FIN = 0x01,
    HF_TCP_SYN = 0x02,
    HF_TCP_PSH = 0x08,
    HF_TCP_ACK = 0x10
};

typedef struct hf_conversation {
    hf_sheet *out;
    bool ipv6;
    uint8_t address[2][16];
    uint16_t port[2];
    uint32_t next[2]; /* sequence number of each role's next byte */
    uint16_t packets[2];
    unsigned unacknowledged; /* segments of the writer since he last heard */
    uint64_t us;
} hf_conversation;

/* Bytes that fit one segment. */
size_t hf_made_segment_max(const hf_conversation *c);
/* All that stands before the payload, checksums included; how long it is. The writer's next byte is the one after the payload. */
size_t hf_made_headers(hf_conversation *c, hf_role writer, unsigned flags, hf_span payload,
                       uint8_t out[HF_MADE_HEADERS_MAX]);

#endif
