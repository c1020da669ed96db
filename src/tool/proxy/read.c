/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The walk over the document. Keys are read in the order of the file, so complaints come in that order; what is missing shows when its
 * mapping ends. After a complaint the walk goes on behind what it is about, until there is no room for another: what these functions
 * return is whether it goes on, not whether all is well. Standards are read like words of the file, without a place.
 */
#include "tool/proxy/read.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "tool/proxy/complaints.h"

typedef struct reader {
    yaml_document_t *document;
    hf_arena *arena;
    hf_config_faults *faults;
    hf_config_fault *fault; /* the one that is being put together */
    bool ended;
    const hf_key *called; /* NULL: by its own name */
} reader;

/* Of one mapping. */
typedef struct key_places {
    hf_place at[HF_KEYS_MAX]; /* where each key of the table stood; line 0: it did not */
    bool meant
        [HF_KEYS_MAX]; /* it seems to be there, misspelt: that is told, and not that it is missing */
} key_places;

/* A value of the file with the key that it stands under. */
typedef struct item {
    const hf_key *key;
    hf_place at; /* the key's */
    const yaml_node_t *node;
} item;

static bool read_map(reader *r, const yaml_node_t *node, const char *above, void *base);
static bool give_standards(reader *r, const char *above, const hf_place *seen, void *base);

static yaml_node_t *node_of(reader *r, int index)
{
    return yaml_document_get_node(r->document, index);
}

static const char *word_of(const yaml_node_t *node)
{
    return (const char *)node->data.scalar.value;
}

/* Behind a complaint, which it keeps. */
static bool goes_on(reader *r)
{
    r->ended = r->ended || !hf_faults_keep(r->faults, r->fault);
    return !r->ended;
}

static bool no_memory(reader *r, hf_place at)
{
    hf_fault_what(r->fault, at, "there is no memory for what is read here");
    hf_fault_next(r->fault, "try again when the machine is less busy");
    goes_on(r);
    r->ended = true;
    return false;
}

/* As whom a word is complained of: a short backend has no key address in the file. */
static const hf_key *called(const reader *r, const hf_key *key)
{
    return r->called ? r->called : key;
}

static bool complain_empty(reader *r, const item *i)
{
    return hf_complain_empty(r->fault, called(r, i->key), i->at) || goes_on(r);
}

static bool complain_shape(reader *r, const item *i, const char *wanted)
{
    return hf_complain_shape(r->fault, i->key, i->node, wanted) || goes_on(r);
}

/* ---- one word ---- */

/* Fields of several widths take numbers: bool, uint8_t, unsigned, enums, uint64_t. */
static void store_number(const hf_key *key, uint64_t number, void *to, size_t size)
{
    uint8_t small = (uint8_t)number;
    unsigned middle = (unsigned)number;
    bool truth = number != 0;

    if (size == sizeof number)
        memcpy(to, &number, size);
    else if (size == sizeof middle)
        memcpy(to, &middle, size);
    else
        memcpy(to, key->kind == HF_KIND_BOOL ? (void *)&truth : (void *)&small, size);
}

static bool store_text(reader *r, const char *text, hf_place at, hf_config_text *to)
{
    hf_span copy = hf_arena_copy(r->arena, hf_span_of(text, strlen(text) + 1));

    to->text = (char *)(uintptr_t)copy.data;
    to->at = at;
    return copy.data || no_memory(r, at);
}

/* at is where it counts as standing, {0, 0} for a standard. */
static bool take(reader *r, const hf_key *key, hf_value *value, hf_place at, void *to, size_t size)
{
    const char *written = value->text;

    if (!hf_value_read(key, value)) {
        value->text = written;
        return hf_complain_value(r->fault, called(r, key), at, value) || goes_on(r);
    }
    if (!hf_kind_is_number(key->kind))
        return store_text(r, value->text, at, to);
    store_number(key, value->number, to, size);
    return true;
}

static bool is_nothing(const yaml_node_t *node)
{
    static const char *const words[] = { "", "~", "null", "Null", "NULL" };

    if (node->type != YAML_SCALAR_NODE)
        return false;
    if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return node->data.scalar.length == 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(word_of(node), words[i]) == 0)
            return true;
    return false;
}

/* Escapes in double quotes can write anything, and folded texts hold ends of lines. */
static bool has_control(const yaml_node_t *node)
{
    const yaml_char_t *p = node->data.scalar.value;

    for (size_t n = node->data.scalar.length; n > 0; n--, p++)
        if (*p < ' ' || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0)) /* U+0080 to U+009F */
            return true;
    return false;
}

static bool take_word(reader *r, const item *i, void *to, size_t size)
{
    hf_place at = hf_yaml_place(i->node->start_mark);
    hf_value value = { .quoted = false };

    if (is_nothing(i->node))
        return complain_empty(r, i);
    if (i->node->type != YAML_SCALAR_NODE)
        return complain_shape(r, i, "a word");
    if (has_control(i->node))
        return hf_complain_control(r->fault, called(r, i->key), at) || goes_on(r);
    value.text = word_of(i->node);
    value.quoted = i->node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return take(r, i->key, &value, at, to, size);
}

