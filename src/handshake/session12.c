/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What an end remembers of a handshake, and what a client offers again (TLS 1.2). How it is written
 * down, sealed and cached is src/keys; whether a server takes it is resume12.c.
 */
#include "handshake/hello.h"

enum {
    SESSION_HOURS_MAX = 24,   /* RFC 5246 F.1.4 */
    TICKET_OFFERED_MAX = 4096 /* what a ClientHello has room for beside the rest */
};

/* ---- what both ends remember ---- */

static hf_span text_of(const char *text)
{
    return text ? hf_span_str(text) : (hf_span){ NULL, 0 };
}

/* No session outlives a certificate that it rests on. */
static int64_t earliest_expiry(const hf_engine *e, int64_t expires)
{
    hf_cert cert;

    for (size_t i = 0; i < e->n_peer_chain; i++)
        if (hf_cert_parse(&cert, e->peer_chain[i], NULL) == HF_OK && cert.not_after < expires)
            expires = cert.not_after;
    return expires;
}

/* A resumed session has the peer of the first handshake: nobody else proved anything since. */
static void describe_peer(hf_engine *e, hf_session *s)
{
    const hf_session *old = &e->hs->session;
    const hf_peer *peer = e->info.resumed ? NULL : hf_engine_peer(e);

    if (e->info.resumed) {
        s->peer_subject = old->peer_subject;
        s->peer_sans = old->peer_sans;
        s->peer_fingerprint = old->peer_fingerprint;
        s->peer_not_after = old->peer_not_after;
    } else if (peer) {
        s->peer_subject = text_of(peer->subject);
        s->peer_sans = text_of(peer->sans);
        s->peer_fingerprint = text_of(peer->fingerprint);
        s->peer_not_after = peer->not_after;
    }
}

/* Somebody was verified, but there was no memory to say who: not to be remembered as nobody. */
static bool peer_is_lost(const hf_engine *e, const hf_session *s)
{
    return e->chain_verified && s->peer_fingerprint.len == 0;
}

/* Everything but what only one role has. A resumed session keeps its birthday. */
static hf_error describe(hf_engine *e, uint32_t lifetime, hf_session *s)
{
    const hf_handshake *hs = e->hs;
    bool again = e->info.resumed;

    *s = (hf_session){ .version = HF_TLS12,
                       .cipher_suite = e->suite->code,
                       .extended_main_secret = e->info.extended_main_secret,
                       .secret_len = HF_MASTER_SECRET };
    memcpy(s->secret, e->secrets.master_secret, HF_MASTER_SECRET);
    if (again)
        memcpy(s->context, hs->session.context, HF_SESSION_CONTEXT);
    else
        TRY(hf_session_context(e->config, e->role == HF_SERVER ? hs->identity : NULL, s->context));
    s->created = again ? hs->session.created : hf_config_now(e->config);
    s->expires = again ? hs->session.expires : earliest_expiry(e, s->created + lifetime);
    s->server_name = text_of(e->info.server_name);
    s->alpn = text_of(e->info.alpn);
    describe_peer(e, s);
    return HF_OK;
}

/* ---- a server ---- */

hf_error hf_session_state(hf_engine *e, hf_span *state, uint32_t *seconds)
{
    uint8_t *room = hf_arena_alloc(&e->hs->arena, HF_SESSION_STATE_MAX);
    hf_session s;

    *state = (hf_span){ NULL, 0 };
    if (!room)
        return HF_E_NO_MEMORY;
    TRY(describe(e, hf_sessions_lifetime(e->config->sessions), &s));
    *seconds = (uint32_t)(s.expires - hf_config_now(e->config));
    hf_builder b = hf_wr_start(room, HF_SESSION_STATE_MAX);
    hf_session_write(&b, &s);
    hf_wipe(&s.secret, sizeof s.secret);
    if (peer_is_lost(e, &s) || hf_wr_finish(&b, state) != HF_OK)
        *state =
            (hf_span){ NULL, 0 }; /* as with too much identity: such a client is asked each time */
    return HF_OK;
}

static hf_error keep_in_cache(hf_engine *e)
{
    uint32_t seconds;
    hf_span state;

    if (e->info.resumed || e->session_id_len == 0)
        return HF_OK;
    TRY(hf_session_state(e, &state, &seconds));
    return state.len > 0 ? hf_session_store(e->config->sessions, e->session_id, state) : HF_OK;
}

void hf_session_drop(hf_engine *e)
{
    if (e->role == HF_SERVER && e->session_id_len > 0 && e->config->sessions)
        hf_session_remove(e->config->sessions, hf_span_of(e->session_id, e->session_id_len));
}

