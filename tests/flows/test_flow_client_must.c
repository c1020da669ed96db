/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A client that does not go on without a certificate (HF_SET_CLIENT_AUTH of a client): it says why none of its own will do, where
 * others would send an empty one (RFC 9846 4.5.1.3, RFC 5246 7.4.6). And a leaf whose keyUsage forbids what it does here, with an
 * application that judges the chains (RFC 9846 4.5.1.2, RFC 5246 7.4.2).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "support/pair.h"
#include "support/x509_make.h"

static const uint16_t versions[] = { HF_TLS13, HF_TLS12 };

/* What stands between the client's certificate and this server. */
typedef enum obstacle { NONE, NOT_ASKED, OTHER_ISSUER, OTHER_SCHEMES, OTHER_TYPE } obstacle;

static const struct {
    obstacle what;
    hf_error error; /* HF_OK: it connects */
    const char *field;
} rows[] = {
    { NONE, HF_OK, NULL },
    { NOT_ASKED, HF_OK, NULL },
    { OTHER_ISSUER, HF_E_CERT_ISSUER_NOT_ASKED, "certificate_authorities" },
    { OTHER_SCHEMES, HF_E_NO_COMMON_SCHEME, "signature_algorithms" },
    { OTHER_TYPE, HF_E_CERT_TYPE_NOT_ASKED, "certificate_types" },
};

/* The request of TLS 1.2 as a server writes it that wants RSA keys alone: both types are rsa_sign. */
static bool ask_for_rsa(void *user, hf_msg msg, hf_span *body)
{
    static uint8_t copy[1024];

    (void)user;
    if (msg != HF_MSG_CertificateRequest)
        return false;
    assert_true(body->len <= sizeof copy);
    memcpy(copy, body->data, body->len);
    copy[1] = copy[2] = 1;
    body->data = copy;
    return true;
}

/* Of a CA that the server does not know. */
static hf_identity *stranger(void)
{
    test_cert_options root = { .common_name = "Stranger", .ca = true, .key_slot = 5 };
    test_cert_options leaf = { .common_name = "client",
                               .key_slot = TEST_KEY_CLIENT,
                               .eku = HF_EKU_CLIENT_AUTH };
    test_cert *ca = test_cert_new(&root, NULL), *cert = test_cert_new(&leaf, ca);
    hf_identity *id = cert_identity(cert, ca, shared_pki(HF_KEY_P256)->client);

    test_cert_free(cert);
    test_cert_free(ca);
    return id;
}

static hf_identity *identity_for(obstacle what)
{
    if (what == OTHER_ISSUER)
        return stranger();
    return pki_client_identity(shared_pki(what == OTHER_SCHEMES ? HF_KEY_P384 : HF_KEY_P256));
}

static void must_show(hf_config *config, hf_role role, void *user)
{
    const obstacle *what = user;
    hf_identity *id = identity_for(*what);

    if (role == HF_CLIENT) {
        assert_int_equal(hf_config_add_identity(config, id), HF_OK);
        assert_int_equal(hf_config_set(config, HF_SET_CLIENT_AUTH, HF_CLIENT_AUTH_REQUIRE), HF_OK);
    } else if (*what == OTHER_TYPE) {
        config->override = (hf_override){ ask_for_rsa, NULL };
    }
    hf_identity_free(id);
}

/* A server with a P-256 key that takes no signature of P-384. */
static hf_policy server_policy(uint16_t version, obstacle what)
{
    hf_policy policy = policy_of_version("default", version);

    if (what == OTHER_SCHEMES) {
        memset(policy.schemes, 0, sizeof policy.schemes);
        policy.schemes[0] =
            version == HF_TLS13 ? HF_SCHEME_ecdsa_secp256r1_sha256 : HF_SCHEME_ed25519;
        policy.schemes[1] = HF_SCHEME_rsa_pss_rsae_sha256;
    }
    return policy;
}

static void check_row(size_t i, uint16_t version)
{
    obstacle what = rows[i].what;
    hf_policy client = policy_of_version("default", version), server = server_policy(version, what);
    pair_options o = { .policy = { &client, &server },
                       .client_auth =
                           what == NOT_ASKED ? HF_CLIENT_AUTH_NONE : HF_CLIENT_AUTH_REQUEST,
                       .configure = must_show,
                       .user = &what };
    pair p;

    if (what == OTHER_SCHEMES && version == HF_TLS12)
        o.pki = shared_pki(HF_KEY_ED25519); /* an ECDSA scheme would do for any curve there */
    pair_start(&p, &o);
    pair_run(&p);
    const hf_failure *f = hf_conn_failure(p.end[HF_CLIENT].conn);
    if ((f ? f->code : HF_OK) != rows[i].error)
        fail_msg("%zu, %04x: %s", i, version, hf_error_row_of(f ? f->code : HF_OK)->name);
    if (f) {
        assert_int_equal(f->alert, HF_ALERT_handshake_failure);
        assert_int_equal(f->blame, HF_BLAME_POLICY);
        assert_non_null(strstr(f->field, rows[i].field));
        assert_int_equal(hf_conn_failure(p.end[HF_SERVER].conn)->code, HF_E_ALERT_RECEIVED);
    } else {
        assert_int_equal(hf_conn_info_of(p.end[HF_CLIENT].conn)->certificate_sent, what == NONE);
    }
    pair_free(&p);
}

