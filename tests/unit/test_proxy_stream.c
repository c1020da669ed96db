/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The proxy's streams: bytes arrive whole and in order however full the sockets are, an owner that is told to wait is told when to go
 * on, each side ends on its own, a failure's alert arrives, and a stream that was cut short is not taken for one that ended.
 */
#include "unit/proxy_stream_support.h"

enum { MUCH = 3 << 20, SOME = 100 * 1000 };

/* ---- without TLS ---- */

static void test_bytes_arrive_in_both_directions(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet(&o, &p);
    say_to(&p, "ping", 4);
    assert_true(send_bytes(&o, "pong", 4));
    UNTIL(&p, o.n_heard == 4 && p.n_heard == 4);
    assert_memory_equal(o.heard, "ping", 4);
    assert_memory_equal(p.heard, "pong", 4);
    part(&o, &p);
    assert_string_equal(o.told, "x");
}

static void test_small_parts_leave_together_and_in_order(void **state)
{
    owner o;
    peer p;
    hf_iovec parts[3] = { { "one ", 4 }, { "", 0 }, { "two ", 4 } };
    char at_once[64];

    (void)state;
    meet(&o, &p);
    assert_true(hf_stream_send(&o.stream, parts, 3));
    assert_true(send_bytes(&o, "three", 5));
    assert_int_equal(recv(p.fd, at_once, sizeof at_once, MSG_DONTWAIT), -1);
    turn();
    assert_int_equal(recv(p.fd, at_once, sizeof at_once, MSG_DONTWAIT), 13);
    assert_memory_equal(at_once, "one two three", 13);
    part(&o, &p);
}

/* Until it says no; then until all has left. Returns how much. */
static size_t fill(owner *o, const uint8_t *bytes, size_t step)
{
    size_t at = 0;

    while (at + step <= MUCH && send_bytes(o, bytes + at, step))
        at += step;
    assert_true(at + step <= MUCH);
    return at + step;
}

static void fill_and_drain(owner *o, peer *p, size_t step)
{
    uint8_t *bytes = pattern(MUCH);

    p->deaf = true;
    size_t n = fill(o, bytes, step);
    assert_true(n >= house.streams.high);                             /* not sooner … */
    assert_true(n <= 2 * house.streams.high + 2 * step + 256 * 1024); /* … nor much later */
    for (int i = 0; i < 3; i++)
        turn();
    assert_null(strchr(o->told, 'd'));
    p->deaf = false;
    UNTIL(p, strchr(o->told, 'd'));
    UNTIL(p, p->n_heard == n);
    assert_memory_equal(p->heard, bytes, n);
    assert_int_equal(o->stream.waiting_room, 0);
    free(bytes);
}

static void test_a_full_socket_makes_its_owner_wait(void **state)
{
    owner o;
    peer p;

    (void)state;
    for (size_t step = 1000; step < 100000; step *= 9) {
        meet(&o, &p);
        fill_and_drain(&o, &p, step);
        assert_string_equal(o.told, "d");
        part(&o, &p);
    }
}

static void test_what_is_sent_against_advice_is_kept_all_the_same(void **state)
{
    owner o;
    peer p;
    uint8_t *bytes = pattern(MUCH);

    (void)state;
    meet(&o, &p);
    for (size_t at = 0; at < MUCH; at += MUCH / 16)
        send_bytes(&o, bytes + at, MUCH / 16);
    UNTIL(&p, p.n_heard == MUCH);
    assert_memory_equal(p.heard, bytes, MUCH);
    UNTIL(&p, o.told[0]);
    assert_string_equal(o.told, "d");
    free(bytes);
    part(&o, &p);
}

static void test_an_owner_that_pauses_hears_nothing_until_it_resumes(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet(&o, &p);
    hf_stream_pause(&o.stream);
    say_to(&p, "later", 5);
    for (int i = 0; i < 5; i++)
        turn();
    assert_int_equal(o.n_heard, 0);
    assert_int_equal(o.stream.armed & 1, 0); /* it is not woken again and again for nothing */
    hf_stream_resume(&o.stream);
    UNTIL(&p, o.n_heard == 5);
    part(&o, &p);
}

