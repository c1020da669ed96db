/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The form of CRLs: distribution points, extensions of the list and of its entries, and what the
 * parser refuses (RFC 5280 5).
 */
#include "revocation_support.h"

/* ---- of where: RFC 5280 6.3.3 (b) (2) (i) ---- */

static hf_span full_name(const char *words)
{
    return make_tlv(HF_DER_CONTEXT_CONS(0),
                    make_tlv(HF_DER_CONTEXT_CONS(0), make_general_names(words)));
}

static hf_span relative(const char *common_name)
{
    hf_span rdn =
        MAKE(HF_DER_SEQUENCE, make_oid("2.5.4.3"), make_text(HF_DER_UTF8_STRING, common_name));

    return make_tlv(HF_DER_CONTEXT_CONS(0), make_tlv(HF_DER_CONTEXT_CONS(1), rdn));
}

static hf_error at_point(hf_span point, hf_span points)
{
    leaf.crl_points = points;
    return crl_says(
        raw((raw_crl){ WITH_EXTS({ "2.5.29.28", true, make_tlv(HF_DER_SEQUENCE, point) }) }));
}

static void test_points(void **state)
{
    hf_span a = full_name("uri:http://a.test/1"), b = full_name("uri:http://b.test/1"),
            ab = full_name("uri:http://c.test/; uri:http://b.test/1"), r = relative("one"),
            none = { NULL, 0 };
    hf_span dp_a = make_tlv(HF_DER_SEQUENCE, a), dp_b = make_tlv(HF_DER_SEQUENCE, b);

    (void)state;
    assert_error(at_point(a, dp_a), HF_OK);
    assert_error(at_point(ab, dp_b), HF_OK);
    assert_error(at_point(b, make_join(dp_a, dp_b)), HF_OK);
    assert_error(at_point(a, dp_b), HF_E_CRL_SCOPE);
    assert_string_equal(detail, "the CRL is of another distribution point");
    assert_error(at_point(ab, dp_a), HF_E_CRL_SCOPE);
    assert_error(at_point(r, make_tlv(HF_DER_SEQUENCE, relative("one"))), HF_OK);
    assert_error(at_point(r, make_tlv(HF_DER_SEQUENCE, relative("two"))), HF_E_CRL_SCOPE);
    assert_error(at_point(r, dp_a), HF_E_CRL_SCOPE);
    assert_error(at_point(a, make_tlv(HF_DER_SEQUENCE, r)), HF_E_CRL_SCOPE);
    /* a certificate without points has its issuer's name as one */
    assert_error(at_point(a, none), HF_E_CRL_SCOPE);
    hf_span by_issuer =
        make_tlv(HF_DER_CONTEXT_CONS(0),
                 make_tlv(HF_DER_CONTEXT_CONS(0), make_tlv(HF_DER_CONTEXT_CONS(4), ca.subject)));
    assert_error(at_point(by_issuer, none), HF_OK);
    /* a CRL without a point is for all of them */
    leaf.crl_points = dp_a;
    assert_error(crl_says(raw((raw_crl){ .v1 = false })), HF_OK);
    assert_error(crl_says(raw((raw_crl){ WITH_EXTS(IDP("8101ff")) })), HF_OK);
}

/* A point for some reasons, or whose CRL another one signs, is not where this CRL comes from. */
static void test_points_of_others(void **state)
{
    hf_span a = full_name("uri:http://a.test/1");

    (void)state;
    assert_error(at_point(a, MAKE(HF_DER_SEQUENCE, a, make_hex("81020640"))), HF_E_CRL_SCOPE);
    hf_span issuer = make_tlv(HF_DER_CONTEXT_CONS(2), make_general_names("dir:CN=other"));
    assert_error(at_point(a, MAKE(HF_DER_SEQUENCE, a, issuer)), HF_E_CRL_SCOPE);
    assert_error(
        at_point(a, make_join(MAKE(HF_DER_SEQUENCE, a, issuer), make_tlv(HF_DER_SEQUENCE, a))),
        HF_OK);
}

/* However the points are written: the serial on the issuer's own list is revoked. */
static void test_points_of_the_revoked(void **state)
{
    hf_span a = full_name("uri:http://a.test/1"), b = full_name("uri:http://b.test/1"),
            own = make_tlv(HF_DER_CONTEXT_CONS(2), make_tlv(HF_DER_CONTEXT_CONS(4), ca.subject));
    const hf_span points[] = { MAKE(HF_DER_SEQUENCE, a, make_hex("81020640")),
                               MAKE(HF_DER_SEQUENCE, a, own), MAKE(HF_DER_SEQUENCE, b) };

    (void)state;
    for (size_t i = 0; i < COUNT(points); i++) {
        leaf.crl_points = points[i];
        assert_error(crl_says(raw((raw_crl){
                         .entries = raw_entry(leaf.serial, NULL, 0),
                         WITH_EXTS({ "2.5.29.28", true, make_tlv(HF_DER_SEQUENCE, a) }) })),
                     HF_OK);
        assert_int_equal(status, HF_STATUS_REVOKED);
    }
}

