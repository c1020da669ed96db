/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Paths: chains that stand, and chains with one defect each and what is said about it. Searches with
 * several ways are test_x509_path_search.c, the limits of a search test_x509_path_limits.c.
 */
#include "path_support.h"
#include "tests/support/x509_make.h"
#include "x509_samples.h"

/* ---- chains that stand ---- */

static void test_good(void **state)
{
    hf_path_query query = test_pki_query(pki);

    (void)state;
    assert_error(hf_path_verify(&query, &result), HF_OK);
    assert_int_equal(result.depth, 3);
    assert_true(hf_span_equal(result.path[0], test_cert_der(pki->leaf)));
    assert_true(hf_span_equal(result.path[1], test_cert_der(pki->intermediate)));
    assert_true(hf_span_equal(result.path[2], test_cert_der(pki->root)));
    assert_string_equal(result.detail, "");
}

static void test_good_names(void **state)
{
    static const char *const names[] = { "localhost",       "LOCALHOST.",   "127.0.0.1",  "::1",
                                         "0:0:0:0:0:0:0:1", "example.test", "a.wild.test" };
    hf_path_query query = test_pki_query(pki);

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        query.name = names[i];
        assert_error(hf_path_verify(&query, &result), HF_OK);
    }
    query.name = NULL;
    assert_error(hf_path_verify(&query, &result), HF_OK);
}

static void test_client(void **state)
{
    hf_path_query query = test_pki_query(pki);

    (void)state;
    query.chain = pki->client_chain;
    query.purpose = HF_EKU_CLIENT_AUTH;
    query.name = NULL;
    assert_error(hf_path_verify(&query, &result), HF_OK);
}

static void test_every_key_type(void **state)
{
    static const hf_key_type types[] = { HF_KEY_P384, HF_KEY_P521, HF_KEY_ED25519, HF_KEY_RSA,
                                         HF_KEY_RSA_PSS };

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        test_pki *other = test_pki_new(types[i]);
        hf_path_query query = test_pki_query(other);
        assert_error(hf_path_verify(&query, &result), HF_OK);
        assert_int_equal(result.depth, 3);
        test_pki_free(other);
    }
}

static void test_direct(void **state)
{
    test_cert *leaf = make(LEAF(0), pki->root);

    (void)state;
    assert_error(ASK(NULL, leaf), HF_OK);
    assert_int_equal(result.depth, 2);
}

/* An intermediate that is trusted ends the path. */
static void test_trusted_intermediate(void **state)
{
    (void)state;
    assert_error(ASK(pki->intermediate, pki->leaf), HF_OK);
    assert_int_equal(result.depth, 2);
}

static void test_odd_orders(void **state)
{
    test_cert *second =
        make(CA(.common_name = "Second", .key_slot = TEST_KEY_OTHER), pki->intermediate);
    test_cert *leaf = make(LEAF(0), second),
              *stranger = make(ROOT(.common_name = "Stranger"), NULL);

    (void)state;
    assert_error(ASK(NULL, leaf, second, pki->intermediate), HF_OK);
    assert_int_equal(result.depth, 4);
    assert_error(ASK(NULL, leaf, pki->intermediate, second), HF_OK);
    assert_error(ASK(NULL, leaf, pki->root, second, stranger, pki->intermediate, leaf, leaf),
                 HF_OK);
    assert_int_equal(result.depth, 4);
    assert_error(ASK(NULL, leaf, second, second, pki->intermediate, pki->intermediate), HF_OK);
}

static void test_long_chain(void **state)
{
    const test_cert *chain[HF_CHAIN_MAX];
    char names[HF_CHAIN_MAX][8];
    const test_cert *issuer = pki->root;

    (void)state;
    for (size_t i = HF_CHAIN_MAX - 1; i > 0; i--) {
        snprintf(names[i], sizeof names[i], "CA %zu", i);
        chain[i] = issuer =
            make(CA(.common_name = names[i], .key_slot = (unsigned)(1 + i % (TEST_KEYS_MAX - 1))),
                 issuer);
    }
    chain[0] = make(LEAF(0), issuer);
    assert_error(ask(chain, HF_CHAIN_MAX, NULL, test_pki_query(pki)), HF_OK);
    assert_int_equal(result.depth, HF_CHAIN_MAX + 1);
}

