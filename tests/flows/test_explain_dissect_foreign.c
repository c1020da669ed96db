/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Captures of what handfast never speaks, made by hand: suites without AEAD, without a certificate or without encryption, versions before TLS 1.2, a hello in the form of SSL
 * 2.0, renegotiation; and more records than a tape holds. Keys change where they do, and what stays closed is told with its reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "explain/story.h"
#include "handshake/script.h"
#include "record/record.h"
#include "support/dissect_scene.h"

static const hf_role C = HF_CLIENT, S = HF_SERVER;

/* ---- two ends that write what they are told to ---- */

typedef struct writer {
    hf_traffic keys;
    bool on;
} writer;

static scene s;
static writer ends[2];
static uint16_t version;
static hf_aead *aead;

static int set_up(void **state)
{
    (void)state;
    scene_start(&s);
    memset(ends, 0, sizeof ends);
    version = HF_TLS12;
    aead = hf_aead_new();
    return aead ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    scene_free(&s);
    hf_aead_free(aead);
    return 0;
}

static void say_record(hf_role from, uint8_t type, hf_span content)
{
    uint8_t record[1024];
    size_t len = HF_RECORD_HEADER + content.len;

    if (ends[from].on) {
        assert_int_equal(hf_record_seal(aead, &ends[from].keys, type, &content, 1, 0, record, &len),
                         HF_OK);
    } else {
        hf_record_header_write(record, type, version, content.len);
        memcpy(record + HF_RECORD_HEADER, content.data, content.len);
    }
    scene_say(&s, from, hf_span_of(record, len));
}

static void say_message(hf_role from, hf_msg msg, hf_span body)
{
    uint8_t message[512] = { hf_msg_type(msg), 0, (uint8_t)(body.len >> 8), (uint8_t)body.len };

    memcpy(message + 4, body.data, body.len);
    say_record(from, HF_CT_HANDSHAKE, hf_span_of(message, 4 + body.len));
}

static void say_hello(hf_role from, uint16_t suite, uint8_t random)
{
    uint8_t body[64] = { (uint8_t)(version >> 8), (uint8_t)version };
    size_t n = 2 + 32;

    memset(body + 2, random, 32);
    body[n++] = 0; /* session_id */
    if (from == C)
        n++, body[n++] = 2; /* one cipher suite */
    body[n++] = (uint8_t)(suite >> 8);
    body[n++] = (uint8_t)suite;
    if (from == C)
        body[n++] = 1; /* one compression method */
    body[n++] = 0;
    say_message(from, from == C ? HF_MSG_ClientHello : HF_MSG_ServerHello, hf_span_of(body, n));
}

static void say_ccs(hf_role from)
{
    say_record(from, HF_CT_CHANGE_CIPHER_SPEC, hf_span_of("\1", 1));
}

/* To a client's or server's ChangeCipherSpec, static RSA in form. */
static void say_until_ccs(uint16_t suite, uint8_t random)
{
    say_hello(C, suite, random);
    say_hello(S, suite, (uint8_t)(random + 1));
    say_message(S, HF_MSG_Certificate, hf_span_of("\0\0\0", 3));
    say_message(S, HF_MSG_ServerHelloDone, hf_span_of("", 0));
    say_message(C, HF_MSG_ClientKeyExchange, hf_span_of("\0\4abcd", 6));
}

/* Bytes that some other protection has made. */
static void say_sealed(hf_role from, uint8_t type)
{
    static const uint8_t sealed[64] = "who knows what is in here";
    bool on = ends[from].on;

    ends[from].on = false;
    say_record(from, type, hf_span_of(sealed, sizeof sealed));
    ends[from].on = on;
}

static void say_closed_handshake(uint16_t suite)
{
    say_until_ccs(suite, 0x11);
    for (int w = 0; w < 2; w++) {
        say_ccs((hf_role)w);
        say_sealed((hf_role)w, HF_CT_HANDSHAKE);
    }
    for (int w = 0; w < 2; w++)
        say_sealed((hf_role)w, HF_CT_APPLICATION_DATA);
}

/* ---- suites and versions ---- */

