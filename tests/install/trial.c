/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* trial PORT CHAIN.pem KEY.pem: a TLS server on 127.0.0.1 that gives every line back in upper case. One thread, poll(2). */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
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

enum { LAST_WORDS_MS = 1000, RECVS_A_TURN = 8, ACCEPTS_A_TURN = 64 };

typedef struct client {
    hf_conn *tls;
    int fd;
    bool eof;         /* recv said 0, or the socket is broken */
    bool broken;      /* nothing can be sent any more */
    bool peer_closed; /* close_notify came */
    bool ending;      /* nothing new will be written: what is in wire_out leaves, then we linger */
    bool reported;
    bool lingering; /* FIN is sent: read and throw away until the peer closes too */
    bool dead;
    uint64_t deadline; /* our own; UINT64_MAX: none */
    char name[32];
    size_t at, end;
    uint8_t in[16384];
} client;

static volatile sig_atomic_t stop;
static int wake[2];
static bool verbose;

static void on_signal(int number)
{
    (void)number;
    int saved = errno;
    stop = 1;
    if (write(wake[1], "", 1) < 0) {
    }
    errno = saved;
}

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

static bool nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

/* One line: who, what, where. */
static void report(client *c, const char *otherwise)
{
    if (c->reported)
        return;
    c->reported = true;
    const hf_failure *f = hf_conn_failure(c->tls);
    if (!f) {
        fprintf(stderr, "%s: %s\n", c->name, otherwise);
        return;
    }
    const hf_error_row *row = hf_error_row_of(f->code);
    char line[2048];
    size_t n = 0;
#define ADD(...)                                                                                   \
    do {                                                                                           \
        if (n < sizeof line) {                                                                     \
            int add_ = snprintf(line + n, sizeof line - n, __VA_ARGS__);                           \
            n += add_ > 0 ? (size_t)add_ : 0;                                                      \
        }                                                                                          \
    } while (0)
    ADD("%s: %s [blame: %s]", c->name, row->sentence, hf_blame_name(f->blame));
    if (f->step && *f->step)
        ADD(", at %s", f->step);
    if (f->message && *f->message)
        ADD(", in %s", f->message);
    if (*f->field)
        ADD(", field %s", f->field);
    if (f->offset >= 0)
        ADD(" (byte %" PRId64 ")", f->offset);
    if (*f->rule &&
        strcmp(f->rule, row->sentence) != 0) /* without anything better it is the sentence again */
        ADD(": %s", f->rule);
    if (*f->expected)
        ADD("; expected %s", f->expected);
    if (*f->offered)
        ADD("; offered %s", f->offered);
    if (f->alert_direction == HF_ALERT_SENT)
        ADD("; told him %s", hf_alert_name(f->alert));
    else if (f->alert_direction == HF_ALERT_RECEIVED && !*f->rule)
        ADD("; he said %s: %s", hf_alert_name(f->alert), hf_alert_words(f->alert));
    if (row->source && strcmp(row->source, "-") != 0)
        ADD(" (%s)", row->source);
#undef ADD
    fprintf(stderr, "%s\n", line);
}

/* Moves data from the peer back to him as far as there is room. True: something moved. */
static bool echo(client *c)
{
    static uint8_t upper[16384];
    bool moved = false;
    for (;;) {
        hf_span data = hf_conn_data_out(c->tls);
        if (data.len == 0)
            return moved;
        if (hf_conn_failure(c->tls)) { /* cannot be answered, but must be taken */
            hf_conn_data_taken(c->tls, data.len);
            moved = true;
            continue;
        }
        size_t len = data.len < sizeof upper ? data.len : sizeof upper;
        for (size_t i = 0; i < len; i++)
            upper[i] = (uint8_t)toupper(data.data[i]);
        hf_iovec part = { upper, len };
        size_t taken = hf_conn_data_in(c->tls, &part, 1);
        if (taken == 0)
            return moved;
        hf_conn_data_taken(c->tls, taken);
        moved = true;
    }
}

