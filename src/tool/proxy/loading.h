/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A load under way: the plan's parts as they are found, and everything that is told of them. For load*.c. */
#ifndef HF_TOOL_PROXY_LOADING_H
#define HF_TOOL_PROXY_LOADING_H

#include "base/compiler.h"
#include "tool/proxy/careful.h"
#include "tool/proxy/load.h"
#include "tool/proxy/resolve.h"
#include "x509/x509.h"

enum {
    HF_LOAD_PATH = 4096,
    HF_LOAD_PEM_MAX = 1 << 20,
    HF_LOAD_CRL_MAX = 64 << 20,
    HF_LOAD_WARNINGS_MAX = 4096
};

/* A file is read once a load, so that whoever names it sees the same. */
typedef struct hf_load_file {
    char *path;       /* absolute */
    hf_careful *file; /* of its own memory: the list moves */
} hf_load_file;

typedef struct hf_loading {
    hf_loaded *out;
    const hf_loaded *before; /* NULL: the first load */
    const hf_proxy_config *config;
    int64_t now;
    hf_load_file *files; /* in order of path */
    size_t n_files, room_files;
    hf_plan_part *parts;
    size_t n_parts, room_parts;
    hf_span *owned; /* memory that parts point to; wiped at the end */
    size_t n_owned, room_owned;
    hf_place told_at;       /* where warnings belong to from here on; 0: nowhere … */
    const char *told_label; /* … and to which site; NULL: none */
    size_t room_warnings, room_watched, room_expiries, room_slots;
    hf_wanted *wanted; /* names of backends */
    bool no_memory;    /* sticks: nothing comes of it */
} hf_loading;

/* Never NULL; `path` as the configuration has it. */
const hf_careful *hf_loading_file(hf_loading *l, const char *path, size_t limit);
/* A part whose bytes live until the load ends. */
void hf_loading_part(hf_loading *l, hf_part_kind kind, size_t site, size_t item, hf_span bytes);
/* The same with bytes from hf_alloc, which it takes over. NULL: no memory. */
void hf_loading_give(hf_loading *l, hf_part_kind kind, size_t site, size_t item, uint8_t *bytes,
                     size_t len);
/* The same with a copy of a text. */
void hf_loading_text(hf_loading *l, hf_part_kind kind, size_t site, size_t item, const char *text);
/* What is warned of from here on stands there, and is of the site of that label (or NULL). */
void hf_loading_at(hf_loading *l, hf_place at, const char *label);
/* Of a site, by its number. */
void hf_loading_at_site(hf_loading *l, hf_place at, size_t i);
void hf_loading_warn(hf_loading *l, const char *format, ...) HF_PRINTF(2, 3);
/* As hf_pair_case.warn wants it. */
void hf_loading_warn_line(void *loading, const char *line);
void hf_loading_expiry(hf_loading *l, const hf_expiry *expiry);
/* Of a site's certificate. */
void hf_loading_leaf_expiry(hf_loading *l, size_t site, const hf_cert *leaf, const char *file);
/* of: what expires, DER. */
void hf_expiry_fingerprint(hf_expiry *expiry, hf_span of);
/* *array, with room for one more than n. False: no memory, which sticks. */
bool hf_loading_room(hf_loading *l, void **array, size_t n, size_t *room, size_t size);

/* The site of that label in the load before; NULL: there was none. */
const hf_loaded_site *hf_loading_former(const hf_loading *l, const char *label);
/* Its part; empty: there was none. */
hf_span hf_loading_former_part(const hf_loading *l, const hf_loaded_site *former, hf_part_kind kind,
                               size_t item);

/* load_cas.c: CA certificates, one or more, PEM. False: why and todo. Each is told to `each`, if that is not NULL. */
typedef struct hf_cas {
    const char *path;
    const hf_careful *file;
    size_t n, n_cas; /* certificates; of these, of CAs */
    char why[HF_LOAD_WHY], todo[256];
} hf_cas;
bool hf_cas_read(hf_loading *l, const char *path, hf_cas *cas,
                 void (*each)(hf_loading *l, const char *path, size_t site, const hf_cert *cert),
                 size_t site);

/* load_reuse.c. The site as it was when its certificates were judged to be good, if they would be judged the same now; else NULL. Sets
   judged_from and judged_at. */
const hf_loaded_site *hf_load_judged(hf_loading *l, size_t i);
/* What was warned of then; and what a client is shown, with its ends. */
void hf_load_reuse_warnings(hf_loading *l, const hf_loaded_site *former);
void hf_load_reuse(hf_loading *l, size_t i, const hf_loaded_site *former);

/* load_site.c, load_clients.c, load_backends.c, load_shared.c */
void hf_load_site(hf_loading *l, size_t i);
/* The CA and CRL that clients' certificates are judged by; without them the site is UNAVAILABLE. Those from before stay (KEPT) if
   the files have the same names and were good then. */
void hf_load_clients(hf_loading *l, size_t i);
void hf_load_backends(hf_loading *l, hf_look_up *look_up);
/* Once there is a plan: sites none of whose backends can be asked. */
void hf_load_backless(hf_loaded *out);
void hf_load_spares(hf_loading *l);
/* Before the sites are loaded: labels and slots. */
void hf_load_labels(hf_loading *l);
void hf_load_ticket_keys(hf_loading *l, const uint8_t (*own)[HF_TICKET_KEY], size_t n);

#endif
