/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Finding a path wherever there is one (RFC 4158): several ways, wrong ways, certificates of no use,
 * and what is told about the ways that were given up. What a search may cost is test_x509_path_limits.c.
 */
#include "path_support.h"

#include "x509/issue_crl.h"

/* ---- several ways ---- */

/* The same CA certified twice: one of the two is expired, in either order. */
static void test_expired_alternative(void **state)
{
    test_cert *old = make(CA(.not_after = TEST_NOW - 1), pki->root), *new = make(CA(0), pki->root);
    test_cert *leaf = make(LEAF(0), new);

    (void)state;
    assert_error(ASK(NULL, leaf, old, new), HF_OK);
    assert_error(ASK(NULL, leaf, new, old), HF_OK);
    assert_error(ASK(NULL, leaf, old), HF_E_CERT_EXPIRED);
}

/* The way through an untrusted root is no obstacle, wherever it stands. */
static void test_cross_signed(void **state)
{
    test_cert *stranger = make(ROOT(.common_name = "Stranger", .key_slot = TEST_KEY_OTHER), NULL);
    test_cert *wrong_way = make(CA(0), stranger), *right_way = make(CA(0), pki->root),
              *leaf = make(LEAF(0), right_way);

    (void)state;
    assert_error(ASK(NULL, leaf, wrong_way, stranger, right_way), HF_OK);
    assert_true(hf_span_equal(result.path[1], test_cert_der(right_way)));
    assert_error(ASK(NULL, leaf, wrong_way, stranger), HF_E_CERT_UNKNOWN_CA);
}

/* Two roots certify each other: whoever trusts only one of them finds a way to it, whatever else was sent. */
static void test_cross_signed_both_ways(void **state)
{
    test_cert *a = make(ROOT(.common_name = "A", .key_slot = 10), NULL);
    test_cert *b = make(ROOT(.common_name = "B", .key_slot = 11), NULL);
    test_cert *a_by_b = make(ROOT(.common_name = "A", .key_slot = 10), b);
    test_cert *b_by_a = make(ROOT(.common_name = "B", .key_slot = 11), a);
    test_cert *leaf_a = make(LEAF(0), a), *leaf_b = make(LEAF(0), b);

    (void)state;
    assert_error(ASK(a, leaf_a, a_by_b, b_by_a, a, b), HF_OK);
    assert_int_equal(result.depth, 2);
    assert_error(ASK(b, leaf_a, b_by_a, a_by_b, a, b), HF_OK);
    assert_int_equal(result.depth, 3);
    assert_true(hf_span_equal(result.path[1], test_cert_der(a_by_b)));
    assert_error(ASK(a, leaf_b, a_by_b, b_by_a), HF_OK);
    assert_true(hf_span_equal(result.path[1], test_cert_der(b_by_a)));
    assert_error(ASK(NULL, leaf_b, a_by_b, b_by_a, a, b), HF_E_CERT_UNKNOWN_CA);
}

/* RFC 4158 2.3: a root that was issued again with the same name and key. The old one is sent along, or trusted as well. */
static void test_reissued_root(void **state)
{
    test_cert *old = make(ROOT(.not_after = TEST_NOW - 1), NULL), *new = make(ROOT(0), NULL);
    test_cert *ca = make(CA(0), old), *leaf = make(LEAF(0), ca);
    hf_trust *both = test_trust(old);
    hf_path_query query = test_pki_query(pki);
    const hf_span chain[] = { test_cert_der(leaf), test_cert_der(ca), test_cert_der(old) };

    (void)state;
    assert_error(ASK(new, leaf, ca, old), HF_OK);
    assert_int_equal(result.depth, 3);
    assert_error(hf_trust_add_der(both, test_cert_der(new)), HF_OK);
    query.trust = both;
    query.chain = chain;
    query.n_chain = 3;
    assert_error(hf_path_verify(&query, &result), HF_OK);
    assert_true(hf_span_equal(result.path[2], test_cert_der(new)));
    assert_error(ASK(old, leaf, ca), HF_E_CERT_EXPIRED);
    assert_error(ASK(old, leaf, ca, new), HF_E_CERT_EXPIRED); /* an expired root is no anchor */
    hf_trust_free(both);
}

