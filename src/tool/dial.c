/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Looking up and connecting. One hf_dial lives until its last libuv request has come back. */
#include "tool/dial.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ADDRESSES = 16,  /* more are left out */
    STAGGER_MS = 250 /* before the next address is tried as well (RFC 8305 5) */
};

typedef struct attempt {
    uv_connect_t request;
    hf_dial *dial;
    uv_tcp_t *tcp; /* NULL once it was closed or handed over */
    bool pending;
} attempt;

struct hf_dial {
    uv_loop_t *loop;
    uv_timer_t timer;
    uv_getaddrinfo_t lookup;
    struct sockaddr_storage address[ADDRESSES];
    attempt attempts[ADDRESSES];
    size_t n, next;
    unsigned refs; /* libuv requests and handles that still point here */
    double started, looked_up, deadline;
    uint16_t port;
    hf_dial_result result;
    hf_dial_done done;
    void *user;
};

double hf_now_ms(void)
{
    return (double)uv_hrtime() / 1e6;
}

void hf_address_text(const struct sockaddr *address, char out[HF_ADDRESS_MAX])
{
    char host[64] = "?";
    unsigned port = 0;

    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const void *)address;
        uv_ip6_name(six, host, sizeof host);
        port = ntohs(six->sin6_port);
    } else if (address->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const void *)address;
        uv_ip4_name(four, host, sizeof host);
        port = ntohs(four->sin_port);
    }
    snprintf(out, HF_ADDRESS_MAX, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, port);
}

static void drop(hf_dial *d)
{
    if (--d->refs == 0)
        free(d);
}

static void timer_closed(uv_handle_t *handle)
{
    drop(handle->data);
}

void hf_handle_free(uv_handle_t *handle)
{
    free(handle);
}

static void close_tcp(attempt *a)
{
    if (a->tcp)
        uv_close((uv_handle_t *)a->tcp, hf_handle_free);
    a->tcp = NULL;
}

/* Ends the search. Requests under way come back with UV_ECANCELED and find no `done` any more. */
static void finish(hf_dial *d, uv_tcp_t *tcp)
{
    hf_dial_done done = d->done;

    if (!done)
        return;
    d->done = NULL;
    uv_cancel((uv_req_t *)&d->lookup);
    for (size_t i = 0; i < d->next; i++)
        close_tcp(&d->attempts[i]);
    uv_close((uv_handle_t *)&d->timer, timer_closed);
    d->result.connect_ms = d->looked_up > 0 ? hf_now_ms() - d->looked_up : 0;
    if (tcp)
        d->result.error = 0;
    done(d->user, tcp, &d->result);
}

void hf_dial_cancel(hf_dial *dial)
{
    dial->done = NULL;
    uv_cancel((uv_req_t *)&dial->lookup);
    for (size_t i = 0; i < dial->next; i++)
        close_tcp(&dial->attempts[i]);
    uv_close((uv_handle_t *)&dial->timer, timer_closed);
}

static bool any_pending(const hf_dial *d)
{
    for (size_t i = 0; i < d->next; i++)
        if (d->attempts[i].pending)
            return true;
    return false;
}

static void try_next(hf_dial *d);

/* An address that did not work. The first one's error is the one that is told. */
static void lost(hf_dial *d, int error)
{
    if (!d->result.error)
        d->result.error = error;
    if (d->next < d->n)
        try_next(d);
    else if (!any_pending(d))
        finish(d, NULL);
}

static void connected(uv_connect_t *request, int status)
{
    attempt *a = request->data;
    hf_dial *d = a->dial;
    uv_tcp_t *tcp = a->tcp;

    a->pending = false;
    if (!d->done) {
        drop(d);
        return;
    }
    if (status == 0) {
        hf_address_text((struct sockaddr *)&d->address[a - d->attempts], d->result.address);
        a->tcp = NULL;
        uv_tcp_nodelay(tcp, 1); /* a flight is written at once: waiting gains nothing */
        finish(d, tcp);
    } else {
        close_tcp(a);
        lost(d, status);
    }
    drop(d);
}

static int start(hf_dial *d, attempt *a, const struct sockaddr *address)
{
    int error;

    a->dial = d;
    a->request.data = a;
    a->tcp = malloc(sizeof *a->tcp);
    if (!a->tcp)
        return UV_ENOMEM;
    error = uv_tcp_init(d->loop, a->tcp);
    if (error) {
        free(a->tcp);
        a->tcp = NULL;
        return error;
    }
    error = uv_tcp_connect(&a->request, a->tcp, address, connected);
    if (error) {
        close_tcp(a);
        return error;
    }
    a->pending = true;
    d->refs++;
    return 0;
}

