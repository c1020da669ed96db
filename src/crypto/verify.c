/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Checking signatures (RFC 8017, FIPS 186-5, RFC 8032). Whatever is wrong with the key or the
 * signature is the peer's doing and gives one answer, HF_E_SIGNATURE_WRONG.
 */
#include "crypto/hash.h"
#include "crypto/libcrypto.h"
#include "crypto/public_key.h"
#include "crypto/rsa_padding.h"

static bool fits(const hf_public_key *key, hf_sig_kind kind, hf_hash_id hash, hf_span signature)
{
    bool rsa = key->type == HF_KEY_RSA || key->type == HF_KEY_RSA_PSS;

    switch (kind) {
    case HF_SIG_RSA_PKCS1:
        /* RFC 8017 8.2.2 step 1: as long as the modulus. */
        return key->type == HF_KEY_RSA && signature.len == key->n.len;
    case HF_SIG_RSA_PSS:
        return rsa && signature.len == key->n.len &&
               (key->pss_hash == HF_NO_HASH || key->pss_hash == hash);
    case HF_SIG_ECDSA:
        return key->type == HF_KEY_P256 || key->type == HF_KEY_P384 || key->type == HF_KEY_P521;
    case HF_SIG_ED25519: return key->type == HF_KEY_ED25519 && signature.len == 64;
    case HF_SIG_NONE: break;
    }
    return false;
}

/* Libcrypto's answers 1, 0 and below 0. A malformed signature is below 0 too; want of memory shows in
   the error queue, as far as libcrypto says so. */
static hf_error verdict(int answer)
{
    return answer == 1 ? HF_OK : hf_libcrypto_failure(HF_E_SIGNATURE_WRONG);
}

static hf_error verify_message(EVP_PKEY *pkey, hf_span message, hf_span signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    hf_error e;

    if (ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1)
        e = verdict(
            EVP_DigestVerify(ctx, signature.data, signature.len, message.data, message.len));
    else
        e = hf_libcrypto_failure(HF_E_CRYPTO);
    EVP_MD_CTX_free(ctx);
    return e;
}

/* libcrypto's ECDSA refuses a signature that is not the DER encoding of its r and s. */
static hf_error verify_digest(EVP_PKEY *pkey, hf_sig_kind kind, hf_hash_id hash, hf_span message,
                              hf_span signature)
{
    uint8_t digest[HF_HASH_MAX];
    EVP_PKEY_CTX *ctx;
    hf_error e;

    TRY(hf_hash_once(hash, message, digest));
    ctx = EVP_PKEY_CTX_new(pkey, NULL);
    if (ctx && EVP_PKEY_verify_init(ctx) == 1 && hf_rsa_padding(ctx, kind, hash))
        e = verdict(EVP_PKEY_verify(ctx, signature.data, signature.len, digest, hf_hash_len(hash)));
    else
        e = hf_libcrypto_failure(HF_E_CRYPTO);
    EVP_PKEY_CTX_free(ctx);
    return e;
}

hf_error hf_verify(const hf_public_key *key, hf_sig_kind kind, hf_hash_id hash, hf_span message,
                   hf_span signature)
{
    EVP_PKEY *pkey = NULL;
    hf_error e;

    if (!fits(key, kind, hash, signature))
        return HF_E_SIGNATURE_WRONG;
    TRY(hf_public_key_make(key, &pkey));
    if (kind == HF_SIG_ED25519)
        e = verify_message(pkey, message, signature);
    else
        e = verify_digest(pkey, kind, hash, message, signature);
    EVP_PKEY_free(pkey);
    return e;
}