static void test_issued_point(void **state)
{
    hf_crl_request request = fresh(NULL, 0);

    (void)state;
    request.point = "http://a.test/1";
    leaf.crl_points = make_tlv(HF_DER_SEQUENCE, full_name("uri:http://a.test/1"));
    assert_error(crl_says(issue(request, pki->intermediate)), HF_OK);
    request.point = "http://a.test/2";
    assert_error(crl_says(issue(request, pki->intermediate)), HF_E_CRL_SCOPE);
}

/* A point that is no DistributionPointName, or has no name, is not taken for a CRL without one. */
static void test_points_malformed(void **state)
{
    static const char *const points[] = { "a000",     "a0020500",           "a002a000",
                                          "a002a003", "a004a0028605",       "a003a00186",
                                          "a002a100", "a007a1053003060155", "a006a00486006100" };
    hf_span dp = make_tlv(HF_DER_SEQUENCE, full_name("uri:http://a.test/1"));

    (void)state;
    for (size_t i = 0; i < COUNT(points); i++)
        assert_error(at_point(make_hex(points[i]), dp), HF_E_CRL_DER);
}

/* ---- extensions ---- */

static void test_unknown_extensions(void **state)
{
    const make_ext unknown[] = { { "1.2.3.4", true, make_hex("0500") } };
    const make_ext harmless[] = { { "1.2.3.4", false, make_hex("0500") } };

    (void)state;
    expect_crl(raw((raw_crl){ .exts = unknown, .n_exts = 1 }), HF_E_CRL_SCOPE, HF_STATUS_UNKNOWN,
               "the CRL has a critical extension that is not understood");
    expect_crl(raw((raw_crl){ .exts = harmless, .n_exts = 1 }), HF_OK, HF_STATUS_GOOD, "");
    /* RFC 5280 5.3: in any entry it leaves nothing by which a certificate is good; one that is on the list by an entry that is
       understood is revoked all the same */
    expect_crl(raw((raw_crl){ .entries = raw_entry(other_serial(), unknown, 1) }), HF_E_CRL_SCOPE,
               HF_STATUS_UNKNOWN, "an entry has a critical extension that is not understood");
    for (int first = 0; first < 2; first++) {
        hf_span mine = raw_entry(leaf.serial, NULL, 0),
                other = raw_entry(other_serial(), unknown, 1);
        expect_crl(
            raw((raw_crl){ .entries = first ? make_join(mine, other) : make_join(other, mine) }),
            HF_OK, HF_STATUS_REVOKED, "revoked 2026-11-21T07:00:00Z, says its issuer's CRL");
    }
    expect_crl(raw((raw_crl){ .entries = raw_entry(leaf.serial, unknown, 1) }), HF_E_CRL_SCOPE,
               HF_STATUS_UNKNOWN, "an entry has a critical extension that is not understood");
    expect_crl(raw((raw_crl){ .entries = make_join(raw_entry(other_serial(), harmless, 1),
                                                   raw_entry(leaf.serial, NULL, 0)) }),
               HF_OK, HF_STATUS_REVOKED, "revoked 2026-11-21T07:00:00Z, says its issuer's CRL");
}

static void test_entry_extensions(void **state)
{
    const make_ext invalidity = { "2.5.29.24", false, generalized(TEST_NOW) };
    const make_ext other_ca = { "2.5.29.29", true,
                                make_tlv(HF_DER_SEQUENCE, make_general_names("dir:CN=other")) };
    const make_ext reason = { "2.5.29.21", false, make_hex("0a0101") };
    const make_ext twice[] = { reason, reason };

    (void)state;
    assert_error(crl_says(raw((raw_crl){ .entries = raw_entry(leaf.serial, &invalidity, 1) })),
                 HF_OK);
    assert_int_equal(status, HF_STATUS_REVOKED);
    assert_error(crl_says(raw((raw_crl){ .entries = raw_entry(leaf.serial, &other_ca, 1) })),
                 HF_E_CRL_SCOPE);
    /* RFC 5280 5.3.3: the entries after it are that CA's, too, those before it are not */
    hf_span mine = raw_entry(leaf.serial, NULL, 0),
            theirs = raw_entry(other_serial(), &other_ca, 1);
    assert_error(crl_says(raw((raw_crl){ .entries = make_join(theirs, mine) })), HF_E_CRL_SCOPE);
    assert_error(crl_says(raw((raw_crl){ .entries = make_join(mine, theirs) })), HF_OK);
    assert_int_equal(status, HF_STATUS_REVOKED);
    assert_error(crl_says(raw((raw_crl){ .entries = raw_entry(leaf.serial, twice, 2) })),
                 HF_E_CRL_DER);
}

