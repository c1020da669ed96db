/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the parent hands to its workers: the configuration's text, and every file, address and key that belongs to it, as the parent
 * read and judged them. A worker opens no file and resolves no name; it reads the same text with the same reader (config.h), so
 * that both mean the same by "site 3, certificate 0". A plan is whole: a worker takes all of it or nothing.
 */
#ifndef HF_TOOL_PROXY_PLAN_H
#define HF_TOOL_PROXY_PLAN_H

#include <sys/socket.h>

#include <handfast/config.h>

enum { HF_PLAN_BYTES_MAX = 256 << 20, HF_PLAN_ADDRESSES_MAX = 8 };

typedef enum hf_part_kind {
    HF_PART_CHAIN,       /* PEM; item: which certificate of the site */
    HF_PART_KEY,         /* PEM, not encrypted any more */
    HF_PART_STAPLE,      /* DER; only if it is good now */
    HF_PART_SPARE_CHAIN, /* fallback, configured or made: of sites that are unavailable */
    HF_PART_SPARE_KEY,
    HF_PART_CLIENT_CA,     /* PEM */
    HF_PART_CLIENT_CRL,    /* PEM or DER */
    HF_PART_BACKEND_CA,    /* PEM; item: which backend of the site; none: the system's count */
    HF_PART_BACKEND_CHAIN, /* what is shown to it */
    HF_PART_BACKEND_KEY,
    HF_PART_ADDRESS, /* hf_plan_address[1 to HF_PLAN_ADDRESSES_MAX], of a TCP backend; none: not resolved */
    HF_PART_UNAVAILABLE, /* why the site is, in words for the operator, with its NUL; its absence: it is available */
    HF_PART_SLOT,        /* uint32_t: where the site counts (counters.h) */
    HF_PART_TICKET_KEYS, /* HF_TICKET_KEY bytes each, the first seals; site and item 0 */
    HF_PART_LABEL,       /* what logs and metrics call the site, with its NUL */
    HF_PART_SYSTEM_CA, /* PEM, for all backends without a CA of their own; site 0, item 1 if they are public CAs, else 0 */
    HF_PART_BACKEND_UNUSABLE, /* why that backend must not be asked, with its NUL; its absence: it may */
    HF_PART_KIND_COUNT
} hf_part_kind;

typedef struct hf_plan_address {
    socklen_t len;
    struct sockaddr_storage at;
} hf_plan_address;

typedef struct hf_plan_part {
    hf_part_kind kind;
    uint16_t site, item;
    hf_span bytes;
} hf_plan_part;

typedef struct hf_plan {
    uint64_t number; /* counts up: 1 is what the proxy began with */
    char *file;      /* the configuration's, for messages */
    hf_span yaml;
    hf_plan_part *parts; /* in order of kind, site, item */
    size_t n_parts;
    uint8_t *memory; /* what all of it points into */
    size_t memory_len;
} hf_plan;

/* The bytes of a part; empty: it is not there. */
hf_span hf_plan_find(const hf_plan *plan, hf_part_kind kind, size_t site, size_t item);
/* A part that is text; NULL: it is not there. */
const char *hf_plan_text(const hf_plan *plan, hf_part_kind kind, size_t site, size_t item);
/* As one piece of memory, and back. Parts may come in any order (each kind, site and item once) and share bytes, which are
   packed once. What they give is freed with hf_plan_bytes_free and hf_plan_free, which wipe. False: no memory;
   unpack: or not a plan (it comes from our own parent, and is still not trusted). unpack copies. */
bool hf_plan_pack(const hf_plan *plan, uint8_t **bytes, size_t *len);
void hf_plan_bytes_free(uint8_t *bytes, size_t len);
bool hf_plan_unpack(hf_span bytes, hf_plan *plan);
void hf_plan_free(hf_plan *plan);

#endif
