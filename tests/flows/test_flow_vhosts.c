/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Virtual hosts that share one memory of sessions: one listener stops at ClientHello and goes on as one
 * of three hosts. Whatever is offered where, no host resumes a session of another, and none reports a
 * client that it would not have verified itself (RFC 6066 3, RFC 9846 4.7.1). A host may also speak
 * other versions than its listener.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "support/pair.h"

enum { HOSTS = 3, NO_CERT = HOSTS, CLIENTS = HOSTS + 1, CA_KEY = 5 };

static const char *const names[HOSTS] = { "a.test", "b.test", "c.test" };
static test_pki servers;        /* its leaf is good for all names */
static test_pki clients[HOSTS]; /* each with a CA of its own */
static hf_policy tls12;

/* What does not change within one world. */
typedef struct world {
    int auth[HOSTS];
    bool common; /* all hosts trust all CAs, else each its own */
    hf_sessions *sessions;
    hf_config *listener, *host[HOSTS], *client[CLIENTS];
} world;

/* ---- certificates ---- */

static int make_certificates(void **state)
{
    static const char *const subjects[HOSTS] = { "client-0", "client-1", "client-2" };
    static const char *const issuers[HOSTS] = { "CA 0", "CA 1", "CA 2" };
    test_cert_options leaf = { .common_name = "hosts",
                               .names = { "a.test", "b.test", "c.test" },
                               .key_slot = TEST_KEY_LEAF };

    (void)state;
    tls12 = policy_of_version("default", HF_TLS12);
    servers = *shared_pki(HF_KEY_P256);
    servers.leaf = test_cert_new(&leaf, servers.intermediate);
    servers.chain[0] = test_cert_der(servers.leaf);
    for (unsigned i = 0; i < HOSTS; i++) {
        test_cert_options ca = { .common_name = issuers[i], .ca = true, .key_slot = CA_KEY + i };
        test_cert_options client = { .common_name = subjects[i],
                                     .no_names = true,
                                     .eku = HF_EKU_CLIENT_AUTH,
                                     .key_slot = TEST_KEY_CLIENT };
        clients[i].root = test_cert_new(&ca, NULL);
        clients[i].client = test_cert_new(&client, clients[i].root);
        clients[i].client_chain[0] = test_cert_der(clients[i].client);
        clients[i].client_chain[1] = test_cert_der(clients[i].root);
    }
    return 0;
}

static int free_certificates(void **state)
{
    (void)state;
    test_cert_free(servers.leaf);
    for (int i = 0; i < HOSTS; i++) {
        test_cert_free(clients[i].client);
        test_cert_free(clients[i].root);
    }
    return 0;
}

/* ---- configs ---- */

static void identify(hf_config *config, hf_identity *id)
{
    assert_int_equal(hf_config_add_identity(config, id), HF_OK);
    hf_identity_free(id);
}

static hf_config *new_config(hf_role role, const hf_policy *policy)
{
    hf_config *config = hf_config_new(role, policy);
    hf_hooks hooks = { .wall_time = test_wall_time };

    assert_non_null(config);
    assert_int_equal(hf_config_set_hooks(config, &hooks), HF_OK);
    if (role == HF_SERVER)
        identify(config, pki_identity(&servers));
    return config;
}

static hf_config *sealed(hf_config *config)
{
    assert_int_equal(hf_config_seal(config), HF_OK);
    return config;
}

static hf_config *new_listener(const hf_policy *policy, hf_sessions *sessions)
{
    hf_config *config = new_config(HF_SERVER, policy);

    assert_int_equal(hf_config_set_sessions(config, sessions), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_PAUSE_AT_CLIENT_HELLO, true), HF_OK);
    return sealed(config);
}

/* first and last: the CAs that it trusts. */
static hf_config *new_host(const hf_policy *policy, hf_sessions *sessions, int auth, int first,
                           int last)
{
    hf_config *config = new_config(HF_SERVER, policy);
    hf_trust *trust = hf_trust_new();

    for (int i = first; i <= last; i++)
        assert_int_equal(hf_trust_add_der(trust, test_cert_der(clients[i].root)), HF_OK);
    assert_int_equal(hf_config_set_trust(config, trust), HF_OK);
    hf_trust_free(trust);
    assert_int_equal(hf_config_set_sessions(config, sessions), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_CLIENT_AUTH, (uint64_t)auth), HF_OK);
    return sealed(config);
}

static hf_config *new_client(const hf_policy *policy, int cert)
{
    hf_config *config = new_config(HF_CLIENT, policy);

    assert_int_equal(hf_config_set_trust(config, servers.trust), HF_OK);
    if (cert != NO_CERT)
        identify(config, pki_client_identity(&clients[cert]));
    return sealed(config);
}

