/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The trust store: filling it from DER and PEM, looking up, references from several threads. */
#include "x509_support.h"

#include <pthread.h>

#include "tests/support/testpki.h"
#include "x509/trust.h"
#include "x509_samples.h"

static hf_error add_text(hf_trust *trust, const char *pem, size_t *added)
{
    return hf_trust_add_pem(trust, hf_span_str(pem), added);
}

static void test_der(void **state)
{
    hf_trust *trust = hf_trust_new();
    hf_span der = der_of(sample_p256);
    uint8_t *copy = tight(der);
    size_t next = 0;

    (void)state;
    assert_int_equal(hf_trust_count(trust), 0);
    assert_null(hf_trust_at(trust, 0));
    assert_error(hf_trust_add_der(trust, hf_span_of(copy, der.len)), HF_OK);
    memset(copy, 0, der.len); /* the store has its own copy */
    free(copy);
    assert_error(hf_trust_add_der(trust, der), HF_OK);
    assert_int_equal(hf_trust_count(trust), 1); /* once is enough */
    assert_true(hf_trust_has(trust, der));
    const hf_cert *found = hf_trust_at(trust, 0);
    assert_true(hf_span_equal(found->der, der) && found->key.type == HF_KEY_P256);
    assert_ptr_equal(hf_trust_find(trust, found->subject, &next), found);
    assert_null(hf_trust_find(trust, found->subject, &next));
    next = 0;
    assert_null(hf_trust_find(trust, hf_span_str("x"), &next));
    assert_error(hf_trust_add_der(trust, hf_span_of(der.data, der.len - 1)), HF_E_CERT_DER);
    hf_free((void *)der.data);
    hf_trust_free(trust);
}

static void test_many(void **state)
{
    hf_trust *trust = hf_trust_new();
    test_cert *certs[20];
    size_t next = 0, same = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(certs); i++) {
        test_cert_options options = { .common_name = i % 2 ? "odd" : "even", .ca = true };
        certs[i] = test_cert_new(&options, NULL);
        assert_error(hf_trust_add_der(trust, test_cert_der(certs[i])), HF_OK);
    }
    assert_int_equal(hf_trust_count(trust), COUNT(certs));
    while (hf_trust_find(trust, certs[1]->cert.subject, &next))
        same++;
    assert_int_equal(same, COUNT(certs) / 2);
    for (size_t i = 0; i < COUNT(certs); i++) {
        assert_true(hf_span_equal(hf_trust_at(trust, i)->der, test_cert_der(certs[i])));
        test_cert_free(certs[i]);
    }
    hf_trust_free(trust);
}

enum { CROWD = 300, NAMESAKES = 3 };

/* Among hundreds each name leads to its anchors, in the order in which they came, and to nobody else. */
static void test_index(void **state)
{
    hf_trust *trust = hf_trust_new();
    static test_cert *certs[CROWD * NAMESAKES];
    char name[24];

    (void)state;
    for (size_t i = 0; i < COUNT(certs); i++) {
        test_cert_options options = { .common_name = name, .ca = true };
        snprintf(name, sizeof name, "Root %zu", i % CROWD);
        certs[i] = test_cert_new(&options, NULL);
        assert_error(hf_trust_add_der(trust, test_cert_der(certs[i])), HF_OK);
    }
    for (size_t i = 0; i < CROWD; i++) {
        size_t next = 0;
        for (size_t k = 0; k < NAMESAKES; k++) {
            const hf_cert *found = hf_trust_find(trust, certs[i]->cert.subject, &next);
            assert_non_null(found);
            assert_true(hf_span_equal(found->der, test_cert_der(certs[i + k * CROWD])));
        }
        assert_null(hf_trust_find(trust, certs[i]->cert.subject, &next));
    }
    for (size_t i = 0; i < COUNT(certs); i++)
        test_cert_free(certs[i]);
    hf_trust_free(trust);
}

static void test_bundle(void **state)
{
    static char bundle[16000];
    hf_trust *trust = hf_trust_new();
    size_t added = 99;

    (void)state;
    snprintf(bundle, sizeof bundle,
             "# roots\n%s\n%s%s%s-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n%s",
             sample_p256, sample_v1, sample_ed448, sample_sha1_root,
             "-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n");
    strcat(bundle, sample_rsa);
    assert_error(add_text(trust, bundle, &added), HF_OK);
    assert_int_equal(added,
                     3); /* p256, sha1_root, rsa: v1, Ed448 and the damaged one are left out */
    assert_int_equal(hf_trust_count(trust), 3);
    assert_error(add_text(trust, sample_p384, NULL), HF_OK);
    assert_int_equal(hf_trust_count(trust), 4);
    hf_trust_free(trust);
}

static void test_no_bundle(void **state)
{
    hf_trust *trust = hf_trust_new();
    size_t added = 99;

    (void)state;
    assert_error(add_text(trust, "", &added), HF_E_CONFIG_PEM);
    assert_int_equal(added, 0);
    assert_error(add_text(trust, "hello\n", &added), HF_E_CONFIG_PEM);
    assert_error(add_text(trust, "-----BEGIN CERTIFICATE-----\n", &added), HF_E_CONFIG_PEM);
    assert_error(
        add_text(trust, "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", &added),
        HF_E_CONFIG_PEM);
    assert_error(
        add_text(trust, "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n", &added),
        HF_E_CONFIG_PEM);
    assert_error(hf_trust_add_pem(trust, hf_span_of(NULL, 0), &added), HF_E_CONFIG_PEM);
    /* one certificate, and it is no good: say why */
    assert_error(add_text(trust, sample_v1, &added), HF_E_CERT_VERSION);
    assert_error(add_text(trust, sample_ed448, &added), HF_E_CERT_KEY_UNSUPPORTED);
    assert_int_equal(added, 0);
    assert_int_equal(hf_trust_count(trust), 0);
    hf_trust_free(trust);
}

static void *hold_and_drop(void *trust)
{
    for (int i = 0; i < 10000; i++)
        hf_trust_free(hf_trust_ref(trust));
    hf_trust_free(trust);
    return NULL;
}

static void test_references(void **state)
{
    hf_trust *trust = hf_trust_new();
    pthread_t threads[4];

    (void)state;
    assert_error(add_text(trust, sample_p256, NULL), HF_OK);
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hold_and_drop, hf_trust_ref(trust)), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(hf_trust_count(trust), 1);
    hf_trust_free(trust);
    hf_trust_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_der),       cmocka_unit_test(test_many),
        cmocka_unit_test(test_index),     cmocka_unit_test(test_bundle),
        cmocka_unit_test(test_no_bundle), cmocka_unit_test(test_references),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
