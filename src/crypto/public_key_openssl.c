/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Public keys for OpenSSL 3, by parameters: its other ways are deprecated or parse DER. */
#include "crypto/libcrypto.h"
#include "crypto/public_key.h"

#if !defined(OPENSSL_IS_AWSLC)
#include <stdatomic.h>

#include <openssl/core_names.h>

enum { RSA_BYTES_MAX = 1024, RSA_EXPONENT_MAX = 8 };

static EVP_PKEY *from_params(const char *family, int selection, OSSL_PARAM *params)
{
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, family, NULL);

    if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &pkey, selection, params) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

/* ---- RSA ---- */

/* A parameter is a number in the machine's own byte order. */
static OSSL_PARAM number(const char *name, hf_span big_endian, uint8_t *buffer)
{
    static const uint16_t one = 1;
    bool little = *(const uint8_t *)&one == 1;
    size_t len = big_endian.len;

    for (size_t i = 0; i < len; i++)
        buffer[i] = big_endian.data[little ? len - 1 - i : i];
    return OSSL_PARAM_construct_BN(name, buffer, len);
}

hf_error hf_public_rsa(hf_span n, hf_span e, EVP_PKEY **pkey)
{
    uint8_t modulus[RSA_BYTES_MAX], exponent[RSA_EXPONENT_MAX];
    OSSL_PARAM params[] = { number(OSSL_PKEY_PARAM_RSA_N, n, modulus),
                            number(OSSL_PKEY_PARAM_RSA_E, e, exponent),
                            OSSL_PARAM_construct_end() };

    *pkey = from_params("RSA", EVP_PKEY_PUBLIC_KEY, params);
    return *pkey ? HF_OK : hf_libcrypto_failure(HF_E_CRYPTO);
}

/* ---- curves ---- */

static const char *curve_name(hf_key_type curve)
{
    if (curve == HF_KEY_P256)
        return "P-256";
    return curve == HF_KEY_P384 ? "P-384" : "P-521";
}

static EVP_PKEY *empty_key(hf_key_type curve)
{
    char *name = (char *)(uintptr_t)curve_name(curve); /* which is only read */
    OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
                            OSSL_PARAM_construct_end() };

    return from_params("EC", EVP_PKEY_KEY_PARAMETERS, params);
}

/* A key with the curve's parameters and no point. Looking a curve up by name costs 13 µs and a copy
   3, so each is made once and kept for the life of the process. */
static EVP_PKEY *template_of(hf_key_type curve)
{
    static _Atomic(EVP_PKEY *) kept[HF_KEY_ED25519];
    EVP_PKEY *template = atomic_load(&kept[curve]);

    if (template)
        return template;
    EVP_PKEY *fresh = empty_key(curve);
    if (fresh && !atomic_compare_exchange_strong(&kept[curve], &template, fresh)) {
        EVP_PKEY_free(fresh); /* another thread was faster */
        fresh = template;
    }
    return fresh;
}

hf_error hf_public_ec(hf_key_type curve, hf_span point, EVP_PKEY **pkey)
{
    EVP_PKEY *template = template_of(curve);

    *pkey = template ? EVP_PKEY_dup(template) : NULL;
    if (!*pkey)
        return hf_libcrypto_failure(HF_E_CRYPTO);
    if (EVP_PKEY_set1_encoded_public_key(*pkey, point.data, point.len) == 1)
        return HF_OK;
    EVP_PKEY_free(*pkey);
    return hf_libcrypto_failure(HF_E_SIGNATURE_WRONG);
}

#endif
