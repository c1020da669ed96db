/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Captures that do not begin or end as one would wish: with a dialogue before TLS, without their beginning or their end, and with
 * things that are no TLS at all. Each gives a tape; what was left out is told with its packet and the reason.
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
#include "support/dissect_scene.h"

/* ---- captures to begin with ---- */

/* Of a capture that the test has made of plain bytes. */
static void say(scene *s, hf_role from, const char *text)
{
    scene_say(s, from, hf_span_str(text));
}

static bool is_tls(const scene *s, size_t at[2])
{
    hf_tcp tcp;

    scene_tcp(s, 0, &tcp);
    bool is = hf_dissect_is_tls(&tcp, at);
    scene_tcp_free(&tcp);
    return is;
}

/* The same with everything that was carried once more after it. */
static void repeat(scene *to, const scene *from)
{
    size_t at[2] = { 0, 0 };

    for (size_t i = 0; i < from->n_carried; i++) {
        hf_role w = from->carried[i].from;
        scene_say(to, w, hf_span_of(from->bytes[w] + at[w], from->carried[i].len));
        at[w] += from->carried[i].len;
    }
    memcpy(to->keylog, from->keylog, sizeof to->keylog);
}

/* ---- before TLS ---- */

static void test_starttls(void **state)
{
    static const size_t pieces[] = { 0, 1, 7 };
    scene s, whole;
    size_t at[2];

    (void)state;
    scene_record(&s, HF_TLS13);
    scene_start(&whole);
    say(&whole, HF_SERVER, "220 mail.example ESMTP\r\n");
    say(&whole, HF_CLIENT, "EHLO me\r\n");
    say(&whole, HF_SERVER, "250-mail.example\r\n250 STARTTLS\r\n");
    say(&whole, HF_CLIENT, "STARTTLS\r\n");
    say(&whole, HF_SERVER, "220 go ahead\r\n");
    repeat(&whole, &s);
    for (size_t i = 0; i < 3; i++) {
        hf_tape *tape = scene_dissect(&whole, pieces[i], true), *plain = scene_dissect(&s, 0, true);
        assert_true(is_tls(&whole, at));
        assert_int_equal(at[HF_CLIENT], 19);
        assert_int_equal(tape->n, plain->n + 5);
        for (size_t j = 0; j < 5; j++) {
            assert_int_equal(tape->events[j].kind, HF_TAPE_PRELUDE);
            assert_int_equal(tape->events[j].writer, j % 2 == 0 ? HF_SERVER : HF_CLIENT);
        }
        assert_true(
            hf_span_equal(hf_tape_wire(tape, &tape->events[3]), hf_span_str("STARTTLS\r\n")));
        assert_true(
            hf_span_equal(hf_tape_wire(tape, &tape->events[4]), hf_span_str("220 go ahead\r\n")));
        assert_int_equal(tape->n_notes, 0);
        assert_int_equal(
            scene_records(tape, HF_CLIENT, false) + scene_records(tape, HF_SERVER, false), 0);
        hf_tape_free(tape);
        hf_tape_free(plain);
    }
    scene_free(&s);
    scene_free(&whole);
}

/* A proxy's line alone (PROXY protocol). */
static void test_one_sided_prelude(void **state)
{
    scene s, whole;
    size_t at[2];

    (void)state;
    scene_record(&s, HF_TLS12);
    scene_start(&whole);
    say(&whole, HF_CLIENT, "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n");
    repeat(&whole, &s);
    assert_true(is_tls(&whole, at));
    assert_int_equal(at[HF_CLIENT], 36);
    assert_int_equal(at[HF_SERVER], 0);
    hf_tape *tape = scene_dissect(&whole, 0, true);
    assert_int_equal(scene_count(tape, HF_TAPE_PRELUDE, HF_CLIENT), 1);
    assert_int_equal(scene_records(tape, HF_SERVER, false), 0);
    hf_tape_free(tape);
    scene_free(&s);
    scene_free(&whole);
}

/* Bytes that look like a hello at first sight are none when their lengths do not go together. */
static void test_no_tls(void **state)
{
    static const char *const texts[] = { "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                         "SSH-2.0-x\r\n", "",
                                         "x\x16\x03\x01\xff\xff\x01\x01\x01\x01\x03\x03 and more",
                                         "x\x16\x03\x01\x01\x01\x02\x01\x01\x01\x03\x03 and more" };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        scene s;
        size_t at[2];
        scene_start(&s);
        say(&s, HF_CLIENT, texts[i]);
        assert_false(is_tls(&s, at));
        hf_tape *tape = scene_dissect(&s, 0, true);
        assert_int_equal(tape->n, 0);
        assert_int_equal(tape->n_notes, texts[i][0] != '\0');
        hf_tape_free(tape);
        scene_free(&s);
    }
}

/* Somebody speaks HTTP to a TLS server, which answers with an alert. */
static void test_http_to_tls(void **state)
{
    static const uint8_t alert[] = { 21, 3, 3, 0, 2, 2, 10 };
    scene s;
    size_t at[2];

    (void)state;
    scene_start(&s);
    say(&s, HF_CLIENT, "GET /index.html HTTP/1.1\r\n\r\n");
    scene_say(&s, HF_SERVER, hf_span_of(alert, sizeof alert));
    assert_true(is_tls(&s, at));
    hf_tape *tape = scene_dissect(&s, 0, true);
    assert_int_equal(tape->n, 1);
    assert_int_equal(tape->events[0].content_type, HF_CT_ALERT);
    assert_true(tape->events[0].opened);
    scene_assert_noted(tape, "packet 4: from byte 0 on the client sends no TLS, but text (\"GET "
                             "/index.html HTTP/1.1\"): 28 bytes");
    hf_tape_free(tape);
    scene_free(&s);
}

