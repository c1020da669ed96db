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
 * The name is the additional data. Which keys there are is ticket_keys.c's matter. A ticket that other
 * code seals (hf_sessions_ops) is what that code makes of it; only its lengths are checked here.
 */
#include "keys/session_store.h"

enum { NONCE_AT = HF_TICKET_KEY_NAME, BODY_AT = NONCE_AT + HF_AEAD_NONCE };

/* ---- sealing ---- */

/* A given key cannot be replaced here, so that one that sealed enough seals no more. */
static hf_error seal_locked(hf_sessions *sessions, int64_t now, hf_span state, uint8_t *ticket)
{
    hf_ticket_ring *ring = &sessions->ring;
    hf_ticket_key *key = &ring->keys[0];

    hf_ticket_ring_keep_time(sessions, now);
    if (ring->given && key->seals >= HF_TICKET_KEY_SEALS_MAX)
        return HF_E_LIMIT;
    key->seals++;
    memcpy(ticket, key->name, HF_TICKET_KEY_NAME);
    return hf_aead_seal(ring->aead, &key->key, ticket + NONCE_AT,
                        hf_span_of(ticket, HF_TICKET_KEY_NAME), &state, 1, ticket + BODY_AT);
}

static hf_error seal_here(hf_sessions *sessions, const hf_random *random, int64_t now,
                          hf_span state, uint8_t *ticket, size_t *len)
{
    TRY(hf_random_bytes(random, ticket + NONCE_AT, HF_AEAD_NONCE));
    TRY(hf_ticket_ring_renew(sessions, now));
    hf_sessions_lock(sessions);
    hf_error e = seal_locked(sessions, now, state, ticket);
    hf_sessions_unlock(sessions);
    *len = state.len + HF_TICKET_OVERHEAD;
    return e;
}

static hf_error seal_elsewhere(const hf_sessions_ops *ops, hf_span state, uint8_t *ticket,
                               size_t *len)
{
    *len = HF_TICKET_MAX;
    TRY(ops->seal(ops->user, state, ticket, len));
    return *len >= 1 && *len <= HF_TICKET_MAX ? HF_OK : HF_E_LIMIT;
}

hf_error hf_ticket_seal(hf_sessions *sessions, const hf_random *random, int64_t now, hf_span state,
                        uint8_t *ticket, size_t *len)
{
    size_t n = 0;

    *len = 0;
    if (!sessions->tickets)
        return HF_E_MISUSE;
    if (state.len > HF_SESSION_STATE_MAX)
        return HF_E_LIMIT;
    hf_error e = sessions->ops.seal ? seal_elsewhere(&sessions->ops, state, ticket, &n)
                                    : seal_here(sessions, random, now, state, ticket, &n);
    *len = e == HF_OK ? n : 0;
    return e;
}

/* ---- opening ---- */

/* Names are public: the ticket has one in the clear. */
static const hf_ticket_key *key_named(const hf_ticket_ring *ring, const uint8_t *name)
{
    for (size_t i = 0; i < ring->n; i++)
        if (memcmp(ring->keys[i].name, name, HF_TICKET_KEY_NAME) == 0)
            return &ring->keys[i];
    return NULL;
}

static hf_error open_locked(hf_sessions *sessions, int64_t now, hf_span ticket, uint8_t *body,
                            size_t *len, bool *is_old)
{
    hf_ticket_ring *ring = &sessions->ring;

    hf_ticket_ring_keep_time(sessions, now);
    const hf_ticket_key *key = key_named(ring, ticket.data);
    if (!key)
        return HF_E_SESSION_DAMAGED;
    *is_old = key != &ring->keys[0];
    return hf_aead_open(ring->aead, &key->key, ticket.data + NONCE_AT,
                        hf_span_of(ticket.data, HF_TICKET_KEY_NAME), body, ticket.len - BODY_AT,
                        len);
}

static hf_error open_here(hf_sessions *sessions, int64_t now, hf_span ticket, uint8_t *state,
                          size_t *len, bool *renew)
{
    uint8_t body[HF_SESSION_STATE_MAX + HF_AEAD_TAG];

    if (ticket.len < HF_TICKET_OVERHEAD || ticket.len > HF_SESSION_STATE_MAX + HF_TICKET_OVERHEAD)
        return HF_E_SESSION_DAMAGED;
    memcpy(body, ticket.data + BODY_AT, ticket.len - BODY_AT);
    hf_sessions_lock(sessions);
    hf_error e = open_locked(sessions, now, ticket, body, len, renew);
    hf_sessions_unlock(sessions);
    if (e == HF_OK)
        memcpy(state, body, *len);
    hf_wipe(body, sizeof body);
    return e == HF_E_RECORD_MAC ? HF_E_SESSION_DAMAGED : e;
}

/* What was written there before a failure is nobody's session. */
static hf_error open_elsewhere(const hf_sessions_ops *ops, hf_span ticket, uint8_t *state,
                               size_t *len, bool *renew)
{
    if (ticket.len < 1 || ticket.len > HF_TICKET_MAX)
        return HF_E_SESSION_DAMAGED;
    *len = HF_SESSION_STATE_MAX;
    hf_error e = ops->open(ops->user, ticket, state, len, renew);
    if (e == HF_OK && *len > HF_SESSION_STATE_MAX)
        e = HF_E_SESSION_DAMAGED;
    if (e != HF_OK)
        hf_wipe(state, HF_SESSION_STATE_MAX);
    return e;
}

/* *renew: the server MAY renew the ticket in the same handshake (RFC 5077 3.3). */
hf_error hf_ticket_open(hf_sessions *sessions, int64_t now, hf_span ticket,
                        uint8_t state[HF_SESSION_STATE_MAX], size_t *len, bool *renew)
{
    size_t n = 0;
    bool is_old = false;

    *len = 0;
    *renew = false;
    if (!sessions->tickets)
        return HF_E_SESSION_DAMAGED;
    hf_error e = sessions->ops.open ? open_elsewhere(&sessions->ops, ticket, state, &n, &is_old)
                                    : open_here(sessions, now, ticket, state, &n, &is_old);
    if (e == HF_OK) {
        *len = n;
        *renew = is_old;
    }
    return e;
}
