/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The chain's checks on a tape: a good chain lists every rule that each certificate keeps, a bad one ends at the rule that it
 * breaks, and the verdict is always hf_verify_chain's (RFC 5280 6.1).
 */
#include "unit/path_support.h"

#include "explain/chain_checks.h"
#include "explain/capture.h"
#include "x509/issue_crl.h"
#include "x509/path_account.h"

static hf_tape *tape;
static hf_verify_result plain;

static hf_verify_options options(void)
{
    return (hf_verify_options){ .trust = pki->trust, .name = "localhost", .time = TEST_NOW };
}

static int new_tape(void **state)
{
    (void)state;
    tape = hf_tape_new(HF_TAPE_CLIENT, NULL, NULL);
    assert_non_null(tape);
    return 0;
}

static int end_tape(void **state)
{
    hf_tape_free(tape);
    return forget(state);
}

/* Judged with and without an account: the same verdict, and at most one broken rule, which is the last. */
static hf_error judge(const hf_span *chain, size_t n, const hf_verify_options *with)
{
    hf_error e = hf_checks_of(tape, chain, n, with);

    assert_error(e, hf_verify_chain(chain, n, with, &plain));
    assert_true(tape->checks_done);
    assert_true(tape->n_checks > 0 && tape->n_checks <= HF_TAPE_CHECKS_MAX);
    for (size_t i = 0; i < tape->n_checks; i++) {
        const hf_tape_check *c = &tape->checks[i];
        assert_int_equal(c->kept, e == HF_OK || i + 1 < tape->n_checks);
        assert_int_equal(c->unknown,
                         strncmp(c->detail, HF_FOUND_NOTHING, strlen(HF_FOUND_NOTHING)) == 0);
        assert_true(c->rule[0] != '\0' && c->source[0] != '\0');
    }
    return e;
}

static const hf_tape_check *last(void)
{
    return &tape->checks[tape->n_checks - 1];
}

static void expect_broken(hf_error e, hf_error expected, size_t certificate, hf_rule rule)
{
    const char *words = plain.detail[0] ? plain.detail : hf_error_row_of(expected)->sentence;

    assert_error(e, expected);
    assert_false(last()->kept);
    assert_int_equal(last()->certificate, certificate);
    if (rule != HF_RULE_NAME)
        assert_string_equal(last()->rule, hf_rule_rows[rule].words);
    assert_string_equal(last()->source, hf_rule_rows[rule].source);
    assert_string_equal(last()->detail, words);
}

static hf_error judge_made(const test_cert *const *certs, size_t n, hf_trust *trust)
{
    hf_verify_options with = options();
    hf_span chain[HF_PATH_MAX + 4];

    for (size_t i = 0; i < n; i++)
        chain[i] = test_cert_der(certs[i]);
    with.trust = trust ? trust : pki->trust;
    return judge(chain, n, &with);
}
#define JUDGE(trust, ...)                                                                          \
    judge_made((const test_cert *const[]){ __VA_ARGS__ },                                          \
               sizeof((const test_cert *const[]){ __VA_ARGS__ }) / sizeof(test_cert *), trust)

/* ---- a good chain ---- */

typedef struct listed {
    unsigned certificate;
    hf_rule rule;
    const char *detail; /* NULL: any */
} listed;

static void expect_list(const listed *rows, size_t n)
{
    for (size_t i = 0; i < n && i < tape->n_checks; i++) {
        const hf_tape_check *c = &tape->checks[i];
        assert_int_equal(c->certificate, rows[i].certificate);
        assert_string_equal(c->source, hf_rule_rows[rows[i].rule].source);
        assert_string_equal(c->rule, rows[i].rule == HF_RULE_NAME
                                         ? "the name localhost is among its names"
                                         : hf_rule_rows[rows[i].rule].words);
        if (rows[i].detail)
            assert_string_equal(c->detail, rows[i].detail);
    }
    assert_int_equal(tape->n_checks, n);
}

