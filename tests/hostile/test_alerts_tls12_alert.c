/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows ccs12-* and alert-* of alerts.tsv in TLS 1.2: ChangeCipherSpec and alerts, bad and good, at both ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_rows.h"

enum { FIRST, IN_FLIGHT, PROTECTED, CONNECTED, N_PLACES };

/* The victim waits for the first message; for one in the clear; for Finished; it is connected. */
static void go_to(hostile *h, int place)
{
    if (place == FIRST)
        hostile_until(h, h->victim == HF_CLIENT ? HF_MSG_ServerHello : HF_MSG_ClientHello, 0);
    else if (place == IN_FLIGHT)
        hostile_until(h, h->victim == HF_CLIENT ? HF_MSG_Certificate : HF_MSG_ClientKeyExchange, 0);
    else if (place == PROTECTED)
        hostile_until_protected(h);
    else
        hostile_connected(h);
}

/* ---- ChangeCipherSpec ---- */

static void ccs_early(hostile *h, int v)
{
    static const hf_msg at[] = { HF_MSG_ServerHello, HF_MSG_Certificate, HF_MSG_ServerKeyExchange,
                                 HF_MSG_ServerHelloDone };

    if (h->victim == HF_CLIENT)
        hostile_until(h, at[v], 0);
    else
        hostile_until(h, v % 2 ? HF_MSG_ClientHello : HF_MSG_ClientKeyExchange, 0);
    hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, S("\1"));
}

static void client_shows_certificate(pair_options *o, int v)
{
    (void)v;
    o->client_auth = HF_CLIENT_AUTH_REQUIRE;
    o->client_identity = true;
}

static void ccs_before_verify(hostile *h, int v)
{
    static const hf_msg at[] = { HF_MSG_CertificateVerify, HF_MSG_Certificate,
                                 HF_MSG_ClientKeyExchange };

    hostile_until(h, at[v], 0);
    hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, S("\1"));
}

static void ccs_missing(hostile *h, int v)
{
    (void)v;
    hostile_until(h, HF_MSG_ChangeCipherSpec, 0);
    hostile_skip(h);
    hostile_plain(h, HF_CT_HANDSHAKE, hb_span(&hostile_due(h)->bytes));
}

/* Once more in the clear or under the keys that the first announced. */
static void ccs_duplicate(hostile *h, int v)
{
    if (v < 2)
        hostile_until_protected(h);
    else
        hostile_connected(h);
    if (v % 2)
        hostile_record(h, HF_CT_CHANGE_CIPHER_SPEC, S("\1"));
    else
        hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, S("\1"));
}

static void ccs_value(hostile *h, int v)
{
    const hf_span values[] = { S("\0"), S("\2"), S("\xff"), S("\x81") };

    hostile_until(h, HF_MSG_ChangeCipherSpec, 0);
    hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, values[v]);
}

static void ccs_length(hostile *h, int v)
{
    const hf_span contents[] = { S(""), S("\1\1"), S("\1\0"), S("\1\1\1\1") };

    hostile_until(h, HF_MSG_ChangeCipherSpec, 0);
    hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, contents[v]);
}

/* ---- alerts ---- */

static void alert_length(hostile *h, int v)
{
    static const size_t lengths[] = { 1, 3, 4 };

    go_to(h, v / 3);
    hostile_record(h, HF_CT_ALERT, hf_span_of("\1\132\2\50", lengths[v % 3]));
}

static void alert_at(hostile *h, int place, int level, int description)
{
    go_to(h, place);
    hostile_give_alert(h, level, description);
    if (place == CONNECTED)
        hostile_give_data(h, "after the end");
}

static void alert_fatal(hostile *h, int v)
{
    static const uint8_t known[] = { 10, 20, 22, 40, 42, 43,  44,  45,  46,  47,  48,  49, 50,
                                     51, 70, 71, 80, 86, 100, 109, 110, 112, 113, 115, 120 };

    alert_at(h, v % N_PLACES, 2, known[v / N_PLACES]);
}

/* A level is fatal in TLS 1.2 whatever the description says, known or not (RFC 5246 7.2). */
static void alert_fatal_other(hostile *h, int v)
{
    static const uint8_t others[] = { 90, 1, 200, 255 };

    alert_at(h, v % 3 + 1, 2, others[v / 3]);
}

static void alert_level(hostile *h, int v)
{
    static const uint8_t levels[] = { 0, 3, 255 };

    alert_at(h, v % N_PLACES, levels[v / N_PLACES], HF_ALERT_handshake_failure);
}

static void check_level(hostile *h, int v)
{
    (void)v;
    assert_non_null(hostile_failure(h));
    assert_int_equal(hostile_failure(h)->code, HF_E_ALERT_LEVEL);
    assert_int_equal(hostile_failure(h)->blame, HF_BLAME_PEER);
    hostile_assert_alert(h, HF_ALERT_illegal_parameter);
    hostile_assert_dead(h, 0);
}

