/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* fork and exec. Between the two stands only what is allowed there: no memory, no locks, no stdio. */
#define _GNU_SOURCE /* struct ucred, close_range */
#include "tool/proxy/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/say.h"

enum {
    ENV_MAX = 1024,
    SOCKETS_MAX = HF_SOCKETS_ROWS * HF_SLOTS_MAX,
    FDS_MAX = HF_SPAWN_SOCKETS + SOCKETS_MAX + HF_SLOTS_MAX + 1
};

extern char **environ;

/* ---- what the worker is given ---- */

/* What is the parent's alone: systemd's talk with it. And no keys are ever logged. */
static bool is_ours(const char *entry)
{
    static const char *const names[] = {
        "NOTIFY_SOCKET=", "WATCHDOG_PID=",  "WATCHDOG_USEC=",
        "LISTEN_",        "SSLKEYLOGFILE=", HF_SPAWN_VARIABLE "="
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strncmp(entry, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static void make_environment(char *own, char *out[ENV_MAX])
{
    size_t n = 0;

    out[n++] = own;
    for (char **e = environ; *e && n < ENV_MAX - 1; e++)
        if (!is_ours(*e))
            out[n++] = *e;
    out[n] = NULL;
}

typedef struct gift {
    int fds[FDS_MAX]; /* from HF_SPAWN_CHANNEL on */
    int high[FDS_MAX];
    size_t n;
    char variable[64];
    char *environment[ENV_MAX];
} gift;

static void wrap(gift *g, const hf_spawn *s)
{
    size_t n_tls, n_redirect;

    g->fds[0] = s->channel;
    g->n = 1;
    n_tls = hf_sockets_of(s->sockets, s->worker, HF_DOOR_TLS, g->fds + g->n, SOCKETS_MAX);
    g->n += n_tls;
    n_redirect =
        hf_sockets_of(s->sockets, s->worker, HF_DOOR_REDIRECT, g->fds + g->n, SOCKETS_MAX - n_tls);
    g->n += n_redirect;
    size_t n_counters = hf_counters_fds(s->counters, g->fds + g->n);
    g->n += n_counters;
    snprintf(g->variable, sizeof g->variable, HF_SPAWN_VARIABLE "=%u:%zu:%zu:%ld:%zu", s->slot,
             n_tls, n_redirect, hf_account_later(s->account), n_counters - 1);
    make_environment(g->variable, g->environment);
}

/* ---- after fork ---- */

/* First out of the way, then each to its number: a target may be another's source. */
static bool place_descriptors(gift *g)
{
    int beyond = HF_SPAWN_CHANNEL + (int)g->n;

    for (size_t i = 0; i < g->n; i++)
        if ((g->high[i] = fcntl(g->fds[i], F_DUPFD_CLOEXEC, beyond)) < 0)
            return false;
    for (size_t i = 0; i < g->n; i++)
        if (dup2(g->high[i], HF_SPAWN_CHANNEL + (int)i) < 0)
            return false;
    (void)close_range((unsigned)beyond, ~0u, CLOSE_RANGE_CLOEXEC);
    return true;
}

static void settle_signals(void)
{
    static const int plain[] = { SIGTERM, SIGCHLD, SIGUSR1, SIGUSR2, SIGPIPE };
    sigset_t none;

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        signal(plain[i], SIG_DFL);
    signal(SIGINT,
           SIG_IGN); /* ctrl-C and a terminal's end reach the whole group: the parent decides */
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void give_up(const char *why)
{
    (void)!write(STDERR_FILENO, why, strlen(why));
    _exit(HF_EXIT_IO);
}

static void become_worker(gift *g, const hf_account *account)
{
    static const char *const words[] = { "handfast", "proxy", "run", NULL };

    settle_signals();
    if (!place_descriptors(g))
        give_up("handfast: a worker could not be started: too few descriptors (ulimit -n)\n");
    if (!hf_account_become(account))
        give_up("handfast: a worker could not be started: it cannot become its user\n");
    execve("/proc/self/exe", (char *const *)(uintptr_t)words, g->environment);
    give_up("handfast: a worker could not be started: its user may not run this program\n");
}

pid_t hf_spawn_worker(const hf_spawn *spawn)
{
    gift *g = hf_alloc(sizeof *g);
    sigset_t all, before;
    pid_t pid;

    if (!g)
        return errno = ENOMEM, -1;
    wrap(g, spawn);
    sigfillset(&all); /* no handler of the loop runs in the child */
    sigprocmask(SIG_SETMASK, &all, &before);
    pid = fork();
    if (pid == 0)
        become_worker(g, spawn->account);
    int error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    hf_free(g);
    errno = error;
    return pid;
}

/* ---- on the other side ---- */

static bool comes_from_parent(void)
{
    struct ucred peer;
    socklen_t len = sizeof peer;

    return getsockopt(HF_SPAWN_CHANNEL, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           peer.pid == getppid();
}

static int refuse(void)
{
    hf_error_what("this is no worker of a proxy");
    hf_error_why("%s is set, and nobody who runs a proxy started this process", HF_SPAWN_VARIABLE);
    hf_error_next("take it out of the environment: unset %s", HF_SPAWN_VARIABLE);
    return HF_EXIT_USAGE;
}

bool hf_spawn_is_worker(int *code)
{
    const char *text = getenv(HF_SPAWN_VARIABLE);
    unsigned slot, n_tls, n_redirect, slots;
    long user;
    char end;

    if (!text)
        return false;
    if (sscanf(text, "%u:%u:%u:%ld:%u%c", &slot, &n_tls, &n_redirect, &user, &slots, &end) != 5 ||
        !comes_from_parent() || slot >= slots || slots > HF_SLOTS_MAX) {
        *code = refuse();
        return true;
    }
    unsetenv(HF_SPAWN_VARIABLE);
    *code = hf_account_become_later(user) && hf_process_seal(getppid())
                ? hf_worker_main(slot, slots, n_tls, n_redirect)
                : HF_EXIT_IO;
    return true;
}
