/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A link's life, its time, and what its owner asks of it. The socket itself is link_wire.c. */
#include "tool/link_state.h"

#include <stdlib.h>

static bool deliver(hf_link *link);

uint64_t hf_link_clock_ms(void *user)
{
    (void)user;
    return uv_hrtime() / 1000000;
}

hf_conn *hf_link_conn(const hf_link *link)
{
    return link->conn;
}

void *hf_link_user(const hf_link *link)
{
    return link->user;
}

int hf_link_transport_error(const hf_link *link)
{
    return link->transport_error;
}

bool hf_link_idled(const hf_link *link)
{
    return link->idled;
}

bool hf_link_early(const hf_link *link)
{
    return link->early;
}

/* ---- closing ---- */

static void handle_closed(uv_handle_t *handle)
{
    hf_link *link = handle->data;

    if (handle == (uv_handle_t *)link->tcp) {
        free(link->tcp);
        link->tcp = NULL;
    }
    if (--link->handles == 0)
        link->ops->closed(link);
}

void hf_link_close(hf_link *link)
{
    if (link->stage == HF_LINK_CLOSING)
        return;
    link->stage = HF_LINK_CLOSING;
    uv_close((uv_handle_t *)link->tcp, handle_closed);
    uv_close((uv_handle_t *)&link->timer, handle_closed);
}

void hf_link_free(hf_link *link)
{
    hf_conn_free(link->conn);
    free(link);
}

static void shut(uv_shutdown_t *request, int status)
{
    hf_link *link = request->data;

    if (status < 0 && link->stage != HF_LINK_CLOSING)
        hf_link_close(link);
}

/* Everything has left: FIN, then the peer's turn. */
static void linger(hf_link *link)
{
    link->stage = HF_LINK_LINGERING;
    link->stage_ends = hf_link_clock_ms(NULL) + HF_LINK_LINGER_MS;
    link->shutdown.data = link;
    if (link->eof || link->broken ||
        uv_shutdown(&link->shutdown, (uv_stream_t *)link->tcp, shut) != 0)
        hf_link_close(link);
}

static void finishing(hf_link *link)
{
    if (link->stage != HF_LINK_OPEN)
        return;
    link->stage = HF_LINK_FINISHING;
    link->stage_ends = hf_link_clock_ms(NULL) + HF_LINK_FLUSH_MS;
    if (link->held) {
        link->held = false;
        deliver(link); /* which drops it now, so that a close_notify behind it is still read */
    }
}

static void say_goodbye(hf_link *link)
{
    if (link->failed)
        return;
    if (hf_conn_info_of(link->conn)->connected)
        hf_conn_close_write(link->conn);
    else
        hf_conn_abort(link->conn, HF_ALERT_user_canceled);
}

void hf_link_finish(hf_link *link)
{
    if (link->stage != HF_LINK_OPEN)
        return;
    say_goodbye(link);
    finishing(link);
    hf_link_pump(link);
}

void hf_link_close_write(hf_link *link)
{
    if (link->stage == HF_LINK_OPEN)
        say_goodbye(link);
    hf_link_pump(link);
}

/* ---- the connection's side ---- */

/* Hands data on until the owner has enough. */
static bool deliver(hf_link *link)
{
    bool moved = false;

    while (link->stage != HF_LINK_CLOSING) {
        hf_span data = hf_conn_data_out(link->conn);
        if (data.len == 0)
            break;
        size_t n = link->stage == HF_LINK_OPEN ? link->ops->data(link, data) : data.len;
        if (n > 0)
            hf_conn_data_taken(link->conn, n);
        moved = moved || n > 0;
        link->held = n < data.len;
        if (link->held)
            break;
    }
    return moved;
}

static bool take_events(hf_link *link)
{
    bool any = false;

    while (link->stage != HF_LINK_CLOSING && !link->failed && !link->held) {
        hf_event event = hf_conn_next(link->conn);
        if (link->ops->turn)
            link->ops->turn(link);
        if (event == HF_EVENT_NONE)
            break;
        any = true;
        if (event == HF_EVENT_DATA || event == HF_EVENT_EARLY_DATA) {
            link->early = event == HF_EVENT_EARLY_DATA;
            deliver(link);
            continue;
        }
        if (event == HF_EVENT_FAILED)
            link->failed = true;
        if (link->stage == HF_LINK_OPEN)
            link->ops->event(link, event);
        if (link->failed)
            finishing(link);
    }
    return any;
}

/* What came from the socket goes in; after a failure it is dropped, up to a limit. */
static bool feed(hf_link *link)
{
    size_t n = link->in_len;

    if (link->failed || link->stage == HF_LINK_LINGERING) {
        link->dropped += n;
        if (link->dropped > HF_LINK_LINGER_BYTES)
            link->eof = true;
    } else if (n > 0) {
        n = hf_conn_wire_in(link->conn, link->in + link->in_start, n);
    }
    link->in_start += n;
    link->in_len -= n;
    if (link->eof && !link->eof_told && link->in_len == 0 && !link->held) {
        link->eof_told = true;
        if (!link->failed)
            hf_conn_wire_eof(link->conn);
        return true;
    }
    return n > 0;
}

