/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Staples as they are seen: good, revoked, stale, somebody else's, damaged, missing where they must not be. */
#include "audit/chain_judge.h"
#include "audit/whole.h"
#include "support/audit_server.h"
#include "support/staple_scene.h"

extern const hf_inquiry_row hf_inquiry_chains13, hf_inquiry_chains, hf_inquiry_chain_judge;

static hf_seen_chain *judged(hf_seen *seen, const test_cert *leaf, hf_span staple)
{
    hf_span sent[] = { test_cert_der(leaf), pki->chain[1] };
    hf_audit_setup setup = audit_setup(pki->trust);
    hf_seen_chain *chain = hf_seen_chain_of(seen, sent, 2, false, HF_V_TLS13, 0);

    assert_non_null(chain);
    chain->staple = staple;
    hf_chain_judge(seen, chain, &setup);
    return chain;
}

static void expect(hf_span staple, hf_tri state, const char *words, hf_error verdict)
{
    hf_seen *seen = hf_seen_new();
    const hf_seen_chain *chain = judged(seen, pki->leaf, staple);

    assert_int_equal(chain->staple_good, state);
    if (!strstr(chain->staple_words, words))
        fail_msg("\"%s\", expected \"%s\"", chain->staple_words, words);
    assert_int_equal(chain->verdict, verdict);
    hf_seen_free(seen);
}

static void what_a_staple_says_is_told(void **state)
{
    hf_span damaged = make_bytes("nonsense", 8);

    (void)state;
    expect(says(HF_STATUS_GOOD), HF_PRESENT, "good", HF_OK);
    expect(says(HF_STATUS_REVOKED), HF_ABSENT, "revoked", HF_E_CERT_REVOKED);
    expect(says(HF_STATUS_UNKNOWN), HF_ABSENT, "does not know", HF_OK);
    expect(answer(pki->leaf, HF_STATUS_GOOD, TEST_NOW - 9 * HOUR, TEST_NOW - HOUR), HF_ABSENT,
           "nextUpdate", HF_OK);
    expect(answer(pki->leaf, HF_STATUS_GOOD, TEST_NOW + HOUR, TEST_NOW + 9 * HOUR), HF_ABSENT,
           "thisUpdate", HF_OK);
    expect(answer(pki->client, HF_STATUS_GOOD, TEST_NOW - HOUR, TEST_NOW + HOUR), HF_ABSENT,
           "another certificate", HF_OK);
    expect(damaged, HF_ABSENT, "", HF_OK);
    expect(hf_span_of(NULL, 0), HF_UNKNOWN, "", HF_OK);
}

/* A revoked certificate for a wrong name: one is not hidden by the other. */
static void a_revoked_leaf_may_be_more_than_revoked(void **state)
{
    hf_seen *seen = hf_seen_new();
    hf_audit_setup setup = audit_setup(pki->trust);
    hf_seen_chain *chain = hf_seen_chain_of(seen, pki->chain, 2, false, HF_V_TLS13, 0);

    (void)state;
    setup.name = "elsewhere.test";
    chain->staple = says(HF_STATUS_REVOKED);
    hf_chain_judge(seen, chain, &setup);
    bool revoked = false, name = false;
    for (size_t i = 0; i < chain->n_faults; i++) {
        revoked |= chain->faults[i].error == HF_E_CERT_REVOKED;
        name |= chain->faults[i].error == HF_E_CERT_NAME;
    }
    assert_true(revoked && name);
    assert_int_equal(chain->n_faults, 2);
    hf_seen_free(seen);
}

static void dates_are_kept(void **state)
{
    hf_seen *seen = hf_seen_new();
    const hf_seen_chain *chain = judged(seen, pki->leaf, says(HF_STATUS_GOOD));

    (void)state;
    assert_int_equal(chain->staple_this_update, TEST_NOW - HOUR);
    assert_int_equal(chain->staple_next_update, TEST_NOW + HOUR);
    assert_int_equal(chain->n_scts_staple, 0);
    hf_seen_free(seen);
}

static void who_must_staple_and_does_not_is_seen(void **state)
{
    hf_seen *seen = hf_seen_new();
    const hf_seen_chain *chain = judged(seen, &must_staple, hf_span_of(NULL, 0));

    (void)state;
    assert_true(chain->must_staple);
    assert_int_equal(chain->verdict, HF_E_CERT_STAPLE_MISSING);
    hf_seen_free(seen);
}

/* RFC 6962 3.3: SCTs in an OCSP response. */
static void scts_of_a_staple_that_is_none_are_none(void **state)
{
    (void)state;
    assert_int_equal(hf_scts_of_staple(make_bytes("nonsense", 8)), 0);
    assert_int_equal(hf_scts_of_staple(says(HF_STATUS_GOOD)), 0);
}

/* By the engine in TLS 1.3, from the clear in TLS 1.2. */
static void staples_are_collected(void **state)
{
    const hf_inquiry_row *rows[] = { &hf_inquiry_chains13, &hf_inquiry_chains };
    hf_audit_setup setup = audit_setup(pki->trust);

    (void)state;
    for (int i = 0; i < 4; i++) {
        hf_seen *seen = hf_seen_new();
        audit_server server = { .identities = { pki_identity(pki) } };
        if (i < 2)
            server.staple = says(HF_STATUS_GOOD);
        audit_server_start(&server);
        audit_seen_versions(seen, &server);
        audit_inquire(rows[i % 2], seen, &setup, &server);
        audit_inquire(&hf_inquiry_chain_judge, seen, &setup, &server);
        assert_int_equal(seen->n_chains, 1);
        assert_int_equal(seen->chains[0].staple_good, i < 2 ? HF_PRESENT : HF_UNKNOWN);
        assert_int_equal(seen->traits[HF_TRAIT_staple].state, i < 2 ? HF_PRESENT : HF_ABSENT);
        assert_int_equal(seen->traits[HF_TRAIT_scts].state, HF_ABSENT);
        audit_server_stop(&server);
        hf_seen_free(seen);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_staple_says_is_told),
        cmocka_unit_test(a_revoked_leaf_may_be_more_than_revoked),
        cmocka_unit_test(dates_are_kept),
        cmocka_unit_test(who_must_staple_and_does_not_is_seen),
        cmocka_unit_test(scts_of_a_staple_that_is_none_are_none),
        cmocka_unit_test(staples_are_collected),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
