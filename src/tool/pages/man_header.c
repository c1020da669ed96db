/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A manual page for each public header, and libhandfast(3) above them. */
#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include <handfast/os.h>
#include "tool/pages/header.h"
#include "tool/pages/pages.h"
#include "tool/pages/remark.h"

enum { CODE_WIDTH = 66, CODE_ROOM = 2048, HEADER_MAX = 1 << 20, HEADERS_MAX = 32 };

/* ---- code ---- */

/* On one line, without comments and with one blank where there was space. */
static void flat(stretch code, char out[CODE_ROOM])
{
    size_t n = 0;

    for (size_t i = 0; i < code.len && n + 1 < CODE_ROOM; i++) {
        char c = isspace((unsigned char)code.at[i]) ? ' ' : code.at[i];
        if (c != ' ' || (n > 0 && out[n - 1] != ' '))
            out[n++] = c;
    }
    out[n] = '\0';
}

/* As a literal block, broken behind commas. */
static void signature(FILE *out, stretch code)
{
    char text[CODE_ROOM];
    const char *at = text;
    int column = 0;

    flat(code, text);
    fputs("```\n", out);
    while (*at) {
        const char *comma = strstr(at, ", ");
        int n = comma ? (int)(comma - at) + 1 : (int)strlen(at);
        if (column > 0 && column + 1 + n > CODE_WIDTH)
            column = fprintf(out, "\n    ") - 1;
        else if (column > 0)
            column += fprintf(out, " ");
        column += fprintf(out, "%.*s", n, at);
        at += comma ? n + 1 : n;
    }
    fputs("\n```\n\n", out);
}

/* ---- structs and enums ---- */

/* "typedef struct hf_conn_options": the name stands before the brace, or behind it. */
static void braces_head(FILE *out, stretch code)
{
    const char *open = memchr(code.at, '{', code.len);
    char text[CODE_ROOM];

    flat((stretch){ code.at, (size_t)(open - code.at) }, text);
    for (size_t n = strlen(text); n > 0 && text[n - 1] == ' ';)
        text[--n] = '\0';
    sc_bold(out, strncmp(text, "typedef ", 8) == 0 ? text + 8 : text);
    fputs("\n\n", out);
}

static void included(FILE *out, const char *directive)
{
    const char *path = strchr(directive, '<');

    if (strncmp(directive, "#include", 8) == 0 && path)
        fprintf(out, "\tand one for each row of *%.*s*\n\n", (int)strcspn(path + 1, ">"), path + 1);
}

/* Members of which nothing is said stand together in one line. */
static void members(FILE *out, scan inside, char separator)
{
    char text[CODE_ROOM];
    bool open = false;
    member m;

    while (header_member(&inside, separator, &m)) {
        flat(m.text, text);
        if (*text == '#') {
            fputs(open ? "\n\n" : "", out);
            open = false;
            included(out, text);
            continue;
        }
        bool alone = m.remark.len > 0;
        fputs(!open ? "\t" : alone ? "\n\n\t" : separator == ',' ? ", " : "; ", out);
        sc_bold(out, text);
        open = !alone;
        if (open)
            continue;
        fputs("\n", out);
        sc_remark(out, m.remark.at, m.remark.len, "\t\t");
    }
    fputs(open ? "\n\n" : "", out);
}

/* ---- pieces ---- */

static void code_piece(FILE *out, const piece *p)
{
    bool is_enum =
        strncmp(p->text.at, "enum ", 5) == 0 || strncmp(p->text.at, "typedef enum ", 13) == 0;
    scan inside;

    if (header_braces(p->text, &inside)) {
        braces_head(out, p->text);
        sc_remark(out, p->above.at, p->above.len, "\t");
        sc_remark(out, p->after.at, p->after.len, "\t");
        members(out, inside, is_enum ? ',' : ';');
        return;
    }
    signature(out, p->text);
    sc_remark(out, p->above.at, p->above.len, "\t");
    sc_remark(out, p->after.at, p->after.len, "\t");
}

static void pieces(FILE *out, const char *text)
{
    scan s = header_body(text);
    piece p;

    while (header_next(&s, &p)) {
        if (p.kind == PIECE_TITLE)
            fprintf(out, "## %.*s\n\n", (int)p.text.len, p.text.at);
        else if (p.kind == PIECE_REMARK)
            sc_remark(out, p.text.at, p.text.len, "");
        else
            code_piece(out, &p);
    }
}

/* ---- pages ---- */

static void add_name(void *user, header_kind kind, const char *name)
{
    if (kind == HEADER_FUNCTION)
        fprintf(user, ", %s", name);
}

