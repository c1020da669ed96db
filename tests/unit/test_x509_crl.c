/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * CRLs: what one says about one certificate and when it is no answer (RFC 5280 6.3), and what the
 * library itself issues. Extensions, and what does not parse, are in test_x509_crl_form.c.
 */
#include "revocation_support.h"

#include "x509_crl_samples.h"

/* ---- what is issued ---- */

static void test_round_trip(void **state)
{
    hf_crl_entry entries[] = { entry_of(make_hex("01"), HF_REASON_NONE),
                               entry_of(make_hex("00ff"), 4) },
                 entry;
    hf_crl_request request = fresh(entries, 2);
    hf_crl crl;
    hf_fault fault;

    (void)state;
    request.only_users = true;
    request.point = "http://crl.test/a.crl";
    request.number = 0x80;
    assert_error(hf_crl_parse(&crl, issue(request, pki->intermediate), &fault), HF_OK);
    assert_true(hf_span_equal(crl.issuer, ca.subject));
    assert_true(hf_span_equal(crl.aki, ca.ski));
    assert_int_equal(crl.this_update, request.this_update);
    assert_int_equal(crl.next_update, request.next_update);
    assert_true(hf_span_equal(crl.number, make_hex("80")));
    assert_true(crl.only_users && !crl.only_cas && !crl.only_attributes && !crl.indirect);
    assert_false(crl.delta || crl.only_some_reasons || crl.unknown_critical);
    hf_reader r = hf_status_start(crl.revoked, "entries", &fault);
    for (size_t i = 0; i < 2; i++) {
        assert_true(hf_crl_next(&r, &entry));
        assert_true(hf_span_equal(entry.serial, entries[i].serial));
        assert_int_equal(entry.date, entries[i].date);
        assert_int_equal(entry.reason, entries[i].reason);
        assert_false(entry.unknown_critical);
    }
    assert_false(hf_crl_next(&r, &entry));
    assert_error(fault.code, HF_OK);
}

static void test_numbers(void **state)
{
    static const struct {
        uint64_t number;
        const char *hex;
    } rows[] = { { 0, "00" },   { 1, "01" },     { 127, "7f" },
                 { 128, "80" }, { 256, "0100" }, { UINT64_MAX, "ffffffffffffffff" } };
    hf_crl crl;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        hf_crl_request request = fresh(NULL, 0);
        request.number = rows[i].number;
        assert_error(hf_crl_parse(&crl, issue(request, pki->intermediate), NULL), HF_OK);
        assert_true(hf_span_equal(crl.number, make_hex(rows[i].hex)));
        assert_int_equal(crl.revoked.len, 0);
    }
}

static void test_every_key_type(void **state)
{
    static const hf_key_type types[] = { HF_KEY_P256,    HF_KEY_P384, HF_KEY_P521,
                                         HF_KEY_ED25519, HF_KEY_RSA,  HF_KEY_RSA_PSS };

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        test_pki *other = test_pki_new(types[i]);
        hf_crl_entry entry = entry_of(other->leaf->cert.serial, HF_REASON_NONE);
        hf_crl crl;
        assert_error(hf_crl_parse(&crl, issue(fresh(&entry, 1), other->intermediate), NULL), HF_OK);
        assert_error(hf_crl_status(&query, &crl, &other->leaf->cert, &other->intermediate->cert,
                                   &units, &status, detail),
                     HF_OK);
        assert_int_equal(status, HF_STATUS_REVOKED);
        assert_string_equal(detail, "revoked 2026-11-21T07:00:00Z, says its issuer's CRL");
        test_pki_free(other);
    }
}

static void test_issue_refuses(void **state)
{
    hf_crl_entry bad[] = { entry_of(make_bytes("", 0), 1), entry_of(leaf.serial, 7),
                           entry_of(leaf.serial, 11),
                           entry_of(make_hex("010203040506070809101112131415161718192021"), 1) };
    uint8_t *der = NULL;
    size_t len = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        hf_crl_request request = fresh(&bad[i], 1);
        assert_error(hf_crl_issue(&request, &ca, pki->intermediate->key, &der, &len), HF_E_MISUSE);
    }
    hf_crl_request request = fresh(NULL, 0);
    assert_error(hf_crl_issue(&request, &ca, pki->root->key, &der, &len), HF_E_CONFIG_KEY_MISMATCH);
    request.n = HF_CRL_ENTRIES_MAX + 1;
    assert_error(hf_crl_issue(&request, &ca, pki->intermediate->key, &der, &len), HF_E_LIMIT);
    request = fresh(NULL, 0);
    request.this_update = INT64_MAX;
    assert_error(hf_crl_issue(&request, &ca, pki->intermediate->key, &der, &len), HF_E_MISUSE);
    assert_null(der);
}

