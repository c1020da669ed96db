/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows ccs13-* and alert-* of alerts.tsv: change_cipher_spec and alerts, bad and good, at both ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/hostile_rows.h"

static hf_span one(uint8_t value)
{
    static uint8_t byte;

    byte = value;
    return hf_span_of(&byte, 1);
}

/* The victim waits for the first message of the peer. */
static void until_first(hostile *h)
{
    hostile_until(h, h->victim == HF_CLIENT ? HF_MSG_ServerHello : HF_MSG_ClientHello, 0);
}

/* ---- change_cipher_spec ---- */

static void ccs_dropped(hostile *h, int v)
{
    static const hf_msg at[] = { HF_MSG_ServerHello, HF_MSG_EncryptedExtensions, HF_MSG_Certificate,
                                 HF_MSG_Finished };

    hostile_until(h, h->victim == HF_CLIENT ? at[v] : HF_MSG_Finished, 0);
    for (int i = 0; i < 3; i++) /* the good peer sends one of its own */
        hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, one(1));
    assert_null(hostile_failure(h));
}

static void ccs_dropped_later(hostile *h, int v)
{
    ccs_dropped(h, v + 1);
}

static void ccs_dropped_after_retry(hostile *h, int v)
{
    (void)v;
    hostile_until(h, h->victim == HF_CLIENT ? HF_MSG_ServerHello : HF_MSG_ClientHello,
                  h->victim == HF_CLIENT ? 0 : 1);
    hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, one(1));
    assert_null(hostile_failure(h));
}

static void ccs_content(hostile *h, int v)
{
    static const struct {
        size_t len;
        char bytes[3];
    } contents[] = {
        { 1, "\0" }, { 1, "\2" }, { 1, "\xff" }, { 2, "\1\1" }, { 2, "\1\0" }, { 0, "" },
    };

    if (v < 6)
        hostile_until_protected(h);
    else
        until_first(h);
    hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC,
                  hf_span_of(contents[v % 6].bytes, contents[v % 6].len));
}

static void ccs_protected(hostile *h, int v)
{
    if (v < 2)
        hostile_until_protected(h);
    else
        hostile_connected(h);
    hostile_record(h, HF_CT_CHANGE_CIPHER_SPEC, one((uint8_t)(v % 2)));
}

static void ccs_first(hostile *h, int v)
{
    (void)v;
    hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, one(1));
}

static void ccs_after_finished(hostile *h, int v)
{
    (void)v;
    hostile_connected(h);
    hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, one(1));
}

static void ccs_flood(hostile *h, int v)
{
    (void)v;
    hostile_until_protected(h);
    for (int i = 0; i < 3; i++)
        hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, one(1));
    assert_null(hostile_failure(h));
    hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, one(1));
}

/* ---- alerts ---- */

static void alert_length(hostile *h, int v)
{
    static const size_t lengths[] = { 1, 3, 4 };

    if (v < 3)
        until_first(h);
    else if (v < 6)
        hostile_until_protected(h);
    else
        hostile_connected(h);
    hostile_record(h, HF_CT_ALERT, hf_span_of("\1\132\2\50", lengths[v % 3]));
}

/* In the clear, in the handshake, after it. */
static void alert_at(hostile *h, int place, int level, int description)
{
    if (place == 0)
        until_first(h);
    else if (place == 1)
        hostile_until_protected(h);
    else
        hostile_connected(h);
    hostile_give_alert(h, level, description);
    if (place == 2)
        hostile_give_data(h, "after the end");
}

static void alert_fatal(hostile *h, int v)
{
    static const uint8_t known[] = { 10, 20, 22, 40, 42, 43,  44,  45,  46,  47,  48,  49,  50,
                                     51, 70, 71, 80, 86, 109, 110, 112, 113, 115, 116, 117, 120 };

    alert_at(h, v % 3, 2, known[v / 3]);
}

static void unknown_at(hostile *h, int place, int v)
{
    static const uint8_t unknown[] = { 1, 99, 100, 200, 255 };

    alert_at(h, place, v % 2 + 1, unknown[v / 2]);
}

static void level_at(hostile *h, int place, int v)
{
    static const uint8_t levels[] = { 1, 0, 3, 255 };

    alert_at(h, place, levels[v], HF_ALERT_handshake_failure);
}

