/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* All targets of a run: a few at a time, judged as soon as one is over; and signals, which end it in order. */
#include "tool/audit/run.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tool/audit/schedule.h"
#include "tool/exit.h"
#include "tool/say.h"

enum { TARGETS_AT_A_TIME = 32 };

typedef struct run {
    hf_audit_job *jobs;
    size_t n, next, n_over;
    const hf_audit_settings *settings;
    uv_loop_t loop;
    uv_signal_t interrupted, terminated;
    hf_worker *worker;
    hf_audit_course *courses[TARGETS_AT_A_TIME];
    hf_audit_job *of[TARGETS_AT_A_TIME]; /* whose course it is; NULL: free */
    int signal, status;
} run;

/* ---- one is over ---- */

static int no_memory(void)
{
    return hf_complain_row(HF_E_NO_MEMORY, "the audit cannot go on", "audit");
}

static void judge(run *r, hf_audit_job *job)
{
    hf_audit *audit = &job->audit;

    for (size_t i = 0; i < job->n_books; i++) {
        hf_judgement *j = hf_judge(job->books[i], audit->seen, audit->seen->started);
        if (!j) {
            r->status = no_memory();
            break;
        }
        audit->judged[audit->n++] = j;
        job->broken = job->broken || j->broken;
    }
    job->whole = audit->seen->reached && !audit->seen->cut;
    job->interrupted = r->signal != 0;
    job->over = true;
}

static void tell(run *r, hf_audit_job *job)
{
    judge(r, job);
    r->n_over++;
    if (r->settings->finished && job->audit.n == job->n_books)
        r->settings->finished(r->settings->user, job);
}

static void begin_more(run *r);

static void unhook(run *r)
{
    if (uv_is_closing((uv_handle_t *)&r->interrupted))
        return;
    uv_close((uv_handle_t *)&r->interrupted, NULL);
    uv_close((uv_handle_t *)&r->terminated, NULL);
}

static void on_done(void *user, hf_audit_job *job)
{
    run *r = user;

    for (size_t i = 0; i < TARGETS_AT_A_TIME; i++)
        if (r->of[i] == job)
            r->of[i] = NULL;
    tell(r, job);
    begin_more(r);
}

/* ---- beginning ---- */

static size_t free_place(const run *r)
{
    size_t i = 0;

    while (i < r->settings->targets && i < TARGETS_AT_A_TIME && r->of[i])
        i++;
    return i;
}

static void begin_one(run *r, size_t place)
{
    hf_audit_job *job = &r->jobs[r->next++];

    r->courses[place] = hf_audit_course_start(&r->loop, r->worker, job, r->settings, on_done, r);
    if (r->courses[place])
        r->of[place] = job;
    else
        r->status = no_memory();
}

static void skip_rest(run *r)
{
    for (; r->next < r->n; r->next++) {
        hf_audit_job *job = &r->jobs[r->next];
        if (hf_audit_unasked(job, "it was not asked: the audit was interrupted"))
            tell(r, job);
    }
}

static void begin_more(run *r)
{
    size_t place, busy = 0;

    if (r->signal || r->status != HF_EXIT_OK)
        skip_rest(r);
    while (r->next < r->n && r->status == HF_EXIT_OK &&
           (place = free_place(r)) < r->settings->targets && place < TARGETS_AT_A_TIME)
        begin_one(r, place);
    for (size_t i = 0; i < TARGETS_AT_A_TIME; i++)
        busy += r->of[i] != NULL;
    if (busy == 0)
        unhook(r);
}

/* A second signal ends it at once: nobody catches it any more. */
static void on_signal(uv_signal_t *handle, int number)
{
    run *r = handle->data;

    r->signal = number;
    hf_progress("");
    hf_note("handfast: %s: %s\n", number == SIGINT ? "interrupted" : "ended by a signal",
            r->settings->when_interrupted ? r->settings->when_interrupted
                                          : "what was seen so far is reported");
    uv_signal_stop(&r->interrupted);
    uv_signal_stop(&r->terminated);
    for (size_t i = 0; i < TARGETS_AT_A_TIME; i++)
        if (r->of[i])
            hf_audit_course_cut(r->courses[i], "it was interrupted");
}

static void hook(run *r, uv_signal_t *handle, int number)
{
    uv_signal_init(&r->loop, handle);
    handle->data = r;
    uv_signal_start(handle, on_signal, number);
}

int hf_audit_run(hf_audit_job *jobs, size_t n, const hf_audit_settings *settings)
{
    run r = { .jobs = jobs, .n = n, .settings = settings };

    if (uv_loop_init(&r.loop) != 0)
        return no_memory();
    r.worker = hf_worker_new();
    if (!r.worker)
        r.status = no_memory();
    hook(&r, &r.interrupted, SIGINT);
    hook(&r, &r.terminated, SIGTERM);
    begin_more(&r);
    uv_run(&r.loop, UV_RUN_DEFAULT);
    uv_loop_close(&r.loop);
    hf_worker_free(r.worker);
    return r.status != HF_EXIT_OK ? r.status : r.signal ? 128 + r.signal : HF_EXIT_OK;
}

/* ---- jobs ---- */

void hf_audit_job_forget(hf_audit_job *job)
{
    hf_audit *audit = &job->audit;

    hf_audit_change_free(audit->change);
    for (size_t i = 0; i < audit->n; i++)
        hf_judgement_free(audit->judged[i]);
    hf_seen_free(audit->seen);
    memset(audit, 0, sizeof *audit);
}

void hf_audit_job_free(hf_audit_job *job)
{
    hf_audit_job_forget(job);
    memset(job, 0, sizeof *job);
}

int hf_audit_exit(const hf_audit_job *jobs, size_t n)
{
    int status = HF_EXIT_OK;

    for (size_t i = 0; i < n; i++) {
        if (jobs[i].broken)
            return HF_EXIT_FINDING;
        if (!jobs[i].whole)
            status = HF_EXIT_UNREACHABLE;
    }
    return status;
}
