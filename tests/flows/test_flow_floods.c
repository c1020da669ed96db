/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Everything that a peer may repeat has a number: so many are taken, and one more ends the connection
 * with the row of errors.def that says which flood it was. docs/security.md lists them all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/flow12.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define S(text)      hf_span_of(text, sizeof(text) - 1)

static uint64_t clock_of_test(void *user)
{
    (void)user;
    return 1000000; /* it stands still: no period ends */
}

/* Bytes of honest data that the victim has taken. */
static size_t taken;

static void begin_with(hostile *h, uint16_t version, hf_role victim, hostile_rewrite *rewrite)
{
    pair_options o = { 0 };

    for (int role = 0; role < 2; role++)
        o.hooks[role].clock_ms = clock_of_test;
    taken = 0;
    hostile_speak(version, false);
    hostile_start_with(h, victim, &o, rewrite);
}

static void begin(hostile *h, uint16_t version, hf_role victim)
{
    begin_with(h, version, victim, NULL);
}

static void one_byte(hostile *h)
{
    hostile_record(h, HF_CT_APPLICATION_DATA, S("x"));
    taken++;
}

static void connected(hostile *h, uint16_t version, hf_role victim)
{
    begin(h, version, victim);
    hostile_connected(h);
    one_byte(h); /* what came before does not count */
}

/* Refused by this row, with its alert, and the blame is the peer's. */

static void assert_refused(hostile *h, hf_error code)
{
    const hf_error_row *row = hf_error_row_of(code);
    const hf_failure *f = hostile_failure(h);

    assert_non_null(f);
    assert_string_equal(hf_error_row_of(f->code)->name, row->name);
    assert_int_equal(row->blame, HF_BLAME_PEER);
    hostile_assert_alert(h, row->alert);
    hostile_assert_dead(h, taken);
}

/* ---- what is counted one by one ---- */

/* In the window of the compatibility change_cipher_spec. */
static void to_first_flight(hostile *h, uint16_t version, hf_role victim)
{
    begin(h, version, victim);
    hostile_until(h, victim == HF_CLIENT ? HF_MSG_ServerHello : HF_MSG_Finished, 0);
    assert_true(hostile_conn(h)->ccs_records <= 1);
    if (victim == HF_CLIENT)
        hostile_next(h);
}

static void to_certificate(hostile *h, uint16_t version, hf_role victim)
{
    begin(h, version, victim);
    hostile_until(h, HF_MSG_Certificate, 0);
}

static void empty_record(hostile *h)
{
    hostile_record(h, HF_CT_APPLICATION_DATA, S(""));
}

static void padded_record(hostile *h)
{
    hostile_record_padded(h, HF_CT_APPLICATION_DATA, S(""), 1000);
}

static void warning(hostile *h)
{
    hostile_record(h, HF_CT_ALERT, S("\1\x70"));
}

static void user_canceled(hostile *h)
{
    hostile_record(h, HF_CT_ALERT, S("\1\x5a"));
}

static void change_cipher_spec(hostile *h)
{
    hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, S("\1"));
}

static void key_update(hostile *h)
{
    hostile_send(h, HF_MSG_KeyUpdate, S("\0"));
    hostile_next_keys(h);
}

static void key_update_asked(hostile *h)
{
    hostile_send(h, HF_MSG_KeyUpdate, S("\1"));
    hostile_next_keys(h);
}

static void ticket(hostile *h)
{
    hostile_send(h, HF_MSG_NewSessionTicket, S("\0\0\1\0abcd\1n\0\1t\0\0"));
}

static void hello_request(hostile *h)
{
    hostile_send(h, HF_MSG_HelloRequest, S(""));
}

static void key_update_and_data(hostile *h)
{
    key_update(h);
    one_byte(h);
}

static void ticket_and_data(hostile *h)
{
    ticket(h);
    one_byte(h);
}

enum { AT_CLIENT = 1 << HF_CLIENT, AT_SERVER = 1 << HF_SERVER, AT_BOTH = AT_CLIENT | AT_SERVER };
enum { IN_12 = 1, IN_13 = 2, IN_BOTH = 3 };

