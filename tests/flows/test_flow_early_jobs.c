/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * 0-RTT whose register is elsewhere: HF_JOB_REPLAY_CHECK held, late, failed, claimed to be done; and 0-RTT
 * that is cut short: closed, aborted, ended or freed at every point. In doubt early data is refused and
 * the handshake goes on: it is never taken by default.
 */
#include "support/desk.h"
#include "support/early_scene.h"

enum { WINDOW = HF_EARLY_WINDOW_MS };

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

static void start_again(void)
{
    hf_sessions_free(sessions);
    sessions = memory_of(true, 0);
}

static pair_options ready(void)
{
    pair_options o = early_options(sessions);

    remember(&o);
    o.early = hf_span_str("as early as can be");
    return o;
}

/* As remember(), with a server that pauses. */
static void first_visit_paused(pair_options *o)
{
    pair p;

    pair_start(&p, o);
    pair_run(&p);
    assert_int_equal(hf_conn_switch_config(p.end[HF_SERVER].conn, NULL), HF_OK);
    pair_connect(&p);
    hf_span bytes = hf_conn_session(p.end[HF_CLIENT].conn);
    memcpy(session.bytes, bytes.data, session.len = bytes.len);
    o->session = hf_span_of(session.bytes, session.len);
    pair_free(&p);
}

/* ---- the register is asked ---- */

/* Runs until the server asks; all jobs before are answered. */
static desk_job ask(desk_ends *e, desk *d, const pair_options *o)
{
    desk_start(e, d, o);
    desk_run(e);
    for (;;) {
        assert_true(d->n > 0);
        desk_job one = desk_take(d, 0);
        if (hf_job_kind_of(one.job) == HF_JOB_REPLAY_CHECK)
            return one;
        desk_answer(one);
        desk_run(e);
    }
}

/* Until it answers the server says nothing and delivers nothing, and takes no more bytes. */
static void test_nothing_happens_before_the_answer(void **state)
{
    pair_options o = ready();
    desk d = { .n = 0 };
    desk_ends e;

    (void)state;
    desk_job one = ask(&e, &d, &o);
    hf_conn *server = e.p.end[HF_SERVER].conn;
    assert_ptr_equal(one.conn, server);
    desk_run(&e);
    desk_assert_silent(&e);
    assert_int_equal(hf_conn_info_of(server)->bytes_out, 0);
    assert_int_equal(hf_conn_data_in(server, &(hf_iovec){ "x", 1 }, 1), 0);
    assert_false(hf_conn_wants(server, NULL) & (HF_WANT_CAN_SEND | HF_WANT_WIRE_IN));
    assert_int_equal(hf_job_set_output(one.job, hf_span_str("yes, it is the first")), HF_E_MISUSE);
    assert_int_equal(hf_job_input(one.job, NULL).len, 0);
    desk_answer(one);
    desk_run(&e);
    desk_finish(&e);
    assert_taken(&e.p, o.early);
    pair_free(&e.p);
}

/* A connection that is gone before the answer: the ticket counts as used. */
static void test_answer_after_the_connection(void **state)
{
    pair_options o = ready();
    desk d = { .n = 0 };
    desk_ends e;
    pair p;

    (void)state;
    desk_job one = ask(&e, &d, &o);
    pair_free(&e.p);
    assert_int_equal(hf_job_run(one.job), HF_OK);
    hf_job_free(one.job);
    pair_start(&p, &o);
    pair_run(&p);
    assert_not_taken(&p, HF_E_EARLY_USED);
    pair_free(&p);
}

/* Whatever goes wrong with the answer, early data is refused and nothing else; HF_OK counts only if somebody really asked. */
static void test_every_other_answer_refuses(void **state)
{
    static const hf_error answers[][2] = {
        { HF_E_EARLY_USED, HF_E_EARLY_USED },
        { HF_E_EARLY_FULL, HF_E_EARLY_FULL },
        { HF_E_JOB_FAILED, HF_E_JOB_FAILED },
        { HF_E_NO_MEMORY, HF_E_NO_MEMORY },
        { HF_OK, HF_E_JOB_FAILED },
        { HF_WAIT, HF_E_JOB_FAILED },
        { HF_E_EARLY_STALE, HF_E_EARLY_STALE },
    };

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        pair_options o = ready();
        desk d = { .n = 0 };
        desk_ends e;
        desk_job one = ask(&e, &d, &o);
        assert_int_equal(hf_conn_job_done(one.conn, one.job, answers[i][0]), HF_OK);
        desk_run(&e);
        desk_finish(&e);
        assert_true(info(&e.p, HF_CLIENT)->resumed);
        assert_not_taken(&e.p, answers[i][1]);
        pair_free(&e.p);
    }
}

