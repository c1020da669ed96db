/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Signatures: public keys as the X.509 parser found them, private keys as opaque objects, and the
 * two operations. Which algorithm may be used where is decided elsewhere (policy, x509, handshake).
 */
#ifndef HF_CRYPTO_SIGNATURE_H
#define HF_CRYPTO_SIGNATURE_H

#include "base/bytes.h"
#include "base/error.h"
#include "registry/registry.h"

enum { HF_SIGNATURE_MAX = 1024 }; /* RSA-8192 */

/* A view into a certificate. */
typedef struct hf_public_key {
    hf_key_type type;
    hf_span n, e;        /* RSA and RSA-PSS: unsigned big-endian, no leading zero */
    hf_span point;       /* ECDSA: 04 || x || y; Ed25519: 32 bytes */
    hf_hash_id pss_hash; /* RSA-PSS keys with parameters: the only hash allowed; HF_NO_HASH: any */
} hf_public_key;

/* HF_OK, HF_E_SIGNATURE_WRONG, or HF_E_CRYPTO / HF_E_NO_MEMORY. RSA-PSS: MGF1 with the same hash,
   salt as long as the hash. ECDSA signatures are strict DER. A key that is none (a point off its
   curve, an even modulus), or not one for that kind of signature, is HF_E_SIGNATURE_WRONG too: it
   came from the peer. */
hf_error hf_verify(const hf_public_key *key, hf_sig_kind kind, hf_hash_id hash, hf_span message,
                   hf_span signature);

typedef struct hf_private_key hf_private_key;
/* PEM (PKCS#8, also encrypted; SEC1; PKCS#1). password may be NULL.
   HF_E_CONFIG_PEM, _KEY_ENCRYPTED (a password is needed), _KEY_PASSWORD, _KEY_UNSUPPORTED. */
hf_error hf_private_key_from_pem(hf_private_key **key, hf_span pem, const char *password);
/* A new key of that type; rsa_bits (2048 to 4096) for RSA and RSA-PSS. libcrypto draws. */
hf_error hf_private_key_generate(hf_private_key **key, hf_key_type type, unsigned rsa_bits);
void hf_private_key_free(hf_private_key *key);
hf_key_type hf_private_key_type(const hf_private_key *key);
unsigned hf_private_key_bits(const hf_private_key *key);
/* Unencrypted PKCS#8 PEM in fresh memory, to be given to hf_free_secret; *len without the NUL. */
hf_error hf_private_key_to_pem(const hf_private_key *key, uint8_t **pem, size_t *len);
/* The SubjectPublicKeyInfo, DER, in fresh memory (hf_free). */
hf_error hf_private_key_spki(const hf_private_key *key, uint8_t **spki, size_t *len);
/* signature gets at most HF_SIGNATURE_MAX bytes. Thread-safe. */
hf_error hf_sign(const hf_private_key *key, hf_sig_kind kind, hf_hash_id hash, hf_span message,
                 uint8_t signature[HF_SIGNATURE_MAX], size_t *len);

/* The bodies of the PEM blocks of that label ("CERTIFICATE"), one call a block: *pem moves on behind
   it. HF_E_CONFIG_PEM: there is no further block, *pem is empty; or the next one is malformed, *pem
   starts with it. *der is fresh memory (hf_free). */
hf_error hf_pem_next(hf_span *pem, const char *label, uint8_t **der, size_t *len);
/* PEM of a block, in fresh memory. */
hf_error hf_pem_write(const char *label, hf_span der, uint8_t **pem, size_t *len);

/* "OpenSSL 3.0.19 27 Jan 2026" */
const char *hf_libcrypto_version(void);

#endif