static const struct {
    const char *name;
    unsigned limit, versions, victims;
    hf_error code;
    void (*start)(hostile *h, uint16_t version, hf_role victim);
    void (*one)(hostile *h);
    bool data_resets;
} rows[] = {
    { "empty records", HF_EMPTY_RECORDS_MAX, IN_BOTH, AT_BOTH, HF_E_EMPTY_RECORD_FLOOD, connected,
      empty_record, true },
    { "empty records, padded", HF_EMPTY_RECORDS_MAX, IN_13, AT_BOTH, HF_E_EMPTY_RECORD_FLOOD,
      connected, padded_record, true },
    { "warning alerts", HF_WARNINGS_MAX, IN_12, AT_BOTH, HF_E_ALERT_FLOOD, connected, warning,
      true },
    { "user_canceled alerts", HF_WARNINGS_MAX, IN_BOTH, AT_BOTH, HF_E_USER_CANCELED_FLOOD,
      connected, user_canceled, true },
    { "user_canceled alerts in the handshake", HF_WARNINGS_MAX, IN_13, AT_CLIENT,
      HF_E_USER_CANCELED_FLOOD, to_certificate, user_canceled, false },
    { "change_cipher_spec", HF_CCS_MAX, IN_13, AT_BOTH, HF_E_CCS_FLOOD, to_first_flight,
      change_cipher_spec, false },
    { "KeyUpdates", HF_POST_HANDSHAKE_FLOOD, IN_13, AT_BOTH, HF_E_KEY_UPDATE_FLOOD, connected,
      key_update, true },
    { "KeyUpdates that ask for one", HF_POST_HANDSHAKE_FLOOD, IN_13, AT_BOTH, HF_E_KEY_UPDATE_FLOOD,
      connected, key_update_asked, true },
    { "tickets", HF_POST_HANDSHAKE_FLOOD, IN_13, AT_CLIENT, HF_E_TICKET_FLOOD, connected, ticket,
      true },
    { "HelloRequests", HF_POST_HANDSHAKE_FLOOD, IN_12, AT_CLIENT, HF_E_HELLO_REQUEST_FLOOD,
      connected, hello_request, true },
    { "HelloRequests in the handshake", HF_DROPPED_MAX, IN_12, AT_CLIENT, HF_E_IGNORED_FLOOD,
      to_certificate, hello_request, false },
};

/* Takes as many as are allowed; with data between them, as many again. */
static void run_row(size_t i, uint16_t version, hf_role victim)
{
    hostile h;

    rows[i].start(&h, version, victim);
    unsigned before = rows[i].code == HF_E_CCS_FLOOD ? hostile_conn(&h)->ccs_records : 0;
    for (int round = 0; round < 1 + rows[i].data_resets; round++) {
        if (round > 0)
            one_byte(&h);
        for (unsigned n = before; n < rows[i].limit; n++)
            rows[i].one(&h);
        if (hostile_failure(&h))
            fail_msg("%s: the limit is not reached", rows[i].name);
    }
    rows[i].one(&h);
    assert_refused(&h, rows[i].code);
    hostile_free(&h);
}

static void test_counted(void **state)
{
    unsigned cases = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int version = 0; version < 2; version++)
            for (int victim = 0; victim < 2; victim++)
                if (rows[i].versions >> version & 1 && rows[i].victims >> victim & 1) {
                    run_row(i, version ? HF_TLS13 : HF_TLS12, (hf_role)victim);
                    cases++;
                }
    printf("%u floods\n", cases);
}

/* The two kinds of alerts that are tolerated share one count, those of post-handshake messages another. */
static void test_kinds_share_a_count(void **state)
{
    hostile h;

    (void)state;
    connected(&h, HF_TLS12, HF_SERVER);
    for (int i = 0; i < HF_WARNINGS_MAX; i++)
        i % 2 ? warning(&h) : user_canceled(&h);
    assert_null(hostile_failure(&h));
    warning(&h);
    assert_refused(&h, HF_E_ALERT_FLOOD);
    hostile_free(&h);
    connected(&h, HF_TLS13, HF_CLIENT);
    for (int i = 0; i < HF_POST_HANDSHAKE_FLOOD; i++)
        i % 2 ? key_update(&h) : ticket(&h);
    assert_null(hostile_failure(&h));
    ticket(&h);
    assert_refused(&h, HF_E_TICKET_FLOOD);
    hostile_free(&h);
}

/* Neither empty records nor alerts start each other's count again. */
static void test_floods_do_not_hide_each_other(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        hostile h;
        connected(&h, HF_TLS12, HF_CLIENT);
        for (int i = 0; i < HF_EMPTY_RECORDS_MAX; i++) {
            empty_record(&h);
            if (i < HF_WARNINGS_MAX)
                warning(&h);
        }
        assert_null(hostile_failure(&h));
        late ? warning(&h) : empty_record(&h);
        assert_refused(&h, late ? HF_E_ALERT_FLOOD : HF_E_EMPTY_RECORD_FLOOD);
        hostile_free(&h);
    }
}