/* Two connections with the same ticket ask at once: one of them is the first, in whatever order they hear of it. */
static void test_two_at_once(void **state)
{
    static desk_ends e[2];

    (void)state;
    for (int order = 0; order < 2; order++) {
        pair_options o = ready();
        desk d[2] = { { .n = 0 }, { .n = 0 } };
        desk_job asked[2];
        unsigned taken = 0;
        for (int i = 0; i < 2; i++)
            asked[i] = ask(&e[i], &d[i], &o);
        for (int i = 0; i < 2; i++)
            desk_answer(asked[order ? 1 - i : i]);
        for (int i = 0; i < 2; i++) {
            desk_run(&e[i]);
            desk_finish(&e[i]);
            assert_true(e[i].p.end[0].connected && e[i].p.end[1].connected);
            taken += e[i].p.end[HF_SERVER].n_early > 0;
            assert_int_equal(e[i].p.end[HF_SERVER].n_early > 0, i == order);
            pair_free(&e[i].p);
        }
        assert_int_equal(taken, 1);
    }
}

/* Answers all jobs as they come; how many of them asked the register, and until when it was to remember. */
static unsigned count_claims(desk_ends *e, desk *d, uint64_t *until_ms)
{
    unsigned n = 0;

    for (desk_run(e); d->n > 0; desk_run(e)) {
        desk_job one = desk_take(d, 0);
        if (hf_job_kind_of(one.job) == HF_JOB_REPLAY_CHECK) {
            *until_ms = one.job->until_ms;
            n++;
        }
        desk_answer(one);
    }
    return n;
}

static void allow(hf_session *s, const void *limit)
{
    s->max_early_data = *(const uint32_t *)limit;
}

/* The ticket allows none, and the client offers some all the same. */
static pair_options with_a_ticket_of_before(void)
{
    static const uint32_t limit = LIMIT;
    pair_options o = early_options(sessions);

    o.early_data[HF_SERVER] = 0;
    remember(&o);
    recut(&session, allow, &limit);
    o.session = hf_span_of(session.bytes, session.len);
    o.early_data[HF_SERVER] = LIMIT;
    return o;
}

/* Early data that is not offered, or on no ticket of ours that allows it, asks nobody: there is nothing to claim. */
static void test_not_asked_for_nothing(void **state)
{
    static const hf_error why[] = { HF_OK, HF_E_EARLY_OFF, HF_E_EARLY_NO_SESSION };
    hf_sessions *fresh = memory_of(true, 0);

    (void)state;
    for (int way = 0; way < 3; way++) {
        pair_options o = way == 1 ? with_a_ticket_of_before() : ready();
        desk d = { .n = 0 };
        uint64_t until;
        desk_ends e;
        if (way == 0)
            o.early_data[HF_CLIENT] = 0;
        if (way == 2)
            o.sessions = fresh; /* whose ticket it is not */
        desk_start(&e, &d, &o);
        assert_int_equal(count_claims(&e, &d, &until), 0);
        assert_true(e.p.end[0].connected && e.p.end[1].connected);
        assert_int_equal(info(&e.p, HF_SERVER)->early, way ? HF_EARLY_REJECTED : HF_EARLY_NONE);
        assert_int_equal(info(&e.p, HF_SERVER)->early_error, why[way]);
        pair_free(&e.p);
    }
    hf_sessions_free(fresh);
}

static void always_retry(hf_config *config, hf_role role, void *user)
{
    desk_external(config, role, user);
    if (role == HF_SERVER)
        assert_int_equal(hf_config_set(config, HF_SET_ALWAYS_RETRY, true), HF_OK);
}

