/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What all steps share when they write a message. */
#include "handshake/engine.h"

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

hf_error hf_message_finish(hf_builder *b, hf_span *message)
{
    hf_message_close(b);
    return hf_wr_finish(b, message);
}

/* What is said after the handshake, with its memory still there for tickets, is in no transcript. */
static bool is_transcribed(const hf_engine *e)
{
    return e->hs && e->hs->transcript.started && !e->script.connected &&
           e->msg != HF_MSG_HelloRequest;
}

hf_error hf_message_put(hf_engine *e, hf_span *message)
{
    TRY(overridden(e, message));
    if (e->hs)
        hf_arena_trim(&e->hs->arena, message->data, message->len);
    hf_tell_message(e, hf_script_own_row(&e->script), e->role, *message);
    if (is_transcribed(e))
        TRY(hf_note_message(e, *message));
    return e->below->write(e->conn, HF_CT_HANDSHAKE, *message);
}

hf_error hf_message_send(hf_engine *e, hf_builder *b, hf_span *sent)
{
    hf_span message;

    TRY(hf_message_finish(b, &message));
    TRY(hf_message_put(e, &message));
    if (sent)
        *sent = message;
    return HF_OK;
}

/* A CertificateVerify of TLS 1.2 signs the messages themselves, with a hash that only it knows (RFC 5246 7.4.8). What we
   wrote stays in the arena anyway; what the peer wrote is copied there. */
hf_error hf_note_message(hf_engine *e, hf_span message)
{
    hf_handshake *hs = e->hs;

    hf_transcript_add(&hs->transcript, message);
    if (!hs->keep_said)
        return HF_OK;
    if (hs->n_said == HF_SAID_MAX)
        return HF_E_LIMIT;
    hf_span kept = message.data == e->message.data ? hf_arena_copy(&hs->arena, message) : message;
    hs->said[hs->n_said++] = kept;
    return kept.data ? HF_OK : HF_E_NO_MEMORY;
}

hf_error hf_transcribe(hf_engine *e)
{
    return hf_note_message(e, e->message);
}

hf_error hf_draw(hf_engine *e, uint8_t *out, size_t len)
{
    return hf_random_bytes(&e->config->random, out, len);
}
