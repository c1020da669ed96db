/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The status of a whole path: from a staple and from the CRLs of a trust store, soft and hard, with
 * and without must-staple (RFC 7633); and how CRLs get into a store.
 */
#include "revocation_support.h"

#include "x509/trust.h"
#include "x509_crl_samples.h"

static hf_trust *store;
static size_t at;

static int start(void **state)
{
    begin(state);
    store = hf_trust_new();
    assert_non_null(store);
    query.trust = store;
    return 0;
}

static int stop(void **state)
{
    hf_trust_free(store);
    return end(state);
}

static void give(hf_span crl)
{
    assert_error(hf_trust_add_crls(store, crl), HF_OK);
}

static hf_error check(void)
{
    const hf_cert *path[] = { &leaf, &ca, &root };

    at = 99;
    units = HF_SIGNATURE_BUDGET;
    memset(detail, 'x', sizeof detail);
    return hf_revocation_check(&query, path, 3, &units, &at, detail);
}

/* In both modes. */
static void expect(hf_error soft, hf_error hard)
{
    query.revocation = HF_REVOCATION_SOFT;
    assert_error(check(), soft);
    query.revocation = HF_REVOCATION_HARD;
    assert_error(check(), hard);
}

static void expect_words(hf_error e, size_t where, const char *words)
{
    assert_error(check(), e);
    assert_int_equal(at, where);
    assert_string_equal(detail, words);
}

static hf_span root_crl(hf_span serial)
{
    hf_crl_entry entry = entry_of(serial, 2);

    return issue(fresh(&entry, 1), pki->root);
}

static hf_span stale_crl(hf_span serial)
{
    hf_crl_entry entry = entry_of(serial, 1);
    hf_crl_request request = fresh(&entry, 1);

    request.next_update = TEST_NOW - 1;
    return issue(request, pki->intermediate);
}

/* ---- by CRLs ---- */

static void test_nothing(void **state)
{
    (void)state;
    expect(HF_OK, HF_E_CERT_STATUS_UNKNOWN);
    expect_words(HF_E_CERT_STATUS_UNKNOWN, 0, "there is neither a staple nor a CRL of its issuer");
    query.revocation = HF_REVOCATION_SOFT;
    expect_words(HF_OK, 0, "");
}

static void test_good(void **state)
{
    (void)state;
    give(crl_with(other_serial()));
    expect(HF_OK, HF_OK);
    expect_words(HF_OK, 0, "");
    assert_int_equal(units, HF_SIGNATURE_BUDGET - 1);
}

static void test_revoked(void **state)
{
    (void)state;
    give(crl_with(leaf.serial));
    expect(HF_E_CERT_REVOKED, HF_E_CERT_REVOKED);
    expect_words(HF_E_CERT_REVOKED, 0,
                 "revoked 2026-11-21T07:00:00Z, keyCompromise, says its issuer's CRL");
}

static void test_intermediate_revoked(void **state)
{
    (void)state;
    give(crl_with(other_serial()));
    give(root_crl(ca.serial));
    expect(HF_E_CERT_REVOKED, HF_E_CERT_REVOKED);
    expect_words(HF_E_CERT_REVOKED, 1,
                 "revoked 2026-11-21T07:00:00Z, cACompromise, says its issuer's CRL");
}

/* A revoked CA is told before what the leaf lacks. */
static void test_intermediate_revoked_leaf_unknown(void **state)
{
    (void)state;
    leaf.must_staple = true;
    give(root_crl(ca.serial));
    expect(HF_E_CERT_REVOKED, HF_E_CERT_REVOKED);
    assert_int_equal(at, 1);
}

/* Hard asks about the leaf: nothing need be known about the CAs. */
static void test_intermediate_unknown(void **state)
{
    hf_crl_request request = fresh(NULL, 0);

    (void)state;
    give(crl_with(other_serial()));
    request.next_update = TEST_NOW - 1;
    give(issue(request, pki->root));
    expect(HF_OK, HF_OK);
    expect_words(HF_OK, 1,
                 "the CRL's nextUpdate is 2026-11-21T08:59:59Z, now 2026-11-21T09:00:00Z");
}

/* An anchor is trusted because somebody says so; whose list it is on does not matter. */
static void test_anchor_not_asked(void **state)
{
    (void)state;
    give(crl_with(other_serial()));
    give(root_crl(root.serial));
    expect(HF_OK, HF_OK);
}

