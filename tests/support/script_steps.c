/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Fake steps: what each message says and settles, and the jobs that it takes. They decide as an engine
 * would, by the RFCs, from this end's intent and from what was on the wire; they never look at the tables.
 */
#include "support/script_end.h"

#include <assert.h>

/* ---- what messages say ---- */

/* The facts that a message may settle. */
static hf_facts may_settle(hf_role writer, hf_msg msg)
{
    switch (msg) {
    case HF_MSG_ClientHello:
        return HF_F_OFFER13 | HF_F_EARLY_OFFERED | HF_F_COMPAT | HF_F_PHA_OFFERED;
    case HF_MSG_HelloRetryRequest: return HF_F_TLS13;
    case HF_MSG_ServerHello:
        return HF_F_TLS13 | HF_F_PSK | HF_F_RESUMED | HF_F_EPHEMERAL | HF_F_TICKET_PROMISED |
               HF_F_OCSP_PROMISED;
    case HF_MSG_EncryptedExtensions: return HF_F_EARLY_ACCEPTED;
    case HF_MSG_Certificate: return writer == HF_CLIENT ? HF_F_CLIENT_CERT : 0;
    default: return 0;
    }
}

static hf_facts server_hello(const script_end *e)
{
    hf_facts intent = e->script.intent;

    if (e->script.facts & HF_F_TLS13)
        return HF_F_TLS13 | (intent & HF_F_PSK);
    /* Resumed: the suite may name an ephemeral exchange or a PSK, but neither takes place again. */
    if (intent & HF_F_RESUMED)
        return intent & (HF_F_RESUMED | HF_F_TICKET_PROMISED | HF_F_EPHEMERAL | HF_F_PSK);
    if (intent & HF_F_PSK)
        return intent & (HF_F_PSK | HF_F_EPHEMERAL | HF_F_TICKET_PROMISED);
    return intent & (HF_F_EPHEMERAL | HF_F_TICKET_PROMISED | HF_F_OCSP_PROMISED);
}

static hf_facts to_say(const script_end *e, hf_msg msg)
{
    hf_facts facts = e->script.facts;
    bool early = (facts & HF_F_EARLY_OFFERED) && (facts & HF_F_PSK) && !(facts & HF_F_RETRY);

    switch (msg) {
    case HF_MSG_HelloRetryRequest: return HF_F_TLS13;
    case HF_MSG_ServerHello: return server_hello(e);
    case HF_MSG_EncryptedExtensions: return early ? e->script.intent & HF_F_EARLY_ACCEPTED : 0;
    default: return e->script.intent & may_settle(e->script.role, msg);
    }
}

/* A ServerHello that no server could have meant. */
static bool absurd(const script_end *e, hf_facts said)
{
    hf_facts facts = e->script.facts;
    hf_facts only12 = HF_F_RESUMED | HF_F_EPHEMERAL | HF_F_TICKET_PROMISED | HF_F_OCSP_PROMISED;

    if (said & HF_F_TLS13)
        return !(facts & HF_F_OFFER13) || (said & only12);
    if (facts & (HF_F_RETRY | HF_F_EARLY_OFFERED))
        return true; /* RFC 9846 4.2.4 and 4.3.10 */
    return (said & (HF_F_PSK | HF_F_RESUMED)) && (said & HF_F_OCSP_PROMISED);
}

/* What the reader makes of it; false: refused. */
static bool learn(const script_end *e, hf_role writer, hf_msg msg, hf_facts *said)
{
    hf_facts facts = e->script.facts, early = HF_F_EARLY_OFFERED | HF_F_PSK;

    if (*said & ~may_settle(writer, msg))
        return false;
    if (msg == HF_MSG_ClientHello && e->script.role == HF_SERVER && !e->script.connected) {
        if ((e->script.intent & HF_F_TLS13) && (*said & HF_F_OFFER13))
            *said |= HF_F_TLS13; /* the server has decided */
        else
            *said &= HF_F_OFFER13; /* offers that TLS 1.2 does not know */
    }
    if (msg == HF_MSG_ServerHello)
        return !absurd(e, *said);
    if (msg == HF_MSG_EncryptedExtensions && (*said & HF_F_EARLY_ACCEPTED))
        return (facts & early) == early && !(facts & HF_F_RETRY);
    return true;
}

/* ---- after the handshake ---- */

