/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The parent's life: start, signals, timers, stop. */
#include "tool/proxy/parent.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "tool/exit.h"
#include "tool/proxy/fault.h"
#include "tool/proxy/notify.h"
#include "tool/say.h"

enum {
    MINUTE_MS = 60000,
    STOP_SPARE_MS = 10000,    /* beyond limits.drain, before systemd may lose its patience */
    SPARE_SLOTS = 16,         /* beside two crews at once */
    DESCRIPTORS_A_CLIENT = 2, /* its connection and a backend's */
    DESCRIPTORS_OWN = 512
};

unsigned hf_parent_workers(const hf_proxy_config *config)
{
    unsigned n = config->workers ? config->workers : uv_available_parallelism();

    return n < HF_SLOTS_MAX ? n : HF_SLOTS_MAX;
}

/* ---- stop ---- */

static void close_doors(hf_parent *p)
{
    hf_control_close(p->control);
    p->control = NULL;
    hf_admin_stop(p->admin);
    p->admin = NULL;
}

static void close_all(hf_parent *p)
{
    uv_handle_t *const handles[] = { (uv_handle_t *)&p->hangup,    (uv_handle_t *)&p->terminate,
                                     (uv_handle_t *)&p->interrupt, (uv_handle_t *)&p->child,
                                     (uv_handle_t *)&p->rotation,  (uv_handle_t *)&p->watchdog,
                                     (uv_handle_t *)&p->minute };

    if (p->closed)
        return;
    p->closed = true;
    hf_reload_abandon(p);
    hf_watch_stop(&p->watch);
    if (p->reminders)
        hf_reminders_stop(p->reminders);
    p->reminders = NULL;
    for (size_t i = 0; i < sizeof handles / sizeof handles[0]; i++)
        if (handles[i]->data && !uv_is_closing(handles[i]))
            uv_close(handles[i], NULL);
    close_doors(p);
    if (p->serving)
        hf_parent_say(p, HF_SAY_INFO, "stopped", "all workers have ended");
    hf_log_stop(&p->log);
}

static void end_if_alone(hf_parent *p)
{
    if (p->stops > 0 && !p->house.crews)
        close_all(p);
}

void hf_parent_stop(hf_parent *p)
{
    uint64_t ms = p->stops++ == 0 && p->serving ? HF_DRAIN_STANDARD : 0;
    hf_crew *next;

    if (p->stops > 2)
        return;
    hf_notify("STOPPING=1\nEXTEND_TIMEOUT_USEC=%llu\nSTATUS=Connections may finish",
              (unsigned long long)(p->now->config->limits.drain_ms + STOP_SPARE_MS) * 1000);
    hf_parent_say_stop(p, ms != 0);
    hf_reload_abandon(p);
    for (hf_crew *crew = p->house.crews; crew; crew = next) {
        next = hf_crew_next(crew);
        hf_crew_drain(crew, ms);
    }
    hf_sockets_close(p->sockets, NULL); /* the workers take what waits there, and close theirs */
    p->sockets = NULL;
    end_if_alone(p);
}

/* ---- crews ---- */

static hf_parent *parent_of(hf_crew *crew)
{
    return hf_crew_house_of(crew)->user;
}

static void serve(hf_parent *p)
{
    hf_crew_go(p->crew);
    p->serving = true;
    hf_parent_say_ready(p);
    hf_notify("READY=1\nSTATUS=Serving");
}

static void answered(hf_crew *crew, bool good, const char *why)
{
    hf_parent *p = parent_of(crew);

    if (p->serving) {
        hf_reload_answered(p, good, why);
    } else if (good) {
        serve(p);
    } else {
        hf_parent_say(p, HF_SAY_ERROR, "start", "%s", why);
        p->exit_code = HF_EXIT_IO;
        hf_parent_stop(p);
    }
}

static bool told(hf_crew *crew, unsigned slot, hf_message kind, hf_span bytes)
{
    hf_failures_ring *ring = parent_of(crew)->failures;

    if (kind == HF_MESSAGE_BACKEND)
        return hf_backend_errors_add(parent_of(crew)->backend_errors, bytes);
    return kind == HF_MESSAGE_FAILURE ? hf_failures_ring_add(ring, slot, bytes)
                                      : hf_failures_ring_trace(ring, slot, bytes);
}

static void died(hf_crew *crew, pid_t pid, int status, unsigned restart_ms)
{
    hf_parent_say_death(parent_of(crew), pid, status, restart_ms);
}

static void hangs(hf_crew *crew, pid_t pid)
{
    hf_parent_say_hang(parent_of(crew), pid);
}