/* Else it is claimed once, whatever the verdict will be: the client says again what is refused, so that no copy of the refused flight
   may be taken later (RFC 9846 8.1, 8.2). For as long as one could be fresh: twice the window after the later of now and the time
   that the flight is for, but no longer than a ticket lives. */
static void test_asked_whatever_the_verdict(void **state)
{
    static const struct {
        int64_t client, server; /* seconds since the ticket */
        bool off, retry, other_protocol;
        hf_error verdict;
        int64_t end; /* … of the later time */
    } rows[] = {
        { 60, 60, false, false, false, HF_OK, 60 },
        { 60, 50, false, false, false, HF_OK, 59 },
        { 60, 60, true, false, false, HF_E_EARLY_OFF, 60 },
        { 60, 60, false, true, false, HF_E_EARLY_RETRY, 60 },
        { 60, 60, false, false, true, HF_E_EARLY_OTHER_TERMS, 60 },
        { 60, 600, false, false, false, HF_E_EARLY_STALE, 600 },
        { 600, 60, false, false, false, HF_E_EARLY_STALE, 599 },
        { 600, 60, true, true, true, HF_E_EARLY_OFF, 599 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        start_again(); /* its clock never goes back */
        pair_options o = ready();
        desk d = { .n = 0 };
        uint64_t until = 0;
        desk_ends e;
        visit_clock[HF_CLIENT] = TEST_NOW + rows[i].client;
        visit_clock[HF_SERVER] = TEST_NOW + rows[i].server;
        o.early_data[HF_SERVER] = rows[i].off ? 0 : LIMIT;
        o.configure = rows[i].retry ? always_retry : NULL;
        if (rows[i].other_protocol)
            o.alpn[HF_CLIENT][0] = o.alpn[HF_SERVER][0] = "h2";
        desk_start(&e, &d, &o);
        assert_int_equal(count_claims(&e, &d, &until), 1);
        assert_int_equal(until, (uint64_t)(TEST_NOW + rows[i].end) * 1000 + 2 * WINDOW + 1);
        assert_true(e.p.end[0].connected && e.p.end[1].connected);
        assert_int_equal(info(&e.p, HF_SERVER)->early_error, rows[i].verdict);
        assert_int_equal(e.p.end[HF_SERVER].n_early > 0, rows[i].verdict == HF_OK);
        pair_free(&e.p);
    }
}

static void years_ahead(hf_session *s, const void *with)
{
    (void)with;
    s->ticket_age_add += 0x7fffffff;
}

/* … an age that no ticket reaches does not hold a slot for ever. */
static void test_not_claimed_for_ever(void **state)
{
    pair_options o = ready();
    desk d = { .n = 0 };
    uint64_t until = 0;
    desk_ends e;

    (void)state;
    recut(&session, years_ahead, NULL);
    o.session = hf_span_of(session.bytes, session.len);
    desk_start(&e, &d, &o);
    assert_int_equal(count_claims(&e, &d, &until), 1);
    assert_int_equal(until, (uint64_t)(TEST_NOW + VISIT_HOUR) * 1000 + 2 * WINDOW + 1);
    assert_int_equal(info(&e.p, HF_SERVER)->early_error, HF_E_EARLY_STALE);
    pair_free(&e.p);
}

/* A register that takes its time: the flight must be fresh when its answer is there, to the millisecond, not only when it was asked. By
   then the claim might not be remembered any more (RFC 9846 8.2, 8.3). */
static void test_the_answer_comes_late(void **state)
{
    static const struct {
        int64_t seconds;
        uint64_t ms;
        hf_error answer, verdict;
    } rows[] = {
        { 9, 0, HF_OK, HF_OK }, /* the flight is 1 s old by what its client says */
        { 9, 1, HF_OK, HF_E_EARLY_STALE },
        { 20, 0, HF_OK, HF_E_EARLY_STALE },
        { 600, 0, HF_OK, HF_E_EARLY_STALE },
        { 9, 0, HF_E_EARLY_USED, HF_E_EARLY_USED },
        { 9, 1, HF_E_EARLY_USED, HF_E_EARLY_STALE },
        { 9, 1, HF_E_JOB_FAILED, HF_E_EARLY_STALE },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        start_again();
        pair_options o = ready();
        desk d = { .n = 0 };
        desk_ends e;
        visit_clock[HF_CLIENT] = visit_clock[HF_SERVER] = TEST_NOW + 60;
        desk_job one = ask(&e, &d, &o);
        assert_int_equal(hf_job_run(one.job), HF_OK);
        visit_clock[HF_SERVER] += rows[i].seconds;
        visit_ms[HF_SERVER] = rows[i].ms;
        assert_int_equal(hf_conn_job_done(one.conn, one.job, rows[i].answer), HF_OK);
        desk_run(&e);
        desk_finish(&e);
        if (rows[i].verdict == HF_OK)
            assert_taken(&e.p, o.early);
        else
            assert_not_taken(&e.p, rows[i].verdict);
        pair_free(&e.p);
    }
}

/* ---- the application is asked first ---- */

static void pause(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER)
        assert_int_equal(hf_config_set(config, HF_SET_PAUSE_AT_CLIENT_HELLO, true), HF_OK);
}