/* Data between them is no leave for more than that in a period. */
static void test_a_period_has_a_limit(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        hf_role victim = way == 0 ? HF_SERVER : HF_CLIENT;
        void (*one)(hostile *) = way == 2 ? ticket_and_data : key_update_and_data;
        hostile h;
        begin(&h, HF_TLS13, victim);
        hostile_connected(&h);
        for (unsigned n = hostile_conn(&h)->engine.post_total; n < HF_POST_HANDSHAKE_MAX; n++)
            one(&h);
        assert_null(hostile_failure(&h));
        way == 2 ? ticket(&h) : key_update(&h);
        assert_refused(&h, HF_E_MESSAGE_FLOOD);
        hostile_free(&h);
    }
}

/* RFC 9846 4.2.4: one HelloRetryRequest is answered, a second one is not. */
static void test_one_retry(void **state)
{
    pair_options o = { 0 };
    hostile h;
    hostile_bytes retry = { 0 };

    (void)state;
    hostile_speak(HF_TLS13, false);
    o.policy[HF_CLIENT] = hostile_policy();
    o.policy[HF_SERVER] = hostile_retry_policy();
    taken = 0;
    hostile_start(&h, HF_CLIENT, &o);
    hostile_until(&h, HF_MSG_HelloRetryRequest, 0);
    hb_set(&retry, hostile_due_body(&h));
    hostile_until(&h, HF_MSG_ServerHello, 0);
    assert_null(hostile_failure(&h));
    hostile_send(&h, HF_MSG_HelloRetryRequest, hb_span(&retry));
    assert_refused(&h, HF_E_RETRY_TWICE);
    hostile_free(&h);
    hb_free(&retry);
}

/* ---- fragments ---- */

static void byte_by_byte(hostile *h, hf_span message)
{
    for (size_t i = 0; i < message.len && !hostile_failure(h); i++)
        hostile_record(h, HF_CT_HANDSHAKE, hf_span_of(message.data + i, 1));
}

/* A ticket in a message of that many bytes. */
static void long_ticket(hostile_bytes *message, size_t len)
{
    static const uint8_t zeroes[HF_FRAGMENTS_MAX + 1];
    enum { AROUND = HF_HANDSHAKE_HEADER + 4 + 4 + 2 + 2 + 2 };

    hb_add_uint(message, 4, 1);
    hb_add_uint(message, len - HF_HANDSHAKE_HEADER, 3);
    hb_add(message, S("\0\0\1\0abcd\1n"));
    hb_add_uint(message, len - AROUND, 2);
    hb_add(message, hf_span_of(zeroes, len - AROUND));
    hb_add_uint(message, 0, 2);
}

/* A message of so many bytes may come a byte at a time, again and again, but not a longer one. */
static void test_fragments(void **state)
{
    hostile h;

    (void)state;
    connected(&h, HF_TLS13, HF_CLIENT);
    for (size_t past = 0; past < 3; past++) {
        hostile_bytes message = { 0 };
        long_ticket(&message, HF_FRAGMENTS_MAX + past / 2);
        byte_by_byte(&h, hb_span(&message));
        hb_free(&message);
        if (past < 2)
            assert_null(hostile_failure(&h));
    }
    assert_refused(&h, HF_E_FRAGMENT_FLOOD);
    hostile_free(&h);
}

static void pad_hello(hostile *h, hf_msg msg, hostile_bytes *body)
{
    static const uint8_t zeroes[HF_FRAGMENTS_MAX];
    size_t len = HF_FRAGMENTS_MAX + (size_t)(h->user != NULL) - HF_HANDSHAKE_HEADER - 4 - body->len;

    if (msg == HF_MSG_ClientHello)
        hb_extension_front(body, msg, 21, hf_span_of(zeroes, len));
}

/* Before anything is protected, and before anybody is known. */
static void test_fragments_of_a_hello(void **state)
{
    (void)state;
    for (int past = 0; past < 2; past++) {
        hostile h = { 0 };
        pair_options o = { .user = past ? &o : NULL };
        taken = 0;
        hostile_speak(HF_TLS13, false);
        hostile_start_with(&h, HF_SERVER, &o, pad_hello);
        hostile_until(&h, HF_MSG_ClientHello, 0);
        byte_by_byte(&h, hb_span(&hostile_due(&h)->bytes));
        if (past) {
            assert_refused(&h, HF_E_FRAGMENT_FLOOD);
        } else {
            hostile_skip(&h);
            hostile_assert_works(&h);
        }
        hostile_free(&h);
    }
}