static void open_world(world *w, bool tickets)
{
    w->sessions = hf_sessions_new(&(hf_sessions_options){
        .tickets = tickets, .entries = tickets ? 0 : 4096, .lifetime = 3600 });
    assert_non_null(w->sessions);
    w->listener = new_listener(&tls12, w->sessions);
    for (int i = 0; i < HOSTS; i++)
        w->host[i] =
            new_host(&tls12, w->sessions, w->auth[i], w->common ? 0 : i, w->common ? HOSTS - 1 : i);
    for (int i = 0; i < CLIENTS; i++)
        w->client[i] = new_client(&tls12, i);
}

static void close_world(world *w)
{
    hf_config_free(w->listener);
    for (int i = 0; i < HOSTS; i++)
        hf_config_free(w->host[i]);
    for (int i = 0; i < CLIENTS; i++)
        hf_config_free(w->client[i]);
    hf_sessions_free(w->sessions);
}

/* ---- a visit ---- */

typedef struct session {
    uint8_t bytes[HF_SESSION_MAX];
    size_t len;
    char peer[32]; /* the client that the server saw */
} session;

typedef struct seen {
    bool connected, resumed;
    uint16_t version;
    hf_error failure;   /* the server's */
    hf_alert alert;     /* that the client got */
    hf_error not_taken; /* session_error */
    char peer[32];      /* the client that the server saw */
} seen;

static void go_on_as(pair *p, hf_config *host)
{
    pair_events(p, HF_CLIENT);
    assert_true(pair_carry(p, HF_CLIENT));
    if (!pair_saw(&p->end[HF_SERVER], HF_EVENT_CLIENT_HELLO))
        return; /* the listener refused it */
    assert_null(hf_conn_peer(p->end[HF_SERVER].conn));
    assert_false(hf_conn_info_of(p->end[HF_SERVER].conn)->resumed);
    assert_int_equal(hf_conn_switch_config(p->end[HF_SERVER].conn, host), HF_OK);
    pair_run(p);
}

static seen note(const pair *p)
{
    hf_conn *server = p->end[HF_SERVER].conn, *client = p->end[HF_CLIENT].conn;
    const hf_peer *peer = hf_conn_peer(server);
    seen s = { .connected = p->end[0].connected && p->end[1].connected,
               .resumed = hf_conn_info_of(server)->resumed,
               .version = hf_conn_info_of(client)->version,
               .not_taken = hf_conn_info_of(client)->session_error };

    assert_int_equal(hf_conn_info_of(client)->resumed, s.resumed);
    snprintf(s.peer, sizeof s.peer, "%.31s", peer ? peer->subject : "");
    if (hf_conn_failure(server))
        s.failure = hf_conn_failure(server)->code;
    if (hf_conn_failure(client))
        s.alert = hf_conn_failure(client)->alert;
    return s;
}

static seen visit(hf_config *listener, hf_config *client, hf_config *host, const char *sni,
                  hf_span offered, session *made)
{
    hf_conn_options o = {
        .server_name = sni, .endpoint = "hosts.test:443", .want_session = true, .session = offered
    };
    pair p;

    memset(&p, 0, sizeof p);
    p.worker = hf_worker_new();
    p.config[HF_CLIENT] = hf_config_ref(client);
    p.config[HF_SERVER] = hf_config_ref(listener);
    p.end[HF_CLIENT].conn = hf_conn_new(client, p.worker, &o);
    p.end[HF_SERVER].conn = hf_conn_new(listener, p.worker, NULL);
    go_on_as(&p, host);
    seen s = note(&p);
    if (made) {
        hf_span bytes = hf_conn_session(p.end[HF_CLIENT].conn);
        made->len = bytes.len;
        if (bytes.len > 0)
            memcpy(made->bytes, bytes.data, bytes.len);
        memcpy(made->peer, s.peer, sizeof made->peer);
    }
    pair_free(&p);
    return s;
}

/* The session as a client that lies would keep it: for that name, and made by this very config. */
static hf_span forge(const session *from, const char *sni, const hf_config *client)
{
    static uint8_t room[HF_SESSION_MAX];
    hf_session s;
    hf_span out;

    assert_int_equal(hf_session_read(hf_span_of(from->bytes, from->len), &s), HF_OK);
    s.server_name = s.verify_name = hf_span_str(sni);
    assert_int_equal(hf_session_context(client, NULL, s.context), HF_OK);
    hf_builder b = hf_wr_start(room, sizeof room);
    hf_session_write(&b, &s);
    assert_int_equal(hf_wr_finish(&b, &out), HF_OK);
    return out;
}

