/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Lines for a terminal. */
#include "explain/text_pen.h"

#include <stdarg.h>
#include <stdio.h>

enum { WIDTH = 80, NARROWEST = 40, WIDEST = 1000 };

hf_pen hf_pen_start(hf_sheet *out, const hf_show *show)
{
    unsigned width = show->width ? show->width : WIDTH;

    width = width < NARROWEST ? NARROWEST : width > WIDEST ? WIDEST : width;
    return (hf_pen){ .out = out, .show = show, .width = width, .gap = true };
}

/* ---- what may be shown ---- */

/* The code point at p and how many bytes it has; 0 bytes: none is there (RFC 3629). */
static size_t utf8_at(const unsigned char *p, uint32_t *c)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t n = *p < 0x80 ? 1 : *p < 0xc2 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 0;

    *c = n < 2 ? *p : *p & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        *c = *c << 6 | (p[i] & 0x3fu);
    }
    bool good = n > 0 && *c >= least[n] && *c <= 0x10ffff && !(*c >= 0xd800 && *c < 0xe000);
    return good ? n : 0;
}

/* Controls, and what changes the direction of text, breaks lines or cannot be seen (Unicode's Bidi_Control, Zl, Zp, ZWSP to
   ZWJ, the byte order mark, tags). */
static bool steers(uint32_t c)
{
    static const uint32_t ranges[][2] = {
        { 0, 0x1f },        { 0x7f, 0x9f },     { 0xad, 0xad },      { 0x61c, 0x61c },
        { 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e },  { 0x2060, 0x206f },
        { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe0fff }
    };

    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

/* The next thing to show, and its columns: a character, or what stands for it. */
enum { PIECE_ROOM = 16 };
static const char *piece_at(const char *text, char piece[PIECE_ROOM], unsigned *columns)
{
    uint32_t c;
    size_t n = utf8_at((const unsigned char *)text, &c);

    if (n > 0 && !steers(c)) {
        memcpy(piece, text, n);
        piece[n] = '\0';
        *columns = 1;
        return text + n;
    }
    int len = n > 1 ? snprintf(piece, PIECE_ROOM, "\\u%04x", (unsigned)c)
                    : snprintf(piece, PIECE_ROOM, "\\x%02x", (unsigned char)*text);
    *columns = (unsigned)len;
    return text + (n > 0 ? n : 1);
}

static void put_n(hf_pen *pen, const char *text, const char *end)
{
    char piece[PIECE_ROOM];
    unsigned columns;

    while (text < end) {
        text = piece_at(text, piece, &columns);
        hf_sheet_put(pen->out, piece);
        pen->column += columns;
    }
}

static unsigned columns_of(const char *text, const char *end)
{
    char piece[PIECE_ROOM];
    unsigned all = 0, columns;

    while (text < end) {
        text = piece_at(text, piece, &columns);
        all += columns;
    }
    return all;
}

/* ---- on one line ---- */

/* Without the blanks at its end. */
void hf_pen_line(hf_pen *pen)
{
    hf_sheet *out = pen->out;

    while (!out->error && out->len > 0 && out->text[out->len - 1] == ' ')
        out->len--;
    hf_sheet_put(out, "\n");
    pen->gap = false;
    pen->column = 0;
}

void hf_pen_gap(hf_pen *pen)
{
    if (!pen->gap)
        hf_pen_line(pen);
    pen->gap = true;
}

void hf_pen_put(hf_pen *pen, hf_ink ink, const char *text)
{
    /* such that they can be read on white and on black */
    static const char *const codes[] = { [HF_INK_BOLD] = "\033[1m",
                                         [HF_INK_DIM] = "\033[2m",
                                         [HF_INK_BAD] = "\033[31m",
                                         [HF_INK_GOOD] = "\033[32m",
                                         [HF_INK_HINT] = "\033[1;35m" };
    bool coloured = pen->show->colour && ink != HF_INK_PLAIN;

    if (coloured)
        hf_sheet_put(pen->out, codes[ink]);
    put_n(pen, text, text + strlen(text));
    if (coloured)
        hf_sheet_put(pen->out, "\033[0m");
}

void hf_pen_add(hf_pen *pen, hf_ink ink, const char *format, ...)
{
    char text[HF_WORDS_ROOM];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    hf_pen_put(pen, ink, text);
}

void hf_pen_to(hf_pen *pen, unsigned column)
{
    unsigned n = pen->column < column ? column - pen->column : pen->column > 0;

    hf_sheet_add(pen->out, "%*s", (int)n, "");
    pen->column += n;
}

/* ---- on several ---- */

/* A word that no line can hold is broken where the line ends. */
static void put_long(hf_pen *pen, unsigned indent, const char *text, const char *end)
{
    char piece[PIECE_ROOM];
    unsigned columns;

    while (text < end) {
        const char *next = piece_at(text, piece, &columns);
        if (pen->column + columns > pen->width) {
            hf_pen_line(pen);
            hf_pen_to(pen, indent);
        }
        put_n(pen, text, next);
        text = next;
    }
}

static void put_word(hf_pen *pen, unsigned indent, bool first, const char *text, const char *end)
{
    unsigned columns = columns_of(text, end), blank = first ? 0 : 1;

    if (pen->column + blank + columns > pen->width && pen->column > indent &&
        (!first || columns <= pen->width - indent)) {
        hf_pen_line(pen);
        hf_pen_to(pen, indent);
    } else if (!first) {
        hf_pen_put(pen, HF_INK_PLAIN, " ");
    }
    put_long(pen, indent, text, end);
}

void hf_pen_wrap(hf_pen *pen, unsigned indent, const char *text)
{
    bool first = true;

    indent = indent < pen->width / 2 ? indent : pen->width / 2;
    while (*text) {
        const char *end = text + strcspn(text, " ");
        if (end > text)
            put_word(pen, indent, first, text, end);
        first &= end == text;
        text = *end ? end + 1 : end;
    }
    hf_pen_line(pen);
}

void hf_pen_row(hf_pen *pen, unsigned indent, unsigned beside, const char *title, const char *text)
{
    if (!text || !*text)
        return;
    hf_pen_to(pen, indent);
    hf_pen_put(pen, HF_INK_DIM, title);
    hf_pen_to(pen, beside);
    hf_pen_wrap(pen, beside, text);
}
