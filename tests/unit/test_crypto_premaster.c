/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The premaster secret of static RSA key exchange (RFC 5246 7.4.7.1): a good one arrives, and
 * whatever is wrong with a ciphertext gives another secret, by the same calls of libcrypto. Besides
 * the library's hf_rsa_premaster, rsa_premaster.c is compiled here in both its forms, with libcrypto's
 * unpadding and with our own, and each call that it makes is noted and can be made to fail.
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "crypto/private_key.h"
#include "crypto/rsa_premaster.h"
#include "crypto_support.h"

/* ---- libcrypto's calls, watched ---- */

static char calls[40];
static size_t n_calls, fail_at; /* fail_at: the call that fails, 1 is the first; 0: none does */
static size_t wrong_len;        /* if set, what the decryption says that it wrote */

static bool fails(char call)
{
    assert_true(n_calls < sizeof calls - 1);
    calls[n_calls++] = call;
    calls[n_calls] = '\0';
    return n_calls == fail_at;
}

static void note(char call)
{
    (void)fails(call);
}

/* A failing decryption may have written something. */
static int decrypt_watched(EVP_PKEY_CTX *ctx, uint8_t *out, size_t *len, const uint8_t *in,
                           size_t in_len)
{
    bool failing = fails('d');
    int result = EVP_PKEY_decrypt(ctx, out, len, in, in_len);

    if (wrong_len > 0)
        *len = wrong_len;
    return failing ? 0 : result;
}

#define EVP_PKEY_CTX_new(key, engine) (fails('n') ? NULL : EVP_PKEY_CTX_new(key, engine))
#define EVP_PKEY_decrypt_init(ctx)    (fails('i') ? 0 : EVP_PKEY_decrypt_init(ctx))
#define EVP_PKEY_CTX_set_rsa_padding(ctx, padding)                                                 \
    (fails('p') ? 0 : EVP_PKEY_CTX_set_rsa_padding(ctx, padding))
#define EVP_PKEY_CTX_set_params(ctx, params) (fails('v') ? 0 : EVP_PKEY_CTX_set_params(ctx, params))
#define EVP_PKEY_decrypt                     decrypt_watched
#define EVP_PKEY_CTX_free(ctx)               (note('f'), EVP_PKEY_CTX_free(ctx))
#define ERR_set_mark()                       (note('('), ERR_set_mark())
#define ERR_pop_to_mark()                    (note(')'), ERR_pop_to_mark())

#define hf_rsa_premaster by_libcrypto
#define set_padding      set_padding_a
#define expected         expected_a
#define unpad            unpad_a
#define decrypt          decrypt_a
#define fits             fits_a
#define choose           choose_a
#define MODULUS_MIN      MODULUS_MIN_A
#define MODULUS_MAX      MODULUS_MAX_A
#include "../../src/crypto/rsa_premaster.c"
#undef hf_rsa_premaster
#undef set_padding
#undef expected
#undef unpad
#undef decrypt
#undef fits
#undef choose
#undef MODULUS_MIN
#undef MODULUS_MAX

#undef RSA_PKCS1_WITH_TLS_PADDING
#define hf_rsa_premaster by_handfast
#include "../../src/crypto/rsa_premaster.c"
#undef hf_rsa_premaster

#undef EVP_PKEY_CTX_new
#undef EVP_PKEY_decrypt_init
#undef EVP_PKEY_CTX_set_rsa_padding
#undef EVP_PKEY_CTX_set_params
#undef EVP_PKEY_decrypt
#undef EVP_PKEY_CTX_free
#undef ERR_set_mark
#undef ERR_pop_to_mark

typedef void operation(const hf_private_key *key, uint16_t client_version, hf_span ciphertext,
                       const uint8_t *substitute, uint8_t *premaster);

static operation *const forms[] = { hf_rsa_premaster, by_libcrypto, by_handfast };
enum { LIBRARY, BY_LIBCRYPTO, BY_HANDFAST };

/* ---- encryption blocks ---- */

enum { MODULUS = 256, BLOCK_MAX = 512, FIRST = MODULUS - HF_PREMASTER };

static hf_private_key *key, *pss_key, *ec_key;
static hf_public_key public_key;
static uint8_t *spki;
static uint8_t substitute[HF_PREMASTER];
static const uint8_t zeroes[HF_PREMASTER];

/* RFC 8017 7.2.1: 00 02 PS 00 M, with no other zero anywhere. */
static void good_block(uint8_t *block, size_t len)
{
    for (size_t i = 0; i < len; i++)
        block[i] = (uint8_t)(1 + i % 255);
    block[0] = 0;
    block[1] = 2;
    block[len - HF_PREMASTER - 1] = 0;
    block[len - HF_PREMASTER] = 3;
    block[len - HF_PREMASTER + 1] = 3;
}

