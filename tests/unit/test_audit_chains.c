/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Chains: which ones a server shows for which kind of key, their shape, the verdict, and all that is wrong at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/chain_judge.h"
#include "audit/whole.h"
#include "support/audit_server.h"
#include "support/pair.h"
#include "support/x509_make.h"

extern const hf_inquiry_row hf_inquiry_chains13, hf_inquiry_chains, hf_inquiry_chain_judge,
    hf_inquiry_own_answers;

static const test_pki *pki;
static hf_seen *seen;

static int set_up(void **state)
{
    (void)state;
    pki = shared_pki(HF_KEY_P256);
    seen = hf_seen_new();
    return seen ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    hf_seen_free(seen);
    make_free();
    return 0;
}

static hf_seen_chain *judged(const hf_span *der, size_t n, const hf_audit_setup *setup)
{
    hf_seen_chain *chain = hf_seen_chain_of(seen, der, n, false, HF_V_TLS13, 0);

    assert_non_null(chain);
    hf_chain_judge(seen, chain, setup);
    assert_true(chain->judged);
    return chain;
}

static void expect_faults(const hf_seen_chain *chain, const hf_error *wanted, size_t n)
{
    for (size_t i = 0; i < n && i < chain->n_faults; i++)
        if (chain->faults[i].error != wanted[i])
            fail_msg("fault %zu is %s, expected %s\n%s", i,
                     hf_error_row_of(chain->faults[i].error)->name,
                     hf_error_row_of(wanted[i])->name, chain->why);
    if (chain->n_faults != n)
        fail_msg("%zu faults, expected %zu\n%s", chain->n_faults, n, chain->why);
    assert_int_equal(chain->verdict, n > 0 ? wanted[0] : HF_OK);
}
#define FAULTS(chain, ...)                                                                         \
    expect_faults((chain), (const hf_error[]){ __VA_ARGS__ },                                      \
                  sizeof((const hf_error[]){ __VA_ARGS__ }) / sizeof(hf_error))

/* ---- collecting ---- */

static void each_kind_of_key_is_asked_for(void **state)
{
    static const hf_key_type types[] = { HF_KEY_P256, HF_KEY_RSA, HF_KEY_ED25519 };
    const hf_inquiry_row *rows[] = { &hf_inquiry_chains13, &hf_inquiry_chains };
    hf_audit_setup setup = audit_setup(pki->trust);

    (void)state;
    for (int i = 0; i < 2; i++) {
        audit_server server = { 0 };
        for (size_t k = 0; k < 3; k++)
            server.identities[k] = pki_identity(shared_pki(types[k]));
        audit_server_start(&server);
        audit_seen_versions(seen, &server);
        audit_inquire(rows[i], seen, &setup, &server);
        assert_int_equal(server.connections,
                         HF_CHAIN_KINDS + (i == 0)); /* RSA-PSS: refused twice */
        assert_int_equal(server.engine, i == 0 ? HF_CHAIN_KINDS + 1 : 0);
        assert_int_equal(seen->n_chains, 3);
        audit_server_stop(&server);
    }
    for (size_t k = 0; k < 3; k++) {
        assert_int_equal(seen->chains[k].versions, 1u << HF_V_TLS13 | 1u << HF_V_TLS12);
        assert_int_equal(seen->chains[k].n, 2);
        assert_int_not_equal(seen->chains[k].evidence, 0);
    }
}

