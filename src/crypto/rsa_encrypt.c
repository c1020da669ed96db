/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The client's side of static RSA key exchange: RSAES-PKCS1-v1_5 (RFC 8017 7.2.1), or a block that the caller has padded, well or badly. */
#include <openssl/rsa.h>

#include "crypto/libcrypto.h"
#include "crypto/public_key.h"
#include "crypto/rsa_premaster.h"

static bool encrypt(EVP_PKEY *pkey, int padding, hf_span plain, uint8_t *ciphertext, size_t *len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    bool good = ctx && EVP_PKEY_encrypt_init(ctx) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1 &&
                EVP_PKEY_encrypt(ctx, ciphertext, len, plain.data, plain.len) == 1;

    EVP_PKEY_CTX_free(ctx);
    return good;
}

static hf_error encrypt_under(const hf_public_key *key, int padding, hf_span plain,
                              uint8_t *ciphertext, size_t *len)
{
    EVP_PKEY *pkey;

    if (key->type != HF_KEY_RSA)
        return HF_E_CERT_KEY_UNSUPPORTED;
    TRY(hf_public_key_make(key, &pkey));
    *len = HF_SIGNATURE_MAX;
    bool good = encrypt(pkey, padding, plain, ciphertext, len);
    EVP_PKEY_free(pkey);
    return good ? HF_OK : hf_libcrypto_failure(HF_E_CRYPTO);
}

hf_error hf_rsa_encrypt(const hf_public_key *key, hf_span premaster,
                        uint8_t ciphertext[HF_SIGNATURE_MAX], size_t *len)
{
    return encrypt_under(key, RSA_PKCS1_PADDING, premaster, ciphertext, len);
}

hf_error hf_rsa_encrypt_raw(const hf_public_key *key, hf_span block,
                            uint8_t ciphertext[HF_SIGNATURE_MAX], size_t *len)
{
    return encrypt_under(key, RSA_NO_PADDING, block, ciphertext, len);
}
