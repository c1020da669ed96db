/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Jobs that do not go well. A job that fails fails the handshake; while a proof is held back nothing is
 * said, no application keys are entered and nobody is connected; a proof that comes in without evidence
 * is noticed at the end, if the figure demands it, and only then.
 */
#include "support/script_suites.h"

static script_how how_of(script_order order)
{
    return (script_how){ SCRIPT_RECORD_A_MESSAGE, order, false };
}

/* ---- failed ---- */

/* The k-th job of one end fails; false: it has no k-th job. */
static bool fail_one(script_report *r, const script_mode *mode, hf_role side, script_order order,
                     int k)
{
    static script_pair p;
    script_end *e = &p.end[side];

    script_pair_start(&p, mode, how_of(order));
    e->fail_job = k;
    script_pair_finish(&p);
    if ((int)e->done <= k)
        return false;
    r->cases++;
    r->failed++;
    if (e->script.connected)
        script_wrong(r, mode, "connected after a job that failed", &e->trace);
    else if (e->script.error != SCRIPT_E_JOB)
        script_wrong(r, mode, "a job failed and the handshake did not", &e->trace);
    else if (e->trace.n != e->rows_at_failure)
        script_wrong(r, mode, "it went on after a job that failed", &e->trace);
    while (script_end_do_job(e)) /* late results change nothing */
        ;
    if (hf_script_run(&e->script) != HF_RUN_FAILED || e->script.connected)
        script_wrong(r, mode, "revived after a job that failed", &e->trace);
    return true;
}

/* ---- held ---- */

static void hold_all(script_report *r, const script_mode *mode, hf_role side)
{
    static script_pair p;
    script_end *e = &p.end[side];

    script_pair_start(&p, mode, how_of(SCRIPT_FIFO));
    e->hold_owed = true;
    script_pair_finish(&p);
    r->cases++;
    if (!e->owed_once)
        return;
    r->held++;
    if (e->script.connected)
        script_wrong(r, mode, "connected with a proof owed", &e->trace);
    else if (e->written != e->written_by_then)
        script_wrong(r, mode, "it spoke with a proof owed", &e->trace);
    else if (e->reads_under >= HF_APP)
        script_wrong(r, mode, "application keys with a proof owed", &e->trace);
    else if (e->last != HF_RUN_JOB || e->script.error != HF_OK)
        script_wrong(r, mode, "it does not wait for the proof that is owed", &e->trace);
}

/* ---- struck out ---- */

static void strike(script_report *r, const script_mode *mode, hf_role side, uint8_t proof)
{
    static script_pair p;
    script_end *e = &p.end[side];
    bool demanded = script_demands(mode->wire, side) & proof;

    if (side == HF_SERVER && mode->unproved)
        demanded = true;
    script_pair_start(&p, mode, how_of(SCRIPT_FIFO));
    e->strike = proof;
    script_pair_finish(&p);
    r->cases++;
    r->struck += demanded;
    if (demanded && (e->script.connected || e->script.error != HF_E_NOT_PROVED))
        script_wrong(r, mode, "connected without evidence that the figure demands", &e->trace);
    if (!demanded && !e->script.connected)
        script_wrong(r, mode, "it demands evidence that the figure does not have", &e->trace);
}

/* A step that forgets to set CLIENT_CERT: no CertificateVerify is asked for then, and where a certificate
   is required the connection must still not come about. */
static void forget_certificate(script_report *r, const script_mode *mode)
{
    static script_pair p;
    script_end *e = &p.end[HF_SERVER];

    script_pair_start(&p, mode, how_of(SCRIPT_FIFO));
    e->forgets = p.end[HF_CLIENT].forgets = HF_F_CLIENT_CERT;
    script_pair_finish(&p);
    r->cases++;
    r->struck++;
    if (e->script.connected || e->script.error != HF_E_NOT_PROVED)
        script_wrong(r, mode, "connected with a certificate whose key was never proved", &e->trace);
}

void script_suite_jobs(script_report *r)
{
    for (size_t i = 0; i < script_mode_count(); i++)
        for (unsigned side = 0; side < 2; side++) {
            const script_mode *mode = script_mode_at(i);
            for (unsigned proof = HF_CHAIN; proof <= HF_FINISHED; proof *= 2)
                strike(r, mode, (hf_role)side, (uint8_t)proof);
            hold_all(r, mode, (hf_role)side);
            if ((mode->server & HF_F_CERT_REQUIRED) && (mode->wire & HF_F_CLIENT_CERT))
                forget_certificate(r, mode);
            for (int k = 0; fail_one(r, mode, (hf_role)side, SCRIPT_FIFO, k); k++)
                if (!r->brief)
                    fail_one(r, mode, (hf_role)side, SCRIPT_LIFO, k);
        }
}