/* HF_EVENT_CLIENT_HELLO with early data behind it: nothing of it is read before the answer, and what it is worth is the question of
   the config that was switched to. */
static void test_paused_at_client_hello(void **state)
{
    (void)state;
    for (int allowed = 0; allowed < 2; allowed++) {
        pair_options o = early_options(sessions), other;
        pair p, q;
        o.configure = pause;
        first_visit_paused(&o);
        o.early = hf_span_str("as early as can be");
        other = o;
        other.configure = NULL;
        other.early_data[HF_SERVER] = allowed ? LIMIT : 0;
        pair_start(&q, &other); /* for its config */
        pair_start(&p, &o);
        pair_run(&p);
        assert_true(pair_saw(&p.end[HF_SERVER], HF_EVENT_CLIENT_HELLO));
        assert_int_equal(p.end[HF_SERVER].n_data, 0);
        assert_false(p.end[HF_CLIENT].connected);
        assert_int_equal(hf_conn_switch_config(p.end[HF_SERVER].conn, q.config[HF_SERVER]), HF_OK);
        pair_run(&p);
        if (allowed)
            assert_taken(&p, o.early);
        else
            assert_not_taken(&p, HF_E_EARLY_OFF);
        pair_free(&p);
        pair_free(&q);
    }
}

/* ---- cut short ---- */

/* The client's first flight has arrived, early data and all. */
static void half_way(pair *p, const pair_options *o)
{
    pair_start(p, o);
    pair_events(p, HF_CLIENT);
    while (pair_carry(p, HF_CLIENT)) {
    }
    assert_int_equal(p->end[HF_SERVER].n_early, o->early.len);
}

/* RFC 9846 6.1: early data ends with EndOfEarlyData; there is nothing to close yet. */
static void test_nothing_to_close(void **state)
{
    pair_options o = ready();
    pair p;

    (void)state;
    half_way(&p, &o);
    assert_int_equal(hf_conn_close_write(p.end[HF_CLIENT].conn), HF_E_MISUSE);
    pair_connect(&p);
    assert_int_equal(hf_conn_close_write(p.end[HF_CLIENT].conn), HF_OK);
    pair_run(&p);
    assert_true(p.end[HF_SERVER].closed);
    pair_free(&p);
}

/* A client that gives up while its keys are the early ones is heard. */
static void test_client_gives_up(void **state)
{
    pair_options o = ready();
    pair p;

    (void)state;
    half_way(&p, &o);
    hf_conn_abort(p.end[HF_CLIENT].conn, HF_ALERT_internal_error);
    while (pair_carry(&p, HF_CLIENT)) {
    }
    const hf_failure *f = hf_conn_failure(p.end[HF_SERVER].conn);
    assert_non_null(f);
    assert_int_equal(f->code, HF_E_ALERT_RECEIVED);
    assert_int_equal(f->alert, HF_ALERT_internal_error);
    assert_false(p.end[HF_SERVER].connected);
    assert_int_equal(p.end[HF_SERVER].n_early, o.early.len);
    pair_free(&p);
}

