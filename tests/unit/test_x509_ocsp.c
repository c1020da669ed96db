/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * OCSP responses (RFC 6960): what is read, whom they are about, who may have signed them and for how
 * long they are good; and those that the library issues. What does not parse is in test_x509_ocsp_form.c.
 */
#include "ocsp_support.h"
#include "x509_crl_samples.h"
#include "x509_ocsp_samples.h"

/* ---- answers ---- */

static void test_good(void **state)
{
    (void)state;
    expect(staple_that_says(HF_STATUS_GOOD), HF_OK, HF_STATUS_GOOD, "");
    assert_int_equal(units, HF_SIGNATURE_BUDGET - 1);
    expect(raw_response((raw_ocsp){ .key = NULL }), HF_OK, HF_STATUS_GOOD, "");
}

static void test_revoked(void **state)
{
    hf_ocsp_answer answer = answer_for(HF_STATUS_REVOKED);

    (void)state;
    expect(respond(answer, pki->intermediate->key), HF_OK, HF_STATUS_REVOKED,
           "revoked 2026-11-21T07:00:00Z, keyCompromise, says the OCSP response");
    answer.reason = HF_REASON_NONE;
    expect(respond(answer, pki->intermediate->key), HF_OK, HF_STATUS_REVOKED,
           "revoked 2026-11-21T07:00:00Z, says the OCSP response");
}

static void test_unknown(void **state)
{
    (void)state;
    expect(staple_that_says(HF_STATUS_UNKNOWN), HF_OK, HF_STATUS_UNKNOWN,
           "the responder does not know the certificate");
}

/* RFC 6960 4.1.1: either hash; responders named by key as well as by name. */
static void test_forms(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        hf_ocsp_answer answer = answer_for(i % 2 ? HF_STATUS_GOOD : HF_STATUS_REVOKED);
        answer.sha256 = i / 2;
        answer.by_key = i % 2;
        assert_error(says(respond(answer, pki->intermediate->key)), HF_OK);
        assert_int_equal(status, answer.status);
    }
}

static void test_every_key_type(void **state)
{
    static const hf_key_type types[] = { HF_KEY_P384, HF_KEY_P521, HF_KEY_ED25519, HF_KEY_RSA,
                                         HF_KEY_RSA_PSS };

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        test_pki *other = test_pki_new(types[i]);
        hf_ocsp_answer answer = answer_for(HF_STATUS_GOOD);
        leaf = other->leaf->cert;
        ca = other->intermediate->cert;
        assert_error(says(respond(answer, other->intermediate->key)), HF_OK);
        assert_int_equal(status, HF_STATUS_GOOD);
        test_pki_free(other);
    }
}

/* By OpenSSL's responder: by a delegate whose certificate is sent along, and by the CA itself. */
static void test_openssl(void **state)
{
    static const char *const leaves[] = { sample_ocsp_leaf_1001, sample_ocsp_leaf_1002 };
    static const char *const responses[] = { sample_ocsp_1001, sample_ocsp_1002 };
    hf_span ca_der = der_of(sample_crl_openssl_ca);

    (void)state;
    query.now = TEST_NOW + TEST_DAY;
    assert_error(hf_cert_parse(&ca, ca_der, NULL), HF_OK);
    for (size_t i = 0; i < 2; i++) {
        hf_span text = hf_span_str(responses[i]), leaf_der = der_of(leaves[i]);
        uint8_t *der = NULL;
        size_t len = 0;
        assert_error(hf_pem_next(&text, "OCSP RESPONSE", &der, &len), HF_OK);
        assert_error(hf_cert_parse(&leaf, leaf_der, NULL), HF_OK);
        /* they are for many years: the one that says revoked counts all the same */
        assert_error(says(hf_span_of(der, len)), i == 0 ? HF_OK : HF_E_OCSP_STALE);
        assert_int_equal(status, i == 0 ? HF_STATUS_REVOKED : HF_STATUS_UNKNOWN);
        hf_ocsp ocsp;
        hf_fault fault;
        units = HF_SIGNATURE_BUDGET;
        assert_error(hf_ocsp_parse(&ocsp, hf_span_of(der, len), &fault), HF_OK);
        assert_error(hf_ocsp_signer(&query, &ocsp, &ca, &units, detail), HF_OK);
        assert_int_equal(units, HF_SIGNATURE_BUDGET - (i == 0 ? 2 : 1));
        hf_free(der);
        hf_free((void *)leaf_der.data);
    }
    hf_free((void *)ca_der.data);
}

/* ---- for whom ---- */