/* Rule: a question that was not answered is asked once more; if that is not answered either, that kind of key is open, and only that one. */
static void a_kind_without_an_answer_is_open(void **state)
{
    static const hf_flight_end ends[] = { HF_FLIGHT_LATE, HF_FLIGHT_UNREACHABLE, HF_FLIGHT_CLOSED };
    const hf_inquiry_row *rows[] = { &hf_inquiry_chains13, &hf_inquiry_chains };
    hf_audit_setup setup = audit_setup(pki->trust);
    char why[HF_CHAINS_WHY];

    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        unsigned lost = i < 6 ? 1 : 2;
        audit_server server = { .refuses = ends[i % 3], .refuses_n = lost };
        hf_seen_version *v = &seen->v[i % 2 ? HF_V_TLS12 : HF_V_TLS13];
        server.identities[0] = pki_identity(pki);
        audit_server_start(&server);
        audit_seen_versions(seen, &server);
        v->chains_open = (uint8_t)hf_chain_kinds_of(HF_V_TLS13);
        audit_inquire(rows[i % 2], seen, &setup, &server);
        assert_int_equal(server.connections, HF_CHAIN_KINDS + (i % 2 ? 1 : 3));
        assert_int_equal(v->chains_open, lost == 2 ? 1u << HF_CHAIN_RSA : 0);
        assert_int_equal(hf_chains_whole(seen, why), lost == 1);
        assert_int_equal(strstr(why, "RSA keys") != NULL, lost == 2);
        assert_int_equal(seen->chains_stalled, lost == 2 && ends[i % 3] == HF_FLIGHT_LATE);
        seen->chains_stalled = false;
        audit_server_stop(&server);
        v->chains_open = 0;
    }
}

static void silent_servers_show_no_chain(void **state)
{
    audit_server server = { .refuses = HF_FLIGHT_LATE };
    hf_audit_setup setup = audit_setup(pki->trust);

    (void)state;
    server.identities[0] = pki_identity(pki);
    audit_server_start(&server);
    audit_seen_versions(seen, &server);
    audit_inquire(&hf_inquiry_chains13, seen, &setup, &server);
    audit_inquire(&hf_inquiry_chains, seen, &setup, &server);
    audit_inquire(&hf_inquiry_chain_judge, seen, &setup, &server);
    assert_int_equal(seen->n_chains, 0);
    assert_int_equal(seen->traits[HF_TRAIT_staple].state, HF_UNKNOWN);
    assert_int_equal(seen->traits[HF_TRAIT_scts].state, HF_UNKNOWN);
    audit_server_stop(&server);
}

/* Rule: what a server signs with tells which keys it has: one whose certificate did not come is open, not absent. */
static void signatures_tell_of_a_certificate(void **state)
{
    hf_audit_setup setup = audit_setup(pki->trust);
    audit_server server = { 0 };
    hf_seen_version *v = &seen->v[HF_V_TLS12];
    char why[HF_CHAINS_WHY];

    (void)state;
    server.identities[0] = pki_identity(pki);
    audit_server_start(&server);
    audit_seen_versions(seen, &server);
    audit_inquire(&hf_inquiry_chains13, seen, &setup, &server);
    audit_inquire(&hf_inquiry_chains, seen, &setup, &server);
    hf_codes_add(&v->schemes, 0x0403);
    audit_inquire(&hf_inquiry_own_answers, seen, &setup, &server);
    assert_true(hf_chains_whole(seen, why));
    hf_codes_add(&v->schemes, 0x0804);
    audit_inquire(&hf_inquiry_own_answers, seen, &setup, &server);
    assert_int_equal(v->chains_open, 1u << HF_CHAIN_RSA);
    audit_server_stop(&server);
}

/* Rule: where no certificate came, that is no fault of who has only suites without one. */
static void a_certificate_is_due_where_suites_have_one(void **state)
{
    static const struct {
        uint16_t version, suite;
        bool due;
    } rows[] = {
        { HF_TLS13, 0x1301, true },  { HF_TLS13, 0, true },       { HF_TLS13, 0x00c6, false },
        { HF_TLS12, 0xc02f, true },  { HF_TLS12, 0xc02c, true },  { HF_TLS12, 0, true },
        { HF_TLS12, 0x00a6, false }, { HF_TLS12, 0x00a8, false }, { HF_SSL3, 0x0005, true },
    };

    (void)state;
    assert_false(hf_chains_due(seen));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hf_seen_version *v = &seen->v[hf_seen_version_of(rows[i].version)];
        v->spoken = HF_PRESENT;
        v->suites.n = 0;
        v->suites_whole = rows[i].suite != 0;
        if (rows[i].suite)
            hf_codes_add(&v->suites, rows[i].suite);
        assert_int_equal(hf_chains_due(seen), rows[i].due);
        v->spoken = HF_ABSENT;
    }
}

