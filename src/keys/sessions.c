/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A server's memory of its clients: made, shared, freed. What it remembers is in tickets.c and session_cache.c. */
#include "keys/session_store.h"

static hf_error start(hf_sessions *sessions, size_t entries)
{
    if (sessions->tickets)
        TRY(hf_ticket_ring_start(&sessions->ring));
    return hf_session_table_start(&sessions->table, entries);
}

hf_sessions *hf_sessions_new(bool tickets, size_t entries, uint32_t lifetime)
{
    if (lifetime < 1 || lifetime > HF_SESSIONS_LIFETIME_MAX || entries > HF_SESSIONS_ENTRIES_MAX)
        return NULL;
    hf_sessions *sessions = hf_alloc(sizeof *sessions);
    if (!sessions)
        return NULL;
    atomic_init(&sessions->refs, 1);
    atomic_flag_clear(&sessions->lock);
    sessions->tickets = tickets;
    sessions->lifetime = lifetime;
    if (start(sessions, entries) == HF_OK)
        return sessions;
    hf_sessions_free(sessions);
    return NULL;
}

hf_sessions *hf_sessions_ref(hf_sessions *sessions)
{
    atomic_fetch_add(&sessions->refs, 1);
    return sessions;
}

void hf_sessions_free(hf_sessions *sessions)
{
    if (!sessions || atomic_fetch_sub(&sessions->refs, 1) != 1)
        return;
    hf_ticket_ring_end(&sessions->ring);
    hf_session_table_end(&sessions->table);
    hf_free_secret(sessions, sizeof *sessions);
}

hf_error hf_sessions_rotate(hf_sessions *sessions)
{
    return sessions->tickets ? hf_ticket_ring_rotate(sessions) : HF_E_MISUSE;
}

/* Set when it was made and never changed: no lock. */
bool hf_sessions_has_tickets(const hf_sessions *sessions)
{
    return sessions->tickets;
}

bool hf_sessions_has_cache(const hf_sessions *sessions)
{
    return sessions->table.entries > 0;
}

uint32_t hf_sessions_lifetime(const hf_sessions *sessions)
{
    return sessions->lifetime;
}
