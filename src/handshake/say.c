/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What all steps share when they write, wait for jobs, or derive secrets. */
#include "handshake/engine.h"

/* ---- writing ---- */

/* Room in the arena, or on the heap when the handshake is over. */
hf_error hf_message_start(hf_engine *e, size_t room, hf_builder *b)
{
    uint8_t *buffer = e->hs ? hf_arena_alloc(&e->hs->arena, room) : hf_alloc(room);

    if (!buffer)
        return HF_E_NO_MEMORY;
    if (!e->hs) {
        hf_free(e->scratch);
        e->scratch = buffer;
    }
    *b = hf_wr_start(buffer, room);
    hf_message_open(b, e->msg);
    return HF_OK;
}

static void tell_written(hf_engine *e, hf_span message)
{
    const hf_row *row = hf_script_row(&e->script);
    bool ccs = e->msg == HF_MSG_ChangeCipherSpec; /* always in the clear */

    if (!e->trace)
        return;
    hf_trace_event event = {
        .kind = HF_TRACE_MESSAGE,
        .writer = e->role,
        .name = hf_msg_name(e->msg),
        .source = row ? row->rfc : "",
        .phase = row ? row->phase : 0,
        .six = row ? row->six : 0,
        .nine = row ? row->nine : 0,
        .content_type = ccs ? HF_CT_CHANGE_CIPHER_SPEC : HF_CT_HANDSHAKE,
        .epoch = ccs ? HF_PLAIN : e->script.epoch[e->role],
        .bytes = message,
    };
    e->trace->event(e->trace->user, &event);
}

/* Tests may put another body in its place (hf_override). */
static hf_error overridden(hf_engine *e, hf_span *message)
{
    const hf_override *o = &e->config->override;
    hf_span body =
        hf_span_of(message->data + HF_HANDSHAKE_HEADER, message->len - HF_HANDSHAKE_HEADER);

    if (!o->body || !o->body(o->user, e->msg, &body))
        return HF_OK;
    hf_builder b;
    TRY(hf_message_start(e, HF_HANDSHAKE_HEADER + body.len, &b));
    hf_wr_bytes(&b, body);
    hf_message_close(&b);
    return hf_wr_finish(&b, message);
}

hf_error hf_message_send(hf_engine *e, hf_builder *b, hf_span *sent)
{
    hf_span message;

    hf_message_close(b);
    TRY(hf_wr_finish(b, &message));
    TRY(overridden(e, &message));
    tell_written(e, message);
    if (e->hs && e->hs->transcript.started)
        hf_transcript_add(&e->hs->transcript, message);
    if (sent)
        *sent = message;
    return e->below->write(e->conn, HF_CT_HANDSHAKE, message);
}

void hf_transcribe(hf_engine *e)
{
    hf_transcript_add(&e->hs->transcript, e->message);
}

hf_error hf_draw(hf_engine *e, uint8_t *out, size_t len)
{
    return hf_random_bytes(&e->config->random, out, len);
}

/* The compatibility ChangeCipherSpec (RFC 9846 E.4): it changes nothing. */
static hf_error build_change_cipher_spec(hf_engine *e)
{
    static const uint8_t one = 1;
    hf_span content = hf_span_of(&one, 1);

    tell_written(e, content);
    return e->below->write(e->conn, HF_CT_CHANGE_CIPHER_SPEC, content);
}

/* Never waited for in TLS 1.3 (the `ignored` table drops it): accepting it is TLS 1.2's. */
const hf_step hf_step_change_cipher_spec = { build_change_cipher_spec, NULL };

/* ---- jobs ---- */

hf_error hf_submit(hf_engine *e, hf_job *job)
{
    if (!job)
        return HF_E_NO_MEMORY;
    if (e->n_jobs == HF_STEP_JOBS) {
        hf_job_free(job);
        return HF_E_INTERNAL;
    }
    e->jobs[e->n_jobs++] = job;
    return HF_WAIT;
}

void hf_jobs_clear(hf_engine *e)
{
    while (e->n_jobs > 0)
        hf_job_free(e->jobs[--e->n_jobs]);
}

hf_error hf_owe(hf_engine *e, hf_job *job, uint8_t proves)
{
    if (!job)
        return HF_E_NO_MEMORY;
    if (e->n_owed == HF_OWED_JOBS) {
        hf_job_free(job);
        return HF_E_INTERNAL;
    }
    job->proves = proves;
    e->owed[e->n_owed++] = job;
    e->script.owed++;
    return HF_OK;
}

