/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Chains looked at with too little memory: every single allocation fails once; nothing is left behind, and no verdict is made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "audit/chain_judge.h"
#include "audit/sessions.h"
#include "policy/policy.h"
#include "support/testpki.h"
#include "unit/memory_support.h"

static test_pki *pki;
static hf_trust *stranger; /* trusts somebody else: the chain is asked about more than once */

static bool is_fault_of_the_chain(hf_error e)
{
    return e == HF_OK || e == HF_E_CERT_UNKNOWN_CA || e == HF_E_CERT_NAME;
}

/* True once all of it was done. */
static bool judge_with(size_t n)
{
    const hf_audit_setup setup = { .trust = stranger,
                                   .policy = hf_policy_named("default"),
                                   .now = TEST_NOW,
                                   .name = "other.test" };

    calls = 0;
    fail_at = n;
    hf_seen *seen = hf_seen_new();
    hf_seen_chain *chain =
        seen ? hf_seen_chain_of(seen, pki->chain, 2, false, HF_V_TLS13, 0) : NULL;
    if (chain)
        hf_chain_judge(seen, chain, &setup);
    fail_at = SIZE_MAX;
    if (chain && chain->judged) {
        assert_true(chain->verdict != HF_OK && is_fault_of_the_chain(chain->verdict));
        for (size_t i = 0; i < chain->n_faults; i++)
            assert_true(is_fault_of_the_chain(chain->faults[i].error));
    }
    bool whole = chain && chain->n_faults == 2;
    hf_seen_free(seen);
    return whole && calls <= n;
}

static void a_verdict_or_none(void **state)
{
    size_t n = 0, before = live;

    (void)state;
    while (!judge_with(n)) {
        assert_int_equal(live, before);
        assert_true(++n < 1000);
    }
    assert_int_equal(live, before);
    assert_true(n >= 5);
}

static void a_session_or_none(void **state)
{
    hf_session s = {
        .version = HF_TLS13, .cipher_suite = 0x1301, .secret_len = 32, .created = 1, .expires = 2
    };
    uint8_t room[HF_SESSION_MAX];
    hf_builder b = hf_wr_start(room, sizeof room);
    size_t before = live;
    hf_kept kept = { NULL, 0 };
    hf_span written;

    (void)state;
    hf_session_write(&b, &s);
    assert_int_equal(hf_wr_finish(&b, &written), HF_OK);
    calls = 0;
    fail_at = 0;
    assert_false(hf_kept_take(&kept, written));
    fail_at = SIZE_MAX;
    assert_int_equal(live, before);
    assert_true(hf_kept_take(&kept, written));
    assert_false(hf_kept_take(&kept, hf_span_of("damaged", 7)));
    assert_int_equal(live, before);
}

static int set_up(void **state)
{
    (void)state;
    pki = test_pki_new(HF_KEY_P256);
    stranger = hf_trust_new();
    return pki && stranger ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    hf_trust_free(stranger);
    test_pki_free(pki);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_verdict_or_none),
                                        cmocka_unit_test(a_session_or_none) };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