static void test_an_end_behind_a_pause_is_heard_after_it(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet(&o, &p);
    hf_stream_pause(&o.stream);
    say_to(&p, "last", 4);
    shutdown(p.fd, SHUT_RDWR);
    for (int i = 0; i < 5; i++)
        turn();
    assert_string_equal(o.told, "");
    hf_stream_resume(&o.stream);
    UNTIL(&p, o.told[0]);
    assert_int_equal(o.n_heard, 4);
    assert_string_equal(o.told, "e");
    part(&o, &p);
}

static void test_each_side_ends_on_its_own(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet(&o, &p);
    assert_true(send_bytes(&o, "my last", 7));
    hf_stream_end(&o.stream);
    UNTIL(&p, p.eof);
    assert_int_equal(p.n_heard, 7);
    say_to(&p, "yours goes on", 13);
    UNTIL(&p, o.n_heard == 13);
    assert_string_equal(o.told, "");
    shutdown(p.fd, SHUT_WR);
    UNTIL(&p, o.told[0]);
    assert_string_equal(o.told, "e");
    part(&o, &p);
}

static void test_the_other_end_first(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet(&o, &p);
    shutdown(p.fd, SHUT_WR);
    UNTIL(&p, o.told[0]);
    assert_true(send_bytes(&o, "still here", 10));
    hf_stream_finish(&o.stream);
    UNTIL(&p, p.eof && o.is_gone);
    assert_int_equal(p.n_heard, 10);
    assert_string_equal(o.told, "ex");
    part(&o, &p);
}

static void test_finish_sends_all_and_waits_for_the_peer(void **state)
{
    owner o;
    peer p;
    uint8_t *bytes = pattern(SOME);

    (void)state;
    meet(&o, &p);
    send_bytes(&o, bytes, SOME);
    hf_stream_finish(&o.stream);
    assert_true(hf_stream_is_closing(&o.stream));
    assert_true(send_bytes(&o, "too late", 8));
    say_to(&p, "dropped", 7);
    UNTIL(&p, p.eof);
    assert_int_equal(p.n_heard, SOME);
    assert_memory_equal(p.heard, bytes, SOME);
    assert_int_equal(o.n_heard, 0);
    assert_false(o.is_gone);
    shutdown(p.fd, SHUT_WR);
    UNTIL(&p, o.is_gone);
    assert_int_equal(o.error, 0);
    free(bytes);
    part(&o, &p);
}

static void test_a_peer_that_never_closes_is_not_waited_for(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet(&o, &p);
    hf_stream_finish(&o.stream);
    UNTIL(&p, o.stream.deadline.after && o.stream.deadline.kind == HF_LIMIT_LINGER);
    hf_deadlines_hurry(&house.deadlines, HF_LIMIT_LINGER);
    UNTIL(&p, o.is_gone);
    part(&o, &p);
}

static void test_a_peer_that_never_reads_is_not_waited_for(void **state)
{
    owner o;
    peer p;
    uint8_t *bytes = pattern(SOME);

    (void)state;
    meet(&o, &p);
    p.deaf = true;
    send_bytes(&o, bytes, SOME);
    hf_stream_finish(&o.stream);
    turn();
    assert_int_equal(o.stream.deadline.kind, HF_LIMIT_FLUSH);
    assert_non_null(o.stream.deadline.after);
    hf_deadlines_hurry(&house.deadlines, HF_LIMIT_FLUSH);
    UNTIL(&p, o.is_gone);
    free(bytes);
    part(&o, &p);
}

