/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A victim in a thread of its own, behind a socket. */
#include "support/hostile_sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <handfast/os.h>

int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
ssize_t __real_recv(int fd, void *bytes, size_t room, int flags);
ssize_t __real_send(int fd, const void *bytes, size_t len, int flags);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
ssize_t __wrap_recv(int fd, void *bytes, size_t room, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags);

/* Everything is written by whoever's turn it is. */
typedef struct hostile_line {
    hostile *h;
    int ours, theirs; /* the bad peer's end, and the victim's */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool victims_turn;
    bool begun, asks, over; /* it has had a turn; it waits for the application; nothing is due */
    bool eof, saw_eof;
    size_t sent, received; /* by us, by it */
    size_t said, heard;    /* by it, by us */
    hostile_bytes held;    /* heard, and not taken by the bad peer yet */
} hostile_line;

/* ---- turns ---- */

static void hand_over(hostile_line *l, bool to_victim)
{
    pthread_mutex_lock(&l->lock);
    l->victims_turn = to_victim;
    pthread_cond_broadcast(&l->changed);
    while (l->victims_turn == to_victim)
        pthread_cond_wait(&l->changed, &l->lock);
    pthread_mutex_unlock(&l->lock);
}

static void await_first_turn(hostile_line *l)
{
    pthread_mutex_lock(&l->lock);
    while (!l->victims_turn)
        pthread_cond_wait(&l->changed, &l->lock);
    pthread_mutex_unlock(&l->lock);
}

static void last_turn(hostile_line *l)
{
    pthread_mutex_lock(&l->lock);
    l->victims_turn = false;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
}

/* ---- what the victim's thread calls of the system ---- */

static _Thread_local hostile_line *mine; /* NULL in every other thread */

static bool is_due(const hostile_line *l)
{
    return l->received < l->sent || (l->eof && !l->saw_eof);
}

/* What was sent is on its way and may be waited for. When there is nothing, it is the other's turn; after that all is as if a
   wait had been too long. */
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
    int ready = __real_poll(fds, n, mine ? 0 : timeout);

    if (!mine || ready != 0)
        return ready;
    if ((fds->events & POLLIN) && is_due(mine))
        return __real_poll(fds, n, -1);
    hand_over(mine, false);
    return 0;
}

ssize_t __wrap_recv(int fd, void *bytes, size_t room, int flags)
{
    ssize_t n = __real_recv(fd, bytes, room, flags);

    if (mine && n > 0)
        mine->received += (size_t)n;
    else if (mine && (n == 0 || (errno != EAGAIN && errno != EINTR)))
        mine->saw_eof = true;
    return n;
}

ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags)
{
    ssize_t n = __real_send(fd, bytes, len, flags);

    if (mine && n > 0)
        mine->said += (size_t)n;
    return n;
}

/* ---- the victim's thread: a program that handshakes, reads, and writes what it is told to ---- */

static void add_data(pair_end *end, const void *bytes, size_t len)
{
    end->data = realloc(end->data, end->n_data + len + 1);
    memcpy(end->data + end->n_data, bytes, len);
    end->n_data += len;
}

static void note(pair_end *end, hf_event event)
{
    if (!pair_saw(end, event) && end->n_log < PAIR_LOG)
        end->log[end->n_log++] = event;
}

static void take_early(pair_end *end)
{
    hf_span data = hf_conn_data_out(end->conn);

    add_data(end, data.data, data.len);
    end->n_early += data.len;
    hf_conn_data_taken(end->conn, data.len);
    note(end, HF_EVENT_EARLY_DATA);
}

static hf_error shake_hands(hostile_line *l, pair_end *end)
{
    hf_error e;

    while ((e = hf_os_handshake(end->conn, l->theirs)) == HF_WAIT && l->ours >= 0) {
        if (hf_conn_data_out(end->conn).len > 0) {
            take_early(end);
            continue;
        }
        l->asks = true;
        hand_over(l, false);
        l->asks = false;
    }
    end->connected = e == HF_OK;
    return e;
}

/* Until the peer closes, or it has failed. A session is noted when it is there. */
static hf_error read_all(hostile_line *l, pair_end *end)
{
    static uint8_t bytes[HF_PLAINTEXT_MAX];
    size_t len = 1;
    hf_error e = HF_OK;

    while (e == HF_OK && len > 0) {
        e = hf_os_read(end->conn, l->theirs, bytes, sizeof bytes, &len);
        if (len > 0)
            add_data(end, bytes, len);
    }
    return e;
}