/* ---- the length of a message, by its type ---- */

static const struct {
    hf_msg msg;
    uint16_t version;
    hf_role victim;
    hf_msg at; /* that is due */
} lengths[] = {
    { HF_MSG_ClientHello, HF_TLS13, HF_SERVER, HF_MSG_ClientHello },
    { HF_MSG_ClientHello, HF_TLS12, HF_SERVER, HF_MSG_ClientHello },
    { HF_MSG_ServerHello, HF_TLS13, HF_CLIENT, HF_MSG_ServerHello },
    { HF_MSG_ServerHello, HF_TLS12, HF_CLIENT, HF_MSG_ServerHello },
    { HF_MSG_EncryptedExtensions, HF_TLS13, HF_CLIENT, HF_MSG_EncryptedExtensions },
    { HF_MSG_CertificateRequest, HF_TLS13, HF_CLIENT, HF_MSG_Certificate },
    { HF_MSG_Certificate, HF_TLS13, HF_CLIENT, HF_MSG_Certificate },
    { HF_MSG_Certificate, HF_TLS12, HF_CLIENT, HF_MSG_Certificate },
    { HF_MSG_CertificateVerify, HF_TLS13, HF_CLIENT, HF_MSG_CertificateVerify },
    { HF_MSG_ServerKeyExchange, HF_TLS12, HF_CLIENT, HF_MSG_ServerKeyExchange },
    { HF_MSG_CertificateRequest, HF_TLS12, HF_CLIENT, HF_MSG_ServerHelloDone },
    { HF_MSG_ServerHelloDone, HF_TLS12, HF_CLIENT, HF_MSG_ServerHelloDone },
    { HF_MSG_HelloRequest, HF_TLS12, HF_CLIENT, HF_MSG_ServerHelloDone },
    { HF_MSG_ClientKeyExchange, HF_TLS12, HF_SERVER, HF_MSG_ClientKeyExchange },
    { HF_MSG_Finished, HF_TLS13, HF_CLIENT, HF_MSG_Finished },
    { HF_MSG_Finished, HF_TLS13, HF_SERVER, HF_MSG_Finished },
    { HF_MSG_Finished, HF_TLS12, HF_SERVER, HF_MSG_Finished },
    { HF_MSG_NewSessionTicket, HF_TLS13, HF_CLIENT, HF_MSG_NONE },
    { HF_MSG_KeyUpdate, HF_TLS13, HF_SERVER, HF_MSG_NONE },
};

/* A header alone: it is waited for the rest, or refused at once. */
static void test_message_lengths(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++)
        for (uint32_t past = 0; past < 2; past++) {
            uint32_t len = hf_msg_limit(lengths[i].msg) + past;
            uint8_t header[] = { hf_msg_type(lengths[i].msg), (uint8_t)(len >> 16),
                                 (uint8_t)(len >> 8), (uint8_t)len };
            hostile h;
            begin(&h, lengths[i].version, lengths[i].victim);
            if (lengths[i].at == HF_MSG_NONE)
                hostile_connected(&h);
            else
                hostile_until(&h, lengths[i].at, 0);
            hostile_record(&h, HF_CT_HANDSHAKE, hf_span_of(header, sizeof header));
            if (past)
                assert_refused(&h, lengths[i].msg == HF_MSG_Certificate ? HF_E_CERT_CHAIN_TOO_LARGE
                                                                        : HF_E_MESSAGE_TOO_LONG);
            else if (hostile_failure(&h))
                fail_msg("%s of %u bytes: %s", hf_msg_name(lengths[i].msg), len,
                         hf_error_row_of(hostile_failure(&h)->code)->name);
            hostile_free(&h);
        }
}

/* ---- lists ---- */

static size_t wanted;

static size_t get(const hostile_bytes *b, size_t at, size_t width)
{
    size_t value = 0;

    while (width-- > 0)
        value = value << 8 | b->data[at++];
    return value;
}

