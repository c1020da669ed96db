/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A stream's bytes: from the socket through TLS to the owner, and back; what waits, and when the owner is told. */
#include "base/bytes.h"
#include "tool/proxy/stream_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* ---- what waits ---- */

size_t hf_stream_waits(const hf_stream *stream)
{
    return stream->waiting_len + (stream->conn ? hf_conn_wire_out(stream->conn).len : 0);
}

static void drop_waiting(hf_stream *stream)
{
    free(stream->waiting);
    stream->waiting = NULL;
    stream->waiting_at = stream->waiting_len = stream->waiting_room = 0;
}

static void took_waiting(hf_stream *stream, size_t n)
{
    stream->waiting_at += (uint32_t)n;
    stream->waiting_len -= (uint32_t)n;
    if (stream->waiting_len == 0)
        drop_waiting(stream);
}

static bool make_room(hf_stream *stream, size_t more)
{
    size_t need = stream->waiting_len + more;

    if (stream->waiting_at + need <= stream->waiting_room)
        return true;
    size_t room = need < 2 * (size_t)stream->waiting_room ? 2 * (size_t)stream->waiting_room : need;
    uint8_t *bigger = room <= INT32_MAX ? malloc(room) : NULL;
    if (!bigger)
        return false;
    if (stream->waiting_len > 0)
        memcpy(bigger, stream->waiting + stream->waiting_at, stream->waiting_len);
    free(stream->waiting);
    stream->waiting = bigger;
    stream->waiting_at = 0;
    stream->waiting_room = (uint32_t)room;
    return true;
}

bool hf_stream_keep(hf_stream *stream, const hf_iovec *parts, int n, size_t skip)
{
    size_t total = 0;

    for (int i = 0; i < n; i++)
        total += parts[i].len;
    if (!make_room(stream, total - skip))
        return false;
    for (int i = 0; i < n; i++) {
        size_t past = skip < parts[i].len ? skip : parts[i].len, len = parts[i].len - past;
        skip -= past;
        if (len == 0)
            continue;
        memcpy(stream->waiting + stream->waiting_at + stream->waiting_len,
               (const uint8_t *)parts[i].base + past, len);
        stream->waiting_len += (uint32_t)len;
    }
    return true;
}

/* ---- waking ---- */

static bool wants_read(const hf_stream *stream)
{
    return !stream->eof && (!stream->paused || stream->broken || stream->stage > HF_STREAM_OPEN);
}

/* for_nothing: it was woken to read, and may not: only then reading is taken out of the set. */
static void rearm(hf_stream *stream, bool for_nothing)
{
    unsigned in = wants_read(stream) ? EPOLLIN : for_nothing ? 0 : stream->armed & EPOLLIN;

    if (stream->stage == HF_STREAM_CONNECTING)
        return;
    hf_stream_arm(stream, in | (stream->blocked ? EPOLLOUT : 0));
}

void hf_stream_break(hf_stream *stream, int error)
{
    stream->broken = true;
    stream->blocked = false;
    if (!stream->error)
        stream->error = error;
    if (stream->eof)
        hf_stream_close_for(stream, error);
    else
        rearm(stream, false); /* an alert of the peer may be there still */
}

/* ---- sending ---- */

/* How many bytes left. */
static size_t push(hf_stream *stream, hf_span bytes)
{
    while (!stream->blocked && !stream->broken) {
        ssize_t n = send(stream->fd, bytes.data, bytes.len, MSG_NOSIGNAL);
        if (n >= 0) {
            stream->bytes_out += (uint64_t)n;
            stream->blocked = (size_t)n < bytes.len;
            return (size_t)n;
        }
        if (errno == EAGAIN)
            stream->blocked = true;
        else if (errno != EINTR)
            hf_stream_break(stream, -errno);
    }
    return 0;
}

/* close_notify, behind the last bytes and in one piece with them. */
static void say_goodbye(hf_stream *stream)
{
    if (stream->waiting_len > 0 || !stream->writing_closed || stream->shut)
        return;
    stream->shut = stream->connected || stream->failed;
    if (stream->shut)
        hf_conn_close_write(stream->conn);
}

