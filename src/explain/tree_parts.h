/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Private to the tree's files: a tree while it grows (tree.c), what opens a field that the engine keeps closed (tree_open.c,
 * tree_bodies.c, tree_der.c), the rows of fields.def (tree_path.c), and text that is cut to fit (tree_text.c).
 */
#ifndef HF_EXPLAIN_TREE_PARTS_H
#define HF_EXPLAIN_TREE_PARTS_H

#include "explain/tree.h"

enum {
    HF_TREE_DEPTH_MAX = 32,
    HF_TREE_SPARE =
        HF_TREE_DEPTH_MAX + 1 /* nodes kept for "unread": one a group, and one for the fault */
};

typedef struct hf_growth {
    hf_tree *tree;
    size_t room;
    int32_t open[HF_TREE_DEPTH_MAX]; /* the groups around the place, outermost first */
    size_t n_open;
    size_t place;            /* the first byte that no leaf has yet */
    uint16_t extension_type; /* of the extension that is being read */
    bool full;               /* of nodes, or of depth: the rest stays unread */
    bool inside;             /* of a field that was opened: nothing else is opened in it */
    hf_error error;
} hf_growth;

/* What a reader says, as a sink's function: `user` is the growth. */
void hf_growth_hear(void *user, const hf_field *field);

/* A field that the engine takes as bytes, and whose structure people want to see. It reads all of `r`; what it refuses is kept
   as bytes, and is no fault. */
typedef void hf_opener(hf_reader *r);
/* NULL: these bytes stay closed. `type` is the last extension_type. */
hf_opener *hf_opener_of(const hf_growth *g, const hf_field *field);
hf_opener *hf_der_opener(const char *field);
hf_opener *hf_body_opener(const char *message);
/* After the engine's reader: what it stopped at by a bound of its own, though the bytes go on as they should. */
void hf_growth_read_on(hf_growth *g, const hf_wire *w);
/* An sct_list, which certificates hold too. */
void hf_sct_list_open(hf_reader *r);
/* True if the opener would read all of `r`; nothing is told. */
bool hf_opener_fits(hf_reader r, hf_opener *opener);

/* Sets the meaning of every node. */
void hf_tree_give_meanings(hf_tree *tree);
/* The message's kinds that a whole tree is of, by the name of node 0. */
static inline const char *hf_tree_kind(const hf_tree *tree)
{
    return tree->n > 0 ? tree->nodes[0].name : "";
}

/* ---- text ---- */

/* Text in a buffer of somebody else's: what finds no room is left out, and "…" says so. */
typedef struct hf_words {
    char *out;
    size_t n, room;
    bool cut;
} hf_words;
hf_words hf_words_start(char *out, size_t room);
void hf_words_add(hf_words *words, const char *format, ...) HF_PRINTF(2, 3);
/* Bytes that a peer calls text: printable UTF-8 as it is, the rest as \xNN. */
void hf_words_text(hf_words *words, hf_span bytes);
/* At most `most` of them, then "…". */
void hf_words_hex(hf_words *words, hf_span bytes, size_t most);
bool hf_is_printable(hf_span bytes);
/* Entry k of a list of n; false: there is no room for it, and how many are left out was said. */
bool hf_words_entry(hf_words *words, const char *text, size_t k, size_t n);

/* ---- values ---- */

void hf_number_say(hf_words *words, const hf_node *at);
void hf_size_say(hf_words *words, uint64_t n);
void hf_group_say(hf_words *words, const hf_tree *tree, size_t group);

/* What a value of DER says: identifiers by name, times, strings. False: it is none. */
bool hf_der_say(hf_words *words, const hf_tree *tree, size_t node);
/* What a value of DER says by being there: good, unknown, no CA. NULL: it is no such value. */
const char *hf_der_choice(const hf_tree *tree, size_t node);

#endif
