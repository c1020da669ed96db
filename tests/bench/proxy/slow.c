/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Clients that send a ClientHello byte by byte, one a second. They are opened at a rate, so that their bytes are spread over the second,
 * and each notes when the server cut it off, counted from its connect.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

enum { EVERY_US = 1000000, OVER_US = 60000000 };

typedef struct slow {
    watched socket;
    uint64_t began_us, next_us;
    size_t sent;
    bool alerted;
    struct slow *next; /* in the queue of those who send */
} slow;

static uint8_t hello[4096];
static size_t hello_len, there, alerted, unsent;
static slow *head, **tail = &head; /* by next_us, as all wait equally long */
static times cuts;

/* What a client of this library begins with. */
static void make_hello(void)
{
    hf_conn_options options = { .server_name = "localhost" };
    hf_conn *conn = hf_conn_new(here.config, here.worker, &options);

    if (!conn)
        die("memory");
    hf_conn_next(conn);
    hf_span out = hf_conn_wire_out(conn);
    hello_len = out.len < sizeof hello ? out.len : sizeof hello;
    memcpy(hello, out.data, hello_len);
    hf_conn_free(conn);
}

static void cut(slow *s)
{
    times_add(&cuts, now_us() - s->began_us);
    alerted += s->alerted;
    close(s->socket.fd);
    s->socket.fd = -1; /* freed when its turn to send comes */
    there--;
}

static void ready(watched *w, uint32_t events)
{
    slow *s = (slow *)w;
    uint8_t bytes[64];
    ssize_t n = 1;

    (void)events;
    while (s->socket.fd >= 0 && (n = recv(s->socket.fd, bytes, sizeof bytes, 0)) > 0)
        s->alerted |= bytes[0] == 21;
    if (n == 0 || (n < 0 && errno != EAGAIN))
        cut(s);
}

static void queue(slow *s, uint64_t at)
{
    s->next_us = at;
    s->next = NULL;
    *tail = s;
    tail = &s->next;
}

/* The very first may have to wait for the connection: it then goes with the next. */
static void send_one(slow *s)
{
    ssize_t n = send(s->socket.fd, hello + s->sent, 1, MSG_NOSIGNAL);

    if (n == 1 && s->sent + 2 < hello_len)
        s->sent++;
    unsent += n != 1;
}

static void add(void)
{
    slow *s = calloc(1, sizeof *s);

    if (!s)
        die("memory");
    s->socket = (watched){ ready, dial() };
    s->began_us = now_us();
    loop_watch(&s->socket, EPOLLIN | EPOLLRDHUP | EPOLLET);
    there++;
    send_one(s);
    queue(s, s->began_us + EVERY_US);
}

static void send_due(void)
{
    uint64_t now = now_us();

    while (head && head->next_us <= now) {
        slow *s = head;
        head = s->next;
        if (!head)
            tail = &head;
        if (s->socket.fd < 0) {
            free(s);
            continue;
        }
        send_one(s);
        queue(s, s->next_us + EVERY_US);
    }
}

/* Opens up to `connections`, no faster than the rate. */
static void fill(uint64_t *opened, uint64_t since_us)
{
    uint64_t due = (now_us() - since_us) * here.rate / 1000000;

    for (; *opened < due && there < here.connections; ++*opened)
        add();
    if (*opened < due)
        *opened = due; /* what was not needed is not made up for */
}

static void turn(void)
{
    loop_turn(1);
    send_due();
}

void run_slow(void)
{
    uint64_t since = now_us(), opened = 0;

    make_hello();
    while (there < here.connections) {
        fill(&opened, since);
        turn();
    }
    puts("open");
    fflush(stdout);
    for (here.told = false; !here.stop_told && (here.again || there > 0);) {
        if (here.again)
            fill(&opened, since);
        turn();
    }
    for (uint64_t end = now_us() + OVER_US; there > 0 && now_us() < end;)
        turn();
    fprintf(here.out,
            ", \"never_cut\": %zu, \"alerts\": %zu, \"hello_bytes\": %zu, \"unsent\": %zu", there,
            alerted, hello_len, unsent);
    times_print(&cuts, "cut");
}