typedef struct shape {
    const char *name;
    void (*spoil)(uint8_t *block, size_t len);
} shape;

static void first_byte(uint8_t *block, size_t len)
{
    (void)len;
    block[0] = 1;
}

static void block_type(uint8_t *block, size_t len)
{
    (void)len;
    block[1] = 1;
}

static void zero_in_padding(uint8_t *block, size_t len)
{
    (void)len;
    block[2 + 7] = 0;
}

static void no_separator(uint8_t *block, size_t len)
{
    block[len - 49] = 0x55;
}

/* A premaster secret of 49 bytes, whose last 48 look good. */
static void early_separator(uint8_t *block, size_t len)
{
    block[len - 50] = 0;
    block[len - 49] = 0x55;
}

/* One of 47, which begins with the right version. */
static void late_separator(uint8_t *block, size_t len)
{
    block[len - 49] = 0x55;
    block[len - 48] = 0;
    block[len - 47] = block[len - 46] = 3;
}

/* That of TLS 1.1. */
static void version(uint8_t *block, size_t len)
{
    block[len - 47] = 2;
}

static void all_zero(uint8_t *block, size_t len)
{
    memset(block, 0, len);
}

static const shape shapes[] = {
    { "wrong first byte", first_byte },
    { "block type 01", block_type },
    { "a zero inside the first 8 bytes of padding", zero_in_padding },
    { "no separator", no_separator },
    { "separator too early", early_separator },
    { "separator too late", late_separator },
    { "wrong version", version },
    { "everything zero", all_zero },
};

static void spoilt_block(const shape *s, uint8_t *block, size_t len)
{
    good_block(block, len);
    s->spoil(block, len);
}

/* ---- the unpadding ---- */

static const size_t lengths[] = { 64, 128, 256, 511, 512 };

static void unpad_good(void **state)
{
    uint8_t block[BLOCK_MAX], found[HF_PREMASTER];

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        good_block(block, lengths[i]);
        hf_premaster_unpad(block, lengths[i], HF_TLS12, substitute, found);
        assert_memory_equal(found, block + lengths[i] - HF_PREMASTER, HF_PREMASTER);
    }
}

static void unpad_shapes(void **state)
{
    uint8_t block[BLOCK_MAX], found[HF_PREMASTER];

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++)
        for (const shape *s = shapes; s < shapes + COUNT(shapes); s++) {
            spoilt_block(s, block, lengths[i]);
            hf_premaster_unpad(block, lengths[i], HF_TLS12, substitute, found);
            if (memcmp(found, substitute, sizeof found) != 0)
                fail_msg("%s, %zu bytes: not the substitute", s->name, lengths[i]);
        }
}

/* Each byte before the secret's random part takes every value: the few that are right are accepted,
   all others are not. */
static bool right(size_t at, uint8_t value)
{
    if (at == 0 || at == FIRST - 1)
        return value == 0;
    if (at == 1)
        return value == 2;
    return at < FIRST ? value != 0 : value == 3;
}

static void unpad_every_value(void **state)
{
    uint8_t block[MODULUS], found[HF_PREMASTER];

    (void)state;
    for (size_t at = 0; at < FIRST + 2; at++)
        for (unsigned value = 0; value < 256; value++) {
            good_block(block, MODULUS);
            block[at] = (uint8_t)value;
            hf_premaster_unpad(block, MODULUS, HF_TLS12, substitute, found);
            assert_memory_equal(found, right(at, (uint8_t)value) ? block + FIRST : substitute,
                                HF_PREMASTER);
        }
}

/* In the 46 random bytes anything is right, zeroes too. */
static void unpad_any_secret(void **state)
{
    uint8_t block[MODULUS], found[HF_PREMASTER];

    (void)state;
    for (unsigned value = 0; value < 256; value++) {
        good_block(block, MODULUS);
        memset(block + FIRST + 2, (int)value, 46);
        hf_premaster_unpad(block, MODULUS, HF_TLS12, substitute, found);
        assert_memory_equal(found, block + FIRST, HF_PREMASTER);
    }
}

/* ---- the decryption ---- */

static bytes raw(const uint8_t *block)
{
    bytes out = { .len = sizeof out.data };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);

    assert_non_null(ctx);
    assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
    assert_int_equal(EVP_PKEY_encrypt(ctx, out.data, &out.len, block, MODULUS), 1);
    EVP_PKEY_CTX_free(ctx);
    assert_int_equal(out.len, MODULUS);
    return out;
}