/* Both ends' keys change although nobody sees a Finished; one note for both says why it stays closed. */
static void test_suites_that_stay_closed(void **state)
{
    static const struct {
        uint16_t suite, version;
        const char *note;
    } rows[] = {
        { 0x002f, HF_TLS12,
          "TLS_RSA_WITH_AES_128_CBC_SHA cannot be opened here: it is none of the AEAD suites" },
        { 0x0005, HF_TLS12,
          "TLS_RSA_WITH_RC4_128_SHA cannot be opened here: it is none of the AEAD suites" },
        { 0xc09c, HF_TLS12,
          "TLS_RSA_WITH_AES_128_CCM cannot be opened here: handfast does not speak it" },
        { 0x5a01, HF_TLS12, "(0x5a01) cannot be opened here: nobody has registered it" },
        { 0x002f, 0x0301, "protected records of TLS 1.0 cannot be opened here" },
        { 0x002f, 0x0302, "protected records of TLS 1.1 cannot be opened here" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        version = rows[i].version;
        say_closed_handshake(rows[i].suite);
        for (int with = 0; with < 2; with++) {
            hf_tape *tape = scene_dissect(&s, 7, with);
            scene_assert_noted(tape, rows[i].note);
            assert_int_equal(tape->n_notes, 1);
            for (int w = 0; w < 2; w++) {
                assert_int_equal(scene_records(tape, (hf_role)w, false), 2);
                assert_int_equal(scene_count(tape, HF_TAPE_KEYS, (hf_role)w), 1);
            }
            assert_int_equal(tape->events[tape->n - 1].epoch, HF_APP);
            assert_int_equal(tape->events[tape->n - 1].content_type, HF_CT_APPLICATION_DATA);
            hf_tape_free(tape);
        }
        tear_down(state);
        set_up(state);
    }
}

static hf_tape *told_tape;
static hf_story *told;

static void tell(bool with_keylog)
{
    told_tape = scene_dissect(&s, 0, with_keylog);
    told = hf_story_of(told_tape);
    assert_non_null(told);
}

static void forget(void)
{
    hf_story_free(told);
    hf_tape_free(told_tape);
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\"\n  is not in: %s", part, text);
}

static size_t step_of(hf_step_kind kind, hf_role from)
{
    for (size_t i = 0; i < told->n; i++)
        if (told->steps[i].kind == kind && told->steps[i].writer == from)
            return i;
    fail_msg("no step of kind %d", kind);
    return 0;
}

static void assert_closed_as(const char *reason)
{
    char text[HF_WORDS_ROOM], all[HF_WORDS_ROOM];

    snprintf(all, sizeof all, "cannot be opened here, as %s", reason);
    for (int w = 0; w < 2; w++)
        assert_has(hf_step_summary(told, step_of(HF_STEP_SEALED, (hf_role)w), text), all);
    assert_has(hf_story_outcome(told, text), all);
    assert_null(strstr(text, "keys are not here"));
}

