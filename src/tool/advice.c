/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One line of advice for each way to fail. */
#include "tool/advice.h"

#include <stdio.h>
#include <string.h>

#include <handfast/cert.h>
#include "tool/again.h"
#include "tool/exit.h"

enum { AUTHORITIES_SHOWN = 8 };

/* The command as it was given, with `option` in place of what it had of that name. `value` goes to a shell as it is. */
static void again(hf_outcome *out, const hf_connect_options *o, const char *lead,
                  const char *option, const char *value)
{
    hf_text c = hf_text_new(HF_TROUBLE_TEXT_MAX - 1);

    hf_again(&c, hf_command_named("connect"), o, option);
    hf_text_print(&c, " --%s%s", option, value ? " " : "");
    hf_text_say(&c, value ? value : "");
    hf_text_say(&c, *o->target == '-' ? " -- " : " ");
    hf_text_say_word(&c, o->target);
    out->trouble.lead = lead;
    if (!c.full)
        hf_trouble_next(&out->trouble, "handfast %s%s", out->traced ? "trace" : "connect",
                        c.data + sizeof "handfast connect" - 1);
    hf_text_free(&c);
}

/* Who has them before him already is told where to look. */
static void see_messages(hf_outcome *o, const hf_connect_options *options)
{
    if (!o->traced)
        again(o, options, options->trace ? "the same again" : "to see each message", "trace", NULL);
    else if (!*o->trouble.hint)
        hf_trouble_hint(&o->trouble, "read what is shown from its end: the last messages say most");
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

/* Nothing but a handshake, whatever the command was: no data, no request and no certificate of ours go to a server that
   could be anybody. `cert inspect` has no way to say how the server is reached but its host and port. */
static void look_only(hf_outcome *out, const hf_connect_options *o)
{
    bool plain = !o->starttls && !o->servername && o->resolve.n == 0 && !o->ipv4 && !o->ipv6;
    hf_text c = hf_text_new(HF_TROUBLE_TEXT_MAX - 1);
    char where[HF_HOST_MAX + 8];

    hf_target_text(out->target->host, out->target->port, where, sizeof where);
    hf_text_say(&c, plain         ? "handfast cert inspect"
                    : out->traced ? "handfast trace --insecure"
                                  : "handfast connect --insecure");
    if (o->starttls)
        hf_text_print(&c, " --starttls %s", o->starttls);
    if (o->servername) {
        hf_text_say(&c, " --servername ");
        hf_text_say_word(&c, o->servername);
    }
    for (size_t i = 0; i < o->resolve.n; i++) {
        hf_text_say(&c, " --resolve ");
        hf_text_say_word(&c, o->resolve.at[i]);
    }
    hf_text_say(&c, o->ipv4 ? " --ipv4 " : o->ipv6 ? " --ipv6 " : " ");
    hf_text_say(&c, *where == '-' ? "-- " : "");
    hf_text_say_word(&c, where);
    out->trouble.lead = "to look at the certificate without trusting it";
    if (!c.full)
        hf_trouble_next(&out->trouble, "%s", c.data);
    hf_text_free(&c);
}

static void advise_certificate(hf_outcome *o, const hf_connect_options *options)
{
    hf_error code = o->trouble.record.code;
    char name[HF_CERT_TEXT_MAX];

    first_name(o->conn, name);
    if (code == HF_E_CERT_UNKNOWN_CA && options->ca.n > 0)
        hf_trouble_hint(&o->trouble,
                        "the CA given with --ca did not issue it; give the certificate of the one "
                        "that did, or have the server send its intermediates");
    if (code == HF_E_CERT_UNKNOWN_CA || code == HF_E_CERT_SELF_SIGNED)
        again(o, options, "with that file", "ca", "CA.pem");
    else if (code == HF_E_CERT_NAME && *name)
        again(o, options, "if that is whom you mean", "servername", name);
    else
        look_only(o, options);
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
        again(o, options, "with more patience", "timeout", "60");
    } else if (!o->dial.lookup && is_local(o->target->host)) {
        t->lead = "to see what listens here";
        hf_trouble_next(t, "ss -ltn");
    } else {
        t->lead = "to see what the name stands for";
        hf_trouble_next(t, "getent ahosts %s", o->target->host);
    }
}