/* Requests are counted, since several may be open; facts that a step sets in a round end with it. */
static void note_request_and_answer(script_end *e, hf_msg msg, bool ours, hf_facts said)
{
    hf_script *s = &e->script;

    if (msg == HF_MSG_CertificateRequest)
        e->requests++;
    if (msg == HF_MSG_Certificate)
        s->walk[HF_CLIENT].taken |= said & HF_F_CLIENT_CERT;
    if (msg == HF_MSG_Finished && e->requests > 0 && --e->requests == 0)
        s->facts &= ~(hf_facts)HF_F_ASKED;
    bool client = s->role == HF_CLIENT;
    bool asked = msg == HF_MSG_CertificateRequest && !ours;
    if (client && (asked || (msg == HF_MSG_Finished && ours && e->requests > 0)))
        s->intent |= HF_F_ANSWER;
    if ((script_the_world.strikes & SCRIPT_STRIKE_ROUND_FACTS) && msg == HF_MSG_Certificate)
        s->walk[HF_CLIENT].taken = 0;
}

static void settle_facts(script_end *e, hf_role writer, hf_msg msg, hf_facts said)
{
    hf_script *s = &e->script;

    e->told |= said;
    s->facts |= said & ~e->forgets;
    if (s->connected)
        note_request_and_answer(e, msg, writer == s->role, said);
    else if (msg == HF_MSG_Finished)
        s->facts |= writer == HF_CLIENT ? HF_F_CLIENT_DONE : HF_F_SERVER_DONE;
}

/* ---- jobs ---- */

static script_job *new_job(script_end *e)
{
    assert(e->n_jobs < SCRIPT_JOBS_MAX);
    script_job *j = &e->job[e->n_jobs++];
    *j = (script_job){ .live = true };
    if (e->n_jobs > e->most_live)
        e->most_live = e->n_jobs;
    return j;
}

/* The row is unfinished until its job is done: its step is called once more then. */
static hf_error wait_for_job(script_end *e, bool ours)
{
    uint8_t *waits = &e->waits[ours ? 0 : 1];

    if (*waits == SCRIPT_NO_JOB) {
        new_job(e)->ours = ours;
        *waits = SCRIPT_JOB_RUNS;
    }
    if (*waits == SCRIPT_JOB_RUNS)
        return HF_WAIT;
    hf_error out = *waits == SCRIPT_JOB_LOST ? SCRIPT_E_JOB : HF_OK;
    *waits = SCRIPT_NO_JOB;
    return out;
}

/* The row is done and its proof is outstanding. */
static void owe_proof(script_end *e, uint8_t claims, uint8_t truth)
{
    script_job *j = new_job(e);

    j->owed = true;
    j->claims = claims;
    j->truth = truth;
    if (hf_script_claim(&e->script, claims) != HF_OK)
        e->script.error = HF_E_INTERNAL; /* the row says it: this cannot be */
    if (!e->owed_once)
        e->written_by_then = e->written;
    e->owed_once = true;
    if (!(script_the_world.strikes & SCRIPT_STRIKE_OWED))
        e->script.owed++;
}

static bool build_waits(hf_msg msg)
{
    return msg == HF_MSG_ClientHello || msg == HF_MSG_ServerHello ||
           msg == HF_MSG_ServerKeyExchange || msg == HF_MSG_ClientKeyExchange ||
           msg == HF_MSG_CertificateVerify;
}

static bool accept_waits(hf_msg msg)
{
    return msg == HF_MSG_ClientHello || msg == HF_MSG_ServerHello ||
           msg == HF_MSG_ClientKeyExchange;
}

/* What a message proves by its nature: the row only claims it. */
static uint8_t nature(const script_end *e, hf_msg msg)
{
    switch (msg) {
    case HF_MSG_Certificate: return HF_CHAIN;
    case HF_MSG_CertificateVerify: return HF_SIGNATURE;
    case HF_MSG_ServerKeyExchange:
        /* RFC 5489 2: unsigned with a pre-shared key */
        return e->script.facts & HF_F_PSK ? 0 : HF_SIGNATURE;
    case HF_MSG_Finished: return HF_FINISHED;
    default: return 0;
    }
}

static void record_proof(script_end *e, uint8_t claims, uint8_t truth)
{
    e->evidence |= truth & (uint8_t)~e->strike;
    if (hf_script_prove(&e->script, claims & (uint8_t) ~(truth & e->strike)) != HF_OK)
        e->script.error = HF_E_INTERNAL;
}