static void test_other_certificate(void **state)
{
    hf_ocsp_answer answer = answer_for(HF_STATUS_GOOD);
    const hf_cert other = pki->client->cert;

    (void)state;
    answer.cert = &other;
    expect(respond(answer, pki->intermediate->key), HF_E_OCSP_OTHER_CERT, HF_STATUS_UNKNOWN,
           "the response is for another certificate");
    assert_int_equal(units, HF_SIGNATURE_BUDGET);
    /* the same serial number, of another CA: by name, by key */
    uint8_t wrong[32] = { 1 };
    hf_span hash = hf_span_of(wrong, 20);
    assert_error(
        says(raw_response((raw_ocsp){ .singles = single((raw_single){ .name_hash = hash }) })),
        HF_E_OCSP_OTHER_CERT);
    assert_error(
        says(raw_response((raw_ocsp){ .singles = single((raw_single){ .key_hash = hash }) })),
        HF_E_OCSP_OTHER_CERT);
    /* SHA-1's hashes under the name of SHA-256, and of what is not known */
    assert_error(
        says(raw_response((raw_ocsp){
            .singles = single((raw_single){ .hash = make_oid("2.16.840.1.101.3.4.2.1") }) })),
        HF_E_OCSP_OTHER_CERT);
    assert_error(says(raw_response(
                     (raw_ocsp){ .singles = single((raw_single){ .hash = make_oid("1.2.3") }) })),
                 HF_E_OCSP_OTHER_CERT);
}

/* SHA-256's hashes count whole and under their own name. */
static void test_other_by_sha256(void **state)
{
    hf_ocsp_hashes h;
    uint8_t wrong[32] = { 1 };

    (void)state;
    assert_error(hf_ocsp_hashes_of(&h, leaf.issuer, &ca), HF_OK);
    for (int i = 0; i < 4; i++) {
        hf_span one =
            single((raw_single){ .hash = make_oid(i == 3 ? "1.2.3" : "2.16.840.1.101.3.4.2.1"),
                                 .name_hash = hf_span_of(i == 1 ? wrong : h.sha256_name, 32),
                                 .key_hash = hf_span_of(i == 2 ? wrong : h.sha256_key, 32) });
        assert_error(says(raw_response((raw_ocsp){ .singles = one })),
                     i == 0 ? HF_OK : HF_E_OCSP_OTHER_CERT);
    }
}

static void test_several(void **state)
{
    hf_span other = single((raw_single){ .serial = other_serial() }),
            good = single((raw_single){ .no_next = false }), revoked = revoked_single();
    const struct {
        hf_span list;
        hf_status expected;
    } rows[] = { { make_join(other, good), HF_STATUS_GOOD },
                 { make_join(good, other), HF_STATUS_GOOD },
                 { make_join(good, revoked), HF_STATUS_REVOKED },
                 { make_join(revoked, good), HF_STATUS_REVOKED },
                 { make_join(other, make_join(other, revoked)), HF_STATUS_REVOKED } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_error(says(raw_response((raw_ocsp){ .singles = rows[i].list })), HF_OK);
        assert_int_equal(status, rows[i].expected);
    }
}

/* ---- when ---- */

static void test_dates(void **state)
{
    hf_span der = staple_that_says(HF_STATUS_GOOD);

    (void)state;
    query.now = TEST_NOW - HOUR - 300; /* clocks may differ by five minutes */
    assert_error(says(der), HF_OK);
    query.now = TEST_NOW + HOUR + 299;
    assert_error(says(der), HF_OK);
    query.now = TEST_NOW + HOUR + 300;
    expect(der, HF_E_OCSP_STALE, HF_STATUS_UNKNOWN,
           "the response's nextUpdate is 2026-11-21T10:00:00Z, now 2026-11-21T10:05:00Z");
    query.now = TEST_NOW - HOUR - 301;
    expect(der, HF_E_OCSP_STALE, HF_STATUS_UNKNOWN,
           "the response's thisUpdate is 2026-11-21T08:00:00Z, now 2026-11-21T07:54:59Z");
    query.now = TEST_NOW;
    hf_ocsp_answer answer = answer_for(HF_STATUS_GOOD);
    answer.next_update = 0;
    expect(respond(answer, pki->intermediate->key), HF_E_OCSP_STALE, HF_STATUS_UNKNOWN,
           "the response has no nextUpdate");
}

/* A responder who asks to be believed for longer than any CA may is not. */
static void test_too_long(void **state)
{
    hf_ocsp_answer answer = answer_for(HF_STATUS_GOOD);

    (void)state;
    answer.this_update = TEST_NOW;
    answer.next_update = TEST_NOW + HF_OCSP_DAYS_MAX * (int64_t)TEST_DAY;
    assert_error(says(respond(answer, pki->intermediate->key)), HF_OK);
    answer.next_update++;
    expect(respond(answer, pki->intermediate->key), HF_E_OCSP_STALE, HF_STATUS_UNKNOWN,
           "the response is for more than 35 days");
}

