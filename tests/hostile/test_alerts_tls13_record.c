/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows rec-* of alerts.tsv: bad records at both ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/hostile_both.h"

static const hf_span NONE = { NULL, 0 };

static hf_span text(const char *bytes)
{
    return hf_span_str(bytes);
}

static hf_span one(uint8_t value)
{
    static uint8_t byte;

    byte = value;
    return hf_span_of(&byte, 1);
}

/* ---- types, versions, lengths ---- */

static void unknown_type_plain(hostile *h, int v)
{
    static const uint8_t types[] = { 0, 19, 24, 25, 128, 255 };

    hostile_until_first(h);
    if (v < 6)
        hostile_plain(h, types[v], text("anything"));
    else
        hostile_raw(h, text(v == 6 ? "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                   : "\x80\x2e\1\3\1 an SSL 2.0 hello"));
}

/* What is due, but in the clear. */
static void handshake_in_the_clear(hostile *h, int v)
{
    static const hf_msg at[] = { HF_MSG_EncryptedExtensions, HF_MSG_Certificate, HF_MSG_Finished };

    if (v == 3) {
        hostile_connected(h);
        hostile_plain(h, HF_CT_HANDSHAKE, hf_span_of("\x18\0\0\1\0", 5)); /* KeyUpdate */
        return;
    }
    hostile_until(h, h->victim == HF_CLIENT ? at[v] : HF_MSG_Finished, 0);
    hostile_plain(h, HF_CT_HANDSHAKE, hb_span(&hostile_due(h)->bytes));
}

static void alert_in_the_clear(hostile *h, int v)
{
    if (v == 0 && h->victim == HF_CLIENT)
        hostile_until(h, HF_MSG_Certificate, 0);
    else
        hostile_connected(h);
    hostile_plain(h, HF_CT_ALERT, hf_span_of("\2\50", 2));
}

static void alert_of_a_client_without_keys(hostile *h, int v)
{
    (void)v;
    hostile_until(h, HF_MSG_Finished, 0);
    hostile_plain(h, HF_CT_ALERT, hf_span_of("\2\60", 2));
}

static void data_in_the_handshake(hostile *h, int v)
{
    static const hf_msg at[] = { HF_MSG_EncryptedExtensions, HF_MSG_Certificate,
                                 HF_MSG_CertificateVerify, HF_MSG_Finished };

    hostile_until(h, h->victim == HF_CLIENT ? at[v / 2] : HF_MSG_Finished, 0);
    hostile_record(h, HF_CT_APPLICATION_DATA, v % 2 ? text("data") : NONE);
}

static void plain_too_long(hostile *h, int v)
{
    static const size_t lengths[] = { 16385, 16640, 65535 };

    hostile_until_first(h);
    hostile_header_only(h, HF_CT_HANDSHAKE, lengths[v]);
}

static void ciphertext_too_long(hostile *h, int v)
{
    if (v == 0)
        hostile_until_protected(h);
    else
        hostile_connected(h);
    hostile_header_only(h, HF_CT_APPLICATION_DATA, v == 2 ? 65535 : 16641);
}

static const uint8_t zeroes[16500];

/* Content, padding. The first variant is the longest that is legal. */
static void inner_too_long(hostile *h, int v)
{
    static const size_t sizes[][2] = {
        { 16385, 0 }, { 16384, 1 }, { 16000, 385 }, { 16400, 200 }, { 0, 16385 }
    };
    hostile_bytes record = { 0 };

    hostile_longest_record(h, 16384);
    if (sizes[v][1] >
        16384) /* more padding than the record floor writes: content of zeroes is the same thing */
        hostile_seal(h, HF_APP, 0, hf_span_of(zeroes, 16385), 0, &record);
    else
        hostile_seal(h, HF_APP, HF_CT_APPLICATION_DATA, hf_span_of(zeroes, sizes[v][0]),
                     sizes[v][1], &record);
    hostile_raw(h, hb_span(&record));
    hb_free(&record);
}

static void over_the_size_limit(hostile *h, int v)
{
    static const size_t sizes[][2] = { { 64, 0 }, { 10, 54 }, { 0, 64 }, { 1000, 0 } };

    h->max_content = 63;
    hostile_longest_record(h, 63); /* the type counts: 64 */
    hostile_record_padded(h, HF_CT_APPLICATION_DATA, hf_span_of(zeroes, sizes[v][0]), sizes[v][1]);
}

static void foreign_version(hostile *h, int v)
{
    static const uint16_t versions[] = { 0x0200, 0x0002, 0xfefd, 0x0403 };

    hostile_until_first(h);
    hostile_plain_version(h, versions[v], HF_CT_HANDSHAKE, hb_span(&hostile_due(h)->bytes));
}

/* ---- protection ---- */

static void seal_due(hostile *h, hostile_bytes *record)
{
    hostile_seal(h, HF_HANDSHAKE, HF_CT_HANDSHAKE, hb_span(&hostile_due(h)->bytes), 0, record);
}

/* A bit flipped in the ciphertext, the tag or the header; a record lost. */
static void does_not_open(hostile *h, int v)
{
    enum { LOST = 5 };
    hostile_bytes record = { 0 };

    hostile_until_protected(h);
    seal_due(h, &record);
    const size_t at[] = { HF_RECORD_HEADER, record.len - 1, 2, HF_RECORD_HEADER + 3,
                          record.len - HF_AEAD_TAG };
    if (v == LOST)
        seal_due(h, &record);
    else
        record.data[at[v]] ^= (uint8_t)(1 << v);
    hostile_raw(h, hb_span(&record));
    hb_free(&record);
}

static void replayed(hostile *h, int v)
{
    hostile_bytes record = { 0 };

    (void)v;
    hostile_connected(h);
    hostile_seal(h, HF_APP, HF_CT_APPLICATION_DATA, NONE, 9, &record);
    hostile_raw(h, hb_span(&record));
    assert_null(hostile_failure(h));
    hostile_raw(h, hb_span(&record));
    hb_free(&record);
}

static void too_short(hostile *h, int v)
{
    static const size_t lengths[] = { 0, 1, 15, 16 };
    uint8_t record[5 + 16] = { HF_CT_APPLICATION_DATA, 3, 3, 0, (uint8_t)lengths[v % 4] };

    if (v < 4)
        hostile_until_protected(h);
    else
        hostile_connected(h);
    hostile_raw(h, hf_span_of(record, 5 + lengths[v % 4]));
}

static void only_zeroes(hostile *h, int v)
{
    static const size_t n[] = { 0, 1, 100, 16000 };

    if (v < 4)
        hostile_until_protected(h);
    else
        hostile_connected(h);
    hostile_record_padded(h, 0, NONE, n[v % 4]);
}

static void empty_protected(hostile *h, int v)
{
    if (v < 4)
        hostile_until_protected(h);
    else
        hostile_connected(h);
    hostile_record_padded(h, v % 2 ? HF_CT_ALERT : HF_CT_HANDSHAKE, NONE, v / 2 % 2 ? 20 : 0);
}

static void empty_plain(hostile *h, int v)
{
    hostile_until_first(h);
    hostile_plain(h, v ? HF_CT_ALERT : HF_CT_HANDSHAKE, NONE);
}

static void empty_data_flood(hostile *h, int v)
{
    hostile_connected(h);
    for (int i = 0; i < 32; i++)
        hostile_record_padded(h, HF_CT_APPLICATION_DATA, NONE, (size_t)v * 7);
    assert_null(hostile_failure(h));
    hostile_record(h, HF_CT_APPLICATION_DATA, NONE);
}

/* ---- messages and records ---- */

/* The first bytes of what is due, under its keys. */
static void part_of_due(hostile *h, size_t len)
{
    const hostile_said *due = hostile_due(h);

    hostile_record_under(h, due->epoch, HF_CT_HANDSHAKE, hf_span_of(due->bytes.data, len));
    assert_null(hostile_failure(h));
}

static void interleaved(hostile *h, int v)
{
    if (v < 3)
        hostile_until_protected(h);
    else
        hostile_until_first(h);
    part_of_due(h, v % 3 == 2 ? 2 : 20);
    if (v == 0)
        hostile_give_data(h, "in between");
    else if (v == 3)
        hostile_plain(h, HF_CT_APPLICATION_DATA, text("in between, and long enough"));
    else
        hostile_give_alert(h, 1, HF_ALERT_user_canceled);
}

/* After the handshake, where each alone would be legal. */
static void interleaved_later(hostile *h, int v)
{
    hostile_connected(h);
    hostile_record(h, HF_CT_HANDSHAKE, hf_span_of("\x18\0\0\1", v % 2 ? 4 : 1));
    hostile_interleave(h, v);
}

static void interleaved_ccs(hostile *h, int v)
{
    if (v == 0)
        hostile_until_protected(h);
    else
        hostile_until_first(h);
    part_of_due(h, 20);
    hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, one(1));
}

/* What is due and more bytes in one record: a whole message, or a part of one. */
static void with_more(hostile *h, int v)
{
    const hostile_said *due = hostile_due(h);
    hostile_bytes both = { 0 };

    hb_set(&both, hb_span(&due->bytes));
    hb_add(&both, v % 2 ? hf_span_of("\x18", 1) : hf_span_of("\x18\0\0\1\0", 5));
    h->delivered++;
    hostile_record_under(h, due->epoch, HF_CT_HANDSHAKE, hb_span(&both));
    hb_free(&both);
}

static void after_client_hello(hostile *h, int v)
{
    hostile_until(h, HF_MSG_ClientHello, v / 2 ? 1 : 0);
    with_more(h, v);
}

static void retry_if_second(pair_options *o, int v)
{
    if (v / 2)
        hostile_retry(o, v);
}

static void after_server_hello(hostile *h, int v)
{
    hostile_until(h, v / 2 ? HF_MSG_HelloRetryRequest : HF_MSG_ServerHello, 0);
    with_more(h, v);
}

static void after_finished(hostile *h, int v)
{
    hostile_until(h, HF_MSG_Finished, 0);
    with_more(h, v);
}

static void after_key_update(hostile *h, int v)
{
    static const char update[] = "\x18\0\0\1\0\x18\0\0\1\0";

    hostile_connected(h);
    hostile_record(h, HF_CT_HANDSHAKE, hf_span_of(update, v ? 6 : 10));
}

static void old_keys(hostile *h, int v)
{
    (void)v;
    hostile_connected(h);
    hostile_send(h, HF_MSG_KeyUpdate, one(0));
    hostile_give_data(h, "under the old keys");
}

static void new_keys(hostile *h, int v)
{
    (void)v;
    hostile_connected(h);
    hostile_next_keys(h);
    hostile_give_data(h, "under new keys");
}

/* ---- early data ---- */

static void early(hostile *h, size_t n, size_t len)
{
    while (n-- > 0)
        hostile_plain(h, HF_CT_APPLICATION_DATA, hf_span_of(zeroes, len));
}

static void early_skipped(hostile *h, int v)
{
    hostile_until(h, HF_MSG_Finished, 0);
    early(h, 3, v ? 16000 : 100);
    assert_null(hostile_failure(h));
}

static void early_skipped_after_retry(hostile *h, int v)
{
    hostile_until(h, HF_MSG_ClientHello, 1);
    early(h, 3, v ? 16000 : 100);
    assert_null(hostile_failure(h));
}

/* Up to the last byte nothing is wrong. The type and the tag in a record do not count, but none counts less than one byte. */
static void early_over_limit(hostile *h, int v)
{
    const size_t around = 1 + HF_AEAD_TAG, full = 16384, empty = v % 2 ? 100 : 0;
    size_t left = HF_EARLY_SKIP_MAX - empty;

    assert_int_equal(HF_EARLY_SKIP_MAX, (1024 + 64) * 1024);
    hostile_until(h, v < 2 ? HF_MSG_Finished : HF_MSG_ClientHello, v < 2 ? 0 : 1);
    early(h, left / full, full + around);
    if (left % full > 0)
        early(h, 1, left % full + around);
    early(h, empty, around);
    assert_null(hostile_failure(h));
    early(h, 1, v % 2 ? around : around + 1);
}

static void early_unoffered(hostile *h, int v)
{
    hostile_until(h, v < 2 ? HF_MSG_Finished : HF_MSG_ClientHello, v < 2 ? 0 : 1);
    early(h, 1, 100);
}

/* ---- the rows ---- */

static const hostile_case cases[] = {
    RUN("rec-unknown-type-plaintext", AT_BOTH, 8, unknown_type_plain),
    RUN("rec-unknown-type-protected", AT_BOTH, 10, hostile_unknown_record_protected),
    RUN("rec-outer-type-not-appdata", AT_BOTH, 4, handshake_in_the_clear),
    RUN("rec-plaintext-alert-after-keys", AT_BOTH, 2, alert_in_the_clear),
    WITH("rec-plaintext-alert-client-second-flight", AT_SERVER, 1, alert_of_a_client_without_keys,
         .check = hostile_check_alert_received),
    RUN("rec-appdata-before-keys", AT_BOTH, 2, hostile_data_before_keys),
    RUN("rec-appdata-during-handshake-13", AT_BOTH, 8, data_in_the_handshake),
    RUN("rec-plaintext-length-over-2-14", AT_BOTH, 3, plain_too_long),
    RUN("rec-ciphertext-length-over-13", AT_BOTH, 3, ciphertext_too_long),
    RUN("rec-inner-plaintext-over-13", AT_BOTH, 5, inner_too_long),
    WITH("rec-size-limit-exceeded", AT_BOTH, 4, over_the_size_limit, .options = hostile_limit_64),
    RUN("rec-version-odd-plaintext", AT_BOTH, 6, hostile_odd_version),
    RUN("rec-version-major-not-3", AT_BOTH, 4, foreign_version),
    RUN("rec-decrypt-failure", AT_BOTH, 6, does_not_open),
    RUN("rec-decrypt-failure", AT_BOTH, 1, replayed),
    RUN("rec-too-short", AT_BOTH, 8, too_short),
    RUN("rec-inner-all-zero", AT_BOTH, 8, only_zeroes),
    RUN("rec-zero-length-protected-13", AT_BOTH, 8, empty_protected),
    RUN("rec-zero-length-plain", AT_BOTH, 2, empty_plain),
    RUN("rec-empty-appdata-flood", AT_BOTH, 2, empty_data_flood),
    RUN("rec-handshake-interleaved-13", AT_BOTH, 6, interleaved),
    RUN("rec-handshake-interleaved-13", AT_BOTH, 6, interleaved_later),
    RUN("rec-handshake-interleaved-ccs-13", AT_BOTH, 2, interleaved_ccs),
    WITH("rec-key-change-not-aligned-clienthello", AT_SERVER, 4, after_client_hello,
         .options = retry_if_second),
    WITH("rec-key-change-not-aligned-serverhello", AT_CLIENT, 4, after_server_hello,
         .options = retry_if_second),
    RUN("rec-key-change-not-aligned-finished", AT_BOTH, 2, after_finished),
    RUN("rec-key-change-not-aligned-keyupdate", AT_BOTH, 2, after_key_update),
    RUN("rec-key-change-partial-message", AT_SERVER, 2, after_finished),
    RUN("rec-key-change-partial-message", AT_CLIENT, 2, after_server_hello),
    RUN("rec-old-keys-after-keyupdate", AT_BOTH, 1, old_keys),
    RUN("rec-new-keys-without-keyupdate", AT_BOTH, 1, new_keys),
    WITH("rec-early-data-undecryptable-skipped", AT_SERVER, 2, early_skipped,
         .rewrite = hostile_offer_early_data),
    WITH("rec-early-data-after-hrr-skipped", AT_SERVER, 2, early_skipped_after_retry,
         .options = hostile_retry, .rewrite = hostile_offer_early_data),
    WITH("rec-early-data-skip-over-limit", AT_SERVER, 4, early_over_limit,
         .options = retry_if_second, .rewrite = hostile_offer_early_data),
    WITH("rec-early-data-without-extension", AT_SERVER, 4, early_unoffered,
         .options = retry_if_second),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS13, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls13_record", &rows, 200);
}