/* ---- time ---- */

static void test_expired(void **state)
{
    test_cert *leaf = make(LEAF(.not_after = TEST_NOW - 23 * 3600), pki->intermediate);
    test_cert *ca = make(CA(.not_after = TEST_NOW - 1), pki->root), *below = make(LEAF(0), ca);

    (void)state;
    expect(ASK(NULL, leaf, pki->intermediate), HF_E_CERT_EXPIRED, 0,
           "not after 2026-11-20T10:00:00Z, now 2026-11-21T09:00:00Z");
    expect(ASK(NULL, below, pki->intermediate, ca), HF_E_CERT_EXPIRED, 2,
           "not after 2026-11-21T08:59:59Z, now 2026-11-21T09:00:00Z");
}

static void test_not_yet_valid(void **state)
{
    test_cert *leaf = make(LEAF(.not_before = TEST_NOW + 1), pki->intermediate);
    test_cert *root = make(ROOT(.not_before = TEST_NOW + 3600), NULL), *below = make(LEAF(0), root);

    (void)state;
    expect(ASK(NULL, leaf, pki->intermediate), HF_E_CERT_NOT_YET_VALID, 0,
           "not before 2026-11-21T09:00:01Z, now 2026-11-21T09:00:00Z");
    expect(ASK(root, below), HF_E_CERT_NOT_YET_VALID, 1,
           "not before 2026-11-21T10:00:00Z, now 2026-11-21T09:00:00Z in the trusted CN=Root");
}

/* RFC 5280 4.1.2.5: from notBefore through notAfter, inclusive. */
static void test_edges_of_validity(void **state)
{
    test_cert *leaf =
        make(LEAF(.not_before = TEST_NOW - 100, .not_after = TEST_NOW + 100), pki->intermediate);
    const test_cert *const chain[] = { leaf, pki->intermediate };
    static const struct {
        int64_t now;
        hf_error code;
    } cases[] = {
        { TEST_NOW - 101, HF_E_CERT_NOT_YET_VALID },
        { TEST_NOW - 100, HF_OK },
        { TEST_NOW + 100, HF_OK },
        { TEST_NOW + 101, HF_E_CERT_EXPIRED },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        hf_path_query query = test_pki_query(pki);
        query.now = cases[i].now;
        assert_error(ask(chain, 2, NULL, query), cases[i].code);
    }
}

/* ---- names ---- */

static void test_wrong_name(void **state)
{
    hf_path_query query = test_pki_query(pki);
    test_cert *bare = make(LEAF(.no_names = true, .common_name = "localhost"), pki->intermediate);
    test_cert *many =
        make(LEAF(.names = { "a-long-name.of-many-labels.example.test", "another-one.example.test",
                             "a-third-one.example.test" }),
             pki->intermediate);

    (void)state;
    query.name = "wrong.test";
    expect(hf_path_verify(&query, &result), HF_E_CERT_NAME, 0,
           "certificate is for localhost, 127.0.0.1, ::1, example.test, *.wild.test; asked for "
           "wrong.test");
    expect(ASK(NULL, bare, pki->intermediate), HF_E_CERT_NAME, 0,
           "certificate is for no DNS name or address; asked for localhost");
    expect(ASK(NULL, many, pki->intermediate), HF_E_CERT_NAME, 0,
           "certificate is for a-long-name.of-many-labels.example.test, another-one.example.test, "
           "...; asked for localhost");
    query.name = "evil\n\x1b[31m";
    hf_path_verify(&query, &result);
    assert_non_null(strstr(result.detail, "asked for evil??[31m"));
}

