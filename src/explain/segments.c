/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * From a packet to a TCP segment: the link layer's header, IP's, TCP's. Checksums are not looked at: a capture on the sending
 * machine shows them before the network card has filled them in. The same card may cut what it is given into
 * segments, so that IP's own length says 0: then all that is there is meant.
 */
#include "explain/capture.h"

enum {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_RAW_BSD = 12,
    LINK_RAW_OPENBSD = 14,
    LINK_RAW = 101,
    LINK_LOOP = 108,
    LINK_SLL = 113,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_SLL2 = 276,
    TYPE_IPV4 = 0x0800,
    TYPE_VLAN = 0x8100,
    TYPE_IPV6 = 0x86dd,
    TYPE_QINQ = 0x88a8,
    TYPE_OLD_QINQ = 0x9100,
    HOP_BY_HOP = 0, /* what may follow IP's header */
    TCP = 6,
    ROUTING = 43,
    FRAGMENT = 44,
    AUTHENTICATION = 51,
    DESTINATION = 60,
    MOBILITY = 135,
    HIP = 139,
    SHIM6 = 140,
    FIN = 0x01,
    SYN = 0x02,
    RST = 0x04,
    ACK = 0x10
};

/* What is left of a packet while its headers are taken off; `cut` bytes more were on the wire. */
typedef struct rest {
    hf_span bytes;
    size_t cut;
    const char *why;
} rest;

static unsigned u16(const uint8_t *p)
{
    return (unsigned)(p[0] << 8 | p[1]);
}

static uint32_t u32(const uint8_t *p)
{
    return (uint32_t)u16(p) << 16 | u16(p + 2);
}

static bool refuse(rest *r, const char *why)
{
    r->why = why;
    return false;
}

static void skip(rest *r, size_t n)
{
    r->bytes.data += n;
    r->bytes.len -= n;
}

/* ---- the link layer: what is inside, as an EtherType; 0: nothing that is known ---- */

static unsigned version_type(const rest *r)
{
    unsigned version = r->bytes.len > 0 ? r->bytes.data[0] >> 4 : 0;

    return version == 4 ? TYPE_IPV4 : version == 6 ? TYPE_IPV6 : 0;
}

static unsigned take_ethernet(rest *r)
{
    if (r->bytes.len < 14)
        return 0;
    unsigned type = u16(r->bytes.data + 12);
    skip(r, 14);
    while ((type == TYPE_VLAN || type == TYPE_QINQ || type == TYPE_OLD_QINQ) && r->bytes.len >= 4) {
        type = u16(r->bytes.data + 2);
        skip(r, 4);
    }
    return type;
}

/* An address family, as one of the systems numbers it, in the byte order of whoever captured. */
static unsigned take_loopback(rest *r)
{
    if (r->bytes.len < 4)
        return 0;
    const uint8_t *p = r->bytes.data;
    unsigned family = p[0] ? p[0] : p[3];
    bool known = family == 2 || family == 10 || family == 24 || family == 28 || family == 30;
    skip(r, 4);
    return known && p[1] == 0 && p[2] == 0 ? version_type(r) : 0;
}

/* A header of fixed length that has the EtherType somewhere. */
static unsigned take_cooked(rest *r, size_t len, size_t at)
{
    if (r->bytes.len < len)
        return 0;
    unsigned type = u16(r->bytes.data + at);
    skip(r, len);
    return type;
}

static unsigned take_link(rest *r, uint32_t link_type)
{
    switch (link_type) {
    case LINK_ETHERNET: return take_ethernet(r);
    case LINK_NULL:
    case LINK_LOOP: return take_loopback(r);
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_RAW: return version_type(r);
    case LINK_IPV4: return TYPE_IPV4;
    case LINK_IPV6: return TYPE_IPV6;
    case LINK_SLL: return take_cooked(r, 16, 14);
    case LINK_SLL2: return take_cooked(r, 20, 0);
    default: r->why = "a link layer that is not known here"; return 0;
    }
}

/* ---- IP ---- */

/* From here on `len` bytes are meant, 0: all that are there. What follows them is padding. */
static bool limit(rest *r, size_t len, bool is_cut)
{
    if (len == 0)
        return true;
    if (len > r->bytes.len && !is_cut)
        return refuse(r, "an IP packet that says it is longer than it is");
    r->cut = len > r->bytes.len ? len - r->bytes.len : 0;
    r->bytes.len -= len < r->bytes.len ? r->bytes.len - len : 0;
    return true;
}

