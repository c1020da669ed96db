/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a session of TLS 1.3 is bound to (RFC 9846 4.3.11, 4.7.1): a client offers it only where it comes
 * from, and a server takes it only from whom, and for what, it would accept now as it did then. Whatever
 * is not as it was ends in a full handshake. How long it may be used is test_flow_psk13_time.c, what stands
 * in a ticket test_flow_psk13_tickets.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/visit.h"
#include "x509/issue_crl.h"

static kept a, b;

/* ---- it works ---- */

/* RFC 9846 2.2: again and again, bytes one by one too, and the peers are who they were. */
static void test_resumes(void **state)
{
    (void)state;
    for (int identity = 0; identity < 2; identity++) {
        hf_sessions *sessions = memory_of(true, 0);
        pair_options o = usual_return(sessions);
        o.client_auth = HF_CLIENT_AUTH_REQUEST;
        o.client_identity = identity;
        seen full = first_visit(&o, &a);
        assert_int_equal(full.new_tickets, o.policy[HF_SERVER]->tickets);
        assert_string_equal(full.peer[HF_SERVER], identity ? "CN=client" : "");
        for (int i = 0; i < 4; i++) {
            o.chunk = i == 3;
            seen s = visit(&o, &a, &b);
            assert_back(s);
            assert_int_equal(s.psks_offered, 1);
            assert_int_equal(s.new_tickets, 1); /* for the one that was used */
            assert_int_equal(s.trips, 1);
            assert_int_equal(s.verified[HF_SERVER], identity);
            for (int role = 0; role < 2; role++) {
                assert_string_equal(s.peer[role], full.peer[role]);
                assert_string_equal(s.print[role], full.print[role]);
            }
            a = b;
        }
        hf_sessions_free(sessions);
    }
}

/* RFC 9846 4.3.9: who sends no psk_key_exchange_modes gets no tickets; nor does anybody from a policy without them. */
static void test_nobody_is_remembered_unasked(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);
    hf_policy none = *o.policy[HF_SERVER];
    seen s;

    (void)state;
    o.want_session = false;
    s = visit(&o, NULL, &a);
    assert_new_again(s);
    assert_true(a.len == 0 && s.new_tickets == 0);
    o.want_session = true;
    none.tickets = 0;
    o.policy[HF_SERVER] = &none;
    s = visit(&o, NULL, &a);
    assert_true(s.connected && a.len == 0 && s.new_tickets == 0);
    o = usual_return(NULL);
    s = visit(&o, NULL, &a);
    assert_true(s.connected && a.len == 0 && s.new_tickets == 0);
    hf_sessions_free(sessions);
}

/* A client that connects to an address has no server_name to send, and is remembered all the same (RFC 6066 3). */
static void test_resumes_with_an_address(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);

    (void)state;
    o.server_name = "127.0.0.1";
    first_visit(&o, &a);
    assert_back(visit(&o, &a, NULL));
    hf_sessions_free(sessions);
}

/* RFC 9846 4.7.1: what is said inside a resumed connection is its own; only 0-RTT is bound to the protocol. */
static void test_protocol_may_change(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);

    (void)state;
    o.alpn[HF_CLIENT][0] = "h2";
    o.alpn[HF_SERVER][0] = "h2", o.alpn[HF_SERVER][1] = "http/1.1";
    first_visit(&o, &a);
    o.alpn[HF_CLIENT][0] = "http/1.1";
    assert_back(visit(&o, &a, &b));
    o.alpn[HF_CLIENT][0] = NULL;
    assert_back(visit(&o, &b, NULL));
    hf_sessions_free(sessions);
}

/* ---- settings that differ ---- */

static hf_role changed_role;

static void trust_more(hf_config *config, hf_role role, void *user)
{
    hf_trust *trust = test_trust(shared_pki(HF_KEY_P256)->root);

    (void)user;
    if (role == changed_role) {
        assert_int_equal(hf_trust_add_der(trust, test_cert_der(shared_pki(HF_KEY_P384)->root)),
                         HF_OK);
        assert_int_equal(hf_config_set_trust(config, trust), HF_OK);
    }
    hf_trust_free(trust);
}

/* The same CA, with a CRL that names nobody. */
static void trust_with_crl(hf_config *config, hf_role role, void *user)
{
    const test_pki *pki = shared_pki(HF_KEY_P256);
    const hf_crl_request request = { .number = 1,
                                     .this_update = TEST_NOW - TEST_DAY,
                                     .next_update = TEST_NOW + TEST_DAY };
    hf_trust *trust = test_trust(pki->root);
    uint8_t *der = NULL;
    size_t len = 0;

    (void)user;
    if (role == changed_role) {
        assert_int_equal(
            hf_crl_issue(&request, &pki->intermediate->cert, pki->intermediate->key, &der, &len),
            HF_OK);
        assert_int_equal(hf_trust_add_crls(trust, hf_span_of(der, len)), HF_OK);
        assert_int_equal(hf_config_set_trust(config, trust), HF_OK);
    }
    hf_free(der);
    hf_trust_free(trust);
}

