/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The application's answers to events, and what it may ask of a connection. */
#include "conn/conn.h"

#include <stdio.h>

/* ---- CLIENT_HELLO ---- */

const hf_hello *hf_conn_hello(const hf_conn *c)
{
    const hf_handshake *hs = c->engine.hs;

    return hs && hs->hello_paused && !hs->hello_answered ? &hs->hello_view : NULL;
}

hf_error hf_conn_switch_config(hf_conn *c, hf_config *config)
{
    hf_engine *e = &c->engine;

    if (!e->hs || !e->hs->hello_paused || e->hs->hello_answered)
        return HF_E_MISUSE;
    if (config && (!config->sealed || config->role != HF_SERVER))
        return HF_E_MISUSE;
    if (config) {
        hf_config *old = e->config;
        e->config = hf_config_ref(config);
        hf_config_free(old);
        e->script.intent = hf_engine_intent(config);
    }
    e->hs->hello_answered = true;
    c->dirty = true;
    return HF_OK;
}

/* ---- JOB ---- */

hf_job *hf_conn_job_next(hf_conn *c)
{
    return c->failed ? NULL : hf_engine_job_next(&c->engine);
}

hf_error hf_conn_job_done(hf_conn *c, hf_job *job, hf_error result)
{
    hf_error e = c->failed ? HF_OK : hf_engine_job_done(&c->engine, job, result);

    hf_job_free(job);
    c->dirty = true;
    if (e != HF_OK)
        hf_conn_fail(c, e);
    return HF_OK;
}

/* ---- VERIFY ---- */

size_t hf_conn_peer_chain(const hf_conn *c, const hf_span **chain)
{
    *chain = c->engine.peer_chain;
    return c->engine.n_peer_chain;
}

hf_span hf_conn_peer_staple(const hf_conn *c)
{
    return c->engine.peer_staple;
}

hf_error hf_conn_verify_done(hf_conn *c, hf_error verdict)
{
    hf_engine *e = &c->engine;

    if (c->failed || !e->verify_wanted || !e->verify_asked)
        return HF_E_MISUSE;
    if (verdict == HF_WAIT || verdict >= HF_ERROR_COUNT)
        verdict = HF_E_CERT_REFUSED;
    e->verify_wanted = false;
    e->script.owed--;
    c->dirty = true;
    e->chain_verified = verdict == HF_OK;
    e->info.peer_error = verdict;
    if (verdict == HF_OK)
        verdict = hf_script_prove(&e->script, HF_CHAIN);
    if (verdict != HF_OK)
        hf_conn_fail(c, verdict);
    return HF_OK;
}

/* ---- keys ---- */

hf_error hf_conn_key_update(hf_conn *c, bool request)
{
    hf_engine *e = &c->engine;

    if (!c->connected || c->failed || c->out.closed || e->suite->version == HF_TLS12)
        return HF_E_MISUSE;
    if (e->generations[e->role] >= HF_GENERATIONS_MAX) /* RFC 9846 4.7.3#9 */
        return HF_E_KEY_LIMIT;
    e->request_update = request && !e->update_awaited; /* RFC 9846 4.7.3#6: one request at a time */
    e->script.intent |= e->role == HF_CLIENT ? HF_F_CLIENT_UPDATE : HF_F_SERVER_UPDATE;
    hf_conn_drive(c);
    return c->failed ? e->script.error : HF_OK;
}

/* RFC 9846 7.5#1: an early exporter is not given to anybody. */
hf_error hf_conn_export(hf_conn *c, const char *label, hf_span context, uint8_t *out, size_t len)
{
    const hf_engine *e = &c->engine;

    if (!c->connected || c->failed || strlen(label) > 249 || len > 255 * 32)
        return HF_E_MISUSE;
    if (e->suite->version == HF_TLS12 && !e->info.extended_main_secret)
        return HF_E_MISUSE; /* another connection may have the same master secret (RFC 7627 5.4) */
    if (e->suite->version == HF_TLS12)
        return hf_export12(&e->secrets, label, context, out, len);
    return hf_export(&c->engine.secrets, label, context, out, len);
}

hf_error hf_conn_set_max_record(hf_conn *c, size_t len)
{
    if (len < 1 || len > HF_PLAINTEXT_MAX)
        return HF_E_MISUSE;
    c->max_record = len;
    return HF_OK;
}

/* ---- what is known ---- */

const hf_conn_info *hf_conn_info_of(hf_conn *c)
{
    return &c->engine.info;
}

const hf_failure *hf_conn_failure(const hf_conn *c)
{
    hf_failure *shared = &c->worker->last_failure;
    hf_error code = c->engine.script.error;

    if (!c->failed)
        return NULL;
    if (c->engine.failure == shared) /* another connection may have written there meanwhile */
        *shared = (hf_failure){ .code = code,
                                .blame = hf_error_row_of(code)->blame,
                                .side = c->engine.role,
                                .step = "",
                                .offset = -1,
                                .alert = HF_ALERT_none };
    return c->engine.failure;
}

const hf_peer *hf_conn_peer(hf_conn *c)
{
    return hf_engine_peer(&c->engine);
}

bool hf_conn_authority(const hf_conn *c, size_t i, char *text, size_t room)
{
    hf_span rest = c->engine.authorities, name;

    while (hf_name16_next(&rest, &name))
        if (i-- == 0) {
            hf_name_text(name, text, room);
            return true;
        }
    return false;
}

hf_span hf_conn_session(hf_conn *c)
{
    return c->failed ? (hf_span){ NULL, 0 } : c->engine.session;
}
