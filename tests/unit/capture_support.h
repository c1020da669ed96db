/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Captures made byte by byte: files of either format and byte order, packets of either IP, a talk over TCP. */
#ifndef TESTS_UNIT_CAPTURE_SUPPORT_H
#define TESTS_UNIT_CAPTURE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "explain/capture.h"

/* ---- bytes that grow ---- */

typedef struct pile {
    uint8_t *data;
    size_t len, room;
    bool little;
} pile;

static inline void pile_bytes(pile *p, const void *bytes, size_t len)
{
    if (p->len + len > p->room) {
        p->room = 2 * (p->len + len) + 64;
        p->data = realloc(p->data, p->room);
        assert_non_null(p->data);
    }
    if (len > 0)
        memcpy(p->data + p->len, bytes, len);
    p->len += len;
}

/* In the byte order of the pile. */
static inline void pile_number(pile *p, uint64_t v, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        uint8_t byte = (uint8_t)(v >> 8 * (p->little ? i : width - 1 - i));
        pile_bytes(p, &byte, 1);
    }
}

static inline void pile_pad(pile *p, size_t len)
{
    while (len++ % 4 != 0)
        pile_bytes(p, "", 1);
}

static inline void pile_free(pile *p)
{
    free(p->data);
    *p = (pile){ .little = p->little };
}

/* A copy of exactly that size, so that a sanitizer sees a step past its end. */
static inline hf_span tight(const pile *p)
{
    uint8_t *copy = malloc(p->len > 0 ? p->len : 1);

    assert_non_null(copy);
    if (p->len > 0)
        memcpy(copy, p->data, p->len);
    return hf_span_of(copy, p->len);
}

/* ---- pcap ---- */

static const uint32_t magic_us = 0xa1b2c3d4, magic_ns = 0xa1b23c4d;

static inline void put_pcap(pile *p, uint32_t magic, uint32_t link_type)
{
    pile_number(p, magic, 4);
    pile_number(p, 2, 2);
    pile_number(p, 4, 2);
    pile_number(p, 0, 8);
    pile_number(p, 65535, 4);
    pile_number(p, link_type, 4);
}

static inline void put_record(pile *p, uint32_t seconds, uint32_t part, hf_span bytes, size_t whole)
{
    pile_number(p, seconds, 4);
    pile_number(p, part, 4);
    pile_number(p, bytes.len, 4);
    pile_number(p, whole, 4);
    pile_bytes(p, bytes.data, bytes.len);
}

/* ---- pcapng ---- */

static inline void put_block(pile *p, uint32_t type, const pile *body)
{
    size_t len = 12 + (body->len + 3) / 4 * 4;

    pile_number(p, type, 4);
    pile_number(p, len, 4);
    pile_bytes(p, body->data, body->len);
    pile_pad(p, body->len);
    pile_number(p, len, 4);
}

static inline void put_and_free(pile *p, uint32_t type, pile *body)
{
    put_block(p, type, body);
    pile_free(body);
}

static inline void put_section(pile *p)
{
    pile body = { .little = p->little };

    pile_number(&body, 0x1a2b3c4d, 4);
    pile_number(&body, 1, 2);
    pile_number(&body, 0, 2);
    pile_number(&body, UINT64_MAX, 8);
    put_and_free(p, 0x0a0d0d0a, &body);
}

static inline void put_option(pile *p, unsigned code, hf_span value)
{
    pile_number(p, code, 2);
    pile_number(p, value.len, 2);
    pile_bytes(p, value.data, value.len);
    pile_pad(p, value.len);
}

/* resolution 0: no if_tsresol; offset 0: no if_tsoffset. */
static inline void put_interface(pile *p, uint32_t link_type, uint32_t snap_len, uint8_t resolution,
                                 int64_t offset)
{
    pile body = { .little = p->little }, number = { .little = p->little };

    pile_number(&body, link_type, 2);
    pile_number(&body, 0, 2);
    pile_number(&body, snap_len, 4);
    put_option(&body, 2, hf_span_str("eth0"));
    if (resolution)
        put_option(&body, 9, hf_span_of(&resolution, 1));
    pile_number(&number, (uint64_t)offset, 8);
    if (offset)
        put_option(&body, 14, hf_span_of(number.data, 8));
    put_option(&body, 0, hf_span_str(""));
    put_and_free(p, 1, &body);
    pile_free(&number);
}

static inline void put_enhanced(pile *p, uint32_t interface, uint64_t ticks, hf_span bytes,
                                size_t whole)
{
    pile body = { .little = p->little };

    pile_number(&body, interface, 4);
    pile_number(&body, ticks >> 32, 4);
    pile_number(&body, ticks & 0xffffffff, 4);
    pile_number(&body, bytes.len, 4);
    pile_number(&body, whole, 4);
    pile_bytes(&body, bytes.data, bytes.len);
    pile_pad(&body, bytes.len);
    put_option(&body, 2, hf_span_of("\0\0\0\1", 4)); /* epb_flags: inbound */
    put_option(&body, 0, hf_span_str(""));
    put_and_free(p, 6, &body);
}

static inline void put_simple(pile *p, hf_span bytes, size_t whole)
{
    pile body = { .little = p->little };

    pile_number(&body, whole, 4);
    pile_bytes(&body, bytes.data, bytes.len);
    put_and_free(p, 3, &body);
}

