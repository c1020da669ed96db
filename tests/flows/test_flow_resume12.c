/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Resumption in TLS 1.2 (RFC 5246 7.3, RFC 5077): when a client offers a session and when a server
 * takes it. Whatever is not as it was ends in a full handshake. What attackers try is
 * test_flow_resume12_attacks.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/visit.h"

enum { HOUR = VISIT_HOUR };

static kept a, b;

/* ---- it works ---- */

/* RFC 5246 figure 2, RFC 5077 figure 2: by ticket and by id, again and again, and the peers are who they were. */
static void test_resumes(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++)
        for (int identity = 0; identity < 2; identity++) {
            hf_sessions *sessions = by_way(way);
            pair_options o = usual_visit(sessions);
            o.client_identity = identity;
            seen full = first_visit(&o, &a);
            assert_int_equal(full.trips, 2);
            assert_true(full.may_have_ticket);
            assert_string_equal(full.peer[HF_SERVER], identity ? "CN=client" : "");
            for (int i = 0; i < 3; i++) {
                seen s = visit(&o, &a, &b);
                assert_resumed(s);
                assert_int_equal(s.ticket_offered > 0, way == 0);
                assert_int_equal(s.id_offered, HF_SESSION_ID);
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

/* RFC 9846 4.2.3: a client that offers TLS 1.3 too resumes with a server of TLS 1.2, and bytes may come one by one. */
static void test_resumes_when_tls13_is_offered(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        hf_sessions *sessions = by_way(way);
        pair_options o = usual_visit(sessions);
        o.policy[HF_CLIENT] = hf_policy_named("default");
        first_visit(&o, &a);
        o.chunk = 1;
        assert_resumed(visit(&o, &a, &b));
        assert_resumed(visit(&o, &b, NULL));
        o.policy[HF_SERVER] = hf_policy_named("default"); /* the server has learnt TLS 1.3 */
        seen s = visit(&o, &a, NULL);
        assert_true(s.connected && s.version == HF_TLS13);
        assert_int_equal(s.session_error, HF_E_SESSION_DECLINED);
        hf_sessions_free(sessions);
    }
}

/* RFC 5077 3.1: a client that asks for none gets none, and a server without a memory promises none. */
static void test_nobody_is_remembered_unasked(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_visit(sessions);
    seen s;

    (void)state;
    o.want_session = false;
    s = visit(&o, NULL, &a);
    assert_full(s);
    assert_true(a.len == 0 && !s.may_have_ticket && s.new_tickets == 0);
    o = usual_visit(NULL);
    s = visit(&o, NULL, &a);
    assert_full(s);
    assert_true(a.len == 0 && s.new_tickets == 0);
    hf_sessions_free(sessions);
}

/* A client that connects to an address has no server_name to send, and is remembered all the same (RFC 6066 3). */
static void test_resumes_with_an_address(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_visit(sessions);

    (void)state;
    o.server_name = "127.0.0.1";
    first_visit(&o, &a);
    assert_resumed(visit(&o, &a, NULL));
    hf_sessions_free(sessions);
}

/* ---- time ---- */

/* RFC 5246 F.1.4: each end forgets by its own clock, also one that was set back. */
static void test_expiry_at_both_ends(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        hf_sessions *sessions = by_way(way);
        pair_options o = usual_visit(sessions);
        int64_t end = way == 0 ? HOUR : 24 * HOUR; /* the hint of the ticket, or the most */
        first_visit(&o, &a);
        visit_clock[HF_CLIENT] = TEST_NOW + end - 1;
        visit_clock[HF_SERVER] = TEST_NOW + HOUR - 1;
        assert_resumed(visit(&o, &a, NULL));
        visit_clock[HF_SERVER]++;
        assert_declined(visit(&o, &a, NULL));
        visit_clock[HF_SERVER] = TEST_NOW - 1;
        assert_declined(visit(&o, &a, NULL));
        visit_clock[HF_SERVER] = TEST_NOW;
        visit_clock[HF_CLIENT]++;
        assert_not_offered(visit(&o, &a, NULL), HF_E_SESSION_EXPIRED);
        visit_clock[HF_CLIENT] = TEST_NOW - 1;
        assert_not_offered(visit(&o, &a, NULL), HF_E_SESSION_EXPIRED);
        visit_clock[HF_CLIENT] = TEST_NOW;
        assert_resumed(visit(&o, &a, NULL));
        hf_sessions_free(sessions);
    }
}

