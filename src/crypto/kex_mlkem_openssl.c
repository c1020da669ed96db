/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* ML-KEM-768 by OpenSSL 3.5 and later. */
#include "crypto/kex.h"
#include "crypto/kex_groups.h"
#include "crypto/libcrypto.h"
#include "crypto/mlkem_source.h"

#ifdef HF_MLKEM_BY_OPENSSL
#include <openssl/core_names.h>

static const char name[] = "ML-KEM-768";

static OSSL_PARAM octets(const char *what, const uint8_t *bytes, size_t len)
{
    return OSSL_PARAM_construct_octet_string(what, (void *)(uintptr_t)bytes, len);
}

/* Generated, from a seed that is given: an import (EVP_PKEY_fromdata) would try the pair out, which costs
   as much again. */
static EVP_PKEY *private_of(const uint8_t *seed)
{
    OSSL_PARAM params[] = { octets(OSSL_PKEY_PARAM_ML_KEM_SEED, seed, HF_MLKEM_SEED),
                            OSSL_PARAM_construct_end() };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, name, NULL);
    EVP_PKEY *key = NULL;

    if (!ctx || EVP_PKEY_keygen_init(ctx) != 1 || EVP_PKEY_CTX_set_params(ctx, params) != 1 ||
        EVP_PKEY_generate(ctx, &key) != 1)
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

static bool encapsulate(EVP_PKEY *key, const uint8_t *m, uint8_t *ct, uint8_t *secret)
{
    size_t ct_len = HF_MLKEM_CT, secret_len = HF_MLKEM_SECRET;
    OSSL_PARAM params[] = { octets(OSSL_KEM_PARAM_IKME, m, 32), OSSL_PARAM_construct_end() };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool good = ctx && EVP_PKEY_encapsulate_init(ctx, params) == 1 &&
                EVP_PKEY_encapsulate(ctx, ct, &ct_len, secret, &secret_len) == 1;

    EVP_PKEY_CTX_free(ctx);
    return good;
}

/* Reading the key is where libcrypto makes the modulus check of FIPS 203 7.2. */
hf_error hf_mlkem_encapsulate(const uint8_t ek[HF_MLKEM_EK], const uint8_t m[32],
                              uint8_t ct[HF_MLKEM_CT], uint8_t secret[HF_MLKEM_SECRET])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key_ex(NULL, name, NULL, ek, HF_MLKEM_EK);
    bool good = key && encapsulate(key, m, ct, secret);
    bool read = key != NULL;

    EVP_PKEY_free(key);
    if (good)
        return HF_OK;
    return hf_libcrypto_failure(read ? HF_E_CRYPTO : HF_E_KEY_SHARE_INVALID);
}

hf_error hf_mlkem_decapsulate(const uint8_t seed[HF_MLKEM_SEED], const uint8_t ct[HF_MLKEM_CT],
                              uint8_t secret[HF_MLKEM_SECRET])
{
    size_t len = HF_MLKEM_SECRET;
    EVP_PKEY *key = private_of(seed);
    EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    bool good = ctx && EVP_PKEY_decapsulate_init(ctx, NULL) == 1 &&
                EVP_PKEY_decapsulate(ctx, secret, &len, ct, HF_MLKEM_CT) == 1;

    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return good ? HF_OK : hf_libcrypto_failure(HF_E_CRYPTO);
}

const char *hf_mlkem_source(void)
{
    return "libcrypto";
}

#endif