/* Made by OpenSSL: with and without entries, a reason, an invalidityDate; and its own opinion of the signature. */
static void test_openssl(void **state)
{
    hf_span text = hf_span_str(sample_crl_openssl), ca_der = der_of(sample_crl_openssl_ca);
    uint8_t *der = NULL;
    size_t len = 0;
    hf_crl crl;
    hf_cert issuer, subject;

    (void)state;
    assert_error(hf_pem_next(&text, "X509 CRL", &der, &len), HF_OK);
    assert_error(hf_crl_parse(&crl, hf_span_of(der, len), NULL), HF_OK);
    assert_error(hf_cert_parse(&issuer, ca_der, NULL), HF_OK);
    query.now = TEST_NOW + TEST_DAY;
    subject = leaf;
    subject.issuer = issuer.subject;
    for (unsigned serial = 0x1000; serial < 0x1005; serial++) {
        uint8_t number[2] = { (uint8_t)(serial >> 8), (uint8_t)serial };
        subject.serial = hf_span_of(number, 2);
        assert_error(hf_crl_status(&query, &crl, &subject, &issuer, &units, &status, detail),
                     HF_OK);
        assert_int_equal(status,
                         serial == 0x1001 || serial == 0x1003 ? HF_STATUS_REVOKED : HF_STATUS_GOOD);
    }
    hf_free(der);
    hf_free((void *)ca_der.data);
}

/* ---- answers ---- */

static void test_good(void **state)
{
    (void)state;
    expect_crl(crl_with(other_serial()), HF_OK, HF_STATUS_GOOD, "");
    expect_crl(issue(fresh(NULL, 0), pki->intermediate), HF_OK, HF_STATUS_GOOD, "");
    assert_int_equal(units, HF_SIGNATURE_BUDGET - 1);
}

static void test_revoked(void **state)
{
    (void)state;
    expect_crl(crl_with(leaf.serial), HF_OK, HF_STATUS_REVOKED,
               "revoked 2026-11-21T07:00:00Z, keyCompromise, says its issuer's CRL");
}

/* RFC 5280 5.3.1: each reason but removeFromCRL, whether or not it is for ever (certificateHold). */
static void test_every_reason(void **state)
{
    (void)state;
    for (int reason = HF_REASON_NONE; reason <= HF_REASON_MAX; reason++) {
        if (reason >= 0 && !hf_crl_reason_name(reason))
            continue;
        hf_crl_entry entry = entry_of(leaf.serial, reason);
        assert_error(crl_says(issue(fresh(&entry, 1), pki->intermediate)), HF_OK);
        assert_int_equal(status,
                         reason == HF_REASON_REMOVE_FROM_CRL ? HF_STATUS_GOOD : HF_STATUS_REVOKED);
    }
    assert_null(hf_crl_reason_name(7));
    assert_null(hf_crl_reason_name(-1));
    assert_null(hf_crl_reason_name(11));
}

/* RFC 5280 6.3.3 (k): removeFromCRL says nothing; another entry still does, before it or after. */
static void test_remove_and_revoke(void **state)
{
    hf_crl_entry entries[2] = { entry_of(leaf.serial, HF_REASON_REMOVE_FROM_CRL),
                                entry_of(leaf.serial, 1) };

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_error(crl_says(issue(fresh(entries, 2), pki->intermediate)), HF_OK);
        assert_int_equal(status, HF_STATUS_REVOKED);
        hf_crl_entry first = entries[0];
        entries[0] = entries[1], entries[1] = first;
    }
}