static bool take_ipv4(rest *r, bool is_cut, hf_segment *segment)
{
    const uint8_t *p = r->bytes.data;

    if (r->bytes.len < 20 || p[0] >> 4 != 4)
        return refuse(r, "an IPv4 header that is none");
    size_t header = (p[0] & 0x0fu) * 4u, total = u16(p + 2);
    if (p[9] != TCP)
        return false;
    if (header < 20 || header > r->bytes.len || (total > 0 && total < header))
        return refuse(r, "an IPv4 header whose lengths make no sense");
    if (u16(p + 6) & 0x3fff)
        return refuse(r, "a fragment of an IPv4 packet: fragments are not reassembled");
    memcpy(segment->from, p + 12, 4);
    memcpy(segment->to, p + 16, 4);
    skip(r, header);
    /* a header alone, with a length to match, has no TCP in it: limit() takes 0 for something else */
    return total == header ? refuse(r, "an IPv4 packet that says TCP and has nothing")
                           : limit(r, total > 0 ? total - header : 0, is_cut);
}

static bool is_extension(unsigned next)
{
    return next == HOP_BY_HOP || next == ROUTING || next == FRAGMENT || next == AUTHENTICATION ||
           next == DESTINATION || next == MOBILITY || next == HIP || next == SHIM6;
}

/* RFC 8200 4. Each is at least 8 bytes, so this ends. */
static bool take_extensions(rest *r, unsigned next)
{
    bool fragment = false;

    while (is_extension(next)) {
        const uint8_t *p = r->bytes.data;
        if (r->bytes.len < 8)
            return refuse(r, "an IPv6 extension header that is cut off");
        size_t len = next == FRAGMENT         ? 8
                     : next == AUTHENTICATION ? (p[1] + 2u) * 4u
                                              : (p[1] + 1u) * 8u;
        if (len > r->bytes.len || len < 8)
            return refuse(r, "an IPv6 extension header whose length makes no sense");
        fragment |= next == FRAGMENT && (u16(p + 2) & 0xfff9) != 0;
        next = p[0];
        skip(r, len);
        if (fragment)
            break;
    }
    if (next != TCP)
        return false;
    return !fragment || refuse(r, "a fragment of an IPv6 packet: fragments are not reassembled");
}

static bool take_ipv6(rest *r, bool is_cut, hf_segment *segment)
{
    const uint8_t *p = r->bytes.data;

    if (r->bytes.len < 40 || p[0] >> 4 != 6)
        return refuse(r, "an IPv6 header that is none");
    segment->ipv6 = true;
    memcpy(segment->from, p + 8, 16);
    memcpy(segment->to, p + 24, 16);
    skip(r, 40);
    return limit(r, u16(p + 4), is_cut) && take_extensions(r, p[6]);
}

static bool take_ip(rest *r, unsigned type, bool is_cut, hf_segment *segment)
{
    return type == TYPE_IPV4   ? take_ipv4(r, is_cut, segment)
           : type == TYPE_IPV6 ? take_ipv6(r, is_cut, segment)
                               : false;
}

/* ---- TCP: RFC 9293 3.1 ---- */

static bool take_tcp(rest *r, hf_segment *segment)
{
    const uint8_t *p = r->bytes.data;

    if (r->bytes.len < 20)
        return refuse(r, "a TCP header that is cut off");
    size_t header = (size_t)(p[12] >> 4) * 4;
    if (header < 20 || header > r->bytes.len)
        return refuse(r, "a TCP header whose length makes no sense");
    segment->from_port = (uint16_t)u16(p);
    segment->to_port = (uint16_t)u16(p + 2);
    segment->sequence = u32(p + 4);
    segment->ack = u32(p + 8);
    segment->fin = p[13] & FIN;
    segment->syn = p[13] & SYN;
    segment->rst = p[13] & RST;
    segment->has_ack = p[13] & ACK;
    skip(r, header);
    return true;
}

bool hf_segment_read(const hf_packet *packet, hf_segment *segment, const char **why)
{
    rest r = { .bytes = packet->bytes };

    *segment = (hf_segment){ .us = packet->us, .packet = packet->number };
    unsigned type = take_link(&r, packet->link_type);
    bool good = take_ip(&r, type, packet->cut, segment) && take_tcp(&r, segment);
    segment->payload = r.bytes;
    segment->cut = r.cut;
    *why = good ? NULL : r.why;
    return good;
}
