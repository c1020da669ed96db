/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A worker's process: what the parent says and what follows from it. All that it needs is there before the first client comes: from
 * then on it opens no file and resolves no name.
 */
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/proxy/back.h"
#include "tool/proxy/builder.h"
#include "tool/proxy/confine.h"
#include "tool/proxy/telling.h"

enum {
    FD_CHANNEL = 3,
    FD_LISTENING,
    BREATH_MS = 100,
    SWEEP_MS = 60000, /* connections that live long renew their keys, or reach their greatest age */
    LEAST_READING = 4096,
    FILES_OWN = 32 /* that are no client's, no backend's and no door */
};

typedef struct door_at {
    uv_poll_t poll;
    struct worker *worker;
    int fd;
    hf_door door;
} door_at;

typedef struct worker {
    hf_house house; /* first */
    door_at *doors;
    unsigned n_doors;
    hf_builder builder;
    uv_timer_t breath, sweep, drain;
    bool open; /* the doors are */
} worker;

static worker *worker_of(hf_house *house)
{
    return (worker *)(void *)house;
}

/* ---- doors ---- */

static void knock(uv_poll_t *poll, int status, int events)
{
    door_at *door = poll->data;

    (void)status;
    (void)events;
    hf_front_accept(&door->worker->house, door->fd, door->door);
}

static void open_doors(worker *w)
{
    for (unsigned i = 0; i < w->n_doors && !w->house.draining; i++)
        uv_poll_start(&w->doors[i].poll, UV_READABLE, knock);
    w->open = true;
}

static void shut_doors(worker *w)
{
    for (unsigned i = 0; i < w->n_doors; i++)
        uv_poll_stop(&w->doors[i].poll);
    w->open = false;
}

static void door_closed(uv_handle_t *handle)
{
    door_at *door = handle->data;

    close(door->fd);
}

/* For good: clients that come now are refused at once, instead of waiting for nobody, once the parent has closed its own. */
static void close_doors(worker *w)
{
    for (unsigned i = 0; i < w->n_doors; i++)
        uv_close((uv_handle_t *)&w->doors[i].poll, door_closed);
    w->n_doors = 0;
    w->open = false;
}

static void breathed(uv_timer_t *timer)
{
    worker *w = timer->data;

    if (w->house.now && !w->house.draining)
        open_doors(w);
}

void hf_worker_breathe(hf_house *house)
{
    worker *w = worker_of(house);

    shut_doors(w);
    uv_timer_start(&w->breath, breathed, BREATH_MS, 0);
}

/* ---- plans ---- */

static void say(worker *w, hf_message kind, const void *bytes, size_t len)
{
    (void)hf_channel_say(w->house.channel, kind, hf_span_of(bytes, len));
}

static void refuse(worker *w, const char *why)
{
    say(w, HF_MESSAGE_REFUSED, why, strlen(why));
}

static void forget_next(worker *w)
{
    hf_builder_forget(&w->builder);
    if (w->house.next)
        hf_generation_free(w->house.next);
    w->house.next = NULL;
}

static void take_plan(worker *w, hf_span bytes)
{
    hf_plan plan;

    forget_next(w);
    if (hf_plan_unpack(bytes, &plan))
        hf_builder_take(&w->builder, &plan);
    else
        refuse(w, "the plan could not be unpacked: no memory, or it is damaged");
}

static void built(void *user, hf_generation *made, const char *why)
{
    worker *w = user;

    w->house.next = made;
    if (made)
        say(w, HF_MESSAGE_READY, &made->number, sizeof made->number);
    else
        refuse(w, why);
}

/* Of what this process may have open, all but its own and some for the backends of those who have asked for nothing yet. */
static size_t fitting(const worker *w)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return SIZE_MAX;
    rlim_t spare = FILES_OWN + w->n_doors + limit.rlim_cur / 8;
    return limit.rlim_cur > spare ? (size_t)(limit.rlim_cur - spare) : 1;
}

/* Half of limits.memory for each way: a full mark and one more reading. */
static void set_limits(worker *w, const hf_proxy_config *config)
{
    size_t most = (size_t)(config->limits.memory_bytes / 4);

    most = most < HF_STREAM_ROOM ? most : HF_STREAM_ROOM;
    w->house.most_open = config->limits.connections_given ? SIZE_MAX : fitting(w);
    w->house.streams.high = w->house.streams.reading = most > LEAST_READING ? most : LEAST_READING;
}

