/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The ServerHello of TLS 1.2 (RFC 5246 7.4.1.3): it settles suite, session and all extensions at once,
 * in the clear. After it both ends know whether the handshake is full or abbreviated.
 */
#include "handshake/hello.h"

enum { SERVER_HELLO_ROOM = 1024 };

#define HAS(ext, name) ((ext)->present & HF_EXT_BIT(name))

/* RFC 9846 4.2.3#14 #16: the last eight bytes of the random say that TLS 1.3 would have been possible. */
static const uint8_t downgrade[8] = "DOWNGRD\1";

/* ---- both ends ---- */

/* No session of such a handshake is kept, at neither end: it has no signature and no certificates, so that who has the key gains
   next to nothing by resuming, and a key that is struck out must not live on in tickets. */
static bool uses_psk(const hf_engine *e)
{
    return hf_kx_is_psk(e->suite->kx);
}

/* What ServerHello settles for the script. */
static void settle(hf_engine *e, bool resumed, bool ticket, bool status)
{
    bool psk = uses_psk(e) && !resumed;

    if (resumed)
        e->script.facts |= HF_F_RESUMED;
    if (ticket)
        e->script.facts |= HF_F_TICKET_PROMISED;
    if (psk)
        e->script.facts |= HF_F_PSK;
    if (status && !resumed && !psk) /* there must be certificates that a CA can vouch for */
        e->script.facts |= HF_F_OCSP_PROMISED;
    if (hf_kx_is_ephemeral(e->suite->kx))
        e->script.facts |= HF_F_EPHEMERAL;
    e->info.resumed = resumed;
    e->info.psk_used = psk;
    /* a resumed connection falls with the first one's main secret, or with the key that sealed the ticket */
    e->info.forward_secrecy = hf_kx_is_ephemeral(e->suite->kx) && !resumed;
}

static hf_error set_secrets(hf_engine *e, const uint8_t server_random[HF_RANDOM])
{
    hf_secrets *s = &e->secrets;

    s->hash = e->suite->hash;
    memcpy(s->client_random, e->client_random, HF_RANDOM);
    memcpy(s->server_random, server_random, HF_RANDOM);
    if (!e->info.resumed)
        return HF_OK;
    memcpy(s->master_secret, e->hs->session.secret, HF_MASTER_SECRET);
    hf_log_secret(e, "CLIENT_RANDOM", hf_span_of(s->master_secret, HF_MASTER_SECRET));
    return hf_session_peer(e);
}

/* ---- the server writes ---- */

static bool promises_ticket(const hf_engine *e)
{
    const hf_handshake *hs = e->hs;

    if (!e->config->sessions || !hf_sessions_has_tickets(e->config->sessions) || uses_psk(e))
        return false;
    return HAS(&hs->hello.ext, session_ticket) && (hs->session_bytes.len == 0 || hs->renew_ticket);
}

/* Resumed: the client's own (RFC 5077 3.4). Full: a new one if the cache is to know the session by it. */
static hf_error choose_session_id(hf_engine *e, bool resumed, bool ticket, hf_span *id)
{
    const hf_sessions *sessions = e->config->sessions;

    if (resumed) {
        *id = e->hs->hello.legacy_session_id;
        return HF_OK;
    }
    e->session_id_len = 0;
    if (!ticket && sessions && hf_sessions_has_cache(sessions) && !uses_psk(e)) {
        TRY(hf_draw(e, e->session_id, HF_SESSION_ID));
        e->session_id_len = HF_SESSION_ID;
    }
    *id = hf_span_of(e->session_id, e->session_id_len);
    return HF_OK;
}

