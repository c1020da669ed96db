/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The fields of a message as nested lists: a group holds its fields, and each opens to what it means. */
#include "explain/page.h"

#include <stdio.h>

#include <handfast/cert.h>

/* Past the last node that is inside this one. */
static size_t end_of(const hf_tree *tree, size_t node)
{
    size_t i = node + 1;

    while (i < tree->n && tree->nodes[i].depth > tree->nodes[node].depth)
        i++;
    return i;
}

/* A group says what its first field of weight does: "server_name  localhost". */
enum { SAID = 2, ROOM = 72 };

static void put_essence(hf_page *page, const hf_tree *tree, size_t group)
{
    char value[HF_VALUE_ROOM];
    hf_cert_summary certificate;
    int said = 0;

    if (strcmp(tree->nodes[group].name, "cert_data") == 0 &&
        hf_cert_summarize(hf_node_bytes(tree, group), &certificate) == HF_OK) {
        hf_page_html(page, "%s", certificate.subject);
        return;
    }
    for (size_t i = group + 1; i < end_of(tree, group) && said < SAID; i++) {
        const hf_node *node = &tree->nodes[i];
        if (!hf_node_is_leaf(node) || node->kind == HF_FIELD_LENGTH || node->len == 0 ||
            strcmp(node->name, "extension_type") == 0)
            continue;
        if (strlen(hf_node_value(tree, i, value)) > ROOM)
            snprintf(value, sizeof value, "%zu bytes", node->len);
        hf_page_html(page, "%s%s", said++ > 0 ? " · " : "", value);
    }
}

static void put_place(hf_page *page, size_t from, size_t to)
{
    if (from == to)
        hf_page_html(page, "no bytes, at %z", from);
    else if (to - from == 1)
        hf_page_html(page, "byte %z", from);
    else
        hf_page_html(page, "bytes %z–%z", from, to - 1);
}

static void put_meaning(hf_page *page, const hf_tree *tree, size_t start, size_t i)
{
    const hf_node *node = &tree->nodes[i], *first = &tree->nodes[start];

    hf_page_html(page, "<p>");
    if (node->meaning)
        hf_page_html(page, "%s <cite>%s</cite> ", node->meaning->meaning, node->meaning->source);
    hf_page_html(page, "<i>");
    put_place(page, hf_node_is_leaf(node) ? node->offset : first->offset, node->offset + node->len);
    if (hf_node_is_leaf(node) && start != i) {
        hf_page_html(page, ", its length in ");
        put_place(page, first->offset, first->offset + first->len);
    }
    hf_page_html(page, "</i></p>");
}

/* A leaf, with its length if that stands before it, which is then node `start`. */
static void put_leaf(hf_page *page, const hf_tree *tree, size_t start, size_t i)
{
    const hf_node *node = &tree->nodes[i];
    bool wrong = node->fault || tree->nodes[start].fault;
    char value[HF_VALUE_ROOM];

    hf_page_html(page, "<li><details data-f=\"%z\"", i);
    if (start != i)
        hf_page_html(page, " data-s=\"%z\" data-e=\"%z\"", start, i + 1);
    hf_page_html(page, "%s><summary><span class=\"n%s\">%s%s</span> ", wrong ? " class=wrong" : "",
                 node->kind == HF_FIELD_LENGTH ? " len" : "", node->name,
                 node->kind == HF_FIELD_LENGTH ? " length" : "");
    hf_page_html(page, "<span class=\"v\">%s</span></summary>", hf_node_value(tree, i, value));
    put_meaning(page, tree, start, i);
    hf_page_html(page, "</details></li>\n");
}

/* Deeper groups are closed, but for the one at fault. */
static bool is_open(const hf_tree *tree, size_t i)
{
    if (tree->nodes[i].depth < 2)
        return true;
    for (size_t k = i + 1; k < end_of(tree, i); k++)
        if (tree->nodes[k].fault)
            return true;
    return false;
}

/* The group that begins at node `start` or right after it: an extension's type and length, or a length, stand inside what they are
   of. start itself: it leads no group. */
static size_t group_led_by(const hf_tree *tree, size_t start)
{
    const hf_node *nodes = tree->nodes;
    size_t i = start;

    if (strcmp(nodes[i].name, "extension_type") == 0)
        i++;
    if (i < tree->n && nodes[i].kind == HF_FIELD_LENGTH)
        i++;
    if (i == start || i >= tree->n || hf_node_is_leaf(&nodes[i]) ||
        nodes[i].depth != nodes[start].depth)
        return start;
    return i;
}

static void open_group(hf_page *page, const hf_tree *tree, size_t start, size_t i)
{
    const hf_node *node = &tree->nodes[i];

    hf_page_html(
        page, "<li><details data-f=\"%z\" data-s=\"%z\" data-e=\"%z\" class=\"group%s\"%s>", i,
        start, end_of(tree, i), node->fault ? " wrong" : "", is_open(tree, i) ? " open" : "");
    hf_page_html(page, "<summary><span class=\"n\">%s</span> <span class=\"v\">", node->name);
    if (node->depth >= 2)
        put_essence(page, tree, i);
    hf_page_html(page, "</span></summary>");
    put_meaning(page, tree, start, i);
    hf_page_html(page, "<ul>\n");
}

