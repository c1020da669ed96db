/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * An echo server: one thread, many connections, poll(2).    poll CERT KEY [PORT]
 * Everything that a peer can do to it costs at most his own connection: nothing blocks, nothing grows without a limit, and
 * whoever is silent for IDLE_MS, or stays for longer than TOTAL_MS, is dropped. (Many peers together can still take all places
 * until then: a service counts the connections of an address, too.)
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <handfast/handfast.h>
#include <handfast/os.h>

enum {
    CLIENTS_MAX = 256,
    IDLE_MS = 30000,
    TOTAL_MS = 600000,
    LINGER_MS = 2000,
    LINGER_BYTES = 1 << 20,
    PAUSE_MS = 100
};

typedef struct client {
    hf_conn *conn;
    int fd;
    uint8_t in[16384]; /* bytes of the peer … */
    size_t at, end;    /* … of which the connection has not taken these yet */
    uint64_t drop_at;  /* when it is dropped, unless bytes move before … */
    uint64_t end_at;   /* … and when, whatever moves */
    bool lingering;    /* all is sent, FIN too; the peer's end is waited for … */
    size_t lingered;   /* … and what still comes is dropped, up to LINGER_BYTES */
    bool peer_closed, failed, gone;
} client;

typedef struct server {
    hf_config *config;
    hf_worker *worker;
    int listener;
    uint64_t accept_at; /* not before: the process was out of descriptors */
    client *clients[CLIENTS_MAX];
    size_t n;
} server;

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

