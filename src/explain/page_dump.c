/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The bytes of a message in hexadecimal, a <span> a leaf. Lines are broken by the width of their box, 16 bytes or on a narrow
 * screen 8, so that a leaf is one piece of text however many lines it has. A long leaf is folded from line to line.
 */
#include "explain/page.h"

enum {
    LINE = 16,
    FOLD_FROM = 160, /* bytes of a leaf */
    FOLD_HEAD = 32,  /* of it, at least, that stay to be seen */
    SHOWN = 32768    /* of one leaf; the rest is left out */
};

typedef struct dump {
    hf_page *page;
    size_t start; /* of the block that is open; SIZE_MAX: none is */
} dump;

static void put_offsets(hf_page *page, size_t from, size_t to, size_t line)
{
    hf_page_html(page, "<pre class=\"off off-%z\" aria-hidden=\"true\">", line);
    for (size_t at = from; at < to; at += line)
        hf_sheet_add(page->out, "%04zx\n", at);
    hf_page_html(page, "</pre>");
}

static void open_block(dump *d, size_t at)
{
    if (d->start != SIZE_MAX)
        return;
    d->start = at;
    hf_page_html(d->page, "<div class=\"block\"><pre class=\"x\">");
}

/* The offsets come after the bytes, whose number is known then; the style puts them before. */
static void close_block(dump *d, size_t at)
{
    if (d->start == SIZE_MAX)
        return;
    hf_page_html(d->page, "</pre>");
    put_offsets(d->page, d->start, at, LINE);
    put_offsets(d->page, d->start, at, LINE / 2);
    hf_page_html(d->page, "</div>");
    d->start = SIZE_MAX;
}

static void put_span(dump *d, size_t node, const hf_node *leaf, size_t from, size_t to, hf_span all)
{
    if (from >= to)
        return;
    open_block(d, from);
    hf_page_html(d->page, "<span data-f=\"%z\"%s>", node,
                 leaf->fault                     ? " class=wrong"
                 : leaf->kind == HF_FIELD_LENGTH ? " class=len"
                                                 : "");
    hf_page_hex(d->page, hf_span_of(all.data + from, to - from));
    hf_page_html(d->page, "</span>");
}

/* The middle of a long leaf, from the start of a line to the start of a line. */
static void put_fold(dump *d, size_t node, const hf_node *leaf, size_t from, size_t to, hf_span all)
{
    char size[HF_PAGE_SMALL];
    size_t shown = to - from < SHOWN ? to : from + SHOWN;

    close_block(d, from);
    hf_page_html(d->page, "<details class=\"fold\" data-f=\"%z\"><summary>%s more of %s</summary>",
                 node, hf_page_size(to - from, size), leaf->name);
    put_span(d, node, leaf, from, shown, all);
    close_block(d, shown);
    if (shown < to)
        hf_page_html(d->page, "<p>%s are left out here.</p>", hf_page_size(to - shown, size));
    hf_page_html(d->page, "</details>");
}

static void put_leaf(dump *d, size_t node, const hf_tree *tree)
{
    const hf_node *leaf = &tree->nodes[node];
    size_t from = leaf->offset, end = leaf->offset + leaf->len;
    size_t fold = (from + FOLD_HEAD + LINE - 1) / LINE * LINE, last = end / LINE * LINE;

    if (leaf->len < FOLD_FROM) {
        put_span(d, node, leaf, from, end, tree->bytes);
        return;
    }
    put_span(d, node, leaf, from, fold, tree->bytes);
    put_fold(d, node, leaf, fold, last, tree->bytes);
    put_span(d, node, leaf, last, end, tree->bytes);
}

void hf_page_dump(hf_page *page, const hf_tree *tree)
{
    dump d = { page, SIZE_MAX };

    for (size_t i = 0; i < tree->n; i++)
        if (hf_node_is_leaf(&tree->nodes[i]))
            put_leaf(&d, i, tree);
    close_block(&d, tree->bytes.len);
}
