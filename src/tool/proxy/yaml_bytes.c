/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A configuration as text: UTF-8 without control characters, so that lines are what an editor shows. */
#include <string.h>

#include "base/bytes.h"
#include "tool/proxy/fault.h"
#include "tool/proxy/yaml_file.h"

enum { LINE_SEPARATOR = 0x2028, PARAGRAPH_SEPARATOR = 0x2029, BYTE_ORDER_MARK = 0xfeff };

/* One character of UTF-8 (RFC 3629); returns its bytes, 0: it is none. */
static size_t decode(hf_span bytes, uint32_t *out)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    uint8_t first = bytes.data[0];
    size_t n = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

    if (n == 0 || n > bytes.len || first > 0xf4)
        return 0;
    *out = n == 1 ? first : first & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((bytes.data[i] & 0xc0) != 0x80)
            return 0;
        *out = *out << 6 | (bytes.data[i] & 0x3fu);
    }
    bool surrogate = *out >= 0xd800 && *out <= 0xdfff;
    return *out < least[n] || *out > 0x10ffff || surrogate ? 0 : n;
}

/* YAML 1.1 ends lines at some of these, which no editor does. */
static bool is_control(uint32_t c)
{
    if (c == '\t' || c == '\n' || c == '\r')
        return false;
    return c < ' ' || (c >= 0x7f && c < 0xa0) || c == LINE_SEPARATOR || c == PARAGRAPH_SEPARATOR ||
           c == BYTE_ORDER_MARK || c == 0xfffe || c == 0xffff;
}

/* Moves behind a character. CR LF is one end of a line. */
static void step(hf_place *at, uint32_t c, bool before_lf)
{
    if (c == '\n' || (c == '\r' && !before_lf))
        *at = (hf_place){ at->line + 1, 1 };
    else if (c != '\r')
        at->column++;
}

static bool before_lf(hf_span bytes, size_t next)
{
    return next < bytes.len && bytes.data[next] == '\n';
}

static bool complain_control(hf_config_fault *fault, hf_place at, uint32_t c)
{
    if (c == 0)
        hf_fault_what(fault, at, "a NUL byte stands here");
    else
        hf_fault_what(fault, at, "a control character stands here (U+%04X)", (unsigned)c);
    hf_fault_why(fault, "a configuration is text: letters, blanks, tabs and ends of lines");
    return hf_fault_next(fault,
                         "take it out; was the file cut off, or written by a word processor?");
}

static bool complain_encoding(hf_config_fault *fault, hf_place at, hf_span rest)
{
    bool utf16 = at.line == 1 && at.column == 1 && rest.len >= 2 &&
                 (memcmp(rest.data, "\xff\xfe", 2) == 0 || memcmp(rest.data, "\xfe\xff", 2) == 0);

    if (utf16)
        hf_fault_what(fault, at, "the file is UTF-16");
    else
        hf_fault_what(fault, at, "this byte is not UTF-8 (0x%02x)", rest.data[0]);
    hf_fault_why(fault, "a configuration is written in UTF-8");
    return hf_fault_next(fault, "save it as UTF-8: iconv -f %s -t utf-8",
                         utf16 ? "utf-16" : "latin1");
}

static bool all_characters(hf_span bytes, hf_config_fault *fault)
{
    hf_place at = { 1, 1 };
    uint32_t c = 0;

    for (size_t i = 0, n; i < bytes.len; i += n) {
        hf_span rest = hf_span_of(bytes.data + i, bytes.len - i);
        n = decode(rest, &c);
        if (n == 0)
            return complain_encoding(fault, at, rest);
        if (is_control(c))
            return complain_control(fault, at, c);
        step(&at, c, before_lf(bytes, i + n));
    }
    return true;
}

hf_span hf_yaml_without_mark(hf_span bytes)
{
    bool marked = bytes.len >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0;

    return marked ? hf_span_of(bytes.data + 3, bytes.len - 3) : bytes;
}

bool hf_yaml_is_text(hf_span bytes, hf_config_fault *fault)
{
    if (bytes.len <= HF_PROXY_FILE_MAX)
        return all_characters(bytes, fault);
    hf_fault_what(fault, (hf_place){ 1, 1 }, "the file is too long: %zu bytes", bytes.len);
    hf_fault_why(fault, "a configuration has at most %d bytes", HF_PROXY_FILE_MAX);
    return hf_fault_next(fault, "is it the right file?");
}

/* How many bytes stand before that place; at gets the place where they end, which is before it if the file is shorter. */
static size_t walk_to(hf_span bytes, hf_place wanted, hf_place *at)
{
    uint32_t c = 0;
    size_t i = 0;

    *at = (hf_place){ 1, 1 };
    for (size_t n; i < bytes.len && hf_place_before(*at, wanted); i += n) {
        n = decode(hf_span_of(bytes.data + i, bytes.len - i), &c);
        if (n == 0)
            break;
        step(at, c, before_lf(bytes, i + n));
    }
    return i;
}

char hf_yaml_byte_at(hf_span bytes, hf_place wanted)
{
    hf_place at;
    size_t i = walk_to(bytes, wanted, &at);

    return i < bytes.len ? (char)bytes.data[i] : '\0';
}

hf_place hf_yaml_within(hf_span bytes, hf_place wanted)
{
    hf_place at;

    walk_to(bytes, wanted, &at);
    return hf_place_before(at, wanted) ? at : wanted;
}
