/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Whole handshakes of TLS 1.2: every suite, group and key type, with and without client certificates, full and resumed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "registry/registry.h"
#include "support/pair.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void talk(pair *p)
{
    static const char hello[] = "hello, server", answer[] = "hello, client";

    pair_send(p, HF_CLIENT, hello, sizeof hello);
    pair_send(p, HF_SERVER, answer, sizeof answer);
    assert_int_equal(p->end[HF_SERVER].n_data, sizeof hello);
    assert_memory_equal(p->end[HF_SERVER].data, hello, sizeof hello);
    assert_int_equal(p->end[HF_CLIENT].n_data, sizeof answer);
    assert_memory_equal(p->end[HF_CLIENT].data, answer, sizeof answer);
}

static const hf_conn_info *info_of(const pair *p, hf_role role)
{
    return hf_conn_info_of(p->end[role].conn);
}

static hf_policy policy_with(const hf_suite *suite, uint16_t group)
{
    hf_policy policy = policy_of_version("classroom", HF_TLS12);

    memset(policy.suites, 0, sizeof policy.suites);
    policy.suites[0] = suite->code;
    policy_add(policy.schemes, HF_SCHEME_ecdsa_secp521r1_sha512); /* which is in no policy */
    if (group)
        memset(policy.groups, 0, sizeof policy.groups), policy.groups[0] = group;
    memset(policy.key_shares, 0, sizeof policy.key_shares);
    return policy;
}

static bool fits(const hf_suite *suite, hf_key_type key)
{
    bool rsa = key == HF_KEY_RSA;

    if (hf_kx_is_psk(suite->kx))
        return false; /* test_flow_psk12.c */
    return suite->kx == HF_KX_ECDHE_ECDSA ? !rsa : rsa;
}

/* RFC 5246 figure 1, with RFC 8422's and RFC 5288's suites. */
static void test_matrix(void **state)
{
    static const hf_key_type keys[] = { HF_KEY_P256, HF_KEY_P384, HF_KEY_P521, HF_KEY_RSA,
                                        HF_KEY_ED25519 };
    static const uint16_t groups[] = { HF_GROUP_x25519, HF_GROUP_secp256r1, HF_GROUP_secp384r1,
                                       HF_GROUP_secp521r1 };
    const hf_suite *suite;
    unsigned cases = 0;

    (void)state;
    for (size_t s = 0; (suite = hf_suite_row(s)) != NULL; s++)
        for (size_t g = 0; g < COUNT(groups); g++)
            for (size_t k = 0; k < COUNT(keys); k++)
                for (int mutual = 0; mutual < 2; mutual++) {
                    if (suite->version != HF_TLS12 || !fits(suite, keys[k]))
                        continue;
                    hf_policy policy = policy_with(suite, groups[g]);
                    hf_policy server = policy_of_version("classroom", HF_TLS12);
                    for (size_t i = 1; i < COUNT(groups); i++) /* what ECDSA keys need */
                        if (i != g)
                            policy_add(policy.groups, groups[i]);
                    policy_add(server.groups, HF_GROUP_secp521r1);
                    policy_add(server.schemes, HF_SCHEME_ecdsa_secp521r1_sha512);
                    server.server_prefers = false;
                    pair_options o = { .pki = shared_pki(keys[k]),
                                       .policy = { &policy, &server },
                                       .client_auth = mutual ? HF_CLIENT_AUTH_REQUIRE : 0,
                                       .client_identity = mutual,
                                       .chunk = cases++ % 3 == 0 ? 1 : 0 };
                    pair p;
                    pair_start(&p, &o);
                    pair_connect(&p);
                    const hf_conn_info *info = info_of(&p, HF_CLIENT);
                    assert_int_equal(info->version, HF_TLS12);
                    assert_int_equal(info->cipher_suite, suite->code);
                    assert_int_equal(info->group, suite->kx == HF_KX_RSA ? 0 : groups[g]);
                    assert_int_equal(info->forward_secrecy, suite->kx != HF_KX_RSA);
                    assert_int_equal(info->round_trips, 2);
                    assert_true(info->peer_verified);
                    assert_int_equal(info_of(&p, HF_SERVER)->peer_verified, mutual);
                    talk(&p);
                    pair_free(&p);
                }
    printf("%u handshakes\n", cases);
}

/* RFC 5246 7.4.1.1: a HelloRequest in the handshake means nothing; but they must not come without end. */
static void test_hello_requests_are_counted(void **state)
{
    static const uint8_t request[] = { 22, 3, 3, 0, 4, 0, 0, 0, 0 };
    hf_policy policy = policy_of_version("default", HF_TLS12);
    pair_options o = { .policy = { &policy, &policy } };
    pair p;
    int n = 0;

    (void)state;
    pair_start(&p, &o);
    pair_events(&p, HF_CLIENT);
    for (hf_conn *c = p.end[HF_CLIENT].conn; !hf_conn_failure(c) && n < 100; n++) {
        uint8_t copy[sizeof request];
        memcpy(copy, request, sizeof copy);
        hf_conn_wire_in(c, copy, sizeof copy);
    }
    assert_int_equal(n, 33);
    assert_int_equal(hf_conn_failure(p.end[HF_CLIENT].conn)->code, HF_E_IGNORED_FLOOD);
    pair_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_hello_requests_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