static void insecure(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_CLIENT)
        assert_int_equal(hf_config_set(config, HF_SET_INSECURE, true), HF_OK);
}

static void verify_outside(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_CLIENT)
        assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_VERIFY, true), HF_OK);
}

/* A session is for one server, one name and the settings under which the server was believed. (RFC 9846 4.7.1#3) */
static void test_client_offers_it_nowhere_else(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    const pair_options usually = usual_return(sessions);
    pair_options o = usually;
    hf_policy fewer = *usually.policy[HF_CLIENT];

    (void)state;
    changed_role = HF_CLIENT;
    fewer.groups[2] = 0;
    first_visit(&o, &a);
    o.server_name = "example.test";
    assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_OTHER_PEER);
    o.verify_name = "localhost";
    assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_OTHER_PEER);
    o = usually, o.verify_name = "example.test";
    assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_OTHER_PEER);
    o = usually, o.endpoint = "localhost:8443";
    assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_OTHER_PEER);
    o = usually, o.endpoint = NULL;
    assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_OTHER_PEER);
    o = usually, o.client_identity = true;
    assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_OTHER_SETTINGS);
    o = usually, o.configure = trust_more;
    assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_OTHER_SETTINGS);
    o = usually, o.configure = trust_with_crl;
    assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_OTHER_SETTINGS);
    o = usually, o.configure = insecure;
    assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_OTHER_SETTINGS);
    o = usually, o.configure = verify_outside;
    assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_OTHER_SETTINGS);
    o = usually, o.policy[HF_CLIENT] = &fewer;
    assert_kept_back(visit(&o, &a, NULL), HF_E_SESSION_OTHER_SETTINGS);
    assert_back(visit(&usually, &a, NULL));
    hf_sessions_free(sessions);
}

/* Bytes that are no session of ours are not offered, wherever they are broken, and harm nothing. */
static void test_client_offers_no_damaged_session(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);

    (void)state;
    first_visit(&o, &a);
    for (size_t len = 1; len < a.len; len += 1 + a.len / 16) {
        b = a, b.len = len;
        assert_kept_back(visit(&o, &b, NULL), HF_E_SESSION_DAMAGED);
    }
    b = a, b.bytes[b.len++] = 0;
    assert_kept_back(visit(&o, &b, NULL), HF_E_SESSION_DAMAGED);
    hf_sessions_free(sessions);
}

/* Whoever was not verified is not remembered; whom the application judged, only under the config that it judged for. */
static void test_how_the_server_was_believed(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);

    (void)state;
    o.configure = insecure, o.no_trust = true;
    seen s = visit(&o, NULL, &a);
    assert_true(s.connected && !s.verified[HF_CLIENT]);
    assert_int_equal(a.len, 0);
    o = usual_return(sessions);
    o.configure = verify_outside;
    pair p;
    pair_start(&p, &o);
    pair_run(&p);
    assert_int_equal(hf_conn_verify_done(p.end[HF_CLIENT].conn, HF_OK), HF_OK);
    pair_connect(&p);
    hf_span session = hf_conn_session(p.end[HF_CLIENT].conn);
    memcpy(a.bytes, session.data, a.len = session.len);
    hf_conn_options again = { .server_name = "localhost",
                              .endpoint = o.endpoint,
                              .session = hf_span_of(a.bytes, a.len) };
    for (int role = 0; role < 2; role++) {
        hf_conn_free(p.end[role].conn);
        p.end[role].conn = hf_conn_new(p.config[role], p.worker, role == HF_CLIENT ? &again : NULL);
        p.end[role].connected = false;
    }
    pair_connect(&p); /* nobody is asked again */
    assert_true(hf_conn_info_of(p.end[HF_CLIENT].conn)->resumed);
    pair_free(&p);
    pair_start(&p, &o); /* the same settings are not the same config */
    assert_int_equal(hf_conn_info_of(p.end[HF_CLIENT].conn)->session_error, HF_OK);
    pair_free(&p);
    o.session = hf_span_of(a.bytes, a.len);
    pair_start(&p, &o);
    assert_int_equal(hf_conn_info_of(p.end[HF_CLIENT].conn)->session_error,
                     HF_E_SESSION_OTHER_SETTINGS);
    pair_free(&p);
    hf_sessions_free(sessions);
}

