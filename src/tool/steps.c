/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Collecting what the engine tells, and saying it in words. The fields of a message are steps_fields.c. */
#include "tool/steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <handfast/cert.h>
#include <handfast/policy.h>
#include "base/bytes.h"
#include "tool/psk_file.h"
#include "tool/say.h"
#include "tool/steps12.h"
#include "tool/steps_fields.h"

enum { PLAIN = 1, CONTENT_ALERT = 21 };

void hf_steps_start(hf_steps *steps, void (*say)(const char *, ...), hf_role self, bool fields)
{
    memset(steps, 0, sizeof *steps);
    steps->say = say;
    steps->self = self;
    steps->fields = fields;
    steps->last_writer = -1;
}

/* ---- collecting ---- */

/* The first certificate of a Certificate message; empty if there is none. TLS 1.3 puts a context before the list. */
static hf_span first_certificate(hf_span message, uint16_t version)
{
    enum { HEADER = 4, LENGTH = 3 };
    size_t at = HEADER, len;

    if (version == HF_TLS13)
        at += message.len > at ? (size_t)1 + message.data[at] : 1;
    at += LENGTH; /* of the list */
    if (message.len < at + LENGTH)
        return hf_span_of(NULL, 0);
    len = (size_t)message.data[at] << 16 | (size_t)message.data[at + 1] << 8 | message.data[at + 2];
    at += LENGTH;
    return len <= message.len - at ? hf_span_of(message.data + at, len) : hf_span_of(NULL, 0);
}

/* The connection can be asked who the peer is, but not who we are. */
static void learn_client(hf_steps *steps, const hf_trace_event *event)
{
    hf_cert_summary leaf;

    if (event->kind != HF_TRACE_MESSAGE || event->writer != HF_CLIENT ||
        strcmp(event->name, "Certificate") != 0)
        return;
    hf_span der = first_certificate(event->bytes, event->version);
    bool good = der.len > 0 && hf_cert_summarize(der, &leaf) == HF_OK;
    snprintf(steps->client, sizeof steps->client, "%s", good ? leaf.subject : "");
}

static void collect(hf_steps *steps, const hf_trace_event *event, bool at_server)
{
    if (event->kind == HF_TRACE_RECORD)
        return;
    if (steps->n == HF_STEPS_MAX) {
        steps->lost++;
        return;
    }
    learn_client(steps, event);
    hf_step *step = &steps->queue[steps->n++];
    *step = (hf_step){ .kind = event->kind,
                       .writer = event->writer,
                       .at_server = at_server,
                       .name = event->name,
                       .source = event->source,
                       .size = event->bytes.len,
                       .epoch = event->epoch,
                       .content_type = event->content_type,
                       .version = event->version,
                       .cipher_suite = event->cipher_suite,
                       .nine = event->nine };
    if (strcmp(event->name, "ClientHello") == 0)
        step->psk = hf_steps_has_field(event->name, &(hf_wire){ .writer = HF_CLIENT }, event->bytes,
                                       "identities");
    if (event->content_type == CONTENT_ALERT && event->bytes.len >= 2)
        step->code = event->bytes.data[1];
    if (steps->fields && event->kind == HF_TRACE_MESSAGE && event->bytes.len <= HF_STEP_BYTES_MAX)
        step->bytes = hf_copy(event->bytes);
}

static void hear(void *user, const hf_trace_event *event)
{
    hf_steps *steps = user;

    collect(steps, event, steps->self == HF_SERVER);
}

static void hear_other(void *user, const hf_trace_event *event)
{
    hf_steps *steps = user;

    if (event->kind == HF_TRACE_PROVED)
        collect(steps, event, steps->self != HF_SERVER);
}

hf_trace_sink hf_steps_sink(hf_steps *steps)
{
    return (hf_trace_sink){ hear, steps };
}

hf_trace_sink hf_steps_other_sink(hf_steps *steps)
{
    return (hf_trace_sink){ hear_other, steps };
}

/* ---- words ---- */

static const char *who(hf_role role)
{
    return role == HF_SERVER ? "server" : "client";
}

static const char *or_unknown(const char *name)
{
    return name ? name : "?";
}

static void say_certificate(hf_steps *steps, hf_conn *conn)
{
    const hf_span *chain = NULL;
    size_t n = hf_conn_peer_chain(conn, &chain);
    hf_cert_summary leaf;

    if (steps->self == HF_CLIENT && n > 0 && hf_cert_summarize(chain[0], &leaf) == HF_OK)
        steps->say("%s, signed by %s (%zu certificate%s)\n", leaf.subject, leaf.issuer, n,
                   n == 1 ? "" : "s");
    else
        steps->say("who the server is\n");
}

