/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Sessions: what two ends remember so that the next handshake is short (RFC 5246 7.3, RFC 5077). One
 * structure serves three places: inside a server's ticket, in a server's cache, and at a client. When
 * a session may be used again is the handshake's question (src/handshake/resume12.c).
 */
#ifndef HF_KEYS_SESSION_H
#define HF_KEYS_SESSION_H

#include <handfast/config.h>
#include "base/builder.h"
#include "base/reader.h"
#include "crypto/random.h"
#include "registry/registry.h"

enum {
    HF_SESSION_MAX = 16384,     /* bytes of a written session, a client's ticket included */
    HF_SESSION_PEER_MAX = 1024, /* a client whose identity is longer gets no session */
    HF_SESSION_STATE_MAX =
        HF_TICKET_STATE_MAX,           /* bytes of a written session inside a ticket or the cache */
    HF_TICKET_OVERHEAD = 16 + 12 + 16, /* key name, nonce, tag */
    HF_TICKET_MAX = HF_TICKET_ROOM,    /* bytes of a ticket of ours, whoever seals it */
    HF_SESSION_ID = 32,
    HF_SESSION_CONTEXT = 32
};

/* Spans point into whatever it was read from. What does not apply is empty or zero. */
typedef struct hf_session {
    uint16_t version, cipher_suite;
    bool extended_main_secret;
    uint8_t secret
        [HF_HASH_MAX]; /* TLS 1.2: the master secret, 48 bytes; TLS 1.3: the PSK, as long as the suite's hash */
    uint8_t secret_len;
    int64_t created, expires; /* seconds since 1970; both ends refuse it from `expires` on */
    int64_t chain_expires; /* the earliest end of a certificate that it rests on; INT64_MAX: none */
    uint8_t context[HF_SESSION_CONTEXT]; /* digest of the settings that it was made under */
    hf_span server_name, alpn;
    /* who the peer proved to be, as hf_peer has it */
    hf_span peer_subject, peer_sans, peer_fingerprint;
    int64_t peer_not_after;
    /* TLS 1.3. issued_ms: a server's by hf_sessions_clock, a client's wall clock in ms when the ticket came. */
    uint32_t ticket_age_add, max_early_data; /* 0: no early data */
    uint64_t issued_ms;
    uint8_t early_id[HF_EARLY_ID]; /* a server's: what is claimed when its early data comes */
    /* a client's */
    hf_span endpoint, verify_name, session_id, ticket;
} hf_session;

/* Starts with a format number; hf_session_read refuses any other. HF_E_SESSION_DAMAGED. */
void hf_session_write(hf_builder *b, const hf_session *session);
hf_error hf_session_read(hf_span bytes, hf_session *session);

/* ---- hf_sessions: a server's ticket keys and cache (made and freed in <handfast/config.h>) ---- */

hf_sessions *hf_sessions_ref(hf_sessions *sessions);
bool hf_sessions_has_tickets(const hf_sessions *sessions);
bool hf_sessions_has_cache(const hf_sessions *sessions);
uint32_t hf_sessions_lifetime(const hf_sessions *sessions); /* seconds */

/* Tickets (RFC 5077 4): key name, nonce, AES-256-GCM of the state with the name as additional data; or what hf_sessions_ops
   makes of it. Own keys are replaced as ticket_keys.c says. `ticket` has HF_TICKET_MAX bytes of room. HF_E_LIMIT: a given key
   that has sealed as much as it may, or lengths. */
hf_error hf_ticket_seal(hf_sessions *sessions, const hf_random *random, int64_t now, hf_span state,
                        uint8_t *ticket, size_t *len);
/* HF_E_SESSION_DAMAGED: not ours, changed, or its key is gone. *renew: sealed under a key that is not the first, so a
   new one should be issued. */
hf_error hf_ticket_open(hf_sessions *sessions, int64_t now, hf_span ticket,
                        uint8_t state[HF_SESSION_STATE_MAX], size_t *len, bool *renew);

/* The cache: bounded; the oldest entry makes room. Only whole handshakes are stored. */
hf_error hf_session_store(hf_sessions *sessions, const uint8_t id[HF_SESSION_ID], hf_span state);
bool hf_session_find(hf_sessions *sessions, hf_span id, uint8_t state[HF_SESSION_STATE_MAX],
                     size_t *len);
void hf_session_remove(hf_sessions *sessions, hf_span id);

/* ---- 0-RTT (replay.c) ---- */

/* How far a ticket's age as the client sees it may be from ours (RFC 9846 8.3). */
enum { HF_EARLY_WINDOW_MS = 10000 };
/* Tickets of this object may carry early data: whoever can open them claims them in the same register. */
bool hf_sessions_early(const hf_sessions *sessions);
/* The register's clock: the shared one, or own_ms, which here never goes back. */
uint64_t hf_sessions_clock(hf_sessions *sessions, uint64_t own_ms);
/* HF_OK once for an id, until until_ms has passed in any case, and after that as long as there is room to remember it;
   HF_E_EARLY_USED, HF_E_EARLY_FULL, HF_E_EARLY_STALE (come too late to tell). now_ms is hf_sessions_clock's. */
hf_error hf_early_claim(hf_sessions *sessions, const uint8_t id[HF_EARLY_ID], uint64_t now_ms,
                        uint64_t until_ms);

/* ---- a client's sessions (session_client.c) ---- */

/* Keeps a copy under that key (a digest of all that it is bound to). Several may stand under one, up to 8; the oldest makes
   room. Without memory it is not kept. */
void hf_sessions_put(hf_sessions *sessions, const uint8_t key[32], hf_span session);
/* The newest under that key, in fresh memory of the caller's (hf_free_secret); empty: none. It is not there any more. */
hf_span hf_sessions_take(hf_sessions *sessions, const uint8_t key[32]);
/* This one goes, if it is there; the others stay. */
void hf_sessions_forget(hf_sessions *sessions, const uint8_t key[32], hf_span session);

#endif
