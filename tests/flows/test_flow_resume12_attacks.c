/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Resumption in TLS 1.2 against attackers and broken peers: the alerts of RFC 7627 and RFC 5246, no
 * identity before its proof, nothing resumed that failed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/hostile.h"
#include "support/visit.h"

enum { EMS = 23 };

/* ---- changed messages ---- */

static kept a, b;
static struct {
    hf_msg msg;
    void (*edit)(hostile_bytes *body);
    hostile_bytes body;
} changes[2]; /* of what each end writes */

static bool change(void *user, hf_msg msg, hf_span *body)
{
    int role = *(const int *)user;

    if (msg != changes[role].msg || !changes[role].edit)
        return false;
    hb_set(&changes[role].body, *body);
    changes[role].edit(&changes[role].body);
    *body = hb_span(&changes[role].body);
    return true;
}

static void changing(hf_config *config, hf_role role, void *user)
{
    static int roles[2] = { 0, 1 };

    (void)user;
    config->override = (hf_override){ change, &roles[role] };
}

static pair_options usual_changed(hf_sessions *sessions, hf_role role, hf_msg msg,
                                  void (*edit)(hostile_bytes *body))
{
    pair_options o = usual_visit(sessions);

    for (int i = 0; i < 2; i++) {
        hb_free(&changes[i].body);
        memset(&changes[i], 0, sizeof changes[i]);
    }
    changes[role].msg = msg;
    changes[role].edit = edit;
    o.configure = changing;
    return o;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        hb_free(&changes[i].body);
    return 0;
}

static void assert_refused(seen s, hf_role by, hf_error code, hf_alert alert)
{
    assert_false(s.connected);
    assert_int_equal(s.failure[by], code);
    assert_int_equal(s.alert[by], alert);
    assert_int_equal(s.failure[!by], HF_E_ALERT_RECEIVED);
    assert_string_equal(s.peer[HF_CLIENT], "");
    assert_string_equal(s.peer[HF_SERVER], "");
}

/* ---- RFC 7627 5.3 ---- */

static void drop_ems_of_client(hostile_bytes *body)
{
    hb_extension_remove(body, HF_MSG_ClientHello, EMS);
}

static void drop_ems_of_server(hostile_bytes *body)
{
    hb_extension_remove(body, HF_MSG_ServerHello, EMS);
}

static pair_options classroom(hf_sessions *sessions, bool drops)
{
    static hf_policy policy;
    pair_options o =
        usual_changed(sessions, HF_CLIENT, HF_MSG_ClientHello, drops ? drop_ems_of_client : NULL);

    policy = policy_of_version("classroom", HF_TLS12);
    o.policy[HF_CLIENT] = o.policy[HF_SERVER] = &policy;
    return o;
}

/* A session with it is not resumed without: the server MUST abort; one without it is not resumed with: a full handshake. */
static void test_main_secret_must_stay_as_it_was(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        hf_sessions *sessions = by_way(way);
        pair_options with = classroom(sessions, false), without;
        first_visit(&with, &a);
        assert_resumed(visit(&with, &a, NULL));
        without = classroom(sessions, true);
        assert_refused(visit(&without, &a, NULL), HF_SERVER, HF_E_EMS_CHANGED,
                       HF_ALERT_handshake_failure);
        first_visit(&without, &a);
        assert_resumed(visit(&without, &a, NULL)); /* both without: classroom allows it */
        with = classroom(sessions, false);
        assert_declined(visit(&with, &a, NULL));
        hf_sessions_free(sessions);
    }
}

/* The policy default asks for it before and after a session is found. */
static void test_main_secret_dropped_under_default(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        hf_sessions *sessions = by_way(way);
        pair_options o = usual_changed(sessions, HF_CLIENT, HF_MSG_ClientHello, NULL);
        first_visit(&o, &a);
        o = usual_changed(sessions, HF_CLIENT, HF_MSG_ClientHello, drop_ems_of_client);
        assert_refused(visit(&o, &a, NULL), HF_SERVER, HF_E_EMS_CHANGED,
                       HF_ALERT_handshake_failure);
        assert_refused(visit(&o, NULL, NULL), HF_SERVER, HF_E_EMS_MISSING,
                       HF_ALERT_handshake_failure);
        o = usual_changed(sessions, HF_SERVER, HF_MSG_ServerHello, drop_ems_of_server);
        assert_refused(visit(&o, &a, NULL), HF_CLIENT, HF_E_EMS_CHANGED,
                       HF_ALERT_handshake_failure);
        hf_sessions_free(sessions);
    }
}

