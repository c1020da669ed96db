/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the parent does, in lines of the log. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/bytes.h"
#include "tool/proxy/confine.h"
#include "tool/proxy/parent.h"
#include "tool/proxy/telling.h"
#include "tool/proxy/weaker.h"

void hf_parent_say(hf_parent *p, hf_severity severity, const char *what, const char *format, ...)
{
    char text[1024];
    hf_line line;
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    hf_line_begin(&line, &p->log, severity, what);
    hf_line_text(&line, "message", text);
    hf_line_end(&line);
}

/* A security event: counted, and never left out, as the parent's are few. */
static void begin_event(hf_line *line, hf_parent *p, hf_event_kind kind)
{
    const hf_event_row *row = hf_event_row_of(kind);

    hf_count_event(p->house.counters, hf_counters_parent(p->house.counters), kind);
    hf_line_begin(line, &p->log, row->severity, row->name);
    hf_line_flag(line, "security", true);
}

static void say_event(hf_parent *p, hf_event_kind kind, const char *site, const char *message)
{
    hf_line line;

    begin_event(&line, p, kind);
    hf_line_text(&line, "site", site);
    hf_line_text(&line, "message", message);
    hf_line_end(&line);
}

static size_t unavailable(const hf_loaded *loaded)
{
    size_t n = 0;

    for (size_t i = 0; i < loaded->config->n_sites; i++)
        n += loaded->sites[i].health == HF_HEALTH_UNAVAILABLE;
    return n;
}

void hf_parent_say_ready(hf_parent *p)
{
    char listen[1024], redirect[1024];
    hf_line line;

    hf_sockets_text(p->sockets, HF_DOOR_TLS, listen, sizeof listen);
    hf_sockets_text(p->sockets, HF_DOOR_REDIRECT, redirect, sizeof redirect);
    hf_line_begin(&line, &p->log, HF_SAY_INFO, "ready");
    hf_line_text(&line, "listen", listen);
    hf_line_text(&line, "redirect", redirect);
    hf_line_text(&line, "admin", p->now->config->admin.text);
    hf_line_text(&line, "control", p->control ? hf_control_path(p->control) : NULL);
    hf_line_number(&line, "workers", p->sockets->workers);
    hf_line_number(&line, "sites", p->now->config->n_sites);
    hf_line_number(&line, "unavailable", unavailable(p->now));
    hf_line_end(&line);
}

void hf_parent_say_stop(hf_parent *p, bool may_finish)
{
    unsigned long long n = p->house.counters ? hf_counter_held(p->house.counters) : 0;
    const char *ending = n == 1 ? "" : "s";

    if (!p->house.counters || !p->serving)
        hf_parent_say(p, HF_SAY_INFO, "stop", "before it served");
    else if (n == 0)
        hf_parent_say(p, HF_SAY_INFO, "stop", "no new connections, and none is open");
    else if (!may_finish)
        hf_parent_say(p, HF_SAY_INFO, "stop", "at once: %llu connection%s cut", n,
                      n == 1 ? " is" : "s are");
    else
        hf_parent_say(p, HF_SAY_INFO, "stop",
                      "no new connections; %llu connection%s may finish, within %llu s at most "
                      "(limits.drain); a second signal ends all at once",
                      n, ending,
                      (unsigned long long)(p->now->config->limits.drain_ms + 999) / 1000);
}

/* ---- sites ---- */

static const char *word_of(hf_health health)
{
    static const char *const words[] = { "good", "expired", "kept", "unavailable" };

    return words[health];
}

static void say_site(hf_parent *p, const hf_loaded_site *site)
{
    bool gone = site->health == HF_HEALTH_UNAVAILABLE;
    hf_line line;

    if (gone)
        begin_event(&line, p, HF_EVENT_OF_site_unavailable);
    else
        hf_line_begin(&line, &p->log, HF_SAY_ERROR, "site");
    hf_line_text(&line, "site", site->label);
    hf_line_text(&line, "health", word_of(site->health));
    hf_line_text(&line, "why", site->why);
    hf_line_text(&line, "next", site->todo);
    hf_line_end(&line);
}

static void say_backless(hf_parent *p, const hf_loaded_site *site)
{
    hf_line line;

    hf_line_begin(&line, &p->log, HF_SAY_ERROR, "no_backend");
    hf_line_text(&line, "site", site->label);
    hf_line_text(&line, "why", site->backless);
    hf_line_text(&line, "next", "correct what the warnings about its backends name");
    hf_line_end(&line);
}

void hf_parent_say_sites(hf_parent *p, const hf_loaded *loaded)
{
    for (size_t i = 0; i < loaded->config->n_sites; i++) {
        if (loaded->sites[i].health != HF_HEALTH_GOOD)
            say_site(p, &loaded->sites[i]);
        if (loaded->sites[i].backless[0])
            say_backless(p, &loaded->sites[i]);
    }
}

void hf_parent_say_warnings(hf_parent *p, const hf_loaded *loaded)
{
    for (size_t i = 0; i < loaded->n_warnings; i++)
        hf_parent_say(p, HF_SAY_WARNING, i < loaded->n_of_config ? "configuration" : "files", "%s",
                      loaded->warnings[i]);
}

