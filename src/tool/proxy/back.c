/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A connection to a backend: the pool, its life in use, and its end. How one is reached is back_reach.c. */
#include "tool/proxy/back_parts.h"

#include <stdlib.h>

/* ---- the pool ---- */

static void leave_pool(hf_back *back)
{
    hf_back **at;

    if (!back->is_idle)
        return;
    at = &back->backend->idle;
    while (*at != back)
        at = &(*at)->next_idle;
    *at = back->next_idle;
    back->next_idle = NULL;
    back->is_idle = false;
    back->backend->n_idle--;
}

static bool fits_pool(const hf_back *back)
{
    return back->is_ready && !back->stream.ended && !hf_stream_is_closing(&back->stream) &&
           hf_stream_is_empty(&back->stream) && back->backend->n_idle < HF_POOL_MAX &&
           !back->site->generation->retired && !back->stream.house->draining &&
           !back->backend->row->proxy_protocol;
}

static void enter_pool(hf_back *back)
{
    back->front = NULL;
    back->ops = NULL;
    back->user = NULL;
    back->is_idle = true;
    back->next_idle = back->backend->idle;
    back->backend->idle = back;
    back->backend->n_idle++;
    hf_stream_limit(&back->stream, HF_LIMIT_POOL, HF_POOL_IDLE_MS);
    hf_stream_resume(&back->stream); /* so that its end is noticed */
}

/* Out of use for good: its backend may be gone before its socket is. */
static void discard(hf_back *back)
{
    leave_pool(back);
    back->is_released = true;
    back->backend = NULL;
    back->site = NULL;
    back->front = NULL;
    hf_stream_finish(&back->stream);
}

void hf_back_release(hf_back *back, bool keep)
{
    hf_stream_unlimit(&back->stream);
    if (keep && fits_pool(back))
        enter_pool(back);
    else
        discard(back);
}

void hf_back_forget(hf_generation *generation)
{
    for (size_t i = 0; i < generation->config->n_sites; i++)
        for (size_t k = 0; k < generation->config->sites[i].n_backends; k++)
            while (generation->sites[i].backends[k].idle)
                discard(generation->sites[i].backends[k].idle);
}

static hf_back *newest_of(const hf_backend *backend)
{
    hf_back *back = backend->idle;

    while (back && hf_stream_is_closing(&back->stream))
        back = back->next_idle;
    return back;
}

/* Of the backend whose turn it is; those that failed a moment ago are passed over. NULL: a new one is to be made, to the same
   backend: the pool of one must not keep the others from their turn. */
static hf_back *from_pool(const hf_house *house, hf_site *site)
{
    size_t n = site->row->n_backends;

    for (size_t i = 0; i < n; i++) {
        hf_backend *backend = &site->backends[(site->next_backend + i) % n];
        hf_back *back = newest_of(backend);
        if (!back && !hf_back_failed_lately(house, backend))
            return NULL;
        if (!back)
            continue;
        leave_pool(back);
        site->next_backend = (site->next_backend + i + 1) % n;
        return back;
    }
    return NULL;
}

/* ---- what its stream says ---- */

static void tell_ready(hf_back *back)
{
    hf_stream_unlimit(&back->stream);
    back->is_ready = true;
    back->backend->failed_at = 0;
    back->ops->ready(back);
}

static void reached(hf_stream *stream)
{
    hf_back *back = stream->user;

    if (!hf_back_greet(back))
        hf_stream_close(stream);
    else if (!stream->conn)
        tell_ready(back);
}

static void event(hf_stream *stream, hf_event event)
{
    hf_back *back = stream->user;

    if (event == HF_EVENT_FAILED)
        hf_back_note_failure(back);
    else if (event == HF_EVENT_CONNECTED && !back->is_released)
        tell_ready(back);
}

/* In the pool nobody asked for anything, nor did who took it from there in this very turn: he gets another one. */
static void data(hf_stream *stream, hf_span bytes)
{
    hf_back *back = stream->user;

    if (back->is_idle)
        discard(back);
    else if (!back->is_released && back->is_ready)
        back->ops->data(back, bytes);
    else if (!back->is_released)
        hf_stream_close(stream);
}

static void end(hf_stream *stream)
{
    hf_back *back = stream->user;

    if (back->is_idle)
        discard(back);
    else if (!back->is_released && back->is_ready)
        back->ops->end(back);
    else
        hf_stream_finish(stream);
}

static void drained(hf_stream *stream)
{
    hf_back *back = stream->user;

    if (back->is_released || back->is_idle)
        return;
    if (!back->is_ready) /* one of the pool: hf_back_get asked for this */
        tell_ready(back);
    else if (back->ops->drained)
        back->ops->drained(back);
}

static void late(hf_stream *stream, hf_limit_kind kind)
{
    hf_back *back = stream->user;

    if (back->is_idle) {
        discard(back);
        return;
    }
    back->why =
        kind == HF_LIMIT_CONNECT ? "it did not answer within limits.connect" : "it took too long";
    hf_stream_close(stream);
}

static void closed(hf_stream *stream, int error)
{
    hf_back *back = stream->user;
    char why[HF_BACK_WHY];

    if (!back->is_released && !back->is_idle) {
        if (!back->is_ready && hf_back_try_next(back, error))
            return;
        hf_back_why(back, error, why);
        back->ops->failed(back, why);
    }
    leave_pool(back);
    free(back->trouble);
    free(back);
}

const hf_stream_ops hf_back_stream_ops = { .event = event,
                                           .data = data,
                                           .end = end,
                                           .drained = drained,
                                           .reached = reached,
                                           .late = late,
                                           .closed = closed };

/* ---- asking for one ---- */

hf_back *hf_back_get(hf_front *front, bool fresh, const hf_back_ops *ops, void *user,
                     const char **why)
{
    hf_back *back = fresh ? NULL : from_pool(front->house, front->site);

    if (back) {
        back->used++;
        back->is_ready = false;
        back->tried = 0;
        back->tries = back->round = 0;
        hf_stream_ask(&back->stream);
    } else if ((back = hf_back_new(front, why)) == NULL) {
        return NULL;
    }
    back->front = front;
    back->ops = ops;
    back->user = user;
    return back;
}
