/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Each allocation of libcrypto's fails in turn, in every operation: an error of ours and not of the
 * peer's comes out, nothing leaks (the sanitizer looks), and nothing wrong is ever accepted. In a few
 * places libcrypto does not say that it was memory, and a good signature counts as wrong.
 */
#include <malloc.h>

#include <openssl/crypto.h>

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/kex.h"
#include "crypto/signature.h"
#include "crypto_support.h"

/* ---- the allocator ---- */

static long fail_at; /* counts down to the allocation that fails; 0: none does */
static bool once;    /* that one alone, or all after it too */
static bool failed;
static bool called; /* by libcrypto, at all */

static bool fails(void)
{
    called = true;
    if (fail_at == 0)
        return false;
    if (fail_at > 1) {
        fail_at--;
        return false;
    }
    failed = true;
    if (once)
        fail_at = 0;
    return true;
}

static void *give(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : malloc(size);
}

static void *give_again(void *block, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : realloc(block, size);
}

static void take_back(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    free(block);
}

/* AWS-LC looks for functions of these names when it is linked, and makes its realloc of them. It has
   CRYPTO_set_mem_functions too, but does not report what fails there. */
__attribute__((visibility("default"))) void *OPENSSL_memory_alloc(size_t size);
__attribute__((visibility("default"))) void OPENSSL_memory_free(void *block);
__attribute__((visibility("default"))) size_t OPENSSL_memory_get_size(void *block);

void *OPENSSL_memory_alloc(size_t size)
{
    return give(size, NULL, 0);
}

void OPENSSL_memory_free(void *block)
{
    take_back(block, NULL, 0);
}

size_t OPENSSL_memory_get_size(void *block)
{
    return malloc_usable_size(block);
}

/* Before libcrypto has allocated anything else. AWS-LC refuses the first call. */
static bool take_over_memory(void)
{
    CRYPTO_set_mem_functions(give, give_again, take_back);
    OPENSSL_free(OPENSSL_malloc(1));
    return called;
}

/* ---- operations ---- */

typedef hf_error operation(void);

static hf_private_key *keys[HF_KEY_ED25519 + 1];
static uint8_t *pem, *spkis[HF_KEY_ED25519 + 1];
static size_t pem_len, spki_lens[HF_KEY_ED25519 + 1], signature_lens[HF_KEY_ED25519 + 1];
static uint8_t signatures[HF_KEY_ED25519 + 1][HF_SIGNATURE_MAX];
static hf_key_type chosen;
static uint16_t group;
static uint8_t share[HF_KEY_SHARE_MAX], answer[HF_KEY_SHARE_MAX];
static hf_kex kex;

static hf_sig_kind kind_of(hf_key_type type)
{
    if (type == HF_KEY_RSA || type == HF_KEY_RSA_PSS)
        return HF_SIG_RSA_PSS;
    return type == HF_KEY_ED25519 ? HF_SIG_ED25519 : HF_SIG_ECDSA;
}

static hf_public_key public_of(hf_key_type type)
{
    static const size_t points[] = {
        [HF_KEY_P256] = 65, [HF_KEY_P384] = 97, [HF_KEY_P521] = 133, [HF_KEY_ED25519] = 32
    };
    const uint8_t *end = spkis[type] + spki_lens[type];
    hf_public_key key = { .type = type };

    if (kind_of(type) == HF_SIG_RSA_PSS) {
        key.n = hf_span_of(end - 5 - 256, 256);
        key.e = hf_span_of(end - 3, 3);
    } else {
        key.point = hf_span_of(end - points[type], points[type]);
    }
    return key;
}

static hf_error sign_message(void)
{
    uint8_t signature[HF_SIGNATURE_MAX];
    size_t len;

    return hf_sign(keys[chosen], kind_of(chosen), HF_SHA256, hf_span_str("m"), signature, &len);
}

static hf_error verify_message(const char *message)
{
    hf_public_key key = public_of(chosen);

    return hf_verify(&key, kind_of(chosen), HF_SHA256, hf_span_str(message),
                     hf_span_of(signatures[chosen], signature_lens[chosen]));
}

static hf_error verify_good(void)
{
    return verify_message("m");
}

/* Turned round: the one result that must never come is HF_OK. */
static hf_error verify_forged(void)
{
    hf_error e = verify_message("n");

    assert_int_not_equal(e, HF_OK);
    return e == HF_E_SIGNATURE_WRONG ? HF_OK : e;
}

static hf_error read_key(void)
{
    hf_private_key *key;
    hf_error e = hf_private_key_from_pem(&key, hf_span_of(pem, pem_len), NULL);

    if (e == HF_OK)
        hf_private_key_free(key);
    return e;
}

