/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From options to a sealed config, and the application's answers to a connection's questions. */
#include "settings.h"
#include "inside.h"

#include <stdio.h>
#include <string.h>

enum {
    BEGINNING = 1000000000, /* of the shim's clock: before any certificate of the tests ends */
    SERVER_EARLY_DATA = 14336,
    CLIENT_EARLY_DATA = 1048576
};

seen *seen_of(const visit *v)
{
    return v->own;
}

/* ---- the clock ---- */

int64_t settings_now(const shim *s)
{
    return BEGINNING + s->clock;
}

static int64_t wall_time(void *user)
{
    return settings_now(user);
}

static uint64_t clock_ms(void *user)
{
    return (uint64_t)settings_now(user) * 1000;
}

/* ---- application protocols ---- */

enum { NAMES_MAX = 16 };

/* Names of a wire's list, as strings in `text`. */
static size_t split(const char *wire, char *text, const char **names)
{
    size_t n = 0;

    while (*wire && n < NAMES_MAX) {
        size_t len = (uint8_t)*wire++;
        memcpy(text, wire, len);
        text[len] = '\0';
        names[n++] = text;
        text += len + 1;
        wire += len;
    }
    return n;
}

static hf_error set_alpn(visit *v)
{
    const options *o = v->options;
    const char *names[NAMES_MAX];
    char text[1024];
    size_t n = 0;

    if (!o->server && o->advertise_alpn && strlen(o->advertise_alpn) < sizeof text)
        n = split(o->advertise_alpn, text, names);
    else if (o->server && o->select_alpn && *o->select_alpn)
        names[n++] = o->select_alpn;
    else if (o->server && o->reject_alpn)
        names[n++] = "a protocol that nobody offers";
    return hf_config_set_alpn(v->config, names, n);
}

/* ---- the config ---- */

static bool has_credential(const options *o)
{
    return o->n_credentials > 0 || o->fallback.cert_file;
}

/* A client that was given certificates does not go on without one. */
static hf_client_auth client_auth(const options *o)
{
    if (!o->server)
        return has_credential(o) ? HF_CLIENT_AUTH_REQUIRE : HF_CLIENT_AUTH_NONE;
    if (o->verify_peer)
        return HF_CLIENT_AUTH_REQUEST;
    return o->require_any_client_certificate ? HF_CLIENT_AUTH_REQUIRE : HF_CLIENT_AUTH_NONE;
}

static hf_error set_numbers(visit *v)
{
    const options *o = v->options;
    hf_config *c = v->config;

    TRY(hf_config_set(c, HF_SET_HANDSHAKE_TIMEOUT, 0));
    TRY(hf_config_set(c, HF_SET_EXTERNAL_VERIFY, 1));
    TRY(hf_config_set(c, HF_SET_MAX_AGE, 0));
    if (o->enable_early_data)
        TRY(hf_config_set(c, HF_SET_EARLY_DATA, o->server ? SERVER_EARLY_DATA : CLIENT_EARLY_DATA));
    if (o->server)
        TRY(hf_config_set(c, HF_SET_PAUSE_AT_CLIENT_HELLO, 1));
    return hf_config_set(c, HF_SET_CLIENT_AUTH, client_auth(o));
}

/* Verdicts of one configuration are good for the others of this process: only the connection changes. */
static void share_sessions(hf_config *config)
{
    memset(config->context, 0, sizeof config->context);
}

static int words(hf_error e)
{
    if (e == HF_OK)
        return SHIM_OK;
    fprintf(stderr, "the config: %s\n", hf_error_row_of(e)->sentence);
    return SHIM_FAILED;
}

static int fill(visit *v)
{
    const hf_hooks hooks = { .wall_time = wall_time, .clock_ms = clock_ms, .user = v->shim };
    hf_error e = hf_config_set_hooks(v->config, &hooks);
    int code;

    if (e == HF_OK)
        e = set_numbers(v);
    if (e == HF_OK)
        e = set_alpn(v);
    if (e != HF_OK)
        return words(e);
    code = settings_credentials(v);
    if (code == SHIM_OK && !v->options->server && settings_any_issuer(v))
        code = words(hf_config_set(v->config, HF_SET_IGNORE_AUTHORITIES, true));
    if (code == SHIM_OK && v->options->server)
        code = settings_authorities(v);
    if (code == SHIM_OK && v->options->server)
        code = settings_sessions(v);
    return code;
}

