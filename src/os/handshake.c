/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A handshake over a blocking descriptor, for programs that have no event loop. Records are read
 * one by one, header first, so that no byte beyond the handshake is taken from the descriptor and
 * lost.
 */
#include <handfast/os.h>

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"

enum {
    TICK_MS = 100, /* the deadline's clock is the config's: it is asked, not computed */
    HEADER = 5,
    RECORD = HEADER + 16384 + 256
};

typedef struct blocking {
    hf_conn *conn;
    int fd;
    uint8_t record[RECORD];
    size_t len, taken; /* of `record`: bytes read, bytes that the connection took */
} blocking;

/* HF_OK: look again; the deadline is the connection's business. */
static hf_error wait_for(const blocking *b, short events)
{
    uint64_t deadline;
    struct pollfd p = { .fd = b->fd, .events = events };

    hf_conn_wants(b->conn, &deadline);
    int n = poll(&p, 1, deadline == UINT64_MAX ? -1 : TICK_MS);
    hf_conn_tick(b->conn);
    if (n < 0 && errno != EINTR)
        return HF_E_MISUSE;
    return n > 0 ? HF_OK : HF_WAIT;
}

/* A peer that is gone must not end our process: no SIGPIPE. */
static ssize_t put(int fd, hf_span bytes)
{
    ssize_t n = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);

    return n < 0 && errno == ENOTSOCK ? write(fd, bytes.data, bytes.len) : n;
}

static void fail_transport(blocking *b)
{
    hf_conn_wire_eof(b->conn);
}

static hf_error write_some(blocking *b)
{
    hf_error ready = wait_for(b, POLLOUT);

    if (ready != HF_OK)
        return ready == HF_WAIT ? HF_OK : ready;
    ssize_t n = put(b->fd, hf_conn_wire_out(b->conn));
    if (n >= 0)
        hf_conn_wire_sent(b->conn, (size_t)n);
    else if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)
        fail_transport(b);
    return HF_OK;
}

/* How long the record is, as far as can be told: its header first, then what the header says. */
static size_t record_length(const blocking *b)
{
    if (b->len < HEADER)
        return HEADER;
    size_t n = HEADER + ((size_t)b->record[3] << 8 | b->record[4]);
    return n < RECORD ? n : RECORD;
}

static void offer(blocking *b)
{
    b->taken += hf_conn_wire_in(b->conn, b->record + b->taken, b->len - b->taken);
    if (b->taken == b->len && b->len >= HEADER && b->len == record_length(b))
        b->len = b->taken = 0;
}

static hf_error read_some(blocking *b)
{
    if (b->taken < b->len) {
        size_t before = b->taken;
        offer(b);
        return b->taken == before ? HF_E_MISUSE : HF_OK;
    }
    hf_error ready = wait_for(b, POLLIN);
    if (ready != HF_OK)
        return ready == HF_WAIT ? HF_OK : ready;
    ssize_t n = read(b->fd, b->record + b->len, record_length(b) - b->len);
    if (n > 0) {
        b->len += (size_t)n;
        offer(b);
    } else if (n == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)) {
        fail_transport(b);
    }
    return HF_OK;
}

static void run_jobs(hf_conn *conn)
{
    hf_job *job;

    while ((job = hf_conn_job_next(conn)) != NULL)
        hf_conn_job_done(conn, job, hf_job_run(job));
}

/* What is still to be sent: the client's Finished, or the alert. Best effort. */
static void flush(blocking *b)
{
    for (int tries = 0; tries < 10 && (hf_conn_wants(b->conn, NULL) & HF_WANT_WIRE_OUT); tries++) {
        struct pollfd p = { .fd = b->fd, .events = POLLOUT };
        if (poll(&p, 1, TICK_MS) <= 0)
            continue;
        ssize_t n = put(b->fd, hf_conn_wire_out(b->conn));
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return;
        hf_conn_wire_sent(b->conn, n > 0 ? (size_t)n : 0);
    }
}

static hf_error failure_of(const hf_conn *conn)
{
    const hf_failure *failure = hf_conn_failure(conn);

    return failure ? failure->code : HF_E_INTERNAL;
}

/* HF_WAIT: go on. Questions that only an application can answer are a misuse of this function. */
static hf_error handle(blocking *b, hf_event event)
{
    switch (event) {
    case HF_EVENT_CONNECTED: return HF_OK;
    case HF_EVENT_FAILED: return failure_of(b->conn);
    case HF_EVENT_JOB: run_jobs(b->conn); return HF_WAIT;
    case HF_EVENT_CLIENT_HELLO:
    case HF_EVENT_VERIFY: return HF_E_MISUSE;
    default: return HF_WAIT;
    }
}

static hf_error run(blocking *b)
{
    for (;;) {
        hf_event event;
        while ((event = hf_conn_next(b->conn)) != HF_EVENT_NONE) {
            hf_error done = handle(b, event);
            if (done != HF_WAIT)
                return done;
        }
        unsigned wants = hf_conn_wants(b->conn, NULL);
        hf_error e = HF_E_MISUSE;
        if (wants & HF_WANT_WIRE_OUT)
            e = write_some(b);
        else if (wants & HF_WANT_WIRE_IN)
            e = read_some(b);
        if (e != HF_OK)
            return e;
    }
}

hf_error hf_os_handshake(hf_conn *conn, int fd)
{
    blocking *b = hf_alloc(sizeof *b);

    if (!b)
        return HF_E_NO_MEMORY;
    b->conn = conn;
    b->fd = fd;
    hf_error e = run(b);
    flush(b);
    hf_free_secret(b, sizeof *b);
    return e;
}
