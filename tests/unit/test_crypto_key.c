/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Private keys: every PEM form that people have, passwords, and what is refused. libcrypto writes the
   forms that we only read. */
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "crypto/signature.h"
#include "crypto_support.h"
#include "handfast/os.h"

static const hf_key_type types[] = { HF_KEY_P256,    HF_KEY_P384, HF_KEY_P521,
                                     HF_KEY_ED25519, HF_KEY_RSA,  HF_KEY_RSA_PSS };
static const char password[] = "correct horse";

static hf_private_key *keys[HF_KEY_ED25519 + 1];
static uint8_t *pems[HF_KEY_ED25519 + 1];
static size_t pem_lens[HF_KEY_ED25519 + 1];

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(types); i++)
        if (hf_private_key_generate(&keys[types[i]], types[i], 2048) != HF_OK ||
            hf_private_key_to_pem(keys[types[i]], &pems[types[i]], &pem_lens[types[i]]) != HF_OK)
            return -1;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        hf_private_key_free(keys[types[i]]);
        hf_free_secret(pems[types[i]], pem_lens[types[i]]);
    }
    return 0;
}

static hf_error read_text(hf_private_key **key, const char *text, const char *pass)
{
    hf_error e;

    *key = NULL;
    e = hf_private_key_from_pem(key, hf_span_str(text), pass);
    assert_int_equal(ERR_peek_error(), 0); /* nothing is left for the application to find */
    return e;
}

static void refused(const char *text, const char *pass, hf_error expected)
{
    hf_private_key *key;
    hf_error found = read_text(&key, text, pass);

    if (found != expected)
        fail_msg("%s, not %s, for:\n%.60s", hf_error_row_of(found)->name,
                 hf_error_row_of(expected)->name, text);
    assert_null(key);
}

/* The two private keys have the same public half. */
static void same_key(const hf_private_key *a, const hf_private_key *b)
{
    uint8_t *x, *y;
    size_t x_len, y_len;

    assert_int_equal(hf_private_key_spki(a, &x, &x_len), HF_OK);
    assert_int_equal(hf_private_key_spki(b, &y, &y_len), HF_OK);
    assert_int_equal(x_len, y_len);
    assert_memory_equal(x, y, x_len);
    assert_int_equal(hf_private_key_type(a), hf_private_key_type(b));
    assert_int_equal(hf_private_key_bits(a), hf_private_key_bits(b));
    hf_free(x);
    hf_free(y);
}

static void accepted(const char *text, const char *pass, hf_key_type type)
{
    hf_private_key *key;

    assert_int_equal(read_text(&key, text, pass), HF_OK);
    same_key(key, keys[type]);
    hf_private_key_free(key);
}

/* ---- new keys, and our own PEM ---- */

static void generated(void **state)
{
    static const unsigned bits[] = {
        [HF_KEY_P256] = 256, [HF_KEY_P384] = 384,     [HF_KEY_P521] = 521,
        [HF_KEY_RSA] = 2048, [HF_KEY_RSA_PSS] = 2048, [HF_KEY_ED25519] = 256
    };

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        assert_int_equal(hf_private_key_type(keys[types[i]]), types[i]);
        if (types[i] != HF_KEY_ED25519) /* 253 or 256: libcryptos differ */
            assert_int_equal(hf_private_key_bits(keys[types[i]]), bits[types[i]]);
    }
}

static void sizes_and_types_refused(void **state)
{
    hf_private_key *key = NULL;

    (void)state;
    assert_int_equal(hf_private_key_generate(&key, HF_KEY_NONE, 0), HF_E_CONFIG_KEY_UNSUPPORTED);
    assert_int_equal(hf_private_key_generate(&key, (hf_key_type)99, 0),
                     HF_E_CONFIG_KEY_UNSUPPORTED);
    assert_int_equal(hf_private_key_generate(&key, HF_KEY_RSA, 0), HF_E_CONFIG_KEY_UNSUPPORTED);
    assert_int_equal(hf_private_key_generate(&key, HF_KEY_RSA, 2047), HF_E_CONFIG_KEY_UNSUPPORTED);
    assert_int_equal(hf_private_key_generate(&key, HF_KEY_RSA, 4097), HF_E_CONFIG_KEY_UNSUPPORTED);
    assert_null(key);
    hf_private_key_free(NULL);
}

static void own_pem(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        const char *text = (char *)pems[types[i]];

        assert_int_equal(strlen(text), pem_lens[types[i]]);
        assert_memory_equal(text, "-----BEGIN PRIVATE KEY-----\n", 28);
        accepted(text, NULL, types[i]);
        accepted(text, "a password that is not needed", types[i]);
    }
}

/* ---- what others write ---- */

