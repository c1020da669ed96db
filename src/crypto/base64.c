/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Base64 by arithmetic. Only the white space and the padding of a text steer the code. */
#include "crypto/base64.h"

/* 0xff if low <= c <= high, else 0. */
static unsigned in_range(unsigned c, unsigned low, unsigned high)
{
    return ((low - 1 - c) & (c - high - 1)) >> 8 & 0xff;
}

static char digit_of(unsigned six)
{
    unsigned c = (in_range(six, 1, 25) & (six + 'A')) | (in_range(six, 26, 51) & (six - 26 + 'a')) |
                 (in_range(six, 52, 61) & (six - 52 + '0')) | (in_range(six, 62, 62) & '+') |
                 (in_range(six, 63, 63) & '/');

    return (char)(c | (in_range(six + 1, 1, 1) & 'A'));
}

/* 0 to 63; 0x80 for a character that is no digit. */
static unsigned value_of(unsigned c)
{
    unsigned upper = in_range(c, 'A', 'Z'), lower = in_range(c, 'a', 'z');
    unsigned figure = in_range(c, '0', '9'), plus = in_range(c, '+', '+');
    unsigned slash = in_range(c, '/', '/');
    unsigned v = (upper & (c - 'A')) | (lower & (c - 'a' + 26)) | (figure & (c - '0' + 52)) |
                 (plus & 62) | (slash & 63);

    return v | (~(upper | lower | figure | plus | slash) & 0x80);
}

void hf_base64_encode(hf_span bytes, char *out)
{
    for (size_t i = 0; i < bytes.len; i += 3, out += 4) {
        size_t left = bytes.len - i;
        unsigned v = (unsigned)bytes.data[i] << 16;

        if (left > 1)
            v |= (unsigned)bytes.data[i + 1] << 8;
        if (left > 2)
            v |= bytes.data[i + 2];
        out[0] = digit_of(v >> 18);
        out[1] = digit_of(v >> 12 & 63);
        out[2] = left > 1 ? digit_of(v >> 6 & 63) : '=';
        out[3] = left > 2 ? digit_of(v & 63) : '=';
    }
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A group that is not padded to four digits has 1 or 2 bytes; the rest of its bits must be zero
   (RFC 4648 3.5). */
static bool put_last(unsigned bits, size_t digits, size_t pads, uint8_t *out, size_t *len)
{
    if (digits + pads != (digits ? 4u : 0u) || digits == 1 || pads > 2)
        return false;
    if (digits == 2) {
        out[(*len)++] = (uint8_t)(bits >> 4);
        return (bits & 15) == 0;
    }
    if (digits == 3) {
        out[(*len)++] = (uint8_t)(bits >> 10);
        out[(*len)++] = (uint8_t)(bits >> 2);
        return (bits & 3) == 0;
    }
    return true;
}

static void put_group(unsigned bits, uint8_t *out, size_t *len)
{
    out[(*len)++] = (uint8_t)(bits >> 16);
    out[(*len)++] = (uint8_t)(bits >> 8);
    out[(*len)++] = (uint8_t)bits;
}

bool hf_base64_decode(hf_span text, uint8_t *out, size_t *len)
{
    unsigned bits = 0, wrong = 0;
    size_t digits = 0, pads = 0;

    *len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (is_space(text.data[i]))
            continue;
        if (text.data[i] == '=') {
            pads++;
            continue;
        }
        unsigned v = value_of(text.data[i]);
        wrong |= v | (pads ? 0x80 : 0);
        bits = bits << 6 | (v & 63);
        if (++digits == 4) {
            put_group(bits, out, len);
            bits = 0;
            digits = 0;
        }
    }
    return !(wrong & 0x80) && put_last(bits, digits, pads, out, len);
}