static void say_hello(hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    steps->say("offers versions, suites, groups and key shares%s%s\n",
               info->server_name ? "; asks for " : "", info->server_name ? info->server_name : "");
    if (step->psk)
        steps->say("      names a key that both ends have from before, a session's or a\n"
                   "      pre-shared one; a MAC, the binder, shows that the client holds it\n");
}

static void say_choice(hf_steps *steps, const hf_conn_info *info)
{
    char name[HF_PSK_NAME_ROOM];

    steps->say("chooses %s and %s: a shared secret\n",
               or_unknown(hf_code_name(HF_SUITES, info->cipher_suite)),
               or_unknown(hf_code_name(HF_GROUPS, info->group)));
    if (info->resumed)
        steps->say("      resumes the session from before: nobody shows a certificate again\n");
    else if (info->psk_used)
        steps->say("      takes the pre-shared key, so that nobody shows a certificate:\n"
                   "      %s\n",
                   hf_psk_name(info->psk_identity, name));
}

static bool is_tls12(const hf_steps *steps, const hf_step *step, const hf_conn_info *info)
{
    uint16_t version = step->version ? step->version : info->version;

    return version ? version == HF_TLS12 : steps->only12;
}

/* What the message settled; the connection knows it by now. */
static void say_meaning(hf_steps *steps, const hf_step *step, hf_conn *conn)
{
    const hf_conn_info *info = hf_conn_info_of(conn);
    const char *name = step->name;

    if (step->content_type == CONTENT_ALERT)
        steps->say("%s: %s\n", hf_alert_name(step->code), hf_alert_words(step->code));
    else if (is_tls12(steps, step, info) && hf_steps12_meaning(steps, step, info))
        return;
    else if (!strcmp(name, "ClientHello"))
        say_hello(steps, step, info);
    else if (!strcmp(name, "HelloRetryRequest"))
        steps->say("asks for another key share\n");
    else if (!strcmp(name, "ServerHello"))
        say_choice(steps, info);
    else if (!strcmp(name, "EncryptedExtensions"))
        steps->say("application protocol: %s%s\n", info->alpn ? info->alpn : "none asked for",
                   info->early == HF_EARLY_ACCEPTED   ? "; 0-RTT data accepted"
                   : info->early == HF_EARLY_REJECTED ? "; 0-RTT data refused"
                                                      : "");
    else if (!strcmp(name, "Certificate") && step->writer == HF_CLIENT)
        steps->say("%s%s\n",
                   *steps->client ? "who the client is: " : "empty: the client has none that suits",
                   steps->client);
    else if (!strcmp(name, "Certificate"))
        say_certificate(steps, conn);
    else if (!strcmp(name, "CertificateRequest"))
        steps->say("asks the client for a certificate as well\n");
    else if (!strcmp(name, "CertificateVerify"))
        steps->say("a signature over all messages so far, %s\n",
                   or_unknown(hf_code_name(HF_SCHEMES, info->signature_scheme)));
    else if (!strcmp(name, "Finished"))
        steps->say("a MAC over the whole handshake\n");
    else if (!strcmp(name, "NewSessionTicket"))
        steps->say("a ticket, with which a later connection can resume this session\n");
    else if (!strcmp(name, "EndOfEarlyData"))
        steps->say("the client's 0-RTT data ends here\n");
    else if (!strcmp(name, "KeyUpdate"))
        steps->say("renews the %s's keys\n", who(step->writer));
    else if (!strcasecmp(name, "ChangeCipherSpec") || !strcasecmp(name, "change_cipher_spec"))
        steps->say("for old middleboxes; it changes nothing\n");
    else
        steps->say("%s\n", step->source ? step->source : "");
}

static const char *proof_words(const hf_step *step)
{
    static const struct {
        const char *what, *to_client, *to_server;
    } proofs[] = {
        { "chain", "the chain ends at a trusted CA; name and dates fit",
          "the client's chain ends at a trusted CA; dates fit" },
        { "signature", "the server holds the certificate's private key",
          "the client holds its certificate's private key" },
        { "finished", "both ends saw the same handshake, unchanged",
          "both ends saw the same handshake, unchanged" },
    };

    for (size_t i = 0; i < sizeof proofs / sizeof *proofs; i++)
        if (strcasecmp(step->name, proofs[i].what) == 0)
            return step->at_server ? proofs[i].to_server : proofs[i].to_client;
    return "";
}

