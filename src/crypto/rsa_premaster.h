/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The premaster secret of static RSA key exchange (RFC 5246 7.4.7.1). Decrypting it is the oldest
 * oracle of TLS (Bleichenbacher 1998): whatever is wrong with the ciphertext, the answer is a random
 * secret, by the same instructions and in the same time, so that the peer's Finished fails as if he
 * had made a mistake there. Hence no error comes out of here.
 */
#ifndef HF_CRYPTO_RSA_PREMASTER_H
#define HF_CRYPTO_RSA_PREMASTER_H

#include "crypto/random.h"
#include "crypto/signature.h"

enum { HF_PREMASTER = 48 };

/* premaster gets the 48 bytes of the ciphertext if its padding, its length and the version in its first two bytes
   (ClientHello's, never the negotiated one) are right; else random bytes: `substitute`, which the caller has drawn before, or
   libcrypto's own. substitute and premaster may not overlap. */
void hf_rsa_premaster(const hf_private_key *key, uint16_t client_version, hf_span ciphertext,
                      const uint8_t substitute[HF_PREMASTER], uint8_t premaster[HF_PREMASTER]);
/* The unpadding alone, of an encryption block as long as the modulus (64 bytes or more): no branch and no index depends on
   its bytes. For libcryptos without RSA_PKCS1_WITH_TLS_PADDING. */
void hf_premaster_unpad(const uint8_t *block, size_t len, uint16_t client_version,
                        const uint8_t substitute[HF_PREMASTER], uint8_t premaster[HF_PREMASTER]);
/* The client's side: RSAES-PKCS1-v1_5 (RFC 8017 7.2.1) under an RSA key; *len gets the modulus' length. libcrypto draws the
   padding. HF_E_CRYPTO, HF_E_NO_MEMORY; HF_E_CERT_KEY_UNSUPPORTED: not an RSA key. */
hf_error hf_rsa_encrypt(const hf_public_key *key, hf_span premaster,
                        uint8_t ciphertext[HF_SIGNATURE_MAX], size_t *len);
/* A block as long as the modulus, raised to the public exponent as it stands: for an auditor's badly padded ciphertexts, and nothing
   else. HF_E_CRYPTO: it is no number below the modulus, or as above. */
hf_error hf_rsa_encrypt_raw(const hf_public_key *key, hf_span block,
                            uint8_t ciphertext[HF_SIGNATURE_MAX], size_t *len);

#endif
