/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * CertificateVerify (RFC 9846 4.5.2, RFC 5246 7.4.8): the proof that the writer holds the key of the
 * certificate it showed. TLS 1.3 signs the transcript's hash in a frame of its own, TLS 1.2 the
 * messages themselves.
 */
#include "handshake/hello.h"

enum { SPACES = 64, CONTEXT_ROOM = SPACES + 34 + HF_HASH_MAX, VERIFY_ROOM = HF_SIGNATURE_MAX + 16 };

/* What is signed: 64 spaces, a context string, a zero byte, the transcript's hash. */
static hf_error content13(hf_engine *e, hf_role writer, uint8_t buffer[CONTEXT_ROOM],
                          hf_span *content)
{
    uint8_t hash[HF_HASH_MAX];
    hf_builder b = hf_wr_start(buffer, CONTEXT_ROOM);

    TRY(hf_transcript_hash(&e->hs->transcript, hash));
    for (int i = 0; i < SPACES; i++)
        hf_wr_u8(&b, 0x20);
    hf_wr_bytes(&b, hf_span_str(writer == HF_SERVER ? "TLS 1.3, server CertificateVerify"
                                                    : "TLS 1.3, client CertificateVerify"));
    hf_wr_u8(&b, 0);
    hf_wr_bytes(&b, hf_span_of(hash, hf_hash_len(e->suite->hash)));
    return hf_wr_finish(&b, content);
}

/* RFC 5246 7.4.8: all messages so far, each with its header. */
static hf_error content12(hf_engine *e, hf_span *content)
{
    const hf_handshake *hs = e->hs;
    size_t total = 0;

    for (size_t i = 0; i < hs->n_said; i++)
        total += hs->said[i].len;
    uint8_t *room = hf_arena_alloc(&e->hs->arena, total);
    if (!room)
        return HF_E_NO_MEMORY;
    hf_builder b = hf_wr_start(room, total);
    for (size_t i = 0; i < hs->n_said; i++)
        hf_wr_bytes(&b, hs->said[i]);
    return hf_wr_finish(&b, content);
}

static hf_error content_of(hf_engine *e, hf_role writer, uint8_t buffer[CONTEXT_ROOM],
                           hf_span *content)
{
    return e->suite->version == HF_TLS12 ? content12(e, content)
                                         : content13(e, writer, buffer, content);
}

static hf_error build(hf_engine *e)
{
    uint8_t buffer[CONTEXT_ROOM];
    hf_certificate_verify verify = { 0 };
    hf_wire w = hf_engine_wire(e, e->role);
    hf_span content;
    hf_builder b;

    if (e->n_jobs == 0) {
        TRY(content_of(e, e->role, buffer, &content));
        return hf_submit(
            e, hf_job_sign(hf_job_home(e), e->hs->identity->signer, e->hs->scheme->code, content));
    }
    verify.algorithm = e->hs->scheme->code;
    verify.signature = hf_span_of(e->hs->jobs[0]->output, e->hs->jobs[0]->output_len);
    TRY(hf_message_start(e, VERIFY_ROOM, &b));
    hf_certificate_verify_write(&b, &w, &verify);
    TRY(hf_message_send(e, &b, NULL));
    hf_jobs_clear(e);
    if (e->role == HF_SERVER)
        e->info.signature_scheme = verify.algorithm;
    return HF_OK;
}

hf_error hf_check_scheme_key(hf_engine *e, const hf_scheme *s)
{
    const hf_public_key *key = &e->hs->peer_leaf.key;
    bool fits = hf_scheme_fits(s, key->type, e->suite->version);

    if (s->key == HF_KEY_RSA_PSS && key->pss_hash != HF_NO_HASH && key->pss_hash != s->hash)
        fits = false;
    if (!fits) /* RFC 9846 4.5.2#6, 4.3.3#1 #5 #7 #9 #15 */
        return hf_refuse_code(e, HF_E_SCHEME_KEY_MISMATCH, "algorithm", s->code, hf_scheme_name);
    return HF_OK;
}

static hf_error check(hf_engine *e, const hf_certificate_verify *v)
{
    const hf_scheme *s = hf_scheme_of(v->algorithm);

    if (!s || (e->suite->version == HF_TLS13 && !s->tls13) ||
        !hf_in_list(e->config->policy.schemes, v->algorithm)) /* RFC 9846 4.5.2#4 #5 #7 */
        return hf_refuse_code(e, HF_E_SCHEME_NOT_OFFERED, "algorithm", v->algorithm,
                              hf_scheme_name);
    return hf_check_scheme_key(e, s);
}

static hf_error accept(hf_engine *e)
{
    uint8_t buffer[CONTEXT_ROOM];
    hf_certificate_verify verify = { 0 };
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, (hf_role)!e->role);
    hf_reader r = hf_message_reader(e, &fault);
    hf_span content;

    hf_certificate_verify_read(&r, &w, &verify);
    TRY(hf_read_done(e, &fault));
    TRY(check(e, &verify));
    TRY(content_of(e, (hf_role)!e->role, buffer, &content));
    e->info.signature_scheme = verify.algorithm;
    TRY(hf_transcribe(e));
    /* RFC 9846 4.5.2#8 #9 */
    hf_job *job = hf_job_verify(hf_job_home(e), &e->hs->peer_leaf, verify.algorithm, content,
                                verify.signature);
    return hf_owe(
        e,
        hf_job_about(job, HF_MSG_CertificateVerify, e->message, "signature", verify.signature.data),
        HF_SIGNATURE);
}

const hf_step hf_step_certificate_verify = { build, accept };
