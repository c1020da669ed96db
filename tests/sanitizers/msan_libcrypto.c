/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The boundary to libcrypto in a build with MemorySanitizer (msan_wrap.h). A function of libcrypto that src/crypto begins to use
 * gets a line here.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "msan_wrap.h"

/* The engine's memory comes zeroed (hf_alloc); a heap that counts as written is what the other libraries need, which are not
   instrumented either. What stands on the stack, and what is copied from there, is watched. */
const char *__msan_default_options(void)
{
    return "poison_in_malloc=0:poison_in_free=0";
}

/* clang-format off */

/* ---- hashes and random bytes ---- */
WRAP(int, SHA256_Init, (SHA256_CTX *c), (c), NONE, OUT(c))
WRAP(int, SHA256_Update, (SHA256_CTX *c, const void *data, size_t len), (c, data, len), in(data, len), OUT(c))
WRAP(int, SHA256_Final, (unsigned char *md, SHA256_CTX *c), (md, c), OUT(c), out(md, 32))
WRAP(int, SHA384_Init, (SHA512_CTX *c), (c), NONE, OUT(c))
WRAP(int, SHA384_Update, (SHA512_CTX *c, const void *data, size_t len), (c, data, len), in(data, len), OUT(c))
WRAP(int, SHA384_Final, (unsigned char *md, SHA512_CTX *c), (md, c), OUT(c), out(md, 48))
WRAP(int, SHA512_Init, (SHA512_CTX *c), (c), NONE, OUT(c))
WRAP(int, SHA512_Update, (SHA512_CTX *c, const void *data, size_t len), (c, data, len), in(data, len), OUT(c))
WRAP(int, SHA512_Final, (unsigned char *md, SHA512_CTX *c), (md, c), OUT(c), out(md, 64))
WRAP(int, EVP_Digest, (const void *data, size_t len, unsigned char *md, unsigned *size, const EVP_MD *type, ENGINE *impl),
     (data, len, md, size, type, impl), in(data, len), out(md, (size_t)EVP_MD_get_size(type)); if (size) OUT(size))
WRAP(int, RAND_bytes, (unsigned char *buf, int num), (buf, num), NONE, out(buf, (size_t)num))

/* ---- records and tickets ---- */
WRAP(int, EVP_CipherInit_ex, (EVP_CIPHER_CTX *ctx, const EVP_CIPHER *cipher, ENGINE *impl, const unsigned char *key,
     const unsigned char *iv, int enc), (ctx, cipher, impl, key, iv, enc),
     if (key) in(key, (size_t)EVP_CIPHER_CTX_get_key_length(ctx)), NONE)
WRAP(int, EVP_CipherUpdate, (EVP_CIPHER_CTX *ctx, unsigned char *to, int *outl, const unsigned char *from, int inl),
     (ctx, to, outl, from, inl), in(from, (size_t)inl), OUT(outl); out(to, to && result == 1 ? (size_t)*outl : 0))
WRAP(int, EVP_CipherFinal_ex, (EVP_CIPHER_CTX *ctx, unsigned char *to, int *outl), (ctx, to, outl), NONE,
     OUT(outl); out(to, result == 1 ? (size_t)*outl : 0))
WRAP(int, EVP_CIPHER_CTX_ctrl, (EVP_CIPHER_CTX *ctx, int type, int arg, void *ptr), (ctx, type, arg, ptr),
     if (type == EVP_CTRL_AEAD_SET_TAG) in(ptr, (size_t)arg), if (type == EVP_CTRL_AEAD_GET_TAG) out(ptr, (size_t)arg))

/* ---- key exchange ---- */
WRAP(BIGNUM *, BN_bin2bn, (const unsigned char *s, int len, BIGNUM *ret), (s, len, ret), in(s, (size_t)len), NONE)
WRAP(int, BN_bn2binpad, (const BIGNUM *a, unsigned char *to, int tolen), (a, to, tolen), NONE,
     out(to, result > 0 ? (size_t)result : 0))
WRAP(EC_GROUP *, EC_GROUP_new_by_curve_name, (int nid), (nid), NONE, NONE)
WRAP(int, EC_POINT_mul, (const EC_GROUP *g, EC_POINT *r, const BIGNUM *n, const EC_POINT *q, const BIGNUM *m, BN_CTX *ctx),
     (g, r, n, q, m, ctx), NONE, NONE)
