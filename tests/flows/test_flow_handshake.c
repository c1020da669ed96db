/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Whole handshakes of both ends in memory: every suite, group and key type, in pieces of every size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

/* Both ends speak 1.2 too: the newer version is taken. */
static void test_default(void **state)
{
    const hf_policy *both = hf_policy_named("default");
    pair_options o = { .policy = { both, both } };
    pair p;

    (void)state;
    pair_start(&p, &o);
    pair_connect(&p);
    const hf_conn_info *info = hf_conn_info_of(p.end[HF_CLIENT].conn);
    assert_int_equal(info->version, HF_TLS13);
    assert_string_equal(hf_code_name(HF_GROUPS, info->group), "X25519MLKEM768");
    assert_true(info->peer_verified);
    assert_int_equal(info->round_trips, 1);
    talk(&p);
    pair_free(&p);
}

static hf_policy policy_with(uint16_t suite, uint16_t group, bool share)
{
    hf_policy policy = policy_of_version("default", HF_TLS13);

    memset(policy.suites, 0, sizeof policy.suites);
    memset(policy.groups, 0, sizeof policy.groups);
    memset(policy.key_shares, 0, sizeof policy.key_shares);
    policy.suites[0] = suite;
    policy_add(policy.schemes, HF_SCHEME_ecdsa_secp521r1_sha512); /* which is in no policy */
    policy.groups[0] = group;
    policy.key_shares[0] = share ? group : 0;
    return policy;
}

/* Every suite with every group and key type, the share sent at once or asked for by HelloRetryRequest. */
static void test_matrix(void **state)
{
    static const hf_key_type keys[] = { HF_KEY_P256, HF_KEY_P384, HF_KEY_P521, HF_KEY_RSA,
                                        HF_KEY_ED25519 };
    hf_policy server = policy_of_version("default", HF_TLS13);
    const hf_suite *suite;
    const hf_group *group;
    unsigned cases = 0;

    (void)state;
    policy_add(server.groups, HF_GROUP_secp521r1);
    policy_add(server.groups, HF_GROUP_mlkem1024);
    policy_add(server.schemes, HF_SCHEME_ecdsa_secp521r1_sha512);
    for (size_t s = 0; (suite = hf_suite_row(s)) != NULL && suite->version == HF_TLS13; s++)
        for (size_t g = 0; (group = hf_group_row(g)) != NULL; g++)
            for (size_t k = 0; k < COUNT(keys); k++)
                for (int share = 0; share < 2; share++, cases++) {
                    hf_policy policy = policy_with(suite->code, group->code, share);
                    pair_options o = { .pki = shared_pki(keys[k]),
                                       .policy = { &policy, &server },
                                       .chunk = cases % 3 == 0 ? 1 : 0 };
                    pair p;
                    pair_start(&p, &o);
                    pair_connect(&p);
                    const hf_conn_info *info = hf_conn_info_of(p.end[HF_CLIENT].conn);
                    assert_int_equal(info->cipher_suite, suite->code);
                    assert_int_equal(info->group, group->code);
                    assert_int_equal(info->retried, !share);
                    assert_int_equal(info->round_trips, share ? 1 : 2);
                    talk(&p);
                    pair_free(&p);
                }
    printf("%u handshakes\n", cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_default),
                                        cmocka_unit_test(test_matrix) };

    return cmocka_run_group_tests_name("flow_handshake", tests, NULL, NULL);
}
