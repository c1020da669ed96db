/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What an end remembers of a handshake, and what a client offers again. How it is written down, sealed
 * and cached is src/keys; whether a server takes it is resume12.c and psk_choose.c.
 */
#include <handfast/cert.h>
#include "handshake/hello.h"

enum {
    SESSION_SECONDS12 = 24 * 3600, /* RFC 5246 F.1.4 */
    SESSION_SECONDS13 = 604800,    /* RFC 9846 4.7.1 */
    TICKET_OFFERED_MAX = 4096      /* what a ClientHello has room for beside the rest */
};

/* ---- what both ends remember ---- */

/* No session outlives a certificate that it rests on, nor one that it rested on when it was new. */
static int64_t chain_expires(const hf_engine *e)
{
    int64_t expires = e->info.resumed ? e->hs->session.chain_expires : INT64_MAX;
    hf_cert cert;

    for (size_t i = 0; i < e->n_peer_chain; i++)
        if (hf_cert_parse(&cert, e->peer_chain[i], NULL) == HF_OK && cert.not_after < expires)
            expires = cert.not_after;
    return expires;
}

/* Texts in the arena: the connection makes its own when somebody asks. */
static void describe_leaf(hf_engine *e, hf_session *s)
{
    hf_cert_summary *leaf = hf_arena_alloc(&e->hs->arena, sizeof *leaf);

    if (!leaf || hf_cert_summarize(e->peer_chain[0], leaf) != HF_OK)
        return;
    s->peer_subject = hf_span_text(leaf->subject);
    s->peer_sans = hf_span_text(leaf->sans);
    s->peer_fingerprint = hf_span_text(leaf->fingerprint);
    s->peer_not_after = leaf->not_after;
}

/* A resumed session has the peer of the first handshake: nobody else proved anything since. */
static void describe_peer(hf_engine *e, hf_session *s)
{
    const hf_session *old = &e->hs->session;

    if (e->info.resumed) {
        s->peer_subject = old->peer_subject;
        s->peer_sans = old->peer_sans;
        s->peer_fingerprint = old->peer_fingerprint;
        s->peer_not_after = old->peer_not_after;
    } else if (e->chain_verified && e->n_peer_chain > 0) {
        describe_leaf(e, s);
    }
}

/* Somebody was verified, but there was no memory to say who: not to be remembered as nobody. */
static bool peer_is_lost(const hf_engine *e, const hf_session *s)
{
    return e->chain_verified && s->peer_fingerprint.len == 0;
}