/* Nobody has said a word to it so far. What the parent has told is offered here is not gone without in silence. */
static void confine(worker *w, const hf_proxy_config *config)
{
    char folder[PATH_MAX];
    hf_confined offered = hf_confine_offered(), is;

    if (config->challenges.text)
        hf_proxy_path(config, config->challenges.text, folder, sizeof folder);
    is = hf_confine(config->challenges.text ? folder : NULL);
    if (is.files != offered.files || is.calls != offered.calls)
        hf_log_say(&w->house.log, HF_SAY_WARNING, "confined",
                   "this worker could not confine itself: files=%s calls=%s",
                   is.files ? "yes" : "no", is.calls ? "yes" : "no");
}

static void go(worker *w)
{
    hf_generation *old = w->house.now;

    if (!w->house.next)
        return;
    w->house.now = w->house.next;
    w->house.next = NULL;
    w->house.log.json = w->house.now->config->log_json;
    set_limits(w, w->house.now->config);
    if (old) {
        old->retired = true;
        hf_back_forget(old);
        hf_generation_free(old);
    } else {
        confine(w, w->house.now->config);
        open_doors(w);
    }
    say(w, HF_MESSAGE_TAKEN, &w->house.now->number, sizeof w->house.now->number);
}

/* ---- the end ---- */

void hf_worker_drained(hf_house *house)
{
    uv_stop(&house->loop);
}

static void drain_over(uv_timer_t *timer)
{
    worker *w = timer->data;

    uv_stop(&w->house.loop);
}

static void drain_for(worker *w, uint64_t ms)
{
    uint64_t limit = w->house.now ? w->house.now->config->limits.drain_ms : 0;

    if (ms != UINT64_MAX)
        uv_timer_start(&w->drain, drain_over, ms < UINT64_MAX - 1 ? ms : limit, 0);
    else
        uv_timer_stop(&w->drain);
}

/* Those that wait at the doors were there before the end: they are taken. */
static void drain(worker *w, hf_span bytes)
{
    uint64_t ms = UINT64_MAX - 1;

    if (bytes.len == sizeof ms)
        memcpy(&ms, bytes.data, sizeof ms);
    if (!w->house.draining) {
        for (unsigned i = 0; w->open && i < w->n_doors; i++)
            hf_front_accept(&w->house, w->doors[i].fd, w->doors[i].door);
        close_doors(w);
        w->house.draining = true;
        if (w->house.now)
            hf_back_forget(w->house.now);
        say(w, HF_MESSAGE_SHUT, NULL, 0);
    }
    if (ms !=
        UINT64_MAX) /* else others have taken over: who waits here is told with the next response */
        hf_front_stop_all(&w->house);
    if (w->house.n_fronts == 0)
        uv_stop(&w->house.loop);
    else
        drain_for(w, ms);
}

static void message(hf_channel *channel, hf_message kind, hf_span bytes)
{
    worker *w = hf_channel_user(channel);

    switch ((int)kind) {
    case HF_MESSAGE_PLAN: take_plan(w, bytes); break;
    case HF_MESSAGE_GO: go(w); break;
    case HF_MESSAGE_FORGET: forget_next(w); break;
    case HF_MESSAGE_DRAIN: drain(w, bytes); break;
    case HF_MESSAGE_ASK: say(w, HF_MESSAGE_ALIVE, NULL, 0); break;
    default: break;
    }
}

/* The parent is gone: nobody would ever end us. */
static void ended(hf_channel *channel)
{
    worker *w = hf_channel_user(channel);

    hf_channel_free(channel);
    w->house.channel = NULL;
    uv_stop(&w->house.loop);
}

static const hf_channel_ops ops = { message, ended };

/* ---- long lives ---- */

static void sweep(uv_timer_t *timer)
{
    worker *w = timer->data;

    for (hf_front *front = w->house.fronts; front; front = front->after)
        if (front->stream.connected && !hf_stream_is_closing(&front->stream)) {
            hf_conn_tick(front->stream.conn);
            hf_stream_hear(&front->stream);
        }
}

/* ---- setting up ---- */

static void init_timer(worker *w, uv_timer_t *timer)
{
    uv_timer_init(&w->house.loop, timer);
    timer->data = w;
}