/* The essay's first sentence on one line, without the marks of a comment. */
static void summary(const header *h, char out[CODE_ROOM])
{
    stretch essay = header_essay(h->text);
    char text[CODE_ROOM], *at = out;

    flat(essay, text);
    for (const char *c = text + (*text == ' '); *c; c++)
        if (!(c[0] == '*' && (c[1] == ' ' || c[1] == '\0')))
            *at++ = *c;
        else
            c += c[1] == ' ';
    *at = '\0';
    out[page_sentence(out)] = '\0';
}

static void page_of(const char *folder, const header *h)
{
    char page[HEADER_NAME_ROOM + 16], file[HEADER_NAME_ROOM + 24], text[CODE_ROOM];
    stretch essay = header_essay(h->text);
    FILE *out;

    snprintf(page, sizeof page, "handfast_%.*s", HEADER_NAME_ROOM, h->name);
    snprintf(file, sizeof file, "%s.3.scd", page);
    out = page_open(folder, file);
    sc_begin(out, page, 3, NULL);
    header_names(h, add_name, out);
    summary(h, text);
    sc_summary(out, text);
    fprintf(out, "# SYNOPSIS\n\n*#include <handfast/%s.h>*\n\n# DESCRIPTION\n\n", h->name);
    sc_remark(out, essay.at, essay.len, "");
    fputs("# DECLARATIONS\n\n", out);
    pieces(out, h->text);
    fputs("# SEE ALSO\n\n*libhandfast*(3), *handfast*(1)\n", out);
    page_close(out);
}

/* One run over the names of a header for libhandfast(3): first its types, then its functions. */
typedef struct names {
    FILE *out;
    bool functions;
    size_t n;
} names;

static void add_reference(void *user, header_kind kind, const char *name)
{
    names *these = user;

    if ((kind == HEADER_FUNCTION) != these->functions)
        return;
    fputs(these->n++ > 0 ? " " : "\t", these->out);
    sc_bold(these->out, name);
}

static void references(FILE *out, const header *h, bool functions)
{
    names these = { out, functions, 0 };

    header_names(h, add_reference, &these);
    fputs(these.n > 0 ? "\n\n" : "", out);
}

static void chapter(FILE *out, const header *h)
{
    char text[CODE_ROOM];

    summary(h, text);
    fprintf(out, "*handfast\\_%s*(3)\n\t", h->name);
    sc_words(out, text);
    fputs(".\n\n", out);
    references(out, h, false);
    references(out, h, true);
}

static void library_page(const char *folder, const header *all, size_t n, const header *whole)
{
    FILE *out = page_open(folder, "libhandfast.3.scd");
    stretch essay = header_essay(whole->text);

    sc_begin(out, "libhandfast", 3, NULL);
    header_names(whole, add_name, out);
    sc_summary(out, "the TLS handshake as a library");
    fputs("# SYNOPSIS\n\n*#include <handfast/handfast.h>*\n\n"
          "cc program.c $(*pkg-config --cflags --libs handfast*)\n\n# DESCRIPTION\n\n",
          out);
    sc_remark(out, essay.at, essay.len, "");
    fputs("# CHAPTERS\n\nA page for each header, with the types and the functions that it "
          "declares; *man* finds it by "
          "the name of each of them as well.\n\n",
          out);
    for (size_t i = 0; i < n; i++)
        if (&all[i] != whole)
            chapter(out, &all[i]);
    fputs("# DECLARATIONS\n\n", out);
    pieces(out, whole->text);
    fputs("# SEE ALSO\n\n*handfast*(1), *pkg-config*(1)\n", out);
    page_close(out);
}

/* ---- all of them ---- */

static void read_header(const char *path, header *h)
{
    const char *slash = strrchr(path, '/');
    uint8_t *bytes;
    size_t len;

    if (hf_os_read_file(path, HEADER_MAX, &bytes, &len) != HF_OK) {
        fprintf(stderr, "hf_pages: %s cannot be read\n", path);
        exit(1);
    }
    snprintf(h->name, sizeof h->name, "%.*s", (int)strcspn(slash + 1, "."), slash + 1);
    h->text = (const char *)bytes;
}

void page_man_headers(const char *folder, const char *include)
{
    static header all[HEADERS_MAX];
    const header *whole = NULL;
    char pattern[1024];
    glob_t found;
    size_t n = 0;

    snprintf(pattern, sizeof pattern, "%s/handfast/*.h", include);
    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    for (; n < found.gl_pathc && n < HEADERS_MAX; n++) {
        read_header(found.gl_pathv[n], &all[n]);
        if (strcmp(all[n].name, "handfast") == 0)
            whole = &all[n];
        else
            page_of(folder, &all[n]);
    }
    page_man_links(folder, all, n);
    if (whole)
        library_page(folder, all, n, whole);
    for (size_t i = 0; i < n; i++)
        hf_os_free((void *)all[i].text, strlen(all[i].text));
    globfree(&found);
}
