/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Making signatures (RFC 8017, FIPS 186-5, RFC 8032). libcrypto draws nonces and salts. */
#include <openssl/rsa.h>

#include "crypto/hash.h"
#include "crypto/libcrypto.h"
#include "crypto/private_key.h"
#include "crypto/rsa_padding.h"

static bool may_make(const hf_private_key *key, hf_sig_kind kind)
{
    switch (key->type) {
    case HF_KEY_RSA: return kind == HF_SIG_RSA_PKCS1 || kind == HF_SIG_RSA_PSS;
    case HF_KEY_RSA_PSS: return kind == HF_SIG_RSA_PSS;
    case HF_KEY_P256:
    case HF_KEY_P384:
    case HF_KEY_P521: return kind == HF_SIG_ECDSA;
    case HF_KEY_ED25519: return kind == HF_SIG_ED25519;
    case HF_KEY_NONE: break;
    }
    return false;
}

/* Ed25519 reads the message twice, so it cannot be given a digest (RFC 8032 5.1.6). */
static bool sign_message(EVP_PKEY *pkey, hf_span message, uint8_t *signature, size_t *len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
                EVP_DigestSign(ctx, signature, len, message.data, message.len) == 1;

    EVP_MD_CTX_free(ctx);
    return good;
}

static bool sign_digest(EVP_PKEY *pkey, hf_sig_kind kind, hf_hash_id hash, const uint8_t *digest,
                        uint8_t *signature, size_t *len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    bool good = ctx && EVP_PKEY_sign_init(ctx) == 1 && hf_rsa_padding(ctx, kind, hash) &&
                EVP_PKEY_sign(ctx, signature, len, digest, hf_hash_len(hash)) == 1;

    EVP_PKEY_CTX_free(ctx);
    return good;
}

/* A wrong signature of RSA may give the key away, and OpenSSL makes one when its memory ends in the middle of it. */
static bool is_right(EVP_PKEY *pkey, hf_sig_kind kind, hf_hash_id hash, const uint8_t *digest,
                     const uint8_t *signature, size_t len)
{
    if (kind != HF_SIG_RSA_PKCS1 && kind != HF_SIG_RSA_PSS)
        return true;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    bool good = ctx && EVP_PKEY_verify_init(ctx) == 1 && hf_rsa_padding(ctx, kind, hash) &&
                EVP_PKEY_verify(ctx, signature, len, digest, hf_hash_len(hash)) == 1;

    EVP_PKEY_CTX_free(ctx);
    return good;
}

hf_error hf_sign(const hf_private_key *key, hf_sig_kind kind, hf_hash_id hash, hf_span message,
                 uint8_t signature[HF_SIGNATURE_MAX], size_t *len)
{
    uint8_t digest[HF_HASH_MAX];
    bool good;

    if (!may_make(key, kind))
        return HF_E_INTERNAL;
    *len = HF_SIGNATURE_MAX;
    if (kind == HF_SIG_ED25519) {
        good = sign_message(key->pkey, message, signature, len);
    } else {
        TRY(hf_hash_once(hash, message, digest));
        good = sign_digest(key->pkey, kind, hash, digest, signature, len) &&
               is_right(key->pkey, kind, hash, digest, signature, *len);
    }
    good = good && *len > 0 && *len <= HF_SIGNATURE_MAX; /* as above: its ECDSA then says -1 */
    return good ? HF_OK : hf_libcrypto_failure(HF_E_CRYPTO);
}
