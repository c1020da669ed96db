/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Finished (RFC 9846 4.5.3, RFC 5246 7.4.9): the proof that both ends saw the same handshake, and the last secrets. */
#include "handshake/hello.h"

enum { FINISHED_ROOM = HF_HASH_MAX + 8 };

static hf_error make_verify_data(hf_engine *e, hf_role writer, uint8_t out[HF_HASH_MAX])
{
    uint8_t hash[HF_HASH_MAX];

    TRY(hf_transcript_hash(&e->hs->transcript, hash));
    if (e->suite->version == HF_TLS12)
        return hf_verify_data12(&e->secrets, writer, hash, out);
    return hf_verify_data(e->suite->hash, e->hs->traffic[writer], hash, out);
}

static size_t verify_data_len(const hf_engine *e)
{
    return e->suite->version == HF_TLS12 ? HF_VERIFY_DATA12 : hf_hash_len(e->suite->hash);
}

/* After the server's Finished the application secrets exist, after the client's the resumption secret. */
static hf_error done(hf_engine *e, hf_role writer)
{
    uint8_t hash[HF_HASH_MAX];

    e->script.facts |= writer == HF_SERVER ? HF_F_SERVER_DONE : HF_F_CLIENT_DONE;
    if (e->suite->version == HF_TLS12)
        return HF_OK;
    if (writer == HF_SERVER)
        return hf_derive_application(e);
    TRY(hf_transcript_hash(&e->hs->transcript, hash));
    return hf_derive_secret(e->suite->hash, e->hs->schedule.secret, "res master", hash,
                            e->secrets.resumption);
}

static hf_error build(hf_engine *e)
{
    uint8_t data[HF_HASH_MAX];
    hf_finished finished = { { NULL, 0 } };
    hf_wire w = hf_engine_wire(e, e->role);
    hf_builder b;

    TRY(make_verify_data(e, e->role, data));
    finished.verify_data = hf_span_of(data, verify_data_len(e));
    if (e->role == HF_CLIENT && e->suite->version == HF_TLS12)
        memcpy(e->verify_data, data, HF_VERIFY_DATA12);
    TRY(hf_message_start(e, FINISHED_ROOM, &b));
    hf_finished_write(&b, &w, &finished);
    TRY(hf_message_send(e, &b, NULL));
    return done(e, e->role);
}

static hf_error accept(hf_engine *e)
{
    uint8_t expected[HF_HASH_MAX];
    hf_finished finished = { { NULL, 0 } };
    hf_fault fault = { 0 };
    hf_role writer = (hf_role)!e->role;
    hf_wire w = hf_engine_wire(e, writer);
    hf_reader r = hf_message_reader(e, &fault);

    hf_finished_read(&r, &w, &finished);
    TRY(hf_read_done(e, &fault));
    TRY(make_verify_data(e, writer, expected));
    bool same = hf_ct_equal(hf_span_of(expected, verify_data_len(e)), finished.verify_data);
    hf_wipe(expected, sizeof expected);
    if (!same) /* RFC 9846 4.5.3#1 #2 */
        return hf_refuse(e, HF_E_FINISHED_WRONG, "verify_data", NULL, NULL);
    TRY(hf_script_prove(&e->script, HF_FINISHED));
    TRY(hf_transcribe(e));
    return done(e, writer);
}

const hf_step hf_step_finished = { build, accept };
