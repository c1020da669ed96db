/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* hf_os_read, hf_os_write and hf_os_close over a socket pair, with a peer in a thread. */
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include <handfast/handfast.h>
#include <handfast/os.h>

enum { BIG = 1000000 };

static const uint8_t key_bytes[32] = { 7, 1, 2, 3 };

/* A key shared beforehand: certificates are not what is tested here. */
static hf_config *config_of(hf_role role, uint16_t version)
{
    hf_policy policy = *hf_policy_named("default");
    hf_psks *psks = hf_psks_new();

    policy.min_version = policy.max_version = version;
    hf_config *config = hf_config_new(role, &policy);
    assert_int_equal(
        hf_psks_add(psks, (hf_span){ (const uint8_t *)"us", 2 }, (hf_span){ key_bytes, 32 }),
        HF_OK);
    assert_int_equal(hf_config_set_psks(config, psks), HF_OK);
    assert_int_equal(hf_config_seal(config), HF_OK);
    hf_psks_free(psks);
    return config;
}

typedef struct side {
    hf_config *config;
    hf_worker *worker;
    hf_conn *conn;
    int fd;
    hf_error result;
} side;

static void open_side(side *s, hf_role role, uint16_t version, int fd)
{
    s->config = config_of(role, version);
    s->worker = hf_worker_new();
    s->conn = hf_conn_new(s->config, s->worker, NULL);
    s->fd = fd;
    assert_non_null(s->conn);
}

static void close_side(side *s)
{
    hf_conn_free(s->conn);
    hf_worker_free(s->worker);
    hf_config_free(s->config);
    close(s->fd);
}

/* ---- peers ---- */

static hf_error echo(side *s)
{
    uint8_t bytes[1000];
    size_t len = 1;
    hf_error e = hf_os_handshake(s->conn, s->fd);

    while (e == HF_OK && (e = hf_os_read(s->conn, s->fd, bytes, sizeof bytes, &len)) == HF_OK &&
           len > 0)
        e = hf_os_write(s->conn, s->fd, bytes, len);
    return e == HF_OK ? hf_os_close(s->conn, s->fd) : e;
}

/* Half of its last record leaves, then FIN. */
static hf_error cut_short(side *s)
{
    const hf_iovec part = { key_bytes, sizeof key_bytes };
    hf_error e = hf_os_handshake(s->conn, s->fd);

    if (e == HF_OK)
        e = hf_os_write(s->conn, s->fd, "whole", 5);
    hf_conn_data_in(s->conn, &part, 1);
    hf_span out = hf_conn_wire_out(s->conn);
    if (e == HF_OK && write(s->fd, out.data, out.len / 2) <= 0)
        e = HF_E_INTERNAL;
    shutdown(s->fd, SHUT_WR);
    return e;
}

static hf_error damage(side *s)
{
    static const uint8_t record[] = { 23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8,
                                      9,  0, 1, 2, 3,  4, 5, 6, 7, 8, 9, 0 };
    uint8_t byte;
    size_t len;
    hf_error e = hf_os_handshake(s->conn, s->fd);

    if (e == HF_OK && write(s->fd, record, sizeof record) != (ssize_t)sizeof record)
        return HF_E_INTERNAL;
    return e == HF_OK ? hf_os_read(s->conn, s->fd, &byte, 1, &len) : e;
}

/* A record that comes byte by byte, each in time, until the other end has had enough. */
static hf_error drip(side *s)
{
    static const uint8_t header[] = { 23, 3, 3, 64, 0 };
    hf_error e = hf_os_handshake(s->conn, s->fd);
    ssize_t n = write(s->fd, header, sizeof header);
    struct timeval pause = { 0, 0 };

    while (n > 0) {
        pause.tv_usec = 10000;
        select(0, NULL, NULL, NULL, &pause);
        n = send(s->fd, header, 1, MSG_NOSIGNAL);
    }
    return e;
}

/* Says nothing, until the other end has had enough. */
static hf_error keep_silent(side *s)
{
    uint8_t byte;
    size_t len;
    hf_error e = hf_os_handshake(s->conn, s->fd);

    return e == HF_OK ? hf_os_read(s->conn, s->fd, &byte, 1, &len) : e;
}

