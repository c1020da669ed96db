/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a search for a path may cost (RFC 9846 C.3 leaves it to us): signatures in units, comparisons
 * of names, depth and candidates. Each limit ends in an error row of its own.
 */
#include "path_support.h"

#include "x509/signature_cost.h"

enum { FIRST_KEY = 5 }; /* of those that the ready PKI does not use */

/* ---- signatures ---- */

/* Certificates of one name whose keys all differ from the one that is looked for: each has to be tried. */
static void test_signature_budget(void **state)
{
    hf_trust *trust = hf_trust_new();
    test_cert *real = make(ROOT(.key_slot = TEST_KEY_OTHER), NULL), *leaf = make(LEAF(0), real);
    hf_path_query query = test_pki_query(pki);
    hf_span der = test_cert_der(leaf);

    (void)state;
    for (size_t i = 0; i < HF_SIGNATURE_BUDGET; i++) {
        test_cert *twin = make(ROOT(.key_slot = FIRST_KEY + (unsigned)i), NULL);
        assert_error(hf_trust_add_der(trust, test_cert_der(twin)), HF_OK);
    }
    query.trust = trust;
    query.chain = &der;
    query.n_chain = 1;
    assert_error(hf_path_verify(&query, &result), HF_E_CERT_UNKNOWN_CA); /* just within */
    test_cert *one_more = make(ROOT(.key_slot = FIRST_KEY + HF_SIGNATURE_BUDGET), NULL);
    assert_error(hf_trust_add_der(trust, test_cert_der(one_more)), HF_OK);
    assert_error(hf_path_verify(&query, &result), HF_E_CERT_BUDGET);
    /* with a key identifier the right one comes first, and costs one */
    assert_error(hf_trust_add_der(trust, test_cert_der(real)), HF_OK);
    assert_error(hf_path_verify(&query, &result), HF_OK);
    hf_trust_free(trust);
}

/* 1,000 CAs that certify each other crosswise: 32 names and keys, each certified by every other. */
static size_t make_mesh(const test_cert *chain[], size_t n)
{
    static char names[32][8];
    test_cert *ca[32];
    size_t made_so_far = 1;

    for (unsigned i = 0; i < COUNT(ca); i++) {
        snprintf(names[i], sizeof names[i], "M%u", i);
        ca[i] = make(ROOT(.common_name = names[i], .key_slot = FIRST_KEY + i), NULL);
    }
    chain[0] = make(LEAF(0), ca[0]);
    for (size_t i = 0; made_so_far < n; i++) {
        unsigned subject = i / 32 % 32, issuer = i % 32;
        if (subject != issuer)
            chain[made_so_far++] = make(
                ROOT(.common_name = names[subject], .key_slot = FIRST_KEY + subject), ca[issuer]);
    }
    return made_so_far;
}

static void test_thousand_cross_signed(void **state)
{
    static const test_cert *chain[1001];
    size_t n = make_mesh(chain, COUNT(chain));
    test_cert *same_name = make(ROOT(.common_name = "M31", .key_slot = TEST_KEY_OTHER), NULL);

    (void)state;
    /* the last signature was within the budget; the ways through certificates that are known by then were not */
    assert_error(ask(chain, n, NULL, test_pki_query(pki)), HF_E_CERT_BUDGET_STEPS);
    assert_int_equal(result.signatures, HF_SIGNATURE_BUDGET);
    /* names that lead to an anchor are no excuse either */
    assert_error(ask(chain, n, same_name, test_pki_query(pki)), HF_E_CERT_BUDGET);
    assert_int_equal(result.signatures, HF_SIGNATURE_BUDGET);
    /* one of them is trusted: found at once */
    const test_cert *anchor = chain[40]; /* M1's */
    assert_string_equal(hf_error_row_of(ask(chain, n, anchor, test_pki_query(pki)))->name, "OK");
    assert_int_equal(result.depth, 3);
    assert_int_equal(result.signatures, 2);
}

/* The same key over the same certificate is asked once, whatever brought it: twice sent, sent and trusted, re-issued. */
static void test_never_twice(void **state)
{
    test_cert *wrong = make(ROOT(.common_name = "CA", .key_slot = 10), NULL);
    test_cert *real = make(ROOT(.common_name = "CA", .key_slot = 11), NULL);
    test_cert *again = make(ROOT(.common_name = "CA", .key_slot = 10), NULL);
    test_cert *leaf = make(LEAF(0), real);

    (void)state;
    assert_error(ASK(NULL, leaf, wrong, again, wrong), HF_E_CERT_UNKNOWN_CA);
    assert_int_equal(result.signatures, 1);
    assert_error(ASK(again, leaf, wrong, again, wrong), HF_E_CERT_UNKNOWN_CA);
    assert_int_equal(result.signatures, 1);
    assert_error(ASK(NULL, pki->leaf, pki->intermediate, pki->intermediate, pki->root), HF_OK);
    assert_int_equal(result.signatures, 2);
}