static hf_error write_key(void)
{
    uint8_t *text;
    size_t len;

    TRY(hf_private_key_to_pem(keys[chosen], &text, &len));
    hf_free_secret(text, len);
    TRY(hf_private_key_spki(keys[chosen], &text, &len));
    hf_free(text);
    return HF_OK;
}

static hf_error new_aead(void)
{
    hf_aead *aead = hf_aead_new();

    hf_aead_free(aead);
    return aead ? HF_OK : HF_E_NO_MEMORY;
}

static hf_error generate_share(void)
{
    hf_kex made;
    uint8_t out[HF_KEY_SHARE_MAX];

    return hf_kex_generate(&made, group, NULL, out);
}

static hf_error answer_share(void)
{
    uint8_t out[HF_KEY_SHARE_MAX], secret[HF_SHARED_SECRET_MAX];

    return hf_kex_encapsulate(group, NULL, hf_span_of(share, hf_group_of(group)->client_share), out,
                              secret);
}

static hf_error finish_exchange(void)
{
    uint8_t secret[HF_SHARED_SECRET_MAX];

    return hf_kex_decapsulate(&kex, hf_span_of(answer, hf_group_of(group)->server_share), secret);
}

/* ---- the tests ---- */

static size_t tried, blamed; /* blamed: how often it fell on the peer */

static void try_each(operation *op)
{
    for (long n = 1;; n++) {
        failed = false;
        fail_at = n;
        hf_error e = op();
        fail_at = 0;
        if (!failed) {
            assert_int_equal(e, HF_OK);
            return;
        }
        tried++;
        blamed += e != HF_OK && hf_error_row_of(e)->blame == HF_BLAME_PEER;
    }
}

static void try_both(operation *op)
{
    once = false;
    try_each(op);
    once = true;
    try_each(op);
}

static void report(void)
{
    printf("%zu allocations failed, %zu of them at the peer's expense\n", tried, blamed);
}

static void signatures_fail(void **state)
{
    (void)state;
    for (chosen = HF_KEY_RSA; chosen <= HF_KEY_ED25519; chosen++) {
        try_both(sign_message);
        try_both(verify_good);
        try_both(verify_forged);
        try_both(write_key);
    }
    report();
    assert_in_range(blamed, 0, tried / 100);
}

static void reading_fails(void **state)
{
    (void)state;
    try_both(read_key);
    report();
    assert_int_equal(blamed, 0);
}

static void aead_fails(void **state)
{
    (void)state;
    try_both(new_aead);
    report();
    assert_int_equal(blamed, 0);
}

static void exchanges_fail(void **state)
{
    static const uint16_t groups[] = { HF_GROUP_x25519mlkem768, HF_GROUP_x25519,
                                       HF_GROUP_secp256r1,      HF_GROUP_secp384r1,
                                       HF_GROUP_secp521r1,      HF_GROUP_mlkem1024 };
    uint8_t secret[HF_SHARED_SECRET_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(groups); i++) {
        group = groups[i];
        assert_int_equal(hf_kex_generate(&kex, group, NULL, share), HF_OK);
        assert_int_equal(hf_kex_encapsulate(group, NULL,
                                            hf_span_of(share, hf_group_of(group)->client_share),
                                            answer, secret),
                         HF_OK);
        try_both(generate_share);
        try_both(answer_share);
        try_both(finish_exchange);
    }
    report();
    assert_int_equal(blamed, 0);
}

static int reset(void **state)
{
    (void)state;
    tried = blamed = 0;
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    for (chosen = HF_KEY_RSA; chosen <= HF_KEY_ED25519; chosen++) {
        assert_int_equal(hf_private_key_generate(&keys[chosen], chosen, 2048), HF_OK);
        assert_int_equal(hf_private_key_spki(keys[chosen], &spkis[chosen], &spki_lens[chosen]),
                         HF_OK);
        assert_int_equal(hf_sign(keys[chosen], kind_of(chosen), HF_SHA256, hf_span_str("m"),
                                 signatures[chosen], &signature_lens[chosen]),
                         HF_OK);
        assert_int_equal(verify_good(), HF_OK); /* what is kept for the process is made now */
    }
    return hf_private_key_to_pem(keys[HF_KEY_P256], &pem, &pem_len) == HF_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    for (chosen = HF_KEY_RSA; chosen <= HF_KEY_ED25519; chosen++) {
        hf_private_key_free(keys[chosen]);
        hf_free(spkis[chosen]);
    }
    hf_free_secret(pem, pem_len);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(signatures_fail, reset),
        cmocka_unit_test_setup(reading_fails, reset),
        cmocka_unit_test_setup(aead_fails, reset),
        cmocka_unit_test_setup(exchanges_fail, reset),
    };

    if (!take_over_memory())
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