static void assert_times(const kept *new, const kept *old)
{
    hf_session n, o;

    assert_int_equal(hf_session_read(hf_span_of(new->bytes, new->len), &n), HF_OK);
    assert_int_equal(hf_session_read(hf_span_of(old->bytes, old->len), &o), HF_OK);
    assert_int_equal(n.created, o.created);
    assert_int_equal(n.expires, o.expires);
}

/* A session that is resumed, and a ticket that is renewed, keep their birthday: no life is longer than one lifetime. */
static void test_resuming_makes_no_session_younger(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        hf_sessions *sessions = by_way(way);
        pair_options o = usual_visit(sessions);
        first_visit(&o, &a);
        for (int minute = 10; minute < 60; minute += 10) {
            visit_clock[HF_CLIENT] = visit_clock[HF_SERVER] = TEST_NOW + minute * 60;
            if (way == 0)
                assert_int_equal(hf_sessions_rotate(sessions), HF_OK);
            seen s = visit(&o, &a, &b);
            assert_resumed(s);
            assert_int_equal(s.new_tickets, way == 0);
            assert_times(&b, &a);
            a = b;
        }
        visit_clock[HF_SERVER] = TEST_NOW + HOUR;
        assert_declined(visit(&o, &a, NULL));
        visit_clock[HF_CLIENT] = TEST_NOW + (way == 0 ? HOUR : 24 * HOUR);
        assert_not_offered(visit(&o, &a, NULL), HF_E_SESSION_EXPIRED);
        hf_sessions_free(sessions);
    }
}

static test_cert *short_lived(const test_pki *pki, bool server, int64_t seconds)
{
    test_cert_options options = { .common_name = server ? "localhost" : "client",
                                  .key_slot = server ? TEST_KEY_LEAF : TEST_KEY_CLIENT,
                                  .eku = server ? HF_EKU_SERVER_AUTH : HF_EKU_CLIENT_AUTH,
                                  .no_names = !server,
                                  .not_after = TEST_NOW + seconds };

    return test_cert_new(&options, pki->intermediate);
}

/* No session outlives the certificate that it rests on. */
static void test_lifetime_is_bounded_by_certificates(void **state)
{
    (void)state;
    for (int server = 0; server < 2; server++) {
        hf_sessions *sessions = memory_of(true, 0);
        pair_options o = usual_visit(sessions);
        test_pki pki = *shared_pki(HF_KEY_P256);
        test_cert *leaf = short_lived(&pki, server, 100);
        *(server ? &pki.leaf : &pki.client) = leaf;
        *(server ? pki.chain : pki.client_chain) = test_cert_der(leaf);
        o.pki = &pki;
        first_visit(&o, &a);
        visit_clock[HF_CLIENT] = visit_clock[HF_SERVER] = TEST_NOW + 99;
        assert_resumed(visit(&o, &a, &b));
        visit_clock[HF_CLIENT] = visit_clock[HF_SERVER] = TEST_NOW + 101;
        seen s = visit(&o, &b, NULL);
        assert_false(s.connected || s.resumed[HF_CLIENT] || s.resumed[HF_SERVER]);
        assert_int_equal(s.session_error, HF_E_SESSION_EXPIRED); /* the ticket's lifetime says so */
        assert_int_equal(s.failure[server ? HF_CLIENT : HF_SERVER], HF_E_CERT_EXPIRED);
        test_cert_free(leaf);
        hf_sessions_free(sessions);
    }
}

/* ---- what a client does not offer ---- */

