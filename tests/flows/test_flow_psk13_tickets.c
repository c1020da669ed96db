/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What stands in a ticket of TLS 1.3 and what becomes of it (RFC 9846 4.3.11, 4.7.1): sealed by the server
 * itself with other contents, broken on the way, offered without its key, under keys that were replaced.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/flow13.h"
#include "support/visit.h"

static kept a, b;

/* ---- changed by who can ---- */

/* What the ticket seals, changed and sealed again: what only the server itself, or another one of its keys, could make. */
static void reseal(kept *session, hf_sessions *sessions, void (*edit)(hf_session *s))
{
    static uint8_t old[HF_SESSION_MAX], state[HF_SESSION_STATE_MAX], again[HF_SESSION_STATE_MAX],
        ticket[HF_TICKET_MAX];
    size_t len = sizeof state;
    hf_session client, server;
    hf_span out;
    bool renew;

    memcpy(old, session->bytes, session->len);
    assert_int_equal(hf_session_read(hf_span_of(old, session->len), &client), HF_OK);
    assert_int_equal(hf_ticket_open(sessions, TEST_NOW, client.ticket, state, &len, &renew), HF_OK);
    assert_int_equal(hf_session_read(hf_span_of(state, len), &server), HF_OK);
    edit(&server);
    hf_builder w = hf_wr_start(again, sizeof again);
    hf_session_write(&w, &server);
    assert_int_equal(hf_wr_finish(&w, &out), HF_OK);
    len = sizeof ticket;
    assert_int_equal(hf_ticket_seal(sessions, NULL, TEST_NOW, out, ticket, &len), HF_OK);
    client.ticket = hf_span_of(ticket, len);
    w = hf_wr_start(session->bytes, sizeof session->bytes);
    hf_session_write(&w, &client);
    assert_int_equal(hf_wr_finish(&w, &out), HF_OK);
    session->len = out.len;
}

static void forget_peer(hf_session *s)
{
    s->peer_subject = s->peer_sans = s->peer_fingerprint = hf_span_of(NULL, 0);
}

static void say_12(hf_session *s)
{
    s->version = HF_TLS12;
}

static void shorten_secret(hf_session *s)
{
    s->secret_len--;
}

static void change_nothing(hf_session *s)
{
    (void)s;
}

/* A server that requires a certificate resumes nobody without one, whatever the session says of its settings. */
static void test_required_identity_must_be_in_the_session(void **state)
{
    (void)state;
    for (int required = 0; required < 2; required++) {
        hf_sessions *sessions = memory_of(true, 0);
        pair_options o = usual_return(sessions);
        o.client_auth = required ? HF_CLIENT_AUTH_REQUIRE : HF_CLIENT_AUTH_REQUEST;
        o.client_identity = true;
        first_visit(&o, &a);
        b = a;
        reseal(&b, sessions, change_nothing);
        seen s = visit(&o, &b, NULL);
        assert_back(s);
        assert_string_equal(s.peer[HF_SERVER], "CN=client");
        assert_true(s.verified[HF_SERVER]);
        reseal(&a, sessions, forget_peer);
        s = visit(&o, &a, NULL);
        if (required)
            assert_sent_back(s);
        else
            assert_back(s);
        assert_string_equal(s.peer[HF_SERVER], required ? "CN=client" : "");
        assert_int_equal(s.verified[HF_SERVER], required);
        hf_sessions_free(sessions);
    }
}

/* A state of another version, or with a secret of another length, is none that a ticket of TLS 1.3 holds. */
static void test_states_that_do_not_fit(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);

    (void)state;
    first_visit(&o, &a);
    b = a;
    reseal(&b, sessions, say_12);
    assert_sent_back(visit(&o, &b, NULL));
    b = a;
    reseal(&b, sessions, shorten_secret);
    assert_sent_back(visit(&o, &b, NULL));
    assert_back(visit(&o, &a, NULL));
    hf_sessions_free(sessions);
}

typedef struct damage {
    size_t flip, cut; /* a bit of that byte, or bytes at the end */
} damage;

static void damage_ticket(hf_session *s, const void *with)
{
    static uint8_t bytes[HF_SESSION_MAX];
    const damage *d = with;

    memcpy(bytes, s->ticket.data, s->ticket.len);
    s->ticket = hf_span_of(bytes, s->ticket.len - d->cut);
    if (!d->cut)
        bytes[d->flip] ^= 1;
}

/* RFC 9846 4.3.11: an identity that is not known is no error; nobody asks for its binder. */
static void test_broken_tickets(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);
    unsigned cases = 0;
    hf_session s;

    (void)state;
    first_visit(&o, &a);
    assert_int_equal(hf_session_read(hf_span_of(a.bytes, a.len), &s), HF_OK);
    for (size_t at = 0, len = s.ticket.len; at < len; at += at < 48 || at + 20 > len ? 4 : 32) {
        b = a;
        recut(&b, damage_ticket, &(damage){ .flip = at });
        assert_sent_back(visit(&o, &b, NULL));
        b = a;
        recut(&b, damage_ticket, &(damage){ .cut = len - 1 - at });
        if (at + 1 < len)
            assert_sent_back(visit(&o, &b, NULL));
        cases += 2;
    }
    printf("%u broken tickets\n", cases);
    assert_true(cases >= 30);
    hf_sessions_free(sessions);
}

