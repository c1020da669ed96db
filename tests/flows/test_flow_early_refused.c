/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * 0-RTT that is not taken (RFC 9846 4.3.10, 8): why not, to the millisecond; that nothing of it arrives,
 * that the client hears of it and says it again; and how much a server skips.
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

static pair_options ready(void)
{
    pair_options o = early_options(sessions);

    remember(&o);
    o.early = hf_span_str("as early as can be");
    return o;
}

static void refused_in(pair_options *o, hf_error why, size_t chunk)
{
    pair p;

    o->chunk = chunk;
    pair_start(&p, o);
    pair_run(&p);
    assert_not_taken(&p, why);
    pair_free(&p);
}

/* In one piece and byte by byte. */
static void refused(pair_options *o, hf_error why)
{
    refused_in(o, why, 0);
    refused_in(o, why, 1);
}

static void taken(const pair_options *o)
{
    pair p;

    pair_start(&p, o);
    pair_connect(&p);
    assert_taken(&p, o->early);
    pair_free(&p);
}

/* ---- why ---- */

/* RFC 9846 8.1: a ticket's early data is taken once; the ticket itself is as good as before. (RFC 9846 8#2) */
static void test_taken_once(void **state)
{
    pair_options o = ready();

    (void)state;
    taken(&o);
    refused(&o, HF_E_EARLY_USED);
    assert_back(visit(&o, &session, NULL));
}

/* A server that takes none any more. */
static void test_switched_off_since(void **state)
{
    pair_options o = ready();

    (void)state;
    o.early_data[HF_SERVER] = 0;
    refused(&o, HF_E_EARLY_OFF);
}

static void allow(hf_session *s, const void *limit)
{
    s->max_early_data = *(const uint32_t *)limit;
}

/* RFC 9846 4.7.1: a ticket that allowed none allows none, whatever the client makes of it and the server would now allow. */
static void test_a_ticket_without_it(void **state)
{
    const uint32_t limit = LIMIT;
    pair_options o = early_options(sessions);

    (void)state;
    o.early_data[HF_SERVER] = 0;
    remember(&o);
    recut(&session, allow, &limit);
    o.session = hf_span_of(session.bytes, session.len);
    o.early_data[HF_SERVER] = LIMIT;
    o.early = hf_span_str("too early");
    refused(&o, HF_E_EARLY_OFF);
}

/* RFC 9846 8.1, 8.2: who starts again has other ticket keys, and knows neither ticket nor what was used: a full handshake. */
static void test_server_was_started_again(void **state)
{
    pair_options o = ready();
    hf_sessions *fresh = memory_of(true, 0);

    (void)state;
    o.sessions = fresh;
    refused(&o, HF_E_EARLY_NO_SESSION);
    o.sessions = NULL;
    refused(&o, HF_E_EARLY_OFF);
    hf_sessions_free(fresh);
}

/* RFC 9846 4.3.10: not under another protocol than the ticket's, if the server now likes one better that the client also offers.
   (RFC 9846 4.3.10#7 #9) */
static void test_another_protocol(void **state)
{
    pair_options o = early_options(sessions);

    (void)state;
    o.alpn[HF_CLIENT][0] = o.alpn[HF_SERVER][0] = "http/1.1";
    remember(&o);
    o.early = hf_span_str("GET / HTTP/1.1");
    o.alpn[HF_CLIENT][1] = "h2";
    o.alpn[HF_SERVER][0] = "h2", o.alpn[HF_SERVER][1] = "http/1.1";
    refused(&o, HF_E_EARLY_OTHER_TERMS);
}

/* No protocol is another one than some. */
static void test_a_protocol_where_there_was_none(void **state)
{
    pair_options o = ready();

    (void)state;
    o.alpn[HF_CLIENT][0] = o.alpn[HF_SERVER][0] = "h2";
    refused(&o, HF_E_EARLY_OTHER_TERMS);
}

static void always_retry(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER)
        assert_int_equal(hf_config_set(config, HF_SET_ALWAYS_RETRY, true), HF_OK);
}

/* RFC 9846 4.3.10: a HelloRetryRequest ends it, for whatever reason it is sent. The second hello does not offer it again. The ticket
   is of a server that did not always send one. */
