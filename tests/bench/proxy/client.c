/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A client that speaks TLS 1.3 and HTTP/1.1: one suite and one group, so that every server does the same work. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

enum { SESSIONS_MAX = 1024 };

typedef struct session {
    size_t len;
    uint8_t bytes[4096];
} session;

client_hooks hooks;
seen saw;
static uint8_t room[65536];
static session *sessions[SESSIONS_MAX];
static size_t n_sessions;

void saw_wrong(const char *why)
{
    if (saw.wrong++ == 0)
        snprintf(saw.why, sizeof saw.why, "%.255s", why);
}

static void wrong(client *c, const char *why)
{
    if (!c->wrong)
        saw_wrong(why);
    c->wrong = true;
}

/* ---- sessions: each is used once ---- */

static void keep_session(client *c)
{
    hf_span span = hf_conn_session(c->conn);

    c->tickets++;
    saw.tickets++;
    if (!here.resumes || n_sessions == SESSIONS_MAX || span.len > sizeof sessions[0]->bytes)
        return;
    session *s = malloc(sizeof *s);
    if (!s)
        die("memory");
    s->len = span.len;
    memcpy(s->bytes, span.data, span.len);
    sessions[n_sessions++] = s;
}

static hf_conn *conn_new(void)
{
    session *s = n_sessions > 0 ? sessions[--n_sessions] : NULL;
    hf_conn_options options = { .server_name = "localhost",
                                .endpoint = "localhost:443",
                                .want_session = true };

    if (s)
        options.session = (hf_span){ s->bytes, s->len };
    hf_conn *conn = hf_conn_new(here.config, here.worker, &options);
    free(s);
    return conn;
}

/* ---- HTTP ---- */

static void answered(client *c)
{
    c->in_body = false;
    c->head_len = 0;
    c->answers++;
    saw.answered++;
    hooks.answered(c);
}

/* The head is whole: "HTTP/1.1 200 …", Content-Length. */
static void read_head(client *c)
{
    c->head[c->head_len] = 0;
    const char *at = strcasestr(c->head, "\r\ncontent-length:");

    if (strncmp(c->head, "HTTP/1.1 200", 12) != 0)
        wrong(c, c->head);
    c->left = at ? strtoul(at + 17, NULL, 10) : 0;
    if (c->left != here.body)
        wrong(c, "a body of another length");
    c->in_body = true;
}

/* How many of these bytes belong to the head. */
static size_t take_head(client *c, hf_span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (c->head_len + 1 == sizeof c->head || c->answers == c->asked) {
            wrong(c, c->answers == c->asked ? "bytes that nobody asked for" : "a long head");
            return bytes.len;
        }
        c->head[c->head_len++] = (char)bytes.data[i];
        if (c->head_len >= 4 && memcmp(c->head + c->head_len - 4, "\r\n\r\n", 4) == 0) {
            read_head(c);
            return i + 1;
        }
    }
    return bytes.len;
}

static size_t take_body(client *c, hf_span bytes)
{
    size_t n = c->left < bytes.len ? c->left : bytes.len;

    c->left -= n;
    return n;
}

static void take_data(client *c)
{
    hf_span data;

    while ((data = hf_conn_data_out(c->conn)).len > 0) {
        hf_conn_data_taken(c->conn, c->in_body ? take_body(c, data) : take_head(c, data));
        if (c->in_body && c->left == 0)
            answered(c);
    }
}

/* ---- TLS ---- */

/* The requests are small: a socket that does not take one is as good as broken. */
static void flush(client *c)
{
    hf_span out = hf_conn_wire_out(c->conn);

    if (out.len == 0 || c->connecting)
        return;
    ssize_t n = send(c->socket.fd, out.data, out.len, MSG_NOSIGNAL);
    if (n > 0)
        hf_conn_wire_sent(c->conn, (size_t)n);
    if (n != (ssize_t)out.len)
        c->ending = true;
}

static void connected(client *c)
{
    const hf_conn_info *info = hf_conn_info_of(c->conn);

    c->connected = true;
    saw.connected++;
    saw.resumed += info->resumed;
    saw.version = info->version;
    saw.suite = info->cipher_suite;
    saw.group = info->group;
    flush(c); /* Finished by itself, as most clients send it */
    hooks.connected(c);
}

static void failed(client *c)
{
    char text[256];

    wrong(c, hf_failure_text(hf_conn_failure(c->conn), text, sizeof text));
    c->ending = true;
}

static void take_events(client *c)
{
    hf_event event;

    while ((event = hf_conn_next(c->conn)) != HF_EVENT_NONE) {
        if (event == HF_EVENT_VERIFY)
            hf_conn_verify_done(
                c->conn, HF_OK); /* who it is does not matter here; CertificateVerify is checked */
        else if (event == HF_EVENT_CONNECTED)
            connected(c);
        else if (event == HF_EVENT_SESSION)
            keep_session(c);
        else if (event == HF_EVENT_FAILED)
            failed(c);
        else if (event == HF_EVENT_PEER_CLOSED)
            c->ending = true;
        take_data(c);
    }
}

static void feed(client *c, size_t len)
{
    for (size_t at = 0, n = 1; at < len && n > 0; at += n) {
        n = hf_conn_wire_in(c->conn, room + at, len - at);
        take_events(c);
    }
}

/* Edge-triggered: to the end of what is there. */
static void read_all(client *c)
{
    ssize_t n = 1;

    while (n > 0 && !c->ending) {
        n = recv(c->socket.fd, room, sizeof room, 0);
        if (n > 0)
            feed(c, (size_t)n);
    }
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        if (!c->ending)
            hf_conn_wire_eof(c->conn);
        take_events(c);
        c->ending = true;
    }
}

void client_close(client *c)
{
    if (c->answers < c->asked || !c->connected)
        wrong(c, "closed before the answer");
    if (c->connected && hf_conn_close_write(c->conn) == HF_OK)
        flush(c);
    close(c->socket.fd);
    hooks.gone(c);
    hf_conn_free(c->conn);
    free(c);
}

static void ready(watched *w, uint32_t events)
{
    client *c = (client *)w;

    if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
        c->connecting = false;
    take_events(c);
    flush(c);
    read_all(c);
    flush(c);
    if (c->ending)
        client_close(c);
}

void client_ask(client *c)
{
    hf_iovec part = { here.request, strlen(here.request) };

    c->asked++;
    c->asked_us = now_us();
    if (hf_conn_data_in(c->conn, &part, 1) != part.len)
        wrong(c, "a request that could not be sent");
    flush(c);
}

client *client_new(void)
{
    client *c = calloc(1, sizeof *c);

    if (!c || !(c->conn = conn_new()))
        die("memory");
    c->socket = (watched){ ready, dial() };
    c->connecting = true;
    c->began_us = now_us();
    loop_watch(&c->socket, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    return c;
}
