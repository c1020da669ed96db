/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What must hold of a connection: what the flags expect, and what every test takes for granted. A check that fails says so in
 * words that cannot be taken for the name of an error.
 */
#include "inside.h"
#include "settings.h"

#include <handfast/os.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool wrong(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return false;
}

static bool same_code(const char *what, int64_t wanted, uint16_t got)
{
    return wanted == 0 || wanted == got ||
           wrong("%s: wanted %04x, got %04x", what, (unsigned)wanted, got);
}

/* ---- what was agreed ---- */

static bool agreed(const visit *v, const hf_conn_info *info)
{
    const options *o = v->options;
    int64_t suite = o->expect_cipher ? o->expect_cipher : o->expect_cipher_aes;
    bool group_told = info->group != 0; /* not of a session of TLS 1.2, which has no key exchange */

    if (info->cipher_suite == 0)
        return wrong("no suite");
    if (o->expect_hrr && !info->retried)
        return wrong("there was no HelloRetryRequest");
    if (o->expect_no_hrr && info->retried)
        return wrong("there was a HelloRetryRequest");
    if (o->expect_extended_master_secret && info->version == HF_TLS12 &&
        !info->extended_main_secret)
        return wrong("no extended_main_secret");
    return same_code("version", o->expect_version, info->version) &&
           same_code("suite", suite, info->cipher_suite) &&
           (!group_told || same_code("group", o->expect_curve_id, info->group));
}

static bool same_text(const char *what, const char *wanted, const char *got)
{
    return strcmp(wanted ? wanted : "", got ? got : "") == 0 ||
           wrong("%s: wanted %s, got %s", what, wanted ? wanted : "none", got ? got : "none");
}

/* Both ways: what is not expected must not be there. */
static bool named(const visit *v, const hf_conn_info *info)
{
    const options *o = v->options;

    if (!same_text("protocol", o->server ? o->select_alpn : o->expect_alpn, info->alpn))
        return false;
    if (o->expect_server_name && !same_text("name", o->expect_server_name, info->server_name))
        return false;
    if (o->expect_advertised_alpn) {
        const seen *s = seen_of(v);
        size_t len = strlen(o->expect_advertised_alpn);
        if (s->n_alpn != len || memcmp(s->alpn, o->expect_advertised_alpn, len) != 0)
            return wrong("the client offers other protocols");
    }
    return true;
}

/* ---- resumption ---- */

static bool in_early_data(const visit *v)
{
    return !v->connected;
}

static bool resumption(const visit *v, const hf_conn_info *info)
{
    const options *o = v->options;
    bool wanted = v->number > 0 && !o->expect_session_miss;

    return info->resumed == wanted || wrong("resumed: %d", info->resumed);
}

static hf_span ticket_in(hf_span session)
{
    hf_session s;

    return hf_session_read(session, &s) == HF_OK ? s.ticket : (hf_span){ NULL, 0 };
}

/* The library hands out a session after a resumption too; a new one is it if its ticket is. */
static bool got_new_session(const visit *v, const hf_conn_info *info)
{
    hf_span before = ticket_in(hf_span_of(v->shim->session, v->shim->session_len));

    if (!v->new_session || !info->resumed)
        return v->new_session;
    return !hf_span_equal(before, ticket_in(hf_span_of(v->session, v->session_len)));
}

static bool client_session(const visit *v, const hf_conn_info *info)
{
    const options *o = v->options;
    bool wanted = !o->expect_no_session && (!info->resumed || o->expect_ticket_renewal) &&
                  info->version == HF_TLS12;

    if (o->server || in_early_data(v) || (seen_of(v)->checks_wait && info->version == HF_TLS13))
        return true; /* by now tickets of TLS 1.3 are there */
    return got_new_session(v, info) == wanted || wrong("a new session: %d", v->new_session);
}

/* A session under an id, as clients without tickets get. */
static bool is_cached(const visit *v)
{
    const hf_engine *e = &v->conn->engine;
    uint8_t state[HF_SESSION_STATE_MAX];
    size_t len;

    return e->session_id_len > 0 &&
           hf_session_find(v->shim->sessions, hf_span_of(e->session_id, e->session_id_len), state,
                           &len);
}

