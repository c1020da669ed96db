/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the engine tells a trace: messages, changes of keys, proofs. Records are the connection's. */
#include "handshake/engine.h"

#include "base/listen.h"

static bool speaks12(const hf_engine *e)
{
    return e->info.version == HF_TLS12;
}

void hf_tell_message(hf_engine *e, const hf_row *row, hf_role writer, hf_span bytes)
{
    bool ccs = e->msg == HF_MSG_ChangeCipherSpec; /* always in the clear */

    if (!hf_listens(e->trace))
        return;
    hf_trace_event event = {
        .kind = HF_TRACE_MESSAGE,
        .writer = writer,
        .name = hf_msg_name(e->msg),
        .source = row ? row->rfc : "",
        .phase = row ? row->phase : 0,
        .six = row ? row->six : 0,
        .nine = row ? row->nine : 0,
        .content_type = ccs ? HF_CT_CHANGE_CIPHER_SPEC : HF_CT_HANDSHAKE,
        .epoch = ccs ? HF_PLAIN : e->script.epoch[writer],
        .version = e->info.version,
        .cipher_suite = e->info.cipher_suite,
        .bytes = bytes,
    };
    e->trace->event(e->trace->user, &event);
}

void hf_tell_keys(hf_engine *e, hf_role whose, unsigned epoch)
{
    if (!hf_listens(e->trace))
        return;
    hf_trace_event event = { .kind = HF_TRACE_KEYS,
                             .writer = whose,
                             .name = hf_epoch_name(epoch),
                             .source = speaks12(e) ? "RFC 5246 6.3" : "RFC 9846 7.3",
                             .epoch = (uint8_t)epoch,
                             .version = e->info.version,
                             .cipher_suite = e->info.cipher_suite };
    e->trace->event(e->trace->user, &event);
}

static void tell_proof(hf_engine *e, const char *name, const char *source)
{
    hf_trace_event event = { .kind = HF_TRACE_PROVED,
                             .writer = e->role,
                             .name = name,
                             .source = source,
                             .version = e->info.version,
                             .cipher_suite = e->info.cipher_suite };
    e->trace->event(e->trace->user, &event);
}

void hf_tell_proved(hf_engine *e, uint8_t what)
{
    if (!hf_listens(e->trace))
        return;
    /* an insecure config goes on without a proof of the chain: it is not called one */
    if (what & HF_CHAIN && e->chain_verified)
        tell_proof(e, "chain", "RFC 5280 6");
    if (what & HF_SIGNATURE)
        tell_proof(e, "signature", speaks12(e) ? "RFC 5246 7.4.3" : "RFC 9846 4.5.2");
    if (what & HF_FINISHED)
        tell_proof(e, "Finished", speaks12(e) ? "RFC 5246 7.4.9" : "RFC 9846 4.5.3");
}
