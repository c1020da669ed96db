/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A short way to the page of every function and every type: `man hf_conn_new`, `man hf_conn`. */
#include <string.h>

#include "tool/pages/header.h"
#include "tool/pages/pages.h"

/* One run over a header. */
typedef struct links {
    const char *folder;
    const header *all, *here;
    size_t n;
} links;

/* A search for a function. */
typedef struct search {
    const char *name;
    bool found;
} search;

static void compare(void *user, header_kind kind, const char *name)
{
    search *s = user;

    s->found |= kind == HEADER_FUNCTION && strcmp(name, s->name) == 0;
}

/* An object that is held by pointer only has its page where its calls are: with the one that frees it. */
static const header *home(const links *l, const char *type)
{
    char name[HEADER_NAME_ROOM + 8];
    search s = { name, false };

    snprintf(name, sizeof name, "%s_free", type);
    for (size_t i = 0; i < l->n; i++) {
        header_names(&l->all[i], compare, &s);
        if (s.found)
            return &l->all[i];
    }
    return l->here;
}

static void add_link(void *user, header_kind kind, const char *name)
{
    const links *l = user;
    const header *h = kind == HEADER_OPAQUE ? home(l, name) : l->here;
    bool whole = strcmp(h->name, "handfast") == 0;
    char file[HEADER_NAME_ROOM + 4];
    FILE *out;

    snprintf(file, sizeof file, "%s.3", name);
    out = page_open(l->folder, file);
    fprintf(out, ".so man3/%s%s.3\n", whole ? "lib" : "handfast_", h->name);
    page_close(out);
}

void page_man_links(const char *folder, const header *all, size_t n)
{
    links l = { .folder = folder, .all = all, .n = n };

    for (size_t i = 0; i < n; i++) {
        l.here = &all[i];
        header_names(&all[i], add_link, &l);
    }
}