/* That it is old does not make what was signed untrue, unless it was only a hold. */
static void test_revoked_at_any_time(void **state)
{
    hf_ocsp_answer answer = answer_for(HF_STATUS_REVOKED);
    static const int64_t times[] = { -2 * HOUR, 2 * HOUR, 400 * TEST_DAY };

    (void)state;
    for (size_t i = 0; i < COUNT(times); i++) {
        query.now = TEST_NOW + times[i];
        answer.reason = 1;
        assert_error(says(respond(answer, pki->intermediate->key)), HF_OK);
        assert_int_equal(status, HF_STATUS_REVOKED);
        answer.reason = HF_REASON_HOLD;
        assert_error(says(respond(answer, pki->intermediate->key)), HF_E_OCSP_STALE);
        assert_int_equal(status, HF_STATUS_UNKNOWN);
    }
}

/* ---- by whom ---- */

static void test_delegate(void **state)
{
    hf_cert cert;
    hf_ocsp_answer answer = answer_for(HF_STATUS_REVOKED);

    (void)state;
    expect(by_delegate((delegate_options){ .purpose = NULL }), HF_OK, HF_STATUS_GOOD, "");
    assert_int_equal(units, HF_SIGNATURE_BUDGET - 2);
    expect(by_delegate((delegate_options){ .key_usage = "03020780" }), HF_OK, HF_STATUS_GOOD, "");
    hf_span der = delegate((delegate_options){ .purpose = NULL });
    assert_error(hf_cert_parse(&cert, der, NULL), HF_OK);
    answer.delegate = &cert;
    for (int by_key = 0; by_key < 2; by_key++) {
        answer.by_key = by_key;
        assert_error(says(respond(answer, DELEGATE_KEY)), HF_OK);
        assert_int_equal(status, HF_STATUS_REVOKED);
    }
}

