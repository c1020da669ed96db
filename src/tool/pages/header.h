/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A public header taken apart: its essay, then comments and declarations in turn. It reads what these headers hold, not C:
 * every declaration begins at the start of a line, and no string in them holds a brace or the beginning of a comment.
 */
#ifndef HF_TOOL_PAGES_HEADER_H
#define HF_TOOL_PAGES_HEADER_H

#include <stdio.h>

#include <handfast/types.h>

/* What has not been read yet. */
typedef struct scan {
    const char *at, *end;
} scan;

/* A stretch of the header's text. */
typedef struct stretch {
    const char *at;
    size_t len;
} stretch;

typedef enum piece_kind {
    PIECE_TITLE,  /* "---- trust ----" between comment marks: text is "trust" */
    PIECE_REMARK, /* a comment that belongs to no declaration */
    PIECE_CODE    /* a declaration, with the comment above it and the one behind it */
} piece_kind;

typedef struct piece {
    piece_kind kind;
    stretch text;         /* title, remark, or the declaration with its semicolon */
    stretch above, after; /* of code; empty: none */
} piece;

/* The comment before the include guard, without its marks. */
stretch header_essay(const char *text);
/* What stands between HF_BEGIN_DECLS and HF_END_DECLS. */
scan header_body(const char *text);
bool header_next(scan *s, piece *p);

/* A member of a struct or enum: what it is, and the comment above or behind it. */
typedef struct member {
    stretch text, remark;
} member;
/* The inside of the braces; false: there are none. */
bool header_braces(stretch code, scan *inside);
bool header_member(scan *s, char separator, member *m);

/* ---- all that it declares ---- */

enum { HEADER_NAME_ROOM = 96 };

typedef struct header {
    char name[HEADER_NAME_ROOM]; /* "conn" */
    const char *text;
} header;

typedef enum header_kind {
    HEADER_FUNCTION, /* "hf_conn_new" */
    HEADER_TYPE,     /* "hf_conn_options" */
    HEADER_OPAQUE    /* "hf_conn": its inside is the library's */
} header_kind;

/* Calls `each` with the name of every function and every type, in their order. */
typedef void header_each(void *user, header_kind kind, const char *name);
void header_names(const header *h, header_each *each, void *user);

/* A page for each of these names that leads to that of its header. man_links.c */
void page_man_links(const char *folder, const header *all, size_t n);

#endif