static bool server_session(const visit *v)
{
    const options *o = v->options;

    if (!o->server || v->number > 0)
        return true;
    if (o->expect_session_id && !is_cached(v))
        return wrong("the session was not cached");
    if (o->expect_no_session_id && is_cached(v))
        return wrong("the session was cached");
    if (!v->hello_seen)
        return wrong("no ClientHello was shown");
    return true;
}

/* ---- early data ---- */

/* Our reasons under BoringSSL's names; what holds for both roles. */
static const char *common_reason(const visit *v, const hf_conn_info *info)
{
    if (!v->options->enable_early_data)
        return "disabled";
    if (info->version == HF_TLS12)
        return "protocol_version";
    switch (info->early_error) {
    case HF_E_EARLY_RETRY: return "hello_retry_request";
    case HF_E_EARLY_OTHER_TERMS: return "alpn_mismatch";
    case HF_E_EARLY_STALE: return "ticket_age_skew";
    default: return info->early == HF_EARLY_ACCEPTED ? "accepted" : NULL;
    }
}

static const char *reason_of(const visit *v, const hf_conn_info *info)
{
    const options *o = v->options;
    bool offered = o->server ? seen_of(v)->session_offered : v->shim->session_len > 0;
    const char *common = common_reason(v, info);

    if (common)
        return common;
    if (!offered)
        return "no_session_offered";
    if (!info->resumed)
        return "session_not_resumed";
    return info->early_error == HF_E_EARLY_DECLINED || info->early_error == HF_OK
               ? "peer_declined"
               : "unsupported_for_session";
}

static bool early_data(const visit *v, const hf_conn_info *info)
{
    const options *o = v->options;
    bool accepted = info->early == HF_EARLY_ACCEPTED;
    const char *reason = reason_of(v, info);

    if (in_early_data(v))
        return true;
    if ((o->expect_accept_early_data && !accepted) || (o->expect_reject_early_data && accepted))
        return wrong("early data accepted: %d", accepted);
    if (o->expect_no_offer_early_data && info->early != HF_EARLY_NONE)
        return wrong("early data was offered");
    if (!o->expect_early_data_reason ||
        seen_of(v)->checks_wait) /* BoringSSL's shim never compares these */
        return true;
    if (strcmp(o->expect_early_data_reason, reason) == 0)
        return true;
    return wrong("early data: wanted %s, got %s (%s)", o->expect_early_data_reason, reason,
                 hf_error_row_of(info->early_error)->name);
}

static bool ticket_age(const visit *v)
{
    int64_t wanted = v->options->expect_ticket_age_skew;

    if (v->number == 0 || wanted == 0 || wanted == seen_of(v)->ticket_skew)
        return true;
    return wrong("ticket age: %d s apart", seen_of(v)->ticket_skew);
}

/* ---- the peer's proof ---- */

static bool same_bytes(const char *what, hf_span wanted, hf_span got)
{
    return wanted.data == NULL || hf_span_equal(wanted, got) || wrong("%s: another one", what);
}

static bool same_chain(const visit *v, const char *file)
{
    hf_identity *wanted = NULL;
    const hf_span *chain;
    size_t n = hf_conn_peer_chain(v->conn, &chain);
    uint8_t *pem;
    size_t len;
    bool same;

    if (hf_os_read_file(file, 1 << 20, &pem, &len) != HF_OK)
        return wrong("%s cannot be read", file);
    hf_signer *nobody =
        hf_signer_new(&(hf_signer_ops){ .sign = NULL }, NULL, (const uint16_t[]){ 0 });
    hf_span all = { pem, len };
    same = hf_identity_new(&wanted, &all, 1, nobody) == HF_OK && wanted->n == n;
    for (size_t i = 0; i < n && same; i++)
        same = hf_span_equal(chain[i], wanted->chain[i]);
    hf_identity_free(wanted);
    hf_signer_free(nobody);
    hf_os_free(pem, len);
    return same || wrong("the peer's chain is another one");
}

