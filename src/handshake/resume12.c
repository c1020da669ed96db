/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whether a server resumes the session that a ClientHello of TLS 1.2 offers, by ticket or by id. In
 * doubt the answer is a full handshake, which proves everything afresh; only what RFC 7627 and RFC
 * 5246 call an attack or a broken client is refused.
 */
#include "handshake/hello.h"

#define HAS(ext, name) ((ext)->present & HF_EXT_BIT(name))

/* ---- finding it ---- */

/* RFC 5077 3.4: a ticket is looked at first, and an unusable one does not fall back to the id. */
static bool find_state(hf_engine *e, uint8_t state[HF_SESSION_STATE_MAX], size_t *len)
{
    hf_handshake *hs = e->hs;
    hf_sessions *sessions = e->config->sessions;
    hf_span ticket = hs->hello.ext.session_ticket, id = hs->hello.legacy_session_id;

    if (!sessions)
        return false;
    if (ticket.len > 0 && hf_sessions_has_tickets(sessions))
        return hf_ticket_open(sessions, hf_config_now(e->config), ticket, state, len,
                              &hs->renew_ticket) == HF_OK;
    hs->session_cached =
        hf_sessions_has_cache(sessions) && hf_session_find(sessions, id, state, len);
    return hs->session_cached;
}

static bool find_session(hf_engine *e, hf_span *bytes)
{
    hf_handshake *hs = e->hs;
    uint8_t state[HF_SESSION_STATE_MAX];
    size_t len = 0;

    *bytes = (hf_span){ NULL, 0 };
    if (find_state(e, state, &len))
        *bytes = hf_arena_copy(&hs->arena, hf_span_of(state, len));
    hf_wipe(state, sizeof state);
    return bytes->len > 0 && bytes->data && hf_session_read(*bytes, &hs->session) == HF_OK;
}

/* ---- judging it ---- */

/* Made under these settings, with a key that is still ours: whoever was verified as another host is not resumed as this one. */
static bool context_fits(const hf_engine *e, const hf_session *s)
{
    const hf_config *c = e->config;
    uint8_t context[HF_SESSION_CONTEXT];

    for (size_t i = 0; i < c->n_identities; i++)
        if (hf_session_context(c, c->identities[i], context) == HF_OK &&
            memcmp(s->context, context, sizeof context) == 0)
            return true;
    return false;
}

/* Made here, by a client that we would accept now as we did then, for the same name. */
bool hf_session_fits(const hf_engine *e, const hf_session *s)
{
    int64_t now = hf_config_now(e->config);

    if (s->expires <= now || s->created > now || now - s->created >= hf_session_lifetime(e))
        return false; /* who sealed it may have allowed more */
    if (!context_fits(e, s))
        return false;
    if (e->config->client_auth == HF_CLIENT_AUTH_REQUIRE && s->peer_fingerprint.len == 0)
        return false;
    return hf_span_equal(s->server_name, hf_span_text(e->info.server_name)); /* RFC 6066 3 */
}

static bool still_good(const hf_engine *e, const hf_session *s)
{
    return s->version == HF_TLS12 && s->secret_len == HF_MASTER_SECRET && hf_session_fits(e, s) &&
           hf_span_equal(s->alpn, hf_span_text(e->info.alpn));
}

/* RFC 7627 5.3. That a hello may lack the extension at all is asked last: a session decides first. */
static hf_error check_main_secret(hf_engine *e, bool found)
{
    bool has = HAS(&e->hs->hello.ext, extended_main_secret);

    if (found && e->hs->session.extended_main_secret && !has)
        return hf_refuse(e, HF_E_EMS_CHANGED, "extensions", "extended_main_secret", NULL);
    if (!has && e->config->policy.require_ems)
        return hf_refuse(e, HF_E_EMS_MISSING, "extensions", "extended_main_secret", NULL);
    e->info.extended_main_secret = has;
    return HF_OK;
}

hf_error hf_session_resume(hf_engine *e)
{
    hf_handshake *hs = e->hs;
    const hf_session *s = &hs->session;
    hf_span bytes;
    bool found = find_session(e, &bytes) && still_good(e, s);

    TRY(check_main_secret(e, found));
    if (!found || s->extended_main_secret != e->info.extended_main_secret) /* RFC 7627 5.3 */
        return HF_OK;
    if (!hf_in_list(e->config->policy.suites, s->cipher_suite))
        return HF_OK;
    if (!hf_list16_has(hs->hello.cipher_suites, s->cipher_suite)) /* RFC 5246 7.4.1.2 */
        return hf_refuse_code(e, HF_E_SESSION_SUITE, "cipher_suites", s->cipher_suite,
                              hf_suite_name);
    hs->session_bytes = bytes;
    if (hs->session_cached) { /* by this id it is forgotten if the connection fails */
        memcpy(e->session_id, hs->hello.legacy_session_id.data, hs->hello.legacy_session_id.len);
        e->session_id_len = (uint8_t)hs->hello.legacy_session_id.len;
    }
    return HF_OK;
}
