/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A strict look at a page of HTML. */
#include "support/markup.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 64, MARKS = 16384 };

typedef struct walker {
    hf_span page;
    size_t at;
    hf_span open[DEPTH]; /* the names of the elements around it */
    size_t n_open;
    hf_span ids[MARKS], links[MARKS];
    size_t n_ids, n_links;
    char *why;
    bool bad;
} walker;

static void complain(walker *w, const char *format, ...) HF_PRINTF(2, 3);
static void complain(walker *w, const char *format, ...)
{
    unsigned line = 1;
    va_list args;

    if (w->bad)
        return;
    for (size_t i = 0; i < w->at && i < w->page.len; i++)
        line += w->page.data[i] == '\n';
    int n = snprintf(w->why, MARKUP_WHY, "line %u: ", line);
    va_start(args, format);
    vsnprintf(w->why + n, MARKUP_WHY - (size_t)n, format, args);
    va_end(args);
    w->bad = true;
}

/* ---- bytes ---- */

static hf_span rest_of(const walker *w)
{
    return hf_span_of(w->page.data + w->at, w->page.len - w->at);
}

static bool begins(hf_span text, const char *with)
{
    size_t n = strlen(with);

    return text.len >= n && memcmp(text.data, with, n) == 0;
}

static bool here(const walker *w, const char *text)
{
    return begins(rest_of(w), text);
}

static bool is(hf_span name, const char *text)
{
    return name.len == strlen(text) && begins(name, text);
}

static bool is_one_of(hf_span name, const char *const *names)
{
    for (; *names; names++)
        if (is(name, *names))
            return true;
    return false;
}

static bool is_name(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || (c >= 'A' && c <= 'Z');
}

static hf_span take_name(walker *w)
{
    size_t from = w->at;

    while (w->at < w->page.len && is_name(w->page.data[w->at]))
        w->at++;
    if (w->at == from)
        complain(w, "a name is missing");
    return hf_span_of(w->page.data + from, w->at - from);
}

/* RFC 3629: how long the character is that stands there. 0: none does. */
static size_t character(hf_span text)
{
    uint8_t c = text.data[0];
    size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;

    if (n > text.len)
        return 0;
    for (size_t i = 1; i < n; i++)
        if (text.data[i] >> 6 != 2)
            return 0;
    return n;
}

/* One character of text or of a value; an entity is one. */
static void take_character(walker *w)
{
    static const char *const entities[] = { "&lt;", "&gt;", "&amp;", "&quot;", "&#39;", NULL };
    uint8_t c = w->page.data[w->at];
    size_t n = character(rest_of(w));

    if (n == 0 || (c < ' ' && c != '\n') || c == 0x7f)
        complain(w, "byte %02x", c);
    if (c == '<' || c == '>')
        complain(w, "%c is not escaped", c);
    w->at += n > 0 ? n : 1;
    if (c != '&')
        return;
    for (const char *const *entity = entities; *entity; entity++)
        if (begins(hf_span_of(w->page.data + w->at - 1, w->page.len - w->at + 1), *entity)) {
            w->at += strlen(*entity) - 1;
            return;
        }
    complain(w, "& is not escaped");
}

/* ---- attributes ---- */

static void keep(walker *w, hf_span *list, size_t *n, hf_span value)
{
    if (*n == MARKS)
        complain(w, "too many ids or links for this test");
    else
        list[(*n)++] = value;
}

static void keep_attribute(walker *w, hf_span name, hf_span value)
{
    if (is(name, "id")) {
        for (size_t i = 0; i < w->n_ids; i++)
            if (hf_span_equal(w->ids[i], value))
                complain(w, "id %.*s is there twice", (int)value.len, (const char *)value.data);
        keep(w, w->ids, &w->n_ids, value);
    }
    if (is(name, "for"))
        keep(w, w->links, &w->n_links, value);
    if (is(name, "href") && value.len > 1 && value.data[0] == '#')
        keep(w, w->links, &w->n_links, hf_span_of(value.data + 1, value.len - 1));
    else if (is(name, "href"))
        complain(w, "a link leads out of the page");
    if (begins(name, "on") || is(name, "style") || is(name, "src"))
        complain(w, "%.*s has no place here", (int)name.len, (const char *)name.data);
}

static hf_span take_quoted(walker *w)
{
    size_t from = ++w->at;

    while (w->at < w->page.len && w->page.data[w->at] != '"' && !w->bad)
        take_character(w);
    hf_span value = hf_span_of(w->page.data + from, w->at - from);
    w->at++;
    return value;
}

static void take_attribute(walker *w)
{
    hf_span name = take_name(w), value = { NULL, 0 };

    if (here(w, "=")) {
        w->at++;
        value = here(w, "\"") ? take_quoted(w) : take_name(w);
    }
    keep_attribute(w, name, value);
    if (!here(w, " ") && !here(w, ">") && !here(w, "/>") && !here(w, "\n"))
        complain(w, "no blank after %.*s", (int)name.len, (const char *)name.data);
}

/* ---- elements ---- */

static hf_span innermost(const walker *w)
{
    return w->n_open > 0 ? w->open[w->n_open - 1] : hf_span_str("");
}

static bool is_inside(const walker *w, const char *name)
{
    for (size_t i = 0; i < w->n_open; i++)
        if (is(w->open[i], name))
            return true;
    return false;
}

