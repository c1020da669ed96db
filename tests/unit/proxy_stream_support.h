/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Streams of the proxy over socket pairs: a house with nothing but what streams need, an owner that writes down what it is told, and a
 * peer that is a bare descriptor, or a TLS client on one. Time passes only as the loop's timers have it.
 */
#ifndef TESTS_UNIT_PROXY_STREAM_SUPPORT_H
#define TESTS_UNIT_PROXY_STREAM_SUPPORT_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "support/pair.h"
#include "tool/proxy/worker.h"

enum { PEER_TURNS = 20000, HEARD_MAX = 8 << 20 };

typedef struct owner {
    hf_stream stream;
    char told
        [64]; /* a letter each: H hello, C connected, F failed, e end, d drained, r reached, l late, x closed */
    uint8_t *heard;
    size_t n_heard, calls;
    int error;
    hf_error failure;
    hf_config *switch_to; /* at H; NULL: abort */
    void (*on_data)(struct owner *o, hf_span bytes);
    void (*on_connected)(struct owner *o);
    struct owner *other;
    bool is_gone;
} owner;

typedef struct peer {
    int fd;
    hf_conn *conn; /* or NULL */
    uint8_t *heard;
    size_t n_heard;
    bool connected, failed, closed, eof, reset;
    bool deaf; /* reads nothing */
} peer;

static hf_house house;

/* ---- the owner ---- */

static inline void tell(hf_stream *stream, char what)
{
    owner *o = stream->user;
    size_t n = strlen(o->told);

    assert_false(o->is_gone);
    assert_true(n + 1 < sizeof o->told);
    o->told[n] = what;
}

static inline void told_event(hf_stream *stream, hf_event event)
{
    owner *o = stream->user;

    tell(stream, event == HF_EVENT_CLIENT_HELLO ? 'H' : event == HF_EVENT_CONNECTED ? 'C' : 'F');
    if (event == HF_EVENT_CLIENT_HELLO && o->switch_to)
        assert_int_equal(hf_conn_switch_config(stream->conn, o->switch_to), HF_OK);
    else if (event == HF_EVENT_CLIENT_HELLO)
        hf_conn_abort(stream->conn, HF_ALERT_unrecognized_name);
    if (event == HF_EVENT_FAILED)
        o->failure = hf_conn_failure(stream->conn)->code;
    if (event == HF_EVENT_CONNECTED && o->on_connected)
        o->on_connected(o);
}

static inline void told_data(hf_stream *stream, hf_span bytes)
{
    owner *o = stream->user;

    assert_false(o->is_gone);
    assert_true(bytes.len > 0 && o->n_heard + bytes.len <= HEARD_MAX);
    memcpy(o->heard + o->n_heard, bytes.data, bytes.len);
    o->n_heard += bytes.len;
    o->calls++;
    if (o->on_data)
        o->on_data(o, bytes);
}

static inline void told_end(hf_stream *stream)
{
    tell(stream, 'e');
}

static inline void told_drained(hf_stream *stream)
{
    owner *o = stream->user;

    tell(stream, 'd');
    if (o->other)
        hf_stream_resume(&o->other->stream);
}

static inline void told_reached(hf_stream *stream)
{
    tell(stream, 'r');
}

static inline void told_late(hf_stream *stream, hf_limit_kind kind)
{
    (void)kind;
    tell(stream, 'l');
}

static inline void told_closed(hf_stream *stream, int error)
{
    owner *o = stream->user;

    tell(stream, 'x');
    o->error = error;
    o->is_gone = true;
}

static const hf_stream_ops owner_ops = { told_event,   told_data, told_end,   told_drained,
                                         told_reached, told_late, told_closed };

/* ---- the house ---- */

static inline int house_begin(void **state)
{
    (void)state;
    memset(&house, 0, sizeof house);
    assert_int_equal(uv_loop_init(&house.loop), 0);
    hf_deadlines_start(&house.deadlines, &house.loop, hf_stream_late);
    house.room = malloc(HF_STREAM_ROOM);
    house.tls = hf_worker_new();
    assert_true(house.room && house.tls && hf_streams_start(&house.streams, &house));
    return 0;
}

static inline int house_end(void **state)
{
    (void)state;
    assert_int_equal(house.streams.n_open, 0);
    hf_streams_stop(&house.streams);
    hf_deadlines_stop(&house.deadlines);
    uv_run(&house.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&house.loop), 0);
    hf_worker_free(house.tls);
    free(house.room);
    return 0;
}

static inline void turn(void)
{
    uv_run(&house.loop, UV_RUN_NOWAIT);
}

/* ---- the peer ---- */

static inline void take_data(peer *p, const void *bytes, size_t n)
{
    assert_true(p->n_heard + n <= HEARD_MAX);
    if (n > 0)
        memcpy(p->heard + p->n_heard, bytes, n);
    p->n_heard += n;
}

