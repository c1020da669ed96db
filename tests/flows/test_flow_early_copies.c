/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Copies of a flight of early data (RFC 9846 8): whoever is refused says again what he said, so that a
 * recorded flight must not be taken later, when the reason for the refusal is gone: when its time has
 * come, when the settings have changed, by another config that shares the hf_sessions.
 */
#include "support/early_scene.h"

static hf_sessions *sessions;
static hostile_bytes flight; /* ClientHello and early data, as they went over the wire */

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
    hb_free(&flight);
    return 0;
}

/* The client's first flight is recorded; it goes nowhere. */
static void record(const pair_options *o)
{
    pair p;

    pair_start(&p, o);
    pair_events(&p, HF_CLIENT);
    assert_int_equal(info(&p, HF_CLIENT)->early, HF_EARLY_OFFERED);
    hb_set(&flight, hf_conn_wire_out(p.end[HF_CLIENT].conn));
    pair_free(&p);
}

/* The same bytes for a new connection of a server with these options; what became of its early data. */
static hf_error play(const pair_options *o)
{
    hostile_bytes copy = { 0 };
    size_t at = 0, taken;
    pair p;

    hb_set(&copy, hb_span(&flight)); /* records are opened in place */
    pair_start(&p, o);
    pair_events(&p, HF_SERVER);
    do {
        taken = hf_conn_wire_in(p.end[HF_SERVER].conn, copy.data + at, copy.len - at);
        pair_events(&p, HF_SERVER);
        at += taken;
    } while (taken > 0 && at < copy.len);
    assert_int_equal(at, copy.len);
    assert_null(hf_conn_failure(p.end[HF_SERVER].conn));
    hf_error verdict = info(&p, HF_SERVER)->early_error;
    assert_int_equal(info(&p, HF_SERVER)->early,
                     verdict == HF_OK ? HF_EARLY_ACCEPTED : HF_EARLY_REJECTED);
    assert_int_equal(p.end[HF_SERVER].n_early, verdict == HF_OK ? o->early.len : 0);
    pair_free(&p);
    hb_free(&copy);
    return verdict;
}

static void expect(const pair_options *o, hf_error verdict)
{
    hf_error was = play(o);

    if (was != verdict)
        fail_msg("%s, expected %s", hf_error_row_of(was)->name, hf_error_row_of(verdict)->name);
}

/* A flight of a minute after its ticket, for a server whose clock says the same. */
static pair_options recorded(void)
{
    pair_options o = early_options(sessions);

    remember(&o);
    o.early = hf_span_str("as early as can be");
    visit_clock[HF_CLIENT] = visit_clock[HF_SERVER] = TEST_NOW + 60;
    record(&o);
    return o;
}

static void server_at(int64_t seconds, uint64_t ms)
{
    visit_clock[HF_SERVER] = TEST_NOW + seconds + (int64_t)(ms / 1000);
    visit_ms[HF_SERVER] = ms % 1000;
}

/* From now on until nothing of it can be fresh: it is never taken. */
static void never_taken(const pair_options *o)
{
    for (uint64_t ms = 0; ms <= 45000; ms += 500) {
        server_at(48, ms);
        assert_int_not_equal(play(o), HF_OK);
    }
}

/* Once it is good, and not twice: what the others are measured by. */
static void test_taken_once(void **state)
{
    pair_options o = recorded();

    (void)state;
    expect(&o, HF_OK);
    expect(&o, HF_E_EARLY_USED);
    never_taken(&o);
}

/* RFC 9846 8.3: a flight from ahead of the clock is refused, and said again; its copy waits until its time has come. */
static void test_ahead_of_the_clock(void **state)
{
    static const uint64_t later[] = { 1001, 5000, 11000, 15000, 20999, 21000 };

    (void)state;
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        hf_sessions_free(sessions);
        sessions = memory_of(true, 0);
        pair_options o = recorded();
        server_at(48, 0); /* the flight is for 59 s, give or take 10 */
        expect(&o, HF_E_EARLY_STALE);
        server_at(48, later[i]);
        expect(&o, HF_E_EARLY_USED); /* fresh, by the clock */
        server_at(48, 21001);
        expect(&o, HF_E_EARLY_STALE);
        never_taken(&o);
    }
}

/* … from far ahead as well: the register knows it for longer than the usual time. */
static void test_far_ahead_of_the_clock(void **state)
{
    pair_options o = recorded();

    (void)state;
    server_at(0, 0);
    expect(&o, HF_E_EARLY_STALE);
    for (int64_t s = 49; s <= 69; s++) {
        server_at(s, 0);
        expect(&o, HF_E_EARLY_USED);
    }
    server_at(69, 1);
    expect(&o, HF_E_EARLY_STALE);
}

