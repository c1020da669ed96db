/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The messages of a server's flight, of every version and form: what they say is seen, in whichever pieces they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "explain/names.h"
#include "support/audit_flights.h"

static audit_flight f;

static void check_same_spans(const hf_flight *a, const hf_flight *b)
{
    assert_true(hf_span_equal(a->alpn, b->alpn) && hf_span_equal(a->staple, b->staple));
    assert_true(hf_span_equal(a->dh_p, b->dh_p) && hf_span_equal(a->dh_g, b->dh_g));
    assert_int_equal(a->n_certs, b->n_certs);
    for (size_t i = 0; i < a->n_certs; i++)
        assert_true(hf_span_equal(a->certs[i], b->certs[i]));
}

/* All that does not point into the reader's room. */
static void check_same(const hf_flight *a, const hf_flight *b)
{
    hf_flight x = *a, y = *b;

    check_same_spans(a, b);
    x.room = y.room = NULL;
    x.alpn = y.alpn = x.staple = y.staple = x.dh_p = y.dh_p = x.dh_g = y.dh_g =
        (hf_span){ NULL, 0 };
    memset(x.certs, 0, sizeof x.certs);
    memset(y.certs, 0, sizeof y.certs);
    assert_memory_equal(&x, &y, sizeof x);
}

/* At once; and in pieces it must come out the same. */
static hf_flight *read_flight(void)
{
    static const size_t pieces[] = { 1, 2, 3, 5, 7, 64, 1000 };
    hf_flight *whole = audit_read(&f, 0);

    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        hf_flight *other = audit_read(&f, pieces[i]);
        check_same(whole, other);
        hf_flight_free(other);
    }
    return whole;
}

static hf_flight *read_to(hf_flight_end end)
{
    hf_flight *flight = read_flight();

    if (flight->end != end)
        fail_msg("end %d, not %d: %s", (int)flight->end, (int)end, flight->why);
    return flight;
}

/* ---- flights of each version ---- */

static void test_old_versions(void **state)
{
    static const uint16_t versions[] = { HF_SSL3, HF_TLS10, HF_TLS11, HF_TLS12 };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        audit_usual(&f, versions[i], 0xc02f, 0x001d);
        hf_flight *flight = read_to(HF_FLIGHT_DONE);
        assert_true(flight->hello && flight->done && !flight->retry && !flight->ssl2);
        assert_int_equal(flight->version, versions[i]);
        assert_int_equal(flight->record_version, versions[i]);
        assert_int_equal(flight->suite, 0xc02f);
        assert_int_equal(flight->group, 0x001d);
        assert_int_equal(flight->n_certs, 1);
        assert_int_equal(flight->certs[0].len, 5);
        assert_true(flight->key_exchange);
        assert_int_equal(flight->share_len, 32);
        assert_int_equal(flight->share[31], 0x5c);
        assert_int_equal(flight->scheme, versions[i] == HF_TLS12 ? 0x0804 : 0);
        assert_int_equal(flight->bytes, audit_bytes(&f).len);
        assert_memory_equal(flight->shown, audit_bytes(&f).data, flight->n_shown);
        hf_flight_free(flight);
    }
}

/* RFC 9846 4.2.3: after ServerHello all is encrypted. */
static void test_tls13_ends_with_server_hello(void **state)
{
    (void)state;
    audit_usual(&f, HF_TLS13, 0x1301, 0x001d);
    hf_flight *flight = read_to(HF_FLIGHT_DONE);
    assert_true(flight->hello && !flight->done && !flight->retry);
    assert_int_equal(flight->version, HF_TLS13);
    assert_int_equal(flight->group, 0x001d);
    assert_int_equal(flight->share_len, 32);
    assert_int_equal(flight->extensions.n, 2);
    assert_int_equal(flight->extensions.at[0], 43);
    hf_flight_free(flight);
}

