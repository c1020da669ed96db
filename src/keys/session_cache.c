/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The cache: sessions by their id (RFC 5246 7.4.1.3), for clients without tickets. An id's first bytes
 * choose a bucket of at most 16 slots, which is all that a look-up reads; a full bucket gives up its
 * oldest. Ids are random bytes of ours, so nobody outside can crowd one bucket. Entries are made before
 * and wiped after the lock is held.
 */
#include "keys/session_store.h"

enum { BUCKET = 16 };

struct hf_session_entry {
    uint8_t id[HF_SESSION_ID];
    uint64_t age; /* the table's `stored` when it came */
    size_t len;
    uint8_t state[];
};

/* ---- entries ---- */

static hf_session_entry *new_entry(const uint8_t *id, hf_span state)
{
    hf_session_entry *entry = hf_alloc(sizeof *entry + state.len);

    if (!entry)
        return NULL;
    memcpy(entry->id, id, sizeof entry->id);
    entry->len = state.len;
    if (state.len > 0)
        memcpy(entry->state, state.data, state.len);
    return entry;
}

static void free_entry(hf_session_entry *entry)
{
    if (entry)
        hf_free_secret(entry, sizeof *entry + entry->len);
}

/* ---- the table ---- */

hf_error hf_session_table_start(hf_session_table *table, size_t entries)
{
    if (entries == 0)
        return HF_OK;
    table->slots = hf_alloc(entries * sizeof(hf_session_entry *));
    if (!table->slots)
        return HF_E_NO_MEMORY;
    table->entries = entries;
    table->buckets = (entries + BUCKET - 1) / BUCKET;
    return HF_OK;
}

void hf_session_table_end(hf_session_table *table)
{
    for (size_t i = 0; i < table->entries; i++)
        free_entry(table->slots[i]);
    hf_free(table->slots);
}

typedef struct bucket {
    hf_session_entry **first, **end;
} bucket;

/* The slots are dealt out evenly, so that all are in some bucket: none is empty, none over BUCKET. */
static bucket bucket_of(const hf_session_table *table, const uint8_t *id)
{
    uint64_t hash = 0, n = table->buckets;

    for (size_t i = 0; i < sizeof hash; i++)
        hash = hash << 8 | id[i];
    hash %= n;
    return (bucket){ table->slots + hash * table->entries / n,
                     table->slots + (hash + 1) * table->entries / n };
}

static hf_session_entry **slot_of(bucket b, const uint8_t *id)
{
    for (hf_session_entry **slot = b.first; slot < b.end; slot++)
        if (*slot &&
            hf_ct_equal(hf_span_of((*slot)->id, HF_SESSION_ID), hf_span_of(id, HF_SESSION_ID)))
            return slot;
    return NULL;
}

/* A free slot, else the oldest entry's. */
static hf_session_entry **slot_to_fill(bucket b)
{
    hf_session_entry **oldest = b.first;

    for (hf_session_entry **slot = b.first; slot < b.end; slot++) {
        if (!*slot)
            return slot;
        if ((*slot)->age < (*oldest)->age)
            oldest = slot;
    }
    return oldest;
}

/* Returns what it replaces, or NULL. */
static hf_session_entry *put(hf_session_table *table, hf_session_entry *entry)
{
    bucket b = bucket_of(table, entry->id);
    hf_session_entry **slot = slot_of(b, entry->id);

    if (!slot)
        slot = slot_to_fill(b);
    hf_session_entry *old = *slot;
    entry->age = table->stored++;
    *slot = entry;
    return old;
}

static hf_session_entry *take(hf_session_table *table, const uint8_t *id)
{
    hf_session_entry **slot = slot_of(bucket_of(table, id), id), *old = NULL;

    if (slot) {
        old = *slot;
        *slot = NULL;
    }
    return old;
}

static bool copy_out(const hf_session_table *table, const uint8_t *id, uint8_t *state, size_t *len)
{
    hf_session_entry **slot = slot_of(bucket_of(table, id), id);

    if (!slot)
        return false;
    *len = (*slot)->len;
    memcpy(state, (*slot)->state, *len);
    return true;
}

/* ---- the interface ---- */

hf_error hf_session_store(hf_sessions *sessions, const uint8_t id[HF_SESSION_ID], hf_span state)
{
    if (!hf_sessions_has_cache(sessions))
        return HF_E_MISUSE;
    if (state.len > HF_SESSION_STATE_MAX)
        return HF_E_LIMIT;
    hf_session_entry *entry = new_entry(id, state);
    if (!entry)
        return HF_E_NO_MEMORY;
    hf_sessions_lock(sessions);
    hf_session_entry *old = put(&sessions->table, entry);
    hf_sessions_unlock(sessions);
    free_entry(old);
    return HF_OK;
}

bool hf_session_find(hf_sessions *sessions, hf_span id, uint8_t state[HF_SESSION_STATE_MAX],
                     size_t *len)
{
    *len = 0;
    if (!hf_sessions_has_cache(sessions) || id.len != HF_SESSION_ID)
        return false;
    hf_sessions_lock(sessions);
    bool found = copy_out(&sessions->table, id.data, state, len);
    hf_sessions_unlock(sessions);
    return found;
}

void hf_session_remove(hf_sessions *sessions, hf_span id)
{
    if (!hf_sessions_has_cache(sessions) || id.len != HF_SESSION_ID)
        return;
    hf_sessions_lock(sessions);
    hf_session_entry *old = take(&sessions->table, id.data);
    hf_sessions_unlock(sessions);
    free_entry(old);
}
