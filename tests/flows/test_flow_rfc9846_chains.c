/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What RFC 9846 demands of the certificates that an end shows: those that the peer says it can check go before others, SHA-1
 * goes to nobody who does not ask for it, and the end entity's is the first.
 */
#include "rfc9846_witness.h"

static test_cert *rsa_root, *rsa_leaf, *ec_root, *ec_leaf;

/* Two leaves with keys of one kind and the same names, signed by CAs with keys of two kinds. */
static int make_chains(void **state)
{
    test_cert_options rsa = { .common_name = "RSA", .ca = true, .key_type = HF_KEY_RSA };
    test_cert_options ec = { .common_name = "EC", .ca = true, .key_slot = TEST_KEY_INTERMEDIATE };
    test_cert_options leaf = { .common_name = "localhost", .key_slot = TEST_KEY_LEAF };
    test_cert_options other = { .common_name = "localhost", .key_slot = TEST_KEY_OTHER };

    (void)state;
    leaf.eku = other.eku = HF_EKU_SERVER_AUTH | HF_EKU_CLIENT_AUTH;
    rsa_root = test_cert_new(&rsa, NULL);
    ec_root = test_cert_new(&ec, NULL);
    rsa_leaf = test_cert_new(&leaf, rsa_root);
    ec_leaf = test_cert_new(&other, ec_root);
    return 0;
}

static int drop_chains(void **state)
{
    (void)state;
    test_cert_free(rsa_leaf);
    test_cert_free(ec_leaf);
    test_cert_free(rsa_root);
    test_cert_free(ec_root);
    return 0;
}

typedef struct shelf {
    hf_role shown_by;
    bool rsa_only;
} shelf;

static void add_both(hf_config *config, hf_role role, void *user)
{
    const shelf *s = user;
    hf_identity *rsa = cert_identity(rsa_leaf, rsa_root, NULL);
    hf_identity *ec = cert_identity(ec_leaf, ec_root, NULL);
    hf_trust *trust = hf_trust_new();

    if (role == s->shown_by) {
        assert_int_equal(hf_config_add_identity(config, rsa), HF_OK);
        if (!s->rsa_only)
            assert_int_equal(hf_config_add_identity(config, ec), HF_OK);
    } else {
        assert_int_equal(hf_trust_add_der(trust, test_cert_der(rsa_root)), HF_OK);
        assert_int_equal(hf_trust_add_der(trust, test_cert_der(ec_root)), HF_OK);
        assert_int_equal(hf_config_set_trust(config, trust), HF_OK);
    }
    hf_identity_free(rsa);
    hf_identity_free(ec);
    hf_trust_free(trust);
}

/* In TLS 1.2 a server has one list for both. */
static void no_rsa_certificates(hf_policy *p)
{
    memset(p->schemes, 0, sizeof p->schemes);
    p->schemes[0] = 0x0403;
    memset(p->cert_schemes, 0, sizeof p->cert_schemes);
    p->cert_schemes[0] = 0x0403;
    p->cert_schemes[1] = 0x0503;
}

/* Which chain is shown to a peer that can check both, or ECDSA alone. */
static void shown(hf_role by, uint16_t version, bool rsa_too, bool rsa_only, pair *p)
{
    hf_policy policy = policy_of_version("default", version), judge = policy;
    shelf s = { by, rsa_only };
    pair_options o = { .configure = add_both, .user = &s, .no_identity = by == HF_SERVER };

    if (!rsa_too)
        no_rsa_certificates(&judge);
    o.policy[by] = &policy;
    o.policy[!by] = &judge;
    if (by == HF_CLIENT)
        o.client_auth = HF_CLIENT_AUTH_REQUIRE;
    pair_start(p, &o);
    pair_run(p);
}

static void assert_shown(pair *p, hf_role of, const test_cert *leaf)
{
    const hf_span *chain;

    assert_true(p->end[0].connected && p->end[1].connected);
    assert_true(hf_conn_peer_chain(p->end[!of].conn, &chain) > 0);
    assert_true(hf_span_equal(chain[0], test_cert_der(leaf)));
}