static void test_retry(void **state)
{
    (void)state;
    audit_start(&f, HF_TLS13);
    audit_hello(&f, &(audit_server_hello){ .suite = 0x1302, .retry = true, .group = 0x0018 });
    hf_flight *flight = read_to(HF_FLIGHT_DONE);
    assert_true(flight->hello && flight->retry);
    assert_int_equal(flight->version, HF_TLS13);
    assert_int_equal(flight->group, 0x0018);
    assert_int_equal(flight->share_len, 0);
    hf_flight_free(flight);
}

/* RFC 9846 4.2.3: the last eight bytes. */
static void test_sentinels(void **state)
{
    static const char ends[3][9] = { "DOWNGRD\1", "DOWNGRD\0", "DOWNGRD\2" };
    uint8_t random[32] = { 0 };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        memcpy(random + 24, ends[i], 8);
        audit_start(&f, HF_TLS12);
        audit_hello(&f, &(audit_server_hello){ .suite = 0x002f, .random = random });
        audit_done(&f);
        hf_flight *flight = read_to(HF_FLIGHT_DONE);
        assert_int_equal(flight->downgrade_12, i == 0);
        assert_int_equal(flight->downgrade_11, i == 1);
        assert_memory_equal(flight->random, random, 32);
        hf_flight_free(flight);
    }
}

/* ---- ServerHello ---- */

static hf_flight *with_extensions(const void *extensions, size_t n, hf_flight_end end)
{
    audit_start(&f, HF_TLS12);
    audit_hello(&f,
                &(audit_server_hello){ .suite = 0x002f,
                                       .session_id = { (const uint8_t *)"0123456789abcdef", 16 },
                                       .with_block = true,
                                       .extensions = hf_span_of(extensions, n) });
    audit_done(&f);
    return read_to(end);
}

static void test_extensions(void **state)
{
    static const uint8_t all[] = {
        0,    5,  0, 0,                                       /* status_request */
        0,    15, 0, 1, 1,                                    /* heartbeat */
        0,    16, 0, 5, 0, 3,    2,    'h', '2',              /* ALPN */
        0,    18, 0, 9, 0, 7,    0,    3,   1,   2,  3, 0, 0, /* two SCTs */
        0,    22, 0, 0, 0, 23,   0,    0,   0,   35, 0, 0,    /* encrypt_then_mac, ems, ticket */
        0xff, 1,  0, 1, 0, 0x5a, 0xa5, 0,   2,   9,  9        /* renegotiation_info, unknown */
    };

    (void)state;
    hf_flight *flight = with_extensions(all, sizeof all, HF_FLIGHT_DONE);
    assert_true(flight->status && flight->heartbeat && flight->encrypt_then_mac && flight->ems &&
                flight->ticket && flight->renegotiation_info && flight->scts);
    assert_int_equal(flight->heartbeat_mode, 1);
    assert_int_equal(flight->n_scts, 2);
    assert_true(hf_span_equal(flight->alpn, hf_span_str("h2")));
    assert_int_equal(flight->extensions.n, 9);
    assert_int_equal(flight->extensions.at[8], 0x5aa5);
    assert_int_equal(flight->session_id_len, 16);
    assert_memory_equal(flight->session_id, "0123456789abcdef", 16);
    hf_flight_free(flight);
    flight = with_extensions("", 0, HF_FLIGHT_DONE);
    assert_true(flight->hello && flight->extensions.n == 0);
    hf_flight_free(flight);
}

static void test_broken_extensions(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
    } rows[] = { { "\0\20\0\2\0\3", 6 },
                 { "\0\17\0\0", 4 },
                 { "\0\22\0\4\0\2\0\3", 8 },
                 { "\0\53\0\1\3", 5 },
                 { "\0\27\0", 3 } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hf_flight *flight = with_extensions(rows[i].bytes, rows[i].n, HF_FLIGHT_MALFORMED);
        assert_false(flight->hello);
        assert_true(strlen(flight->why) > 0);
        hf_flight_free(flight);
    }
}