/* The keys would not help: that is said, and not that they are missing. */
static void test_words_of_what_stays_closed(void **state)
{
    static const struct {
        uint16_t suite, version;
        const char *reason;
    } rows[] = {
        { 0x002f, HF_TLS12, "handfast opens no records of TLS_RSA_WITH_AES_128_CBC_SHA" },
        { 0x009e, HF_TLS12, "handfast opens no records of TLS_DHE_RSA_WITH_AES_128_GCM_SHA256" },
        { 0x002f, 0x0302, "handfast opens no records of TLS 1.1" },
        { 0x009c, HF_TLS12, "there is no key log for this connection" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        version = rows[i].version;
        say_closed_handshake(rows[i].suite);
        tell(false);
        assert_closed_as(rows[i].reason);
        forget();
        tear_down(state);
        set_up(state);
    }
}

static void log_master(uint8_t random);

static void test_words_of_a_secret_that_does_not_fit(void **state)
{
    (void)state;
    log_master(0x11);
    say_closed_handshake(0x009c);
    tell(true);
    assert_closed_as("the secret in the key log does not fit");
    forget();
}

static void say_unsigned(uint16_t suite)
{
    say_hello(C, suite, 0x11);
    say_hello(S, suite, 0x12);
    say_message(S, HF_MSG_ServerKeyExchange, hf_span_of("\0\1g\0\1p\0\1y", 9));
    say_message(S, HF_MSG_ServerHelloDone, hf_span_of("", 0));
    say_message(C, HF_MSG_ClientKeyExchange, hf_span_of("\0\4abcd", 6));
    say_ccs(C);
    say_sealed(C, HF_CT_HANDSHAKE);
    say_message(S, HF_MSG_NewSessionTicket, hf_span_of("\0\0\0\1\0\4abcd", 10));
    say_ccs(S);
    say_sealed(S, HF_CT_HANDSHAKE);
}

/* RFC 5246 7.4.2, RFC 5054 2.2: anonymous Diffie-Hellman and SRP have none; that is no session from before. */
static void test_no_certificate(void **state)
{
    static const uint16_t suites[] = { 0x00a6, 0xc018, 0xc01d };
    char text[HF_WORDS_ROOM];

    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        say_unsigned(suites[i]);
        tell(false);
        assert_false(told->end.facts & HF_F_RESUMED);
        for (int w = 0; w < 2; w++) {
            assert_int_equal(scene_records(told_tape, (hf_role)w, false), 1);
            assert_int_equal(scene_count(told_tape, HF_TAPE_KEYS, (hf_role)w), 1);
        }
        for (size_t k = 0; k < told->n; k++) {
            const hf_story_step *step = &told->steps[k];
            bool ticket = step->msg == HF_MSG_NewSessionTicket; /* nobody promised it */
            assert_int_not_equal(step->kind, HF_STEP_BROKEN);
            assert_true(step->row || ticket || step->kind > HF_STEP_CCS);
            assert_int_equal(step->provable[C] | step->provable[S], 0); /* nobody has signed */
            assert_null(strstr(hf_step_summary(told, k, text), "from before"));
        }
        forget();
        tear_down(state);
        set_up(state);
    }
}

/* RFC 5077 3.4: a ticket may resume a session although the client gave no session id; of pre-shared keys, too. */
static void test_resumed_by_a_ticket_alone(void **state)
{
    static const uint16_t suites[] = { 0x009c, 0x00a8 };

    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        say_hello(C, suites[i], 0x11);
        say_hello(S, suites[i], 0x12);
        for (int w = 1; w >= 0; w--) {
            say_ccs((hf_role)w);
            say_sealed((hf_role)w, HF_CT_HANDSHAKE);
        }
        tell(false);
        assert_true(told->end.facts & HF_F_RESUMED);
        assert_int_equal(scene_records(told_tape, C, false) + scene_records(told_tape, S, false),
                         2);
        forget();
        tear_down(state);
        set_up(state);
    }
}

/* RFC 5246 7.1: what follows a ChangeCipherSpec is protected, whatever was missing before it. */
static void test_keys_change_out_of_order(void **state)
{
    (void)state;
    say_hello(C, 0x009c, 0x11);
    say_hello(S, 0x009c, 0x12);
    say_message(S, HF_MSG_ServerHelloDone, hf_span_of("", 0));
    for (int w = 0; w < 2; w++) {
        say_ccs((hf_role)w);
        say_sealed((hf_role)w, HF_CT_HANDSHAKE);
    }
    tell(false);
    for (int w = 0; w < 2; w++) {
        assert_int_equal(scene_records(told_tape, (hf_role)w, false), 1);
        assert_int_equal(scene_count(told_tape, HF_TAPE_KEYS, (hf_role)w), 1);
    }
    assert_false(told->end.facts & HF_F_RESUMED);
    forget();
}

/* A message or data, and a MAC that nobody checks. */
static void say_bare(hf_role from, uint8_t type, hf_span content, size_t mac)
{
    uint8_t bytes[256] = { 0 };

    memcpy(bytes, content.data, content.len);
    memset(bytes + content.len, 0xaa, mac);
    say_record(from, type, hf_span_of(bytes, content.len + mac));
}

