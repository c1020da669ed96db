/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A stream's life, and what its owner asks of it. */
#include "tool/proxy/stream_parts.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* ---- closing ---- */

void hf_stream_close_for(hf_stream *stream, int error)
{
    if (stream->stage == HF_STREAM_CLOSED)
        return;
    stream->stage = HF_STREAM_CLOSED;
    stream->error = error;
    hf_deadline_clear(&stream->deadline);
    close(stream->fd); /* which takes it out of the set */
    stream->fd = -1;
    stream->armed = 0;
    free(stream->waiting);
    stream->waiting = NULL;
    stream->waiting_len = stream->waiting_room = 0;
    hf_stream_make_gone(stream);
}

void hf_stream_close(hf_stream *stream)
{
    hf_stream_close_for(stream, 0);
}

void hf_stream_finishing(hf_stream *stream)
{
    stream->stage = HF_STREAM_FINISHING;
    hf_deadline_set(&stream->house->deadlines, &stream->deadline, HF_LIMIT_FLUSH,
                    HF_STREAM_FLUSH_MS);
    hf_stream_make_dirty(stream);
}

void hf_stream_finish(hf_stream *stream)
{
    if (stream->stage == HF_STREAM_CONNECTING) {
        hf_stream_close(stream);
        return;
    }
    if (stream->stage != HF_STREAM_OPEN)
        return;
    if (stream->conn && !stream->connected)
        hf_conn_abort(stream->conn, HF_ALERT_user_canceled);
    stream->writing_closed = true;
    hf_stream_finishing(stream);
}

void hf_stream_hear(hf_stream *stream)
{
    if (stream->stage == HF_STREAM_OPEN)
        hf_stream_make_dirty(stream);
}

void hf_stream_end(hf_stream *stream)
{
    if (stream->stage > HF_STREAM_OPEN)
        return;
    stream->writing_closed = true;
    hf_stream_make_dirty(stream);
}

bool hf_stream_is_closing(const hf_stream *stream)
{
    return stream->stage > HF_STREAM_OPEN || stream->broken;
}

bool hf_stream_is_empty(const hf_stream *stream)
{
    return hf_stream_waits(stream) == 0;
}

/* ---- time ---- */

void hf_stream_late(hf_deadline *deadline, hf_limit_kind kind)
{
    hf_stream *stream =
        (hf_stream *)(void *)((char *)(void *)deadline - offsetof(hf_stream, deadline));

    if (kind == HF_LIMIT_FLUSH || kind == HF_LIMIT_LINGER)
        hf_stream_close(stream);
    else
        stream->ops->late(stream, kind);
}

void hf_stream_limit(hf_stream *stream, hf_limit_kind kind, uint64_t ms)
{
    if (stream->stage <= HF_STREAM_OPEN)
        hf_deadline_set(&stream->house->deadlines, &stream->deadline, kind, ms);
}

void hf_stream_unlimit(hf_stream *stream)
{
    if (stream->stage <= HF_STREAM_OPEN)
        hf_deadline_clear(&stream->deadline);
}

/* ---- opening ---- */

static void begin(hf_stream *stream, hf_house *house, int fd, const hf_stream_ops *ops, void *user)
{
    stream->house = house;
    stream->fd = fd;
    stream->ops = ops;
    stream->user = user;
}

/* False: fd is closed, and there is no stream. */
static bool enter(hf_stream *stream, uint8_t stage, unsigned events)
{
    struct epoll_event event = { .events = events, .data.ptr = stream };
    hf_streams *streams = &stream->house->streams;

    if (epoll_ctl(streams->set, EPOLL_CTL_ADD, stream->fd, &event) != 0) {
        close(stream->fd);
        return false;
    }
    stream->stage = stage;
    stream->armed = (uint8_t)events;
    streams->n_open++;
    return true;
}

bool hf_stream_open(hf_stream *stream, hf_house *house, int fd, const hf_stream_ops *ops,
                    void *user)
{
    begin(stream, house, fd, ops, user);
    return enter(stream, HF_STREAM_OPEN, EPOLLIN);
}