static void test_good_chain(void **state)
{
    static const listed rows[] = {
        { 0, HF_RULE_FORM, "" },
        { 0, HF_RULE_SERIAL, NULL },
        { 0, HF_RULE_CRITICAL, "" },
        { 0, HF_RULE_KEY, "ECDSA P-256" },
        { 0, HF_RULE_VALIDITY, "2026-11-20T09:00:00Z to 2026-12-21T09:00:00Z" },
        { 0, HF_RULE_USAGE, "digitalSignature" },
        { 0, HF_RULE_PURPOSE, "serverAuth" },
        { 0, HF_RULE_NAME,
          "DNS:localhost, IP:127.0.0.1, IP:::1, DNS:example.test, DNS:*.wild.test" },
        { 0, HF_RULE_ALGORITHM, "ECDSA with SHA-256" },
        { 0, HF_RULE_SIGNATURE, NULL },
        { 0, HF_RULE_STATUS, "not known: there is neither a staple nor a CRL of its issuer" },
        { 1, HF_RULE_FORM, NULL },
        { 1, HF_RULE_SERIAL, NULL },
        { 1, HF_RULE_CRITICAL, NULL },
        { 1, HF_RULE_KEY, NULL },
        { 1, HF_RULE_CA, NULL },
        { 1, HF_RULE_PATH_LENGTH, NULL },
        { 1, HF_RULE_PURPOSE, "there is no extKeyUsage, and so no limit" },
        { 1, HF_RULE_VALIDITY, NULL },
        { 1, HF_RULE_ALGORITHM, NULL },
        { 1, HF_RULE_SIGNATURE, NULL },
        { 2, HF_RULE_FORM, NULL },
        { 2, HF_RULE_CRITICAL, NULL },
        { 2, HF_RULE_KEY, NULL },
        { 2, HF_RULE_CA, NULL },
        { 2, HF_RULE_PATH_LENGTH, NULL },
        { 2, HF_RULE_PURPOSE, NULL },
        { 2, HF_RULE_VALIDITY, NULL },
        { 2, HF_RULE_ANCHOR, NULL },
    };
    hf_verify_options with = options();

    (void)state;
    assert_error(judge(pki->chain, 2, &with), HF_OK);
    expect_list(rows, sizeof rows / sizeof *rows);
    assert_error(judge(pki->chain, 2, &with), HF_OK); /* once more replaces */
    expect_list(rows, sizeof rows / sizeof *rows);
}

/* A rule that was not asked for is not listed, and one that was is. */
static bool lists(hf_rule rule)
{
    for (size_t i = 0; i < tape->n_checks; i++)
        if (strcmp(tape->checks[i].rule, hf_rule_rows[rule].words) == 0)
            return true;
    return false;
}

static void test_what_is_asked_for(void **state)
{
    hf_policy policy = *hf_policy_named("default");
    hf_verify_options with = options();

    (void)state;
    with.name = NULL;
    with.limit_depth = true;
    with.max_intermediates = 1;
    assert_error(judge(pki->chain, 2, &with), HF_OK);
    assert_true(lists(HF_RULE_INTERMEDIATES));
    assert_false(lists(HF_RULE_EMAIL) || lists(HF_RULE_LIFETIME) || lists(HF_RULE_PROFILE));
    for (size_t i = 0; i < tape->n_checks; i++)
        assert_string_not_equal(tape->checks[i].source, hf_rule_rows[HF_RULE_NAME].source);
    policy.leaf_max_days = 100;
    with.policy = &policy;
    assert_error(judge(pki->chain, 2, &with), HF_OK);
    assert_true(lists(HF_RULE_LIFETIME));
}