/* Two anchors of one name: the key identifier leads to the right one, and without it both are tried. */
static void test_anchors_of_one_name(void **state)
{
    test_cert *first = make(ROOT(0), NULL), *second = make(ROOT(.key_slot = TEST_KEY_OTHER), NULL);
    test_cert *leaf = make(LEAF(0), second);
    hf_trust *trust = test_trust(first);
    hf_path_query query = test_pki_query(pki);
    hf_span der = test_cert_der(leaf);

    (void)state;
    assert_error(hf_trust_add_der(trust, test_cert_der(second)), HF_OK);
    query.trust = trust;
    query.chain = &der;
    query.n_chain = 1;
    assert_error(hf_path_verify(&query, &result), HF_OK);
    assert_true(hf_span_equal(result.path[1], test_cert_der(second)));
    hf_trust_free(trust);
}

/* ---- company ---- */

enum { USELESS = 20 };

/* Four CAs between leaf and root, in the worst order, among twenty that have nothing to do with them. */
static void test_useless_company(void **state)
{
    const test_cert *chain[1 + 4 + USELESS], *issuer = pki->root;
    test_cert *stranger = make(ROOT(.common_name = "Stranger", .key_slot = 20), NULL);
    static const char *const names[] = { "One", "Two", "Three", "Four" };
    size_t n = COUNT(chain);

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        for (size_t k = 0; k < USELESS / 4; k++) /* half of them have the names of the good ones */
            chain[--n] = make(
                CA(.common_name = k % 2 ? names[i] : "Useless", .key_slot = (unsigned)(21 + k)),
                stranger);
        chain[--n] = issuer =
            make(CA(.common_name = names[i], .key_slot = (unsigned)(10 + i)), issuer);
    }
    chain[0] = make(LEAF(0), issuer);
    for (size_t i = 1, k = COUNT(chain) - 1; i < k; i += 2, k -= 3) { /* any other order */
        const test_cert *swapped = chain[i];
        chain[i] = chain[k];
        chain[k] = swapped;
    }
    assert_int_equal(n, 1);
    assert_error(ask(chain, COUNT(chain), NULL, test_pki_query(pki)), HF_OK);
    assert_int_equal(result.depth, 6);
    assert_int_equal(result.signatures, 5); /* nothing useless was checked */
}

/* Who is missing is named, whatever else was sent. */
static void test_missing_one(void **state)
{
    test_cert *top = make(CA(.common_name = "Top", .key_slot = 10), pki->root);
    test_cert *middle = make(CA(.common_name = "Middle", .key_slot = 11), top);
    test_cert *low = make(CA(.common_name = "Low", .key_slot = 12), middle);
    test_cert *leaf = make(LEAF(0), low);

    (void)state;
    assert_error(ASK(NULL, leaf, low, middle, top), HF_OK);
    expect(ASK(NULL, leaf, pki->root, top, low), HF_E_CERT_UNKNOWN_CA, 3,
           "not trusted and not sent: CN=Middle");
    expect(ASK(NULL, leaf, top, middle), HF_E_CERT_UNKNOWN_CA, 0,
           "not trusted and not sent: CN=Low");
}

/* A CA that was certified by many who lead nowhere: the one that leads to an anchor's name is tried first. */
static void test_nearest_first(void **state)
{
    const test_cert *chain[82];
    static char names[40][16];
    test_cert *ca = make(CA(0), pki->root);

    (void)state;
    chain[0] = make(LEAF(0), ca);
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(names[i], sizeof names[i], "Nobody %zu", i);
        test_cert *nobody = make(ROOT(.common_name = names[i], .key_slot = 20), NULL);
        chain[1 + 2 * i] = nobody;
        chain[2 + 2 * i] = make(CA(0), nobody);
    }
    chain[81] = ca;
    assert_error(ask(chain, COUNT(chain), NULL, test_pki_query(pki)), HF_OK);
    assert_int_equal(result.signatures, 2);
}

/* ---- rules that come late ---- */

