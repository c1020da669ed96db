/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Keys as DER for AWS-LC, which reads RSA-PSS keys (RFC 4055 1.2) and does not write them: their
 * frame and their parameters are written here, around the RSAPublicKey or RSAPrivateKey that it does
 * write. All other types are its own business.
 */
#include "crypto/key_der.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#if defined(OPENSSL_IS_AWSLC)
#include <openssl/bytestring.h>
#include <openssl/pkcs8.h>
#include <openssl/rsa.h>

enum { DER_ROOM = 512, SALT_DEFAULT = 20 };

/* 1.2.840.113549.1.1.10 and .8 */
static const uint8_t id_rsassa_pss[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a };
static const uint8_t id_mgf1[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08 };

static bool put_oid(CBB *to, const uint8_t *oid, size_t len)
{
    CBB body;

    return CBB_add_asn1(to, &body, CBS_ASN1_OBJECT) && CBB_add_bytes(&body, oid, len) &&
           CBB_flush(to);
}

/* ---- RSASSA-PSS-params (RFC 8017 A.2.3): what is the default is left out ---- */

static CBS_ASN1_TAG field(unsigned number)
{
    return CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | number;
}

static bool is_default(const EVP_MD *md)
{
    return EVP_MD_type(md) == NID_sha1;
}

static bool put_hash(CBB *params, const EVP_MD *md)
{
    CBB body;

    return is_default(md) || (CBB_add_asn1(params, &body, field(0)) &&
                              EVP_marshal_digest_algorithm(&body, md) && CBB_flush(params));
}

static bool put_mask(CBB *params, const EVP_MD *md)
{
    CBB body, algorithm;

    return is_default(md) || (CBB_add_asn1(params, &body, field(1)) &&
                              CBB_add_asn1(&body, &algorithm, CBS_ASN1_SEQUENCE) &&
                              put_oid(&algorithm, id_mgf1, sizeof id_mgf1) &&
                              EVP_marshal_digest_algorithm(&algorithm, md) && CBB_flush(params));
}

static bool put_salt(CBB *params, int salt)
{
    CBB body;

    return salt == SALT_DEFAULT ||
           (CBB_add_asn1(params, &body, field(2)) && CBB_add_asn1_uint64(&body, (uint64_t)salt) &&
            CBB_flush(params));
}

/* A context for signing starts with what the key is restricted to, which cannot be asked otherwise.
   No hash: no restriction, and no parameters. */
static bool put_params(CBB *algorithm, EVP_PKEY_CTX *ctx)
{
    const EVP_MD *md, *mask;
    CBB params;
    int salt;

    if (!ctx || EVP_PKEY_sign_init(ctx) != 1 || EVP_PKEY_CTX_get_signature_md(ctx, &md) != 1)
        return false;
    if (!md)
        return true;
    return EVP_PKEY_CTX_get_rsa_mgf1_md(ctx, &mask) == 1 &&
           EVP_PKEY_CTX_get_rsa_pss_saltlen(ctx, &salt) == 1 &&
           CBB_add_asn1(algorithm, &params, CBS_ASN1_SEQUENCE) && put_hash(&params, md) &&
           put_mask(&params, mask) && put_salt(&params, salt) && CBB_flush(algorithm);
}

static bool put_algorithm(CBB *to, EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    CBB algorithm;
    bool good = CBB_add_asn1(to, &algorithm, CBS_ASN1_SEQUENCE) &&
                put_oid(&algorithm, id_rsassa_pss, sizeof id_rsassa_pss) &&
                put_params(&algorithm, ctx) && CBB_flush(to);

    EVP_PKEY_CTX_free(ctx);
    return good;
}

/* ---- the two frames ---- */

static bool pss_spki(CBB *to, EVP_PKEY *pkey)
{
    CBB spki, bits;

    return CBB_add_asn1(to, &spki, CBS_ASN1_SEQUENCE) && put_algorithm(&spki, pkey) &&
           CBB_add_asn1(&spki, &bits, CBS_ASN1_BITSTRING) && CBB_add_u8(&bits, 0) &&
           RSA_marshal_public_key(&bits, EVP_PKEY_get0_RSA(pkey)) && CBB_flush(to);
}

static bool pss_pkcs8(CBB *to, EVP_PKEY *pkey)
{
    CBB info, key;

    return CBB_add_asn1(to, &info, CBS_ASN1_SEQUENCE) && CBB_add_asn1_uint64(&info, 0) &&
           put_algorithm(&info, pkey) && CBB_add_asn1(&info, &key, CBS_ASN1_OCTETSTRING) &&
           RSA_marshal_private_key(&key, EVP_PKEY_get0_RSA(pkey)) && CBB_flush(to);
}

static size_t write_key(EVP_PKEY *pkey, bool (*pss)(CBB *, EVP_PKEY *),
                        int (*other)(CBB *, const EVP_PKEY *), uint8_t **der)
{
    CBB cbb;
    size_t len = 0;
    bool is_pss = EVP_PKEY_id(pkey) == EVP_PKEY_RSA_PSS;

    *der = NULL;
    CBB_zero(&cbb);
    if (!CBB_init(&cbb, DER_ROOM) || !(is_pss ? pss(&cbb, pkey) : other(&cbb, pkey) == 1) ||
        !CBB_finish(&cbb, der, &len))
        len = 0;
    CBB_cleanup(&cbb);
    return len;
}

size_t hf_key_der_spki(EVP_PKEY *pkey, uint8_t **der)
{
    return write_key(pkey, pss_spki, EVP_marshal_public_key, der);
}

size_t hf_key_der_pkcs8(EVP_PKEY *pkey, uint8_t **der)
{
    return write_key(pkey, pss_pkcs8, EVP_marshal_private_key, der);
}

/* PKCS8_decrypt would write the key again, and so fail for RSA-PSS. */
EVP_PKEY *hf_key_der_decrypt(hf_span der, const char *password, bool *decrypted)
{
    CBS cbs;

    *decrypted = false;
    CBS_init(&cbs, der.data, der.len);
    return PKCS8_parse_encrypted_private_key(&cbs, password, strlen(password));
}

/* A malformed frame is told apart from these by its own reason, and so is a wrong password. */
bool hf_key_der_is_unsupported(uint32_t error)
{
    if (ERR_GET_LIB(error) == ERR_LIB_EVP)
        return ERR_GET_REASON(error) == EVP_R_UNSUPPORTED_ALGORITHM;
    if (ERR_GET_LIB(error) != ERR_LIB_PKCS8)
        return false;
    switch (ERR_GET_REASON(error)) {
    case PKCS8_R_UNKNOWN_ALGORITHM:
    case PKCS8_R_UNSUPPORTED_CIPHER:
    case PKCS8_R_UNSUPPORTED_KEYLENGTH:
    case PKCS8_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION:
    case PKCS8_R_UNSUPPORTED_PRF: return true;
    }
    return false;
}

#endif