/* ---- every session at every host ---- */

static unsigned visits, resumptions;

/* The client that host j sees if this one shows its certificate in a full handshake; "": nobody. */
static const char *verified(const world *w, int j, int cert)
{
    static char subject[32];
    bool trusted = cert != NO_CERT && (w->common || cert == j);

    if (w->auth[j] == HF_CLIENT_AUTH_NONE || !trusted)
        return "";
    snprintf(subject, sizeof subject, "CN=client-%d", cert);
    return subject;
}

static void assert_at_host(const world *w, int j, int cert, seen s)
{
    const char *who = verified(w, j, cert);
    bool welcome = w->auth[j] != HF_CLIENT_AUTH_REQUIRE || who[0];

    assert_int_equal(s.connected, welcome);
    assert_string_equal(s.peer, who);
    if (!welcome)
        assert_int_equal(s.failure, HF_E_CLIENT_CERT_REQUIRED_12);
}

/* A session made at host i is offered to host j, which was asked for by that name. */
static void offer(const world *w, const session *made, int i, int j, int sni, int cert)
{
    hf_span bytes = forge(made, names[sni], w->client[cert]);
    seen s = visit(w->listener, w->client[cert], w->host[j], names[sni], bytes, NULL);
    bool same_settings = w->auth[i] == w->auth[j] && (w->common || i == j);

    visits++;
    resumptions += s.resumed;
    assert_int_equal(s.resumed, same_settings && sni == i);
    if (!s.resumed) {
        if (s.connected)
            assert_int_equal(s.not_taken, HF_E_SESSION_DECLINED);
        assert_at_host(w, j, cert, s);
        return;
    }
    assert_true(s.connected);
    assert_string_equal(s.peer, made->peer); /* and not whom the client would be now */
    if (w->auth[j] == HF_CLIENT_AUTH_REQUIRE)
        assert_true(s.peer[0] != '\0');
}

static void offer_everywhere(const world *w, const session *made, int i)
{
    for (int j = 0; j < HOSTS; j++)
        for (int with = 0; with < 2; with++)
            for (int own = 0; own < (i == j ? 1 : 2); own++)
                offer(w, made, i, j, own ? j : i, with ? i : NO_CERT);
}

static void visit_all(const world *w)
{
    session made;

    for (int i = 0; i < HOSTS; i++)
        for (int with = 0; with < 2; with++) {
            int cert = with ? i : NO_CERT;
            seen s = visit(w->listener, w->client[cert], w->host[i], names[i], hf_span_of(NULL, 0),
                           &made);
            visits++;
            assert_false(s.resumed);
            assert_at_host(w, i, cert, s);
            assert_int_equal(made.len > 0, s.connected);
            if (s.connected)
                offer_everywhere(w, &made, i);
        }
}

static void every_setting(bool common)
{
    visits = resumptions = 0;
    for (int n = 0; n < 27; n++)
        for (int tickets = 0; tickets < 2; tickets++) {
            world w = { .auth = { n % 3, n / 3 % 3, n / 9 }, .common = common };
            open_world(&w, tickets);
            visit_all(&w);
            close_world(&w);
        }
    printf("%u visits, %u resumed\n", visits, resumptions);
    assert_true(resumptions > 100 && resumptions < visits / 2);
}

/* Each host trusts its own CA: a session is good where it was made and under that name alone. */
static void test_hosts_with_their_own_trust(void **state)
{
    (void)state;
    every_setting(false);
}

/* All trust the same CAs: now client_auth and the name alone tell hosts apart. */
static void test_hosts_with_a_common_trust(void **state)
{
    (void)state;
    every_setting(true);
}

/* ---- other settings ---- */

/* The host's memory counts, not the listener's. */
static void test_the_hosts_memory_counts(void **state)
{
    hf_sessions *sessions =
        hf_sessions_new(&(hf_sessions_options){ .tickets = true, .entries = 16, .lifetime = 3600 });
    hf_config *with = new_listener(&tls12, sessions), *without = new_listener(&tls12, NULL);
    hf_config *host = new_host(&tls12, sessions, HF_CLIENT_AUTH_NONE, 0, 0);
    hf_config *forgetful = new_host(&tls12, NULL, HF_CLIENT_AUTH_NONE, 0, 0);
    hf_config *client = new_client(&tls12, NO_CERT);
    hf_span none = hf_span_of(NULL, 0);
    session made;

    (void)state;
    assert_true(visit(with, client, forgetful, names[0], none, &made).connected);
    assert_int_equal(made.len, 0);
    assert_true(visit(without, client, host, names[0], none, &made).connected);
    hf_span bytes = hf_span_of(made.bytes, made.len);
    assert_true(visit(without, client, host, names[0], bytes, NULL).resumed);
    seen s = visit(with, client, forgetful, names[0], bytes, NULL);
    assert_true(s.connected && !s.resumed);
    hf_config_free(with);
    hf_config_free(without);
    hf_config_free(host);
    hf_config_free(forgetful);
    hf_config_free(client);
    hf_sessions_free(sessions);
}