/* Behind STARTTLS it is no web server on a wrong port. */
static void advise_not_tls(hf_outcome *o, const hf_connect_options *options)
{
    char where[HF_HOST_MAX + 8];

    if (options->starttls) {
        hf_trouble_hint(
            &o->trouble,
            "the server agreed to start TLS and then spoke something else: its log may say why");
        see_messages(o, options);
        return;
    }
    hf_target_text(o->target->host, o->target->port, where, sizeof where);
    o->trouble.lead = "to see what it speaks";
    hf_trouble_next(&o->trouble, "curl -v http://%s/", where);
}

/* The two ways in which a server of another version shows itself: its ServerHello, or the alert of one
   that found nothing to choose from. */
static bool is_other_version(const hf_failure *f)
{
    return f->code == HF_E_VERSION_UNSUPPORTED ||
           (f->code == HF_E_ALERT_RECEIVED && f->alert == HF_ALERT_protocol_version);
}

/* Both versions were offered, and it took neither. */
static void advise_old_server(hf_outcome *o)
{
    hf_text c = hf_text_new(HF_TROUBLE_TEXT_MAX - 1);
    char where[HF_HOST_MAX + 8];

    hf_target_text(o->target->host, o->target->port, where, sizeof where);
    hf_text_say(&c, "openssl s_client -connect ");
    hf_text_say_word(&c, where);
    hf_trouble_sentence(&o->trouble, "the server speaks only versions older than TLS 1.2, which "
                                     "handfast never speaks");
    hf_trouble_hint(&o->trouble, "have TLS 1.3 or 1.2 switched on at the server");
    o->trouble.lead = "to see what it speaks";
    hf_trouble_next(&o->trouble, "%s", c.data ? c.data : "");
    hf_text_free(&c);
}

static void advise_version(hf_outcome *o, const hf_connect_options *options)
{
    hf_policy policy;

    if (hf_protocol_policy(&options->protocol, &policy) != HF_EXIT_OK)
        return;
    if (policy.min_version == HF_TLS12 && policy.max_version == HF_TLS13) {
        advise_old_server(o);
        return;
    }
    bool new_only = policy.min_version == HF_TLS13;
    hf_trouble_sentence(&o->trouble,
                        "the server does not speak TLS %s, and nothing else was "
                        "offered",
                        new_only ? "1.3" : "1.2");
    hf_trouble_hint(&o->trouble, "have TLS %s switched on at the server", new_only ? "1.3" : "1.2");
    if (options->protocol.tls)
        again(o, options, "with the other version", "tls", new_only ? "1.2" : "1.3");
    else if (!options->protocol.ciphers)
        again(o, options, "with a policy that speaks both", "policy", "default");
    else
        see_messages(o, options);
}

/* ---- our own certificate ---- */

/* "CN=One; CN=Two; …" */
static void list_authorities(hf_conn *conn, char *out, size_t room)
{
    char name[HF_CERT_TEXT_MAX];
    size_t n = 0;

    *out = '\0';
    for (size_t i = 0; hf_conn_authority(conn, i, name, sizeof name); i++) {
        int added = i == AUTHORITIES_SHOWN
                        ? snprintf(out + n, room - n, "; and others")
                        : snprintf(out + n, room - n, "%s%s", i > 0 ? "; " : "", name);
        if (i == AUTHORITIES_SHOWN || added < 0 || (size_t)added >= room - n)
            return;
        n += (size_t)added;
    }
}

/* A server that asked for a certificate and then ended it has most likely done so for the lack of a good one. */
static bool is_about_ours(const hf_outcome *o)
{
    hf_error code = o->trouble.record.code;

    return o->conn && hf_conn_info_of(o->conn)->certificate_requested &&
           (code == HF_E_ALERT_RECEIVED || code == HF_E_CLOSED_IN_HANDSHAKE ||
            code == HF_E_TRUNCATED_STREAM);
}

/* What one can see of it comes first; the server's list of CAs is no news to a certificate of one of them. */
static void hint_at_sent(hf_outcome *o, const char *names)
{
    char fault[HF_OWN_FAULT_ROOM];

    hf_own_cert_fault(&o->own, fault);
    if (*fault)
        hf_trouble_hint(&o->trouble, "the server may not accept our certificate (%s): %s",
                        o->own.leaf.subject, fault);
    else
        hf_trouble_hint(&o->trouble,
                        "the server may not accept our certificate%s%s; its log says why",
                        *names ? ": it takes those of " : "", names);
}

static void hint_at_withheld(hf_outcome *o, const char *names)
{
    char why[HF_OWN_WITHHELD_ROOM];

    hf_own_cert_withheld(&o->own, *names != '\0', why);
    hf_trouble_hint(&o->trouble, "the server asked for a certificate%s%s; %s",
                    *names ? " of: " : "", names,
                    *why ? why : "what --cert gives does not suit it");
}

