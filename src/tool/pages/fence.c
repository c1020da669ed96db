/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Lines of a comment that stay as they are. Words beside code, three blanks or more behind it, become a comment of C, so that
 * what is copied from a page compiles: "hf_trust_free(trust);     the config has its own". More of them in the column below go on.
 */
#include <ctype.h>
#include <string.h>

#include "tool/pages/remark.h"

/* Blanks that divide the two, and how many characters the marks of a comment have. */
enum { GAP = 3, MARKS = 6 };

/* Where things are in a line, counted from its beginning. */
typedef struct row {
    const char *text;
    size_t len, blanks, code; /* its length, what it begins with, where its code ends */
    size_t words;             /* where words beside the code begin, 0: nowhere */
    const char *next;
} row;

static bool ends_code(char c)
{
    return strchr(";{}),", c) != NULL;
}

/* `column`: where the words of the row above stand, 0: there are none. */
static row row_at(const char *text, size_t column)
{
    row r = { .text = text, .len = strcspn(text, "\n"), .blanks = strspn(text, " ") };
    size_t gap = r.blanks, end;

    r.next = text + r.len + (text[r.len] == '\n');
    r.code = r.len;
    if (column > 0 && r.blanks == column) {
        r.words = column;
        r.code = 0;
    }
    while (!r.words && gap < r.len) {
        end = gap + strcspn(text + gap, " \n");
        gap = end + strspn(text + end, " ");
        if (gap - end < GAP)
            continue;
        if (ends_code(text[end - 1]) && (isalpha((unsigned char)text[gap]) || text[gap] == '.')) {
            r.words = gap;
            r.code = end;
        }
        break;
    }
    return r;
}

/* The blanks that all lines begin with. */
static size_t common_blanks(const char *text)
{
    size_t least = SIZE_MAX;

    for (row r; *text; text = r.next) {
        r = row_at(text, 0);
        if (r.blanks < r.len && r.blanks < least)
            least = r.blanks;
    }
    return least;
}

static void put(FILE *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        fprintf(out, text[i] == '\\' ? "\\\\" : "%c", text[i]);
}

/* The words go to the left, as far as the code lets them, by what their marks need. */
static void put_row(FILE *out, const row *r, size_t cut)
{
    size_t code = r->code > cut ? r->code - cut : 0;

    if (r->blanks < r->len)
        put(out, r->text + cut, code);
    if (r->words) {
        size_t gap = r->words - cut - code;
        fprintf(out, "%*s/* ", (int)(gap > MARKS ? gap - MARKS : 1), "");
        put(out, r->text + r->words, r->len - r->words);
        fputs(" */", out);
    }
    fputs("\n", out);
}

void sc_fence(FILE *out, const char *text, const char *tabs)
{
    size_t cut = common_blanks(text), column = 0;

    fprintf(out, "%s```\n", tabs);
    for (row r; *text; text = r.next) {
        r = row_at(text, column);
        column = r.words;
        fputs(r.blanks < r.len ? tabs : "", out);
        put_row(out, &r, cut);
    }
    fprintf(out, "%s```\n\n", tabs);
}