static void describe_secret(const hf_engine *e, hf_session *s)
{
    s->secret_len = (uint8_t)hf_hash_len(e->suite->hash); /* TLS 1.3: each ticket has its own */
    if (s->version != HF_TLS12)
        return;
    s->secret_len = HF_MASTER_SECRET;
    memcpy(s->secret, e->secrets.master_secret, HF_MASTER_SECRET);
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t hf_session_lifetime(const hf_engine *e)
{
    return sooner(hf_sessions_lifetime(e->config->sessions), e->config->policy.session_seconds);
}

/* Everything but what only one role has. A resumed session keeps its birthday: however often it is renewed, a full handshake is
   due in the end (RFC 9846 4.7.1). */
static hf_error describe(hf_engine *e, int64_t lifetime, hf_session *s)
{
    const hf_handshake *hs = e->hs;
    bool again = e->info.resumed;

    *s = (hf_session){ .version = e->suite->version,
                       .cipher_suite = e->suite->code,
                       .extended_main_secret = e->info.extended_main_secret,
                       .chain_expires = chain_expires(e) };
    describe_secret(e, s);
    if (again)
        memcpy(s->context, hs->session.context, HF_SESSION_CONTEXT);
    else
        TRY(hf_session_context(e->config, e->role == HF_SERVER ? hs->identity : NULL, s->context));
    s->created = again ? hs->session.created : hf_config_now(e->config);
    s->expires = again ? hs->session.expires : sooner(s->chain_expires, s->created + lifetime);
    s->server_name = hf_span_text(e->info.server_name);
    s->alpn = hf_span_text(e->info.alpn);
    describe_peer(e, s);
    return HF_OK;
}

/* ---- a server ---- */

/* Tickets are for whoever asked for them (RFC 9846 4.7.1). A key shared beforehand makes no session: who has it gains nothing. */
static unsigned tickets_due(const hf_engine *e)
{
    const hf_sessions *sessions = e->config->sessions;
    unsigned n = e->config->policy.tickets;

    if (!sessions || !hf_sessions_has_tickets(sessions) || e->info.psk_used)
        return 0;
    if (!hf_offers_psk_dhe(&e->hs->hello.ext))
        return 0;
    return e->info.resumed && n > 1 ? 1 : n;
}

hf_error hf_session_of_ticket(hf_engine *e, hf_session *s)
{
    TRY(describe(e, hf_session_lifetime(e), s));
    s->issued_ms = hf_sessions_clock(e->config->sessions, hf_config_clock(e->config));
    bool early = hf_sessions_early(e->config->sessions) && !e->config->always_retry;
    s->max_early_data = early ? e->config->early_data : 0;
    if (peer_is_lost(e, s) || s->expires <= hf_config_now(e->config))
        return HF_E_SESSION_EXPIRED;
    return HF_OK;
}

hf_error hf_session_state(hf_engine *e, hf_span *state, uint32_t *seconds)
{
    uint8_t *room = hf_arena_alloc(&e->hs->arena, HF_SESSION_STATE_MAX);
    hf_session s;

    *state = (hf_span){ NULL, 0 };
    if (!room)
        return HF_E_NO_MEMORY;
    TRY(describe(e, hf_session_lifetime(e), &s));
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

/* ---- a client ---- */

/* In the place of what *to held. A session that is too long is not kept. */
static hf_error write_session(hf_engine *e, const hf_session *s, hf_span *to)
{
    hf_blocks *blocks = &e->worker->blocks;
    uint8_t *room = hf_block_take(blocks, HF_SESSION_MAX);
    hf_builder b = hf_wr_start(room, HF_SESSION_MAX);
    hf_span bytes;

    if (!room)
        return HF_E_NO_MEMORY;
    hf_session_write(&b, s);
    hf_error error = hf_wr_finish(&b, &bytes);
    uint8_t *copy = error == HF_OK ? hf_copy(bytes) : NULL;
    hf_block_give(blocks, room, HF_SESSION_MAX, error == HF_OK ? bytes.len : HF_SESSION_MAX);
    if (copy) {
        hf_free_secret((void *)(uintptr_t)to->data, to->len);
        *to = hf_span_of(copy, bytes.len);
    }
    return error == HF_OK && !copy ? HF_E_NO_MEMORY : error;
}

/* Under which a config's hf_sessions knows the sessions of one server: all that they are bound to. */
static hf_error store_key(const hf_engine *e, uint8_t key[HF_SESSION_CONTEXT])
{
    const hf_span parts[] = { hf_span_text(e->endpoint), hf_span_text(e->server_name),
                              hf_span_text(e->verify_name) };
    uint8_t digest[HF_HASH_MAX];
    hf_hash h;

    TRY(hf_hash_init(&h, HF_SHA256));
    hf_hash_update(&h, hf_span_of(e->config->context, sizeof e->config->context));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const uint8_t len[2] = { (uint8_t)(parts[i].len >> 8), (uint8_t)parts[i].len };
        hf_hash_update(&h, hf_span_of(len, sizeof len));
        hf_hash_update(&h, parts[i]);
    }
    hf_hash_final(&h, digest);
    memcpy(key, digest, HF_SESSION_CONTEXT);
    return HF_OK;
}

/* For the application, and for the config's own memory. */
static hf_error publish(hf_engine *e, const hf_session *s)
{
    uint8_t key[HF_SESSION_CONTEXT];

    TRY(write_session(e, s, &e->session));
    e->session_fresh = true;
    if (!e->config->sessions || !e->endpoint)
        return HF_OK;
    TRY(store_key(e, key));
    hf_sessions_put(e->config->sessions, key, e->session);
    return HF_OK;
}

void hf_session_drop(hf_engine *e)
{
    bool published = e->info.version == HF_TLS12 && e->endpoint && e->session.len > 0;
    uint8_t key[HF_SESSION_CONTEXT];

    if (!e->config->sessions)
        return;
    if (e->role == HF_SERVER && e->session_id_len > 0)
        hf_session_remove(e->config->sessions, hf_span_of(e->session_id, e->session_id_len));
    if (e->role == HF_CLIENT && published && store_key(e, key) == HF_OK)
        hf_sessions_forget(e->config->sessions, key, e->session);
}

static void describe_client(const hf_engine *e, hf_session *s)
{
    s->server_name =
        hf_span_text(e->server_name); /* also one that is not sent, as an address is not */
    s->endpoint = hf_span_text(e->endpoint);
    s->verify_name = hf_span_text(e->verify_name);
}

/* A ticket that was not renewed is kept, as the id of a session that was resumed is. */
static hf_error keep_at_client(hf_engine *e)
{
    uint32_t lifetime = SESSION_SECONDS12;
    hf_session s;

    if (!e->want_session || !e->chain_verified)
        return HF_OK;
    if (e->ticket.len == 0 && e->session_id_len == 0)
        return HF_OK;
    if (e->ticket_lifetime > 0 && e->ticket_lifetime < lifetime) /* RFC 5077 5.6 */
        lifetime = e->ticket_lifetime;
    TRY(describe(e, lifetime, &s));
    describe_client(e, &s);
    s.ticket = e->ticket.len == 0 && e->info.resumed ? e->hs->session.ticket : e->ticket;
    s.session_id =
        s.ticket.len == 0 ? hf_span_of(e->session_id, e->session_id_len) : (hf_span){ NULL, 0 };
    hf_error error = peer_is_lost(e, &s) ? HF_OK : publish(e, &s);
    hf_wipe(&s.secret, sizeof s.secret);
    hf_free_secret((void *)(uintptr_t)e->ticket.data, e->ticket.len);
    e->ticket = (hf_span){ NULL, 0 };
    return error;
}

/* TLS 1.3: tickets come later, when the handshake is forgotten. */
static hf_error keep_template(hf_engine *e)
{
    hf_session s;

    if (!e->want_session || !e->chain_verified || e->info.psk_used)
        return HF_OK;
    TRY(describe(e, SESSION_SECONDS13, &s));
    describe_client(e, &s);
    return peer_is_lost(e, &s) ? HF_OK : write_session(e, &s, &e->template);
}

static hf_error complete(hf_engine *e, const hf_new_session_ticket *ticket, hf_session *s)
{
    uint32_t lifetime = ticket->ticket_lifetime;
    int64_t now = hf_config_now(e->config);
    int64_t last = sooner(s->chain_expires, s->created + SESSION_SECONDS13); /* RFC 9846 4.7.1 */

    TRY(hf_ticket_psk(e->suite->hash, e->secrets.resumption, ticket->ticket_nonce, s->secret));
    if (lifetime > SESSION_SECONDS13) /* RFC 9846 4.7.1#6 */
        lifetime = SESSION_SECONDS13;
    s->ticket = ticket->ticket;
    s->ticket_age_add = ticket->ticket_age_add;
    s->max_early_data = ticket->ext.max_early_data_size;
    s->issued_ms = (uint64_t)now * 1000;
    s->expires = sooner(last, now + (int64_t)lifetime);
    return publish(e, s);
}

/* What cannot be kept, or is not wanted, is not, and nobody hears of it (RFC 9846 4.7.1#1). A further ticket takes the place of the one before in the same session. */
hf_error hf_session_complete(hf_engine *e, const hf_new_session_ticket *ticket)
{
    hf_span from = e->template.len > 0 ? e->template : e->session;
    hf_session s;

    if (from.len == 0 || hf_session_read(from, &s) != HF_OK)
        return HF_OK;
    hf_error error = complete(e, ticket, &s);
    hf_wipe(&s.secret, sizeof s.secret);
    if (error == HF_OK) {
        hf_free((void *)(uintptr_t)e->template.data);
        e->template = (hf_span){ NULL, 0 };
    }
    return error == HF_E_NO_MEMORY ? error : HF_OK;
}

static hf_error keep_at_server(hf_engine *e)
{
    if (e->suite->version == HF_TLS12)
        return keep_in_cache(e);
    e->tickets_due = tickets_due(e);
    return HF_OK;
}

void hf_session_keep(hf_engine *e)
{
    bool is_12 = e->suite->version == HF_TLS12;

    if (!e->hs)
        return;
    if (e->role == HF_SERVER)
        (void)keep_at_server(e);
    else
        (void)(is_12 ? keep_at_client(e) : keep_template(e));
}

static bool check_form(const hf_session *s, const hf_suite *suite)
{
    bool is_13 = s->version == HF_TLS13;
    size_t secret = is_13 ? hf_hash_len(suite->hash) : HF_MASTER_SECRET;

    return s->version == suite->version && s->secret_len == secret &&
           s->ticket.len <= TICKET_OFFERED_MAX &&
           (s->ticket.len > 0 || (!is_13 && s->session_id.len > 0));
}

/* Why a session may not be offered here; HF_OK: it may. Its time is not over (RFC 9846 4.3.11.1#1), and it is for the same
   names (4.7.1#3). */
static hf_error judge(const hf_engine *e, const hf_session *s)
{
    const hf_policy *p = &e->config->policy;
    const hf_suite *suite = hf_suite_of(s->cipher_suite);
    uint8_t context[HF_SESSION_CONTEXT];
    int64_t now = hf_config_now(e->config);

    if (s->expires <= now || s->created > now || s->issued_ms / 1000 > (uint64_t)now)
        return HF_E_SESSION_EXPIRED; /* nor before it began, by a clock that was set back */
    if (!hf_span_equal(s->endpoint, hf_span_text(e->endpoint)) ||
        !hf_span_equal(s->verify_name, hf_span_text(e->verify_name)) ||
        !hf_span_equal(s->server_name, hf_span_text(e->server_name))) /* RFC 6066 3 */
        return HF_E_SESSION_OTHER_PEER;
    TRY(hf_session_context(e->config, NULL, context));
    if (memcmp(s->context, context, sizeof context) != 0 || !suite ||
        !hf_in_list(p->suites, s->cipher_suite) || s->version < p->min_version ||
        s->version > p->max_version)
        return HF_E_SESSION_OTHER_SETTINGS;
    return check_form(s, suite) ? HF_OK : HF_E_SESSION_DAMAGED;
}

static hf_error offer(hf_engine *e, hf_span session)
{
    hf_handshake *hs = e->hs;
    hf_span bytes = hf_arena_copy(&hs->arena, session);

    if (!bytes.data)
        return HF_E_NO_MEMORY;
    hf_error error = hf_session_read(bytes, &hs->session);
    if (error == HF_OK)
        error = judge(e, &hs->session);
    e->info.session_error = error;
    if (error != HF_OK)
        return HF_OK;
    hs->has_ticket13 = hs->session.version == HF_TLS13;
    if (!hs->has_ticket13)
        hs->session_bytes = bytes;
    return HF_OK;
}

/* The newest that can be used; those that cannot are forgotten. A ticket of TLS 1.3 is offered once (RFC 9846 C.4). A session of
   TLS 1.2 comes back when the connection is made with it, so that one that was spoilt does not (RFC 5246 7.2.2). */
static hf_error offer_stored(hf_engine *e)
{
    enum { TRIES = 8 };
    uint8_t key[HF_SESSION_CONTEXT];
    hf_span found;
    hf_error error = HF_OK;

    TRY(store_key(e, key));
    for (int i = 0; i < TRIES && error == HF_OK; i++) {
        found = hf_sessions_take(e->config->sessions, key);
        if (found.len == 0)
            break;
        error = offer(e, found);
        if (error == HF_OK && e->info.session_error == HF_OK) {
            e->borrowed = found;
            return HF_OK;
        }
        hf_free_secret((void *)(uintptr_t)found.data, found.len);
    }
    e->info.session_error = HF_OK; /* nobody gave these: there is nothing to explain */
    return error;
}

/* It was offered, or never left: then it is given back. */
void hf_session_return(hf_engine *e, bool offered)
{
    uint8_t key[HF_SESSION_CONTEXT];

    if (!offered && e->borrowed.len > 0 && store_key(e, key) == HF_OK)
        hf_sessions_put(e->config->sessions, key, e->borrowed);
    hf_free_secret((void *)(uintptr_t)e->borrowed.data, e->borrowed.len);
    e->borrowed = (hf_span){ NULL, 0 };
}

hf_error hf_session_offer(hf_engine *e, const hf_conn_options *options)
{
    e->want_session = true;
    if (options->session.len > 0)
        return offer(e, options->session);
    return e->config->sessions && e->endpoint ? offer_stored(e) : HF_OK;
}
