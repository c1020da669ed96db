/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a policy may hold (src/policy/policy.c): the frozen ones are whole, and each field has its range.
 * And which go with keys shared beforehand (hf_config_seal).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "support/pair.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static hf_policy named(const char *name)
{
    const hf_policy *found = hf_policy_named(name);

    assert_non_null(found);
    return *found;
}

static hf_policy with_suites(uint16_t first, uint16_t second)
{
    hf_policy p = named("iot");

    memset(p.suites, 0, sizeof p.suites);
    p.suites[0] = first;
    p.suites[1] = second;
    return p;
}

static void test_every_row_is_good(void **state)
{
    (void)state;
    for (size_t i = 0; hf_policy_row(i); i++) {
        hf_policy p = *hf_policy_row(i), before = p;
        assert_int_equal(hf_policy_check(&p), HF_OK);
        assert_memory_equal(&p, &before, sizeof p); /* no version was taken out of it */
    }
}

/* draft-ietf-tls-mlkem: ML-KEM without a classical part is for who asks for it, in no policy of ours, and for TLS 1.3. */
static void test_pure_post_quantum(void **state)
{
    static const uint16_t pure[HF_POLICY_LIST] = { 0x0202 };

    (void)state;
    for (size_t i = 0; hf_policy_row(i); i++)
        for (size_t g = 0; g < HF_POLICY_LIST; g++)
            assert_int_not_equal(hf_policy_row(i)->groups[g], 0x0202);
    hf_policy p = named("default");
    memcpy(p.groups, pure, sizeof p.groups);
    memcpy(p.key_shares, pure, sizeof p.key_shares);
    assert_int_equal(hf_policy_check(&p), HF_OK);
    assert_int_equal(p.min_version, HF_TLS13);
    assert_int_equal(p.groups[0], 0x0202);
}

/* RFC 9846 4.7.1: seven days at most. */
static void test_session_ranges(void **state)
{
    static const struct {
        uint8_t tickets;
        uint32_t seconds;
        bool good;
    } rows[] = { { 0, 1, true },       { 8, 604800, true }, { 9, 604800, false },
                 { 2, 604801, false }, { 2, 0, false },     { 255, 1, false } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        hf_policy p = named("default");
        p.tickets = rows[i].tickets;
        p.session_seconds = rows[i].seconds;
        assert_int_equal(hf_policy_check(&p), rows[i].good ? HF_OK : HF_E_CONFIG_POLICY);
    }
}

/* TLS 1.3 has no PKCS #1 signatures (RFC 9846 4.3.3): who takes nothing else does not speak it. */
static void test_a_version_needs_a_scheme(void **state)
{
    static const uint16_t pkcs1[HF_POLICY_LIST] = { 0x0401, 0x0501 };
    hf_policy p = named("default");

    (void)state;
    memcpy(p.schemes, pkcs1, sizeof p.schemes);
    assert_int_equal(hf_policy_check(&p), HF_OK);
    assert_int_equal(p.max_version, HF_TLS12);
    p.min_version = p.max_version = HF_TLS13;
    assert_int_equal(hf_policy_check(&p), HF_E_CONFIG_POLICY);
}

/* A suite of pre-shared keys is one of TLS 1.2; without (EC)DHE it needs no group. */
static void test_psk_suites_make_a_version(void **state)
{
    static const uint16_t plain[] = { 0x00a8, 0xc0a4, 0xc0a8 }, ecdhe[] = { 0xd001, 0xccac };
    static const uint16_t hybrid_only[HF_POLICY_LIST] = { 0x11ec };

    (void)state;
    for (size_t i = 0; i < COUNT(plain); i++) {
        hf_policy p = with_suites(plain[i], 0);
        memcpy(p.groups, hybrid_only, sizeof p.groups);
        memset(p.key_shares, 0, sizeof p.key_shares);
        assert_int_equal(hf_policy_check(&p), HF_OK);
        assert_int_equal(p.min_version, HF_TLS12);
        assert_int_equal(p.max_version, HF_TLS12);
    }
    for (size_t i = 0; i < COUNT(ecdhe); i++) {
        hf_policy p = with_suites(0x1301, ecdhe[i]);
        assert_int_equal(hf_policy_check(&p), HF_OK);
        assert_int_equal(p.min_version, HF_TLS12);
        p = with_suites(0x1301, ecdhe[i]);
        memcpy(p.groups, hybrid_only, sizeof p.groups);
        memset(p.key_shares, 0, sizeof p.key_shares);
        assert_int_equal(hf_policy_check(&p), HF_OK);
        assert_int_equal(p.min_version, HF_TLS13); /* no group of TLS 1.2's */
    }
}

/* Only `iot` speaks without forward secrecy by pre-shared keys, and it alone has short tags. */
static void test_who_has_plain_psk(void **state)
{
    (void)state;
    for (size_t i = 0; hf_policy_row(i); i++) {
        const hf_policy *p = hf_policy_row(i);
        bool plain = false;
        for (size_t k = 0; k < HF_POLICY_LIST && p->suites[k]; k++) {
            const hf_suite *suite = hf_suite_of(p->suites[k]);
            plain |= suite->kx == HF_KX_PSK || suite->tag_len != 16;
        }
        assert_int_equal(plain, strncmp(p->name, "iot-", 4) == 0);
    }
}

/* ---- policies and keys shared beforehand (hf_config_seal) ---- */