/* Records without data, each in time, until the other end has had enough. */
static hf_error renew_keys(side *s)
{
    hf_error e = hf_os_handshake(s->conn, s->fd);
    struct timeval pause = { 0, 0 };

    for (ssize_t n = 1; e == HF_OK && n > 0;) {
        pause.tv_usec = 30000;
        select(0, NULL, NULL, NULL, &pause);
        e = hf_conn_key_update(s->conn, false);
        hf_span out = hf_conn_wire_out(s->conn);
        n = send(s->fd, out.data, out.len, MSG_NOSIGNAL);
        hf_conn_wire_sent(s->conn, n > 0 ? (size_t)n : 0);
    }
    return e;
}

/* Says why, and goes without having read a byte. */
static hf_error show_the_door(side *s)
{
    hf_error e = hf_os_handshake(s->conn, s->fd);

    if (e == HF_OK)
        e = hf_os_write(s->conn, s->fd, "sorry", 5);
    if (e == HF_OK)
        e = hf_conn_close_write(s->conn);
    hf_span out = hf_conn_wire_out(s->conn);
    if (e == HF_OK && write(s->fd, out.data, out.len) != (ssize_t)out.len)
        e = HF_E_INTERNAL;
    shutdown(s->fd, SHUT_RDWR);
    return e;
}

static hf_error send_half_a_header(side *s)
{
    hf_error e = hf_os_handshake(s->conn, s->fd);

    if (e == HF_OK && write(s->fd, "\x17\x03", 2) != 2)
        e = HF_E_INTERNAL;
    shutdown(s->fd, SHUT_WR);
    return e;
}

static sem_t released;

/* Reads nothing until it may; then all of it. */
static hf_error sleep_then_read(side *s)
{
    uint8_t bytes[4096];
    size_t len = 1;
    hf_error e = hf_os_handshake(s->conn, s->fd);

    sem_wait(&released);
    while (e == HF_OK && len > 0)
        e = hf_os_read(s->conn, s->fd, bytes, sizeof bytes, &len);
    return e;
}

/* ---- meeting them ---- */

typedef struct meeting {
    side client, server;
    hf_error (*play)(side *s);
    pthread_t thread;
} meeting;

static void *in_thread(void *user)
{
    meeting *m = user;

    m->server.result = m->play(&m->server);
    return NULL;
}

static void meet(meeting *m, hf_error (*play)(side *s), uint16_t version)
{
    int pair[2];

    memset(m, 0, sizeof *m);
    m->play = play;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    open_side(&m->client, HF_CLIENT, version, pair[0]);
    open_side(&m->server, HF_SERVER, version, pair[1]);
    assert_int_equal(pthread_create(&m->thread, NULL, in_thread, m), 0);
    assert_int_equal(hf_os_handshake(m->client.conn, m->client.fd), HF_OK);
}

static hf_error part(meeting *m)
{
    hf_error e;

    pthread_join(m->thread, NULL);
    e = m->server.result;
    close_side(&m->client);
    close_side(&m->server);
    return e;
}

static hf_error get(meeting *m, void *bytes, size_t room, size_t *len)
{
    return hf_os_read(m->client.conn, m->client.fd, bytes, room, len);
}

static void read_back(meeting *m, const uint8_t *said, size_t size, size_t room)
{
    uint8_t *heard = malloc(size);
    size_t len;

    for (size_t at = 0; at < size; at += len) {
        size_t ask = size - at < room ? size - at : room;
        assert_int_equal(get(m, heard + at, ask, &len), HF_OK);
        assert_in_range(len, 1, ask);
    }
    assert_memory_equal(heard, said, size);
    free(heard);
}

