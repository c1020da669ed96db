/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Reading, writing and closing over a blocking descriptor. Nothing is kept between calls: a record's header is offered before
 * its body, so that the connection collects it in a buffer of its own, and no byte beyond the record is taken from the
 * descriptor.
 */
#include <handfast/os.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 5, PIECE = 4096, LINGER_MS = 1000, LINGER_BYTES = 1 << 20 };

static hf_error failure_of(const hf_conn *conn)
{
    const hf_failure *failure = hf_conn_failure(conn);

    return failure ? failure->code : HF_OK;
}

/* ---- the descriptor ---- */

/* A peer that is gone must not end our process: no SIGPIPE. */
static ssize_t put(int fd, hf_span bytes)
{
    ssize_t n = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);

    return n < 0 && errno == ENOTSOCK ? write(fd, bytes.data, bytes.len) : n;
}

static hf_error flush(hf_conn *conn, int fd)
{
    for (;;) {
        hf_span out = hf_conn_wire_out(conn);
        if (out.len == 0)
            return HF_OK;
        ssize_t n = put(fd, out);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return HF_E_TIMEOUT; /* SO_SNDTIMEO; what is left may be tried again */
        if (n < 0) {
            hf_conn_wire_eof(conn);
            return HF_E_TRUNCATED_STREAM;
        }
        hf_conn_wire_sent(conn, (size_t)n);
    }
}

static uint64_t now_ms(void)
{
    struct timespec t = { 0, 0 };

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* SO_RCVTIMEO bounds one wait only; who sends a byte before each is over would never be done with a record. */
static uint64_t end_of_record(int fd)
{
    struct timeval t = { 0, 0 };
    socklen_t len = sizeof t;

    if (getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, &len) != 0 || (t.tv_sec == 0 && t.tv_usec == 0))
        return UINT64_MAX;
    return now_ms() + (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_usec / 1000;
}

/* Exactly `len` bytes. `end` 0: the start of a record, where a timeout leaves the connection as it was; else when
   it must be whole. */
static hf_error get(hf_conn *conn, int fd, uint8_t *bytes, size_t len, uint64_t end)
{
    size_t have = 0;

    while (have < len) {
        ssize_t n = read(fd, bytes + have, len - have);
        if (n < 0 && errno == EINTR)
            continue;
        bool late = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        if (late && end == 0 && have == 0)
            return HF_E_TIMEOUT;
        late = late || (end != 0 && now_ms() > end);
        if (n <= 0 || late) {
            hf_conn_wire_in(conn, bytes, have);
            hf_conn_wire_eof(conn);
            return late ? HF_E_TIMEOUT : HF_OK;
        }
        have += (size_t)n;
    }
    hf_conn_wire_in(conn, bytes, len);
    return HF_OK;
}

static hf_error read_record(hf_conn *conn, int fd)
{
    uint8_t bytes[PIECE];
    hf_error e = get(conn, fd, bytes, HEADER, 0);
    uint64_t end = end_of_record(fd);
    size_t left = e == HF_OK ? (size_t)bytes[3] << 8 | bytes[4] : 0;

    while (e == HF_OK && left > 0 && !hf_conn_failure(conn)) {
        size_t n = left < sizeof bytes ? left : sizeof bytes;
        e = get(conn, fd, bytes, n, end);
        left -= n;
    }
    return e;
}

/* ---- the connection ---- */

static hf_error answer_events(hf_conn *conn)
{
    hf_event event;
    hf_job *job;

    while ((event = hf_conn_next(conn)) != HF_EVENT_NONE) {
        if (event == HF_EVENT_VERIFY || event == HF_EVENT_CLIENT_HELLO)
            return HF_E_MISUSE; /* questions that only an application can answer */
        while (event == HF_EVENT_JOB && (job = hf_conn_job_next(conn)) != NULL)
            hf_conn_job_done(conn, job, hf_job_run(job));
    }
    return HF_OK;
}

static size_t take_data(hf_conn *conn, void *bytes, size_t room)
{
    hf_span data = hf_conn_data_out(conn);
    size_t n = data.len < room ? data.len : room;

    if (n > 0)
        memcpy(bytes, data.data, n);
    hf_conn_data_taken(conn, n);
    return n;
}

hf_error hf_os_read(hf_conn *conn, int fd, void *bytes, size_t room, size_t *len)
{
    hf_error e = HF_OK;

    for (*len = 0; e == HF_OK && room > 0; e = read_record(conn, fd)) {
        e = answer_events(conn);
        if ((*len = take_data(conn, bytes, room)) > 0)
            return HF_OK;
        hf_conn_tick(conn);
        if (e == HF_OK)
            e = failure_of(conn);
        if (e == HF_OK)
            e = flush(conn, fd); /* an answer to a KeyUpdate */
        if (e != HF_OK || !(hf_conn_wants(conn, NULL) & HF_WANT_CAN_RECEIVE))
            break;
    }
    (void)flush(conn, fd); /* an alert, if it failed */
    return e;
}

hf_error hf_os_write(hf_conn *conn, int fd, const void *bytes, size_t len)
{
    hf_error e = HF_OK;
    hf_iovec part = { bytes, len };

    while (e == HF_OK && part.len > 0) {
        size_t n = hf_conn_data_in(conn, &part, 1);
        part.base = (const uint8_t *)part.base + n;
        part.len -= n;
        e = flush(conn, fd);
        if (e == HF_OK && n == 0)
            e = hf_conn_failure(conn) ? failure_of(conn) : HF_E_MISUSE;
    }
    return e;
}

/* A socket that is closed with unread bytes in it sends RST, which takes our last bytes away from the peer. */
static void linger(int fd)
{
    uint8_t dropped[PIECE];
    struct pollfd p = { .fd = fd, .events = POLLIN };
    uint64_t end = now_ms() + LINGER_MS;

    for (size_t sum = 0; sum < LINGER_BYTES;) {
        uint64_t now = now_ms();
        if (now >= end || poll(&p, 1, (int)(end - now)) == 0)
            return;
        ssize_t n = read(fd, dropped, sizeof dropped);
        if (n == 0 || (n < 0 && errno != EINTR))
            return;
        sum += n > 0 ? (size_t)n : 0;
    }
}

/* A handshake is not closed, it is aborted; what failed has its alert in the way out already. */
hf_error hf_os_close(hf_conn *conn, int fd)
{
    if (hf_conn_close_write(conn) == HF_E_MISUSE)
        hf_conn_abort(conn, HF_ALERT_user_canceled);
    hf_error e = flush(conn, fd);
    if (shutdown(fd, SHUT_WR) == 0)
        linger(fd);
    return e;
}
