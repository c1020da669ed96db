/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ClientKeyExchange: after it both ends have the premaster secret, and from it the master secret. With
 * ECDHE it holds the client's share (RFC 8422 5.7), with static RSA the premaster secret itself,
 * encrypted to the server's certificate (RFC 5246 7.4.7.1). With a pre-shared key it says which one it
 * is (RFC 4279 2), and the key goes into the premaster secret, with ECDHE beside what that gives.
 */
#include "crypto/rsa_premaster.h"
#include "handshake/hello.h"

enum { MESSAGE_ROOM = HF_SIGNATURE_MAX + 16, SUBSTITUTE = 32 };

static hf_job *job_of_kind(const hf_engine *e, hf_job_kind kind)
{
    for (size_t i = 0; i < e->n_jobs; i++)
        if (e->hs->jobs[i]->kind == kind)
            return e->hs->jobs[i];
    return NULL;
}

/* What the key exchange gave, if there was one, and the key; other_secret is used up. */
static hf_error derive_psk(hf_engine *e, hf_span other_secret, hf_span psk)
{
    uint8_t premaster[HF_PREMASTER_MAX];
    size_t len = hf_psk_premaster(other_secret, psk, premaster);

    hf_error error = hf_derive_master(e, premaster, len);
    hf_wipe(premaster, sizeof premaster);
    return error;
}

static hf_span secret_of(const hf_engine *e, const hf_job *job)
{
    return job ? hf_span_of(job->secret, e->hs->group->secret) : (hf_span){ NULL, 0 };
}

/* ---- the client writes ---- */

static hf_error send_exchange(hf_engine *e, hf_span psk_identity, hf_span exchange)
{
    hf_client_key_exchange cke = { psk_identity, exchange };
    hf_wire w = hf_engine_wire(e, HF_CLIENT);
    hf_builder b;

    TRY(hf_message_start(e, MESSAGE_ROOM, &b));
    hf_client_key_exchange_write(&b, &w, &cke);
    return hf_message_send(e, &b, NULL);
}

/* The server's share has a message of its own to be blamed on; it is gone by now. */
static hf_error submit_encapsulate(hf_engine *e)
{
    hf_handshake *hs = e->hs;
    hf_job *job =
        hf_job_encapsulate(hf_job_home(e), hs->group->code, e->config->random, hs->peer_share);

    if (job) {
        job->about = HF_MSG_ServerKeyExchange;
        job->field = "point";
        job->offset = hs->peer_share_at;
    }
    return hf_submit(e, job);
}

static hf_span share_of(const hf_engine *e)
{
    return e->n_jobs > 0 ? hf_span_of(e->hs->jobs[0]->share, e->hs->group->server_share)
                         : (hf_span){ NULL, 0 };
}

static hf_error build_ecdhe(hf_engine *e)
{
    if (e->n_jobs == 0)
        return submit_encapsulate(e);
    TRY(send_exchange(e, (hf_span){ NULL, 0 }, share_of(e)));
    TRY(hf_derive_master(e, e->hs->jobs[0]->secret, e->hs->group->secret));
    hf_jobs_clear(e);
    return HF_OK;
}

static hf_error build_psk(hf_engine *e)
{
    const hf_psk *psk = hf_psk_of_client(e);

    if (!psk)
        return HF_E_INTERNAL; /* no such suite is offered then */
    if (hf_kx_is_ephemeral(e->suite->kx) && e->n_jobs == 0)
        return submit_encapsulate(e);
    TRY(hf_psk_remember(e, psk->identity));
    TRY(send_exchange(e, psk->identity, share_of(e)));
    TRY(derive_psk(e, secret_of(e, job_of_kind(e, HF_JOB_ENCAPSULATE)), psk->key));
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
        error = send_exchange(e, (hf_span){ NULL, 0 }, hf_span_of(encrypted, len));
    if (error == HF_OK)
        error = hf_derive_master(e, premaster, sizeof premaster);
    hf_wipe(premaster, sizeof premaster);
    return error;
}

static hf_error build(hf_engine *e)
{
    if (hf_kx_is_psk(e->suite->kx))
        return build_psk(e);
    return e->suite->kx == HF_KX_RSA ? build_rsa(e) : build_ecdhe(e);
}

/* ---- the server takes it ---- */

static hf_error submit_ecdhe(hf_engine *e, hf_span exchange)
{
    hf_job *job = hf_job_decapsulate(hf_job_home(e), &e->hs->kex[0], exchange);

    return hf_submit(
        e, hf_job_about(job, HF_MSG_ClientKeyExchange, e->message, "ecdh_Yc", exchange.data));
}