/* A record of 16 KiB is read in pieces of any size, and none of its bytes is lost between two calls. */
static void test_what_is_written_is_read_back(void **state)
{
    const uint16_t versions[] = { HF_TLS12, HF_TLS13 };
    uint8_t *said = malloc(BIG), byte;
    size_t len = 9;
    meeting m;

    (void)state;
    for (size_t i = 0; i < BIG; i++)
        said[i] = (uint8_t)(i * 31 >> 3);
    for (int v = 0; v < 2; v++) {
        meet(&m, echo, versions[v]);
        for (size_t at = 0, n = 40000; at < BIG; at += n) {
            assert_int_equal(hf_os_write(m.client.conn, m.client.fd, said + at, n), HF_OK);
            read_back(&m, said + at, n, at == 0 ? 1 : 1 + at / 50);
        }
        assert_int_equal(hf_conn_close_write(m.client.conn), HF_OK);
        assert_int_equal(get(&m, &byte, 1, &len), HF_OK); /* which sends close_notify on its way */
        assert_int_equal(len, 0);
        assert_int_equal(get(&m, &byte, 1, &len), HF_OK); /* closed stays closed */
        assert_int_equal(len, 0);
        assert_int_equal(hf_os_write(m.client.conn, m.client.fd, "x", 1), HF_E_MISUSE);
        assert_int_equal(hf_os_close(m.client.conn, m.client.fd), HF_OK);
        assert_int_equal(part(&m), HF_OK);
    }
    free(said);
}

static void test_truncation_is_no_close(void **state)
{
    uint8_t bytes[64];
    size_t len;
    meeting m;

    (void)state;
    meet(&m, cut_short, HF_TLS13);
    assert_int_equal(get(&m, bytes, sizeof bytes, &len), HF_OK);
    assert_int_equal(len, 5);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(get(&m, bytes, sizeof bytes, &len), HF_E_TRUNCATED_STREAM);
        assert_int_equal(len, 0);
    }
    assert_int_equal(hf_os_write(m.client.conn, m.client.fd, "x", 1), HF_E_TRUNCATED_STREAM);
    assert_int_equal(part(&m), HF_OK);
}

static void test_a_damaged_record_fails_both_ends(void **state)
{
    uint8_t byte;
    size_t len;
    meeting m;

    (void)state;
    meet(&m, damage, HF_TLS13);
    assert_int_equal(get(&m, &byte, 1, &len), HF_E_RECORD_MAC);
    assert_int_equal(len, 0);
    assert_int_equal(part(&m), HF_E_ALERT_RECEIVED); /* the alert has left */
}

