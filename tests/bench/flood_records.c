/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Floods of records: the same again and again, until it is refused or 16 MB have come. */
#include "flood.h"

/* ---- where they begin ---- */

static void connected(flood_scene *s)
{
    hostile_connected(&s->h);
    s->epoch = HF_APP;
}

static void before_certificate(flood_scene *s)
{
    hostile_until(&s->h, HF_MSG_Certificate, 0);
    s->epoch = s->h.keys[HF_HANDSHAKE].version == HF_TLS13 ? HF_HANDSHAKE : HF_PLAIN;
}

static void at_start(flood_scene *s)
{
    s->epoch = HF_PLAIN;
}

/* The server has refused the early data, and cannot read it. */
static void early_refused(flood_scene *s)
{
    hostile_until(&s->h, HF_MSG_Finished, 0);
    s->epoch = HF_PLAIN;
}

static void closed(flood_scene *s)
{
    connected(s);
    hostile_record(&s->h, HF_CT_ALERT, S("\1\0"));
}

/* ---- what comes ---- */

static const uint8_t zeroes[HF_PLAINTEXT_MAX];

static bool empty(flood_scene *s, hostile_bytes *out)
{
    flood_record(s, HF_CT_APPLICATION_DATA, S(""), out);
    return true;
}

static bool one_byte(flood_scene *s, hostile_bytes *out)
{
    flood_record(s, HF_CT_APPLICATION_DATA, S("x"), out);
    return true;
}

static bool full(flood_scene *s, hostile_bytes *out)
{
    flood_record(s, HF_CT_APPLICATION_DATA, hf_span_of(zeroes, sizeof zeroes), out);
    return true;
}

static bool padding(flood_scene *s, hostile_bytes *out)
{
    hostile_seal(&s->h, s->epoch, HF_CT_APPLICATION_DATA, S(""), HF_PLAINTEXT_MAX, out);
    return true;
}

static bool warning(flood_scene *s, hostile_bytes *out)
{
    flood_record(s, HF_CT_ALERT, S("\1\x70"), out);
    return true;
}

static bool user_canceled(flood_scene *s, hostile_bytes *out)
{
    flood_record(s, HF_CT_ALERT, S("\1\x5a"), out);
    return true;
}

static bool change_cipher_spec(flood_scene *s, hostile_bytes *out)
{
    (void)s;
    hb_add(out, S("\x14\3\3\0\1\1"));
    return true;
}

static bool key_update(flood_scene *s, hostile_bytes *out)
{
    flood_record(s, HF_CT_HANDSHAKE, S("\x18\0\0\1\1"), out);
    hostile_next_keys(&s->h);
    return true;
}

static bool key_update_and_data(flood_scene *s, hostile_bytes *out)
{
    key_update(s, out);
    return one_byte(s, out);
}

static bool ticket(flood_scene *s, hostile_bytes *out)
{
    flood_record(s, HF_CT_HANDSHAKE, S("\4\0\0\x12\0\0\1\0abcd\1n\0\4tick\0\0"), out);
    return true;
}

static bool ticket_and_data(flood_scene *s, hostile_bytes *out)
{
    ticket(s, out);
    return one_byte(s, out);
}

/* As many in each record as it holds. */
static bool tickets(flood_scene *s, hostile_bytes *out)
{
    hostile_bytes many = { 0 };

    while (many.len + 64 < HF_PLAINTEXT_MAX)
        hb_add(&many, S("\4\0\0\x12\0\0\1\0abcd\1n\0\4tick\0\0"));
    flood_record(s, HF_CT_HANDSHAKE, hb_span(&many), out);
    hb_free(&many);
    return true;
}

static bool hello_request(flood_scene *s, hostile_bytes *out)
{
    flood_record(s, HF_CT_HANDSHAKE, S("\0\0\0\0"), out);
    return true;
}

static bool hello_requests(flood_scene *s, hostile_bytes *out)
{
    flood_record(s, HF_CT_HANDSHAKE, hf_span_of(zeroes, sizeof zeroes), out);
    return true;
}

