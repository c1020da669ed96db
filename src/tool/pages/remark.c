/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A comment of a header as scdoc. Lines that run on become paragraphs, "- " begins an item of a list, "  term  what it means" a
 * term with its text; what is indented further stays as it is.
 */
#include <string.h>

#include "tool/pages/pages.h"
#include "tool/pages/remark.h"
#include "tool/text.h"

/* Blanks behind the star, or beside the comment's other lines: so many before a term, so many before what stays as it is. */
enum { TERM = 2, LITERAL = 4, LINE_ROOM = 256, TEXT_MAX = 65536 };

typedef enum shape { SHAPE_PLAIN, SHAPE_TERM, SHAPE_ITEM } shape;

/* One run over a comment. */
typedef struct writer {
    FILE *out;
    hf_text paragraph;
    hf_text literal;        /* the lines of the fence that is open; empty: none is */
    const char *tabs, *end; /* of the comment */
    bool starred;           /* its lines begin with a star */
    size_t margin;          /* if they do not: blanks that all lines but the first begin with */
    shape shape;            /* of the paragraph */
    size_t hang;            /* of an item: blanks before its dash */
    bool list;              /* the paragraph before was an item */
    size_t owed;            /* empty lines within the fence that may be its end */
} writer;

/* A line without its star. */
typedef struct line {
    char text[LINE_ROOM];
    size_t blanks;
    const char *next; /* line of the comment */
} line;

/* Behind the star, or behind the margin. The first line stands behind the mark of the comment. */
static const char *line_start(const writer *w, const char *at, bool first)
{
    size_t blanks = strspn(at, " ");

    if (first && !w->starred)
        return at + blanks;
    if (!w->starred)
        return at + (blanks < w->margin ? blanks : w->margin);
    if (at[blanks] != '*')
        return at + blanks;
    return at + blanks + (at[blanks + 1] == ' ' ? 2 : 1);
}

static line line_at(const writer *w, const char *at, bool first)
{
    const char *newline = memchr(at, '\n', (size_t)(w->end - at)),
               *stop = newline ? newline : w->end;
    line l = { .next = newline ? newline + 1 : w->end };
    const char *from = line_start(w, at, first);

    while (stop > from && stop[-1] == ' ')
        stop--;
    snprintf(l.text, sizeof l.text, "%.*s", stop > from ? (int)(stop - from) : 0, from);
    l.blanks = strspn(l.text, " ");
    return l;
}

/* ---- paragraphs ---- */

static void end_list(writer *w)
{
    fputs(w->list ? "\n" : "", w->out);
    w->list = false;
}

static void end_paragraph(writer *w)
{
    static const char *const before[] = { [SHAPE_TERM] = "\t", [SHAPE_ITEM] = "- " };
    bool item = w->shape == SHAPE_ITEM;

    if (w->paragraph.len > 0) {
        if (!item)
            end_list(w);
        fprintf(w->out, "%s%s", w->tabs, before[w->shape] ? before[w->shape] : "");
        sc_text(w->out, w->paragraph.data, w->paragraph.len);
        fputs(item ? "\n" : "\n\n", w->out);
        w->list = item;
        hf_text_clear(&w->paragraph);
    }
    w->shape = SHAPE_PLAIN;
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
    end_list(w);
    snprintf(name, sizeof name, "%.*s", (int)(gap - term), term);
    fputs(w->tabs, w->out);
    sc_term(w->out, name);
    fputs("\n", w->out);
    w->shape = SHAPE_TERM;
    add(w, gap + strspn(gap, " "));
    return true;
}

/* "- an item", which goes on in lines that are indented further than its dash. */
static bool take_item(writer *w, const line *l)
{
    if (strncmp(l->text + l->blanks, "- ", 2) != 0)
        return false;
    end_paragraph(w);
    w->shape = SHAPE_ITEM;
    w->hang = l->blanks;
    add(w, l->text + l->blanks + 2);
    return true;
}

/* Whether the paragraph is over with this line, which is not empty. */
static bool leaves(const writer *w, const line *l)
{
    return (w->shape == SHAPE_TERM && l->blanks < TERM) ||
           (w->shape == SHAPE_ITEM && l->blanks <= w->hang);
}

/* ---- what stays as it is ---- */

static void end_literal(writer *w)
{
    if (w->literal.len > 0)
        sc_fence(w->out, w->literal.data, w->tabs);
    hf_text_clear(&w->literal);
    w->owed = 0;
}

static void literal_line(writer *w, const line *l)
{
    end_paragraph(w);
    end_list(w);
    for (; w->owed > 0; w->owed--)
        hf_text_say(&w->literal, "\n");
    hf_text_say(&w->literal, l->text);
    hf_text_say(&w->literal, "\n");
}

/* ---- the whole ---- */

static void one_line(writer *w, const line *l)
{
    const char *text = l->text + l->blanks;

    if (!*text) {
        end_paragraph(w);
        w->owed += w->literal.len > 0;
        return;
    }
    if (leaves(w, l))
        end_paragraph(w);
    if (l->blanks >= LITERAL && w->shape == SHAPE_PLAIN) {
        literal_line(w, l);
        return;
    }
    end_literal(w);
    if (!take_term(w, l) && !take_item(w, l))
        add(w, text);
}

/* Its second line begins with a star. */
static bool is_starred(const char *text, size_t len)
{
    const char *newline = len > 0 ? memchr(text, '\n', len) : NULL;

    return newline && newline[1 + strspn(newline + 1, " ")] == '*';
}

/* The fewest blanks before a line other than the first. */
static size_t margin_of(const char *text, const char *end)
{
    size_t least = SIZE_MAX;

    while ((text = memchr(text, '\n', (size_t)(end - text))) != NULL) {
        size_t blanks = strspn(++text, " ");
        if (text[blanks] != '\n' && text + blanks < end && blanks < least)
            least = blanks;
    }
    return least;
}

void sc_remark(FILE *out, const char *text, size_t len, const char *tabs)
{
    writer w = { .out = out,
                 .paragraph = hf_text_new(TEXT_MAX),
                 .literal = hf_text_new(TEXT_MAX),
                 .tabs = tabs,
                 .end = text + len,
                 .starred = is_starred(text, len),
                 .margin = len > 0 ? margin_of(text, text + len) : 0 };

    for (bool first = true; text < w.end; first = false) {
        line l = line_at(&w, text, first);
        one_line(&w, &l);
        text = l.next;
    }
    end_paragraph(&w);
    end_list(&w);
    end_literal(&w);
    hf_text_free(&w.paragraph);
    hf_text_free(&w.literal);
}
