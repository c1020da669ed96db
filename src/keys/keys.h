/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The only home of secrets: the transcript hash, TLS 1.3's key schedule (RFC 9846 7.1), traffic keys,
 * exporters and the key log. Names are the RFC's; each arrow of its diagram is one function.
 */
#ifndef HF_KEYS_H
#define HF_KEYS_H

#include "crypto/aead.h"
#include "crypto/hash.h"

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

/* What a connection keeps after the handshake. */
typedef struct hf_secrets {
    hf_hash_id hash;
    uint8_t traffic[2][HF_HASH_MAX]; /* of each role's writing, present generation */
    uint8_t exporter[HF_HASH_MAX], resumption[HF_HASH_MAX];
} hf_secrets;

/* application_traffic_secret_N+1, in place (RFC 9846 7.2). */
hf_error hf_next_traffic_secret(hf_hash_id id, uint8_t *secret);
/* verify_data of Finished (RFC 9846 4.5.3). */
hf_error hf_verify_data(hf_hash_id id, const uint8_t *base_secret, const uint8_t *transcript_hash,
                        uint8_t *out);
/* RFC 9846 7.5 */
hf_error hf_export(const hf_secrets *s, const char *label, hf_span context, uint8_t *out,
                   size_t len);

/* ---- traffic keys (RFC 9846 7.3) ---- */

typedef struct hf_traffic {
    hf_aead_key key;
    uint8_t iv[HF_AEAD_NONCE];
    uint64_t sequence; /* of the next record */
    uint64_t limit;    /* records that may be written under the key (RFC 9846 5.5) */
} hf_traffic;

hf_error hf_traffic_keys(hf_traffic *t, const hf_suite *suite, const uint8_t *secret);

/* ---- key log (RFC 9850) ---- */

enum { HF_KEYLOG_LINE = 256 };
/* "CLIENT_HANDSHAKE_TRAFFIC_SECRET <client random> <secret>" */
void hf_keylog_line(char out[HF_KEYLOG_LINE], const char *label, const uint8_t client_random[32],
                    hf_span secret);

#endif
