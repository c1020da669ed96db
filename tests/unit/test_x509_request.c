/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* PKCS#10 requests: written and read back, cut at every length, changed at every byte; a CA's limits. */
#include "x509_support.h"

#include "tests/support/testpki.h"
#include "x509/issue.h"
#include "x509/der.h"
#include "x509/request.h"

static const hf_key_type types[] = { HF_KEY_P256, HF_KEY_P384, HF_KEY_P521, HF_KEY_ED25519,
                                     HF_KEY_RSA };
static const char *const names[] = { "www.example.test", "*.example.test", "192.0.2.7",
                                     "2001:db8::1", "me@example.test" };

static hf_span made(hf_key_type type)
{
    uint8_t *der = NULL;
    size_t len = 0;

    assert_error(hf_csr_make("www.example.test", names, COUNT(names), test_key(type, TEST_KEY_LEAF),
                             &der, &len),
                 HF_OK);
    return hf_span_of(der, len);
}

static void check_names(hf_span san)
{
    static const hf_san_kind kinds[] = { HF_SAN_DNS, HF_SAN_DNS, HF_SAN_IP, HF_SAN_IP,
                                         HF_SAN_EMAIL };
    hf_san_kind kind;
    hf_span name;

    for (size_t i = 0; i < COUNT(kinds); i++) {
        assert_true(hf_san_next(&san, &kind, &name));
        assert_int_equal(kind, kinds[i]);
        if (kind != HF_SAN_IP)
            assert_true(hf_span_equal(name, hf_span_str(names[i])));
    }
    assert_false(hf_san_next(&san, &kind, &name));
}

/* RFC 2986 4 */
static void test_round_trip(void **state)
{
    char subject[64];

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        hf_span der = made(types[i]);
        hf_csr csr;
        uint8_t *spki = NULL;
        size_t len = 0;
        assert_error(hf_csr_parse(&csr, der, NULL), HF_OK);
        assert_error(hf_csr_verify(&csr), HF_OK);
        assert_int_equal(csr.key.type, types[i]);
        assert_error(hf_private_key_spki(test_key(types[i], TEST_KEY_LEAF), &spki, &len), HF_OK);
        assert_true(hf_span_equal(csr.spki, hf_span_of(spki, len)));
        hf_name_text(csr.subject, subject, sizeof subject);
        assert_string_equal(subject, "CN=www.example.test");
        check_names(csr.san);
        hf_free(spki);
        hf_free((void *)(uintptr_t)der.data);
    }
}

static void test_cut_at_every_length(void **state)
{
    hf_span der = made(HF_KEY_P256);

    (void)state;
    for (size_t len = 0; len < der.len; len++) {
        uint8_t *copy = tight(hf_span_of(der.data, len));
        hf_csr csr;
        hf_fault fault;
        assert_error(hf_csr_parse(&csr, hf_span_of(copy, len), &fault), HF_E_CERT_DER);
        assert_true(fault.offset <= len);
        free(copy);
    }
    hf_free((void *)(uintptr_t)der.data);
}

/* Every bit is signed, or part of the signature, or of the structure around. */
static void test_changed_at_every_byte(void **state)
{
    hf_span der = made(HF_KEY_ED25519);
    uint8_t *copy = tight(der);

    (void)state;
    for (size_t i = 0; i < der.len; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            hf_csr csr;
            copy[i] ^= (uint8_t)(1u << bit);
            if (hf_csr_parse(&csr, hf_span_of(copy, der.len), NULL) == HF_OK)
                assert_true(hf_csr_verify(&csr) != HF_OK);
            copy[i] ^= (uint8_t)(1u << bit);
        }
    free(copy);
    hf_free((void *)(uintptr_t)der.data);
}

static void test_trailing_byte(void **state)
{
    hf_span der = made(HF_KEY_P256);
    uint8_t *longer = malloc(der.len + 1);
    hf_csr csr;

    (void)state;
    assert_non_null(longer);
    memcpy(longer, der.data, der.len);
    longer[der.len] = 0;
    assert_error(hf_csr_parse(&csr, hf_span_of(longer, der.len + 1), NULL), HF_E_CERT_DER);
    free(longer);
    hf_free((void *)(uintptr_t)der.data);
}