static bool nobody(void *user, hf_span identity, uint8_t *key, size_t *len)
{
    (void)user, (void)identity, (void)key, (void)len;
    return false;
}

enum { KEYS = 1, CERTIFICATES = 2, BY_HOOK = 4 };

/* A config with that policy, which rests on keys, on certificates (its own, or those that it trusts), or on both. */
static hf_config *resting_on(hf_role role, const hf_policy *policy, int what)
{
    const test_pki *pki = shared_pki(HF_KEY_P256);
    hf_config *config = hf_config_new(role, policy);
    hf_hooks hooks = { .find_psk = nobody };
    hf_psks *psks = hf_psks_new();

    assert_non_null(config);
    assert_int_equal(hf_psks_add(psks, hf_span_str("a"), hf_span_str("sixteen bytes...")), HF_OK);
    if (what & KEYS)
        assert_int_equal(hf_config_set_psks(config, psks), HF_OK);
    if (what & BY_HOOK)
        assert_int_equal(hf_config_set_hooks(config, &hooks), HF_OK);
    hf_psks_free(psks);
    if (what & CERTIFICATES && role == HF_SERVER) {
        hf_identity *id = pki_identity(pki);
        assert_int_equal(hf_config_add_identity(config, id), HF_OK);
        hf_identity_free(id);
    }
    if (what & CERTIFICATES)
        assert_int_equal(hf_config_set_trust(config, pki->trust), HF_OK);
    return config;
}

static hf_error sealed(hf_role role, const hf_policy *policy, int what)
{
    hf_config *config = resting_on(role, policy, what);
    hf_error e = hf_config_seal(config);

    hf_config_free(config);
    return e;
}

/* What rests on keys alone needs a suite that takes them: they are for SHA-256 (RFC 9846 4.3.11). */
static void expect_for_keys(const hf_policy *p, bool good)
{
    hf_error expected = good ? HF_OK : HF_E_CONFIG_POLICY;

    for (int role = 0; role < 2; role++) {
        assert_int_equal(sealed((hf_role)role, p, KEYS), expected);
        assert_int_equal(sealed((hf_role)role, p, KEYS | CERTIFICATES), HF_OK);
    }
    assert_int_equal(sealed(HF_SERVER, p, BY_HOOK), expected);
    assert_int_equal(sealed(HF_SERVER, p, BY_HOOK | CERTIFICATES), HF_OK);
}

static void test_keys_alone_need_a_suite(void **state)
{
    static const struct {
        uint16_t suites[3];
        bool good;
    } rows[] = {
        { { 0x1302 }, false },         { { 0x1302, 0xc02c }, false }, { { 0xc02b }, false },
        { { 0x1302, 0xc02b }, false }, { { 0x1302, 0x1303 }, true },  { { 0x1301 }, true },
        { { 0x1302, 0xd001 }, true },  { { 0x00a8 }, true },          { { 0xccac, 0xc02b }, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        hf_policy p = named("default");
        memset(p.suites, 0, sizeof p.suites);
        memcpy(p.suites, rows[i].suites, sizeof rows[i].suites);
        expect_for_keys(&p, rows[i].good);
    }
}

/* … in the versions that are spoken: of TLS 1.2 few policies have suites of keys. */
static void test_keys_alone_by_policy_and_version(void **state)
{
    static const struct {
        const char *policy;
        bool good12, good13;
    } rows[] = {
        { "default", true, true },        { "iot", true, true },        { "aes256", false, true },
        { "pci-dss-4.0.1", false, true }, { "classroom", false, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        hf_policy p = policy_of_version(rows[i].policy, HF_TLS12);
        expect_for_keys(&p, rows[i].good12);
        p = policy_of_version(rows[i].policy, HF_TLS13);
        expect_for_keys(&p, rows[i].good13);
        p = named(rows[i].policy);
        expect_for_keys(&p, rows[i].good12 || rows[i].good13);
    }
}

/* A key is no certificate: a server that insists on clients' certificates would take no key, so that it can have none. */
static void test_keys_and_required_certificates(void **state)
{
    static const int ways[] = { KEYS | CERTIFICATES, BY_HOOK | CERTIFICATES, CERTIFICATES };
    static const char *const policies[] = { "default", "modern", "iot" };

    (void)state;
    for (size_t i = 0; i < COUNT(ways) * COUNT(policies) * 3; i++) {
        hf_policy p = named(policies[i / 9]);
        int way = ways[i / 3 % 3], asks = (int)(i % 3);
        bool good = asks != HF_CLIENT_AUTH_REQUIRE || way == CERTIFICATES;
        hf_config *config = resting_on(HF_SERVER, &p, way);
        assert_int_equal(hf_config_set(config, HF_SET_CLIENT_AUTH, (uint64_t)asks), HF_OK);
        assert_int_equal(hf_config_seal(config), good ? HF_OK : HF_E_CONFIG_POLICY);
        hf_config_free(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_is_good),
        cmocka_unit_test(test_pure_post_quantum),
        cmocka_unit_test(test_session_ranges),
        cmocka_unit_test(test_a_version_needs_a_scheme),
        cmocka_unit_test(test_psk_suites_make_a_version),
        cmocka_unit_test(test_who_has_plain_psk),
        cmocka_unit_test(test_keys_alone_need_a_suite),
        cmocka_unit_test(test_keys_alone_by_policy_and_version),
        cmocka_unit_test(test_keys_and_required_certificates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