/* RFC 6960 4.2.2.2 */
static void test_delegate_may_not(void **state)
{
    const struct {
        delegate_options options;
        const char *words;
    } rows[] = {
        { { .no_purpose = true }, "the responder's extKeyUsage is without OCSPSigning" },
        { { .purpose = "1.3.6.1.5.5.7.3.1" },
          "the responder's extKeyUsage is without OCSPSigning" },
        { { .purpose = "2.5.29.37.0" }, "the responder's extKeyUsage is without OCSPSigning" },
        { { .not_after = TEST_NOW - 1 }, "the responder's certificate is not valid now" },
        { { .not_before = TEST_NOW + 1 }, "the responder's certificate is not valid now" },
        { { .issuer = root.subject, .signed_by = pki->root->key },
          "the responder's certificate is another CA's" },
        { { .signed_by = pki->root->key },
          "the responder's certificate is not signed with the issuer's key" },
        { { .signed_by = DELEGATE_KEY },
          "the responder's certificate is not signed with the issuer's key" },
        { { .key_usage = "03020106" },
          "the responder's keyUsage is there without digitalSignature" },
        { { .critical = true },
          "the responder's certificate has a critical extension that is not understood" },
        { { .other_name = true }, "the response is neither the issuer's nor a delegate's" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        expect(by_delegate(rows[i].options), HF_E_OCSP_SIGNATURE, HF_STATUS_UNKNOWN, rows[i].words);
}

static void test_not_signed_by_who_may(void **state)
{
    hf_span certificate = delegate((delegate_options){ .purpose = NULL }),
            name = by_name(make_name("CN=delegate"));
    const hf_private_key *stranger = test_key(HF_KEY_P256, 6);

    (void)state;
    expect(raw_response((raw_ocsp){ .key = stranger }), HF_E_OCSP_SIGNATURE, HF_STATUS_UNKNOWN,
           "the response is not signed with the issuer's key");
    expect(raw_response((raw_ocsp){ .responder = name, .certs = certificate, .key = stranger }),
           HF_E_OCSP_SIGNATURE, HF_STATUS_UNKNOWN,
           "the response is not signed with the responder's key");
    /* named, but not sent along */
    expect(raw_response((raw_ocsp){ .responder = name, .key = DELEGATE_KEY }), HF_E_OCSP_SIGNATURE,
           HF_STATUS_UNKNOWN, "the response is neither the issuer's nor a delegate's");
    /* the issuer's name over the delegate's signature */
    assert_error(says(raw_response((raw_ocsp){ .certs = certificate, .key = DELEGATE_KEY })),
                 HF_E_OCSP_SIGNATURE);
    /* the leaf's own word for itself, and the root's, who did not issue it */
    assert_error(
        says(raw_response((raw_ocsp){
            .responder = by_name(leaf.subject), .certs = leaf.der, .key = pki->leaf->key })),
        HF_E_OCSP_SIGNATURE);
    assert_error(
        says(raw_response((raw_ocsp){
            .responder = by_name(root.subject), .certs = root.der, .key = pki->root->key })),
        HF_E_OCSP_SIGNATURE);
}

/* The right delegate is found behind others, but not behind any number of them. */
static void test_many_certificates(void **state)
{
    hf_span good = delegate((delegate_options){ .purpose = NULL }), list = good,
            other = delegate((delegate_options){ .other_name = true }),
            junk = make_hex("30030201 05");

    (void)state;
    for (int n = 0; n < HF_OCSP_CERTS_MAX + 1; n++) {
        hf_error e = says(raw_response((raw_ocsp){
            .responder = by_name(make_name("CN=delegate")), .certs = list, .key = DELEGATE_KEY }));
        assert_error(e, n < HF_OCSP_CERTS_MAX ? HF_OK : HF_E_OCSP_SIGNATURE);
        list = make_join(n % 2 ? other : junk, list);
    }
}

static void test_budget(void **state)
{
    hf_span der = by_delegate((delegate_options){ .purpose = NULL });

    (void)state;
    for (unsigned n = 0; n < 3; n++) {
        units = n;
        hf_error e = hf_ocsp_status(&query, der, &leaf, &ca, &units, &status, detail);
        assert_error(e, n < 2 ? HF_E_CERT_BUDGET : HF_OK);
    }
}

static void test_algorithm_not_allowed(void **state)
{
    static const uint16_t only_ed25519[] = { 0x0807, 0 };

    (void)state;
    query.schemes = only_ed25519;
    assert_error(says(staple_that_says(HF_STATUS_GOOD)), HF_E_OCSP_SIGNATURE);
    assert_int_equal(units, HF_SIGNATURE_BUDGET);
}

/* ---- what a server staples ---- */

static void test_fits(void **state)
{
    hf_ocsp_answer answer = answer_for(HF_STATUS_GOOD);
    hf_span der = respond(answer, pki->intermediate->key);
    int64_t next = 0;
    uint8_t refusal[HF_OCSP_REFUSAL_LEN];

    (void)state;
    assert_error(hf_ocsp_fits(der, &leaf, &ca, TEST_NOW, &next), HF_OK);
    assert_int_equal(next, TEST_NOW + HOUR);
    next = 0;
    assert_error(hf_ocsp_fits(der, &leaf, &ca, TEST_NOW + TEST_DAY, &next), HF_E_OCSP_STALE);
    assert_error(hf_ocsp_fits(der, &leaf, &root, TEST_NOW, &next), HF_E_OCSP_OTHER_CERT);
    assert_error(hf_ocsp_fits(der, &pki->client->cert, &ca, TEST_NOW, &next), HF_E_OCSP_OTHER_CERT);
    assert_error(hf_ocsp_fits(leaf.der, &leaf, &ca, TEST_NOW, &next), HF_E_OCSP_DER);
    hf_ocsp_refusal(3, refusal);
    assert_error(hf_ocsp_fits(hf_span_of(refusal, 5), &leaf, &ca, TEST_NOW, &next),
                 HF_E_OCSP_STATUS);
    assert_int_equal(next, 0);
}

static void test_issue_refuses(void **state)
{
    hf_ocsp_answer answer = answer_for(HF_STATUS_GOOD);
    uint8_t *der = NULL;
    size_t len = 0;

    (void)state;
    assert_error(hf_ocsp_issue(&answer, pki->leaf->key, &der, &len), HF_E_CONFIG_KEY_MISMATCH);
    answer.this_update = INT64_MIN;
    assert_error(hf_ocsp_issue(&answer, pki->intermediate->key, &der, &len), HF_E_MISUSE);
    assert_null(der);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_good),
        TEST(test_revoked),
        TEST(test_unknown),
        TEST(test_forms),
        TEST(test_every_key_type),
        TEST(test_openssl),
        TEST(test_other_certificate),
        TEST(test_other_by_sha256),
        TEST(test_several),
        TEST(test_dates),
        TEST(test_too_long),
        TEST(test_revoked_at_any_time),
        TEST(test_delegate),
        TEST(test_delegate_may_not),
        TEST(test_not_signed_by_who_may),
        TEST(test_many_certificates),
        TEST(test_budget),
        TEST(test_algorithm_not_allowed),
        TEST(test_fits),
        TEST(test_issue_refuses),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
