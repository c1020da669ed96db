/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Tickets, as RFC 5077 4 recommends them, with AES-256-GCM for its two algorithms:
 *
 *     struct {
 *         opaque key_name[16];
 *         opaque nonce[12];
 *         opaque encrypted_state[length of the state];
 *         opaque tag[16];
 *     } ticket;
 *
 * The name is the additional data. One key seals; it and the one before open. So a ticket outlives
 * one rotation, and a key that is stolen opens what was sealed in two lifetimes, not for ever.
 */
#include "keys/session_store.h"

enum { NONCE_AT = HF_TICKET_KEY_NAME, BODY_AT = NONCE_AT + HF_AEAD_NONCE };

/* ---- the ring ---- */

static hf_error draw_key(hf_ticket_key *key)
{
    key->key.id = HF_AES_256_GCM;
    TRY(hf_random_bytes(NULL, key->name, sizeof key->name));
    return hf_random_bytes(NULL, key->key.key, sizeof key->key.key);
}

static void drop_previous(hf_ticket_ring *ring)
{
    if (!ring->has_previous)
        return;
    hf_aead_forget(ring->aead, &ring->previous.key);
    hf_wipe(&ring->previous, sizeof ring->previous);
    ring->has_previous = false;
}

/* The new key has no date until somebody comes with a clock. */
static void install(hf_ticket_ring *ring, const hf_ticket_key *fresh)
{
    drop_previous(ring);
    ring->previous = ring->current;
    ring->has_previous = true;
    ring->current = *fresh;
    ring->dated = false;
    ring->seals = 0;
}

hf_error hf_ticket_ring_start(hf_ticket_ring *ring)
{
    ring->aead = hf_aead_new();
    if (!ring->aead)
        return HF_E_NO_MEMORY;
    return draw_key(&ring->current);
}

void hf_ticket_ring_end(hf_ticket_ring *ring)
{
    hf_aead_free(ring->aead);
    hf_wipe(ring, sizeof *ring);
}

/* ---- its age ---- */

/* As `now` >= made after keep_time, the difference fits. */
static uint64_t age(const hf_ticket_ring *ring, int64_t now)
{
    return (uint64_t)now - (uint64_t)ring->made;
}

/* Every visit starts here. A clock that was set back makes the key young again rather than immortal.
   Nothing that the previous key sealed is still good once it was retired a lifetime ago. */
static void keep_time(hf_sessions *sessions, int64_t now)
{
    hf_ticket_ring *ring = &sessions->ring;

    if (!ring->dated || now < ring->made)
        ring->made = now;
    ring->dated = true;
    if (age(ring, now) > sessions->lifetime)
        drop_previous(ring);
}

static bool is_worn(const hf_sessions *sessions, int64_t now)
{
    return age(&sessions->ring, now) >= sessions->lifetime ||
           sessions->ring.seals >= HF_TICKET_KEY_SEALS_MAX;
}

hf_error hf_ticket_ring_rotate(hf_sessions *sessions)
{
    hf_ticket_key fresh;
    hf_error e = draw_key(&fresh);

    if (e == HF_OK) {
        hf_sessions_lock(sessions);
        install(&sessions->ring, &fresh);
        hf_sessions_unlock(sessions);
    }
    hf_wipe(&fresh, sizeof fresh);
    return e;
}

/* Installs `fresh` if no other thread was quicker; without one, says whether one is needed. */
static bool replace_worn(hf_sessions *sessions, int64_t now, const hf_ticket_key *fresh)
{
    hf_sessions_lock(sessions);
    keep_time(sessions, now);
    bool worn = is_worn(sessions, now);
    if (worn && fresh)
        install(&sessions->ring, fresh);
    hf_sessions_unlock(sessions);
    return worn;
}