/* ---- the verdict ---- */

static void a_good_chain_is_good(void **state)
{
    hf_audit_setup setup = audit_setup(pki->trust);

    (void)state;
    const hf_seen_chain *chain = judged(pki->chain, 2, &setup);
    expect_faults(chain, NULL, 0);
    assert_true(chain->name_matches && chain->settled && !chain->status_good);
    assert_string_equal(chain->missing_issuer, "");
    assert_int_equal(chain->path_len, 3);
    assert_false(chain->missing_intermediate || chain->out_of_order || chain->has_root ||
                 chain->has_strangers);
    assert_int_equal(chain->weakest_bits, 0);
    assert_int_equal(chain->weakest_hash, HF_SHA256);
    assert_non_null(strstr(chain->why, "path 1: "));
    assert_non_null(strstr(chain->why, ": good\n"));
}

static test_cert *leaf_of(const char *name, int64_t from_days, int64_t to_days)
{
    test_cert_options options = { .names = { name },
                                  .not_before = TEST_NOW + from_days * TEST_DAY,
                                  .not_after = TEST_NOW + to_days * TEST_DAY,
                                  .key_slot = TEST_KEY_LEAF };

    return test_cert_new(&options, pki->intermediate);
}

static void all_that_is_wrong_is_told(void **state)
{
    hf_audit_setup setup = audit_setup(pki->trust);
    test_cert *expired = leaf_of("other.test", -9, -1), *early = leaf_of("localhost", 1, 9);
    hf_span two[] = { test_cert_der(expired), test_cert_der(pki->intermediate) };
    hf_span later[] = { test_cert_der(early), test_cert_der(pki->intermediate) };

    (void)state;
    const hf_seen_chain *chain = judged(two, 2, &setup);
    FAULTS(chain, HF_E_CERT_EXPIRED, HF_E_CERT_NAME);
    assert_false(chain->name_matches);
    assert_non_null(strstr(chain->why, "verdict: a certificate has expired"));
    assert_non_null(strstr(chain->why, "beside that: the certificate is for another name"));
    FAULTS(judged(later, 2, &setup), HF_E_CERT_NOT_YET_VALID);
    test_cert_free(expired);
    test_cert_free(early);
}

/* All of a chain may be over, and the name wrong beside that. */
static void each_expired_certificate_is_told(void **state)
{
    test_cert *middle = test_cert_new(&(test_cert_options){ .ca = true,
                                                            .common_name = "old",
                                                            .not_before = TEST_NOW - 9 * TEST_DAY,
                                                            .not_after = TEST_NOW - TEST_DAY,
                                                            .key_slot = TEST_KEY_OTHER },
                                      pki->root);
    test_cert *old = test_cert_new(&(test_cert_options){ .names = { "other.test" },
                                                         .not_before = TEST_NOW - 9 * TEST_DAY,
                                                         .not_after = TEST_NOW - 5 * TEST_DAY,
                                                         .key_slot = TEST_KEY_LEAF },
                                   middle);
    hf_span sent[] = { test_cert_der(old), test_cert_der(middle) };
    hf_audit_setup setup = audit_setup(pki->trust);

    (void)state;
    const hf_seen_chain *chain = judged(sent, 2, &setup);
    FAULTS(chain, HF_E_CERT_EXPIRED, HF_E_CERT_NAME, HF_E_CERT_EXPIRED);
    assert_int_equal(chain->faults[0].at, 0);
    assert_int_equal(chain->faults[2].at, 1);
    test_cert_free(old);
    test_cert_free(middle);
}