/* The intermediate again and again, until there are so many entries. */
static void more_certificates(hostile *h, hf_msg msg, hostile_bytes *body)
{
    const hf_span der = test_cert_der(shared_pki(HF_KEY_P256)->intermediate);
    bool v13 = hostile_conn(h)->engine.config->policy.max_version == HF_TLS13;

    if (msg != HF_MSG_Certificate)
        return;
    for (size_t n = 2; n < wanted; n++) {
        hb_add_uint(body, der.len, 3);
        hb_add(body, der);
        if (v13)
            hb_add_uint(body, 0, 2);
    }
    uint8_t list[3] = { 0 };
    size_t len = body->len - 3 - v13;
    for (int i = 0; i < 3; i++)
        list[i] = (uint8_t)(len >> (16 - 8 * i));
    hb_replace(body, v13, 3, hf_span_of(list, 3));
}

static void test_certificates(void **state)
{
    (void)state;
    for (int version = HF_TLS12; version <= HF_TLS13; version++)
        for (wanted = HF_CERTIFICATE_ENTRIES_MAX; wanted <= HF_CERTIFICATE_ENTRIES_MAX + 1;
             wanted++) {
            hostile h;
            begin_with(&h, (uint16_t)version, HF_CLIENT, more_certificates);
            hostile_rest(&h);
            if (wanted > HF_CERTIFICATE_ENTRIES_MAX)
                assert_refused(&h, HF_E_CERT_CHAIN_TOO_LONG);
            else
                hostile_assert_works(&h);
            hostile_free(&h);
        }
}

/* As many extensions in a ClientHello, all but the good ones unknown. */
static void more_extensions(hostile *h, hf_msg msg, hostile_bytes *body)
{
    size_t n = 0;

    (void)h;
    if (msg != HF_MSG_ClientHello)
        return;
    size_t at = hb_extensions_at(body, msg), end = at + 2 + get(body, at, 2);
    for (at += 2; at < end; at += 4 + get(body, at + 2, 2))
        n++;
    for (; n < wanted; n++)
        hb_extension_front(body, msg, (uint16_t)(0xee00 + n), S("unknown"));
}

static void test_extensions(void **state)
{
    (void)state;
    for (int version = HF_TLS12; version <= HF_TLS13; version++)
        for (wanted = HF_EXTENSIONS_MAX; wanted <= HF_EXTENSIONS_MAX + 1; wanted++) {
            hostile h;
            begin_with(&h, (uint16_t)version, HF_SERVER, more_extensions);
            hostile_rest(&h);
            if (wanted > HF_EXTENSIONS_MAX)
                assert_refused(&h, HF_E_TOO_MANY_EXTENSIONS);
            else
                hostile_assert_works(&h);
            hostile_free(&h);
        }
}

/* Pre-shared keys that nobody knows, each with a binder. */
static void more_identities(hostile *h, hf_msg msg, hostile_bytes *body)
{
    static const uint8_t binder[33] = { 32 };
    hostile_bytes data = { 0 };

    (void)h;
    if (msg != HF_MSG_ClientHello)
        return;
    hb_add_uint(&data, wanted * 7, 2);
    for (size_t i = 0; i < wanted; i++)
        hb_add(&data, S("\0\1?\0\0\0\0"));
    hb_add_uint(&data, wanted * sizeof binder, 2);
    for (size_t i = 0; i < wanted; i++)
        hb_add(&data, hf_span_of(binder, sizeof binder));
    hb_extension_last(body, msg, 45, S("\1\1"));
    hb_extension_last(body, msg, 41, hb_span(&data));
    hb_free(&data);
}

static bool nobody(void *user, hf_span identity, uint8_t *key, size_t *len)
{
    (void)identity, (void)key, (void)len;
    ++*(unsigned *)user;
    return false;
}

/* However many are offered, four are looked up; it goes on with certificates. */
static void test_identities(void **state)
{
    (void)state;
    for (wanted = HF_STEP_JOBS; wanted <= 1000; wanted += 996) {
        unsigned calls = 0;
        pair_options o = { .hooks[HF_SERVER] = { .find_psk = nobody, .user = &calls } };
        hostile h;
        hostile_speak(HF_TLS13, false);
        hostile_start_with(&h, HF_SERVER, &o, more_identities);
        hostile_rest(&h);
        assert_int_equal(calls, HF_STEP_JOBS);
        hostile_assert_works(&h);
        hostile_free(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counted),
        cmocka_unit_test(test_kinds_share_a_count),
        cmocka_unit_test(test_floods_do_not_hide_each_other),
        cmocka_unit_test(test_a_period_has_a_limit),
        cmocka_unit_test(test_one_retry),
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_fragments_of_a_hello),
        cmocka_unit_test(test_message_lengths),
        cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_extensions),
        cmocka_unit_test(test_identities),
    };

    return cmocka_run_group_tests_name("flow_floods", tests, NULL, NULL);
}
