/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The epoll set of a worker's sockets. It is level-triggered: a stream that is made to wait is only taken out of it when it is woken for
 * nothing, so that a short wait costs no system call. Before the loop sleeps, what was sent leaves and what was closed is told.
 */
#include "tool/proxy/stream_parts.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS_MAX = 256, ROUNDS_MAX = 4 };

/* ---- one stream ---- */

static void change(hf_stream *stream, unsigned events)
{
    struct epoll_event event = { .events = events, .data.ptr = stream };
    int how = !events ? EPOLL_CTL_DEL : stream->armed ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

    stream->armed = (uint8_t)events;
    if (epoll_ctl(stream->house->streams.set, how, stream->fd, &event) != 0 && events)
        hf_stream_close_for(stream, -errno); /* no memory: it would never be woken again */
}

void hf_stream_arm(hf_stream *stream, unsigned events)
{
    if (stream->stage != HF_STREAM_CLOSED && stream->armed != events)
        change(stream, events);
}

void hf_stream_make_dirty(hf_stream *stream)
{
    hf_streams *streams = &stream->house->streams;

    if (stream->is_dirty)
        return;
    stream->is_dirty = true;
    stream->next = NULL;
    *streams->dirty_end = stream;
    streams->dirty_end = &stream->next;
}

void hf_stream_make_gone(hf_stream *stream)
{
    hf_streams *streams = &stream->house->streams;

    stream->next_gone = NULL;
    *streams->gone_end = stream;
    streams->gone_end = &stream->next_gone;
}

/* ---- the end of a turn ---- */

static hf_stream *take_dirty(hf_streams *streams)
{
    hf_stream *first = streams->dirty;

    if (!first)
        return NULL;
    streams->dirty = first->next;
    if (!streams->dirty)
        streams->dirty_end = &streams->dirty;
    first->is_dirty = false;
    return first;
}

static hf_stream *take_gone(hf_streams *streams)
{
    hf_stream *first = streams->gone;

    if (!first)
        return NULL;
    streams->gone = first->next_gone;
    if (!streams->gone)
        streams->gone_end = &streams->gone;
    return first;
}

static void tell_gone(hf_streams *streams, hf_stream *stream)
{
    hf_conn *conn = stream->conn;

    hf_deadline_clear(&stream->deadline); /* whoever set it: no queue holds it from here on */
    streams->n_open--;
    stream->ops->closed(stream, stream->error);
    hf_conn_free(conn);
}

/* One that is gone is in no other list: the dirty ones are done first. */
static void settle(hf_streams *streams)
{
    hf_stream *stream;

    do {
        while ((stream = take_dirty(streams)) != NULL)
            hf_stream_clean(stream);
        if ((stream = take_gone(streams)) != NULL)
            tell_gone(streams, stream);
    } while (streams->dirty || streams->gone);
}

static void before_sleep(uv_prepare_t *prepare)
{
    settle(prepare->data);
}

static void after_events(uv_check_t *check)
{
    settle(check->data);
}

/* ---- events ---- */

/* A stream that was closed by an earlier event of these is still in memory: it is told in `settle`. */
static void woken(uv_poll_t *poll, int status, int what)
{
    hf_streams *streams = poll->data;
    struct epoll_event events[EVENTS_MAX];

    (void)status;
    (void)what;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        int n = epoll_wait(streams->set, events, EVENTS_MAX, 0);
        for (int i = 0; i < n; i++)
            hf_stream_turn(events[i].data.ptr, events[i].events);
        if (n < EVENTS_MAX)
            return;
        settle(streams);
    }
}

/* ---- the set ---- */

static void handles_start(hf_streams *streams, uv_loop_t *loop)
{
    streams->poll.data = streams->check.data = streams->prepare.data = streams;
    uv_check_init(loop, &streams->check);
    uv_prepare_init(loop, &streams->prepare);
    uv_check_start(&streams->check, after_events);
    uv_prepare_start(&streams->prepare, before_sleep);
    uv_poll_start(&streams->poll, UV_READABLE, woken);
}

bool hf_streams_start(hf_streams *streams, hf_house *house)
{
    streams->dirty_end = &streams->dirty;
    streams->gone_end = &streams->gone;
    streams->high = HF_STREAM_HIGH;
    streams->reading = HF_STREAM_ROOM;
    streams->set = epoll_create1(EPOLL_CLOEXEC);
    if (streams->set < 0)
        return false;
    if (uv_poll_init(&house->loop, &streams->poll, streams->set) != 0) {
        close(streams->set);
        return false;
    }
    handles_start(streams, &house->loop);
    return true;
}

static void set_closed(uv_handle_t *handle)
{
    hf_streams *streams = handle->data;

    close(streams->set);
}

void hf_streams_stop(hf_streams *streams)
{
    uv_close((uv_handle_t *)&streams->check, NULL);
    uv_close((uv_handle_t *)&streams->prepare, NULL);
    uv_close((uv_handle_t *)&streams->poll, set_closed);
}
