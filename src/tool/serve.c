/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `handfast serve`: from the command line to a server that listens. What it does then is server.c. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/keylog.h"
#include "tool/leaf_kind.h"
#include "tool/misuse.h"
#include "tool/say.h"
#include "tool/serve_banner.h"
#include "tool/served.h"
#include "tool/server.h"
#include "tool/server_config.h"

typedef hf_server server;

#define STANDARD_LISTEN "127.0.0.1:8443" /* as options/serve.def says */

/* ---- the beginning ---- */

static const char *where_to_listen(const server *s)
{
    return s->o->listen ? s->o->listen : STANDARD_LISTEN;
}

static int find_certificates(server *s, hf_identity_files *files, const char *own[2])
{
    const char *kind;
    hf_policy policy;
    int status;

    s->psk_only = hf_is_psk_only(s->o);
    if (files->n_cert > 0 || files->n_key > 0 || s->psk_only)
        return HF_EXIT_OK;
    status = hf_protocol_policy(&s->o->protocol, &policy);
    if (status != HF_EXIT_OK)
        return status;
    kind = hf_leaf_kind(&policy);
    status = hf_local_store_open_kind(NULL, kind ? kind : "p256", &s->store);
    own[0] = s->store.cert;
    own[1] = s->store.key;
    *files = (hf_identity_files){ .cert = &own[0], .key = &own[1], .n_cert = 1, .n_key = 1 };
    s->own_ca = true;
    return status;
}

static int check_options(const hf_serve_options *o)
{
    bool asks = strcmp(o->client_auth, "none") != 0;

    if (o->ocsp.n > 0 && o->cert.n == 0)
        return hf_misuse("--ocsp needs --cert", "nobody issues OCSP responses for the built-in CA",
                         "give the certificate that the response is for: --cert FILE --key FILE");
    if (asks && o->psk_file && o->cert.n == 0)
        return hf_misuse("--client-auth needs --cert",
                         "with --psk-file and without --cert, there are no certificates at all",
                         "leave one of the two out, or give --cert FILE --key FILE");
    if (o->psk_file && strcmp(o->client_auth, "require") == 0)
        return hf_misuse("--psk-file and --client-auth require contradict each other",
                         "who comes with a pre-shared key has no certificate to show",
                         "write: --client-auth request, and look at who came; or leave one out");
    if (asks && o->client_ca.n == 0)
        return hf_misuse("--client-auth needs --client-ca",
                         "there is no CA that clients' certificates could lead to",
                         "write: --client-auth require --client-ca ca.pem");
    if (!asks && o->client_ca.n > 0)
        return hf_misuse("--client-ca needs --client-auth",
                         "without it no client is asked for a certificate",
                         "write: --client-auth require, or request if they may go on without one");
    if (!asks && o->crl.n > 0)
        return hf_misuse("--crl needs --client-auth",
                         "it judges clients' certificates, and no client is asked for one",
                         "write: --client-auth require --client-ca ca.pem --crl FILE");
    return HF_EXIT_OK;
}

static hf_client_auth client_auth(const hf_serve_options *o)
{
    return strcmp(o->client_auth, "require") == 0   ? HF_CLIENT_AUTH_REQUIRE
           : strcmp(o->client_auth, "request") == 0 ? HF_CLIENT_AUTH_REQUEST
                                                    : HF_CLIENT_AUTH_NONE;
}

static hf_server_wishes wishes_of(const hf_serve_options *o)
{
    return (hf_server_wishes){
        .protocol = &o->protocol,
        .own = { o->cert.at, o->key.at, o->cert.n, o->key.n, o->key_password_file, o->ocsp.at,
                 o->ocsp.n },
        .client_auth = client_auth(o),
        .client_ca = o->client_ca.at,
        .n_client_ca = o->client_ca.n,
        .crl = o->crl.at,
        .n_crl = o->crl.n,
        .keylog = o->keylog,
        .timeout_ms = o->timeout,
        .max_age = o->max_age,
    };
}

static int prepare_keys(server *s, hf_server_wishes *wishes)
{
    int status = s->o->psk_file ? hf_protocol_check_psk(&s->o->protocol) : HF_EXIT_OK;

    if (status == HF_EXIT_OK)
        status = hf_shared_keys_prepare(&s->psk, s->o);
    if (status == HF_EXIT_OK)
        status = hf_returning_prepare(&s->returning, s->o);
    wishes->psks = s->psk.file ? &s->psk : NULL;
    wishes->sessions = s->returning.sessions;
    wishes->early_data = hf_returning_early_bytes(s->o);
    return status;
}

static int check_trace_dir(const hf_serve_options *o)
{
    if (!o->trace_dir || hf_trace_folder_make(o->trace_dir))
        return HF_EXIT_OK;
    int why = errno;
    hf_error_what("cannot write traces");
    hf_error_why("%s: %s", o->trace_dir, strerror(why));
    hf_error_next("give a folder that can be written: --trace-dir DIR");
    return HF_EXIT_IO;
}