static void say_bare_handshake(uint16_t suite, size_t mac)
{
    static const uint8_t finished[16] = { 20, 0, 0, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };

    say_until_ccs(suite, 0x11);
    for (int w = 0; w < 2; w++) {
        say_ccs((hf_role)w);
        say_bare((hf_role)w, HF_CT_HANDSHAKE, hf_span_of(finished, sizeof finished), mac);
    }
    say_bare(C, HF_CT_APPLICATION_DATA, hf_span_str("anybody reads this"), mac);
    say_bare(S, HF_CT_ALERT, hf_span_of("\1\0", 2), mac);
}

/* RFC 5246 6.2.3.1: the content stands there as it is, before its MAC. */
static void test_null_encryption(void **state)
{
    static const struct {
        uint16_t suite, version;
        size_t mac;
    } rows[] = { { 0x003b, HF_TLS12, 32 }, { 0x0002, HF_TLS12, 20 }, { 0x0001, HF_TLS12, 16 },
                 { 0x00b9, HF_TLS12, 48 }, { 0x0002, 0x0302, 20 },   { 0x0000, HF_TLS12, 0 } };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        version = rows[i].version;
        say_bare_handshake(rows[i].suite, rows[i].mac);
        tell(false);
        for (int w = 0; w < 2; w++)
            assert_int_equal(scene_records(told_tape, (hf_role)w, false), 0);
        assert_true(told->connected);
        assert_int_equal(told_tape->n_notes, 1);
        scene_assert_noted(told_tape, "NOT encrypted");
        for (size_t k = 0; k < told->n; k++)
            assert_false(told->steps[k].encrypted);
        size_t data = step_of(HF_STEP_DATA, C);
        assert_int_equal(told_tape->events[told->steps[data].first_record].content_len, 18);
        assert_string_equal(told->steps[told->n - 1].name, "Alert");
        forget();
        tear_down(state);
        set_up(state);
    }
}

static void test_words_of_null_encryption(void **state)
{
    char text[HF_WORDS_ROOM];

    (void)state;
    say_bare_handshake(0x003b, 32);
    tell(false);
    size_t data = step_of(HF_STEP_DATA, C);
    assert_has(hf_step_summary(told, step_of(HF_STEP_CCS, C), text), "NOT encrypted");
    assert_has(hf_step_summary(told, step_of(HF_STEP_KEYS, S), text), "do NOT encrypt");
    assert_has(hf_step_eavesdropper(told, data, text), "ALL that is sent under the keys");
    assert_null(strstr(text, "of the encrypted records"));
    assert_has(hf_step_purpose(&told->steps[data]), "NOT encrypted");
    assert_has(hf_step_purpose(&told->steps[step_of(HF_STEP_CCS, C)]), "stays readable");
    assert_has(hf_step_secret(told, data), "MAC key");
    assert_has(hf_story_outcome(told, text), "NOT encrypted");
    for (size_t i = 0; i < told->n; i++)
        assert_null(strstr(hf_step_summary(told, i, text), "is encrypted"));
    forget();
}

/* RFC 9150: TLS 1.3's are not read here, but nobody says that they are sealed. */
static void test_words_of_integrity_alone(void **state)
{
    char text[HF_WORDS_ROOM];
    hf_tape_event event = { .kind = HF_TAPE_RECORD,
                            .writer = HF_SERVER,
                            .epoch = HF_HANDSHAKE,
                            .content_type = 23,
                            .version = HF_TLS13,
                            .cipher_suite = 0xc0b4 };

    (void)state;
    told_tape = hf_tape_new(HF_TAPE_CAPTURE, NULL, NULL);
    assert_true(hf_tape_add(told_tape, &event, hf_span_of("\x17\3\3\0\1x", 6), hf_span_of("", 0)));
    told = hf_story_of(told_tape);
    assert_non_null(told);
    assert_false(told->steps[0].encrypted);
    assert_has(hf_step_summary(told, 0, text), "NOT encrypted");
    assert_has(hf_step_purpose(&told->steps[0]), "anybody can read them");
    forget();
}

/* What is shorter than any protected record is in the clear, after a change of keys too: the alert of an end that gave up, and a
   ChangeCipherSpec that came twice, which changes nothing more. */
