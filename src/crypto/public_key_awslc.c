/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Public keys for AWS-LC, by its RSA and EC_KEY objects. */
#include "crypto/libcrypto.h"
#include "crypto/public_key.h"

#if defined(OPENSSL_IS_AWSLC)
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/nid.h>
#include <openssl/rsa.h>

hf_error hf_public_rsa(hf_span n, hf_span e, EVP_PKEY **pkey)
{
    BIGNUM *modulus = BN_bin2bn(n.data, n.len, NULL), *exponent = BN_bin2bn(e.data, e.len, NULL);
    RSA *rsa = modulus && exponent ? RSA_new_public_key(modulus, exponent) : NULL;
    bool good;

    *pkey = EVP_PKEY_new();
    good = *pkey && rsa && EVP_PKEY_set1_RSA(*pkey, rsa) == 1;
    RSA_free(rsa);
    BN_free(modulus);
    BN_free(exponent);
    if (good)
        return HF_OK;
    EVP_PKEY_free(*pkey);
    return hf_libcrypto_failure(HF_E_SIGNATURE_WRONG);
}

static int curve_of(hf_key_type curve)
{
    if (curve == HF_KEY_P256)
        return NID_X9_62_prime256v1;
    return curve == HF_KEY_P384 ? NID_secp384r1 : NID_secp521r1;
}

static bool set_point(EC_KEY *ec, hf_span bytes)
{
    const EC_GROUP *curve = EC_KEY_get0_group(ec);
    EC_POINT *point = EC_POINT_new(curve);
    bool good = point && EC_POINT_oct2point(curve, point, bytes.data, bytes.len, NULL) == 1 &&
                EC_KEY_set_public_key(ec, point) == 1;

    EC_POINT_free(point);
    return good;
}

hf_error hf_public_ec(hf_key_type curve, hf_span point, EVP_PKEY **pkey)
{
    EC_KEY *ec = EC_KEY_new_by_curve_name(curve_of(curve));
    bool good;

    *pkey = EVP_PKEY_new();
    good = *pkey && ec && set_point(ec, point) && EVP_PKEY_set1_EC_KEY(*pkey, ec) == 1;
    EC_KEY_free(ec);
    if (good)
        return HF_OK;
    EVP_PKEY_free(*pkey);
    return hf_libcrypto_failure(HF_E_SIGNATURE_WRONG);
}

#endif