static void gone(hf_crew *crew)
{
    hf_parent *p = parent_of(crew);

    if (p->crew == crew)
        p->crew = NULL;
    end_if_alone(p);
}

static void taken(hf_crew *crew)
{
    hf_reload_taken(parent_of(crew));
}

static void shut(hf_crew *crew)
{
    hf_reload_shut(parent_of(crew));
}

static const hf_crew_ops crew_ops = { answered, told, died, hangs, gone, taken, shut };

/* ---- signals and timers ---- */

static void hung_up(uv_signal_t *signal, int number)
{
    hf_parent *p = signal->data;

    (void)number;
    if (p->stops == 0)
        hf_reload_ask(p, HF_RELOAD_ALL, NULL);
}

static void told_to_stop(uv_signal_t *signal, int number)
{
    (void)number;
    hf_parent_stop(signal->data);
}

static void child_died(uv_signal_t *signal, int number)
{
    hf_parent *p = signal->data;

    (void)number;
    hf_crew_reap(&p->house);
}

static void files_changed(void *user)
{
    hf_parent *p = user;

    if (p->stops == 0)
        hf_reload_ask(p, HF_RELOAD_FILES, NULL);
}

static void rotate(uv_timer_t *timer)
{
    hf_parent *p = timer->data;

    if (p->stops == 0 && hf_own_keys_rotate(&p->keys) && !p->now->config->ticket_keys.text)
        hf_reload_ask(p, HF_RELOAD_KEYS, NULL);
}

static void a_minute_later(uv_timer_t *timer)
{
    hf_parent *p = timer->data;
    int64_t at = hf_clock_wall();

    if (p->stops > 0 || p->reload.running || !p->serving)
        return;
    if (!hf_reload_is_due(p->now, p->looked_at, at)) {
        hf_parent_ask_names(p);
        return;
    }
    p->looked_at = at;
    hf_reload_ask(p, HF_RELOAD_TIME, NULL);
}

static void sign_of_life(uv_timer_t *timer)
{
    (void)timer;
    hf_notify("WATCHDOG=1");
}

static void listen_to(hf_parent *p, uv_signal_t *signal, uv_signal_cb callback, int number)
{
    uv_signal_init(&p->loop, signal);
    signal->data = p;
    uv_signal_start(signal, callback, number);
}

static void begin_timer(hf_parent *p, uv_timer_t *timer, uv_timer_cb callback, unsigned ms)
{
    uv_timer_init(&p->loop, timer);
    timer->data = p;
    if (ms > 0)
        uv_timer_start(timer, callback, ms, ms);
}

static void begin_to_listen(hf_parent *p)
{
    listen_to(p, &p->hangup, hung_up, SIGHUP);
    listen_to(p, &p->terminate, told_to_stop, SIGTERM);
    listen_to(p, &p->interrupt, told_to_stop, SIGINT);
    listen_to(p, &p->child, child_died, SIGCHLD);
    begin_timer(p, &p->rotation, rotate, HF_OWN_KEYS_ROTATION_MS);
    begin_timer(p, &p->minute, a_minute_later, MINUTE_MS);
    begin_timer(p, &p->watchdog, sign_of_life, hf_notify_watchdog_ms() / 2);
}

void hf_parent_settle(hf_parent *p, hf_watched_files *watched, struct timespec since)
{
    const char *state = p->now->config->state.text;
    char path[4096];

    p->looked_at = hf_clock_wall();
    if (p->reminders)
        hf_reminders_loaded(p->reminders, p->now);
    hf_watch_set(&p->watch, watched, since);
    if (state)
        hf_proxy_path(p->now->config, state, path, sizeof path);
    if (!hf_failures_ring_state(p->failures, state ? path : NULL))
        hf_parent_say(p, HF_SAY_WARNING, "state", "traces cannot be kept: %s: %s", path,
                      strerror(errno));
}

/* ---- start ---- */

/* What a worker may have open: its share of all connections could be all of them. */
static void raise_descriptors(hf_parent *p)
{
    const hf_proxy_config *config = p->now->config;
    struct rlimit limit;
    uint64_t wanted = config->limits.connections * DESCRIPTORS_A_CLIENT + DESCRIPTORS_OWN;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    uint64_t share = wanted / hf_parent_workers(config) + DESCRIPTORS_OWN;
    if (config->limits.connections_given && limit.rlim_max != RLIM_INFINITY &&
        limit.rlim_max < share)
        hf_parent_say(
            p, HF_SAY_WARNING, "limits",
            "limits.connections: %llu do not fit: a worker may open %llu files, and would need "
            "%llu; raise LimitNOFILE= in the unit, or ulimit -Hn",
            (unsigned long long)config->limits.connections, (unsigned long long)limit.rlim_max,
            (unsigned long long)share);
}

