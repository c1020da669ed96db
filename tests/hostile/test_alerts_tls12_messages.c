/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows hs-*, cr-*, fin-*, hreq-* and ku-* of alerts.tsv in TLS 1.2: the order of messages, and the short ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_both.h"

static const hf_msg CR = HF_MSG_CertificateRequest, HREQ = HF_MSG_HelloRequest;

/* ---- hs: any handshake message ---- */

/* A message that the peer did or will send, at the wrong time. */
static void out_of_order(hostile *h, int v)
{
    static const struct {
        hf_msg at, sent;
    } client[] = {
        { HF_MSG_Certificate, HF_MSG_ServerHello },
        { HF_MSG_Certificate, HF_MSG_ServerKeyExchange },
        { HF_MSG_Certificate, HF_MSG_ServerHelloDone },
        { HF_MSG_ServerKeyExchange, HF_MSG_Certificate },
        { HF_MSG_ServerKeyExchange, HF_MSG_ServerHello },
        { HF_MSG_ServerHelloDone, HF_MSG_Certificate },
        { HF_MSG_ChangeCipherSpec, HF_MSG_ServerHelloDone },
        { HF_MSG_ChangeCipherSpec, HF_MSG_ServerHello },
        { HF_MSG_Finished, HF_MSG_ServerHelloDone },
        { HF_MSG_NONE, HF_MSG_Finished },
        { HF_MSG_NONE, HF_MSG_ServerHello },
    };
    static const struct {
        hf_msg at, sent;
    } server[] = {
        { HF_MSG_ClientKeyExchange, HF_MSG_ClientHello },
        { HF_MSG_ChangeCipherSpec, HF_MSG_ClientKeyExchange },
        { HF_MSG_Finished, HF_MSG_ClientKeyExchange },
        { HF_MSG_Finished, HF_MSG_ClientHello },
        { HF_MSG_NONE, HF_MSG_Finished },
        { HF_MSG_NONE, HF_MSG_ClientKeyExchange },
    };
    hf_msg at = h->victim == HF_CLIENT ? client[v].at : server[v % 6].at;
    hf_msg sent = h->victim == HF_CLIENT ? client[v].sent : server[v % 6].sent;

    hostile_say_again(h, at, sent);
}

/* TLS 1.3's messages too (EncryptedExtensions, EndOfEarlyData). */
static void wrong_role(hostile *h, int v)
{
    static const uint8_t of_server[] = { 2, 8, 13, 4, 12, 14 }, of_client[] = { 1, 16, 5 };

    hostile_go_to(h, v % HOSTILE_PLACES12);
    if (h->victim == HF_SERVER)
        hostile_send_type(h, of_server[v / HOSTILE_PLACES12],
                          v / HOSTILE_PLACES12 == 5 ? S("") : S("\0\0\0"));
    else
        hostile_send_type(h, of_client[v / HOSTILE_PLACES12 % 3],
                          v / HOSTILE_PLACES12 % 3 == 2 ? S("") : S("\0\0\0"));
}

static void too_long(hostile *h, int v)
{
    hostile_too_long(h, v, h->victim == HF_CLIENT ? 0 : 1); /* HelloRequest, ClientHello */
}

/* 32 of them are fine, and data between them starts the count again. */
static void flood(hostile *h, int v)
{
    (void)v;
    hostile_connected(h);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 32; i++)
            hostile_send(h, HREQ, S(""));
        assert_null(hostile_failure(h));
        if (round == 0)
            hostile_give_data(h, "x");
    }
    hostile_end(h)->n_data = 0;
    hostile_send(h, HREQ, S(""));
}

/* A client has nothing to flood a server with: none of these may come after a handshake, not even once. The second ClientHello is
   another row's, ch-renegotiation-repeated-12. */
static void flood_at_server(hostile *h, int v)
{
    static const hf_msg msgs[] = { HF_MSG_HelloRequest, HF_MSG_NewSessionTicket, HF_MSG_KeyUpdate };
    const hf_span bodies[] = { S(""), S("\0\0\1\0\0\1t"), S("\0") };

    hostile_connected(h);
    for (int i = 0; i < 33; i++)
        hostile_send(h, msgs[v], bodies[v]);
}

/* ---- cr: CertificateRequest: types, schemes, names ---- */

#define GOOD_REQUEST S("\1\100\0\2\4\3\0\0")

static void request(hostile *h, hf_span body)
{
    hostile_until(h, HF_MSG_ServerHelloDone, 0);
    hostile_send(h, CR, body);
}

