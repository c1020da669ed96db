/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows hs-*, cr-*, fin-* and eoed-* of alerts.tsv: the order of messages, and the short ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_both.h"

static const hf_msg CR = HF_MSG_CertificateRequest, NST = HF_MSG_NewSessionTicket;

/* ---- hs: any handshake message ---- */

static void type_of_12(hostile *h, int v)
{
    static const uint8_t types[] = { 0, 12, 14, 16, 21, 22 };

    hostile_go_to(h, v % 2 ? HOSTILE_PLACES13 - 1 : HOSTILE_PLACES13 - 2);
    hostile_send_type(h, types[v / 2], v / 2 == 1 || v / 2 > 2 ? S("something") : S(""));
}

/* A message that the peer did or will send, at the wrong time. */
static void out_of_order(hostile *h, int v)
{
    static const struct {
        hf_msg at, sent;
    } client[] = {
        { HF_MSG_EncryptedExtensions, HF_MSG_ServerHello },
        { HF_MSG_Certificate, HF_MSG_ServerHello },
        { HF_MSG_Certificate, HF_MSG_EncryptedExtensions },
        { HF_MSG_Certificate, HF_MSG_CertificateVerify },
        { HF_MSG_Certificate, HF_MSG_Finished },
        { HF_MSG_CertificateVerify, HF_MSG_Certificate },
        { HF_MSG_Finished, HF_MSG_CertificateVerify },
        { HF_MSG_Finished, HF_MSG_EncryptedExtensions },
        { HF_MSG_NONE, HF_MSG_Finished },
        { HF_MSG_NONE, HF_MSG_ServerHello },
        { HF_MSG_NONE, HF_MSG_Certificate },
    };
    static const struct {
        hf_msg at, sent;
    } server[] = {
        { HF_MSG_Finished, HF_MSG_ClientHello },
        { HF_MSG_NONE, HF_MSG_Finished },
        { HF_MSG_NONE, HF_MSG_ClientHello },
    };
    hf_msg at = h->victim == HF_CLIENT ? client[v].at : server[v % 3].at;
    hf_msg sent = h->victim == HF_CLIENT ? client[v].sent : server[v % 3].sent;

    hostile_say_again(h, at, sent);
}

static void wrong_role(hostile *h, int v)
{
    static const uint8_t of_server[] = { 2, 8, 13, 4 }, of_client[] = { 1, 16, 5 };

    hostile_go_to(h, v % HOSTILE_PLACES13);
    if (h->victim == HF_SERVER)
        hostile_send_type(h, of_server[v / HOSTILE_PLACES13], S("\0\0\0"));
    else
        hostile_send_type(h, of_client[v / HOSTILE_PLACES13 % 3],
                          v / HOSTILE_PLACES13 % 3 == 2 ? S("") : S("\0\0\0"));
}

static void too_long(hostile *h, int v)
{
    hostile_too_long(h, v, 24); /* KeyUpdate */
}

/* ---- cr: CertificateRequest ---- */

static void request(hostile *h, hf_span body)
{
    hostile_until(h, HF_MSG_Certificate, 0);
    hostile_send(h, CR, body);
}

static const char good_request[] = "\0\0\10\0\15\0\4\0\2\4\3";
#define GOOD_REQUEST S(good_request)

static void request_context(hostile *h, int v)
{
    request(h, v ? S("\3abc\0\10\0\15\0\4\0\2\4\3") : S("\1x\0\10\0\15\0\4\0\2\4\3"));
}

static void request_without_schemes(hostile *h, int v)
{
    request(h, v ? S("\0\0\10\0\62\0\4\0\2\4\3") : S("\0\0\0"));
}

static void request_schemes(hostile *h, int v)
{
    const hf_span bodies[] = { S("\0\0\6\0\15\0\2\0\0"),      S("\0\0\11\0\15\0\5\0\3\4\3\4"),
                               S("\0\0\10\0\15\0\4\0\3\4\3"), S("\0\0\10\0\15\0\4\0\1\4\3"),
                               S("\0\0\4\0\15\0\0"),          S("\0\0\11\0\15\0\4\0\2\4\3"),
                               S("\0\0\7\0\15\0\4\0\2\4\3"),  S("\0\0\10\0\15\0\4\0\2\4\3x") };

    request(h, bodies[v]);
}

static void request_out_of_order(hostile *h, int v)
{
    static const hf_msg at[] = { HF_MSG_Certificate, HF_MSG_CertificateVerify, HF_MSG_Finished,
                                 HF_MSG_EncryptedExtensions };

    hostile_until(h, at[v], 0);
    if (v == 0)
        hostile_send(h, CR, GOOD_REQUEST); /* the first is right */
    assert_null(hostile_failure(h));
    hostile_send(h, CR, GOOD_REQUEST);
}

static void request_extension(hostile *h, int v)
{
    const hf_span bodies[] = {
        S("\0\0\16\0\15\0\4\0\2\4\3\0\63\0\2\0\0"),
        S("\0\0\21\0\15\0\4\0\2\4\3\0\20\0\5\0\3\2h2"),
        S("\0\0\14\0\15\0\4\0\2\4\3\0\52\0\0"),
        S("\0\0\20\0\15\0\4\0\2\4\3\0\15\0\4\0\2\4\3"),
        S("\0\0\20\0\15\0\4\0\2\4\3\x12\x34\0\0\x12\x34\0\0"),
    };

    request(h, bodies[v]);
}

