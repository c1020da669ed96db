/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* All workers of a kind: slots, plans, and what is known of each. */
#include "tool/proxy/crew_parts.h"

#include "base/bytes.h"
#include "base/clock.h"

unsigned hf_crew_room(const hf_crew_house *house)
{
    unsigned n = 0;

    for (unsigned i = 0; i < house->slots; i++)
        n += !house->taken[i];
    return n;
}

static unsigned take_slot(hf_crew_house *house)
{
    unsigned i = 0;

    while (house->taken[i])
        i++;
    house->taken[i] = true;
    return i;
}

hf_crew *hf_crew_new(hf_crew_house *house, const hf_sockets *sockets, const hf_account *account)
{
    unsigned n = sockets->workers;
    hf_crew *crew = hf_crew_room(house) >= n ? hf_alloc(sizeof *crew + n * sizeof(hf_child)) : NULL;

    if (!crew)
        return NULL;
    crew->house = house;
    crew->sockets = sockets;
    crew->account = *account;
    crew->n = n;
    crew->handles = n + 2;
    uv_timer_init(house->loop, &crew->timer);
    uv_timer_init(house->loop, &crew->asking);
    crew->timer.data = crew->asking.data = crew;
    uv_timer_start(&crew->asking, hf_crew_look_after_all, HF_CREW_ASK_MS, HF_CREW_ASK_MS);
    for (unsigned i = 0; i < n; i++) {
        crew->children[i] = (hf_child){ .crew = crew, .worker = i, .slot = take_slot(house) };
        uv_timer_init(house->loop, &crew->children[i].timer);
        crew->children[i].timer.data = &crew->children[i];
    }
    crew->next = house->crews;
    house->crews = crew;
    return crew;
}

bool hf_crew_offer(hf_crew *crew, const hf_plan *plan)
{
    bool good = true;

    crew->offered = plan;
    crew->told = crew->going = false;
    uv_timer_start(&crew->timer, hf_crew_late, HF_CREW_ANSWER_MS, 0);
    for (unsigned i = 0; i < crew->n && good; i++) {
        hf_child *c = &crew->children[i];
        if (!crew->now)
            hf_child_start(c);
        if (crew->now && c->serving && c->channel)
            good = hf_child_say_plan(c, plan);
        else if (!crew->now)
            good = c->pid > 0;
    }
    return good;
}

void hf_crew_go(hf_crew *crew)
{
    bool any = false;

    crew->now = crew->offered;
    crew->offered = NULL;
    crew->going = true;
    for (unsigned i = 0; i < crew->n; i++) {
        hf_child_go(&crew->children[i]);
        any = any || hf_child_is_behind(&crew->children[i]);
    }
    uv_timer_start(&crew->timer, hf_crew_late_to_go, any ? HF_CREW_ANSWER_MS : 0, 0);
}

void hf_crew_forget(hf_crew *crew)
{
    if (!crew->offered)
        return;
    crew->offered = NULL;
    uv_timer_stop(&crew->timer);
    for (unsigned i = 0; i < crew->n; i++)
        if (crew->children[i].serving)
            hf_child_say(&crew->children[i], HF_MESSAGE_FORGET);
}

void hf_crew_drain(hf_crew *crew, uint64_t ms)
{
    hf_span body = hf_span_of(&ms, ms == HF_DRAIN_STANDARD ? 0 : sizeof ms);

    crew->drained_at = crew->draining ? crew->drained_at : hf_clock_wall();
    crew->draining = true;
    crew->going = false;
    crew->now = crew->offered = NULL; /* nobody follows who dies */
    uv_timer_stop(&crew->timer);
    for (unsigned i = 0; i < crew->n; i++) {
        hf_child *c = &crew->children[i];
        if (c->pid == 0)
            uv_timer_stop(&c->timer);
        else if (!c->serving)
            hf_child_end(c);
        else if (c->channel)
            hf_channel_say(c->channel, HF_MESSAGE_DRAIN, body);
    }
    hf_crew_see_whether_gone(crew);
}

/* Who does not serve has let nobody in, and is ended. */
bool hf_crew_is_shutting(const hf_crew *crew)
{
    for (unsigned i = 0; crew->draining && i < crew->n; i++)
        if (crew->children[i].pid > 0 && crew->children[i].serving && !crew->children[i].shut)
            return true;
    return false;
}

unsigned hf_crew_alive(const hf_crew *crew)
{
    unsigned n = 0;

    for (unsigned i = 0; i < crew->n; i++)
        n += crew->children[i].pid > 0;
    return n;
}

static hf_worker_status status_of(const hf_child *c)
{
    hf_worker_state state = c->pid == 0         ? HF_WORKER_DOWN
                            : c->crew->draining ? HF_WORKER_DRAINING
                            : c->serving        ? HF_WORKER_SERVING
                                                : HF_WORKER_STARTING;

    return (hf_worker_status){ c->pid, state, c->restarts, c->hangs,
                               c->crew->draining ? c->crew->drained_at : c->since };
}

size_t hf_crew_status(const hf_crew_house *house, hf_worker_status out[], size_t room)
{
    size_t n = 0;

    for (const hf_crew *crew = house->crews; crew; crew = crew->next)
        for (unsigned i = 0; i < crew->n && n < room; i++)
            if (!crew->draining || crew->children[i].pid > 0)
                out[n++] = status_of(&crew->children[i]);
    return n;
}

hf_crew *hf_crew_next(const hf_crew *crew)
{
    return crew->next;
}

hf_crew_house *hf_crew_house_of(const hf_crew *crew)
{
    return crew->house;
}