static void request_malformed(hostile *h, int v)
{
    const hf_span bodies[] = {
        S("\1\100\0\0\0\0"),
        S("\1\100\0\3\4\3\4\0\0"),
        S("\1\100\0\4\4\3\0\0"),
        S("\1\100\0\1\4\3\0\0"),
        S("\0\0\2\4\3\0\0"),
        S("\5\100\0\2\4\3\0\0"),
        S("\1\100\0\2\4\3\0"),
        S("\1\100\0\2\4\3\0\3"),
        S("\1\100\0\2\4\3\0\2\0\0"),
        S("\1\100\0\2\4\3"),
        S("\1\100"),
        S("\1\100\0\2\4\3\0\0x"),
        S(""),
    };

    request(h, bodies[v]);
}

static void request_out_of_order(hostile *h, int v)
{
    static const hf_msg at[] = { HF_MSG_ServerHelloDone,   HF_MSG_Certificate,
                                 HF_MSG_ServerKeyExchange, HF_MSG_ChangeCipherSpec,
                                 HF_MSG_Finished,          HF_MSG_ServerHello };

    if (v == 6)
        hostile_connected(h);
    else
        hostile_until(h, at[v], 0);
    if (v == 0)
        hostile_send(h, CR, GOOD_REQUEST); /* the first is right */
    assert_null(hostile_failure(h));
    hostile_send(h, CR, GOOD_REQUEST);
}

/* The server showed no certificate: the request comes in its place, or it is skipped. */
static void request_without_certificate(hostile *h, int v)
{
    hostile_until(h, HF_MSG_Certificate, 0);
    hostile_skip(h);
    if (v)
        hostile_next(h);
    if (!hostile_failure(h))
        hostile_send(h, CR, GOOD_REQUEST);
}

/* ---- fin: Finished ---- */

static void finished_length(hostile_bytes *b, int v)
{
    static const size_t lengths[] = { 0, 1, 11, 13, 32, 36, 48, 200 };

    hostile_resize(b, lengths[v]);
}

static void no_finished(hostile *h, int v)
{
    static const hf_msg others[] = { HF_MSG_Certificate, HF_MSG_CertificateVerify, HF_MSG_KeyUpdate,
                                     HF_MSG_NewSessionTicket, HF_MSG_ServerHelloDone };

    hostile_until(h, HF_MSG_Finished, 0);
    if (v == 0)
        hostile_give_data(h, "data");
    else
        hostile_send(h, others[v - 1], v == 5 ? S("") : S("\0"));
}

/* The victim's own label over the right transcript. */
static void reflected(hostile *h, int v)
{
    const hf_engine *e = &hostile_conn(h)->engine;
    uint8_t hash[HF_HASH_MAX], verify_data[HF_VERIFY_DATA12];

    (void)v;
    hostile_until(h, HF_MSG_Finished, 0);
    assert_int_equal(hf_transcript_hash(&e->hs->transcript, hash), HF_OK);
    assert_int_equal(hf_verify_data12(&e->secrets, h->victim, hash, verify_data), HF_OK);
    hostile_send(h, HF_MSG_Finished, hf_span_of(verify_data, sizeof verify_data));
}

/* ---- ku, hreq ---- */

static void key_update(hostile *h, int v)
{
    hostile_go_to(h, v / 2);
    hostile_send(h, HF_MSG_KeyUpdate, v % 2 ? S("\1") : S("\0"));
}

/* In the transcript it would break Finished. */
static void request_in_handshake(hostile *h, int v)
{
    static const hf_msg at[] = { HF_MSG_ServerHello,       HF_MSG_Certificate,
                                 HF_MSG_ServerKeyExchange, HF_MSG_ServerHelloDone,
                                 HF_MSG_ChangeCipherSpec,  HF_MSG_Finished };

    hostile_until(h, at[v % 6], 0);
    for (int i = 0; i <= v / 6; i++)
        hostile_send(h, HREQ, S(""));
    assert_null(hostile_failure(h));
}

static void check_no_answer(hostile *h, int v)
{
    (void)v;
    hostile_assert_works(h);
    assert_int_equal(h->n_alerts, 0);
}

static void request_later(hostile *h, int v)
{
    hostile_connected(h);
    for (int i = 0; i <= v; i++)
        hostile_send(h, HREQ, S(""));
}

static void check_warned(hostile *h, int v)
{
    (void)v;
    assert_null(hostile_failure(h));
    assert_int_equal(h->n_alerts, 1);
    assert_int_equal(h->last_alert[0], 1);
    assert_int_equal(h->last_alert[1], HF_ALERT_no_renegotiation);
    hostile_assert_works(h);
}

