/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ServerKeyExchange for ECDHE (RFC 8422 5.4): the server's share of the key exchange, signed together
 * with both randoms. In TLS 1.2 this signature is what proves that the server holds its key.
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

static hf_error submit_signature(hf_engine *e)
{
    hf_handshake *hs = e->hs;
    uint8_t params[PARAMS_ROOM], room[SIGNED_ROOM];
    hf_span content;
    hf_builder b = hf_wr_start(params, sizeof params);

    hs->kex[0] = e->jobs[0]->kex;
    hs->n_kex = 1;
    hs->key_shares =
        hf_arena_copy(&hs->arena, hf_span_of(e->jobs[0]->share, hs->group->client_share));
    hf_jobs_clear(e);
    if (!hs->key_shares.data)
        return HF_E_NO_MEMORY;
    hf_server_key_exchange ske = { .curve_type = HF_NAMED_CURVE,
                                   .named_curve = hs->group->code,
                                   .point = hs->key_shares };
    hf_server_ecdh_params_write(&b, &ske);
    TRY(hf_wr_finish(&b, &content));
    TRY(content_of(e, content, room, &content));
    return hf_submit(e, hf_job_sign(hs->identity->signer, hs->scheme->code, content));
}

static hf_error write_signed(hf_engine *e)
{
    hf_handshake *hs = e->hs;
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_builder b;
    hf_server_key_exchange ske = { .curve_type = HF_NAMED_CURVE,
                                   .named_curve = hs->group->code,
                                   .point = hs->key_shares,
                                   .algorithm = hs->scheme->code };

    ske.signature = hf_span_of(e->jobs[0]->output, e->jobs[0]->output_len);
    e->info.signature_scheme = hs->scheme->code;
    TRY(hf_message_start(e, MESSAGE_ROOM, &b));
    hf_server_key_exchange_write(&b, &w, &ske);
    TRY(hf_message_send(e, &b, NULL));
    hf_jobs_clear(e);
    return HF_OK;
}

static hf_error build(hf_engine *e)
{
    if (e->n_jobs == 0)
        return hf_submit(e, hf_job_keygen(e->hs->group->code, e->config->random));
    if (e->hs->n_kex == 0)
        return submit_signature(e);
    return write_signed(e);
}

/* ---- the client checks ---- */

static hf_error check(hf_engine *e, const hf_server_key_exchange *ske)
{
    const hf_group *group = hf_group_of(ske->named_curve);
    const hf_scheme *s = hf_scheme_of(ske->algorithm);

    if (ske->curve_type != HF_NAMED_CURVE) /* RFC 8422 5.4 */
        return hf_refuse_code(e, HF_E_CURVE_TYPE, "curve_type", ske->curve_type, NULL);
    if (!group || group->post_quantum ||
        !hf_list16_has(e->hs->hello.ext.supported_groups, ske->named_curve)) /* RFC 8422 5.4 */
        return hf_refuse_code(e, HF_E_GROUP_NOT_OFFERED, "named_curve", ske->named_curve,
                              hf_group_name);
    if (!s ||
        !hf_list16_has(e->hs->hello.ext.signature_algorithms, ske->algorithm)) /* RFC 5246 7.4.3 */
        return hf_refuse_code(e, HF_E_SCHEME_NOT_OFFERED, "algorithm", ske->algorithm,
                              hf_scheme_name);
    return hf_check_scheme_key(e, s);
}

static hf_error accept(hf_engine *e)
{
    hf_handshake *hs = e->hs;
    uint8_t room[SIGNED_ROOM];
    hf_server_key_exchange ske = { 0 };
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_reader r = hf_message_reader(e, &fault);
    hf_span content;

    hf_server_key_exchange_read(&r, &w, &ske);
    TRY(hf_read_done(e, &fault));
    TRY(check(e, &ske));
    TRY(content_of(e, ske.params, room, &content));
    hs->group = hf_group_of(ske.named_curve);
    hs->peer_share = hf_arena_copy(&hs->arena, ske.point);
    if (!hs->peer_share.data)
        return HF_E_NO_MEMORY;
    e->info.group = hs->group->code;
    e->info.signature_scheme = ske.algorithm;
    TRY(hf_transcribe(e));
    TRY(hf_owe_chain(e));
    hf_job *job = hf_job_verify(&hs->peer_leaf, ske.algorithm, content, ske.signature);
    return hf_owe(
        e, hf_job_about(job, HF_MSG_ServerKeyExchange, e->message, "signature", ske.signature.data),
        HF_SIGNATURE);
}

const hf_step hf_step_server_key_exchange = { build, accept };