static void test_what_is_dropped_at_the_end_has_a_bound(void **state)
{
    owner o;
    peer p;
    uint8_t *bytes = pattern(SOME);
    size_t sent = 0;

    (void)state;
    meet(&o, &p);
    hf_stream_finish(&o.stream);
    for (int i = 0; !o.is_gone && i < PEER_TURNS; i++) {
        ssize_t n = send(p.fd, bytes, SOME, MSG_NOSIGNAL | MSG_DONTWAIT);
        sent += n > 0 ? (size_t)n : 0;
        turn();
    }
    assert_true(o.is_gone);
    assert_true(sent >= HF_STREAM_DROP_MAX && sent < 2 * HF_STREAM_DROP_MAX);
    free(bytes);
    part(&o, &p);
}

static void test_close_is_told_later_and_once(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet(&o, &p);
    assert_true(send_bytes(&o, "lost", 4));
    hf_stream_close(&o.stream);
    hf_stream_close(&o.stream);
    hf_stream_finish(&o.stream);
    assert_string_equal(o.told, "");
    turn();
    assert_string_equal(o.told, "x");
    part(&o, &p);
}

static void close_at_data(owner *o, hf_span bytes)
{
    (void)bytes;
    hf_stream_close(&o->stream);
}

static void test_closing_within_a_call_is_fine(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet(&o, &p);
    o.on_data = close_at_data;
    say_to(&p, "x", 1);
    UNTIL(&p, o.is_gone);
    assert_string_equal(o.told, "x");
    part(&o, &p);
}

static void test_a_peer_that_vanishes_ends_it(void **state)
{
    owner o;
    peer p;
    uint8_t *bytes = pattern(SOME);

    (void)state;
    meet(&o, &p);
    send_bytes(&o, bytes, SOME);
    close(p.fd);
    p.fd = -1;
    p.deaf = true;
    UNTIL(&p, o.is_gone);
    assert_true(o.error < 0);
    free(bytes);
    part(&o, &p);
}

static void test_a_deadline_is_its_owners(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet(&o, &p);
    hf_stream_limit(&o.stream, HF_LIMIT_IDLE, 1);
    UNTIL(&p, o.told[0]);
    assert_string_equal(o.told, "l");
    part(&o, &p);
}

/* ---- connecting ---- */

static void test_a_connect_that_fails_is_told_later(void **state)
{
    struct unix_address {
        sa_family_t family;
        char path[32];
    } at = { AF_UNIX, "/nonexistent/socket" };
    owner o = { .error = 0 };

    (void)state;
    assert_true(hf_stream_connect(&o.stream, &house, (struct sockaddr *)(void *)&at, sizeof at,
                                  &owner_ops, &o));
    assert_string_equal(o.told, "");
    while (!o.is_gone)
        turn();
    assert_string_equal(o.told, "x");
    assert_int_equal(o.error, UV_ENOENT);
}

/* ---- with TLS ---- */

static void test_a_handshake_and_data(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet_connected(&o, &p);
    say_to(&p, "ping", 4);
    assert_true(send_bytes(&o, "pong", 4));
    UNTIL(&p, o.n_heard == 4 && p.n_heard == 4);
    assert_string_equal(o.told, "C");
    part(&o, &p);
}

static void test_what_is_sent_before_the_end_of_the_handshake_waits(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet_tls(&o, &p, false);
    assert_true(send_bytes(&o, "early bird", 10));
    UNTIL(&p, p.n_heard == 10);
    assert_memory_equal(p.heard, "early bird", 10);
    part(&o, &p);
}

static void test_the_settings_change_at_client_hello(void **state)
{
    owner o;
    peer p;
    hf_config *site = end_config(HF_SERVER, "default", false);

    (void)state;
    meet_tls(&o, &p, true);
    o.switch_to = site;
    UNTIL(&p, p.connected && o.stream.connected);
    assert_string_equal(o.told, "HC");
    part(&o, &p);
    hf_config_free(site);
}

