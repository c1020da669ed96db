/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A comment of a header as scdoc: lines that run on become paragraphs, indented ones stay as they are. */
#include <string.h>

#include "tool/pages/pages.h"
#include "tool/pages/remark.h"
#include "tool/text.h"

/* Blanks behind the star: so many before a term, so many before what stays as it is. */
enum { TERM = 2, LITERAL = 4, LINE_ROOM = 256, TEXT_MAX = 65536 };

/* One run over a comment. */
typedef struct writer {
    FILE *out;
    hf_text paragraph;
    const char *tabs, *end; /* of the comment */
    bool starred; /* its lines begin with a star, so that blanks behind it mean something */
    bool literal; /* a fence is open */
    bool item;    /* the paragraph is the text of a term */
    size_t cut;   /* blanks that the lines of this fence begin with */
    size_t owed;  /* empty lines within the fence that may be its end */
} writer;

/* A line without its star. */
typedef struct line {
    char text[LINE_ROOM];
    size_t blanks;
    const char *next; /* line of the comment */
} line;

static line line_at(const writer *w, const char *at)
{
    const char *newline = memchr(at, '\n', (size_t)(w->end - at)),
               *stop = newline ? newline : w->end;
    line l = { .next = newline ? newline + 1 : w->end };
    const char *from = at + strspn(at, " ");

    if (from < stop && w->starred && *from == '*')
        from += from + 1 < stop && from[1] == ' ' ? 2 : 1;
    while (stop > from && stop[-1] == ' ')
        stop--;
    snprintf(l.text, sizeof l.text, "%.*s", stop > from ? (int)(stop - from) : 0, from);
    l.blanks = strspn(l.text, " ");
    return l;
}

/* ---- paragraphs ---- */

static void end_paragraph(writer *w)
{
    if (w->paragraph.len > 0) {
        fprintf(w->out, "%s%s", w->tabs, w->item ? "\t" : "");
        sc_text(w->out, w->paragraph.data, w->paragraph.len);
        fputs("\n\n", w->out);
        hf_text_clear(&w->paragraph);
    }
    w->item = false;
}

static void add(writer *w, const char *text)
{
    if (w->paragraph.len > 0)
        hf_text_say(&w->paragraph, " ");
    hf_text_say(&w->paragraph, text);
}

/* "  connected    what it means": a term, two blanks, its text, which goes on below. */
static bool take_term(writer *w, const line *l)
{
    const char *term = l->text + l->blanks, *gap = strstr(term, "  ");
    char name[LINE_ROOM];

    if (l->blanks < TERM || l->blanks >= LITERAL || !gap)
        return false;
    end_paragraph(w);
    snprintf(name, sizeof name, "%.*s", (int)(gap - term), term);
    fputs(w->tabs, w->out);
    sc_bold(w->out, name);
    fputs("\n", w->out);
    w->item = true;
    add(w, gap + strspn(gap, " "));
    return true;
}

/* ---- what stays as it is ---- */

static void end_literal(writer *w)
{
    if (w->literal)
        fprintf(w->out, "%s```\n\n", w->tabs);
    w->literal = false;
    w->owed = 0;
}

/* The fewest blanks that this and the indented lines after it begin with. */
static size_t common_blanks(const writer *w, const line *first)
{
    size_t least = first->blanks;

    for (const char *at = first->next; at < w->end;) {
        line l = line_at(w, at);
        if (l.text[0] && l.blanks < LITERAL)
            break;
        if (l.text[l.blanks] && l.blanks < least)
            least = l.blanks;
        at = l.next;
    }
    return least;
}

static void literal_line(writer *w, const line *l)
{
    end_paragraph(w);
    if (!w->literal) {
        fprintf(w->out, "%s```\n", w->tabs);
        w->cut = common_blanks(w, l);
    }
    w->literal = true;
    for (; w->owed > 0; w->owed--)
        fputs("\n", w->out);
    fputs(w->tabs, w->out);
    for (const char *c = l->text + w->cut; *c; c++)
        fprintf(w->out, *c == '\\' ? "\\\\" : "%c", *c);
    fputs("\n", w->out);
}

/* ---- the whole ---- */

static void one_line(writer *w, const line *l)
{
    const char *text = l->text + l->blanks;

    if (!*text) {
        end_paragraph(w);
        w->owed += w->literal;
        return;
    }
    if (take_term(w, l))
        return;
    if (w->item && l->blanks < TERM)
        end_paragraph(w);
    if (l->blanks >= LITERAL && !w->item) {
        literal_line(w, l);
    } else {
        end_literal(w);
        add(w, text);
    }
}

/* Its second line begins with a star. */
static bool is_starred(const char *text, size_t len)
{
    const char *newline = len > 0 ? memchr(text, '\n', len) : NULL;

    return newline && newline[1 + strspn(newline + 1, " ")] == '*';
}

void sc_remark(FILE *out, const char *text, size_t len, const char *tabs)
{
    writer w = { .out = out, .paragraph = hf_text_new(TEXT_MAX), .tabs = tabs, .end = text + len };

    w.starred = is_starred(text, len);
    while (text < w.end) {
        line l = line_at(&w, text);
        if (!w.starred) { /* blanks at its lines' beginnings put them under the first, no more */
            memmove(l.text, l.text + l.blanks, strlen(l.text + l.blanks) + 1);
            l.blanks = 0;
        }
        one_line(&w, &l);
        text = l.next;
    }
    end_paragraph(&w);
    end_literal(&w);
    hf_text_free(&w.paragraph);
}