static void test_same_serial_elsewhere(void **state)
{
    (void)state;
    give(root_crl(leaf.serial));
    expect(HF_OK, HF_E_CERT_STATUS_UNKNOWN);
    give(crl_with(other_serial()));
    expect(HF_OK, HF_OK);
}

/* What cannot be used is as if it were not there: a warning when soft, not enough when hard. */
static void test_unusable(void **state)
{
    hf_span crls[] = {
        stale_crl(leaf.serial),
        raw((raw_crl){ .entries = raw_entry(leaf.serial, NULL, 0), .key = pki->root->key }),
        raw((raw_crl){ .entries = raw_entry(leaf.serial, NULL, 0),
                       WITH_EXTS({ "2.5.29.27", true, make_hex("020101") }) }),
        raw((raw_crl){ .entries = raw_entry(leaf.serial, NULL, 0), WITH_EXTS(IDP("8201ff")) }),
        raw((raw_crl){ .entries = make_hex("3000") })
    };

    (void)state;
    for (size_t i = 0; i < COUNT(crls); i++) {
        hf_trust_free(store);
        query.trust = store = hf_trust_new();
        give(crls[i]);
        expect(HF_OK, HF_E_CERT_STATUS_UNKNOWN);
        query.revocation = HF_REVOCATION_SOFT;
        assert_error(check(), HF_OK);
        assert_true(detail[0] != '\0' && at == 0); /* the warning */
        give(crl_with(other_serial()));            /* and a good one beside it settles the matter */
        expect(HF_OK, HF_OK);
        assert_string_equal(detail, "");
    }
}

static void test_issuer_may_not_sign_crls(void **state)
{
    (void)state;
    give(crl_with(other_serial()));
    ca.key_usage = HF_KU_KEY_CERT_SIGN;
    expect(HF_OK, HF_E_CERT_STATUS_UNKNOWN);
    expect_words(HF_E_CERT_STATUS_UNKNOWN, 0, "the issuer's keyUsage is there without cRLSign");
}

/* Several CRLs of one issuer: one that says revoked is enough, wherever it stands. */
static void test_several(void **state)
{
    hf_span revoked = crl_with(leaf.serial), good = crl_with(other_serial()),
            stale = stale_crl(other_serial());
    const struct {
        hf_span crls[3];
        hf_error expected;
    } rows[] = { { { good, revoked, stale }, HF_E_CERT_REVOKED },
                 { { revoked, good, stale }, HF_E_CERT_REVOKED },
                 { { stale, good, revoked }, HF_E_CERT_REVOKED },
                 { { stale, good, good }, HF_OK },
                 { { good, stale, stale }, HF_OK },
                 { { stale, stale, stale }, HF_E_CERT_STATUS_UNKNOWN } };

    (void)state;
    query.revocation = HF_REVOCATION_HARD;
    for (size_t i = 0; i < COUNT(rows); i++) {
        hf_trust_free(store);
        query.trust = store = hf_trust_new();
        for (size_t k = 0; k < 3; k++)
            give(rows[i].crls[k]);
        assert_error(check(), rows[i].expected);
    }
}

/* ---- by staples ---- */

static void test_staple(void **state)
{
    (void)state;
    query.staple = staple_that_says(HF_STATUS_GOOD);
    expect(HF_OK, HF_OK);
    query.staple = staple_that_says(HF_STATUS_REVOKED);
    expect(HF_E_CERT_REVOKED, HF_E_CERT_REVOKED);
    expect_words(HF_E_CERT_REVOKED, 0,
                 "revoked 2026-11-21T07:00:00Z, keyCompromise, says the OCSP response");
    query.staple = staple_that_says(HF_STATUS_UNKNOWN);
    expect(HF_OK, HF_E_CERT_STATUS_UNKNOWN);
    expect_words(HF_E_CERT_STATUS_UNKNOWN, 0, "the responder does not know the certificate");
}

/* Either source may say revoked, whatever the other one says. */
static void test_staple_and_crl(void **state)
{
    (void)state;
    query.staple = staple_that_says(HF_STATUS_GOOD);
    give(crl_with(leaf.serial));
    expect(HF_E_CERT_REVOKED, HF_E_CERT_REVOKED);
    hf_trust_free(store);
    query.trust = store = hf_trust_new();
    give(crl_with(other_serial()));
    query.staple = staple_that_says(HF_STATUS_REVOKED);
    expect(HF_E_CERT_REVOKED, HF_E_CERT_REVOKED);
    query.staple = staple_that_says(HF_STATUS_UNKNOWN); /* the CRL knows */
    expect(HF_OK, HF_OK);
}