static void a_renewed_intermediate_is_not_blamed(void **state)
{
    test_cert *middle = test_cert_new(&(test_cert_options){ .ca = true,
                                                            .common_name = "renewed",
                                                            .not_before = TEST_NOW - TEST_DAY,
                                                            .key_slot = TEST_KEY_OTHER },
                                      pki->root);
    test_cert *old = test_cert_new(&(test_cert_options){ .not_before = TEST_NOW - 9 * TEST_DAY,
                                                         .not_after = TEST_NOW - 5 * TEST_DAY,
                                                         .key_slot = TEST_KEY_LEAF },
                                   middle);
    hf_span sent[] = { test_cert_der(old), test_cert_der(middle) };
    hf_audit_setup setup = audit_setup(pki->trust);

    (void)state;
    FAULTS(judged(sent, 2, &setup), HF_E_CERT_EXPIRED);
    test_cert_free(old);
    test_cert_free(middle);
}

static void an_unknown_ca_hides_nothing_else(void **state)
{
    test_cert *stranger = test_cert_new(
        &(test_cert_options){ .ca = true, .common_name = "stranger", .key_slot = TEST_KEY_OTHER },
        NULL);
    hf_trust *trust = test_trust(stranger);
    hf_audit_setup setup = audit_setup(trust);
    test_cert *expired = leaf_of("other.test", -9, -1);
    hf_span sent[] = { test_cert_der(expired), test_cert_der(pki->intermediate),
                       test_cert_der(pki->root) };

    (void)state;
    const hf_seen_chain *chain = judged(sent, 3, &setup);
    FAULTS(chain, HF_E_CERT_UNKNOWN_CA, HF_E_CERT_EXPIRED, HF_E_CERT_NAME);
    assert_true(chain->has_root);
    assert_false(chain->missing_intermediate);
    hf_trust_free(trust);
    test_cert_free(stranger);
    test_cert_free(expired);
}

static void a_self_signed_certificate_is_called_that(void **state)
{
    hf_audit_setup setup = audit_setup(pki->trust);
    test_cert *self = test_cert_new(&(test_cert_options){ .key_slot = TEST_KEY_OTHER }, NULL);
    hf_span sent[] = { test_cert_der(self) };

    (void)state;
    const hf_seen_chain *chain = judged(sent, 1, &setup);
    assert_int_equal(chain->verdict, HF_E_CERT_SELF_SIGNED);
    assert_false(chain->missing_intermediate);
    test_cert_free(self);
}

/* What nobody can read ends the judging, and nothing is made up. */
static void garbage_is_judged_as_garbage(void **state)
{
    hf_audit_setup setup = audit_setup(pki->trust);
    hf_span sent[] = { hf_span_str("not a certificate"), test_cert_der(pki->intermediate) };

    (void)state;
    const hf_seen_chain *chain = judged(sent, 2, &setup);
    assert_false(chain->parsed);
    assert_true(chain->n_faults == 1 && !chain->settled && !*chain->missing_issuer);
    assert_false(chain->missing_intermediate || chain->name_matches);
    assert_int_equal(chain->n_scts_certificate, 0);
}

static void weak_keys_are_counted(void **state)
{
    const test_pki *rsa = shared_pki(HF_KEY_RSA);
    hf_audit_setup setup = audit_setup(rsa->trust);
    hf_policy strict = *setup.policy;

    (void)state;
    strict.rsa_min_bits = 3072;
    setup.policy = &strict;
    const hf_seen_chain *chain = judged(rsa->chain, 2, &setup);
    assert_int_equal(chain->weakest_bits, 2048);
    assert_int_equal(chain->weakest_at, 0);
    assert_string_equal(chain->weakest_subject, "CN=localhost");
    FAULTS(chain, HF_E_CERT_KEY_WEAK);
    assert_true(chain->settled);
}