/* A serial number is compared whole: neither a part of it nor with octets before it. */
static void test_serials_like_it(void **state)
{
    hf_span s = leaf.serial;
    uint8_t longer[24] = { 1 };
    hf_crl_entry entries[3];

    (void)state;
    memcpy(longer + 1, s.data, s.len);
    entries[0] = entry_of(hf_span_of(longer, s.len + 1), 1);
    entries[1] = entry_of(hf_span_of(s.data, s.len - 1), 1);
    memcpy(longer + 1, s.data, s.len);
    longer[s.len] ^= 1;
    entries[2] = entry_of(make_bytes(longer + 1, s.len), 1);
    assert_error(crl_says(issue(fresh(entries, 3), pki->intermediate)), HF_OK);
    assert_int_equal(status, HF_STATUS_GOOD);
}

static void test_many_entries(void **state)
{
    enum { N = 2000 };
    static uint8_t serials[N][4];
    static hf_crl_entry entries[N];

    (void)state;
    for (unsigned i = 0; i < N; i++) {
        memcpy(serials[i], (uint8_t[4]){ 0x40, 0, (uint8_t)(i >> 8), (uint8_t)i }, 4);
        entries[i] = entry_of(hf_span_of(serials[i], 4), (int)(i % 3));
    }
    hf_span der = issue(fresh(entries, N), pki->intermediate);
    for (unsigned i = 0; i < N; i += N - 1) {
        leaf.serial = entries[i].serial;
        assert_error(crl_says(der), HF_OK);
        assert_int_equal(status, HF_STATUS_REVOKED);
    }
    leaf.serial = pki->leaf->cert.serial;
    assert_error(crl_says(der), HF_OK);
    assert_int_equal(status, HF_STATUS_GOOD);
}

/* ---- of when ---- */

static void test_dates(void **state)
{
    hf_span der = crl_with(other_serial());

    (void)state;
    query.now = TEST_NOW - HOUR - 300; /* clocks may differ by five minutes */
    assert_error(crl_says(der), HF_OK);
    query.now = TEST_NOW + HOUR + 299;
    assert_error(crl_says(der), HF_OK);
    units = HF_SIGNATURE_BUDGET;
    query.now = TEST_NOW + HOUR + 300;
    expect_crl(der, HF_E_CRL_STALE, HF_STATUS_UNKNOWN,
               "the CRL's nextUpdate is 2026-11-21T10:00:00Z, now 2026-11-21T10:05:00Z");
    query.now = TEST_NOW - HOUR - 301;
    expect_crl(der, HF_E_CRL_STALE, HF_STATUS_UNKNOWN,
               "the CRL's thisUpdate is 2026-11-21T08:00:00Z, now 2026-11-21T07:54:59Z");
    assert_int_equal(units, HF_SIGNATURE_BUDGET); /* nothing was spent on it */
}

/* Whoever was revoked stays so: the age of signed evidence does not matter. A hold may have been released since. */
static void test_revoked_at_any_time(void **state)
{
    static const int64_t times[] = { -2 * HOUR, HOUR + 300, 400 * TEST_DAY };

    (void)state;
    for (size_t i = 0; i < COUNT(times); i++) {
        query.now = TEST_NOW + times[i];
        expect_crl(crl_with(leaf.serial), HF_OK, HF_STATUS_REVOKED,
                   "revoked 2026-11-21T07:00:00Z, keyCompromise, says its issuer's CRL");
        hf_crl_entry hold[] = { entry_of(leaf.serial, HF_REASON_HOLD), entry_of(leaf.serial, 1) };
        assert_error(crl_says(issue(fresh(hold, 1), pki->intermediate)), HF_E_CRL_STALE);
        assert_int_equal(status, HF_STATUS_UNKNOWN);
        assert_error(crl_says(issue(fresh(hold, 2), pki->intermediate)), HF_OK);
        assert_int_equal(status, HF_STATUS_REVOKED);
        hold[0].reason = HF_REASON_REMOVE_FROM_CRL;
        assert_error(crl_says(issue(fresh(hold, 1), pki->intermediate)), HF_E_CRL_STALE);
    }
    assert_error(
        crl_says(raw((raw_crl){ .next_update = -1, .entries = raw_entry(leaf.serial, NULL, 0) })),
        HF_OK);
    assert_int_equal(status, HF_STATUS_REVOKED);
    query.now = TEST_NOW + 2 * HOUR; /* but somebody else's word is none at any time */
    assert_error(crl_says(raw((raw_crl){ .entries = raw_entry(leaf.serial, NULL, 0),
                                         .key = pki->root->key })),
                 HF_E_CRL_SIGNATURE);
}