static inline void peer_events(peer *p)
{
    hf_event event;

    while (p->conn && (event = hf_conn_next(p->conn)) != HF_EVENT_NONE) {
        hf_span data = hf_conn_data_out(p->conn);
        take_data(p, data.data, data.len);
        hf_conn_data_taken(p->conn, data.len);
        p->connected = p->connected || event == HF_EVENT_CONNECTED;
        p->failed = p->failed || event == HF_EVENT_FAILED;
        p->closed = p->closed || event == HF_EVENT_PEER_CLOSED;
    }
}

static inline void peer_reads(peer *p)
{
    uint8_t bytes[16384];

    for (;;) {
        ssize_t n =
            p->deaf || p->eof || p->reset ? -1 : recv(p->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n > 0 && !p->conn)
            take_data(p, bytes, (size_t)n);
        for (size_t at = 0; p->conn && n > 0 && at < (size_t)n; peer_events(p))
            at += hf_conn_wire_in(p->conn, bytes + at, (size_t)n - at);
        p->eof = p->eof || n == 0;
        p->reset = p->reset || (n < 0 && !p->deaf && !p->eof && errno != EAGAIN);
        if (n <= 0)
            return;
    }
}

static inline void peer_writes(peer *p)
{
    while (p->conn) {
        hf_span out = hf_conn_wire_out(p->conn);
        ssize_t n = out.len > 0 ? send(p->fd, out.data, out.len, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
        if (n <= 0)
            return;
        hf_conn_wire_sent(p->conn, (size_t)n);
    }
}

static inline void peer_turn(peer *p)
{
    peer_events(p);
    peer_writes(p);
    peer_reads(p);
    peer_writes(p);
}

/* Turns of both until it holds; the test fails if it never does. */
#define UNTIL(p, condition)                                                                        \
    do {                                                                                           \
        int turns_ = 0;                                                                            \
        while (!(condition)) {                                                                     \
            assert_true(turns_++ < PEER_TURNS);                                                    \
            turn();                                                                                \
            peer_turn(p);                                                                          \
        }                                                                                          \
    } while (0)

/* ---- both ---- */

static inline void meet(owner *o, peer *p)
{
    int ends[2], small = 16 * 1024;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    *o = (owner){ .heard = malloc(HEARD_MAX) };
    *p = (peer){ .fd = ends[1], .heard = malloc(HEARD_MAX) };
    assert_true(o->heard && p->heard);
    assert_true(hf_stream_open(&o->stream, &house, ends[0], &owner_ops, o));
}

static inline void part(owner *o, peer *p)
{
    if (!o->is_gone)
        hf_stream_close(&o->stream);
    while (!o->is_gone)
        turn();
    close(p->fd);
    hf_conn_free(p->conn);
    free(p->heard);
    free(o->heard);
}

static inline hf_config *end_config(hf_role role, const char *policy, bool pauses)
{
    hf_config *config = hf_config_new(role, hf_policy_named(policy));
    hf_hooks hooks = { .wall_time = test_wall_time };

    assert_int_equal(hf_config_set_hooks(config, &hooks), HF_OK);
    if (role == HF_SERVER) {
        hf_identity *identity = pki_identity(shared_pki(HF_KEY_P256));
        assert_int_equal(hf_config_add_identity(config, identity), HF_OK);
        hf_identity_free(identity);
    } else {
        assert_int_equal(hf_config_set_trust(config, shared_pki(HF_KEY_P256)->trust), HF_OK);
    }
    assert_int_equal(hf_config_set(config, HF_SET_PAUSE_AT_CLIENT_HELLO, pauses), HF_OK);
    assert_int_equal(hf_config_seal(config), HF_OK);
    return config;
}

/* The owner is the server, the peer the client. */
static inline void meet_tls(owner *o, peer *p, bool pauses)
{
    hf_config *server = end_config(HF_SERVER, "default", pauses),
              *client = end_config(HF_CLIENT, "default", false);
    hf_conn_options options = { .server_name = "localhost" };

    meet(o, p);
    p->conn = hf_conn_new(client, house.tls, &options);
    hf_stream_tls(&o->stream, hf_conn_new(server, house.tls, NULL), hf_span_of(NULL, 0));
    hf_config_free(server);
    hf_config_free(client);
}

static inline void meet_connected(owner *o, peer *p)
{
    meet_tls(o, p, false);
    UNTIL(p, p->connected && o->stream.connected);
}

static inline bool send_bytes(owner *o, const void *bytes, size_t len)
{
    hf_iovec parts = { bytes, len };

    return hf_stream_send(&o->stream, &parts, 1);
}

static inline uint8_t *pattern(size_t len)
{
    uint8_t *bytes = malloc(len);

    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    return bytes;
}

static inline void say_to(peer *p, const void *bytes, size_t len)
{
    hf_iovec parts = { bytes, len };

    if (p->conn)
        assert_int_equal(hf_conn_data_in(p->conn, &parts, 1), len);
    else
        assert_int_equal(send(p->fd, bytes, len, MSG_NOSIGNAL), len);
}

#endif
