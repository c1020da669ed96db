/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Workers are born, die, and have successors. */
#include "tool/proxy/crew_parts.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "tool/proxy/spawn.h"

/* ---- birth ---- */

static void start_later(hf_child *c, unsigned ms);

static bool open_channel(hf_child *c, int ends[2])
{
    if (!hf_channel_pair(ends))
        return false;
    c->channel =
        hf_channel_new(c->crew->house->loop, ends[0], HF_MESSAGE_UP_MAX, &hf_child_talk, c);
    if (!c->channel)
        close(ends[1]);
    return c->channel != NULL;
}

static bool give_birth(hf_child *c)
{
    hf_crew *crew = c->crew;
    const hf_plan *plan = crew->now ? crew->now : crew->offered;
    int ends[2];

    if (!plan || !open_channel(c, ends))
        return false;
    c->pid = hf_spawn_worker(&(hf_spawn){ .slot = c->slot,
                                          .worker = c->worker,
                                          .channel = ends[1],
                                          .counters = crew->house->counters,
                                          .sockets = crew->sockets,
                                          .account = &crew->account });
    close(ends[1]);
    if (c->pid > 0 && hf_child_say_plan(c, plan))
        return true;
    if (c->pid > 0)
        hf_child_end(c);
    else
        c->pid = 0;
    return c->pid > 0; /* then its death is told */
}

void hf_child_start(hf_child *c)
{
    c->serving = c->shut = false;
    hf_child_is_alive(c);
    c->ready = c->taken = 0;
    c->born = uv_now(c->crew->house->loop);
    c->since = hf_clock_wall();
    if (give_birth(c))
        return;
    hf_channel_free(c->channel);
    c->channel = NULL;
    if (c->crew->now)
        start_later(c, HF_CREW_PAUSE_MS);
}

static void start_now(uv_timer_t *timer)
{
    hf_child_start(timer->data);
}

static void start_later(hf_child *c, unsigned ms)
{
    uv_timer_start(&c->timer, start_now, ms, 0);
}

/* ---- death ---- */

static void handle_gone(uv_handle_t *handle)
{
    hf_child *c = handle->data;
    hf_crew *crew = c->crew;

    if (--crew->handles == 0)
        hf_free(crew);
}

static void crew_timer_gone(uv_handle_t *handle)
{
    hf_crew *crew = handle->data;

    if (--crew->handles == 0)
        hf_free(crew);
}

static void leave_house(hf_crew *crew)
{
    hf_crew **at = &crew->house->crews;

    while (*at != crew)
        at = &(*at)->next;
    *at = crew->next;
    for (unsigned i = 0; i < crew->n; i++)
        crew->house->taken[crew->children[i].slot] = false;
}

void hf_crew_see_whether_gone(hf_crew *crew)
{
    if (!crew->draining || hf_crew_alive(crew) > 0)
        return;
    leave_house(crew);
    crew->house->ops->gone(crew);
    for (unsigned i = 0; i < crew->n; i++)
        uv_close((uv_handle_t *)&crew->children[i].timer, handle_gone);
    uv_close((uv_handle_t *)&crew->timer, crew_timer_gone);
    uv_close((uv_handle_t *)&crew->asking, crew_timer_gone);
}

static unsigned pause_of(hf_child *c)
{
    bool quick = uv_now(c->crew->house->loop) - c->born < HF_CREW_QUICK_MS;

    c->quick_deaths = quick ? c->quick_deaths + 1 : 0;
    return c->quick_deaths >= HF_CREW_QUICK_DEATHS ? HF_CREW_PAUSE_MS : 0;
}

static void died(hf_child *c, int status)
{
    hf_crew *crew = c->crew;
    pid_t pid = c->pid;

    c->pid = 0;
    uv_timer_stop(&c->timer);
    hf_channel_free(c->channel);
    c->channel = NULL;
    hf_counters_reset_worker(crew->house->counters, c->slot);
    if (crew->draining) {
        hf_crew_see_whether_shut(crew);
        hf_crew_see_whether_gone(crew);
        return;
    }
    unsigned ms = pause_of(c);
    c->restarts++;
    crew->house->ops->died(crew, pid, status, ms);
    if (!crew->now)
        hf_crew_answer(crew, false,
                       "a worker ended before it was ready: see its own words in the log");
    else if (ms > 0)
        start_later(c, ms);
    else
        hf_child_start(c);
    hf_crew_see_whether_taken(crew);
}

static hf_child *child_of(hf_crew_house *house, size_t i)
{
    for (hf_crew *crew = house->crews; crew; crew = crew->next) {
        if (i < crew->n)
            return &crew->children[i];
        i -= crew->n;
    }
    return NULL;
}

/* Only those that are ours: libuv has processes of its own (reminders' command). One at a time, as a death may end a crew. */
static bool reap_one(hf_crew_house *house)
{
    hf_child *c;
    int status;

    for (size_t i = 0; (c = child_of(house, i)); i++)
        if (c->pid > 0 && waitpid(c->pid, &status, WNOHANG) == c->pid) {
            died(c, status);
            return true;
        }
    return false;
}

void hf_crew_reap(hf_crew_house *house)
{
    while (reap_one(house))
        ;
}

bool hf_crew_end_one(hf_crew_house *house, pid_t pid)
{
    hf_child *c;

    for (size_t i = 0; (c = child_of(house, i)); i++)
        if (pid > 0 && c->pid == pid) {
            hf_child_end(c);
            return true;
        }
    return false;
}
