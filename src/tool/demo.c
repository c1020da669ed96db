/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * `handfast demo`: a CA, a server and a client in one process, over real sockets. What the two do is
 * play.c; here are the setting, the last words, and the cleaning up.
 */
#include <errno.h>
#include <string.h>

#include "tool/client_config.h"
#include "tool/exit.h"
#include "tool/keylog.h"
#include "tool/leaf_kind.h"
#include "tool/play.h"
#include "tool/say.h"
#include "tool/server_config.h"

typedef hf_play play;

/* ---- before the curtain ---- */

static int make_configs(play *p)
{
    const char *ca = p->store.ca, *cert = p->store.cert, *key = p->store.key, *http = "http/1.1";
    hf_server_wishes server = { .protocol = &p->o->protocol,
                                .own = { .cert = &cert, .key = &key, .n_cert = 1, .n_key = 1 },
                                .alpn = &http,
                                .n_alpn = 1,
                                .keylog = "",
                                .timeout_ms = HF_PLAY_LIMIT_S * 1000,
                                .max_age = -1 };
    hf_client_wishes client = { .protocol = &p->o->protocol,
                                .ca = &ca,
                                .n_ca = 1,
                                .alpn = &http,
                                .n_alpn = 1,
                                .timeout_ms = HF_PLAY_LIMIT_S * 1000 };
    void *none;
    int status = hf_server_config(&server, &p->server, &none);

    if (status == HF_EXIT_OK)
        status = hf_client_config(&client, &p->client, &p->keylog);
    if (status != HF_EXIT_OK)
        return status;
    p->worker = hf_worker_new();
    return p->worker ? HF_EXIT_OK
                     : hf_complain_row(HF_E_NO_MEMORY, "cannot set up the demo", "worker");
}

static int listen_now(play *p)
{
    hf_listener_parse("127.0.0.1:0", &p->listener);
    int error = hf_listener_open(&p->listener, &p->loop, hf_play_came, p);

    if (!error)
        return HF_EXIT_OK;
    hf_error_what("the demo's server cannot listen");
    hf_error_why("127.0.0.1: %s", uv_strerror(error));
    hf_error_next("loopback sockets must be allowed on this machine");
    return HF_EXIT_IO;
}

/* --sigalgs or --policy may ask for another leaf than the usual one. */
static int fit_leaf(play *p)
{
    static const char *const names[] = { "localhost", "127.0.0.1", "::1" };
    hf_leaf_request request = {
        .ca_dir = p->folder, .dir = p->folder, .names = names, .n_names = 3, .replace = true
    };
    hf_policy policy;
    hf_made made;
    int status = hf_protocol_policy(&p->o->protocol, &policy);

    if (status != HF_EXIT_OK)
        return status;
    hf_warn_no_secrecy(&p->o->protocol, false);
    request.key_type = hf_leaf_kind(&policy);
    if (request.key_type)
        return strcmp(request.key_type, "p256") == 0 ? HF_EXIT_OK : hf_leaf_make(&request, &made);
    hf_error_what("the demo has no certificate for these signature schemes");
    hf_error_why(
        "--sigalgs %s: its server signs with ECDSA P-256 or P-384, Ed25519 or rsa_pss_rsae",
        p->o->protocol.sigalgs ? p->o->protocol.sigalgs : "(the policy's)");
    hf_error_next("for example: handfast demo --sigalgs rsa_pss_rsae_sha256");
    return HF_EXIT_USAGE;
}

static int prepare(play *p)
{
    int status = hf_temp_make(p->folder);

    if (status == HF_EXIT_OK)
        status = hf_local_store_open(p->folder, &p->store);
    if (status == HF_EXIT_OK)
        status = fit_leaf(p);
    if (status == HF_EXIT_OK)
        status = make_configs(p);
    if (status == HF_EXIT_OK)
        status = listen_now(p);
    if (status == HF_EXIT_OK)
        status = hf_fetch_prepare(&p->fetch, "localhost", "/", NULL, false);
    return status;
}

static void raise_curtain(play *p)
{
    hf_out(HF_BOLD "A TLS handshake, step by step" HF_PLAIN "\n\n");
    hf_out("A private CA and a certificate for localhost, made in %.1f ms, in a temporary\n"
           "folder. ",
           hf_now_ms() - p->started);
    hf_out("The server listens on %s; the client trusts that CA alone.\n\n", p->listener.address);
    hf_steps_start(&p->steps, HF_STEPS_OUT, p->o->trace);
    hf_steps_start(&p->at_server, HF_STEPS_OUT, 0);
    p->dial = hf_dial_start(&p->loop, "127.0.0.1", p->listener.port, HF_FAMILY_4,
                            HF_PLAY_LIMIT_S * 1000, hf_play_dialled, p);
    if (!p->dial)
        hf_play_no_client(p, "no memory");
}

/* ---- afterwards ---- */

static int tell(play *p)
{
    const hf_conn_info *info = p->conn ? hf_conn_info_of(p->conn) : NULL;

    if (p->connected && !p->trouble.happened)
        hf_fetch_close(&p->fetch, &p->trouble, p->listener.address);
    if (!p->connected && !p->trouble.happened)
        hf_play_no_client(p, "nothing came back");
    if (p->trouble.happened || !info) {
        hf_out_flush();
        hf_trouble_say(&p->trouble);
        return p->trouble.exit;
    }
    hf_out("\nGET / over it: status %d, %llu bytes, the page of `handfast serve`.\n",
           p->fetch.response.status, (unsigned long long)p->fetch.response.body_bytes);
    hf_out("The handshake took %.1f ms and %u round trip%s; all of it %.1f ms.\n"
           "Nothing is left behind.\n",
           p->handshake_ms, info->round_trips, info->round_trips == 1 ? "" : "s",
           hf_now_ms() - p->started);
    return HF_EXIT_OK;
}

static void remove_folder(play *p)
{
    if (p->folder[0] && !hf_temp_remove(p->folder))
        hf_warn("%s could not be removed: %s", p->folder, strerror(errno));
}

static void clean(play *p)
{
    if (p->link)
        hf_link_free(p->link);
    hf_worker_free(p->worker);
    hf_config_free(p->client);
    hf_config_free(p->server);
    hf_keylog_end(p->keylog);
    hf_fetch_free(&p->fetch);
    hf_recording_end(&p->recording);
    hf_recording_end(&p->servers);
}

int hf_cmd_demo(const hf_demo_options *options)
{
    static play p; /* one a process */
    int status;

    memset(&p, 0, sizeof p);
    p.o = options;
    p.started = hf_now_ms();
    if (uv_loop_init(&p.loop) != 0)
        return hf_complain_row(HF_E_NO_MEMORY, "cannot start", "event loop");
    hf_play_watch_signals(&p); /* before there is anything to clean up */
    status = prepare(&p);
    hf_play_rules(&p);
    if (status == HF_EXIT_OK)
        raise_curtain(&p);
    else
        hf_play_over(&p);
    uv_run(&p.loop, UV_RUN_DEFAULT);
    remove_folder(&p);
    if (status == HF_EXIT_OK)
        status = p.signal ? 128 + p.signal : tell(&p);
    clean(&p);
    uv_loop_close(&p.loop);
    return status;
}
