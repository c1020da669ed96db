/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One line of advice for each way to fail. */
#include "tool/advice.h"

#include <stdio.h>
#include <string.h>

#include <handfast/cert.h>
#include "tool/exit.h"

static void add(hf_text *command, const char *option, const char *value)
{
    hf_text_print(command, " %s ", option);
    hf_text_say_word(command, value);
}

/* The command as it was given, as far as it says whom to connect to and whom to trust, with `extra` added. */
static void again(hf_outcome *out, const hf_connect_options *o, const char *lead, const char *extra,
                  const char *value)
{
    hf_text c = hf_text_new(HF_TROUBLE_TEXT_MAX - 1);

    hf_text_print(&c, "handfast connect%s", o->ipv4 ? " -4" : o->ipv6 ? " -6" : "");
    for (size_t i = 0; i < o->resolve.n; i++)
        add(&c, "--resolve", o->resolve.at[i]);
    for (size_t i = 0; i < o->ca.n && strcmp(extra, "--ca") != 0; i++)
        add(&c, "--ca", o->ca.at[i]);
    if (o->servername && strcmp(extra, "--servername") != 0)
        add(&c, "--servername", o->servername);
    hf_text_print(&c, " %s%s%s ", extra, value ? " " : "", value ? value : "");
    hf_text_say_word(&c, o->target);
    out->trouble.lead = lead;
    if (!c.full)
        hf_trouble_next(&out->trouble, "%s", c.data);
    hf_text_free(&c);
}

/* The first name that the certificate is for; "" if there is none. */
static void first_name(hf_conn *conn, char out[HF_CERT_TEXT_MAX])
{
    const hf_span *chain = NULL;
    hf_cert_summary leaf;
    const char *name;

    *out = '\0';
    if (!conn || hf_conn_peer_chain(conn, &chain) == 0 ||
        hf_cert_summarize(chain[0], &leaf) != HF_OK)
        return;
    name = strstr(leaf.sans, "DNS:");
    size_t n = name ? strcspn(name + 4, ", ") : 0;
    if (n == 0 || n >= HF_CERT_TEXT_MAX || name[4] == '*')
        return;
    for (size_t i = 0; i < n; i++) /* it goes into a command line: nothing but a host name may */
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.",
                    name[4 + i]))
            return;
    memcpy(out, name + 4, n);
    out[n] = '\0';
}

static void advise_certificate(hf_outcome *o, const hf_connect_options *options)
{
    hf_error code = o->trouble.record.code;
    char name[HF_CERT_TEXT_MAX];

    first_name(o->conn, name);
    if (code == HF_E_CERT_UNKNOWN_CA || code == HF_E_CERT_SELF_SIGNED)
        again(o, options, "with that file", "--ca", "CA.pem");
    else if (code == HF_E_CERT_NAME && *name)
        again(o, options, "if that is whom you mean", "--servername", name);
    else
        again(o, options, "to look at the certificate without trusting it", "--insecure", NULL);
}

static bool is_local(const char *host)
{
    return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
           strcmp(host, "::1") == 0;
}

static void advise_unreachable(hf_outcome *o, const hf_connect_options *options)
{
    hf_trouble *t = &o->trouble;

    if (!o->dial.lookup && o->dial.late) {
        again(o, options, "with more patience", "--timeout", "60");
    } else if (!o->dial.lookup && is_local(o->target->host)) {
        t->lead = "to see what listens here";
        hf_trouble_next(t, "ss -ltn");
    } else {
        t->lead = "to see what the name stands for";
        hf_trouble_next(t, "getent ahosts %s", o->target->host);
    }
}

static void advise_http(hf_outcome *o)
{
    char where[HF_HOST_MAX + 8];

    hf_target_text(o->target->host, o->target->port, where, sizeof where);
    o->trouble.lead = "to see what it speaks";
    hf_trouble_next(&o->trouble, "curl -v http://%s/", where);
}

void hf_advise(hf_outcome *o, const hf_connect_options *options)
{
    if (!o->trouble.happened || o->trouble.next[0])
        return;
    if (o->trouble.exit == HF_EXIT_CERTIFICATE)
        advise_certificate(o, options);
    else if (o->trouble.exit == HF_EXIT_UNREACHABLE)
        advise_unreachable(o, options);
    else if (o->trouble.record.code == HF_E_NOT_TLS)
        advise_http(o);
    else if (o->trouble.record.code == HF_E_TIMEOUT)
        again(o, options, "with more patience", "--timeout", "60");
    else
        again(o, options, "to see each message", "--trace", NULL);
}