static void events(client *c)
{
    for (;;) {
        switch (hf_conn_next(c->tls)) {
        case HF_EVENT_NONE: return;
        case HF_EVENT_DATA:
        case HF_EVENT_EARLY_DATA:
            if (!echo(c)) /* no room: later */
                return;
            break;
        case HF_EVENT_PEER_CLOSED:
            c->peer_closed = true;
            if (verbose)
                printf("%s: peer closed, %zu bytes still to leave\n", c->name,
                       hf_conn_wire_out(c->tls).len);
            break;
        case HF_EVENT_FAILED:
            report(c, "failed");
            c->ending = true;
            c->deadline = now_ms() + LAST_WORDS_MS;
            break;
        case HF_EVENT_CONNECTED:
            if (verbose) {
                const hf_conn_info *i = hf_conn_info_of(c->tls);
                printf("%s: connected, TLS 1.%d%s\n", c->name, i->version == HF_TLS13 ? 3 : 2,
                       i->resumed ? ", resumed" : "");
                fflush(stdout);
            }
            break;
        default: break;
        }
    }
}

static void broke(client *c)
{
    c->eof = c->broken = true;
    hf_conn_wire_eof(c->tls);
    for (hf_span d; (d = hf_conn_data_out(c->tls)).len > 0;)
        hf_conn_data_taken(c->tls, d.len);
    events(c);
    report(c, "the peer was gone before all was sent to him [blame: network]");
    c->dead = true;
}

static bool would_block(int e)
{
    return e == EAGAIN || e == EWOULDBLOCK;
}

static void linger(client *c)
{
    uint8_t junk[4096];
    for (int i = 0; i < RECVS_A_TURN; i++) {
        ssize_t n = recv(c->fd, junk, sizeof junk, 0);
        if (n > 0 || (n < 0 && errno == EINTR))
            continue;
        if (n == 0 || !would_block(errno))
            c->dead = true;
        return;
    }
}

static void pump(client *c)
{
    int recvs = 0;
    bool again = true;
    while (again && !c->dead) {
        again = false;
        if (c->lingering) {
            linger(c);
            return;
        }
        events(c);
        if (echo(c)) {
            again = true;
            events(c);
        }
        if (c->peer_closed && !c->ending && hf_conn_data_out(c->tls).len == 0) {
            hf_error e = hf_conn_close_write(c->tls);
            if (verbose && e != HF_OK) {
                printf("%s: close_write: %s\n", c->name, hf_error_row_of(e)->sentence);
            }
            c->ending = true;
            events(c);
        }
        hf_span out;
        while ((out = hf_conn_wire_out(c->tls)).len > 0) {
            ssize_t n = send(c->fd, out.data, out.len, MSG_NOSIGNAL);
            if (n >= 0) {
                hf_conn_wire_sent(c->tls, (size_t)n);
                again = true;
            } else if (errno == EINTR) {
                continue;
            } else if (would_block(errno)) {
                break;
            } else {
                broke(c);
                return;
            }
        }
        if (c->ending) {
            if (out.len == 0) {
                if (c->eof || shutdown(c->fd, SHUT_WR) != 0) {
                    c->dead = true;
                } else {
                    c->lingering = again = true;
                    c->deadline = now_ms() + LAST_WORDS_MS;
                }
                continue;
            }
            if (!hf_conn_failure(c->tls))
                again = false; /* a slow reader: wait for POLLOUT */
            continue;
        }
        if (c->at < c->end) {
            size_t n = hf_conn_wire_in(c->tls, c->in + c->at, c->end - c->at);
            c->at += n;
            again = again || n > 0;
        } else if (!c->eof && recvs < RECVS_A_TURN && hf_conn_data_out(c->tls).len == 0 &&
                   (hf_conn_wants(c->tls, NULL) & HF_WANT_WIRE_IN)) {
            recvs++;
            ssize_t n = recv(c->fd, c->in, sizeof c->in, 0);
            if (n > 0) {
                c->at = 0;
                c->end = (size_t)n;
                again = true;
            } else if (n == 0) {
                c->eof = again = true;
                hf_conn_wire_eof(c->tls);
            } else if (errno == EINTR) {
                again = true;
            } else if (!would_block(errno)) {
                broke(c);
                return;
            }
        }
    }
}