WRAP(int, EC_POINT_get_affine_coordinates, (const EC_GROUP *g, const EC_POINT *p, BIGNUM *x, BIGNUM *y, BN_CTX *ctx),
     (g, p, x, y, ctx), NONE, NONE)
WRAP(int, EC_POINT_oct2point, (const EC_GROUP *g, EC_POINT *p, const unsigned char *buf, size_t len, BN_CTX *ctx),
     (g, p, buf, len, ctx), in(buf, len), NONE)
WRAP(size_t, EC_POINT_point2oct, (const EC_GROUP *g, const EC_POINT *p, point_conversion_form_t form, unsigned char *buf,
     size_t len, BN_CTX *ctx), (g, p, form, buf, len, ctx), NONE, out(buf, result))
WRAP(int, EVP_PKEY_derive_init, (EVP_PKEY_CTX *ctx), (ctx), NONE, NONE)
WRAP(int, EVP_PKEY_derive_set_peer_ex, (EVP_PKEY_CTX *ctx, EVP_PKEY *peer, int validate), (ctx, peer, validate), NONE, NONE)
WRAP(int, EVP_PKEY_derive, (EVP_PKEY_CTX *ctx, unsigned char *key, size_t *len), (ctx, key, len), NONE,
     OUT(len); out(key, result == 1 ? *len : 0))

/* ---- signatures and RSA ---- */
WRAP(int, EVP_DigestSignInit, (EVP_MD_CTX *ctx, EVP_PKEY_CTX **pctx, const EVP_MD *type, ENGINE *e, EVP_PKEY *key),
     (ctx, pctx, type, e, key), NONE, if (pctx) OUT(pctx))
WRAP(int, EVP_DigestSign, (EVP_MD_CTX *ctx, unsigned char *sig, size_t *len, const unsigned char *tbs, size_t n),
     (ctx, sig, len, tbs, n), in(tbs, n), OUT(len); out(sig, result == 1 ? *len : 0))
WRAP(int, EVP_DigestVerifyInit, (EVP_MD_CTX *ctx, EVP_PKEY_CTX **pctx, const EVP_MD *type, ENGINE *e, EVP_PKEY *key),
     (ctx, pctx, type, e, key), NONE, if (pctx) OUT(pctx))
WRAP(int, EVP_DigestVerify, (EVP_MD_CTX *ctx, const unsigned char *sig, size_t len, const unsigned char *tbs, size_t n),
     (ctx, sig, len, tbs, n), in(sig, len); in(tbs, n), NONE)
WRAP(int, EVP_PKEY_sign_init, (EVP_PKEY_CTX *ctx), (ctx), NONE, NONE)
WRAP(int, EVP_PKEY_sign, (EVP_PKEY_CTX *ctx, unsigned char *sig, size_t *len, const unsigned char *tbs, size_t n),
     (ctx, sig, len, tbs, n), in(tbs, n), OUT(len); out(sig, result == 1 ? *len : 0))
WRAP(int, EVP_PKEY_verify_init, (EVP_PKEY_CTX *ctx), (ctx), NONE, NONE)
WRAP(int, EVP_PKEY_verify, (EVP_PKEY_CTX *ctx, const unsigned char *sig, size_t len, const unsigned char *tbs, size_t n),
     (ctx, sig, len, tbs, n), in(sig, len); in(tbs, n), NONE)
WRAP(int, EVP_PKEY_decrypt_init, (EVP_PKEY_CTX *ctx), (ctx), NONE, NONE)
WRAP(int, EVP_PKEY_decrypt, (EVP_PKEY_CTX *ctx, unsigned char *to, size_t *len, const unsigned char *from, size_t n),
     (ctx, to, len, from, n), in(from, n), OUT(len); out(to, result == 1 ? *len : 0))
WRAP(int, EVP_PKEY_encrypt_init, (EVP_PKEY_CTX *ctx), (ctx), NONE, NONE)
WRAP(int, EVP_PKEY_encrypt, (EVP_PKEY_CTX *ctx, unsigned char *to, size_t *len, const unsigned char *from, size_t n),
     (ctx, to, len, from, n), in(from, n), OUT(len); out(to, result == 1 ? *len : 0))

