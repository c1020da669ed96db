/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * 0-RTT that is taken (RFC 9846 2.3, 4.3.10): it is off unless both ends say otherwise, comes marked as
 * what it is, before the handshake is over, and within the limit of its ticket. What is refused is
 * test_flow_early_refused.c.
 */
#include "support/early_scene.h"

static hf_sessions *sessions;

static int set_up(void **state)
{
    (void)state;
    sessions = memory_of(true, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hf_sessions_free(sessions);
    return 0;
}

static hf_span bytes_of(size_t len)
{
    static uint8_t bytes[1 << 17];

    assert_true(len <= sizeof bytes);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i * 31 + (i >> 8));
    return hf_span_of(bytes, len);
}

/* ---- off by default ---- */

/* RFC 9846 E.5: neither end does it unasked. (RFC 9846 F.5#3) */
static void test_off_by_default(void **state)
{
    static const struct {
        uint32_t client, server;
        hf_error why;
    } rows[] = { { 0, 0, HF_OK }, { LIMIT, 0, HF_E_EARLY_NO_SESSION }, { 0, LIMIT, HF_OK } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        pair_options o = early_options(sessions);
        o.early_data[HF_CLIENT] = rows[i].client;
        o.early_data[HF_SERVER] = rows[i].server;
        remember(&o);
        o.early = hf_span_str("too early");
        seen s = visit(&o, &session, NULL);
        assert_back(s);
        assert_false(s.early_offered);
        assert_int_equal(s.n_early, 0);
        assert_int_equal(s.early[HF_CLIENT], HF_EARLY_NONE);
        assert_int_equal(s.early[HF_SERVER], HF_EARLY_NONE);
        assert_int_equal(s.early_error[HF_CLIENT], rows[i].why);
        assert_int_equal(s.early_error[HF_SERVER], HF_OK);
    }
}

/* A first visit has nothing to go by. */
static void test_not_at_the_first_visit(void **state)
{
    pair_options o = early_options(sessions);

    (void)state;
    o.early = hf_span_str("too early");
    seen s = visit(&o, NULL, NULL);
    assert_new_again(s);
    assert_false(s.early_offered);
    assert_int_equal(s.early_error[HF_CLIENT], HF_E_EARLY_NO_SESSION);
}

/* ---- it arrives ---- */

static hf_policy without_disguise(const hf_policy *p)
{
    hf_policy plain = *p;

    plain.middlebox_compat = false;
    return plain;
}

/* In one piece or in many, with the disguise of RFC 9846 E.4 or without. (RFC 9846 4.3.10#2) */
static void test_it_arrives(void **state)
{
    static const size_t chunks[] = { 0, 1, 7, 100 };

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        pair_options o = early_options(sessions);
        hf_policy plain = without_disguise(o.policy[HF_CLIENT]);
        hf_span data = bytes_of(i == 0 ? 1 : 300 + i);
        pair p;
        if (i >= 4)
            o.policy[HF_CLIENT] = o.policy[HF_SERVER] = &plain;
        remember(&o);
        o.chunk = chunks[i % 4];
        o.early = data;
        pair_start(&p, &o);
        pair_connect(&p);
        assert_taken(&p, data);
        pair_send(&p, HF_CLIENT, "late", 4);
        pair_send(&p, HF_SERVER, "fine", 4);
        assert_int_equal(p.end[HF_SERVER].n_data, data.len + 4);
        assert_int_equal(p.end[HF_SERVER].n_early, data.len);
        assert_int_equal(info(&p, HF_SERVER)->data_in, data.len + 4);
        pair_free(&p);
    }
}

/* Offered, and then nothing is said: that is fine too. */
static void test_no_data_at_all(void **state)
{
    pair_options o = early_options(sessions);
    pair p;

    (void)state;
    remember(&o);
    pair_start(&p, &o);
    pair_connect(&p);
    assert_taken(&p, hf_span_of(NULL, 0));
    pair_send(&p, HF_CLIENT, "late", 4);
    assert_int_equal(p.end[HF_SERVER].n_early, 0);
    pair_free(&p);
}

/* Early data, CONNECTED and later data are told in their order, each for what it is. (RFC 9846 F.5#5) */
static void test_order_of_events(void **state)
{
    pair_options o = early_options(sessions);
    pair_end *server;
    pair p;

    (void)state;
    remember(&o);
    o.early = hf_span_str("early");
    pair_start(&p, &o);
    server = &p.end[HF_SERVER];
    pair_connect(&p);
    pair_send(&p, HF_CLIENT, "late", 4);
    assert_int_equal(server->n_log, 3);
    assert_int_equal(server->log[0], HF_EVENT_EARLY_DATA);
    assert_int_equal(server->log[1], HF_EVENT_CONNECTED);
    assert_int_equal(server->log[2], HF_EVENT_DATA);
    assert_memory_equal(server->data, "earlylate", 9);
    pair_free(&p);
}