static void *live(void *line)
{
    hostile_line *l = line;
    pair_end *end = &l->h->p.end[l->h->victim];

    mine = l;
    await_first_turn(l);
    hf_error e = shake_hands(l, end);
    if (e == HF_OK)
        e = read_all(l, end);
    end->failed = e != HF_OK;
    end->closed = e == HF_OK;
    for (l->over = true; l->ours >= 0;) {
        hand_over(l, false);
        (void)hf_os_write(end->conn, l->theirs, NULL, 0);
    }
    (void)hf_os_close(end->conn, l->theirs);
    close(l->theirs);
    last_turn(l);
    return NULL;
}

/* ---- the test's thread ---- */

static void turn(hostile_line *l)
{
    pair_end *end = hostile_end(l->h);

    l->begun = true;
    hand_over(l, true);
    if (hf_conn_session(end->conn).len > 0)
        note(end, HF_EVENT_SESSION);
    end->connected |= hf_conn_info_of(end->conn)->connected;
}

static void at_once(int fd)
{
    const int on = 1;

    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
}

static int listener(struct sockaddr_in *address)
{
    static int fd = -1;
    static struct sockaddr_in bound = { .sin_family = AF_INET };
    socklen_t len = sizeof bound;

    if (fd < 0) {
        bound.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        fd = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(bind(fd, (struct sockaddr *)&bound, sizeof bound), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *)&bound, &len), 0);
        assert_int_equal(listen(fd, 1), 0);
    }
    *address = bound;
    return fd;
}

static void start(hostile *h)
{
    struct sockaddr_in address;
    int from = listener(&address);
    hostile_line *l = calloc(1, sizeof *l);

    assert_non_null(l);
    h->line = l;
    l->h = h;
    l->ours = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(l->ours, (struct sockaddr *)&address, sizeof address), 0);
    l->theirs = accept(from, NULL, NULL);
    assert_true(l->theirs >= 0);
    at_once(l->ours);
    at_once(l->theirs);
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->changed, NULL);
    assert_int_equal(pthread_create(&l->thread, NULL, live, l), 0);
}

/* What the victim does not take any more is lost, as it is with any socket. */
static void give(hostile *h, hf_span bytes)
{
    hostile_line *l = h->line;

    while (bytes.len > 0) {
        size_t before = l->received;
        ssize_t n = send(l->ours, bytes.data, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        size_t some = n > 0 ? (size_t)n : 0;
        l->sent += some;
        bytes = hf_span_of(bytes.data + some, bytes.len - some);
        if (!l->over)
            turn(l);
        if (some == 0 && l->received == before)
            return;
    }
}

static void eof(hostile *h)
{
    hostile_line *l = h->line;

    assert_int_equal(shutdown(l->ours, SHUT_WR), 0);
    l->eof = true;
    turn(l);
}

static void hear_all(hostile_line *l)
{
    uint8_t bytes[4096];

    while (l->heard < l->said) {
        ssize_t n = recv(l->ours, bytes, sizeof bytes, 0);
        assert_true(n > 0);
        hb_add(&l->held, hf_span_of(bytes, (size_t)n));
        l->heard += (size_t)n;
    }
}

static bool offer(hostile *h, hostile_bytes *held)
{
    size_t taken = held->len > 0, all = 0;

    while (taken > 0 && held->len > 0) {
        taken = hf_conn_wire_in(h->p.end[h->self].conn, held->data, held->len);
        pair_events(&h->p, h->self); /* data lies in these bytes until it is taken */
        hb_replace(held, 0, taken, hf_span_of(NULL, 0));
        all += taken;
    }
    return all > 0;
}

static bool take(hostile *h)
{
    hostile_line *l = h->line;
    size_t before = l->heard;

    if (!l->begun || l->asks || (hf_conn_wants(hostile_conn(h), NULL) & HF_WANT_WIRE_OUT))
        turn(l);
    hear_all(l);
    bool taken = offer(h, &l->held);
    return l->heard > before || taken;
}

/* The bad peer is gone without a word; without TIME_WAIT, for there are many. */
static void stop(hostile *h)
{
    const struct linger at_once = { 1, 0 };
    hostile_line *l = h->line;
    int fd = l->ours;

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
    l->ours = -1;
    l->eof = true;
    turn(l);
    pthread_join(l->thread, NULL);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->changed);
    hb_free(&l->held);
    free(l);
    h->line = NULL;
}

void hostile_socket_bytes(const hostile *h, size_t *received, size_t *said)
{
    *received = h->line->received;
    *said = h->line->said;
}

const hostile_carrier hostile_sockets = { start, give, eof, take, stop };