static void test_compression(void **state)
{
    (void)state;
    audit_start(&f, HF_TLS10);
    audit_hello(&f, &(audit_server_hello){ .suite = 0x0005, .compression = 1 });
    audit_done(&f);
    hf_flight *flight = read_to(HF_FLIGHT_DONE);
    assert_int_equal(flight->compression, 1);
    hf_flight_free(flight);
}

/* ---- certificates and what goes with them ---- */

static void test_certificates(void **state)
{
    static const size_t counts[] = { 0, 1, 3, HF_FLIGHT_CERTS_MAX, HF_FLIGHT_CERTS_MAX + 1 };
    hf_span ders[HF_FLIGHT_CERTS_MAX + 1];

    (void)state;
    for (size_t i = 0; i <= HF_FLIGHT_CERTS_MAX; i++)
        ders[i] = hf_span_of("0123456789abcdef", i + 1);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        audit_start(&f, HF_TLS12);
        audit_hello(&f, &(audit_server_hello){ .suite = 0x002f });
        audit_certificate(&f, ders, counts[i]);
        audit_status(&f, hf_span_str("a response"));
        audit_certificate_request(&f, i);
        audit_done(&f);
        hf_flight *flight = read_to(HF_FLIGHT_DONE);
        bool more = counts[i] > HF_FLIGHT_CERTS_MAX;
        assert_int_equal(flight->n_certs, more ? HF_FLIGHT_CERTS_MAX : counts[i]);
        assert_int_equal(flight->more_certs, more);
        for (size_t j = 0; j < flight->n_certs; j++)
            assert_true(hf_span_equal(flight->certs[j], ders[j]));
        assert_true(hf_span_equal(flight->staple, hf_span_str("a response")));
        assert_true(flight->certificate_request && !flight->key_exchange);
        assert_int_equal(flight->n_authorities, i);
        hf_flight_free(flight);
    }
}

/* RFC 4346 7.4.4: before TLS 1.2 the request has no signature algorithms. */
static void test_old_certificate_request(void **state)
{
    (void)state;
    audit_start(&f, HF_TLS11);
    audit_hello(&f, &(audit_server_hello){ .suite = 0x002f });
    audit_certificate_request(&f, 2);
    audit_done(&f);
    hf_flight *flight = read_to(HF_FLIGHT_DONE);
    assert_int_equal(flight->n_authorities, 2);
    hf_flight_free(flight);
}

/* ---- ServerKeyExchange ---- */

/* A flight with that body, to its end. */
static hf_flight *with_body(uint16_t version, uint16_t suite, hf_span body, hf_flight_end end)
{
    audit_start(&f, version);
    audit_hello(&f, &(audit_server_hello){ .suite = suite });
    audit_message(&f, 12, body);
    audit_done(&f);
    return read_to(end);
}

static const uint8_t curve[] = { 3, 0, 0x17, 3, 4, 5, 6 };
static const uint8_t prime[] = { 1, 1, 7, 1, 1, 1, 2, 1, 3, 1, 5, 1, 1, 2, 8, 9 };
static const uint8_t trinomial[] = { 2, 0, 163, 1, 1, 7, 1, 1, 1, 2, 1, 3, 1, 5, 1, 1, 2, 8, 9 };
static const uint8_t pentanomial[] = { 2, 0, 163, 2, 1, 7, 1, 6, 1, 3, 1, 1,
                                       1, 2, 1,   3, 1, 5, 1, 1, 2, 8, 9 };
static const uint8_t dh[] = { 0, 3, 0, 0x7f, 1, 0, 1, 2, 0, 2, 8, 9 };
static const uint8_t rsa[] = { 0, 2, 2, 1, 0, 1, 3 };
static const uint8_t srp[] = { 0, 1, 5, 0, 1, 2, 1, 9, 0, 1, 7 };
static const uint8_t signed12[] = { 4, 1, 0, 2, 7, 7 };
static const uint8_t signed10[] = { 0, 2, 7, 7 };
static const uint8_t hint[] = { 0, 4, 'h', 'i', 'n', 't' };

