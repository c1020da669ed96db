/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The socket's side of a link: reading while there is room, writing what the socket takes. */
#include "tool/link_state.h"

#include <string.h>

static void room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    hf_link *link = handle->data;

    (void)suggested;
    if (link->in_len == 0)
        link->in_start = 0;
    size_t end = link->in_start + link->in_len;
    *buf = uv_buf_init((char *)link->in + end, (unsigned)(HF_LINK_IN_MAX - end));
}

static void got(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    hf_link *link = stream->data;

    (void)buf;
    if (n == 0 || link->stage == HF_LINK_CLOSING)
        return;
    if (n > 0) {
        link->in_len += (size_t)n;
        link->moved_at = hf_link_clock_ms(NULL);
    } else {
        link->eof = true;
        if (n != UV_EOF)
            link->transport_error = (int)n;
    }
    hf_link_pump(link);
}

/* Reads while there is room; a full buffer lets TCP slow the peer down. Data that the owner has not
   taken may lie in our buffer, so nothing is read over it. */
void hf_link_set_reading(hf_link *link)
{
    bool space = link->in_len == 0 || link->in_start + link->in_len < HF_LINK_IN_MAX;
    bool want = space && !link->eof && !link->held;

    if (want && !link->reading)
        uv_read_start((uv_stream_t *)link->tcp, room, got);
    else if (!want && link->reading)
        uv_read_stop((uv_stream_t *)link->tcp);
    link->reading = want;
}

static void write_failed(hf_link *link, int error)
{
    link->broken = true;
    if (!link->transport_error)
        link->transport_error = error;
    if (link->stage == HF_LINK_OPEN) /* an alert of the peer may still be on its way to us */
        link->stage_ends = hf_link_clock_ms(NULL) + HF_LINK_LINGER_MS;
}

/* A slow reader has time as long as he reads. */
static void progress(hf_link *link)
{
    link->moved_at = hf_link_clock_ms(NULL);
    if (link->stage == HF_LINK_FINISHING)
        link->stage_ends = link->moved_at + HF_LINK_FLUSH_MS;
}

static void written(uv_write_t *request, int status)
{
    hf_link *link = request->data;

    link->writing = false;
    if (link->stage == HF_LINK_CLOSING)
        return;
    progress(link);
    if (status < 0)
        write_failed(link, status);
    hf_link_pump(link);
}

/* The socket is full: a copy waits in libuv, since the connection's own bytes move. */
static bool queue(hf_link *link, hf_span bytes)
{
    size_t n = bytes.len < HF_LINK_OUT_MAX ? bytes.len : HF_LINK_OUT_MAX;
    uv_buf_t buf = uv_buf_init((char *)link->out, (unsigned)n);

    memcpy(link->out, bytes.data, n);
    link->write.data = link;
    int error = uv_write(&link->write, (uv_stream_t *)link->tcp, &buf, 1, written);
    if (error) {
        write_failed(link, error);
        return false;
    }
    link->writing = true;
    hf_conn_wire_sent(link->conn, n);
    return true;
}

bool hf_link_flush(hf_link *link)
{
    hf_span bytes = hf_conn_wire_out(link->conn);
    uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes.data, (unsigned)bytes.len);

    if (bytes.len == 0 || link->writing || link->stage >= HF_LINK_LINGERING)
        return false;
    if (link->broken) {
        hf_conn_wire_sent(link->conn, bytes.len);
        return true;
    }
    int n = uv_try_write((uv_stream_t *)link->tcp, &buf, 1);
    if (n == UV_EAGAIN)
        return queue(link, bytes);
    if (n < 0) {
        write_failed(link, n);
        return true;
    }
    hf_conn_wire_sent(link->conn, (size_t)n);
    progress(link);
    return n > 0;
}