/* With --insecure the engine goes on as if the chain were proved: it is not, and is not called so. */
static void say_proof(hf_steps *steps, const hf_step *step, hf_conn *conn)
{
    const hf_conn_info *info = hf_conn_info_of(conn);
    const char *words = proof_words(step);

    if (strcasecmp(step->name, "chain") == 0 && !step->at_server && info->peer_error != HF_OK)
        steps->say("      " HF_RED "NOT proved" HF_PLAIN " to the client: the chain: %s\n",
                   hf_error_row_of(info->peer_error)->sentence);
    else
        steps->say("      " HF_GREEN "proved" HF_PLAIN " to the %s: %s\n",
                   step->at_server ? "server" : "client", *words ? words : step->name);
    if (strcasecmp(step->name, "finished") == 0 && !step->at_server)
        hf_steps12_key_proof(steps, info);
}

static void say_message(hf_steps *steps, const hf_step *step, hf_conn *conn)
{
    const hf_conn_info *info = hf_conn_info_of(conn);
    const hf_suite *suite = hf_suite_of(step->cipher_suite);
    bool tls12 = is_tls12(steps, step, info);

    if (tls12)
        hf_steps12_announce(steps, step, info);
    if (steps->last_writer != (int)step->writer)
        steps->flights++;
    steps->last_writer = (int)step->writer;
    steps->say("%2u  %s  " HF_BOLD "%-19s" HF_PLAIN " %6zu byte%s  %s\n      ", ++steps->messages,
               step->writer == HF_CLIENT ? "client --> server" : "client <-- server",
               step->content_type == CONTENT_ALERT ? "Alert" : step->name, step->size,
               step->size == 1 ? " " : "s", step->epoch <= PLAIN ? "clear" : "encrypted");
    say_meaning(steps, step, conn);
    if (step->bytes)
        hf_steps_fields(steps->say, step->name,
                        &(hf_wire){ .version = step->version ? step->version : info->version,
                                    .writer = step->writer,
                                    .kx = suite ? suite->kx : HF_KX_TLS13 },
                        (hf_span){ step->bytes, step->size });
    if (tls12)
        hf_steps12_after(steps, step, info);
}

static void say_step(hf_steps *steps, const hf_step *step, hf_conn *conn)
{
    switch (step->kind) {
    case HF_TRACE_MESSAGE: say_message(steps, step, conn); break;
    case HF_TRACE_KEYS:
        steps->say("      keys: from here the %s writes under its %s keys%s\n", who(step->writer),
                   is_tls12(steps, step, hf_conn_info_of(conn)) ? "session" : step->name,
                   strcmp(step->name, "early") == 0 ? ": 0-RTT data" : "");
        break;
    case HF_TRACE_PROVED:
        say_proof(steps, step, conn);
        if (is_tls12(steps, step, hf_conn_info_of(conn)))
            hf_steps12_after(steps, step, hf_conn_info_of(conn));
        break;
    default: break;
    }
}

static bool is_chain_proof(const hf_step *step)
{
    return step->kind == HF_TRACE_PROVED && strcasecmp(step->name, "chain") == 0;
}

static bool is_certificate_for(const hf_step *step, const hf_step *proof)
{
    return step->kind == HF_TRACE_MESSAGE && strcmp(step->name, "Certificate") == 0 &&
           step->writer == (proof->at_server ? HF_CLIENT : HF_SERVER);
}

/* The engine tells of proofs once it waits for them; a chain is about the Certificate before, and stands below it if that is not
   said yet. */
static void chains_below_certificates(hf_steps *steps)
{
    for (size_t i = 1; i < steps->n; i++) {
        const hf_step proof = steps->queue[i];
        size_t at = is_chain_proof(&proof) ? i : 0;
        while (at > 0 && !is_certificate_for(&steps->queue[at - 1], &proof))
            at--;
        if (at == 0)
            continue;
        memmove(&steps->queue[at + 1], &steps->queue[at], (i - at) * sizeof proof);
        steps->queue[at] = proof;
    }
}

void hf_steps_flush(hf_steps *steps, hf_conn *conn)
{
    chains_below_certificates(steps);
    for (size_t i = 0; i < steps->n; i++) {
        say_step(steps, &steps->queue[i], conn);
        hf_free(steps->queue[i].bytes);
        steps->queue[i].bytes = NULL;
    }
    if (steps->lost > 0)
        steps->say("      … and %zu more\n", steps->lost);
    steps->n = steps->lost = 0;
}
