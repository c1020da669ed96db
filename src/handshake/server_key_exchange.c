/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ServerKeyExchange for ECDHE (RFC 8422 5.4): the server's share of the key exchange, signed together
 * with both randoms. In TLS 1.2 this signature is what proves that the server holds its key. With a
 * pre-shared key the share is not signed (RFC 5489 2): what is wrong with it shows in Finished.
 */
#include "handshake/hello.h"

enum {
    PARAMS_ROOM = 1 + 2 + 1 + 133,
    SIGNED_ROOM = 2 * HF_RANDOM + PARAMS_ROOM + 128, /* the longest point has 255 bytes */
    MESSAGE_ROOM = PARAMS_ROOM + HF_SIGNATURE_MAX + 16
};

/* RFC 8422 5.4: client_random, server_random, ServerECDHParams. */
static hf_error content_of(const hf_engine *e, hf_span params, uint8_t room[SIGNED_ROOM],
                           hf_span *content)
{
    hf_builder b = hf_wr_start(room, SIGNED_ROOM);

    hf_wr_bytes(&b, hf_span_of(e->secrets.client_random, HF_RANDOM));
    hf_wr_bytes(&b, hf_span_of(e->secrets.server_random, HF_RANDOM));
    hf_wr_bytes(&b, params);
    return hf_wr_finish(&b, content);
}

/* ---- the server writes: a key, then a signature over it, then the message ---- */

static hf_error take_share(hf_engine *e)
{
    hf_handshake *hs = e->hs;

    hs->kex[0] = e->hs->jobs[0]->kex;
    hs->n_kex = 1;
    hs->key_shares =
        hf_arena_copy(&hs->arena, hf_span_of(e->hs->jobs[0]->share, hs->group->client_share));
    hf_jobs_clear(e);
    return hs->key_shares.data ? HF_OK : HF_E_NO_MEMORY;
}

static hf_server_key_exchange params_of(const hf_handshake *hs)
{
    return (hf_server_key_exchange){ .curve_type = HF_NAMED_CURVE,
                                     .named_curve = hs->group->code,
                                     .point = hs->key_shares };
}

static hf_error send_exchange(hf_engine *e, const hf_server_key_exchange *ske)
{
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_builder b;

    TRY(hf_message_start(e, MESSAGE_ROOM, &b));
    hf_server_key_exchange_write(&b, &w, ske);
    return hf_message_send(e, &b, NULL);
}

static hf_error submit_signature(hf_engine *e)
{
    hf_handshake *hs = e->hs;
    uint8_t params[PARAMS_ROOM], room[SIGNED_ROOM];
    hf_server_key_exchange ske = params_of(hs);
    hf_builder b = hf_wr_start(params, sizeof params);
    hf_span content;

    hf_server_ecdh_params_write(&b, &ske);
    TRY(hf_wr_finish(&b, &content));
    TRY(content_of(e, content, room, &content));
    return hf_submit(e,
                     hf_job_sign(hf_job_home(e), hs->identity->signer, hs->scheme->code, content));
}

static hf_error write_signed(hf_engine *e)
{
    hf_handshake *hs = e->hs;
    hf_server_key_exchange ske = params_of(hs);

    ske.algorithm = hs->scheme->code;
    ske.signature = hf_span_of(e->hs->jobs[0]->output, e->hs->jobs[0]->output_len);
    e->info.signature_scheme = hs->scheme->code;
    TRY(send_exchange(e, &ske));
    hf_jobs_clear(e);
    return HF_OK;
}

/* We have no hint to give: an empty one where the share has to follow it (RFC 4279 5.2, RFC 5489 2). */
static hf_error write_unsigned(hf_engine *e)
{
    hf_server_key_exchange ske = { .psk_identity_hint = { NULL, 0 } };

    if (e->hs->group)
        ske = params_of(e->hs);
    return send_exchange(e, &ske);
}

