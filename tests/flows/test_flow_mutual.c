/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Client authentication in TLS 1.3 and 1.2: whether a server asks, what a client shows, what becomes of
 * it, and what both ends know afterwards; which of several identities a client takes; a server whose
 * application judges the chains.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/flow12.h"

static const uint16_t versions[] = { HF_TLS13, HF_TLS12 };

/* ---- clients ---- */

/* What a client has to show. */
typedef enum shown {
    NOTHING,
    GOOD,
    UNKNOWN_CA,  /* of a CA that the server does not name: so it is not shown at all */
    IMPOSTOR_CA, /* of a CA that only bears the name */
    EXPIRED,
    NOT_YET_VALID,
    FOR_SERVERS, /* extendedKeyUsage: serverAuth */
    ANOTHERS,    /* good, but the key is not the client's own */
    SHOWN_COUNT
} shown;

static const struct {
    const char *name;
    bool sent;
    hf_error error; /* the server's, if it asked; HF_OK: none */
} rows[SHOWN_COUNT] = {
    [NOTHING] = { "nothing", false, HF_OK },
    [GOOD] = { "a good certificate", true, HF_OK },
    [UNKNOWN_CA] = { "one of an unknown CA", false, HF_OK },
    [IMPOSTOR_CA] = { "one of a CA of the same name", true, HF_E_CERT_UNKNOWN_CA },
    [EXPIRED] = { "an expired one", true, HF_E_CERT_EXPIRED },
    [NOT_YET_VALID] = { "one that is not yet valid", true, HF_E_CERT_NOT_YET_VALID },
    [FOR_SERVERS] = { "one for servers", true, HF_E_CERT_PURPOSE },
    [ANOTHERS] = { "somebody else's", true, HF_E_SIGNATURE_WRONG },
};

/* Certificates that the shared PKI does not have, made once. */
static struct {
    test_cert *stranger_root, *impostor_root, *of_stranger, *of_impostor;
    test_cert *expired, *unripe, *for_servers;
} made;

static test_cert *client_cert(const test_cert *issuer, int64_t from, int64_t to, uint8_t eku)
{
    test_cert_options o = { .common_name = "client",
                            .key_slot = TEST_KEY_CLIENT,
                            .eku = eku,
                            .no_names = true,
                            .not_before = from,
                            .not_after = to };

    return test_cert_new(&o, issuer);
}

static int make_certificates(void **unused)
{
    const test_cert *by = shared_pki(HF_KEY_P256)->intermediate;
    test_cert_options stranger = { .common_name = "Stranger", .ca = true, .key_slot = 5 };
    test_cert_options impostor = { .common_name = "Test Root", .ca = true, .key_slot = 6 };
    const uint8_t eku = HF_EKU_CLIENT_AUTH;

    (void)unused;
    made.stranger_root = test_cert_new(&stranger, NULL);
    made.impostor_root = test_cert_new(&impostor, NULL);
    made.of_stranger = client_cert(made.stranger_root, 0, 0, eku);
    made.of_impostor = client_cert(made.impostor_root, 0, 0, eku);
    made.expired = client_cert(by, TEST_NOW - 9 * TEST_DAY, TEST_NOW - TEST_DAY, eku);
    made.unripe = client_cert(by, TEST_NOW + TEST_DAY, TEST_NOW + 9 * TEST_DAY, eku);
    made.for_servers = client_cert(by, 0, 0, HF_EKU_SERVER_AUTH);
    return 0;
}

static int drop_certificates(void **unused)
{
    (void)unused;
    test_cert_free(made.stranger_root);
    test_cert_free(made.impostor_root);
    test_cert_free(made.of_stranger);
    test_cert_free(made.of_impostor);
    test_cert_free(made.expired);
    test_cert_free(made.unripe);
    test_cert_free(made.for_servers);
    return 0;
}