static void test_no_next_update(void **state)
{
    (void)state;
    expect_crl(raw((raw_crl){ .next_update = -1 }), HF_E_CRL_STALE, HF_STATUS_UNKNOWN,
               "the CRL has no nextUpdate");
}

/* RFC 5280 5.1.2.4: GeneralizedTime from 2050 on. */
static void test_far_dates(void **state)
{
    hf_crl_request request = fresh(NULL, 0);

    (void)state;
    request.next_update = INT64_C(31536000) * 300;
    assert_error(crl_says(issue(request, pki->intermediate)), HF_OK);
    assert_int_equal(status, HF_STATUS_GOOD);
}

/* ---- of whom ---- */

static void test_other_issuer(void **state)
{
    hf_crl_entry entry = entry_of(leaf.serial, 1);

    (void)state;
    /* the same serial number is another certificate's there */
    expect_crl(issue(fresh(&entry, 1), pki->root), HF_E_CRL_SCOPE, HF_STATUS_UNKNOWN,
               "the CRL is another issuer's");
    /* the name alone does not make it the issuer's */
    expect_crl(raw((raw_crl){ .key = pki->root->key }), HF_E_CRL_SIGNATURE, HF_STATUS_UNKNOWN,
               "the CRL is not signed with the issuer's key");
    leaf.issuer = root.subject; /* neither is the CRL of whoever else is asked about it */
    expect_crl(crl_with(leaf.serial), HF_E_CRL_SCOPE, HF_STATUS_UNKNOWN,
               "the CRL is another issuer's");
}

static void test_issuer_may_not(void **state)
{
    hf_span der = crl_with(leaf.serial);

    (void)state;
    ca.key_usage = HF_KU_KEY_CERT_SIGN;
    expect_crl(der, HF_E_CRL_ISSUER, HF_STATUS_UNKNOWN,
               "the issuer's keyUsage is there without cRLSign");
    ca.has_key_usage = false; /* RFC 5280 6.3.3 (f): only if it is there */
    assert_error(crl_says(der), HF_OK);
    assert_int_equal(status, HF_STATUS_REVOKED);
}

/* The algorithm must be one that certificates may be signed with, and the key as strong as theirs. */
static void test_algorithm_not_allowed(void **state)
{
    static const uint16_t only_ed25519[] = { 0x0807, 0 };
    hf_span der = crl_with(other_serial());

    (void)state;
    query.schemes = only_ed25519;
    expect_crl(der, HF_E_CRL_SIGNATURE, HF_STATUS_UNKNOWN,
               "the CRL is not signed with the issuer's key");
    assert_int_equal(units, HF_SIGNATURE_BUDGET);
}

static void test_weak_key(void **state)
{
    test_pki *other = test_pki_new(HF_KEY_RSA);
    hf_span der = issue(fresh(NULL, 0), other->intermediate);
    hf_crl crl;

    (void)state;
    query.rsa_min_bits = 3072;
    assert_error(hf_crl_parse(&crl, der, NULL), HF_OK);
    assert_error(hf_crl_status(&query, &crl, &other->leaf->cert, &other->intermediate->cert, &units,
                               &status, detail),
                 HF_E_CRL_SIGNATURE);
    test_pki_free(other);
}

static void test_budget(void **state)
{
    hf_span der = crl_with(leaf.serial);

    (void)state;
    units = 0;
    assert_error(crl_says(der), HF_E_CERT_BUDGET);
    assert_int_equal(status, HF_STATUS_UNKNOWN);
    units = 1;
    assert_error(crl_says(der), HF_OK);
    assert_int_equal(units, 0);
}

/* ---- of what ---- */

static void test_delta(void **state)
{
    hf_crl crl;
    hf_span der = raw((raw_crl){ .entries = raw_entry(other_serial(), NULL, 0),
                                 WITH_EXTS({ "2.5.29.27", true, make_hex("020101") }) });

    (void)state;
    assert_error(hf_crl_parse(&crl, der, NULL), HF_OK);
    assert_true(crl.delta && !crl.unknown_critical);
    expect_crl(der, HF_E_CRL_DELTA, HF_STATUS_UNKNOWN,
               "the CRL is a delta CRL (deltaCRLIndicator)");
    /* what it lacks does not matter for what it has */
    assert_error(crl_says(raw((raw_crl){ .entries = raw_entry(leaf.serial, NULL, 0),
                                         WITH_EXTS({ "2.5.29.27", true, make_hex("020101") }) })),
                 HF_OK);
    assert_int_equal(status, HF_STATUS_REVOKED);
}

