/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * How a flight ends: alerts, the transport, what is no TLS, every limit; SSL 2.0; what comes after it. Whatever comes, it ends, keeps
 * within its room, and an end stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/audit_flights.h"

static audit_flight f;

/* At once and byte by byte, which must come out the same. */
static hf_flight *read_to(hf_flight_end end)
{
    hf_flight *flight = audit_read(&f, 0), *slow = audit_read(&f, 1);

    if (flight->end != end)
        fail_msg("end %d, not %d: %s", (int)flight->end, (int)end, flight->why);
    assert_int_equal(slow->end, end);
    assert_string_equal(slow->why, flight->why);
    assert_int_equal(slow->bytes, flight->bytes);
    assert_int_equal(slow->n_alerts, flight->n_alerts);
    assert_int_equal(slow->hello, flight->hello);
    hf_flight_free(slow);
    return flight;
}

static hf_flight *of_bytes(const void *bytes, size_t n, hf_flight_end end)
{
    audit_start(&f, HF_TLS12);
    audit_raw(&f, hf_span_of(bytes, n));
    return read_to(end);
}

static void check_words(hf_flight *flight, const char *words)
{
    char text[HF_FLIGHT_WORDS];

    assert_string_equal(hf_flight_words(flight, text), words);
    hf_flight_free(flight);
}

/* ---- the transport's end ---- */

/* Cut at every byte it is never DONE, and says hello only if ServerHello is whole. */
static void test_cut_at_every_byte(void **state)
{
    static const uint16_t versions[] = { HF_SSL3, HF_TLS10, HF_TLS12, HF_TLS13 };

    (void)state;
    for (size_t v = 0; v < 4; v++) {
        audit_usual(&f, versions[v], 0xc02f, 0x001d);
        size_t whole = f.b.len, hello = 5 + ((size_t)f.bytes[3] << 8 | f.bytes[4]);
        for (size_t n = 0; n < whole; n++) {
            f.b.len = n;
            hf_flight *flight = read_to(HF_FLIGHT_CLOSED);
            assert_int_equal(flight->hello, n >= hello);
            assert_int_equal(flight->bytes, n);
            hf_flight_free(flight);
        }
    }
}

static void test_transports_ends(void **state)
{
    static const struct {
        hf_flight_end end;
        const char *before, *within;
    } rows[] = {
        { HF_FLIGHT_CLOSED, "closed the connection without a word",
          "closed the connection in the middle of its answer" },
        { HF_FLIGHT_RESET, "reset the connection", "reset the connection" },
        { HF_FLIGHT_LATE, "said nothing in time", "stopped in the middle of its answer" },
        { HF_FLIGHT_UNREACHABLE, "could not be reached", "could not be reached" },
    };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        hf_flight *flight = hf_flight_new();
        hf_flight_ended(flight, rows[i].end);
        assert_int_equal(flight->end, rows[i].end);
        /* It stays, whatever comes. */
        audit_usual(&f, HF_TLS12, 0x002f, 0);
        assert_int_equal(hf_flight_feed(flight, audit_bytes(&f)), rows[i].end);
        hf_flight_ended(flight, HF_FLIGHT_CLOSED);
        hf_flight_go_on(flight, 1);
        assert_int_equal(flight->end, rows[i].end);
        assert_false(flight->hello);
        check_words(flight, rows[i].before);
        flight = hf_flight_new();
        hf_flight_feed(flight, hf_span_of("\26\3\3", 3));
        hf_flight_ended(flight, rows[i].end);
        check_words(flight, rows[i].within);
    }
}