/* ---- what a server does not take ---- */

static void name_it(hf_session *s, const void *name)
{
    s->server_name = s->verify_name = hf_span_str(name);
}

/* RFC 9846 4.7.1: another name, other settings: a full handshake. */
static void test_server_takes_it_for_the_same_thing_only(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options usually = usual_return(sessions), o;
    hf_policy fewer = *usually.policy[HF_SERVER];

    (void)state;
    changed_role = HF_SERVER;
    fewer.groups[2] = 0;
    usually.client_auth = HF_CLIENT_AUTH_REQUEST;
    usually.client_identity = true;
    first_visit(&usually, &a);
    b = a;
    recut(&b, name_it, "example.test");
    o = usually, o.server_name = "example.test";
    assert_sent_back(visit(&o, &b, NULL));
    o = usually, o.configure = trust_more;
    assert_sent_back(visit(&o, &a, NULL));
    o = usually, o.configure = trust_with_crl;
    assert_sent_back(visit(&o, &a, NULL));
    o = usually, o.client_auth = HF_CLIENT_AUTH_REQUIRE;
    assert_sent_back(visit(&o, &a, NULL));
    o = usually, o.client_auth = HF_CLIENT_AUTH_NONE;
    seen s = visit(&o, &a, NULL);
    assert_sent_back(s);
    assert_string_equal(s.peer[HF_SERVER], "");
    o = usually, o.policy[HF_SERVER] = &fewer;
    assert_sent_back(visit(&o, &a, NULL));
    assert_back(visit(&usually, &a, NULL));
    hf_sessions_free(sessions);
}

/* The same name with another key: what the client believed was the old one. */
static void test_another_key_of_the_server(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);
    test_pki pki = *shared_pki(HF_KEY_P256);
    test_cert_options other = { .common_name = "localhost", .key_slot = TEST_KEY_OTHER };

    (void)state;
    first_visit(&o, &a);
    pki.leaf = test_cert_new(&other, pki.intermediate);
    pki.chain[0] = test_cert_der(pki.leaf);
    o.pki = &pki;
    assert_sent_back(visit(&o, &a, NULL));
    test_cert_free(pki.leaf);
    hf_sessions_free(sessions);
}

static void pause(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER)
        assert_int_equal(hf_config_set(config, HF_SET_PAUSE_AT_CLIENT_HELLO, true), HF_OK);
}

/* One connection to a server that goes on with that config; true: the session was resumed. */
static bool visits_host(pair_options *o, hf_config *host, kept *next)
{
    pair p;

    pair_start(&p, o);
    pair_run(&p);
    assert_int_equal(hf_conn_switch_config(p.end[HF_SERVER].conn, host), HF_OK);
    pair_connect(&p);
    bool resumed = hf_conn_info_of(p.end[HF_SERVER].conn)->resumed;
    assert_int_equal(hf_conn_info_of(p.end[HF_CLIENT].conn)->resumed, resumed);
    hf_span bytes = hf_conn_session(p.end[HF_CLIENT].conn);
    memcpy(next->bytes, bytes.data, next->len = bytes.len);
    pair_free(&p);
    return resumed;
}

/* Virtual hosts that share their memory: the one that the application switches to is the one that is resumed with, or not. */
static void test_virtual_hosts(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions), other = o;
    pair q;

    (void)state;
    changed_role = HF_SERVER;
    other.configure = trust_more;
    pair_start(&q, &other); /* for its config */
    o.configure = pause;
    for (int first = 0; first < 2; first++) {
        hf_config *hosts[2] = { NULL, q.config[HF_SERVER] };
        o.session = hf_span_of(NULL, 0);
        assert_false(visits_host(&o, hosts[first], &a));
        o.session = hf_span_of(a.bytes, a.len);
        assert_false(visits_host(&o, hosts[!first], &b));
        assert_true(visits_host(&o, hosts[first], &b));
    }
    pair_free(&q);
    hf_sessions_free(sessions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resumes),
        cmocka_unit_test(test_nobody_is_remembered_unasked),
        cmocka_unit_test(test_resumes_with_an_address),
        cmocka_unit_test(test_protocol_may_change),
        cmocka_unit_test(test_client_offers_it_nowhere_else),
        cmocka_unit_test(test_client_offers_no_damaged_session),
        cmocka_unit_test(test_how_the_server_was_believed),
        cmocka_unit_test(test_server_takes_it_for_the_same_thing_only),
        cmocka_unit_test(test_another_key_of_the_server),
        cmocka_unit_test(test_virtual_hosts),
    };

    return cmocka_run_group_tests_name("flow_psk13_bind", tests, NULL, NULL);
}