static void fill_extensions(const hf_engine *e, bool resumed, bool ticket, hf_extensions *out)
{
    const hf_extensions *offered = &e->hs->hello.ext;

    if (HAS(offered, renegotiation_info) ||
        hf_list16_has(e->hs->hello.cipher_suites, HF_RENEGOTIATION_SCSV))
        out->present |= HF_EXT_BIT(renegotiation_info); /* RFC 5746 3.6 */
    if (e->info.extended_main_secret)
        out->present |= HF_EXT_BIT(extended_main_secret); /* RFC 7627 5.1 */
    if (ticket)
        out->present |= HF_EXT_BIT(session_ticket); /* RFC 5077 3.2 */
    if (e->script.facts & HF_F_OCSP_PROMISED)
        out->present |= HF_EXT_BIT(status_request); /* RFC 6066 8 */
    if (e->info.server_name && !resumed)
        out->present |= HF_EXT_BIT(server_name); /* RFC 6066 3 */
    if (HAS(offered, ec_point_formats) && hf_kx_is_ephemeral(e->suite->kx) && !resumed) {
        out->present |= HF_EXT_BIT(ec_point_formats); /* RFC 8422 5.2 */
        out->point_formats = hf_span_of("\0", 1);
    }
}

/* RFC 9846 4.3.1#9 #10 */
static hf_error write_hello(hf_engine *e, bool resumed, bool ticket)
{
    hf_server_hello hello = { .legacy_version = HF_TLS12, .has_extensions = true };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    uint8_t alpn[257];
    hf_builder b;

    TRY(hf_draw(e, hello.random, HF_RANDOM));
    if (e->config->policy.max_version >= HF_TLS13) /* RFC 9846 4.2.3#3 #13 */
        memcpy(hello.random + HF_RANDOM - sizeof downgrade, downgrade, sizeof downgrade);
    TRY(choose_session_id(e, resumed, ticket, &hello.legacy_session_id_echo));
    hello.cipher_suite = e->suite->code;
    fill_extensions(e, resumed, ticket, &hello.ext);
    hf_fill_answers(e, &hello.ext, alpn);
    TRY(hf_message_start(e, SERVER_HELLO_ROOM, &b));
    hf_server_hello_write(&b, &w, &hello);
    TRY(hf_message_send(e, &b, NULL));
    return set_secrets(e, hello.random);
}

hf_error hf_build_server_hello12(hf_engine *e)
{
    bool resumed = e->hs->session_bytes.len > 0, ticket = promises_ticket(e);

    settle(e, resumed, ticket, hf_staple_to_send(e).len > 0);
    if (e->script.facts & HF_F_OCSP_PROMISED)
        e->script.intent |= HF_F_OCSP_SENT;
    return write_hello(e, resumed, ticket);
}

/* ---- the client checks ---- */

static hf_error check_version(hf_engine *e, const hf_server_hello *h)
{
    const hf_policy *p = &e->config->policy;
    const uint8_t *tail = h->random + HF_RANDOM - sizeof downgrade;

    if (e->script.facts & HF_F_OFFER13 && memcmp(tail, downgrade, 7) == 0 &&
        tail[7] <= 1) /* RFC 9846 4.2.3#16 #17 */
        return hf_refuse(e, HF_E_DOWNGRADE, "random", NULL, "DOWNGRD");
    if (e->script.facts & HF_F_RETRY) /* RFC 9846 4.2.4#11 */
        return hf_refuse(e, HF_E_VERSION_NOT_OFFERED, "extensions", "supported_versions", NULL);
    if (p->min_version > HF_TLS12 || h->legacy_version != HF_TLS12) /* RFC 9846 E.1#1, E.5#3 */
        return hf_refuse_code(e, HF_E_VERSION_UNSUPPORTED, "legacy_version", h->legacy_version,
                              NULL);
    return HF_OK;
}

static hf_error check_fields(hf_engine *e, const hf_server_hello *h)
{
    const hf_suite *suite = hf_suite_of(h->cipher_suite);

    if (!suite || suite->version != HF_TLS12 ||
        !hf_list16_has(e->hs->hello.cipher_suites, h->cipher_suite)) /* RFC 5246 7.4.1.3 */
        return hf_refuse_code(e, HF_E_SUITE_NOT_OFFERED, "cipher_suite", h->cipher_suite,
                              hf_suite_name);
    if (h->legacy_compression_method != 0) /* RFC 5246 7.4.1.3 */
        return hf_refuse(e, HF_E_SERVER_COMPRESSION, "legacy_compression_method", "0", NULL);
    return HF_OK;
}

