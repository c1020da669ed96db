/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* ML-KEM by AWS-LC. */
#include "crypto/kex.h"
#include "crypto/kex_groups.h"
#include "crypto/libcrypto.h"
#include "crypto/mlkem_source.h"

#ifdef HF_MLKEM_BY_AWSLC
#include <openssl/experimental/kem_deterministic_api.h>
#include <openssl/nid.h>

static int nid_of(const hf_mlkem_set *set)
{
    return set == &hf_mlkem_1024 ? NID_MLKEM1024 : NID_MLKEM768;
}

static EVP_PKEY *private_of(const hf_mlkem_set *set, const uint8_t *seed)
{
    size_t len = HF_MLKEM_SEED;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_KEM, NULL);
    EVP_PKEY *key = NULL;

    if (!ctx || EVP_PKEY_CTX_kem_set_params(ctx, nid_of(set)) != 1 ||
        EVP_PKEY_keygen_init(ctx) != 1 || EVP_PKEY_keygen_deterministic(ctx, &key, seed, &len) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    return key;
}

hf_error hf_mlkem_public(const hf_mlkem_set *set, const uint8_t seed[HF_MLKEM_SEED], uint8_t *ek)
{
    size_t len = set->ek;
    EVP_PKEY *key = private_of(set, seed);
    bool good = key && EVP_PKEY_get_raw_public_key(key, ek, &len) == 1;

    EVP_PKEY_free(key);
    return good ? HF_OK : hf_libcrypto_failure(HF_E_CRYPTO);
}

/* On a key of the right length and with memory at hand, the operation fails for one reason only: the
   modulus check of FIPS 203 7.2. */
hf_error hf_mlkem_encapsulate(const hf_mlkem_set *set, const uint8_t *ek, const uint8_t m[32],
                              uint8_t *ct, uint8_t secret[HF_MLKEM_SECRET])
{
    size_t ct_len = set->ct, secret_len = HF_MLKEM_SECRET, m_len = 32;
    EVP_PKEY *key = EVP_PKEY_kem_new_raw_public_key(nid_of(set), ek, set->ek);
    EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    bool good = ctx && EVP_PKEY_encapsulate_deterministic(ctx, ct, &ct_len, secret, &secret_len, m,
                                                          &m_len) == 1;

    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return good ? HF_OK : hf_libcrypto_failure(HF_E_KEY_SHARE_INVALID);
}

hf_error hf_mlkem_decapsulate(const hf_mlkem_set *set, const uint8_t seed[HF_MLKEM_SEED],
                              const uint8_t *ct, uint8_t secret[HF_MLKEM_SECRET])
{
    size_t len = HF_MLKEM_SECRET;
    EVP_PKEY *key = private_of(set, seed);
    EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    bool good = ctx && EVP_PKEY_decapsulate(ctx, secret, &len, ct, set->ct) == 1;

    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return good ? HF_OK : hf_libcrypto_failure(HF_E_CRYPTO);
}

const char *hf_mlkem_source(void)
{
    return "libcrypto";
}

#endif