/* ---- a client ---- */

static hf_error write_session(hf_engine *e, const hf_session *s)
{
    uint8_t *room = hf_alloc(HF_SESSION_MAX);
    hf_builder b = hf_wr_start(room, HF_SESSION_MAX);
    hf_span bytes;

    if (!room)
        return HF_E_NO_MEMORY;
    hf_session_write(&b, s);
    hf_error error = hf_wr_finish(&b, &bytes); /* a ticket that is too long is not kept */
    uint8_t *copy = error == HF_OK ? hf_copy(bytes) : NULL;
    hf_free_secret(room, HF_SESSION_MAX);
    if (copy)
        e->session = hf_span_of(copy, bytes.len);
    return error == HF_OK && !copy ? HF_E_NO_MEMORY : HF_OK;
}

/* A ticket that was not renewed is kept, as the id of a session that was resumed is. */
static hf_error keep_at_client(hf_engine *e)
{
    uint32_t lifetime = SESSION_HOURS_MAX * 3600;
    hf_session s;

    if (!e->want_session || !e->chain_verified)
        return HF_OK;
    if (e->ticket.len == 0 && e->session_id_len == 0)
        return HF_OK;
    if (e->ticket_lifetime > 0 && e->ticket_lifetime < lifetime) /* RFC 5077 5.6 */
        lifetime = e->ticket_lifetime;
    TRY(describe(e, lifetime, &s));
    s.server_name = text_of(e->server_name); /* also one that is not sent, as an address is not */
    s.endpoint = text_of(e->endpoint);
    s.verify_name = text_of(e->verify_name);
    s.ticket = e->ticket.len == 0 && e->info.resumed ? e->hs->session.ticket : e->ticket;
    s.session_id =
        s.ticket.len == 0 ? hf_span_of(e->session_id, e->session_id_len) : (hf_span){ NULL, 0 };
    hf_error error = peer_is_lost(e, &s) ? HF_OK : write_session(e, &s);
    hf_wipe(&s.secret, sizeof s.secret);
    return error;
}

void hf_session_keep(hf_engine *e)
{
    if (e->hs && e->suite->version == HF_TLS12)
        (void)(e->role == HF_CLIENT ? keep_at_client(e) : keep_in_cache(e));
}

/* Why a session may not be offered here; HF_OK: it may. */
static hf_error judge(const hf_engine *e, const hf_session *s)
{
    const hf_policy *p = &e->config->policy;
    const hf_suite *suite = hf_suite_of(s->cipher_suite);
    uint8_t context[HF_SESSION_CONTEXT];
    int64_t now = hf_config_now(e->config);

    if (s->expires <= now || s->created > now) /* a clock that was set back prolongs nothing */
        return HF_E_SESSION_EXPIRED;
    if (!hf_span_equal(s->endpoint, text_of(e->endpoint)) ||
        !hf_span_equal(s->verify_name, text_of(e->verify_name)) ||
        !hf_span_equal(s->server_name, text_of(e->server_name))) /* RFC 6066 3 */
        return HF_E_SESSION_OTHER_PEER;
    TRY(hf_session_context(e->config, NULL, context));
    if (memcmp(s->context, context, sizeof context) != 0)
        return HF_E_SESSION_OTHER_SETTINGS;
    if (s->version != HF_TLS12 || p->min_version > HF_TLS12 || !suite ||
        !hf_in_list(p->suites, s->cipher_suite) || s->secret_len != HF_MASTER_SECRET)
        return HF_E_SESSION_OTHER_SETTINGS;
    if (s->ticket.len > TICKET_OFFERED_MAX)
        return HF_E_SESSION_DAMAGED;
    return s->ticket.len > 0 || s->session_id.len > 0 ? HF_OK : HF_E_SESSION_DAMAGED;
}

hf_error hf_session_offer(hf_engine *e, const hf_conn_options *options)
{
    hf_handshake *hs = e->hs;

    e->want_session = true;
    if (options->endpoint && !(e->endpoint = (char *)hf_copy(hf_span_str(options->endpoint))))
        return HF_E_NO_MEMORY;
    if (options->session.len == 0)
        return HF_OK;
    hf_span bytes = hf_arena_copy(&hs->arena, options->session);
    if (!bytes.data)
        return HF_E_NO_MEMORY;
    hf_error error = hf_session_read(bytes, &hs->session);
    if (error == HF_OK)
        error = judge(e, &hs->session);
    e->info.session_error = error;
    if (error == HF_OK)
        hs->session_bytes = bytes;
    return HF_OK;
}