/* ---- a server that lies ---- */

static uint8_t offered_id[HF_SESSION_ID];

static void watch_id(hostile_bytes *body)
{
    assert_int_equal(body->data[34], HF_SESSION_ID);
    memcpy(offered_id, body->data + 35, HF_SESSION_ID);
}

static void echo_id(hostile_bytes *body)
{
    hostile_bytes id = { 0 };

    hb_add_uint(&id, HF_SESSION_ID, 1);
    hb_add(&id, hf_span_of(offered_id, HF_SESSION_ID));
    hb_replace(body, 34, 1 + (size_t)body->data[34], hb_span(&id));
    hb_free(&id);
}

/* RFC 9846 4.2.3: the random id that disguises TLS 1.3 is no session. */
static void test_echo_of_an_id_that_is_no_session(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        hf_sessions *sessions = by_way(way);
        pair_options o = usual_changed(sessions, HF_SERVER, HF_MSG_ServerHello, echo_id);
        changes[HF_CLIENT].msg = HF_MSG_ClientHello;
        changes[HF_CLIENT].edit = watch_id;
        o.policy[HF_CLIENT] = hf_policy_named("default");
        assert_refused(visit(&o, NULL, &a), HF_CLIENT, HF_E_SESSION_UNKNOWN,
                       HF_ALERT_illegal_parameter);
        assert_int_equal(a.len, 0);
        hf_sessions_free(sessions);
    }
}

static void other_suite(hostile_bytes *body)
{
    size_t at = 35 + (size_t)body->data[34];
    bool aes128 = body->data[at + 1] == 0x2b;

    body->data[at + 1] = aes128 ? 0x2c : 0x2b;
}

/* RFC 5246 7.4.1.3: the resumed session's suite; RFC 5246 7.4.1.2: which the client still offers. */
static void keep_one_suite(hostile_bytes *body)
{
    size_t at = 35 + (size_t)body->data[34];
    size_t len = (size_t)body->data[at] << 8 | body->data[at + 1];

    hb_replace(body, at, 2 + len, hf_span_of("\0\2\xc0\x2c", 4));
}

static void test_suite_is_the_sessions(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        hf_sessions *sessions = by_way(way);
        pair_options o = usual_changed(sessions, HF_SERVER, HF_MSG_ServerHello, NULL);
        first_visit(&o, &a);
        o = usual_changed(sessions, HF_CLIENT, HF_MSG_ClientHello, keep_one_suite);
        assert_refused(visit(&o, &a, NULL), HF_SERVER, HF_E_SESSION_SUITE,
                       HF_ALERT_illegal_parameter);
        o = usual_changed(sessions, HF_SERVER, HF_MSG_ServerHello, other_suite);
        assert_refused(visit(&o, &a, NULL), HF_CLIENT, HF_E_SESSION_SUITE,
                       HF_ALERT_illegal_parameter);
        hf_sessions_free(sessions);
    }
}

static void long_ticket(hostile_bytes *body)
{
    hb_set(body, hf_span_of("\0\0\x0e\x10\x1f\x40", 6)); /* an hour, 8000 bytes */
    for (int i = 0; i < 8000; i++)
        hb_add_uint(body, (size_t)i & 0xff, 1);
}

/* A ticket for which a ClientHello has no room is not kept: no server can lock itself out of its clients. */
static void test_long_ticket_is_forgotten(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_changed(sessions, HF_SERVER, HF_MSG_NewSessionTicket, long_ticket);

    (void)state;
    seen s = visit(&o, NULL, &a);
    assert_full(s);
    assert_int_equal(s.new_ticket_len, 8000);
    if (a.len > 0)
        assert_full(visit(&o, &a, NULL));
    assert_int_equal(a.len, 0);
    hf_sessions_free(sessions);
}

/* Not even an empty ticket takes away the one that is still good (RFC 5077 3.3). */
static void empty_ticket(hostile_bytes *body)
{
    hb_set(body, hf_span_of("\0\0\0\0\0", 6));
}

