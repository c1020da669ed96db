/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* /bin/sh with facts in its environment, in a session of its own so that all of it can be killed when it takes too long. */
#include "tool/shell.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"

enum { INHERITED = 5, INHERITED_ROOM = 512 };

/* One that waits or runs. */
typedef struct command {
    uv_process_t process; /* first: closed handles lead back to it */
    uv_timer_t timer;
    struct hf_shell *shell;
    struct command *next;
    char *text;
    char *facts[HF_SHELL_FACTS];
    size_t n_facts;
    unsigned open;       /* handles */
    hf_shell_over *over; /* NULL: nobody asks, or it was told */
    void *token;
    bool killed;
} command;

struct hf_shell {
    uv_loop_t *loop;
    hf_shell_limits limits;
    hf_shell_failed *on_failed;
    void *user;
    command *first, *last; /* that wait */
    size_t waiting, running;
    uint64_t failed;
    bool stopped;
};

/* ---- facts ---- */

static bool copy_facts(command *c, const char *const *facts, size_t n)
{
    for (size_t i = 0; i < n && i < HF_SHELL_FACTS; i++) {
        c->facts[i] = (char *)hf_copy(hf_span_of(facts[i], strnlen(facts[i], HF_SHELL_FACT_MAX)));
        if (!c->facts[i])
            return false;
        c->n_facts++;
    }
    return true;
}

/* Not all of ours: what systemd or a debugger told us is not a command's business. */
static void set_environment(const command *c, char inherited[INHERITED][INHERITED_ROOM],
                            char *list[HF_SHELL_FACTS + INHERITED + 1])
{
    static const char *const names[INHERITED] = { "PATH", "HOME", "LANG", "TZ", "USER" };
    size_t n = 0;

    for (size_t i = 0; i < c->n_facts; i++)
        list[n++] = c->facts[i];
    for (size_t i = 0; i < INHERITED; i++) {
        const char *value = getenv(names[i]);
        if (!value && i == 0)
            value = "/usr/local/bin:/usr/bin:/bin";
        if (!value || strlen(names[i]) + strlen(value) + 2 > INHERITED_ROOM)
            continue;
        snprintf(inherited[i], INHERITED_ROOM, "%s=%s", names[i], value);
        list[n++] = inherited[i];
    }
    list[n] = NULL;
}

/* ---- one ---- */

static void start_next(hf_shell *shell);

static void tell(command *c, bool good)
{
    hf_shell_over *over = c->over;

    c->over = NULL;
    if (over)
        over(c->token, good);
}

static void drop(command *c)
{
    tell(c, false);
    for (size_t i = 0; i < c->n_facts; i++)
        hf_free(c->facts[i]);
    hf_free(c->text);
    hf_free(c);
}

static void end_all(hf_shell *shell)
{
    if (shell->stopped && shell->running == 0)
        hf_free(shell);
}

static void on_closed(uv_handle_t *handle)
{
    command *c = handle->data;
    hf_shell *shell = c->shell;

    if (--c->open > 0)
        return;
    drop(c);
    shell->running--;
    start_next(shell);
    end_all(shell);
}

static void close_both(command *c)
{
    if (!uv_is_closing((uv_handle_t *)&c->process))
        uv_close((uv_handle_t *)&c->process, on_closed);
    if (!uv_is_closing((uv_handle_t *)&c->timer))
        uv_close((uv_handle_t *)&c->timer, on_closed);
}

static void say_failed(hf_shell *shell, const command *c, const char *why)
{
    shell->failed++;
    if (shell->on_failed)
        shell->on_failed(shell->user, why, (const char *const *)c->facts, c->n_facts);
}

static void on_exit_of(uv_process_t *process, int64_t status, int signal)
{
    command *c = process->data;
    char why[64];

    snprintf(why, sizeof why, "it failed: %s %lld", signal ? "signal" : "exit code",
             signal ? (long long)signal : (long long)status);
    if (c->killed)
        say_failed(c->shell, c, "it took too long and was ended");
    else if (status != 0 || signal != 0)
        say_failed(c->shell, c, why);
    tell(c, !c->killed && status == 0 && signal == 0);
    close_both(c);
}

/* With all that it started. */
static void end_group(command *c)
{
    kill(-c->process.pid, SIGKILL);
    uv_process_kill(&c->process, SIGKILL);
}

static void on_late(uv_timer_t *timer)
{
    command *c = timer->data;

    c->killed = true;
    end_group(c);
}