/* Before a ServerHello it may still be TLS 1.2, where levels and warnings mean something. */
static void unknown_first(hostile *h, int v)
{
    unknown_at(h, 0, v);
}

static void unknown_later(hostile *h, int v)
{
    unknown_at(h, v % 2 + 1, v / 2);
}

static void level_first(hostile *h, int v)
{
    level_at(h, 0, v);
}

static void level_later(hostile *h, int v)
{
    level_at(h, v % 2 + 1, v / 2);
}

static void alert_flood(hostile *h, int v)
{
    if (v == 0)
        hostile_until_protected(h);
    else
        hostile_connected(h);
    for (int i = 0; i < 4; i++)
        hostile_give_alert(h, 1, HF_ALERT_user_canceled);
    assert_null(hostile_failure(h));
    hostile_give_alert(h, 1, HF_ALERT_user_canceled);
}

static void user_canceled(hostile *h, int v)
{
    if (v == 0)
        until_first(h);
    else if (v == 1)
        hostile_until_protected(h);
    else
        hostile_connected(h);
    hostile_give_alert(h, v == 2 ? 2 : 1, HF_ALERT_user_canceled);
}

static void close_connected(hostile *h, int v)
{
    hostile_connected(h);
    hostile_give_alert(h, v ? 2 : 1, HF_ALERT_close_notify); /* the level is not used */
}

static void check_closed(hostile *h, int v)
{
    (void)v;
    assert_null(hostile_failure(h));
    assert_true(hostile_end(h)->closed);
    assert_int_equal(hostile_end(h)->n_data, 0);
    assert_int_equal(hostile_say(h, hf_span_str("still open")), 10);
    assert_int_equal(h->p.end[h->self].n_data, 10);
    hostile_eof(h);
    assert_null(hostile_failure(h));
}

static void close_in_the_handshake(hostile *h, int v)
{
    if (v == 0)
        until_first(h);
    else
        hostile_until_protected(h);
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

static void end_without_close(hostile *h, int v)
{
    (void)v;
    hostile_connected(h);
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
    /* before ServerHello it may still be TLS 1.2's, which is early there */
    WITH("ccs13-valid-dropped", AT_BOTH, 4, ccs_dropped, .alone = true),
    RUN("ccs13-valid-dropped", AT_BOTH, 3, ccs_dropped_later),
    WITH("ccs13-valid-dropped", AT_BOTH, 1, ccs_dropped_after_retry, .options = hostile_retry),
    RUN("ccs13-wrong-content", AT_BOTH, 12, ccs_content),
    RUN("ccs13-protected", AT_BOTH, 4, ccs_protected),
    RUN("ccs13-before-clienthello", AT_SERVER, 1, ccs_first),
    RUN("ccs13-after-finished", AT_BOTH, 1, ccs_after_finished),
    RUN("ccs13-flood", AT_BOTH, 1, ccs_flood),
    RUN("alert-wrong-length", AT_BOTH, 9, alert_length),
    WITH("alert-fatal-received", AT_BOTH, 78, alert_fatal, .check = hostile_check_alert_received),
    WITH("alert-unknown-description-13", AT_BOTH, 10, unknown_first,
         .check = hostile_check_alert_received, .alone = true),
    WITH("alert-unknown-description-13", AT_BOTH, 20, unknown_later,
         .check = hostile_check_alert_received),
    WITH("alert-level-unused-13", AT_BOTH, 4, level_first, .check = hostile_check_alert_received,
         .alone = true),
    WITH("alert-level-unused-13", AT_BOTH, 8, level_later, .check = hostile_check_alert_received),
    RUN("alert-warning-flood", AT_BOTH, 2, alert_flood),
    RUN("alert-user-canceled", AT_BOTH, 3, user_canceled),
    WITH("alert-close-notify-13", AT_BOTH, 2, close_connected, .check = check_closed),
    WITH("alert-close-notify-in-handshake", AT_BOTH, 2, close_in_the_handshake,
         .check = check_incomplete),
    WITH("alert-data-after-close-notify", AT_BOTH, 3, data_after_close, .check = check_closed),
    WITH("alert-eof-without-close-notify", AT_BOTH, 1, end_without_close, .check = check_truncated),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS13, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls13_alert", &rows, 300);
}
