/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whether a path is protected. Backends differ in what they make of escapes (once, twice), "//", "/../", ";" and case; a rule that asks
 * for a certificate must hold for each of them. So the path is read as the most obliging one would; and of a path that climbs ("..")
 * nobody can say where it leads for all, so it is below whatever can be left of it.
 */
#include "tool/proxy/http_parts.h"

typedef struct walk {
    hf_span text;
    size_t at;
} walk;

/* The next character as it is meant, 0 at the end: %41 is "a", and %2541 too. A backslash is a slash to some. */
static uint8_t next_char(walk *w)
{
    if (w->at == w->text.len)
        return 0;
    uint8_t c = w->text.data[w->at++];
    while (c == '%' && w->at + 1 < w->text.len) {
        int high = hf_hex_digit(w->text.data[w->at]), low = hf_hex_digit(w->text.data[w->at + 1]);
        if (high < 0 || low < 0)
            break;
        c = (uint8_t)(high << 4 | low);
        w->at += 2;
    }
    if (c == 0) /* %2500: not the end */
        return 1;
    return c == '\\' ? '/' : hf_lower(c);
}

static uint8_t peek_char(walk w)
{
    return next_char(&w);
}

static void skip_slashes(walk *w)
{
    walk next = *w;

    while (next_char(&next) == '/')
        *w = next;
}

/* To the end of this segment. Parameters (";v=1") are part of it, but not of its name. */
static void skip_segment(walk *w)
{
    walk next = *w;
    uint8_t c;

    while ((c = next_char(&next)) != '/' && c != 0)
        *w = next;
}

/* "." or "..", by its number of dots; 0: another. */
static unsigned dots(walk w)
{
    unsigned n = 0;
    uint8_t c;

    while ((c = next_char(&w)) == '.')
        n++;
    return n <= 2 && (c == 0 || c == '/' || c == ';') ? n : 0;
}

static bool ends_name(uint8_t c)
{
    return c == 0 || c == '/' || c == ';';
}

/* The next segment of the path is called as the next of the prefix; both move behind it. */
static bool same_segment(walk *path, walk *prefix)
{
    for (;;) {
        uint8_t c = next_char(prefix);
        if (c == 0 || c == '/') {
            bool same = ends_name(peek_char(*path));
            skip_segment(path);
            return same;
        }
        if (next_char(path) != c)
            return false;
    }
}

static void skip_empty(walk *path)
{
    skip_slashes(path);
    while (dots(*path) == 1) {
        skip_segment(path);
        skip_slashes(path);
    }
}

/* The path from here on begins with the prefix's segments. */
static bool fits_here(walk path, walk prefix)
{
    skip_slashes(&prefix);
    while (prefix.at < prefix.text.len) {
        skip_empty(&path);
        if (!same_segment(&path, &prefix))
            return false;
        skip_slashes(&prefix);
    }
    return true;
}

static bool climbs(walk path)
{
    while (path.at < path.text.len) {
        skip_slashes(&path);
        if (dots(path) == 2)
            return true;
        skip_segment(&path);
    }
    return false;
}

/* The path has segments called so, in this order: whatever ".." takes away, that is what can be left. */
static bool fits_somehow(walk path, walk prefix)
{
    skip_slashes(&prefix);
    while (prefix.at < prefix.text.len) {
        walk there = path, wanted = prefix;
        if (path.at == path.text.len)
            return false;
        skip_slashes(&there);
        if (same_segment(&there, &wanted)) {
            path = there;
            prefix = wanted;
            skip_slashes(&prefix);
        } else {
            skip_slashes(&path);
            skip_segment(&path);
        }
    }
    return true;
}

bool hf_path_below(hf_span path, const char *prefix)
{
    const uint8_t *query = path.len > 0 ? memchr(path.data, '?', path.len) : NULL;
    walk w = { hf_span_of(path.data, query ? (size_t)(query - path.data) : path.len), 0 };
    walk wanted = { hf_span_str(prefix), 0 };

    return climbs(w) ? fits_somehow(w, wanted) : fits_here(w, wanted);
}