static void test_retry(void **state)
{
    (void)state;
    for (int group = 0; group < 2; group++) {
        pair_options o = early_options(sessions);
        hf_policy other = *o.policy[HF_SERVER];
        if (group) {
            other.groups[0] = HF_GROUP_secp256r1;
            other.groups[1] = other.groups[2] = 0;
            other.key_shares[0] = HF_GROUP_secp256r1;
            o.policy[HF_SERVER] = &other;
        }
        remember(&o);
        o.configure = group ? NULL : always_retry;
        o.early = hf_span_str("as early as can be");
        refused(&o, HF_E_EARLY_RETRY);
        seen s = visit(&o, &session, NULL);
        assert_back(s);
        assert_true(s.retried);
        assert_int_equal(s.early_error[HF_CLIENT], HF_E_EARLY_RETRY);
    }
}

/* A server that always sends a HelloRetryRequest could never take any: its tickets say so (RFC 9846 4.7.1), and clients do not try. */
static void test_tickets_of_a_server_that_always_retries(void **state)
{
    pair_options o = early_options(sessions);
    hf_session s;

    (void)state;
    o.configure = always_retry;
    remember(&o);
    assert_int_equal(hf_session_read(hf_span_of(session.bytes, session.len), &s), HF_OK);
    assert_int_equal(s.max_early_data, 0);
    o.early = hf_span_str("as early as can be");
    for (int always = 1; always >= 0; always--) {
        o.configure = always ? always_retry : NULL;
        seen v = visit(&o, &session, NULL);
        assert_back(v);
        assert_int_equal(v.retried, always);
        assert_false(v.early_offered);
        assert_int_equal(v.early[HF_CLIENT], HF_EARLY_NONE);
        assert_int_equal(v.early[HF_SERVER], HF_EARLY_NONE);
        assert_int_equal(v.n_early, 0);
    }
}

/* RFC 9846 8.2: a register that has no room forgets nobody: it takes nothing. Whom it sent away may have been copied, so that it takes
   nothing at all until no such copy is fresh; then it goes on. */
static void fill_the_register(unsigned tries)
{
    hf_sessions *small = hf_sessions_new(
        &(hf_sessions_options){ .tickets = true, .lifetime = VISIT_HOUR, .strikes = 1 });
    pair_options o = early_options(small);
    static kept first;

    remember(&o);
    o.early = hf_span_str("early");
    first = session;
    remember(&o);
    taken(&o);
    o.session = hf_span_of(first.bytes, first.len);
    refused_in(&o, HF_E_EARLY_FULL, 0);
    refused_in(&o, HF_E_EARLY_STALE, 0);
    visit_clock[HF_CLIENT] = visit_clock[HF_SERVER] = TEST_NOW + 20;
    visit_ms[HF_SERVER] = 1;
    if (tries)
        refused_in(&o, HF_E_EARLY_STALE, 0); /* one more that may have been copied */
    if (tries)
        visit_clock[HF_CLIENT] = visit_clock[HF_SERVER] = TEST_NOW + 40;
    visit_ms[HF_SERVER] += tries + 1;
    o.chunk = 0;
    taken(&o);
    hf_sessions_free(small);
}

/* RFC 9846 8.2#1 #2 (RFC 9846 8.2#2) */
static void test_register_is_full(void **state)
{
    (void)state;
    for (unsigned tries = 0; tries < 2; tries++)
        fill_the_register(tries);
}

static hf_error claim(void *user, const uint8_t id[HF_EARLY_ID], uint64_t now_ms, uint64_t until_ms)
{
    (void)user, (void)id;
    return now_ms < until_ms ? HF_OK : HF_E_MISUSE;
}

static uint64_t shared_clock(void *user)
{
    (void)user;
    return (uint64_t)visit_clock[HF_SERVER] * 1000;
}

/* RFC 9846 8.2: a machine that has the others' ticket keys and not their register takes none of what they allowed. */
static void test_a_machine_without_the_register(void **state)
{
    static const uint8_t keys[1][HF_TICKET_KEY] = { { 3, 2, 1 } };
    const hf_sessions_ops ops = { .claim = claim, .now_ms = shared_clock };
    hf_sessions_options with = { .tickets = true, .lifetime = VISIT_HOUR, .ops = &ops };
    hf_sessions *good = hf_sessions_new(&with);

    (void)state;
    assert_int_equal(hf_sessions_set_keys(good, keys, 1), HF_OK);
    assert_int_equal(hf_sessions_set_keys(sessions, keys, 1), HF_OK);
    pair_options o = early_options(good);
    remember(&o);
    o.early = hf_span_str("early");
    taken(&o);
    o.sessions = sessions;
    refused(&o, HF_E_EARLY_OFF);
    assert_back(visit(&o, &session, NULL));
    hf_sessions_free(good);
}