static bool wants_out(hf_link *link)
{
    return link->writing || (!link->broken && hf_conn_wire_out(link->conn).len > 0);
}

/* What follows from where the bytes now are. */
static void settle(hf_link *link)
{
    if (link->refused && link->stage == HF_LINK_OPEN &&
        (hf_conn_wants(link->conn, NULL) & HF_WANT_CAN_SEND)) {
        link->refused = false;
        if (link->ops->can_send) {
            link->ops->can_send(link);
            link->again = true;
        }
    }
    if (link->stage == HF_LINK_FINISHING && !wants_out(link))
        linger(link);
    if (link->stage == HF_LINK_LINGERING && link->eof)
        hf_link_close(link);
}

static void arm(hf_link *link);

void hf_link_pump(hf_link *link)
{
    link->again = true;
    if (link->pumping)
        return;
    link->pumping = true;
    while (link->again && link->stage != HF_LINK_CLOSING) {
        link->again = false;
        bool moved = take_events(link);
        if (link->stage == HF_LINK_CLOSING)
            break;
        moved = feed(link) || moved;
        moved = hf_link_flush(link) || moved;
        if (link->broken && link->eof_told && !moved) /* and all that it led to has been heard */
            finishing(link);
        settle(link);
        link->again = link->again || moved;
    }
    link->pumping = false;
    if (link->stage != HF_LINK_CLOSING) {
        hf_link_set_reading(link);
        arm(link);
    }
}

/* ---- time ---- */

/* The next moment at which something must happen, UINT64_MAX: never. */
static uint64_t next_moment(hf_link *link)
{
    uint64_t moment = UINT64_MAX;

    if (!link->failed && link->stage == HF_LINK_OPEN)
        hf_conn_wants(link->conn, &moment);
    if (link->idle_ms && link->stage == HF_LINK_OPEN && link->moved_at + link->idle_ms < moment)
        moment = link->moved_at + link->idle_ms;
    if ((link->stage != HF_LINK_OPEN || link->broken) && link->stage_ends < moment)
        moment = link->stage_ends;
    return moment;
}

static void tick(uv_timer_t *timer)
{
    hf_link *link = timer->data;
    uint64_t t = hf_link_clock_ms(NULL);

    if (link->stage != HF_LINK_OPEN && t >= link->stage_ends) {
        hf_link_close(link);
        return;
    }
    if (link->stage == HF_LINK_OPEN) {
        hf_conn_tick(link->conn);
        if (link->broken && t >= link->stage_ends)
            link->eof = true;
        if (link->idle_ms && t >= link->moved_at + link->idle_ms) {
            link->idled = true;
            hf_link_finish(link);
            return;
        }
    }
    hf_link_pump(link);
}

static void arm(hf_link *link)
{
    uint64_t moment = next_moment(link), t = hf_link_clock_ms(NULL);

    if (moment == UINT64_MAX) {
        uv_timer_stop(&link->timer);
        return;
    }
    uv_update_time(link->loop);
    uv_timer_start(&link->timer, tick, moment > t ? moment - t + 1 : 1, 0);
}

/* ---- the owner's side ---- */

hf_link *hf_link_new(uv_loop_t *loop, uv_tcp_t *tcp, hf_conn *conn, const hf_link_ops *ops,
                     void *user)
{
    hf_link *link = calloc(1, sizeof *link);

    if (!link)
        return NULL;
    link->loop = loop;
    link->tcp = tcp;
    link->conn = conn;
    link->ops = ops;
    link->user = user;
    link->moved_at = hf_link_clock_ms(NULL);
    tcp->data = link;
    uv_timer_init(loop, &link->timer);
    link->timer.data = link;
    link->handles = 2;
    return link;
}

void hf_link_start(hf_link *link)
{
    hf_link_pump(link);
}

size_t hf_link_send(hf_link *link, const void *bytes, size_t len)
{
    hf_iovec part = { bytes, len };
    size_t n = link->stage == HF_LINK_OPEN && !link->failed && len > 0
                   ? hf_conn_data_in(link->conn, &part, 1)
                   : 0;

    link->refused = link->refused || n < len;
    hf_link_pump(link);
    return n;
}

void hf_link_resume(hf_link *link)
{
    if (link->stage == HF_LINK_CLOSING)
        return;
    link->held = false;
    deliver(link);
    hf_link_pump(link);
}

void hf_link_set_idle(hf_link *link, uint64_t ms)
{
    link->idle_ms = ms;
    link->moved_at = hf_link_clock_ms(NULL);
    if (link->stage != HF_LINK_CLOSING)
        arm(link);
}
