/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* ML-KEM-768 by AWS-LC. */
#include "crypto/kex.h"
#include "crypto/kex_groups.h"
#include "crypto/libcrypto.h"
#include "crypto/mlkem_source.h"

#ifdef HF_MLKEM_BY_AWSLC
#include <openssl/experimental/kem_deterministic_api.h>
#include <openssl/nid.h>

static EVP_PKEY *private_of(const uint8_t *seed)
{
    size_t len = HF_MLKEM_SEED;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_KEM, NULL);
    EVP_PKEY *key = NULL;

    if (!ctx || EVP_PKEY_CTX_kem_set_params(ctx, NID_MLKEM768) != 1 ||
        EVP_PKEY_keygen_init(ctx) != 1 || EVP_PKEY_keygen_deterministic(ctx, &key, seed, &len) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    return key;
}

hf_error hf_mlkem_public(const uint8_t seed[HF_MLKEM_SEED], uint8_t ek[HF_MLKEM_EK])
{
    size_t len = HF_MLKEM_EK;
    EVP_PKEY *key = private_of(seed);
    bool good = key && EVP_PKEY_get_raw_public_key(key, ek, &len) == 1;

    EVP_PKEY_free(key);
    return good ? HF_OK : hf_libcrypto_failure(HF_E_CRYPTO);
}

/* On a key of the right length and with memory at hand, the operation fails for one reason only: the
   modulus check of FIPS 203 7.2. */
hf_error hf_mlkem_encapsulate(const uint8_t ek[HF_MLKEM_EK], const uint8_t m[32],
                              uint8_t ct[HF_MLKEM_CT], uint8_t secret[HF_MLKEM_SECRET])
{
    size_t ct_len = HF_MLKEM_CT, secret_len = HF_MLKEM_SECRET, m_len = 32;
    EVP_PKEY *key = EVP_PKEY_kem_new_raw_public_key(NID_MLKEM768, ek, HF_MLKEM_EK);
    EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    bool good = ctx && EVP_PKEY_encapsulate_deterministic(ctx, ct, &ct_len, secret, &secret_len, m,
                                                          &m_len) == 1;

    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return good ? HF_OK : hf_libcrypto_failure(HF_E_KEY_SHARE_INVALID);
}

hf_error hf_mlkem_decapsulate(const uint8_t seed[HF_MLKEM_SEED], const uint8_t ct[HF_MLKEM_CT],
                              uint8_t secret[HF_MLKEM_SECRET])
{
    size_t len = HF_MLKEM_SECRET;
    EVP_PKEY *key = private_of(seed);
    EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    bool good = ctx && EVP_PKEY_decapsulate(ctx, secret, &len, ct, HF_MLKEM_CT) == 1;

    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return good ? HF_OK : hf_libcrypto_failure(HF_E_CRYPTO);
}

const char *hf_mlkem_source(void)
{
    return "libcrypto";
}

#endif