/* Puts a request into what the server says, transcript included. */
static void say_request(hostile *h, hf_msg msg, hostile_bytes *b)
{
    static const char message[] = "\15\0\0\26\0\0\23\x12\x34\0\2??\0\15\0\4\0\2\4\3\xda\xda\0\1x";

    (void)b;
    if (msg != HF_MSG_Certificate || h->self != HF_SERVER)
        return;
    hostile_said *said = &h->said[h->n_said++];
    said->msg = CR;
    said->epoch = HF_HANDSHAKE;
    hb_set(&said->bytes, S(message));
    hf_transcript_add(&h->p.end[HF_SERVER].conn->engine.hs->transcript, S(message));
}

static void ticket_with_unknown_extension(hostile *h, int v)
{
    hostile_connected(h);
    hostile_send(h, NST,
                 v ? S("\0\0\1\0abcd\1n\0\1t\0\4\x5a\x5a\0\0")
                   : S("\0\0\1\0abcd\1n\0\1t\0\6\x12\x34\0\2??"));
    assert_null(hostile_failure(h));
}

/* ---- fin: Finished ---- */

static void finished_length(hostile_bytes *b, int v)
{
    static const size_t lengths[] = { 0, 12, 31, 33, 48, 64, 65, 200 };

    hostile_resize(b, lengths[v]);
}

static void no_finished(hostile *h, int v)
{
    hostile_until(h, HF_MSG_Finished, 0);
    if (v == 0)
        hostile_give_data(h, "data");
    else if (v == 1)
        hostile_send(h, HF_MSG_KeyUpdate, S("\0"));
    else if (v == 2)
        hostile_send(h, HF_MSG_EncryptedExtensions, S("\0\0"));
    else
        hostile_send(h, NST, S("\0\0\1\0abcd\1n\0\1t\0\0"));
}

/* Straight after EncryptedExtensions, although no PSK was chosen. */
static void finished_at_once(hostile *h, int v)
{
    (void)v;
    hostile_until(h, HF_MSG_Certificate, 0);
    while (hostile_due(h)->msg != HF_MSG_Finished)
        hostile_skip(h);
    hostile_next(h);
}

/* ---- eoed ---- */

static void end_of_early_data(hostile *h, int v)
{
    hostile_go_to(h, v);
    hostile_send(h, HF_MSG_EndOfEarlyData, S(""));
}

static void end_of_refused_early_data(hostile *h, int v)
{
    (void)v;
    hostile_until(h, HF_MSG_Finished, 0);
    hostile_send(h, HF_MSG_EndOfEarlyData, S(""));
}

static const hostile_case cases[] = {
    RUN("hs-unknown-type", AT_BOTH, 27, hostile_unknown_message),
    RUN("hs-unknown-type", AT_BOTH, 3, hostile_unknown_message_long),
    RUN("hs-legacy-type-in-13", AT_BOTH, 12, type_of_12),
    RUN("hs-out-of-order", AT_BOTH, 11, out_of_order),
    RUN("hs-wrong-role", AT_BOTH, 12, wrong_role),
    RUN("hs-length-too-large", AT_BOTH, 6, too_long),
    EDIT("hs-truncated-body", AT_SERVER, 3, HF_MSG_ClientHello, 0, hostile_cut),
    EDIT("hs-truncated-body", AT_CLIENT, 3, HF_MSG_Certificate, 0, hostile_cut),
    EDIT("hs-trailing-bytes", AT_SERVER, 3, HF_MSG_ClientHello, 0, hostile_longer),
    EDIT("hs-trailing-bytes", AT_CLIENT, 3, HF_MSG_EncryptedExtensions, 0, hostile_longer),
    RUN("cr-context-nonempty", AT_CLIENT, 2, request_context),
    RUN("cr-no-sigalgs", AT_CLIENT, 2, request_without_schemes),
    RUN("cr-sigalgs-malformed", AT_CLIENT, 8, request_schemes),
    RUN("cr-out-of-order", AT_CLIENT, 3, request_out_of_order),
    REWRITE("cr-extension-unknown", AT_CLIENT, 1, say_request, .options = NULL),
    RUN("cr-extension-unknown", AT_CLIENT, 2, ticket_with_unknown_extension),
    RUN("cr-extension-not-allowed", AT_CLIENT, 5, request_extension),
    EDIT("fin-wrong", AT_BOTH, 256, HF_MSG_Finished, 0, hostile_flip),
    EDIT("fin-wrong-length", AT_BOTH, 8, HF_MSG_Finished, 0, finished_length),
    RUN("fin-missing", AT_BOTH, 4, no_finished),
    RUN("fin-missing", AT_CLIENT, 1, finished_at_once),
    RUN("eoed-unexpected", AT_SERVER, 3, end_of_early_data),
    WITH("eoed-unexpected", AT_SERVER, 1, end_of_refused_early_data,
         .rewrite = hostile_offer_early_data),
    RUN("eoed-at-client", AT_CLIENT, 3, end_of_early_data),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS13, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls13_messages", &rows, 700);
}