/* ---- no anchor ---- */

static void test_unknown_ca(void **state)
{
    test_cert *stranger = make(ROOT(.common_name = "Stranger"), NULL),
              *leaf = make(LEAF(0), stranger);
    test_cert *same_name = make(ROOT(.common_name = "Test Root", .key_slot = TEST_KEY_OTHER), NULL);
    hf_trust *nobody = hf_trust_new();
    hf_path_query query = test_pki_query(pki);

    (void)state;
    expect(ASK(NULL, leaf), HF_E_CERT_UNKNOWN_CA, 0, "not trusted and not sent: CN=Stranger");
    expect(ASK(NULL, pki->leaf), HF_E_CERT_UNKNOWN_CA, 0,
           "not trusted and not sent: CN=Test Intermediate");
    expect(ASK(stranger, pki->leaf, pki->intermediate), HF_E_CERT_UNKNOWN_CA, 1,
           "not trusted and not sent: CN=Test Root");
    expect(ASK(stranger, pki->leaf, pki->intermediate, pki->root), HF_E_CERT_UNKNOWN_CA, 2,
           "a root that is not trusted: CN=Test Root");
    expect(ASK(same_name, pki->leaf, pki->intermediate), HF_E_CERT_UNKNOWN_CA, 1,
           "another key is trusted for CN=Test Root");
    query.trust = nobody;
    assert_error(hf_path_verify(&query, &result), HF_E_CERT_UNKNOWN_CA);
    hf_trust_free(nobody);
}

static void test_self_signed(void **state)
{
    test_cert *alone = make(LEAF(.common_name = "alone"), NULL);

    (void)state;
    expect(ASK(NULL, alone), HF_E_CERT_SELF_SIGNED, 0, "subject and issuer are both CN=alone");
}

/* Without key identifiers, a name and keys: 0 is what is trusted, 1 another. */
static hf_span nameless(const char *subject, const char *issuer, int key, int signer, bool ca,
                        bool broken)
{
    static const uint8_t slots[] = { TEST_KEY_ROOT, TEST_KEY_OTHER };
    make_ext exts[] = { { MAKE_EXT_SAN, .value = make_san("dns:localhost") },
                        { MAKE_EXT_BASIC_CONSTRAINTS, true, MAKE(HF_DER_SEQUENCE, make_true()) } };

    return make_cert(&(make_cert_options){ .subject = subject,
                                           .issuer = issuer,
                                           .key = test_key(HF_KEY_P256, slots[key]),
                                           .issuer_key = test_key(HF_KEY_P256, slots[signer]),
                                           .exts = exts,
                                           .n_exts = ca ? 2 : 1,
                                           .break_signature = broken });
}

static hf_error ask_bytes(hf_span anchor, const hf_span *chain, size_t n)
{
    hf_path_query query = test_pki_query(pki);
    hf_trust *trust = hf_trust_new();

    assert_int_equal(hf_trust_add_der(trust, anchor), HF_OK);
    query.trust = trust;
    query.chain = chain;
    query.n_chain = n;
    hf_error e = hf_path_verify(&query, &result);
    hf_trust_free(trust);
    return e;
}

/* Last year's certificate is trusted, this year's is sent; no key identifier tells one from the other, but its own signature does. */
static void test_self_signed_with_a_trusted_namesake(void **state)
{
    static const char me[] = "CN=localhost", us[] = "CN=us";

    (void)state;
    for (int ca = 0; ca < 2; ca++) {
        hf_span anchor = nameless(me, me, 0, 0, ca, false), own = nameless(me, me, 1, 1, 0, false);
        expect(ask_bytes(anchor, &own, 1), HF_E_CERT_SELF_SIGNED, 0,
               "subject and issuer are both CN=localhost");
    }
    hf_span anchor = nameless(us, us, 0, 0, true, false),
            below[] = { nameless(me, us, 1, 1, false, false), nameless(us, us, 1, 1, true, false) };
    expect(ask_bytes(anchor, below, 2), HF_E_CERT_UNKNOWN_CA, 1,
           "another key is trusted for CN=us");
    make_free();
}