static hf_identity *identity_for(shown what)
{
    const test_pki *pki = shared_pki(HF_KEY_P256);

    switch (what) {
    case GOOD: return pki_client_identity(pki);
    case UNKNOWN_CA: return cert_identity(made.of_stranger, made.stranger_root, NULL);
    case IMPOSTOR_CA: return cert_identity(made.of_impostor, made.impostor_root, NULL);
    case EXPIRED: return cert_identity(made.expired, pki->intermediate, NULL);
    case NOT_YET_VALID: return cert_identity(made.unripe, pki->intermediate, NULL);
    case FOR_SERVERS: return cert_identity(made.for_servers, pki->intermediate, NULL);
    case ANOTHERS: return cert_identity(pki->client, pki->intermediate, pki->leaf);
    default: return NULL;
    }
}

/* ---- the matrix ---- */

static void give_identity(hf_config *config, hf_role role, void *user)
{
    const shown *what = user;
    hf_identity *id = role == HF_CLIENT ? identity_for(*what) : NULL;

    if (id)
        assert_int_equal(hf_config_add_identity(config, id), HF_OK);
    hf_identity_free(id);
}

static const char *subject(const pair *p, hf_role of_peer)
{
    const hf_peer *peer = hf_conn_peer(p->end[!of_peer].conn);

    return peer ? peer->subject : NULL;
}

/* What both ends know: whether there was a request, and an answer to it; who the other is. */
static void check_known(const pair *p, bool asked, bool sent)
{
    for (int role = 0; role < 2; role++) {
        const hf_conn_info *info = hf_conn_info_of(p->end[role].conn);
        assert_int_equal(info->certificate_requested, asked);
        assert_int_equal(info->certificate_sent, sent);
        assert_int_equal(info->peer_verified, role == HF_CLIENT || sent);
    }
    assert_string_equal(subject(p, HF_SERVER), "CN=localhost");
    if (!sent) {
        assert_null(subject(p, HF_CLIENT));
        return;
    }
    const hf_peer *client = hf_conn_peer(p->end[HF_SERVER].conn);
    assert_string_equal(client->subject, "CN=client");
    assert_int_equal(client->not_after, TEST_NOW + 30 * TEST_DAY);
    assert_int_equal(strlen(client->fingerprint), 95);
}

static void check_refused(pair *p, hf_error error, int alert)
{
    const hf_failure *ours = hf_conn_failure(p->end[HF_SERVER].conn),
                     *theirs = hf_conn_failure(p->end[HF_CLIENT].conn);

    assert_non_null(ours);
    assert_int_equal(ours->code, error);
    assert_int_equal(ours->alert, alert);
    assert_int_equal(ours->alert_direction, HF_ALERT_SENT);
    assert_non_null(theirs);
    assert_int_equal(theirs->code, HF_E_ALERT_RECEIVED);
    assert_int_equal(theirs->alert, alert);
    assert_false(p->end[HF_SERVER].connected);
    assert_null(hf_conn_peer(p->end[HF_SERVER].conn));
    if (error != HF_E_SIGNATURE_WRONG) /* it speaks of the chain alone */
        assert_false(hf_conn_info_of(p->end[HF_SERVER].conn)->peer_verified);
    assert_int_equal(p->end[HF_SERVER].n_data, 0);
}

/* RFC 9846 4.5.1.3: certificate_required; RFC 5246 7.4.6: a fatal handshake_failure. */
static hf_error required(uint16_t version)
{
    return version == HF_TLS13 ? HF_E_CLIENT_CERT_REQUIRED : HF_E_CLIENT_CERT_REQUIRED_12;
}

static void one_case(uint16_t version, int auth, shown what)
{
    hf_policy policy = policy_of_version("default", version);
    pair_options o = { .policy = { &policy, &policy },
                       .client_auth = auth,
                       .configure = give_identity,
                       .user = &what };
    bool asked = auth != HF_CLIENT_AUTH_NONE, sent = asked && rows[what].sent;
    pair p;

    pair_start(&p, &o);
    pair_run(&p);
    if (sent && rows[what].error) {
        check_refused(&p, rows[what].error, hf_error_row_of(rows[what].error)->alert);
    } else if (!sent && auth == HF_CLIENT_AUTH_REQUIRE) {
        check_refused(&p, required(version), version == HF_TLS13 ? 116 : 40);
    } else {
        pair_connect(&p);
        check_known(&p, asked, sent);
        pair_send(&p, HF_CLIENT, "x", 1);
        pair_send(&p, HF_SERVER, "x", 1);
    }
    if (version == HF_TLS12) /* a client of TLS 1.3 is done before it hears the verdict */
        assert_int_equal(p.end[HF_CLIENT].connected, p.end[HF_SERVER].connected);
    pair_free(&p);
}

