/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* ML-KEM for libcryptos that lack it: mlkem.c. */
#include "crypto/kex.h"
#include "crypto/kex_groups.h"
#include "crypto/mlkem_source.h"

#ifdef HF_MLKEM_BY_HANDFAST

hf_error hf_mlkem_public(const hf_mlkem_set *set, const uint8_t seed[HF_MLKEM_SEED], uint8_t *ek)
{
    uint8_t dk[HF_MLKEM_DK_MAX];

    hf_mlkem_keygen(set, seed, ek, dk);
    hf_wipe(dk, sizeof dk);
    return HF_OK;
}

hf_error hf_mlkem_encapsulate(const hf_mlkem_set *set, const uint8_t *ek, const uint8_t m[32],
                              uint8_t *ct, uint8_t secret[HF_MLKEM_SECRET])
{
    return hf_mlkem_encaps(set, ek, m, ct, secret);
}

hf_error hf_mlkem_decapsulate(const hf_mlkem_set *set, const uint8_t seed[HF_MLKEM_SEED],
                              const uint8_t *ct, uint8_t secret[HF_MLKEM_SECRET])
{
    uint8_t ek[HF_MLKEM_EK_MAX], dk[HF_MLKEM_DK_MAX];

    hf_mlkem_keygen(set, seed, ek, dk);
    hf_error e = hf_mlkem_decaps(set, dk, ct, secret);
    hf_wipe(dk, sizeof dk);
    return e;
}

const char *hf_mlkem_source(void)
{
    return "handfast";
}

#endif