static void test_the_alert_of_a_refusal_arrives(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet_tls(&o, &p, true);
    UNTIL(&p, p.failed && p.eof);
    assert_int_equal(hf_conn_failure(p.conn)->alert, HF_ALERT_unrecognized_name);
    assert_int_equal(hf_conn_failure(p.conn)->alert_direction, HF_ALERT_RECEIVED);
    assert_string_equal(o.told, "HF");
    assert_int_equal(o.failure, HF_E_ABORTED);
    close(p.fd);
    p.fd = -1;
    UNTIL(&p, o.is_gone);
    part(&o, &p);
}

static void test_garbage_gets_an_alert(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet_tls(&o, &p, false);
    hf_conn_free(p.conn);
    p.conn = NULL;
    say_to(&p, "\x16\x03\x01\x00\x05zzzzz", 10);
    UNTIL(&p, p.eof);
    assert_int_equal(p.n_heard, 7);
    assert_int_equal(p.heard[0], 0x15);
    assert_string_equal(o.told, "F");
    part(&o, &p);
}

static void test_a_full_socket_makes_the_owner_of_tls_wait(void **state)
{
    owner o;
    peer p;

    (void)state;
    for (size_t step = 1000; step < 100000; step *= 9) {
        meet_connected(&o, &p);
        fill_and_drain(&o, &p, step);
        assert_string_equal(o.told, "Cd");
        part(&o, &p);
    }
}

static void pass_on(owner *o, hf_span bytes)
{
    if (!send_bytes(o->other, bytes.data, bytes.len))
        hf_stream_pause(&o->stream);
}

