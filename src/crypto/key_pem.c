/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A private key out of a PEM text: the first block that is one. PKCS#8 (RFC 5958), encrypted PKCS#8,
 * SEC1 (RFC 5915), PKCS#1 (RFC 8017 A.1.2), and the last two in OpenSSL's old encryption. Nobody is
 * ever asked for a password.
 */
#include <limits.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "crypto/key_der.h"
#include "crypto/libcrypto.h"
#include "crypto/pem.h"
#include "crypto/private_key.h"

static bool has_label(const hf_pem_block *block, const char *label)
{
    return hf_span_equal(block->label, hf_span_str(label));
}

/* The kinds of private key that are not for TLS end in these words as well: OPENSSH, DSA. */
static bool is_private_key(const hf_pem_block *block)
{
    hf_span words = hf_span_str("PRIVATE KEY");

    return block->label.len >= words.len &&
           memcmp(block->label.data + block->label.len - words.len, words.data, words.len) == 0;
}

/* ---- PKCS#8 ---- */

/* Well-formed, but libcrypto makes no key of it: an algorithm that it does not know, or key data
   that do not fit the algorithm. */
static hf_error from_pkcs8(hf_span der, EVP_PKEY **pkey)
{
    const uint8_t *at = der.data;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.len);

    if (!info)
        return hf_libcrypto_failure(HF_E_CONFIG_PEM);
    *pkey = EVP_PKCS82PKEY(info);
    PKCS8_PRIV_KEY_INFO_free(info);
    return *pkey ? HF_OK : hf_libcrypto_failure(HF_E_CONFIG_KEY_UNSUPPORTED);
}

/* A wrong password shows as bad padding or, now and then, as bytes that are not DER. An encryption
   scheme that libcrypto does not have is told apart by its complaint. */
static hf_error why_not_decrypted(void)
{
    hf_error e = HF_E_CONFIG_KEY_PASSWORD;
    uint32_t code;

    while ((code = (uint32_t)ERR_get_error()) != 0) {
        if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
            return hf_libcrypto_failure(HF_E_NO_MEMORY);
        if (hf_key_der_is_unsupported(code))
            e = HF_E_CONFIG_KEY_UNSUPPORTED;
    }
    return e;
}

static bool is_sealed(hf_span der)
{
    const uint8_t *at = der.data;
    X509_SIG *sealed = d2i_X509_SIG(NULL, &at, (long)der.len);

    X509_SIG_free(sealed);
    return sealed != NULL;
}

static hf_error from_encrypted(hf_span der, const char *password, EVP_PKEY **pkey)
{
    bool decrypted = false;

    if (!is_sealed(der))
        return hf_libcrypto_failure(HF_E_CONFIG_PEM);
    if (!password)
        return HF_E_CONFIG_KEY_ENCRYPTED;
    *pkey = hf_key_der_decrypt(der, password, &decrypted);
    if (*pkey)
        return HF_OK;
    return decrypted ? hf_libcrypto_failure(HF_E_CONFIG_KEY_UNSUPPORTED) : why_not_decrypted();
}

/* ---- the older forms ---- */

static hf_error from_traditional(int family, hf_span der, EVP_PKEY **pkey)
{
    const uint8_t *at = der.data;

    *pkey = d2i_PrivateKey(family, NULL, &at, (long)der.len);
    return *pkey ? HF_OK : hf_libcrypto_failure(HF_E_CONFIG_PEM);
}

typedef struct asked {
    const char *password;
    bool was_asked;
} asked;

/* Without this callback libcrypto would prompt on the terminal. */
static int give_password(char *buffer, int room, int writing, void *user)
{
    asked *a = user;
    size_t len = a->password ? strlen(a->password) : 0;

    (void)writing;
    a->was_asked = true;
    if (!a->password || room < 0 || len > (size_t)room)
        return -1;
    memcpy(buffer, a->password, len);
    return (int)len;
}

/* "Proc-Type: 4,ENCRYPTED" (RFC 1421): only libcrypto still knows how. */
static hf_error from_old_encryption(hf_span whole, const char *password, EVP_PKEY **pkey)
{
    asked a = { password, false };
    BIO *bio = BIO_new_mem_buf(whole.data, (int)whole.len);

    *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, give_password, &a) : NULL;
    BIO_free(bio);
    if (*pkey)
        return HF_OK;
    if (!a.was_asked)
        return hf_libcrypto_failure(HF_E_CONFIG_PEM);
    return hf_libcrypto_failure(password ? HF_E_CONFIG_KEY_PASSWORD : HF_E_CONFIG_KEY_ENCRYPTED);
}

/* ---- any of them ---- */

static hf_error from_der(const hf_pem_block *block, hf_span der, const char *password,
                         EVP_PKEY **pkey)
{
    if (has_label(block, "PRIVATE KEY"))
        return from_pkcs8(der, pkey);
    if (has_label(block, "ENCRYPTED PRIVATE KEY"))
        return from_encrypted(der, password, pkey);
    if (has_label(block, "RSA PRIVATE KEY"))
        return from_traditional(EVP_PKEY_RSA, der, pkey);
    if (has_label(block, "EC PRIVATE KEY"))
        return from_traditional(EVP_PKEY_EC, der, pkey);
    return HF_E_CONFIG_KEY_UNSUPPORTED;
}

static hf_error from_block(const hf_pem_block *block, const char *password, EVP_PKEY **pkey)
{
    uint8_t *der;
    size_t len;
    hf_error e;

    if (block->body.len > 0 && memchr(block->body.data, ':', block->body.len))
        return from_old_encryption(block->whole, password, pkey);
    TRY(hf_pem_decode(block, &der, &len));
    e = from_der(block, hf_span_of(der, len), password, pkey);
    hf_free_secret(der, block->body.len);
    return e;
}

hf_error hf_private_key_from_pem(hf_private_key **key, hf_span pem, const char *password)
{
    hf_pem_block block;
    EVP_PKEY *pkey = NULL;

    if (pem.len > INT_MAX)
        return HF_E_CONFIG_PEM;
    while (hf_pem_find(&pem, &block)) {
        if (!is_private_key(&block))
            continue;
        TRY(from_block(&block, password, &pkey));
        ERR_clear_error(); /* decoders that tried in vain leave their complaints */
        return hf_private_key_wrap(key, pkey);
    }
    return HF_E_CONFIG_PEM;
}
