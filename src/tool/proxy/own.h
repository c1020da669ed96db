/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a configuration is beside its public struct: its memory, and its names in order. */
#ifndef HF_TOOL_PROXY_OWN_H
#define HF_TOOL_PROXY_OWN_H

#include "base/arena.h"
#include "tool/proxy/config.h"

/* A name of a site. Sorted by name, then as they stand in the file. */
typedef struct hf_name_entry {
    const char *name;
    const hf_config_site *site;
    hf_place at;
} hf_name_entry;

typedef struct hf_config_own {
    hf_proxy_config config; /* first: the public pointer is ours */
    hf_arena arena;         /* everything that it points to */
    hf_name_entry *names;
    size_t n_names;
} hf_config_own;

/* False: no memory. */
bool hf_names_sort(hf_config_own *own);
/* Two sites of one name for the same clients. */
bool hf_sites_collide(const hf_config_site *a, const hf_config_site *b);

/* sense.c: what contradicts itself, in reading order; all of the room holds the file's name already. */
bool hf_config_makes_sense(const hf_config_own *own, hf_config_faults *faults);

#endif