static void request_full(hostile *h, int v)
{
    hostile_go_to(h, v % HOSTILE_PLACES12);
    hostile_send(h, HREQ, v / HOSTILE_PLACES12 ? S("what") : S("\0"));
}

#define AT(row, who, n, msg, function) EDIT(row, who, n, HF_MSG_##msg, 0, function)
#define MUTUAL(row, n, msg, function)                                                              \
    EDIT_WITH(row, AT_SERVER, n, HF_MSG_##msg, 0, function, .options = hostile_mutual)

static const hostile_case cases[] = {
    RUN("hs-unknown-type", AT_BOTH, 36, hostile_unknown_message),
    RUN("hs-unknown-type", AT_BOTH, 4, hostile_unknown_message_long),
    RUN("hs-out-of-order", AT_CLIENT, 11, out_of_order),
    RUN("hs-out-of-order", AT_SERVER, 6, out_of_order),
    RUN("hs-wrong-role", AT_CLIENT, 12, wrong_role),
    RUN("hs-wrong-role", AT_SERVER, 24, wrong_role),
    RUN("hs-length-too-large", AT_BOTH, 8, too_long),
    AT("hs-truncated-body", AT_SERVER, 3, ClientHello, hostile_cut),
    AT("hs-truncated-body", AT_SERVER, 3, ClientKeyExchange, hostile_cut),
    AT("hs-truncated-body", AT_CLIENT, 3, ServerHello, hostile_cut),
    AT("hs-truncated-body", AT_CLIENT, 3, Certificate, hostile_cut),
    AT("hs-truncated-body", AT_CLIENT, 3, ServerKeyExchange, hostile_cut),
    MUTUAL("hs-truncated-body", 3, Certificate, hostile_cut),
    MUTUAL("hs-truncated-body", 3, CertificateVerify, hostile_cut),
    AT("hs-trailing-bytes", AT_SERVER, 3, ClientHello, hostile_longer),
    AT("hs-trailing-bytes", AT_SERVER, 3, ClientKeyExchange, hostile_longer),
    AT("hs-trailing-bytes", AT_CLIENT, 3, ServerHello, hostile_longer),
    AT("hs-trailing-bytes", AT_CLIENT, 3, Certificate, hostile_longer),
    AT("hs-trailing-bytes", AT_CLIENT, 3, ServerKeyExchange, hostile_longer),
    AT("hs-trailing-bytes", AT_CLIENT, 3, ServerHelloDone, hostile_longer),
    MUTUAL("hs-trailing-bytes", 3, Certificate, hostile_longer),
    MUTUAL("hs-trailing-bytes", 3, CertificateVerify, hostile_longer),
    EDIT_WITH("hs-truncated-body", AT_CLIENT, 3, HF_MSG_NewSessionTicket, 0, hostile_cut,
              .sessions = true),
    EDIT_WITH("hs-trailing-bytes", AT_CLIENT, 3, HF_MSG_NewSessionTicket, 0, hostile_longer,
              .sessions = true),
    RUN("hs-message-flood-after-handshake", AT_CLIENT, 1, flood),
    RUN("hs-message-flood-after-handshake", AT_SERVER, 3, flood_at_server),
    RUN("cr-sigalgs-malformed", AT_CLIENT, 13, request_malformed),
    RUN("cr-out-of-order", AT_CLIENT, 7, request_out_of_order),
    RUN("cr-out-of-order", AT_CLIENT, 2, request_without_certificate),
    AT("fin-wrong", AT_BOTH, 96, Finished, hostile_flip),
    RUN("fin-wrong", AT_BOTH, 1, reflected),
    AT("fin-wrong-length", AT_BOTH, 8, Finished, finished_length),
    RUN("fin-missing", AT_BOTH, 6, no_finished),
    EDIT_WITH("fin-wrong", AT_BOTH, 96, HF_MSG_Finished, 0, hostile_flip, .resumes = true),
    WITH("fin-wrong", AT_BOTH, 1, reflected, .resumes = true),
    EDIT_WITH("fin-wrong-length", AT_BOTH, 8, HF_MSG_Finished, 0, finished_length, .resumes = true),
    WITH("fin-missing", AT_BOTH, 6, no_finished, .resumes = true),
    RUN("ku-in-12", AT_BOTH, 8, key_update),
    WITH("hreq-in-handshake", AT_CLIENT, 18, request_in_handshake, .check = check_no_answer),
    WITH("hreq-after-handshake", AT_CLIENT, 3, request_later, .check = check_warned),
    RUN("hreq-nonempty", AT_CLIENT, 8, request_full),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS12, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls12_messages", &rows, 800);
}