/* RFC 5280 6.1.4 (g): what a CA may not speak for excludes the way through it, not the others. */
static void test_constrained_alternative(void **state)
{
    static const char *const other[] = { "elsewhere.test" }, *const here[] = { "localhost" };
    test_cert *narrow = make_permitted(CA(0), pki->root, other, 1);
    test_cert *fitting = make_permitted(CA(0), pki->root, here, 1), *wide = make(CA(0), pki->root);
    test_cert *leaf = make(LEAF(.names = { "localhost" }), wide);

    (void)state;
    assert_error(ASK(NULL, leaf, narrow, wide), HF_OK);
    assert_true(hf_span_equal(result.path[1], test_cert_der(wide)));
    assert_error(ASK(NULL, leaf, narrow, fitting), HF_OK);
    assert_true(hf_span_equal(result.path[1], test_cert_der(fitting)));
    assert_error(ASK(NULL, leaf, narrow), HF_E_CERT_NAME_NOT_PERMITTED);
    assert_int_equal(result.at, 0);
}

/* Constraints hold for all that is below, over any number of CAs, and those of an anchor too. */
static void test_constraints_from_above(void **state)
{
    static const char *const other[] = { "elsewhere.test" };
    test_cert *top = make_permitted(CA(.common_name = "Top", .key_slot = 10), pki->root, other, 1);
    test_cert *ca = make(CA(0), top), *leaf = make(LEAF(.names = { "localhost" }), ca);
    test_cert *fits = make(LEAF(.names = { "localhost", "elsewhere.test" }), ca);

    (void)state;
    assert_error(ASK(NULL, leaf, ca, top), HF_E_CERT_NAME_NOT_PERMITTED);
    assert_error(ASK(top, leaf, ca), HF_E_CERT_NAME_NOT_PERMITTED);
    assert_error(ASK(NULL, fits, ca, top), HF_E_CERT_NAME_NOT_PERMITTED); /* every name */
    test_cert *good = make(LEAF(.names = { "elsewhere.test" }), ca);
    const test_cert *const chain[] = { good, ca, top };
    hf_path_query query = test_pki_query(pki);
    query.name = "elsewhere.test";
    assert_error(ask(chain, 3, NULL, query), HF_OK);
}

/* The root's CRL of now, which withdraws that certificate. */
static void revoke(hf_trust *trust, const test_cert *root, const test_cert *cert)
{
    const hf_crl_entry entry = { .serial = cert->cert.serial,
                                 .date = TEST_NOW - 60,
                                 .reason = HF_REASON_NONE };
    const hf_crl_request request = { .entries = &entry,
                                     .n = 1,
                                     .number = 1,
                                     .this_update = TEST_NOW - 60,
                                     .next_update = TEST_NOW + TEST_DAY };
    uint8_t *der = NULL;
    size_t len = 0;

    assert_error(hf_crl_issue(&request, &root->cert, root->key, &der, &len), HF_OK);
    assert_error(hf_trust_add_crls(trust, hf_span_of(der, len)), HF_OK);
    hf_free(der);
}

/* RFC 5280 6.1.3 (a) (3): the certificate of a CA was withdrawn, and it has another one for the same key. */
static void test_revoked_alternative(void **state)
{
    test_cert *root = make(ROOT(0), NULL), *withdrawn = make(CA(0), root),
              *good = make(CA(0), root);
    test_cert *leaf = make(LEAF(0), good);
    const hf_span both[] = { test_cert_der(leaf), test_cert_der(withdrawn), test_cert_der(good) };
    hf_trust *trust = test_trust(root);
    hf_path_query query = test_pki_query(pki);

    (void)state;
    revoke(trust, root, withdrawn);
    query.trust = trust;
    query.chain = both;
    query.n_chain = 3;
    assert_error(hf_path_verify(&query, &result), HF_OK);
    assert_true(hf_span_equal(result.path[1], both[2]));
    query.n_chain = 2;
    assert_error(hf_path_verify(&query, &result), HF_E_CERT_REVOKED);
    assert_int_equal(result.at, 1);
    hf_trust_free(trust);
}

/* ---- the explanation ---- */