static void test_plain_after_the_change(void **state)
{
    (void)state;
    say_until_ccs(0x009c, 0x11);
    say_ccs(C);
    say_ccs(C);
    say_record(C, HF_CT_ALERT, hf_span_of("\2\50", 2));
    hf_tape *tape = scene_dissect(&s, 0, true);
    assert_int_equal(scene_records(tape, C, false), 0);
    assert_int_equal(scene_count(tape, HF_TAPE_KEYS, C), 1);
    assert_int_equal(tape->n_notes, 0);
    hf_tape_free(tape);
}

/* A record is there when its last byte is. */
static void test_times(void **state)
{
    (void)state;
    scene_say(&s, S, hf_span_of("\x15\3\3\0\2\2\50", 7));
    hf_tape *whole = scene_dissect(&s, 0, false), *tape = scene_dissect(&s, 1, false);
    assert_int_equal(whole->n, 1);
    assert_int_equal(tape->events[0].us, 7 * whole->events[0].us);
    assert_true(whole->events[0].us > 0);
    hf_tape_free(whole);
    hf_tape_free(tape);
}

/* ---- SSL 2.0's form (RFC 5246 E.2) ---- */

static void test_hello_of_ssl2(void **state)
{
    uint8_t hello[] = { 0x80, 0x22, 1, 3,    3, 0, 9, 0, 0, 0, 16, 0, 0, 0x2f, 1, 0,
                        0x80, 0,    0, 0x9c, /* TLS's, SSL 2.0's, TLS's */
                        7,    7,    7, 7,    7, 7, 7, 7, 7, 7, 7,  7, 7, 7,    7, 7 };
    size_t at[2];
    hf_tcp tcp;

    (void)state;
    scene_say(&s, C, hf_span_of(hello, sizeof hello));
    say_hello(S, 0x002f, 2);
    say_message(S, HF_MSG_Certificate, hf_span_of("\0\0\0", 3));
    say_message(S, HF_MSG_ServerHelloDone, hf_span_of("", 0));
    say_message(C, HF_MSG_ClientKeyExchange, hf_span_of("\0\4abcd", 6));
    say_ccs(C);
    say_sealed(C, HF_CT_HANDSHAKE);
    say_ccs(S);
    say_sealed(S, HF_CT_HANDSHAKE);
    scene_tcp(&s, 0, &tcp);
    assert_true(hf_dissect_is_tls(&tcp, at));
    assert_int_equal(at[C], sizeof hello);
    scene_tcp_free(&tcp);
    snprintf(s.keylog, sizeof s.keylog,
             "CLIENT_RANDOM %032d07070707070707070707070707070707 %096d\n", 0, 0);
    hf_tape *tape = scene_dissect(&s, 0, true);
    assert_int_equal(tape->events[0].kind, HF_TAPE_PRELUDE);
    assert_int_equal(tape->events[0].wire_len, sizeof hello);
    scene_assert_noted(tape, "the form of SSL 2.0");
    scene_assert_noted(tape, "TLS_RSA_WITH_AES_128_CBC_SHA cannot be opened here");
    assert_int_equal(tape->n_secrets, 1); /* its challenge is the random's end */
    assert_int_equal(scene_count(tape, HF_TAPE_KEYS, C) + scene_count(tape, HF_TAPE_KEYS, S), 2);
    hf_tape_free(tape);
}

/* ---- renegotiation ---- */

static void take_keys(hf_role from, uint16_t suite, uint8_t random)
{
    hf_secrets secrets = { .hash = HF_SHA256 };

    memset(secrets.master_secret, random + 2, sizeof secrets.master_secret);
    memset(secrets.client_random, random, sizeof secrets.client_random);
    memset(secrets.server_random, random + 1, sizeof secrets.server_random);
    assert_int_equal(hf_traffic_keys12(&ends[from].keys, hf_suite_of(suite), &secrets, from),
                     HF_OK);
    ends[from].on = true;
}