/* ---- shape ---- */

/* Its issuer may be an intermediate, or a root of one's own: nobody knows. */
static void a_missing_issuer_is_named(void **state)
{
    hf_audit_setup setup = audit_setup(pki->trust);
    char name[128];

    (void)state;
    const hf_seen_chain *chain = judged(pki->chain, 1, &setup);
    hf_name_text(pki->intermediate->cert.subject, name, sizeof name);
    assert_false(chain->missing_intermediate);
    assert_string_equal(chain->missing_issuer, name);
    FAULTS(chain, HF_E_CERT_UNKNOWN_CA);
    assert_true(chain->settled);
}

/* Who says where his issuer can be had (caIssuers, RFC 5280 4.2.2.1) has one that should have been sent. */
static void a_missing_intermediate_is_proven(void **state)
{
    static const char url[] = "http://ca.test/issuer.cer";
    make_ext exts[] = { { MAKE_EXT_SAN, .value = make_san("dns:localhost") },
                        { "1.3.6.1.5.5.7.1.1",
                          .value = MAKE(HF_DER_SEQUENCE,
                                        MAKE(HF_DER_SEQUENCE, make_oid("1.3.6.1.5.5.7.48.2"),
                                             make_tlv(0x86, hf_span_str(url)))) } };
    hf_span der = make_cert(&(make_cert_options){
        .subject = "CN=localhost", .issuer = "CN=Somebody", .exts = exts, .n_exts = 2 });
    hf_audit_setup setup = audit_setup(pki->trust);

    (void)state;
    const hf_seen_chain *chain = judged(&der, 1, &setup);
    assert_true(chain->missing_intermediate);
    assert_string_equal(chain->missing_issuer, "CN=Somebody");
}

/* A leaf that a trusted root issued itself lacks nobody. */
static void a_leaf_of_the_root_misses_nothing(void **state)
{
    hf_audit_setup setup = audit_setup(pki->trust);
    test_cert *leaf = test_cert_new(&(test_cert_options){ .key_slot = TEST_KEY_LEAF }, pki->root);
    hf_span sent[] = { test_cert_der(leaf) };

    (void)state;
    const hf_seen_chain *chain = judged(sent, 1, &setup);
    assert_false(chain->missing_intermediate);
    expect_faults(chain, NULL, 0);
    test_cert_free(leaf);
}

static void order_and_company_are_seen(void **state)
{
    const test_pki *other = shared_pki(HF_KEY_RSA);
    hf_span leaf = pki->chain[0], middle = pki->chain[1], root = test_cert_der(pki->root);
    const struct {
        hf_span sent[4];
        size_t n;
        bool order, root, strangers;
    } rows[] = {
        { { leaf, middle }, 2, false, false, false },
        { { leaf, middle, root }, 3, false, true, false },
        { { leaf, root, middle }, 3, true, true, false },
        { { leaf, middle, other->chain[1] }, 3, false, false, true },
        { { leaf, other->chain[1], middle }, 3, false, false, true },
        { { leaf, middle, test_cert_der(other->root) }, 3, false, false, true },
        { { leaf, middle, middle }, 3, false, false, true },
        { { leaf, middle, leaf }, 3, false, false, true },
    };
    hf_audit_setup setup = audit_setup(pki->trust);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hf_seen *one = hf_seen_new();
        hf_seen_chain *chain = hf_seen_chain_of(one, rows[i].sent, rows[i].n, false, HF_V_TLS12, 0);
        hf_chain_judge(one, chain, &setup);
        if (chain->out_of_order != rows[i].order || chain->has_root != rows[i].root ||
            chain->has_strangers != rows[i].strangers)
            fail_msg("row %zu: order %d, root %d, strangers %d", i, chain->out_of_order,
                     chain->has_root, chain->has_strangers);
        assert_int_equal(chain->verdict, HF_OK);
        assert_false(chain->missing_intermediate);
        hf_seen_free(one);
    }
}

