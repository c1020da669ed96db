/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* An identity whose key is elsewhere: its chain in DER or in PEM. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/signature.h"
#include "policy/policy.h"
#include "support/pair.h"

static hf_error never_sign(void *user, uint16_t scheme, hf_span message, uint8_t *signature,
                           size_t *len)
{
    (void)user, (void)scheme, (void)message, (void)signature, (void)len;
    return HF_E_JOB_FAILED;
}

static hf_signer *elsewhere(void)
{
    static const hf_signer_ops ops = { .sign = never_sign };
    static const uint16_t schemes[] = { 0x0403, 0 };

    return hf_signer_new(&ops, NULL, schemes);
}

static hf_error make(const hf_span *chain, size_t n, hf_identity **id)
{
    hf_signer *signer = elsewhere();
    hf_error e = hf_identity_new(id, chain, n, signer);

    hf_signer_free(signer);
    return e;
}

static void test_pem_is_der_in_another_form(void **state)
{
    test_pki *pki = test_pki_new(HF_KEY_P256);
    uint8_t *blocks[2];
    size_t len[2];
    char text[8192];
    hf_identity *der, *pem;

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(hf_pem_write("CERTIFICATE", pki->chain[i], &blocks[i], &len[i]), HF_OK);
    snprintf(text, sizeof text, "a line of words before\n%.*s%.*s", (int)len[0], (char *)blocks[0],
             (int)len[1], (char *)blocks[1]);
    hf_span one = { (const uint8_t *)text, strlen(text) };
    assert_int_equal(make(pki->chain, 2, &der), HF_OK);
    assert_int_equal(make(&one, 1, &pem), HF_OK);
    assert_int_equal(pem->n, 2);
    for (size_t i = 0; i < 2; i++)
        assert_true(hf_span_equal(pem->chain[i], der->chain[i]));
    hf_identity_free(der);
    hf_identity_free(pem);
    for (int i = 0; i < 2; i++)
        hf_free_secret(blocks[i], len[i]);
    test_pki_free(pki);
}

static void test_what_is_neither(void **state)
{
    static const char *const texts[] = { "", "0", "nothing",
                                         "-----BEGIN CERTIFICATE-----\nAAAA\n" };
    hf_identity *id;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        hf_span one = { (const uint8_t *)texts[i], strlen(texts[i]) };
        assert_int_not_equal(make(&one, 1, &id), HF_OK);
        assert_null(id);
    }
    assert_int_equal(make(NULL, 0, &id), HF_E_CONFIG_PEM);
}

/* RFC 8017 9.1.1: the hash, a salt as long and two bytes must fit into the modulus. */
static void test_small_keys_sign_with_small_hashes(void **state)
{
    static const uint8_t longest[] = { 0x08, 0x06 }, any[] = { 0x08, 0x06, 0x08, 0x05 };
    static const struct {
        size_t modulus;
        uint16_t with_longest, with_any;
    } keys[] = {
        { 128, 0, 0x0805 }, { 130, 0, 0x0805 }, { 131, 0x0806, 0x0805 }, { 256, 0x0806, 0x0805 }
    };
    const hf_policy *policy = hf_policy_named("default");
    hf_identity *id = pki_identity(shared_pki(HF_KEY_RSA));

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        id->leaf.key.n.len = keys[i].modulus;
        const hf_scheme *a = hf_identity_scheme(id, policy, HF_TLS13, hf_span_of(longest, 2));
        const hf_scheme *b = hf_identity_scheme(id, policy, HF_TLS13, hf_span_of(any, 4));
        assert_int_equal(a ? a->code : 0, keys[i].with_longest);
        assert_int_equal(b ? b->code : 0, keys[i].with_any);
    }
    hf_identity_free(id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pem_is_der_in_another_form),
        cmocka_unit_test(test_what_is_neither),
        cmocka_unit_test(test_small_keys_sign_with_small_hashes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