static EVP_PKEY *theirs(hf_key_type type)
{
    BIO *bio = BIO_new_mem_buf(pems[type], (int)pem_lens[type]);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

    assert_non_null(key);
    BIO_free(bio);
    return key;
}

static char *take_text(BIO *bio)
{
    static char text[8192];
    int len = BIO_read(bio, text, sizeof text - 1);

    assert_in_range(len, 1, sizeof text - 2);
    text[len] = 0;
    BIO_free(bio);
    return text;
}

static char *encrypted_pkcs8(hf_key_type type, const char *pass)
{
    EVP_PKEY *key = theirs(type);
    BIO *bio = BIO_new(BIO_s_mem());

    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_256_cbc(),
                                                   (char *)(uintptr_t)pass, (int)strlen(pass), NULL,
                                                   NULL),
                     1);
    EVP_PKEY_free(key);
    return take_text(bio);
}

/* PKCS#1 for RSA, SEC1 for curves, with OpenSSL's old encryption if a password is given. */
static char *older_form(hf_key_type type, const char *pass)
{
    EVP_PKEY *key = theirs(type);
    BIO *bio = BIO_new(BIO_s_mem());
    const EVP_CIPHER *cipher = pass ? EVP_aes_128_cbc() : NULL;
    unsigned char *kstr = (unsigned char *)(uintptr_t)pass;
    int len = pass ? (int)strlen(pass) : 0;

    assert_int_equal(PEM_write_bio_PrivateKey_traditional(bio, key, cipher, kstr, len, NULL, NULL),
                     1);
    EVP_PKEY_free(key);
    return take_text(bio);
}

/* Not RSA-PSS, which AWS-LC reads and does not write. */
static void encrypted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        if (types[i] == HF_KEY_RSA_PSS)
            continue;
        const char *text = encrypted_pkcs8(types[i], password);

        assert_memory_equal(text, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", 38);
        accepted(text, password, types[i]);
        refused(text, NULL, HF_E_CONFIG_KEY_ENCRYPTED);
        refused(text, "", HF_E_CONFIG_KEY_PASSWORD);
    }
}

static void encrypted_rsa_pss(void **state)
{
    hf_private_key *key;
    uint8_t *text;
    size_t len;

    (void)state;
    assert_int_equal(hf_os_read_file(HF_SOURCE_DIR "/tests/vectors/data/rsa-pss-encrypted.pem",
                                     1 << 16, &text, &len),
                     HF_OK);
    assert_int_equal(hf_private_key_from_pem(&key, hf_span_of(text, len), password), HF_OK);
    assert_int_equal(hf_private_key_type(key), HF_KEY_RSA_PSS);
    assert_int_equal(hf_private_key_bits(key), 2048);
    hf_private_key_free(key);
    key = NULL;
    assert_int_equal(hf_private_key_from_pem(&key, hf_span_of(text, len), NULL),
                     HF_E_CONFIG_KEY_ENCRYPTED);
    assert_int_equal(hf_private_key_from_pem(&key, hf_span_of(text, len), "wrong"),
                     HF_E_CONFIG_KEY_PASSWORD);
    assert_null(key);
    hf_free(text);
}

/* ---- RSA-PSS keys that are restricted (RFC 4055 3.1) ---- */

/* PrivateKeyInfo: SEQUENCE, version, AlgorithmIdentifier of the OID alone, and the rest. */
enum { INFO_START = 4, INFO_ALGORITHM = INFO_START + 3, OID_ALONE = 13, OID_LEN = 11 };

/* A new key's PKCS#8 with these parameters put in. All lengths that change are of two octets or of one. */
static size_t restrict_key(const uint8_t *der, size_t len, hf_span params, uint8_t *out)
{
    const uint8_t *oid = der + INFO_ALGORITHM + 2, *rest = der + INFO_ALGORITHM + OID_ALONE;
    size_t body = len - INFO_START + params.len, tail = len - INFO_ALGORITHM - OID_ALONE;
    uint8_t *at = out;

    assert_int_equal(der[INFO_ALGORITHM + 1], OID_LEN);
    memcpy(at, der, INFO_ALGORITHM + 1);
    out[2] = (uint8_t)(body >> 8);
    out[3] = (uint8_t)body;
    at += INFO_ALGORITHM + 1;
    *at++ = (uint8_t)(OID_LEN + params.len);
    memcpy(at, oid, OID_LEN);
    memcpy(at + OID_LEN, params.data, params.len);
    memcpy(at + OID_LEN + params.len, rest, tail);
    return len + params.len;
}

