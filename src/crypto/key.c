/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Private keys as objects: their type, making new ones, writing them. Reading PEM is key_pem.c. */
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "crypto/key_der.h"
#include "crypto/libcrypto.h"
#include "crypto/private_key.h"

enum { RSA_BITS_MIN = 1024, RSA_BITS_MAX = 8192 };

/* ---- types ---- */

/* A SubjectPublicKeyInfo starts in one way only for each supported curve: SEQUENCE, AlgorithmIdentifier
   with the named curve, BIT STRING, uncompressed point (RFC 5480, RFC 8410). */
static const uint8_t p256_start[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                      0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                      0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04 };
static const uint8_t p384_start[] = { 0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                      0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
                                      0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04 };
static const uint8_t p521_start[] = { 0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                      0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81,
                                      0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00, 0x04 };
static const uint8_t ed25519_start[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                         0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };

static bool starts_with(hf_span der, const uint8_t *start, size_t len)
{
    return der.len > len && memcmp(der.data, start, len) == 0;
}

static hf_key_type type_of_curve(hf_span spki)
{
    if (starts_with(spki, p256_start, sizeof p256_start))
        return HF_KEY_P256;
    if (starts_with(spki, p384_start, sizeof p384_start))
        return HF_KEY_P384;
    if (starts_with(spki, p521_start, sizeof p521_start))
        return HF_KEY_P521;
    if (starts_with(spki, ed25519_start, sizeof ed25519_start))
        return HF_KEY_ED25519;
    return HF_KEY_NONE;
}

/* HF_KEY_NONE: none that is supported. */
static hf_error find_type(hf_private_key *key)
{
    uint8_t *spki;
    size_t len;
    int id = EVP_PKEY_base_id(key->pkey);

    if (id == EVP_PKEY_RSA || id == EVP_PKEY_RSA_PSS) {
        if (key->bits >= RSA_BITS_MIN && key->bits <= RSA_BITS_MAX)
            key->type = id == EVP_PKEY_RSA ? HF_KEY_RSA : HF_KEY_RSA_PSS;
        return HF_OK;
    }
    TRY(hf_private_key_spki(key, &spki, &len));
    key->type = type_of_curve(hf_span_of(spki, len));
    hf_free(spki);
    return HF_OK;
}

hf_error hf_private_key_wrap(hf_private_key **key, EVP_PKEY *pkey)
{
    hf_private_key *made = hf_alloc(sizeof *made);

    if (!made) {
        EVP_PKEY_free(pkey);
        return HF_E_NO_MEMORY;
    }
    made->pkey = pkey;
    made->bits = (unsigned)EVP_PKEY_bits(pkey);
    hf_error e = find_type(made);
    if (e == HF_OK && made->type == HF_KEY_NONE)
        e = HF_E_CONFIG_KEY_UNSUPPORTED;
    if (e != HF_OK) {
        hf_private_key_free(made);
        return e;
    }
    *key = made;
    return HF_OK;
}

void hf_private_key_free(hf_private_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey);
    hf_free(key);
}

hf_key_type hf_private_key_type(const hf_private_key *key)
{
    return key->type;
}

unsigned hf_private_key_bits(const hf_private_key *key)
{
    return key->bits;
}

/* ---- new keys ---- */

static int family_of(hf_key_type type)
{
    switch (type) {
    case HF_KEY_RSA: return EVP_PKEY_RSA;
    case HF_KEY_RSA_PSS: return EVP_PKEY_RSA_PSS;
    case HF_KEY_P256:
    case HF_KEY_P384:
    case HF_KEY_P521: return EVP_PKEY_EC;
    case HF_KEY_ED25519: return EVP_PKEY_ED25519;
    case HF_KEY_NONE: break;
    }
    return EVP_PKEY_NONE;
}

static int curve_of(hf_key_type type)
{
    if (type == HF_KEY_P256)
        return NID_X9_62_prime256v1;
    return type == HF_KEY_P384 ? NID_secp384r1 : NID_secp521r1;
}

static bool generate(EVP_PKEY_CTX *ctx, hf_key_type type, unsigned rsa_bits, EVP_PKEY **pkey)
{
    int family = family_of(type);

    if (!ctx || EVP_PKEY_keygen_init(ctx) != 1)
        return false;
    if (family == EVP_PKEY_EC && EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, curve_of(type)) != 1)
        return false;
    if ((type == HF_KEY_RSA || type == HF_KEY_RSA_PSS) &&
        EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)rsa_bits) != 1)
        return false;
    return EVP_PKEY_keygen(ctx, pkey) == 1;
}

hf_error hf_private_key_generate(hf_private_key **key, hf_key_type type, unsigned rsa_bits)
{
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *ctx;

    if (family_of(type) == EVP_PKEY_NONE)
        return HF_E_CONFIG_KEY_UNSUPPORTED;
    if ((type == HF_KEY_RSA || type == HF_KEY_RSA_PSS) && (rsa_bits < 2048 || rsa_bits > 4096))
        return HF_E_CONFIG_KEY_UNSUPPORTED;
    ctx = EVP_PKEY_CTX_new_id(family_of(type), NULL);
    bool good = generate(ctx, type, rsa_bits, &pkey);
    EVP_PKEY_CTX_free(ctx);
    return good ? hf_private_key_wrap(key, pkey) : hf_libcrypto_failure(HF_E_CRYPTO);
}

/* ---- writing ---- */

hf_error hf_private_key_to_pem(const hf_private_key *key, uint8_t **pem, size_t *len)
{
    uint8_t *der;
    size_t n = hf_key_der_pkcs8(key->pkey, &der);

    if (n == 0)
        return hf_libcrypto_failure(HF_E_CRYPTO);
    hf_error e = hf_pem_write("PRIVATE KEY", hf_span_of(der, n), pem, len);
    OPENSSL_clear_free(der, n);
    return e;
}

hf_error hf_private_key_spki(const hf_private_key *key, uint8_t **spki, size_t *len)
{
    uint8_t *der;
    size_t n = hf_key_der_spki(key->pkey, &der);

    if (n == 0)
        return hf_libcrypto_failure(HF_E_CRYPTO);
    *spki = hf_copy(hf_span_of(der, n));
    *len = n;
    OPENSSL_free(der);
    return *spki ? HF_OK : HF_E_NO_MEMORY;
}