static void run(operation *form, uint16_t client_version, hf_span ciphertext, uint8_t *found)
{
    n_calls = 0;
    calls[0] = '\0';
    memset(found, 0xee, HF_PREMASTER);
    form(key, client_version, ciphertext, substitute, found);
}

static void assert_substitute(operation *form, uint16_t client_version, hf_span ciphertext)
{
    uint8_t found[HF_PREMASTER];

    run(form, client_version, ciphertext, found);
    assert_memory_equal(found, substitute, HF_PREMASTER);
}

static bytes encrypted(uint16_t client_version)
{
    uint8_t secret[HF_PREMASTER] = { (uint8_t)(client_version >> 8), (uint8_t)client_version, 7 };
    bytes out;

    assert_int_equal(hf_rsa_encrypt(&public_key, hf_span_of(secret, 48), out.data, &out.len),
                     HF_OK);
    assert_int_equal(out.len, MODULUS);
    return out;
}

static void round_trip(void **state)
{
    const uint8_t expected_bytes[HF_PREMASTER] = { 3, 3, 7 };
    uint8_t found[HF_PREMASTER];

    (void)state;
    for (size_t f = 0; f < COUNT(forms); f++) {
        bytes a = encrypted(HF_TLS12), b = encrypted(HF_TLS12);

        assert_memory_not_equal(a.data, b.data, MODULUS); /* the padding is drawn */
        run(forms[f], HF_TLS12, span(&a), found);
        assert_memory_equal(found, expected_bytes, HF_PREMASTER);
        run(forms[f], HF_TLS12, span(&b), found);
        assert_memory_equal(found, expected_bytes, HF_PREMASTER);
    }
}

/* Neither the plaintext nor anything that could be foretold: the substitute, or what libcrypto drew. */
static void check_refused(size_t f, const char *name, const uint8_t *block, hf_span ciphertext)
{
    uint8_t found[HF_PREMASTER], again[HF_PREMASTER];

    run(forms[f], HF_TLS12, ciphertext, found);
    run(forms[f], HF_TLS12, ciphertext, again);
    bool is_substitute = memcmp(found, substitute, sizeof found) == 0;
    if (f == BY_HANDFAST && !is_substitute)
        fail_msg("%s: not the substitute", name);
    if (memcmp(found, block + FIRST, HF_PREMASTER) == 0 || memcmp(found, zeroes, 48) == 0)
        fail_msg("%s: accepted", name);
    if (!is_substitute && memcmp(found, again, sizeof found) == 0)
        fail_msg("%s: can be foretold", name);
}

static void malformed(void **state)
{
    uint8_t block[MODULUS];

    (void)state;
    for (size_t f = 0; f < COUNT(forms); f++)
        for (const shape *s = shapes; s < shapes + COUNT(shapes); s++) {
            spoilt_block(s, block, MODULUS);
            bytes ciphertext = raw(block);
            check_refused(f, s->name, block, span(&ciphertext));
        }
}

/* That of ClientHello, never the negotiated one (RFC 5246 7.4.7.1). */
static void the_clients_version(void **state)
{
    static const uint16_t versions[] = { 0x0301, 0x0303, 0x0304, 0x03ff };
    uint8_t found[HF_PREMASTER];

    (void)state;
    for (size_t i = 0; i < COUNT(forms) * 4 * 4; i++) {
        uint16_t said = versions[i / 4 % 4], in_hello = versions[i % 4];
        bytes ciphertext = encrypted(said);
        const uint8_t plain[HF_PREMASTER] = { (uint8_t)(said >> 8), (uint8_t)said, 7 };

        run(forms[i / 16], in_hello, span(&ciphertext), found);
        if ((memcmp(found, plain, sizeof found) == 0) != (said == in_hello))
            fail_msg("%#x in the secret, %#x in ClientHello", said, in_hello);
    }
}

/* ---- the ciphertext itself ---- */

static void wrong_lengths(void **state)
{
    bytes good = encrypted(HF_TLS12), longer = { .len = MODULUS + 1 };

    (void)state;
    memcpy(longer.data + 1, good.data, MODULUS); /* the same number */
    for (size_t f = 0; f < COUNT(forms); f++) {
        assert_substitute(forms[f], HF_TLS12, hf_span_of(good.data, MODULUS - 1));
        assert_substitute(forms[f], HF_TLS12, hf_span_of(good.data, MODULUS + 1));
        assert_substitute(forms[f], HF_TLS12, span(&longer));
        assert_substitute(forms[f], HF_TLS12, hf_span_of(good.data, 0));
        assert_substitute(forms[f], HF_TLS12, (hf_span){ NULL, 0 });
    }
}

