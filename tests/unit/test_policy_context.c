/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a session is bound to (src/policy/context.c): equal settings give one digest, and every setting that decides whether a
   peer would be accepted gives another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/pair.h"

#include "policy/policy.h"

typedef void change(hf_config *config, hf_policy *policy);

static void context_of(hf_role role, change *with, uint8_t out[HF_SESSION_CONTEXT])
{
    hf_policy policy = *hf_policy_named("default");
    const test_pki *pki = shared_pki(HF_KEY_P256);
    hf_identity *id = role == HF_SERVER ? pki_identity(pki) : NULL;

    if (with)
        with(NULL, &policy);
    hf_config *config = hf_config_new(role, &policy);
    if (id)
        assert_int_equal(hf_config_add_identity(config, id), HF_OK);
    assert_int_equal(hf_config_set_trust(config, pki->trust), HF_OK);
    if (with)
        with(config, &policy);
    assert_int_equal(hf_config_seal(config), HF_OK);
    assert_int_equal(hf_session_context(config, id, out), HF_OK);
    hf_identity_free(id);
    hf_config_free(config);
}

static void fewer_suites(hf_config *config, hf_policy *policy)
{
    if (!config)
        policy->suites[5] = 0;
}

static void stronger_keys(hf_config *config, hf_policy *policy)
{
    if (!config)
        policy->rsa_min_bits = 3072;
}

static void public_rules(hf_config *config, hf_policy *policy)
{
    if (!config)
        policy->profile = HF_PROFILE_WEBPKI;
}

static void hard(hf_config *config, hf_policy *policy)
{
    if (!config)
        policy->revocation = HF_REVOCATION_HARD;
}

static void short_lives(hf_config *config, hf_policy *policy)
{
    if (!config)
        policy->leaf_max_days = 90;
}

static void no_ems(hf_config *config, hf_policy *policy)
{
    if (!config)
        policy->require_ems = false;
}

static void asks(hf_config *config, hf_policy *policy)
{
    (void)policy;
    if (config)
        assert_int_equal(hf_config_set(config, HF_SET_CLIENT_AUTH, HF_CLIENT_AUTH_REQUEST), HF_OK);
}

static void other_trust(hf_config *config, hf_policy *policy)
{
    (void)policy;
    if (config)
        assert_int_equal(hf_config_set_trust(config, shared_pki(HF_KEY_P384)->trust), HF_OK);
}

static void shows_itself(hf_config *config, hf_policy *policy)
{
    hf_identity *id = config ? pki_client_identity(shared_pki(HF_KEY_P256)) : NULL;

    (void)policy;
    if (id)
        assert_int_equal(hf_config_add_identity(config, id), HF_OK);
    hf_identity_free(id);
}

static void judges_itself(hf_config *config, hf_policy *policy)
{
    (void)policy;
    if (config)
        assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_VERIFY, true), HF_OK);
}

static void test_each_setting_counts(void **state)
{
    static const struct {
        hf_role role;
        change *with;
    } rows[] = {
        { HF_SERVER, fewer_suites },  { HF_CLIENT, fewer_suites }, { HF_SERVER, stronger_keys },
        { HF_SERVER, no_ems },        { HF_SERVER, asks },         { HF_SERVER, other_trust },
        { HF_CLIENT, other_trust },   { HF_CLIENT, shows_itself }, { HF_SERVER, judges_itself },
        { HF_CLIENT, judges_itself }, { HF_SERVER, public_rules }, { HF_SERVER, hard },
        { HF_CLIENT, short_lives },
    };
    uint8_t plain[HF_SESSION_CONTEXT], again[HF_SESSION_CONTEXT], changed[HF_SESSION_CONTEXT];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        context_of(rows[i].role, NULL, plain);
        context_of(rows[i].role, NULL, again);
        context_of(rows[i].role, rows[i].with, changed);
        assert_memory_equal(plain, again, sizeof plain);
        assert_memory_not_equal(plain, changed, sizeof plain);
    }
}

/* What an application's own judgement is, nobody knows here: two such configs share nothing. */
static void test_own_judges_share_no_sessions(void **state)
{
    uint8_t one[HF_SESSION_CONTEXT], other[HF_SESSION_CONTEXT];

    (void)state;
    for (int role = 0; role < 2; role++) {
        context_of((hf_role)role, judges_itself, one);
        context_of((hf_role)role, judges_itself, other);
        assert_memory_not_equal(one, other, sizeof one);
    }
}

/* Threads read a shared store without a lock: nothing may be added any more. */
static void test_a_shared_store_is_sealed(void **state)
{
    const test_pki *pki = shared_pki(HF_KEY_P256);
    hf_span other = test_cert_der(shared_pki(HF_KEY_P384)->root);
    hf_config *config = hf_config_new(HF_CLIENT, hf_policy_named("default"));
    hf_trust *trust = test_trust(pki->root);

    (void)state;
    assert_int_equal(hf_config_set_trust(config, trust), HF_OK);
    assert_int_equal(hf_config_seal(config), HF_OK);
    assert_int_equal(hf_trust_add_der(trust, other), HF_E_CONFIG_SEALED);
    assert_int_equal(hf_trust_add_crls(trust, other), HF_E_CONFIG_SEALED);
    assert_int_equal(hf_trust_count(trust), 1);
    hf_config_free(config);
    hf_trust_free(trust);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_setting_counts),
        cmocka_unit_test(test_own_judges_share_no_sessions),
        cmocka_unit_test(test_a_shared_store_is_sealed),
    };

    return cmocka_run_group_tests_name("policy_context", tests, NULL, NULL);
}