static void test_matrix(void **state)
{
    unsigned cases = 0;

    (void)state;
    for (size_t v = 0; v < 2; v++)
        for (int auth = HF_CLIENT_AUTH_NONE; auth <= HF_CLIENT_AUTH_REQUIRE; auth++)
            for (int what = 0; what < SHOWN_COUNT; what++, cases++)
                one_case(versions[v], auth, (shown)what);
    printf("%u cases\n", cases);
    assert_int_equal(cases, 2 * 3 * SHOWN_COUNT);
}

/* Who it was is remembered by a session. */
static void test_a_resumed_client_is_still_known(void **state)
{
    flow12_setup setup;
    pair p;

    (void)state;
    flow12_prepare(&setup, flow12_named("resumed by ticket, client certificate before"));
    flow12_start(&p, &setup);
    pair_connect(&p);
    assert_true(hf_conn_info_of(p.end[HF_SERVER].conn)->resumed);
    assert_string_equal(subject(&p, HF_CLIENT), "CN=client");
    assert_string_equal(subject(&p, HF_SERVER), "CN=localhost");
    for (int role = 0; role < 2; role++) {
        const hf_conn_info *info = hf_conn_info_of(p.end[role].conn);
        assert_true(info->peer_verified);
        assert_false(info->certificate_requested ||
                     info->certificate_sent); /* not in this handshake */
    }
    pair_free(&p);
    flow12_release(&setup);
}

/* ---- which identity ---- */

/* The client has, in this order: one of the Stranger, one with a P-256 key, one with an Ed25519 key. */
static void give_three(hf_config *config, hf_role role, void *user)
{
    const test_pki *other = shared_pki(HF_KEY_ED25519);
    hf_identity *ids[] = { identity_for(UNKNOWN_CA), identity_for(GOOD),
                           pki_client_identity(other) };

    for (int i = 0; i < 3; i++) {
        if (role == HF_CLIENT)
            assert_int_equal(hf_config_add_identity(config, ids[i]), HF_OK);
        hf_identity_free(ids[i]);
    }
    if (role == HF_SERVER)
        assert_int_equal(hf_config_set_trust(config, user), HF_OK);
}

static hf_trust *trust_in(bool stranger, bool p256, bool ed25519)
{
    hf_trust *trust = hf_trust_new();

    assert_non_null(trust);
    if (stranger)
        assert_int_equal(hf_trust_add_der(trust, test_cert_der(made.stranger_root)), HF_OK);
    if (p256)
        assert_int_equal(hf_trust_add_der(trust, test_cert_der(shared_pki(HF_KEY_P256)->root)),
                         HF_OK);
    if (ed25519)
        assert_int_equal(hf_trust_add_der(trust, test_cert_der(shared_pki(HF_KEY_ED25519)->root)),
                         HF_OK);
    return trust;
}

