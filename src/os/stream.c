/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Reading, writing and closing over a blocking socket. Nothing is kept between calls: a record's header is offered before its
 * body, so that the connection collects it in a buffer of its own, and no byte beyond the record is taken from the socket. No
 * call of the kernel may block by itself but the one that writes; all else waits in wait_for, which has an end by the clock.
 */
#include <handfast/os.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "os/socket.h"

enum { HEADER = 5, PIECE = 4096, CLOSE_MS = 1000, LINGER_BYTES = 1 << 20, POLL_MAX_MS = 3600000 };

static hf_error failure_of(const hf_conn *conn)
{
    const hf_failure *failure = hf_conn_failure(conn);

    return failure ? failure->code : HF_OK;
}

/* ---- the socket ---- */

static uint64_t now_ms(void)
{
    struct timespec t = { 0, 0 };

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* SO_RCVTIMEO from now on. The kernel's own use of it is one wait, of which a call may have any number. */
static uint64_t end_of_reading(int fd)
{
    struct timeval t = { 0, 0 };
    socklen_t len = sizeof t;

    if (getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, &len) != 0 || (t.tv_sec == 0 && t.tv_usec == 0))
        return UINT64_MAX;
    return now_ms() + (uint64_t)t.tv_sec * 1000 + ((uint64_t)t.tv_usec + 999) / 1000;
}

/* True: try again, it may be ready. False: `end` is over. */
static bool wait_for(int fd, short events, uint64_t end)
{
    struct pollfd p = { .fd = fd, .events = events };
    uint64_t now = now_ms();

    if (now >= end)
        return false;
    uint64_t left = end - now < POLL_MAX_MS ? end - now : POLL_MAX_MS;
    poll(&p, 1, (int)left);
    return true;
}

/* All that is in the way out, or as much as the socket takes: HF_E_TIMEOUT then. A transport that takes nothing any more may
   still hold what the peer said: the connection is not told here, but by its end when it is read. */
static hf_error flush(hf_conn *conn, int fd, int flags)
{
    for (;;) {
        hf_span out = hf_conn_wire_out(conn);
        if (out.len == 0)
            return HF_OK;
        ssize_t n = hf_os_put(fd, out, flags);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return hf_os_is_passing(errno) ? HF_E_TIMEOUT : HF_E_TRUNCATED_STREAM;
        hf_conn_wire_sent(conn, (size_t)n);
    }
}

/* ---- a record ---- */

typedef struct reading {
    hf_conn *conn;
    int fd;
    uint64_t end; /* for the first byte of a record; once that has come, for the last one */
    bool begun;
} reading;

/* Also for what still has to leave: the peer may be waiting for it. */
static bool wait_for_bytes(const reading *r)
{
    bool more = flush(r->conn, r->fd, MSG_DONTWAIT) == HF_E_TIMEOUT;

    return wait_for(r->fd, (short)(POLLIN | (more ? POLLOUT : 0)), r->end);
}

static void begin(reading *r)
{
    if (r->begun)
        return;
    r->begun = true;
    r->end = end_of_reading(r->fd);
}

/* What came of a record that does not come whole; nothing can go on behind it. */
static void cut_off(const reading *r, uint8_t *bytes, size_t have)
{
    hf_conn_wire_in(r->conn, bytes, have);
    hf_conn_wire_eof(r->conn);
}

/* Exactly `len` bytes; false: that is all there is, and *e is HF_OK or HF_E_TIMEOUT. A timeout between two records leaves the
   connection as it was. */
static bool get(reading *r, uint8_t *bytes, size_t len, hf_error *e)
{
    size_t have = 0;

    *e = HF_OK;
    while (have < len) {
        ssize_t n = recv(r->fd, bytes + have, len - have, MSG_DONTWAIT);
        bool passing = n < 0 && hf_os_is_passing(errno);
        if (n > 0) {
            begin(r);
            have += (size_t)n;
        } else if (!passing) {
            cut_off(r, bytes, have);
            return false;
        }
        if (have < len && (passing ? !wait_for_bytes(r) : now_ms() >= r->end)) {
            *e = HF_E_TIMEOUT;
            if (r->begun)
                cut_off(r, bytes, have);
            return false;
        }
    }
    hf_conn_wire_in(r->conn, bytes, len);
    return true;
}

