/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Visits of a client that comes back. */
#include "support/visit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/wire.h"

int64_t visit_clock[2];
uint64_t visit_ms[2];

static seen now_seen;
static hf_policy tls12, tls13;

static int64_t client_time(void *user)
{
    (void)user;
    return visit_clock[HF_CLIENT];
}

static int64_t server_time(void *user)
{
    (void)user;
    return visit_clock[HF_SERVER];
}

static uint64_t client_ms(void *user)
{
    (void)user;
    return (uint64_t)visit_clock[HF_CLIENT] * 1000 + visit_ms[HF_CLIENT];
}

static uint64_t server_ms(void *user)
{
    (void)user;
    return (uint64_t)visit_clock[HF_SERVER] * 1000 + visit_ms[HF_SERVER];
}

static unsigned count_psks(hf_span identities)
{
    hf_psk_identity psk;
    unsigned n = 0;

    while (hf_psk_identity_next(&identities, &psk))
        n++;
    return n;
}

static void hear_hello(hf_span body)
{
    hf_wire w = { .writer = HF_CLIENT };
    hf_client_hello hello = { 0 };
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(body, "ClientHello", 0, &fault, NULL);

    hf_client_hello_read(&r, &w, &hello);
    assert_int_equal(fault.code, HF_OK);
    now_seen.ticket_offered = hello.ext.session_ticket.len;
    now_seen.may_have_ticket = hello.ext.present & HF_EXT_BIT(session_ticket);
    now_seen.id_offered = hello.legacy_session_id.len;
    now_seen.psks_offered = count_psks(hello.ext.psk_identities);
    now_seen.early_offered |= (hello.ext.present & HF_EXT_BIT(early_data)) != 0;
}

static void hear(void *user, const hf_trace_event *event)
{
    (void)user;
    if (event->kind != HF_TRACE_MESSAGE)
        return;
    if (strcmp(event->name, "ClientHello") == 0)
        hear_hello(hf_span_of(event->bytes.data + 4, event->bytes.len - 4));
    if (strcmp(event->name, "NewSessionTicket") != 0)
        return;
    now_seen.new_tickets++;
    now_seen.lifetime = (uint32_t)event->bytes.data[4] << 24 |
                        (uint32_t)event->bytes.data[5] << 16 | (uint32_t)event->bytes.data[6] << 8 |
                        event->bytes.data[7];
    now_seen.new_ticket_len = event->bytes.len - 4 - 6; /* header; lifetime and length */
}

static const hf_trace_sink ear = { hear, NULL };

pair_options usual_visit(hf_sessions *sessions)
{
    tls12 = policy_of_version("default", HF_TLS12);
    visit_clock[HF_CLIENT] = visit_clock[HF_SERVER] = TEST_NOW;
    return (pair_options){ .policy = { &tls12, &tls12 },
                           .hooks = { { .wall_time = client_time }, { .wall_time = server_time } },
                           .trace = { &ear },
                           .client_auth = HF_CLIENT_AUTH_REQUEST,
                           .client_identity = true,
                           .sessions = sessions,
                           .want_session = true,
                           .endpoint = "localhost:443" };
}

pair_options usual_return(hf_sessions *sessions)
{
    pair_options o = usual_visit(sessions);

    tls13 = policy_of_version("default", HF_TLS13);
    tls13.groups[0] = tls13.key_shares[0] = HF_GROUP_x25519; /* quick */
    tls13.groups[1] = HF_GROUP_secp256r1;
    tls13.groups[2] = HF_GROUP_secp384r1;
    tls13.groups[3] = tls13.key_shares[1] = 0;
    visit_ms[HF_CLIENT] = visit_ms[HF_SERVER] = 0;
    o.policy[HF_CLIENT] = o.policy[HF_SERVER] = &tls13;
    o.hooks[HF_CLIENT].clock_ms = client_ms;
    o.hooks[HF_SERVER].clock_ms = server_ms;
    o.client_auth = HF_CLIENT_AUTH_NONE;
    o.client_identity = false;
    return o;
}

static void note_end(pair *p, hf_role role)
{
    hf_conn *conn = p->end[role].conn;
    const hf_conn_info *info = hf_conn_info_of(conn);
    const hf_failure *failure = hf_conn_failure(conn);
    const hf_peer *peer = hf_conn_peer(conn);

    now_seen.resumed[role] = info->resumed;
    now_seen.verified[role] = info->peer_verified;
    now_seen.early[role] = info->early;
    now_seen.early_error[role] = info->early_error;
    snprintf(now_seen.peer[role], sizeof now_seen.peer[role], "%s", peer ? peer->subject : "");
    snprintf(now_seen.print[role], sizeof now_seen.print[role], "%s",
             peer ? peer->fingerprint : "");
    if (failure) {
        now_seen.failure[role] = failure->code;
        now_seen.alert[role] = failure->alert;
    }
}

static void note(pair *p)
{
    const hf_conn_info *info = hf_conn_info_of(p->end[HF_CLIENT].conn);

    now_seen.connected = p->end[HF_CLIENT].connected && p->end[HF_SERVER].connected;
    now_seen.session_error = info->session_error;
    now_seen.trips = info->round_trips;
    now_seen.version = info->version;
    now_seen.suite = info->cipher_suite;
    now_seen.retried = info->retried;
    now_seen.n_early = p->end[HF_SERVER].n_early;
    for (int role = 0; role < 2; role++)
        note_end(p, (hf_role)role);
}

