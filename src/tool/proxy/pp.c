/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Reading the PROXY protocol. It comes first or not at all, and from those alone who may send it; whatever is not exactly as it should
 * be is refused, at the first byte that shows it. Only after all of it is there an address is believed.
 */
#include "tool/proxy/pp.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "tool/proxy/pp_parts.h"

static int bad(const char **why, const char *words)
{
    *why = words;
    return -1;
}

/* ---- version 1 ---- */

static const char *next_word(char **rest)
{
    char *word = *rest, *space = strchr(word, ' ');

    *rest = space ? space + 1 : NULL;
    if (space)
        *space = '\0';
    return word;
}

static bool read_port(const char *text, uint16_t *port)
{
    unsigned value = 0;
    size_t n = strspn(text, "0123456789");

    if (n == 0 || n > 5 || text[n] != '\0' || (n > 1 && text[0] == '0'))
        return false;
    for (const char *p = text; *p; p++)
        value = value * 10 + (unsigned)(*p - '0');
    *port = (uint16_t)value;
    return value <= UINT16_MAX;
}

/* What follows "PROXY ", without its CRLF, ended by NUL. NULL, or what is wrong. */
static const char *read_words(char *text, hf_pp *pp)
{
    const char *word[5] = { "" };
    size_t n = 0;

    if (strcmp(text, "UNKNOWN") == 0 || strncmp(text, "UNKNOWN ", 8) == 0) {
        pp->local = true;
        return NULL;
    }
    for (char *rest = text; rest; n++) {
        const char *next = next_word(&rest);
        if (n < 5)
            word[n] = next;
    }
    if (strcmp(word[0], "TCP4") != 0 && strcmp(word[0], "TCP6") != 0)
        return "version 1: neither TCP4, TCP6 nor UNKNOWN";
    if (n != 5)
        return n < 5 ? "version 1: fewer than six words" : "version 1: more than six words";
    pp->ipv6 = word[0][3] == '6';
    int family = pp->ipv6 ? AF_INET6 : AF_INET;
    if (inet_pton(family, word[1], pp->source) != 1 ||
        inet_pton(family, word[2], pp->destination) != 1)
        return "version 1: an address that is none of its family";
    if (!read_port(word[3], &pp->source_port) || !read_port(word[4], &pp->destination_port))
        return "version 1: a port that is none";
    return NULL;
}

static int read_v1(hf_span bytes, hf_pp *pp, const char **why)
{
    char line[HF_PP_V1_MAX + 1];
    size_t n = 0;

    while (n < bytes.len && n < HF_PP_V1_MAX - 1 && bytes.data[n] >= ' ' && bytes.data[n] != 0x7f)
        n++;
    if (n == HF_PP_V1_MAX - 1)
        return bad(why, "version 1: no CRLF in the first 107 bytes");
    if (n == bytes.len || (bytes.data[n] == '\r' && n + 1 == bytes.len))
        return 0;
    if (bytes.data[n] != '\r' || bytes.data[n + 1] != '\n')
        return bad(why, "version 1: a line that does not end with CRLF");
    memcpy(line, bytes.data + 6, n - 6);
    line[n - 6] = '\0';
    pp->version = 1;
    *why = read_words(line, pp);
    return *why ? -1 : (int)n + 2;
}

/* ---- version 2 ---- */

/* Bit by bit: it is a header a connection, at most. */
uint32_t hf_crc32c(uint32_t before, hf_span bytes)
{
    uint32_t crc = ~before;

    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= bytes.data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    }
    return ~crc;
}