static void trust_more(hf_config *config, hf_role role, void *user)
{
    hf_trust *trust = hf_trust_new();
    const test_pki *mine = shared_pki(HF_KEY_P256), *other = shared_pki(HF_KEY_P384);

    if (role == *(const hf_role *)user) {
        assert_int_equal(hf_trust_add_der(trust, test_cert_der(mine->root)), HF_OK);
        assert_int_equal(hf_trust_add_der(trust, test_cert_der(other->root)), HF_OK);
        assert_int_equal(hf_config_set_trust(config, trust), HF_OK);
    }
    hf_trust_free(trust);
}

static void insecure(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_CLIENT)
        assert_int_equal(hf_config_set(config, HF_SET_INSECURE, true), HF_OK);
}

/* RFC 6066 3; a session is for one server, one name and the settings under which the server was believed. */
static void test_client_offers_it_nowhere_else(void **state)
{
    static hf_role client = HF_CLIENT;
    hf_policy fewer = policy_of_version("default", HF_TLS12);
    hf_sessions *sessions = memory_of(true, 0);
    const pair_options usually = usual_visit(sessions);
    pair_options o = usually;

    (void)state;
    first_visit(&o, &a);
    o.server_name = "example.test";
    assert_not_offered(visit(&o, &a, NULL), HF_E_SESSION_OTHER_PEER);
    o.verify_name = "localhost";
    assert_not_offered(visit(&o, &a, NULL), HF_E_SESSION_OTHER_PEER);
    o = usually, o.verify_name = "example.test";
    assert_not_offered(visit(&o, &a, NULL), HF_E_SESSION_OTHER_PEER);
    o = usually, o.endpoint = "localhost:8443";
    assert_not_offered(visit(&o, &a, NULL), HF_E_SESSION_OTHER_PEER);
    o = usually, o.endpoint = NULL;
    assert_not_offered(visit(&o, &a, NULL), HF_E_SESSION_OTHER_PEER);
    o = usually, o.client_identity = false;
    assert_not_offered(visit(&o, &a, NULL), HF_E_SESSION_OTHER_SETTINGS);
    o = usually, o.configure = trust_more, o.user = &client;
    assert_not_offered(visit(&o, &a, NULL), HF_E_SESSION_OTHER_SETTINGS);
    o = usually, o.configure = insecure;
    assert_not_offered(visit(&o, &a, NULL), HF_E_SESSION_OTHER_SETTINGS);
    fewer.groups[2] = 0;
    o = usually, o.policy[HF_CLIENT] = &fewer;
    assert_not_offered(visit(&o, &a, NULL), HF_E_SESSION_OTHER_SETTINGS);
    assert_resumed(visit(&usually, &a, NULL));
    hf_sessions_free(sessions);
}

/* Bytes that are no session of ours are not offered, wherever they are broken, and harm nothing. */
static void test_client_offers_no_damaged_session(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_visit(sessions);

    (void)state;
    first_visit(&o, &a);
    for (size_t len = 1; len < a.len; len += 1 + a.len / 16) {
        b = a, b.len = len;
        assert_not_offered(visit(&o, &b, NULL), HF_E_SESSION_DAMAGED);
    }
    b = a, b.bytes[1] ^= 2; /* another format */
    assert_not_offered(visit(&o, &b, NULL), HF_E_SESSION_DAMAGED);
    b = a, b.bytes[b.len++] = 0;
    assert_not_offered(visit(&o, &b, NULL), HF_E_SESSION_DAMAGED);
    hf_sessions_free(sessions);
}

/* Whoever was not verified is not remembered. */
static void test_session_of_an_insecure_client_is_not_kept(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        hf_sessions *sessions = by_way(way);
        pair_options o = usual_visit(sessions);
        o.configure = insecure, o.no_trust = true, o.client_auth = HF_CLIENT_AUTH_NONE;
        seen s = visit(&o, NULL, &a);
        assert_true(s.connected && !s.verified[HF_CLIENT]);
        assert_int_equal(a.len, 0);
        hf_sessions_free(sessions);
    }
}

/* ---- what a server does not take ---- */

static void name_it(hf_session *s, const void *name)
{
    s->server_name = s->verify_name = hf_span_str(name);
}