static void test_words_of_an_answer(void **state)
{
    (void)state;
    audit_usual(&f, HF_TLS12, 0xc02f, 0x001d);
    check_words(read_to(HF_FLIGHT_DONE),
                "ServerHello, TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    f.b.len -= 9;
    check_words(read_to(HF_FLIGHT_CLOSED),
                "ServerHello, TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256; "
                "closed the connection in the middle of its answer");
    audit_start(&f, HF_TLS13);
    audit_hello(&f, &(audit_server_hello){ .suite = 0xabcd, .retry = true, .group = 0x17 });
    check_words(read_to(HF_FLIGHT_DONE), "HelloRetryRequest, TLS 1.3, unknown (0xabcd)");
    check_words(hf_flight_new(), "not over yet");
}

/* ---- alerts ---- */

static void test_fatal_alert(void **state)
{
    (void)state;
    audit_start(&f, HF_TLS10);
    audit_alert(&f, 2, 40);
    audit_done(&f); /* what comes after it is not read */
    hf_flight *flight = read_to(HF_FLIGHT_ALERT);
    assert_true(flight->has_alert && flight->has_fatal && !flight->hello);
    assert_int_equal(flight->alert, 40);
    assert_int_equal(flight->fatal_alert, 40);
    assert_int_equal(flight->alert_level, 2);
    assert_int_equal(flight->bytes, 7);
    hf_flight_go_on(flight, 1); /* there is nothing to go on with */
    assert_int_equal(flight->end, HF_FLIGHT_ALERT);
    check_words(flight, "handshake_failure (40)");
}

/* RFC 5246 7.2: a warning does not end it; close_notify does. */
static void test_warnings(void **state)
{
    (void)state;
    audit_start(&f, HF_TLS12);
    audit_alert(&f, 1, 112);
    audit_hello(&f, &(audit_server_hello){ .suite = 0x002f });
    audit_done(&f);
    hf_flight *flight = read_to(HF_FLIGHT_DONE);
    assert_true(flight->hello && flight->has_alert && !flight->has_fatal);
    assert_int_equal(flight->alert, 112);
    assert_int_equal(flight->n_warnings, 1);
    hf_flight_free(flight);

    audit_start(&f, HF_TLS12);
    audit_alert(&f, 1, 112);
    audit_alert(&f, 1, 0);
    flight = read_to(HF_FLIGHT_ALERT);
    assert_int_equal(flight->alert, 112);
    assert_int_equal(flight->fatal_alert, 0);
    assert_int_equal(flight->n_alerts, 2);
    check_words(flight, "close_notify (0)");

    audit_start(&f, HF_TLS12);
    audit_alert(&f, 1, 40);
    flight = read_to(HF_FLIGHT_CLOSED);
    assert_true(flight->has_alert && !flight->has_fatal);
    hf_flight_free(flight);
}

static void test_alert_records(void **state)
{
    static const uint8_t three[] = { 1, 112, 2, 70, 1, 90 };

    (void)state;
    audit_start(&f, HF_TLS12);
    audit_record(&f, 21, hf_span_of(three, sizeof three));
    hf_flight *flight = read_to(HF_FLIGHT_ALERT);
    assert_int_equal(flight->n_alerts, 2);
    assert_int_equal(flight->fatal_alert, 70);
    hf_flight_free(flight);
    for (size_t n = 0; n < 4; n++) {
        audit_start(&f, HF_TLS12);
        audit_record(&f, 21, hf_span_of(three, n));
        hf_flight_free(read_to(n == 2 ? HF_FLIGHT_CLOSED : HF_FLIGHT_MALFORMED));
        n += n == 1 ? 1 : 0;
    }
    audit_start(&f, HF_TLS12);
    audit_alert(&f, 77, 201);
    check_words(read_to(HF_FLIGHT_ALERT), "an unknown alert (201)");
}

/* ---- limits ---- */

static void test_too_many_bytes(void **state)
{
    static uint8_t content[1 << 14];

    (void)state;
    audit_start(&f, HF_TLS12);
    audit_hello(&f, &(audit_server_hello){ .suite = 0x002f });
    memcpy(content, "\27\0\77\374", 4); /* SupplementalData of 16380 bytes, which is skipped */
    for (size_t i = 0; i < 7; i++)
        audit_record(&f, 22, hf_span_of(content, sizeof content));
    hf_flight *flight = read_to(HF_FLIGHT_TOO_LONG);
    assert_int_equal(flight->bytes, HF_FLIGHT_BYTES_MAX);
    check_words(flight, "ServerHello, TLS 1.2, TLS_RSA_WITH_AES_128_CBC_SHA; sent more than is "
                        "read: more than 98304 "
                        "bytes");
}

static void test_too_many_records(void **state)
{
    (void)state;
    audit_start(&f, HF_TLS12);
    for (size_t i = 0; i < HF_FLIGHT_RECORDS_MAX; i++)
        audit_alert(&f, 1, 90);
    hf_flight *flight = read_to(HF_FLIGHT_CLOSED);
    assert_int_equal(flight->n_warnings, HF_FLIGHT_RECORDS_MAX);
    hf_flight_free(flight);
    audit_record(&f, 22, hf_span_of("", 0));
    check_words(read_to(HF_FLIGHT_TOO_LONG), "sent more than is read: more than 256 records");
}

/* A message that could never be whole is refused by its header. */
static void test_message_too_long(void **state)
{
    (void)state;
    hf_flight_free(of_bytes("\26\3\3\0\4\2\377\377\377", 9, HF_FLIGHT_TOO_LONG));
    hf_flight_free(of_bytes("\26\3\3\0\4\2\1\177\375", 9, HF_FLIGHT_TOO_LONG)); /* 98301 */
    hf_flight_free(of_bytes("\26\3\3\0\4\2\1\177\374", 9, HF_FLIGHT_CLOSED));   /* 98300 */
}

static void test_record_headers(void **state)
{
    (void)state;
    hf_flight_free(of_bytes("\26\3\3\110\0", 5, HF_FLIGHT_CLOSED)); /* 18432 bytes */
    hf_flight_free(of_bytes("\26\3\3\110\1", 5, HF_FLIGHT_MALFORMED));
    hf_flight_free(
        of_bytes("\27\3\3\0\1x", 6, HF_FLIGHT_MALFORMED)); /* application_data at first */
    hf_flight_free(of_bytes("\30\3\3\0\1x", 6, HF_FLIGHT_MALFORMED)); /* heartbeat */
    /* A record of something else after one of TLS. */
    hf_flight *flight = of_bytes("\25\3\3\0\2\1\132HTTP/1.1", 15, HF_FLIGHT_MALFORMED);
    assert_int_equal(flight->n_warnings, 1);
    check_words(flight, "sent what cannot be read: record 2: type 72, version 0x5454");
    hf_flight_free(of_bytes("\25\3\3\0\2\1\132\26\4\0\0\1", 12, HF_FLIGHT_MALFORMED));
}

/* A message in records of one byte each, and several messages in one record, are the same (RFC 5246 6.2.1). */
static void test_fragments(void **state)
{
    static uint8_t all[4096];
    size_t n = 0;

    (void)state;
    audit_start(&f, HF_TLS12);
    f.record_size = 1;
    audit_hello(&f, &(audit_server_hello){ .suite = 0x002f });
    audit_done(&f);
    hf_flight *flight = read_to(HF_FLIGHT_DONE);
    assert_true(flight->hello && flight->done);
    hf_flight_free(flight);

    audit_usual(&f, HF_TLS12, 0xc02f, 0x1d);
    for (size_t at = 0; at < f.b.len;) {
        size_t len = (size_t)f.bytes[at + 3] << 8 | f.bytes[at + 4];
        memcpy(all + n, f.bytes + at + 5, len);
        n += len;
        at += 5 + len;
    }
    audit_start(&f, HF_TLS12);
    audit_record(&f, 22, hf_span_of(all, n));
    flight = read_to(HF_FLIGHT_DONE);
    assert_true(flight->done && flight->n_certs == 1 && flight->key_exchange);
    hf_flight_free(flight);
}

/* ---- what is no TLS ---- */

static void test_foreign(void **state)
{
    static const struct {
        const char *bytes, *words;
    } rows[] = {
        { "HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n",
          "no TLS, but HTTP: \"HTTP/1.1 400 Bad Request\"" },
        { "HTTP/1.1 200", "no TLS, but HTTP: \"HTTP/1.1 200\"" },
        { "SSH-2.0-OpenSSH_9.2p1\r\n", "no TLS, but text: \"SSH-2.0-OpenSSH_9.2p1\"" },
        { "220 mail.example.test ESMTP\r\n", "no TLS, but text: \"220 mail.example.test ESMTP\"" },
        { "NO", "no TLS, but text: \"NO\"" },
        { "-", "no TLS, but text: \"-\"" },
        { "\033[31mred\n", "no TLS, but bytes that are neither TLS nor text" },
        { "\26\1\2\3\4", "no TLS, but bytes that are neither TLS nor text" },
        { "\377\376\375", "no TLS, but bytes that are neither TLS nor text" },
        { "HTTP/1.1 200 \033[2J\n", "no TLS, but HTTP: \"HTTP/1.1 200 .[2J\"" },
        { "a\177\n", "no TLS, but bytes that are neither TLS nor text" },
        { "\r\n", "no TLS, but bytes that are neither TLS nor text" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_words(of_bytes(rows[i].bytes, strlen(rows[i].bytes), HF_FLIGHT_FOREIGN),
                    rows[i].words);
}

static void test_long_foreign_line(void **state)
{
    char line[500];

    (void)state;
    memset(line, 'a', sizeof line);
    hf_flight *flight = of_bytes(line, sizeof line, HF_FLIGHT_FOREIGN);
    assert_int_equal(flight->bytes, 64);
    assert_true(strlen(flight->why) < 60);
    hf_flight_free(flight);
}

/* One byte of a record's beginning is not foreign, only too little. */
static void test_too_little_to_tell(void **state)
{
    (void)state;
    hf_flight_free(of_bytes("\25", 1, HF_FLIGHT_CLOSED));
    hf_flight_free(of_bytes("\26\3", 2, HF_FLIGHT_CLOSED));
}

/* ---- SSL 2.0 ---- */

static const uint8_t kinds2[] = { 1, 0, 0x80, 7, 0, 0xc0 };

static void test_ssl2_hello(void **state)
{
    (void)state;
    for (unsigned header = 2; header <= 3; header++) {
        audit_start(&f, HF_SSL2);
        audit_hello2(&f, hf_span_str("certificate"), hf_span_of(kinds2, sizeof kinds2), header);
        hf_flight *flight = read_to(HF_FLIGHT_DONE);
        assert_true(flight->hello && flight->ssl2);
        assert_int_equal(flight->version, HF_SSL2);
        assert_int_equal(flight->suites2.n, 2);
        assert_int_equal(flight->suites2.at[0], 0x0100);
        assert_string_equal(hf_ssl2_kind_name(flight->suites2.at[1]),
                            "SSL_CK_DES_192_EDE3_CBC_WITH_MD5");
        assert_int_equal(flight->n_certs, 1);
        assert_true(hf_span_equal(flight->certs[0], hf_span_str("certificate")));
        check_words(flight, "SERVER-HELLO, SSL 2.0, 2 cipher kinds");
        /* Cut anywhere it is no answer. */
        size_t whole = f.b.len;
        for (size_t n = 0; n < whole; n++) {
            f.b.len = n;
            flight = audit_read(&f, 1);
            assert_true(flight->end == HF_FLIGHT_CLOSED || flight->end == HF_FLIGHT_FOREIGN);
            assert_false(flight->hello);
            hf_flight_free(flight);
        }
    }
}

static void test_ssl2_without_kinds(void **state)
{
    (void)state;
    audit_start(&f, HF_SSL2);
    audit_hello2(&f, hf_span_of("", 0), hf_span_of("", 0), 2);
    hf_flight *flight = read_to(HF_FLIGHT_DONE);
    assert_true(flight->hello && flight->suites2.n == 0 && flight->n_certs == 0);
    hf_flight_free(flight);
}

static void test_ssl2_error(void **state)
{
    (void)state;
    audit_start(&f, HF_SSL2);
    audit_error2(&f, 1);
    hf_flight *flight = read_to(HF_FLIGHT_ALERT);
    assert_true(!flight->hello && !flight->has_alert);
    check_words(flight, "SSL 2.0 ERROR 0x0001, no cipher");
}

/* Lengths inside that lead out of the record; an empty record after the first bytes looked right. */
static void test_ssl2_malformed(void **state)
{
    (void)state;
    audit_start(&f, HF_SSL2);
    audit_hello2(&f, hf_span_str("certificate"), hf_span_of(kinds2, sizeof kinds2), 2);
    f.bytes[7] = 0x7f;
    hf_flight_free(read_to(HF_FLIGHT_MALFORMED));
    hf_flight_free(of_bytes("\200\1\4", 3, HF_FLIGHT_MALFORMED));
    hf_flight_free(of_bytes("\200\0\4\0\0\0", 6, HF_FLIGHT_MALFORMED));
    hf_flight_free(of_bytes("\200\3\1\0\0", 5, HF_FLIGHT_FOREIGN));
    hf_flight_free(of_bytes("\200\4\0\0\1\0", 6, HF_FLIGHT_FOREIGN));
}

/* ---- what comes after it ---- */

static hf_flight *done(void)
{
    audit_usual(&f, HF_TLS12, 0x002f, 0);
    hf_flight *flight = hf_flight_new();
    assert_int_equal(hf_flight_feed(flight, audit_bytes(&f)), HF_FLIGHT_DONE);
    audit_start(&f, HF_TLS12);
    return flight;
}

static hf_flight_end feed(hf_flight *flight)
{
    hf_flight_end end = hf_flight_feed(flight, audit_bytes(&f));

    audit_start(&f, HF_TLS12);
    return end;
}

static void test_records_after(void **state)
{
    static uint8_t content[HF_FLIGHT_AFTER_CONTENT + 44];
    hf_flight_record record;
    hf_flight *flight = done();

    (void)state;
    memset(content, 9, sizeof content);
    hf_flight_go_on(flight, 2);
    assert_int_equal(flight->end, HF_FLIGHT_OPEN);
    audit_record(&f, 24, hf_span_of(content, sizeof content));
    assert_int_equal(feed(flight), HF_FLIGHT_OPEN);
    audit_record(&f, 22, hf_span_str("anything"));
    assert_int_equal(feed(flight), HF_FLIGHT_DONE);
    assert_true(hf_flight_record_at(flight, 0, &record));
    assert_int_equal(record.type, 24);
    assert_int_equal(record.version, HF_TLS12);
    assert_int_equal(record.len, sizeof content);
    assert_int_equal(record.content.len, HF_FLIGHT_AFTER_CONTENT);
    assert_memory_equal(record.content.data, content, HF_FLIGHT_AFTER_CONTENT);
    assert_true(hf_flight_record_at(flight, 1, &record));
    assert_true(hf_span_equal(record.content, hf_span_str("anything")));
    assert_false(hf_flight_record_at(flight, 2, &record));
    hf_flight_free(flight);
}

static void test_alert_after(void **state)
{
    hf_flight *flight = done();

    (void)state;
    hf_flight_go_on(flight, 5);
    audit_alert(&f, 1, 100); /* a warning is an answer too */
    assert_int_equal(feed(flight), HF_FLIGHT_ALERT);
    assert_true(flight->has_alert && !flight->has_fatal);
    assert_int_equal(flight->alert, 100);
    check_words(
        flight,
        "ServerHello, TLS 1.2, TLS_RSA_WITH_AES_128_CBC_SHA; warning no_renegotiation (100)");
    /* Then again, and alerts begin anew. */
    flight = done();
    hf_flight_go_on(flight, 5);
    audit_alert(&f, 1, 100);
    feed(flight);
    hf_flight_go_on(flight, 5);
    assert_int_equal(flight->end, HF_FLIGHT_OPEN);
    assert_false(flight->has_alert);
    audit_alert(&f, 2, 10);
    assert_int_equal(feed(flight), HF_FLIGHT_ALERT);
    assert_int_equal(flight->fatal_alert, 10);
    assert_int_equal(flight->n_alerts, 1);
    hf_flight_free(flight);
}

/* An alert under keys cannot be read: it is a record like others. */
static void test_encrypted_alert_after(void **state)
{
    hf_flight *flight = done();

    (void)state;
    hf_flight_go_on(flight, 1);
    audit_record(&f, 21, hf_span_str("nineteen bytes here"));
    assert_int_equal(feed(flight), HF_FLIGHT_DONE);
    assert_false(flight->has_alert);
    hf_flight_free(flight);
}

/* What came in the same piece as the flight, or before anybody had asked, is an answer as well: pieces make no difference. */
static void test_after_it_came_early(void **state)
{
    (void)state;
    for (size_t piece = 0; piece < 2; piece++) {
        audit_usual(&f, HF_TLS12, 0x002f, 0);
        audit_alert(&f, 2, 80);
        hf_flight *flight = audit_read(&f, piece);
        assert_int_equal(flight->end, HF_FLIGHT_DONE);
        assert_false(flight->has_alert);
        hf_flight_go_on(flight, 3);
        assert_int_equal(flight->end, HF_FLIGHT_ALERT);
        assert_int_equal(flight->fatal_alert, 80);
        hf_flight_go_on(flight, 3); /* … and the transport had ended */
        assert_int_equal(flight->end, HF_FLIGHT_CLOSED);
        hf_flight_go_on(flight, 3);
        assert_int_equal(flight->end, HF_FLIGHT_CLOSED);
        hf_flight_free(flight);
    }
}

/* Silence is an answer after which more may be sent. */
static void test_silence_after(void **state)
{
    hf_flight *flight = done();

    (void)state;
    hf_flight_go_on(flight, 1);
    hf_flight_ended(flight, HF_FLIGHT_LATE);
    assert_int_equal(flight->end, HF_FLIGHT_LATE);
    hf_flight_go_on(flight, 1);
    assert_int_equal(flight->end, HF_FLIGHT_OPEN);
    audit_alert(&f, 2, 10);
    assert_int_equal(feed(flight), HF_FLIGHT_ALERT);
    hf_flight_ended(flight, HF_FLIGHT_RESET);
    assert_int_equal(flight->end, HF_FLIGHT_ALERT);
    hf_flight_free(flight);
}

static void test_garbage_after(void **state)
{
    hf_flight *flight = done();

    (void)state;
    audit_raw(&f, hf_span_str("garbage garbage"));
    assert_int_equal(feed(flight), HF_FLIGHT_DONE);
    hf_flight_go_on(flight, 1);
    assert_int_equal(flight->end, HF_FLIGHT_MALFORMED);
    hf_flight_go_on(flight, 1);
    assert_int_equal(flight->end, HF_FLIGHT_MALFORMED);
    hf_flight_free(flight);
}

static void test_flood_after(void **state)
{
    hf_flight *flight = done();
    hf_flight_record record;

    (void)state;
    hf_flight_go_on(flight, SIZE_MAX / 2);
    for (size_t i = 0; i < HF_FLIGHT_RECORDS_MAX; i++)
        audit_record(&f, 23, hf_span_of("x", 1));
    assert_int_equal(feed(flight), HF_FLIGHT_TOO_LONG);
    assert_true(hf_flight_record_at(flight, HF_FLIGHT_AFTER_MAX - 1, &record));
    assert_false(hf_flight_record_at(flight, HF_FLIGHT_AFTER_MAX, &record));
    hf_flight_free(flight);
}

/* Nothing to go on with before DONE. */
static void test_go_on_too_early(void **state)
{
    hf_flight *flight = hf_flight_new();

    (void)state;
    hf_flight_go_on(flight, 1);
    assert_int_equal(flight->end, HF_FLIGHT_OPEN);
    audit_usual(&f, HF_TLS12, 0x002f, 0);
    assert_int_equal(hf_flight_feed(flight, audit_bytes(&f)), HF_FLIGHT_DONE);
    assert_true(flight->done);
    hf_flight_free(flight);
    hf_flight_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_at_every_byte),
        cmocka_unit_test(test_transports_ends),
        cmocka_unit_test(test_words_of_an_answer),
        cmocka_unit_test(test_fatal_alert),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_alert_records),
        cmocka_unit_test(test_too_many_bytes),
        cmocka_unit_test(test_too_many_records),
        cmocka_unit_test(test_message_too_long),
        cmocka_unit_test(test_record_headers),
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_long_foreign_line),
        cmocka_unit_test(test_too_little_to_tell),
        cmocka_unit_test(test_ssl2_hello),
        cmocka_unit_test(test_ssl2_without_kinds),
        cmocka_unit_test(test_ssl2_error),
        cmocka_unit_test(test_ssl2_malformed),
        cmocka_unit_test(test_records_after),
        cmocka_unit_test(test_alert_after),
        cmocka_unit_test(test_encrypted_alert_after),
        cmocka_unit_test(test_after_it_came_early),
        cmocka_unit_test(test_silence_after),
        cmocka_unit_test(test_garbage_after),
        cmocka_unit_test(test_flood_after),
        cmocka_unit_test(test_go_on_too_early),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
