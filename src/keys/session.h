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
    HF_SESSION_MAX = 16384,            /* bytes of a written session, a client's ticket included */
    HF_SESSION_PEER_MAX = 1024,        /* a client whose identity is longer gets no session */
    HF_SESSION_STATE_MAX = 2048,       /* bytes of a written session inside a ticket or the cache */
    HF_TICKET_OVERHEAD = 16 + 12 + 16, /* key name, nonce, tag */
    HF_TICKET_MAX = HF_SESSION_STATE_MAX + HF_TICKET_OVERHEAD,
    HF_SESSION_ID = 32,
    HF_SESSION_CONTEXT = 32
};

/* Spans point into whatever it was read from. What does not apply is empty or zero. */
typedef struct hf_session {
    uint16_t version, cipher_suite;
    bool extended_main_secret;
    uint8_t secret[HF_HASH_MAX]; /* TLS 1.2: the master secret, 48 bytes */
    uint8_t secret_len;
    int64_t created, expires; /* seconds since 1970; both ends refuse it from `expires` on */
    uint8_t context[HF_SESSION_CONTEXT]; /* digest of the settings that it was made under */
    hf_span server_name, alpn;
    /* who the peer proved to be, as hf_peer has it */
    hf_span peer_subject, peer_sans, peer_fingerprint;
    int64_t peer_not_after;
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

/* Tickets (RFC 5077 4): key name, nonce, AES-256-GCM of the state with the name as additional data. Rotates by itself when
   the current key is as old as the lifetime. *len: HF_TICKET_MAX bytes of room, then the ticket's. */
hf_error hf_ticket_seal(hf_sessions *sessions, const hf_random *random, int64_t now, hf_span state,
                        uint8_t *ticket, size_t *len);
/* HF_E_SESSION_DAMAGED: not ours, changed, or its key is gone. *renew: sealed under the previous key, so a new one should be
   issued. */
hf_error hf_ticket_open(hf_sessions *sessions, int64_t now, hf_span ticket,
                        uint8_t state[HF_SESSION_STATE_MAX], size_t *len, bool *renew);

/* The cache: bounded; the oldest entry makes room. Only whole handshakes are stored. */
hf_error hf_session_store(hf_sessions *sessions, const uint8_t id[HF_SESSION_ID], hf_span state);
bool hf_session_find(hf_sessions *sessions, hf_span id, uint8_t state[HF_SESSION_STATE_MAX],
                     size_t *len);
void hf_session_remove(hf_sessions *sessions, hf_span id);

#endif
