/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Messages to make trees of; and what every tree must be, whatever its bytes are: whole, in order, each node with a meaning and words. */
#ifndef HF_TESTS_TREE_SUPPORT_H
#define HF_TESTS_TREE_SUPPORT_H

#include "unit/wire_samples.h"
#include "explain/tree.h"

#define RANDOM "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define RETRY  "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
#define HELLO  "0303" RANDOM "00 0004 1301 0a0a 01 00 "

/* A message with its header, of a body in hexadecimal. */
static inline hf_span message_of(hf_msg msg, const char *hex)
{
    static bytes out;

    out.len = 0;
    add_uint(&out, msg == HF_MSG_UNKNOWN ? 99 : hf_msg_type(msg), 1);
    add_uint(&out, 0, 3);
    add_hex(&out, hex);
    for (size_t i = 0; i < 3; i++)
        out.data[1 + i] = (uint8_t)((out.len - 4) >> (16 - 8 * i));
    return span_of(&out);
}

static inline hf_tree tree_of(hf_msg msg, const hf_wire *w, hf_span message)
{
    hf_tree tree;

    assert_int_equal(hf_tree_of_message(&tree, msg, w, message), HF_OK);
    return tree;
}

/* A ClientHello with one extension more. */
static inline hf_tree hello_with(uint16_t type, const char *hex)
{
    static bytes data;
    char text[4096];
    int n;

    data.len = 0;
    add_hex(&data, hex);
    n = snprintf(text, sizeof text, HELLO "%04zx %04x %04zx ", data.len + 4, (unsigned)type,
                 data.len);
    snprintf(text + n, sizeof text - (size_t)n, "%s", hex);
    return tree_of(HF_MSG_ClientHello, &TLS13, message_of(HF_MSG_ClientHello, text));
}

/* With extensions of many kinds, foreign ones too. */
#define EXTENDED_HELLO                                                                             \
    HELLO "0066 0000 0010 000e 00 000b 6578616d706c652e636f6d 0010 000e 000c 02 6832 08 "          \
          "687474702f312e31 002b 0007 06 7a7a 0304 0303 0033 000d 000b 001d 0002 aabb 0a0a 0001 "  \
          "00 1a1a 0000 000d 0006 0004 0403 0804 44cd 0005 0003 02 6832 001b 0003 02 0002 "        \
          "002d 0002 01 01"

static inline hf_span extended_hello(void)
{
    return message_of(HF_MSG_ClientHello, EXTENDED_HELLO);
}

/* Every byte has exactly one leaf; leaves stand in the order of the bytes. */
static inline void assert_leaves_cover(const hf_tree *tree)
{
    size_t place = 0;

    for (size_t i = 0; i < tree->n; i++) {
        const hf_node *node = &tree->nodes[i];
        assert_int_equal(node->offset, place);
        if (hf_node_is_leaf(node))
            place += node->len;
    }
    assert_int_equal(place, tree->bytes.len);
}

/* A parent stands before its children, and has all their bytes. */
static inline void assert_nested(const hf_tree *tree)
{
    assert_true(tree->n > 0 && tree->nodes[0].parent == -1 && tree->nodes[0].depth == 0);
    assert_int_equal(tree->nodes[0].len, tree->bytes.len);
    for (size_t i = 1; i < tree->n; i++) {
        const hf_node *node = &tree->nodes[i];
        assert_true(node->parent >= 0 && (size_t)node->parent < i);
        const hf_node *parent = &tree->nodes[node->parent];
        assert_int_equal(node->depth, parent->depth + 1);
        assert_int_equal(parent->kind, HF_FIELD_BEGIN);
        assert_true(node->offset >= parent->offset);
        assert_true(node->offset + node->len <= parent->offset + parent->len);
    }
}

static inline void assert_spoken_of(const hf_tree *tree, size_t i)
{
    const hf_node *node = &tree->nodes[i];
    char path[HF_PATH_ROOM], value[HF_VALUE_ROOM];

    hf_node_path(tree, i, path);
    if (!node->meaning)
        fail_msg("no row of fields.def for %s", path);
    if (node->kind == HF_FIELD_LIST16 && hf_names_width(node->meaning->names) != 2)
        fail_msg("the values of %s have no names", path);
    hf_node_value(tree, i, value);
    assert_true(strlen(value) > 0 && strlen(value) < HF_VALUE_ROOM);
}

static inline size_t faults_of(const hf_tree *tree)
{
    size_t n = 0;

    for (size_t i = 0; i < tree->n; i++)
        n += tree->nodes[i].fault;
    return n;
}

/* The place of the fault is told by exactly one node. */
static inline void assert_fault_marked(const hf_tree *tree)
{
    assert_int_equal(faults_of(tree), tree->fault.code != HF_OK);
    for (size_t i = 0; i < tree->n; i++) {
        const hf_node *node = &tree->nodes[i];
        if (node->fault)
            assert_true(tree->fault.offset >= node->offset &&
                        tree->fault.offset <= node->offset + node->len);
    }
}

static inline void assert_tree(const hf_tree *tree)
{
    assert_leaves_cover(tree);
    assert_nested(tree);
    assert_fault_marked(tree);
    for (size_t i = 0; i < tree->n; i++)
        assert_spoken_of(tree, i);
}

static inline void assert_found_by_path(const hf_tree *tree)
{
    char path[HF_PATH_ROOM];

    for (size_t i = 0; i < tree->n; i++)
        assert_true(hf_tree_find(tree, 0, hf_node_path(tree, i, path)) <= i);
}

/* Of a message that can be read: nothing is left over. */
static inline void assert_whole_tree(const hf_tree *tree)
{
    if (tree->fault.code != HF_OK)
        fail_msg("%s, byte %zu: %s", tree->fault.path, tree->fault.offset, tree->fault.rule);
    assert_int_equal(tree->unnamed, 0);
    assert_tree(tree);
    assert_found_by_path(tree);
}

/* What the first node of that path says. */
static inline const char *value_of(const hf_tree *tree, const char *path)
{
    static char text[HF_VALUE_ROOM];
    size_t i = hf_tree_find(tree, 0, path);

    if (i == tree->n)
        fail_msg("no %s", path);
    return hf_node_value(tree, i, text);
}

#endif