#define PART(bytes)                                                                                \
    {                                                                                              \
        bytes, sizeof bytes                                                                        \
    }
#define NO_PART                                                                                    \
    {                                                                                              \
        NULL, 0                                                                                    \
    }

/* RFC 8422 5.4, RFC 5246 7.4.3, RFC 2246 7.4.3 (rsa_export), RFC 4279 2 to 4, RFC 5489 2, RFC 5054 2.5.3. */
static void test_key_exchanges(void **state)
{
    static const struct {
        uint16_t version, suite;
        hf_span first, params, last;
        unsigned group, scheme, dh_bits, rsa_bits, share;
    } rows[] = {
        { HF_TLS12, 0xc02f, NO_PART, PART(curve), PART(signed12), 0x17, 0x0401, 0, 0, 3 },
        { HF_TLS11, 0xc013, NO_PART, PART(curve), PART(signed10), 0x17, 0, 0, 0, 3 },
        { HF_TLS12, 0xc018, NO_PART, PART(curve), NO_PART, 0x17, 0, 0, 0, 3 },
        { HF_TLS10, 0xc00a, NO_PART, PART(prime), PART(signed10), 0xff01, 0, 0, 0, 2 },
        { HF_TLS12, 0xc02b, NO_PART, PART(trinomial), PART(signed12), 0xff02, 0x0401, 0, 0, 2 },
        { HF_TLS12, 0xc02b, NO_PART, PART(pentanomial), PART(signed12), 0xff02, 0x0401, 0, 0, 2 },
        { HF_TLS12, 0x009e, NO_PART, PART(dh), PART(signed12), 0, 0x0401, 15, 0, 2 },
        { HF_SSL3, 0x0014, NO_PART, PART(dh), PART(signed10), 0, 0, 15, 0, 2 },
        { HF_TLS10, 0x0032, NO_PART, PART(dh), PART(signed10), 0, 0, 15, 0, 2 },
        { HF_TLS12, 0x0034, NO_PART, PART(dh), NO_PART, 0, 0, 15, 0, 2 },
        { HF_TLS10, 0x0017, NO_PART, PART(dh), NO_PART, 0, 0, 15, 0, 2 },
        { HF_TLS10, 0x0003, NO_PART, PART(rsa), PART(signed10), 0, 0, 0, 10, 0 },
        { HF_TLS12, 0x0062, NO_PART, PART(rsa), PART(signed12), 0, 0x0401, 0, 10, 0 },
        { HF_TLS12, 0x00a8, PART(hint), NO_PART, NO_PART, 0, 0, 0, 0, 0 },
        { HF_TLS12, 0x00ac, PART(hint), NO_PART, NO_PART, 0, 0, 0, 0, 0 }, /* RSA_PSK */
        { HF_TLS12, 0xc0aa, PART(hint), PART(dh), NO_PART, 0, 0, 15, 0, 2 },
        { HF_TLS10, 0x0090, PART(hint), PART(dh), NO_PART, 0, 0, 15, 0, 2 },
        { HF_TLS12, 0xd001, PART(hint), PART(curve), NO_PART, 0x17, 0, 0, 0, 3 },
        { HF_TLS10, 0xc01d, NO_PART, PART(srp), NO_PART, 0, 0, 0, 0, 0 },
        { HF_TLS12, 0xc01e, NO_PART, PART(srp), PART(signed12), 0, 0x0401, 0, 0, 0 },
    };
    uint8_t room[256];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hf_builder b = hf_wr_start(room, sizeof room);
        hf_wr_bytes(&b, rows[i].first);
        hf_wr_bytes(&b, rows[i].params);
        hf_wr_bytes(&b, rows[i].last);
        hf_flight *flight =
            with_body(rows[i].version, rows[i].suite, hf_span_of(room, b.len), HF_FLIGHT_DONE);
        assert_true(flight->key_exchange);
        assert_int_equal(flight->group, rows[i].group);
        assert_int_equal(flight->scheme, rows[i].scheme);
        assert_int_equal(flight->dh_bits, rows[i].dh_bits);
        assert_int_equal(flight->rsa_export_bits, rows[i].rsa_bits);
        assert_int_equal(flight->share_len, rows[i].share);
        assert_int_equal(flight->dh_p.len, rows[i].dh_bits > 0 ? 3 : 0);
        hf_flight_free(flight);
        /* Cut anywhere, or with a byte too many, it is malformed. */
        for (size_t n = 0; n <= b.len; n++) {
            size_t len = n < b.len ? n : b.len + 1;
            hf_flight_free(with_body(rows[i].version, rows[i].suite, hf_span_of(room, len),
                                     HF_FLIGHT_MALFORMED));
        }
    }
}