/* What may stand right in what: the part of HTML's content models that a page of ours could break. */
static void judge_place(walker *w, hf_span name)
{
    static const struct {
        const char *name, *in[4];
    } places[] = {
        { "li", { "ul", "ol" } },     { "dt", { "dl", "div" } },          { "dd", { "dl", "div" } },
        { "summary", { "details" } }, { "tr", { "tbody", "thead" } },     { "td", { "tr" } },
        { "th", { "tr" } },           { "tbody", { "table" } },           { "thead", { "table" } },
        { "legend", { "fieldset" } }, { "figcaption", { "figure" } },     { "body", { "html" } },
        { "head", { "html" } },       { "title", { "head", "svg", "g" } }
    };
    static const char *const blocks[] = { "div",     "p",        "ul",      "ol",  "li", "dl",
                                          "section", "table",    "details", "pre", "h1", "h2",
                                          "h3",      "fieldset", "figure",  NULL };
    static const char *const phrases[] = { "p",   "span", "b",  "i",  "code",   "cite", "label",
                                           "pre", "h1",   "h2", "h3", "button", NULL };
    hf_span parent = innermost(w);

    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (is(name, places[i].name) && !is_one_of(parent, places[i].in))
            complain(w, "<%s> in <%.*s>", places[i].name, (int)parent.len,
                     (const char *)parent.data);
    bool list = is(parent, "ul") || is(parent, "ol");
    if (list && !is(name, "li"))
        complain(w, "<%.*s> in a list", (int)name.len, (const char *)name.data);
    for (size_t i = 0; i < w->n_open && is_one_of(name, blocks); i++)
        if (is_one_of(w->open[i], phrases))
            complain(w, "<%.*s> in <%.*s>", (int)name.len, (const char *)name.data,
                     (int)w->open[i].len, (const char *)w->open[i].data);
    if (is(name, "a") && is_inside(w, "a"))
        complain(w, "a link in a link");
}

/* Style and script end at their end tag, whatever they look like. */
static void skip_raw(walker *w, const char *end)
{
    while (w->at < w->page.len && !here(w, end))
        w->at++;
}

static void enter(walker *w, hf_span name)
{
    static const char *const empty[] = { "meta", "br", "hr", "input", NULL };
    bool closed = here(w, "/>");

    if (closed && !is_inside(w, "svg"))
        complain(w, "<%.*s/> is not of SVG", (int)name.len, (const char *)name.data);
    w->at += closed ? 2 : 1;
    if (closed || is_one_of(name, empty))
        return;
    if (w->n_open == DEPTH)
        complain(w, "too deep for this test");
    else
        w->open[w->n_open++] = name;
    if (is(name, "style"))
        skip_raw(w, "</style>");
    if (is(name, "script"))
        skip_raw(w, "</script>");
}

static void take_start(walker *w)
{
    w->at++;
    hf_span name = take_name(w);
    judge_place(w, name);
    while (!w->bad && w->at < w->page.len && !here(w, ">") && !here(w, "/>")) {
        if (here(w, " ") || here(w, "\n"))
            w->at++;
        else
            take_attribute(w);
    }
    enter(w, name);
}

static void take_end(walker *w)
{
    w->at += 2;
    hf_span name = take_name(w), parent = innermost(w);

    if (!here(w, ">"))
        complain(w, "</%.*s is not closed", (int)name.len, (const char *)name.data);
    if (!hf_span_equal(name, parent))
        complain(w, "</%.*s> closes <%.*s>", (int)name.len, (const char *)name.data,
                 (int)parent.len, (const char *)parent.data);
    w->n_open -= w->n_open > 0;
    w->at++;
}

static void take(walker *w)
{
    static const char *const no_text[] = { "html",  "head",  "ul", "ol",      "dl", "table",
                                           "tbody", "thead", "tr", "details", NULL };

    if (here(w, "</")) {
        take_end(w);
    } else if (here(w, "<")) {
        take_start(w);
    } else {
        bool blank = here(w, "\n") || here(w, " ");
        if (!blank && (w->n_open == 0 || (is_one_of(innermost(w), no_text))))
            complain(w, "text in <%.*s>", (int)innermost(w).len, (const char *)innermost(w).data);
        take_character(w);
    }
}

static void follow_links(walker *w)
{
    for (size_t i = 0; i < w->n_links; i++) {
        bool found = false;
        for (size_t k = 0; k < w->n_ids && !found; k++)
            found = hf_span_equal(w->ids[k], w->links[i]);
        if (!found)
            complain(w, "a link to #%.*s, which is not there", (int)w->links[i].len,
                     (const char *)w->links[i].data);
    }
}

bool markup_is_right(hf_span page, char why[MARKUP_WHY])
{
    walker *w = calloc(1, sizeof *w);

    if (!w)
        abort();
    *w = (walker){ .page = page, .why = why };
    if (here(w, "<!doctype html>\n"))
        w->at = strlen("<!doctype html>\n");
    else
        complain(w, "no doctype");
    while (!w->bad && w->at < page.len)
        take(w);
    if (w->n_open > 0)
        complain(w, "<%.*s> is never closed", (int)innermost(w).len,
                 (const char *)innermost(w).data);
    follow_links(w);
    bool right = !w->bad;
    free(w);
    return right;
}

char *markup_words(hf_span page)
{
    char *words = malloc(page.len + 1);
    size_t n = 0;
    bool tag = false;

    if (!words)
        abort();
    for (size_t i = 0; i < page.len; i++) {
        char c = (char)page.data[i];
        tag |= c == '<';
        if (!tag && c != ' ' && c != '\n')
            words[n++] = c;
        tag &= c != '>';
    }
    words[n] = '\0';
    return words;
}
