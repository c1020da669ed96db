/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A handshake over a blocking descriptor, for programs that have no event loop. Records are read one by one, and a record's header
 * is offered before its body: so the connection collects it in a buffer of its own, no byte beyond it is taken from the
 * descriptor, and whenever the connection has a question for the application nothing is left here that could be lost.
 */
#include <handfast/os.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "os/socket.h"

enum {
    TICK_MS = 100, /* the deadline's clock is the config's: it is asked, not computed */
    HEADER = 5,
    PIECE = 4096
};

typedef struct blocking {
    hf_conn *conn;
    int fd;
    uint8_t header[HEADER]; /* of the present record */
    size_t header_len;      /* 0: between two records */
    size_t left;            /* bytes of its body that are still to come */
    bool
        deaf; /* the peer takes nothing any more; what he said is still read, it may be the reason */
} blocking;

/* False: look again; the deadline is the connection's business. */
static bool is_ready(const blocking *b, short events)
{
    uint64_t deadline;
    struct pollfd p = { .fd = b->fd, .events = events };

    hf_conn_wants(b->conn, &deadline);
    int n = poll(&p, 1, deadline == UINT64_MAX ? -1 : TICK_MS);
    if (n < 0 && errno != EINTR)
        hf_conn_wire_eof(b->conn);
    hf_conn_tick(b->conn);
    return n > 0;
}

/* A peer that does not read must not hold us beyond the deadline. */
static void write_some(blocking *b)
{
    if (!is_ready(b, POLLOUT))
        return;
    ssize_t n = hf_os_put(b->fd, hf_conn_wire_out(b->conn), MSG_DONTWAIT);
    if (n >= 0)
        hf_conn_wire_sent(b->conn, (size_t)n);
    else
        b->deaf = !hf_os_is_passing(errno);
}

/* How much of the present record may be read. */
static size_t rest_of_record(const blocking *b)
{
    size_t left = b->header_len < HEADER ? HEADER - b->header_len : b->left;

    return left < PIECE ? left : PIECE;
}

static void count(blocking *b, const uint8_t *bytes, size_t n)
{
    if (b->header_len == HEADER) {
        b->left -= n;
    } else {
        memcpy(b->header + b->header_len, bytes, n);
        b->header_len += n;
        b->left = (size_t)b->header[3] << 8 | b->header[4];
    }
    if (b->header_len == HEADER && b->left == 0)
        b->header_len = 0;
}

/* What is offered is taken, or the connection has failed: bytes were wanted, and they end where the record does. */
static void read_some(blocking *b)
{
    uint8_t bytes[PIECE];

    if (!is_ready(b, POLLIN))
        return;
    ssize_t n = recv(b->fd, bytes, rest_of_record(b), MSG_DONTWAIT);
    if (n > 0) {
        count(b, bytes, (size_t)n);
        hf_conn_wire_in(b->conn, bytes, (size_t)n);
    } else if (n == 0 || !hf_os_is_passing(errno)) {
        hf_conn_wire_eof(b->conn);
    }
}

/* What is still to be sent: the client's Finished, a server's flight, or the alert. Best effort. */
static void flush(blocking *b)
{
    for (int tries = 0; tries < 10 && (hf_conn_wants(b->conn, NULL) & HF_WANT_WIRE_OUT); tries++) {
        struct pollfd p = { .fd = b->fd, .events = POLLOUT };
        if (poll(&p, 1, TICK_MS) <= 0)
            continue;
        ssize_t n = hf_os_put(b->fd, hf_conn_wire_out(b->conn), MSG_DONTWAIT);
        if (n < 0 && !hf_os_is_passing(errno))
            return;
        hf_conn_wire_sent(b->conn, n > 0 ? (size_t)n : 0);
    }
}

static void run_jobs(hf_conn *conn)
{
    hf_job *job;

    while ((job = hf_conn_job_next(conn)) != NULL)
        hf_conn_job_done(conn, job, hf_job_run(job));
}

/* Up to CONNECTED, which is true: what comes after it is the application's. Questions show in that nothing can move. */
static bool take_events(hf_conn *conn)
{
    hf_event event;

    while ((event = hf_conn_next(conn)) != HF_EVENT_NONE) {
        if (event == HF_EVENT_CONNECTED)
            return true;
        if (event == HF_EVENT_JOB)
            run_jobs(conn);
    }
    return false;
}

/* Also what was told before this call; early data comes before the failure that it was followed by. */
static bool is_over(hf_conn *conn, hf_error *result)
{
    const hf_failure *failure = hf_conn_failure(conn);
    bool connected = hf_conn_info_of(conn)->connected;

    *result = failure ? failure->code : HF_OK;
    if (failure && !connected && hf_conn_data_out(conn).len > 0)
        *result = HF_WAIT;
    return failure || connected;
}

static hf_error run(blocking *b)
{
    hf_error result;

    for (;;) {
        hf_conn_tick(b->conn);
        if (take_events(b->conn))
            return HF_OK;
        if (is_over(b->conn, &result))
            return result;
        unsigned wants = hf_conn_wants(b->conn, NULL);
        if ((wants & HF_WANT_WIRE_OUT) && !b->deaf)
            write_some(b);
        else if (wants & HF_WANT_WIRE_IN)
            read_some(b);
        else if (b->deaf)
            hf_conn_wire_eof(b->conn);
        else
            return HF_WAIT; /* it waits for the application */
    }
}

hf_error hf_os_handshake(hf_conn *conn, int fd)
{
    blocking b = { .conn = conn, .fd = fd };

    if (!hf_os_is_socket(fd))
        return HF_E_MISUSE;
    hf_error e = run(&b);
    flush(&b);
    return e;
}