static short wanted(client *c, uint64_t *deadline)
{
    *deadline = c->deadline;
    if (c->lingering)
        return POLLIN;
    uint64_t theirs;
    unsigned wants = hf_conn_wants(c->tls, &theirs);
    if (!c->ending && theirs < *deadline)
        *deadline = theirs;
    short events = 0;
    if (wants & HF_WANT_WIRE_OUT)
        events |= POLLOUT;
    if ((wants & HF_WANT_WIRE_IN) && !c->eof && !c->ending)
        events |= POLLIN;
    return events;
}

static void timed(client *c, uint64_t now)
{
    if (c->deadline <= now) {
        c->dead = true;
        return;
    }
    uint64_t theirs;
    if (c->lingering || c->ending)
        return;
    hf_conn_wants(c->tls, &theirs);
    if (theirs <= now) {
        hf_conn_tick(c->tls);
        pump(c);
    }
}

static void client_free(client *c)
{
    hf_conn_free(c->tls);
    close(c->fd);
    free(c);
}

static hf_config *configure(const char *chain, const char *key)
{
    hf_config *config = hf_config_new(HF_SERVER, hf_policy_named("default"));
    hf_sessions_options options = { .tickets = true, .lifetime = 7200 };
    hf_sessions *sessions = hf_sessions_new(&options);
    hf_identity *identity = NULL;
    const char *what = "memory";
    hf_error e = config && sessions ? HF_OK : HF_E_LIMIT;
    if (e == HF_OK)
        what = chain, e = hf_os_identity(&identity, chain, key, NULL);
    if (e == HF_OK)
        what = "identity", e = hf_config_add_identity(config, identity);
    if (e == HF_OK)
        what = "sessions", e = hf_config_set_sessions(config, sessions);
    if (e == HF_OK)
        what = "config", e = hf_config_seal(config);
    hf_identity_free(identity);
    hf_sessions_free(sessions);
    if (e != HF_OK) {
        const hf_error_row *row = hf_error_row_of(e);
        fprintf(stderr, "trial: %s: %s (%s)\n", what, row->sentence, row->hint);
        hf_config_free(config);
        return NULL;
    }
    return config;
}

static int listen_on(const char *port)
{
    char *end;
    long number = strtol(port, &end, 10);
    if (!*port || *end || number < 1 || number > 65535) {
        fprintf(stderr, "trial: %s is no port\n", port);
        return -1;
    }
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)number),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&to, sizeof to) != 0 || listen(fd, 512) != 0 ||
        !nonblocking(fd)) {
        perror("trial: listening");
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

typedef struct server {
    int listener;
    hf_config *config;
    hf_worker *worker;
    client **clients;
    struct pollfd *polls; /* 2 more than clients */
    size_t n, room;
    uint64_t accept_again; /* descriptors or memory have run out until then */
} server;

static bool room_for_one(server *s)
{
    if (s->n < s->room)
        return true;
    size_t room = s->room ? 2 * s->room : 64;
    client **clients = realloc(s->clients, room * sizeof *clients);
    if (!clients)
        return false;
    s->clients = clients;
    struct pollfd *polls = realloc(s->polls, (room + 2) * sizeof *polls);
    if (!polls)
        return false;
    s->polls = polls;
    s->room = room;
    return true;
}

static void accept_some(server *s, uint64_t now)
{
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        struct sockaddr_in from;
        socklen_t len = sizeof from;
        if (!room_for_one(s)) {
            s->accept_again = now + 100;
            return;
        }
        int fd = accept(s->listener, (struct sockaddr *)&from, &len);
        if (fd < 0) {
            if (errno == EINTR || errno == ECONNABORTED)
                continue;
            if (!would_block(errno)) {
                perror("trial: accept");
                s->accept_again = now + 100;
            }
            return;
        }
        client *c = nonblocking(fd) ? calloc(1, sizeof *c) : NULL;
        if (c)
            c->tls = hf_conn_new(s->config, s->worker, NULL);
        if (!c || !c->tls) {
            fprintf(stderr, "trial: no memory for a connection\n");
            free(c);
            close(fd);
            continue;
        }
        char text[INET_ADDRSTRLEN] = "?";
        inet_ntop(AF_INET, &from.sin_addr, text, sizeof text);
        snprintf(c->name, sizeof c->name, "%s:%u", text, (unsigned)ntohs(from.sin_port));
        c->fd = fd;
        c->deadline = UINT64_MAX;
        s->clients[s->n++] = c;
        pump(c);
    }
}