/* Nor does it excuse a signature that nobody made: neither its own key nor the trusted one. */
static void test_a_wrong_signature_stays_one(void **state)
{
    static const char me[] = "CN=localhost", us[] = "CN=us";
    hf_span anchor = nameless(me, me, 0, 0, true, false), own = nameless(me, me, 1, 1, false, true);

    (void)state;
    expect(ask_bytes(anchor, &own, 1), HF_E_CERT_SIGNATURE, 0,
           "does not verify with the key of CN=localhost");
    own = nameless(me, us, 1, 1, false, false); /* self-issued it is not */
    anchor = nameless(us, us, 0, 0, true, false);
    expect(ask_bytes(anchor, &own, 1), HF_E_CERT_SIGNATURE, 0,
           "does not verify with the key of CN=us");
    anchor = nameless(me, me, 0, 0, true, false);
    own = nameless(me, me, 1, 0, false, false); /* a new key, vouched for by the old one */
    assert_error(ask_bytes(anchor, &own, 1), HF_OK);
    make_free();
}

/* Whoever is not trusted is not excused by being expired, or for another name, as well. */
static void test_trust_comes_first(void **state)
{
    test_cert *alone = make(LEAF(.not_after = TEST_NOW - 1, .names = { "x" }), NULL);
    test_cert *stranger = make(ROOT(.common_name = "Stranger"), NULL);
    test_cert *leaf = make(LEAF(.not_after = TEST_NOW - 1), stranger);

    (void)state;
    assert_error(ASK(NULL, alone), HF_E_CERT_SELF_SIGNED);
    assert_error(ASK(NULL, leaf), HF_E_CERT_UNKNOWN_CA);
}

/* A certificate in the store is believed as it is, but still for its names, its time and its purpose. */
static void test_trusted_leaf(void **state)
{
    test_cert *alone = make(LEAF(0), NULL), *other = make(LEAF(0), NULL);
    test_cert *old = make(LEAF(.not_after = TEST_NOW - 1), NULL),
              *named = make(LEAF(.names = { "x" }), NULL);
    test_cert *client = make(LEAF(.eku = HF_EKU_CLIENT_AUTH), NULL),
              *issued = make(LEAF(0), pki->root);

    (void)state;
    assert_error(ASK(alone, alone), HF_OK);
    assert_int_equal(result.depth, 1);
    assert_error(ASK(issued, issued), HF_OK);
    assert_error(ASK(old, old), HF_E_CERT_EXPIRED);
    assert_error(ASK(named, named), HF_E_CERT_NAME);
    assert_error(ASK(client, client), HF_E_CERT_PURPOSE);
    /* same name, same key, other bytes: the anchor would have to be a CA */
    assert_error(ASK(other, alone), HF_E_CERT_NOT_CA);
}

/* ---- usage and purpose ---- */

static void test_usage(void **state)
{
    test_cert *root = make(ROOT(0), NULL),
              *leaf = make(CA(.common_name = "x", .names = { "localhost" }), root);
    test_cert *no_sign = make(LEAF(.common_name = "y"), root), *below = make(LEAF(0), no_sign);

    (void)state;
    /* a CA's keyUsage is keyCertSign and cRLSign */
    expect(ASK(root, leaf), HF_E_CERT_USAGE, 0, "keyUsage is there without digitalSignature");
    expect(ASK(root, below, no_sign), HF_E_CERT_NOT_CA, 1, "basicConstraints says cA FALSE");
}