static void always_retry(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER)
        assert_int_equal(hf_config_set(config, HF_SET_ALWAYS_RETRY, true), HF_OK);
}

/* RFC 9846 4.3.10: refused by a HelloRetryRequest; then by a config of the same sessions that sends none. */
static void test_after_a_retry(void **state)
{
    pair_options o = recorded(), retries = o;

    (void)state;
    retries.configure = always_retry;
    expect(&retries, HF_E_EARLY_RETRY);
    expect(&o, HF_E_EARLY_USED);
    never_taken(&o);
}

/* RFC 9846 4.3.10: refused because the server liked another protocol better; then by one that likes the ticket's.
   (RFC 9846 4.3.10#7 #9) */
static void test_after_other_terms(void **state)
{
    pair_options o = early_options(sessions), other;

    (void)state;
    o.alpn[HF_CLIENT][0] = o.alpn[HF_SERVER][0] = "http/1.1";
    remember(&o);
    o.alpn[HF_CLIENT][1] = "h2";
    o.early = hf_span_str("GET / HTTP/1.1");
    visit_clock[HF_CLIENT] = visit_clock[HF_SERVER] = TEST_NOW + 60;
    record(&o);
    other = o;
    other.alpn[HF_SERVER][0] = "h2";
    expect(&other, HF_E_EARLY_OTHER_TERMS);
    expect(&o, HF_E_EARLY_USED);
    never_taken(&o);
}

/* Refused by a config that takes no early data; then by one that does and shares the sessions, or by the same after a change. */
static void test_after_it_was_switched_on(void **state)
{
    pair_options o = recorded(), off = o;

    (void)state;
    off.early_data[HF_SERVER] = 0;
    expect(&off, HF_E_EARLY_OFF);
    expect(&o, HF_E_EARLY_USED);
    never_taken(&o);
}

/* Another flight on the same ticket is not taken either (RFC 9846 8.1), as long as there is room to remember it.
   (RFC 9846 8.2#3) */
static void test_a_new_flight_on_the_ticket(void **state)
{
    pair_options o = recorded(), off = o;

    (void)state;
    off.early_data[HF_SERVER] = 0;
    expect(&off, HF_E_EARLY_OFF);
    for (int64_t s = 60; s <= 3000; s += 490) {
        visit_clock[HF_CLIENT] = visit_clock[HF_SERVER] = TEST_NOW + s;
        record(&o);
        expect(&o, HF_E_EARLY_USED);
    }
}

/* A copy's verdict is the settings' first: who asks why is told the same as whoever came first. */
static void test_the_settings_are_named_first(void **state)
{
    pair_options o = recorded(), off = o, retries = o;

    (void)state;
    expect(&o, HF_OK);
    off.early_data[HF_SERVER] = 0;
    retries.configure = always_retry;
    expect(&off, HF_E_EARLY_OFF);
    expect(&retries, HF_E_EARLY_RETRY);
    server_at(600, 0);
    expect(&o, HF_E_EARLY_STALE);
}

/* A ticket that is opened but does not fit here and now: a clock that was set back, a host that asks for more. */
static void test_after_it_did_not_fit(void **state)
{
    pair_options o = early_options(sessions), other;

    (void)state;
    remember(&o);
    o.early = hf_span_str("as early as can be");
    visit_clock[HF_CLIENT] = TEST_NOW + 1;
    record(&o);
    visit_clock[HF_SERVER] = TEST_NOW - 1;
    assert_int_equal(play(&o), HF_E_EARLY_NO_SESSION);
    visit_clock[HF_SERVER] = TEST_NOW + 1;
    assert_int_equal(play(&o), HF_E_EARLY_USED);
    remember(&o);
    record(&o);
    other = o;
    other.client_auth = HF_CLIENT_AUTH_REQUIRE;
    other.client_identity = true;
    assert_int_equal(play(&other), HF_E_EARLY_NO_SESSION);
    assert_int_equal(play(&o), HF_E_EARLY_USED);
}

#define COPY_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        COPY_TEST(test_taken_once),
        COPY_TEST(test_after_it_did_not_fit),
        COPY_TEST(test_ahead_of_the_clock),
        COPY_TEST(test_far_ahead_of_the_clock),
        COPY_TEST(test_after_a_retry),
        COPY_TEST(test_after_other_terms),
        COPY_TEST(test_after_it_was_switched_on),
        COPY_TEST(test_a_new_flight_on_the_ticket),
        COPY_TEST(test_the_settings_are_named_first),
    };

    return cmocka_run_group_tests_name("flow_early_copies", tests, NULL, NULL);
}
