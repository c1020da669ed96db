/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What is said with a worker, what it answers, and whether it answers at all. */
#include "tool/proxy/crew_parts.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

/* ---- answers ---- */

void hf_crew_answer(hf_crew *crew, bool good, const char *why)
{
    if (!crew->offered || crew->told)
        return;
    crew->told = true;
    uv_timer_stop(&crew->timer);
    crew->house->ops->answered(crew, good, why);
}

static void see_whether_all(hf_crew *crew)
{
    for (unsigned i = 0; crew->offered && i < crew->n; i++)
        if (crew->children[i].pid == 0 || crew->children[i].ready != crew->offered->number)
            return;
    hf_crew_answer(crew, true, NULL);
}

void hf_child_end(hf_child *c)
{
    if (c->pid > 0)
        kill(c->pid, SIGKILL);
}

/* It may be busy, and goes on by the plan that counts: what it makes of the new one will be forgotten. */
void hf_crew_late(uv_timer_t *timer)
{
    hf_crew_answer(timer->data, false, "a worker had not taken it in within a minute");
}

bool hf_child_is_behind(const hf_child *c)
{
    return c->pid > 0 && c->serving && c->taken != c->crew->now->number;
}

void hf_crew_see_whether_taken(hf_crew *crew)
{
    for (unsigned i = 0; crew->going && i < crew->n; i++)
        if (hf_child_is_behind(&crew->children[i]))
            return;
    if (!crew->going)
        return;
    crew->going = false;
    uv_timer_stop(&crew->timer);
    crew->house->ops->taken(crew);
}

void hf_crew_see_whether_shut(hf_crew *crew)
{
    if (crew->draining && !hf_crew_is_shutting(crew))
        crew->house->ops->shut(crew);
}

void hf_crew_late_to_go(uv_timer_t *timer)
{
    hf_crew *crew = timer->data;

    for (unsigned i = 0; crew->going && i < crew->n; i++)
        if (hf_child_is_behind(&crew->children[i]))
            hf_child_end(&crew->children[i]);
    hf_crew_see_whether_taken(crew); /* or once their deaths are known */
}

/* ---- is it alive? ---- */

static void end_hanging(hf_child *c)
{
    c->asked = false;
    c->hangs++;
    c->crew->house->ops->hangs(c->crew, c->pid);
    hf_child_end(c);
}

/* Looks are counted, not time: if the parent or the whole machine stood still, the worker is given as many again. It is asked anew once
   it has answered, so nothing piles up before one that hangs. */
static void look_after(hf_child *c)
{
    if (c->pid <= 0 || !c->channel)
        return;
    if (c->asked && ++c->missed == HF_CREW_MISSED)
        end_hanging(c);
    else if (!c->asked)
        c->asked = hf_channel_say(c->channel, HF_MESSAGE_ASK, hf_span_of(NULL, 0));
}

void hf_crew_look_after_all(uv_timer_t *timer)
{
    hf_crew *crew = timer->data;

    for (unsigned i = 0; i < crew->n; i++)
        look_after(&crew->children[i]);
}

void hf_child_is_alive(hf_child *c)
{
    c->asked = false;
    c->missed = 0;
}

/* ---- the talk with one ---- */

bool hf_child_say_plan(hf_child *c, const hf_plan *plan)
{
    uint8_t *bytes;
    size_t len;
    bool good = hf_plan_pack(plan, &bytes, &len);

    if (!good)
        return false;
    good = hf_channel_say(c->channel, HF_MESSAGE_PLAN, hf_span_of(bytes, len));
    hf_plan_bytes_free(bytes, len);
    return good;
}

void hf_child_say(hf_child *c, hf_message kind)
{
    if (c->channel)
        hf_channel_say(c->channel, kind, hf_span_of(NULL, 0));
}

void hf_child_go(hf_child *c)
{
    hf_child_say(c, HF_MESSAGE_GO);
    c->serving = true;
}

static bool number_in(hf_span bytes, uint64_t *out)
{
    if (bytes.len != sizeof *out)
        return false;
    memcpy(out, bytes.data, sizeof *out);
    return true;
}

static void is_ready(hf_child *c)
{
    hf_crew *crew = c->crew;

    if (crew->now && !c->serving && c->ready == crew->now->number) {
        hf_child_go(c); /* it took a dead one's place */
        if (crew->offered && !hf_child_say_plan(c, crew->offered))
            hf_child_end(c);
    }
    see_whether_all(crew);
}

static void refused(hf_child *c, hf_span why)
{
    char text[256];

    snprintf(text, sizeof text, "%.*s", (int)(why.len < 255 ? why.len : 255),
             (const char *)why.data);
    if (c->crew->offered && (c->serving || !c->crew->now))
        hf_crew_answer(c->crew, false, text);
    else
        hf_child_end(c); /* of a plan that it held for good a moment ago */
}

static void is_shut(hf_child *c)
{
    if (!c->crew->draining) {
        hf_child_end(c);
        return;
    }
    c->shut = true;
    hf_crew_see_whether_shut(c->crew);
}

static void came(hf_channel *channel, hf_message kind, hf_span bytes)
{
    hf_child *c = hf_channel_user(channel);

    switch (kind) {
    case HF_MESSAGE_READY:
        if (number_in(bytes, &c->ready))
            is_ready(c);
        else
            hf_child_end(c);
        break;
    case HF_MESSAGE_TAKEN:
        if (number_in(bytes, &c->taken))
            hf_crew_see_whether_taken(c->crew);
        else
            hf_child_end(c);
        break;
    case HF_MESSAGE_REFUSED: refused(c, bytes); break;
    case HF_MESSAGE_ALIVE: hf_child_is_alive(c); break;
    case HF_MESSAGE_SHUT: is_shut(c); break;
    case HF_MESSAGE_FAILURE:
    case HF_MESSAGE_TRACE:
    case HF_MESSAGE_BACKEND:
        if (!c->crew->house->ops->message(c->crew, c->slot, kind, bytes))
            hf_child_end(c);
        break;
    default: hf_child_end(c); break;
    }
}

static void last_moment(uv_timer_t *timer)
{
    hf_child_end(timer->data);
}

/* Mostly it is dead, and SIGCHLD is on its way. Whoever lives on without a word gets a little time. */
static void fell_silent(hf_channel *channel)
{
    hf_child *c = hf_channel_user(channel);

    hf_channel_free(channel);
    c->channel = NULL;
    if (c->pid > 0)
        uv_timer_start(&c->timer, last_moment, HF_CREW_LAST_MS, 0);
}

const hf_channel_ops hf_child_talk = { came, fell_silent };
