/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Which sockets there must be, which there are already, and who gets which. How one is opened is listening.c's. */
#include "tool/proxy/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "tool/dial.h"
#include "tool/listener.h"
#include "tool/proxy/listening.h"

/* ---- what systemd handed over ---- */

static struct {
    int fds[HF_SOCKETS_GIVEN_MAX];
    size_t n;
} given;

static unsigned long number_of(const char *name)
{
    const char *text = getenv(name);

    return text ? strtoul(text, NULL, 10) : 0;
}

static bool is_listening(int fd)
{
    int yes = 0;
    socklen_t len = sizeof yes;

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &len) == 0 && yes;
}

static void take(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || !is_listening(fd))
        return;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    hf_listening_prepare(fd);
    given.fds[given.n++] = fd;
}

size_t hf_sockets_take_given(void)
{
    unsigned long n =
        number_of("LISTEN_PID") == (unsigned long)getpid() ? number_of("LISTEN_FDS") : 0;

    for (unsigned long i = 0; i < n && given.n < HF_SOCKETS_GIVEN_MAX; i++)
        take(HF_SOCKETS_FIRST_GIVEN + (int)i);
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return given.n;
}

static bool stands_at(int fd, const hf_socket_row *row)
{
    struct sockaddr_storage at;
    socklen_t len = sizeof at;

    memset(&at, 0, sizeof at);
    return getsockname(fd, (struct sockaddr *)&at, &len) == 0 &&
           hf_listening_same_address(&at, &row->wanted);
}

static bool take_given(hf_socket_row *row)
{
    for (size_t i = 0; i < given.n; i++) {
        if (!stands_at(given.fds[i], row))
            continue;
        row->fds[0] = given.fds[i];
        row->n = 1;
        row->given = true;
        return true;
    }
    return false;
}

size_t hf_sockets_unused(const hf_sockets *s)
{
    size_t used = 0;

    for (size_t i = 0; i < s->n; i++)
        used += s->rows[i].given;
    return given.n - used;
}

/* ---- rows ---- */

static bool has_fd(const hf_sockets *s, int fd)
{
    for (size_t i = 0; s && i < s->n; i++)
        for (size_t k = 0; k < s->rows[i].n; k++)
            if (s->rows[i].fds[k] == fd)
                return true;
    return false;
}

/* The row of that address; of those for any port, one that `taken` has not got yet. */
static const hf_socket_row *row_at(const hf_sockets *s, const hf_socket_row *like,
                                   const hf_sockets *taken)
{
    for (size_t i = 0; s && i < s->n; i++)
        if (hf_listening_same_address(&s->rows[i].wanted, &like->wanted) &&
            (hf_listening_port(&like->wanted) != 0 || !has_fd(taken, s->rows[i].fds[0])))
            return &s->rows[i];
    return NULL;
}

static bool has_port(const hf_sockets *s, const hf_socket_row *like)
{
    for (size_t i = 0; s && i < s->n; i++)
        if (hf_listening_port(&s->rows[i].at) == hf_listening_port(&like->wanted))
            return true;
    return false;
}

static void take_over(hf_socket_row *row, const hf_socket_row *from)
{
    memcpy(row->fds, from->fds, sizeof row->fds);
    row->n = from->n;
    row->given = from->given;
    row->at = from->at;
}

/* The next socket of that address. If any port will do, the first one settles which. */
static bool open_next(hf_socket_row *row)
{
    socklen_t len = sizeof row->at;
    int fd = hf_listening_open(&row->at, row->len, true);

    if (fd < 0)
        return false;
    row->fds[row->n++] = fd;
    return row->n > 1 || getsockname(fd, (struct sockaddr *)&row->at, &len) == 0;
}

/* The sockets of one address. False: errno. */
static bool fill_row(hf_sockets *s, hf_socket_row *row, const hf_sockets *before)
{
    const hf_socket_row *from = row_at(before, row, s);

    row->at = row->wanted;
    if (from)
        take_over(row, from);
    else if (take_given(row))
        return true;
    else if (!has_port(before, row) && !hf_listening_is_free(&row->at, row->len))
        return false;
    while (!row->given && row->n < s->workers)
        if (!open_next(row))
            return false;
    return true;
}

static bool add_rows(hf_sockets *s, const hf_config_list *list, hf_door door,
                     const hf_sockets *before, hf_config_fault *fault)
{
    for (size_t i = 0; i < list->n; i++) {
        hf_socket_row *row = &s->rows[s->n++];
        row->door = door;
        if (!hf_listening_address(list->at[i].text, &row->wanted, &row->len))
            errno = EINVAL;
        else if (fill_row(s, row, before))
            continue;
        return hf_listening_complain(fault, door == HF_DOOR_TLS ? "listen" : "redirect",
                                     &list->at[i], errno);
    }
    return true;
}

hf_sockets *hf_sockets_open(const hf_proxy_config *config, unsigned workers,
                            const hf_sockets *before, hf_config_fault *fault)
{
    hf_sockets *s = hf_alloc(sizeof *s);

    if (!s) {
        hf_listening_complain(fault, "listen", &config->listen.at[0], ENOMEM);
        return NULL;
    }
    s->workers = workers;
    if (add_rows(s, &config->listen, HF_DOOR_TLS, before, fault) &&
        add_rows(s, &config->redirect, HF_DOOR_REDIRECT, before, fault))
        return s;
    hf_sockets_close(s, before);
    return NULL;
}

void hf_sockets_close(hf_sockets *s, const hf_sockets *keep)
{
    for (size_t i = 0; s && i < s->n; i++)
        for (size_t k = 0; k < s->rows[i].n && !s->rows[i].given; k++)
            if (!has_fd(keep, s->rows[i].fds[k]))
                close(s->rows[i].fds[k]);
    hf_free(s);
}

bool hf_sockets_same(const hf_sockets *a, const hf_sockets *b)
{
    if (a->n != b->n || a->workers != b->workers)
        return false;
    for (size_t i = 0; i < a->n; i++) {
        if (!has_fd(b, a->rows[i].fds[0]) || b->rows[i].door != a->rows[i].door)
            return false;
    }
    return true;
}

size_t hf_sockets_of(const hf_sockets *s, unsigned worker, hf_door door, int fds[], size_t room)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++) {
        const hf_socket_row *row = &s->rows[i];
        for (size_t k = 0; k < row->n && row->door == door && n < room; k++)
            if (row->given || k % s->workers == worker)
                fds[n++] = row->fds[k];
    }
    return n;
}

void hf_sockets_text(const hf_sockets *s, hf_door door, char *out, size_t room)
{
    char address[HF_ADDRESS_MAX];
    size_t len = 0;

    *out = '\0';
    for (size_t i = 0; i < s->n && len < room; i++) {
        if (s->rows[i].door != door)
            continue;
        hf_address_text((const struct sockaddr *)&s->rows[i].at, address);
        len += (size_t)snprintf(out + len, room - len, "%s%s", len ? ", " : "", address);
    }
}
