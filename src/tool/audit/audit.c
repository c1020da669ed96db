/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `handfast audit`: from the command line to jobs and settings, and from what came of them to reports and the exit code. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <handfast/os.h>
#include "audit/report_parts.h"
#include "tool/audit/output.h"
#include "tool/audit/plan.h"
#include "tool/audit/targets.h"
#include "tool/exit.h"
#include "tool/misuse.h"
#include "tool/say.h"

enum { REPORTED_MAX = 1000, BASELINE_MAX = 256 << 20, PROGRESS_ROOM = 160, PROGRESS_MS = 100 };

typedef struct command {
    const hf_audit_options *o;
    hf_audit_list list;
    hf_audit_settings settings;
    hf_audit_plan plan;
    json_t *baseline;
    char **summaries; /* a line for each target, or NULL; NULL: one target, or no text */
    size_t n_printed, n_finished;
    double progressed; /* when progress was shown last */
    int status;        /* of what happened while it ran */
} command;

/* ---- --baseline ---- */

static int wrong_baseline(const char *file, const char *why, int status)
{
    hf_error_what("cannot compare with the earlier report");
    hf_error_why("%s: %s", file, why);
    hf_error_next("give what handfast audit --json wrote: --baseline FILE");
    return status;
}

static int read_baseline(command *c)
{
    const char *file = c->o->baseline;
    char why[HF_WHY_ROOM];
    uint8_t *bytes;
    size_t len;
    json_error_t error;

    if (!file)
        return HF_EXIT_OK;
    if (hf_os_read_file(file, BASELINE_MAX, &bytes, &len) != HF_OK)
        return wrong_baseline(file, strerror(errno), HF_EXIT_IO);
    c->baseline = json_loadb((const char *)bytes, len, JSON_REJECT_DUPLICATES, &error);
    hf_os_free(bytes, len);
    if (!c->baseline)
        return wrong_baseline(file, error.text, HF_EXIT_USAGE);
    if (!hf_audit_is_report(c->baseline, why))
        return wrong_baseline(file, why, HF_EXIT_USAGE);
    return HF_EXIT_OK;
}

/* What the earlier report has, too, is no finding of this run. */
static void compare(command *c, hf_audit_job *job)
{
    char why[HF_WHY_ROOM] = "";

    if (!c->baseline)
        return;
    if (hf_audit_compare(&job->audit, c->baseline, why))
        job->broken = hf_audit_is_worse(&job->audit);
    else if (c->status == HF_EXIT_OK)
        c->status = wrong_baseline(c->o->baseline, why, HF_EXIT_USAGE);
}

/* ---- a summary of several ---- */

static void keep_summary(command *c, const hf_audit_job *job)
{
    if (c->summaries && !c->baseline)
        c->summaries[job - c->list.jobs] = hf_audit_summary(&job->audit);
}

/* In the order in which they were named, whoever was first. */
static void tell_summaries(const command *c)
{
    if (c->summaries && !c->baseline)
        hf_out("\nSummary\n");
    for (size_t i = 0; c->summaries && i < c->list.n; i++)
        if (c->summaries[i])
            hf_out_lines("%s\n", c->summaries[i]);
    hf_out_flush();
}

static void forget_summaries(command *c)
{
    for (size_t i = 0; c->summaries && i < c->list.n; i++)
        free(c->summaries[i]);
    free(c->summaries);
}

/* ---- while it runs ---- */

/* Not at each question: nobody reads so fast. */
static void on_progress(void *user, const hf_audit_job *job, const char *what, unsigned done,
                        unsigned all)
{
    command *c = user;
    char line[PROGRESS_ROOM], before[32] = "";
    double now = hf_now_ms();

    if (now < c->progressed + PROGRESS_MS)
        return;
    c->progressed = now;
    if (c->list.n > 1)
        snprintf(before, sizeof before, "%zu/%zu hosts, ", c->n_finished, c->list.n);
    snprintf(line, sizeof line, "%s%.32s:%u: %u of %u, %.40s", before, job->target.shown,
             (unsigned)job->target.port, done, all, what);
    hf_progress(line);
}

static void on_finished(void *user, hf_audit_job *job)
{
    command *c = user;

    if (hf_say_terminal())
        hf_progress("");
    c->n_finished++;
    compare(c, job);
    keep_summary(c, job);
    if (hf_audit_output_text(c->o)) {
        int status = hf_audit_print(c->o, &job->audit, c->n_printed++ == 0);
        c->status = c->status == HF_EXIT_OK ? status : c->status;
    }
    if (!hf_audit_output_keeps(c->o))
        hf_audit_job_forget(job);
}

/* ---- the command ---- */

/* Text is told as it comes; all else is put together at the end, from all that was seen of everybody. */
static int check_number(const command *c)
{
    char why[80];

    if (c->list.n <= REPORTED_MAX || !hf_audit_output_keeps(c->o))
        return HF_EXIT_OK;
    snprintf(why, sizeof why, "%zu targets, and JSON, page, SARIF or JUnit take %d", c->list.n,
             REPORTED_MAX);
    return hf_misuse("too many targets for one report", why, "divide the list, or take the text");
}

static int prepare(command *c)
{
    int status = hf_audit_plan_check(&c->plan, c->o);

    if (status == HF_EXIT_OK)
        status = hf_audit_output_check(c->o);
    if (status == HF_EXIT_OK)
        status = hf_audit_plan_trust(&c->plan);
    if (status == HF_EXIT_OK)
        status = read_baseline(c);
    if (status == HF_EXIT_OK)
        status = hf_audit_list_read(c->o, &c->list);
    if (status == HF_EXIT_OK)
        status = check_number(c);
    if (status == HF_EXIT_OK)
        status = hf_audit_list_confirm(c->o, &c->list);
    return status;
}

static void set_up(command *c)
{
    hf_audit_plan_apply(&c->plan, c->list.jobs, c->list.n, &c->settings);
    c->settings.progress = hf_say_terminal() ? on_progress : NULL;
    c->settings.finished = on_finished;
    c->settings.user = c;
    if (c->list.n > 1 && hf_audit_output_text(c->o))
        c->summaries = calloc(c->list.n, sizeof *c->summaries);
}

/* A signal's code goes before what was found, as not all was looked at. */
static int run(command *c)
{
    int status, written;

    set_up(c);
    status = hf_audit_run(c->list.jobs, c->list.n, &c->settings);
    tell_summaries(c);
    written = hf_audit_write(c->o, c->list.jobs, c->list.n);
    if (status == HF_EXIT_OK)
        status = c->status;
    if (status == HF_EXIT_OK)
        status = written;
    return status == HF_EXIT_OK ? hf_audit_exit(c->list.jobs, c->list.n) : status;
}

int hf_cmd_audit(const hf_audit_options *options)
{
    command c = { .o = options };
    int status = prepare(&c);

    if (status == HF_EXIT_OK)
        status = run(&c);
    forget_summaries(&c);
    hf_audit_list_free(&c.list);
    hf_audit_plan_free(&c.plan);
    json_decref(c.baseline);
    return status;
}