/* Two calls that SO_RCVTIMEO ends, with a server that sends no data; the connection is left as it was. */
static void time_out_twice(meeting *m, hf_error (*play)(side *s), long us)
{
    const struct timeval limit = { 0, us };
    uint8_t byte;
    size_t len;

    meet(m, play, HF_TLS13);
    assert_int_equal(setsockopt(m->client.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(get(m, &byte, 1, &len), HF_E_TIMEOUT);
    assert_null(hf_conn_failure(m->client.conn));
}

/* SO_RCVTIMEO between two records leaves the connection as it was. */
static void test_a_silence_can_be_waited_out(void **state)
{
    meeting m;

    (void)state;
    time_out_twice(&m, keep_silent, 50000);
    assert_int_equal(hf_os_write(m.client.conn, m.client.fd, "x", 1), HF_OK);
    assert_int_equal(part(&m), HF_OK);
}

/* SO_RCVTIMEO bounds a record, too: else a byte now and then would hold a program for hours. */
static void test_a_record_must_come_in_time(void **state)
{
    const struct timeval limit = { 0, 100000 };
    uint8_t byte;
    size_t len;
    meeting m;

    (void)state;
    meet(&m, drip, HF_TLS13);
    assert_int_equal(setsockopt(m.client.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    assert_int_equal(get(&m, &byte, 1, &len), HF_E_TIMEOUT);
    assert_int_equal(get(&m, &byte, 1, &len), HF_E_TRUNCATED_STREAM); /* it cannot go on */
    close(m.client.fd);
    m.client.fd = -1;
    assert_int_equal(part(&m), HF_OK);
}

/* A handshake that is closed is aborted, and the peer hears it. */
static void test_closing_a_handshake_aborts_it(void **state)
{
    int pair[2];
    side client;
    uint8_t bytes[4096];
    ssize_t n, sum = 0;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    open_side(&client, HF_CLIENT, HF_TLS13, pair[0]);
    assert_int_equal(hf_os_write(client.conn, client.fd, "x", 1), HF_E_MISUSE);
    shutdown(pair[1], SHUT_WR);
    assert_int_equal(hf_os_close(client.conn, client.fd), HF_OK);
    assert_int_equal(hf_conn_failure(client.conn)->code, HF_E_ABORTED);
    while ((n = read(pair[1], bytes + sum, sizeof bytes - (size_t)sum)) > 0)
        sum += n;
    assert_true(sum > 14); /* user_canceled and close_notify, in the clear */
    assert_memory_equal(bytes + sum - 2, "\x01\x00", 2);
    assert_memory_equal(bytes + sum - 9, "\x01\x5a", 2);
    close(pair[1]);
    close_side(&client);
}

/* SO_RCVTIMEO bounds the call, whatever comes that is no data; between two records it may be tried again. */
static void test_records_without_data_do_not_hold_a_call(void **state)
{
    meeting m;

    (void)state;
    time_out_twice(&m, renew_keys, 100000);
    shutdown(m.client.fd, SHUT_RDWR);
    assert_int_equal(part(&m), HF_OK);
}

static void wait_for_hangup(int fd)
{
    struct pollfd p = { .fd = fd };

    while (!(p.revents & POLLHUP))
        assert_true(poll(&p, 1, -1) > 0);
}

/* What the peer said before he left is read although nothing can be written any more. */
static void test_last_words_outlive_a_failed_write(void **state)
{
    uint8_t bytes[64];
    size_t len;
    meeting m;

    (void)state;
    meet(&m, show_the_door, HF_TLS13);
    wait_for_hangup(m.client.fd);
    for (int i = 0; i < 2; i++)
        assert_int_equal(hf_os_write(m.client.conn, m.client.fd, "x", 1), HF_E_TRUNCATED_STREAM);
    assert_int_equal(get(&m, bytes, sizeof bytes, &len), HF_OK);
    assert_int_equal(len, 5);
    assert_memory_equal(bytes, "sorry", 5);
    assert_int_equal(get(&m, bytes, sizeof bytes, &len), HF_OK);
    assert_int_equal(len, 0); /* his close_notify */
    assert_int_equal(part(&m), HF_OK);
}

/* Under valgrind this also shows that no byte is looked at that did not come. */
static void test_half_a_header_is_truncation(void **state)
{
    uint8_t byte;
    size_t len;
    meeting m;

    (void)state;
    meet(&m, send_half_a_header, HF_TLS13);
    assert_int_equal(get(&m, &byte, 1, &len), HF_E_TRUNCATED_STREAM);
    assert_int_equal(part(&m), HF_OK);
}

/* Small buffers and a peer that does not read: what is written stays in the connection. */
static void fill_up(meeting *m)
{
    static const uint8_t bytes[16384];
    const struct timeval limit = { 0, 20000 };
    const int small = 4096;

    assert_int_equal(setsockopt(m->client.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
    assert_int_equal(setsockopt(m->client.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit), 0);
    while (hf_conn_wants(m->client.conn, NULL) & HF_WANT_CAN_SEND)
        assert_int_equal(hf_os_write(m->client.conn, m->client.fd, bytes, sizeof bytes),
                         HF_E_TIMEOUT);
    assert_int_equal(hf_os_write(m->client.conn, m->client.fd, "x", 1), HF_E_TIMEOUT);
}

/* A write that was too slow is no misuse of the next one, and one of nothing sends what is left. */
static void test_writing_goes_on_after_a_timeout(void **state)
{
    const struct timeval none = { 0, 0 };
    meeting m;

    (void)state;
    sem_init(&released, 0, 0);
    meet(&m, sleep_then_read, HF_TLS13);
    fill_up(&m);
    assert_int_equal(hf_os_write(m.client.conn, m.client.fd, NULL, 0), HF_E_TIMEOUT);
    sem_post(&released);
    assert_int_equal(setsockopt(m.client.fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof none), 0);
    assert_int_equal(hf_os_write(m.client.conn, m.client.fd, "x", 1), HF_OK);
    assert_int_equal(hf_conn_close_write(m.client.conn), HF_OK);
    assert_int_equal(hf_os_write(m.client.conn, m.client.fd, NULL, 0), HF_OK);
    assert_int_equal(hf_conn_wire_out(m.client.conn).len, 0);
    assert_int_equal(part(&m), HF_OK);
}

/* ---- what holds a program ---- */

enum { RESCUE_TICKS = 200 }; /* of 50 ms: a call that is bounded is long over */

static volatile sig_atomic_t ticks;
static int held_fd;

/* A call that waits without an end is ended here, so that the test fails and does not hang. */
static void on_tick(int signal_number)
{
    (void)signal_number;
    if (++ticks >= RESCUE_TICKS)
        shutdown(held_fd, SHUT_RDWR);
}

/* Signals come all the while, and SA_RESTART takes up again whatever they interrupt. */
static hf_error close_among_signals(hf_conn *conn, int fd)
{
    const struct itimerval often = { { 0, 50000 }, { 0, 50000 } }, never = { { 0, 0 }, { 0, 0 } };
    struct sigaction tick = { .sa_handler = on_tick, .sa_flags = SA_RESTART };

    held_fd = fd;
    ticks = 0;
    assert_int_equal(sigaction(SIGALRM, &tick, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    hf_error e = hf_os_close(conn, fd);
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    assert_in_range(ticks, 0, RESCUE_TICKS - 1);
    return e;
}

static void test_closing_ends_though_the_peer_does_not(void **state)
{
    int pair[2];
    side client;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    open_side(&client, HF_CLIENT, HF_TLS13, pair[0]);
    assert_int_equal(close_among_signals(client.conn, client.fd), HF_OK);
    close(pair[1]);
    close_side(&client);
}

static void test_closing_ends_though_nobody_reads(void **state)
{
    const struct timeval none = { 0, 0 };
    meeting m;

    (void)state;
    sem_init(&released, 0, 0);
    meet(&m, sleep_then_read, HF_TLS13);
    fill_up(&m);
    assert_int_equal(setsockopt(m.client.fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof none), 0);
    assert_int_equal(close_among_signals(m.client.conn, m.client.fd), HF_E_TIMEOUT);
    sem_post(&released);
    assert_int_equal(part(&m), HF_E_TRUNCATED_STREAM);
}

/* ---- misuse ---- */

/* No room would look like a close. */
static void test_reading_into_nothing_is_a_misuse(void **state)
{
    uint8_t byte;
    size_t len = 9;
    meeting m;

    (void)state;
    meet(&m, echo, HF_TLS13);
    assert_int_equal(get(&m, &byte, 0, &len), HF_E_MISUSE);
    assert_int_equal(len, 0);
    assert_null(hf_conn_failure(m.client.conn));
    assert_int_equal(hf_os_close(m.client.conn, m.client.fd), HF_OK);
    assert_int_equal(part(&m), HF_OK);
}

/* A pipe would bring SIGPIPE, which only sockets can be asked not to send. */
static void test_what_is_no_socket_is_refused(void **state)
{
    int ends[2];
    uint8_t byte;
    size_t len;
    meeting m;

    (void)state;
    meet(&m, echo, HF_TLS13);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(hf_os_write(m.client.conn, ends[1], "x", 1), HF_E_MISUSE);
    assert_int_equal(hf_os_read(m.client.conn, ends[1], &byte, 1, &len), HF_E_MISUSE);
    assert_int_equal(hf_os_close(m.client.conn, ends[1]), HF_E_MISUSE);
    assert_int_equal(hf_os_handshake(m.client.conn, ends[1]), HF_E_MISUSE);
    assert_null(hf_conn_failure(m.client.conn));
    assert_int_equal(hf_os_close(m.client.conn, m.client.fd), HF_OK);
    assert_int_equal(part(&m), HF_OK);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read_back),
        cmocka_unit_test(test_truncation_is_no_close),
        cmocka_unit_test(test_a_damaged_record_fails_both_ends),
        cmocka_unit_test(test_a_silence_can_be_waited_out),
        cmocka_unit_test(test_a_record_must_come_in_time),
        cmocka_unit_test(test_closing_a_handshake_aborts_it),
        cmocka_unit_test(test_records_without_data_do_not_hold_a_call),
        cmocka_unit_test(test_last_words_outlive_a_failed_write),
        cmocka_unit_test(test_half_a_header_is_truncation),
        cmocka_unit_test(test_writing_goes_on_after_a_timeout),
        cmocka_unit_test(test_closing_ends_though_the_peer_does_not),
        cmocka_unit_test(test_closing_ends_though_nobody_reads),
        cmocka_unit_test(test_reading_into_nothing_is_a_misuse),
        cmocka_unit_test(test_what_is_no_socket_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
