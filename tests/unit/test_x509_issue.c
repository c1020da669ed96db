/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What hf_cert_issue writes, read back by hf_cert_parse, for each type of key; what it refuses. */
#include "x509_support.h"

#include "tests/support/testpki.h"

static const hf_key_type types[] = { HF_KEY_P256, HF_KEY_P384, HF_KEY_P521, HF_KEY_ED25519,
                                     HF_KEY_RSA };

static void check_signed_by(const test_cert *cert, const test_cert *issuer)
{
    assert_error(hf_verify(&issuer->cert.key, cert->cert.signed_with.kind,
                           cert->cert.signed_with.hash, cert->cert.tbs, cert->cert.signature),
                 HF_OK);
}

static void check_key(const test_cert *cert)
{
    uint8_t *spki = NULL;
    size_t len = 0;

    assert_error(hf_private_key_spki(cert->key, &spki, &len), HF_OK);
    assert_true(hf_span_equal(hf_span_of(spki, len), cert->cert.spki));
    assert_int_equal(cert->cert.key.type, hf_private_key_type(cert->key));
    hf_free(spki);
}

static void check_root(const test_cert *root)
{
    const hf_cert *c = &root->cert;
    char text[64];

    assert_int_equal(c->version, 3);
    assert_true(c->has_basic_constraints && c->is_ca && c->self_issued && c->has_key_usage);
    assert_int_equal(c->path_len, 2);
    assert_int_equal(c->key_usage, HF_KU_KEY_CERT_SIGN | HF_KU_CRL_SIGN);
    assert_false(c->has_eku);
    assert_false(c->unknown_critical);
    assert_int_equal(c->san.len, 0);
    assert_int_equal(c->ski.len, 20);
    assert_int_equal(c->aki.len, 0);
    assert_int_equal(c->not_before, TEST_NOW - TEST_DAY);
    assert_int_equal(c->not_after, TEST_NOW + 30 * TEST_DAY);
    hf_name_text(c->subject, text, sizeof text);
    assert_string_equal(text, "CN=Root");
}

static void check_leaf(const test_cert *leaf, const test_cert *root)
{
    const hf_cert *c = &leaf->cert;
    bool rsa = c->key.type == HF_KEY_RSA;

    assert_true(c->has_basic_constraints && !c->is_ca && !c->self_issued);
    assert_int_equal(c->path_len, -1);
    assert_int_equal(c->key_usage, HF_KU_DIGITAL_SIGNATURE | (rsa ? HF_KU_KEY_ENCIPHERMENT : 0));
    assert_int_equal(c->eku, HF_EKU_SERVER_AUTH | HF_EKU_CLIENT_AUTH);
    assert_true(hf_span_equal(c->issuer, root->cert.subject));
    assert_true(hf_span_equal(c->aki, root->cert.ski));
    assert_false(hf_span_equal(c->ski, root->cert.ski));
    assert_true(hf_cert_matches(c, "a.example.test") && hf_cert_matches(c, "192.0.2.7") &&
                hf_cert_matches(c, "::1"));
    assert_false(c->san_critical);
}

static void test_round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        test_cert_options ca = { .common_name = "Root",
                                 .ca = true,
                                 .path_len_given = true,
                                 .path_len = 2,
                                 .key_type = types[i] };
        test_cert_options options = { .names = { "*.example.test", "192.0.2.7", "::1" },
                                      .key_type = types[i],
                                      .key_slot = TEST_KEY_LEAF,
                                      .eku = HF_EKU_SERVER_AUTH | HF_EKU_CLIENT_AUTH };
        test_cert *root = test_cert_new(&ca, NULL), *leaf = test_cert_new(&options, root);
        check_root(root);
        check_leaf(leaf, root);
        check_key(root);
        check_key(leaf);
        check_signed_by(root, root);
        check_signed_by(leaf, root);
        test_cert_free(root);
        test_cert_free(leaf);
    }
}