/* ---- keys and their contexts ---- */
WRAP(EVP_PKEY_CTX *, EVP_PKEY_CTX_new, (EVP_PKEY *key, ENGINE *e), (key, e), NONE, NONE)
WRAP(EVP_PKEY_CTX *, EVP_PKEY_CTX_new_from_name, (OSSL_LIB_CTX *lib, const char *name, const char *propq), (lib, name, propq),
     NONE, NONE)
WRAP(EVP_PKEY_CTX *, EVP_PKEY_CTX_new_id, (int id, ENGINE *e), (id, e), NONE, NONE)
WRAP(int, EVP_PKEY_CTX_set_ec_paramgen_curve_nid, (EVP_PKEY_CTX *ctx, int nid), (ctx, nid), NONE, NONE)
WRAP(int, EVP_PKEY_CTX_set_params, (EVP_PKEY_CTX *ctx, const OSSL_PARAM *params), (ctx, params), NONE, NONE)
WRAP(int, EVP_PKEY_CTX_set_rsa_keygen_bits, (EVP_PKEY_CTX *ctx, int bits), (ctx, bits), NONE, NONE)
WRAP(int, EVP_PKEY_CTX_set_rsa_mgf1_md, (EVP_PKEY_CTX *ctx, const EVP_MD *md), (ctx, md), NONE, NONE)
WRAP(int, EVP_PKEY_CTX_set_rsa_padding, (EVP_PKEY_CTX *ctx, int pad), (ctx, pad), NONE, NONE)
WRAP(int, EVP_PKEY_CTX_set_rsa_pss_saltlen, (EVP_PKEY_CTX *ctx, int len), (ctx, len), NONE, NONE)
WRAP(int, EVP_PKEY_CTX_set_signature_md, (EVP_PKEY_CTX *ctx, const EVP_MD *md), (ctx, md), NONE, NONE)
WRAP(EVP_PKEY *, EVP_PKEY_dup, (EVP_PKEY *key), (key), NONE, NONE)
WRAP(int, EVP_PKEY_fromdata_init, (EVP_PKEY_CTX *ctx), (ctx), NONE, NONE)
WRAP(int, EVP_PKEY_fromdata, (EVP_PKEY_CTX *ctx, EVP_PKEY **key, int selection, OSSL_PARAM param[]), (ctx, key, selection, param),
     NONE, OUT(key))
WRAP(int, EVP_PKEY_keygen_init, (EVP_PKEY_CTX *ctx), (ctx), NONE, NONE)
WRAP(int, EVP_PKEY_keygen, (EVP_PKEY_CTX *ctx, EVP_PKEY **key), (ctx, key), NONE, OUT(key))
WRAP(EVP_PKEY *, EVP_PKEY_new_raw_public_key, (int type, ENGINE *e, const unsigned char *bytes, size_t len),
     (type, e, bytes, len), in(bytes, len), NONE)
WRAP(int, EVP_PKEY_set1_encoded_public_key, (EVP_PKEY *key, const unsigned char *bytes, size_t len), (key, bytes, len),
     in(bytes, len), NONE)

/* ---- DER and PEM ---- */
WRAP(PKCS8_PRIV_KEY_INFO *, d2i_PKCS8_PRIV_KEY_INFO, (PKCS8_PRIV_KEY_INFO **a, const unsigned char **at, long len), (a, at, len),
     in(*at, (size_t)len), OUT(at))
WRAP(X509_SIG *, d2i_X509_SIG, (X509_SIG **a, const unsigned char **at, long len), (a, at, len), in(*at, (size_t)len), OUT(at))
WRAP(EVP_PKEY *, d2i_PrivateKey, (int type, EVP_PKEY **a, const unsigned char **at, long len), (type, a, at, len),
     in(*at, (size_t)len), OUT(at))
WRAP(int, i2d_PKCS8_PRIV_KEY_INFO, (const PKCS8_PRIV_KEY_INFO *a, unsigned char **to), (a, to), NONE,
     OUT(to); out(*to, result > 0 ? (size_t)result : 0))