static void tick(uv_timer_t *timer)
{
    hf_dial *d = timer->data;

    if (hf_now_ms() >= d->deadline) {
        d->result.late = true;
        d->result.error = UV_ETIMEDOUT;
        finish(d, NULL);
    } else if (d->next < d->n) {
        try_next(d);
    }
}

/* Wakes for the next address, or for the end of all patience. */
static void arm(hf_dial *d)
{
    double left = d->deadline - hf_now_ms();
    uint64_t wait = left > 1 ? (uint64_t)left + 1 : 1;

    if (d->looked_up > 0 && d->next < d->n && wait > STAGGER_MS)
        wait = STAGGER_MS;
    uv_update_time(d->loop);
    uv_timer_start(&d->timer, tick, wait, 0);
}

static void try_next(hf_dial *d)
{
    while (d->next < d->n) {
        size_t i = d->next++;
        const struct sockaddr *address = (const struct sockaddr *)&d->address[i];

        d->result.tried++;
        if (!d->result.address[0])
            hf_address_text(address, d->result.address);
        int error = start(d, &d->attempts[i], address);
        if (!error) {
            arm(d);
            return;
        }
        if (!d->result.error)
            d->result.error = error;
    }
    if (!any_pending(d))
        finish(d, NULL);
}

static void keep(hf_dial *d, const struct addrinfo *a)
{
    struct sockaddr_storage *address = &d->address[d->n++];

    memcpy(address, a->ai_addr, a->ai_addrlen);
    if (a->ai_family == AF_INET6)
        ((struct sockaddr_in6 *)(void *)address)->sin6_port = htons(d->port);
    else
        ((struct sockaddr_in *)(void *)address)->sin_port = htons(d->port);
}

static const struct addrinfo *next_of(const struct addrinfo *a, int family)
{
    while (a && a->ai_family != family)
        a = a->ai_next;
    return a;
}

/* The resolver's order, but with the two families in turn (RFC 8305 4). */
static void interleave(hf_dial *d, const struct addrinfo *list)
{
    int first = list->ai_family, second = first == AF_INET6 ? AF_INET : AF_INET6;
    const struct addrinfo *a = next_of(list, first), *b = next_of(list, second);

    while ((a || b) && d->n < ADDRESSES) {
        if (a) {
            keep(d, a);
            a = next_of(a->ai_next, first);
        }
        if (b && d->n < ADDRESSES) {
            keep(d, b);
            b = next_of(b->ai_next, second);
        }
    }
}

static void looked_up(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
    hf_dial *d = request->data;

    if (d->done) {
        d->looked_up = hf_now_ms();
        d->result.lookup_ms = d->looked_up - d->started;
        if (status == 0 && list)
            interleave(d, list);
        if (d->n > 0) {
            try_next(d);
        } else {
            d->result.lookup = true;
            d->result.error = status ? status : UV_EAI_NONAME;
            finish(d, NULL);
        }
    }
    uv_freeaddrinfo(list);
    drop(d);
}

static int look_up(hf_dial *d, const char *host, hf_family family)
{
    struct addrinfo hints;

    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_family = family == HF_FAMILY_4   ? AF_INET
                      : family == HF_FAMILY_6 ? AF_INET6
                                              : AF_UNSPEC;
    d->lookup.data = d;
    return uv_getaddrinfo(d->loop, &d->lookup, looked_up, host, NULL, &hints);
}

hf_dial *hf_dial_start(uv_loop_t *loop, const char *host, uint16_t port, hf_family family,
                       uint64_t timeout_ms, hf_dial_done done, void *user)
{
    hf_dial *d = calloc(1, sizeof *d);

    if (!d)
        return NULL;
    d->loop = loop;
    d->port = port;
    d->done = done;
    d->user = user;
    d->started = hf_now_ms();
    d->deadline = d->started + (double)timeout_ms;
    if (look_up(d, host, family) != 0) {
        free(d);
        return NULL;
    }
    uv_timer_init(loop, &d->timer);
    d->timer.data = d;
    d->refs = 2; /* the timer and the look-up */
    arm(d);
    return d;
}