/* Ciphertext that no key opens. */
static void unopened(size_t len, hostile_bytes *out)
{
    hb_add(out, S("\x17\3\3"));
    hb_add_uint(out, len, 2);
    hb_add(out, hf_span_of(zeroes, len));
}

static bool unopened_small(flood_scene *s, hostile_bytes *out)
{
    (void)s;
    unopened(1 + HF_AEAD_TAG, out);
    return true;
}

static bool unopened_full(flood_scene *s, hostile_bytes *out)
{
    (void)s;
    unopened(HF_PLAINTEXT_MAX, out);
    return true;
}

#define C HF_CLIENT
#define V HF_SERVER

/* clang-format off */
const flood flood_records[] = {
    { "full records of data", HF_TLS13, V, connected, full, "AEAD", false, NULL, NULL },
    { "one byte of data a record", HF_TLS13, V, connected, one_byte, "a record: one AEAD, one event", false, NULL, NULL },
    { "one byte of data a record, TLS 1.2", HF_TLS12, V, connected, one_byte, "a record: one AEAD, one event", false, NULL, NULL },
    { "empty records", HF_TLS13, V, connected, empty, "HF_EMPTY_RECORDS_MAX", false, NULL, NULL },
    { "empty records, TLS 1.2", HF_TLS12, V, connected, empty, "HF_EMPTY_RECORDS_MAX", false, NULL, NULL },
    { "records of padding alone", HF_TLS13, V, connected, padding, "HF_EMPTY_RECORDS_MAX", false, NULL, NULL },
    { "warning alerts, TLS 1.2", HF_TLS12, V, connected, warning, "HF_WARNINGS_MAX", false, NULL, NULL },
    { "user_canceled", HF_TLS13, V, connected, user_canceled, "HF_WARNINGS_MAX", false, NULL, NULL },
    { "change_cipher_spec", HF_TLS13, C, before_certificate, change_cipher_spec, "HF_CCS_MAX", false, NULL, NULL },
    { "KeyUpdate, each asking for one", HF_TLS13, V, connected, key_update, "HF_POST_HANDSHAKE_FLOOD", false, NULL, NULL },
    { "KeyUpdate and a byte of data", HF_TLS13, V, connected, key_update_and_data, "HF_POST_HANDSHAKE_MAX in HF_POST_HANDSHAKE_PERIOD", false, NULL, NULL },
    { "NewSessionTicket", HF_TLS13, C, connected, ticket, "HF_POST_HANDSHAKE_FLOOD", false, NULL, NULL },
    { "NewSessionTicket, 700 a record", HF_TLS13, C, connected, tickets, "HF_POST_HANDSHAKE_FLOOD", false, NULL, NULL },
    { "NewSessionTicket and a byte of data", HF_TLS13, C, connected, ticket_and_data, "HF_POST_HANDSHAKE_MAX in HF_POST_HANDSHAKE_PERIOD", false, NULL, NULL },
    { "HelloRequest", HF_TLS12, C, connected, hello_request, "HF_POST_HANDSHAKE_FLOOD", false, NULL, NULL },
    { "HelloRequest in the handshake, 4,096 a record", HF_TLS12, C, before_certificate, hello_requests, "HF_DROPPED_MAX", false, NULL, NULL },
    { "refused early data, full records", HF_TLS13, V, early_refused, unopened_full, "HF_EARLY_SKIP_MAX", false, NULL, hostile_offer_early_data },
    { "refused early data, a byte a record", HF_TLS13, V, early_refused, unopened_small, "HF_EARLY_SKIP_MAX, each record for a byte at least", false, NULL, hostile_offer_early_data },
    { "a record that does not open", HF_TLS13, V, connected, unopened_full, "the first ends it", false, NULL, NULL },
    { "data where a ClientHello is due", HF_TLS13, V, at_start, unopened_full, "the first ends it", false, NULL, NULL },
    { "anything after close_notify", HF_TLS13, V, closed, unopened_full, "swallowed unread", false, NULL, NULL },
    { NULL, 0, 0, NULL, NULL, NULL, false, NULL, NULL },
};