static void check_restricted(hf_span params)
{
    hf_span pem = hf_span_of(pems[HF_KEY_RSA_PSS], pem_lens[HF_KEY_RSA_PSS]);
    uint8_t *der, *text, *again, *spki, changed[4096];
    size_t len, text_len, again_len, spki_len;
    hf_private_key *key;

    assert_int_equal(hf_pem_next(&pem, "PRIVATE KEY", &der, &len), HF_OK);
    size_t n = restrict_key(der, len, params, changed);
    assert_int_equal(hf_pem_write("PRIVATE KEY", hf_span_of(changed, n), &text, &text_len), HF_OK);
    assert_int_equal(hf_private_key_from_pem(&key, hf_span_of(text, text_len), NULL), HF_OK);
    assert_int_equal(hf_private_key_to_pem(key, &again, &again_len), HF_OK);
    assert_int_equal(again_len, text_len);
    assert_memory_equal(again, text, text_len);
    assert_int_equal(hf_private_key_spki(key, &spki, &spki_len), HF_OK);
    assert_memory_equal(spki + INFO_START + 2 + OID_LEN, params.data, params.len);
    hf_free(spki);
    hf_free_secret(again, again_len);
    hf_free(text);
    hf_free(der);
    hf_private_key_free(key);
}

/* Nothing but defaults (SHA-1, salt of 20); SHA-256 with a salt of 32; SHA-384 and MGF1 with SHA-512. */
static void restricted_keys_keep_their_parameters(void **state)
{
#define SHA2(last)   "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02" last "\x05\x00"
#define MGF1(hash)   "\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08" hash
#define FIELDS(h, m) "\xa0\x0f" SHA2(h) "\xa1\x1c" MGF1(SHA2(m))
    static const char defaults[] = "\x30\x00";
    static const char sha256[] = "\x30\x34" FIELDS("\x01", "\x01") "\xa2\x03\x02\x01\x20";
    static const char mixed[] = "\x30\x2f" FIELDS("\x02", "\x03");
#undef SHA2
#undef MGF1
#undef FIELDS

    (void)state;
    check_restricted(hf_span_of((const uint8_t *)defaults, sizeof defaults - 1));
    check_restricted(hf_span_of((const uint8_t *)sha256, sizeof sha256 - 1));
    check_restricted(hf_span_of((const uint8_t *)mixed, sizeof mixed - 1));
}

/* PKCS#8 that is encrypted with the OID 1.2.3.4. */
static void unknown_encryption(void **state)
{
    static const char text[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                               "MBswBwYDKgMEBQAEEAAAAAAAAAAAAAAAAAAAAAA=\n"
                               "-----END ENCRYPTED PRIVATE KEY-----\n";

    (void)state;
    refused(text, NULL, HF_E_CONFIG_KEY_ENCRYPTED);
    refused(text, password, HF_E_CONFIG_KEY_UNSUPPORTED);
}

/* Often enough to meet the one wrong password in 256 whose padding looks right. */
static void wrong_passwords(void **state)
{
    char *text = encrypted_pkcs8(HF_KEY_P256, password), wrong[32];

    (void)state;
    for (int i = 0; i < 600; i++) {
        snprintf(wrong, sizeof wrong, "wrong %d", i);
        refused(text, wrong, HF_E_CONFIG_KEY_PASSWORD);
    }
}

static void empty_password(void **state)
{
    (void)state;
    const char *text = encrypted_pkcs8(HF_KEY_ED25519, "");
    accepted(text, "", HF_KEY_ED25519);
    refused(text, NULL, HF_E_CONFIG_KEY_ENCRYPTED);
}

static void older_forms(void **state)
{
    static const hf_key_type old[] = { HF_KEY_RSA, HF_KEY_P256, HF_KEY_P384, HF_KEY_P521 };

    (void)state;
    for (size_t i = 0; i < COUNT(old); i++) {
        const char *text = older_form(old[i], NULL);

        assert_non_null(strstr(text, i == 0 ? "BEGIN RSA PRIVATE KEY" : "BEGIN EC PRIVATE KEY"));
        accepted(text, NULL, old[i]);
        text = older_form(old[i], password);
        assert_non_null(strstr(text, "Proc-Type: 4,ENCRYPTED"));
        accepted(text, password, old[i]);
        refused(text, NULL, HF_E_CONFIG_KEY_ENCRYPTED);
        refused(text, "wrong", HF_E_CONFIG_KEY_PASSWORD);
    }
}

/* Longer than the buffer that libcrypto gives the callback. */
static void endless_password(void **state)
{
    static char endless[5000];

    (void)state;
    memset(endless, 'x', sizeof endless - 1);
    refused(older_form(HF_KEY_P256, password), endless, HF_E_CONFIG_KEY_PASSWORD);
    refused(encrypted_pkcs8(HF_KEY_P256, password), endless, HF_E_CONFIG_KEY_PASSWORD);
}

/* `openssl ecparam -genkey` writes the parameters first; some files hold certificates as well. */
static void first_key_of_several(void **state)
{
    static char text[16384];

    (void)state;
    snprintf(text, sizeof text,
             "words\n-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
             "-----BEGIN CERTIFICATE-----\nnot even base64\n-----END CERTIFICATE-----\n%s%s",
             (char *)pems[HF_KEY_P384], (char *)pems[HF_KEY_P256]);
    accepted(text, NULL, HF_KEY_P384);
}

/* ---- what is no key for us ---- */

static void garbage(void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        "hello",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nx: y\n\nMAA=\n-----END PRIVATE KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n-----END EC PRIVATE KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
        "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n",
    };
    hf_private_key *key = NULL;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        refused(texts[i], NULL, HF_E_CONFIG_PEM);
        refused(texts[i], password, HF_E_CONFIG_PEM);
    }
    assert_int_equal(hf_private_key_from_pem(&key, hf_span_of(NULL, 0), NULL), HF_E_CONFIG_PEM);
}

