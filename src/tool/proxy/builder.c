/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A thread that makes a generation of a plan. It has the plan to itself, and the loop touches nothing of it until it is over. */
#include <sys/resource.h>

#include "tool/proxy/builder.h"

enum { POLITE = 5 };

static void make(hf_builder *b)
{
    b->made = hf_generation_build(&b->plan, b->sessions, b->why, sizeof b->why);
    uv_async_send(&b->over);
}

/* Clients go before it. On Linux the priority is this thread's alone. */
static void build(void *arg)
{
    (void)setpriority(PRIO_PROCESS, 0, POLITE);
    make(arg);
}

/* Without a thread (a limit of processes) the loop waits for it. */
static void begin(hf_builder *b, const hf_plan *plan)
{
    b->plan = *plan;
    b->busy = true;
    b->forgotten = false;
    b->why[0] = '\0';
    b->threaded = uv_thread_create(&b->thread, build, b) == 0;
    if (!b->threaded)
        make(b);
}

static void join(hf_builder *b)
{
    if (b->threaded)
        uv_thread_join(&b->thread);
    b->threaded = b->busy = false;
}

static void drop_made(hf_builder *b)
{
    if (b->made)
        hf_generation_free(b->made);
    b->made = NULL;
}

static void drop_next(hf_builder *b)
{
    if (b->has_next)
        hf_plan_free(&b->next);
    b->has_next = false;
}

static void over(uv_async_t *async)
{
    hf_builder *b = async->data;

    if (!b->busy)
        return;
    join(b);
    if (b->forgotten) {
        drop_made(b);
    } else {
        hf_generation *made = b->made;
        b->made = NULL;
        b->done(b->user, made, b->why);
    }
    if (b->has_next && !b->busy) {
        b->has_next = false;
        begin(b, &b->next);
    }
}

bool hf_builder_start(hf_builder *b, uv_loop_t *loop, hf_sessions *sessions, hf_builder_done done,
                      void *user)
{
    b->sessions = sessions;
    b->done = done;
    b->user = user;
    b->over.data = b;
    return uv_async_init(loop, &b->over, over) == 0;
}

void hf_builder_take(hf_builder *b, const hf_plan *plan)
{
    hf_builder_forget(b);
    if (!b->busy) {
        begin(b, plan);
        return;
    }
    b->next = *plan;
    b->has_next = true;
}

void hf_builder_forget(hf_builder *b)
{
    b->forgotten = true;
    drop_next(b);
}

void hf_builder_stop(hf_builder *b)
{
    hf_builder_forget(b);
    if (b->busy)
        join(b);
    drop_made(b);
    uv_close((uv_handle_t *)&b->over, NULL);
}
