/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The only home of secrets: the transcript hash, TLS 1.3's key schedule (RFC 9846 7.1), traffic keys,
 * exporters and the key log. Names are the RFC's; each arrow of its diagram is one function.
 */
#ifndef HF_KEYS_H
#define HF_KEYS_H

#include "crypto/aead.h"
#include "crypto/hash.h"
#include <handfast/config.h>

/* ---- transcript (RFC 9846 4.1) ---- */

typedef struct hf_transcript {
    hf_hash hash;
    bool started;
} hf_transcript;

hf_error hf_transcript_start(hf_transcript *t, hf_hash_id id);
void hf_transcript_add(hf_transcript *t, hf_span message);
/* What was hashed so far becomes the synthetic message_hash of a HelloRetryRequest. */
hf_error hf_transcript_retry(hf_transcript *t);
/* The hash of everything so far; more may be added after. */
hf_error hf_transcript_hash(const hf_transcript *t, uint8_t out[HF_HASH_MAX]);
void hf_transcript_wipe(hf_transcript *t);

/* ---- schedule (RFC 9846 7.1) ---- */

/* HKDF-Expand-Label; the label without its "tls13 ". */
hf_error hf_expand_label(hf_hash_id id, hf_span secret, const char *label, hf_span context,
                         uint8_t *out, size_t len);
/* Derive-Secret with the transcript's hash already taken. */
hf_error hf_derive_secret(hf_hash_id id, const uint8_t *secret, const char *label,
                          const uint8_t *transcript_hash, uint8_t *out);

/* The stage that the schedule is in; each call below moves it one on. */
typedef struct hf_schedule {
    hf_hash_id hash;
    uint8_t secret[HF_HASH_MAX]; /* early, then handshake, then main secret */
} hf_schedule;

hf_error hf_schedule_early(hf_schedule *s, hf_hash_id id, hf_span psk); /* empty psk: zeroes */
hf_error hf_schedule_handshake(hf_schedule *s, hf_span shared_secret);  /* empty: zeroes (psk_ke) */
hf_error hf_schedule_main(hf_schedule *s);

/* A PskBinderEntry, from the hash of the transcript up to the binders; of a ticket ("res binder") or a key that was shared
   beforehand ("ext binder"). (RFC 9846 4.3.11.2) */
hf_error hf_psk_binder(hf_hash_id id, hf_span psk, bool external, const uint8_t *transcript_hash,
                       uint8_t *out);
/* The PSK of a ticket, from resumption_secret and ticket_nonce (RFC 9846 4.7.1). */
hf_error hf_ticket_psk(hf_hash_id id, const uint8_t *resumption_secret, hf_span nonce,
                       uint8_t *out);

enum { HF_MASTER_SECRET = 48, HF_HELLO_RANDOM = 32 };

enum { HF_SUITE_HASH_MAX = 48 }; /* SHA-384: no suite has a longer one */

/* What a connection keeps after the handshake. */
typedef struct hf_secrets {
    hf_hash_id hash;
    union {
        struct {
            uint8_t traffic[2][HF_SUITE_HASH_MAX]; /* of each role's writing, present generation */
            uint8_t exporter[HF_SUITE_HASH_MAX], resumption[HF_SUITE_HASH_MAX];
        };
        struct { /* TLS 1.2 */
            uint8_t master_secret[HF_MASTER_SECRET];
            uint8_t client_random[HF_HELLO_RANDOM], server_random[HF_HELLO_RANDOM];
        };
    };
} hf_secrets;

/* application_traffic_secret_N+1, in place (RFC 9846 7.2). */
hf_error hf_next_traffic_secret(hf_hash_id id, uint8_t *secret);
/* verify_data of Finished (RFC 9846 4.5.3). */
hf_error hf_verify_data(hf_hash_id id, const uint8_t *base_secret, const uint8_t *transcript_hash,
                        uint8_t *out);
/* ---- TLS 1.2 (RFC 5246 5, 6.3, 8.1) ---- */

enum { HF_VERIFY_DATA12 = 12, HF_PREMASTER_MAX = 2 + HF_SHARED_SECRET_MAX + 2 + HF_PSK_KEY_MAX };

/* The premaster secret of a PSK suite; other_secret: of the key exchange, empty: there is none (RFC 4279 2, RFC 5489 2). */
size_t hf_psk_premaster(hf_span other_secret, hf_span psk, uint8_t out[HF_PREMASTER_MAX]);

/* PRF(secret, label, seed): P_<hash> of label + a + b (RFC 5246 5). */
hf_error hf_prf(hf_hash_id id, hf_span secret, const char *label, hf_span a, hf_span b,
                uint8_t *out, size_t len);
/* s->master_secret from the premaster secret, s->hash and the two randoms, which are set before. An empty session_hash: by
   the randoms (RFC 5246 8.1); else by the handshake's hash (RFC 7627 4). */
hf_error hf_master_secret(hf_secrets *s, hf_span premaster, hf_span session_hash);
/* verify_data of that role's Finished (RFC 5246 7.4.9). */
hf_error hf_verify_data12(const hf_secrets *s, hf_role writer, const uint8_t *transcript_hash,
                          uint8_t out[HF_VERIFY_DATA12]);
/* RFC 5705 4; a context whose data is NULL is left out, which is not the same as an empty one. */
hf_error hf_export12(const hf_secrets *s, const char *label, hf_span context, uint8_t *out,
                     size_t len);

/* ---- exporters, TLS 1.3 ---- */

/* RFC 9846 7.5 */
hf_error hf_export(const hf_secrets *s, const char *label, hf_span context, uint8_t *out,
                   size_t len);

/* ---- traffic keys (RFC 9846 7.3, RFC 5246 6.3) ---- */

typedef struct hf_traffic {
    uint16_t version; /* which record protection: HF_TLS13 or HF_TLS12 */
    hf_aead_key key;
    uint8_t iv[HF_AEAD_NONCE];
    uint64_t sequence; /* of the next record */
    uint64_t limit;    /* records that may be written under the key (RFC 9846 5.5) */
} hf_traffic;

hf_error hf_traffic_keys(hf_traffic *t, const hf_suite *suite, const uint8_t *secret);
/* That role's part of the key_block. AES-GCM has 4 bytes of IV, to which each record adds 8 of its own (RFC 5288 3);
   ChaCha20-Poly1305 has 12 (RFC 7905 2). */
hf_error hf_traffic_keys12(hf_traffic *t, const hf_suite *suite, const hf_secrets *s,
                           hf_role writer);

/* ---- key log (RFC 9850) ---- */

enum { HF_KEYLOG_LINE = 256 };
/* "CLIENT_HANDSHAKE_TRAFFIC_SECRET <client random> <secret>" */
void hf_keylog_line(char out[HF_KEYLOG_LINE], const char *label, const uint8_t client_random[32],
                    hf_span secret);

#endif
