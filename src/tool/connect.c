/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * `handfast connect`: from the command line to a run, and from its outcome to the report and the exit
 * code. What happens in between is connect_run.c.
 */
#include <stdio.h>
#include <string.h>

#include "tool/advice.h"
#include "tool/client_config.h"
#include "tool/connect_run.h"
#include "tool/exit.h"
#include "tool/failures.h"
#include "tool/json_report.h"
#include "tool/json_text.h"
#include "tool/keylog.h"
#include "tool/misuse.h"
#include "tool/report.h"
#include "tool/say.h"
#include "tool/starttls.h"

enum { HTTPS_PORT = 443, EARLY_BYTES = 16384 };

typedef hf_connect_run run;

/* ---- what the options mean ---- */

static int check_early_version(const hf_connect_options *o)
{
    hf_policy policy;
    int status = hf_protocol_policy(&o->protocol, &policy);

    if (status != HF_EXIT_OK || policy.max_version == HF_TLS13)
        return status;
    return hf_misuse("--early-data needs TLS 1.3", "TLS 1.2 has no 0-RTT",
                     "leave --early-data out, or let TLS 1.3 be spoken");
}

/* 0-RTT data may arrive twice: it must be harmless, which of these only a GET is. */
static int check_early_data(const hf_connect_options *o)
{
    if (!o->early_data)
        return HF_EXIT_OK;
    if (o->target[strspn(o->target, "0123456789")] == '\0') /* BYTES, and no host after it */
        return hf_misuse("connect's --early-data takes no value; serve's does",
                         "the server says how much it takes",
                         "write: handfast connect --session FILE --early-data --http HOST");
    if (o->pipe)
        return hf_misuse(
            "--early-data and --pipe exclude each other",
            "somebody who watches can send 0-RTT data again, and what stdin holds may not be "
            "harmless twice",
            "leave --early-data out, or send a GET: --http");
    if (!o->http)
        return hf_misuse("--early-data needs --http",
                         "there is nothing else to send with the first flight",
                         "write: handfast connect --session FILE --early-data --http HOST");
    if (!o->session)
        return hf_misuse("--early-data needs --session", "its key comes from a session of before",
                         "write: handfast connect --session FILE --early-data --http HOST");
    if (o->alpn && strcmp(o->alpn, "http/1.1") != 0)
        return hf_misuse("--early-data needs http/1.1 alone",
                         "with other protocols it is not known which one the request is for",
                         "leave --alpn out");
    return check_early_version(o);
}

static int check_options(const hf_connect_options *o)
{
    if (o->ipv4 && o->ipv6)
        return hf_misuse("-4 and -6 exclude each other",
                         "one allows only IPv4 addresses, the other none of them",
                         "give one of them");
    if (o->http && o->pipe)
        return hf_misuse("--http and --pipe exclude each other",
                         "both say what is sent over the connection", "give one of them");
    if (o->starttls && o->http)
        return hf_misuse("--starttls and --http exclude each other",
                         "HTTP has TLS from the first byte", "leave one of them out");
    if (o->starttls && strstr(o->target, "://"))
        return hf_misuse("--starttls and a URL exclude each other", o->target,
                         "give HOST or HOST:PORT");
    if (o->pipe && o->json)
        return hf_misuse("--pipe and --json exclude each other", "both want stdout for themselves",
                         "leave one of them out");
    if (o->psk_identity && !o->psk_file)
        return hf_misuse("--psk-identity needs --psk-file",
                         "the identity's key stands in that file",
                         "write: --psk-file FILE --psk-identity NAME");
    if (o->psk_file && o->insecure && o->ca.n == 0)
        return hf_misuse("--psk-file and --insecure exclude each other",
                         "--insecure would take any certificate in the place of the key",
                         "leave one of them out");
    if (o->output && !o->http)
        return hf_misuse("--output needs --http", "there is no body to write without it",
                         "write: handfast connect --http / --output FILE HOST");
    if (o->http && *o->http && *o->http != '/')
        return hf_misuse("--http takes a path that begins with /", o->http,
                         "write: handfast connect --http /PATH HOST");
    return HF_EXIT_OK;
}

static int wrong_target(const char *text, const char *wrong)
{
    const char *colon = strrchr(text, ':');

    hf_error_what("%s", wrong);
    if (colon && strstr(wrong, "stands in brackets") && *text != '[')
        hf_error_why("\"%s\" stands in brackets: [%.*s]%s", text, (int)(colon - text), text, colon);
    else
        hf_error_why("the target \"%s\"", text);
    hf_error_next("give HOST, HOST:PORT, [::1]:PORT or https://HOST/PATH");
    return HF_EXIT_USAGE;
}