/* X.690 11.5: a default that is written; and something after the last field. */
static void test_entry_strict(void **state)
{
    hf_span serial = make_tlv(HF_DER_INTEGER, leaf.serial), date = time_of(TEST_NOW - HOUR);
    hf_span oid = make_oid("1.2.3.4"), value = make_hex("04020500");
    hf_span explicit_false = MAKE(HF_DER_SEQUENCE, oid, make_hex("010100"), value);
    hf_span plain = MAKE(HF_DER_SEQUENCE, oid, value);
    hf_span list = make_tlv(HF_DER_SEQUENCE, plain);

    (void)state;
    assert_error(crl_says(raw((raw_crl){ .entries = MAKE(HF_DER_SEQUENCE, serial, date, list) })),
                 HF_OK);
    list = make_tlv(HF_DER_SEQUENCE, explicit_false);
    assert_error(crl_says(raw((raw_crl){ .entries = MAKE(HF_DER_SEQUENCE, serial, date, list) })),
                 HF_E_CRL_DER);
    list = make_join(make_tlv(HF_DER_SEQUENCE, plain), make_hex("0500"));
    assert_error(crl_says(raw((raw_crl){ .entries = MAKE(HF_DER_SEQUENCE, serial, date, list) })),
                 HF_E_CRL_DER);
}

/* A reason that is none, or is not one octet, leaves nothing to rely on. */
static void test_entry_malformed(void **state)
{
    static const char *const reasons[] = { "0a0107", "0a010b",   "0a020001", "0a00",
                                           "020101", "0a010100", "0a0180" };
    static const char *const entries[] = { "3000",
                                           "3003020101",
                                           "300502010105 00",
                                           "020101",
                                           "3012020101170d3236313132313037303030305a",
                                           "3014020101170d3236313132313037303030305a3000" };

    (void)state;
    for (size_t i = 0; i < COUNT(reasons); i++) {
        const make_ext bad = { "2.5.29.21", false, make_hex(reasons[i]) };
        assert_error(crl_says(raw((raw_crl){ .entries = raw_entry(leaf.serial, &bad, 1) })),
                     HF_E_CRL_DER);
        assert_int_equal(status, HF_STATUS_UNKNOWN);
    }
    for (size_t i = 0; i < COUNT(entries); i++)
        for (int after = 0; after < 2; after++) {
            hf_span bad = make_hex(entries[i]), good = raw_entry(leaf.serial, NULL, 0);
            hf_span both = after ? make_join(good, bad) : make_join(bad, good);
            assert_error(crl_says(raw((raw_crl){ .entries = both })),
                         i == 4 ? HF_OK : HF_E_CRL_DER);
        }
}

/* ---- what does not parse ---- */

static void expect_malformed(hf_span der, const char *path, const char *rule)
{
    hf_crl crl;
    hf_fault fault;

    assert_error(hf_crl_parse(&crl, der, &fault), HF_E_CRL_DER);
    assert_string_equal(fault.path, path);
    assert_string_equal(fault.rule, rule);
    assert_true(fault.offset <= der.len);
}

/* RFC 5280 5.2.3 */
static void test_number(void **state)
{
    const make_ext critical = { "2.5.29.20", true, make_hex("020107") };
    const make_ext aki = { "2.5.29.35", false, make_hex("3000") };
    const make_ext negative = { "2.5.29.20", false, make_hex("0201ff") };
    const make_ext large = { "2.5.29.20", false,
                             make_hex("0215 010101010101010101010101010101010101010101") };

    (void)state;
    expect_malformed(raw((raw_crl){ .no_number = true }),
                     "CertificateList.tbsCertList.crlExtensions", "CRLNumber is not there");
    expect_malformed(raw((raw_crl){ .no_number = true, .exts = &aki, .n_exts = 1 }),
                     "CertificateList.tbsCertList.crlExtensions", "CRLNumber is not there");
    expect_malformed(raw((raw_crl){ .no_number = true, .exts = &critical, .n_exts = 1 }),
                     "CertificateList.tbsCertList.crlExtensions.Extensions.Extension.extnValue."
                     "CRLNumber",
                     "is critical, must not be");
    assert_error(crl_says(raw((raw_crl){ .no_number = true, .exts = &negative, .n_exts = 1 })),
                 HF_E_CRL_DER);
    assert_error(crl_says(raw((raw_crl){ .no_number = true, .exts = &large, .n_exts = 1 })),
                 HF_E_CRL_DER);
}