static void test_bad_staples(void **state)
{
    hf_ocsp_answer other = answer_for(HF_STATUS_GOOD), stale = answer_for(HF_STATUS_GOOD);

    (void)state;
    other.cert = &pki->client->cert;
    stale.next_update = TEST_NOW - HOUR;
    const hf_span staples[] = { respond(other, pki->intermediate->key),
                                respond(stale, pki->intermediate->key), make_hex("30030a0103"),
                                make_hex("3000"), leaf.der };
    for (size_t i = 0; i < COUNT(staples); i++) {
        query.staple = staples[i];
        leaf.must_staple = false;
        expect(HF_OK, HF_E_CERT_STATUS_UNKNOWN);
        leaf.must_staple = true;
        expect(HF_E_CERT_STAPLE_MISSING, HF_E_CERT_STAPLE_MISSING);
        assert_true(detail[0] != '\0' && strcmp(detail, "no staple came") != 0);
    }
}

/* RFC 7633 4.2.3: the staple itself must say good; a CRL is no substitute. */
static void test_must_staple(void **state)
{
    (void)state;
    leaf.must_staple = true;
    expect(HF_E_CERT_STAPLE_MISSING, HF_E_CERT_STAPLE_MISSING);
    expect_words(HF_E_CERT_STAPLE_MISSING, 0, "no staple came");
    query.staple = staple_that_says(HF_STATUS_GOOD);
    expect(HF_OK, HF_OK);
    query.staple = staple_that_says(HF_STATUS_REVOKED);
    expect(HF_E_CERT_REVOKED, HF_E_CERT_REVOKED);
    query.staple = staple_that_says(HF_STATUS_UNKNOWN);
    expect(HF_E_CERT_STAPLE_MISSING, HF_E_CERT_STAPLE_MISSING);
    query.staple = hf_span_of(NULL, 0);
    give(crl_with(other_serial()));
    expect(HF_E_CERT_STAPLE_MISSING, HF_E_CERT_STAPLE_MISSING);
    query.purpose = HF_EKU_CLIENT_AUTH; /* clients are not asked for staples */
    expect(HF_OK, HF_OK);
}

/* A staple is for the leaf: it says nothing about the CA that issued it. */
static void test_staple_for_the_ca(void **state)
{
    hf_ocsp_answer answer = answer_for(HF_STATUS_REVOKED);

    (void)state;
    answer.cert = &ca;
    answer.issuer = &root;
    query.staple = respond(answer, pki->root->key);
    expect(HF_OK, HF_E_CERT_STATUS_UNKNOWN);
}

/* ---- odd paths, and limits ---- */

static void test_short_paths(void **state)
{
    const hf_cert *alone[] = { &leaf }, *two[] = { &ca, &root };

    (void)state;
    query.revocation = HF_REVOCATION_HARD;
    leaf.must_staple = true;
    assert_error(hf_revocation_check(&query, alone, 1, &units, &at, detail), HF_OK);
    assert_error(hf_revocation_check(&query, two, 2, &units, &at, detail),
                 HF_E_CERT_STATUS_UNKNOWN);
    give(root_crl(ca.serial));
    assert_error(hf_revocation_check(&query, two, 2, &units, &at, detail), HF_E_CERT_REVOKED);
}

/* Whoever runs out of checks has not learned that nothing is revoked: soft fails, too. */
static void test_budget(void **state)
{
    const hf_cert *path[] = { &leaf, &ca, &root };

    (void)state;
    give(crl_with(other_serial()));
    give(crl_with(leaf.serial));
    for (unsigned n = 0; n < 3; n++) {
        units = n;
        assert_error(hf_revocation_check(&query, path, 3, &units, &at, detail),
                     n < 2 ? HF_E_CERT_BUDGET : HF_E_CERT_REVOKED);
    }
}

/* ---- through the validator ---- */