static hf_error read_record(hf_conn *conn, int fd, uint64_t end)
{
    reading r = { .conn = conn, .fd = fd, .end = end };
    uint8_t bytes[PIECE];
    hf_error e;

    if (!get(&r, bytes, HEADER, &e))
        return e;
    size_t left = (size_t)bytes[3] << 8 | bytes[4];
    while (left > 0 && !hf_conn_failure(conn)) {
        size_t n = left < sizeof bytes ? left : sizeof bytes;
        if (!get(&r, bytes, n, &e))
            return e;
        left -= n;
    }
    return HF_OK;
}

/* ---- the connection ---- */

static size_t take_data(hf_conn *conn, void *bytes, size_t room)
{
    hf_span data = hf_conn_data_out(conn);
    size_t n = data.len < room ? data.len : room;

    if (n > 0)
        memcpy(bytes, data.data, n);
    hf_conn_data_taken(conn, n);
    return n;
}

/* After CONNECTED there are no questions and no jobs; data, its end and failures are looked for by themselves. */
static void drop_events(hf_conn *conn)
{
    while (hf_conn_next(conn) != HF_EVENT_NONE)
        ;
}

/* HF_OK with *len 0 or more: the caller is answered. HF_WAIT: one more record, please. */
static hf_error look(hf_conn *conn, void *bytes, size_t room, size_t *len)
{
    drop_events(conn);
    if ((*len = take_data(conn, bytes, room)) > 0)
        return HF_OK;
    hf_conn_tick(conn);
    if (hf_conn_failure(conn))
        return failure_of(conn);
    return hf_conn_wants(conn, NULL) & HF_WANT_CAN_RECEIVE ? HF_WAIT : HF_OK;
}

hf_error hf_os_read(hf_conn *conn, int fd, void *bytes, size_t room, size_t *len)
{
    uint64_t end = end_of_reading(fd);
    hf_error e;

    *len = 0;
    if (room == 0 || !hf_os_is_socket(fd))
        return HF_E_MISUSE;
    if (!hf_conn_info_of(conn)->connected && !hf_conn_failure(conn))
        return HF_E_MISUSE; /* a handshake has its deadline, its questions and its own data */
    for (bool late = false; (e = look(conn, bytes, room, len)) == HF_WAIT; late = now_ms() >= end) {
        (void)flush(conn, fd, MSG_DONTWAIT); /* an answer to a KeyUpdate */
        e = late ? HF_E_TIMEOUT : read_record(conn, fd, end);
        if (e != HF_OK)
            break;
    }
    if (*len == 0)
        (void)flush(conn, fd, MSG_DONTWAIT); /* an alert, if it failed */
    return e;
}

hf_error hf_os_write(hf_conn *conn, int fd, const void *bytes, size_t len)
{
    hf_iovec part = { bytes, len };
    hf_error e;

    if (!hf_os_is_socket(fd))
        return HF_E_MISUSE;
    do {
        size_t n = part.len > 0 ? hf_conn_data_in(conn, &part, 1) : 0;
        if (n > 0)
            part.base = (const uint8_t *)part.base + n;
        part.len -= n;
        e = flush(conn, fd, 0);
        if (hf_conn_failure(conn))
            e = failure_of(conn);
        else if (e == HF_OK && part.len > 0 && !(hf_conn_wants(conn, NULL) & HF_WANT_CAN_SEND))
            e = HF_E_MISUSE;
    } while (e == HF_OK && part.len > 0);
    return e;
}

/* A socket that is closed with unread bytes in it sends RST, which takes our last bytes away from the peer. */
static void linger(int fd)
{
    uint8_t dropped[PIECE];
    uint64_t end = now_ms() + CLOSE_MS;

    for (size_t sum = 0; sum < LINGER_BYTES;) {
        ssize_t n = recv(fd, dropped, sizeof dropped, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && !hf_os_is_passing(errno)))
            return;
        sum += n > 0 ? (size_t)n : 0;
        if (n < 0 ? !wait_for(fd, POLLIN, end) : now_ms() >= end)
            return;
    }
}

/* A handshake is not closed, it is aborted; what failed has its alert in the way out already. */
hf_error hf_os_close(hf_conn *conn, int fd)
{
    uint64_t end = now_ms() + CLOSE_MS;
    hf_error e;

    if (!hf_os_is_socket(fd))
        return HF_E_MISUSE;
    if (hf_conn_close_write(conn) == HF_E_MISUSE)
        hf_conn_abort(conn, HF_ALERT_user_canceled);
    do {
        e = flush(conn, fd, MSG_DONTWAIT);
    } while (e == HF_E_TIMEOUT && wait_for(fd, POLLOUT, end));
    if (shutdown(fd, SHUT_WR) == 0)
        linger(fd);
    return e;
}
