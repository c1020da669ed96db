/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The steps of a reload. Until the last one nothing of the parent is touched, so a refusal only throws away what is new. */
#include "tool/proxy/reload.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "tool/proxy/fault.h"
#include "tool/proxy/notify.h"
#include "tool/proxy/parent.h"

static void begin(hf_parent *p);

/* ---- the end of it ---- */

static void drop_new(hf_parent *p)
{
    hf_reload *r = &p->reload;

    if (r->crew)
        hf_crew_drain(r->crew, 0);
    else if (p->crew)
        hf_crew_forget(p->crew);
    hf_sockets_close(r->sockets, p->sockets);
    if (r->new_control)
        hf_control_close(r->control);
    hf_admin_stop(r->admin);
    hf_watched_files_free(r->watched);
    hf_loaded_free(r->loaded);
    r->watched = NULL;
    r->crew = NULL;
    r->sockets = NULL;
    r->control = NULL;
    r->admin = NULL;
    r->loaded = NULL;
}

static void answer_all(hf_parent *p, json_t *result)
{
    hf_reload *r = &p->reload;

    for (size_t i = 0; i < r->n_waiting; i++)
        hf_control_answer(r->waiting[i], json_incref(result));
    r->n_waiting = 0;
    json_decref(result);
}

static void go_on(hf_parent *p)
{
    hf_reload *r = &p->reload;

    r->running = false;
    hf_own_keys_wipe(&r->keys);
    if (r->cause != HF_RELOAD_TIME)
        hf_notify("READY=1\nSTATUS=Serving");
    if (!r->again)
        return;
    r->again = false;
    memcpy(r->waiting, r->waiting_next, sizeof r->waiting);
    r->n_waiting = r->n_waiting_next;
    r->n_waiting_next = 0;
    r->cause = r->next_cause;
    begin(p);
}

static void refuse(hf_parent *p)
{
    drop_new(p);
    hf_watch_refused(&p->watch);
    hf_parent_note_reload(p, &p->reload.fault);
    hf_parent_say_refused(p, &p->reload.fault);
    answer_all(p, hf_reload_refused(&p->reload.fault));
    go_on(p);
}

static void refuse_words(hf_parent *p, const char *what, const char *why, const char *next)
{
    hf_config_fault *fault = &p->reload.fault;

    memset(fault, 0, sizeof *fault);
    hf_fault_file(fault, p->file);
    hf_fault_what(fault, (hf_place){ 0, 0 }, "%s", what);
    hf_fault_why(fault, "%s", why);
    hf_fault_next(fault, "%s", next);
    refuse(p);
}

/* ---- all of it counts ---- */

static void take_crew(hf_parent *p)
{
    hf_reload *r = &p->reload;
    hf_crew *old = p->crew;

    hf_crew_go(r->crew ? r->crew : p->crew);
    if (!r->crew)
        return;
    bool others = !hf_account_same(&p->account, &r->account);
    p->crew = r->crew;
    p->account = r->account;
    if (others)
        hf_parent_say_account(p, r->loaded->config);
    hf_crew_drain(old, HF_DRAIN_NO_LIMIT);
}

/* The old ones are closed last: what came in the meantime has been accepted by then, or waits where it stays. */
static void take_sockets(hf_parent *p)
{
    hf_sockets *old = p->sockets;

    if (!p->reload.sockets)
        return;
    p->sockets = p->reload.sockets;
    hf_sockets_close(old, p->sockets);
}

static void take_control(hf_parent *p)
{
    if (!p->reload.new_control)
        return;
    hf_control_close(p->control);
    p->control = p->reload.control;
}

static void take_admin(hf_parent *p)
{
    if (!p->reload.new_admin)
        return;
    hf_admin_stop(p->admin);
    p->admin = p->reload.admin;
}

static void take(hf_parent *p)
{
    hf_reload *r = &p->reload;
    hf_loaded *old = p->now;

    take_crew(p);
    take_sockets(p);
    take_control(p);
    take_admin(p);
    p->now = r->loaded;
    p->log.json = p->now->config->log_json;
    r->crew = NULL;
    r->sockets = NULL;
    r->control = NULL;
    r->admin = NULL;
    r->loaded = NULL;
    hf_parent_settle(p, r->watched, r->since);
    r->watched = NULL;
    hf_parent_note_reload(p, NULL);
    hf_parent_say_reload(p, old, r->cause);
    r->done = hf_reload_done(old, p->now);
    hf_loaded_free(old);
}