/* What waits for the connection goes in. True: there is something to send again. */
static bool refill(hf_stream *stream)
{
    hf_conn *conn = stream->conn;

    if (stream->waiting_len > 0 && (stream->connected || stream->failed)) {
        hf_iovec part = { stream->waiting + stream->waiting_at, stream->waiting_len };
        size_t n = hf_conn_data_in(conn, &part, 1);
        if (n ==
            0) /* it was not full: it takes nothing more, ever (TLS 1.2 after the peer's close_notify) */
            drop_waiting(stream);
        else
            took_waiting(stream, n);
        return true;
    }
    return false;
}

static void flush_tls(hf_stream *stream)
{
    for (;;) {
        say_goodbye(stream);
        hf_span out = hf_conn_wire_out(stream->conn);
        size_t n = out.len > 0 ? push(stream, out) : 0;
        if (n > 0)
            hf_conn_wire_sent(stream->conn, n);
        if (stream->blocked || stream->broken || stream->stage == HF_STREAM_CLOSED)
            return;
        if (out.len == 0 && !refill(stream))
            return;
    }
}

static void flush_plain(hf_stream *stream)
{
    if (stream->waiting_len > 0)
        took_waiting(stream, push(stream, hf_span_of(stream->waiting + stream->waiting_at,
                                                     stream->waiting_len)));
    if (stream->waiting_len == 0 && stream->writing_closed && !stream->shut && !stream->broken) {
        stream->shut = true;
        shutdown(stream->fd, SHUT_WR);
    }
}

/* What a broken socket would have taken. */
static void drop_all(hf_stream *stream)
{
    drop_waiting(stream);
    if (stream->conn)
        hf_conn_wire_sent(stream->conn, hf_conn_wire_out(stream->conn).len);
}

void hf_stream_flush(hf_stream *stream)
{
    if (stream->stage != HF_STREAM_OPEN && stream->stage != HF_STREAM_FINISHING)
        return;
    if (stream->broken)
        drop_all(stream);
    else if (stream->conn)
        flush_tls(stream);
    else
        flush_plain(stream);
}

/* Everything left: FIN, then the peer's turn. close() with unread bytes would have the kernel reset the connection, and our last words be lost. */
static void linger(hf_stream *stream)
{
    if (stream->eof || stream->ended || stream->broken) {
        hf_stream_close_for(stream, stream->error);
        return;
    }
    if (stream->conn || !stream->shut)
        shutdown(stream->fd, SHUT_WR);
    stream->stage = HF_STREAM_LINGERING;
    hf_deadline_set(&stream->house->deadlines, &stream->deadline, HF_LIMIT_LINGER,
                    HF_STREAM_LINGER_MS);
}

/* ---- what TLS says ---- */

static void deliver(hf_stream *stream)
{
    hf_span data = hf_conn_data_out(stream->conn);

    if (stream->stage == HF_STREAM_OPEN)
        stream->ops->data(stream, data);
    hf_conn_data_taken(stream->conn, data.len);
}

static void take_event(hf_stream *stream, hf_event event)
{
    bool is_open = stream->stage == HF_STREAM_OPEN;

    if (event == HF_EVENT_DATA) {
        deliver(stream);
        return;
    }
    if (event ==
        HF_EVENT_EARLY_DATA) { /* no site takes any; what may be a replay would go on as if it were none */
        hf_stream_close(stream);
        return;
    }
    stream->connected = stream->connected || event == HF_EVENT_CONNECTED;
    stream->failed = stream->failed || event == HF_EVENT_FAILED;
    if (event == HF_EVENT_PEER_CLOSED) {
        stream->ended = true;
        if (is_open)
            stream->ops->end(stream);
    } else if (is_open && event != HF_EVENT_SESSION) {
        stream->ops->event(stream, event);
    }
    if (stream->failed && stream->stage == HF_STREAM_OPEN)
        hf_stream_finishing(stream);
}

static void take_events(hf_stream *stream)
{
    while (stream->stage != HF_STREAM_CLOSED && !stream->failed) {
        hf_event event = hf_conn_next(stream->conn);
        if (event == HF_EVENT_NONE)
            break;
        take_event(stream, event);
    }
}

void hf_stream_pump(hf_stream *stream)
{
    take_events(stream);
    if (stream->stage != HF_STREAM_CLOSED && hf_stream_waits(stream) > 0)
        hf_stream_make_dirty(stream);
}

/* ---- the end of a turn ---- */

