/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Lines that can be asked together are one run of audits; what came of a target is compared as soon as it is there. */
#include "tool/audit/watch_round.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tool/audit/watch_files.h"
#include "tool/audit/watch_left.h"
#include "tool/audit/watch_tell.h"
#include "tool/exit.h"
#include "tool/say.h"

enum { TEXT_ROOM = 512, SIGNALLED = 128, SPREAD = 10 };

typedef struct group {
    hf_watch_round *round;
    hf_audit_job *jobs;
    size_t n;
} group;

static void note_trouble(hf_watch_round *r, int status)
{
    if (r->trouble == HF_EXIT_OK)
        r->trouble = status;
}

/* ---- one state ---- */

typedef struct visit {
    hf_watch_scene scene;
    json_t *state;
    char path[HF_WATCH_PATH_MAX];
} visit;

static bool visit_open(const hf_watch_round *r, visit *v, const char *what, const char *key,
                       int64_t now)
{
    hf_watch_state_path(r->folder, what, key, v->path);
    v->state = hf_watch_state_read(v->path, what);
    v->scene =
        (hf_watch_scene){ .target = what, .days = r->days, .now = now, .events = json_array() };
    return v->state && v->scene.events;
}

/* First kept, then told: a command may look at the report, and what no command has taken is told again in the next round. */
static void visit_close(hf_watch_round *r, visit *v, bool good)
{
    if (good && !v->scene.failed)
        v->scene.failed = !hf_watch_left_mark(v->state, r->list);
    if (good && !v->scene.failed && r->o->command)
        v->scene.failed = !hf_watch_pending_add(v->state, v->scene.events, v->scene.target);
    if (!v->state)
        note_trouble(r, HF_EXIT_IO); /* which was told */
    else if (!good || v->scene.failed)
        note_trouble(r, hf_complain_row(HF_E_NO_MEMORY, "cannot compare with the last round",
                                        v->scene.target));
    else {
        bool kept = hf_watch_state_write(v->path, v->state);
        if (!kept) {
            hf_warn("%s cannot be written (%s): what is told of %s now will be told again", v->path,
                    strerror(errno), v->scene.target);
            note_trouble(r, HF_EXIT_IO);
        }
        r->worse |= hf_watch_say(r->o, v->scene.events);
        r->unreachable |= json_is_true(json_object_get(v->state, "told"));
        hf_watch_post_send(r->post, v->scene.target, v->path, v->state, kept);
    }
    json_decref(v->state);
    json_decref(v->scene.events);
    uv_run(r->loop, UV_RUN_NOWAIT); /* commands begin and end while others are audited */
}

/* ---- targets ---- */

static void on_finished(void *user, hf_audit_job *job)
{
    const group *g = user;
    char what[HF_WATCH_WHAT_ROOM], key[HF_WATCH_KEY_ROOM];
    visit v;

    if (!job->interrupted) {
        hf_watch_what(job, what);
        hf_watch_key(job, key);
        bool good = visit_open(g->round, &v, what, key, job->audit.seen->started);
        if (good)
            hf_watch_audited(&v.scene, v.state, &job->audit);
        visit_close(g->round, &v, good);
    }
    hf_audit_job_forget(job);
}

/* All targets of lines like this one, which are not asked again. NULL: no memory. */
static hf_audit_job *gather(const hf_watch_list *list, size_t first, bool *asked, size_t *n)
{
    size_t room = 0;
    hf_audit_job *jobs;

    *n = 0;
    for (size_t i = first; i < list->n; i++)
        room += list->at[i].list.n;
    jobs = calloc(room, sizeof *jobs);
    for (size_t i = first; jobs && i < list->n; i++) {
        const hf_watch_line *line = &list->at[i];
        if (asked[i] || line->files || !hf_watch_lines_alike(&list->at[first], line))
            continue;
        asked[i] = true;
        memcpy(jobs + *n, line->list.jobs, line->list.n * sizeof *jobs);
        *n += line->list.n;
    }
    return jobs;
}

