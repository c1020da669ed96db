/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* ML-KEM-768 (FIPS 203), for libcryptos that lack it. Constant-time in everything secret. */
#ifndef HF_CRYPTO_MLKEM768_H
#define HF_CRYPTO_MLKEM768_H

#include "base/bytes.h"
#include "base/error.h"

enum {
    HF_MLKEM_EK = 1184,
    HF_MLKEM_DK = 2400,
    HF_MLKEM_CT = 1088,
    HF_MLKEM_SECRET = 32,
    HF_MLKEM_SEED = 64
};

/* FIPS 203 algorithms 16, 17 and 18 with their randomness as input: seed is d || z, m 32 bytes. */
void hf_mlkem768_keygen(const uint8_t seed[HF_MLKEM_SEED], uint8_t ek[HF_MLKEM_EK],
                        uint8_t dk[HF_MLKEM_DK]);
/* HF_E_KEY_SHARE_INVALID: ek fails the modulus check of 7.2. */
hf_error hf_mlkem768_encaps(const uint8_t ek[HF_MLKEM_EK], const uint8_t m[32],
                            uint8_t ct[HF_MLKEM_CT], uint8_t secret[HF_MLKEM_SECRET]);
/* HF_E_KEY_SHARE_INVALID: dk fails the hash check of 7.3. Implicit rejection otherwise. */
hf_error hf_mlkem768_decaps(const uint8_t dk[HF_MLKEM_DK], const uint8_t ct[HF_MLKEM_CT],
                            uint8_t secret[HF_MLKEM_SECRET]);

#endif
