/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The ring of ticket keys. The first seals; all open.
 *
 * Own keys: the first is replaced when it is `rotation` seconds old or has sealed enough, and goes on
 * opening until a session's lifetime has passed since. So a ticket is good for all its life, and a key
 * that is stolen opens what was sealed in rotation + lifetime, not for ever. There is room for
 * HF_TICKET_KEYS_MAX - 1 retired keys: if more than that come about in one lifetime (a rotation of less
 * than a seventh of it, or a key that wore out), the oldest goes early, and its tickets mean a full
 * handshake.
 *
 * Given keys stay as they are until others are given: whoever shares them says when they change.
 */
#include "keys/session_store.h"

static hf_error draw_key(hf_ticket_key *key)
{
    *key = (hf_ticket_key){ .key.id = HF_AES_256_GCM };
    TRY(hf_random_bytes(NULL, key->name, sizeof key->name));
    return hf_random_bytes(NULL, key->key.key, sizeof key->key.key);
}

static void drop_last(hf_ticket_ring *ring)
{
    hf_ticket_key *last = &ring->keys[--ring->n];

    hf_aead_forget(ring->aead, &last->key);
    hf_wipe(last, sizeof *last);
}

/* The new key has no date until somebody comes with a clock. */
static void install(hf_ticket_ring *ring, const hf_ticket_key *fresh)
{
    if (ring->n == HF_TICKET_KEYS_MAX)
        drop_last(ring);
    memmove(ring->keys + 1, ring->keys, ring->n * sizeof *ring->keys);
    ring->keys[0] = *fresh;
    ring->n++;
}

hf_error hf_ticket_ring_start(hf_ticket_ring *ring)
{
    ring->aead = hf_aead_new();
    if (!ring->aead)
        return HF_E_NO_MEMORY;
    TRY(draw_key(&ring->keys[0]));
    ring->n = 1;
    return HF_OK;
}

void hf_ticket_ring_end(hf_ticket_ring *ring)
{
    hf_aead_free(ring->aead);
    hf_wipe(ring->keys, sizeof ring->keys);
}

/* ---- age ---- */

/* As `now` >= made after date_keys, the difference fits. */
static uint64_t age(const hf_ticket_key *key, int64_t now)
{
    return (uint64_t)now - (uint64_t)key->made;
}

/* A clock that was set back makes a key young again rather than immortal. */
static void date_keys(hf_ticket_ring *ring, int64_t now)
{
    for (hf_ticket_key *key = ring->keys; key < ring->keys + ring->n; key++) {
        if (!key->dated || now < key->made)
            key->made = now;
        key->dated = true;
    }
}

/* Nothing that a key sealed is still good once it was retired, which is when the next was made, a lifetime ago. */
void hf_ticket_ring_keep_time(hf_sessions *sessions, int64_t now)
{
    hf_ticket_ring *ring = &sessions->ring;

    if (ring->given)
        return;
    date_keys(ring, now);
    while (ring->n > 1 && age(&ring->keys[ring->n - 2], now) > sessions->lifetime)
        drop_last(ring);
}

static bool is_worn(const hf_sessions *sessions, int64_t now)
{
    const hf_ticket_key *first = &sessions->ring.keys[0];

    return !sessions->ring.given &&
           (age(first, now) >= sessions->rotation || first->seals >= HF_TICKET_KEY_SEALS_MAX);
}

/* ---- own keys ---- */

/* Installs `fresh` if no other thread was quicker; without one, says whether one is needed. */
static bool replace_worn(hf_sessions *sessions, int64_t now, const hf_ticket_key *fresh)
{
    hf_sessions_lock(sessions);
    hf_ticket_ring_keep_time(sessions, now);
    bool worn = is_worn(sessions, now);
    if (worn && fresh)
        install(&sessions->ring, fresh);
    hf_sessions_unlock(sessions);
    return worn;
}

hf_error hf_ticket_ring_renew(hf_sessions *sessions, int64_t now)
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

/* Rotated by hand, also against thieves: of the keys before it only the last one stays. */
static hf_error rotate_to(hf_sessions *sessions, const hf_ticket_key *fresh)
{
    hf_ticket_ring *ring = &sessions->ring;

    hf_sessions_lock(sessions);
    bool given = ring->given;
    if (!given)
        install(ring, fresh);
    while (!given && ring->n > 2)
        drop_last(ring);
    hf_sessions_unlock(sessions);
    return given ? HF_E_MISUSE : HF_OK;
}

hf_error hf_ticket_ring_rotate(hf_sessions *sessions)
{
    hf_ticket_key fresh;
    hf_error e = draw_key(&fresh);

    if (e == HF_OK)
        e = rotate_to(sessions, &fresh);
    hf_wipe(&fresh, sizeof fresh);
    return e;
}

/* ---- given keys ---- */

static bool is_named_twice(const uint8_t (*keys)[HF_TICKET_KEY], size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (memcmp(keys[i], keys[j], HF_TICKET_KEY_NAME) == 0)
                return true;
    return false;
}

static hf_ticket_key key_from(const uint8_t *bytes)
{
    hf_ticket_key key = { .key.id = HF_AES_256_GCM };

    memcpy(key.name, bytes, sizeof key.name);
    memcpy(key.key.key, bytes + sizeof key.name, sizeof key.key.key);
    return key;
}

/* Who is given a key again must go on counting what it sealed. */
static uint32_t seals_so_far(const hf_ticket_ring *ring, const hf_ticket_key *key)
{
    hf_span bytes = hf_span_of(key->key.key, sizeof key->key.key);

    for (size_t i = 0; i < ring->n; i++)
        if (hf_ct_equal(hf_span_of(ring->keys[i].key.key, bytes.len), bytes))
            return ring->keys[i].seals;
    return 0;
}

static void replace_all(hf_ticket_ring *ring, hf_ticket_key *keys, size_t n)
{
    for (size_t i = 0; i < n; i++)
        keys[i].seals = seals_so_far(ring, &keys[i]);
    while (ring->n > 0)
        drop_last(ring);
    memcpy(ring->keys, keys, n * sizeof *keys);
    ring->n = n;
    ring->given = true;
}

hf_error hf_ticket_ring_give(hf_sessions *sessions, const uint8_t (*keys)[HF_TICKET_KEY], size_t n)
{
    hf_ticket_key fresh[HF_TICKET_KEYS_MAX];

    if (n < 1 || n > HF_TICKET_KEYS_MAX || is_named_twice(keys, n))
        return HF_E_LIMIT;
    for (size_t i = 0; i < n; i++)
        fresh[i] = key_from(keys[i]);
    hf_sessions_lock(sessions);
    replace_all(&sessions->ring, fresh, n);
    hf_sessions_unlock(sessions);
    hf_wipe(fresh, sizeof fresh);
    return HF_OK;
}
