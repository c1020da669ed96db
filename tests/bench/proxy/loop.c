/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The loop of the load generator, its sockets, its clock and its statistics. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

enum { EVENTS = 256, DESCRIPTORS_MORE = 64 };

static watched told;

uint64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Lines are "go" and "stop"; the end of stdin means both. */
static void hear(watched *w, uint32_t events)
{
    char text[64];
    ssize_t n = read(w->fd, text, sizeof text);

    (void)events;
    here.told = true;
    here.stop_told |= n <= 0 || memmem(text, (size_t)n, "stop", 4);
    if (n <= 0)
        epoll_ctl(here.epoll, EPOLL_CTL_DEL, w->fd, NULL);
}

static void raise_descriptors(void)
{
    rlim_t need = here.connections + here.at_once + DESCRIPTORS_MORE;
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= need)
        return;
    limit.rlim_cur = need;
    limit.rlim_max = limit.rlim_max < need ? need : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        die("RLIMIT_NOFILE");
}

void loop_watch(watched *w, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = w };

    if (epoll_ctl(here.epoll, EPOLL_CTL_ADD, w->fd, &event) != 0)
        die("epoll_ctl");
}

void loop_start(void)
{
    raise_descriptors();
    here.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (here.epoll < 0)
        die("epoll_create1");
    told.ready = hear;
    loop_watch(&told, EPOLLIN);
}

void loop_turn(int ms)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(here.epoll, events, EVENTS, ms);

    if (n < 0 && errno != EINTR)
        die("epoll_wait");
    for (int i = 0; i < n; i++) {
        watched *w = events[i].data.ptr;
        w->ready(w, events[i].events);
    }
}

void loop_wait_told(void)
{
    puts("ready");
    fflush(stdout);
    for (here.told = false; !here.told;)
        loop_turn(-1);
}

int dial(void)
{
    struct sockaddr_in from = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

    if (fd < 0)
        die("socket");
    from.sin_addr.s_addr = htonl(0x7f000101U + (uint32_t)(here.next_source++ % here.sources));
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&from, sizeof from) != 0)
        die("bind");
    if (connect(fd, (struct sockaddr *)&here.to, sizeof here.to) != 0 && errno != EINPROGRESS)
        die("connect");
    return fd;
}

/* ---- times ---- */

void times_add(times *t, uint64_t us)
{
    if (t->n == t->room) {
        t->room = t->room ? 2 * t->room : 4096;
        t->us = realloc(t->us, t->room * sizeof *t->us);
        if (!t->us)
            die("memory");
    }
    t->us[t->n++] = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static uint32_t share(const times *t, size_t permille)
{
    return t->us[(t->n - 1) * permille / 1000];
}

void times_print(times *t, const char *name)
{
    if (t->n == 0)
        return;
    qsort(t->us, t->n, sizeof *t->us, by_size);
    fprintf(here.out,
            ", \"%s_us\": {\"n\": %zu, \"min\": %u, \"p1\": %u, \"p50\": %u, \"p90\": %u, \"p99\": "
            "%u, \"p999\": %u, \"max\": %u}",
            name, t->n, t->us[0], share(t, 10), share(t, 500), share(t, 900), share(t, 990),
            share(t, 999), t->us[t->n - 1]);
}
