/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What an end remembers of its sessions: made, shared, freed. Its parts have a file each (session_store.h). */
#include "keys/session_store.h"

static const hf_sessions_ops in_memory;

/* Half a pair would seal what nobody opens, or claim by a clock that nobody shares. */
static bool are_pairs(const hf_sessions_ops *ops)
{
    return !ops->seal == !ops->open && !ops->claim == !ops->now_ms;
}

static bool in_range(const hf_sessions_options *o)
{
    return o->lifetime <= HF_SESSIONS_LIFETIME_MAX && o->rotation <= HF_SESSIONS_LIFETIME_MAX &&
           o->entries <= HF_SESSIONS_ENTRIES_MAX && o->strikes <= HF_SESSIONS_STRIKES_MAX &&
           (!o->ops || are_pairs(o->ops));
}

static void configure(hf_sessions *sessions, const hf_sessions_options *o)
{
    sessions->tickets = o->tickets;
    sessions->lifetime = o->lifetime > 0 ? o->lifetime : HF_SESSIONS_LIFETIME_MAX;
    sessions->rotation = o->rotation > 0 ? o->rotation : sessions->lifetime;
    sessions->ops = o->ops ? *o->ops : in_memory;
    sessions->strikes.entries = o->strikes > 0 ? o->strikes : HF_SESSIONS_STRIKES;
    sessions->client.entries = o->entries;
}

static hf_error start(hf_sessions *sessions, size_t entries)
{
    if (sessions->tickets && !sessions->ops.seal)
        TRY(hf_ticket_ring_start(&sessions->ring));
    return hf_session_table_start(&sessions->table, entries);
}

hf_sessions *hf_sessions_new(const hf_sessions_options *options)
{
    if (!options || !in_range(options))
        return NULL;
    hf_sessions *sessions = hf_alloc(sizeof *sessions);
    if (!sessions)
        return NULL;
    atomic_init(&sessions->refs, 1);
    atomic_init(&sessions->ring.given, false);
    atomic_flag_clear(&sessions->lock);
    configure(sessions, options);
    if (start(sessions, options->entries) == HF_OK)
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
    hf_strike_register_end(&sessions->strikes);
    hf_client_store_end(&sessions->client);
    hf_free_secret(sessions, sizeof *sessions);
}

/* Whose tickets other code seals has no keys. */
hf_error hf_sessions_rotate(hf_sessions *sessions)
{
    return hf_sessions_has_tickets(sessions) && !sessions->ops.seal
               ? hf_ticket_ring_rotate(sessions)
               : HF_E_MISUSE;
}

hf_error hf_sessions_set_keys(hf_sessions *sessions, const uint8_t (*keys)[HF_TICKET_KEY], size_t n)
{
    return hf_sessions_has_tickets(sessions) && !sessions->ops.seal
               ? hf_ticket_ring_give(sessions, keys, n)
               : HF_E_MISUSE;
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