void hf_parent_say_unused(hf_parent *p)
{
    size_t n = hf_sockets_unused(p->sockets);

    if (n > 0)
        hf_parent_say(
            p, HF_SAY_WARNING, "sockets",
            "systemd listens on %zu address%s that neither listen nor redirect names: nobody "
            "answers there",
            n, n == 1 ? "" : "es");
}

/* ---- reloads ---- */

void hf_parent_say_refused(hf_parent *p, const hf_config_fault *fault)
{
    char at[320] = "";
    hf_line line;

    if (fault->at.line > 0)
        snprintf(at, sizeof at, "%s:%u:%u", fault->file, fault->at.line, fault->at.column);
    begin_event(&line, p, HF_EVENT_OF_reload_refused);
    hf_line_text(&line, "at", at);
    hf_line_text(&line, "what", fault->what);
    hf_line_text(&line, "why", fault->why);
    hf_line_text(&line, "next", fault->next);
    hf_line_end(&line);
}

static void say_weaker(void *user, const char *site, const char *what)
{
    say_event(user, HF_EVENT_OF_policy_weakened, site, what);
}

static void say_changes(hf_parent *p, const hf_loaded *before)
{
    json_t *changes = hf_reload_changes(before, p->now), *change;
    size_t i;

    json_array_foreach(changes, i, change)
        hf_parent_say(p, HF_SAY_INFO, "change", "%s", json_string_value(change));
    json_decref(changes);
}

static hf_span ticket_keys(const hf_loaded *loaded)
{
    return hf_plan_find(&loaded->plan, HF_PART_TICKET_KEYS, 0, 0);
}

void hf_parent_say_reload(hf_parent *p, const hf_loaded *before, hf_reload_cause cause)
{
    static const char *const causes[] = { "time", "ticket keys", "files changed", "asked for" };
    hf_line line;

    hf_line_begin(&line, &p->log, HF_SAY_INFO, "reload");
    hf_line_text(&line, "result", "done");
    hf_line_text(&line, "cause", causes[cause]);
    hf_line_number(&line, "plan", p->now->plan.number);
    hf_line_end(&line);
    say_changes(p, before);
    hf_weaker_find(before->config, p->now->config, say_weaker, p);
    hf_parent_say_warnings(p, p->now);
    hf_parent_say_sites(p, p->now);
    hf_parent_say_unused(p);
    if (!hf_ct_equal(ticket_keys(before), ticket_keys(p->now)))
        say_event(p, HF_EVENT_OF_ticket_keys_rotated, NULL, "sessions are sealed with a new key");
}

/* ---- workers ---- */

void hf_parent_say_hang(hf_parent *p, pid_t pid)
{
    hf_line line;

    hf_line_begin(&line, &p->log, HF_SAY_ERROR, "worker_hangs");
    hf_line_number(&line, "pid", (uint64_t)pid);
    hf_line_text(&line, "message",
                 "it answered nothing for ten seconds, and is ended; another takes its place");
    hf_line_end(&line);
}

/* Who asks for a certificate would be told 404, and nobody why. */
static void say_challenges(hf_parent *p, const hf_proxy_config *config)
{
    char folder[4096];

    if (!config->challenges.text)
        return;
    hf_proxy_path(config, config->challenges.text, folder, sizeof folder);
    if (!hf_account_reaches(&p->account, folder))
        hf_parent_say(p, HF_SAY_WARNING, "challenges",
                      "the workers' user cannot go into %s, so no challenge is found there: give "
                      "it, and the folders above it, the right to (chmod o+x)",
                      folder);
}

void hf_parent_say_account(hf_parent *p, const hf_proxy_config *config)
{
    const char *words = hf_account_words(config);

    if (words)
        hf_parent_say(p, p->account.change ? HF_SAY_INFO : HF_SAY_WARNING, "user", "%s", words);
    say_challenges(p, config);
}

void hf_parent_say_confined(hf_parent *p)
{
    hf_confined has = hf_confine_offered();
    hf_line line;

    hf_line_begin(&line, &p->log, HF_SAY_INFO, "confined");
    hf_line_text(&line, "files", has.files ? "yes" : "no");
    hf_line_text(&line, "calls", has.calls ? "yes" : "no");
    hf_line_text(&line, "message",
                 has.files && has.calls
                     ? "workers have no files and no other processes within their reach"
                     : "this system does not let workers confine themselves in all: the rest "
                       "goes without");
    hf_line_end(&line);
}

void hf_parent_say_death(hf_parent *p, pid_t pid, int status, unsigned restart_ms)
{
    hf_line line;

    begin_event(&line, p, HF_EVENT_OF_worker_died);
    hf_line_number(&line, "pid", (uint64_t)pid);
    if (WIFSIGNALED(status))
        hf_line_text(&line, "signal", strsignal(WTERMSIG(status)));
    else
        hf_line_number(&line, "code", (uint64_t)WEXITSTATUS(status));
    hf_line_number(&line, "restart_ms", restart_ms);
    hf_line_end(&line);
}