static void log_master(uint8_t random)
{
    size_t n = strlen(s.keylog);
    char line[HF_KEYLOG_LINE];
    uint8_t r[32], master[48];

    memset(r, random, sizeof r);
    memset(master, random + 2, sizeof master);
    hf_keylog_line(line, "CLIENT_RANDOM", r, hf_span_of(master, sizeof master));
    snprintf(s.keylog + n, sizeof s.keylog - n, "%s\n", line);
}

static void say_handshake(uint16_t suite, uint8_t random)
{
    log_master(random);
    say_until_ccs(suite, random);
    for (int w = 0; w < 2; w++) {
        say_ccs((hf_role)w);
        take_keys((hf_role)w, suite, random);
        say_message((hf_role)w, HF_MSG_Finished, hf_span_of("twelve bytes", 12));
    }
}

/* The second handshake is protected by the first one's keys, its ChangeCipherSpec too, and has keys of its own after that; the
   suite may be another. */
static void test_renegotiation(void **state)
{
    (void)state;
    say_handshake(0x009c, 0x20);
    say_record(C, HF_CT_APPLICATION_DATA, hf_span_str("before"));
    say_message(S, HF_MSG_HelloRequest, hf_span_of("", 0));
    say_handshake(0x009d, 0x40);
    say_record(C, HF_CT_APPLICATION_DATA, hf_span_str("after it"));
    hf_tape *tape = scene_dissect(&s, 1, true);
    const hf_tape_event *last = &tape->events[tape->n - 1];
    if (scene_records(tape, C, false) + scene_records(tape, S, false) > 0)
        scene_print("renegotiation", tape);
    assert_int_equal(scene_records(tape, C, false) + scene_records(tape, S, false), 0);
    assert_int_equal(last->epoch, HF_APP + 1);
    assert_int_equal(last->content_len, 8);
    assert_int_equal(last->cipher_suite, 0x009d);
    assert_int_equal(scene_count(tape, HF_TAPE_KEYS, C), 2);
    assert_int_equal(scene_count(tape, HF_TAPE_KEYS, S), 2);
    assert_int_equal(tape->n_secrets, 2);
    assert_int_equal(tape->n_notes, 1);
    scene_assert_noted(tape, "the ends renegotiate (RFC 5746)");
    hf_tape_free(tape);
}

/* ---- more than there is room for ---- */

static void test_more_than_a_tape_holds(void **state)
{
    enum { ALERTS = HF_TAPE_EVENTS_MAX + 100, ALERT = 7 };
    static uint8_t bytes[ALERTS * ALERT];
    hf_tape *tape;
    hf_tcp tcp;

    (void)state;
    for (size_t i = 0; i < ALERTS; i++)
        memcpy(bytes + i * ALERT, "\x15\3\3\0\2\1\x5a", ALERT);
    scene_say(&s, S, hf_span_of(bytes, sizeof bytes));
    scene_tcp(&s, 0, &tcp);
    assert_int_equal(hf_dissect(&tcp, NULL, &tape), HF_OK);
    scene_tcp_free(&tcp);
    assert_int_equal(tape->n, HF_TAPE_EVENTS_MAX);
    assert_int_equal(tape->lost, 100);
    scene_assert_noted(tape, "100 records or secrets found no room on the tape");
    hf_tape_free(tape);
}

#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_suites_that_stay_closed),
        SCENE_TEST(test_words_of_what_stays_closed),
        SCENE_TEST(test_words_of_a_secret_that_does_not_fit),
        SCENE_TEST(test_no_certificate),
        SCENE_TEST(test_resumed_by_a_ticket_alone),
        SCENE_TEST(test_keys_change_out_of_order),
        SCENE_TEST(test_null_encryption),
        SCENE_TEST(test_words_of_null_encryption),
        SCENE_TEST(test_words_of_integrity_alone),
        SCENE_TEST(test_plain_after_the_change),
        SCENE_TEST(test_times),
        SCENE_TEST(test_hello_of_ssl2),
        SCENE_TEST(test_renegotiation),
        SCENE_TEST(test_more_than_a_tape_holds),
    };

    return cmocka_run_group_tests_name("dissect, foreign captures", tests, NULL, NULL);
}