/* Issuer and subject of different types: the signature follows the issuer's key. */
static void test_mixed_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        test_cert_options ca = { .common_name = "Root", .ca = true, .key_type = types[i] };
        test_cert_options leaf_options = { .key_type = types[(i + 1) % COUNT(types)] };
        test_cert *root = test_cert_new(&ca, NULL), *leaf = test_cert_new(&leaf_options, root);
        check_signed_by(leaf, root);
        assert_int_equal(leaf->cert.key.type, leaf_options.key_type);
        test_cert_free(root);
        test_cert_free(leaf);
    }
}

static void test_serials(void **state)
{
    const test_cert_options options = { .common_name = "x" };
    hf_span serials[16];
    test_cert *certs[16];

    (void)state;
    for (size_t i = 0; i < COUNT(certs); i++) {
        certs[i] = test_cert_new(&options, NULL);
        serials[i] = certs[i]->cert.serial;
        assert_int_equal(serials[i].len, 16);
        assert_int_equal(serials[i].data[0] & 0xc0, 0x40);
        for (size_t k = 0; k < i; k++)
            assert_false(hf_span_equal(serials[i], serials[k]));
    }
    for (size_t i = 0; i < COUNT(certs); i++)
        test_cert_free(certs[i]);
}

static bool draw_ones(void *user, uint8_t *out, size_t len)
{
    *(size_t *)user += len;
    memset(out, 0xff, len);
    return true;
}

static bool draw_nothing(void *user, uint8_t *out, size_t len)
{
    (void)user, (void)out, (void)len;
    return false;
}

static hf_error issue(const hf_cert_request *request, const hf_random *random, uint8_t **der,
                      size_t *len)
{
    const hf_private_key *key = test_key(HF_KEY_P256, TEST_KEY_LEAF);

    return hf_cert_issue(request, key, NULL, key, random, der, len);
}

static void test_random_hook(void **state)
{
    size_t drawn = 0, len = 0;
    const hf_random ones = { draw_ones, &drawn }, broken = { draw_nothing, NULL };
    const hf_cert_request request = { .common_name = "x", .path_len = -1 };
    uint8_t *der = NULL;
    hf_cert cert;

    (void)state;
    assert_error(issue(&request, &ones, &der, &len), HF_OK);
    assert_error(hf_cert_parse(&cert, hf_span_of(der, len), NULL), HF_OK);
    assert_int_equal(drawn, 16);
    assert_int_equal(cert.serial.data[0], 0x7f);
    hf_free(der);
    assert_error(issue(&request, &broken, &der, &len), HF_E_RANDOM);
}

static void test_names_of_subject(void **state)
{
    const hf_random random = { NULL, NULL };
    hf_cert_request request = { .common_name = "b\xc3\xbc"
                                               "cher, a+b",
                                .organization = "Example Ltd",
                                .path_len = -1,
                                .not_before = 0,
                                .not_after = INT64_C(253402300799) };
    uint8_t *der = NULL;
    size_t len = 0;
    char text[80], end[24];
    hf_cert cert;

    (void)state;
    assert_error(issue(&request, &random, &der, &len), HF_OK);
    assert_error(hf_cert_parse(&cert, hf_span_of(der, len), NULL), HF_OK);
    hf_name_text(cert.subject, text, sizeof text);
    assert_string_equal(text, "CN=b\xc3\xbc"
                              "cher\\, a\\+b, O=Example Ltd");
    hf_time_text(cert.not_after, end);
    assert_string_equal(end, "9999-12-31T23:59:59Z");
    assert_int_equal(cert.not_before, 0);
    hf_free(der);
}

/* RFC 5280 4.1.2.6: without a subject, the names are critical. The issuer needs one. */
static void test_no_subject(void **state)
{
    const hf_random random = { NULL, NULL };
    const test_cert_options ca = { .common_name = "Root", .ca = true };
    const char *const names[] = { "a.test" };
    const hf_cert_request request = { .names = names, .n_names = 1, .path_len = -1 };
    test_cert *root = test_cert_new(&ca, NULL);
    uint8_t *der = NULL;
    size_t len = 0;
    hf_cert cert;

    (void)state;
    assert_error(hf_cert_issue(&request, test_key(HF_KEY_P256, TEST_KEY_LEAF), &root->cert,
                               root->key, &random, &der, &len),
                 HF_OK);
    assert_error(hf_cert_parse(&cert, hf_span_of(der, len), NULL), HF_OK);
    assert_true(cert.san_critical && cert.subject.len == 2);
    hf_free(der);
    test_cert_free(root);
}