/* unrecognized_name, no_renegotiation, an error, numbers that mean nothing. */
static void alert_warning(hostile *h, int v)
{
    static const uint8_t descriptions[] = { 112, 100, 40, 41, 1, 200, 255 };

    go_to(h, v % N_PLACES);
    hostile_give_alert(h, 1, descriptions[v / N_PLACES]);
}

static void alert_flood(hostile *h, int v)
{
    go_to(h, v / 2);
    for (int i = 0; i < 4; i++)
        hostile_give_alert(h, 1, v % 2 ? HF_ALERT_unrecognized_name : HF_ALERT_user_canceled);
    assert_null(hostile_failure(h));
    hostile_give_alert(h, 1, HF_ALERT_user_canceled);
}

static void user_canceled(hostile *h, int v)
{
    go_to(h, v);
    hostile_give_alert(h, 1, HF_ALERT_user_canceled);
}

static void close_connected(hostile *h, int v)
{
    hostile_connected(h);
    hostile_give_alert(h, v ? 2 : 1, HF_ALERT_close_notify);
}

/* Both directions at once (RFC 5246 7.2.1): ours was answered, and nothing can be sent. */
static void check_closed(hostile *h, int v)
{
    hf_iovec iov = { "x", 1 };

    (void)v;
    assert_null(hostile_failure(h));
    assert_true(hostile_end(h)->closed);
    assert_true(h->p.end[h->self].closed);
    assert_int_equal(hostile_end(h)->n_data, 0);
    assert_int_equal(hf_conn_data_in(hostile_conn(h), &iov, 1), 0);
    assert_int_equal(hf_conn_wants(hostile_conn(h), NULL), 0);
    hostile_eof(h);
    assert_null(hostile_failure(h));
}

static void close_in_the_handshake(hostile *h, int v)
{
    go_to(h, v);
    hostile_give_alert(h, 1, HF_ALERT_close_notify);
}

static void check_incomplete(hostile *h, int v)
{
    hostile_check_silent(h, v);
    assert_false(hostile_end(h)->closed);
    assert_int_equal(hostile_failure(h)->code, HF_E_CLOSED_IN_HANDSHAKE);
}

static void data_after_close(hostile *h, int v)
{
    close_connected(h, 0);
    if (v == 0)
        hostile_give_data(h, "late");
    else
        hostile_raw(h, hf_span_of("\x17\3\3\0\1x\x16\3\3\0\0", v == 1 ? 6 : 11));
}

/* At the record's edge, and within a record. */
static void end_without_close(hostile *h, int v)
{
    hostile_connected(h);
    if (v)
        hostile_raw(h, S("\x17\3\3\0\x40 half a record"));
    hostile_eof(h);
}

static void check_truncated(hostile *h, int v)
{
    hostile_check_silent(h, v);
    assert_false(hostile_end(h)->closed);
    assert_int_equal(hostile_failure(h)->code, HF_E_TRUNCATED_STREAM);
}

/* ---- the rows ---- */

static const hostile_case cases[] = {
    RUN("ccs12-early", AT_BOTH, 4, ccs_early),
    WITH("ccs12-early", AT_SERVER, 3, ccs_before_verify, .options = client_shows_certificate),
    RUN("ccs12-missing", AT_BOTH, 1, ccs_missing),
    WITH("ccs12-missing", AT_BOTH, 1, ccs_missing, .resumes = true),
    RUN("ccs12-duplicate", AT_BOTH, 4, ccs_duplicate),
    WITH("ccs12-duplicate", AT_BOTH, 4, ccs_duplicate, .resumes = true),
    RUN("ccs12-wrong-value", AT_BOTH, 4, ccs_value),
    RUN("ccs12-wrong-length", AT_BOTH, 4, ccs_length),
    RUN("alert-wrong-length", AT_BOTH, 12, alert_length),
    WITH("alert-fatal-received", AT_BOTH, 100, alert_fatal, .check = hostile_check_alert_received),
    WITH("alert-fatal-received", AT_BOTH, 12, alert_fatal_other,
         .check = hostile_check_alert_received),
    WITH("alert-level-invalid-12", AT_BOTH, 12, alert_level, .check = check_level),
    RUN("alert-warning-unknown-12", AT_BOTH, 28, alert_warning),
    RUN("alert-warning-flood", AT_BOTH, 8, alert_flood),
    RUN("alert-user-canceled", AT_BOTH, 4, user_canceled),
    WITH("alert-close-notify-12", AT_BOTH, 2, close_connected, .check = check_closed),
    WITH("alert-close-notify-in-handshake", AT_BOTH, 3, close_in_the_handshake,
         .check = check_incomplete),
    WITH("alert-data-after-close-notify", AT_BOTH, 3, data_after_close, .check = check_closed),
    WITH("alert-eof-without-close-notify", AT_BOTH, 2, end_without_close, .check = check_truncated),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS12, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls12_alert", &rows, 700);
}