/* RFC 6066 3, RFC 7301: another name or protocol, other settings: a full handshake, and the identity is of now. */
static void test_server_takes_it_for_the_same_thing_only(void **state)
{
    static hf_role server = HF_SERVER;

    (void)state;
    for (int way = 0; way < 2; way++) {
        hf_sessions *sessions = by_way(way);
        pair_options usually = usual_visit(sessions), o;
        hf_policy fewer = policy_of_version("default", HF_TLS12);
        usually.alpn[HF_CLIENT][0] = usually.alpn[HF_SERVER][0] = "h2";
        usually.alpn[HF_SERVER][1] = "http/1.1";
        first_visit(&usually, &a);
        b = a;
        recut(&b, name_it, "example.test");
        o = usually, o.server_name = "example.test";
        assert_declined(visit(&o, &b, NULL));
        o = usually, o.alpn[HF_CLIENT][0] = "http/1.1";
        assert_declined(visit(&o, &a, NULL));
        o = usually, o.alpn[HF_CLIENT][0] = NULL;
        assert_declined(visit(&o, &a, NULL));
        o = usually, o.configure = trust_more, o.user = &server;
        assert_declined(visit(&o, &a, NULL));
        o = usually, o.client_auth = HF_CLIENT_AUTH_REQUIRE;
        assert_declined(visit(&o, &a, NULL));
        o = usually, o.client_auth = HF_CLIENT_AUTH_NONE;
        seen s = visit(&o, &a, NULL);
        assert_declined(s);
        assert_string_equal(s.peer[HF_SERVER], "");
        fewer.groups[2] = 0;
        o = usually, o.policy[HF_SERVER] = &fewer;
        assert_declined(visit(&o, &a, NULL));
        assert_resumed(visit(&usually, &a, NULL));
        hf_sessions_free(sessions);
    }
}

/* RFC 5077 3.3: a ticket under the key before is taken and renewed; of older keys nothing is known. */
static void test_rotation(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = usual_visit(sessions);

    (void)state;
    first_visit(&o, &a);
    seen s = visit(&o, &a, NULL);
    assert_resumed(s);
    assert_int_equal(s.new_tickets, 0);
    assert_int_equal(hf_sessions_rotate(sessions), HF_OK);
    s = visit(&o, &a, &b);
    assert_resumed(s);
    assert_int_equal(s.new_tickets, 1);
    assert_string_equal(s.peer[HF_SERVER], "CN=client");
    assert_int_equal(hf_sessions_rotate(sessions), HF_OK);
    s = visit(&o, &b, NULL);
    assert_resumed(s);
    assert_string_equal(s.peer[HF_SERVER], "CN=client");
    s = visit(&o, &a, &b);
    assert_declined(s);
    assert_int_equal(s.new_tickets, 1);
    assert_resumed(visit(&o, &b, NULL));
    hf_sessions_free(sessions);
}

typedef struct damage {
    size_t flip, cut; /* a bit of that byte, or bytes at the end */
    size_t garbage;   /* or that many others instead */
} damage;

static void damage_ticket(hf_session *s, const void *with)
{
    static uint8_t bytes[HF_SESSION_MAX];
    const damage *d = with;
    hf_span ticket = s->ticket;

    memcpy(bytes, ticket.data, ticket.len);
    for (size_t i = 0; i < d->garbage; i++)
        bytes[i] = (uint8_t)(i * 37 + 1);
    s->ticket = hf_span_of(bytes, d->garbage ? d->garbage : ticket.len - d->cut);
    if (!d->garbage && !d->cut)
        bytes[d->flip] ^= 1;
}

static seen visit_damaged(const pair_options *o, damage d)
{
    b = a;
    recut(&b, damage_ticket, &d);
    return visit(o, &b, NULL);
}