static void test_purpose(void **state)
{
    test_cert *client = make(LEAF(.eku = HF_EKU_CLIENT_AUTH), pki->root), *both, *none, *ca, *below;
    hf_path_query query = test_pki_query(pki);

    (void)state;
    expect(ASK(NULL, client), HF_E_CERT_PURPOSE, 0,
           "extKeyUsage allows clientAuth, serverAuth is needed");
    query.purpose = HF_EKU_CLIENT_AUTH;
    expect(hf_path_verify(&query, &result), HF_E_CERT_PURPOSE, 0,
           "extKeyUsage allows serverAuth, clientAuth is needed");
    both = make(LEAF(.eku = HF_EKU_CLIENT_AUTH | HF_EKU_SERVER_AUTH), pki->root);
    assert_error(ASK(NULL, both), HF_OK);
    none = make(LEAF(.no_eku = true), pki->root);
    assert_error(ASK(NULL, none), HF_OK);
    ca = make(CA(.eku = HF_EKU_CLIENT_AUTH), pki->root);
    below = make(LEAF(0), ca);
    expect(ASK(NULL, below, ca), HF_E_CERT_PURPOSE, 1,
           "extKeyUsage allows clientAuth, serverAuth is needed");
}

/* ---- CAs ---- */

static void test_not_ca(void **state)
{
    test_cert *below = make(LEAF(0), pki->leaf);

    (void)state;
    expect(ASK(NULL, below, pki->leaf, pki->intermediate), HF_E_CERT_NOT_CA, 1,
           "basicConstraints says cA FALSE");
    expect(ASK(pki->leaf, below), HF_E_CERT_NOT_CA, 1,
           "basicConstraints says cA FALSE in the trusted CN=localhost");
}

static void test_path_length(void **state)
{
    test_cert *root = make(ROOT(.path_len_given = true, .path_len = 0), NULL);
    test_cert *ca = make(CA(0), root), *leaf = make(LEAF(0), ca), *direct = make(LEAF(0), root);
    test_cert *one = make(ROOT(.path_len_given = true, .path_len = 1), NULL),
              *ca1 = make(CA(0), one);
    test_cert *leaf1 = make(LEAF(0), ca1);

    (void)state;
    assert_error(ASK(root, direct), HF_OK);
    expect(ASK(root, leaf, ca), HF_E_CERT_PATH_LENGTH, 2,
           "pathLenConstraint 0, 1 CA certificates below in the trusted CN=Root");
    assert_error(ASK(one, leaf1, ca1), HF_OK);
}

/* RFC 5280 6.1.4 (l): a self-issued certificate, for a new key of the same CA, does not count. */
static void test_path_length_self_issued(void **state)
{
    test_cert *root = make(ROOT(.path_len_given = true, .path_len = 0), NULL);
    test_cert *renewed = make(ROOT(.key_slot = TEST_KEY_OTHER), root),
              *leaf = make(LEAF(0), renewed);

    (void)state;
    assert_error(ASK(root, leaf, renewed), HF_OK);
    assert_int_equal(result.depth, 3);
}

static void test_weak_key(void **state)
{
    test_pki *rsa = test_pki_new(HF_KEY_RSA);
    hf_path_query query = test_pki_query(rsa);
    test_cert *leaf = make(LEAF(0), rsa->root);
    const test_cert *const direct[] = { leaf };

    (void)state;
    query.rsa_min_bits = 3072;
    expect(hf_path_verify(&query, &result), HF_E_CERT_KEY_WEAK, 0,
           "RSA key of 2048 bits, allowed are 3072 to 8192");
    expect(ask(direct, 1, rsa->root, query), HF_E_CERT_KEY_WEAK, 1,
           "RSA key of 2048 bits, allowed are 3072 to 8192 in the trusted CN=Test Root");
    query = test_pki_query(rsa);
    query.rsa_max_bits = 2047;
    query.rsa_min_bits = 1024;
    assert_error(hf_path_verify(&query, &result), HF_E_CERT_KEY_LARGE);
    test_pki_free(rsa);
}

/* ---- signatures ---- */

