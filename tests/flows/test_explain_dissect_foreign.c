/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Captures of what handfast never speaks, made by hand: suites without AEAD, versions before TLS 1.2, a hello in the form of SSL
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

/* ---- addresses ---- */

/* RFC 5952 4 */
static void test_addresses(void **state)
{
    static const struct {
        uint8_t address[16];
        const char *text;
    } rows[] = {
        { { 0 }, "[::]:443" },
        { { [15] = 1 }, "[::1]:443" },
        { { 0x20, 1, 0xd, 0xb8, [15] = 1 }, "[2001:db8::1]:443" },
        { { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1 },
          "[2001:db8:0:1:1:1:1:1]:443" },
        { { 0x20, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1 }, "[2001:0:0:1::1]:443" },
        { { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1 }, "[2001:db8::1:0:0:1]:443" },
        { { 0xfe, 0x80 }, "[fe80::]:443" },
        { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            0xff, 0xff },
          "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:443" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hf_tcp tcp = { .ipv6 = true, .port = { 65535, 443 } };
        hf_tape *tape;
        memcpy(tcp.address[S], rows[i].address, 16);
        memcpy(tcp.address[C], rows[i].address, 16);
        assert_int_equal(hf_dissect(&tcp, NULL, &tape), HF_OK);
        assert_string_equal(tape->server, rows[i].text);
        assert_non_null(strstr(tape->client, "]:65535"));
        hf_tape_free(tape);
    }
}

#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_suites_that_stay_closed),
        SCENE_TEST(test_plain_after_the_change),
        SCENE_TEST(test_times),
        SCENE_TEST(test_hello_of_ssl2),
        SCENE_TEST(test_renegotiation),
        SCENE_TEST(test_more_than_a_tape_holds),
        SCENE_TEST(test_addresses),
    };

    return cmocka_run_group_tests_name("dissect, foreign captures", tests, NULL, NULL);
}