/* Every cut of a key's text, and a change in each line. */
static void damaged(void **state)
{
    char *copy;
    hf_private_key *key = NULL;

    (void)state;
    for (size_t len = 0; len < pem_lens[HF_KEY_P256] - 1; len++) {
        copy = malloc(len);
        memcpy(copy, pems[HF_KEY_P256], len);
        assert_int_equal(hf_private_key_from_pem(&key, hf_span_of(copy, len), NULL),
                         HF_E_CONFIG_PEM);
        assert_null(key);
        free(copy);
    }
}

static void unsupported(const char *text)
{
    refused(text, NULL, HF_E_CONFIG_KEY_UNSUPPORTED);
}

/* Well-formed keys of a kind that TLS here does not use. */
static void other_kinds(void **state)
{
    static const char x25519[] =
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VuBCIEIHcHbQpzGKV9PBbBclGyZkXfTC+H68CZKrF3+6UduSwq\n"
        "-----END PRIVATE KEY-----\n";
    static const char unknown[] = "-----BEGIN PRIVATE KEY-----\n" /* PKCS#8 of the OID 1.2.3.4 */
                                  "MA4CAQAwBQYDKgMEBAIEAA==\n-----END PRIVATE KEY-----\n";

    (void)state;
    unsupported(x25519);
    unsupported(unknown);
    unsupported("-----BEGIN OPENSSH PRIVATE KEY-----\nMAA=\n-----END OPENSSH PRIVATE KEY-----\n");
    unsupported("-----BEGIN DSA PRIVATE KEY-----\nMAA=\n-----END DSA PRIVATE KEY-----\n");
}

static char *written(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());

    assert_non_null(key);
    assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    EVP_PKEY_free(key);
    return take_text(bio);
}

static EVP_PKEY *made(int family, int curve, int bits)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(family, NULL);
    EVP_PKEY *key = NULL;

    assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
    if (curve)
        assert_int_equal(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, curve), 1);
    if (bits)
        assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits), 1);
    assert_int_equal(EVP_PKEY_keygen(ctx, &key), 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

/* A curve as long as P-256 that is another one, one that is too short, and RSA-512. */
static void other_curves_and_sizes(void **state)
{
    (void)state;
    unsupported(written(made(EVP_PKEY_EC, NID_secp256k1, 0)));
    unsupported(written(made(EVP_PKEY_EC, NID_secp224r1, 0)));
    unsupported(written(made(EVP_PKEY_RSA, 0, 512)));
}

static void rsa_1024_is_for_policies_to_refuse(void **state)
{
    hf_private_key *key;

    (void)state;
    assert_int_equal(read_text(&key, written(made(EVP_PKEY_RSA, 0, 1024)), NULL), HF_OK);
    assert_int_equal(hf_private_key_bits(key), 1024);
    hf_private_key_free(key);
}

static void version_is_named(void **state)
{
    (void)state;
    printf("%s\n", hf_libcrypto_version());
    assert_true(strlen(hf_libcrypto_version()) > 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generated),
        cmocka_unit_test(sizes_and_types_refused),
        cmocka_unit_test(own_pem),
        cmocka_unit_test(encrypted),
        cmocka_unit_test(encrypted_rsa_pss),
        cmocka_unit_test(restricted_keys_keep_their_parameters),
        cmocka_unit_test(wrong_passwords),
        cmocka_unit_test(unknown_encryption),
        cmocka_unit_test(empty_password),
        cmocka_unit_test(older_forms),
        cmocka_unit_test(endless_password),
        cmocka_unit_test(first_key_of_several),
        cmocka_unit_test(garbage),
        cmocka_unit_test(damaged),
        cmocka_unit_test(other_kinds),
        cmocka_unit_test(other_curves_and_sizes),
        cmocka_unit_test(rsa_1024_is_for_policies_to_refuse),
        cmocka_unit_test(version_is_named),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
