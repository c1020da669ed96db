/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* <handfast/verify.h>: every option reaches the validator, and everything that it finds comes back. */
#include "path_support.h"

#include <limits.h>

#include <handfast/verify.h>

#include "handshake/job.h"

static hf_verify_result found;

static hf_verify_options options(void)
{
    return (hf_verify_options){ .trust = pki->trust, .name = "localhost", .time = TEST_NOW };
}

static hf_error verify(hf_verify_options with)
{
    hf_error e = hf_verify_chain(pki->chain, 2, &with, &found);

    assert_error(found.error, e);
    return e;
}

static void test_ready(void **state)
{
    (void)state;
    assert_error(verify(options()), HF_OK);
    assert_int_equal(found.depth, 3);
    assert_int_equal(found.signatures, 2);
    assert_true(hf_span_equal(found.path[0], pki->chain[0]));
    assert_true(hf_span_equal(found.path[2], test_cert_der(pki->root)));
    assert_string_equal(found.detail, "");
}

static void test_what_is_asked(void **state)
{
    static const char *const emails[] = { "a@example.test" };
    hf_verify_options with = options();

    (void)state;
    with.name = "wrong.test";
    assert_error(verify(with), HF_E_CERT_NAME);
    assert_non_null(strstr(found.detail, "asked for wrong.test"));
    with.name = NULL;
    assert_error(verify(with), HF_OK);
    with.emails = emails;
    with.n_emails = 1;
    assert_error(verify(with), HF_E_CERT_NAME);
    with = options();
    with.client = true;
    assert_error(verify(with), HF_E_CERT_PURPOSE);
    with = options();
    with.key_usage = HF_KU_CRL_SIGN;
    assert_error(verify(with), HF_E_CERT_USAGE);
    with = options();
    with.time = TEST_NOW + 31 * TEST_DAY;
    assert_error(verify(with), HF_E_CERT_EXPIRED);
}

static void test_what_is_allowed(void **state)
{
    hf_policy policy = *hf_policy_named("default");
    hf_verify_options with = options();

    (void)state;
    with.limit_depth = true;
    with.max_intermediates = 1;
    assert_error(verify(with), HF_OK);
    with.max_intermediates = 0;
    assert_error(verify(with), HF_E_CERT_DEPTH);
    with.max_intermediates = UINT_MAX;
    assert_error(verify(with), HF_OK);
    with = options();
    with.policy = &policy;
    assert_error(verify(with), HF_OK);
    policy.leaf_max_days =
        31; /* the test's leaf: from a day before to 30 days after, both seconds included */
    assert_error(verify(with), HF_E_CERT_LIFETIME);
    assert_string_equal(found.detail, "valid for 32 days, at most 31 allowed");
    policy.leaf_max_days = 32;
    assert_error(verify(with), HF_OK);
    policy.cert_schemes[0] = HF_SCHEME_rsa_pkcs1_sha256;
    policy.cert_schemes[1] = 0;
    assert_error(verify(with), HF_E_CERT_SIGALG_UNSUPPORTED);
    policy = *hf_policy_named("default");
    policy.revocation = HF_REVOCATION_HARD;
    assert_error(verify(with), HF_E_CERT_STATUS_UNKNOWN);
}

static bool says_yes(void *user, const char *domain)
{
    *(const char **)user = strcmp(domain, "wild.test") == 0 ? "asked" : "asked of another";
    return true;
}

/* Who knows the public suffixes is asked about wildcards. */
static void test_public_suffix(void **state)
{
    const char *answer = "not asked";
    const hf_hooks hooks = { .public_suffix = says_yes, .user = &answer };
    hf_policy policy = *hf_policy_named("default");
    hf_verify_options with = options();

    (void)state;
    policy.profile = HF_PROFILE_WEBPKI;
    with.policy = &policy;
    with.hooks = &hooks;
    with.name = "a.wild.test";
    assert_error(verify(with), HF_E_CERT_WILDCARD);
    assert_string_equal(answer, "asked");
}

static hf_error verify_by_job(const hf_policy *policy, const hf_hooks *hooks, const char *name)
{
    hf_config *config = hf_config_new(HF_CLIENT, policy);

    assert_error(hf_config_set_hooks(config, hooks), HF_OK);
    assert_error(hf_config_set_trust(config, pki->trust), HF_OK);
    hf_job *job = hf_job_verify_chain(NULL, pki->chain, 2, config, name, HF_EKU_SERVER_AUTH,
                                      (hf_span){ NULL, 0 });
    job->now = TEST_NOW;
    hf_error e = hf_job_run(job);
    hf_job_free(job);
    hf_config_free(config);
    return e;
}

