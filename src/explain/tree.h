/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A message, or a record's header, as a tree of named fields: the engine's own reader runs over the bytes with a listener, and
 * what it read gets its meaning from fields.def. Every byte belongs to a leaf: where the reader gave up, and where a record is
 * sealed, a leaf says so. Nodes stand in the order of a book: a parent before its children.
 *
 * What the engine takes as bytes is opened where people want to see it: extensions that it does not speak, certificates and
 * OCSP responses (as trees of their DER), signed timestamps, key exchanges that it does not know.
 */
#ifndef HF_EXPLAIN_TREE_H
#define HF_EXPLAIN_TREE_H

#include "explain/names.h"
#include "wire/wire.h"

enum { HF_TREE_NODES_MAX = 4096, HF_NODE_TEXT = 160 };

/* A row of fields.def. */
typedef struct hf_meaning {
    const char
        *path; /* "ClientHello.cipher_suites": the longest end of a node's path that fits counts */
    hf_names names;      /* of its values, HF_NAMES_NONE: they have no names */
    const char *title;   /* "Cipher suites" */
    const char *meaning; /* one or two sentences for people */
    const char *source;  /* "RFC 9846 4.2.2" */
} hf_meaning;

typedef struct hf_node {
    const char *
        name; /* as the RFC writes it, "cipher_suites"; "cipher_suites length" is `name` of a LENGTH node's kind */
    uint8_t kind;   /* an hf_field_kind: UINT, BYTES, LIST16, LENGTH, BEGIN (END is left out) */
    uint16_t depth; /* 0: the message */
    int32_t parent; /* the node's number, -1: none */
    size_t offset,
        len; /* of all its bytes, from byte 0 of the message; BEGIN: of all that is inside, without its LENGTH */
    uint64_t value;            /* UINT and LENGTH */
    const hf_meaning *meaning; /* NULL: there is no row */
    bool fault;                /* what the reader refused begins here */
} hf_node;

typedef struct hf_tree {
    hf_span bytes; /* what it is a tree of; must outlive it */
    hf_node *nodes;
    size_t n;
    hf_fault fault; /* code HF_OK: it could be read to its end */
    size_t unnamed; /* bytes that the reader did not name, and a leaf "unread" stands for */
} hf_tree;

/* Any handshake message with its header, or a ChangeCipherSpec. HF_OK also for one that cannot be read (tree->fault);
   HF_E_NO_MEMORY. */
hf_error hf_tree_of_message(hf_tree *tree, hf_msg msg, const hf_wire *w, hf_span message);
hf_error hf_tree_of_alert(hf_tree *tree, hf_span alert);
/* type, legacy_record_version, length, then fragment; of a protected one nonce_explicit if TLS 1.2's AEAD has one,
   encrypted_record and its tag. suite: 0 where it is not known. */
hf_error hf_tree_of_record(hf_tree *tree, hf_span record, bool is_protected, uint16_t version,
                           uint16_t suite);
void hf_tree_free(hf_tree *tree);

/* "ClientHello.extensions.key_share.client_shares.group"; a LENGTH's ends in " length". Returns text. */
enum { HF_PATH_ROOM = 256 };
char *hf_node_path(const hf_tree *tree, size_t node, char text[HF_PATH_ROOM]);
/* What a leaf says, in words: names of code points, text where the bytes are text (server_name, ALPN), else the first bytes in
   hexadecimal; cut to fit, with "…". Lists name their first entries and count the others; groups say what is in them. Never
   empty. Returns text. */
enum { HF_VALUE_ROOM = 512 };
char *hf_node_value(const hf_tree *tree, size_t node, char text[HF_VALUE_ROOM]);
/* The k-th value of a list (HF_FIELD_LIST16, or bytes whose row has names); false past its end. */
bool hf_node_item(const hf_tree *tree, size_t node, size_t k, uint64_t *value);
static inline hf_span hf_node_bytes(const hf_tree *tree, size_t node)
{
    return hf_span_of(tree->bytes.data + tree->nodes[node].offset, tree->nodes[node].len);
}
/* True inside a certificate or an OCSP response (cert_data, OCSPResponse), which are trees of their DER. */
bool hf_node_in_der(const hf_tree *tree, size_t node);
/* The first node whose path ends in this ("key_share.client_shares.group"), from node `from` on; tree->n: none. */
size_t hf_tree_find(const hf_tree *tree, size_t from, const char *path_end);
static inline bool hf_node_is_leaf(const hf_node *node)
{
    return node->kind != HF_FIELD_BEGIN;
}

/* Row i of fields.def; NULL past its end. For docs and tests. */
const hf_meaning *hf_meaning_row(size_t i);

#endif