/* What is accepted inherits TCP_NODELAY. */
static bool init_doors(worker *w, unsigned n_tls, unsigned n_redirect)
{
    int on = 1;

    w->doors = calloc(n_tls + n_redirect + 1, sizeof *w->doors);
    for (unsigned i = 0; w->doors && i < n_tls + n_redirect; i++) {
        door_at *door = &w->doors[i];
        door->worker = w;
        door->fd = FD_LISTENING + (int)i;
        door->door = i < n_tls ? HF_DOOR_TLS : HF_DOOR_REDIRECT;
        door->poll.data = door;
        setsockopt(door->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (uv_poll_init(&w->house.loop, &door->poll, door->fd) != 0)
            return false;
        w->n_doors++;
    }
    return w->doors != NULL;
}

static bool init_tls(hf_house *house)
{
    hf_sessions_options sessions = { .tickets = true };

    house->tls = hf_worker_new();
    house->sessions = hf_sessions_new(&sessions);
    return house->tls && house->sessions;
}

/* The log is begun before the streams: their end of a turn comes before its own. */
static bool init_house(hf_house *house, unsigned slot)
{
    house->slot = slot;
    house->room = malloc(HF_STREAM_ROOM);
    if (!house->room || !init_tls(house))
        return false;
    hf_deadlines_start(&house->deadlines, &house->loop, hf_stream_late);
    return hf_log_start(&house->log, &house->loop, STDERR_FILENO, false) &&
           hf_streams_start(&house->streams, house);
}

static bool init(worker *w, unsigned slot, unsigned n_tls, unsigned n_redirect)
{
    hf_house *house = &w->house;

    if (uv_loop_init(&house->loop) != 0 || !init_house(house, slot))
        return false;
    init_timer(w, &w->breath);
    init_timer(w, &w->sweep);
    init_timer(w, &w->drain);
    uv_timer_init(&house->loop, &house->left_out);
    house->left_out.data = house;
    uv_timer_start(&w->sweep, sweep, SWEEP_MS, SWEEP_MS);
    house->channel = hf_channel_new(&house->loop, FD_CHANNEL, HF_PLAN_BYTES_MAX, &ops, w);
    return house->channel &&
           hf_builder_start(&w->builder, &house->loop, house->sessions, built, w) &&
           init_doors(w, n_tls, n_redirect);
}

/* ---- taking down ---- */

/* Nothing is waited for any more. */
static void cut_all(hf_house *house)
{
    house->draining = house->cut = true;
    for (hf_front *front = house->fronts, *after; front; front = after) {
        after = front->after;
        hf_stream_close(&front->stream);
    }
    if (house->now)
        hf_back_forget(house->now);
    for (int i = 0; i < 1000 && house->streams.n_open > 0; i++) {
        uv_run(&house->loop, UV_RUN_NOWAIT);
        hf_deadlines_hurry(&house->deadlines, HF_LIMIT_FLUSH);
        hf_deadlines_hurry(&house->deadlines, HF_LIMIT_LINGER);
    }
}

static void close_handles(worker *w)
{
    hf_house *house = &w->house;

    close_doors(w);
    uv_close((uv_handle_t *)&w->breath, NULL);
    uv_close((uv_handle_t *)&w->sweep, NULL);
    uv_close((uv_handle_t *)&w->drain, NULL);
    uv_close((uv_handle_t *)&house->left_out, NULL);
    hf_tell_left_out(house);
    if (house->channel)
        hf_channel_free(house->channel);
    hf_streams_stop(&house->streams);
    hf_deadlines_stop(&house->deadlines);
    hf_log_stop(&house->log);
    uv_run(&house->loop, UV_RUN_DEFAULT);
}

static void take_down(worker *w)
{
    hf_house *house = &w->house;

    cut_all(house);
    hf_builder_stop(&w->builder);
    forget_next(w);
    if (house->now)
        hf_generation_free(house->now);
    house->now = NULL;
    close_handles(w);
    uv_loop_close(&house->loop);
    hf_worker_free(house->tls);
    hf_sessions_free(house->sessions);
    hf_counters_free(house->counters);
    free(house->room);
    free(w->doors);
    free(w);
}

static void ignore_signals(void)
{
    const int ours[] = { SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGQUIT };

    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        signal(ours[i], SIG_IGN); /* the parent hears them, and tells us */
}

int hf_worker_main(unsigned slot, unsigned slots, unsigned n_tls, unsigned n_redirect)
{
    worker *w = calloc(1, sizeof *w);

    ignore_signals();
    if (w)
        w->house.counters = hf_counters_open(FD_LISTENING + (int)(n_tls + n_redirect), slots, slot);
    if (!w || !w->house.counters || !init(w, slot, n_tls, n_redirect))
        return HF_EXIT_IO; /* the parent sees it end, and says so */
    uv_run(&w->house.loop, UV_RUN_DEFAULT);
    take_down(w);
    return HF_EXIT_OK;
}
