/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* When to remind, and of what. Once a share, also if several files or sites hold the same; the highest share that has passed counts. */
#include "tool/proxy/reminders.h"

#include <stdio.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "tool/proxy/load_test.h"
#include "tool/proxy/reminders_kept.h"
#include "tool/proxy/reminders_run.h"
#include "x509/x509.h"

enum { PATH = 4096, SHARES = 8 };

struct hf_reminders {
    uv_loop_t *loop;
    hf_log *log;
    uv_timer_t timer;
    uv_work_t work; /* writes the file: a disk may take its time */
    hf_shell *commands;
    hf_expiry *expiries;
    size_t n_expiries;
    unsigned percent[SHARES];
    size_t n_percent;
    char *command;         /* NULL: none */
    char path[PATH];       /* "": nothing is kept */
    hf_reminded_list sent; /* what was told */
    char *text;            /* that is being written */
    hf_error written;
    uint64_t count;
    bool changed, writing, stopped, timer_closed, complained;
};

/* ---- the file ---- */

static void end(hf_reminders *r)
{
    if (!r->stopped || !r->timer_closed || r->writing)
        return;
    hf_reminded_free(&r->sent);
    hf_free(r->expiries);
    hf_free(r->command);
    hf_free(r);
}

static void write_file(uv_work_t *work)
{
    hf_reminders *r = work->data;

    r->written = hf_os_write_file(r->path, hf_span_str(r->text), 0600, true);
}

static void save(hf_reminders *r);

static void on_written(uv_work_t *work, int status)
{
    hf_reminders *r = work->data;

    (void)status;
    r->writing = false;
    hf_free(r->text);
    r->text = NULL;
    if (r->written != HF_OK && !r->complained && !r->stopped)
        hf_log_say(r->log, HF_SAY_WARNING, "reminders",
                   "%s cannot be written: after a restart reminders will be sent again", r->path);
    r->complained = r->written != HF_OK;
    save(r);
    end(r);
}

static void save(hf_reminders *r)
{
    if (!r->changed || r->writing || !*r->path)
        return;
    r->text = hf_reminded_text(&r->sent, hf_load_now());
    if (!r->text)
        return;
    r->changed = false;
    r->work.data = r;
    r->writing = uv_queue_work(r->loop, &r->work, write_file, on_written) == 0;
    if (!r->writing) {
        hf_free(r->text);
        r->text = NULL;
    }
}

/* ---- looking ---- */

/* The highest share that is over; 0: none. */
static unsigned share_of(const hf_reminders *r, const hf_expiry *e, int64_t now)
{
    unsigned found = 0;
    int64_t life = e->not_after - e->not_before, over = now - e->not_before;

    for (size_t i = 0; i < r->n_percent && life > 0; i++)
        if (over >= 0 && (double)over * 100 >= (double)life * r->percent[i] &&
            r->percent[i] > found)
            found = r->percent[i];
    return found;
}

static void tell(hf_reminders *r, const hf_expiry *e, unsigned percent, int64_t now)
{
    hf_line line;
    char until[24];

    hf_time_text(e->not_after, until);
    hf_line_begin(&line, r->log, now > e->not_after ? HF_SAY_ERROR : HF_SAY_WARNING, "expiry");
    hf_line_text(&line, "kind", hf_expiry_kind(e));
    hf_line_text(&line, "file", e->file);
    hf_line_text(&line, "name", e->name);
    hf_line_text(&line, "not_after", until);
    hf_line_number(&line, "percent", percent);
    hf_line_print(&line, "days", "%ld", hf_expiry_days(e, now));
    hf_line_end(&line);
    r->count++;
    if (r->command)
        hf_reminder_run(r->commands, r->command, e, percent, now);
}

static void look(hf_reminders *r)
{
    int64_t now = hf_load_now();

    for (size_t i = 0; i < r->n_expiries; i++) {
        const hf_expiry *e = &r->expiries[i];
        unsigned percent = share_of(r, e, now);
        if (percent == 0 || hf_reminded_find(&r->sent, e->fingerprint) >= percent)
            continue;
        r->changed = true;
        hf_reminded_note(&r->sent, e, percent);
        tell(r, e, percent, now);
    }
    save(r);
}

static void on_time(uv_timer_t *timer)
{
    look(timer->data);
}

/* ---- from outside ---- */

hf_reminders *hf_reminders_start(uv_loop_t *loop, hf_log *log)
{
    hf_reminders *r = hf_alloc(sizeof *r);

    if (!r || !(r->commands = hf_reminder_shell(loop, log))) {
        hf_free(r);
        return NULL;
    }
    r->loop = loop;
    r->log = log;
    uv_timer_init(loop, &r->timer);
    r->timer.data = r;
    uv_timer_start(&r->timer, on_time, HF_REMINDERS_EVERY_MS, HF_REMINDERS_EVERY_MS);
    return r;
}

static void take_state(hf_reminders *r, const hf_proxy_config *config)
{
    char folder[PATH - 16] = "", path[PATH] = "";

    if (config->state.text)
        snprintf(path, sizeof path, "%s/reminders",
                 hf_proxy_path(config, config->state.text, folder, sizeof folder));
    if (strcmp(path, r->path) == 0)
        return;
    if (!r->writing) /* else the next load takes it up */
        memcpy(r->path, path, sizeof path);
    if (*r->path)
        hf_reminded_read(&r->sent, r->path);
}

static void take_expiries(hf_reminders *r, const hf_loaded *loaded)
{
    size_t n = loaded->n_expiries;

    hf_free(r->expiries);
    r->expiries = hf_alloc((n + 1) * sizeof *r->expiries);
    r->n_expiries = r->expiries ? n : 0;
    for (size_t i = 0; i < r->n_expiries;
         i++) { /* paths as a command sees them from where we are */
        char path[PATH];
        r->expiries[i] = loaded->expiries[i];
        hf_proxy_path(loaded->config, loaded->expiries[i].file, path, sizeof path);
        snprintf(r->expiries[i].file, sizeof r->expiries[i].file, "%.255s", path);
    }
}

void hf_reminders_loaded(hf_reminders *r, const hf_loaded *loaded)
{
    const hf_proxy_config *config = loaded->config;

    r->n_percent = config->reminders.n;
    memcpy(r->percent, config->reminders.percent, sizeof r->percent);
    hf_free(r->command);
    r->command = config->reminders.command.text
                     ? (char *)hf_copy(hf_span_str(config->reminders.command.text))
                     : NULL;
    take_state(r, config);
    take_expiries(r, loaded);
    look(r);
}

uint64_t hf_reminders_sent(const hf_reminders *r)
{
    return r->count;
}

uint64_t hf_reminders_failed(const hf_reminders *r)
{
    return hf_shell_failures(r->commands);
}

static void on_timer_closed(uv_handle_t *handle)
{
    hf_reminders *r = handle->data;

    r->timer_closed = true;
    end(r);
}

void hf_reminders_stop(hf_reminders *r)
{
    if (!r)
        return;
    hf_shell_stop(r->commands);
    r->commands = NULL;
    r->stopped = true;
    uv_close((uv_handle_t *)&r->timer, on_timer_closed);
}
