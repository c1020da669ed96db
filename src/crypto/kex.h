/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Key exchange, seen as a KEM (RFC 9846 4.3.8, draft-ietf-tls-ecdhe-mlkem, draft-ietf-tls-mlkem): the client generates
 * a share, the server encapsulates to it (for ECDHE: makes its own share and derives), the client
 * decapsulates the answer. A private key is plain bytes, drawn from the config's random hook alone,
 * used once, and wiped.
 */
#ifndef HF_CRYPTO_KEX_H
#define HF_CRYPTO_KEX_H

#include "crypto/random.h"
#include "registry/registry.h"

enum { HF_KEX_PRIVATE_MAX = 96 }; /* ML-KEM's seed (64) and an X25519 key (32) */

typedef struct hf_kex {
    uint16_t group;
    uint8_t private_key[HF_KEX_PRIVATE_MAX];
} hf_kex;

/* Each call draws anew (RFC 9846 4.3.8#3 #6).
   share gets hf_group_of(group)->client_share bytes. Draws: X25519 32 bytes; P-256 32, P-384 48
   and P-521 66 bytes (of which the 7 highest bits are dropped), again while not in [1, n-1];
   X25519MLKEM768 64 bytes (d, z), then 32; MLKEM1024 those 64 alone. */
hf_error hf_kex_generate(hf_kex *kex, uint16_t group, const hf_random *random,
                         uint8_t share[HF_KEY_SHARE_MAX]);
/* Answers the peer's share: share gets ->server_share bytes, secret ->secret bytes.
   HF_E_KEY_SHARE_INVALID, HF_E_KEY_SHARE_ZERO: the peer's share is at fault. Draws the message m (32 bytes) first, then
   the X25519 key, for the hybrid; for MLKEM1024 the message alone. */
hf_error hf_kex_encapsulate(uint16_t group, const hf_random *random, hf_span peer_share,
                            uint8_t share[HF_KEY_SHARE_MAX], uint8_t secret[HF_SHARED_SECRET_MAX]);
/* The client's end. */
hf_error hf_kex_decapsulate(const hf_kex *kex, hf_span peer_share,
                            uint8_t secret[HF_SHARED_SECRET_MAX]);
void hf_kex_wipe(hf_kex *kex);

/* "libcrypto" or "handfast": who does ML-KEM in this build. */
const char *hf_mlkem_source(void);

#endif