static void test_renewal_by_nothing(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_changed(sessions, HF_SERVER, HF_MSG_NewSessionTicket, NULL);

    (void)state;
    first_visit(&o, &a);
    assert_int_equal(hf_sessions_rotate(sessions), HF_OK);
    o = usual_changed(sessions, HF_SERVER, HF_MSG_NewSessionTicket, empty_ticket);
    assert_resumed(visit(&o, &a, &b));
    assert_resumed(visit(&o, &b, NULL));
    hf_sessions_free(sessions);
}

static void empty_id(hostile_bytes *body)
{
    hb_replace(body, 34, 1 + (size_t)body->data[34], hf_span_of("\0", 1));
}

/* RFC 5077 3.4: a client that gives no id with its ticket is resumed with an empty echo, and must notice by itself; ours always
   gives one, so that here it takes the handshake for a full one and says so. */
static void test_ticket_without_an_id(void **state)
{
    hf_sessions *sessions = memory_of(true, 16);
    pair_options o = usual_changed(sessions, HF_CLIENT, HF_MSG_ClientHello, NULL);

    (void)state;
    first_visit(&o, &a);
    o = usual_changed(sessions, HF_CLIENT, HF_MSG_ClientHello, empty_id);
    seen s = visit(&o, &a, NULL);
    assert_true(s.resumed[HF_SERVER] && !s.resumed[HF_CLIENT]);
    assert_int_equal(s.id_offered, 0);
    assert_refused(s, HF_CLIENT, HF_E_UNEXPECTED_MESSAGE, HF_ALERT_unexpected_message);
    hf_sessions_free(sessions);
}

/* ---- a thief ---- */

static void wrong_secret(hf_session *s, const void *with)
{
    (void)with;
    s->secret[0] ^= 1;
}

/* Tickets and ids travel in the clear: whoever shows one is nobody before his Finished, and so is a server that echoes an id. */
static void test_stolen_session_names_nobody(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        hf_sessions *sessions = by_way(way);
        pair_options o = usual_visit(sessions);
        pair p;
        first_visit(&o, &a);
        b = a;
        recut(&b, wrong_secret, NULL);
        o.session = hf_span_of(b.bytes, b.len);
        pair_start(&p, &o);
        pair_events(&p, HF_CLIENT);
        assert_true(pair_carry(&p, HF_CLIENT)); /* the server has said all that it says first */
        assert_true(hf_conn_info_of(p.end[HF_SERVER].conn)->resumed);
        assert_null(hf_conn_peer(p.end[HF_SERVER].conn));
        pair_run(&p);
        for (int role = 0; role < 2; role++) {
            assert_true(p.end[role].failed);
            assert_false(p.end[role].connected);
            assert_null(hf_conn_peer(p.end[role].conn));
        }
        assert_int_equal(hf_conn_session(p.end[HF_CLIENT].conn).len, 0);
        pair_free(&p);
        hf_sessions_free(sessions);
    }
}

/* The same for chains, which are as public: nobody is named before he is proved, full or resumed, in either version. */
static void assert_named_late(const pair_options *o)
{
    bool moved = true;
    pair p;

    pair_start(&p, o);
    while (moved) {
        moved = false;
        for (int role = 0; role < 2; role++) {
            pair_events(&p, (hf_role)role);
            moved |= pair_carry(&p, (hf_role)role);
            for (int end = 0; end < 2; end++)
                assert_int_equal(hf_conn_peer(p.end[end].conn) != NULL, p.end[end].connected);
        }
    }
    assert_true(p.end[0].connected && p.end[1].connected);
    pair_free(&p);
}

static void external_at_client(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_CLIENT)
        assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_JOBS, true), HF_OK);
}

/* Does the client's jobs, but for a signature's verification, which is held back. */
static hf_job *run_all_but_the_signature(pair *p)
{
    hf_conn *client = p->end[HF_CLIENT].conn;
    hf_job *job, *held = NULL;

    for (int i = 0; i < 8; i++) {
        pair_run(p);
        while ((job = hf_conn_job_next(client)) != NULL) {
            if (hf_job_kind_of(job) == HF_JOB_VERIFY) {
                held = job;
                continue;
            }
            assert_int_equal(hf_job_run(job), HF_OK);
            assert_int_equal(hf_conn_job_done(client, job, HF_OK), HF_OK);
        }
    }
    return held;
}