static void test_says_why(void **state)
{
    (void)state;
    for (size_t v = 0; v < 2; v++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            if (rows[i].what != OTHER_TYPE || versions[v] == HF_TLS12)
                check_row(i, versions[v]);
}

/* ---- whoever shows a certificate that was not asked for ---- */

typedef struct wardrobe {
    bool ignores; /* HF_SET_IGNORE_AUTHORITIES */
    bool has_own; /* beside the stranger's, one that the server's CA issued */
} wardrobe;

static void offer(hf_config *config, hf_role role, void *user)
{
    const wardrobe *w = user;
    hf_identity *strange = stranger(), *own = identity_for(NONE);

    if (role == HF_CLIENT) {
        assert_int_equal(hf_config_add_identity(config, strange), HF_OK);
        if (w->has_own)
            assert_int_equal(hf_config_add_identity(config, own), HF_OK);
        assert_int_equal(hf_config_set(config, HF_SET_IGNORE_AUTHORITIES, w->ignores), HF_OK);
    }
    hf_identity_free(strange);
    hf_identity_free(own);
}

/* RFC 9846 4.3.4, RFC 5246 7.4.4: the list guides the choice; a client that is told to shows what it has all the same, but never
   instead of what was asked for. The server judges as ever. */
static void check_wardrobe(const wardrobe *w, uint16_t version)
{
    hf_policy policy = policy_of_version("default", version);
    pair_options o = { .policy = { &policy, &policy },
                       .client_auth = HF_CLIENT_AUTH_REQUEST,
                       .configure = offer,
                       .user = (void *)w };
    bool strange = w->ignores && !w->has_own;
    pair p;

    pair_start(&p, &o);
    pair_run(&p);
    const hf_failure *f = hf_conn_failure(p.end[HF_SERVER].conn);
    assert_int_equal(f ? f->code : HF_OK, strange ? HF_E_CERT_UNKNOWN_CA : HF_OK);
    assert_int_equal(hf_conn_info_of(p.end[HF_CLIENT].conn)->certificate_sent,
                     w->ignores || w->has_own);
    pair_free(&p);
}

static void test_shows_it_all_the_same(void **state)
{
    (void)state;
    for (size_t v = 0; v < 2; v++)
        for (unsigned i = 0; i < 4; i++)
            check_wardrobe(&(wardrobe){ (i & 1) != 0, (i & 2) != 0 }, versions[v]);
}

static void test_needs_one(void **state)
{
    hf_config *config = hf_config_new(HF_CLIENT, hf_policy_named("default"));

    (void)state;
    assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_VERIFY, true), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_CLIENT_AUTH, HF_CLIENT_AUTH_REQUIRE), HF_OK);
    assert_int_equal(hf_config_seal(config), HF_E_CONFIG_NO_IDENTITY);
    hf_config_free(config);
}

/* ---- keyUsage ---- */

/* An identity that does not know that its key may not sign; the peer reads it in the certificate. */
static hf_identity *forbidden(void)
{
    const hf_span usage = make_hex("03 02 03 08"); /* keyAgreement */
    const make_ext exts[] = { { "2.5.29.15", .critical = true, .value = usage } };
    hf_span der = make_cert(&(make_cert_options){ .issuer = "CN=Test Root",
                                                  .key = test_key(HF_KEY_P256, TEST_KEY_LEAF),
                                                  .exts = exts,
                                                  .n_exts = 1 });
    hf_identity *good = pki_identity(shared_pki(HF_KEY_P256)), *id = NULL;

    assert_int_equal(hf_identity_new(&id, &der, 1, good->signer), HF_OK);
    assert_true(id->leaf.has_key_usage);
    id->leaf.has_key_usage = false;
    hf_identity_free(good);
    return id;
}

static void show_forbidden(hf_config *config, hf_role role, void *user)
{
    const hf_role *shows = user;
    hf_identity *id = forbidden();

    if (role == *shows)
        assert_int_equal(hf_config_add_identity(config, id), HF_OK);
    if (role != *shows)
        assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_VERIFY, true), HF_OK);
    hf_identity_free(id);
}

static void test_usage_is_checked_here(void **state)
{
    (void)state;
    for (size_t v = 0; v < 2; v++)
        for (int shows = 0; shows < 2; shows++) {
            hf_policy policy = policy_of_version("default", versions[v]);
            hf_role who = (hf_role)shows;
            pair_options o = { .policy = { &policy, &policy },
                               .client_auth = who == HF_CLIENT ? HF_CLIENT_AUTH_REQUEST : 0,
                               .no_identity = who == HF_SERVER,
                               .configure = show_forbidden,
                               .user = &who };
            pair p;
            pair_start(&p, &o);
            pair_run(&p);
            const hf_failure *f = hf_conn_failure(p.end[!who].conn);
            assert_non_null(f);
            assert_int_equal(f->code, HF_E_CERT_USAGE);
            assert_int_equal(f->alert, HF_ALERT_unsupported_certificate);
            assert_int_equal(hf_conn_verify_done(p.end[!who].conn, HF_OK), HF_E_MISUSE);
            pair_free(&p);
        }
    make_free();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_says_why),
        cmocka_unit_test(test_shows_it_all_the_same),
        cmocka_unit_test(test_needs_one),
        cmocka_unit_test(test_usage_is_checked_here),
    };

    return cmocka_run_group_tests_name("flow_client_must", tests, NULL, NULL);
}