/* Units by what libcrypto takes for it. */
static void test_units(void **state)
{
    static const struct {
        size_t bytes;
        uint8_t top;
        unsigned units;
    } keys[] = {
        { 128, 0x80, 1 },   { 256, 0x80, 1 },   { 257, 0x01, 2 }, { 384, 0x80, 2 },
        { 385, 0x01, 4 },   { 512, 0x80, 4 },   { 513, 0x01, 8 }, { 1024, 0xff, 8 },
        { 1025, 0x01, 16 }, { 2048, 0x80, 16 },
    };
    static uint8_t n[2048];
    hf_public_key key = { .type = HF_KEY_P256 };

    (void)state;
    assert_int_equal(hf_signature_units(&key), 1);
    key.type = HF_KEY_ED25519;
    assert_int_equal(hf_signature_units(&key), 1);
    for (int slow = 0; slow < 2; slow++) {
        key.type = slow ? HF_KEY_P521 : HF_KEY_P384;
        assert_int_equal(hf_signature_units(&key), 3);
        assert_true((HF_CHAIN_MAX - 1) * hf_signature_units(&key) <= HF_SIGNATURE_BUDGET);
    }
    for (size_t i = 0; i < COUNT(keys); i++) {
        n[0] = keys[i].top;
        key.n = hf_span_of(n, keys[i].bytes);
        key.type = i % 2 ? HF_KEY_RSA : HF_KEY_RSA_PSS;
        assert_int_equal(hf_signature_units(&key), keys[i].units);
    }
}

/* CAs that certify each other in a ring: every way is walked, no way twice in one path, and it ends. */
static void test_ring(void **state)
{
    static const char *const names[] = { "A", "B", "C" };
    const test_cert *chain[HF_CHAIN_MAX], *ca[3] = { 0 };

    (void)state;
    for (size_t i = 0; i < 3; i++)
        ca[i] = make(ROOT(.common_name = names[i], .key_slot = (unsigned)i), NULL);
    chain[0] = make(LEAF(0), ca[0]);
    for (size_t i = 0; i + 1 < HF_CHAIN_MAX; i++)
        chain[i + 1] =
            make(ROOT(.common_name = names[i % 3], .key_slot = (unsigned)(i % 3)), ca[i / 3]);
    hf_error e = ask(chain, HF_CHAIN_MAX, NULL, test_pki_query(pki));
    if (e != HF_E_CERT_BUDGET)
        assert_error(e, HF_E_CERT_UNKNOWN_CA);
}

/* ---- depth ---- */

/* Fourteen CAs between leaf and anchor, and not one more. */
static void test_depth(void **state)
{
    const test_cert *chain[HF_PATH_MAX + 1];
    static char names[HF_PATH_MAX][8];
    const test_cert *issuer = pki->root;
    size_t n = COUNT(chain);

    (void)state;
    for (size_t i = 0; i < HF_PATH_MAX - 1; i++) {
        snprintf(names[i], sizeof names[i], "CA %zu", i);
        chain[--n] = issuer =
            make(CA(.common_name = names[i], .key_slot = (unsigned)(10 + i)), issuer);
    }
    chain[n - 1] = make(LEAF(0), issuer);
    expect(ask(chain + n - 1, HF_PATH_MAX, NULL, test_pki_query(pki)), HF_E_CERT_DEPTH, 14,
           "a path has 16 certificates at most; one more would be CN=CA 0");
    chain[n] = make(LEAF(0), chain[n + 1]);
    assert_error(ask(chain + n, HF_PATH_MAX - 1, NULL, test_pki_query(pki)), HF_OK);
    assert_int_equal(result.depth, HF_PATH_MAX);
}

/* Self-issued certificates and the anchor do not count; where there is a shorter way, it is found. */
static void test_max_intermediates(void **state)
{
    hf_path_query query = test_pki_query(pki);
    test_cert *second = make(CA(.common_name = "Second", .key_slot = 10), pki->intermediate);
    test_cert *shorter = make(CA(.common_name = "Second", .key_slot = 10), pki->root);
    test_cert *renewed = make(CA(.common_name = "Test Root", .key_slot = 11), pki->root);
    test_cert *leaf = make(LEAF(0), second), *below = make(LEAF(0), renewed);
    const test_cert *const two[] = { leaf, second, pki->intermediate },
                           *const either[] = { leaf, second, pki->intermediate, shorter },
                           *const self_issued[] = { below, renewed };

    (void)state;
    query.max_intermediates = 2;
    assert_error(ask(two, 3, NULL, query), HF_OK);
    query.max_intermediates = 1;
    expect(ask(two, 3, NULL, query), HF_E_CERT_DEPTH, 2, "2 intermediates at least, allowed are 1");
    assert_error(ask(either, 4, NULL, query), HF_OK);
    query.max_intermediates = 0;
    assert_error(ask(either, 4, NULL, query), HF_E_CERT_DEPTH);
    assert_error(ask(self_issued, 2, NULL, query), HF_OK);
    assert_error(ask(two, 3, second, query), HF_OK);
}