/* RFC 5077 3.1: a ticket that does not open is no error: a full handshake, and a new one. */
static void test_broken_tickets(void **state)
{
    static const size_t garbage[] = { 1, 15, 16, 43, 44, 45, 200, HF_TICKET_MAX, 4096 };
    hf_sessions *sessions = memory_of(true, 8);
    pair_options o = usual_visit(sessions);
    unsigned cases = 0;

    (void)state;
    first_visit(&o, &a);
    hf_session s;
    assert_int_equal(hf_session_read(hf_span_of(a.bytes, a.len), &s), HF_OK);
    size_t len = s.ticket.len;
    for (size_t at = 0; at < len; at += at < 48 || at + 20 > len ? 4 : 32, cases++)
        assert_declined(visit_damaged(&o, (damage){ .flip = at }));
    for (size_t cut = 1; cut < len; cut += 1 + len / 12, cases++)
        assert_declined(visit_damaged(&o, (damage){ .cut = cut }));
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++, cases++)
        assert_declined(visit_damaged(&o, (damage){ .garbage = garbage[i] }));
    /* longer than a ClientHello has room for: from another version of ours, or somebody else's */
    b = a;
    recut(&b, damage_ticket, &(damage){ .garbage = 8000 });
    assert_not_offered(visit(&o, &b, NULL), HF_E_SESSION_DAMAGED);
    assert_resumed(visit(&o, &a, NULL));
    printf("%u broken tickets\n", cases);
    hf_sessions_free(sessions);
}

/* The cache is bounded: the oldest goes. */
static void test_eviction(void **state)
{
    hf_sessions *sessions = memory_of(false, 2);
    pair_options o = usual_visit(sessions);
    static kept third;

    (void)state;
    first_visit(&o, &a);
    first_visit(&o, &b);
    assert_resumed(visit(&o, &a, NULL));
    first_visit(&o, &third);
    assert_declined(visit(&o, &a, NULL)); /* and is stored anew, in the place of b */
    assert_resumed(visit(&o, &third, NULL));
    assert_declined(visit(&o, &b, NULL));
    hf_sessions_free(sessions);
}

/* A client with a long identity is asked again each time: its ticket is empty (RFC 5077 3.3), the cache forgets it. */
static void test_long_identity_is_not_remembered(void **state)
{
    char names[4][256];

    (void)state;
    for (int way = 0; way < 2; way++) {
        hf_sessions *sessions = by_way(way);
        pair_options o = usual_visit(sessions);
        test_pki pki = *shared_pki(HF_KEY_P256);
        test_cert_options options = { .common_name = "client",
                                      .key_slot = TEST_KEY_CLIENT,
                                      .eku = HF_EKU_CLIENT_AUTH };
        for (int i = 0; i < 4; i++) {
            for (size_t at = 0; at < 236; at++)
                names[i][at] = at % 60 == 59 ? '.' : (char)('a' + i);
            strcpy(names[i] + 236, ".test");
            options.names[i] = names[i];
        }
        pki.client = test_cert_new(&options, pki.intermediate);
        pki.client_chain[0] = test_cert_der(pki.client);
        o.pki = &pki;
        seen s = visit(&o, NULL, &a);
        assert_full(s);
        assert_string_equal(s.peer[HF_SERVER], "CN=client");
        assert_int_equal(s.new_tickets, way == 0);
        assert_int_equal(s.new_ticket_len, 0);
        if (way == 0)
            assert_int_equal(a.len, 0);
        else
            assert_declined(visit(&o, &a, NULL));
        test_cert_free(pki.client);
        hf_sessions_free(sessions);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resumes),
        cmocka_unit_test(test_resumes_when_tls13_is_offered),
        cmocka_unit_test(test_nobody_is_remembered_unasked),
        cmocka_unit_test(test_resumes_with_an_address),
        cmocka_unit_test(test_expiry_at_both_ends),
        cmocka_unit_test(test_resuming_makes_no_session_younger),
        cmocka_unit_test(test_lifetime_is_bounded_by_certificates),
        cmocka_unit_test(test_client_offers_it_nowhere_else),
        cmocka_unit_test(test_client_offers_no_damaged_session),
        cmocka_unit_test(test_session_of_an_insecure_client_is_not_kept),
        cmocka_unit_test(test_server_takes_it_for_the_same_thing_only),
        cmocka_unit_test(test_rotation),
        cmocka_unit_test(test_broken_tickets),
        cmocka_unit_test(test_eviction),
        cmocka_unit_test(test_long_identity_is_not_remembered),
    };

    return cmocka_run_group_tests_name("flow_resume12", tests, NULL, NULL);
}