WRAP(int, i2d_PUBKEY, (const EVP_PKEY *a, unsigned char **to), (a, to), NONE,
     OUT(to); out(*to, result > 0 ? (size_t)result : 0))
WRAP(EVP_PKEY *, EVP_PKCS82PKEY, (const PKCS8_PRIV_KEY_INFO *info), (info), NONE, NONE)
WRAP(PKCS8_PRIV_KEY_INFO *, EVP_PKEY2PKCS8, (const EVP_PKEY *key), (key), NONE, NONE)
WRAP(PKCS8_PRIV_KEY_INFO *, PKCS8_decrypt, (const X509_SIG *sealed, const char *pass, int len), (sealed, pass, len),
     in(pass, (size_t)len), NONE)
WRAP(BIO *, BIO_new_mem_buf, (const void *buf, int len), (buf, len), NONE, NONE)
WRAP(int, BIO_read, (BIO *b, void *buf, int len), (b, buf, len), NONE, out(buf, result > 0 ? (size_t)result : 0))
WRAP(int, PEM_write_bio_PKCS8PrivateKey, (BIO *b, const EVP_PKEY *key, const EVP_CIPHER *enc, const char *pass, int len,
     pem_password_cb *cb, void *u), (b, key, enc, pass, len, cb, u), NONE, NONE)
WRAP(int, PEM_write_bio_PrivateKey, (BIO *b, const EVP_PKEY *key, const EVP_CIPHER *enc, const unsigned char *pass, int len,
     pem_password_cb *cb, void *u), (b, key, enc, pass, len, cb, u), NONE, NONE)
WRAP(int, PEM_write_bio_PrivateKey_traditional, (BIO *b, const EVP_PKEY *key, const EVP_CIPHER *enc, const unsigned char *pass,
     int len, pem_password_cb *cb, void *u), (b, key, enc, pass, len, cb, u), NONE, NONE)

/* clang-format on */

/* ---- what libcrypto calls of ours: the arguments come from a caller that is not instrumented ---- */

typedef struct asker {
    pem_password_cb *cb;
    void *u;
} asker;

static int ask(char *buf, int size, int rwflag, void *u)
{
    const asker *a = u;

    __msan_unpoison_param(4);
    return a->cb(buf, size, rwflag, a->u);
}

EVP_PKEY *__real_PEM_read_bio_PrivateKey(BIO *b, EVP_PKEY **x, pem_password_cb *cb, void *u);
EVP_PKEY *__wrap_PEM_read_bio_PrivateKey(BIO *b, EVP_PKEY **x, pem_password_cb *cb, void *u);
EVP_PKEY *__wrap_PEM_read_bio_PrivateKey(BIO *b, EVP_PKEY **x, pem_password_cb *cb, void *u)
{
    asker a = { cb, u };

    __msan_scoped_disable_interceptor_checks();
    EVP_PKEY *key = __real_PEM_read_bio_PrivateKey(b, x, cb ? ask : NULL, &a);
    __msan_scoped_enable_interceptor_checks();
    return key;
}

static struct {
    CRYPTO_malloc_fn malloc;
    CRYPTO_realloc_fn realloc;
    CRYPTO_free_fn free;
} memory;

static void *give(size_t len, const char *file, int line)
{
    __msan_unpoison_param(3);
    return memory.malloc(len, file, line);
}

static void *regive(void *block, size_t len, const char *file, int line)
{
    __msan_unpoison_param(4);
    return memory.realloc(block, len, file, line);
}

static void take(void *block, const char *file, int line)
{
    __msan_unpoison_param(3);
    memory.free(block, file, line);
}

int __real_CRYPTO_set_mem_functions(CRYPTO_malloc_fn m, CRYPTO_realloc_fn r, CRYPTO_free_fn f);
int __wrap_CRYPTO_set_mem_functions(CRYPTO_malloc_fn m, CRYPTO_realloc_fn r, CRYPTO_free_fn f);
int __wrap_CRYPTO_set_mem_functions(CRYPTO_malloc_fn m, CRYPTO_realloc_fn r, CRYPTO_free_fn f)
{
    memory.malloc = m;
    memory.realloc = r;
    memory.free = f;
    return __real_CRYPTO_set_mem_functions(give, regive, take);
}