/* RFC 9846 4.5.1.2#6: a chain that the peer says it can check goes before one that it does not; else the first. */
static void test_chain_that_can_be_checked(void **state)
{
    static const uint16_t versions[] = { HF_TLS13, HF_TLS12 };

    (void)state;
    for (int by = 0; by < 2; by++)
        for (size_t v = 0; v < 2; v++)
            for (int rsa_too = 0; rsa_too < 2; rsa_too++) {
                pair p;
                shown((hf_role)by, versions[v], rsa_too, false, &p);
                assert_shown(&p, (hf_role)by, rsa_too ? rsa_leaf : ec_leaf);
                pair_free(&p);
            }
}

/* Without such a chain there is one to fall back on, and the client judges it. RFC 9846 4.5.1.2 */
static void test_chain_to_fall_back_on(void **state)
{
    pair p;

    (void)state;
    shown(HF_SERVER, HF_TLS13, false, true, &p);
    assert_int_equal(hf_conn_failure(p.end[HF_CLIENT].conn)->code, HF_E_CERT_SIGALG_UNSUPPORTED);
    pair_free(&p);
}

/* sha256WithRSAEncryption becomes sha1WithRSAEncryption, in both places; nobody gets to check the signature. */
static void weaken(hostile_bytes *der)
{
    static const uint8_t sha256[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11 };
    unsigned n = 0;

    for (size_t i = 0; i + sizeof sha256 <= der->len; i++)
        if (memcmp(der->data + i, sha256, sizeof sha256) == 0) {
            der->data[i + sizeof sha256 - 1] = 5;
            n++;
        }
    assert_int_equal(n, 2);
}

static hf_identity *weak;

static void add_weak(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER)
        assert_int_equal(hf_config_add_identity(config, weak), HF_OK);
}

static void advertise_sha1(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg == HF_MSG_ClientHello)
        put(b, msg, SIGNATURE_ALGORITHMS_CERT, "\0\4\4\1\2\1", 6);
}

/* RFC 9846 4.5.1.2#7, 4.3.3#11: a chain with SHA-1 goes to nobody but a client that says it takes it. */
static void test_chain_with_sha1(void **state)
{
    pair_options o = { .configure = add_weak, .no_identity = true };
    hostile_bytes der = { 0 };
    hf_identity *good = cert_identity(rsa_leaf, rsa_root, NULL);
    hostile h;

    (void)state;
    hb_set(&der, test_cert_der(rsa_leaf));
    weaken(&der);
    hf_span chain = hb_span(&der);
    assert_int_equal(hf_identity_new(&weak, &chain, 1, good->signer), HF_OK);
    hostile_start(&h, HF_SERVER, &o);
    hostile_rest(&h);
    hostile_assert_alert(&h, HF_ALERT_handshake_failure);
    assert_int_equal(hostile_failure(&h)->code, HF_E_NO_COMMON_SCHEME);
    hostile_free(&h);
    hostile_start_with(&h, HF_SERVER, &o, advertise_sha1);
    hostile_rest(&h);
    assert_null(hostile_failure(&h)); /* it is the client that refuses it */
    assert_true(h.p.end[HF_CLIENT].failed);
    hostile_free(&h);
    hf_identity_free(good);
    hf_identity_free(weak);
    hb_free(&der);
}

/* RFC 9846 4.5.1#8 #9: the first certificate is the end entity's: another one is, and CertificateVerify is not by its key. */
static void issuer_first(hostile *h, hf_msg msg, hostile_bytes *b)
{
    enum { LIST = 1 + 3 };
    hostile_bytes first = { 0 };

    (void)h;
    if (msg != HF_MSG_Certificate)
        return;
    size_t len = (size_t)b->data[LIST] << 16 | (size_t)b->data[LIST + 1] << 8 | b->data[LIST + 2];
    size_t entry = 3 + len + 2;
    hb_set(&first, hf_span_of(b->data + LIST, entry));
    hb_replace(b, LIST, entry, hf_span_of(NULL, 0));
    hb_add(b, hb_span(&first));
    hb_free(&first);
}

static void test_end_entity_first(void **state)
{
    hostile h;

    (void)state;
    hostile_start_with(&h, HF_CLIENT, NULL, issuer_first);
    hostile_rest(&h);
    assert_false(hostile_end(&h)->connected);
    assert_non_null(hostile_failure(&h));
    hostile_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chain_that_can_be_checked),
        cmocka_unit_test(test_chain_to_fall_back_on),
        cmocka_unit_test(test_chain_with_sha1),
        cmocka_unit_test(test_end_entity_first),
    };

    return cmocka_run_group_tests_name("flow_rfc9846_chains", tests, make_chains, drop_chains);
}
