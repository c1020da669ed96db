/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What OpenSSL and AWS-LC do differently with private keys: writing them as DER, which AWS-LC does for
 * all types but RSA-PSS, and saying why they could not decrypt one.
 */
#ifndef HF_CRYPTO_KEY_DER_H
#define HF_CRYPTO_KEY_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "base/bytes.h"

/* The length, or 0 with libcrypto's errors. *der is fresh memory of libcrypto's (OPENSSL_free, OPENSSL_clear_free). */
size_t hf_key_der_spki(EVP_PKEY *pkey, uint8_t **der);  /* SubjectPublicKeyInfo, RFC 5280 4.1 */
size_t hf_key_der_pkcs8(EVP_PKEY *pkey, uint8_t **der); /* PrivateKeyInfo, RFC 5958 2 */

/* From a well-formed EncryptedPrivateKeyInfo (RFC 5958 3). NULL: *decrypted tells whether the password was right, as
   far as libcrypto lets us know, and its errors tell the rest. */
EVP_PKEY *hf_key_der_decrypt(hf_span der, const char *password, bool *decrypted);
/* Of an error that it left: the encryption, or the key, is of a kind that libcrypto does not have. */
bool hf_key_der_is_unsupported(uint32_t error);

#endif