static hf_error check_extensions(hf_engine *e, const hf_extensions *x)
{
    TRY(hf_check_solicited(e, x, 0)); /* RFC 5246 7.4.1.4 */
    if (!HAS(x, renegotiation_info) &&
        e->config->policy.require_renegotiation_info) /* RFC 9325 3.5 */
        return hf_refuse(e, HF_E_RENEGOTIATION_INFO, "extensions", "renegotiation_info", NULL);
    if (x->renegotiated_connection.len > 0) /* RFC 5746 3.4 */
        return hf_refuse(e, HF_E_RENEGOTIATION_INFO_FULL, "renegotiated_connection", "empty", NULL);
    if (HAS(x, ec_point_formats) &&
        !memchr(x->point_formats.data, 0, x->point_formats.len)) /* RFC 8422 5.2 */
        return hf_refuse(e, HF_E_POINT_FORMATS, "ec_point_formats", "00", NULL);
    TRY(hf_check_alpn_answer(e, x));
    return hf_check_size_limit_answer(e, x);
}

/* RFC 7627 5.2, 5.3 */
static hf_error check_main_secret(hf_engine *e, const hf_extensions *x, bool resumed)
{
    bool has = HAS(x, extended_main_secret);

    if (resumed && has != e->hs->session.extended_main_secret)
        return hf_refuse(e, HF_E_EMS_CHANGED, "extensions",
                         has ? "no extended_main_secret" : "extended_main_secret", NULL);
    if (!has && e->config->policy.require_ems)
        return hf_refuse(e, HF_E_EMS_MISSING, "extensions", "extended_main_secret", NULL);
    e->info.extended_main_secret = has;
    return HF_OK;
}

/* The echo of our session id is the server's word that it resumes (RFC 5246 7.4.1.3, RFC 5077 3.4). */
static hf_error check_session(hf_engine *e, const hf_server_hello *h, bool *resumed)
{
    hf_handshake *hs = e->hs;
    bool offered = hs->session_bytes.len > 0;
    bool echoed = h->legacy_session_id_echo.len > 0 &&
                  hf_span_equal(h->legacy_session_id_echo, hs->hello.legacy_session_id);

    *resumed = echoed;
    if (echoed && !offered) /* RFC 9846 4.2.3 */
        return hf_refuse(e, HF_E_SESSION_UNKNOWN, "legacy_session_id_echo", NULL, NULL);
    if (echoed && h->cipher_suite != hs->session.cipher_suite) /* RFC 5246 7.4.1.3 */
        return hf_refuse_code(e, HF_E_SESSION_SUITE, "cipher_suite", h->cipher_suite,
                              hf_suite_name);
    if (offered && !echoed)
        e->info.session_error = HF_E_SESSION_DECLINED;
    memcpy(e->session_id, h->legacy_session_id_echo.data, h->legacy_session_id_echo.len);
    e->session_id_len = (uint8_t)h->legacy_session_id_echo.len;
    return HF_OK;
}

hf_error hf_accept_server_hello12(hf_engine *e, const hf_server_hello *h)
{
    hf_handshake *hs = e->hs;
    bool resumed = false;

    TRY(check_version(e, h));
    TRY(check_fields(e, h));
    TRY(check_session(e, h, &resumed));
    TRY(check_extensions(e, &h->ext));
    hf_count_scts(e, &h->ext);
    TRY(check_main_secret(e, &h->ext, resumed));
    TRY(hf_set_suite(e, h->cipher_suite));
    settle(e, resumed, HAS(&h->ext, session_ticket), HAS(&h->ext, status_request));
    hf_wipe(hs->kex, sizeof hs->kex); /* shares for a TLS 1.3 that is not spoken */
    hs->n_kex = 0;
    hs->keep_said = e->config->n_identities > 0 && !resumed;
    TRY(hf_transcript_start(&hs->transcript, e->suite->hash));
    TRY(hf_note_message(e, hs->hello_message));
    TRY(hf_transcribe(e));
    return set_secrets(e, h->random);
}