static void advise_own_certificate(hf_outcome *o, const hf_connect_options *options)
{
    bool sent = hf_conn_info_of(o->conn)->certificate_sent;
    char names[HF_TROUBLE_TEXT_MAX / 2];

    list_authorities(o->conn, names, sizeof names);
    if (sent)
        hint_at_sent(o, names);
    else if (options->cert.n > 0)
        hint_at_withheld(o, names);
    else
        hf_trouble_hint(&o->trouble,
                        "the server asked for a certificate%s%s; give one with --cert "
                        "and --key",
                        *names ? " of: " : "", names);
    if (sent || options->cert.n > 0)
        see_messages(o, options);
    else
        again(o, options, "with your own", "cert", "MINE.pem --key MINE.key");
}

/* RFC 5246 and 9846 have no alert for "these suites are not mine" but this one. */
static bool is_nothing_in_common(const hf_outcome *o)
{
    const hf_failure *f = &o->trouble.record;

    return f->code == HF_E_ALERT_RECEIVED && f->alert == HF_ALERT_handshake_failure && o->conn &&
           hf_conn_info_of(o->conn)->version == 0;
}

static void advise_suites(hf_outcome *o, const hf_connect_options *options)
{
    hf_trouble_hint(
        &o->trouble,
        "the server found nothing in common with what was offered: its suites may be static RSA "
        "only or older ones (handfast list suites shows ours), its groups others, or it may want a "
        "pre-shared key (--psk-file)");
    see_messages(o, options);
}

/* ---- pre-shared keys ---- */

static bool is_about_psk(const hf_outcome *o, const hf_connect_options *options)
{
    /* what servers say of a key that is not theirs, and the last of suites */
    static const uint8_t alerts[] = { HF_ALERT_decrypt_error, HF_ALERT_unknown_psk_identity,
                                      HF_ALERT_illegal_parameter, HF_ALERT_bad_record_mac,
                                      HF_ALERT_handshake_failure };
    const hf_failure *f = &o->trouble.record;

    return options->psk_file && f->code == HF_E_ALERT_RECEIVED &&
           !hf_conn_info_of(o->conn)->connected && memchr(alerts, (int)f->alert, sizeof alerts);
}

/* What --policy iot adds was not offered, and nothing else on the command line keeps it away. */
static bool would_iot_help(const hf_connect_options *options)
{
    const hf_protocol_options *p = &options->protocol;

    return strncmp(p->policy, "iot", 3) != 0 && !p->ciphers &&
           !(p->tls && strcmp(p->tls, "1.3") == 0);
}

/* A server that has no key of that name does not say so, and some say of it what they say of suites. Many small ones know
   nothing but plain PSK. */
static void advise_psk(hf_outcome *o, const hf_connect_options *options)
{
    static const char keys[] =
        "the server has no key of this name, or another one: check the identity (what stands "
        "before the last ':') and the key on both ends";
    bool suites = o->trouble.record.alert == HF_ALERT_handshake_failure;

    if (suites && would_iot_help(options)) {
        hf_trouble_hint(&o->trouble,
                        "%s; if they agree, it may take only suites without forward secrecy, as "
                        "small devices do, or no pre-shared keys at all",
                        keys);
        again(o, options, "with those suites as well", "policy", "iot");
        return;
    }
    hf_trouble_hint(&o->trouble, "%s%s", keys,
                    suites ? "; if they agree, it may take other suites than those offered, or no "
                             "pre-shared keys at all"
                           : "");
    see_messages(o, options);
}

void hf_advise(hf_outcome *o, const hf_connect_options *options)
{
    if (!o->trouble.happened || o->trouble.next[0])
        return;
    if (is_other_version(&o->trouble.record))
        advise_version(o, options);
    else if (is_about_psk(o, options))
        advise_psk(o, options);
    else if (is_about_ours(o))
        advise_own_certificate(o, options);
    else if (is_nothing_in_common(o))
        advise_suites(o, options);
    else if (o->trouble.exit == HF_EXIT_CERTIFICATE)
        advise_certificate(o, options);
    else if (o->trouble.exit == HF_EXIT_UNREACHABLE)
        advise_unreachable(o, options);
    else if (o->trouble.record.code == HF_E_NOT_TLS)
        advise_not_tls(o, options);
    else if (o->trouble.record.code == HF_E_TIMEOUT)
        again(o, options, "with more patience", "timeout", "60");
    else
        see_messages(o, options);
}
