/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Filling the pool and putting it in order. How near a certificate is to an anchor is only a guess
 * from names: it decides what is tried first, never what is accepted.
 */
#include "x509/pool.h"

#include <stdlib.h>

#include "x509/trust.h"

/* ---- order ---- */

static int compare(hf_span a, hf_span b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len > 0 ? memcmp(a.data, b.data, a.len) : 0;
}

static int before(size_t a, size_t b)
{
    return a < b ? -1 : a > b;
}

static int by_content(const void *left, const void *right)
{
    const hf_pool_entry *a = *(hf_pool_entry *const *)left, *b = *(hf_pool_entry *const *)right;
    int order = compare(a->cert.subject, b->cert.subject);

    if (order == 0)
        order = compare(a->cert.der, b->cert.der);
    return order != 0 ? order : before(a->at, b->at);
}

static int by_promise(const void *left, const void *right)
{
    const hf_pool_entry *a = *(hf_pool_entry *const *)left, *b = *(hf_pool_entry *const *)right;
    int order = before(a->group, b->group);

    if (order == 0)
        order = before(a->hops, b->hops);
    return order != 0 ? order : before(a->at, b->at);
}

static void sort(hf_pool *pool, int (*order)(const void *, const void *))
{
    if (pool->n_order > 1)
        qsort(pool->order, pool->n_order, sizeof *pool->order, order);
}

/* ---- what is in it ---- */

static void parse(hf_pool *pool, const hf_span *chain)
{
    for (size_t i = 0; i < pool->n; i++) {
        hf_pool_entry *entry = &pool->entries[i];
        entry->at = i;
        entry->parsed = hf_cert_parse(&entry->cert, chain[i], NULL);
        if (i > 0 && entry->parsed == HF_OK)
            pool->order[pool->n_order++] = entry;
    }
}

/* Equal certificates stand side by side now; the first of the chain stays. */
static void drop_repeated(hf_pool *pool)
{
    size_t kept = 0;

    for (size_t i = 0; i < pool->n_order; i++)
        if (kept == 0 || !hf_span_equal(pool->order[i]->cert.der, pool->order[kept - 1]->cert.der))
            pool->order[kept++] = pool->order[i];
    pool->n_order = kept;
}

static size_t lower_bound(const hf_pool *pool, hf_span subject)
{
    size_t low = 0, high = pool->n_order;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(pool->order[middle]->cert.subject, subject) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_of(const hf_pool *pool, size_t i, hf_span subject)
{
    return i < pool->n_order && hf_span_equal(pool->order[i]->cert.subject, subject);
}

static void link_groups(hf_pool *pool)
{
    for (size_t i = 0; i < pool->n_order; i++) {
        hf_pool_entry *entry = pool->order[i];
        size_t issuers = lower_bound(pool, entry->cert.issuer);
        bool same = i > 0 && is_of(pool, i - 1, entry->cert.subject);
        entry->group = same ? pool->order[i - 1]->group : i;
        entry->issuers = is_of(pool, issuers, entry->cert.issuer) ? issuers : HF_NO_GROUP;
    }
}

/* ---- how near ---- */

/* nearest[g]: the hops of the best certificate of group g. */
static void start_at_anchors(hf_pool *pool, const hf_trust *trust, uint8_t *nearest)
{
    for (size_t i = 0; i < pool->n_order; i++) {
        hf_pool_entry *entry = pool->order[i];
        size_t next = 0;
        bool near = hf_trust_find(trust, entry->cert.issuer, &next) != NULL;
        entry->hops = near ? 1 : HF_FAR;
        if (near || entry->group == i)
            nearest[entry->group] = near ? 1 : HF_FAR;
    }
}

static bool come_nearer(hf_pool *pool, uint8_t *nearest)
{
    bool changed = false;

    for (size_t i = 0; i < pool->n_order; i++) {
        hf_pool_entry *entry = pool->order[i];
        unsigned over =
            entry->issuers == HF_NO_GROUP ? HF_FAR : nearest[entry->issuers] + 1u; /* ≤ 256 */
        if (over >= entry->hops)
            continue;
        entry->hops = over;
        changed = true;
        if (over < nearest[entry->group])
            nearest[entry->group] = (uint8_t)over;
    }
    return changed;
}

static void measure(hf_pool *pool, const hf_trust *trust)
{
    start_at_anchors(pool, trust, pool->nearest);
    for (int round = 0; round < HF_PATH_MAX && come_nearer(pool, pool->nearest);)
        round++;
}

/* ---- for everybody ---- */

hf_error hf_pool_fill(hf_pool *pool, const hf_span *chain, size_t n, const hf_trust *trust)
{
    pool->size = n * (sizeof *pool->entries + sizeof(hf_pool_entry *) + sizeof *pool->nearest);
    pool->entries = hf_block_take(pool->store, pool->size);
    if (!pool->entries)
        return HF_E_NO_MEMORY;
    pool->n = n;
    pool->order = (hf_pool_entry **)(void *)(pool->entries + n);
    pool->nearest = (uint8_t *)(pool->order + n);
    parse(pool, chain);
    sort(pool, by_content);
    drop_repeated(pool);
    link_groups(pool);
    measure(pool, trust);
    sort(pool, by_promise);
    return HF_OK;
}

void hf_pool_free(hf_pool *pool)
{
    hf_block_give(pool->store, pool->entries, pool->size, pool->size);
}

hf_pool_entry *const *hf_pool_find(const hf_pool *pool, hf_span subject, size_t *n)
{
    size_t first = lower_bound(pool, subject), last = first;

    while (is_of(pool, last, subject))
        last++;
    *n = last - first;
    return pool->order + first;
}