/* The signature of another key does not prove that this one is held. */
static void test_signature_of_another(void **state)
{
    hf_span one = made(HF_KEY_ED25519);
    uint8_t *der = NULL;
    size_t len = 0;
    hf_csr mine, theirs;

    (void)state;
    assert_error(hf_csr_make("www.example.test", names, COUNT(names),
                             test_key(HF_KEY_ED25519, TEST_KEY_OTHER), &der, &len),
                 HF_OK);
    assert_error(hf_csr_parse(&mine, one, NULL), HF_OK);
    assert_error(hf_csr_parse(&theirs, hf_span_of(der, len), NULL), HF_OK);
    mine.signature = theirs.signature;
    assert_error(hf_csr_verify(&mine), HF_E_SIGNATURE_WRONG);
    hf_free(der);
    hf_free((void *)(uintptr_t)one.data);
}

/* A version other than 1 (RFC 2986 4.1), and a signature algorithm that is not known. */
static void test_version_and_algorithm(void **state)
{
    hf_span der = made(HF_KEY_ED25519);
    uint8_t *copy = tight(der);
    hf_csr csr;

    (void)state;
    assert_error(hf_csr_parse(&csr, hf_span_of(copy, der.len), NULL), HF_OK);
    size_t version = (size_t)(csr.info.data - copy) + 3;
    while (copy[version - 2] != HF_DER_INTEGER || copy[version - 1] != 1)
        version++;
    copy[version] = 1;
    assert_error(hf_csr_parse(&csr, hf_span_of(copy, der.len), NULL), HF_E_CERT_VERSION);
    copy[version] = 0;
    copy[der.len - 67 - 1] = 0x72; /* id-Ed25519's last octet, before the BIT STRING */
    assert_error(hf_csr_parse(&csr, hf_span_of(copy, der.len), NULL), HF_OK);
    assert_error(hf_csr_verify(&csr), HF_E_CERT_SIGALG_UNSUPPORTED);
    free(copy);
    hf_free((void *)(uintptr_t)der.data);
}

/* RSA below 2048 bits, whoever signed. */
static void test_weak_key(void **state)
{
    uint8_t n[128] = { 0xc1 };
    hf_csr csr = { .key = { .type = HF_KEY_RSA, .n = { n, sizeof n } },
                   .signed_with = { HF_SIG_RSA_PKCS1, HF_SHA256 } };

    (void)state;
    assert_error(hf_csr_verify(&csr), HF_E_CERT_KEY_WEAK);
    csr.key.type = HF_KEY_RSA_PSS;
    assert_error(hf_csr_verify(&csr), HF_E_CERT_KEY_WEAK);
}

static void test_names_that_are_none(void **state)
{
    static const char *const bad[] = { "", "a b", "a..b", "1.2.3.4.5x/", "x@", "\xc3\xa4.test" };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint8_t *der = NULL;
        size_t len = 0;
        assert_error(
            hf_csr_make(NULL, &bad[i], 1, test_key(HF_KEY_P256, TEST_KEY_LEAF), &der, &len),
            HF_E_CONFIG_NAME);
        assert_null(der);
    }
}

/* ---- a CA's limits: RFC 5280 4.2.1.10 ---- */

static void limited(const char *const *permitted, size_t n, hf_cert *ca, uint8_t **der)
{
    static const hf_random random;
    const hf_private_key *key = test_key(HF_KEY_P256, TEST_KEY_ROOT);
    hf_cert_request request = { .common_name = "Root",
                                .ca = true,
                                .not_before = TEST_NOW - TEST_DAY,
                                .not_after = TEST_NOW + TEST_DAY,
                                .permitted = permitted,
                                .n_permitted = n };
    size_t len = 0;

    assert_error(hf_cert_issue(&request, key, NULL, key, &random, der, &len), HF_OK);
    assert_error(hf_cert_parse(ca, hf_span_of(*der, len), NULL), HF_OK);
}

