/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A message's fields as text: where each one begins, its name, what it says; and its bytes below it. */
#include <stdio.h>

#include "explain/text_pen.h"

enum { OFFSET = 6, NAME = 14, LEVEL = 2, DEEPEST = 12, VALUE = 42 };

static unsigned indent_of(const hf_node *node)
{
    return NAME + LEVEL * (unsigned)(node->depth < DEEPEST ? node->depth : DEEPEST);
}

/* "0303 9f2c …": in groups of two, as the RFC's traces have them. */
static void bytes_below(hf_pen *pen, unsigned indent, hf_span bytes)
{
    size_t a_line = (pen->width - indent) / 5 * 2;

    for (size_t i = 0; i < bytes.len; i++) {
        if (i % a_line == 0)
            hf_pen_to(pen, indent);
        else if (i % 2 == 0)
            hf_pen_put(pen, HF_INK_DIM, " ");
        hf_pen_add(pen, HF_INK_DIM, "%02x", bytes.data[i]);
        if (i + 1 == bytes.len || (i + 1) % a_line == 0)
            hf_pen_line(pen);
    }
}

static void field(hf_pen *pen, const hf_tree *tree, size_t i)
{
    const hf_node *node = &tree->nodes[i];
    bool length = node->kind == HF_FIELD_LENGTH;
    char words[HF_VALUE_ROOM];

    hf_pen_add(pen, node->fault ? HF_INK_BAD : HF_INK_DIM, "%*s%6zu", OFFSET, "", node->offset);
    hf_pen_to(pen, indent_of(node));
    hf_pen_put(pen, node->fault ? HF_INK_BAD : HF_INK_PLAIN, node->name);
    if (length)
        hf_pen_put(pen, HF_INK_DIM, " length");
    if (!hf_node_is_leaf(node)) {
        hf_pen_line(pen);
        return;
    }
    hf_pen_put(pen, HF_INK_PLAIN, " ");
    hf_pen_to(pen, VALUE);
    hf_pen_wrap(pen, VALUE, hf_node_value(tree, i, words));
    if (pen->show->verbose > 1)
        bytes_below(pen, indent_of(node) + LEVEL, hf_node_bytes(tree, i));
}

static void coverage(hf_pen *pen, const hf_tree *tree)
{
    hf_pen_to(pen, NAME);
    if (tree->unnamed > 0)
        hf_pen_add(pen, HF_INK_BAD, "%zu of its %zu bytes could not be read", tree->unnamed,
                   tree->bytes.len);
    else
        hf_pen_add(pen, HF_INK_DIM, "all of its %zu byte%s have names", tree->bytes.len,
                   tree->bytes.len == 1 ? "" : "s");
    hf_pen_line(pen);
}

void hf_text_fields(hf_pen *pen, const hf_story_step *step)
{
    hf_tree tree = { 0 };

    if (step->bytes.len == 0 || hf_story_tree(step, &tree) != HF_OK)
        return;
    for (size_t i = 0; i < tree.n; i++)
        field(pen, &tree, i);
    coverage(pen, &tree);
    hf_tree_free(&tree);
}
