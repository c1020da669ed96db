/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The rows of alerts.tsv about 0-RTT that a server takes, and about what a client puts up with that
 * offers some. Early data that is refused is test_alerts_tls13_early_refused.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_rows.h"

static const hf_msg SH = HF_MSG_ServerHello, EE = HF_MSG_EncryptedExtensions,
                    EOED = HF_MSG_EndOfEarlyData;

static const uint8_t zeroes[16384];

static hf_span bytes(size_t len)
{
    return hf_span_of(zeroes, len);
}

/* ---- early data that is taken ---- */

static void over_limit(hostile *h, int v)
{
    hostile_until(h, EOED, 0);
    if (v == 0)
        hostile_give_early(h, bytes(HOSTILE_EARLY));
    for (int i = 0; v == 1 && i < 10; i++)
        hostile_record_padded(h, HF_CT_APPLICATION_DATA, bytes(HOSTILE_EARLY / 10), 1000);
    assert_null(hostile_failure(h));
    assert_int_equal(hostile_end(h)->n_early, v < 2 ? HOSTILE_EARLY : 0);
    hostile_end(h)->n_data = 0;
    hostile_give_early(h, bytes(v < 2 ? 1 : v == 2 ? HOSTILE_EARLY + 1 : 16384));
}

static void does_not_open(hostile *h, int v)
{
    enum { LOST = 3 };
    hostile_bytes record = { 0 };

    hostile_until(h, EOED, 0);
    hostile_seal(h, HF_EARLY, HF_CT_APPLICATION_DATA, bytes(50), 0, &record);
    const size_t at[] = { HF_RECORD_HEADER, record.len - 1, record.len - HF_AEAD_TAG };
    if (v == LOST)
        hostile_seal(h, HF_EARLY, HF_CT_APPLICATION_DATA, bytes(50), 0, &record);
    else
        record.data[at[v]] ^= 1;
    hostile_raw(h, hb_span(&record));
    hb_free(&record);
}

static void other_message(hostile *h, int v)
{
    static const hf_msg sent[] = { HF_MSG_Finished,           HF_MSG_ClientHello,
                                   HF_MSG_Certificate,        HF_MSG_CertificateVerify,
                                   HF_MSG_KeyUpdate,          HF_MSG_NewSessionTicket,
                                   HF_MSG_EncryptedExtensions };

    hostile_until(h, EOED, 0);
    hostile_send(h, sent[v], sent[v] == HF_MSG_KeyUpdate ? S("\0") : S("\0\0\0\0"));
}

static void handshake_keys_at_once(hostile *h, int v)
{
    hostile_until(h, EOED, 0);
    if (v == 1)
        hostile_give_early(h, bytes(10));
    hostile_end(h)->n_data = 0;
    hostile_skip(h);
    if (v == 2)
        hostile_record_under(h, HF_HANDSHAKE, HF_CT_ALERT, S("\1\0"));
    else
        hostile_next(h);
}

static void early_keys_too_long(hostile *h, int v)
{
    hostile_until(h, EOED, 0);
    hostile_next(h);
    assert_null(hostile_failure(h));
    if (v == 0)
        hostile_give_early(h, bytes(10));
    else
        hostile_record_under(h, HF_EARLY, HF_CT_HANDSHAKE, hb_span(&hostile_due(h)->bytes));
}

static void end_with_body(hostile_bytes *b, int v)
{
    hb_add(b, bytes(v ? 1000 : 1));
}

static void end_again(hostile *h, int v)
{
    hostile_until(h, EOED, 0);
    hostile_next(h);
    if (v)
        hostile_connected(h);
    hostile_send(h, EOED, S(""));
}

/* Whole messages or a part of one behind it. */
static void end_and_more(hostile *h, int v)
{
    hostile_until(h, EOED, 0);
    hostile_skip(h);
    hostile_record_under(h, HF_EARLY, HF_CT_HANDSHAKE,
                         v ? S("\5\0\0\0\x14") : S("\5\0\0\0\5\0\0\0"));
}

static void data_in_the_end(hostile *h, int v)
{
    hostile_until(h, EOED, 0);
    hostile_record_under(h, HF_EARLY, HF_CT_HANDSHAKE, hf_span_of("\5\0\0\0", v ? 3 : 1));
    assert_null(hostile_failure(h));
    hostile_give_early(h, bytes(10));
}

static void end_in_the_clear(hostile *h, int v)
{
    (void)v;
    hostile_until(h, EOED, 0);
    hostile_plain(h, HF_CT_HANDSHAKE, S("\5\0\0\0"));
}

/* A client in compatibility mode may change ciphers between its early data. */
static void ccs_between(hostile *h, int v)
{
    hostile_until(h, EOED, 0);
    hostile_give_early(h, bytes(50));
    hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, S("\1"));
    hostile_give_early(h, bytes(50));
    if (v)
        hostile_next(h);
    hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, S("\1"));
    assert_int_equal(hostile_end(h)->n_early, 100);
}