/* A fast writer, a slow reader: what waits between them stays small. */
static void test_back_pressure_reaches_the_other_side(void **state)
{
    owner from, to;
    peer writer, reader;
    uint8_t *bytes = pattern(MUCH);
    size_t sent = 0, most = 0;

    (void)state;
    meet(&from, &writer);
    meet_connected(&to, &reader);
    from.on_data = pass_on;
    from.other = &to;
    to.other = &from;
    memset(to.told, 0, sizeof to.told);
    while (reader.n_heard < MUCH) {
        ssize_t n = send(writer.fd, bytes + sent, MUCH - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        sent += n > 0 ? (size_t)n : 0;
        turn();
        size_t waits = to.stream.waiting_len + hf_conn_wire_out(to.stream.conn).len;
        most = waits > most ? waits : most;
        peer_turn(&reader);
        memset(to.told, 0, sizeof to.told);
    }
    assert_memory_equal(reader.heard, bytes, MUCH);
    assert_true(most <= 3 * HF_STREAM_ROOM);
    part(&from, &writer);
    part(&to, &reader);
    free(bytes);
}

static void test_close_notify_goes_behind_all_that_was_sent(void **state)
{
    owner o;
    peer p;
    uint8_t *bytes = pattern(MUCH);

    (void)state;
    meet_connected(&o, &p);
    send_bytes(&o, bytes, MUCH);
    hf_stream_end(&o.stream);
    UNTIL(&p, p.closed);
    assert_int_equal(p.n_heard, MUCH);
    assert_memory_equal(p.heard, bytes, MUCH);
    assert_false(p.eof);
    say_to(&p, "mine goes on", 12);
    UNTIL(&p, o.n_heard == 12);
    assert_int_equal(hf_conn_close_write(p.conn), HF_OK);
    UNTIL(&p, strchr(o.told, 'e'));
    hf_stream_finish(&o.stream);
    UNTIL(&p, p.eof && o.is_gone);
    assert_null(strchr(o.told, 'F'));
    free(bytes);
    part(&o, &p);
}

static void test_truncation_is_no_end(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet_connected(&o, &p);
    say_to(&p, "half a", 6);
    peer_turn(&p);
    shutdown(p.fd, SHUT_WR);
    UNTIL(&p, o.is_gone);
    assert_int_equal(o.n_heard, 6);
    assert_int_equal(o.failure, HF_E_TRUNCATED_STREAM);
    assert_string_equal(o.told, "CFx");
    part(&o, &p);
}

static void test_a_client_that_goes_within_the_handshake_is_told_as_that(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet_tls(&o, &p, false);
    peer_turn(&p);
    close(p.fd);
    p.fd = -1;
    p.deaf = true;
    UNTIL(&p, o.is_gone);
    assert_int_equal(o.failure, HF_E_CLOSED_IN_HANDSHAKE);
    assert_string_equal(o.told, "Fx");
    part(&o, &p);
}

static void finish_at_data(owner *o, hf_span bytes)
{
    (void)bytes;
    send_bytes(o, "bye", 3);
    hf_stream_finish(&o->stream);
}

static void test_an_answer_and_its_end(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet_connected(&o, &p);
    o.on_data = finish_at_data;
    say_to(&p, "request", 7);
    UNTIL(&p, p.closed && p.eof);
    assert_int_equal(p.n_heard, 3);
    assert_int_equal(o.calls, 1);
    part(&o, &p);
}

static void test_the_engine_is_heard_after_a_call_from_outside(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet_connected(&o, &p);
    hf_conn_abort(o.stream.conn, HF_ALERT_internal_error);
    hf_stream_hear(&o.stream);
    UNTIL(&p, p.failed);
    assert_int_equal(hf_conn_failure(p.conn)->alert, HF_ALERT_internal_error);
    assert_string_equal(o.told, "CF");
    part(&o, &p);
}

static void test_an_idle_connection_holds_no_buffers(void **state)
{
    owner o;
    peer p;

    (void)state;
    meet_connected(&o, &p);
    say_to(&p, "ping", 4);
    send_bytes(&o, "pong", 4);
    UNTIL(&p, o.n_heard == 4 && p.n_heard == 4);
    turn();
    assert_null(o.stream.waiting);
    assert_int_equal(hf_conn_wire_out(o.stream.conn).len, 0);
    part(&o, &p);
}

#define RULE(f) cmocka_unit_test_setup_teardown(f, house_begin, house_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE(test_bytes_arrive_in_both_directions),
        RULE(test_small_parts_leave_together_and_in_order),
        RULE(test_a_full_socket_makes_its_owner_wait),
        RULE(test_what_is_sent_against_advice_is_kept_all_the_same),
        RULE(test_an_owner_that_pauses_hears_nothing_until_it_resumes),
        RULE(test_an_end_behind_a_pause_is_heard_after_it),
        RULE(test_each_side_ends_on_its_own),
        RULE(test_the_other_end_first),
        RULE(test_finish_sends_all_and_waits_for_the_peer),
        RULE(test_a_peer_that_never_closes_is_not_waited_for),
        RULE(test_a_peer_that_never_reads_is_not_waited_for),
        RULE(test_what_is_dropped_at_the_end_has_a_bound),
        RULE(test_close_is_told_later_and_once),
        RULE(test_closing_within_a_call_is_fine),
        RULE(test_a_peer_that_vanishes_ends_it),
        RULE(test_a_deadline_is_its_owners),
        RULE(test_a_connect_that_fails_is_told_later),
        RULE(test_a_handshake_and_data),
        RULE(test_what_is_sent_before_the_end_of_the_handshake_waits),
        RULE(test_the_settings_change_at_client_hello),
        RULE(test_the_alert_of_a_refusal_arrives),
        RULE(test_garbage_gets_an_alert),
        RULE(test_a_full_socket_makes_the_owner_of_tls_wait),
        RULE(test_back_pressure_reaches_the_other_side),
        RULE(test_close_notify_goes_behind_all_that_was_sent),
        RULE(test_truncation_is_no_end),
        RULE(test_a_client_that_goes_within_the_handshake_is_told_as_that),
        RULE(test_an_answer_and_its_end),
        RULE(test_the_engine_is_heard_after_a_call_from_outside),
        RULE(test_an_idle_connection_holds_no_buffers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
