/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ClientKeyExchange: after it both ends have the premaster secret, and from it the master secret. With
 * ECDHE it holds the client's share (RFC 8422 5.7), with static RSA the premaster secret itself,
 * encrypted to the server's certificate (RFC 5246 7.4.7.1).
 */
#include "crypto/rsa_premaster.h"
#include "handshake/hello.h"

enum { MESSAGE_ROOM = HF_SIGNATURE_MAX + 16 };

static hf_error send_exchange(hf_engine *e, hf_span exchange)
{
    hf_client_key_exchange cke = { exchange };
    hf_wire w = hf_engine_wire(e, HF_CLIENT);
    hf_builder b;

    TRY(hf_message_start(e, MESSAGE_ROOM, &b));
    hf_client_key_exchange_write(&b, &w, &cke);
    return hf_message_send(e, &b, NULL);
}

/* ---- the client writes ---- */

/* The server's share has a message of its own to be blamed on; it is gone by now. */
static hf_error build_ecdhe(hf_engine *e)
{
    hf_handshake *hs = e->hs;

    if (e->n_jobs == 0) {
        hf_job *job = hf_job_encapsulate(hs->group->code, e->config->random, hs->peer_share);
        if (job) {
            job->about = HF_MSG_ServerKeyExchange;
            job->field = "point";
            job->offset = HF_HANDSHAKE_HEADER + 4;
        }
        return hf_submit(e, job);
    }
    hf_job *job = e->jobs[0];
    TRY(send_exchange(e, hf_span_of(job->share, hs->group->server_share)));
    TRY(hf_derive_master(e, job->secret, hs->group->secret));
    hf_jobs_clear(e);
    return HF_OK;
}

/* RFC 5246 7.4.7.1: the version that the ClientHello offered, then 46 random bytes. */
static hf_error build_rsa(hf_engine *e)
{
    uint8_t premaster[HF_PREMASTER], encrypted[HF_SIGNATURE_MAX];
    uint16_t version = e->hs->hello.legacy_version;
    size_t len = 0;

    hf_error error = hf_draw(e, premaster, sizeof premaster);
    premaster[0] = (uint8_t)(version >> 8);
    premaster[1] = (uint8_t)version;
    if (error == HF_OK)
        error = hf_rsa_encrypt(&e->hs->peer_leaf.key, hf_span_of(premaster, sizeof premaster),
                               encrypted, &len);
    if (error == HF_OK)
        error = send_exchange(e, hf_span_of(encrypted, len));
    if (error == HF_OK)
        error = hf_derive_master(e, premaster, sizeof premaster);
    hf_wipe(premaster, sizeof premaster);
    return error;
}

static hf_error build(hf_engine *e)
{
    return e->suite->kx == HF_KX_RSA ? build_rsa(e) : build_ecdhe(e);
}

/* ---- the server takes it ---- */

static hf_error submit_ecdhe(hf_engine *e, hf_span exchange)
{
    hf_job *job = hf_job_decapsulate(&e->hs->kex[0], exchange);

    return hf_submit(
        e, hf_job_about(job, HF_MSG_ClientKeyExchange, e->message, "ecdh_Yc", exchange.data));
}

static hf_error submit_rsa(hf_engine *e, hf_span exchange)
{
    uint8_t substitute[HF_PREMASTER];

    TRY(hf_draw(e, substitute, sizeof substitute)); /* RFC 5246 7.4.7.1 */
    hf_job *job = hf_job_premaster(e->hs->identity->signer, e->hs->hello.legacy_version, exchange,
                                   substitute);
    hf_wipe(substitute, sizeof substitute);
    return hf_submit(e, job);
}

static hf_error submit(hf_engine *e)
{
    hf_client_key_exchange cke = { { NULL, 0 } };
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, HF_CLIENT);
    hf_reader r = hf_message_reader(e, &fault);

    hf_client_key_exchange_read(&r, &w, &cke);
    TRY(hf_read_done(e, &fault));
    return e->suite->kx == HF_KX_RSA ? submit_rsa(e, cke.exchange) : submit_ecdhe(e, cke.exchange);
}

static hf_error accept(hf_engine *e)
{
    if (e->n_jobs == 0)
        return submit(e);
    size_t len = e->suite->kx == HF_KX_RSA ? HF_PREMASTER : e->hs->group->secret;
    TRY(hf_transcribe(e));
    TRY(hf_derive_master(e, e->jobs[0]->secret, len));
    hf_jobs_clear(e);
    hf_wipe(e->hs->kex, sizeof e->hs->kex);
    return HF_OK;
}

const hf_step hf_step_client_key_exchange = { build, accept };