static hf_error submit_rsa(hf_engine *e, hf_span exchange)
{
    uint8_t substitute[HF_PREMASTER];

    TRY(hf_draw(e, substitute, sizeof substitute)); /* RFC 5246 7.4.7.1 */
    hf_job *job = hf_job_premaster(hf_job_home(e), e->hs->identity->signer,
                                   e->hs->hello.legacy_version, exchange, substitute);
    hf_wipe(substitute, sizeof substitute);
    return hf_submit(e, job);
}

/* As long as other keys here, so that it takes as long to use. */
static size_t substitute_len(const hf_config *config)
{
    const hf_psk *psk = config->psks ? hf_psks_find(config->psks, (hf_span){ NULL, 0 }) : NULL;

    return psk ? psk->key.len : SUBSTITUTE;
}

/* The substitute is drawn before anything is known about the identity, so that an unknown one goes the way of a wrong key:
   Finished does not open then (RFC 4279 2). A name that nobody can have is not looked up. */
static hf_error submit_psk(hf_engine *e, const hf_client_key_exchange *cke)
{
    hf_handshake *hs = e->hs;
    hf_span identity = cke->psk_identity;
    hf_error error = HF_OK;
    size_t n = substitute_len(e->config);

    TRY(hf_draw(e, hs->psk, n));
    hs->psk_len = (uint8_t)n;
    if (identity.len > 0 && identity.len <= HF_PSK_IDENTITY_MAX) {
        TRY(hf_psk_remember(e, identity));
        error = hf_submit(e, hf_job_psk_lookup(hf_job_home(e), e->config, identity));
        if (error != HF_WAIT)
            return error;
    }
    return hf_kx_is_ephemeral(e->suite->kx) ? submit_ecdhe(e, cke->exchange) : error;
}

static hf_error submit(hf_engine *e)
{
    hf_client_key_exchange cke = { { NULL, 0 }, { NULL, 0 } };
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, HF_CLIENT);
    hf_reader r = hf_message_reader(e, &fault);

    hf_client_key_exchange_read(&r, &w, &cke);
    TRY(hf_read_done(e, &fault));
    if (hf_kx_is_psk(e->suite->kx))
        return submit_psk(e, &cke);
    return e->suite->kx == HF_KX_RSA ? submit_rsa(e, cke.exchange) : submit_ecdhe(e, cke.exchange);
}

/* The job's output takes the substitute's place. */
static void take_key(hf_handshake *hs, const hf_job *found)
{
    if (!found || found->result != HF_OK)
        return;
    hf_wipe(hs->psk, sizeof hs->psk);
    memcpy(hs->psk, found->output, found->output_len);
    hs->psk_len = (uint8_t)found->output_len;
    hs->psk_external = true;
}

static hf_error finish_psk(hf_engine *e)
{
    hf_handshake *hs = e->hs;

    take_key(hs, job_of_kind(e, HF_JOB_PSK_LOOKUP));
    return derive_psk(e, secret_of(e, job_of_kind(e, HF_JOB_DECAPSULATE)),
                      hf_span_of(hs->psk, hs->psk_len));
}

static hf_error finish_others(hf_engine *e)
{
    size_t len = e->suite->kx == HF_KX_RSA ? HF_PREMASTER : e->hs->group->secret;

    return hf_derive_master(e, e->hs->jobs[0]->secret, len);
}

static hf_error accept(hf_engine *e)
{
    bool psk = hf_kx_is_psk(e->suite->kx);

    if (psk ? e->hs->psk_len == 0 : e->n_jobs == 0)
        TRY(submit(e));
    TRY(hf_transcribe(e));
    TRY(psk ? finish_psk(e) : finish_others(e));
    hf_jobs_clear(e);
    hf_wipe(e->hs->kex, sizeof e->hs->kex);
    return HF_OK;
}

/* ---- when it shows ---- */

/* The look-up of a server that does not know the name ends here too, and nothing on the wire tells it from a wrong key
   (RFC 4279 2); our own log may tell. */
hf_error hf_psk_mismatch(hf_engine *e)
{
    bool psk12 = e->suite && e->suite->version == HF_TLS12 && e->script.facts & HF_F_PSK;

    if (!psk12)
        return HF_E_RECORD_MAC;
    if (e->role == HF_SERVER && e->hs && !e->hs->psk_external) {
        hf_refusal_write(e, HF_E_PSK_WRONG,
                         &(hf_refusal){ .message = hf_msg_name(HF_MSG_ClientKeyExchange),
                                        .field = "ClientKeyExchange.psk_identity",
                                        .offset = HF_HANDSHAKE_HEADER + 2,
                                        .rule = "no pre-shared key of that identity is known" });
    }
    return HF_E_PSK_WRONG;
}

const hf_step hf_step_client_key_exchange = { build, accept };