static hf_error renew_if_worn(hf_sessions *sessions, int64_t now)
{
    hf_ticket_key fresh;

    if (!replace_worn(sessions, now, NULL))
        return HF_OK;
    hf_error e = draw_key(&fresh);
    if (e == HF_OK)
        (void)replace_worn(sessions, now, &fresh);
    hf_wipe(&fresh, sizeof fresh);
    return e;
}

/* ---- sealing ---- */

static hf_error seal_locked(hf_sessions *sessions, int64_t now, hf_span state, uint8_t *ticket)
{
    hf_ticket_ring *ring = &sessions->ring;

    keep_time(sessions, now);
    ring->seals++;
    memcpy(ticket, ring->current.name, HF_TICKET_KEY_NAME);
    return hf_aead_seal(ring->aead, &ring->current.key, ticket + NONCE_AT,
                        hf_span_of(ticket, HF_TICKET_KEY_NAME), &state, 1, ticket + BODY_AT);
}

hf_error hf_ticket_seal(hf_sessions *sessions, const hf_random *random, int64_t now, hf_span state,
                        uint8_t *ticket, size_t *len)
{
    *len = 0;
    if (!sessions->tickets)
        return HF_E_MISUSE;
    if (state.len > HF_SESSION_STATE_MAX)
        return HF_E_LIMIT;
    TRY(hf_random_bytes(random, ticket + NONCE_AT, HF_AEAD_NONCE));
    TRY(renew_if_worn(sessions, now));
    hf_sessions_lock(sessions);
    hf_error e = seal_locked(sessions, now, state, ticket);
    hf_sessions_unlock(sessions);
    *len = e == HF_OK ? state.len + HF_TICKET_OVERHEAD : 0;
    return e;
}

/* ---- opening ---- */

/* Names are public: the ticket has one in the clear. */
static const hf_ticket_key *key_named(const hf_ticket_ring *ring, const uint8_t *name)
{
    if (memcmp(ring->current.name, name, HF_TICKET_KEY_NAME) == 0)
        return &ring->current;
    if (ring->has_previous && memcmp(ring->previous.name, name, HF_TICKET_KEY_NAME) == 0)
        return &ring->previous;
    return NULL;
}

static hf_error open_locked(hf_sessions *sessions, int64_t now, hf_span ticket, uint8_t *body,
                            size_t *len, bool *is_old)
{
    hf_ticket_ring *ring = &sessions->ring;

    keep_time(sessions, now);
    const hf_ticket_key *key = key_named(ring, ticket.data);
    if (!key)
        return HF_E_SESSION_DAMAGED;
    *is_old = key == &ring->previous;
    return hf_aead_open(ring->aead, &key->key, ticket.data + NONCE_AT,
                        hf_span_of(ticket.data, HF_TICKET_KEY_NAME), body, ticket.len - BODY_AT,
                        len);
}

/* *renew: the server MAY renew the ticket in the same handshake (RFC 5077 3.3). */
hf_error hf_ticket_open(hf_sessions *sessions, int64_t now, hf_span ticket,
                        uint8_t state[HF_SESSION_STATE_MAX], size_t *len, bool *renew)
{
    uint8_t body[HF_SESSION_STATE_MAX + HF_AEAD_TAG];
    size_t n = 0;
    bool is_old = false;

    *len = 0;
    *renew = false;
    if (!sessions->tickets || ticket.len < HF_TICKET_OVERHEAD || ticket.len > HF_TICKET_MAX)
        return HF_E_SESSION_DAMAGED;
    memcpy(body, ticket.data + BODY_AT, ticket.len - BODY_AT);
    hf_sessions_lock(sessions);
    hf_error e = open_locked(sessions, now, ticket, body, &n, &is_old);
    hf_sessions_unlock(sessions);
    if (e == HF_OK) {
        memcpy(state, body, n);
        *len = n;
        *renew = is_old;
    }
    hf_wipe(body, sizeof body);
    return e == HF_E_RECORD_MAC ? HF_E_SESSION_DAMAGED : e;
}