/* A handshake puts the same question, with the policy and hooks of its config. */
static void test_handshake(void **state)
{
    const char *answer = "not asked";
    const hf_hooks hooks = { .public_suffix = says_yes, .user = &answer };
    hf_policy policy = *hf_policy_named("default");

    (void)state;
    assert_error(verify_by_job(&policy, &hooks, "localhost"), HF_OK);
    assert_string_equal(answer, "not asked");
    assert_error(verify_by_job(&policy, &hooks, "a.wild.test"), HF_E_CERT_WILDCARD);
    assert_string_equal(answer, "asked");
    policy.revocation = HF_REVOCATION_HARD;
    assert_error(verify_by_job(&policy, &hooks, "localhost"), HF_E_CERT_STATUS_UNKNOWN);
    policy = *hf_policy_named("default");
    policy.profile = HF_PROFILE_WEBPKI;
    hf_span leaf = pki->chain[0];
    pki->chain[0] = test_cert_der(make(LEAF(.no_eku = true), pki->intermediate));
    assert_error(verify_by_job(&policy, &hooks, "localhost"),
                 HF_E_CERT_PURPOSE_OPEN); /* it must say serverAuth */
    policy.profile = HF_PROFILE_PRIVATE;
    assert_error(verify_by_job(&policy, &hooks, "localhost"), HF_OK);
    pki->chain[0] = leaf;
    forget(NULL);
}

/* The named policies leave it to the trust store: who trusts public CAs gets their rules. */
static void test_profile_of_the_trust_store(void **state)
{
    hf_policy policy = *hf_policy_named("default");
    hf_trust *own = hf_trust_new(), *public_cas = hf_trust_new();

    (void)state;
    assert_int_equal(hf_trust_mark_public(public_cas), HF_OK);
    assert_int_equal(hf_profile_in_force(&policy, own), HF_PROFILE_PRIVATE);
    assert_int_equal(hf_profile_in_force(&policy, NULL), HF_PROFILE_PRIVATE);
    assert_int_equal(hf_profile_in_force(&policy, public_cas), HF_PROFILE_WEBPKI);
    policy.profile = HF_PROFILE_PRIVATE;
    assert_int_equal(hf_profile_in_force(&policy, public_cas), HF_PROFILE_PRIVATE);
    policy.profile = HF_PROFILE_WEBPKI;
    assert_int_equal(hf_profile_in_force(&policy, own), HF_PROFILE_WEBPKI);
    policy.profile = HF_PROFILE_AUTO + 1;
    assert_int_equal(hf_policy_check(&policy), HF_E_CONFIG_POLICY);
    hf_config *config = hf_config_new(HF_CLIENT, hf_policy_named("default"));
    assert_int_equal(hf_trust_add_der(own, test_cert_der(pki->root)), HF_OK);
    assert_int_equal(hf_config_set_trust(config, own), HF_OK);
    assert_int_equal(hf_config_seal(config), HF_OK);
    assert_int_equal(hf_trust_mark_public(own), HF_E_CONFIG_SEALED);
    hf_config_free(config);
    hf_trust_free(own);
    hf_trust_free(public_cas);
}

static void count(void *user, const hf_verify_result *attempt)
{
    *(size_t *)user += attempt->error == HF_OK ? 101 : 1;
}

static void test_tried(void **state)
{
    hf_verify_options with = options();
    size_t told = 0;

    (void)state;
    with.tried = count;
    with.user = &told;
    assert_error(verify(with), HF_OK);
    assert_int_equal(told, 101);
}

static void test_nothing_to_go_by(void **state)
{
    hf_verify_options with = options();

    (void)state;
    with.trust = NULL;
    assert_error(verify(with), HF_E_CONFIG_NO_TRUST);
    with.trust = hf_trust_new();
    assert_error(verify(with), HF_E_CERT_UNKNOWN_CA);
    assert_error(hf_verify_chain(NULL, 0, &with, &found), HF_E_CERTIFICATE_EMPTY);
    hf_trust_free(with.trust);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ready),           cmocka_unit_test(test_what_is_asked),
        cmocka_unit_test(test_what_is_allowed), cmocka_unit_test(test_public_suffix),
        cmocka_unit_test(test_tried),           cmocka_unit_test(test_nothing_to_go_by),
        cmocka_unit_test(test_handshake),       cmocka_unit_test(test_profile_of_the_trust_store),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
