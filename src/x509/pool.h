/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The certificates among which a path is looked for: parsed once, found by subject, the most
 * promising first. Thousands of them cost no scan: each look-up is a binary search.
 */
#ifndef HF_X509_POOL_H
#define HF_X509_POOL_H

#include "base/blocks.h"
#include "x509/x509.h"

typedef struct hf_pool_entry {
    hf_cert cert;
    hf_error parsed; /* why it is no candidate; HF_OK: it is one */
    size_t at;       /* its place in the chain */
    size_t group;    /* where those of the same subject start in `order` */
    size_t issuers;  /* where those start that may have signed it; HF_NO_GROUP: none is here */
    unsigned
        hops; /* certificates from here to an anchor's name at least; HF_FAR: it leads to none */
} hf_pool_entry;

#define HF_NO_GROUP SIZE_MAX
enum { HF_FAR = 255 };

typedef struct hf_pool {
    size_t n;
    hf_pool_entry
        *entries; /* as in the chain, the leaf first; one allocation with the two arrays below */
    size_t n_order;
    hf_pool_entry **
        order; /* the candidates: without the leaf, what is malformed and what is there twice; by subject,
                              then by hops, then as in the chain */
    uint8_t *nearest; /* of a group: the hops of its best certificate */
    hf_blocks *store; /* where the allocation comes from; may be NULL */
    size_t size;
} hf_pool;

/* Into a pool that is empty but for its store. HF_E_NO_MEMORY; whatever happens, hf_pool_free. */
hf_error hf_pool_fill(hf_pool *pool, const hf_span *chain, size_t n, const hf_trust *trust);
void hf_pool_free(hf_pool *pool);
/* Those of that subject: order[0] to order[*n - 1] of what is returned. */
hf_pool_entry *const *hf_pool_find(const hf_pool *pool, hf_span subject, size_t *n);

#endif
