/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* How the page is written: markup of ours, with texts of anybody's escaped where they are put in. */
#include "explain/page.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* A code point of n bytes (0: no UTF-8 begins here), by RFC 3629: no surrogates, nothing longer than it need be. */
static size_t decode(hf_span text, uint32_t *code)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    uint8_t first = text.data[0];
    size_t n = first < 0x80       ? 1
               : first >> 5 == 6  ? 2
               : first >> 4 == 14 ? 3
               : first >> 3 == 30 ? 4
                                  : 0;

    if (n == 0 || n > text.len)
        return 0;
    *code = n == 1 ? first : first & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (text.data[i] >> 6 != 2)
            return 0;
        *code = *code << 6 | (text.data[i] & 0x3f);
    }
    return *code < least[n] || *code > 0x10ffff || *code >> 11 == 0x1b ? 0 : n;
}

/* Controls, marks that turn the direction of text, what has no width, and what is no character. */
static bool is_odd(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } odd[] = { { 0, 0x1f },        { 0x7f, 0x9f },       { 0xad, 0xad },     { 0x61c, 0x61c },
                { 0x180e, 0x180e }, { 0x200b, 0x200f },   { 0x2028, 0x202e }, { 0x2060, 0x206f },
                { 0xe000, 0xf8ff }, { 0xfdd0, 0xfdef },   { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
                { 0xfff0, 0xffff }, { 0xe0000, 0x10ffff } };

    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        if (code >= odd[i].first && code <= odd[i].last)
            return true;
    return (code & 0xfffe) == 0xfffe;
}

static const char *entity(uint32_t code)
{
    switch (code) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

void hf_page_bytes_as_text(hf_page *page, hf_span text)
{
    uint32_t code = 0;

    while (text.len > 0) {
        size_t n = decode(text, &code);
        if (n == 0)
            hf_sheet_add(page->out, "\\x%02x", text.data[0]);
        else if (is_odd(code))
            hf_sheet_add(page->out, code < 0x100 ? "\\x%02" PRIx32 : "\\u%04" PRIx32, code);
        else if (entity(code))
            hf_sheet_put(page->out, entity(code));
        else
            hf_sheet_bytes(page->out, text.data, n);
        n = n > 0 ? n : 1;
        text = hf_span_of(text.data + n, text.len - n);
    }
}

void hf_page_html(hf_page *page, const char *markup, ...)
{
    va_list args;

    va_start(args, markup);
    while (*markup) {
        size_t plain = strcspn(markup, "%");
        hf_sheet_bytes(page->out, markup, plain);
        markup += plain;
        if (!*markup)
            break;
        if (markup[1] == 's')
            hf_page_bytes_as_text(page, hf_span_text(va_arg(args, const char *)));
        else if (markup[1] == 'u')
            hf_sheet_add(page->out, "%u", va_arg(args, unsigned));
        else if (markup[1] == 'z')
            hf_sheet_add(page->out, "%zu", va_arg(args, size_t));
        else
            hf_sheet_put(page->out, "%");
        markup += markup[1] ? 2 : 1;
    }
    va_end(args);
}

void hf_page_link(hf_page *page, size_t step)
{
    const hf_story *story = page->story;

    if (step < story->n && hf_page_shows(page, step))
        hf_page_html(page, "<a href=\"#m%z\">%s</a>", step, story->steps[step].name);
    else if (step < story->n)
        hf_page_html(page, "%s", story->steps[step].name);
}

void hf_page_hex(hf_page *page, hf_span bytes)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < bytes.len; i++) {
        char text[3] = { digits[bytes.data[i] >> 4], digits[bytes.data[i] & 15], ' ' };
        hf_sheet_bytes(page->out, text, sizeof text);
    }
}

char *hf_page_time(uint64_t us, char text[HF_PAGE_SMALL])
{
    if (us < 1000)
        snprintf(text, HF_PAGE_SMALL, "%" PRIu64 " µs", us);
    else if (us < 1000000)
        snprintf(text, HF_PAGE_SMALL, us < 100000 ? "%.2f ms" : "%.0f ms", (double)us / 1e3);
    else
        snprintf(text, HF_PAGE_SMALL, "%.2f s", (double)us / 1e6);
    return text;
}

char *hf_page_size(size_t bytes, char text[HF_PAGE_SMALL])
{
    if (bytes < 1000)
        snprintf(text, HF_PAGE_SMALL, "%zu byte%s", bytes, bytes == 1 ? "" : "s");
    else if (bytes < 1000000)
        snprintf(text, HF_PAGE_SMALL, "%zu,%03zu bytes", bytes / 1000, bytes % 1000);
    else
        snprintf(text, HF_PAGE_SMALL, "%.1f MB", (double)bytes / 1e6);
    return text;
}

char *hf_page_code(hf_names names, uint64_t value, char text[HF_NAME_ROOM])
{
    const char *name = hf_name_of(names, value);

    if (name)
        snprintf(text, HF_NAME_ROOM, "%s", name);
    else
        hf_code_text(names, value, text);
    return text;
}
