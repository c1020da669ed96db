/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `handfast watch`: rounds, the time between them, and signals. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tool/audit/watch_round.h"
#include "tool/audit/watch_tell.h"
#include "tool/exit.h"
#include "tool/misuse.h"
#include "tool/moment.h"
#include "tool/say.h"

enum {
    HOUR = 3600,
    EVERY_MIN = HOUR,
    EVERY_MAX = 4 * 7 * 24 * HOUR,
    SPREAD = 10,
    SIGNALS = 3,
    SIGNALLED = 128
};

typedef struct watch {
    const hf_watch_options *o;
    hf_watch_list list;
    hf_watch_folder folder;
    hf_watch_days days;
    int64_t every; /* seconds */
    uv_loop_t loop;
    uv_signal_t signals[SIGNALS]; /* SIGHUP first */
    uv_timer_t timer;
    hf_watch_post *post;
    int ended; /* the signal that did it */
    bool again, resting;
} watch;

/* ---- options ---- */

static int wrong(const char *what, const char *option, const char *value, const char *next)
{
    char why[128];

    snprintf(why, sizeof why, "%s \"%.100s\"", option, value);
    return hf_misuse(what, why, next);
}

static int read_every(watch *w)
{
    if (hf_span_of_time(w->o->every, &w->every) && w->every >= EVERY_MIN && w->every <= EVERY_MAX)
        return HF_EXIT_OK;
    return wrong("that is no time from one round to the next", "--every", w->o->every,
                 "give 1h to 4w: --every 6h, --every 1d");
}

static int read_days(watch *w)
{
    if (hf_watch_days_read(w->o->remind, &w->days))
        return HF_EXIT_OK;
    return wrong("these are no days to remind at", "--remind", w->o->remind,
                 "give numbers from 1 to 3650, at most 20: --remind 30,14,7,3,1");
}

static int check_options(watch *w)
{
    int status = read_every(w);

    if (status == HF_EXIT_OK)
        status = read_days(w);
    if (status == HF_EXIT_OK && w->o->once &&
        hf_option_given(hf_command_named("watch"), w->o, "every"))
        status = hf_misuse("--once and --every exclude each other",
                           "what looks once does not look again", "leave one of them out");
    return status;
}

/* ---- rounds ---- */

static int exit_of(const hf_watch_round *round)
{
    if (round->trouble != HF_EXIT_OK)
        return round->trouble;
    if (hf_watch_post_failures(round->post) > 0)
        return HF_EXIT_IO;
    return round->worse ? HF_EXIT_FINDING : round->unreachable ? HF_EXIT_UNREACHABLE : HF_EXIT_OK;
}

/* Commands are waited for: each has its time. */
static void await_commands(watch *w)
{
    while (hf_watch_post_busy(w->post) && !w->ended)
        uv_run(&w->loop, UV_RUN_ONCE);
}

static int look(watch *w)
{
    hf_watch_round round = { .o = w->o,
                             .list = &w->list,
                             .folder = &w->folder,
                             .days = &w->days,
                             .loop = &w->loop,
                             .post = w->post };
    int signalled = hf_watch_look(&round);

    if (signalled != HF_EXIT_OK)
        return signalled;
    await_commands(w);
    return exit_of(&round);
}

/* ---- the time between ---- */

static uint64_t rest_ms(int64_t every)
{
    uint64_t draw = 0;

    if (uv_random(NULL, NULL, &draw, sizeof draw, 0, NULL) != 0)
        draw = 0;
    return hf_watch_rest_ms(every, draw);
}

static void on_timer(uv_timer_t *timer)
{
    watch *w = timer->data;

    w->resting = false;
}

static void on_signal(uv_signal_t *handle, int number)
{
    watch *w = handle->data;

    w->resting = false;
    if (number == SIGHUP)
        w->again = true;
    else
        w->ended = number;
}

static const char *s_of(size_t n)
{
    return n == 1 ? "" : "s";
}

/* A list with a mistake in it is told of, and the one before goes on. */
static void read_again(watch *w)
{
    hf_watch_list fresh;

    w->again = false;
    if (hf_watch_list_read(w->o, &fresh) != HF_EXIT_OK) {
        hf_warn("what was watched before is watched on");
        hf_watch_list_free(&fresh);
        return;
    }
    hf_watch_list_free(&w->list);
    w->list = fresh;
    hf_note("handfast: read again: %zu target%s and %zu file%s\n", w->list.n_targets,
            s_of(w->list.n_targets), w->list.n_files, s_of(w->list.n_files));
}

static void rest(watch *w)
{
    uv_update_time(&w->loop);
    uv_timer_start(&w->timer, on_timer, rest_ms(w->every), 0);
    w->resting = !w->again && !w->ended;
    while (w->resting)
        uv_run(&w->loop, UV_RUN_ONCE);
    uv_timer_stop(&w->timer);
}

/* Whoever read what is told has gone, and there is no other way to tell it. */
static bool is_pointless(const watch *w)
{
    return hf_out_gone() && !w->o->command;
}

static int go_on(watch *w)
{
    hf_note("handfast: watching %zu target%s and %zu file%s, every %s; remembered in %s\n",
            w->list.n_targets, s_of(w->list.n_targets), w->list.n_files, s_of(w->list.n_files),
            w->o->every, w->folder.path);
    while (!w->ended && !is_pointless(w)) {
        int status = look(w);
        if (status > SIGNALLED)
            w->ended = status - SIGNALLED;
        else
            rest(w);
        if (w->again)
            read_again(w);
    }
    if (w->ended)
        hf_note("handfast: ended by a signal\n");
    return HF_EXIT_OK;
}

/* ---- the loop ---- */

static void start(watch *w)
{
    static const int numbers[SIGNALS] = { SIGHUP, SIGINT, SIGTERM };

    for (size_t i = w->o->once; i < SIGNALS; i++) {
        uv_signal_init(&w->loop, &w->signals[i]);
        w->signals[i].data = w;
        uv_signal_start(&w->signals[i], on_signal, numbers[i]);
    }
    uv_timer_init(&w->loop, &w->timer);
    w->timer.data = w;
}

static void stop(watch *w)
{
    for (size_t i = w->o->once; i < SIGNALS; i++)
        uv_close((uv_handle_t *)&w->signals[i], NULL);
    uv_close((uv_handle_t *)&w->timer, NULL);
    hf_watch_post_stop(w->post);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    uv_loop_close(&w->loop);
}

static int run(watch *w)
{
    int status;

    if (uv_loop_init(&w->loop) != 0)
        return hf_complain_row(HF_E_NO_MEMORY, "cannot watch", "");
    w->post = hf_watch_post_new(&w->loop, w->o->command);
    if (!w->post) {
        uv_loop_close(&w->loop);
        return hf_complain_row(HF_E_NO_MEMORY, "cannot watch", "");
    }
    start(w);
    status = w->o->once ? look(w) : go_on(w);
    if (w->o->once && w->ended)
        status = SIGNALLED + w->ended;
    stop(w);
    return status;
}

int hf_cmd_watch(const hf_watch_options *options)
{
    watch w = { .o = options };
    int status = check_options(&w);

    if (status == HF_EXIT_OK)
        status = hf_watch_list_read(options, &w.list);
    if (status == HF_EXIT_OK)
        status = hf_watch_folder_open(&w.folder, options->state);
    if (status == HF_EXIT_OK) {
        status = run(&w);
        hf_watch_folder_close(&w.folder);
    }
    hf_watch_list_free(&w.list);
    return status;
}