/* An address of the other family can never be reached with -4 or -6. */
static int check_family(const run *r)
{
    const hf_connect_options *o = r->o;
    const hf_target *t = &r->target;

    if (!t->is_address || !(t->is_ipv6 ? o->ipv4 : o->ipv6))
        return HF_EXIT_OK;
    hf_error_what("%s and the address exclude each other", o->ipv4 ? "-4" : "-6");
    hf_error_why("%s is an IPv%c address, and %s allows none", t->host, t->is_ipv6 ? '6' : '4',
                 o->ipv4 ? "-4" : "-6");
    hf_error_next("leave %s out, or give a name", o->ipv4 ? "-4" : "-6");
    return HF_EXIT_USAGE;
}

static int wrong_name(const char *text, const char *wrong)
{
    hf_error_what("%s", wrong);
    hf_error_why("--servername \"%s\"", text);
    hf_error_next("give a name or an address: --servername www.example.org");
    return HF_EXIT_USAGE;
}

/* A URL's path is a wish that only --http can fulfil. */
static void remark_path(const run *r)
{
    if (!r->o->http && *r->target.path && strcmp(r->target.path, "/") != 0)
        hf_warn("the path %s of the URL is ignored: to fetch it, add --http", r->target.path);
}

static int read_target(run *r)
{
    const hf_connect_options *o = r->o;
    uint16_t port = o->starttls ? hf_starttls_script_of(o->starttls)->port : HTTPS_PORT;
    const char *wrong = hf_target_parse(o->target, port, &r->target);

    if (wrong)
        return wrong_target(o->target, wrong);
    wrong = hf_target_name(o->servername ? o->servername : r->target.host, r->name);
    if (wrong)
        return wrong_name(o->servername, wrong); /* the host itself was good */
    r->name[strcspn(r->name, "%")] = '\0';       /* an IPv6 zone is ours alone */
    wrong = hf_target_resolve(&r->target, o->resolve.at, o->resolve.n, &r->address);
    if (wrong)
        return hf_misuse(wrong, o->resolve.at[0], "write: --resolve example.org:443:127.0.0.1");
    if (!r->address)
        r->address = r->target.host;
    return check_family(r);
}

static const char *http_path(const run *r)
{
    if (r->o->http && *r->o->http && strcmp(r->o->http, "/") != 0)
        return r->o->http;
    return *r->target.path == '/' ? r->target.path : "/";
}

static int prepare_fetch(run *r)
{
    char authority[HF_HOST_MAX + 8];
    const char *path = http_path(r);
    bool v6 = strchr(r->name, ':') != NULL;

    for (const char *p = path; *p; p++)
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
            return hf_misuse("the path of --http holds a character that must be percent-encoded",
                             path, "write a blank as %20, for instance");
    if (r->target.port == HTTPS_PORT)
        snprintf(authority, sizeof authority, v6 ? "[%s]" : "%s", r->name);
    else
        hf_target_text(r->name, r->target.port, authority, sizeof authority);
    return hf_fetch_prepare(&r->fetch, authority, path, r->o->output,
                            !r->o->json && !r->o->output && !r->traced);
}

static int prepare_config(run *r)
{
    const hf_connect_options *o = r->o;
    const char *alpn = o->alpn ? o->alpn : o->http ? "http/1.1" : NULL;
    int status = hf_alpn_parse(alpn, &r->alpn);
    hf_client_wishes wishes = {
        .protocol = &o->protocol,
        .ca = o->ca.at,
        .n_ca = o->ca.n,
        .profile = o->profile,
        .crl = o->crl.at,
        .n_crl = o->crl.n,
        .own = { o->cert.at, o->key.at, o->cert.n, o->key.n, o->key_password_file, NULL, 0 },
        .revocation = strcmp(o->revocation, "hard") == 0 ? HF_REVOCATION_HARD : HF_REVOCATION_SOFT,
        .alpn = r->alpn.names,
        .n_alpn = r->alpn.n,
        .keylog = o->keylog,
        .tape = r->wants_secrets ? &r->recording.tape : NULL,
        .timeout_ms = o->timeout,
        .early_data = o->early_data ? EARLY_BYTES : 0,
        .insecure = o->insecure,
    };

    if (status == HF_EXIT_OK && o->psk_file)
        status = hf_protocol_check_psk(&o->protocol);
    if (status == HF_EXIT_OK)
        status = hf_psk_file_load(&r->psk, o->psk_file, o->psk_identity);
    wishes.psks = r->psk.psks;
    if (status == HF_EXIT_OK)
        status = hf_session_file_read(&r->session, o->session);
    if (status == HF_EXIT_OK)
        status = hf_client_config(&wishes, &r->config, &r->keylog);
    if (status != HF_EXIT_OK)
        return status;
    r->worker = hf_worker_new();
    return r->worker ? HF_EXIT_OK
                     : hf_complain_row(HF_E_NO_MEMORY, "cannot set up the client", "worker");
}

