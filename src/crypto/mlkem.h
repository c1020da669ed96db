/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* ML-KEM-768 and ML-KEM-1024 (FIPS 203), for libcryptos that lack them. Constant-time in everything secret. */
#ifndef HF_CRYPTO_MLKEM_H
#define HF_CRYPTO_MLKEM_H

#include "base/bytes.h"
#include "base/error.h"

enum {
    HF_MLKEM768_EK = 1184,
    HF_MLKEM768_DK = 2400,
    HF_MLKEM768_CT = 1088,
    HF_MLKEM1024_EK = 1568,
    HF_MLKEM1024_DK = 3168,
    HF_MLKEM1024_CT = 1568,
    HF_MLKEM_EK_MAX = HF_MLKEM1024_EK,
    HF_MLKEM_DK_MAX = HF_MLKEM1024_DK,
    HF_MLKEM_CT_MAX = HF_MLKEM1024_CT,
    HF_MLKEM_SECRET = 32,
    HF_MLKEM_SEED = 64
};

/* A parameter set. du and dv: bits of a coefficient of u and v; then the bytes of the encapsulation key, the decapsulation key and the
   ciphertext. eta is 2 in both sets. */
typedef struct hf_mlkem_set {
    uint8_t k, du, dv;
    uint16_t ek, dk, ct;
} hf_mlkem_set;

extern const hf_mlkem_set hf_mlkem_768, hf_mlkem_1024;

/* FIPS 203 algorithms 16, 17 and 18 with their randomness as input: seed is d || z, m 32 bytes. */
void hf_mlkem_keygen(const hf_mlkem_set *set, const uint8_t seed[HF_MLKEM_SEED], uint8_t *ek,
                     uint8_t *dk);
/* HF_E_KEY_SHARE_INVALID: ek fails the modulus check of 7.2. */
hf_error hf_mlkem_encaps(const hf_mlkem_set *set, const uint8_t *ek, const uint8_t m[32],
                         uint8_t *ct, uint8_t secret[HF_MLKEM_SECRET]);
/* HF_E_KEY_SHARE_INVALID: dk fails the hash check of 7.3. Implicit rejection otherwise. */
hf_error hf_mlkem_decaps(const hf_mlkem_set *set, const uint8_t *dk, const uint8_t *ct,
                         uint8_t secret[HF_MLKEM_SECRET]);

#endif