/* What the profile of the public CAs adds is listed for each certificate. */
static void test_profile(void **state)
{
    hf_policy policy = *hf_policy_named("default");
    hf_verify_options with = options();
    unsigned told = 0;

    (void)state;
    policy.profile = HF_PROFILE_WEBPKI;
    with.policy = &policy;
    assert_error(judge(pki->chain, 2, &with), HF_OK);
    for (size_t i = 0; i < tape->n_checks; i++)
        told += strcmp(tape->checks[i].rule, hf_rule_rows[HF_RULE_PROFILE].words) == 0;
    assert_int_equal(told, 3);
    assert_true(lists(HF_RULE_COMMON_NAME));
}

/* A leaf that is itself trusted needs no path. */
static void test_trusted_leaf(void **state)
{
    hf_verify_options with = options();

    (void)state;
    with.trust = test_trust(pki->leaf);
    assert_error(judge(pki->chain, 1, &with), HF_OK);
    assert_int_equal(last()->certificate, 0);
    assert_string_equal(last()->rule, hf_rule_rows[HF_RULE_ANCHOR].words);
    hf_trust_free(with.trust);
}

/* Only the path that was taken is told of: not the issuer of the same name and another key that was tried before it. */
static void test_path_that_was_taken(void **state)
{
    test_cert *root = make(ROOT(NULL), NULL);
    test_cert *wrong = make(CA(.key_slot = TEST_KEY_OTHER), root), *right = make(CA(NULL), root);
    test_cert *leaf = make(LEAF(NULL), right);
    hf_trust *trust = test_trust(root);
    unsigned signatures = 0;

    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        hf_error e = turn ? JUDGE(trust, leaf, wrong, right) : JUDGE(trust, leaf, right, wrong);
        assert_error(e, HF_OK);
        signatures = 0;
        for (size_t i = 0; i < tape->n_checks; i++)
            signatures += strcmp(tape->checks[i].rule, hf_rule_rows[HF_RULE_SIGNATURE].words) == 0;
        assert_int_equal(signatures, 2);
        assert_int_equal(last()->certificate, 2);
    }
    hf_trust_free(trust);
}

/* ---- broken rules ---- */

static void test_time(void **state)
{
    hf_verify_options with = options();

    (void)state;
    with.time = TEST_NOW + 31 * TEST_DAY;
    expect_broken(judge(pki->chain, 2, &with), HF_E_CERT_EXPIRED, 0, HF_RULE_VALIDITY);
    with.time = TEST_NOW - 2 * TEST_DAY;
    expect_broken(judge(pki->chain, 2, &with), HF_E_CERT_NOT_YET_VALID, 0, HF_RULE_VALIDITY);
}

static void test_name(void **state)
{
    hf_verify_options with = options();

    (void)state;
    with.name = "wrong.test";
    expect_broken(judge(pki->chain, 2, &with), HF_E_CERT_NAME, 0, HF_RULE_NAME);
    assert_string_equal(last()->rule, "the name wrong.test is among its names");
}

static void test_purpose(void **state)
{
    hf_verify_options with = options();

    (void)state;
    with.client = true;
    expect_broken(judge(pki->chain, 2, &with), HF_E_CERT_PURPOSE, 0, HF_RULE_PURPOSE);
    with = options();
    expect_broken(judge(pki->client_chain, 2, &with), HF_E_CERT_PURPOSE, 0, HF_RULE_PURPOSE);
    with.client = true;
    with.name = NULL;
    assert_error(judge(pki->client_chain, 2, &with), HF_OK);
}

static void test_untrusted(void **state)
{
    hf_verify_options with = options();
    test_cert *other = make(ROOT(.common_name = "Other"), NULL);

    (void)state;
    with.trust = test_trust(other);
    expect_broken(judge(pki->chain, 2, &with), HF_E_CERT_UNKNOWN_CA, 1, HF_RULE_ANCHOR);
    assert_true(tape->n_checks > 15); /* what the two keep is listed all the same */
    expect_broken(judge(pki->chain, 1, &with), HF_E_CERT_UNKNOWN_CA, 0, HF_RULE_ANCHOR);
    with.time = TEST_NOW + 31 * TEST_DAY; /* an expired leaf of a stranger is a stranger's */
    expect_broken(judge(pki->chain, 1, &with), HF_E_CERT_UNKNOWN_CA, 0, HF_RULE_ANCHOR);
    hf_trust_free(with.trust);
}