/* … and the other way round. */
static void test_tls_to_http(void **state)
{
    scene s, whole;

    (void)state;
    scene_record(&s, HF_TLS13);
    scene_start(&whole);
    scene_say(&whole, HF_CLIENT, scene_record_at(&s, HF_CLIENT, 0));
    say(&whole, HF_SERVER, "HTTP/1.1 400 Bad Request\r\n\r\n");
    hf_tape *tape = scene_dissect(&whole, 0, false);
    assert_int_equal(tape->n, 1);
    assert_int_equal(tape->n_notes, 1);
    scene_assert_noted(
        tape,
        "the server sends no TLS, but text (\"HTTP/1.1 400 Bad Request\"): 28 bytes left out");
    assert_string_equal(tape->target, "localhost:443");
    hf_tape_free(tape);
    scene_free(&s);
    scene_free(&whole);
}

/* ---- streams that end ---- */

static void cut_server(hf_tcp *tcp)
{
    hf_stream *s = &tcp->stream[HF_SERVER];

    s->len -= 3;
    s->gap = true;
    s->gap_packet = 77;
    tcp->stream[HF_CLIENT].reset = true;
}

static void test_a_gap(void **state)
{
    scene s;

    (void)state;
    scene_record(&s, HF_TLS13);
    hf_tape *whole = scene_dissect(&s, 100, true), *tape = scene_dissect_edited(&s, cut_server);
    assert_int_equal(scene_records(tape, HF_SERVER, true),
                     scene_records(whole, HF_SERVER, true) - 1);
    assert_int_equal(scene_records(tape, HF_CLIENT, true), scene_records(whole, HF_CLIENT, true));
    scene_assert_noted(tape, "packet 77: bytes of the server are missing from the capture");
    scene_assert_noted(tape, "the last record of the server is not whole: 25 bytes of it left out");
    scene_assert_noted(tape, "the client broke the TCP connection off (RST)");
    assert_int_equal(tape->n_notes, 3);
    hf_tape_free(whole);
    hf_tape_free(tape);
    scene_free(&s);
}

static void cut_in_a_header(hf_tcp *tcp)
{
    tcp->stream[HF_CLIENT].len = 3;
    tcp->stream[HF_SERVER].full = true;
}

static void test_cut_within_a_header(void **state)
{
    scene s;

    (void)state;
    scene_record(&s, HF_TLS12);
    hf_tape *tape = scene_dissect_edited(&s, cut_in_a_header);
    assert_int_equal(scene_records(tape, HF_CLIENT, true), 0);
    assert_true(scene_records(tape, HF_SERVER, true) > 0);
    scene_assert_noted(tape, "the last record of the client is not whole: 3 bytes of it left out");
    scene_assert_noted(tape, "the server sent more than is looked at");
    hf_tape_free(tape);
    scene_free(&s);
}

/* The version of the second record of the server. */
static void spoil_header(hf_tcp *tcp)
{
    hf_stream *s = &tcp->stream[HF_SERVER];

    s->bytes[scene_record_len(hf_span_of(s->bytes, s->len)) + 1] = 9;
}

static void test_no_record(void **state)
{
    scene s;

    (void)state;
    scene_record(&s, HF_TLS13);
    hf_tape *tape = scene_dissect_edited(&s, spoil_header);
    assert_int_equal(scene_records(tape, HF_SERVER, true), 1);
    scene_assert_noted(tape, "on what the server sends is no TLS record (14 09 03 00 01)");
    assert_true(scene_records(tape, HF_CLIENT, true) > 2);
    hf_tape_free(tape);
    scene_free(&s);
}

/* The capture began later: nobody knows version or keys. */
static void test_midway(void **state)
{
    scene s, late;
    size_t at[2];

    (void)state;
    scene_record(&s, HF_TLS13);
    scene_start(&late);
    scene_say(&late, HF_CLIENT, scene_record_at(&s, HF_CLIENT, 3));
    scene_say(&late, HF_SERVER, scene_record_at(&s, HF_SERVER, 3));
    assert_true(is_tls(&late, at));
    hf_tape *tape = scene_dissect(&late, 0, true);
    assert_int_equal(tape->n, 2);
    assert_int_equal(scene_records(tape, HF_CLIENT, false), 1);
    assert_int_equal(tape->n_notes, 1);
    scene_assert_noted(tape, "their handshake is not in the capture");
    hf_tape_free(tape);
    scene_free(&s);
    scene_free(&late);
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
        memcpy(tcp.address[HF_SERVER], rows[i].address, 16);
        memcpy(tcp.address[HF_CLIENT], rows[i].address, 16);
        assert_int_equal(hf_dissect(&tcp, NULL, &tape), HF_OK);
        assert_string_equal(tape->server, rows[i].text);
        assert_non_null(strstr(tape->client, "]:65535"));
        hf_tape_free(tape);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_starttls),
        cmocka_unit_test(test_one_sided_prelude),
        cmocka_unit_test(test_no_tls),
        cmocka_unit_test(test_http_to_tls),
        cmocka_unit_test(test_tls_to_http),
        cmocka_unit_test(test_a_gap),
        cmocka_unit_test(test_cut_within_a_header),
        cmocka_unit_test(test_no_record),
        cmocka_unit_test(test_midway),
        cmocka_unit_test(test_addresses),
    };

    return cmocka_run_group_tests_name("dissect, beginnings and ends", tests, NULL, NULL);
}