/* ---- lists ---- */

/* *n: how many to read; 0 after a complaint. */
static bool count(reader *r, const item *i, size_t *n)
{
    const yaml_node_t *node = i->node;
    uint64_t low = 0, high = 0;

    *n = 0;
    if (is_nothing(node))
        return complain_empty(r, i);
    if (node->type != YAML_SEQUENCE_NODE)
        return complain_shape(r, i, "a list");
    size_t there = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    hf_value_bounds(i->key, &low, &high);
    if (there < low || there > high)
        return hf_complain_count(r->fault, i->key, hf_yaml_place(node->start_mark), there) ||
               goes_on(r);
    *n = there;
    return true;
}

static item element(reader *r, const item *list, size_t n)
{
    const yaml_node_t *node = node_of(r, list->node->data.sequence.items.start[n]);

    return (item){ list->key, hf_yaml_place(node->start_mark), node };
}

static bool read_numbers(reader *r, const item *i, void *base, size_t n)
{
    unsigned *to = (void *)((char *)base + i->key->at);

    for (size_t k = 0; k < n && !r->ended; k++) {
        item one = element(r, i, k);
        take_word(r, &one, &to[k], sizeof to[k]);
    }
    memcpy((char *)base + i->key->count_at, &n, sizeof n);
    return !r->ended;
}

static bool read_list(reader *r, const item *i, void *base)
{
    hf_config_list *list = (void *)((char *)base + i->key->at);
    size_t n;

    if (!count(r, i, &n))
        return false;
    if (hf_kind_is_number(i->key->kind))
        return read_numbers(r, i, base, n);
    if (n == 0)
        return true;
    list->at = hf_arena_alloc(r->arena, n * sizeof *list->at);
    if (!list->at)
        return no_memory(r, i->at);
    for (list->n = 0; list->n < n && !r->ended; list->n++) {
        item one = element(r, i, list->n);
        take_word(r, &one, &list->at[list->n], 0);
    }
    return !r->ended;
}

/* ---- lists of mappings ---- */

/* A backend that is a word is its address. */
static bool read_short(reader *r, const item *i, const char *above, void *base)
{
    const hf_key *key = hf_key_find(above, "address", &(size_t){ 0 });
    item word = { key, i->at, i->node };
    hf_place none[HF_KEYS_MAX] = { { 0, 0 } };

    none[key - hf_key_at(0)] = i->at;
    r->called = i->key;
    take_word(r, &word, (char *)base + key->at, key->size);
    r->called = NULL;
    return !r->ended && give_standards(r, above, none, base);
}

static bool read_element(reader *r, const item *i, void *base)
{
    hf_place at = hf_yaml_place(i->node->start_mark);
    char above[64];

    snprintf(above, sizeof above, "%s[]", i->key->row.path);
    memcpy((char *)base + i->key->place, &at, sizeof at);
    if (i->key->shape == HF_SHAPE_MAPS_OR_ONE && i->node->type == YAML_SCALAR_NODE)
        return read_short(r, i, above, base);
    if (is_nothing(i->node))
        return complain_empty(r, i);
    if (i->node->type != YAML_MAPPING_NODE)
        return complain_shape(r, i, "a mapping of keys");
    return read_map(r, i->node, above, base);
}

/* Room for so many: the struct's own, or the arena's. */
static char *room_for(reader *r, const hf_key *key, size_t n, void *base)
{
    char *field = (char *)base + key->at, *room = field;

    if (key->size == sizeof room) {
        room = hf_arena_alloc(r->arena, n * key->one);
        memcpy(field, &room, sizeof room);
    }
    memcpy((char *)base + key->count_at, &n, sizeof n);
    return room;
}

static bool read_maps(reader *r, const item *i, void *base)
{
    bool single = i->key->shape == HF_SHAPE_MAPS_OR_ONE && i->node->type != YAML_SEQUENCE_NODE;
    size_t n = 1;

    if (!single && !count(r, i, &n))
        return false;
    if (n == 0)
        return true;
    char *room = room_for(r, i->key, n, base);
    if (!room)
        return no_memory(r, i->at);
    for (size_t k = 0; k < n; k++) {
        item one = single ? *i : element(r, i, k);
        if (!read_element(r, &one, room + k * i->key->one))
            return false;
    }
    return true;
}

/* ---- mappings ---- */

static bool read_below(reader *r, const item *i, void *base)
{
    hf_place at = hf_yaml_place(i->node->start_mark);

    if (is_nothing(i->node))
        return complain_empty(r, i);
    if (i->node->type != YAML_MAPPING_NODE)
        return complain_shape(r, i, "a mapping of keys");
    memcpy((char *)base + i->key->at, &at, sizeof at);
    return read_map(r, i->node, i->key->row.path, base);
}

static bool read_value(reader *r, const item *i, void *base)
{
    switch (i->key->shape) {
    case HF_SHAPE_ONE: return take_word(r, i, (char *)base + i->key->at, i->key->size);
    case HF_SHAPE_LIST: return read_list(r, i, base);
    case HF_SHAPE_MAP: return read_below(r, i, base);
    default: return read_maps(r, i, base);
    }
}