/* ---- when (RFC 9846 8.3) ---- */

typedef struct moment {
    int64_t client, server; /* seconds since the ticket */
    uint64_t server_ms;     /* … and milliseconds */
    hf_error verdict;
} moment;

/* The client counts whole seconds, and says one less, so that what it says is never too much: 59 s after a minute.
   (RFC 9846 4.3.10#3) */
static void test_age_to_the_millisecond(void **state)
{
    static const moment rows[] = {
        { 0, 0, 0, HF_OK },
        { 60, 60, 0, HF_OK },
        { 60, 60, 999, HF_OK },
        { 60, 69, 0, HF_OK }, /* 59 s and 10 s */
        { 60, 69, 1, HF_E_EARLY_STALE },
        { 60, 49, 0, HF_OK }, /* 59 s less 10 s */
        { 60, 48, 999, HF_E_EARLY_STALE },
        { 60, 600, 0, HF_E_EARLY_STALE },
        { 600, 60, 0, HF_E_EARLY_STALE },
        { 11, 0, 0, HF_OK },
        { 12, 0, 0, HF_E_EARLY_STALE },
        { 0, 10, 0, HF_OK },
        { 0, 10, 1, HF_E_EARLY_STALE },
        { 3000, 3000, 0, HF_OK },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hf_sessions_free(sessions);
        sessions = memory_of(true, 0);
        pair_options o = ready();
        visit_clock[HF_CLIENT] = TEST_NOW + rows[i].client;
        visit_clock[HF_SERVER] = TEST_NOW + rows[i].server;
        visit_ms[HF_SERVER] = rows[i].server_ms;
        if (rows[i].verdict == HF_OK)
            taken(&o);
        else
            refused(&o, rows[i].verdict);
    }
}

/* A flight that was recorded is of no use later: not while its ticket is remembered, nor when it is too old. No moment lies between. */
static void test_a_flight_is_never_good_twice(void **state)
{
    pair_options o = ready();

    (void)state;
    visit_clock[HF_CLIENT] = TEST_NOW + 60;
    visit_clock[HF_SERVER] = TEST_NOW + 49; /* as early as can be */
    taken(&o);
    for (int ms = 0; ms <= 30000; ms += 250) {
        pair p;
        visit_clock[HF_SERVER] = TEST_NOW + 49 + ms / 1000;
        visit_ms[HF_SERVER] = (uint64_t)ms % 1000;
        pair_start(&p, &o);
        pair_connect(&p);
        assert_int_equal(p.end[HF_SERVER].n_early, 0);
        assert_int_equal(info(&p, HF_SERVER)->early, HF_EARLY_REJECTED);
        pair_free(&p);
    }
}

/* A server's clock that is set back: what was too late stays so, and what came stays known. */
static void test_clock_set_back(void **state)
{
    pair_options o = ready();

    (void)state;
    visit_clock[HF_CLIENT] = visit_clock[HF_SERVER] = TEST_NOW + 60;
    taken(&o);
    visit_clock[HF_SERVER] = TEST_NOW + 600;
    refused(&o, HF_E_EARLY_STALE);
    visit_clock[HF_SERVER] = TEST_NOW + 60;
    refused(&o, HF_E_EARLY_STALE);
}

/* ---- skipping (RFC 9846 4.3.10) ---- */

static hf_span bytes_of(size_t len)
{
    static uint8_t bytes[HF_EARLY_SKIP_MAX + 1];

    assert_true(len <= sizeof bytes);
    return hf_span_of(bytes, len);
}

/* The client sends that much in records of that size, whatever its ticket allows, to a server that was started again with that
   setting; with 0 it has no sessions either. */
