/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From the spans of a certificate to libcrypto's public key. */
#ifndef HF_CRYPTO_PUBLIC_KEY_H
#define HF_CRYPTO_PUBLIC_KEY_H

#include <openssl/evp.h>

#include "crypto/signature.h"

/* HF_E_SIGNATURE_WRONG: the key is not one of its type, whoever made it. */
hf_error hf_public_key_make(const hf_public_key *key, EVP_PKEY **pkey);

/* The parts of it that OpenSSL and AWS-LC do differently. The lengths and forms are checked. */
hf_error hf_public_rsa(hf_span n, hf_span e, EVP_PKEY **pkey);
hf_error hf_public_ec(hf_key_type curve, hf_span point, EVP_PKEY **pkey);

#endif
