/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Text as scdoc wants it: what has a meaning there is escaped, what should stand out is marked. */
#include <ctype.h>
#include <string.h>

#include <handfast/handfast.h>
#include "tool/pages/pages.h"

static void plain(FILE *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (strchr("*_\\`+", text[i]) || (i == 0 && strchr("#-|[];.:~", text[i])))
            fputc('\\', out);
        fputc(text[i], out);
    }
}

static void marked(FILE *out, char mark, const char *text, size_t len)
{
    fputc(mark, out);
    plain(out, text, len);
    fputc(mark, out);
}

void sc_bold(FILE *out, const char *text)
{
    marked(out, '*', text, strlen(text));
}

void sc_under(FILE *out, const char *text)
{
    marked(out, '_', text, strlen(text));
}

static size_t identifier(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && (isalnum((unsigned char)text[n]) || text[n] == '_' || text[n] == '-'))
        n++;
    return n;
}

/* How long the thing is that begins here and should be bold; 0: none does. */
static size_t stands_out(const char *text, size_t len)
{
    if (len > 3 && (strncmp(text, "hf_", 3) == 0 ||
                    (strncmp(text, "--", 2) == 0 && islower((unsigned char)text[2]))))
        return identifier(text, len);
    return 0;
}

/* `words`: their length with both quotes; 0: this is no such thing. */
static size_t quoted(const char *text, size_t len)
{
    const char *end = *text == '`' ? memchr(text + 1, '`', len - 1) : NULL;

    return end ? (size_t)(end - text) + 1 : 0;
}

/* "conn.h": the length of a public header's name; 0: this is none. */
static size_t header(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && islower((unsigned char)text[n]))
        n++;
    if (n == 0 || len < n + 2 || memcmp(text + n, ".h", 2) != 0 ||
        (len > n + 2 && isalnum((unsigned char)text[n + 2])))
        return 0;
    return n + 2;
}

/* Its page: handfast_conn(3). */
static void page_of_header(FILE *out, const char *text, size_t len)
{
    if (strncmp(text, "handfast.", 9) == 0)
        fputs("*libhandfast*(3)", out);
    else
        fprintf(out, "*handfast\\_%.*s*(3)", (int)len - 2, text);
}

void sc_term(FILE *out, const char *text)
{
    size_t n = header(text, strlen(text));

    if (n > 0 && !text[n])
        page_of_header(out, text, n);
    else
        sc_bold(out, text);
}

/* Prints what begins here if it stands out. How long it is; 0: it does not. */
static size_t special(FILE *out, const char *text, size_t len, bool fresh, bool path)
{
    size_t n;

    if (fresh && !path && (n = header(text, len)) > 0)
        page_of_header(out, text, n);
    else if (fresh && (n = stands_out(text, len)) > 0)
        marked(out, '*', text, n);
    else if ((n = quoted(text, len)) > 0)
        marked(out, '*', text + 1, n - 2);
    return n;
}

void sc_text(FILE *out, const char *text, size_t len)
{
    bool fresh = true; /* a word may begin here */
    bool path = false; /* … that is a path's */

    while (len > 0) {
        size_t n = special(out, text, len, fresh, path);
        if (n == 0)
            plain(out, text, n = 1);
        char last = text[n - 1];
        fresh = !isalnum((unsigned char)last) && last != '_' && last != '-';
        path = last == '/';
        text += n;
        len -= n;
    }
}

void sc_words(FILE *out, const char *text)
{
    sc_text(out, text, strlen(text));
}

/* "Make a CA" as it goes on behind a dash; "TLS" stays as it is. */
static void lowered(FILE *out, const char *text)
{
    bool word = isupper((unsigned char)text[0]) && !isupper((unsigned char)text[1]);

    fprintf(out, "%c%s", word ? tolower((unsigned char)text[0]) : text[0], text + 1);
}

void sc_summary(FILE *out, const char *text)
{
    fputs(" - ", out);
    lowered(out, text);
    fputs("\n\n", out);
}

void sc_begin(FILE *out, const char *page, int section, const char *summary)
{
    fprintf(out, "%s(%d) \"handfast %s\" \"%s\"\n\n# NAME\n\n%s", page, section, hf_version(),
            section == 3 ? "libhandfast manual" : "handfast manual", page);
    if (summary)
        sc_summary(out, summary);
}