static inline void put_old(pile *p, uint16_t interface, uint64_t ticks, hf_span bytes)
{
    pile body = { .little = p->little };

    pile_number(&body, interface, 2);
    pile_number(&body, 0, 2);
    pile_number(&body, ticks >> 32, 4);
    pile_number(&body, ticks & 0xffffffff, 4);
    pile_number(&body, bytes.len, 4);
    pile_number(&body, bytes.len, 4);
    pile_bytes(&body, bytes.data, bytes.len);
    put_and_free(p, 2, &body);
}

static inline void put_secrets(pile *p, uint32_t type, const char *lines)
{
    pile body = { .little = p->little };

    pile_number(&body, type, 4);
    pile_number(&body, strlen(lines), 4);
    pile_bytes(&body, lines, strlen(lines));
    put_and_free(p, 10, &body);
}

/* ---- packets ---- */

enum { T_FIN = 1, T_SYN = 2, T_RST = 4, T_PSH = 8, T_ACK = 16 };

/* One segment. Zero is a sensible value of each. */
typedef struct talk {
    bool ipv6, from_server;
    uint16_t client_port; /* 0: 50000 */
    uint32_t sequence, ack;
    unsigned flags;
    const char *text;   /* the payload, NULL: none */
    hf_span bytes;      /* or these */
    unsigned options;   /* words of TCP's header after the first five */
    bool length_unsaid; /* IP's length is 0 */
} talk;

static const uint8_t client_mac[] = { 2, 0, 0, 0, 0, 1 }, server_mac[] = { 2, 0, 0, 0, 0, 2 };

static inline void put_tcp(pile *p, const talk *t)
{
    hf_span payload = t->text ? hf_span_str(t->text) : t->bytes;
    unsigned client = t->client_port ? t->client_port : 50000, words = 5 + t->options;

    pile_number(p, t->from_server ? 443 : client, 2);
    pile_number(p, t->from_server ? client : 443, 2);
    pile_number(p, t->sequence, 4);
    pile_number(p, t->ack, 4);
    pile_number(p, words << 12 | t->flags, 2);
    pile_number(p, 65535, 2);
    pile_number(p, 0xbad0, 2); /* a checksum that was left to the network card */
    pile_number(p, 0, 2);
    for (unsigned i = 0; i < t->options; i++)
        pile_number(p, 0x01010101, 4); /* no-operation */
    pile_bytes(p, payload.data, payload.len);
}

static inline void put_ipv4(pile *p, const pile *tcp, const talk *t)
{
    pile_number(p, 0x4500, 2);
    pile_number(p, t->length_unsaid ? 0 : 20 + tcp->len, 2);
    pile_number(p, 0, 4);
    pile_number(p, 64 << 8 | 6, 2);
    pile_number(p, 0, 2);
    pile_number(p, t->from_server ? 0xc0000202 : 0xc0000201, 4);
    pile_number(p, t->from_server ? 0xc0000201 : 0xc0000202, 4);
    pile_bytes(p, tcp->data, tcp->len);
}

static inline void put_ipv6_address(pile *p, unsigned last)
{
    pile_number(p, 0x20010db800000000, 8);
    pile_number(p, last, 8);
}

/* `next` and `between`: extension headers, if any. */
static inline void put_ipv6(pile *p, const pile *tcp, const talk *t, uint8_t next, hf_span between)
{
    pile_number(p, 0x60000000, 4);
    pile_number(p, t->length_unsaid ? 0 : between.len + tcp->len, 2);
    pile_number(p, next, 1);
    pile_number(p, 64, 1);
    put_ipv6_address(p, t->from_server ? 2 : 1);
    put_ipv6_address(p, t->from_server ? 1 : 2);
    pile_bytes(p, between.data, between.len);
    pile_bytes(p, tcp->data, tcp->len);
}

static inline pile ip_of(const talk *t)
{
    pile tcp = { .little = false }, ip = { .little = false };

    put_tcp(&tcp, t);
    if (t->ipv6)
        put_ipv6(&ip, &tcp, t, 6, hf_span_str(""));
    else
        put_ipv4(&ip, &tcp, t);
    pile_free(&tcp);
    return ip;
}

static inline pile ethernet_of(const talk *t)
{
    pile ip = ip_of(t), frame = { .little = false };

    pile_bytes(&frame, t->from_server ? client_mac : server_mac, 6);
    pile_bytes(&frame, t->from_server ? server_mac : client_mac, 6);
    pile_number(&frame, t->ipv6 ? 0x86dd : 0x0800, 2);
    pile_bytes(&frame, ip.data, ip.len);
    while (frame.len < 60) /* Ethernet's least, padded with what must not become payload */
        pile_number(&frame, 0x55, 1);
    pile_free(&ip);
    return frame;
}

/* A record of a pcap over Ethernet, one millisecond after the one before it. */
static inline void put_talk(pile *p, const talk *t)
{
    pile frame = ethernet_of(t);
    static uint32_t ms;

    ms++;
    put_record(p, 1700000000 + ms / 1000, ms % 1000 * 1000, hf_span_of(frame.data, frame.len),
               frame.len);
    pile_free(&frame);
}

#endif