static void wrong_secret(hf_session *s, const void *with)
{
    (void)with;
    s->secret[s->secret_len - 1] ^= 1;
}

/* RFC 9846 4.3.11: who has the ticket and not its key is refused, not given a full handshake: somebody is in between. */
static void test_a_ticket_without_its_key(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);

    (void)state;
    first_visit(&o, &a);
    b = a;
    recut(&b, wrong_secret, NULL);
    seen s = visit(&o, &b, NULL);
    assert_false(s.connected || s.resumed[HF_CLIENT] || s.resumed[HF_SERVER]);
    assert_int_equal(s.failure[HF_SERVER], HF_E_PSK_BINDER_WRONG);
    assert_int_equal(s.alert[HF_SERVER], HF_ALERT_decrypt_error);
    assert_int_equal(s.alert[HF_CLIENT], HF_ALERT_decrypt_error);
    assert_back(visit(&o, &a, NULL)); /* nothing is lost by it */
    hf_sessions_free(sessions);
}

static void leave_out(hostile *h, hf_msg msg, hostile_bytes *body)
{
    enum { PRE_SHARED_KEY = 41 };

    if (msg == HF_MSG_ClientHello && hostile_count_said(h, HF_MSG_ClientHello) == 1)
        hb_extension_remove(body, msg, PRE_SHARED_KEY);
}

/* RFC 9846 4.2.2: what the server had chosen may be gone after its HelloRetryRequest; it counts no more. */
static void test_left_out_after_a_retry(void **state)
{
    flow13_setup s;
    hostile h;

    (void)state;
    flow13_prepare(&s, flow13_named("resumed after a retry"));
    hostile_start_with(&h, HF_SERVER, &s.options, leave_out);
    hostile_assert_works(&h);
    assert_true(hf_conn_info_of(hostile_conn(&h))->retried);
    for (int role = 0; role < 2; role++)
        assert_false(hf_conn_info_of(h.p.end[role].conn)->resumed);
    assert_true(hf_conn_info_of(h.p.end[HF_CLIENT].conn)->peer_verified);
    hostile_free(&h);
    flow13_release(&s);
}

/* RFC 9846 4.7.1: a ticket under the key before is taken, and the new one is under the new key; of older keys nothing is known. */
static void test_rotation(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);

    (void)state;
    first_visit(&o, &a);
    assert_int_equal(hf_sessions_rotate(sessions), HF_OK);
    assert_back(visit(&o, &a, &b));
    assert_int_equal(hf_sessions_rotate(sessions), HF_OK);
    assert_sent_back(visit(&o, &a, NULL));
    assert_back(visit(&o, &b, NULL));
    hf_sessions_free(sessions);
}

/* A client with a long identity is asked again each time: it gets no ticket at all. */
static void test_long_identity_is_not_remembered(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_return(sessions);
    test_pki pki = *shared_pki(HF_KEY_P256);
    test_cert_options options = { .common_name = "client",
                                  .key_slot = TEST_KEY_CLIENT,
                                  .eku = HF_EKU_CLIENT_AUTH };
    char names[4][256];

    (void)state;
    for (int i = 0; i < 4; i++) {
        for (size_t at = 0; at < 236; at++)
            names[i][at] = at % 60 == 59 ? '.' : (char)('a' + i);
        strcpy(names[i] + 236, ".test");
        options.names[i] = names[i];
    }
    pki.client = test_cert_new(&options, pki.intermediate);
    pki.client_chain[0] = test_cert_der(pki.client);
    o.pki = &pki;
    o.client_auth = HF_CLIENT_AUTH_REQUEST;
    o.client_identity = true;
    seen s = visit(&o, NULL, &a);
    assert_new_again(s);
    assert_string_equal(s.peer[HF_SERVER], "CN=client");
    assert_true(s.new_tickets == 0 && a.len == 0);
    test_cert_free(pki.client);
    hf_sessions_free(sessions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_required_identity_must_be_in_the_session),
        cmocka_unit_test(test_states_that_do_not_fit),
        cmocka_unit_test(test_broken_tickets),
        cmocka_unit_test(test_a_ticket_without_its_key),
        cmocka_unit_test(test_left_out_after_a_retry),
        cmocka_unit_test(test_rotation),
        cmocka_unit_test(test_long_identity_is_not_remembered),
    };

    return cmocka_run_group_tests_name("flow_psk13_tickets", tests, NULL, NULL);
}
