/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The socket, and the loop between it and the connection. */
#include "wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- dialling and closing ---- */

static bool dial(int *fd, const options *o)
{
    uint16_t port = htons((uint16_t)o->port);
    struct sockaddr_in6 six = { .sin6_family = AF_INET6,
                                .sin6_port = port,
                                .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    struct sockaddr_in four = { .sin_family = AF_INET,
                                .sin_port = port,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const struct sockaddr *to = o->ipv6 ? (const void *)&six : (const void *)&four;
    int yes = 1;

    *fd = socket(to->sa_family, SOCK_STREAM, 0);
    return *fd >= 0 && setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == 0 &&
           connect(*fd, to, o->ipv6 ? sizeof six : sizeof four) == 0;
}

static bool send_all(int fd, const uint8_t *bytes, size_t len)
{
    for (ssize_t n; len > 0; bytes += n, len -= (size_t)n)
        if ((n = send(fd, bytes, len, MSG_NOSIGNAL)) < 0)
            return false;
    return true;
}

bool wire_open(wire *w, visit *v)
{
    uint8_t id[8];

    w->visit = v;
    for (size_t i = 0; i < sizeof id; i++)
        id[i] = (uint8_t)((uint64_t)v->options->shim_id >> (8 * i));
    if (dial(&w->fd, v->options) && send_all(w->fd, id, sizeof id))
        return true;
    perror("the runner cannot be reached");
    return false;
}

void wire_close(wire *w)
{
    uint8_t dropped[4096];

    if (w->visit->conn) {
        hf_span out = hf_conn_wire_out(w->visit->conn);
        (void)send_all(w->fd, out.data, out.len);
    }
    shutdown(w->fd, SHUT_WR);
    while (recv(w->fd, dropped, sizeof dropped, 0) > 0)
        ;
    close(w->fd);
    free(w->early);
}

/* ---- events ---- */

static void keep_session(visit *v)
{
    hf_span session = hf_conn_session(v->conn);

    v->new_session = true;
    v->session_len = session.len <= sizeof v->session ? session.len : 0;
    if (v->session_len > 0)
        memcpy(v->session, session.data, v->session_len);
}

static void handle(visit *v, hf_event event)
{
    if (event == HF_EVENT_CLIENT_HELLO) {
        v->hello_seen = true;
        settings_client_hello(v);
    } else if (event == HF_EVENT_VERIFY) {
        settings_verify(v);
    } else if (event == HF_EVENT_SESSION) {
        keep_session(v);
    } else if (event == HF_EVENT_CONNECTED) {
        v->connected = true;
        settings_connected(v);
    } else if (event == HF_EVENT_PEER_CLOSED) {
        v->peer_closed = true;
    }
}

/* The library goes on after a HelloRequest, at whatever time it comes; this application does not. True: there are events again. */
static bool refuse_renegotiation(visit *v)
{
    if (!v->renegotiation || hf_conn_failure(v->conn))
        return false;
    v->said = v->connected ? "NO_RENEGOTIATION" : "UNEXPECTED_MESSAGE";
    hf_conn_abort(v->conn, HF_ALERT_no_renegotiation);
    return true;
}

static wire_state state_of(const visit *v)
{
    const hf_failure *failure = hf_conn_failure(v->conn);

    if (failure && failure->code != HF_E_TRUNCATED_STREAM)
        return WIRE_FAILED;
    return failure || v->peer_closed ? WIRE_CLOSED : WIRE_GOES_ON;
}

wire_state wire_events(wire *w)
{
    visit *v = w->visit;
    hf_event event;

    do {
        while ((event = hf_conn_next(v->conn)) != HF_EVENT_NONE) {
            if (event == HF_EVENT_EARLY_REJECTED) {
                v->early_rejected = true;
                return WIRE_REJECTED;
            }
            handle(v, event);
        }
    } while (refuse_renegotiation(v) || settings_asked(v));
    return state_of(v);
}

/* ---- bytes ---- */

static void ended(wire *w)
{
    w->visit->eof = true;
    hf_conn_wire_eof(w->visit->conn);
}

static void send_some(wire *w, size_t most)
{
    hf_span out = hf_conn_wire_out(w->visit->conn);
    ssize_t n = send(w->fd, out.data, out.len < most ? out.len : most, MSG_NOSIGNAL);

    if (n < 0)
        hf_conn_wire_sent(w->visit->conn,
                          out.len); /* the runner reads no more; what it said before still counts */
    else
        hf_conn_wire_sent(w->visit->conn, (size_t)n);
}

static size_t at_once(const wire *w)
{
    const options *o = w->visit->options;
    bool between = o->fail_cert_callback && !o->server; /* the messages of a flight */

    return o->async || between ? 1 : WIRE_BUFFER;
}

/* What the connection itself has to say must not wait behind what is held. */
static bool may_send(wire *w)
{
    size_t len = hf_conn_wire_out(w->visit->conn).len;

    if (len > w->held)
        w->held = 0;
    return len > w->held;
}

void wire_hold(wire *w)
{
    send_some(w, 1);
    w->held = hf_conn_wire_out(w->visit->conn).len;
}

void wire_flush(wire *w)
{
    while (may_send(w))
        send_some(w, at_once(w));
}

static void receive(wire *w)
{
    hf_conn *c = w->visit->conn;
    size_t most = at_once(w), here;

    if (w->at == w->end && hf_conn_data_out(c).len == 0) {
        ssize_t n = recv(w->fd, w->in, sizeof w->in, 0);
        w->at = 0;
        w->end = n > 0 ? (size_t)n : 0;
        if (n <= 0)
            ended(w);
    }
    here = w->end - w->at;
    w->at += hf_conn_wire_in(c, w->in + w->at, here < most ? here : most);
}

void wire_move(wire *w)
{
    if (may_send(w))
        wire_flush(w);
    else
        receive(w);
}

/* ---- data ---- */

/* While we wait for our turn to write, the peer's data must not stand in the way of his handshake. */
static void put_aside(wire *w)
{
    hf_span data = hf_conn_data_out(w->visit->conn);
    uint8_t *more = data.len > 0 ? realloc(w->early, w->early_len + data.len) : NULL;

    if (!more)
        return;
    memcpy(more + w->early_len, data.data, data.len);
    w->early = more;
    w->early_len += data.len;
    hf_conn_data_taken(w->visit->conn, data.len);
}

static size_t read_aside(wire *w, uint8_t *out, size_t room)
{
    size_t n = w->early_len - w->early_at;

    n = n < room ? n : room;
    if (n > 0)
        memcpy(out, w->early + w->early_at, n);
    w->early_at += n;
    return n;
}

static size_t read_fresh(wire *w, uint8_t *out, size_t room)
{
    hf_span data = hf_conn_data_out(w->visit->conn);
    size_t n = data.len < room ? data.len : room;

    if (n > 0)
        memcpy(out, data.data, n);
    hf_conn_data_taken(w->visit->conn, n);
    return n;
}

wire_state wire_read(wire *w, uint8_t *out, size_t room, size_t *len)
{
    for (;;) {
        wire_state state = wire_events(w);
        if (state == WIRE_REJECTED)
            return state;
        if ((*len = read_aside(w, out, room)) > 0 || (*len = read_fresh(w, out, room)) > 0)
            return WIRE_GOES_ON;
        if (state != WIRE_GOES_ON)
            return state;
        wire_move(w);
    }
}

wire_state wire_write(wire *w, const void *bytes, size_t len)
{
    hf_iovec rest = { bytes, len };

    for (;;) {
        wire_state state = wire_events(w);
        size_t n = hf_conn_data_in(w->visit->conn, &rest, 1);
        rest.base = (const uint8_t *)rest.base + n;
        rest.len -= n;
        wire_flush(w);
        if (rest.len == 0 && state != WIRE_FAILED)
            return state == WIRE_REJECTED ? state : WIRE_GOES_ON;
        if (state != WIRE_GOES_ON)
            return state;
        put_aside(w);
        if (n == 0)
            wire_move(w);
    }
}