/* The modulus, and the greatest number of its length. */
static void above_the_modulus(void **state)
{
    uint8_t most[MODULUS];

    (void)state;
    memset(most, 0xff, sizeof most);
    for (size_t f = 0; f < COUNT(forms); f++) {
        assert_substitute(forms[f], HF_TLS12, public_key.n);
        assert_substitute(forms[f], HF_TLS12, hf_span_of(most, sizeof most));
    }
}

static void other_keys(void **state)
{
    bytes ciphertext = encrypted(HF_TLS12);
    uint8_t found[HF_PREMASTER];

    (void)state;
    for (size_t f = 0; f < COUNT(forms); f++) {
        forms[f](pss_key, HF_TLS12, span(&ciphertext), substitute, found);
        assert_memory_equal(found, substitute, HF_PREMASTER);
        forms[f](ec_key, HF_TLS12, hf_span_of(ciphertext.data, 32), substitute, found);
        assert_memory_equal(found, substitute, HF_PREMASTER);
    }
}

/* ---- the same for all ---- */

static void same_calls(void **state)
{
    uint8_t block[MODULUS], found[HF_PREMASTER];
    char good_calls[sizeof calls];

    (void)state;
    for (size_t f = BY_LIBCRYPTO; f < COUNT(forms); f++) {
        bytes ciphertext = encrypted(HF_TLS12);
        run(forms[f], HF_TLS12, span(&ciphertext), found);
        memcpy(good_calls, calls, sizeof calls);
        assert_non_null(strchr(good_calls, 'd'));
        for (const shape *s = shapes; s < shapes + COUNT(shapes); s++) {
            spoilt_block(s, block, MODULUS);
            ciphertext = raw(block);
            run(forms[f], HF_TLS12, span(&ciphertext), found);
            assert_string_equal(calls, good_calls);
        }
        run(forms[f], HF_TLS12, public_key.n, found);
        assert_string_equal(calls, good_calls);
    }
}

static void any_call_fails(void **state)
{
    bytes ciphertext = encrypted(HF_TLS12);
    uint8_t found[HF_PREMASTER];

    (void)state;
    for (size_t f = BY_LIBCRYPTO; f < COUNT(forms); f++) {
        run(forms[f], HF_TLS12, span(&ciphertext), found);
        for (size_t n = 1; calls[n - 1] != 'f' && n <= 6; n++) {
            fail_at = n;
            bool marks = n == 1; /* the error queue, which decides nothing */
            run(forms[f], HF_TLS12, span(&ciphertext), found);
            assert_int_equal(memcmp(found, substitute, sizeof found) == 0, !marks);
            fail_at = 0;
            run(forms[f], HF_TLS12, span(&ciphertext), found);
        }
        assert_memory_not_equal(found, substitute, HF_PREMASTER);
    }
}

static void wrong_length_written(void **state)
{
    bytes ciphertext = encrypted(HF_TLS12);
    static const size_t said[] = { 1, 47, 49, MODULUS - 1, MODULUS + 1, MODULUS + 48 };

    (void)state;
    for (size_t i = 0; i < COUNT(said); i++) {
        wrong_len = said[i];
        assert_substitute(by_libcrypto, HF_TLS12, span(&ciphertext));
        assert_substitute(by_handfast, HF_TLS12, span(&ciphertext));
    }
    wrong_len = 0;
}

/* What the application had in libcrypto's error queue is still there, and nothing else. */
static void error_queue(void **state)
{
    bytes good = encrypted(HF_TLS12);
    uint8_t block[MODULUS], found[HF_PREMASTER];

    (void)state;
    for (size_t i = 0; i < COUNT(forms) * 2 * (COUNT(shapes) + 2); i++) {
        size_t which = i % (COUNT(shapes) + 2), f = i / (COUNT(shapes) + 2) / 2;
        bool had_one = i / (COUNT(shapes) + 2) % 2;
        bytes ciphertext = good;

        if (which < COUNT(shapes)) {
            spoilt_block(&shapes[which], block, MODULUS);
            ciphertext = raw(block);
        } else if (which == COUNT(shapes)) {
            memcpy(ciphertext.data, public_key.n.data, MODULUS);
        }
        ERR_clear_error();
        if (had_one)
            ERR_put_error(ERR_LIB_USER, 0, 123, "here", 1);
        run(forms[f], HF_TLS12, span(&ciphertext), found);
        assert_int_equal(ERR_GET_REASON(ERR_get_error()), had_one ? 123 : 0);
        assert_int_equal(ERR_get_error(), 0);
    }
}