/* The chain is verified and Finished may be in: without the signature that says nothing of the peer. */
static void assert_signature_is_awaited(const pair_options *options, bool good)
{
    pair_options o = *options;
    pair p;

    o.configure = external_at_client;
    pair_start(&p, &o);
    hf_conn *client = p.end[HF_CLIENT].conn;
    hf_job *held = run_all_but_the_signature(&p);
    assert_non_null(held);
    assert_false(hf_conn_info_of(client)->peer_verified);
    assert_null(hf_conn_peer(client));
    hf_error verdict = good ? hf_job_run(held) : HF_E_SIGNATURE_WRONG;
    assert_int_equal(hf_conn_job_done(client, held, verdict), HF_OK);
    while (good && !p.end[HF_CLIENT].connected)
        assert_null(run_all_but_the_signature(&p));
    pair_run(&p);
    assert_int_equal(p.end[HF_CLIENT].connected, good);
    assert_int_equal(hf_conn_peer(client) != NULL, good);
    pair_free(&p);
}

static void test_peers_are_named_when_proved(void **state)
{
    hf_policy tls13 = policy_of_version("default", HF_TLS13);
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_visit(sessions);

    (void)state;
    first_visit(&o, &a);
    o.chunk = 1;
    assert_named_late(&o);
    o.session = hf_span_of(a.bytes, a.len);
    assert_named_late(&o);
    o.policy[HF_CLIENT] = o.policy[HF_SERVER] = &tls13;
    assert_named_late(&o);
    o.chunk = 0;
    o.session.len = 0;
    for (int good = 0; good < 2; good++)
        assert_signature_is_awaited(&o, good);
    hf_sessions_free(sessions);
}

/* A session that lost its identity, in a ticket that the server seals again. */
static hf_sessions *forging;

static void forge_ticket(hostile_bytes *body)
{
    uint8_t state[HF_SESSION_STATE_MAX], ticket[HF_TICKET_MAX];
    hf_session s;
    hf_span bytes;
    size_t len = 0;
    bool renew;

    assert_int_equal(hf_ticket_open(forging, TEST_NOW, hf_span_of(body->data + 6, body->len - 6),
                                    state, &len, &renew),
                     HF_OK);
    assert_int_equal(hf_session_read(hf_span_of(state, len), &s), HF_OK);
    s.peer_subject = s.peer_sans = s.peer_fingerprint = hf_span_of(NULL, 0);
    uint8_t again[HF_SESSION_STATE_MAX];
    hf_builder w = hf_wr_start(again, sizeof again);
    hf_session_write(&w, &s);
    assert_int_equal(hf_wr_finish(&w, &bytes), HF_OK);
    assert_int_equal(hf_ticket_seal(forging, NULL, TEST_NOW, bytes, ticket, &len), HF_OK);
    hb_set(body, hf_span_of("\0\0\x0e\x10", 4));
    hb_add_uint(body, len, 2);
    hb_add(body, hf_span_of(ticket, len));
}

/* A server that requires a certificate resumes nobody without one, whatever the session says of its settings. */
static void test_required_identity_must_be_in_the_session(void **state)
{
    (void)state;
    for (int required = 0; required < 2; required++) {
        hf_sessions *sessions = memory_of(true, 0);
        pair_options o = usual_changed(sessions, HF_SERVER, HF_MSG_NewSessionTicket, forge_ticket);
        o.client_auth = required ? HF_CLIENT_AUTH_REQUIRE : HF_CLIENT_AUTH_REQUEST;
        forging = sessions;
        first_visit(&o, &a);
        o.configure = NULL;
        seen s = visit(&o, &a, NULL);
        if (required)
            assert_declined(s);
        else
            assert_resumed(s);
        assert_string_equal(s.peer[HF_SERVER], required ? "CN=client" : "");
        hf_sessions_free(sessions);
    }
}

/* ---- RFC 5246 7.2.2: a connection that failed is not resumed ---- */

typedef enum ending { CLIENT_ABORTS, SERVER_ABORTS, FINISHED_WRONG, CUT_OFF, CLOSED } ending;