/* The first flight holds all of it: a server that hears nothing else has it already, and answers (RFC 9846 2.3, 4.5.3: half-RTT
   data) before it knows that the client is there. (RFC 9846 4.3.11.3#1) */
static void test_half_rtt_answer(void **state)
{
    pair_options o = early_options(sessions);
    hf_iovec answer = { "half-RTT", 8 };
    pair p;

    (void)state;
    remember(&o);
    o.early = hf_span_str("question");
    pair_start(&p, &o);
    hf_conn *client = p.end[HF_CLIENT].conn, *server = p.end[HF_SERVER].conn;
    pair_events(&p, HF_CLIENT);
    while (pair_carry(&p, HF_CLIENT)) {
    }
    assert_int_equal(p.end[HF_SERVER].n_early, 8);
    assert_false(p.end[HF_SERVER].connected);
    assert_true(hf_conn_wants(server, NULL) & HF_WANT_CAN_SEND);
    assert_int_equal(hf_conn_data_in(server, &answer, 1), 8);
    assert_int_equal(hf_conn_key_update(server, false), HF_E_MISUSE); /* not before CONNECTED */
    while (pair_carry(&p, HF_SERVER)) {
    }
    assert_true(p.end[HF_CLIENT].connected);
    assert_int_equal(p.end[HF_CLIENT].n_data, 8);
    assert_false(p.end[HF_SERVER].connected);
    assert_int_equal(info(&p, HF_CLIENT)->early, HF_EARLY_ACCEPTED);
    assert_int_equal(hf_conn_info_of(client)->round_trips, 1);
    pair_run(&p);
    assert_taken(&p, hf_span_str("question"));
    pair_free(&p);
}

/* A client's own memory gives each ticket out once, so that each early flight is a first one (RFC 9846 8.1, C.4). */
static void test_from_the_store(void **state)
{
    pair_options o = early_options(sessions);

    (void)state;
    o.store = hf_sessions_new(&(hf_sessions_options){ .entries = 10, .lifetime = VISIT_HOUR });
    assert_non_null(o.store);
    o.early = hf_span_str("early");
    assert_new_again(visit(&o, NULL, NULL));
    for (int i = 0; i < 5; i++) {
        seen s = visit(&o, NULL, NULL);
        assert_back(s);
        assert_int_equal(s.early[HF_CLIENT], HF_EARLY_ACCEPTED);
        assert_int_equal(s.n_early, 5);
    }
    hf_sessions_free(o.store);
}

/* ---- limits ---- */

/* RFC 9846 4.7.1, 4.3.10: the ticket's limit, or the client's own if it is less, to the byte. A client stops there, and goes on once
   it is connected; a server takes all of it. */
static void test_limit_to_the_byte(void **state)
{
    static const struct {
        uint32_t ticket, own;
        size_t record; /* of so many bytes */
    } rows[] = { { 1000, 1000, 16384 }, { 1000, 700, 16384 }, { 700, 1000, 16384 },
                 { 1, 1, 16384 },       { 300, 300, 1 },      { 40000, 40000, 16384 },
                 { 1000, 1000, 333 } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t limit = rows[i].ticket < rows[i].own ? rows[i].ticket : rows[i].own;
        pair_options o = early_options(sessions);
        hf_span data = bytes_of(limit + 100);
        pair p;
        o.early_data[HF_SERVER] = rows[i].ticket;
        o.early_data[HF_CLIENT] = rows[i].own;
        remember(&o);
        pair_start(&p, &o);
        hf_conn *client = p.end[HF_CLIENT].conn;
        assert_int_equal(hf_conn_set_max_record(client, rows[i].record), HF_OK);
        pair_events(&p, HF_CLIENT);
        assert_int_equal(info(&p, HF_CLIENT)->early, HF_EARLY_OFFERED);
        assert_int_equal(hf_conn_data_in(client, &(hf_iovec){ data.data, data.len }, 1), limit);
        assert_false(hf_conn_wants(client, NULL) & HF_WANT_CAN_SEND);
        assert_int_equal(hf_conn_data_in(client, &(hf_iovec){ "x", 1 }, 1), 0);
        pair_connect(&p);
        assert_taken(&p, hf_span_of(data.data, limit));
        pair_send(&p, HF_CLIENT, data.data + limit, 100);
        assert_memory_equal(p.end[HF_SERVER].data, data.data, limit + 100);
        pair_free(&p);
    }
}

