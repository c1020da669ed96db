/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* hf_os_read, hf_os_write and hf_os_close over a socket pair, with a peer in a thread. */
#include <pthread.h>
#include <setjmp.h>
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

/* SO_RCVTIMEO between two records leaves the connection as it was. */
static void test_a_silence_can_be_waited_out(void **state)
{
    const struct timeval limit = { 0, 50000 };
    uint8_t byte;
    size_t len;
    meeting m;

    (void)state;
    meet(&m, keep_silent, HF_TLS13);
    assert_int_equal(setsockopt(m.client.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(get(&m, &byte, 1, &len), HF_E_TIMEOUT);
    assert_null(hf_conn_failure(m.client.conn));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read_back),
        cmocka_unit_test(test_truncation_is_no_close),
        cmocka_unit_test(test_a_damaged_record_fails_both_ends),
        cmocka_unit_test(test_a_silence_can_be_waited_out),
        cmocka_unit_test(test_a_record_must_come_in_time),
        cmocka_unit_test(test_closing_a_handshake_aborts_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