static void test_self_signed(void **state)
{
    test_cert *leaf = make(LEAF(NULL), NULL);

    (void)state;
    expect_broken(JUDGE(NULL, leaf), HF_E_CERT_SELF_SIGNED, 0, HF_RULE_ANCHOR);
}

static void test_signature(void **state)
{
    hf_verify_options with = options();
    uint8_t bytes[2048];
    hf_span chain[2] = { pki->chain[0], pki->chain[1] };

    (void)state;
    assert_true(chain[0].len <= sizeof bytes);
    memcpy(bytes, chain[0].data, chain[0].len);
    bytes[chain[0].len - 1] ^= 1;
    chain[0].data = bytes;
    expect_broken(judge(chain, 2, &with), HF_E_CERT_SIGNATURE, 0, HF_RULE_SIGNATURE);
}

static void test_issuers(void **state)
{
    test_cert *root = make(ROOT(NULL), NULL);
    test_cert *no_ca = make((test_cert_options){ .common_name = "CA", .key_slot = 1 }, root);
    test_cert *old = make(CA(.not_after = TEST_NOW - 1), root);
    test_cert *ends = make(CA(.path_len_given = true, .path_len = 0), root);
    test_cert *below = make(CA(.common_name = "Below", .key_slot = TEST_KEY_OTHER), ends);
    test_cert *leaf = make(LEAF(NULL), no_ca), *of_below = make(LEAF(NULL), below);
    hf_trust *trust = test_trust(root);

    (void)state;
    expect_broken(JUDGE(trust, leaf, no_ca), HF_E_CERT_NOT_CA, 1, HF_RULE_CA);
    expect_broken(JUDGE(trust, leaf, old), HF_E_CERT_EXPIRED, 1, HF_RULE_VALIDITY);
    expect_broken(JUDGE(trust, of_below, below, ends), HF_E_CERT_PATH_LENGTH, 2,
                  HF_RULE_PATH_LENGTH);
    hf_trust_free(trust);
}

static void test_policy_rules(void **state)
{
    hf_policy policy = *hf_policy_named("default");
    hf_verify_options with = options();

    (void)state;
    with.policy = &policy;
    policy.leaf_max_days = 31;
    expect_broken(judge(pki->chain, 2, &with), HF_E_CERT_LIFETIME, 0, HF_RULE_LIFETIME);
    policy = *hf_policy_named("default");
    policy.cert_schemes[0] = HF_SCHEME_rsa_pkcs1_sha256;
    policy.cert_schemes[1] = 0;
    expect_broken(judge(pki->chain, 2, &with), HF_E_CERT_SIGALG_UNSUPPORTED, 0, HF_RULE_ALGORITHM);
    policy = *hf_policy_named("default");
    policy.revocation = HF_REVOCATION_HARD;
    expect_broken(judge(pki->chain, 2, &with), HF_E_CERT_STATUS_UNKNOWN, 0, HF_RULE_STATUS);
    with = options();
    with.limit_depth = true;
    expect_broken(judge(pki->chain, 2, &with), HF_E_CERT_DEPTH, 1, HF_RULE_INTERMEDIATES);
}

/* The pki's trust, and a CRL of one of its CAs with that certificate on it. */
static hf_trust *trust_with_crl(const test_cert *issuer, hf_span serial)
{
    const hf_crl_entry entry = { .serial = serial, .date = TEST_NOW - 7200, .reason = 1 };
    const hf_crl_request request = { .entries = &entry,
                                     .n = 1,
                                     .number = 7,
                                     .this_update = TEST_NOW - 3600,
                                     .next_update = TEST_NOW + 3600 };
    hf_trust *trust = test_trust(pki->root);
    uint8_t *der = NULL;
    size_t len = 0;

    assert_error(hf_crl_issue(&request, &issuer->cert, issuer->key, &der, &len), HF_OK);
    assert_error(hf_trust_add_crls(trust, hf_span_of(der, len)), HF_OK);
    hf_free(der);
    return trust;
}