/* One byte more is refused (RFC 9846 4.3.10); all before it was delivered. */
static void test_a_byte_too_much(void **state)
{
    pair_options o = early_options(sessions);
    hf_span data = bytes_of(LIMIT + 1);
    pair p;

    (void)state;
    remember(&o);
    pair_start(&p, &o);
    hf_conn *client = p.end[HF_CLIENT].conn;
    assert_int_equal(hf_conn_set_max_record(client, LIMIT), HF_OK);
    pair_events(&p, HF_CLIENT);
    client->engine.early_left = LIMIT + 1; /* it cannot count */
    assert_int_equal(hf_conn_data_in(client, &(hf_iovec){ data.data, data.len }, 1), data.len);
    pair_run(&p);
    const hf_failure *f = hf_conn_failure(p.end[HF_SERVER].conn);
    assert_non_null(f);
    assert_int_equal(f->code, HF_E_EARLY_DATA_LIMIT);
    assert_int_equal(f->alert, HF_ALERT_unexpected_message);
    assert_int_equal(p.end[HF_SERVER].n_early, LIMIT);
    assert_false(p.end[HF_SERVER].connected);
    pair_free(&p);
}

static size_t pad(void *user, uint8_t type, size_t len)
{
    (void)user, (void)type;
    return len * 3;
}

/* RFC 9846 4.7.1: only what is in the records counts, not what pads them. */
static void test_padding_does_not_count(void **state)
{
    pair_options o = early_options(sessions);
    hf_span data = bytes_of(LIMIT);
    pair p;

    (void)state;
    remember(&o);
    o.hooks[HF_CLIENT].padding = pad;
    o.early = data;
    pair_start(&p, &o);
    pair_connect(&p);
    assert_taken(&p, data);
    pair_free(&p);
}

/* RFC 8449 4: a limit is for the keys of the handshake that sets it. The client cannot know it when it writes its early data. */
static void test_record_size_limit_comes_later(void **state)
{
    pair_options o = early_options(sessions);
    hf_policy small = *o.policy[HF_SERVER];
    hf_span data = bytes_of(LIMIT);
    pair p;

    (void)state;
    small.record_size_limit = 100;
    o.policy[HF_SERVER] = &small;
    remember(&o);
    o.early = data;
    pair_start(&p, &o);
    pair_connect(&p);
    assert_taken(&p, data);
    pair_send(&p, HF_CLIENT, data.data, data.len);
    assert_int_equal(p.end[HF_SERVER].n_data, 2 * data.len);
    pair_free(&p);
    pair_start(&p, &o); /* nor when it is not taken */
    pair_run(&p);
    assert_not_taken(&p, HF_E_EARLY_USED);
    pair_free(&p);
}

/* ---- what it stands for ---- */

/* The client of the session: named once its Finished has come, and no sooner, as whoever watched could have sent the early data. */
static void test_with_a_client_certificate(void **state)
{
    pair_options o = early_options(sessions);
    pair p;

    (void)state;
    o.client_auth = HF_CLIENT_AUTH_REQUIRE;
    o.client_identity = true;
    remember(&o);
    o.early = hf_span_str("it is me");
    pair_start(&p, &o);
    pair_events(&p, HF_CLIENT);
    while (pair_carry(&p, HF_CLIENT)) {
    }
    assert_int_equal(p.end[HF_SERVER].n_early, 8);
    assert_null(hf_conn_peer(p.end[HF_SERVER].conn));
    assert_false(info(&p, HF_SERVER)->peer_verified);
    pair_connect(&p);
    assert_taken(&p, hf_span_str("it is me"));
    assert_string_equal(hf_conn_peer(p.end[HF_SERVER].conn)->subject, "CN=client");
    assert_true(info(&p, HF_SERVER)->peer_verified);
    pair_free(&p);
}

/* RFC 9846 7.5: no exporter before the handshake is over. (RFC 9846 7.5#1) */
static void test_nothing_is_exported_early(void **state)
{
    pair_options o = early_options(sessions);
    uint8_t out[2][32];
    pair p;

    (void)state;
    remember(&o);
    o.early = hf_span_str("early");
    pair_start(&p, &o);
    pair_events(&p, HF_CLIENT);
    assert_int_equal(info(&p, HF_CLIENT)->early, HF_EARLY_OFFERED);
    while (pair_carry(&p, HF_CLIENT)) {
    }
    for (int role = 0; role < 2; role++)
        assert_int_equal(
            hf_conn_export(p.end[role].conn, "EXPORTER-x", hf_span_str(""), out[role], 32),
            HF_E_MISUSE);
    pair_connect(&p);
    for (int role = 0; role < 2; role++)
        assert_int_equal(
            hf_conn_export(p.end[role].conn, "EXPORTER-x", hf_span_str(""), out[role], 32), HF_OK);
    assert_memory_equal(out[0], out[1], 32);
    pair_free(&p);
}