/* What no suite of the registry explains is not looked into. */
static void test_unknown_key_exchanges(void **state)
{
    static const uint16_t suites[] = { 0xabcd, 0x0081, 0xc0ff, 0x001d,
                                       0x001e, 0xc00e, 0x0030, 0xc0b4 };

    (void)state;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        hf_flight *flight = with_body(HF_TLS12, suites[i], hf_span_str("anything"), HF_FLIGHT_DONE);
        assert_true(flight->key_exchange && flight->group == 0 && flight->dh_bits == 0);
        hf_flight_free(flight);
    }
}

static void test_unknown_curve_type(void **state)
{
    (void)state;
    hf_flight_free(with_body(HF_TLS12, 0xc02f, hf_span_of("\4\0\27\1\1", 5), HF_FLIGHT_MALFORMED));
}

static void test_bits_of_a_prime(void **state)
{
    static const struct {
        const char *p;
        size_t len;
        unsigned bits;
    } rows[] = { { "\0\0", 2, 0 },
                 { "\1", 1, 1 },
                 { "\377", 1, 8 },
                 { "\0\200\0", 3, 16 },
                 { "\1\0\0", 3, 17 } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        audit_start(&f, HF_TLS12);
        audit_hello(&f, &(audit_server_hello){ .suite = 0x009e });
        audit_dhe(&f, hf_span_of(rows[i].p, rows[i].len), hf_span_of("\2", 1), 0x0401);
        audit_done(&f);
        hf_flight *flight = read_to(HF_FLIGHT_DONE);
        assert_int_equal(flight->dh_bits, rows[i].bits);
        assert_true(hf_span_equal(flight->dh_p, hf_span_of(rows[i].p, rows[i].len)));
        assert_true(hf_span_equal(flight->dh_g, hf_span_of("\2", 1)));
        hf_flight_free(flight);
    }
}

/* ---- cut, order ---- */

/* Each body of the usual flight, cut at every byte with a right header, is malformed; none is read past its end. */
static void test_bodies_cut(void **state)
{
    static const uint8_t types[] = { 2, 11, 12, 13, 14, 22 };
    static const uint8_t hello[] = { 3,  3,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13,
                                     14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
                                     29, 30, 31, 32, 1,  9,  0,  5,  0,  0,  4,  0,  23, 0,  0 };
    static const uint8_t certificate[] = { 0, 0, 6, 0, 0, 3, 1, 2, 3 };
    static const uint8_t request[] = { 1, 1, 0, 2, 4, 1, 0, 3, 0, 1, 7 };
    static const uint8_t status[] = { 1, 0, 0, 1, 7 };
    const hf_span bodies[] = { PART(hello),   PART(certificate), PART(curve),
                               PART(request), NO_PART,           PART(status) };

    (void)state;
    for (size_t i = 0; i < sizeof types; i++)
        for (size_t n = 0; n < bodies[i].len; n++) {
            audit_start(&f, HF_TLS12);
            if (i > 0)
                audit_hello(&f, &(audit_server_hello){ .suite = 0xc02f });
            audit_message(&f, types[i], hf_span_of(bodies[i].data, n));
            if (i == 0 && n == 39) { /* without its extensions it is whole */
                hf_flight_free(read_to(HF_FLIGHT_CLOSED));
                continue;
            }
            hf_flight *flight = read_to(HF_FLIGHT_MALFORMED);
            assert_true(flight->n_certs == 0 && flight->staple.len == 0 &&
                        !flight->certificate_request);
            hf_flight_free(flight);
        }
}