static void when_empty(hf_stream *stream)
{
    if (stream->stage == HF_STREAM_FINISHING) {
        linger(stream);
    } else if (stream->told_to_wait && stream->stage == HF_STREAM_OPEN) {
        stream->told_to_wait = false;
        stream->ops->drained(stream);
    }
}

void hf_stream_clean(hf_stream *stream)
{
    if (stream->stage == HF_STREAM_CONNECTING)
        return;
    if (stream->conn)
        take_events(stream);
    hf_stream_flush(stream);
    if (stream->stage == HF_STREAM_CLOSED)
        return;
    if (hf_stream_waits(stream) == 0)
        when_empty(stream);
    rearm(stream, false);
}

/* ---- reading ---- */

/* All of it is used up: the next reading goes into the same buffer. */
static void feed_tls(hf_stream *stream, uint8_t *bytes, size_t len)
{
    unsigned idle = 0;

    while (len > 0 && stream->stage == HF_STREAM_OPEN && idle < 3) {
        size_t n = hf_conn_wire_in(stream->conn, bytes, len);
        bytes += n;
        len -= n;
        idle = n > 0 ? 0 : idle + 1;
        hf_stream_pump(stream);
    }
    if (idle >= 3) { /* the owner let it wait: not possible in the proxy */
        hf_conn_abort(stream->conn, HF_ALERT_internal_error);
        hf_stream_pump(stream);
    }
}

void hf_stream_feed(hf_stream *stream, uint8_t *bytes, size_t len)
{
    if (stream->stage != HF_STREAM_OPEN) {
        stream->dropped += (uint32_t)len;
        if (stream->dropped > HF_STREAM_DROP_MAX)
            hf_stream_close_for(stream, stream->error);
    } else if (stream->conn) {
        feed_tls(stream, bytes, len);
    } else {
        stream->ops->data(stream, hf_span_of(bytes, len));
    }
}

static void end_of_plain(hf_stream *stream, int error)
{
    if (error) {
        hf_stream_close_for(stream, error);
    } else if (!stream->ended) {
        stream->ended = true;
        stream->ops->end(stream);
    }
}

static void end_of_wire(hf_stream *stream, int error)
{
    stream->eof = true;
    if (error && !stream->error)
        stream->error = error;
    if (stream->stage == HF_STREAM_OPEN && stream->conn) {
        hf_conn_wire_eof(stream->conn);
        hf_stream_pump(stream);
    } else if (stream->stage == HF_STREAM_OPEN) {
        end_of_plain(stream, error);
    }
    if (stream->stage == HF_STREAM_LINGERING ||
        ((error || stream->broken) && stream->stage != HF_STREAM_CLOSED))
        hf_stream_close_for(stream, stream->error);
}

static void read_some(hf_stream *stream)
{
    hf_house *house = stream->house;
    ssize_t n = recv(stream->fd, house->room, house->streams.reading, 0);

    if (n > 0) {
        stream->bytes_in += (uint64_t)n;
        hf_stream_feed(stream, house->room, (size_t)n);
    } else if (n == 0) {
        end_of_wire(stream, 0);
    } else if (errno != EAGAIN && errno != EINTR) {
        end_of_wire(stream, -errno);
    } else if (stream->broken) {
        end_of_wire(stream, stream->error);
    }
}

/* ---- a turn ---- */

static void reach(hf_stream *stream)
{
    int error = 0;
    socklen_t len = sizeof error;

    getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    if (error) {
        hf_stream_close_for(stream, -error);
        return;
    }
    stream->stage = HF_STREAM_OPEN;
    rearm(stream, true);
    if (stream->stage == HF_STREAM_OPEN)
        stream->ops->reached(stream);
    if (stream->waiting_len > 0 || stream->writing_closed)
        hf_stream_make_dirty(stream);
}

void hf_stream_turn(hf_stream *stream, unsigned events)
{
    bool readable = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0, for_nothing;

    if (stream->stage == HF_STREAM_CLOSED)
        return;
    if (stream->stage == HF_STREAM_CONNECTING) {
        reach(stream);
        return;
    }
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR) && stream->blocked) {
        stream->blocked = false;
        hf_stream_make_dirty(stream);
    }
    for_nothing = readable && !wants_read(stream);
    if (readable && !for_nothing)
        read_some(stream);
    if (stream->stage != HF_STREAM_CLOSED)
        rearm(stream, for_nothing);
}