static int serve(server *s)
{
    while (!stop) {
        uint64_t now = now_ms(), first = UINT64_MAX;
        bool accepting = now >= s->accept_again;
        if (!accepting)
            first = s->accept_again;
        size_t n = s->n;
        for (size_t i = 0; i < n; i++) {
            uint64_t deadline;
            s->polls[i] = (struct pollfd){ .fd = s->clients[i]->fd,
                                           .events = wanted(s->clients[i], &deadline) };
            if (deadline < first)
                first = deadline;
        }
        s->polls[n] = (struct pollfd){ .fd = wake[0], .events = POLLIN };
        s->polls[n + 1] = (struct pollfd){ .fd = accepting ? s->listener : -1, .events = POLLIN };
        int timeout = -1;
        if (first != UINT64_MAX) {
            uint64_t wait = first > now ? first - now : 0;
            timeout = wait > INT_MAX ? INT_MAX : (int)wait;
        }
        if (poll(s->polls, (nfds_t)(n + 2), timeout) < 0) {
            if (errno == EINTR)
                continue;
            perror("trial: poll");
            return 1;
        }
        bool more = s->polls[n + 1].revents != 0;
        now = now_ms();
        for (size_t i = 0; i < n; i++) {
            client *c = s->clients[i];
            short got = s->polls[i].revents;
            if (got)
                pump(c);
            if (!c->dead && (got & (POLLERR | POLLNVAL)))
                broke(c);
            if (!c->dead)
                timed(c, now);
        }
        if (more)
            accept_some(s, now);
        for (size_t i = 0; i < s->n;)
            if (s->clients[i]->dead) {
                client_free(s->clients[i]);
                s->clients[i] = s->clients[--s->n];
            } else {
                i++;
            }
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: trial PORT CHAIN.pem KEY.pem\n");
        return 2;
    }
    verbose = getenv("TRIAL_VERBOSE") != NULL;
    int status = 1;
    server s = { .listener = -1 };
    if (pipe(wake) != 0 || !nonblocking(wake[0]) || !nonblocking(wake[1])) {
        perror("trial: pipe");
        return 1;
    }
    struct sigaction action = { .sa_handler = on_signal };
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    s.config = configure(argv[2], argv[3]);
    s.worker = hf_worker_new();
    if (s.config && s.worker && room_for_one(&s) && (s.listener = listen_on(argv[1])) >= 0)
        status = serve(&s);
    for (size_t i = 0; i < s.n; i++)
        client_free(s.clients[i]);
    free(s.clients);
    free(s.polls);
    if (s.listener >= 0)
        close(s.listener);
    hf_worker_free(s.worker);
    hf_config_free(s.config);
    close(wake[0]);
    close(wake[1]);
    return status;
}