/* With the session of before (a), or with none: then a becomes that of the connection that ends badly. */
static void end_badly(const pair_options *options, bool full, ending how)
{
    pair_options o = *options;
    pair p;

    b = a;
    if (how == FINISHED_WRONG)
        recut(&b, wrong_secret, NULL);
    o.session = hf_span_of(b.bytes, full ? 0 : b.len);
    pair_start(&p, &o);
    pair_run(&p);
    assert_int_equal(hf_conn_info_of(p.end[HF_SERVER].conn)->resumed, !full);
    if (full) {
        hf_span session = hf_conn_session(p.end[HF_CLIENT].conn);
        memcpy(a.bytes, session.data, session.len);
        a.len = session.len;
    }
    if (how == CLIENT_ABORTS || how == SERVER_ABORTS)
        hf_conn_abort(p.end[how == CLIENT_ABORTS ? HF_CLIENT : HF_SERVER].conn,
                      HF_ALERT_internal_error);
    if (how == CUT_OFF)
        hf_conn_wire_eof(p.end[HF_SERVER].conn);
    if (how == CLOSED)
        assert_int_equal(hf_conn_close_write(p.end[HF_CLIENT].conn), HF_OK);
    pair_run(&p);
    assert_int_equal(p.end[HF_SERVER].failed, how != CLOSED);
    if (p.end[HF_CLIENT].failed)
        assert_int_equal(hf_conn_session(p.end[HF_CLIENT].conn).len, 0);
    pair_free(&p);
}

/* Neither the one that it made nor the one that it resumed. One that was only cut may be (RFC 5246 7.2.1). */
static void test_failed_sessions_are_forgotten(void **state)
{
    hf_sessions *sessions = memory_of(false, 16);
    pair_options o = usual_visit(sessions);

    (void)state;
    for (int full = 0; full < 2; full++)
        for (ending how = CLIENT_ABORTS; how <= CLOSED; how++) {
            if (full && how == FINISHED_WRONG)
                continue;
            first_visit(&o, &a);
            end_badly(&o, full, how);
            if (how < CUT_OFF)
                assert_declined(visit(&o, &a, NULL));
            else
                assert_resumed(visit(&o, &a, NULL));
        }
    hf_sessions_free(sessions);
}

/* A connection that is led astray: the session was made with a host that proved to be localhost; another one, which shares its
   memory of sessions and all settings, could not prove that, and does not resume it. */
static void test_another_host_does_not_resume(void **state)
{
    test_cert_options other = { .common_name = "other",
                                .names = { "other.test" },
                                .key_slot = TEST_KEY_OTHER };

    (void)state;
    for (int way = 0; way < 2; way++) {
        hf_sessions *sessions = by_way(way);
        pair_options o = usual_visit(sessions);
        test_pki pki = *shared_pki(HF_KEY_P256);
        first_visit(&o, &a);
        pki.leaf = test_cert_new(&other, pki.intermediate);
        pki.chain[0] = test_cert_der(pki.leaf);
        o.pki = &pki;
        seen s = visit(&o, &a, NULL);
        assert_false(s.connected || s.resumed[HF_CLIENT] || s.resumed[HF_SERVER]);
        assert_int_equal(s.failure[HF_CLIENT], HF_E_CERT_NAME);
        test_cert_free(pki.leaf);
        hf_sessions_free(sessions);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_main_secret_must_stay_as_it_was, tear_down),
        cmocka_unit_test_teardown(test_main_secret_dropped_under_default, tear_down),
        cmocka_unit_test_teardown(test_echo_of_an_id_that_is_no_session, tear_down),
        cmocka_unit_test_teardown(test_suite_is_the_sessions, tear_down),
        cmocka_unit_test_teardown(test_long_ticket_is_forgotten, tear_down),
        cmocka_unit_test_teardown(test_renewal_by_nothing, tear_down),
        cmocka_unit_test_teardown(test_ticket_without_an_id, tear_down),
        cmocka_unit_test_teardown(test_stolen_session_names_nobody, tear_down),
        cmocka_unit_test_teardown(test_peers_are_named_when_proved, tear_down),
        cmocka_unit_test_teardown(test_required_identity_must_be_in_the_session, tear_down),
        cmocka_unit_test_teardown(test_failed_sessions_are_forgotten, tear_down),
        cmocka_unit_test_teardown(test_another_host_does_not_resume, tear_down),
    };

    return cmocka_run_group_tests_name("flow_resume12_attacks", tests, NULL, NULL);
}