/* The limit of names, in a certificate whose lengths need three bytes. */
static void test_many_names(void **state)
{
    const hf_random random = { NULL, NULL };
    static const char *names[HF_CERT_SANS_MAX + 1];
    hf_cert_request request = {
        .common_name = "many", .names = names, .n_names = HF_CERT_SANS_MAX, .path_len = -1
    };
    uint8_t *der = NULL;
    size_t len = 0, n = 0;
    hf_cert cert;
    hf_san_kind kind;
    hf_span rest, name;

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        names[i] = "a-rather-long-label-to-make-the-certificate-large.and-another-one.example.test";
    assert_error(issue(&request, &random, &der, &len), HF_OK);
    assert_true(len > 0x10000);
    assert_error(hf_cert_parse(&cert, hf_span_of(der, len), NULL), HF_OK);
    for (rest = cert.san; hf_san_next(&rest, &kind, &name);)
        n++;
    assert_int_equal(n, HF_CERT_SANS_MAX);
    hf_free(der);
    request.n_names++;
    assert_error(issue(&request, &random, &der, &len), HF_E_LIMIT);
}

static void test_refused_names(void **state)
{
    static const char *const bad[] = { "",    "*",        "*.",        "a b", "*.*.a",
                                       "a.*", "http://a", "b\xc3\xbc", "a.",  "1.2.3.4/8" };
    const hf_random random = { NULL, NULL };
    uint8_t *der = NULL;
    size_t len = 0;
    char long_name[66];

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        hf_cert_request request = {
            .common_name = "x", .names = &bad[i], .n_names = 1, .path_len = -1
        };
        assert_error(issue(&request, &random, &der, &len), HF_E_CONFIG_NAME);
    }
    memset(long_name, 'a', 65);
    long_name[65] = '\0';
    hf_cert_request request = { .common_name = long_name, .path_len = -1 };
    assert_error(issue(&request, &random, &der, &len), HF_E_CONFIG_NAME);
    request.common_name++;
    assert_error(issue(&request, &random, &der, &len), HF_OK);
    hf_free(der);
    request = (hf_cert_request){ .common_name = "x", .organization = long_name, .path_len = -1 };
    assert_error(issue(&request, &random, &der, &len), HF_E_CONFIG_NAME);
}

static void test_refused_requests(void **state)
{
    const hf_random random = { NULL, NULL };
    const test_cert_options ca = { .common_name = "Root", .ca = true };
    test_cert *root = test_cert_new(&ca, NULL);
    hf_cert_request request = { .common_name = "x", .path_len = -1 };
    const hf_private_key *key = test_key(HF_KEY_P256, TEST_KEY_OTHER);
    uint8_t *der = NULL;
    size_t len = 0;

    (void)state;
    assert_error(hf_cert_issue(&request, key, &root->cert, key, &random, &der, &len),
                 HF_E_CONFIG_KEY_MISMATCH);
    request.not_after = INT64_MAX;
    assert_error(issue(&request, &random, &der, &len), HF_E_MISUSE);
    request = (hf_cert_request){ .common_name = "x", .ca = true, .path_len = 128 };
    assert_error(issue(&request, &random, &der, &len), HF_E_LIMIT);
    assert_null(der);
    test_cert_free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),       cmocka_unit_test(test_mixed_keys),
        cmocka_unit_test(test_serials),          cmocka_unit_test(test_random_hook),
        cmocka_unit_test(test_names_of_subject), cmocka_unit_test(test_no_subject),
        cmocka_unit_test(test_many_names),       cmocka_unit_test(test_refused_names),
        cmocka_unit_test(test_refused_requests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