static void test_status(void **state)
{
    static const uint8_t other[] = { 0x12, 0x34 };
    hf_verify_options with = options();

    (void)state;
    with.trust = trust_with_crl(pki->intermediate, pki->leaf->cert.serial);
    expect_broken(judge(pki->chain, 2, &with), HF_E_CERT_REVOKED, 0, HF_RULE_STATUS);
    assert_true(tape->n_checks > 20); /* what the path keeps is listed all the same */
    hf_trust_free(with.trust);
    with.trust = trust_with_crl(pki->root, pki->intermediate->cert.serial);
    expect_broken(judge(pki->chain, 2, &with), HF_E_CERT_REVOKED, 1, HF_RULE_STATUS);
    hf_trust_free(with.trust);
    with.trust = trust_with_crl(pki->intermediate, hf_span_of(other, sizeof other));
    assert_error(judge(pki->chain, 2, &with), HF_OK);
    bool told = false;
    for (size_t i = 0; i < tape->n_checks; i++)
        told |= strcmp(tape->checks[i].detail, "a CRL of its issuer does not list it") == 0;
    assert_true(told);
    hf_trust_free(with.trust);
}

static void test_malformed(void **state)
{
    hf_verify_options with = options();
    hf_span chain[2] = { pki->chain[0], pki->chain[1] };

    (void)state;
    chain[1].len--;
    expect_broken(judge(chain, 2, &with), HF_E_CERT_DER, 1, HF_RULE_FORM);
    chain[0].len--;
    expect_broken(judge(chain, 2, &with), HF_E_CERT_DER, 0, HF_RULE_FORM);
    expect_broken(judge(chain, 0, &with), HF_E_CERTIFICATE_EMPTY, 0, HF_RULE_FORM);
}

/* ---- limits ---- */

/* More rules than a tape has room for: the broken one is there all the same. */
static void test_no_room(void **state)
{
    enum { LONG = 12 };
    test_cert *root = make(ROOT(NULL), NULL), *ca = root;
    const test_cert *chain[LONG + 1];
    hf_trust *trust = test_trust(root);
    char names[LONG][16];

    (void)state;
    for (size_t i = 0; i < LONG; i++) {
        snprintf(names[i], sizeof names[i], "CA %zu", i);
        chain[LONG - i] = ca = make(CA(.common_name = names[i]), ca);
    }
    chain[0] = make(LEAF(NULL), ca);
    assert_error(judge_made(chain, LONG + 1, trust), HF_OK);
    assert_true(tape->n_checks >= HF_TAPE_CHECKS_MAX - 1);
    hf_trust_free(trust);
    expect_broken(judge_made(chain, LONG + 1, NULL), HF_E_CERT_UNKNOWN_CA, LONG, HF_RULE_ANCHOR);
    assert_int_equal(tape->n_checks, HF_TAPE_CHECKS_MAX);
}

/* The table: every rule has words and a source, and no two have the same words. */
static void test_rule_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < HF_RULE_COUNT; i++) {
        assert_true(strlen(hf_rule_rows[i].words) > 10);
        assert_true(strlen(hf_rule_rows[i].source) < sizeof last()->source);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(hf_rule_rows[i].words, hf_rule_rows[k].words);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_tape, end_tape)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_good_chain),   TEST(test_what_is_asked_for),
        TEST(test_trusted_leaf), TEST(test_profile),
        TEST(test_status),       TEST(test_path_that_was_taken),
        TEST(test_time),         TEST(test_name),
        TEST(test_purpose),      TEST(test_untrusted),
        TEST(test_self_signed),  TEST(test_signature),
        TEST(test_issuers),      TEST(test_policy_rules),
        TEST(test_malformed),    TEST(test_no_room),
        TEST(test_rule_table),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