static int spawn(command *c)
{
    char inherited[INHERITED][INHERITED_ROOM], *environment[HF_SHELL_FACTS + INHERITED + 1];
    char shell[] = "/bin/sh", option[] = "-c";
    char *arguments[] = { shell, option, c->text, NULL };
    uv_stdio_container_t none = { .flags = UV_IGNORE }, ours = { .flags = UV_INHERIT_FD };
    uv_stdio_container_t stdio[3] = { none, none, none };
    uv_process_options_t options = { .exit_cb = on_exit_of,
                                     .file = shell,
                                     .args = arguments,
                                     .env = environment,
                                     .flags = UV_PROCESS_DETACHED,
                                     .stdio = stdio,
                                     .stdio_count = 3 };

    ours.data.fd = STDERR_FILENO;
    if (c->shell->limits.talks)
        stdio[1] = stdio[2] = ours;
    set_environment(c, inherited, environment);
    return uv_spawn(c->shell->loop, &c->process, &options);
}

static void start(command *c)
{
    hf_shell *shell = c->shell;

    shell->running++;
    c->open = 2;
    uv_timer_init(shell->loop, &c->timer);
    c->timer.data = c;
    int e = spawn(c); /* also if it fails the handle must be closed */
    c->process.data = c;
    if (e == 0) {
        uv_update_time(shell->loop); /* much may have happened since the loop turned */
        uv_timer_start(&c->timer, on_late, shell->limits.ms, 0);
        return;
    }
    say_failed(shell, c, uv_strerror(e));
    tell(c, false);
    close_both(c);
}

static void start_next(hf_shell *shell)
{
    while (shell->first && shell->running < shell->limits.at_once && !shell->stopped) {
        command *c = shell->first;
        shell->first = c->next;
        shell->waiting--;
        start(c);
    }
    if (!shell->first)
        shell->last = NULL;
}

/* ---- all ---- */

hf_shell *hf_shell_new(uv_loop_t *loop, const hf_shell_limits *limits, hf_shell_failed *failed,
                       void *user)
{
    hf_shell *shell = hf_alloc(sizeof *shell);

    if (!shell)
        return NULL;
    shell->loop = loop;
    shell->limits = *limits;
    shell->on_failed = failed;
    shell->user = user;
    return shell;
}

static command *command_new(hf_shell *shell, const char *text, const char *const *facts, size_t n)
{
    command *c = shell->waiting < shell->limits.waiting ? hf_alloc(sizeof *c) : NULL;

    if (!c)
        return NULL;
    c->shell = shell;
    c->text = (char *)hf_copy(hf_span_str(text));
    if (c->text && copy_facts(c, facts, n))
        return c;
    drop(c);
    return NULL;
}

void hf_shell_run(hf_shell *shell, const char *text, const char *const *facts, size_t n)
{
    hf_shell_run_for(shell, text, facts, n, NULL, NULL);
}

void hf_shell_run_for(hf_shell *shell, const char *text, const char *const *facts, size_t n,
                      hf_shell_over *over, void *token)
{
    command *c = command_new(shell, text, facts, n);

    if (!c) {
        shell->failed++;
        if (shell->on_failed)
            shell->on_failed(shell->user, "it was not run: too many wait", facts, n);
        if (over)
            over(token, false);
        return;
    }
    c->over = over;
    c->token = token;
    if (shell->last)
        shell->last->next = c;
    else
        shell->first = c;
    shell->last = c;
    shell->waiting++;
    start_next(shell);
}

bool hf_shell_busy(const hf_shell *shell)
{
    return shell->waiting + shell->running > 0;
}

uint64_t hf_shell_failures(const hf_shell *shell)
{
    return shell->failed;
}

static void let_go(uv_handle_t *handle, void *user)
{
    hf_shell *shell = user;
    command *c = handle->data;

    if (handle->type == UV_PROCESS && ((uv_process_t *)handle)->exit_cb == on_exit_of &&
        c->shell == shell && uv_is_active(handle)) {
        if (shell->limits.ends)
            end_group(c);
        tell(c, false);
        close_both(c);
    }
}

/* Who has told is not to tell again: it may be that nobody looked for a while. */
static void hear_of_those_over(hf_shell *shell)
{
    shell->running++; /* so that it lives */
    uv_run(shell->loop, UV_RUN_NOWAIT);
    shell->running--;
}

void hf_shell_stop(hf_shell *shell)
{
    if (!shell)
        return;
    shell->stopped = true;
    while (shell->first) {
        command *c = shell->first;
        shell->first = c->next;
        shell->waiting--;
        drop(c);
    }
    if (shell->limits.ends)
        hear_of_those_over(shell);
    uv_walk(shell->loop, let_go, shell);
    end_all(shell);
}