static bool peer(const visit *v, const hf_conn_info *info)
{
    const options *o = v->options;
    bool somebody = !o->server || (o->require_any_client_certificate && !o->verify_peer);
    bool full = !info->resumed;

    if (somebody && !in_early_data(v) && !hf_conn_peer(v->conn))
        return wrong("the peer is nobody");
    if (v->verifications > 1)
        return wrong("the chain was judged twice");
    if (o->expect_verify_result && full && !in_early_data(v) &&
        (v->verify_result == HF_OK) == o->verify_fail)
        return wrong("the verdict is the other one");
    if (full && o->expect_peer_cert_file && !same_chain(v, o->expect_peer_cert_file))
        return false;
    if (full && !same_bytes("OCSP response", o->expect_ocsp_response, hf_conn_peer_staple(v->conn)))
        return false;
    return !full ||
           same_code("peer's scheme", o->expect_peer_signature_algorithm, seen_of(v)->peer_scheme);
}

static bool credential(const visit *v)
{
    const shim_number *wanted = &v->options->expect_selected_credential;

    return !wanted->set || wanted->value == seen_of(v)->credential ||
           wrong("credential: wanted %d, got %d", (int)wanted->value, seen_of(v)->credential);
}

static bool peer_prefs(const visit *v)
{
    const shim_list *wanted = &v->options->expect_peer_verify_pref;
    const seen *s = seen_of(v);

    if (wanted->n == 0)
        return true;
    return (wanted->n == s->n_peer_prefs &&
            memcmp(wanted->at, s->peer_prefs, 2 * wanted->n) == 0) ||
           wrong("the peer's signature_algorithms are others");
}

/* "3000,3001" */
static bool same_names(const char *wanted, const seen *s)
{
    char text[2 * SEEN_NAMES_MAX + 64] = "";
    size_t at = 0, len = 0;

    while (at + 2 <= s->n_names) {
        size_t n = (size_t)s->names[at] << 8 | s->names[at + 1];
        for (at += 2; n > 0 && at < s->n_names; n--)
            len += (size_t)snprintf(text + len, sizeof text - len, "%02x", s->names[at++]);
        len += (size_t)snprintf(text + len, sizeof text - len, ",");
    }
    if (len > 0)
        text[len - 1] = '\0';
    return strcmp(wanted, text) == 0 || wrong("CAs: wanted %s, got %s", wanted, text);
}

static bool request(const visit *v)
{
    const options *o = v->options;
    const seen *s = seen_of(v);

    if (o->expect_client_ca_list && !same_names(o->expect_client_ca_list, s))
        return false;
    return same_bytes("certificate_types", o->expect_certificate_types,
                      hf_span_of(s->types, s->n_types));
}

/* ---- all of them ---- */

static bool all(const visit *v)
{
    const hf_conn_info *info = hf_conn_info_of(v->conn);

    return agreed(v, info) && named(v, info) && resumption(v, info) && client_session(v, info) &&
           server_session(v) && early_data(v, info) && ticket_age(v) && peer(v, info) &&
           credential(v) && peer_prefs(v) && request(v);
}

/* A client that sends 0-RTT data has heard nothing yet: what it hears is checked at the end. */
bool checks_after_handshake(visit *v)
{
    bool early = in_early_data(v) && !v->options->server;

    seen_of(v)->checks_wait = early;
    return early || all(v);
}

static bool ticket_allows_early_data(const visit *v)
{
    hf_session s;

    return hf_session_read(hf_span_of(v->session, v->session_len), &s) == HF_OK &&
           s.max_early_data > 0;
}

/* Those of TLS 1.3 come after the handshake. */
static bool tickets(const visit *v)
{
    const options *o = v->options;
    bool wanted = !o->expect_no_session && !o->shim_shuts_down;

    if (hf_conn_info_of(v->conn)->version == HF_TLS12)
        return true;
    if (v->new_session != wanted)
        return wrong("a ticket: %d", v->new_session);
    if (v->new_session && ticket_allows_early_data(v) != o->expect_ticket_supports_early_data)
        return wrong("a ticket that allows early data: %d", ticket_allows_early_data(v));
    return true;
}

bool checks_at_end(visit *v)
{
    if (seen_of(v)->checks_wait && !all(v))
        return false;
    return v->options->server || tickets(v);
}