static void finish_job(script_end *e, size_t i)
{
    script_job j = e->job[i];
    bool good = (int)e->done != e->fail_job;

    e->done++;
    for (size_t k = i + 1; k < e->n_jobs; k++)
        e->job[k - 1] = e->job[k];
    e->n_jobs--;
    if (!good)
        e->rows_at_failure = e->trace.n;
    if (!j.owed) {
        e->waits[j.ours ? 0 : 1] = good ? SCRIPT_JOB_DONE : SCRIPT_JOB_LOST;
        return;
    }
    if (e->script.owed > 0)
        e->script.owed--;
    if (good)
        record_proof(e, j.claims, j.truth);
    else
        e->script.error = SCRIPT_E_JOB;
}

/* Does one job, by the order that this end was given; false: there is none that may be done. */
bool script_end_do_job(script_end *e)
{
    size_t pick[SCRIPT_JOBS_MAX], n = 0;
    bool rows = false, lazy = e->how.order == SCRIPT_LAZY;

    for (size_t i = 0; i < e->n_jobs; i++)
        rows |= !e->job[i].owed;
    for (size_t i = 0; i < e->n_jobs; i++)
        if (!(e->job[i].owed && (e->hold_owed || (lazy && (rows || e->last != HF_RUN_JOB)))))
            pick[n++] = i;
    if (n == 0)
        return false;
    e->seed = e->seed * 1103515245u + 12345u;
    size_t which = e->how.order == SCRIPT_LIFO     ? n - 1
                   : e->how.order == SCRIPT_RANDOM ? (e->seed >> 16) % n
                                                   : 0;
    finish_job(e, pick[which]);
    return true;
}

/* ---- the steps ---- */

static void write_message(script_end *e, hf_msg msg, hf_facts said)
{
    uint8_t bytes[SCRIPT_MESSAGE];
    uint8_t epoch = msg == HF_MSG_ChangeCipherSpec ? HF_PLAIN : e->writes_under;
    script_record ccs = script_record_of(SCRIPT_CCS, HF_PLAIN, 0);

    e->written++;
    e->trace.step[e->trace.n++] = (script_step){ (uint8_t)e->script.role, (uint8_t)msg, epoch };
    if (msg == HF_MSG_ChangeCipherSpec) {
        script_stream_close(&e->out);
        script_stream_put(&e->out, &ccs);
        return;
    }
    script_message_encode(bytes, msg, said);
    script_stream_write(&e->out, e->how.cut, epoch, bytes, sizeof bytes);
}

hf_error script_step_build(void *ctx, const hf_row *row)
{
    script_end *e = ctx;
    hf_msg msg = (hf_msg)row->msg;

    if (e->trace.n == SCRIPT_STEPS_MAX)
        return HF_E_LIMIT; /* a table that never comes to its end */
    if (build_waits(msg))
        TRY(wait_for_job(e, true));
    if (script_end_row_used)
        script_end_row_used(e, row, false, HF_MSG_NONE);
    hf_facts said = to_say(e, msg);
    settle_facts(e, e->script.role, msg, said);
    write_message(e, msg, said);
    return HF_OK;
}

hf_error script_step_accept(void *ctx, const hf_row *row)
{
    script_end *e = ctx;
    hf_msg msg = (hf_msg)row->msg;
    hf_role writer = !e->script.role;
    hf_facts said = 0;
    bool empty;

    if (e->trace.n == SCRIPT_STEPS_MAX)
        return HF_E_LIMIT;
    if (!e->ccs)
        script_message_decode(e->buffer, &said);
    if (!learn(e, writer, msg, &said))
        return SCRIPT_E_CONTENT;
    if (accept_waits(msg))
        TRY(wait_for_job(e, false));
    if (script_end_row_used)
        script_end_row_used(e, row, false, HF_MSG_NONE);
    empty = msg == HF_MSG_Certificate && writer == HF_CLIENT &&
            !(said & HF_F_CLIENT_CERT); /* it proves nothing */
    if (msg == HF_MSG_Finished)
        record_proof(e, row->proves, HF_FINISHED);
    else if (!empty && (row->proves || nature(e, msg)))
        owe_proof(e, row->proves, nature(e, msg));
    settle_facts(e, writer, msg, said);
    e->accepted = true;
    return HF_OK;
}
