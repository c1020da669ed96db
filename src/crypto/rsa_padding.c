/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The parameters of RSA signatures. */
#include "crypto/rsa_padding.h"

#include <openssl/rsa.h>

#include "crypto/libcrypto.h"

bool hf_rsa_padding(EVP_PKEY_CTX *ctx, hf_sig_kind kind, hf_hash_id hash)
{
    const EVP_MD *md = hf_libcrypto_hash(hash);

    if (kind == HF_SIG_RSA_PKCS1)
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
               EVP_PKEY_CTX_set_signature_md(ctx, md) == 1;
    if (kind == HF_SIG_RSA_PSS)
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_signature_md(ctx, md) == 1 &&
               EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
    return true;
}