static hf_error build(hf_engine *e)
{
    bool psk = hf_kx_is_psk(e->suite->kx);

    if (e->hs->group && e->hs->n_kex == 0) {
        if (e->n_jobs == 0)
            return hf_submit(e,
                             hf_job_keygen(hf_job_home(e), e->hs->group->code, e->config->random));
        TRY(take_share(e));
        if (!psk)
            return submit_signature(e);
    }
    return psk ? write_unsigned(e) : write_signed(e);
}

/* ---- the client checks ---- */

static hf_error check_params(hf_engine *e, const hf_server_key_exchange *ske)
{
    const hf_group *group = hf_group_of(ske->named_curve);

    if (ske->curve_type != HF_NAMED_CURVE) /* RFC 8422 5.4 */
        return hf_refuse_code(e, HF_E_CURVE_TYPE, "curve_type", ske->curve_type, NULL);
    if (!group || group->post_quantum ||
        !hf_list16_has(e->hs->hello.ext.supported_groups, ske->named_curve)) /* RFC 8422 5.4 */
        return hf_refuse_code(e, HF_E_GROUP_NOT_OFFERED, "named_curve", ske->named_curve,
                              hf_group_name);
    return HF_OK;
}

static hf_error check_scheme(hf_engine *e, uint16_t algorithm)
{
    const hf_scheme *s = hf_scheme_of(algorithm);

    if (!s || !hf_list16_has(e->hs->hello.ext.signature_algorithms, algorithm)) /* RFC 5246 7.4.3 */
        return hf_refuse_code(e, HF_E_SCHEME_NOT_OFFERED, "algorithm", algorithm, hf_scheme_name);
    return hf_check_scheme_key(e, s);
}

/* A hint would say which of several keys is meant. Nobody vouches for it yet, and what it means only an application could know:
   it must be ignored. */
static hf_error check_hint(hf_engine *e, hf_span hint)
{
    if (hint.len > HF_PSK_IDENTITY_MAX) /* RFC 4279 5.2 */
        return hf_refuse(e, HF_E_PSK_HINT_TOO_LONG, "psk_identity_hint", "at most 128 bytes", NULL);
    return HF_OK;
}

static hf_error keep_share(hf_engine *e, const hf_server_key_exchange *ske)
{
    hf_handshake *hs = e->hs;

    hs->group = hf_group_of(ske->named_curve);
    hs->peer_share = hf_arena_copy(&hs->arena, ske->point);
    hs->peer_share_at = ske->point.data - e->message.data;
    e->info.group = hs->group->code;
    return hs->peer_share.data ? HF_OK : HF_E_NO_MEMORY;
}

static hf_error accept_signed(hf_engine *e, const hf_server_key_exchange *ske)
{
    uint8_t room[SIGNED_ROOM];
    hf_span content;

    TRY(check_params(e, ske));
    TRY(check_scheme(e, ske->algorithm));
    TRY(content_of(e, ske->params, room, &content));
    TRY(keep_share(e, ske));
    e->info.signature_scheme = ske->algorithm;
    TRY(hf_transcribe(e));
    TRY(hf_owe_chain(e));
    hf_job *job =
        hf_job_verify(hf_job_home(e), &e->hs->peer_leaf, ske->algorithm, content, ske->signature);
    return hf_owe(
        e,
        hf_job_about(job, HF_MSG_ServerKeyExchange, e->message, "signature", ske->signature.data),
        HF_SIGNATURE);
}

static hf_error accept_unsigned(hf_engine *e, const hf_server_key_exchange *ske)
{
    TRY(check_hint(e, ske->psk_identity_hint));
    if (hf_kx_is_ephemeral(e->suite->kx)) {
        TRY(check_params(e, ske));
        TRY(keep_share(e, ske));
    }
    return hf_transcribe(e);
}

static hf_error accept(hf_engine *e)
{
    hf_server_key_exchange ske = { 0 };
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_reader r = hf_message_reader(e, &fault);

    hf_server_key_exchange_read(&r, &w, &ske);
    TRY(hf_read_done(e, &fault));
    return (hf_kx_is_psk(e->suite->kx) ? accept_unsigned : accept_signed)(e, &ske);
}

const hf_step hf_step_server_key_exchange = { build, accept };
