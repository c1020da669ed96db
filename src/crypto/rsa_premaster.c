/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The server's side of static RSA key exchange. OpenSSL unpads a premaster secret itself, and gives
 * random bytes for a bad one; AWS-LC leaves that to us (rsa_unpad.c). Either way the calls below are
 * the same for every ciphertext of the right length, and fail only for reasons that its sender knows
 * (a number above the modulus) or cannot influence (no memory).
 */
#include "crypto/rsa_premaster.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "crypto/private_key.h"

enum { MODULUS_MIN = 64, MODULUS_MAX = HF_SIGNATURE_MAX };

#if defined(RSA_PKCS1_WITH_TLS_PADDING)
#include <openssl/core_names.h>

static bool set_padding(EVP_PKEY_CTX *ctx, uint16_t client_version)
{
    unsigned version = client_version;
    OSSL_PARAM params[] = { OSSL_PARAM_construct_uint(OSSL_ASYM_CIPHER_PARAM_TLS_CLIENT_VERSION,
                                                      &version),
                            OSSL_PARAM_construct_end() };

    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_WITH_TLS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_params(ctx, params) == 1;
}

/* What libcrypto wrote is the secret, or random. */
static size_t expected(size_t modulus)
{
    (void)modulus;
    return HF_PREMASTER;
}

static void unpad(const uint8_t *plain, size_t modulus, uint16_t client_version,
                  const uint8_t *substitute, uint8_t *premaster)
{
    (void)modulus;
    (void)client_version;
    (void)substitute;
    memcpy(premaster, plain, HF_PREMASTER);
}

#else

static bool set_padding(EVP_PKEY_CTX *ctx, uint16_t client_version)
{
    (void)client_version;
    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1;
}

/* The whole encryption block. */
static size_t expected(size_t modulus)
{
    return modulus;
}

static void unpad(const uint8_t *plain, size_t modulus, uint16_t client_version,
                  const uint8_t *substitute, uint8_t *premaster)
{
    hf_premaster_unpad(plain, modulus, client_version, substitute, premaster);
}

#endif

/* All ones if plain got `expected` bytes, else zero. *len is the room in plain. */
static uint8_t decrypt(EVP_PKEY *pkey, uint16_t client_version, hf_span ciphertext, uint8_t *plain)
{
    size_t len = MODULUS_MAX, want = expected(ciphertext.len);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    int good = ctx && EVP_PKEY_decrypt_init(ctx) == 1 && set_padding(ctx, client_version);

    if (good) /* known to everybody: nothing was decrypted yet */
        good = EVP_PKEY_decrypt(ctx, plain, &len, ciphertext.data, ciphertext.len) == 1;
    EVP_PKEY_CTX_free(ctx);
    return (uint8_t)(0u - (unsigned)(good & (len == want)));
}

static bool fits(const hf_private_key *key, hf_span ciphertext)
{
    size_t modulus = ((size_t)key->bits + 7) / 8;

    return key->type == HF_KEY_RSA && modulus >= MODULUS_MIN && modulus <= MODULUS_MAX &&
           ciphertext.len == modulus;
}

static void choose(uint8_t premaster[HF_PREMASTER], uint8_t keep,
                   const uint8_t substitute[HF_PREMASTER])
{
    volatile uint8_t mask = keep;

    for (size_t i = 0; i < HF_PREMASTER; i++)
        premaster[i] = (uint8_t)((premaster[i] & mask) | (substitute[i] & ~mask));
}

/* RFC 5246 7.4.7.1: no error, and nothing else that tells a bad padding, length or version from a
   good one. */
void hf_rsa_premaster(const hf_private_key *key, uint16_t client_version, hf_span ciphertext,
                      const uint8_t substitute[HF_PREMASTER], uint8_t premaster[HF_PREMASTER])
{
    uint8_t plain[MODULUS_MAX] = { 0 };

    memcpy(premaster, substitute, HF_PREMASTER);
    if (!fits(key, ciphertext)) /* its length is public */
        return;
    ERR_set_mark();
    uint8_t keep = decrypt(key->pkey, client_version, ciphertext, plain);
    ERR_pop_to_mark();
    unpad(plain, ciphertext.len, client_version, substitute, premaster);
    choose(premaster, keep, substitute);
    hf_wipe(plain, sizeof plain);
}