/* ---- marks ---- */

static hf_span algorithm(const char *oid)
{
    return MAKE(HF_DER_SEQUENCE, make_oid(oid), make_hex("0500"));
}

static void broken_hashes_are_seen(void **state)
{
    static const struct {
        const char *oid;
        bool sha1, md5;
    } rows[] = { { "1.2.840.113549.1.1.5", true, false },
                 { "1.2.840.113549.1.1.4", false, true },
                 { "1.2.840.10045.4.1", true, false },
                 { "1.2.840.113549.1.1.11", false, false },
                 { "1.2.840.113549.1.1.10", true, false } };
    hf_audit_setup setup = audit_setup(pki->trust);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hf_seen *one = hf_seen_new();
        hf_span algorithm_der = i == 4
                                    ? MAKE(HF_DER_SEQUENCE, make_oid(rows[i].oid), make_hex("3000"))
                                    : algorithm(rows[i].oid);
        hf_span der = make_cert(
            &(make_cert_options){ .subject = "CN=localhost", .outer_algorithm = algorithm_der });
        hf_seen_chain *chain = hf_seen_chain_of(one, &der, 1, false, HF_V_TLS12, 0);
        hf_chain_judge(one, chain, &setup);
        if (chain->sha1_signature != rows[i].sha1 || chain->md5_signature != rows[i].md5)
            fail_msg("%s: SHA-1 %d, MD5 %d", rows[i].oid, chain->sha1_signature,
                     chain->md5_signature);
        hf_seen_free(one);
    }
}

static void scts_are_counted(void **state)
{
    make_ext two[] = { { MAKE_EXT_SAN, .value = make_san("dns:localhost") },
                       { "1.3.6.1.4.1.11129.2.4.2",
                         .value = make_hex("040a 0008 0002 aabb 0002 ccdd") } };
    make_ext bad[] = { { "1.3.6.1.4.1.11129.2.4.2", .value = make_hex("0404 0008 0002") } };
    make_ext none[] = { { MAKE_EXT_SAN, .value = make_san("dns:localhost") } };

    (void)state;
    assert_int_equal(
        hf_scts_of_certificate(make_cert(&(make_cert_options){ .exts = two, .n_exts = 2 })), 2);
    assert_int_equal(
        hf_scts_of_certificate(make_cert(&(make_cert_options){ .exts = bad, .n_exts = 1 })), 0);
    assert_int_equal(
        hf_scts_of_certificate(make_cert(&(make_cert_options){ .exts = none, .n_exts = 1 })), 0);
    assert_int_equal(hf_scts_of_certificate(make_cert(&(make_cert_options){ .n_exts = 0 })), 0);
    assert_int_equal(hf_scts_of_certificate(hf_span_str("garbage")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(each_kind_of_key_is_asked_for),
        TEST(a_kind_without_an_answer_is_open),
        TEST(silent_servers_show_no_chain),
        TEST(signatures_tell_of_a_certificate),
        TEST(a_certificate_is_due_where_suites_have_one),
        TEST(a_good_chain_is_good),
        TEST(all_that_is_wrong_is_told),
        TEST(each_expired_certificate_is_told),
        TEST(a_renewed_intermediate_is_not_blamed),
        TEST(an_unknown_ca_hides_nothing_else),
        TEST(a_self_signed_certificate_is_called_that),
        TEST(garbage_is_judged_as_garbage),
        TEST(weak_keys_are_counted),
        TEST(a_missing_issuer_is_named),
        TEST(a_missing_intermediate_is_proven),
        TEST(a_leaf_of_the_root_misses_nothing),
        TEST(order_and_company_are_seen),
        TEST(broken_hashes_are_seen),
        TEST(scts_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
