/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From the spans of a certificate to libcrypto's public key. */
#ifndef HF_CRYPTO_PUBLIC_KEY_H
#define HF_CRYPTO_PUBLIC_KEY_H

#include <openssl/evp.h>

#include "crypto/signature.h"

/* NULL: the key is not one of its type (or libcrypto failed: its error queue tells). */
EVP_PKEY *hf_public_key_make(const hf_public_key *key);

/* The parts of it that OpenSSL and AWS-LC do differently. The lengths and forms are checked. */
EVP_PKEY *hf_public_rsa(hf_span n, hf_span e);
EVP_PKEY *hf_public_ec(hf_key_type curve, hf_span point);

#endif
