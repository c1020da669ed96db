/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The first words of `serve`, and its first JSON object. */
#include "tool/serve_banner.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "tool/cert_text.h"
#include "tool/json_report.h"
#include "tool/json_text.h"
#include "tool/say.h"
#include "tool/served.h"
#include "tool/target.h"
#include "tool/text.h"
#include "x509/x509.h"

typedef hf_server server;

/* ---- where ---- */

static bool is_any(const char *host)
{
    return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

static void url_of(const hf_listener *l, char out[128])
{
    bool named = is_loopback(l->host) || is_any(l->host);
    char where[96];

    hf_target_text(named ? "localhost" : l->host, l->port, where, sizeof where);
    snprintf(out, 128, "https://%s/", where);
}

/* What a client on this machine connects to. */
static const char *reachable(const hf_listener *l)
{
    return strcmp(l->host, "0.0.0.0") == 0 ? "127.0.0.1"
           : strcmp(l->host, "::") == 0    ? "::1"
                                           : l->host;
}

/* Does that name lead here without help? */
static bool leads_here(const hf_listener *l, const char *name)
{
    if (strcmp(name, "localhost") == 0)
        return is_loopback(reachable(l));
    return strcmp(name, reachable(l)) == 0;
}

/* ---- what to try ---- */

/* " --cacert FILE", " --resolve NAME:PORT:ADDR": what a client needs beside the name. */
static void add_needs(hf_text *c, const hf_listener *l, const hf_served *s, const char *ca_option)
{
    const char *address = reachable(l);
    uint8_t ip[16];

    if (!s->trusted) {
        hf_text_print(c, " %s ", ca_option);
        hf_text_say_word(c, *s->ca ? s->ca : "CA.pem");
    }
    if (leads_here(l, s->name) || hf_parse_ip(s->name, ip) > 0)
        return;
    bool v6 = strchr(address, ':') && strcmp(ca_option, "--cacert") == 0;
    hf_text_print(c, v6 ? " --resolve %s:%u:[%s]" : " --resolve %s:%u:%s", s->name,
                  (unsigned)l->port, address);
}

/* curl and handfast spell it alike. */
static void add_own(hf_text *c, const server *s)
{
    if (strcmp(s->o->client_auth, "none") != 0)
        hf_text_say(c, " --cert MINE.pem --key MINE.key");
}

static void try_curl(const server *to, const hf_served *s)
{
    const hf_listener *l = &to->listener;
    hf_text c = hf_text_new(4 * HF_STORE_PATH_MAX);
    char where[HF_HOST_MAX + 8];

    hf_target_text(s->name, l->port, where, sizeof where);
    hf_text_say(&c, "curl");
    add_needs(&c, l, s, "--cacert");
    add_own(&c, to);
    hf_text_print(&c, " https://%s/", where);
    hf_out_command("%s", c.data ? c.data : "");
    hf_text_free(&c);
}

static void try_connect(const server *to, const hf_served *s)
{
    const hf_listener *l = &to->listener;
    hf_text c = hf_text_new(4 * HF_STORE_PATH_MAX);
    char where[HF_HOST_MAX + 8];
    uint8_t ip[16];
    bool elsewhere = hf_parse_ip(s->name, ip) > 0 && !leads_here(l, s->name);

    hf_target_text(elsewhere ? reachable(l) : s->name, l->port, where, sizeof where);
    hf_text_say(&c, "handfast connect");
    add_needs(&c, l, s, "--ca");
    add_own(&c, to);
    if (elsewhere)
        hf_text_print(&c, " --servername %s", s->name);
    hf_text_print(&c, " %s %s", to->o->echo ? "--pipe" : "--http", where);
    hf_out_command("%s", c.data ? c.data : "");
    hf_text_free(&c);
}

static void say_try(const server *s, const hf_served *served)
{
    uint8_t ip[16];
    bool curl = leads_here(&s->listener, served->name) || hf_parse_ip(served->name, ip) == 0;

    if (!*served->name)
        return;
    hf_out("\nTry it:\n");
    if (!s->o->echo && curl)
        try_curl(s, served);
    try_connect(s, served);
    if (!served->trusted && !*served->ca)
        hf_out_lines("CA.pem stands for the certificate of %s, which issued it.\n",
                     served->leaf.issuer);
    if (strcmp(s->o->client_auth, "none") != 0)
        hf_out_lines(
            "MINE.pem and MINE.key stand for your certificate and its key: clients are %s.\n",
            strcmp(s->o->client_auth, "require") == 0 ? "asked for one and refused without"
                                                      : "asked for one");
}

/* ---- which certificates ---- */

static void say_certificate(const hf_served *s)
{
    char validity[HF_WHEN_ROOM];

    hf_validity_text(s->leaf.not_before, s->leaf.not_after, hf_clock_wall(), validity);
    hf_out_lines("  certificate   %s\n", s->file);
    hf_out_lines("  for           %s\n", *s->leaf.sans ? s->leaf.sans : "no name");
    hf_out_lines("  issued by     %s\n", s->leaf.issuer);
    hf_out_lines("  valid         %s\n", validity);
}

static void say_trust(const hf_local_store *store)
{
    static const char local[] = "/usr/local/share/ca-certificates/handfast-local.crt";
    hf_text ca = hf_text_new(2 * HF_STORE_PATH_MAX);

    hf_text_say_word(&ca, store->ca);
    hf_out_lines("  CA            %s, %s\n", store->ca,
                 store->new_ca ? "made just now" : "private, of this machine");
    hf_out_lines(
        "\nNothing trusts this CA unless it is told to. Debian and Ubuntu, all programs that "
        "use the system's store; to trust it:\n");
    hf_out_command("sudo cp %s %s && sudo update-ca-certificates", ca.data ? ca.data : "", local);
    hf_out("To untrust it:\n");
    hf_out_command("sudo rm %s && sudo update-ca-certificates --fresh", local);
    hf_out_lines(
        "Browsers have stores of their own: import the CA's file there, as an authority for "
        "websites.\n");
    hf_text_free(&ca);
}

/* Keys instead of certificates, or beside them. */
static void say_psks(const server *s)
{
    hf_out_lines("  pre-shared    %s, %zu key%s%s\n", s->o->psk_file, s->psk.now.n,
                 s->psk.now.n == 1 ? "" : "s", s->psk_only ? "; no certificate: PSK only" : "");
}

static void try_psk(const server *s)
{
    hf_text c = hf_text_new(4 * HF_STORE_PATH_MAX);
    char where[HF_HOST_MAX + 8];

    hf_target_text(reachable(&s->listener), s->listener.port, where, sizeof where);
    hf_text_say(&c, "handfast connect --psk-file ");
    hf_text_say_word(&c, s->o->psk_file);
    if (strcmp(s->o->protocol.policy, "default") != 0)
        hf_text_print(&c, " --policy %s", s->o->protocol.policy);
    hf_text_print(&c, " %s %s", s->o->echo ? "--pipe" : "--http", where);
    if (s->psk_only)
        hf_out("\nTry it:\n");
    hf_out_command("%s", c.data ? c.data : "");
    hf_text_free(&c);
}

static void listening_json(const server *s, const char *url)
{
    const hf_listener *l = &s->listener;
    json_t *object = json_pack("{s:s s:o s:s s:i s:s s:s s:s}", "event", "listening", "time",
                               hf_json_now(), "schema", "handfast.serve/1", "port", (int)l->port,
                               "host", l->host, "address", l->address, "url", url);

    if (object && s->own_ca)
        json_object_set_new(object, "ca", hf_json_text(s->store.ca));
    if (object && s->psk.file) {
        json_object_set_new(object, "psk_file", hf_json_text(s->o->psk_file));
        json_object_set_new(object, "psk_only", json_boolean(s->psk_only));
    }
    if (object && s->second.tcp)
        json_object_set_new(object, "second_address", json_string(s->second.address));
    hf_json_print(object, false);
}

void hf_serve_banner(const server *s)
{
    char url[128];
    hf_served first = { 0 }, served;

    url_of(&s->listener, url);
    if (s->log.json) {
        listening_json(s, url);
        return;
    }
    hf_out(HF_BOLD "Listening on %s" HF_PLAIN " (%s%s%s%s)\n", url, s->listener.address,
           s->second.tcp ? " and " : "", s->second.tcp ? s->second.address : "",
           s->o->echo ? ", echo" : "");
    for (size_t i = 0; i < (s->own_ca ? 1 : s->o->cert.n); i++) {
        const char *file = s->own_ca ? s->store.cert : s->o->cert.at[i];
        if (!hf_served_read(&served, file, s->own_ca ? s->store.ca : NULL))
            continue;
        say_certificate(&served);
        if (i == 0)
            first = served;
    }
    if (s->psk.file)
        say_psks(s);
    if (s->own_ca)
        say_trust(&s->store);
    say_try(s, &first);
    if (s->psk.file)
        try_psk(s);
    hf_out("Ctrl-C ends it.\n\n");
    hf_out_flush();
}
