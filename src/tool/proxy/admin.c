/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The admin port's connections: their sockets, their time, and their end. What is answered is admin_answer.c. */
#include "tool/proxy/admin.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/proxy/admin_answer.h"

typedef struct visit visit;

struct hf_admin {
    uv_tcp_t listener;
    const hf_status *(*ask)(void *user);
    void *user;
    visit *newest, *oldest;
    size_t n_visits, n_handles; /* handles whose closing is to come */
    bool stopped;
};

/* A connection. While its answer leaves nothing is read, so that `in` and `out` are all it ever holds. */
struct visit {
    uv_tcp_t tcp;
    uv_timer_t timer;
    hf_admin *admin;
    visit *older, *newer;
    char in[HF_ADMIN_HEAD_MAX];
    size_t len;
    hf_text out;
    uv_write_t write;
    uv_shutdown_t shutdown;
    unsigned requests, handles;
    bool last, ending; /* this answer is the last; nothing that comes counts any more */
};

static void serve(visit *v);

/* ---- the end ---- */

static void let_go(hf_admin *admin)
{
    if (--admin->n_handles == 0)
        free(admin);
}

static void unlink_visit(visit *v)
{
    hf_admin *admin = v->admin;

    *(v->older ? &v->older->newer : &admin->oldest) = v->newer;
    *(v->newer ? &v->newer->older : &admin->newest) = v->older;
    admin->n_visits--;
}

static void on_visit_closed(uv_handle_t *handle)
{
    visit *v = handle->data;

    if (--v->handles > 0)
        return;
    let_go(v->admin);
    hf_text_free(&v->out);
    free(v);
}

static void close_visit(visit *v)
{
    if (uv_is_closing((uv_handle_t *)&v->tcp))
        return;
    unlink_visit(v);
    uv_close((uv_handle_t *)&v->tcp, on_visit_closed);
    uv_close((uv_handle_t *)&v->timer, on_visit_closed);
}

static void on_late(uv_timer_t *timer)
{
    close_visit(timer->data);
}

/* ---- bytes ---- */

static void on_room(uv_handle_t *handle, size_t wish, uv_buf_t *buf)
{
    visit *v = handle->data;

    (void)wish;
    if (v->ending) /* dropped: over what was read before */
        v->len = 0;
    *buf = uv_buf_init(v->in + v->len, (unsigned)(sizeof v->in - v->len));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    visit *v = stream->data;

    (void)buf;
    if (n < 0) {
        close_visit(v);
    } else if (n > 0 && !v->ending) {
        v->len += (size_t)n;
        serve(v);
    }
}

static void on_shut(uv_shutdown_t *request, int error)
{
    visit *v = request->data;

    if (error)
        close_visit(v);
    else if (uv_read_start((uv_stream_t *)&v->tcp, on_room, on_read) != 0)
        close_visit(v);
}

/* What the client still sends is read and dropped until it closes: else the answer might never reach it. */
static void end(visit *v)
{
    v->ending = true;
    v->len = 0;
    v->shutdown.data = v;
    uv_timer_start(&v->timer, on_late, HF_ADMIN_LINGER_MS, 0);
    if (uv_shutdown(&v->shutdown, (uv_stream_t *)&v->tcp, on_shut) != 0)
        close_visit(v);
}

static void on_written(uv_write_t *request, int error)
{
    visit *v = request->data;

    if (error || uv_is_closing((uv_handle_t *)&v->tcp)) {
        close_visit(v);
        return;
    }
    hf_text_free(&v->out);
    if (v->last) {
        end(v);
        return;
    }
    uv_timer_start(&v->timer, on_late, HF_ADMIN_TIME_MS, 0);
    if (uv_read_start((uv_stream_t *)&v->tcp, on_room, on_read) != 0)
        close_visit(v);
    else if (v->len > 0)
        serve(v);
}

/* With what was read: an answer, or more is waited for. */
static void serve(visit *v)
{
    hf_span in = { (const uint8_t *)v->in, v->len };
    size_t used = hf_admin_answer(in, v->admin->ask(v->admin->user), &v->out, &v->last);

    if (used == 0)
        return;
    v->len -= used;
    memmove(v->in, v->in + used, v->len);
    v->last = v->last || ++v->requests >= HF_ADMIN_REQUESTS_MAX;
    if (v->out.full || !v->out.data) {
        close_visit(v);
        return;
    }
    uv_buf_t buf = uv_buf_init(v->out.data, (unsigned)v->out.len);
    v->write.data = v;
    uv_read_stop((uv_stream_t *)&v->tcp);
    uv_timer_start(&v->timer, on_late, HF_ADMIN_TIME_MS, 0);
    if (uv_write(&v->write, (uv_stream_t *)&v->tcp, &buf, 1, on_written) != 0)
        close_visit(v);
}

/* ---- coming ---- */

static void link_visit(hf_admin *admin, visit *v)
{
    v->older = admin->newest;
    *(v->older ? &v->older->newer : &admin->oldest) = v;
    admin->newest = v;
    admin->n_visits++;
}

static visit *new_visit(hf_admin *admin, uv_loop_t *loop)
{
    visit *v = calloc(1, sizeof *v);

    if (!v)
        return NULL;
    v->admin = admin;
    v->out = hf_text_new(HF_STATUS_TEXT_MAX);
    v->handles = 2;
    v->tcp.data = v->timer.data = v;
    uv_tcp_init(loop, &v->tcp);
    uv_timer_init(loop, &v->timer);
    admin->n_handles++;
    link_visit(admin, v);
    return v;
}

/* When there are too many the oldest goes: else whoever holds all of them keeps everybody out. */
static void on_coming(uv_stream_t *listener, int error)
{
    hf_admin *admin = listener->data;
    visit *v = error ? NULL : new_visit(admin, listener->loop);

    if (!v)
        return;
    if (uv_accept(listener, (uv_stream_t *)&v->tcp) != 0 ||
        uv_read_start((uv_stream_t *)&v->tcp, on_room, on_read) != 0) {
        close_visit(v);
        return;
    }
    uv_timer_start(&v->timer, on_late, HF_ADMIN_TIME_MS, 0);
    if (admin->n_visits > HF_ADMIN_CONNECTIONS_MAX)
        close_visit(admin->oldest);
}

static void on_listener_closed(uv_handle_t *handle)
{
    let_go(handle->data);
}

hf_admin *hf_admin_start(uv_loop_t *loop, int fd, const hf_status *(*ask)(void *user), void *user,
                         int *error)
{
    hf_admin *admin = calloc(1, sizeof *admin);

    *error = admin ? uv_tcp_init(loop, &admin->listener) : UV_ENOMEM;
    if (*error) {
        close(fd);
        free(admin);
        return NULL;
    }
    admin->ask = ask;
    admin->user = user;
    admin->listener.data = admin;
    admin->n_handles = 1;
    *error = uv_tcp_open(&admin->listener, fd);
    if (*error)
        close(fd);
    else
        *error = uv_listen((uv_stream_t *)&admin->listener, HF_ADMIN_CONNECTIONS_MAX, on_coming);
    if (*error == 0)
        return admin;
    uv_close((uv_handle_t *)&admin->listener, on_listener_closed);
    return NULL;
}

void hf_admin_stop(hf_admin *admin)
{
    if (!admin || admin->stopped)
        return;
    admin->stopped = true;
    while (admin->oldest)
        close_visit(admin->oldest);
    uv_close((uv_handle_t *)&admin->listener, on_listener_closed);
}
