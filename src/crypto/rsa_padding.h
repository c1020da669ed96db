/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* How sign.c and verify.c tell libcrypto which RSA signature is meant. */
#ifndef HF_CRYPTO_RSA_PADDING_H
#define HF_CRYPTO_RSA_PADDING_H

#include <openssl/evp.h>

#include "registry/registry.h"

/* PKCS#1 v1.5, or PSS with MGF1 over the same hash and a salt as long as the hash (RFC 9846 4.3.3#4 #6).
   Nothing to do for other kinds. The context is ready for sign or verify. */
bool hf_rsa_padding(EVP_PKEY_CTX *ctx, hf_sig_kind kind, hf_hash_id hash);

#endif