static void test_path(void **state)
{
    hf_path_result result;

    (void)state;
    assert_error(hf_trust_add_der(store, root.der), HF_OK);
    give(crl_with(other_serial()));
    query.revocation = HF_REVOCATION_HARD;
    assert_error(hf_path_verify(&query, &result), HF_OK);
    give(root_crl(ca.serial));
    assert_error(hf_path_verify(&query, &result), HF_E_CERT_REVOKED);
    assert_int_equal(result.at, 1);
    assert_string_equal(result.detail,
                        "revoked 2026-11-21T07:00:00Z, cACompromise, says its issuer's CRL");
    query.revocation = HF_REVOCATION_SOFT;
    assert_error(hf_path_verify(&query, &result), HF_E_CERT_REVOKED);
}

/* ---- CRLs in a store ---- */

static size_t count(hf_span issuer)
{
    size_t n = 0;

    for (size_t next = 0; hf_trust_crl(store, issuer, &next) != NULL;)
        n++;
    return n;
}

static hf_span pem_of(hf_span der)
{
    uint8_t *pem = NULL;
    size_t len = 0;

    assert_error(hf_pem_write("X509 CRL", der, &pem, &len), HF_OK);
    return keep(pem, len);
}

static void test_store(void **state)
{
    hf_span a = crl_with(leaf.serial), b = crl_with(other_serial()), c = root_crl(ca.serial);
    hf_span text = make_join(make_bytes("0 words\n", 8),
                             make_join(pem_of(a), make_join(pem_of(c), pem_of(a))));

    (void)state;
    assert_int_equal(count(ca.subject), 0);
    give(b);
    give(b); /* the same again is one */
    assert_int_equal(count(ca.subject), 1);
    give(text);
    assert_int_equal(count(ca.subject), 2);
    assert_int_equal(count(root.subject), 1);
    assert_int_equal(count(leaf.subject), 0);
    give(hf_span_str(sample_crl_openssl));
    for (unsigned i = 0; i < 20; i++) { /* the array grows; what was found stays where it points */
        hf_crl_request request = fresh(NULL, 0);
        request.number = 100 + i;
        give(issue(request, pki->root));
    }
    assert_int_equal(count(root.subject), 21);
    expect(HF_E_CERT_REVOKED, HF_E_CERT_REVOKED);
}

static void test_store_refuses(void **state)
{
    hf_span good = crl_with(leaf.serial), malformed = raw((raw_crl){ .no_number = true }),
            cut = pem_of(good);

    (void)state;
    assert_error(hf_trust_add_crls(store, malformed), HF_E_CRL_DER);
    assert_error(hf_trust_add_crls(store, hf_span_of(good.data, good.len - 1)), HF_E_CRL_DER);
    assert_error(hf_trust_add_crls(store, make_join(pem_of(malformed), pem_of(good))),
                 HF_E_CRL_DER);
    assert_error(hf_trust_add_crls(store, hf_span_of(NULL, 0)), HF_E_CONFIG_PEM);
    assert_error(hf_trust_add_crls(store, hf_span_of(good.data, 1)), HF_E_CONFIG_PEM);
    assert_error(hf_trust_add_crls(store, hf_span_str("no CRL here")), HF_E_CONFIG_PEM);
    assert_error(hf_trust_add_crls(store, hf_span_str(sample_crl_openssl_ca)), HF_E_CONFIG_PEM);
    assert_error(hf_trust_add_crls(store, hf_span_of(cut.data, cut.len - 20)), HF_E_CONFIG_PEM);
    assert_int_equal(count(ca.subject), 0);
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(test_nothing),
        STORE_TEST(test_good),
        STORE_TEST(test_revoked),
        STORE_TEST(test_intermediate_revoked),
        STORE_TEST(test_intermediate_revoked_leaf_unknown),
        STORE_TEST(test_intermediate_unknown),
        STORE_TEST(test_anchor_not_asked),
        STORE_TEST(test_same_serial_elsewhere),
        STORE_TEST(test_unusable),
        STORE_TEST(test_issuer_may_not_sign_crls),
        STORE_TEST(test_several),
        STORE_TEST(test_staple),
        STORE_TEST(test_staple_and_crl),
        STORE_TEST(test_bad_staples),
        STORE_TEST(test_must_staple),
        STORE_TEST(test_staple_for_the_ca),
        STORE_TEST(test_short_paths),
        STORE_TEST(test_budget),
        STORE_TEST(test_path),
        STORE_TEST(test_store),
        STORE_TEST(test_store_refuses),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
