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

static seen now_seen;
static hf_policy tls12;

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

static void note_end(pair *p, hf_role role)
{
    hf_conn *conn = p->end[role].conn;
    const hf_conn_info *info = hf_conn_info_of(conn);
    const hf_failure *failure = hf_conn_failure(conn);
    const hf_peer *peer = hf_conn_peer(conn);

    now_seen.resumed[role] = info->resumed;
    now_seen.verified[role] = info->peer_verified;
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
                        hf_error_name(s.failure[role]));
    assert_true(s.connected);
    assert_false(s.resumed[HF_CLIENT] || s.resumed[HF_SERVER]);
    assert_int_equal(s.trips, 2);
    assert_true(s.verified[HF_CLIENT]);
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
    hf_sessions *sessions = hf_sessions_new(tickets, entries, VISIT_HOUR);

    assert_non_null(sessions);
    return sessions;
}

hf_sessions *by_way(int way)
{
    return way == 0 ? memory_of(true, 0) : memory_of(false, 64);
}