/* NULL, or what is wrong. at: where the TLVs begin; the CRC counts the whole header, its own four bytes as zeros. */
static const char *check_tlvs(hf_span header, size_t at)
{
    static const uint8_t zeros[4];
    bool found = false;

    while (at < header.len) {
        const uint8_t *tlv = header.data + at;
        size_t left = header.len - at, len = left < 3 ? 0 : (size_t)tlv[1] << 8 | tlv[2];

        if (left < 3 || len > left - 3)
            return "version 2: a TLV is longer than the header";
        at += 3 + len;
        if (tlv[0] != HF_PP2_CRC32C)
            continue;
        if (found || len != 4)
            return "version 2: a checksum that is none";
        found = true;
        uint32_t crc = hf_crc32c(0, hf_span_of(header.data, (size_t)(tlv + 3 - header.data)));
        crc = hf_crc32c(crc, hf_span_of(zeros, 4));
        crc = hf_crc32c(crc, hf_span_of(header.data + at, header.len - at));
        uint32_t said =
            (uint32_t)tlv[3] << 24 | (uint32_t)tlv[4] << 16 | (uint32_t)tlv[5] << 8 | tlv[6];
        if (crc != said)
            return "version 2: the checksum is wrong";
    }
    return NULL;
}

static uint16_t u16_at(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

/* Addresses and TLVs of a proxied connection. */
static const char *read_block(hf_span header, hf_pp *pp)
{
    static const size_t lengths[] = { [1] = 4, [2] = 16, [3] = 108 };
    unsigned family = header.data[13] >> 4, transport = header.data[13] & 15;
    const uint8_t *p = header.data + HF_PP_V2_HEADER;

    if (family > 3 || transport > 2)
        return "version 2: a family or transport that is not assigned";
    if (family == 0 || transport == 0) {
        pp->local = true;
        return NULL;
    }
    size_t n = lengths[family], block = 2 * n + (family == 3 ? 0 : 4);
    if (header.len < HF_PP_V2_HEADER + block)
        return "version 2: shorter than its addresses";
    if (family == 3 || transport != 1) {
        pp->local = true;
    } else {
        pp->ipv6 = family == 2;
        memcpy(pp->source, p, n);
        memcpy(pp->destination, p + n, n);
        pp->source_port = u16_at(p + 2 * n);
        pp->destination_port = u16_at(p + 2 * n + 2);
    }
    return check_tlvs(header, HF_PP_V2_HEADER + block);
}

static int read_v2(hf_span bytes, hf_pp *pp, const char **why)
{
    const uint8_t *p = bytes.data;

    if (bytes.len > 12 && p[12] >> 4 != 2)
        return bad(why, "a version that is neither 1 nor 2");
    if (bytes.len > 12 && (p[12] & 15) > 1)
        return bad(why, "version 2: neither LOCAL nor PROXY");
    if (bytes.len < HF_PP_V2_HEADER)
        return 0;
    size_t len = HF_PP_V2_HEADER + u16_at(p + 14);
    if (len > HF_PP_MAX)
        return bad(why, "version 2: a header longer than 4112 bytes");
    if (bytes.len < len)
        return 0;
    pp->version = 2;
    pp->local = (p[12] & 15) == 0; /* then all that follows is to be skipped */
    *why = pp->local ? NULL : read_block(hf_span_of(p, len), pp);
    return *why ? -1 : (int)len;
}

static bool begins(hf_span bytes, const uint8_t *with, size_t len)
{
    return memcmp(bytes.data, with, bytes.len < len ? bytes.len : len) == 0;
}

int hf_pp_read(hf_span bytes, hf_pp *pp, const char **why)
{
    static const uint8_t v1[6] = { 'P', 'R', 'O', 'X', 'Y', ' ' };
    int n;

    *pp = (hf_pp){ .version = 0 };
    *why = NULL;
    if (bytes.len == 0)
        return 0;
    if (begins(bytes, hf_pp2_signature, sizeof hf_pp2_signature))
        n = read_v2(bytes, pp, why);
    else if (begins(bytes, v1, sizeof v1))
        n = bytes.len < sizeof v1 ? 0 : read_v1(bytes, pp, why);
    else
        n = bad(why, "no PROXY header where one must be");
    if (n <= 0)
        *pp = (hf_pp){ .version = 0 };
    return n;
}
