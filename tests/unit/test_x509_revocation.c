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

    request.next_update = TEST_NOW - HOUR / 2;
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
    request.next_update = TEST_NOW - HOUR / 2;
    give(issue(request, pki->root));
    expect(HF_OK, HF_OK);
    expect_words(HF_OK, 1,
                 "the CRL's nextUpdate is 2026-11-21T08:30:00Z, now 2026-11-21T09:00:00Z");
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
        stale_crl(other_serial()),
        raw((raw_crl){ .entries = raw_entry(leaf.serial, NULL, 0), .key = pki->root->key }),
        raw((raw_crl){ .entries = raw_entry(other_serial(), NULL, 0),
                       WITH_EXTS({ "2.5.29.27", true, make_hex("020101") }) }),
        raw((raw_crl){ .entries = raw_entry(other_serial(), NULL, 0), WITH_EXTS(IDP("8201ff")) }),
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

static hf_span numbered(uint64_t number, hf_span serial, int reason)
{
    hf_crl_entry entry = entry_of(serial, reason);
    hf_crl_request request = fresh(&entry, 1);

    request.number = number;
    return issue(request, pki->intermediate);
}

/* RFC 5280 5.2.3: a newer CRL takes the place of an older one, wherever it stands: it releases what was on hold. */
static void test_newest(void **state)
{
    hf_span old = numbered(255, leaf.serial, HF_REASON_HOLD),
            new = numbered(256, other_serial(), 1), later = numbered(300, leaf.serial, 1);

    (void)state;
    for (int first = 0; first < 2; first++) {
        hf_trust_free(store);
        query.trust = store = hf_trust_new();
        give(first ? new : old);
        give(first ? old : new);
        expect(HF_OK, HF_OK);
        assert_true(units >= HF_SIGNATURE_BUDGET - 2);
    }
    give(later);
    expect(HF_E_CERT_REVOKED, HF_E_CERT_REVOKED);
}

/* A high number replaces nothing as long as the signature is wrong. */
static void test_newest_forged(void **state)
{
    const make_ext number = { "2.5.29.20", false, make_hex("020150") };

    (void)state;
    give(raw((raw_crl){ .no_number = true, .exts = &number, .n_exts = 1, .key = pki->root->key }));
    give(raw((raw_crl){ .entries = raw_entry(leaf.serial, NULL, 0) }));
    expect(HF_E_CERT_REVOKED, HF_E_CERT_REVOKED);
}

static void test_many_old_ones(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 60; i++)
        give(numbered(i, other_serial(), 1));
    expect(HF_OK, HF_OK);
    assert_string_equal(detail, "");
    assert_true(units >= HF_SIGNATURE_BUDGET - 2);
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
    assert_error(hf_revocation_check(&query, alone, 1, &units, &at, detail),
                 HF_E_CERT_STAPLE_MISSING); /* nobody is there who could say so, but it is owed */
    leaf.must_staple = false;
    assert_error(hf_revocation_check(&query, alone, 1, &units, &at, detail),
                 HF_E_CERT_STATUS_UNKNOWN);
    query.revocation = HF_REVOCATION_SOFT;
    assert_error(hf_revocation_check(&query, alone, 1, &units, &at, detail), HF_OK);
    query.revocation = HF_REVOCATION_HARD;
    assert_error(hf_revocation_check(&query, two, 2, &units, &at, detail),
                 HF_E_CERT_STATUS_UNKNOWN);
    give(root_crl(ca.serial));
    assert_error(hf_revocation_check(&query, two, 2, &units, &at, detail), HF_E_CERT_REVOKED);
}

