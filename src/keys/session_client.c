/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A client's sessions, by a digest of all that they are bound to. Each is taken out to be used, so that
 * no ticket is offered twice (RFC 9846 C.4); one that may be used again is put back. Chains lead from a
 * key to its sessions, newest first; a list has all from the newest to the oldest. Copies are made
 * before and wiped after the lock is held.
 */
#include "keys/session_store.h"

enum { KEY = 32, PER_KEY_MAX = 8 };

struct hf_kept_session {
    hf_kept_session *next;          /* in its chain */
    hf_kept_session *newer, *older; /* in the list */
    uint8_t key[KEY];
    uint8_t *bytes;
    size_t len;
};

/* ---- one session ---- */

/* The bytes are a block of their own, as they are handed to who takes them. */
static hf_kept_session *new_kept(const uint8_t *key, hf_span session)
{
    hf_kept_session *kept = hf_alloc(sizeof *kept);

    if (!kept)
        return NULL;
    memcpy(kept->key, key, KEY);
    kept->bytes = hf_copy(session);
    kept->len = session.len;
    if (kept->bytes)
        return kept;
    hf_free(kept);
    return NULL;
}

static void free_kept(hf_kept_session *kept)
{
    if (!kept)
        return;
    hf_free_secret(kept->bytes, kept->len);
    hf_free_secret(kept, sizeof *kept);
}

/* ---- the store ---- */

static hf_kept_session **chain_of(const hf_client_store *store, const uint8_t *key)
{
    uint64_t hash = 0;

    for (size_t i = 0; i < sizeof hash; i++)
        hash = hash << 8 | key[i];
    return &store->chains[hash % store->entries];
}

static bool is_under(const hf_kept_session *kept, const uint8_t *key)
{
    return memcmp(kept->key, key, KEY) == 0;
}

static void insert(hf_client_store *store, hf_kept_session *kept)
{
    hf_kept_session **chain = chain_of(store, kept->key);

    kept->next = *chain;
    *chain = kept;
    kept->older = store->newest;
    if (store->newest)
        store->newest->newer = kept;
    else
        store->oldest = kept;
    store->newest = kept;
    store->count++;
}

static void unlink_from_list(hf_client_store *store, hf_kept_session *kept)
{
    if (kept->newer)
        kept->newer->older = kept->older;
    else
        store->newest = kept->older;
    if (kept->older)
        kept->older->newer = kept->newer;
    else
        store->oldest = kept->newer;
}

static void take_out(hf_client_store *store, hf_kept_session *kept)
{
    hf_kept_session **place = chain_of(store, kept->key);

    while (*place != kept)
        place = &(*place)->next;
    *place = kept->next;
    unlink_from_list(store, kept);
    store->count--;
}

/* The oldest of that key if it has its share, else the oldest of all if there is no room. */
static hf_kept_session *who_makes_room(const hf_client_store *store, const uint8_t *key)
{
    hf_kept_session *last = NULL;
    size_t n = 0;

    for (hf_kept_session *kept = *chain_of(store, key); kept; kept = kept->next)
        if (is_under(kept, key)) {
            last = kept;
            n++;
        }
    if (n >= PER_KEY_MAX)
        return last;
    return store->count >= store->entries ? store->oldest : NULL;
}

static hf_kept_session *newest_under(const hf_client_store *store, const uint8_t *key)
{
    hf_kept_session *kept = store->chains ? *chain_of(store, key) : NULL;

    while (kept && !is_under(kept, key))
        kept = kept->next;
    return kept;
}

void hf_client_store_end(hf_client_store *store)
{
    for (hf_kept_session *kept = store->newest, *older; kept; kept = older) {
        older = kept->older;
        free_kept(kept);
    }
    hf_free(store->chains);
}

/* ---- the interface ---- */

/* True if there are chains now. They are made outside the lock; another thread may be quicker. */
static bool have_chains(hf_sessions *sessions)
{
    hf_client_store *store = &sessions->client;

    hf_sessions_lock(sessions);
    bool have = store->chains != NULL;
    hf_sessions_unlock(sessions);
    hf_kept_session **fresh = have ? NULL : hf_alloc(store->entries * sizeof *fresh);
    if (have || !fresh)
        return have;
    hf_sessions_lock(sessions);
    if (!store->chains) {
        store->chains = fresh;
        fresh = NULL;
    }
    hf_sessions_unlock(sessions);
    hf_free(fresh);
    return true;
}

void hf_sessions_put(hf_sessions *sessions, const uint8_t key[KEY], hf_span session)
{
    hf_client_store *store = &sessions->client;

    if (store->entries == 0 || session.len == 0 || session.len > HF_SESSION_MAX ||
        !have_chains(sessions))
        return;
    hf_kept_session *kept = new_kept(key, session);
    if (!kept)
        return;
    hf_sessions_lock(sessions);
    hf_kept_session *old = who_makes_room(store, key);
    if (old)
        take_out(store, old);
    insert(store, kept);
    hf_sessions_unlock(sessions);
    free_kept(old);
}

hf_span hf_sessions_take(hf_sessions *sessions, const uint8_t key[KEY])
{
    hf_sessions_lock(sessions);
    hf_kept_session *kept = newest_under(&sessions->client, key);
    if (kept)
        take_out(&sessions->client, kept);
    hf_sessions_unlock(sessions);
    if (!kept)
        return hf_span_of(NULL, 0);
    hf_span session = hf_span_of(kept->bytes, kept->len);
    hf_free_secret(kept, sizeof *kept);
    return session;
}

void hf_sessions_forget(hf_sessions *sessions, const uint8_t key[KEY], hf_span session)
{
    hf_sessions_lock(sessions);
    hf_kept_session *kept = newest_under(&sessions->client, key);
    while (kept &&
           !(is_under(kept, key) && hf_ct_equal(hf_span_of(kept->bytes, kept->len), session)))
        kept = kept->next;
    if (kept)
        take_out(&sessions->client, kept);
    hf_sessions_unlock(sessions);
    free_kept(kept);
}
