/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The path of a node, and what is found by one: nodes, and the rows of fields.def. */
#include "explain/tree_parts.h"

#include <stdio.h>

/* HF_MEANING(path, names of its values, title, meaning, source) */
static const hf_meaning meanings[] = {
#define HF_MEANING(path, names, title, meaning, source)                                            \
    { path, HF_NAMES_##names, title, meaning, source },
#include "explain/fields.def"
#undef HF_MEANING
};

enum { MEANINGS = sizeof meanings / sizeof *meanings };

static const uint8_t lengths[MEANINGS] = {
/* of the paths */
#define HF_MEANING(path, names, title, meaning, source) sizeof path - 1,
#include "explain/fields.def"
#undef HF_MEANING
};

const hf_meaning *hf_meaning_row(size_t i)
{
    return i < MEANINGS ? &meanings[i] : NULL;
}

/* ---- paths ---- */

static size_t put_path(const hf_tree *tree, size_t node, char *out, size_t room)
{
    const hf_node *at = &tree->nodes[node];
    size_t n = at->parent >= 0 ? put_path(tree, (size_t)at->parent, out, room) : 0;
    int added = snprintf(out + n, room - n, "%s%s", n > 0 ? "." : "", at->name);

    return added < 0 || n + (size_t)added >= room ? room - 1 : n + (size_t)added;
}

char *hf_node_path(const hf_tree *tree, size_t node, char text[HF_PATH_ROOM])
{
    size_t n = put_path(tree, node, text, HF_PATH_ROOM);

    if (tree->nodes[node].kind == HF_FIELD_LENGTH)
        snprintf(text + n, HF_PATH_ROOM - n, " length");
    return text;
}

/* True if `path` is `end`, or ends in it after a dot. */
static bool ends_in(const char *path, size_t len, const char *end)
{
    size_t n = strlen(end);

    return n <= len && memcmp(path + len - n, end, n) == 0 &&
           (n == len || path[len - n - 1] == '.');
}

size_t hf_tree_find(const hf_tree *tree, size_t from, const char *path_end)
{
    char path[HF_PATH_ROOM];

    for (size_t i = from; i < tree->n; i++) {
        hf_node_path(tree, i, path);
        if (ends_in(path, strlen(path), path_end))
            return i;
    }
    return tree->n;
}

/* ---- meanings ---- */

/* Most rows are of another name: a look at their last letters tells. */
static bool is_of(size_t row, const char *name, size_t len)
{
    return lengths[row] >= len && memcmp(meanings[row].path + lengths[row] - len, name, len) == 0;
}

/* A length has the meaning of its field. The longest path that fits is the most particular one. */
static const hf_meaning *meaning_of(const hf_tree *tree, size_t node)
{
    char path[HF_PATH_ROOM];
    const char *name = tree->nodes[node].name;
    size_t len = put_path(tree, node, path, sizeof path), longest = 0, name_len = strlen(name);
    const hf_meaning *found = NULL;

    for (size_t i = 0; i < MEANINGS; i++)
        if (lengths[i] > longest && is_of(i, name, name_len) &&
            ends_in(path, len, meanings[i].path)) {
            found = &meanings[i];
            longest = lengths[i];
        }
    return found;
}

/* Entries of lists stand in rows: a node has the meaning of the one before it with that name and parent. */
static const hf_meaning *meaning_known(const hf_tree *tree, size_t node)
{
    const hf_node *at = &tree->nodes[node];
    size_t back = node < 8 ? node : 8;

    for (size_t i = 1; i <= back; i++) {
        const hf_node *other = &tree->nodes[node - i];
        if (other->parent == at->parent && other->name == at->name)
            return other->meaning;
    }
    return NULL;
}

void hf_tree_give_meanings(hf_tree *tree)
{
    for (size_t i = 0; i < tree->n; i++) {
        const hf_meaning *known = meaning_known(tree, i);
        tree->nodes[i].meaning = known ? known : meaning_of(tree, i);
    }
}