static void keep(pair *p, kept *to)
{
    hf_span session = hf_conn_session(p->end[HF_CLIENT].conn);

    assert_int_equal(pair_saw(&p->end[HF_CLIENT], HF_EVENT_SESSION), session.len > 0);
    assert_true(session.len <= sizeof to->bytes);
    to->len = session.len;
    if (session.len > 0)
        memcpy(to->bytes, session.data, session.len);
}

seen visit(const pair_options *options, const kept *session, kept *next)
{
    pair_options o = *options;
    pair p;

    if (session)
        o.session = hf_span_of(session->bytes, session->len);
    now_seen = (seen){ .connected = false };
    pair_start(&p, &o);
    pair_run(&p);
    note(&p);
    if (now_seen.connected) {
        for (int role = 0; role < 2; role++)
            p.end[role].n_data = 0; /* early data */
        pair_send(&p, HF_CLIENT, "ping", 4);
        pair_send(&p, HF_SERVER, "pong", 4);
        assert_int_equal(p.end[HF_SERVER].n_data + p.end[HF_CLIENT].n_data, 8);
    }
    if (next)
        keep(&p, next);
    pair_free(&p);
    return now_seen;
}

seen first_visit(const pair_options *o, kept *session)
{
    seen s = visit(o, NULL, session);

    assert_true(s.connected);
    assert_false(s.resumed[0] || s.resumed[1]);
    assert_true(session->len > 0);
    return s;
}

void assert_resumed(seen s)
{
    assert_true(s.connected);
    assert_true(s.resumed[HF_CLIENT] && s.resumed[HF_SERVER]);
    assert_int_equal(s.session_error, HF_OK);
    assert_int_equal(s.trips, 1);
    assert_int_equal(s.version, HF_TLS12);
    assert_true(s.verified[HF_CLIENT]);
    assert_string_equal(s.peer[HF_CLIENT], "CN=localhost");
}

void assert_full(seen s)
{
    for (int role = 0; role < 2; role++)
        if (s.failure[role] != HF_OK)
            print_error("%s: %s\n", role == HF_CLIENT ? "client" : "server",
                        hf_error_row_of(s.failure[role])->name);
    assert_true(s.connected);
    assert_false(s.resumed[HF_CLIENT] || s.resumed[HF_SERVER]);
    assert_int_equal(s.trips, 2);
    assert_true(s.verified[HF_CLIENT]);
}

static void print_failures(seen s)
{
    for (int role = 0; role < 2; role++)
        if (s.failure[role] != HF_OK)
            print_error("%s: %s\n", role == HF_CLIENT ? "client" : "server",
                        hf_error_row_of(s.failure[role])->name);
    if (s.session_error != HF_OK)
        print_error("the session: %s\n", hf_error_row_of(s.session_error)->name);
}

static void assert_connected13(seen s, bool resumed)
{
    if (!s.connected || s.resumed[HF_CLIENT] != resumed || s.resumed[HF_SERVER] != resumed)
        print_failures(s);
    assert_true(s.connected);
    assert_int_equal(s.version, HF_TLS13);
    assert_int_equal(s.resumed[HF_CLIENT], resumed);
    assert_int_equal(s.resumed[HF_SERVER], resumed);
    assert_true(s.verified[HF_CLIENT]);
    assert_string_equal(s.peer[HF_CLIENT], "CN=localhost");
}

void assert_back(seen s)
{
    assert_connected13(s, true);
    assert_int_equal(s.session_error, HF_OK);
}

void assert_new_again(seen s)
{
    assert_connected13(s, false);
}

void assert_sent_back(seen s)
{
    assert_new_again(s);
    assert_int_equal(s.psks_offered, 1);
    assert_int_equal(s.session_error, HF_E_SESSION_DECLINED);
}

void assert_kept_back(seen s, hf_error why)
{
    assert_int_equal(s.session_error, why);
    assert_int_equal(s.psks_offered, 0);
    assert_false(s.resumed[HF_CLIENT] || s.resumed[HF_SERVER]);
}

void assert_declined(seen s)
{
    assert_full(s);
    assert_true(s.ticket_offered + s.id_offered > 0);
    assert_int_equal(s.session_error, HF_E_SESSION_DECLINED);
}

void assert_not_offered(seen s, hf_error why)
{
    assert_int_equal(s.session_error, why);
    assert_int_equal(s.ticket_offered, 0);
    assert_int_equal(s.id_offered, 0);
    assert_false(s.resumed[HF_CLIENT] || s.resumed[HF_SERVER]);
}

void recut(kept *session, void (*edit)(hf_session *s, const void *with), const void *with)
{
    static uint8_t old[HF_SESSION_MAX];
    hf_session s;
    hf_span out;

    memcpy(old, session->bytes, session->len);
    assert_int_equal(hf_session_read(hf_span_of(old, session->len), &s), HF_OK);
    edit(&s, with);
    hf_builder b = hf_wr_start(session->bytes, sizeof session->bytes);
    hf_session_write(&b, &s);
    assert_int_equal(hf_wr_finish(&b, &out), HF_OK);
    session->len = out.len;
}

hf_sessions *memory_of(bool tickets, size_t entries)
{
    hf_sessions *sessions = hf_sessions_new(
        &(hf_sessions_options){ .tickets = tickets, .entries = entries, .lifetime = VISIT_HOUR });

    assert_non_null(sessions);
    return sessions;
}

hf_sessions *by_way(int way)
{
    return way == 0 ? memory_of(true, 0) : memory_of(false, 64);
}