/* scheme: the only one that the server takes, 0: all. -1: no identity fits, none is shown. */
static void takes(uint16_t version, hf_trust *trust, uint16_t scheme, int which)
{
    hf_policy client = policy_of_version("default", version), server = client;
    pair_options o = { .policy = { &client, &server },
                       .client_auth = HF_CLIENT_AUTH_REQUEST,
                       .configure = give_three,
                       .user = trust };
    const test_pki *pki[] = { NULL, shared_pki(HF_KEY_P256), shared_pki(HF_KEY_ED25519) };
    const hf_span *chain = NULL;
    pair p;

    if (scheme) { /* the server's own key has to sign with something too */
        memset(server.schemes, 0, sizeof server.schemes);
        server.schemes[0] = scheme;
        o.pki = shared_pki(hf_scheme_of(scheme)->key);
    }
    pair_start(&p, &o);
    pair_connect(&p);
    size_t n = hf_conn_peer_chain(p.end[HF_SERVER].conn, &chain);
    assert_int_equal(n, which < 0 ? 0 : 2);
    assert_int_equal(hf_conn_info_of(p.end[HF_CLIENT].conn)->certificate_sent, which >= 0);
    if (which >= 0) {
        hf_span leaf = which == 0 ? test_cert_der(made.of_stranger) : pki[which]->client_chain[0];
        assert_int_equal(chain[0].len, leaf.len);
        assert_memory_equal(chain[0].data, leaf.data, leaf.len);
    }
    pair_free(&p);
    hf_trust_free(trust);
}

/* The first that is of one of the server's CAs and can sign with one of its schemes. The two PKIs' roots bear one name: there
   the schemes decide. */
static void test_the_first_identity_that_fits(void **state)
{
    (void)state;
    for (size_t v = 0; v < 2; v++) {
        uint16_t version = versions[v];
        takes(version, trust_in(true, false, false), 0, 0);
        takes(version, trust_in(true, true, false), 0, 0);
        takes(version, trust_in(false, true, false), 0, 1);
        takes(version, trust_in(false, true, true), 0, 1);
        takes(version, trust_in(true, true, false), HF_SCHEME_ecdsa_secp256r1_sha256, 0);
        takes(version, trust_in(false, true, false), HF_SCHEME_ecdsa_secp256r1_sha256, 1);
    }
}

/* The client's first two keys cannot sign with the only scheme that the server takes. (RFC 9846 4.5.1.2#4) */
static void test_the_schemes_decide(void **state)
{
    hf_policy client, server;
    (void)state;

    for (size_t v = 0; v < 2; v++) {
        client = server = policy_of_version("default", versions[v]);
        memset(server.schemes, 0, sizeof server.schemes);
        server.schemes[0] = HF_SCHEME_ed25519;
        hf_trust *trust = trust_in(true, false, true);
        pair_options o = { .pki = shared_pki(HF_KEY_ED25519),
                           .policy = { &client, &server },
                           .client_auth = HF_CLIENT_AUTH_REQUIRE,
                           .configure = give_three,
                           .user = trust };
        const hf_span *chain = NULL;
        pair p;
        pair_start(&p, &o);
        pair_connect(&p);
        assert_int_equal(hf_conn_peer_chain(p.end[HF_SERVER].conn, &chain), 2);
        hf_span leaf = shared_pki(HF_KEY_ED25519)->client_chain[0];
        assert_int_equal(chain[0].len, leaf.len);
        assert_memory_equal(chain[0].data, leaf.data, leaf.len);
        pair_free(&p);
        hf_trust_free(trust);
    }
}

/* ---- what the server names ---- */

static hostile_bytes request;

static void on_event(void *user, const hf_trace_event *event)
{
    (void)user;
    if (event->kind == HF_TRACE_MESSAGE && strcmp(event->name, "CertificateRequest") == 0)
        hb_set(&request, event->bytes);
}

static bool holds(const hostile_bytes *all, hf_span part)
{
    for (size_t i = 0; i + part.len <= all->len; i++)
        if (memcmp(all->data + i, part.data, part.len) == 0)
            return true;
    return false;
}

