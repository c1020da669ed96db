/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Escapes undone until none is left. Bytes go onto a stack; when its top is an escape, or a character that stands for one of ASCII, that
 * takes its place, and may end the next escape.
 */
#include "tool/proxy/http_path.h"

static uint8_t *top(hf_plain_path *p, size_t back)
{
    return p->data + p->len - back;
}

static void replace(hf_plain_path *p, size_t back, unsigned c)
{
    p->len -= back;
    p->data[p->len++] = (uint8_t)c;
}

/* ---- characters ---- */

/* Those beyond ASCII that file systems, maps of code pages or a comparison without case take for one of it; 0: none. */
static unsigned ascii_of(unsigned code)
{
    static const struct {
        uint16_t code;
        char c;
    } rows[] = { { 0x130, 'i' },  { 0x131, 'i' },  { 0x17f, 's' },  { 0x2024, '.' },
                 { 0x2044, '/' }, { 0x212a, 'k' }, { 0x2215, '/' }, { 0x2216, '\\' },
                 { 0xfe52, '.' }, { 0xfe68, '\\' } };

    if (code >= 0xff01 && code <= 0xff5e)
        return code - 0xff00 + ' ';
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].code == code)
            return (unsigned char)rows[i].c;
    return 0;
}

/* What nobody sees, so that file systems (HFS+) and comparisons of names drop it: Unicode's Default_Ignorable_Code_Point. */
static bool is_invisible(uint64_t code)
{
    static const struct {
        uint32_t first, last;
    } rows[] = { { 0xad, 0xad },       { 0x34f, 0x34f },    { 0x61c, 0x61c },
                 { 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },  { 0x180b, 0x180f },
                 { 0x200b, 0x200f },   { 0x202a, 0x202e },  { 0x2060, 0x206f },
                 { 0x3164, 0x3164 },   { 0xfe00, 0xfe0f },  { 0xfeff, 0xfeff },
                 { 0xffa0, 0xffa0 },   { 0xfff0, 0xfff8 },  { 0x1bca0, 0x1bca3 },
                 { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff } };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (code >= rows[i].first && code <= rows[i].last)
            return true;
    return false;
}

/* How many bytes the character has that begins with this; 0: no character does. As UTF-8 was once, up to six. */
static size_t bytes_of(uint8_t lead)
{
    size_t n = 0;

    while (n < 7 && lead & 0x80u >> n)
        n++;
    return n >= 2 && n <= 6 ? n : 0;
}

/* The code of a character of n bytes, however short it could be. */
static uint64_t code_of(const uint8_t *at, size_t n)
{
    uint64_t code = at[0] & (0x7fu >> n);

    for (size_t i = 1; i < n; i++)
        code = code << 6 | (at[i] & 0x3fu);
    return code;
}

/* The top is a whole character that stands for one of ASCII. */
static bool take_character(hf_plain_path *p)
{
    size_t n = 1;

    while (n < p->len && n < 6 && (*top(p, n) & 0xc0) == 0x80)
        n++;
    if (n < 2 || bytes_of(*top(p, n)) != n)
        return false;
    uint64_t code = code_of(top(p, n), n);
    unsigned c = code > 0x7f && code <= UINT16_MAX ? ascii_of((unsigned)code) : 0;
    if (code > 0x7f && c == 0)
        return false;
    replace(p, n, code > 0x7f ? c : (unsigned)code);
    return true;
}

/* ---- escapes ---- */

static bool read_digits(const uint8_t *at, size_t n, unsigned *value)
{
    *value = 0;
    for (size_t i = 0; i < n; i++) {
        int digit = hf_hex_digit(at[i]);
        if (digit < 0)
            return false;
        *value = *value << 4 | (unsigned)digit;
    }
    return true;
}

/* %u0041: a custom of IIS. What stands for nothing of ASCII is some character. */
static bool take_wide_escape(hf_plain_path *p)
{
    unsigned code;

    if (p->len < 6 || *top(p, 6) != '%' || hf_lower(*top(p, 5)) != 'u' ||
        !read_digits(top(p, 4), 4, &code))
        return false;
    unsigned c = code < 0x80 ? code : ascii_of(code);
    replace(p, 6, c || code == 0 ? c : 0xff);
    return true;
}

static bool take_escape(hf_plain_path *p)
{
    unsigned value;

    if (p->len < 3 || *top(p, 3) != '%' || !read_digits(top(p, 2), 2, &value))
        return take_wide_escape(p);
    replace(p, 3, value);
    return true;
}

static size_t undo(hf_span path, hf_plain_path *p)
{
    size_t slashes = 0;

    p->len = 0;
    for (size_t i = 0; i < path.len; i++) {
        slashes += path.data[i] == '/';
        p->data[p->len++] = path.data[i];
        while (take_escape(p) || take_character(p))
            ;
    }
    return slashes;
}

/* ---- the rest ---- */

/* How many bytes of a character of UTF-8 are here; 0: none that may be, or none that anybody sees. */
static size_t character(const uint8_t *at, size_t left)
{
    if (*at < 0x80)
        return *at >= ' ' && *at != 0x7f;
    size_t n = bytes_of(*at);
    if (n == 0 || n > 4 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return is_invisible(code_of(at, n)) ? 0 : n;
}

static uint8_t simple(uint8_t c)
{
    return c == '\\' ? '/' : c == '+' ? ' ' : hf_lower(c);
}

static void put_odd(hf_plain_path *p, uint8_t c, hf_oddities oddities, size_t *out)
{
    p->odd = true;
    if (oddities != HF_ODD_DROPPED)
        p->data[(*out)++] = oddities == HF_ODD_END ? ';' : c;
}

bool hf_path_plain(hf_span path, hf_oddities oddities, hf_plain_path *p)
{
    size_t out = 0, slashes;

    p->odd = false;
    if (path.len > sizeof p->data)
        return false;
    slashes = undo(path, p);
    for (size_t i = 0, n; i < p->len; i += n ? n : 1) {
        n = character(p->data + i, p->len - i);
        if (n == 0)
            put_odd(p, p->data[i], oddities, &out);
        for (size_t k = 0; k < n; k++) {
            p->data[out] = simple(p->data[i + k]);
            slashes -= p->data[out++] == '/';
        }
    }
    p->len = out;
    p->slashes = slashes != 0; /* below zero, as a number without a sign */
    return true;
}
