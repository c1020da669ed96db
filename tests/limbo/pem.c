/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Base64 between two lines. */
#include "pem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int value_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Four digits are three bytes; = stands only at the end. False: not base64. */
static bool decode(const char *from, const char *end, uint8_t *out, size_t *len)
{
    uint32_t bits = 0;
    size_t digits = 0, padding = 0;

    for (*len = 0; from < end; from++) {
        if (is_blank(*from))
            continue;
        int value = value_of(*from);
        if (*from == '=')
            padding++;
        else if (value < 0 || padding > 0)
            return false;
        bits = bits << 6 | (value < 0 ? 0 : (uint32_t)value);
        if (++digits % 4 != 0)
            continue;
        for (int shift = 16; shift >= 0; shift -= 8)
            out[(*len)++] = (uint8_t)(bits >> shift);
    }
    if (digits % 4 != 0 || padding > 2 || padding > *len)
        return false;
    *len -= padding;
    return true;
}

uint8_t *pem_block(const char *text, const char *label, size_t *len)
{
    char begin[64], end[64];

    snprintf(begin, sizeof begin, "-----BEGIN %s-----", label);
    snprintf(end, sizeof end, "-----END %s-----", label);
    const char *from = text ? strstr(text, begin) : NULL;
    const char *to = from ? strstr(from, end) : NULL;
    if (!to)
        return NULL;
    from += strlen(begin);
    uint8_t *bytes = malloc((size_t)(to - from) + 3);
    if (bytes && decode(from, to, bytes, len))
        return bytes;
    free(bytes);
    return NULL;
}