/* The extension of TLS 1.3 (RFC 9846 4.3.4), the field of TLS 1.2 (RFC 5246 7.4.4). */
static void check_request(uint16_t version)
{
    hostile_bytes body = { 0 };
    size_t at = 0, len = 0;

    assert_true(request.len > HF_HANDSHAKE_HEADER);
    assert_true(holds(&request, made.stranger_root->cert.subject));
    assert_true(holds(&request, shared_pki(HF_KEY_P256)->root->cert.subject));
    hb_set(&body,
           hf_span_of(request.data + HF_HANDSHAKE_HEADER, request.len - HF_HANDSHAKE_HEADER));
    if (version == HF_TLS13) {
        assert_true(hb_extension(&body, HF_MSG_CertificateRequest, 47, &at, &len));
        assert_int_equal(len, 2 + 2 + made.stranger_root->cert.subject.len + 2 +
                                  shared_pki(HF_KEY_P256)->root->cert.subject.len);
    } else {
        assert_int_equal(body.data[0], 2); /* certificate_types: ecdsa_sign, rsa_sign */
        assert_memory_equal(body.data + 1, "\x40\1", 2);
    }
    hb_free(&body);
}

static void test_authorities_are_named(void **state)
{
    hf_trace_sink sink = { on_event, NULL };

    (void)state;
    for (size_t v = 0; v < 2; v++)
        for (int listener = 0; listener < 2; listener++) {
            hf_policy policy = policy_of_version("default", versions[v]);
            hf_trust *trust = trust_in(true, true, false);
            pair_options o = { .policy = { &policy, &policy },
                               .client_auth = HF_CLIENT_AUTH_REQUEST,
                               .configure = give_three,
                               .user = trust };
            char text[256] = "";
            pair p;
            o.trace[listener] = &sink;
            hb_free(&request);
            pair_start(&p, &o);
            hf_conn *client = p.end[HF_CLIENT].conn;
            assert_false(hf_conn_authority(client, 0, text, sizeof text)); /* not asked yet */
            pair_connect(&p);
            check_request(versions[v]);
            assert_true(hf_conn_authority(client, 0, text, sizeof text));
            assert_string_equal(text, "CN=Stranger");
            assert_true(hf_conn_authority(client, 1, text, sizeof text));
            assert_string_equal(text, "CN=Test Root");
            assert_false(hf_conn_authority(client, 2, text, sizeof text));
            assert_false(hf_conn_authority(p.end[HF_SERVER].conn, 0, text, sizeof text));
            pair_free(&p);
            hf_trust_free(trust);
        }
    hb_free(&request);
}

/* Also when the handshake fails for want of a certificate: who has none can be told whose would do. */
static void test_authorities_are_known_after_a_failure(void **state)
{
    (void)state;
    for (size_t v = 0; v < 2; v++) {
        hf_policy policy = policy_of_version("default", versions[v]);
        pair_options o = { .policy = { &policy, &policy }, .client_auth = HF_CLIENT_AUTH_REQUIRE };
        char text[256] = "";
        pair p;
        pair_start(&p, &o);
        pair_run(&p);
        assert_true(p.end[HF_CLIENT].failed);
        assert_true(hf_conn_authority(p.end[HF_CLIENT].conn, 0, text, sizeof text));
        assert_string_equal(text, "CN=Test Root");
        pair_free(&p);
    }
}

/* ---- the application judges ---- */

static void judge_outside(hf_config *config, hf_role role, void *user)
{
    give_identity(config, role, user);
    if (role == HF_SERVER)
        assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_VERIFY, true), HF_OK);
}

/* The server has all that the client says, and waits for the application's word. */
static void to_verdict(pair *p, uint16_t version, hf_policy *policy, shown *what)
{
    *policy = policy_of_version("default", version);
    pair_options o = { .policy = { policy, policy },
                       .client_auth = HF_CLIENT_AUTH_REQUIRE,
                       .configure = judge_outside,
                       .user = what };

    pair_start(p, &o);
    assert_int_equal(hf_conn_verify_done(p->end[HF_SERVER].conn, HF_OK), HF_E_MISUSE);
    pair_run(p);
}