/* ---- other versions ---- */

/* RFC 9846 4.3.1: the version is chosen by the host's policy, and the listener's is forgotten. */
static void test_tls13_host_behind_a_listener_of_both(void **state)
{
    hf_policy tls13 = policy_of_version("default", HF_TLS13);
    const hf_policy *both = hf_policy_named("default");
    hf_sessions *sessions =
        hf_sessions_new(&(hf_sessions_options){ .tickets = true, .entries = 16, .lifetime = 3600 });
    hf_config *listener = new_listener(both, sessions);
    hf_config *old = new_host(&tls12, sessions, HF_CLIENT_AUTH_REQUIRE, 0, 0);
    hf_config *strict = new_host(&tls13, sessions, HF_CLIENT_AUTH_REQUIRE, 0, 0);
    hf_config *client = new_client(both, 0), *client12 = new_client(&tls12, 0);
    session made;
    seen s;

    (void)state;
    s = visit(listener, client, old, names[0], hf_span_of(NULL, 0), &made);
    assert_true(s.connected && s.version == HF_TLS12);
    s = visit(listener, client, strict, names[0], hf_span_of(made.bytes, made.len), NULL);
    assert_true(s.connected && s.version == HF_TLS13 && !s.resumed);
    assert_int_equal(s.not_taken, HF_E_SESSION_DECLINED);
    assert_string_equal(s.peer, "CN=client-0");
    s = visit(listener, client12, strict, names[0], forge(&made, names[0], client12), NULL);
    assert_false(s.connected || s.resumed);
    assert_int_equal(s.failure, HF_E_VERSION_UNSUPPORTED);
    assert_int_equal(s.alert, HF_ALERT_protocol_version);
    assert_string_equal(s.peer, "");
    hf_config_free(listener);
    hf_config_free(old);
    hf_config_free(strict);
    hf_config_free(client);
    hf_config_free(client12);
    hf_sessions_free(sessions);
}

static void test_tls12_host_behind_a_listener_of_tls13(void **state)
{
    hf_policy tls13 = policy_of_version("default", HF_TLS13);
    const hf_policy *both = hf_policy_named("default");
    hf_sessions *sessions =
        hf_sessions_new(&(hf_sessions_options){ .tickets = true, .entries = 16, .lifetime = 3600 });
    hf_config *listener = new_listener(&tls13, sessions);
    hf_config *host = new_host(&tls12, sessions, HF_CLIENT_AUTH_REQUIRE, 0, 0);
    hf_config *client = new_client(both, 0), *client13 = new_client(&tls13, 0);
    session made;
    seen s;

    (void)state;
    s = visit(listener, client, host, names[0], hf_span_of(NULL, 0), &made);
    assert_true(s.connected && s.version == HF_TLS12 && !s.resumed);
    assert_string_equal(s.peer, "CN=client-0");
    s = visit(listener, client, host, names[0], hf_span_of(made.bytes, made.len), NULL);
    assert_true(s.connected && s.version == HF_TLS12 && s.resumed);
    assert_string_equal(s.peer, "CN=client-0");
    s = visit(listener, client13, host, names[0], hf_span_of(NULL, 0), NULL);
    assert_false(s.connected);
    assert_int_equal(s.failure, HF_E_VERSION_UNSUPPORTED);
    assert_int_equal(s.alert, HF_ALERT_protocol_version);
    hf_config_free(listener);
    hf_config_free(host);
    hf_config_free(client);
    hf_config_free(client13);
    hf_sessions_free(sessions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts_with_their_own_trust),
        cmocka_unit_test(test_hosts_with_a_common_trust),
        cmocka_unit_test(test_the_hosts_memory_counts),
        cmocka_unit_test(test_tls13_host_behind_a_listener_of_both),
        cmocka_unit_test(test_tls12_host_behind_a_listener_of_tls13),
    };

    return cmocka_run_group_tests_name("flow_vhosts", tests, make_certificates, free_certificates);
}
