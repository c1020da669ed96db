/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Text that is cut to fit its buffer, at the end of a character; and bytes of a peer as text that harms no terminal. */
#include "explain/tree_parts.h"

#include <stdarg.h>
#include <stdio.h>

#define DOTS "…"
enum { DOTS_LEN = sizeof DOTS - 1, MORE_ROOM = 32 };

hf_words hf_words_start(char *out, size_t room)
{
    out[0] = '\0';
    return (hf_words){ out, 0, room, false };
}

/* There is always room for the dots: text ends that much earlier. */
static void put(hf_words *words, const char *text, size_t len)
{
    size_t left = words->room - 1 - DOTS_LEN - words->n;

    if (words->cut)
        return;
    if (len > left) {
        words->cut = true;
        while (left > 0 && ((unsigned char)text[left] & 0xc0) == 0x80)
            left--; /* inside a character of UTF-8 */
        len = left;
    }
    memcpy(words->out + words->n, text, len);
    words->n += len;
    if (words->cut) {
        memcpy(words->out + words->n, DOTS, DOTS_LEN);
        words->n += DOTS_LEN;
    }
    words->out[words->n] = '\0';
}

void hf_words_add(hf_words *words, const char *format, ...)
{
    char text[HF_VALUE_ROOM];
    va_list args;

    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n > 0)
        put(words, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

void hf_words_hex(hf_words *words, hf_span bytes, size_t most)
{
    size_t n = bytes.len < most ? bytes.len : most;

    for (size_t i = 0; i < n && !words->cut; i++)
        hf_words_add(words, "%02x", bytes.data[i]);
    if (n < bytes.len)
        hf_words_add(words, DOTS);
}

bool hf_words_entry(hf_words *words, const char *text, size_t k, size_t n)
{
    if (words->n + strlen(text) + MORE_ROOM > words->room) {
        hf_words_add(words, k > 0 ? ", and %zu more" : "%zu entries", n - k);
        return false;
    }
    hf_words_add(words, "%s%s", k > 0 ? ", " : "", text);
    return true;
}

/* ---- UTF-8 ---- */

/* The length of the character at the start; 0: it is none (RFC 3629 4). */
static size_t decode(hf_span bytes, uint32_t *c)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    uint8_t b = bytes.data[0];
    size_t n = b < 0x80 ? 1 : b >> 5 == 6 ? 2 : b >> 4 == 14 ? 3 : b >> 3 == 30 ? 4 : 0;

    if (n == 0 || n > bytes.len)
        return 0;
    *c = n == 1 ? b : b & (0x7fU >> n);
    for (size_t i = 1; i < n; i++) {
        if ((bytes.data[i] & 0xc0) != 0x80)
            return 0;
        *c = *c << 6 | (bytes.data[i] & 0x3f);
    }
    bool surrogate = *c >= 0xd800 && *c <= 0xdfff;
    return *c < least[n] || *c > 0x10ffff || surrogate ? 0 : n;
}

/* No control characters, nor those that turn the direction of text, hide, or are nobody's. */
static bool is_harmless(uint32_t c)
{
    static const uint32_t harmful[][2] = {
        { 0, 0x1f },        { 0x7f, 0x9f },     { 0xad, 0xad },        { 0x61c, 0x61c },
        { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },    { 0xe000, 0xf8ff },
        { 0xfeff, 0xfeff }, { 0xfff0, 0xffff }, { 0xe0000, 0x10ffff },
    };

    for (size_t i = 0; i < sizeof harmful / sizeof *harmful; i++)
        if (c >= harmful[i][0] && c <= harmful[i][1])
            return false;
    return true;
}

static size_t harmless(hf_span bytes)
{
    uint32_t c = 0;
    size_t n = decode(bytes, &c);

    return n > 0 && is_harmless(c) ? n : 0;
}

void hf_words_text(hf_words *words, hf_span bytes)
{
    while (bytes.len > 0 && !words->cut) {
        size_t n = harmless(bytes);
        if (n > 0)
            put(words, (const char *)bytes.data, n);
        else
            hf_words_add(words, "\\x%02x", bytes.data[0]);
        n = n > 0 ? n : 1;
        bytes = hf_span_of(bytes.data + n, bytes.len - n);
    }
}

bool hf_is_printable(hf_span bytes)
{
    size_t n = 0;

    while (bytes.len > 0 && (n = harmless(bytes)) > 0)
        bytes = hf_span_of(bytes.data + n, bytes.len - n);
    return bytes.len == 0;
}
