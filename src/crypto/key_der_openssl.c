/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Private keys by OpenSSL. */
#include "crypto/key_der.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#if !defined(OPENSSL_IS_AWSLC)

static size_t length_of(int n)
{
    return n > 0 ? (size_t)n : 0;
}

size_t hf_key_der_spki(EVP_PKEY *pkey, uint8_t **der)
{
    *der = NULL;
    return length_of(i2d_PUBKEY(pkey, der));
}

size_t hf_key_der_pkcs8(EVP_PKEY *pkey, uint8_t **der)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);

    *der = NULL;
    size_t len = info ? length_of(i2d_PKCS8_PRIV_KEY_INFO(info, der)) : 0;
    PKCS8_PRIV_KEY_INFO_free(info);
    return len;
}

EVP_PKEY *hf_key_der_decrypt(hf_span der, const char *password, bool *decrypted)
{
    const uint8_t *at = der.data;
    X509_SIG *sealed = d2i_X509_SIG(NULL, &at, (long)der.len);
    PKCS8_PRIV_KEY_INFO *info =
        sealed ? PKCS8_decrypt(sealed, password, (int)strlen(password)) : NULL;
    EVP_PKEY *pkey = info ? EVP_PKCS82PKEY(info) : NULL;

    *decrypted = info != NULL;
    PKCS8_PRIV_KEY_INFO_free(info);
    X509_SIG_free(sealed);
    return pkey;
}

/* It looks up the algorithm before it derives a key, and both by EVP. */
bool hf_key_der_is_unsupported(uint32_t error)
{
    int reason = ERR_GET_REASON(error);

    return ERR_GET_LIB(error) == ERR_LIB_EVP && reason != EVP_R_BAD_DECRYPT &&
           reason != EVP_R_DECODE_ERROR;
}

#endif
