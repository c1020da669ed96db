/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * IP address literals to bytes and back. Strict: four decimal numbers without leading zeroes, or
 * RFC 4291 2.2; no zones, no brackets, no octal.
 */
#include "x509/ip.h"

#include <stdio.h>

#include "x509/x509.h"

enum { V4_LEN = 4, V6_LEN = 16, GROUPS = 8 };

/* ---- to bytes ---- */

static bool read_decimal(const char **at, uint8_t *out)
{
    unsigned v = 0, n = 0;

    while (**at >= '0' && **at <= '9' && n < 4)
        v = 10 * v + (unsigned)(*(*at)++ - '0'), n++;
    *out = (uint8_t)v;
    return n >= 1 && n <= 3 && v <= 255 && !(n > 1 && (*at)[-(int)n] == '0');
}

static bool read_v4(const char *text, uint8_t out[V4_LEN])
{
    for (int i = 0; i < V4_LEN; i++) {
        if (i > 0 && *text++ != '.')
            return false;
        if (!read_decimal(&text, &out[i]))
            return false;
    }
    return *text == '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_group(const char **at, uint8_t out[2])
{
    unsigned v = 0, n = 0;

    for (int d; n < 5 && (d = hex_digit(**at)) >= 0; n++, (*at)++)
        v = v << 4 | (unsigned)d;
    out[0] = (uint8_t)(v >> 8);
    out[1] = (uint8_t)v;
    return n >= 1 && n <= 4;
}

/* What has been read of an IPv6 address: len bytes, and where "::" stands among them (-1: nowhere). */
typedef struct v6 {
    uint8_t bytes[V6_LEN];
    int len, gap;
} v6;

/* One group, or at the end an IPv4 address, which takes the place of two. */
static bool read_piece(const char **at, v6 *ip)
{
    const char *start = *at;

    if (ip->len <= V6_LEN - 4 && read_v4(start, ip->bytes + ip->len)) {
        ip->len += 4;
        *at += strlen(start);
        return true;
    }
    if (ip->len > V6_LEN - 2 || !read_group(at, ip->bytes + ip->len))
        return false;
    ip->len += 2;
    return true;
}

static bool read_pieces(const char *at, v6 *ip)
{
    if (at[0] == ':' && at[1] == ':') {
        ip->gap = 0;
        at += 2;
    }
    while (*at) {
        if (!read_piece(&at, ip))
            return false;
        if (*at == '\0')
            break;
        if (*at++ != ':' || *at == '\0')
            return false;
        if (*at == ':') {
            if (ip->gap >= 0)
                return false;
            ip->gap = ip->len;
            at++;
        }
    }
    return ip->gap >= 0 ? ip->len <= V6_LEN - 2 : ip->len == V6_LEN;
}

static bool read_v6(const char *text, uint8_t out[V6_LEN])
{
    v6 ip = { .gap = -1 };

    if (!read_pieces(text, &ip))
        return false;
    size_t before = (size_t)(ip.gap < 0 ? ip.len : ip.gap), after = (size_t)ip.len - before;
    memset(out, 0, V6_LEN);
    memcpy(out, ip.bytes, before);
    memcpy(out + V6_LEN - after, ip.bytes + before, after);
    return true;
}

size_t hf_parse_ip(const char *text, uint8_t out[16])
{
    if (read_v4(text, out))
        return V4_LEN;
    return read_v6(text, out) ? V6_LEN : 0;
}

/* ---- to text ---- */

/* The longest run of two or more zero groups, the first of equals (RFC 5952 4.2). */
static void find_gap(const unsigned group[GROUPS], int *start, int *len)
{
    *start = *len = 0;
    for (int i = 0, run = 0; i < GROUPS; i++) {
        run = group[i] == 0 ? run + 1 : 0;
        if (run > *len && run > 1) {
            *len = run;
            *start = i + 1 - run;
        }
    }
}

static void put_v6(const uint8_t *ip, char out[HF_IP_TEXT_MAX])
{
    unsigned group[GROUPS];
    int start, len;
    size_t n = 0;

    for (size_t i = 0; i < GROUPS; i++)
        group[i] = (unsigned)(ip[2 * i] << 8 | ip[2 * i + 1]);
    find_gap(group, &start, &len);
    for (int i = 0; i < GROUPS; i++) {
        bool gap = len > 0 && i == start, colon = i > 0 && !(len > 0 && i == start + len);
        int added = gap ? snprintf(out + n, HF_IP_TEXT_MAX - n, "::")
                        : snprintf(out + n, HF_IP_TEXT_MAX - n, "%s%x", colon ? ":" : "", group[i]);
        n += added > 0 ? (size_t)added : 0;
        i += gap ? len - 1 : 0;
    }
}

void hf_ip_text(hf_span ip, char out[HF_IP_TEXT_MAX])
{
    if (ip.len == V6_LEN)
        put_v6(ip.data, out);
    else if (ip.len == V4_LEN)
        snprintf(out, HF_IP_TEXT_MAX, "%u.%u.%u.%u", ip.data[0], ip.data[1], ip.data[2],
                 ip.data[3]);
    else
        snprintf(out, HF_IP_TEXT_MAX, "?");
}
