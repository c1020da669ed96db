/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows rec-* of alerts.tsv in TLS 1.2: records that no honest peer writes, at both ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_both.h"

static const hf_span NONE = { NULL, 0 };
static const uint8_t zeroes[16500];

static hf_span text(const char *bytes)
{
    return hf_span_str(bytes);
}

/* The victim waits for the first message that follows ServerHello. */
static void until_second(hostile *h)
{
    hostile_until(h, h->victim == HF_CLIENT ? HF_MSG_Certificate : HF_MSG_ClientKeyExchange, 0);
}

/* ---- types, versions, lengths ---- */

static void unknown_type_plain(hostile *h, int v)
{
    static const uint8_t types[] = { 0, 19, 24, 25, 128, 255 };

    if (v < 6)
        hostile_until_first(h);
    else
        until_second(h);
    if (v % 8 < 6)
        hostile_plain(h, types[v % 8], text("anything"));
    else
        hostile_raw(h, text(v % 8 == 6 ? "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                       : "\x80\x2e\1\3\1 an SSL 2.0 hello"));
}

/* After ServerHello in the clear; after ChangeCipherSpec under the right keys. */
static void data_before_finished(hostile *h, int v)
{
    static const hf_msg client[] = { HF_MSG_Certificate, HF_MSG_ServerKeyExchange,
                                     HF_MSG_ServerHelloDone, HF_MSG_ChangeCipherSpec,
                                     HF_MSG_Finished },
                        server[] = { HF_MSG_ClientKeyExchange, HF_MSG_ChangeCipherSpec,
                                     HF_MSG_Finished };

    hostile_until(h, h->victim == HF_CLIENT ? client[v / 2] : server[v / 2 % 3], 0);
    hostile_record(h, HF_CT_APPLICATION_DATA, v % 2 ? text("data, and some more of it") : NONE);
}

static void plain_too_long(hostile *h, int v)
{
    static const size_t lengths[] = { 16385, 16640, 65535 };

    if (v < 3)
        hostile_until_first(h);
    else
        until_second(h);
    hostile_header_only(h, HF_CT_HANDSHAKE, lengths[v % 3]);
}

static void ciphertext_too_long(hostile *h, int v)
{
    if (v == 0)
        hostile_until_protected(h);
    else
        hostile_connected(h);
    hostile_header_only(h, v ? HF_CT_APPLICATION_DATA : HF_CT_HANDSHAKE, v == 2 ? 65535 : 18433);
}

/* The longest that is legal, and one more. */
static void plaintext_too_long(hostile *h, int v)
{
    static const size_t sizes[] = { 16385, 16386, 16500 };
    hostile_bytes record = { 0 };

    hostile_longest_record(h, 16384);
    hostile_seal(h, HF_APP, HF_CT_APPLICATION_DATA, hf_span_of(zeroes, sizes[v]), 0, &record);
    hostile_raw(h, hb_span(&record));
    hb_free(&record);
}

/* There is no content type inside to be counted (RFC 8449 4). */
static void over_the_size_limit(hostile *h, int v)
{
    h->max_content = 64;
    hostile_longest_record(h, 64);
    hostile_record(h, HF_CT_APPLICATION_DATA, hf_span_of(zeroes, v ? 1000 : 65));
}

static void foreign_version(hostile *h, int v)
{
    static const uint16_t versions[] = { 0x0200, 0x0002, 0xfefd, 0x0403 };

    if (v < 4)
        hostile_until_first(h);
    else
        until_second(h);
    hostile_plain_version(h, versions[v % 4], HF_CT_HANDSHAKE, hb_span(&hostile_due(h)->bytes));
}

/* What is due, under its keys, and the version of its header changed. */
static void changed_version(hostile *h, int v)
{
    static const uint16_t versions[] = { 0x0300, 0x0301, 0x0302, 0x0304 };
    hostile_bytes record = { 0 };

    if (v < 4) {
        until_second(h);
        hostile_plain_version(h, versions[v], HF_CT_HANDSHAKE, hb_span(&hostile_due(h)->bytes));
        return;
    }
    if (v < 8)
        hostile_until_protected(h);
    else
        hostile_connected(h);
    if (v < 8)
        hostile_seal(h, HF_APP, HF_CT_HANDSHAKE, hb_span(&hostile_due(h)->bytes), 0, &record);
    else
        hostile_seal(h, HF_APP, HF_CT_APPLICATION_DATA, text("data"), 0, &record);
    record.data[2] = (uint8_t)versions[v % 4];
    hostile_raw(h, hb_span(&record));
    hb_free(&record);
}

static void changed_version_ccs(hostile *h, int v)
{
    hostile_until(h, HF_MSG_ChangeCipherSpec, 0);
    hostile_plain_version(h, v ? 0x0304 : 0x0301, HF_CT_CHANGE_CIPHER_SPEC, S("\1"));
}

/* ---- protection ---- */

static void with_chacha(pair_options *o, int v)
{
    static hf_policy policy;

    (void)v;
    policy = *hostile_policy();
    memset(policy.suites, 0, sizeof policy.suites);
    policy.suites[0] = 0xcca9;
    o->policy[HF_CLIENT] = o->policy[HF_SERVER] = &policy;
}

static void seal_due(hostile *h, hostile_bytes *record)
{
    hostile_seal(h, HF_APP, HF_CT_HANDSHAKE, hb_span(&hostile_due(h)->bytes), 0, record);
}

/* A bit flipped in the explicit nonce, the ciphertext, the tag; a record lost; the plaintext's own bytes. */
static void does_not_open(hostile *h, int v)
{
    enum { LOST = 6, CLEAR };
    hostile_bytes record = { 0 };

    hostile_until_protected(h);
    seal_due(h, &record);
    const size_t at[] = { HF_RECORD_HEADER,     HF_RECORD_HEADER + 7, HF_RECORD_HEADER + 8,
                          HF_RECORD_HEADER + 9, record.len - 16,      record.len - 1 };
    if (v == LOST)
        seal_due(h, &record);
    else if (v == CLEAR)
        hb_replace(&record, HF_RECORD_HEADER + 8, 16, hf_span_of(hostile_due(h)->bytes.data, 16));
    else
        record.data[at[v]] ^= (uint8_t)(1 << v);
    hostile_raw(h, hb_span(&record));
    hb_free(&record);
}

/* The content type and the length are in the additional data. */
static void other_header(hostile *h, int v)
{
    hostile_bytes record = { 0 };

    if (v < 2) {
        hostile_until_protected(h);
        seal_due(h, &record);
        record.data[0] = v ? HF_CT_ALERT : HF_CT_APPLICATION_DATA;
    } else {
        hostile_connected(h);
        hostile_seal(h, HF_APP, HF_CT_APPLICATION_DATA, text("data"), 0, &record);
        if (v == 2)
            record.data[0] = HF_CT_HANDSHAKE;
        else
            hb_add_uint(&record, 0, 1), record.data[4]++;
    }
    hostile_raw(h, hb_span(&record));
    hb_free(&record);
}

static void replayed(hostile *h, int v)
{
    hostile_bytes record = { 0 };

    hostile_connected(h);
    hostile_seal(h, HF_APP, HF_CT_APPLICATION_DATA, NONE, 0, &record);
    if (v) /* the one after it comes first */
        hostile_seal(h, HF_APP, HF_CT_APPLICATION_DATA, NONE, 0, &record);
    hostile_raw(h, hb_span(&record));
    if (v == 0)
        assert_null(hostile_failure(h));
    if (v == 0)
        hostile_raw(h, hb_span(&record));
    hb_free(&record);
}

static void too_short(hostile *h, int v, size_t len)
{
    uint8_t record[5 + 24] = { HF_CT_HANDSHAKE, 3, 3, 0, (uint8_t)len };

    if (v % 2 == 0)
        hostile_until_protected(h);
    else
        hostile_connected(h);
    hostile_raw(h, hf_span_of(record, 5 + len));
}

static void too_short_gcm(hostile *h, int v)
{
    static const size_t lengths[] = { 0, 1, 8, 16, 23 };

    too_short(h, v, lengths[v / 2]);
}

static void too_short_chacha(hostile *h, int v)
{
    static const size_t lengths[] = { 0, 1, 8, 15 };

    too_short(h, v, lengths[v / 2]);
}

static void empty_record(hostile *h, int v)
{
    if (v < 2)
        hostile_until_first(h);
    else if (v < 4)
        until_second(h);
    else if (v < 6)
        hostile_until_protected(h);
    else
        hostile_connected(h);
    hostile_record(h, v % 2 ? HF_CT_ALERT : HF_CT_HANDSHAKE, NONE);
}

static void empty_data_flood(hostile *h, int v)
{
    (void)v;
    hostile_connected(h);
    for (int i = 0; i < 32; i++)
        hostile_record(h, HF_CT_APPLICATION_DATA, NONE);
    assert_null(hostile_failure(h));
    hostile_record(h, HF_CT_APPLICATION_DATA, NONE);
}

/* ---- messages and records ---- */

static void part_of_due(hostile *h, size_t len)
{
    hostile_record(h, HF_CT_HANDSHAKE, hf_span_of(hostile_due(h)->bytes.data, len));
    assert_null(hostile_failure(h));
}

/* A warning, ChangeCipherSpec or data inside a message: in the clear, and under keys. */
static void interleaved(hostile *h, int v)
{
    static const char *const data = "in between, and long enough";

    if (v < 3)
        hostile_until_first(h);
    else if (v < 6)
        until_second(h);
    else
        hostile_until_protected(h);
    part_of_due(h, v == 8 ? 2 : 10);
    if (v % 3 == 0)
        hostile_give_alert(h, 1, HF_ALERT_user_canceled);
    else if (v % 3 == 1)
        hostile_give_data(h, data);
    else
        hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, S("\1"));
}

/* After the handshake each alone would be legal. */
static void interleaved_later(hostile *h, int v)
{
    hostile_connected(h);
    hostile_record(h, HF_CT_HANDSHAKE,
                   hf_span_of(h->victim == HF_CLIENT ? "\0\0\0" : "\1\0\0", v % 2 ? 3 : 1));
    hostile_interleave(h, v);
}

/* Finished and more in one record: a whole message, one of the victim's own kind of peer, a part of one. */
static void finished_and_more(hostile *h, int v)
{
    const hf_span more[] = { S("\24\0\0\0"), S("\0\0\0\0"), S("\0"), S("\24\0\0\14half") };
    hostile_bytes both = { 0 };

    hostile_until(h, HF_MSG_Finished, 0);
    hb_set(&both, hb_span(&hostile_due(h)->bytes));
    hb_add(&both, more[v]);
    h->delivered++;
    hostile_record(h, HF_CT_HANDSHAKE, hb_span(&both));
    hb_free(&both);
}

/* The start of a message where ChangeCipherSpec is due, in a record of its own or behind the message before. */
static void partial_at_key_change(hostile *h, int v)
{
    hf_msg before = h->victim == HF_CLIENT ? HF_MSG_ServerHelloDone : HF_MSG_ClientKeyExchange;
    hostile_bytes both = { 0 };

    if (v < 2) {
        hostile_until(h, HF_MSG_ChangeCipherSpec, 0);
        hostile_plain(h, HF_CT_HANDSHAKE, v ? S("\24\0\0\14half") : S("\24"));
    } else {
        hostile_until(h, before, 0);
        hb_set(&both, hb_span(&hostile_due(h)->bytes));
        hb_add(&both, v == 2 ? S("\24") : S("\24\0\0\14half"));
        hostile_skip(h);
        hostile_plain(h, HF_CT_HANDSHAKE, hb_span(&both));
        hb_free(&both);
    }
    if (!hostile_failure(h))
        hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, S("\1"));
}

