/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Ethernet, IP and TCP around a payload (RFC 791, RFC 8200, RFC 9293): what a capture of the conversation would have had. */
#include "explain/pcapng.h"

enum {
    ETHERNET_HEADER = 14,
    IPV4_HEADER = 20,
    IPV6_HEADER = 40,
    TCP_HEADER = 20,
    MSS_OPTION = 4,
    PROTOCOL_TCP = 6
};

/* ---- numbers: in network byte order ---- */

static void write16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void write32(uint8_t *p, uint32_t v)
{
    write16(p, v >> 16);
    write16(p + 2, v & 0xffff);
}

/* RFC 1071: the sum of 16-bit words; an odd byte is the upper half of one. */
static uint32_t sum_of(uint32_t sum, hf_span bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        sum += (uint32_t)bytes.data[i] << (i % 2 ? 0 : 8);
    return sum;
}

static unsigned checksum(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

static size_t write_ethernet(uint8_t *p, const hf_conversation *c, hf_role writer)
{
    uint8_t mac[6] = { 0x02, 0, 0, 0, 0, 1 }; /* locally administered, 1: the client */

    mac[5] = writer == HF_CLIENT ? 2 : 1;
    memcpy(p, mac, 6);
    mac[5] = writer == HF_CLIENT ? 1 : 2;
    memcpy(p + 6, mac, 6);
    write16(p + 12, c->ipv6 ? 0x86dd : 0x0800);
    return ETHERNET_HEADER;
}

static size_t write_ipv4(uint8_t *p, hf_conversation *c, hf_role writer, size_t len)
{
    p[0] = 0x45;
    write16(p + 2, (unsigned)(IPV4_HEADER + len));
    write16(p + 4, c->packets[writer]++);
    write16(p + 6, 0x4000); /* don't fragment */
    p[8] = 64;
    p[9] = PROTOCOL_TCP;
    memcpy(p + 12, c->address[writer], 4);
    memcpy(p + 16, c->address[!writer], 4);
    write16(p + 10, checksum(sum_of(0, hf_span_of(p, IPV4_HEADER))));
    return IPV4_HEADER;
}

static size_t write_ipv6(uint8_t *p, const hf_conversation *c, hf_role writer, size_t len)
{
    p[0] = 0x60;
    write16(p + 4, (unsigned)len);
    p[6] = PROTOCOL_TCP;
    p[7] = 64;
    memcpy(p + 8, c->address[writer], 16);
    memcpy(p + 24, c->address[!writer], 16);
    return IPV6_HEADER;
}

/* Its checksum is over a header of IP's addresses, protocol and length too. */
static size_t write_tcp(uint8_t *p, const hf_conversation *c, hf_role writer, unsigned flags,
                        hf_span payload)
{
    size_t header = flags & HF_TCP_SYN ? TCP_HEADER + MSS_OPTION : TCP_HEADER,
           width = c->ipv6 ? 16 : 4;
    uint32_t sum = PROTOCOL_TCP + (uint32_t)(header + payload.len);

    write16(p, c->port[writer]);
    write16(p + 2, c->port[!writer]);
    write32(p + 4, c->next[writer]);
    write32(p + 8, flags & HF_TCP_ACK ? c->next[!writer] : 0);
    p[12] = (uint8_t)(header / 4 << 4);
    p[13] = (uint8_t)flags;
    write16(p + 14, 65535);
    if (flags & HF_TCP_SYN) {
        write16(p + 20, 0x0204);
        write16(p + 22, (unsigned)hf_made_segment_max(c));
    }
    for (int side = 0; side < 2; side++)
        sum = sum_of(sum, hf_span_of(c->address[side], width));
    sum = sum_of(sum, hf_span_of(p, header));
    write16(p + 16, checksum(sum_of(sum, payload)));
    return header;
}

size_t hf_made_segment_max(const hf_conversation *c)
{
    return HF_MADE_MTU - TCP_HEADER - (c->ipv6 ? IPV6_HEADER : IPV4_HEADER);
}

size_t hf_made_headers(hf_conversation *c, hf_role writer, unsigned flags, hf_span payload,
                       uint8_t out[HF_MADE_HEADERS_MAX])
{
    size_t tcp = (flags & HF_TCP_SYN ? TCP_HEADER + MSS_OPTION : TCP_HEADER) + payload.len;

    memset(out, 0, HF_MADE_HEADERS_MAX);
    size_t n = write_ethernet(out, c, writer);
    n += c->ipv6 ? write_ipv6(out + n, c, writer, tcp) : write_ipv4(out + n, c, writer, tcp);
    n += write_tcp(out + n, c, writer, flags, payload);
    c->next[writer] += (uint32_t)payload.len + (flags & (HF_TCP_SYN | HF_TCP_FIN) ? 1 : 0);
    return n;
}