static void test_order(void **state)
{
    static const uint8_t types[] = { 11, 12, 13, 14, 22, 1, 20, 255 };

    (void)state;
    for (size_t i = 0; i < sizeof types; i++) {
        audit_start(&f, HF_TLS12);
        audit_message(&f, types[i], hf_span_of("", 0));
        hf_flight_free(read_to(HF_FLIGHT_MALFORMED));
    }
    audit_usual(&f, HF_TLS12, 0x002f, 0);
    f.b.len -= 9; /* ServerHelloDone */
    audit_hello(&f, &(audit_server_hello){ .suite = 0x002f });
    hf_flight_free(read_to(HF_FLIGHT_MALFORMED));
    audit_start(&f, HF_TLS12);
    audit_hello(&f, &(audit_server_hello){ .suite = 0x002f });
    audit_message(&f, 14, hf_span_of("x", 1));
    hf_flight_free(read_to(HF_FLIGHT_MALFORMED));
}

/* HelloRequest may come at any time (RFC 5246 7.4.1.1); what is unknown after ServerHello is skipped. */
static void test_skipped_messages(void **state)
{
    (void)state;
    audit_start(&f, HF_TLS12);
    audit_message(&f, 0, hf_span_of("", 0));
    audit_hello(&f, &(audit_server_hello){ .suite = 0x002f });
    audit_message(&f, 23, hf_span_of("supplemental", 12));
    audit_message(&f, 4, hf_span_of("ticket", 6));
    audit_message(&f, 22, hf_span_of("\2whatever", 9)); /* ocsp_multi */
    audit_done(&f);
    hf_flight *flight = read_to(HF_FLIGHT_DONE);
    assert_true(flight->done && flight->staple.len == 0);
    hf_flight_free(flight);
}

/* RFC 5246 7.3: a resumed session goes from ServerHello to ChangeCipherSpec. */
static void test_resumption(void **state)
{
    (void)state;
    audit_start(&f, HF_TLS12);
    audit_hello(&f, &(audit_server_hello){ .suite = 0x002f });
    audit_change_cipher_spec(&f);
    hf_flight *flight = read_to(HF_FLIGHT_DONE);
    assert_true(flight->change_cipher_spec && !flight->done);
    hf_flight_free(flight);
    audit_start(&f, HF_TLS12);
    audit_change_cipher_spec(&f);
    hf_flight_free(read_to(HF_FLIGHT_MALFORMED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_old_versions),
        cmocka_unit_test(test_tls13_ends_with_server_hello),
        cmocka_unit_test(test_retry),
        cmocka_unit_test(test_sentinels),
        cmocka_unit_test(test_extensions),
        cmocka_unit_test(test_broken_extensions),
        cmocka_unit_test(test_compression),
        cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_old_certificate_request),
        cmocka_unit_test(test_key_exchanges),
        cmocka_unit_test(test_unknown_key_exchanges),
        cmocka_unit_test(test_unknown_curve_type),
        cmocka_unit_test(test_bits_of_a_prime),
        cmocka_unit_test(test_bodies_cut),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_skipped_messages),
        cmocka_unit_test(test_resumption),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
