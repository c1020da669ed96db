/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * An EVP_PKEY from the numbers of a public key, which come from a peer: what is not a key of its
 * type is refused here. How libcrypto is told the numbers is public_key_openssl.c or
 * public_key_awslc.c.
 */
#include "crypto/public_key.h"

enum { RSA_BYTES_MAX = 1024, RSA_EXPONENT_MAX = 8, UNCOMPRESSED = 4 };

static bool is_odd(hf_span number, size_t max)
{
    return number.len > 0 && number.len <= max && number.data[0] != 0 &&
           (number.data[number.len - 1] & 1) == 1;
}

static EVP_PKEY *rsa(hf_span n, hf_span e)
{
    bool one = e.len == 1 && e.data[0] == 1;

    return is_odd(n, RSA_BYTES_MAX) && is_odd(e, RSA_EXPONENT_MAX) && !one ? hf_public_rsa(n, e) : NULL;
}

/* SEC 1 2.3.3, the uncompressed form only (RFC 5480 2.2). libcrypto checks that the point is on the
   curve. */
static EVP_PKEY *ec(hf_key_type curve, hf_span point, size_t coordinate)
{
    if (point.len != 1 + 2 * coordinate || point.data[0] != UNCOMPRESSED)
        return NULL;
    return hf_public_ec(curve, point);
}

static EVP_PKEY *ed25519(hf_span point)
{
    if (point.len != 32)
        return NULL;
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, point.data, point.len);
}

EVP_PKEY *hf_public_key_make(const hf_public_key *key)
{
    switch (key->type) {
    case HF_KEY_RSA:
    case HF_KEY_RSA_PSS: return rsa(key->n, key->e);
    case HF_KEY_P256: return ec(key->type, key->point, 32);
    case HF_KEY_P384: return ec(key->type, key->point, 48);
    case HF_KEY_P521: return ec(key->type, key->point, 66);
    case HF_KEY_ED25519: return ed25519(key->point);
    case HF_KEY_NONE: break;
    }
    return NULL;
}