static bool complain_key(reader *r, const yaml_node_t *key)
{
    hf_fault_what(r->fault, hf_yaml_place(key->start_mark), "a key is wanted, %s stands here",
                  key->type == YAML_SCALAR_NODE ? "a word with a control character"
                                                : hf_shape_words(key));
    hf_fault_why(r->fault, "keys are words: listen, sites, names ...");
    hf_fault_next(r->fault, "does a word lack its quotes, or a line its end?");
    return goes_on(r);
}

static bool complain_unknown(reader *r, hf_place at, const char *above, const char *name,
                             key_places *seen)
{
    const hf_key *near = hf_key_nearest(above, name);

    if (near)
        seen->meant[near - hf_key_at(0)] = true;
    return hf_complain_unknown(r->fault, at, above, name) || goes_on(r);
}

static bool read_pair(reader *r, const yaml_node_pair_t *pair, const char *above, key_places *seen,
                      void *base)
{
    const yaml_node_t *key = node_of(r, pair->key);
    hf_place at = hf_yaml_place(key->start_mark);
    size_t number;

    if (key->type != YAML_SCALAR_NODE || has_control(key))
        return complain_key(r, key);
    item i = { hf_key_find(above, word_of(key), &number), at, node_of(r, pair->value) };
    if (!i.key)
        return complain_unknown(r, at, above, word_of(key), seen);
    if (seen->at[number].line > 0)
        return hf_complain_twice(r->fault, i.key, at, seen->at[number]) || goes_on(r);
    seen->at[number] = at;
    return read_value(r, &i, base);
}

static bool all_there(reader *r, const char *above, const key_places *seen, hf_place at)
{
    const hf_key *key;

    for (size_t i = 0; (key = hf_key_at(i)); i++)
        if (seen->at[i].line == 0 && !seen->meant[i] && !key->row.standard &&
            hf_key_is_below(key, above) && !hf_complain_missing(r->fault, key, at) && !goes_on(r))
            return false;
    return true;
}

static bool read_map(reader *r, const yaml_node_t *node, const char *above, void *base)
{
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    key_places seen = { { { 0, 0 } }, { false } };

    for (; pair < node->data.mapping.pairs.top; pair++)
        if (!read_pair(r, pair, above, &seen, base))
            return false;
    return all_there(r, above, &seen, hf_yaml_place(node->start_mark)) &&
           give_standards(r, above, seen.at, base);
}

/* ---- standards ---- */

static bool give_percents(reader *r, const hf_key *key, void *base)
{
    unsigned *to = (void *)((char *)base + key->at);
    const char *list = key->row.standard;
    char word[32];
    size_t n = 0;

    while (n < key->size / sizeof *to && hf_value_word(&list, word)) {
        hf_value value = { .text = word };
        if (!take(r, key, &value, (hf_place){ 0, 0 }, &to[n++], sizeof *to))
            return false;
    }
    memcpy((char *)base + key->count_at, &n, sizeof n);
    return true;
}

static bool give_standard(reader *r, const hf_key *key, void *base)
{
    static const hf_place none[HF_KEYS_MAX];
    hf_value value = { .text = key->row.standard };

    if (key->shape == HF_SHAPE_MAP)
        return give_standards(r, key->row.path, none, base);
    if (key->shape == HF_SHAPE_LIST)
        return give_percents(r, key, base);
    return take(r, key, &value, (hf_place){ 0, 0 }, (char *)base + key->at, key->size);
}

static bool give_standards(reader *r, const char *above, const hf_place *seen, void *base)
{
    const hf_key *key;

    for (size_t i = 0; (key = hf_key_at(i)); i++)
        if (seen[i].line == 0 && key->row.standard && key->row.standard[0] &&
            hf_key_is_below(key, above) && !give_standard(r, key, base))
            return false;
    return true;
}

/* What is missing stands where its mapping begins, and was found at its end. The first stays: it is what one complaint alone says. */
static void sort_rest(hf_config_faults *f)
{
    for (size_t i = 2; i < f->n; i++) {
        hf_config_fault late = f->at[i];
        size_t k = i;
        for (; k > 1 && hf_place_before(late.at, f->at[k - 1].at); k--)
            f->at[k] = f->at[k - 1];
        f->at[k] = late;
    }
}

bool hf_config_walk(yaml_document_t *document, hf_arena *arena, hf_proxy_config *config,
                    hf_config_faults *faults)
{
    hf_config_fault fault = faults->at[0]; /* the file's name */
    reader r = { document, arena, faults, &fault, false, NULL };
    const yaml_node_t *root = yaml_document_get_root_node(document);
    hf_place at = hf_yaml_place(root->start_mark);

    if (root->type == YAML_MAPPING_NODE)
        read_map(&r, root, "", config);
    else if (is_nothing(root))
        hf_complain_nothing(&fault, at), goes_on(&r);
    else
        hf_complain_root(&fault, at, hf_shape_words(root)), goes_on(&r);
    sort_rest(faults);
    return faults->n == 0;
}