/* What this end cannot do, or not in the way that the flag means. */
static bool unknown(const options *o)
{
    return o->max_cert_list > 0            /* the limit is the library's */
           || o->allow_unknown_alpn_protos /* RFC 7301 3.1 forbids it */
           || o->select_empty_alpn         /* cannot be configured (HF_E_CONFIG_ALPN) */
           || o->no_server_name_ack        /* a name that is used is acknowledged */
           || o->fallback_scsv; /* a client never falls back, so that it has nothing to say */
}

static void set_conn_options(visit *v)
{
    const options *o = v->options;

    v->conn_options = (hf_conn_options){ .server_name = o->host_name };
    if (o->server)
        return;
    v->conn_options.want_session = !o->no_ticket;
    if (!o->no_ticket)
        v->conn_options.session = hf_span_of(v->shim->session, v->shim->session_len);
}

int settings_make(visit *v)
{
    const options *o = v->options;
    hf_policy policy;
    int code = unknown(o) ? SHIM_UNIMPLEMENTED : settings_policy(o, &policy);

    if (code != SHIM_OK)
        return code;
    v->own = hf_alloc(sizeof(seen));
    v->config = hf_config_new(o->server ? HF_SERVER : HF_CLIENT, &policy);
    if (!v->own || !v->config)
        return SHIM_FAILED;
    seen_of(v)->credential = NO_CREDENTIAL;
    code = fill(v);
    if (code == SHIM_OK)
        code = words(hf_config_seal(v->config));
    if (code != SHIM_OK)
        return code;
    share_sessions(v->config);
    settings_hello(v);
    set_conn_options(v);
    return SHIM_OK;
}

void settings_started(visit *v)
{
    (void)v;
}

void settings_free(visit *v)
{
    hf_free(v->own);
    v->own = NULL;
}

void settings_forget(shim *s)
{
    settings_sessions_free(s);
}

/* ---- questions ---- */

static void refuse(visit *v, const char *said, hf_alert alert)
{
    v->said = said;
    hf_conn_abort(v->conn, alert);
}

void settings_client_hello(visit *v)
{
    const options *o = v->options;

    if (o->fail_early_callback || o->fail_ddos_callback)
        refuse(v, "CONNECTION_REJECTED",
               o->fail_ddos_callback ? HF_ALERT_internal_error : HF_ALERT_handshake_failure);
    else if (o->fail_cert_callback)
        refuse(v, "CERT_CB_ERROR", HF_ALERT_internal_error);
    else if (!settings_match_issuers(v))
        refuse(v, "NO_MATCHING_ISSUER", HF_ALERT_handshake_failure);
    else
        (void)hf_conn_switch_config(v->conn, NULL);
}

/* The library asks nobody: the application gives up between the request and the answer. */
bool settings_asked(visit *v)
{
    const options *o = v->options;

    if (o->server || !o->fail_cert_callback || !v->certificate_due || hf_conn_failure(v->conn))
        return false;
    refuse(v, "CERT_CB_ERROR", HF_ALERT_internal_error);
    return true;
}

/* True: the peer is taken. A client that does not verify hears the verdict and goes on; a server that asks for a certificate
   means it. */
static bool judge(visit *v)
{
    const options *o = v->options;

    v->verifications++;
    v->verify_result = o->verify_fail ? HF_E_CERT_REFUSED : HF_OK;
    return v->verify_result == HF_OK || (!o->server && !o->verify_peer);
}

static void refuse_peer(visit *v)
{
    bool custom = v->options->use_custom_verify_callback;

    refuse(v, "CERTIFICATE_VERIFY_FAILED",
           custom ? HF_ALERT_certificate_unknown : HF_ALERT_handshake_failure);
}

void settings_verify(visit *v)
{
    if (settings_asked(v))
        return;
    if (judge(v))
        (void)hf_conn_verify_done(v->conn, HF_OK);
    else
        refuse_peer(v);
}

/* Who is resumed was judged before: the library does not ask again, and whoever wants to looks at hf_conn_peer now. */
void settings_connected(visit *v)
{
    if (v->options->reverify_on_resume && hf_conn_info_of(v->conn)->resumed && !judge(v))
        refuse_peer(v);
}
