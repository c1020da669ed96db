/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Time limits: queues in order of their ends, and one timer that is set for the earliest of them. */
#include "tool/proxy/deadlines.h"

#include <limits.h>
#include <stdbool.h>

static void arm(hf_deadlines *deadlines);

/* The last of a queue is queue->before, the first queue->after: a ring with the queue itself between. */
static bool is_empty(const hf_deadline *queue)
{
    return queue->after == queue;
}

void hf_deadline_clear(hf_deadline *deadline)
{
    if (!deadline->after)
        return;
    deadline->before->after = deadline->after;
    deadline->after->before = deadline->before;
    deadline->before = deadline->after = NULL;
}

/* How many ended. */
static int run_over(hf_deadlines *deadlines, hf_deadline *queue, uint64_t now, int most)
{
    int n = 0;

    for (; n < most && !is_empty(queue) && queue->after->at <= now; n++) {
        hf_deadline *first = queue->after;
        hf_deadline_clear(first);
        deadlines->over(first, (hf_limit_kind)first->kind);
    }
    return n;
}

/* A deadline that is set within `over` ends later than now, so that this ends. */
static void fire(uv_timer_t *timer)
{
    hf_deadlines *deadlines = timer->data;
    uint64_t now = uv_now(deadlines->loop);
    int left = HF_DEADLINES_A_TURN;

    for (int i = 0; i < HF_LIMIT_KIND_COUNT; i++)
        left -= run_over(deadlines, &deadlines->queues[i], now, left);
    arm(deadlines);
}

/* What is over already has the next turn: a timer of 0 ms would fire in this one. */
static void arm_at(hf_deadlines *deadlines, uint64_t at)
{
    uint64_t now = uv_now(deadlines->loop);

    uv_timer_start(&deadlines->timer, fire, at > now ? at - now : 1, 0);
    deadlines->next = at;
}

/* For the earliest. What was cleared meanwhile leaves the timer as it is: it then fires once for nothing. */
static void arm(hf_deadlines *deadlines)
{
    uint64_t at = UINT64_MAX;

    for (int i = 0; i < HF_LIMIT_KIND_COUNT; i++) {
        const hf_deadline *queue = &deadlines->queues[i];
        if (!is_empty(queue) && queue->after->at < at)
            at = queue->after->at;
    }
    deadlines->next = UINT64_MAX;
    if (at != UINT64_MAX)
        arm_at(deadlines, at);
}

void hf_deadlines_start(hf_deadlines *deadlines, uv_loop_t *loop, hf_deadline_over over)
{
    for (int i = 0; i < HF_LIMIT_KIND_COUNT; i++) {
        hf_deadline *queue = &deadlines->queues[i];
        queue->before = queue->after = queue;
    }
    deadlines->loop = loop;
    deadlines->over = over;
    deadlines->next = UINT64_MAX;
    uv_timer_init(loop, &deadlines->timer);
    deadlines->timer.data = deadlines;
}

void hf_deadlines_stop(hf_deadlines *deadlines)
{
    uv_close((uv_handle_t *)&deadlines->timer, NULL);
}

void hf_deadline_set(hf_deadlines *deadlines, hf_deadline *deadline, hf_limit_kind kind,
                     uint64_t ms)
{
    hf_deadline *queue = &deadlines->queues[kind];

    hf_deadline_clear(deadline);
    hf_deadline *before = queue->before;
    deadline->kind = (uint8_t)kind;
    deadline->at = uv_now(deadlines->loop) + (ms > 0 ? ms : 1);
    while (before != queue && before->at > deadline->at)
        before = before->before;
    deadline->before = before;
    deadline->after = before->after;
    before->after->before = deadline;
    before->after = deadline;
    if (deadline->at < deadlines->next)
        arm_at(deadlines, deadline->at);
}

void hf_deadlines_hurry(hf_deadlines *deadlines, hf_limit_kind kind)
{
    run_over(deadlines, &deadlines->queues[kind], UINT64_MAX, INT_MAX);
}
