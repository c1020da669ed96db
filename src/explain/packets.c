/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Files of packets: pcap (draft-ietf-opsawg-pcap) is read here, pcapng in pcapng_read.c; of either byte order. Nothing is copied:
 * a packet's bytes are the file's. What is not needed is skipped by its length; the first length that leads out of the file
 * or out of its block is where reading ends.
 */
#include "explain/packets.h"

#include <stdarg.h>
#include <stdio.h>

enum { PCAP_HEADER = 24, PCAP_RECORD = 16 };

/* Of a pcap, as its writer's byte order has it: microseconds, nanoseconds. */
static const uint32_t pcap_us = 0xa1b2c3d4, pcap_ns = 0xa1b23c4d;

/* ---- what both formats do ---- */

bool hf_source_complain(hf_source *s, const char *format, ...)
{
    va_list list;

    s->error = HF_E_CAPTURE;
    s->complaint->happened = true;
    s->complaint->packet = s->packets;
    s->complaint->offset = s->at;
    va_start(list, format);
    vsnprintf(s->complaint->why, sizeof s->complaint->why, format, list);
    va_end(list);
    return false;
}

void hf_source_give(hf_source *s, uint32_t link_type, hf_span bytes, size_t whole, int64_t us)
{
    hf_packet packet = { .link_type = link_type,
                         .us = us,
                         .number = ++s->packets,
                         .bytes = bytes,
                         .cut = bytes.len < whole };

    s->us = us;
    s->packet(s->user, &packet);
}

/* ---- pcap ---- */

static bool is_pcap(const hf_source *s)
{
    uint32_t magic = hf_source_u32(s, s->file.data);

    return magic == pcap_us || magic == pcap_ns;
}

static bool read_record(hf_source *s, const hf_interface *i)
{
    const uint8_t *p = s->file.data + s->at;
    size_t left = s->file.len - s->at;

    if (left < PCAP_RECORD)
        return hf_source_complain(s, "the file ends within the header of a packet");
    uint32_t len = hf_source_u32(s, p + 8), whole = hf_source_u32(s, p + 12);
    if (len > left - PCAP_RECORD)
        return hf_source_complain(s, "a packet of %lu bytes, and %zu bytes left in the file",
                                  (unsigned long)len, left - PCAP_RECORD);
    int64_t us = (int64_t)hf_source_u32(s, p) * HF_MICRO +
                 (int64_t)hf_source_u32(s, p + 4) * HF_MICRO / (int64_t)i->units;
    hf_source_give(s, i->link_type, hf_source_part(s->file, s->at + PCAP_RECORD, len), whole, us);
    s->at += PCAP_RECORD + len;
    return true;
}

static void read_pcap(hf_source *s)
{
    const uint8_t *p = s->file.data;
    hf_interface i = { .units = hf_source_u32(s, p) == pcap_ns ? 1000000000 : HF_MICRO };

    if (s->file.len < PCAP_HEADER) {
        hf_source_complain(s, "the file ends within its header");
        return;
    }
    i.link_type =
        hf_source_u32(s, p + 20) & 0xffff; /* above: what is known of frame check sequences */
    s->at = PCAP_HEADER;
    while (s->at < s->file.len && read_record(s, &i))
        ;
}

/* ---- files ---- */

typedef enum format_kind { NO_CAPTURE, PCAP, PCAPNG } format_kind;

/* Sets the byte order of a pcap. */
static format_kind format_of(hf_source *s)
{
    if (s->file.len < 4)
        return NO_CAPTURE;
    if (hf_source_u32(s, s->file.data) == HF_PCAPNG_SECTION)
        return PCAPNG;
    for (int little = 0; little < 2; little++) {
        s->little = little;
        if (is_pcap(s))
            return PCAP;
    }
    return NO_CAPTURE;
}

bool hf_capture_is(hf_span file)
{
    hf_source s = { .file = file };

    return format_of(&s) != NO_CAPTURE;
}

hf_error hf_packets_read(hf_span file, hf_keylog *keylog,
                         void (*packet)(void *user, const hf_packet *packet), void *user,
                         hf_complaint *complaint)
{
    hf_source s = {
        .file = file, .keylog = keylog, .packet = packet, .user = user, .complaint = complaint
    };

    *complaint = (hf_complaint){ .happened = false };
    format_kind format = format_of(&s);
    if (file.len > HF_CAPTURE_MAX)
        hf_source_complain(&s, "the file has %zu bytes, and %d are the most that is read", file.len,
                           HF_CAPTURE_MAX);
    else if (format == PCAP)
        read_pcap(&s);
    else if (format == PCAPNG)
        hf_source_pcapng(&s);
    else
        hf_source_complain(&s, "the file is neither pcap nor pcapng");
    return s.error;
}