/* Fewer defects make the better explanation: the way that is only expired, not the one that is no CA and expired. */
static void test_best_explanation(void **state)
{
    test_cert *bad = make((test_cert_options){ .common_name = "CA",
                                               .key_slot = TEST_KEY_INTERMEDIATE,
                                               .not_after = TEST_NOW - 1 },
                          pki->root);
    test_cert *old = make(CA(.not_after = TEST_NOW - 1), pki->root);
    test_cert *leaf = make(LEAF(.names = { "x" }), old), *named = make(LEAF(0), old);

    (void)state;
    assert_error(ASK(NULL, named, bad, old),
                 HF_E_CERT_NOT_CA); /* one defect each: the first found */
    assert_error(ASK(NULL, named, old, bad), HF_E_CERT_EXPIRED);
    assert_error(ASK(NULL, leaf, old), HF_E_CERT_NAME);
    test_cert *good = make(CA(0), pki->root);
    expect(ASK(NULL, leaf, bad, good), HF_E_CERT_NAME, 0,
           "certificate is for x; asked for localhost");
}

typedef struct attempts {
    size_t n;
    hf_error codes[16];
    size_t depths[16], at[16];
    char details[16][128];
} attempts;

static void note(void *user, const hf_path_result *attempt)
{
    attempts *heard = user;

    assert_true(heard->n < COUNT(heard->codes));
    heard->codes[heard->n] = attempt->error;
    heard->depths[heard->n] = attempt->depth;
    heard->at[heard->n] = attempt->at;
    memcpy(heard->details[heard->n++], attempt->detail, sizeof attempt->detail);
}

/* Whoever listens hears each way once, with the first rule that it broke, and the one that was taken. */
static void test_tried(void **state)
{
    attempts heard = { 0 };
    hf_path_query query = test_pki_query(pki);
    test_cert *old = make(CA(.not_after = TEST_NOW - 1), pki->root);
    test_cert *stranger = make(ROOT(.common_name = "Stranger", .key_slot = TEST_KEY_OTHER), NULL);
    test_cert *wrong_way = make(CA(0), stranger), *good = make(CA(0), pki->root);
    test_cert *leaf = make(LEAF(0), good), *late = make(LEAF(.not_after = TEST_NOW - 1), good);
    const test_cert *const all[] = { leaf, old, wrong_way, good },
                           *const no[] = { leaf, wrong_way, old },
                           *const expired[] = { late, good };

    (void)state;
    query.tried = note;
    query.tried_user = &heard;
    assert_error(ask(all, 4, NULL, query), HF_OK);
    assert_int_equal(heard.n, 2); /* the stranger's is never needed */
    assert_error(heard.codes[0], HF_E_CERT_EXPIRED);
    assert_int_equal(heard.depths[0], 2);
    assert_int_equal(heard.at[0], 1);
    assert_error(heard.codes[1], HF_OK);
    assert_int_equal(heard.depths[1], 3);

    heard.n = 0;
    assert_error(ask(no, 3, NULL, query), HF_E_CERT_EXPIRED);
    assert_int_equal(heard.n, 2);
    assert_error(heard.codes[0], HF_E_CERT_EXPIRED);
    assert_error(heard.codes[1], HF_E_CERT_UNKNOWN_CA);
    assert_string_equal(heard.details[1], "not trusted and not sent: CN=Stranger");

    heard.n = 0;
    assert_error(ask(expired, 2, NULL, query), HF_E_CERT_EXPIRED);
    assert_int_equal(heard.n, 1);
    assert_int_equal(heard.depths[0], 1);
}

#define TEST(name) cmocka_unit_test_teardown(name, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_expired_alternative),
        TEST(test_cross_signed),
        TEST(test_cross_signed_both_ways),
        TEST(test_reissued_root),
        TEST(test_anchors_of_one_name),
        TEST(test_useless_company),
        TEST(test_missing_one),
        TEST(test_nearest_first),
        TEST(test_constrained_alternative),
        TEST(test_constraints_from_above),
        TEST(test_revoked_alternative),
        TEST(test_best_explanation),
        TEST(test_tried),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