/* Whoever runs out of checks has no answer: soft goes on with a warning, hard does not. */
static void test_budget(void **state)
{
    const hf_cert *path[] = { &leaf, &ca, &root };

    (void)state;
    give(crl_with(other_serial()));
    give(crl_with(leaf.serial));
    for (unsigned n = 0; n < 3; n++) {
        query.revocation = HF_REVOCATION_HARD;
        units = n;
        assert_error(hf_revocation_check(&query, path, 3, &units, &at, detail),
                     n < 2 ? HF_E_CERT_BUDGET : HF_E_CERT_REVOKED);
        query.revocation = HF_REVOCATION_SOFT;
        units = n;
        assert_error(hf_revocation_check(&query, path, 3, &units, &at, detail),
                     n < 2 ? HF_OK : HF_E_CERT_REVOKED);
        if (n == 0)
            assert_string_equal(
                detail, "there are too many signatures of CRLs and OCSP responses to check");
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

/* The intermediate once more, with other usages. */
static hf_span twin(const char *key_usage, const hf_private_key *key)
{
    const make_ext exts[] = { { "2.5.29.19", true, make_hex("30030101ff") },
                              { "2.5.29.15", true, make_hex(key_usage) } };

    return make_cert(&(make_cert_options){ .subject_der = ca.subject,
                                           .issuer_der = root.subject,
                                           .serial = make_hex("77"),
                                           .key = key,
                                           .issuer_key = pki->root->key,
                                           .exts = exts,
                                           .n_exts = 2 });
}

/* A revoked certificate is not saved by a second path, over a twin of its issuer without cRLSign. */
static void test_twin(void **state)
{
    hf_path_result result;
    hf_span without = twin("03020204", pki->intermediate->key);
    hf_span chains[2][3] = { { leaf.der, without, ca.der }, { leaf.der, ca.der, without } };

    (void)state;
    assert_error(hf_trust_add_der(store, root.der), HF_OK);
    query.n_chain = 3;
    for (int i = 0; i < 2; i++) {
        query.chain = chains[i];
        query.revocation = HF_REVOCATION_SOFT;
        assert_error(hf_path_verify(&query, &result), HF_OK); /* the twin is a good CA */
    }
    give(crl_with(leaf.serial));
    for (int i = 0; i < 4; i++) {
        query.chain = chains[i % 2];
        query.revocation = i < 2 ? HF_REVOCATION_SOFT : HF_REVOCATION_HARD;
        assert_error(hf_path_verify(&query, &result), HF_E_CERT_REVOKED);
        assert_int_equal(result.at, 0);
        assert_string_equal(result.detail,
                            "revoked 2026-11-21T07:00:00Z, keyCompromise, says its issuer's CRL");
    }
}

/* A CA certificate that is revoked is on no path, over whichever twin of its issuer; another one of that CA is not touched. */
static void test_revoked_on_every_path(void **state)
{
    hf_path_result result;
    hf_span chain[] = { leaf.der, ca.der, twin("03020106", pki->intermediate->key) };

    (void)state;
    assert_error(hf_trust_add_der(store, root.der), HF_OK);
    query.chain = chain;
    query.n_chain = 3;
    give(root_crl(ca.serial));
    assert_error(hf_path_verify(&query, &result), HF_OK);
    assert_true(hf_span_equal(result.path[1], chain[2]));
    const make_ext exts[] = { { "2.5.29.19", true, make_hex("30030101ff") },
                              { "2.5.29.15", true, make_hex("03020204") } };
    assert_error(
        hf_trust_add_der(store, make_cert(&(make_cert_options){ .subject_der = root.subject,
                                                                .issuer_der = root.subject,
                                                                .serial = make_hex("78"),
                                                                .key = pki->root->key,
                                                                .issuer_key = pki->root->key,
                                                                .exts = exts,
                                                                .n_exts = 2 })),
        HF_OK);
    query.n_chain = 2;
    assert_error(hf_path_verify(&query, &result), HF_E_CERT_REVOKED);
    assert_int_equal(result.at, 1);
}

static hf_error trusted_leaf(hf_span issuer, uint8_t mode)
{
    hf_path_result result;
    hf_span chain[] = { leaf.der, issuer };

    query.chain = chain;
    query.n_chain = issuer.len > 0 ? 2 : 1;
    query.revocation = mode;
    return hf_path_verify(&query, &result);
}

/* That a leaf is in the store itself does not make it immune. */
static void test_trusted_leaf(void **state)
{
    hf_span none = { NULL, 0 }, stranger = twin("03020106", pki->client->key);

    (void)state;
    assert_error(hf_trust_add_der(store, leaf.der), HF_OK);
    assert_error(trusted_leaf(none, HF_REVOCATION_SOFT), HF_OK);
    assert_error(trusted_leaf(none, HF_REVOCATION_HARD), HF_E_CERT_STATUS_UNKNOWN);
    assert_error(trusted_leaf(ca.der, HF_REVOCATION_HARD), HF_E_CERT_STATUS_UNKNOWN);
    give(numbered(1, other_serial(), 1));
    assert_error(trusted_leaf(ca.der, HF_REVOCATION_HARD), HF_OK);
    assert_error(trusted_leaf(none, HF_REVOCATION_HARD), HF_E_CERT_STATUS_UNKNOWN);
    assert_error(trusted_leaf(stranger, HF_REVOCATION_HARD), HF_E_CERT_STATUS_UNKNOWN);
    give(numbered(2, leaf.serial, 1));
    assert_error(trusted_leaf(ca.der, HF_REVOCATION_SOFT), HF_E_CERT_REVOKED);
    assert_error(hf_trust_add_der(store, ca.der), HF_OK); /* the issuer may be in the store, too */
    assert_error(trusted_leaf(none, HF_REVOCATION_SOFT), HF_E_CERT_REVOKED);
}

/* RFC 6960 4.2.2.2.1: a delegate who does not say that nobody need ask is asked about. */
static void test_revoked_delegate(void **state)
{
    const make_ext exts[] = { { "2.5.29.37", false, make_hex("300a06082b06010505070309") },
                              { "1.3.6.1.5.5.7.48.1.5", false, make_hex("0500") } };

    (void)state;
    give(crl_with(make_hex("4321")));
    for (size_t nocheck = 0; nocheck < 2; nocheck++) {
        hf_cert delegate =
            make_parsed(&(make_cert_options){ .subject = "CN=delegate",
                                              .issuer_der = ca.subject,
                                              .serial = make_hex("4321"),
                                              .key = test_key(HF_KEY_P256, TEST_KEY_OTHER),
                                              .issuer_key = pki->intermediate->key,
                                              .exts = exts,
                                              .n_exts = 1 + nocheck });
        hf_ocsp_answer answer = answer_for(HF_STATUS_GOOD);
        answer.delegate = &delegate;
        hf_span response = respond(answer, test_key(HF_KEY_P256, TEST_KEY_OTHER));
        assert_error(hf_ocsp_status(&query, response, &leaf, &ca, &units, &status, detail),
                     nocheck ? HF_OK : HF_E_OCSP_SIGNATURE);
        assert_string_equal(detail, nocheck ? "" : "the responder's certificate is revoked");
    }
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
        STORE_TEST(test_newest),
        STORE_TEST(test_newest_forged),
        STORE_TEST(test_many_old_ones),
        STORE_TEST(test_staple),
        STORE_TEST(test_staple_and_crl),
        STORE_TEST(test_bad_staples),
        STORE_TEST(test_must_staple),
        STORE_TEST(test_staple_for_the_ca),
        STORE_TEST(test_short_paths),
        STORE_TEST(test_budget),
        STORE_TEST(test_path),
        STORE_TEST(test_twin),
        STORE_TEST(test_revoked_on_every_path),
        STORE_TEST(test_trusted_leaf),
        STORE_TEST(test_revoked_delegate),
        STORE_TEST(test_store),
        STORE_TEST(test_store_refuses),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