static void test_scope(void **state)
{
    static const struct {
        const char *idp, *words;
        bool for_ca, good;
    } rows[] = {
        { "8101ff", "", false, true },
        { "8101ff", "the CRL is for end entities only, this is a CA", true, false },
        { "8201ff", "the CRL is for CAs only, this is an end entity", false, false },
        { "8201ff", "", true, true },
        { "8401ff", "the CRL is an indirect one (indirectCRL)", false, false },
        { "8501ff", "the CRL is for attribute certificates only", false, false },
        { "8101ff8201ff", "the CRL is for CAs only, this is an end entity", false, false },
        { "83020640", "the CRL is for some reasons only", false, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        leaf.is_ca = rows[i].for_ca;
        expect_crl(raw((raw_crl){ WITH_EXTS(IDP(rows[i].idp)) }),
                   rows[i].good ? HF_OK : HF_E_CRL_SCOPE,
                   rows[i].good ? HF_STATUS_GOOD : HF_STATUS_UNKNOWN, rows[i].words);
    }
}

/* RFC 5280 4.1.2.2: a CA gives a serial number once, so its list is about this certificate, whatever else it is for. But not
   attribute certificates', and not what is not understood (5.2). */
static void test_revoked_out_of_scope(void **state)
{
    static const char *const idps[] = { "8101ff", "8201ff", "8401ff", "83020640",
                                        "a008a006860475 3a2f31" };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT(idps); i++) {
        leaf.is_ca = i % 2;
        assert_error(crl_says(raw((raw_crl){ .entries = raw_entry(leaf.serial, NULL, 0),
                                             WITH_EXTS(IDP(idps[i / 2])) })),
                     HF_OK);
        assert_int_equal(status, HF_STATUS_REVOKED);
    }
    assert_error(crl_says(raw((raw_crl){ .entries = raw_entry(leaf.serial, NULL, 0),
                                         WITH_EXTS(IDP("8501ff")) })),
                 HF_E_CRL_SCOPE);
    assert_error(crl_says(raw((raw_crl){ .entries = raw_entry(leaf.serial, NULL, 0),
                                         WITH_EXTS({ "1.2.3.4", true, make_hex("0500") }) })),
                 HF_E_CRL_SCOPE);
}

static void test_issued_scope(void **state)
{
    hf_crl_entry entry = entry_of(leaf.serial, 1);
    hf_crl_request request = fresh(&entry, 1);

    (void)state;
    request.only_users = true;
    assert_error(crl_says(issue(request, pki->intermediate)), HF_OK);
    assert_int_equal(status, HF_STATUS_REVOKED);
    request.only_users = false;
    request.only_cas = true;
    request.n = 0;
    assert_error(crl_says(issue(request, pki->intermediate)), HF_E_CRL_SCOPE);
}

/* What is on a list for some reasons only is revoked; what is not on it may be on another one. */
static void test_some_reasons(void **state)
{
    (void)state;
    assert_error(crl_says(raw((raw_crl){ .entries = raw_entry(leaf.serial, NULL, 0),
                                         WITH_EXTS(IDP("83020640")) })),
                 HF_OK);
    assert_int_equal(status, HF_STATUS_REVOKED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_round_trip),
        TEST(test_numbers),
        TEST(test_every_key_type),
        TEST(test_issue_refuses),
        TEST(test_openssl),
        TEST(test_good),
        TEST(test_revoked),
        TEST(test_every_reason),
        TEST(test_remove_and_revoke),
        TEST(test_serials_like_it),
        TEST(test_many_entries),
        TEST(test_dates),
        TEST(test_revoked_at_any_time),
        TEST(test_no_next_update),
        TEST(test_far_dates),
        TEST(test_other_issuer),
        TEST(test_issuer_may_not),
        TEST(test_algorithm_not_allowed),
        TEST(test_weak_key),
        TEST(test_budget),
        TEST(test_delta),
        TEST(test_scope),
        TEST(test_revoked_out_of_scope),
        TEST(test_issued_scope),
        TEST(test_some_reasons),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