/* Who asked for it may rely on it from now on: it counts in all workers, and none of those that they replace lets anybody in. */
static void see_whether_over(hf_parent *p)
{
    json_t *done = p->reload.done;

    for (const hf_crew *crew = p->house.crews; crew; crew = hf_crew_next(crew))
        if (hf_crew_is_shutting(crew))
            return;
    if (!done || !p->reload.taken)
        return;
    p->reload.done = NULL;
    answer_all(p, done);
    go_on(p);
}

void hf_reload_taken(hf_parent *p)
{
    p->reload.taken = true;
    see_whether_over(p);
}

void hf_reload_shut(hf_parent *p)
{
    see_whether_over(p);
}

void hf_reload_answered(hf_parent *p, bool good, const char *why)
{
    if (good)
        take(p);
    else
        refuse_words(
            p, "the workers did not take the new configuration", why,
            "nothing has changed; if it comes again, it is a bug of ours: please report it");
}

/* ---- what is new is opened ---- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Its file was taken away: it is made again, and if it cannot be, that is no reason to refuse what else is new. */
static bool open_lost_control(hf_parent *p)
{
    hf_reload *r = &p->reload;
    hf_config_fault why;

    if (!r->loaded->config->control.text || (p->control && hf_control_stands(p->control)))
        return true;
    memset(&why, 0, sizeof why);
    r->control = hf_control_open(&p->loop, r->loaded->config, hf_parent_asked, p, &why);
    r->new_control = r->control != NULL;
    if (r->control)
        hf_parent_say(p, HF_SAY_WARNING, "control", "its file was gone: it was made again");
    else
        hf_parent_say(p, HF_SAY_WARNING, "control", "its file is gone, and cannot be made: %s: %s",
                      why.what, why.why);
    return true;
}

static bool open_control(hf_parent *p)
{
    hf_reload *r = &p->reload;
    const hf_proxy_config *new = r->loaded->config;

    r->new_control = !same_text(new->control.text, p->now->config->control.text);
    if (!r->new_control)
        return open_lost_control(p);
    if (!new->control.text)
        return true;
    r->control = hf_control_open(&p->loop, new, hf_parent_asked, p, &r->fault);
    return r->control != NULL;
}

static bool open_admin(hf_parent *p)
{
    hf_reload *r = &p->reload;
    const hf_proxy_config *new = r->loaded->config;

    r->new_admin = !same_text(new->admin.text, p->now->config->admin.text);
    if (!r->new_admin || !new->admin.text)
        return true;
    r->admin = hf_parent_admin(p, new, &r->fault);
    return r->admin != NULL;
}

/* Other sockets, another number, another user or another folder need other workers. */
static bool open_sockets(hf_parent *p)
{
    hf_reload *r = &p->reload;
    const hf_proxy_config *new = r->loaded->config;

    if (!hf_account_of(new, &r->account, &r->fault))
        return false;
    r->account.challenges = r->challenges;
    r->sockets = hf_sockets_open(new, hf_parent_workers(new), p->sockets, &r->fault);
    if (!r->sockets)
        return false;
    if (!hf_sockets_same(r->sockets, p->sockets) || !hf_account_same(&r->account, &p->account))
        return true;
    hf_sockets_close(r->sockets, p->sockets);
    r->sockets = NULL;
    return true;
}

static bool no_room(hf_parent *p, unsigned workers)
{
    hf_config_fault *fault = &p->reload.fault;

    if (hf_crew_room(&p->house) >= workers)
        return false;
    hf_fault_what(fault, p->now->config->listen.at[0].at,
                  "there is no room for %u new workers beside those there are", workers);
    hf_fault_why(
        fault,
        "listen, redirect, workers, user or challenges changed, which takes new workers, while "
        "old ones still have connections to finish");
    hf_fault_next(fault, "wait until these are over, or start the proxy anew");
    return true;
}

static bool offer(hf_parent *p)
{
    hf_reload *r = &p->reload;

    if (r->sockets && no_room(p, r->sockets->workers))
        return false;
    if (r->sockets)
        r->crew = hf_crew_new(&p->house, r->sockets, &r->account);
    if ((!r->sockets || r->crew) && hf_crew_offer(r->crew ? r->crew : p->crew, &r->loaded->plan))
        return true;
    hf_fault_what(&r->fault, (hf_place){ 0, 0 },
                  "the new configuration could not be handed to the workers");
    hf_fault_why(&r->fault, "there is no memory, or no process more");
    hf_fault_next(&r->fault, "try again when the machine is less busy");
    return false;
}

