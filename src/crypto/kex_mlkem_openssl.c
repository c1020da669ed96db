/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* ML-KEM by OpenSSL 3.5 and later. */
#include "crypto/kex.h"
#include "crypto/kex_groups.h"
#include "crypto/libcrypto.h"
#include "crypto/mlkem_source.h"

#ifdef HF_MLKEM_BY_OPENSSL
#include <openssl/core_names.h>

static const char *name_of(const hf_mlkem_set *set)
{
    return set == &hf_mlkem_1024 ? "ML-KEM-1024" : "ML-KEM-768";
}

static OSSL_PARAM octets(const char *what, const uint8_t *bytes, size_t len)
{
    return OSSL_PARAM_construct_octet_string(what, (void *)(uintptr_t)bytes, len);
}

/* Generated, from a seed that is given: an import (EVP_PKEY_fromdata) would try the pair out, which costs
   as much again. */
static EVP_PKEY *private_of(const hf_mlkem_set *set, const uint8_t *seed)
{
    OSSL_PARAM params[] = { octets(OSSL_PKEY_PARAM_ML_KEM_SEED, seed, HF_MLKEM_SEED),
                            OSSL_PARAM_construct_end() };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, name_of(set), NULL);
    EVP_PKEY *key = NULL;

    if (!ctx || EVP_PKEY_keygen_init(ctx) != 1 || EVP_PKEY_CTX_set_params(ctx, params) != 1 ||
        EVP_PKEY_generate(ctx, &key) != 1)
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

static bool encapsulate(const hf_mlkem_set *set, EVP_PKEY *key, const uint8_t *m, uint8_t *ct,
                        uint8_t *secret)
{
    size_t ct_len = set->ct, secret_len = HF_MLKEM_SECRET;
    OSSL_PARAM params[] = { octets(OSSL_KEM_PARAM_IKME, m, 32), OSSL_PARAM_construct_end() };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool good = ctx && EVP_PKEY_encapsulate_init(ctx, params) == 1 &&
                EVP_PKEY_encapsulate(ctx, ct, &ct_len, secret, &secret_len) == 1;

    EVP_PKEY_CTX_free(ctx);
    return good;
}

/* Reading the key is where libcrypto makes the modulus check of FIPS 203 7.2. */
hf_error hf_mlkem_encapsulate(const hf_mlkem_set *set, const uint8_t *ek, const uint8_t m[32],
                              uint8_t *ct, uint8_t secret[HF_MLKEM_SECRET])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key_ex(NULL, name_of(set), NULL, ek, set->ek);
    bool good = key && encapsulate(set, key, m, ct, secret);
    bool read = key != NULL;

    EVP_PKEY_free(key);
    if (good)
        return HF_OK;
    return hf_libcrypto_failure(read ? HF_E_CRYPTO : HF_E_KEY_SHARE_INVALID);
}

hf_error hf_mlkem_decapsulate(const hf_mlkem_set *set, const uint8_t seed[HF_MLKEM_SEED],
                              const uint8_t *ct, uint8_t secret[HF_MLKEM_SECRET])
{
    size_t len = HF_MLKEM_SECRET;
    EVP_PKEY *key = private_of(set, seed);
    EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    bool good = ctx && EVP_PKEY_decapsulate_init(ctx, NULL) == 1 &&
                EVP_PKEY_decapsulate(ctx, secret, &len, ct, set->ct) == 1;

    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return good ? HF_OK : hf_libcrypto_failure(HF_E_CRYPTO);
}

const char *hf_mlkem_source(void)
{
    return "libcrypto";
}

#endif