/* A server that closes right after its half-RTT answer: a clean end for a client that is connected by then. */
static void test_server_answers_and_closes(void **state)
{
    pair_options o = ready();
    pair p;

    (void)state;
    half_way(&p, &o);
    hf_conn *server = p.end[HF_SERVER].conn;
    assert_int_equal(hf_conn_data_in(server, &(hf_iovec){ "that is all", 11 }, 1), 11);
    assert_int_equal(hf_conn_close_write(server), HF_OK);
    pair_run(&p);
    assert_true(p.end[HF_CLIENT].connected && p.end[HF_SERVER].connected);
    assert_true(p.end[HF_CLIENT].closed);
    assert_int_equal(p.end[HF_CLIENT].n_data, 11);
    assert_int_equal(hf_conn_close_write(p.end[HF_CLIENT].conn), HF_OK);
    pair_run(&p);
    assert_true(p.end[HF_SERVER].closed);
    pair_free(&p);
}

/* A client that says no more than its first flight: the handshake's deadline is the server's too, although it has data. */
static void test_client_falls_silent(void **state)
{
    pair_options o = ready();
    uint64_t deadline = 0;
    pair p;

    (void)state;
    half_way(&p, &o);
    hf_conn *server = p.end[HF_SERVER].conn;
    hf_conn_wants(server, &deadline);
    assert_int_equal(deadline, (uint64_t)TEST_NOW * 1000 + 10000);
    visit_ms[HF_SERVER] = 10000;
    hf_conn_tick(server);
    pair_events(&p, HF_SERVER);
    assert_true(p.end[HF_SERVER].failed);
    assert_int_equal(hf_conn_failure(server)->code, HF_E_TIMEOUT);
    pair_free(&p);
}

/* The transport ends after the first flight: what came is delivered, and nobody is connected. */
static void test_transport_ends(void **state)
{
    pair_options o = ready();
    pair p;

    (void)state;
    half_way(&p, &o);
    for (int role = 0; role < 2; role++) {
        hf_conn_wire_eof(p.end[role].conn);
        pair_events(&p, (hf_role)role);
        assert_true(p.end[role].failed);
        assert_false(p.end[role].connected);
        assert_int_equal(hf_conn_failure(p.end[role].conn)->code, HF_E_CLOSED_IN_HANDSHAKE);
    }
    pair_free(&p);
}

/* Freed after any number of bytes either way; the sanitizers and the ticket's register look on. */
static void test_freed_at_every_point(void **state)
{
    enum { PIECE = 23 };
    unsigned points = 0;

    (void)state;
    for (int refused = 0; refused < 2; refused++) {
        bool over = false;
        for (unsigned moves = 0; !over; moves++, points++) {
            pair_options o = ready();
            pair p;
            o.chunk = PIECE;
            if (refused)
                o.early_data[HF_SERVER] = 0;
            pair_start(&p, &o);
            unsigned left = moves;
            bool moved = true;
            while (left > 0 && moved) {
                moved = false;
                for (int role = 0; role < 2 && left > 0; role++) {
                    pair_events(&p, (hf_role)role);
                    moved |= pair_carry(&p, (hf_role)role);
                    left--;
                }
            }
            over = left > 0;
            if (over)
                assert_true(p.end[0].connected && p.end[1].connected);
            pair_free(&p);
        }
    }
    printf("freed at %u points\n", points);
    assert_true(points >= 80);
}

#define EARLY_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EARLY_TEST(test_nothing_happens_before_the_answer),
        EARLY_TEST(test_answer_after_the_connection),
        EARLY_TEST(test_every_other_answer_refuses),
        EARLY_TEST(test_two_at_once),
        EARLY_TEST(test_not_asked_for_nothing),
        EARLY_TEST(test_asked_whatever_the_verdict),
        EARLY_TEST(test_not_claimed_for_ever),
        EARLY_TEST(test_the_answer_comes_late),
        EARLY_TEST(test_paused_at_client_hello),
        EARLY_TEST(test_nothing_to_close),
        EARLY_TEST(test_client_gives_up),
        EARLY_TEST(test_server_answers_and_closes),
        EARLY_TEST(test_client_falls_silent),
        EARLY_TEST(test_transport_ends),
        EARLY_TEST(test_freed_at_every_point),
    };

    return cmocka_run_group_tests_name("flow_early_jobs", tests, NULL, NULL);
}
