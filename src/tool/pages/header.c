/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Cutting a public header into its pieces: see header.h. Nothing is printed here. */
#include "tool/pages/header.h"

#include <ctype.h>
#include <string.h>

static bool starts(const scan *s, const char *word)
{
    size_t n = strlen(word);

    return (size_t)(s->end - s->at) >= n && memcmp(s->at, word, n) == 0;
}

static void skip_line(scan *s)
{
    while (s->at < s->end && *s->at++ != '\n')
        ;
}

static void skip_blanks(scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t'))
        s->at++;
}

static void skip_space(scan *s)
{
    while (s->at < s->end && isspace((unsigned char)*s->at))
        s->at++;
}

static stretch trimmed(const char *at, const char *end)
{
    while (at < end && isspace((unsigned char)*at))
        at++;
    while (end > at && isspace((unsigned char)end[-1]))
        end--;
    return (stretch){ at, (size_t)(end - at) };
}

/* A comment that begins right here, without its marks. Its first line keeps its place, so that later lines can be compared. */
static bool take_comment(scan *s, stretch *inner)
{
    const char *from = s->at + 2, *close = NULL;

    if (!starts(s, "/*"))
        return false;
    for (const char *c = from; c + 1 < s->end && !close; c++)
        if (c[0] == '*' && c[1] == '/')
            close = c;
    if (!close)
        return false;
    *inner = (stretch){ from, (size_t)(close - from) };
    s->at = close + 2;
    return true;
}

/* ---- the whole ---- */

stretch header_essay(const char *text)
{
    const char *guard = strstr(text, "\n#ifndef");
    scan s = { text, guard ? guard : text + strlen(text) };
    stretch inner = { text, 0 };

    while (take_comment(&s, &inner)) /* the first is the licence */
        skip_space(&s);
    return inner;
}

scan header_body(const char *text)
{
    const char *from = strstr(text, "\nHF_BEGIN_DECLS\n"), *to = strstr(text, "\nHF_END_DECLS\n");

    if (!from || !to)
        return (scan){ text, text };
    return (scan){ from + strlen("\nHF_BEGIN_DECLS\n"), to + 1 };
}

/* ---- pieces ---- */

/* Up to the semicolon outside of all brackets. */
static stretch take_code(scan *s)
{
    const char *from = s->at;
    stretch ignored;
    int depth = 0;

    while (s->at < s->end) {
        if (take_comment(s, &ignored))
            continue;
        char c = *s->at++;
        depth += (c == '(' || c == '{') - (c == ')' || c == '}');
        if (c == ';' && depth == 0)
            break;
    }
    return (stretch){ from, (size_t)(s->at - from) };
}

/* A comment behind a declaration or a member, in its line. */
static stretch take_after(scan *s)
{
    stretch after = { s->at, 0 };

    skip_blanks(s);
    take_comment(s, &after);
    return after;
}

static bool is_title(stretch inner, stretch *title)
{
    stretch t = trimmed(inner.at, inner.at + inner.len);

    if (t.len < 10 || memcmp(t.at, "---- ", 5) != 0 || memcmp(t.at + t.len - 5, " ----", 5) != 0)
        return false;
    *title = trimmed(t.at + 5, t.at + t.len - 5);
    return true;
}

/* What a comment at the start of a line is. True: a piece of its own, as an empty line or another comment follows; false: it
 * belongs to the declaration below it. */
static bool comment_piece(scan *s, piece *p)
{
    stretch inner = { s->at, 0 };

    take_comment(s, &inner);
    if (is_title(inner, &p->text)) {
        p->kind = PIECE_TITLE;
        return true;
    }
    skip_line(s);
    if (s->at >= s->end || *s->at == '\n' || starts(s, "/*")) {
        p->kind = PIECE_REMARK;
        p->text = inner;
        return true;
    }
    p->above = inner;
    return false;
}

bool header_next(scan *s, piece *p)
{
    *p = (piece){ .kind = PIECE_CODE };
    for (;;) {
        skip_space(s);
        if (s->at >= s->end)
            return false;
        if (*s->at == '#')
            skip_line(s);
        else if (!starts(s, "/*"))
            break;
        else if (comment_piece(s, p))
            return true;
    }
    p->text = take_code(s);
    p->after = take_after(s);
    return true;
}

/* ---- members ---- */

bool header_braces(stretch code, scan *inside)
{
    const char *open = memchr(code.at, '{', code.len), *close = code.at + code.len;

    while (open && close > open && *close != '}')
        close--;
    if (!open || close == open)
        return false;
    *inside = (scan){ open + 1, close };
    return true;
}

/* The text of a member: up to its separator, or to what follows the last of an enum. */
static stretch member_text(scan *s, char separator)
{
    const char *from = s->at;
    int depth = 0;

    while (s->at < s->end && !(depth == 0 && (*s->at == separator || starts(s, "/*")))) {
        depth += (*s->at == '(' || *s->at == '{') - (*s->at == ')' || *s->at == '}');
        s->at++;
    }
    stretch text = trimmed(from, s->at);
    s->at += s->at < s->end && *s->at == separator;
    return text;
}

bool header_member(scan *s, char separator, member *m)
{
    *m = (member){ { s->at, 0 }, { s->at, 0 } };
    for (skip_space(s); take_comment(s, &m->remark); skip_space(s))
        ;
    if (s->at >= s->end)
        return false;
    if (*s->at == '#') { /* a table that is included: its path is the member */
        const char *from = s->at;
        skip_line(s);
        m->text = trimmed(from, s->at);
        return true;
    }
    m->text = member_text(s, separator);
    stretch after = take_after(s);
    if (after.len > 0)
        m->remark = after;
    return true;
}

/* ---- all that it declares ---- */

/* The identifier that ends here. */
static void name_before(const char *begin, const char *end, char name[HEADER_NAME_ROOM])
{
    const char *from = end;

    while (from > begin && (isalnum((unsigned char)from[-1]) || from[-1] == '_'))
        from--;
    snprintf(name, HEADER_NAME_ROOM, "%.*s", (int)(end - from), from);
}

/* False: the declaration has no name of its own, or is not of these kinds. */
static bool declared(stretch code, char name[HEADER_NAME_ROOM], header_kind *kind)
{
    const char *brace = memchr(code.at, '{', code.len), *open = memchr(code.at, '(', code.len);

    if (code.len > 8 && strncmp(code.at, "typedef ", 8) == 0) {
        *kind = brace ? HEADER_TYPE : HEADER_OPAQUE;
        name_before(code.at, code.at + code.len - 1, name);
        return true;
    }
    if (!open || brace)
        return false;
    *kind = HEADER_FUNCTION;
    name_before(code.at, open, name);
    return true;
}

void header_names(const header *h, header_each *each, void *user)
{
    scan s = header_body(h->text);
    char name[HEADER_NAME_ROOM];
    header_kind kind;
    piece p;

    while (header_next(&s, &p))
        if (p.kind == PIECE_CODE && declared(p.text, name, &kind))
            each(user, kind, name);
}