static int prepare(server *s)
{
    const hf_serve_options *o = s->o;
    static hf_alpn_list alpn;
    const char *own[2];
    const char *wrong = hf_listener_parse(where_to_listen(s), &s->listener);
    int status = hf_alpn_parse(o->alpn ? o->alpn : o->echo ? NULL : "http/1.1,http/1.0", &alpn);
    hf_server_wishes wishes = wishes_of(o);

    wishes.alpn = alpn.names;
    wishes.n_alpn = alpn.n;
    if (wrong) {
        hf_error_what("%s", wrong);
        hf_error_why("--listen %s", where_to_listen(s));
        hf_error_next("write: --listen 127.0.0.1:8443, or port 0 for any free one");
        return HF_EXIT_USAGE;
    }
    if (status == HF_EXIT_OK)
        status = check_options(o);
    if (status == HF_EXIT_OK)
        status = check_trace_dir(o);
    if (status == HF_EXIT_OK)
        status = prepare_keys(s, &wishes);
    if (status == HF_EXIT_OK)
        status = find_certificates(s, &wishes.own, own);
    if (status == HF_EXIT_OK)
        status = hf_server_config(&wishes, &s->config, &s->keylog);
    if (status != HF_EXIT_OK)
        return status;
    s->worker = hf_worker_new();
    return s->worker ? HF_EXIT_OK
                     : hf_complain_row(HF_E_NO_MEMORY, "cannot set up the server", "worker");
}

static int write_port(const server *s)
{
    char text[16];
    hf_error e;

    snprintf(text, sizeof text, "%u\n", (unsigned)s->listener.port);
    e = s->o->port_file ? hf_os_write_file(s->o->port_file, hf_span_str(text), 0644, true) : HF_OK;
    int why = errno;

    if (e == HF_OK)
        return HF_EXIT_OK;
    hf_error_what("cannot write the port file");
    hf_error_why("%s: %s", s->o->port_file,
                 e == HF_E_CONFIG_FILE ? strerror(why) : hf_error_row_of(e)->sentence);
    hf_error_next("give a file in a folder that can be written: --port-file FILE");
    return HF_EXIT_IO;
}

static int cannot_listen(const server *s, int error)
{
    hf_error_what("cannot listen");
    hf_error_why("%s: %s", where_to_listen(s), uv_strerror(error));
    if (error == UV_EADDRINUSE) {
        char command[64];
        snprintf(command, sizeof command, "ss -ltnp 'sport = :%u'", (unsigned)s->listener.wanted);
        hf_error_next("--listen 127.0.0.1:0 takes any free port; to see who listens there:");
        hf_error_command(command);
    } else
        hf_error_next("give another address or port: --listen 127.0.0.1:0 takes any free port");
    return HF_EXIT_IO;
}

/* The own certificate is good for ::1 too, and so is a key. Without IPv6, or with that port taken there, it stays away. */
static void listen_on_ipv6(server *s)
{
    if ((!s->own_ca && !s->psk_only) || strcmp(s->listener.host, "127.0.0.1") != 0)
        return;
    snprintf(s->second.host, sizeof s->second.host, "::1");
    s->second.wanted = s->listener.port;
    hf_listener_open(&s->second, &s->loop, hf_server_came, s);
}

static void warn_of_the_network(const server *s)
{
    if (strcmp(s->listener.host, "0.0.0.0") == 0 || strcmp(s->listener.host, "::") == 0)
        hf_warn("it listens on every address of this machine: the network can reach it");
}

static void warn_of_certificates(const server *s)
{
    const hf_policy *policy = hf_policy_named(s->o->protocol.policy);

    for (size_t i = 0; i < s->o->cert.n; i++)
        hf_served_warn(s->o->cert.at[i], policy ? policy->rsa_min_bits : 0);
    for (size_t i = 0; i < s->o->client_ca.n; i++)
        hf_served_warn_client_ca(s->o->client_ca.at[i]);
}

static int listen_now(server *s)
{
    s->listener.moves_on = !s->o->listen; /* who names a port wants that one */
    int error = hf_listener_open(&s->listener, &s->loop, hf_server_came, s);

    if (error)
        return cannot_listen(s, error);
    if (s->listener.wanted != 0 && s->listener.wanted != s->listener.port)
        hf_warn("port %u is taken: listening on %u instead", (unsigned)s->listener.wanted,
                (unsigned)s->listener.port);
    listen_on_ipv6(s);
    warn_of_the_network(s);
    hf_warn_no_secrecy(&s->o->protocol, s->psk.file != NULL);
    warn_of_certificates(s);
    error = write_port(s);
    if (error == HF_EXIT_OK)
        hf_serve_banner(s);
    return error;
}

static int go(server *s)
{
    int status;

    if (uv_loop_init(&s->loop) != 0)
        return hf_complain_row(HF_E_NO_MEMORY, "cannot start", "event loop");
    hf_server_watch_signals(s);
    status = listen_now(s);
    if (status != HF_EXIT_OK)
        hf_server_stop(s);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    uv_loop_close(&s->loop);
    return status;
}

int hf_cmd_serve(const hf_serve_options *options)
{
    static server s; /* one a process */
    int status;

    memset(&s, 0, sizeof s);
    s.o = options;
    s.log.json = options->json;
    status = prepare(&s);
    hf_server_rules(&s);
    if (status == HF_EXIT_OK)
        status = go(&s);
    hf_worker_free(s.worker);
    hf_config_free(s.config);
    hf_returning_free(&s.returning);
    hf_shared_keys_free(&s.psk);
    hf_keylog_end(s.keylog);
    return status;
}
