/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* ML-KEM-768 for libcryptos that lack it: mlkem768.c. */
#include "crypto/kex.h"
#include "crypto/kex_groups.h"
#include "crypto/mlkem_source.h"

#ifdef HF_MLKEM_BY_HANDFAST

hf_error hf_mlkem_public(const uint8_t seed[HF_MLKEM_SEED], uint8_t ek[HF_MLKEM_EK])
{
    uint8_t dk[HF_MLKEM_DK];

    hf_mlkem768_keygen(seed, ek, dk);
    hf_wipe(dk, sizeof dk);
    return HF_OK;
}

hf_error hf_mlkem_encapsulate(const uint8_t ek[HF_MLKEM_EK], const uint8_t m[32],
                              uint8_t ct[HF_MLKEM_CT], uint8_t secret[HF_MLKEM_SECRET])
{
    return hf_mlkem768_encaps(ek, m, ct, secret);
}

hf_error hf_mlkem_decapsulate(const uint8_t seed[HF_MLKEM_SEED], const uint8_t ct[HF_MLKEM_CT],
                              uint8_t secret[HF_MLKEM_SECRET])
{
    uint8_t ek[HF_MLKEM_EK], dk[HF_MLKEM_DK];

    hf_mlkem768_keygen(seed, ek, dk);
    hf_error e = hf_mlkem768_decaps(dk, ct, secret);
    hf_wipe(dk, sizeof dk);
    return e;
}

const char *hf_mlkem_source(void)
{
    return "handfast";
}

#endif