static void test_verdict_of_the_application(void **state)
{
    (void)state;
    for (size_t v = 0; v < 2; v++) {
        shown what = EXPIRED; /* what the library itself would refuse */
        const hf_span *chain = NULL;
        hf_policy policy;
        pair p;
        to_verdict(&p, versions[v], &policy, &what);
        hf_conn *server = p.end[HF_SERVER].conn;
        assert_true(pair_saw(&p.end[HF_SERVER], HF_EVENT_VERIFY));
        assert_int_equal(hf_conn_peer_chain(server, &chain), 2);
        assert_memory_equal(chain[0].data, made.expired->der, made.expired->len);
        assert_false(p.end[HF_SERVER].connected);
        assert_int_equal(p.end[HF_CLIENT].connected, versions[v] == HF_TLS13);
        assert_int_equal(hf_conn_wire_out(server).len, 0);
        assert_int_equal(hf_conn_data_in(server, &(hf_iovec){ "x", 1 }, 1), 0);
        assert_null(hf_conn_peer(server));
        assert_int_equal(hf_conn_verify_done(server, HF_OK), HF_OK);
        assert_int_equal(hf_conn_verify_done(server, HF_OK), HF_E_MISUSE); /* once */
        pair_connect(&p);
        assert_true(hf_conn_info_of(server)->peer_verified);
        assert_string_equal(subject(&p, HF_CLIENT), "CN=client");
        pair_send(&p, HF_CLIENT, "x", 1);
        assert_int_equal(p.end[HF_SERVER].n_data, 1);
        pair_free(&p);
    }
}

static void test_refusal_of_the_application(void **state)
{
    unsigned cases = 0;

    (void)state;
    for (size_t v = 0; v < 2; v++)
        for (int code = HF_OK + 1; code < HF_ERROR_COUNT; code++) {
            shown what = GOOD;
            hf_policy policy;
            pair p;
            if (strncmp(hf_error_row_of((hf_error)code)->name, "CERT_", 5) != 0)
                continue;
            to_verdict(&p, versions[v], &policy, &what);
            assert_int_equal(hf_conn_verify_done(p.end[HF_SERVER].conn, (hf_error)code), HF_OK);
            pair_run(&p);
            check_refused(&p, (hf_error)code, hf_error_row_of((hf_error)code)->alert);
            assert_int_equal(hf_conn_verify_done(p.end[HF_SERVER].conn, HF_OK), HF_E_MISUSE);
            pair_free(&p);
            cases++;
        }
    printf("%u refusals\n", cases);
    assert_true(cases >= 30);
}

/* The application's yes is no signature; no certificate is none to judge; no answer is no connection. */
static void test_verdict_is_not_all(void **state)
{
    (void)state;
    for (size_t v = 0; v < 2; v++) {
        shown what = ANOTHERS;
        hf_policy policy;
        pair p;
        to_verdict(&p, versions[v], &policy, &what);
        (void)hf_conn_verify_done(p.end[HF_SERVER].conn, HF_OK);
        pair_run(&p);
        assert_int_equal(hf_conn_failure(p.end[HF_SERVER].conn)->code, HF_E_SIGNATURE_WRONG);
        assert_false(p.end[HF_SERVER].connected);
        pair_free(&p);

        what = NOTHING;
        to_verdict(&p, versions[v], &policy, &what);
        assert_false(pair_saw(&p.end[HF_SERVER], HF_EVENT_VERIFY));
        assert_int_equal(hf_conn_failure(p.end[HF_SERVER].conn)->code, required(versions[v]));
        pair_free(&p);

        what = GOOD; /* never answered: nothing happens, and it may be freed */
        to_verdict(&p, versions[v], &policy, &what);
        pair_run(&p);
        assert_false(p.end[HF_SERVER].connected || p.end[HF_SERVER].failed);
        pair_free(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_a_resumed_client_is_still_known),
        cmocka_unit_test(test_the_first_identity_that_fits),
        cmocka_unit_test(test_the_schemes_decide),
        cmocka_unit_test(test_authorities_are_named),
        cmocka_unit_test(test_authorities_are_known_after_a_failure),
        cmocka_unit_test(test_verdict_of_the_application),
        cmocka_unit_test(test_refusal_of_the_application),
        cmocka_unit_test(test_verdict_is_not_all),
    };

    return cmocka_run_group_tests_name("flow_mutual", tests, make_certificates, drop_certificates);
}
