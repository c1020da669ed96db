/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a word of the file comes to, by the kind of its key. No place, no memory: a word in, a number or a text out. */
#ifndef HF_TOOL_PROXY_VALUE_H
#define HF_TOOL_PROXY_VALUE_H

#include "tool/proxy/keys.h"

typedef struct hf_value {
    const char *text; /* as written; hf_value_read makes it the normal form where there is one */
    bool quoted;
    uint64_t number;
    char room[256]; /* of a normal form */
    char why[256];  /* what is wrong */
    bool beyond;    /* it is of the kind, and out of bounds */
} hf_value;

static inline bool hf_kind_is_number(hf_key_kind kind)
{
    return kind >= HF_KIND_BOOL;
}

/* False: why. */
bool hf_value_read(const hf_key *key, hf_value *value);
/* "1 to 64": what a key's bounds say, read as its kind reads them (of a list: as numbers). False: it has none. */
bool hf_value_bounds(const hf_key *key, uint64_t *low, uint64_t *high);
/* Splits "http, tcp": the next word, NULL at the end. */
const char *hf_value_word(const char **list, char out[32]);

/* ---- address.c: all return NULL, or the sentence that says what is wrong ---- */

/* HOST:PORT or unix:PATH. */
const char *hf_backend_parse(const char *text, hf_backend_kind *kind, char host[256],
                             uint16_t *port);
const char *hf_network_parse(const char *text);
/* A name of a site, in lower case and A-labels. */
const char *hf_site_name(const char *text, char out[256]);

typedef enum hf_reach {
    HF_REACH_NAME,    /* no address */
    HF_REACH_MACHINE, /* loopback */
    HF_REACH_PRIVATE, /* of a network that is not routed further */
    HF_REACH_ALL,     /* 0.0.0.0, :: */
    HF_REACH_PUBLIC
} hf_reach;
hf_reach hf_address_reach(const char *host);
/* In whatever spelling. */
bool hf_address_same(const char *a, const char *b);
/* all is 0.0.0.0 or ::, and one is of its family. */
bool hf_address_covers(const char *all, const char *one);

#endif
