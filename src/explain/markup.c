/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Markup, and texts of anybody's in it. */
#include "explain/markup.h"

#include <inttypes.h>

#include "crypto/base64.h"
#include "crypto/hash.h"
#include "base/error.h"

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

static void put_text(hf_sheet *out, hf_span text, bool escaped)
{
    uint32_t code = 0;

    while (text.len > 0) {
        size_t n = decode(text, &code);
        if (n == 0)
            hf_sheet_add(out, "\\x%02x", text.data[0]);
        else if (is_odd(code))
            hf_sheet_add(out, code < 0x100 ? "\\x%02" PRIx32 : "\\u%04" PRIx32, code);
        else if (escaped && entity(code))
            hf_sheet_put(out, entity(code));
        else
            hf_sheet_bytes(out, text.data, n);
        n = n > 0 ? n : 1;
        text = hf_span_of(text.data + n, text.len - n);
    }
}

void hf_visible(hf_sheet *out, hf_span text)
{
    put_text(out, text, false);
}

void hf_markup_text(hf_sheet *out, hf_span text)
{
    put_text(out, text, true);
}

void hf_markup_args(hf_sheet *out, const char *markup, va_list args)
{
    while (*markup) {
        size_t plain = strcspn(markup, "%");
        hf_sheet_bytes(out, markup, plain);
        markup += plain;
        if (!*markup)
            break;
        if (markup[1] == 's')
            hf_markup_text(out, hf_span_text(va_arg(args, const char *)));
        else if (markup[1] == 'u')
            hf_sheet_add(out, "%u", va_arg(args, unsigned));
        else if (markup[1] == 'z')
            hf_sheet_add(out, "%zu", va_arg(args, size_t));
        else
            hf_sheet_put(out, "%");
        markup += markup[1] ? 2 : 1;
    }
}

void hf_markup(hf_sheet *out, const char *markup, ...)
{
    va_list args;

    va_start(args, markup);
    hf_markup_args(out, markup, args);
    va_end(args);
}

void hf_markup_hex(hf_sheet *out, hf_span bytes)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < bytes.len; i++) {
        char text[3] = { digits[bytes.data[i] >> 4], digits[bytes.data[i] & 15], ' ' };
        hf_sheet_bytes(out, text, sizeof text);
    }
}

/* ---- the edges of a page ---- */

static hf_error put_hash(hf_sheet *out, hf_span bytes)
{
    uint8_t digest[HF_HASH_MAX];
    char text[48];

    TRY(hf_hash_once(HF_SHA256, bytes, digest));
    hf_base64_encode(hf_span_of(digest, 32), text);
    text[hf_base64_len(32)] = '\0';
    hf_markup(out, " 'sha256-%s'", text);
    return HF_OK;
}

static hf_error put_policy(hf_sheet *out, const hf_span *styles, size_t n, hf_span script)
{
    hf_sheet_put(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                      "style-src");
    for (size_t i = 0; i < n; i++)
        TRY(put_hash(out, styles[i]));
    if (script.len > 0) {
        hf_sheet_put(out, "; script-src");
        TRY(put_hash(out, script));
    }
    hf_sheet_put(out, "; base-uri 'none'; form-action 'none'\">\n");
    return HF_OK;
}

hf_error hf_markup_head(hf_sheet *out, const char *title, const hf_span *styles, size_t n_styles,
                        hf_span script)
{
    hf_sheet_put(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    TRY(put_policy(out, styles, n_styles, script));
    hf_markup(out,
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
              "<meta name=\"referrer\" content=\"no-referrer\">\n<title>%s</title>\n",
              title);
    for (size_t i = 0; i < n_styles; i++) {
        hf_sheet_put(out, "<style>");
        hf_sheet_bytes(out, styles[i].data, styles[i].len);
        hf_sheet_put(out, "</style>\n");
    }
    hf_sheet_put(out, "</head>\n");
    return HF_OK;
}

/* One choice of a few, that works without a script. */
static void put_choice(hf_sheet *out, const char *name, const char *value, const char *words,
                       bool on)
{
    hf_markup(out,
              "<input type=\"radio\" name=\"%s\" id=\"%s-%s\"%s><label for=\"%s-%s\">%s</label>",
              name, name, value, on ? " checked" : "", name, value, words);
}

void hf_markup_bar(hf_sheet *out, const char *links)
{
    hf_sheet_put(out, "<header class=\"bar\"><a class=\"mark\" href=\"#top\"><svg "
                      "aria-hidden=\"true\"><use href=\"#i-mark\"/>"
                      "</svg>handfast</a><nav aria-label=\"Sections\">");
    hf_sheet_put(out, links);
    hf_sheet_put(out, "</nav><fieldset class=\"choice theme\"><legend>Colours</legend>");
    put_choice(out, "theme", "auto", "Auto", true);
    put_choice(out, "theme", "light", "Light", false);
    put_choice(out, "theme", "dark", "Dark", false);
    hf_sheet_put(out, "</fieldset></header>\n");
}