static const struct limit {
    const char *permitted[3], *name;
    bool may;
} limits[] = {
    { { "example.test" }, "example.test", true },
    { { "example.test" }, "a.b.example.test", true },
    { { "example.test" }, "*.example.test", true },
    { { "example.test" }, "xexample.test", false },
    { { "example.test" }, "test", false },
    { { "example.test" }, "*.test", false },
    { { "example.test" }, "me@example.test", true },
    { { "example.test" }, "me@mail.example.test", true },
    { { "example.test" }, "me@example.org", false },
    { { "example.test" }, "10.0.0.1", false }, /* domains alone: no addresses */
    { { "example.test" }, "::1", false },
    { { "10.0.0.0/8" }, "10.255.0.1", true },
    { { "10.0.0.0/8" }, "11.0.0.1", false },
    { { "10.0.0.0/8" }, "::ffff:10.0.0.1", false },
    { { "10.0.0.0/8" }, "localhost", false }, /* addresses alone: no domains */
    { { "10.0.0.0/8" }, "me@example.test", false },
    { { "192.168.7.9/12" }, "192.160.0.1", true }, /* host bits do not count */
    { { "192.168.7.9/12" }, "192.176.0.1", false },
    { { "192.0.2.7" }, "192.0.2.7", true },
    { { "192.0.2.7" }, "192.0.2.6", false },
    { { "fc00::/7" }, "fdff::1", true },
    { { "fc00::/7" }, "fe00::1", false },
    { { "0.0.0.0/0" }, "203.0.113.1", true },
    { { "0.0.0.0/0" }, "2001:db8::1", false },
    { { "a.test", "b.test", "::1" }, "b.test", true },
    { { "a.test", "b.test", "::1" }, "::1", true },
    { { "a.test", "b.test", "::1" }, "c.test", false },
};

static void test_limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(limits); i++) {
        const struct limit *row = &limits[i];
        char detail[HF_DETAIL_MAX];
        uint8_t *der = NULL;
        hf_cert ca;
        size_t n = 1;
        while (n < COUNT(row->permitted) && row->permitted[n])
            n++;
        limited(row->permitted, n, &ca, &der);
        assert_true(ca.critical & HF_CX_BIT(NAME_CONSTRAINTS));
        hf_error e = hf_names_permitted(&ca, &row->name, 1, detail);
        if ((e == HF_OK) != row->may)
            fail_msg("%s under %s: %s %s", row->name, row->permitted[0], hf_error_row_of(e)->name,
                     detail);
        assert_int_equal(*detail != '\0', !row->may);
        hf_free(der);
    }
}

static void test_limits_as_text(void **state)
{
    static const char *const permitted[] = { "example.test", "10.0.0.0/8", "::1" };
    char text[64], none[8];
    uint8_t *der = NULL;
    hf_cert ca;

    (void)state;
    limited(permitted, COUNT(permitted), &ca, &der);
    hf_permitted_text(&ca, text, sizeof text);
    assert_string_equal(text, "example.test, 10.0.0.0/8, ::1/128");
    hf_free(der);
    limited(NULL, 0, &ca, &der);
    assert_false(ca.has & HF_CX_BIT(NAME_CONSTRAINTS));
    hf_permitted_text(&ca, none, sizeof none);
    assert_string_equal(none, "");
    hf_free(der);
}

static void test_what_is_no_limit(void **state)
{
    static const char *const bad[] = {
        "",         "a b",         "*.test",       ".test",       "10.0.0.0/33",
        "10.0/8",   "10.0.0.0/",   "::1/129",      "10.0.0.0/8x", "a.test/8",
        "a@b.test", "10.0.0.0/-1", "10.0.0.0/0008"
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (hf_is_permitted_name(bad[i]))
            fail_msg("\"%s\"", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_cut_at_every_length),
        cmocka_unit_test(test_changed_at_every_byte),
        cmocka_unit_test(test_trailing_byte),
        cmocka_unit_test(test_signature_of_another),
        cmocka_unit_test(test_version_and_algorithm),
        cmocka_unit_test(test_weak_key),
        cmocka_unit_test(test_names_that_are_none),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_limits_as_text),
        cmocka_unit_test(test_what_is_no_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