/* ---- reading ---- */

static void read_there(uv_work_t *work)
{
    hf_reload *r = work->data;
    const uint8_t(*keys)[HF_TICKET_KEY] = (const uint8_t(*)[HF_TICKET_KEY])r->keys.keys;

    hf_watch_look_there(r->look);
    r->loaded = r->cause == HF_RELOAD_ALL ? hf_load(r->file, r->before, keys, r->keys.n, &r->fault)
                                          : hf_load_again(r->before, keys, r->keys.n, &r->fault);
    if (r->loaded)
        r->challenges = hf_account_folder(r->loaded->config);
    r->watched = r->loaded ? hf_watch_files(r->loaded->watched, r->loaded->n_watched) : NULL;
}

static void looked(hf_parent *p)
{
    hf_watch_began(&p->watch, p->reload.look);
    p->reload.look = NULL;
}

static void was_read(uv_work_t *work, int status)
{
    hf_reload *r = work->data;
    hf_parent *p = r->parent;

    (void)status;
    r->reading = false;
    looked(p);
    if (p->stops > 0) {
        hf_reload_abandon(p);
        return;
    }
    if (!r->loaded) {
        refuse(p);
        return;
    }
    if (r->cause == HF_RELOAD_TIME && hf_reload_is_same(p->now, r->loaded)) {
        drop_new(p);
        hf_watch_read(&p->watch);
        go_on(p);
        return;
    }
    r->loaded->plan.number = ++p->numbers;
    if (!open_sockets(p) || !open_control(p) || !open_admin(p) || !offer(p))
        refuse(p);
}

static void begin(hf_parent *p)
{
    hf_reload *r = &p->reload;

    r->running = true;
    r->taken = false;
    r->parent = p;
    r->work.data = r;
    r->file = p->file;
    r->before = p->now;
    r->keys = p->keys;
    r->since = hf_watch_now();
    r->look = hf_watch_begin(&p->watch);
    r->new_control = r->new_admin = false;
    memset(&r->fault, 0, sizeof r->fault);
    hf_fault_file(&r->fault, p->file);
    r->reading = true;
    if (r->cause != HF_RELOAD_TIME)
        hf_notify_reloading();
    if (uv_queue_work(&p->loop, &r->work, read_there, was_read) == 0)
        return;
    r->reading = false;
    hf_watch_look_there(r->look);
    looked(p);
    refuse_words(p, "the configuration could not be read", "no thread could be started",
                 "try again when the machine is less busy");
}

/* ---- asking ---- */

static const hf_config_fault too_many = { .what = "this reload was not begun",
                                          .why = "too many wait for one already",
                                          .next = "ask again when it is over" };

static void wait_for(hf_control_client *list[HF_CONTROL_CLIENTS], size_t *n,
                     hf_control_client *client)
{
    if (client && *n < HF_CONTROL_CLIENTS)
        list[(*n)++] = client;
    else if (client)
        hf_control_answer(client, hf_reload_refused(&too_many));
}

void hf_reload_ask(hf_parent *p, hf_reload_cause cause, hf_control_client *client)
{
    hf_reload *r = &p->reload;

    if (r->running) {
        r->next_cause = r->again && r->next_cause > cause ? r->next_cause : cause;
        r->again = true;
        wait_for(r->waiting_next, &r->n_waiting_next, client);
        return;
    }
    wait_for(r->waiting, &r->n_waiting, client);
    r->cause = cause;
    begin(p);
}

static void say_stopped(hf_control_client *list[], size_t *n)
{
    hf_config_fault fault = { .what = "the proxy stops",
                              .why = "it was told to while it read",
                              .next = "start it anew: it will read the new configuration" };

    for (size_t i = 0; i < *n; i++)
        hf_control_answer(list[i], hf_reload_refused(&fault));
    *n = 0;
}

/* What the thread still reads is dropped when it comes back. */
void hf_reload_abandon(hf_parent *p)
{
    hf_reload *r = &p->reload;

    say_stopped(r->waiting, &r->n_waiting);
    say_stopped(r->waiting_next, &r->n_waiting_next);
    r->again = false;
    json_decref(r->done);
    r->done = NULL;
    if (r->running && !r->reading && r->loaded)
        drop_new(p);
}