/* ---- encryption ---- */

static void bad_encryption(void **state)
{
    uint8_t out[HF_SIGNATURE_MAX], n[MODULUS], premaster[MODULUS] = { 3, 3 };
    hf_public_key other = public_key;
    size_t len;

    (void)state;
    other.type = HF_KEY_RSA_PSS; /* RFC 5246 7.4.2: a key for signatures alone */
    assert_int_equal(hf_rsa_encrypt(&other, hf_span_of(premaster, 48), out, &len),
                     HF_E_CERT_KEY_UNSUPPORTED);
    other.type = HF_KEY_P256;
    assert_int_equal(hf_rsa_encrypt(&other, hf_span_of(premaster, 48), out, &len),
                     HF_E_CERT_KEY_UNSUPPORTED);
    assert_int_equal(hf_rsa_encrypt(&public_key, hf_span_of(premaster, MODULUS - 10), out, &len),
                     HF_E_CRYPTO);
    memcpy(n, public_key.n.data, MODULUS);
    n[MODULUS - 1] &= 0xfe;
    other = public_key;
    other.n.data = n;
    assert_int_equal(hf_rsa_encrypt(&other, hf_span_of(premaster, 48), out, &len),
                     HF_E_SIGNATURE_WRONG);
    assert_int_equal(ERR_get_error(), 0);
}

static int set_up(void **state)
{
    size_t len;

    (void)state;
    memset(substitute, 0xa5, sizeof substitute);
    if (hf_private_key_generate(&key, HF_KEY_RSA, 8 * MODULUS) != HF_OK ||
        hf_private_key_generate(&pss_key, HF_KEY_RSA_PSS, 8 * MODULUS) != HF_OK ||
        hf_private_key_generate(&ec_key, HF_KEY_P256, 0) != HF_OK ||
        hf_private_key_spki(key, &spki, &len) != HF_OK)
        return -1;
    public_key.type = HF_KEY_RSA; /* the SPKI ends with the modulus and a 3-byte exponent */
    public_key.n = hf_span_of(spki + len - 5 - MODULUS, MODULUS);
    public_key.e = hf_span_of(spki + len - 3, 3);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hf_private_key_free(key);
    hf_private_key_free(pss_key);
    hf_private_key_free(ec_key);
    hf_free(spki);
    return 0;
}

/* An auditor's blocks go as they stand: the same bytes give the same ciphertext, which decrypts to them if they are well padded. What is
   no number below the modulus, or no RSA key's, is refused. */
static void raw_blocks(void **state)
{
    uint8_t block[MODULUS], found[HF_PREMASTER];
    hf_public_key other = public_key;
    bytes out;

    (void)state;
    other.type = HF_KEY_P256;
    good_block(block, MODULUS);
    bytes expected_bytes = raw(block);
    assert_int_equal(
        hf_rsa_encrypt_raw(&public_key, hf_span_of(block, MODULUS), out.data, &out.len), HF_OK);
    assert_int_equal(out.len, MODULUS);
    assert_memory_equal(out.data, expected_bytes.data, MODULUS);
    run(forms[LIBRARY], HF_TLS12, span(&out), found);
    assert_memory_equal(found, block + FIRST, HF_PREMASTER);
    assert_int_equal(hf_rsa_encrypt_raw(&other, hf_span_of(block, MODULUS), out.data, &out.len),
                     HF_E_CERT_KEY_UNSUPPORTED);
    assert_int_equal(
        hf_rsa_encrypt_raw(&public_key, hf_span_of(block, MODULUS - 1), out.data, &out.len),
        HF_E_CRYPTO);
    memset(block, 0xff, sizeof block);
    assert_int_equal(
        hf_rsa_encrypt_raw(&public_key, hf_span_of(block, MODULUS), out.data, &out.len),
        HF_E_CRYPTO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpad_good),        cmocka_unit_test(unpad_shapes),
        cmocka_unit_test(unpad_every_value), cmocka_unit_test(unpad_any_secret),
        cmocka_unit_test(round_trip),        cmocka_unit_test(malformed),
        cmocka_unit_test(wrong_lengths),     cmocka_unit_test(above_the_modulus),
        cmocka_unit_test(other_keys),        cmocka_unit_test(the_clients_version),
        cmocka_unit_test(same_calls),        cmocka_unit_test(any_call_fails),
        cmocka_unit_test(error_queue),       cmocka_unit_test(wrong_length_written),
        cmocka_unit_test(bad_encryption),    cmocka_unit_test(raw_blocks),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
