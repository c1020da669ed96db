/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * An EVP_PKEY from the numbers of a public key, which come from a peer: what is not a key of its
 * type is refused here. How libcrypto is told the numbers is public_key_openssl.c or
 * public_key_awslc.c.
 */
#include "crypto/public_key.h"

#include "crypto/libcrypto.h"

enum { RSA_BYTES_MAX = 1024, RSA_EXPONENT_MAX = 8, UNCOMPRESSED = 4 };

static bool is_odd(hf_span number, size_t max)
{
    return number.len > 0 && number.len <= max && number.data[0] != 0 &&
           (number.data[number.len - 1] & 1) == 1;
}

static hf_error rsa(hf_span n, hf_span e, EVP_PKEY **pkey)
{
    bool one = e.len == 1 && e.data[0] == 1;

    if (!is_odd(n, RSA_BYTES_MAX) || !is_odd(e, RSA_EXPONENT_MAX) || one)
        return HF_E_SIGNATURE_WRONG;
    return hf_public_rsa(n, e, pkey);
}

/* SEC 1 2.3.3, the uncompressed form only (RFC 5480 2.2). libcrypto checks that the point is on the
   curve. */
static hf_error ec(hf_key_type curve, hf_span point, size_t coordinate, EVP_PKEY **pkey)
{
    if (point.len != 1 + 2 * coordinate || point.data[0] != UNCOMPRESSED)
        return HF_E_SIGNATURE_WRONG;
    return hf_public_ec(curve, point, pkey);
}

static hf_error ed25519(hf_span point, EVP_PKEY **pkey)
{
    if (point.len != 32)
        return HF_E_SIGNATURE_WRONG;
    *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, point.data, point.len);
    return *pkey ? HF_OK : hf_libcrypto_failure(HF_E_CRYPTO);
}

hf_error hf_public_key_make(const hf_public_key *key, EVP_PKEY **pkey)
{
    switch (key->type) {
    case HF_KEY_RSA:
    case HF_KEY_RSA_PSS: return rsa(key->n, key->e, pkey);
    case HF_KEY_P256: return ec(key->type, key->point, 32, pkey);
    case HF_KEY_P384: return ec(key->type, key->point, 48, pkey);
    case HF_KEY_P521: return ec(key->type, key->point, 66, pkey);
    case HF_KEY_ED25519: return ed25519(key->point, pkey);
    case HF_KEY_NONE: break;
    }
    return HF_E_SIGNATURE_WRONG;
}