static void test_version(void **state)
{
    (void)state;
    expect_malformed(raw((raw_crl){ .v1 = true }), "CertificateList.tbsCertList.version",
                     "the CRL's version must be 2");
}

static void test_outer_algorithm(void **state)
{
    (void)state;
    expect_malformed(raw((raw_crl){ .outer_algorithm = hf_signature_identifier(
                                        test_key(HF_KEY_ED25519, TEST_KEY_ROOT)) }),
                     "CertificateList.signatureAlgorithm", "differs from tbsCertList.signature");
}

static void test_extensions_malformed(void **state)
{
    const make_ext bad[] = {
        IDP(""),                                           /* RFC 5280 5.2.5: not empty */
        IDP("810100"),                                     /* a default that is written */
        IDP("8102ffff"),                                   /* no boolean */
        IDP("8201ff8101ff"),                               /* the wrong order */
        IDP("8101ff8101ff"),                               /* twice */
        IDP("8601ff"),                                     /* nothing of that tag */
        { "2.5.29.28", true, make_hex("30030201010500") }, /* something after it */
        { "2.5.29.27", true, make_hex("0500") },
        { "2.5.29.35", false, make_hex("300180") },
        { "2.5.29.20", false, make_hex("020107") }, /* for the second time */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_error(crl_says(raw((raw_crl){ .exts = &bad[i], .n_exts = 1 })), HF_E_CRL_DER);
}

static void test_too_many_extensions(void **state)
{
    static char oids[HF_CERT_EXTENSIONS_MAX][24];
    make_ext exts[HF_CERT_EXTENSIONS_MAX];

    (void)state;
    for (int i = 0; i < HF_CERT_EXTENSIONS_MAX; i++) {
        snprintf(oids[i], sizeof oids[i], "1.2.3.%d", i + 1);
        exts[i] = (make_ext){ oids[i], false, make_hex("0500") };
    }
    assert_error(crl_says(raw((raw_crl){ .exts = exts, .n_exts = HF_CERT_EXTENSIONS_MAX - 1 })),
                 HF_OK);
    assert_error(crl_says(raw((raw_crl){ .exts = exts, .n_exts = HF_CERT_EXTENSIONS_MAX })),
                 HF_E_CRL_DER);
}

static void test_truncated(void **state)
{
    hf_span der = crl_with(leaf.serial);
    hf_crl crl;

    (void)state;
    for (size_t n = 0; n < der.len; n++) {
        uint8_t *cut = tight(hf_span_of(der.data, n));
        assert_error(hf_crl_parse(&crl, hf_span_of(cut, n), NULL), HF_E_CRL_DER);
        free(cut);
    }
    assert_error(hf_crl_parse(&crl, make_join(der, make_hex("00")), NULL), HF_E_CRL_DER);
}

/* Whatever byte is changed: never an answer, least of all the opposite one. */
static void test_flipped(void **state)
{
    static const uint8_t masks[] = { 0x01, 0x20, 0x80, 0xff };

    (void)state;
    for (int good = 0; good < 2; good++) {
        hf_span der = crl_with(good ? other_serial() : leaf.serial);
        uint8_t *bytes = tight(der);
        for (size_t i = 0; i < 4 * der.len; i++) {
            units = HF_SIGNATURE_BUDGET;
            bytes[i / 4] ^= masks[i % 4];
            hf_error e = crl_says(hf_span_of(bytes, der.len));
            assert_true(e != HF_OK && status == HF_STATUS_UNKNOWN);
            bytes[i / 4] ^= masks[i % 4];
        }
        assert_error(crl_says(hf_span_of(bytes, der.len)), HF_OK);
        assert_int_equal(status, good ? HF_STATUS_GOOD : HF_STATUS_REVOKED);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_points),
        TEST(test_points_of_others),
        TEST(test_points_of_the_revoked),
        TEST(test_issued_point),
        TEST(test_points_malformed),
        TEST(test_unknown_extensions),
        TEST(test_entry_extensions),
        TEST(test_entry_strict),
        TEST(test_entry_malformed),
        TEST(test_number),
        TEST(test_version),
        TEST(test_outer_algorithm),
        TEST(test_extensions_malformed),
        TEST(test_too_many_extensions),
        TEST(test_truncated),
        TEST(test_flipped),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