/* The chain with one bit of certificate `at` flipped, in its signature or in what is signed. */
static hf_error ask_damaged(size_t at, bool in_signature)
{
    const test_cert *certs[] = { pki->leaf, pki->intermediate };
    hf_span part = in_signature ? certs[at]->cert.signature : certs[at]->cert.serial;
    uint8_t *copy = tight(pki->chain[at]);
    hf_span chain[2] = { pki->chain[0], pki->chain[1] };
    hf_path_query query = test_pki_query(pki);

    copy[part.data + part.len - 1 - pki->chain[at].data] ^= 1;
    chain[at].data = copy;
    query.chain = chain;
    hf_error e = hf_path_verify(&query, &result);
    free(copy);
    return e;
}

static void test_bad_signature(void **state)
{
    (void)state;
    expect(ask_damaged(0, true), HF_E_CERT_SIGNATURE, 0,
           "does not verify with the key of CN=Test Intermediate");
    expect(ask_damaged(0, false), HF_E_CERT_SIGNATURE, 0,
           "does not verify with the key of CN=Test Intermediate");
    expect(ask_damaged(1, true), HF_E_CERT_SIGNATURE, 1,
           "does not verify with the key of CN=Test Root");
    expect(ask_damaged(1, false), HF_E_CERT_SIGNATURE, 1,
           "does not verify with the key of CN=Test Root");
}

static void test_allowed_schemes(void **state)
{
    static const uint16_t only_rsa[] = { HF_SCHEME_rsa_pkcs1_sha256, HF_SCHEME_rsa_pss_rsae_sha256,
                                         0 },
                          none[] = { 0 };
    static const uint16_t p384[] = { HF_SCHEME_ecdsa_secp384r1_sha384, 0 };
    static const uint16_t unknown[] = { 0xfefe, HF_SCHEME_ecdsa_secp256r1_sha256, 0 };
    const uint16_t *const refused[] = { only_rsa, none, p384 };
    hf_path_query query = test_pki_query(pki);

    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        query.schemes = refused[i];
        expect(hf_path_verify(&query, &result), HF_E_CERT_SIGALG_UNSUPPORTED, 0,
               "signed with ecdsa-with-SHA256, which with the issuer's key is not among the "
               "schemes that are allowed");
    }
    query.schemes = unknown;
    assert_error(hf_path_verify(&query, &result), HF_OK);
}

static hf_error ask_samples(const char *leaf_pem, const char *root_pem, const char *name)
{
    hf_span leaf = der_of(leaf_pem), root = der_of(root_pem);
    hf_path_query query = test_pki_query(pki);
    hf_trust *trust = hf_trust_new();
    hf_cert cert;

    assert_error(hf_trust_add_der(trust, root), HF_OK);
    assert_error(hf_cert_parse(&cert, leaf, NULL), HF_OK);
    query.chain = &leaf;
    query.n_chain = 1;
    query.trust = trust;
    query.name = name;
    query.now = cert.not_before + 60;
    hf_error e = hf_path_verify(&query, &result);
    hf_trust_free(trust);
    hf_free((void *)leaf.data);
    hf_free((void *)root.data);
    return e;
}

/* The anchor's own signature is SHA-1, and nobody asks for it; below it SHA-1 is refused. */
static void test_sha1(void **state)
{
    (void)state;
    assert_error(ask_samples(sample_under_sha1_root, sample_sha1_root, "localhost"), HF_OK);
    expect(ask_samples(sample_signed_with_sha1, sample_sha1_root, "localhost"),
           HF_E_CERT_SIGALG_BROKEN, 0, "signed with ecdsa-with-SHA1, which is not supported");
}

static void test_unknown_critical(void **state)
{
    (void)state;
    expect(ask_samples(sample_critical_unknown, sample_critical_unknown, "localhost"),
           HF_E_CERT_EXTENSION_CRITICAL, 0, "critical extension 1.2.3.4.5");
    assert_error(
        ask_samples(sample_critical_name_constraints, sample_critical_name_constraints, NULL),
        HF_OK); /* understood */
}

