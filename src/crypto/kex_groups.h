/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The single mechanisms that kex.c puts together: X25519, ECDH on NIST curves, ML-KEM. Private
 * keys are bytes and nothing here draws random bytes but the NIST scalar, which may need several.
 */
#ifndef HF_CRYPTO_KEX_GROUPS_H
#define HF_CRYPTO_KEX_GROUPS_H

#include "crypto/mlkem.h"
#include "crypto/random.h"
#include "registry/registry.h"

enum { HF_X25519_LEN = 32, HF_NIST_SCALAR_MAX = 66 };

/* RFC 7748 section 5. */
hf_error hf_x25519_public(const uint8_t scalar[HF_X25519_LEN], uint8_t share[HF_X25519_LEN]);
/* HF_E_KEY_SHARE_ZERO: the peer's value has small order (RFC 7748 6.1, RFC 9846 7.4.2). */
hf_error hf_x25519_derive(const uint8_t scalar[HF_X25519_LEN], const uint8_t peer[HF_X25519_LEN],
                          uint8_t secret[HF_X25519_LEN]);
/* Both of them, for a server. */
hf_error hf_x25519_answer(const uint8_t scalar[HF_X25519_LEN], const uint8_t peer[HF_X25519_LEN],
                          uint8_t share[HF_X25519_LEN], uint8_t secret[HF_X25519_LEN]);

/* group is secp256r1, secp384r1 or secp521r1. A scalar in [1, n - 1], big-endian. */
hf_error hf_nist_scalar(const hf_group *group, const hf_random *random,
                        uint8_t scalar[HF_NIST_SCALAR_MAX]);
/* An uncompressed point (RFC 9846 4.3.8.2), group->client_share bytes. */
hf_error hf_nist_public(const hf_group *group, const uint8_t *scalar, uint8_t *share);
/* The shared x coordinate (RFC 9846 7.4.2), group->secret bytes. HF_E_KEY_SHARE_INVALID. */
hf_error hf_nist_derive(const hf_group *group, const uint8_t *scalar, hf_span peer,
                        uint8_t *secret);

/* ML-KEM by whoever does it in this build; hf_mlkem_source says who. Inputs as in mlkem.h,
   the private key is its seed. */
hf_error hf_mlkem_public(const hf_mlkem_set *set, const uint8_t seed[HF_MLKEM_SEED], uint8_t *ek);
hf_error hf_mlkem_encapsulate(const hf_mlkem_set *set, const uint8_t *ek, const uint8_t m[32],
                              uint8_t *ct, uint8_t secret[HF_MLKEM_SECRET]);
hf_error hf_mlkem_decapsulate(const hf_mlkem_set *set, const uint8_t seed[HF_MLKEM_SEED],
                              const uint8_t *ct, uint8_t secret[HF_MLKEM_SECRET]);

#endif