static int prepare(run *r)
{
    int status = check_options(r->o);

    if (status == HF_EXIT_OK)
        status = check_early_data(r->o);
    if (status == HF_EXIT_OK)
        status = read_target(r);
    if (status == HF_EXIT_OK)
        status = prepare_config(r);
    if (status == HF_EXIT_OK && r->o->http)
        status = prepare_fetch(r);
    if (status == HF_EXIT_OK && r->o->insecure && !r->only_chain)
        hf_warn(HF_RED
                "--insecure: the certificate is NOT checked, anybody may be the peer" HF_PLAIN);
    if (status == HF_EXIT_OK) {
        r->warned_no_secrecy = r->psk.psks && hf_protocol_only_plain_psk(&r->o->protocol);
        hf_warn_no_secrecy(&r->o->protocol, r->warned_no_secrecy);
        remark_path(r);
    }
    return status;
}

/* ---- afterwards ---- */

static void idled(run *r)
{
    char seconds[HF_SECONDS_ROOM];

    hf_trouble_own(&r->out.trouble, HF_EXIT_HANDSHAKE, "IDLE", "network", "http");
    hf_trouble_sentence(&r->out.trouble, "the peer stopped answering");
    hf_seconds_text(r->o->timeout, seconds);
    hf_trouble_where(&r->out.trouble, "%s: nothing came for %s s", r->where, seconds);
    hf_trouble_hint(&r->out.trouble, "wait longer with --timeout");
}

static void stdin_failed(run *r)
{
    hf_trouble_own(&r->out.trouble, HF_EXIT_IO, "STDIN", "us", "pipe");
    hf_trouble_sentence(&r->out.trouble, "stdin could not be read to its end");
    hf_trouble_where(&r->out.trouble, "%s: %s", r->where, strerror(r->carry.error));
    hf_trouble_hint(&r->out.trouble, "give --pipe an input that can be read, or /dev/null");
}

/* The alert of a server that has not said anything else answers what it wished to see: our certificate, or the lack of one. */
static bool is_verdict(const run *r)
{
    const hf_failure *failure = r->out.conn ? hf_conn_failure(r->out.conn) : NULL;
    const hf_conn_info *info = failure ? hf_conn_info_of(r->out.conn) : NULL;

    return failure && failure->code == HF_E_ALERT_RECEIVED && info->version == HF_TLS13 &&
           info->certificate_requested && !r->recording.data_of[HF_SERVER];
}

/* A handshake that failed, or that the server refused afterwards, whatever was waited for by then. */
static void keep_failure(run *r)
{
    bool handshake = !r->connected || r->awaits_verdict || is_verdict(r);

    hf_recording_failed(&r->recording, r->out.conn);
    hf_recording_checks(&r->recording, r->out.conn, r->config, r->name);
    if (handshake && r->recording.tape && r->recording.tape->failed)
        hf_failures_keep(&r->recording, r->out.trouble.trace);
}

/* Files, session and advice: what is due before anything is said. */
static void settle(run *r)
{
    hf_outcome *out = &r->out;

    out->target = &r->target;
    out->name = r->name;
    out->traced = r->traced;
    out->first_byte_ms = r->o->http ? r->fetch.first_byte_ms : -1;
    if (r->link && hf_link_idled(r->link) && !out->trouble.happened && !r->awaits_verdict &&
        !r->awaits_session)
        idled(r);
    if (r->carry.error && !out->trouble.happened)
        stdin_failed(r);
    if (r->o->http)
        hf_fetch_close(&r->fetch, &out->trouble, r->where);
    hf_session_file_write(&r->session, out);
    if (r->o->cert.n > 0)
        hf_own_cert_read(&out->own, r->o->cert.at[0]);
    hf_advise(out, r->o);
    if (out->trouble.happened)
        keep_failure(r);
}

