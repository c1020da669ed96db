/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What an hf_sessions is made of, behind one lock: a server's ring of ticket keys (ticket_keys.c), its
 * table of sessions (session_cache.c) and its register of used 0-RTT tickets (replay.c); a client's
 * sessions (session_client.c). The lock spins, so it is held for copies of memory and one AEAD
 * operation alone: whatever allocates or draws random bytes does so before or after.
 */
#ifndef HF_KEYS_SESSION_STORE_H
#define HF_KEYS_SESSION_STORE_H

#include <stdatomic.h>

#include "crypto/aead.h"
#include "keys/session.h"

enum {
    HF_SESSIONS_ENTRIES_MAX = 1048576,
    HF_SESSIONS_LIFETIME_MAX = 604800, /* a week (RFC 9846 4.7.1) */
    HF_SESSIONS_STRIKES_MAX = 1048576,
    HF_SESSIONS_STRIKES = 65536,
    HF_TICKET_KEY_NAME = 16,
    /* Random nonces allow 2^32 under one key (NIST SP 800-38D 8.3); the slack is for threads that are past the check, and for
       three more machines that seal under a given key. */
    HF_TICKET_KEY_SEALS_MAX = 1 << 30
};

/* A key dates from the first clock reading that its ring sees; the next older one was retired then. */
typedef struct hf_ticket_key {
    uint8_t name[HF_TICKET_KEY_NAME];
    hf_aead_key key;
    int64_t made; /* once `dated` */
    bool dated;
    uint32_t seals;
} hf_ticket_key;

typedef struct hf_ticket_ring {
    hf_aead *aead;
    hf_ticket_key
        keys[HF_TICKET_KEYS_MAX]; /* the first seals, all open; own keys from new to old */
    size_t n;
    atomic_bool given; /* by hf_sessions_set_keys, now or ever; written under the lock */
} hf_ticket_ring;

typedef struct hf_session_entry hf_session_entry;

/* `entries` slots in buckets of up to 16; an id has one bucket. */
typedef struct hf_session_table {
    size_t entries, buckets;
    hf_session_entry **slots; /* NULL: free */
    uint64_t stored;          /* so far: the age of entries */
} hf_session_table;

typedef struct hf_strike hf_strike;

/* `entries` slots in buckets of up to 16, made when the first id is claimed. */
typedef struct hf_strike_register {
    size_t entries;
    hf_strike *slots; /* one block with … */
    uint64_t
        *forgotten; /* … of each bucket: the latest until_ms of an id that is in no slot; 0: none */
    uint64_t turned_away; /* the same of those who came when there was no memory for slots */
    uint64_t latest;      /* what the clock has come to */
} hf_strike_register;

typedef struct hf_kept_session hf_kept_session;

/* At most `entries` of them, in chains by their key and in a list by their age. */
typedef struct hf_client_store {
    size_t entries, count;
    hf_kept_session **chains; /* as many as entries, made with the first session */
    hf_kept_session *newest, *oldest;
} hf_client_store;

struct hf_sessions {
    atomic_uint refs;
    atomic_flag lock;
    bool tickets;
    uint32_t lifetime, rotation;
    hf_sessions_ops ops; /* all NULL: in memory */
    hf_ticket_ring ring;
    hf_session_table table;
    hf_strike_register strikes;
    hf_client_store client;
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

/* Each end works on a part that is all zeroes or was never started too. */
hf_error hf_ticket_ring_start(hf_ticket_ring *ring);
void hf_ticket_ring_end(hf_ticket_ring *ring);
hf_error hf_session_table_start(hf_session_table *table, size_t entries);
void hf_session_table_end(hf_session_table *table);
void hf_strike_register_end(hf_strike_register *strikes);
void hf_client_store_end(hf_client_store *store);

/* ---- the ring ---- */

/* Under the lock, at every visit: dates keys, and drops those whose time has passed. */
void hf_ticket_ring_keep_time(hf_sessions *sessions, int64_t now);
/* Without the lock: a new first key if the present one is worn and not given. */
hf_error hf_ticket_ring_renew(hf_sessions *sessions, int64_t now);
hf_error hf_ticket_ring_rotate(hf_sessions *sessions);
hf_error hf_ticket_ring_give(hf_sessions *sessions, const uint8_t (*keys)[HF_TICKET_KEY], size_t n);

#endif
