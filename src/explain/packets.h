/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the readers of the two formats share: the file, how far they are, the numbers of its byte order, and who hears of packets and
 * complaints. packets.c has pcap and chooses, pcapng_read.c has pcapng.
 */
#ifndef HF_EXPLAIN_PACKETS_H
#define HF_EXPLAIN_PACKETS_H

#include "explain/capture.h"

enum { HF_PCAPNG_SECTION = 0x0a0d0d0a, HF_MICRO = 1000000 };

typedef struct hf_interface {
    uint32_t link_type, snap_len; /* snap_len 0: no limit */
    uint64_t units;               /* of its clock in a second */
    int64_t offset;               /* seconds */
} hf_interface;

typedef struct hf_source {
    hf_span file;
    size_t at; /* of the next block or record */
    bool little;
    hf_interface interfaces[HF_INTERFACES_MAX];
    size_t n_interfaces;
    uint64_t packets;
    int64_t us; /* of the last packet: for one that has no time */
    hf_keylog *keylog;
    void (*packet)(void *user, const hf_packet *packet);
    void *user;
    hf_complaint *complaint;
    hf_error error;
} hf_source;

static inline uint16_t hf_source_u16(const hf_source *s, const uint8_t *p)
{
    return (uint16_t)(s->little ? p[1] << 8 | p[0] : p[0] << 8 | p[1]);
}

static inline uint32_t hf_source_u32(const hf_source *s, const uint8_t *p)
{
    uint32_t first = hf_source_u16(s, p), second = hf_source_u16(s, p + 2);

    return s->little ? second << 16 | first : first << 16 | second;
}

static inline uint64_t hf_source_u64(const hf_source *s, const uint8_t *p)
{
    uint64_t first = hf_source_u32(s, p), second = hf_source_u32(s, p + 4);

    return s->little ? second << 32 | first : first << 32 | second;
}

static inline hf_span hf_source_part(hf_span bytes, size_t at, size_t len)
{
    return hf_span_of(bytes.data + at, len);
}

/* Ends the reading; false. */
bool hf_source_complain(hf_source *s, const char *format, ...) HF_PRINTF(2, 3);
void hf_source_give(hf_source *s, uint32_t link_type, hf_span bytes, size_t whole, int64_t us);
/* All blocks of a pcapng file. */
void hf_source_pcapng(hf_source *s);

#endif
