/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* keys.def as a table, for who reads a configuration: where a key may stand, what it takes, where that goes. */
#ifndef HF_TOOL_PROXY_KEYS_H
#define HF_TOOL_PROXY_KEYS_H

#include "tool/proxy/config.h"

enum { HF_KEYS_MAX = 96 };

/* What one value is. */
typedef enum hf_key_kind {
    HF_KIND_NONE, /* keys of its own */
    HF_KIND_LISTEN,
    HF_KIND_ADDRESS,
    HF_KIND_NETWORK,
    HF_KIND_NAME,
    HF_KIND_HOST,
    HF_KIND_PATH,
    HF_KIND_SOCKET,
    HF_KIND_URL_PATH,
    HF_KIND_PROTOCOL,
    HF_KIND_POLICY,
    HF_KIND_USER,
    HF_KIND_COMMAND,
    HF_KIND_BOOL, /* from here on: numbers */
    HF_KIND_CHOICE,
    HF_KIND_COUNT,
    HF_KIND_PERCENT,
    HF_KIND_DURATION, /* kept in milliseconds */
    HF_KIND_SECONDS,  /* the same, kept in seconds */
    HF_KIND_SIZE
} hf_key_kind;

typedef enum hf_key_shape {
    HF_SHAPE_ONE,
    HF_SHAPE_LIST,
    HF_SHAPE_MAP,
    HF_SHAPE_MAPS,
    HF_SHAPE_MAPS_OR_ONE /* or one that is no list; and a word in place of one is its address */
} hf_key_shape;

typedef struct hf_key {
    hf_key_row row;
    hf_key_kind kind;
    hf_key_shape shape;
    size_t at, size;   /* where it goes in the innermost element, and its room */
    size_t count_at;   /* lists of numbers or keys: where their number goes */
    size_t one, place; /* of such a list: an element's size, and where its hf_place is */
} hf_key;

const hf_key *hf_key_at(size_t i); /* NULL past the end */
/* Stands it right below that ("", "sites[]", "limits")? */
bool hf_key_is_below(const hf_key *key, const char *above);
/* Its last word: "max_age". */
const char *hf_key_name(const hf_key *key);
/* i gets its number; NULL: no such key there. */
const hf_key *hf_key_find(const char *above, const char *name, size_t *i);
/* The key there that was meant, by its letters or because others call it so; NULL. */
const hf_key *hf_key_nearest(const char *above, const char *name);
/* A key of that name that stands elsewhere; NULL. */
const hf_key *hf_key_elsewhere(const char *name);
/* "a duration", for a sentence. */
const char *hf_kind_with_article(hf_key_kind kind);

#endif