static int report(run *r)
{
    hf_outcome *out = &r->out;

    settle(r);
    int printed = r->o->json ? hf_json_print(hf_json_report(out), true) : HF_EXIT_OK;
    bool refused = r->awaits_verdict && out->trouble.happened;
    if (!r->o->json && !r->o->pipe && r->connected && !refused)
        hf_report(out, r->o->http && !r->o->output ? hf_note_lines : hf_out_lines);
    hf_out_flush();
    hf_trouble_say(&out->trouble);
    return out->trouble.happened ? out->trouble.exit : printed;
}

static void clean(run *r)
{
    if (r->link)
        hf_link_free(r->link);
    hf_worker_free(r->worker);
    hf_config_free(r->config);
    hf_keylog_end(r->keylog);
    hf_session_file_free(&r->session);
    hf_psk_file_free(&r->psk);
    hf_recording_end(&r->recording);
    if (r->o->http)
        hf_fetch_free(&r->fetch);
}

static void begin(run *r, const hf_connect_options *options)
{
    memset(r, 0, sizeof *r);
    r->o = options;
    r->out.handshake_ms = r->out.first_byte_ms = r->out.total_ms = -1;
}

static int prepare_and_go(run *r)
{
    int status = prepare(r);

    return status == HF_EXIT_OK ? hf_connect_go(r) : status;
}

int hf_cmd_connect(const hf_connect_options *options)
{
    static run r; /* large, and one a process */
    int status;

    begin(&r, options);
    status = prepare_and_go(&r);
    if (status == HF_EXIT_OK)
        status = r.signal ? 128 + r.signal : report(&r);
    clean(&r);
    return status;
}

/* ---- for its tape ---- */

static int show_it(run *r, hf_connect_show show, void *user)
{
    int status = HF_EXIT_OK;

    settle(r);
    if (!r->out.trouble.happened)
        hf_recording_checks(&r->recording, r->out.conn, r->config, r->name);
    if (r->recording.tape && r->recording.tape->n > 0)
        status = show(user, &r->recording);
    hf_out_flush();
    hf_trouble_say(&r->out.trouble);
    return r->out.trouble.happened ? r->out.trouble.exit : status;
}

int hf_connect_traced(const hf_connect_options *options, bool secrets, hf_connect_show show,
                      void *user)
{
    static run r;
    int status;

    begin(&r, options);
    r.traced = true;
    r.wants_secrets = secrets;
    status = prepare_and_go(&r);
    if (status == HF_EXIT_OK)
        status = r.signal ? 128 + r.signal : show_it(&r, show, user);
    clean(&r);
    return status;
}

/* ---- the chain alone ---- */

/* A handshake that failed after the certificates came did its part, too. */
static int keep_chain(run *r, hf_cert_bag *bag)
{
    const hf_span *chain = NULL;
    size_t n = r->out.conn ? hf_conn_peer_chain(r->out.conn, &chain) : 0;

    for (size_t i = 0; i < n; i++) {
        hf_error e = hf_bag_add(bag, chain[i], r->o->target, i + 1);
        if (e != HF_OK)
            return hf_complain_row(e, "cannot keep the certificates", r->where);
    }
    if (n > 0)
        return HF_EXIT_OK;
    if (!r->out.trouble.happened) {
        hf_trouble_own(&r->out.trouble, HF_EXIT_HANDSHAKE, "NO_CHAIN", "peer", "handshake");
        hf_trouble_sentence(&r->out.trouble, "the server showed no certificate");
        hf_trouble_where(&r->out.trouble, "%s", r->where);
        hf_trouble_hint(&r->out.trouble, "see: handfast connect --trace %s", r->o->target);
    }
    hf_trouble_say(&r->out.trouble);
    return r->out.trouble.exit;
}

int hf_connect_chain(const char *target, hf_cert_bag *bag)
{
    static hf_connect_options options;
    static run r;
    static char insecure[] = "--insecure", end[] = "--";
    char *words[] = { insecure, end, (char *)(uintptr_t)target };
    int status = hf_options_parse(hf_command_named("connect"), 3, words, &options);

    begin(&r, &options);
    r.only_chain = true;
    if (status == HF_EXIT_OK)
        status = prepare_and_go(&r);
    if (status == HF_EXIT_OK)
        status = r.signal ? 128 + r.signal : keep_chain(&r, bag);
    clean(&r);
    return status;
}
