/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a group says: a block of extensions names them, other groups say what their leaves say, the long ones of certificates how
 * long they are.
 */
#include "explain/tree_parts.h"

#include <stdio.h>

enum { HEX_IN_LIST = 8, ENTRIES_OF_DER = 8 };

/* Lengths, and numbers that the name of the group says already. */
static bool is_frame(const hf_node *node)
{
    static const char *const frames[] = { "extension_type", "name_type", "extnID", "critical" };

    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
        if (strcmp(node->name, frames[i]) == 0)
            return true;
    return node->kind == HF_FIELD_LENGTH;
}

/* A certificate is one entry. */
static bool is_closed(const hf_node *node)
{
    return strcmp(node->name, "cert_data") == 0 || strcmp(node->name, "OCSPResponse") == 0;
}

static bool names_its_groups(const hf_node *group)
{
    return strcmp(group->name, "extensions") == 0 || strcmp(group->name, "Extensions") == 0;
}

static bool is_entry(const hf_tree *tree, size_t node, size_t group)
{
    const hf_node *at = &tree->nodes[node];

    if (is_frame(at))
        return false;
    if (names_its_groups(&tree->nodes[group]))
        return at->parent == (int32_t)group;
    if (strcmp(tree->nodes[group].name, "certificate_list") == 0)
        return strcmp(at->name, "cert_data") == 0;
    return is_closed(at) || (hf_node_is_leaf(at) && at->len > 0) || hf_der_choice(tree, node);
}

/* The first node behind a group. */
static size_t end_of(const hf_tree *tree, size_t group)
{
    size_t end = group + 1;

    while (end < tree->n && tree->nodes[end].depth > tree->nodes[group].depth)
        end++;
    return end;
}

/* The next entry from `i` on. */
static size_t next_entry(const hf_tree *tree, size_t i, size_t group, size_t end)
{
    while (i < end && !is_entry(tree, i, group))
        i++;
    return i;
}

static size_t behind(const hf_tree *tree, size_t entry)
{
    return hf_node_is_leaf(&tree->nodes[entry]) ? entry + 1 : end_of(tree, entry);
}

/* Bytes that say nothing to people are counted. */
static bool is_long_hex(const hf_tree *tree, size_t node, const char *value)
{
    hf_span bytes = hf_node_bytes(tree, node);
    char hex[2 * HEX_IN_LIST + 1];
    hf_words words = hf_words_start(hex, sizeof hex);

    if (tree->nodes[node].kind != HF_FIELD_BYTES || bytes.len <= HEX_IN_LIST)
        return false;
    for (size_t i = 0; i < 4;
         i++) /* at the end of the first eight, whatever a bit string begins with */
        hf_words_add(&words, "%02x", bytes.data[4 + i]);
    return strstr(value, hex) != NULL;
}

static void entry_text(const hf_tree *tree, size_t node, size_t group, char text[HF_VALUE_ROOM])
{
    const hf_node *at = &tree->nodes[node];
    hf_names names = at->meaning ? at->meaning->names : HF_NAMES_NONE;

    if (names_its_groups(&tree->nodes[group]))
        snprintf(text, HF_VALUE_ROOM, "%s", at->name);
    else if (at->kind == HF_FIELD_UINT && hf_name_is_grease(names, at->value))
        snprintf(text, HF_VALUE_ROOM, "GREASE (0x%04llx)", (unsigned long long)at->value);
    else if (is_long_hex(tree, node, hf_node_value(tree, node, text)))
        snprintf(text, HF_VALUE_ROOM, "%zu bytes", at->len);
}

void hf_group_say(hf_words *words, const hf_tree *tree, size_t group)
{
    size_t end = end_of(tree, group), n = 0, k = 0;
    char text[HF_VALUE_ROOM];

    for (size_t i = next_entry(tree, group + 1, group, end); i < end;
         i = next_entry(tree, behind(tree, i), group, end))
        n++;
    if (n == 0 || (n > ENTRIES_OF_DER && hf_node_in_der(tree, group) &&
                   !names_its_groups(&tree->nodes[group]))) {
        if (tree->nodes[group].len == 0)
            hf_words_add(words, "empty");
        else
            hf_size_say(words, tree->nodes[group].len);
        return;
    }
    for (size_t i = next_entry(tree, group + 1, group, end); i < end;
         i = next_entry(tree, behind(tree, i), group, end)) {
        entry_text(tree, i, group, text);
        if (!hf_words_entry(words, text, k++, n))
            return;
    }
}