static int complain(const hf_config_fault *fault, int code)
{
    hf_config_fault_say(fault);
    return code;
}

/* Those that are not the workers'. */
static bool prepare_doors(hf_parent *p, hf_config_fault *fault)
{
    const hf_proxy_config *config = p->now->config;

    if (config->admin.text && !(p->admin = hf_parent_admin(p, config, fault)))
        return false;
    if (!config->control.text)
        return true;
    p->control = hf_control_open(&p->loop, config, hf_parent_asked, p, fault);
    return p->control != NULL;
}

/* What is to be read and had before the first process starts. */
static int prepare(hf_parent *p)
{
    hf_config_fault room[HF_PROXY_FAULTS_MAX], fault;
    hf_config_faults faults = { .at = room, .room = HF_PROXY_FAULTS_MAX };

    memset(&fault, 0, sizeof fault);
    if (!hf_own_keys_rotate(&p->keys))
        return hf_complain_row(HF_E_RANDOM, "cannot start", "ticket keys");
    p->reload.since = hf_watch_now();
    p->now =
        hf_load_first(p->file, (const uint8_t(*)[HF_TICKET_KEY])p->keys.keys, p->keys.n, &faults);
    if (!p->now) {
        hf_config_faults_say(&faults);
        return HF_EXIT_USAGE;
    }
    p->now->plan.number = ++p->numbers;
    hf_fault_file(&fault, p->file);
    if (!hf_account_of(p->now->config, &p->account, &fault))
        return complain(&fault, HF_EXIT_USAGE);
    p->account.challenges = hf_account_folder(p->now->config);
    hf_sockets_take_given();
    p->sockets = hf_sockets_open(p->now->config, hf_parent_workers(p->now->config), NULL, &fault);
    if (!p->sockets)
        return complain(&fault, HF_EXIT_IO);
    return prepare_doors(p, &fault) ? HF_EXIT_OK : complain(&fault, HF_EXIT_IO);
}

static bool make_house(hf_parent *p)
{
    unsigned slots = 2 * p->sockets->workers + SPARE_SLOTS;

    p->house = (hf_crew_house){ .loop = &p->loop,
                                .ops = &crew_ops,
                                .user = p,
                                .slots = slots < HF_SLOTS_MAX ? slots : HF_SLOTS_MAX };
    p->house.counters = hf_counters_new(p->house.slots);
    return p->house.counters && (p->crew = hf_crew_new(&p->house, p->sockets, &p->account));
}

static int launch(hf_parent *p)
{
    hf_log_start(&p->log, &p->loop, STDERR_FILENO, p->now->config->log_json);
    hf_process_hide();
    begin_to_listen(p);
    hf_watch_start(&p->watch, &p->loop, files_changed, p);
    p->reminders = hf_reminders_start(&p->loop, &p->log);
    hf_parent_settle(p, hf_watch_files(p->now->watched, p->now->n_watched), p->reload.since);
    raise_descriptors(p);
    bool good = make_house(p);
    if (good) {
        hf_parent_say_warnings(p, p->now);
        hf_parent_say_account(p, p->now->config);
        hf_parent_say_confined(p);
        hf_parent_say_sites(p, p->now);
        hf_parent_say_unused(p);
    }
    if (good && hf_crew_offer(p->crew, &p->now->plan))
        return HF_EXIT_OK;
    hf_parent_say(p, HF_SAY_ERROR, "start",
                  "the workers could not be started: no memory, descriptors or processes");
    hf_parent_stop(p);
    return HF_EXIT_IO;
}

static void free_all(hf_parent *p)
{
    hf_loaded_free(p->now);
    hf_sockets_close(p->sockets, NULL);
    hf_counters_free(p->house.counters);
    hf_failures_ring_free(p->failures);
    json_decref(p->backend_errors);
    hf_own_keys_wipe(&p->keys);
}

int hf_parent_run(const char *file)
{
    static hf_parent parent; /* one a process */
    hf_parent *p = &parent;

    p->file = file;
    hf_notify_start();
    p->status.started = hf_clock_wall();
    p->status.pid = (long)getpid();
    p->failures = hf_failures_ring_new();
    p->backend_errors = json_object();
    if (!p->failures || !p->backend_errors || uv_loop_init(&p->loop) != 0)
        return hf_complain_row(HF_E_NO_MEMORY, "cannot start", "event loop");
    p->exit_code = prepare(p);
    if (p->exit_code == HF_EXIT_OK)
        p->exit_code = launch(p);
    else
        close_doors(p);
    uv_run(&p->loop, UV_RUN_DEFAULT);
    uv_loop_close(&p->loop);
    free_all(p);
    return p->exit_code;
}
