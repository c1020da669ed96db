/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The jobs of one engine: those that a row waits for, and those whose proof is owed. What a job is and
 * does is job.c; when one is needed is each message's own business.
 */
#include "handshake/engine.h"

/* A job that the application has may end on any thread. */
hf_blocks *hf_job_home(hf_engine *e)
{
    return e->config->external_jobs ? NULL : &e->worker->blocks;
}

hf_error hf_submit(hf_engine *e, hf_job *job)
{
    if (!job)
        return HF_E_NO_MEMORY;
    if (!e->hs || e->n_jobs == HF_STEP_JOBS) {
        hf_job_free(job);
        return HF_E_INTERNAL;
    }
    e->hs->jobs[e->n_jobs++] = job;
    return HF_WAIT;
}

void hf_jobs_clear(hf_engine *e)
{
    while (e->n_jobs > 0)
        hf_job_free(e->hs->jobs[--e->n_jobs]);
}

hf_error hf_owe(hf_engine *e, hf_job *job, uint8_t proves)
{
    if (!job)
        return HF_E_NO_MEMORY;
    if (!e->hs || e->n_owed == HF_OWED_JOBS ||
        hf_script_claim(&e->script, proves) !=
            HF_OK) { /* now: the row is gone when it is settled */
        hf_job_free(job);
        return HF_E_INTERNAL;
    }
    job->proves = proves;
    e->hs->owed[e->n_owed++] = job;
    e->script.owed++;
    return HF_OK;
}

/* Owed ones first: they were there before. */
static hf_job *first_free(const hf_engine *e)
{
    for (size_t i = 0; i < e->n_owed; i++)
        if (!e->hs->owed[i]->handed_out)
            return e->hs->owed[i];
    for (size_t i = 0; i < e->n_jobs; i++)
        if (!e->hs->jobs[i]->handed_out)
            return e->hs->jobs[i];
    return NULL;
}

bool hf_engine_jobs_left(const hf_engine *e)
{
    return first_free(e) != NULL;
}

hf_job *hf_engine_job_next(hf_engine *e)
{
    hf_job *job = first_free(e);

    if (!job)
        return NULL;
    job->handed_out = true;
    return hf_job_ref(job);
}

/* Some questions may be answered by no: the step that asked goes on with that. */
static bool is_answer(const hf_job *job)
{
    return (job->kind == HF_JOB_PSK_LOOKUP && job->result == HF_E_PSK_UNKNOWN) ||
           job->kind == HF_JOB_REPLAY_CHECK;
}

/* A failed job is a failed handshake; the field that it was about is at fault. */
static hf_error verdict_of(hf_engine *e, const hf_job *job)
{
    if (is_answer(job))
        return HF_OK;
    if (job->result == HF_OK || job->about == HF_MSG_NONE ||
        hf_error_row_of(job->result)->blame != HF_BLAME_PEER)
        return job->result;
    return hf_refuse_at(e, job->result, job->about, job->field, job->offset, NULL);
}

hf_error hf_jobs_verdict(hf_engine *e)
{
    for (size_t i = 0; i < e->n_jobs; i++)
        if (!e->hs->jobs[i]->done)
            return HF_WAIT;
    for (size_t i = 0; i < e->n_jobs; i++)
        TRY(verdict_of(e, e->hs->jobs[i]));
    return HF_OK;
}

/* An owed proof has come in: it is evidence, or the end of the handshake. */
static hf_error settle_owed(hf_engine *e, size_t i)
{
    hf_job *job = e->hs->owed[i];
    hf_error result = job->kind == HF_JOB_VERIFY_CHAIN ? HF_OK : verdict_of(e, job);

    e->hs->owed[i] = e->hs->owed[--e->n_owed];
    e->script.owed--;
    if (job->kind == HF_JOB_VERIFY_CHAIN)
        result = hf_chain_verdict(e, job);
    if (result == HF_OK)
        result = hf_script_prove(&e->script, job->proves);
    hf_job_free(job);
    return result;
}

/* HF_OK counts only for work that was done: a lost result must not become a proof. */
static void note_result(hf_job *job, hf_error result)
{
    bool claims = result == HF_OK && !job->fulfilled;

    job->done = true;
    job->result = claims || result == HF_WAIT ? HF_E_JOB_FAILED : result;
}

/* A result for a job that this engine no longer knows is dropped. */
hf_error hf_engine_job_done(hf_engine *e, hf_job *job, hf_error result)
{
    for (size_t i = 0; i < e->n_jobs; i++)
        if (e->hs->jobs[i] == job && !job->done)
            note_result(job, result);
    for (size_t i = 0; i < e->n_owed; i++)
        if (e->hs->owed[i] == job && !job->done) {
            note_result(job, result);
            return settle_owed(e, i);
        }
    return HF_OK;
}