/* The library is given this clock too, so that its deadlines can be compared with it. */
static uint64_t now_ms(void *user)
{
    struct timespec t;

    (void)user;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* ---- one client ---- */

/* The socket is broken: there is nobody to say anything to. */
static void broken(client *c)
{
    hf_conn_wire_eof(c->conn);
    c->gone = true;
}

static void bytes_moved(client *c)
{
    uint64_t at = now_ms(NULL) + IDLE_MS;

    c->drop_at = at < c->end_at ? at : c->end_at;
}

static bool take_events(client *c)
{
    bool any = false;
    hf_event event;

    while ((event = hf_conn_next(c->conn)) != HF_EVENT_NONE) {
        any = true;
        if (event == HF_EVENT_PEER_CLOSED)
            c->peer_closed = true;
        if (event == HF_EVENT_FAILED) {
            char text[256];
            c->failed = true;
            fprintf(stderr, "%s\n", hf_failure_text(hf_conn_failure(c->conn), text, sizeof text));
        }
    }
    return any;
}

/* What the peer said goes back, as far as there is room; the rest stays where it is, and nothing more is read meanwhile. */
static bool echo(client *c)
{
    hf_span data = hf_conn_data_out(c->conn);
    hf_iovec part = { data.data, data.len };
    size_t n = data.len;

    if (!hf_conn_failure(c->conn)) /* else it is dropped: nobody can be answered any more */
        n = hf_conn_data_in(c->conn, &part, 1);
    hf_conn_data_taken(c->conn, n);
    return n > 0;
}

/* The connection takes what it can: nothing while the application has data to take. */
static bool feed(client *c)
{
    size_t n = hf_conn_wire_in(c->conn, c->in + c->at, c->end - c->at);

    c->at += n;
    return n > 0;
}

static bool flush(client *c)
{
    hf_span out = hf_conn_wire_out(c->conn);
    ssize_t n = out.len > 0 ? send(c->fd, out.data, out.len, MSG_NOSIGNAL) : 0;

    if (n > 0) {
        hf_conn_wire_sent(c->conn, (size_t)n);
        bytes_moved(c);
    } else if (n < 0 && !would_block()) {
        broken(c);
    }
    return n > 0;
}

/* Bytes from the socket, once a turn so that nobody has the thread for himself. Only into an empty buffer: data that the
   application has not taken yet may lie in it. */
static void fill(client *c)
{
    if (c->at < c->end || !(hf_conn_wants(c->conn, NULL) & HF_WANT_WIRE_IN))
        return;
    ssize_t n = recv(c->fd, c->in, sizeof c->in, 0);
    if (n > 0) {
        c->at = 0;
        c->end = (size_t)n;
        bytes_moved(c);
    } else if (n == 0) {
        hf_conn_wire_eof(c->conn); /* which tells truncation from a clean close */
    } else if (!would_block()) {
        broken(c);
    }
}

/* A socket that is closed with unread bytes in it sends RST, which takes our last bytes away from the peer. So: FIN, and
   read until he has closed too. */
static void await_end(client *c)
{
    ssize_t n = 1;

    if (!c->lingering) {
        c->lingering = true;
        c->drop_at = now_ms(NULL) + LINGER_MS;
        shutdown(c->fd, SHUT_WR);
    }
    while (n > 0 && c->lingered < LINGER_BYTES) {
        n = recv(c->fd, c->in, sizeof c->in, 0);
        c->lingered += n > 0 ? (size_t)n : 0;
    }
    c->gone = n >= 0 || !would_block();
}

/* In order, but without waiting for anything: what the socket does not take now is lost. */
static void goodbye(client *c)
{
    if (!c->lingering && hf_conn_close_write(c->conn) == HF_OK)
        flush(c);
    c->gone = true;
}

static void turn(client *c, short ready)
{
    bool moved = true;

    hf_conn_tick(c->conn);
    if (ready != 0 && !c->lingering)
        fill(c);
    while (moved && !c->gone && !c->lingering) {
        moved = feed(c);
        moved = take_events(c) || moved;
        moved = echo(c) || moved;
        if (c->peer_closed && hf_conn_data_out(c->conn).len == 0)
            hf_conn_close_write(c->conn); /* all is answered: our close_notify */
        moved = flush(c) || moved;
    }
    if ((c->failed || c->peer_closed) && hf_conn_data_out(c->conn).len == 0 &&
        hf_conn_wire_out(c->conn).len == 0)
        await_end(c);
    if (c->gone)
        take_events(c); /* what broke it is told too */
    else if (now_ms(NULL) >= c->drop_at)
        goodbye(c);
}

static short events_of(const client *c, uint64_t *deadline)
{
    unsigned wants = hf_conn_wants(c->conn, deadline);
    bool reads = c->lingering || (c->at == c->end && (wants & HF_WANT_WIRE_IN));

    if (c->drop_at < *deadline)
        *deadline = c->drop_at;
    return (short)((reads ? POLLIN : 0) | (wants & HF_WANT_WIRE_OUT ? POLLOUT : 0));
}

static void free_client(client *c)
{
    hf_conn_free(c->conn);
    close(c->fd);
    free(c);
}

/* ---- all of them ---- */

static client *new_client(const server *s, int fd)
{
    client *c = (client *)calloc(1, sizeof *c);

    if (!c || fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
        !(c->conn = hf_conn_new(s->config, s->worker, NULL))) {
        fprintf(stderr, "no memory for one more connection\n");
        close(fd);
        free(c);
        return NULL;
    }
    c->fd = fd;
    c->end_at = now_ms(NULL) + TOTAL_MS;
    bytes_moved(c);
    return c;
}

static void accept_some(server *s)
{
    while (s->n < CLIENTS_MAX) {
        int fd = accept(s->listener, NULL, NULL);
        if (fd < 0) {
            if (!would_block() && errno != ECONNABORTED)
                s->accept_at = now_ms(NULL) + PAUSE_MS;
            return;
        }
        client *c = new_client(s, fd);
        if (c)
            s->clients[s->n++] = c;
    }
}

/* Waits until something can be done, or until the first deadline. */
static bool wait_for_work(const server *s, struct pollfd *polled)
{
    uint64_t now = now_ms(NULL), first = now + 1000,
             deadline; /* `stopped` is looked at every second */
    bool accepts = s->n < CLIENTS_MAX && now >= s->accept_at;

    for (size_t i = 0; i < s->n; i++) {
        polled[i].fd = s->clients[i]->fd;
        polled[i].events = events_of(s->clients[i], &deadline);
        first = deadline < first ? deadline : first;
    }
    polled[s->n].fd = accepts ? s->listener : -1;
    polled[s->n].events = POLLIN;
    if (s->accept_at > now && s->accept_at < first)
        first = s->accept_at;
    return poll(polled, (nfds_t)s->n + 1, first > now ? (int)(first - now) : 0) >= 0 ||
           errno == EINTR;
}

static void serve(server *s)
{
    struct pollfd polled[CLIENTS_MAX + 1];

    while (!stopped && wait_for_work(s, polled)) {
        for (size_t i = s->n;
             i-- > 0;) { /* backwards: the last one, which takes a free place, had its turn */
            turn(s->clients[i], polled[i].revents);
            if (!s->clients[i]->gone)
                continue;
            free_client(s->clients[i]);
            s->clients[i] = s->clients[--s->n];
        }
        accept_some(s);
    }
    while (s->n > 0) {
        goodbye(s->clients[--s->n]);
        free_client(s->clients[s->n]);
    }
}

static int listen_on(const char *port)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, 128) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return perror("cannot listen"), -1;
    printf("listening on 127.0.0.1:%u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static hf_error make_config(hf_config **config, const char *cert, const char *key)
{
    hf_identity *identity = NULL;
    hf_hooks hooks;

    memset(&hooks, 0, sizeof hooks);
    hooks.clock_ms = now_ms;
    *config = hf_config_new(HF_SERVER, hf_policy_named("default"));
    hf_error e = *config ? hf_os_identity(&identity, cert, key, NULL) : HF_E_NO_MEMORY;
    if (e == HF_OK && (e = hf_config_add_identity(*config, identity)) == HF_OK &&
        (e = hf_config_set_hooks(*config, &hooks)) == HF_OK)
        e = hf_config_seal(*config);
    hf_identity_free(identity);
    if (e != HF_OK)
        fprintf(stderr, "%s: %s\n", cert, hf_error_row_of(e)->sentence);
    return e;
}

int main(int argc, char **argv)
{
    static server s;
    struct sigaction on_stop;

    if (argc < 3 || argc > 4)
        return fprintf(stderr, "usage: %s CERT KEY [PORT]\n", argv[0]), 2;
    memset(&on_stop, 0, sizeof on_stop);
    on_stop.sa_handler = stop;
    sigaction(SIGTERM, &on_stop, NULL);
    sigaction(SIGINT, &on_stop, NULL);
    s.worker = hf_worker_new();
    s.listener = -1;
    if (s.worker && make_config(&s.config, argv[1], argv[2]) == HF_OK)
        s.listener = listen_on(argc > 3 ? argv[3] : "0");
    if (s.listener >= 0) {
        serve(&s);
        close(s.listener);
    }
    hf_worker_free(s.worker);
    hf_config_free(s.config);
    return s.listener >= 0 ? 0 : 1;
}