static hf_job *first_free(hf_job *const *jobs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!jobs[i]->handed_out)
            return jobs[i];
    return NULL;
}

bool hf_engine_jobs_left(const hf_engine *e)
{
    return first_free(e->jobs, e->n_jobs) || first_free(e->owed, e->n_owed);
}

hf_job *hf_engine_job_next(hf_engine *e)
{
    hf_job *job = first_free(e->owed, e->n_owed);

    if (!job)
        job = first_free(e->jobs, e->n_jobs);
    if (!job)
        return NULL;
    job->handed_out = true;
    return hf_job_ref(job);
}

/* An owed proof has come in: it is evidence, or the end of the handshake. */
static hf_error settle_owed(hf_engine *e, size_t i)
{
    hf_job *job = e->owed[i];
    hf_error result = job->result;

    e->owed[i] = e->owed[--e->n_owed];
    e->script.owed--;
    if (job->kind == HF_JOB_VERIFY_CHAIN)
        result = hf_chain_verdict(e, job);
    if (result == HF_OK)
        hf_script_prove(&e->script, job->proves);
    hf_job_free(job);
    return result;
}

/* A result for a job that this engine no longer knows is dropped. */
hf_error hf_engine_job_done(hf_engine *e, hf_job *job, hf_error result)
{
    for (size_t i = 0; i < e->n_jobs; i++)
        if (e->jobs[i] == job && !job->done) {
            job->done = true;
            job->result = result == HF_WAIT ? HF_E_JOB_FAILED : result;
            return HF_OK;
        }
    for (size_t i = 0; i < e->n_owed; i++)
        if (e->owed[i] == job && !job->done) {
            job->done = true;
            job->result = result == HF_WAIT ? HF_E_JOB_FAILED : result;
            return settle_owed(e, i);
        }
    return HF_OK;
}

/* ---- secrets ---- */

void hf_log_secret(hf_engine *e, const char *label, const uint8_t *secret)
{
    char line[HF_KEYLOG_LINE];

    if (!e->config->hooks.keylog)
        return;
    hf_keylog_line(line, label, e->client_random, hf_span_of(secret, hf_hash_len(e->suite->hash)));
    e->config->hooks.keylog(e->config->hooks.user, line);
    hf_wipe(line, sizeof line);
}

static hf_error derive_pair(hf_engine *e, uint8_t out[2][HF_HASH_MAX], const char *client_label,
                            const char *server_label)
{
    uint8_t transcript[HF_HASH_MAX];
    hf_hash_id id = e->suite->hash;

    TRY(hf_transcript_hash(&e->hs->transcript, transcript));
    TRY(hf_derive_secret(id, e->hs->schedule.secret, client_label, transcript, out[HF_CLIENT]));
    return hf_derive_secret(id, e->hs->schedule.secret, server_label, transcript, out[HF_SERVER]);
}

/* RFC 9846 7.1, after ServerHello. */
hf_error hf_derive_handshake(hf_engine *e, hf_span shared_secret)
{
    hf_handshake *hs = e->hs;

    TRY(hf_schedule_early(&hs->schedule, e->suite->hash, (hf_span){ NULL, 0 }));
    TRY(hf_schedule_handshake(&hs->schedule, shared_secret));
    TRY(derive_pair(e, hs->traffic, "c hs traffic", "s hs traffic"));
    hf_log_secret(e, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", hs->traffic[HF_CLIENT]);
    hf_log_secret(e, "SERVER_HANDSHAKE_TRAFFIC_SECRET", hs->traffic[HF_SERVER]);
    return HF_OK;
}

/* … and after the server's Finished. */
hf_error hf_derive_application(hf_engine *e)
{
    uint8_t transcript[HF_HASH_MAX];
    hf_handshake *hs = e->hs;
    hf_secrets *s = &e->secrets;

    s->hash = e->suite->hash;
    TRY(hf_schedule_main(&hs->schedule));
    TRY(derive_pair(e, s->traffic, "c ap traffic", "s ap traffic"));
    TRY(hf_transcript_hash(&hs->transcript, transcript));
    TRY(hf_derive_secret(s->hash, hs->schedule.secret, "exp master", transcript, s->exporter));
    hf_log_secret(e, "CLIENT_TRAFFIC_SECRET_0", s->traffic[HF_CLIENT]);
    hf_log_secret(e, "SERVER_TRAFFIC_SECRET_0", s->traffic[HF_SERVER]);
    hf_log_secret(e, "EXPORTER_SECRET", s->exporter);
    return HF_OK;
}
