/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The client's side of static RSA key exchange: RSAES-PKCS1-v1_5 (RFC 8017 7.2.1). */
#include <openssl/rsa.h>

#include "crypto/libcrypto.h"
#include "crypto/public_key.h"
#include "crypto/rsa_premaster.h"

static bool encrypt(EVP_PKEY *pkey, hf_span premaster, uint8_t *ciphertext, size_t *len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    bool good = ctx && EVP_PKEY_encrypt_init(ctx) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
                EVP_PKEY_encrypt(ctx, ciphertext, len, premaster.data, premaster.len) == 1;

    EVP_PKEY_CTX_free(ctx);
    return good;
}

hf_error hf_rsa_encrypt(const hf_public_key *key, hf_span premaster,
                        uint8_t ciphertext[HF_SIGNATURE_MAX], size_t *len)
{
    EVP_PKEY *pkey;

    if (key->type != HF_KEY_RSA)
        return HF_E_CERT_KEY_UNSUPPORTED;
    TRY(hf_public_key_make(key, &pkey));
    *len = HF_SIGNATURE_MAX;
    bool good = encrypt(pkey, premaster, ciphertext, len);
    EVP_PKEY_free(pkey);
    return good ? HF_OK : hf_libcrypto_failure(HF_E_CRYPTO);
}