static void test_openssl_pss(void **state)
{
    (void)state;
    assert_error(ask_samples(sample_pss, sample_pss, "localhost"), HF_OK);
    assert_error(ask_samples(sample_rsa_1024, sample_rsa_1024, "localhost"), HF_E_CERT_KEY_WEAK);
}

/* ---- malformed certificates ---- */

static void test_malformed(void **state)
{
    static const uint8_t junk[] = { 0x30, 0x03, 0x02, 0x01, 0x00 };
    hf_span chain[3] = { { junk, sizeof junk }, pki->chain[1], { NULL, 0 } };
    hf_path_query query = test_pki_query(pki);

    (void)state;
    query.chain = chain;
    assert_error(hf_path_verify(&query, &result), HF_E_CERT_DER);
    assert_string_equal(result.detail, "Certificate.tbsCertificate, byte 2: tag 02, expected 30");
    /* where the issuer should be */
    chain[0] = pki->chain[0];
    chain[1] = hf_span_of(junk, sizeof junk);
    expect(hf_path_verify(&query, &result), HF_E_CERT_DER, 1,
           "Certificate.tbsCertificate, byte 2: tag 02, expected 30");
    /* where nobody needs it */
    chain[1] = pki->chain[1];
    chain[2] = hf_span_of(junk, sizeof junk);
    query.n_chain = 3;
    assert_error(hf_path_verify(&query, &result), HF_OK);
}

/* RFC 5280 4.1.2.2: positive. Old roots have zero and are let off. */
static void test_zero_serial(void **state)
{
    static const uint8_t zero[] = { 0 };
    hf_path_query query = test_pki_query(pki);
    hf_cert leaf = pki->leaf->cert, ca = pki->intermediate->cert;
    char detail[HF_DETAIL_MAX];

    (void)state;
    leaf.serial = ca.serial = hf_span_of(zero, 1);
    assert_error(hf_rule_leaf(&query, &leaf, detail), HF_E_CERT_SERIAL);
    assert_string_equal(detail, "serialNumber is 0, must be positive");
    assert_error(hf_rule_issuer(&query, &ca, false, 0, detail), HF_E_CERT_SERIAL);
    assert_error(hf_rule_issuer(&query, &ca, true, 0, detail), HF_OK);
}

static void test_empty(void **state)
{
    hf_path_query query = test_pki_query(pki);

    (void)state;
    query.n_chain = 0;
    assert_error(hf_path_verify(&query, &result), HF_E_CERTIFICATE_EMPTY);
    assert_error(result.error, HF_E_CERTIFICATE_EMPTY);
}

#define TEST(name) cmocka_unit_test_teardown(name, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_good),
        TEST(test_good_names),
        TEST(test_client),
        TEST(test_every_key_type),
        TEST(test_direct),
        TEST(test_trusted_intermediate),
        TEST(test_odd_orders),
        TEST(test_long_chain),
        TEST(test_expired),
        TEST(test_not_yet_valid),
        TEST(test_edges_of_validity),
        TEST(test_wrong_name),
        TEST(test_unknown_ca),
        TEST(test_self_signed),
        TEST(test_self_signed_with_a_trusted_namesake),
        TEST(test_a_wrong_signature_stays_one),
        TEST(test_trust_comes_first),
        TEST(test_trusted_leaf),
        TEST(test_usage),
        TEST(test_purpose),
        TEST(test_not_ca),
        TEST(test_path_length),
        TEST(test_path_length_self_issued),
        TEST(test_weak_key),
        TEST(test_bad_signature),
        TEST(test_allowed_schemes),
        TEST(test_sha1),
        TEST(test_unknown_critical),
        TEST(test_openssl_pss),
        TEST(test_malformed),
        TEST(test_zero_serial),
        TEST(test_empty),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