/* The leaf that begins at `i`, after its length if there is one. */
static size_t leaf_led_by(const hf_tree *tree, size_t i)
{
    const hf_node *length = &tree->nodes[i], *next = length + 1;
    bool both = length->kind == HF_FIELD_LENGTH && i + 1 < tree->n && hf_node_is_leaf(next) &&
                next->kind != HF_FIELD_LENGTH && next->depth == length->depth &&
                strcmp(next->name, length->name) == 0;

    return both ? i + 1 : i;
}

/* One node, with what leads it. Returns the next. */
static size_t put_node(hf_page *page, const hf_tree *tree, size_t i)
{
    size_t group = group_led_by(tree, i), leaf = leaf_led_by(tree, i);

    if (hf_node_is_leaf(&tree->nodes[group])) {
        put_leaf(page, tree, i, leaf);
        return leaf + 1;
    }
    open_group(page, tree, i, group);
    for (; i < group; i++)
        put_leaf(page, tree, i, i);
    return group + 1;
}

static void put_tree(hf_page *page, const hf_tree *tree)
{
    uint16_t depth = 0;

    hf_page_html(page, "<ul class=\"fields\">\n");
    for (size_t i = 0; i < tree->n;) {
        for (; depth > tree->nodes[i].depth; depth--)
            hf_page_html(page, "</ul></details></li>\n");
        i = put_node(page, tree, i);
        if (!hf_node_is_leaf(&tree->nodes[i - 1]))
            depth++;
    }
    for (; depth > 0; depth--)
        hf_page_html(page, "</ul></details></li>\n");
    hf_page_html(page, "</ul>\n");
}

static void put_plain(hf_page *page, const hf_story_step *step)
{
    size_t masked;
    hf_span bytes = hf_prelude_shown(&page->mask, step->bytes, &masked);

    if (step->kind != HF_STEP_PRELUDE || bytes.len == 0)
        return;
    hf_page_html(page, "<pre class=\"plain\" tabindex=\"0\">");
    for (size_t at = 0; at < bytes.len;) {
        hf_span rest = hf_span_of(bytes.data + at, bytes.len - at);
        const uint8_t *end = memchr(rest.data, '\n', rest.len);
        size_t line = end ? (size_t)(end - rest.data) : rest.len;
        size_t shown = line > 0 && rest.data[line - 1] == '\r' ? line - 1 : line;
        hf_page_bytes_as_text(page, hf_span_of(rest.data, shown));
        hf_page_html(page, "\n");
        at += line + 1;
    }
    hf_page_html(page, "</pre>\n");
    if (masked > 0)
        hf_page_html(page,
                     "<p class=\"note\">%z of these bytes were credentials, and stand here as "
                     "<code>*</code>.</p>\n",
                     masked);
}

/* What was refused though it could be read: the field that begins at the failure's byte, or holds it. */
static void mark_failure(const hf_page *page, const hf_story_step *step, hf_tree *tree)
{
    const hf_failure *f = &page->story->tape->failure;
    bool ours = step->refused && f->alert_direction != HF_ALERT_RECEIVED && f->offset >= 0;
    size_t at = (size_t)f->offset, found = tree->n;

    for (size_t i = tree->n; ours && tree->fault.code == HF_OK && i-- > 1;) {
        const hf_node *node = &tree->nodes[i];
        bool holds = hf_node_is_leaf(node) && at > node->offset && at < node->offset + node->len;
        if (node->offset == at || (holds && found == tree->n))
            found = i;
    }
    if (found < tree->n)
        tree->nodes[found].fault = true;
}

static void put_pair(hf_page *page, const hf_story_step *step, hf_tree *tree)
{
    mark_failure(page, step, tree);
    hf_page_html(
        page,
        "<div class=\"pair\">\n<div class=\"tree\" role=\"group\" aria-label=\"Fields of %s\">\n",
        step->name);
    put_tree(page, tree);
    hf_page_html(page,
                 "</div>\n<div class=\"dump\"><p class=\"where\" aria-live=\"polite\"></p>\n"
                 "<div class=\"hex\" tabindex=\"0\" role=\"group\" aria-label=\"Bytes of %s\">",
                 step->name);
    hf_page_dump(page, tree);
    hf_page_html(page, "</div></div>\n</div>\n");
}

void hf_page_fields(hf_page *page, size_t i)
{
    const hf_story_step *step = &page->story->steps[i];
    hf_tree tree;
    hf_error error = step->bytes.len > 0 ? hf_story_tree(step, &tree) : HF_E_MISUSE;

    if (error == HF_E_NO_MEMORY)
        page->out->error = error;
    if (error) {
        put_plain(page, step);
        return;
    }
    if (page->out->len < HF_PAGE_FULL)
        put_pair(page, step, &tree);
    else
        hf_page_html(page, "<p class=\"note\">Its fields and bytes are left out, as this page is "
                           "very long already.</p>\n");
    hf_tree_free(&tree);
}
