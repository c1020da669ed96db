/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * X25519 (RFC 7748 section 5) by libcrypto, on keys that are bytes. It masks the peer's highest bit
 * and takes non-canonical values, as the RFC says.
 */
#include "crypto/kex_groups.h"
#include "crypto/libcrypto.h"

static const uint8_t base[HF_X25519_LEN] = { 9 }; /* RFC 7748 4.1 */

/* One of the products that a scalar is wanted for. */
typedef struct product {
    const uint8_t *point;
    uint8_t *out;
} product;

#if defined(OPENSSL_IS_AWSLC)
#include <openssl/curve25519.h>

/* It has a table for the base point, a third of the price. */
static hf_error multiply(const uint8_t *scalar, const product *products, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (products[i].point == base)
            X25519_public_from_private(products[i].out, scalar);
        else if (X25519(products[i].out, scalar, products[i].point) != 1)
            return HF_E_KEY_SHARE_ZERO;
    return HF_OK;
}

#else
#include <openssl/core_names.h>

static OSSL_PARAM octets(const char *name, const uint8_t *bytes)
{
    return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)bytes, HF_X25519_LEN);
}

/* A context costs as much as a tenth of the exchange: one makes all keys, and one derives all secrets. */
static EVP_PKEY_CTX *key_maker(void)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "X25519", NULL);

    if (ctx && EVP_PKEY_fromdata_init(ctx) != 1) {
        EVP_PKEY_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

static EVP_PKEY *public_of(EVP_PKEY_CTX *maker, const uint8_t *point)
{
    OSSL_PARAM params[] = { octets(OSSL_PKEY_PARAM_PUB_KEY, point), OSSL_PARAM_construct_end() };
    EVP_PKEY *key = NULL;

    return EVP_PKEY_fromdata(maker, &key, EVP_PKEY_PUBLIC_KEY, params) == 1 ? key : NULL;
}

/* A private key alone would have OpenSSL compute its public key each time, which costs as much as
   the exchange and is of no use to it. Any public value keeps it from that. */
static EVP_PKEY *private_of(EVP_PKEY_CTX *maker, const uint8_t *scalar)
{
    static const uint8_t unused[HF_X25519_LEN];
    OSSL_PARAM params[] = { octets(OSSL_PKEY_PARAM_PRIV_KEY, scalar),
                            octets(OSSL_PKEY_PARAM_PUB_KEY, unused), OSSL_PARAM_construct_end() };
    EVP_PKEY *key = NULL;

    return EVP_PKEY_fromdata(maker, &key, EVP_PKEY_KEYPAIR, params) == 1 ? key : NULL;
}

static hf_error derive(EVP_PKEY_CTX *ctx, EVP_PKEY_CTX *maker, product p)
{
    size_t len = HF_X25519_LEN;
    EVP_PKEY *peer = public_of(maker, p.point);
    hf_error e = HF_OK;

    if (!peer || EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) != 1)
        e = hf_libcrypto_failure(HF_E_CRYPTO);
    /* On keys of the right length the operation itself fails for one reason only. */
    else if (EVP_PKEY_derive(ctx, p.out, &len) != 1)
        e = hf_libcrypto_failure(HF_E_KEY_SHARE_ZERO);
    EVP_PKEY_free(peer);
    return e;
}

static hf_error multiply(const uint8_t *scalar, const product *products, size_t n)
{
    EVP_PKEY_CTX *maker = key_maker();
    EVP_PKEY *key = maker ? private_of(maker, scalar) : NULL;
    EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    hf_error e = HF_OK;

    if (!ctx || EVP_PKEY_derive_init(ctx) != 1)
        e = hf_libcrypto_failure(HF_E_CRYPTO);
    for (size_t i = 0; e == HF_OK && i < n; i++)
        e = derive(ctx, maker, products[i]);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(maker);
    return e;
}
#endif

/* Not left to libcrypto alone: RFC 9846 7.4.2#2 makes the check a MUST. */
static hf_error refuse_zero(const uint8_t *secret)
{
    static const uint8_t zero[HF_X25519_LEN];
    bool is_zero = hf_ct_equal(hf_span_of(secret, HF_X25519_LEN), hf_span_of(zero, sizeof zero));

    return is_zero ? HF_E_KEY_SHARE_ZERO : HF_OK;
}

hf_error hf_x25519_public(const uint8_t scalar[HF_X25519_LEN], uint8_t share[HF_X25519_LEN])
{
    return multiply(scalar, &(product){ base, share }, 1);
}

hf_error hf_x25519_derive(const uint8_t scalar[HF_X25519_LEN], const uint8_t peer[HF_X25519_LEN],
                          uint8_t secret[HF_X25519_LEN])
{
    TRY(multiply(scalar, &(product){ peer, secret }, 1));
    return refuse_zero(secret);
}

hf_error hf_x25519_answer(const uint8_t scalar[HF_X25519_LEN], const uint8_t peer[HF_X25519_LEN],
                          uint8_t share[HF_X25519_LEN], uint8_t secret[HF_X25519_LEN])
{
    const product both[] = { { base, share }, { peer, secret } };

    TRY(multiply(scalar, both, 2));
    return refuse_zero(secret);
}