static bool skipped(size_t len, uint32_t now, size_t record, bool retry)
{
    hf_sessions *fresh = memory_of(true, 0);
    pair_options o = early_options(sessions);
    pair p;

    o.early_data[HF_CLIENT] = o.early_data[HF_SERVER] = HF_EARLY_DATA_MAX;
    remember(&o);
    o.early_data[HF_SERVER] = now;
    o.sessions = now > 0 ? fresh : NULL;
    o.configure = retry ? always_retry : NULL;
    o.early = bytes_of(len);
    pair_start(&p, &o);
    assert_int_equal(hf_conn_set_max_record(p.end[HF_CLIENT].conn, record), HF_OK);
    pair_events(&p, HF_CLIENT);
    assert_int_equal(info(&p, HF_CLIENT)->early, HF_EARLY_OFFERED);
    p.end[HF_CLIENT].conn->engine.early_left =
        (uint32_t)p.early.len; /* it does not stop at its ticket's limit */
    while (p.early.len > 0) {  /* before it hears of the refusal */
        pair_events(&p, HF_CLIENT);
        pair_carry(&p, HF_CLIENT);
    }
    pair_run(&p);
    bool connected = p.end[HF_SERVER].connected && p.end[HF_CLIENT].connected;
    const hf_failure *f = hf_conn_failure(p.end[HF_SERVER].conn);
    assert_int_equal(p.end[HF_SERVER].n_early, 0);
    if (!connected) {
        assert_int_equal(f->code, HF_E_EARLY_SKIP_LIMIT);
        assert_int_equal(f->alert, HF_ALERT_unexpected_message);
    }
    pair_free(&p);
    hf_sessions_free(fresh);
    return connected;
}

/* A server skips as much as any ticket may ever have allowed, and some padding, whatever its own setting is now, and whatever the
   records around it; to the byte. */
static void test_how_much_is_skipped(void **state)
{
    static const uint32_t settings[] = { 0, 100, HF_EARLY_DATA_MAX };

    (void)state;
    assert_int_equal(HF_EARLY_SKIP_MAX, (1024 + 64) * 1024);
    for (size_t i = 0; i < 2 * sizeof settings / sizeof *settings; i++) {
        uint32_t now = settings[i / 2];
        bool retry = i % 2;
        assert_true(skipped(HF_EARLY_DATA_MAX, now, 16384, retry));
        assert_true(skipped(HF_EARLY_SKIP_MAX, now, 16384, retry));
        assert_false(skipped(HF_EARLY_SKIP_MAX + 1, now, 16384, retry));
        assert_true(skipped(20000, now, 1, retry)); /* 460,000 bytes on the wire */
    }
}

/* Records without content are counted too. */
static void test_empty_records_are_not_skipped_for_ever(void **state)
{
    static const uint8_t empty[HF_RECORD_HEADER + 1 + HF_AEAD_TAG] = { HF_CT_APPLICATION_DATA, 3, 3,
                                                                       0, 1 + HF_AEAD_TAG };
    pair_options o = ready();
    size_t n = 0;
    hostile h;

    (void)state;
    o.sessions = NULL;
    o.early = hf_span_of(NULL, 0);
    hostile_start(&h, HF_SERVER, &o);
    hostile_until(&h, HF_MSG_Finished, 0);
    for (; n <= HF_EARLY_SKIP_MAX && !hostile_failure(&h); n++)
        hostile_raw(&h, hf_span_of(empty, sizeof empty));
    assert_true(n > 1000);
    assert_int_equal(hostile_failure(&h)->code, HF_E_EARLY_SKIP_LIMIT);
    hostile_free(&h);
}

#define EARLY_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EARLY_TEST(test_taken_once),
        EARLY_TEST(test_switched_off_since),
        EARLY_TEST(test_a_ticket_without_it),
        EARLY_TEST(test_server_was_started_again),
        EARLY_TEST(test_another_protocol),
        EARLY_TEST(test_a_protocol_where_there_was_none),
        EARLY_TEST(test_retry),
        EARLY_TEST(test_tickets_of_a_server_that_always_retries),
        EARLY_TEST(test_register_is_full),
        EARLY_TEST(test_a_machine_without_the_register),
        EARLY_TEST(test_age_to_the_millisecond),
        EARLY_TEST(test_a_flight_is_never_good_twice),
        EARLY_TEST(test_clock_set_back),
        EARLY_TEST(test_how_much_is_skipped),
        EARLY_TEST(test_empty_records_are_not_skipped_for_ever),
    };

    return cmocka_run_group_tests_name("flow_early_refused", tests, NULL, NULL);
}