/* RFC 9846 4.3.10: it belongs to the ticket's protocol. A client that would not speak that offers no early data … */
static void test_bound_to_its_protocol(void **state)
{
    pair_options o = early_options(sessions);

    (void)state;
    o.alpn[HF_CLIENT][0] = "h2";
    o.alpn[HF_SERVER][0] = "h2", o.alpn[HF_SERVER][1] = "http/1.1";
    remember(&o);
    o.early = hf_span_str("PRI * HTTP/2.0");
    o.alpn[HF_CLIENT][0] = "http/1.1";
    seen s = visit(&o, &session, NULL);
    assert_back(s);
    assert_false(s.early_offered);
    assert_int_equal(s.early_error[HF_CLIENT], HF_E_EARLY_OTHER_TERMS);
    o.alpn[HF_CLIENT][0] = "http/1.1",
    o.alpn[HF_CLIENT][1] = "h2"; /* … as well as h2 does not matter */
    s = visit(&o, &session, NULL);
    assert_back(s);
    assert_int_equal(s.early[HF_SERVER], HF_EARLY_ACCEPTED);
    assert_int_equal(s.n_early, o.early.len);
}

/* ---- by whose memory ---- */

/* RFC 9846 8: shared ticket keys switch it off; a register that is shared as well switches it on again. */
static unsigned claims;

static hf_error claim(void *user, const uint8_t id[HF_EARLY_ID], uint64_t now_ms, uint64_t until_ms)
{
    (void)user, (void)id;
    assert_true(until_ms > now_ms);
    return claims++ == 0 ? HF_OK : HF_E_EARLY_USED;
}

static uint64_t shared_clock(void *user)
{
    (void)user;
    return (uint64_t)visit_clock[HF_SERVER] * 1000;
}

static void test_shared_keys(void **state)
{
    static const uint8_t keys[1][HF_TICKET_KEY] = { { 1, 2, 3 } };
    const hf_sessions_ops ops = { .claim = claim, .now_ms = shared_clock };

    (void)state;
    for (int shared = 0; shared < 2; shared++) {
        hf_sessions_options options = { .tickets = true,
                                        .lifetime = VISIT_HOUR,
                                        .ops = shared ? &ops : NULL };
        hf_sessions *machines[2];
        for (int i = 0; i < 2; i++) {
            machines[i] = hf_sessions_new(&options);
            assert_int_equal(hf_sessions_set_keys(machines[i], keys, 1), HF_OK);
        }
        claims = 0;
        pair_options o = early_options(machines[0]);
        remember(&o);
        o.early = hf_span_str("early");
        o.sessions = machines[1]; /* another machine */
        seen s = visit(&o, &session, NULL);
        assert_back(s);
        assert_int_equal(s.early_offered, shared);
        assert_int_equal(s.early[HF_SERVER], shared ? HF_EARLY_ACCEPTED : HF_EARLY_NONE);
        assert_int_equal(claims, shared);
        for (int i = 0; i < 2 && shared; i++) { /* a copy of it, sent to either */
            o.sessions = machines[i];
            s = visit(&o, &session, NULL);
            assert_back(s);
            assert_int_equal(s.early_error[HF_SERVER], HF_E_EARLY_USED);
            assert_int_equal(s.n_early, 0);
        }
        for (int i = 0; i < 2; i++)
            hf_sessions_free(machines[i]);
    }
}

#define EARLY_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EARLY_TEST(test_off_by_default),
        EARLY_TEST(test_not_at_the_first_visit),
        EARLY_TEST(test_it_arrives),
        EARLY_TEST(test_no_data_at_all),
        EARLY_TEST(test_order_of_events),
        EARLY_TEST(test_half_rtt_answer),
        EARLY_TEST(test_from_the_store),
        EARLY_TEST(test_limit_to_the_byte),
        EARLY_TEST(test_a_byte_too_much),
        EARLY_TEST(test_padding_does_not_count),
        EARLY_TEST(test_record_size_limit_comes_later),
        EARLY_TEST(test_with_a_client_certificate),
        EARLY_TEST(test_nothing_is_exported_early),
        EARLY_TEST(test_bound_to_its_protocol),
        EARLY_TEST(test_shared_keys),
    };

    return cmocka_run_group_tests_name("flow_early", tests, NULL, NULL);
}
