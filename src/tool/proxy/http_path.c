/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whether a path is protected. Backends differ in what they make of escapes (once, twice), "//", "/../", ";", endings and case; a rule
 * that asks for a certificate must hold for each of them. So the path is read as the most obliging one would; and where nobody can say
 * for all where it leads, it is below whatever can be left of it.
 */
#include "tool/proxy/http_path.h"

typedef struct walk {
    hf_span text;
    size_t at;
} walk;

/* ---- segments ---- */

/* The next that is not empty; false: there is none. */
static bool next_segment(walk *w, hf_span *segment)
{
    hf_span text = w->text;

    while (w->at < text.len && text.data[w->at] == '/')
        w->at++;
    size_t from = w->at;
    while (w->at < text.len && text.data[w->at] != '/')
        w->at++;
    *segment = hf_span_of(text.data + from, w->at - from);
    return segment->len > 0;
}

/* Behind these no backend's name goes on for all: parameters, a query or fragment read again, a stream of NTFS, half an escape. */
static bool ends_name(uint8_t c)
{
    return c == ';' || c == '?' || c == '#' || c == ':' || c == '%';
}

static hf_span name_of(hf_span segment)
{
    size_t n = 0;

    while (n < segment.len && !ends_name(segment.data[n]))
        n++;
    return hf_span_of(segment.data, n);
}

/* How many dots, if there is nothing else but blanks; -1: it is a name. */
static int dots(hf_span segment)
{
    hf_span name = name_of(segment);
    int n = 0;

    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] != '.' && name.data[i] != ' ')
            return -1;
        n += name.data[i] == '.';
    }
    return n;
}

/* It takes itself away, or only for some. */
static bool is_nothing(hf_span segment)
{
    int n = dots(segment);

    return n == 0 || n == 1;
}

static size_t skip_blanks(hf_span text, size_t at)
{
    while (at < text.len && text.data[at] == ' ')
        at++;
    return at;
}

/* "admin;v=1", "admin .", "admin.json" and " admin" are called "admin"; "administer" is not. */
static bool is_called(hf_span segment, hf_span name)
{
    size_t at = name.data[0] == ' ' ? 0 : skip_blanks(segment, 0), end = at + name.len;

    if (end > segment.len || memcmp(segment.data + at, name.data, name.len) != 0)
        return false;
    end = skip_blanks(segment, end);
    return end == segment.len || segment.data[end] == '.' || ends_name(segment.data[end]);
}

/* ---- the ways to read it ---- */

/* From here on it begins with the prefix's segments. */
static bool fits_here(walk path, walk prefix)
{
    hf_span segment, name;

    while (next_segment(&prefix, &name)) {
        do {
            if (!next_segment(&path, &segment))
                return false;
        } while (is_nothing(segment));
        if (!is_called(segment, name))
            return false;
    }
    return true;
}

/* It has segments called so, in this order: whatever ".." takes away, that is what can be left. */
static bool fits_somehow(walk path, walk prefix)
{
    hf_span segment, name;

    while (next_segment(&prefix, &name))
        do {
            if (!next_segment(&path, &segment))
                return false;
        } while (!is_called(segment, name));
    return true;
}

/* It climbs; or it has parameters and slashes in disguise, and whether these are of those depends on what is read first. */
static bool winds(walk path, bool slashes)
{
    hf_span segment;

    if (slashes && path.text.len > 0 && memchr(path.text.data, ';', path.text.len))
        return true;
    while (next_segment(&path, &segment))
        if (dots(segment) >= 2)
            return true;
    return false;
}

/* "/(S(x))/": ASP.NET takes it out, and may join what is around it. */
static bool is_session(hf_span segment)
{
    return segment.len > 2 && segment.data[0] == '(' && hf_is_letter(segment.data[1]) &&
           segment.data[2] == '(';
}

/* What is behind a script is what it is asked for: "/index.php/admin" is "/admin". */
static bool is_script(hf_span segment)
{
    static const char *const endings[] = { "php", "cgi", "fcgi", "pl", "py", "dll", "jsp", "cfm" };
    hf_span name = name_of(segment);

    for (size_t i = 0; i < name.len; i++)
        for (size_t k = 0; name.data[i] == '.' && k < sizeof endings / sizeof *endings; k++) {
            size_t n = strlen(endings[k]);
            if (name.len - i - 1 >= n && memcmp(name.data + i + 1, endings[k], n) == 0)
                return true;
        }
    return false;
}

static bool has_session(walk path)
{
    hf_span segment;

    while (next_segment(&path, &segment))
        if (is_session(segment))
            return true;
    return false;
}

/* From its beginning, behind what may be an authority ("//host/admin", as of an address), or behind a script. */
static bool fits(walk path, walk prefix)
{
    bool first = path.text.len > 1 && path.text.data[0] == '/' && path.text.data[1] == '/';
    hf_span segment;

    if (fits_here(path, prefix))
        return true;
    for (; next_segment(&path, &segment); first = false)
        if ((first || is_script(segment)) && fits_here(path, prefix))
            return true;
    return false;
}

static bool is_below(const hf_plain_path *path, const hf_plain_path *prefix)
{
    walk w = { hf_span_of(path->data, path->len), 0 };
    walk wanted = { hf_span_of(prefix->data, prefix->len), 0 };

    if (has_session(w))
        return true;
    return winds(w, path->slashes) ? fits_somehow(w, wanted) : fits(w, wanted);
}

bool hf_path_below(hf_span path, const char *prefix)
{
    const uint8_t *query = path.len > 0 ? memchr(path.data, '?', path.len) : NULL;
    hf_span asked = hf_span_of(path.data, query ? (size_t)(query - path.data) : path.len);
    hf_plain_path plain, wanted;

    if (!hf_path_plain(hf_span_str(prefix), HF_ODD_KEPT, &wanted))
        return true;
    for (hf_oddities odd = HF_ODD_KEPT; odd <= HF_ODD_END; odd++) {
        if (!hf_path_plain(asked, odd, &plain) || is_below(&plain, &wanted))
            return true;
        if (!plain.odd)
            return false;
    }
    return false;
}