/* ---- the rows ---- */

static const hostile_case cases[] = {
    RUN("rec-unknown-type-plaintext", AT_BOTH, 14, unknown_type_plain),
    RUN("rec-unknown-type-protected", AT_BOTH, 10, hostile_unknown_record_protected),
    RUN("rec-appdata-before-keys", AT_BOTH, 2, hostile_data_before_keys),
    RUN("rec-appdata-before-finished-12", AT_BOTH, 10, data_before_finished),
    RUN("rec-plaintext-length-over-2-14", AT_BOTH, 6, plain_too_long),
    RUN("rec-ciphertext-length-over-12", AT_BOTH, 3, ciphertext_too_long),
    RUN("rec-plaintext-over-12", AT_BOTH, 3, plaintext_too_long),
    WITH("rec-size-limit-exceeded", AT_BOTH, 2, over_the_size_limit, .options = hostile_limit_64),
    RUN("rec-version-odd-plaintext", AT_BOTH, 6, hostile_odd_version),
    RUN("rec-version-major-not-3", AT_BOTH, 8, foreign_version),
    RUN("rec-version-changed-12", AT_BOTH, 12, changed_version),
    RUN("rec-version-changed-12", AT_BOTH, 2, changed_version_ccs),
    RUN("rec-decrypt-failure", AT_BOTH, 8, does_not_open),
    RUN("rec-decrypt-failure", AT_BOTH, 4, other_header),
    RUN("rec-decrypt-failure", AT_BOTH, 2, replayed),
    WITH("rec-decrypt-failure", AT_BOTH, 7, does_not_open, .options = with_chacha),
    WITH("rec-decrypt-failure", AT_BOTH, 2, replayed, .options = with_chacha),
    WITH("rec-decrypt-failure", AT_BOTH, 8, does_not_open, .resumes = true),
    RUN("rec-too-short", AT_BOTH, 10, too_short_gcm),
    WITH("rec-too-short", AT_BOTH, 8, too_short_chacha, .options = with_chacha),
    RUN("rec-zero-length-plain", AT_BOTH, 8, empty_record),
    RUN("rec-empty-appdata-flood", AT_BOTH, 1, empty_data_flood),
    RUN("rec-handshake-interleaved-12", AT_BOTH, 9, interleaved),
    RUN("rec-handshake-interleaved-12", AT_BOTH, 6, interleaved_later),
    RUN("rec-key-change-not-aligned-finished", AT_BOTH, 4, finished_and_more),
    WITH("rec-key-change-not-aligned-finished", AT_BOTH, 4, finished_and_more, .resumes = true),
    RUN("rec-key-change-partial-message", AT_BOTH, 4, partial_at_key_change),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS12, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls12_record", &rows, 500);
}