static void empty_flood(hostile *h, int v)
{
    hostile_until(h, EOED, 0);
    for (int i = 0; i < 32; i++)
        hostile_record_padded(h, HF_CT_APPLICATION_DATA, bytes(0), (size_t)v * 7);
    assert_null(hostile_failure(h));
    hostile_give_early(h, bytes(0));
}

/* ---- a server's answers to early data ---- */

static void early_alpn(pair_options *o, int v)
{
    hostile_early(o, v);
    hostile_alpn(o, v);
}

static void early_retry(pair_options *o, int v)
{
    hostile_early(o, v);
    hostile_retry(o, v);
}

static void speak_12(hostile_bytes *b, int v)
{
    (void)v;
    hb_extension_remove(b, SH, VERSIONS);
    hb_extension_remove(b, SH, KEY_SHARE);
    hb_extension_remove(b, SH, PSK);
}

static void say_early(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg == EE)
        hb_extension_put(b, EE, EARLY_DATA, S(""));
}

/* The server knows the ticket no more; a key that stands behind it, or none at all. */
static void second_or_none(pair_options *o, int v)
{
    for (int i = 0; i < 2; i++)
        assert_int_equal(hf_sessions_rotate(hostile_sessions()), HF_OK);
    if (v == 0)
        hostile_psk(o, v);
}

/* The client believes that its ticket is of another suite or protocol than the server knows. */
static void misled(pair_options *o, int v)
{
    static uint8_t again[HF_SESSION_MAX];
    hf_session s;
    hf_span session;

    assert_int_equal(hf_session_read(o->session, &s), HF_OK);
    if (v == 0)
        s.cipher_suite = 0x1303;
    else
        s.alpn = v == 1 ? S("http/1.1") : S("");
    hf_builder b = hf_wr_start(again, sizeof again);
    hf_session_write(&b, &s);
    assert_int_equal(hf_wr_finish(&b, &session), HF_OK);
    o->session = session;
}

static void accept_early(hostile_bytes *b, int v)
{
    (void)v;
    hb_extension_put(b, EE, EARLY_DATA, S(""));
}

static void accept_with_data(hostile_bytes *b, int v)
{
    hb_extension_put(b, EE, EARLY_DATA, v ? S("\0\0\1\0") : S("\0"));
}

/* ---- the rows ---- */

#define TAKEN(row, n, function, ...)                                                               \
    WITH(row, AT_SERVER, n, function, .resumes = true, .options = hostile_early, __VA_ARGS__)
#define AT_EE(row, n, function, ...)                                                               \
    EDIT_WITH(row, AT_CLIENT, n, HF_MSG_EncryptedExtensions, 0, function, .resumes = true,         \
              __VA_ARGS__)

static const hostile_case cases[] = {
    TAKEN("rec-early-data-accepted-over-limit", 4, over_limit, .alone = false),
    TAKEN("rec-early-data-accepted-bad-tag", 4, does_not_open, .alone = false),
    TAKEN("rec-early-data-inner-handshake", 7, other_message, .alone = false),
    TAKEN("rec-early-data-then-handshake-keys", 3, handshake_keys_at_once, .alone = false),
    TAKEN("rec-decrypt-failure", 2, early_keys_too_long, .alone = false),
    EDIT_WITH("eoed-nonempty", AT_SERVER, 2, HF_MSG_EndOfEarlyData, 0, end_with_body,
              .resumes = true, .options = hostile_early),
    TAKEN("eoed-unexpected", 2, end_again, .alone = false),
    TAKEN("rec-key-change-not-aligned-clienthello", 2, end_and_more, .alone = false),
    TAKEN("rec-handshake-interleaved-13", 2, data_in_the_end, .alone = false),
    TAKEN("rec-outer-type-not-appdata", 1, end_in_the_clear, .alone = false),
    TAKEN("rec-empty-appdata-flood", 2, empty_flood, .alone = false),
    TAKEN("ccs13-valid-dropped", 2, ccs_between, .check = hostile_check_early),

    EDIT_WITH("sh-12-after-early-data", AT_CLIENT, 1, HF_MSG_ServerHello, 0, speak_12,
              .resumes = true, .options = hostile_early, .code = HF_E_EARLY_DATA_VERSION),
    REWRITE("ee-early-data-not-first-psk", AT_CLIENT, 2, say_early, .resumes = true,
            .code = HF_E_EARLY_DATA_NOT_FIRST, .options = hostile_early, .before = second_or_none),
    WITH("ee-early-data-param-mismatch", AT_CLIENT, 3, hostile_deliver_all, .resumes = true,
         .code = HF_E_EARLY_DATA_CHANGED, .options = early_alpn, .before = misled),
    AT_EE("ee-unsolicited", 1, accept_early, .alone = false),
    AT_EE("ee-unsolicited", 1, accept_early, .options = early_retry),
    AT_EE("ee-malformed", 2, accept_with_data, .options = hostile_early),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS13, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls13_early", &rows, 75);
}
