/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What an hf_sessions is made of: a ring of two ticket keys (tickets.c) and a table of sessions
 * (session_cache.c), behind one lock. The lock spins, so it is held for copies of memory and one
 * AEAD operation alone: whatever allocates or draws random bytes does so before or after.
 */
#ifndef HF_KEYS_SESSION_STORE_H
#define HF_KEYS_SESSION_STORE_H

#include <stdatomic.h>

#include "crypto/aead.h"
#include "keys/session.h"

enum {
    HF_SESSIONS_ENTRIES_MAX = 1048576,
    HF_SESSIONS_LIFETIME_MAX = 604800, /* a week */
    HF_TICKET_KEY_NAME = 16,
    /* Random nonces allow 2^32 under one key (NIST SP 800-38D 8.3); the slack is for threads that are past the check. */
    HF_TICKET_KEY_SEALS_MAX = 1 << 30
};

typedef struct hf_ticket_key {
    uint8_t name[HF_TICKET_KEY_NAME];
    hf_aead_key key;
} hf_ticket_key;

/* A key dates from the first clock reading that its ring sees; the one before was retired then. */
typedef struct hf_ticket_ring {
    hf_aead *aead;
    hf_ticket_key current, previous;
    bool has_previous, dated;
    int64_t made; /* the current key, once `dated` */
    uint32_t seals;
} hf_ticket_ring;

typedef struct hf_session_entry hf_session_entry;

/* `entries` slots in buckets of up to 16; an id has one bucket. */
typedef struct hf_session_table {
    size_t entries, buckets;
    hf_session_entry **slots; /* NULL: free */
    uint64_t stored;          /* so far: the age of entries */
} hf_session_table;

struct hf_sessions {
    atomic_uint refs;
    atomic_flag lock;
    bool tickets;
    uint32_t lifetime;
    hf_ticket_ring ring;
    hf_session_table table;
};

static inline void hf_sessions_lock(hf_sessions *sessions)
{
    while (atomic_flag_test_and_set_explicit(&sessions->lock, memory_order_acquire))
        continue;
}

static inline void hf_sessions_unlock(hf_sessions *sessions)
{
    atomic_flag_clear_explicit(&sessions->lock, memory_order_release);
}

/* Each end works on a ring or table that is all zeroes or was never started too. */
hf_error hf_ticket_ring_start(hf_ticket_ring *ring);
hf_error hf_ticket_ring_rotate(hf_sessions *sessions);
void hf_ticket_ring_end(hf_ticket_ring *ring);
hf_error hf_session_table_start(hf_session_table *table, size_t entries);
void hf_session_table_end(hf_session_table *table);

#endif
