/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Who the peer proved to be: read from a verified chain, or remembered by a session. */
#include <handfast/cert.h>
#include "handshake/engine.h"

static const char *put(char **at, hf_span text)
{
    char *copy = *at;

    if (text.len > 0)
        memcpy(copy, text.data, text.len);
    *at += text.len + 1;
    return copy;
}

static hf_peer *new_peer(hf_engine *e, hf_span subject, hf_span sans, hf_span fingerprint,
                         int64_t not_after)
{
    hf_peer *peer = hf_alloc(sizeof *peer + subject.len + sans.len + fingerprint.len + 3);

    if (!peer)
        return NULL;
    char *at = (char *)(peer + 1);
    peer->subject = put(&at, subject);
    peer->sans = put(&at, sans);
    peer->fingerprint = put(&at, fingerprint);
    peer->not_after = not_after;
    return e->peer = peer;
}

/* Whoever watched knows a chain, and in TLS 1.2 a ticket and a session id as well: they name nobody before the peer's Finished,
   and before every proof that is owed is in. */
static bool is_proved(const hf_engine *e)
{
    hf_facts done = e->role == HF_CLIENT ? HF_F_SERVER_DONE : HF_F_CLIENT_DONE;

    return e->script.connected ||
           (e->script.error == HF_OK && e->script.facts & done && e->script.owed == 0);
}

const hf_peer *hf_engine_peer(hf_engine *e)
{
    hf_cert_summary leaf;

    if (!is_proved(e))
        return NULL;
    if (e->peer || !e->chain_verified || e->n_peer_chain == 0)
        return e->peer;
    if (hf_cert_summarize(e->peer_chain[0], &leaf) != HF_OK)
        return NULL;
    return new_peer(e, hf_span_str(leaf.subject), hf_span_str(leaf.sans),
                    hf_span_str(leaf.fingerprint), leaf.not_after);
}

hf_error hf_session_peer(hf_engine *e)
{
    const hf_session *s = &e->hs->session;

    if (s->peer_fingerprint.len == 0)
        return HF_OK;
    e->chain_verified = true; /* no session is made with a peer that was not */
    return new_peer(e, s->peer_subject, s->peer_sans, s->peer_fingerprint, s->peer_not_after)
               ? HF_OK
               : HF_E_NO_MEMORY;
}