static void visit_unasked(hf_watch_round *r, const hf_audit_job *job, const char *error)
{
    char what[HF_WATCH_WHAT_ROOM], key[HF_WATCH_KEY_ROOM];
    visit v;

    hf_watch_what(job, what);
    hf_watch_key(job, key);
    bool good = visit_open(r, &v, what, key, hf_clock_wall());
    if (good)
        hf_watch_not_audited(&v.scene, v.state, error);
    visit_close(r, &v, good);
}

/* A CA's file that is gone, say: nothing of these lines can be judged. It is told of the first target, for all of them; the days go on
   for what they showed before. */
static void tell_no_trust(hf_watch_round *r, const hf_audit_job *jobs, size_t n)
{
    char text[TEXT_ROOM], others[64] = "";

    if (n > 1)
        snprintf(others, sizeof others, ", nor %zu other%s that %s it", n - 1, n > 2 ? "s" : "",
                 n > 2 ? "need" : "needs");
    snprintf(text, sizeof text, "it could not be audited%s: %.400s", others, hf_error_last_why());
    for (size_t i = 0; i < n; i++)
        visit_unasked(r, &jobs[i], i == 0 ? text : NULL);
    note_trouble(r, HF_EXIT_IO);
}

/* Each round says by an event, once, what it cannot read. */
static int read_trust(hf_audit_plan *plan)
{
    hf_error_mute(true);
    int status = hf_audit_plan_trust(plan);
    hf_error_mute(false);
    return status;
}

static int run_group(hf_watch_round *r, hf_watch_line *line, hf_audit_job *jobs, size_t n)
{
    group g = { r, jobs, n };
    hf_audit_plan plan = line->plan;
    hf_audit_settings settings;
    int status = read_trust(&plan);

    if (status != HF_EXIT_OK) {
        tell_no_trust(r, jobs, n);
        hf_audit_plan_free(&plan);
        return HF_EXIT_OK;
    }
    hf_audit_plan_apply(&plan, jobs, n, &settings);
    settings.finished = on_finished;
    settings.user = &g;
    settings.when_interrupted = "what was not over by then is left for the next round";
    status = hf_audit_run(jobs, n, &settings);
    hf_audit_plan_free(&plan);
    if (status < SIGNALLED && status != HF_EXIT_OK)
        note_trouble(r, status);
    return status < SIGNALLED ? HF_EXIT_OK : status;
}

static int look_at_targets(hf_watch_round *r, size_t first, bool *asked)
{
    size_t n;
    hf_audit_job *jobs = gather(r->list, first, asked, &n);
    int status = HF_EXIT_OK;

    if (jobs)
        status = run_group(r, &r->list->at[first], jobs, n);
    else
        note_trouble(r, hf_complain_row(HF_E_NO_MEMORY, "cannot audit", r->list->file));
    free(jobs);
    return status;
}

/* ---- files ---- */

static void look_at_file(hf_watch_round *r, const char *path)
{
    hf_watch_file *f = hf_watch_file_read(path);
    visit v;
    bool good = visit_open(r, &v, path, path, hf_clock_wall()) && f;

    if (good)
        hf_watch_ends(&v.scene, v.state, f->ends, f->n, *f->error ? f->error : NULL);
    visit_close(r, &v, good);
    free(f);
}

int hf_watch_look(hf_watch_round *r)
{
    bool *asked = calloc(r->list->n + 1, sizeof *asked);
    int status = HF_EXIT_OK;

    if (!asked) {
        note_trouble(r, hf_complain_row(HF_E_NO_MEMORY, "cannot audit", r->list->file));
        return HF_EXIT_OK;
    }
    for (size_t i = 0; i < r->list->n && status == HF_EXIT_OK; i++) {
        const hf_watch_line *line = &r->list->at[i];
        for (size_t k = 0; line->files && k < line->n_words; k++)
            look_at_file(r, line->words[k]);
        if (!line->files && !asked[i])
            status = look_at_targets(r, i, asked);
    }
    free(asked);
    if (status == HF_EXIT_OK && !r->list->swept)
        hf_watch_left_sweep(r);
    return status;
}

/* Between nine and eleven tenths, so that machines that began together do not go on together. */
uint64_t hf_watch_rest_ms(int64_t every, uint64_t draw)
{
    uint64_t ms = (uint64_t)every * 1000, spread = 2 * ms / SPREAD;

    return ms - ms / SPREAD + draw % (spread + 1);
}