void hf_stream_read(hf_stream *stream)
{
    hf_stream_turn(stream, EPOLLIN);
}

bool hf_stream_connect(hf_stream *stream, hf_house *house, const struct sockaddr *to, socklen_t len,
                       const hf_stream_ops *ops, void *user)
{
    int fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

    if (fd < 0)
        return false;
    if (to->sa_family != AF_UNIX)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    begin(stream, house, fd, ops, user);
    bool fails = connect(fd, to, len) != 0 && errno != EINPROGRESS;
    int error = fails ? -errno : 0;
    if (!enter(stream, HF_STREAM_CONNECTING, EPOLLOUT))
        return false;
    if (fails)
        hf_stream_close_for(stream, error);
    return true;
}

void hf_stream_tls(hf_stream *stream, hf_conn *conn, hf_span first)
{
    stream->conn = conn;
    if (first.len > 0)
        hf_stream_feed(stream, (uint8_t *)(uintptr_t)first.data, first.len);
    else
        hf_stream_pump(stream);
}

bool hf_stream_preface(hf_stream *stream, hf_span bytes)
{
    ssize_t n = send(stream->fd, bytes.data, bytes.len, MSG_NOSIGNAL);

    stream->bytes_out += n > 0 ? (uint64_t)n : 0;
    return n >= 0 && (size_t)n == bytes.len;
}

/* ---- sending, waiting ---- */

enum { PARTS_MAX = 16 };

/* Without TLS and without a copy. */
static size_t send_parts(hf_stream *stream, const hf_iovec *parts, int n, size_t total)
{
    struct iovec vec[PARTS_MAX];
    struct msghdr message = { .msg_iov = vec };

    for (int i = 0; i < n && i < PARTS_MAX; i++) {
        vec[i].iov_base = (void *)(uintptr_t)parts[i].base;
        vec[i].iov_len = parts[i].len;
        message.msg_iovlen++;
    }
    ssize_t sent = sendmsg(stream->fd, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        hf_stream_break(stream, -errno);
    size_t took = sent > 0 ? (size_t)sent : 0;
    stream->bytes_out += took;
    stream->blocked = took < total && n <= PARTS_MAX && !stream->broken;
    return took;
}

static size_t take_now(hf_stream *stream, const hf_iovec *parts, int n, size_t total)
{
    if (stream->waiting_len > 0 || stream->stage != HF_STREAM_OPEN)
        return 0;
    if (stream->conn)
        return hf_conn_data_in(stream->conn, parts, n);
    return total > HF_STREAM_SMALL && !stream->blocked ? send_parts(stream, parts, n, total) : 0;
}

bool hf_stream_send(hf_stream *stream, const hf_iovec *parts, int n)
{
    size_t total = 0, high = stream->house->streams.high;

    if (stream->stage > HF_STREAM_OPEN || stream->writing_closed || stream->broken)
        return true;
    for (int i = 0; i < n; i++)
        total += parts[i].len;
    size_t took = take_now(stream, parts, n, total);
    if (stream->stage > HF_STREAM_OPEN) /* the socket broke: nobody would free what is kept now */
        return true;
    if (took < total && !hf_stream_keep(stream, parts, n, took)) {
        hf_stream_close_for(stream, UV_ENOMEM);
        return true;
    }
    if (stream->stage > HF_STREAM_OPEN)
        return true;
    hf_stream_make_dirty(stream);
    if (hf_stream_waits(stream) >= high)
        hf_stream_flush(stream);
    if (hf_stream_waits(stream) >= high && stream->stage == HF_STREAM_OPEN)
        stream->told_to_wait = true;
    return !stream->told_to_wait;
}

void hf_stream_ask(hf_stream *stream)
{
    stream->told_to_wait = true;
    hf_stream_hear(stream);
}

void hf_stream_pause(hf_stream *stream)
{
    stream->paused = true;
}

void hf_stream_resume(hf_stream *stream)
{
    if (!stream->paused)
        return;
    stream->paused = false;
    if (stream->stage == HF_STREAM_OPEN && !stream->eof)
        hf_stream_arm(stream, stream->armed | EPOLLIN);
}