/* ---- names ---- */

enum { SUBTREES = 2000 };

/* Every name of a leaf is compared with every subtree of every CA above it. */
static void test_names_budget(void **state)
{
    static char names[SUBTREES][24], sans[8][24];
    static const char *subtrees[SUBTREES];
    const test_cert *chain[3], *issuer = pki->root;
    test_cert_options options = LEAF(0);
    hf_path_query query = test_pki_query(pki);
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < SUBTREES; i++) {
        snprintf(names[i], sizeof names[i], "n%zu.test", i);
        subtrees[i] = names[i];
    }
    for (size_t i = 0; i < COUNT(sans); i++) {
        snprintf(sans[i], sizeof sans[i], "n%zu.test", SUBTREES - 1 - i);
        options.names[i] = sans[i];
    }
    query.name = sans[0];
    for (unsigned i = 0; i < 2; i++)
        chain[++n] = issuer = make_permitted(
            CA(.common_name = i ? "Low" : "High", .key_slot = 10 + i), issuer, subtrees, SUBTREES);
    chain[0] = make(options, issuer);
    assert_error(ask(chain, 3, NULL, query), HF_OK);
    /* one CA certified again and again under a narrow one: each way costs the same comparisons */
    static const test_cert *many[1 + 2 * 20];
    static const char *const nothing[] = { "x.test" };
    many[0] = chain[0];
    for (unsigned i = 0; i < 20; i++) {
        many[1 + i] =
            make_permitted(CA(.common_name = "High", .key_slot = 10), pki->root, nothing, 1);
        many[21 + i] = make_permitted(CA(.common_name = "Low", .key_slot = 11), chain[1],
                                      subtrees + i, SUBTREES - i);
    }
    hf_error e = ask(many, COUNT(many), NULL, query);
    assert_string_equal(hf_error_row_of(e)->name, "CERT_BUDGET_NAMES");
    assert_true(result.signatures < HF_SIGNATURE_BUDGET);
}

/* ---- candidates ---- */

/* CAs of one name, each a way to every other, none of which signed anything: the explanation looks at few of them. */
static void test_explanation_is_short(void **state)
{
    static const test_cert *chain[401];
    hf_path_query query = test_pki_query(pki);

    (void)state;
    for (size_t i = 1; i < COUNT(chain); i++)
        chain[i] = make(
            ROOT(.common_name = "N", .key_slot = (unsigned)(5 + i % 30), .not_after = TEST_NOW - 1),
            NULL);
    chain[0] = make(LEAF(0), chain[1]);
    assert_error(ask(chain, COUNT(chain), NULL, query), HF_E_CERT_BUDGET_STEPS);
    assert_true(result.signatures <= HF_SIGNATURE_BUDGET);
}

/* ---- how many ---- */

static void test_pool_limit(void **state)
{
    static const test_cert *chain[HF_POOL_MAX + 1];

    (void)state;
    for (size_t i = 0; i < COUNT(chain); i++)
        chain[i] = pki->client;
    chain[0] = pki->leaf;
    chain[HF_POOL_MAX - 1] = pki->intermediate;
    assert_error(ask(chain, HF_POOL_MAX, NULL, test_pki_query(pki)), HF_OK);
    expect(ask(chain, HF_POOL_MAX + 1, NULL, test_pki_query(pki)), HF_E_CERT_CHAIN_TOO_LONG, 0,
           "4097 certificates, at most 4096 allowed");
}

/* Hundreds of one name and no use: not one signature more than the path needs. */
static void test_namesakes(void **state)
{
    static const test_cert *chain[402];

    (void)state;
    for (size_t i = 1; i < COUNT(chain); i++)
        chain[i] = make(CA(.common_name = "Test Intermediate", .key_slot = (unsigned)(5 + i % 30),
                           .not_after = i % 2 ? TEST_NOW - 1 : 0),
                        pki->root);
    chain[0] = pki->leaf;
    chain[COUNT(chain) - 1] = pki->intermediate;
    assert_error(ask(chain, COUNT(chain), NULL, test_pki_query(pki)), HF_OK);
    assert_int_equal(result.signatures, 2);
}

#define TEST(name) cmocka_unit_test_teardown(name, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_signature_budget),
        TEST(test_thousand_cross_signed),
        TEST(test_never_twice),
        TEST(test_units),
        TEST(test_ring),
        TEST(test_depth),
        TEST(test_max_intermediates),
        TEST(test_names_budget),
        TEST(test_explanation_is_short),
        TEST(test_pool_limit),
        TEST(test_namesakes),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
