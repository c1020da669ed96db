/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The PROXY protocol (haproxy's proxy-protocol.txt, 2.1 and 2.2): both versions, all families, TLVs and their checksum, written and read,
 * cut at every byte; what is refused and in which words.
 */
#include "unit/proxy_support.h"

#include "tool/proxy/pp.h"
#include "tool/proxy/pp_parts.h"
#include "tool/proxy/subject.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define A4        "\xc0\0\2\1\xc0\0\2\2\x12\x67\1\xbb"
#define A6                                                                                         \
    "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2\x12\x67\1\xbb"
#define UNIX36 "/run/client\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define UNIX   UNIX36 UNIX36 UNIX36 UNIX36 UNIX36 UNIX36

typedef struct row {
    const char *name, *bytes;
    size_t len;
    const char *why; /* NULL: good */
    bool local, ipv6;
} row;

#define ROW(name, bytes, why, local, ipv6)                                                         \
    {                                                                                              \
        name, bytes, sizeof(bytes) - 1, why, local, ipv6                                           \
    }
#define V1(name, bytes, why) ROW(name, bytes, "version 1: " why, false, false)

static const row rows[] = {
    ROW("TCP4", "PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n", NULL, false, false),
    ROW("TCP6", "PROXY TCP6 2001:db8::1 2001:DB8:0:0::2 4711 443\r\n", NULL, false, true),
    ROW("UNKNOWN", "PROXY UNKNOWN\r\n", NULL, true, false),
    ROW("UNKNOWN and more", "PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", NULL, true, false),
    ROW("UNKNOWN and anything", "PROXY UNKNOWN  TCP4 x\r\n", NULL, true, false),
    ROW("v2 TCP4", SIGNATURE "\x21\x11\0\x0c" A4, NULL, false, false),
    ROW("v2 TCP6", SIGNATURE "\x21\x21\0\x24" A6, NULL, false, true),
    ROW("v2 LOCAL", SIGNATURE "\x20\0\0\0", NULL, true, false),
    ROW("v2 LOCAL with addresses", SIGNATURE "\x20\x11\0\x0c" A4, NULL, true, false),
    ROW("v2 LOCAL with anything", SIGNATURE "\x20\xff\0\x02xy", NULL, true, false),
    ROW("v2 UNSPEC", SIGNATURE "\x21\0\0\0", NULL, true, false),
    ROW("v2 UNSPEC with more", SIGNATURE "\x21\0\0\3\xff\xff\xff", NULL, true, false),
    ROW("v2 UNSPEC over a stream", SIGNATURE "\x21\x01\0\0", NULL, true, false),
    ROW("v2 IPv4 over UNSPEC", SIGNATURE "\x21\x10\0\0", NULL, true, false),
    ROW("v2 UNIX", SIGNATURE "\x21\x31\0\xd8" UNIX, NULL, true, false),
    ROW("v2 UNIX datagram", SIGNATURE "\x21\x32\0\xd8" UNIX, NULL, true, false),
    ROW("v2 UDP4", SIGNATURE "\x21\x12\0\x0c" A4, NULL, true, false),
    ROW("v2 UDP6", SIGNATURE "\x21\x22\0\x24" A6, NULL, true, false),
    ROW("v2 TCP4 with TLVs", SIGNATURE "\x21\x11\0\x14" A4 "\1\0\2h2\4\0\0", NULL, false, false),
    ROW("v2 TCP4 with an unknown TLV", SIGNATURE "\x21\x11\0\x10" A4 "\xee\0\1x", NULL, false,
        false),
    ROW("HTTP", "GET / HTTP/1.1\r\n", "no PROXY header where one must be", false, false),
    ROW("TLS", "\x16\3\1\2\0\1", "no PROXY header where one must be", false, false),
    ROW("proxy", "proxy TCP4 192.0.2.1 192.0.2.2 4711 443\r\n", "no PROXY header where one must be",
        false, false),
    ROW("PROXY and a tab", "PROXY\tTCP4", "no PROXY header where one must be", false, false),
    ROW("PROXY2", "PROXY2 TCP4", "no PROXY header where one must be", false, false),
    ROW("wrong signature", "\r\n\r\n\0\r\nQUIT\r", "no PROXY header where one must be", false,
        false),
    V1("two spaces", "PROXY  TCP4 192.0.2.1 192.0.2.2 4711 443\r\n",
       "neither TCP4, TCP6 nor UNKNOWN"),
    V1("UDP4", "PROXY UDP4 192.0.2.1 192.0.2.2 4711 443\r\n", "neither TCP4, TCP6 nor UNKNOWN"),
    V1("UNKNOWNX", "PROXY UNKNOWNX\r\n", "neither TCP4, TCP6 nor UNKNOWN"),
    V1("lower case", "PROXY tcp4 192.0.2.1 192.0.2.2 4711 443\r\n",
       "neither TCP4, TCP6 nor UNKNOWN"),
    V1("nothing", "PROXY \r\n", "neither TCP4, TCP6 nor UNKNOWN"),
    V1("few words", "PROXY TCP4 192.0.2.1 192.0.2.2 4711\r\n", "fewer than six words"),
    V1("many words", "PROXY TCP4 192.0.2.1 192.0.2.2 4711 443 1\r\n", "more than six words"),
    V1("space at the end", "PROXY TCP4 192.0.2.1 192.0.2.2 4711 443 \r\n", "more than six words"),
    V1("another family", "PROXY TCP4 2001:db8::1 2001:db8::2 4711 443\r\n",
       "an address that is none of its family"),
    V1("the other family", "PROXY TCP6 192.0.2.1 192.0.2.2 4711 443\r\n",
       "an address that is none of its family"),
    V1("leading zero", "PROXY TCP4 192.0.02.1 192.0.2.2 4711 443\r\n",
       "an address that is none of its family"),
    V1("256", "PROXY TCP4 192.0.256.1 192.0.2.2 4711 443\r\n",
       "an address that is none of its family"),
    V1("three numbers", "PROXY TCP4 192.0.1 192.0.2.2 4711 443\r\n",
       "an address that is none of its family"),
    V1("two ::", "PROXY TCP6 1::2::3 ::1 4711 443\r\n", "an address that is none of its family"),
    V1("seven groups", "PROXY TCP6 1:2:3:4:5:6:7 ::1 4711 443\r\n",
       "an address that is none of its family"),
    V1("brackets", "PROXY TCP6 [::1] ::1 4711 443\r\n", "an address that is none of its family"),
    V1("an empty address", "PROXY TCP4  192.0.2.2 4711 443\r\n",
       "an address that is none of its family"),
    V1("port 65536", "PROXY TCP4 192.0.2.1 192.0.2.2 65536 443\r\n", "a port that is none"),
    V1("port 04", "PROXY TCP4 192.0.2.1 192.0.2.2 4711 04\r\n", "a port that is none"),
    V1("port +4", "PROXY TCP4 192.0.2.1 192.0.2.2 +4 443\r\n", "a port that is none"),
    V1("port of six digits", "PROXY TCP4 192.0.2.1 192.0.2.2 100000 443\r\n",
       "a port that is none"),
    V1("port empty", "PROXY TCP4 192.0.2.1 192.0.2.2  443\r\n", "a port that is none"),
    V1("LF alone", "PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\n",
       "a line that does not end with CRLF"),
    V1("CR alone", "PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\rx",
       "a line that does not end with CRLF"),
    V1("NUL", "PROXY TCP4 192.0.2.1\0 192.0.2.2 4711 443\r\n",
       "a line that does not end with CRLF"),
    V1("too long",
       "PROXY UNKNOWN "
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
       "aaa\r\n",
       "no CRLF in the first 107 bytes"),
    ROW("version 1 in binary", SIGNATURE "\x11\x11\0\x0c" A4, "a version that is neither 1 nor 2",
        false, false),
    ROW("version 3", SIGNATURE "\x31\x11\0\x0c" A4, "a version that is neither 1 nor 2", false,
        false),
    ROW("v2 command 2", SIGNATURE "\x22\x11\0\x0c" A4, "version 2: neither LOCAL nor PROXY", false,
        false),
    ROW("v2 family 4", SIGNATURE "\x21\x41\0\x0c" A4,
        "version 2: a family or transport that is not assigned", false, false),
    ROW("v2 transport 3", SIGNATURE "\x21\x13\0\x0c" A4,
        "version 2: a family or transport that is not assigned", false, false),
    ROW("v2 short TCP4", SIGNATURE "\x21\x11\0\x0b" A4, "version 2: shorter than its addresses",
        false, false),
    ROW("v2 short TCP6", SIGNATURE "\x21\x21\0\x0c" A4, "version 2: shorter than its addresses",
        false, false),
    ROW("v2 short UNIX", SIGNATURE "\x21\x31\0\xd7" UNIX, "version 2: shorter than its addresses",
        false, false),
    ROW("v2 4097 bytes", SIGNATURE "\x21\x11\x10\1", "version 2: a header longer than 4112 bytes",
        false, false),
    ROW("v2 half a TLV", SIGNATURE "\x21\x11\0\x0e" A4 "\1\0",
        "version 2: a TLV is longer than the header", false, false),
    ROW("v2 long TLV", SIGNATURE "\x21\x11\0\x10" A4 "\1\0\2h",
        "version 2: a TLV is longer than the header", false, false),
    ROW("v2 long TLV after UNIX", SIGNATURE "\x21\x31\0\xdc" UNIX "\1\0\2h",
        "version 2: a TLV is longer than the header", false, false),
    ROW("v2 short CRC", SIGNATURE "\x21\x11\0\x12" A4 "\3\0\3abc",
        "version 2: a checksum that is none", false, false),
    ROW("v2 wrong CRC", SIGNATURE "\x21\x11\0\x13" A4 "\3\0\4abcd",
        "version 2: the checksum is wrong", false, false),
};
enum { ROWS = sizeof rows / sizeof *rows };

static void assert_good(const row *r, const hf_pp *pp)
{
    static const uint8_t source6[16] = { 0x20, 1, 0x0d, 0xb8, [15] = 1 },
                         source4[16] = { 192, 0, 2, 1 };

    assert_int_equal(pp->version, r->bytes[0] == 'P' ? 1 : 2);
    assert_int_equal(pp->local, r->local);
    assert_int_equal(pp->ipv6, r->ipv6);
    if (pp->local)
        return;
    assert_memory_equal(pp->source, r->ipv6 ? source6 : source4, 16);
    assert_int_equal(pp->destination[r->ipv6 ? 15 : 3], 2);
    assert_int_equal(pp->source_port, 4711);
    assert_int_equal(pp->destination_port, 443);
}

/* More bytes behind it, of what comes next, change nothing. */
static void test_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const row *r = &rows[i];
        char more[512];
        hf_pp pp;
        const char *why;
        memcpy(more, r->bytes, r->len);
        memcpy(more + r->len, "GET /", 5);
        for (size_t k = 0; k < 2; k++) {
            int n = hf_pp_read(tight(more, r->len + 5 * k), &pp, &why);
            if (n != (r->why ? -1 : (int)r->len) || (r->why && strcmp(why, r->why) != 0))
                fail_msg("%s: %d %s", r->name, n, why ? why : "good");
        }
        if (!r->why)
            assert_good(r, &pp);
    }
}

static void test_ports(void **state)
{
    static const char line[] = "PROXY TCP4 192.0.2.1 192.0.2.2 65535 0\r\n";
    hf_pp pp;
    const char *why;

    (void)state;
    assert_int_equal(hf_pp_read(hf_span_str(line), &pp, &why), sizeof line - 1);
    assert_int_equal(pp.source_port, 65535);
    assert_int_equal(pp.destination_port, 0);
}

/* Of every part: more is needed, or what is said of the whole. */
static void test_truncated(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        hf_pp pp;
        const char *why, *part_why;
        hf_pp_read(tight(rows[i].bytes, rows[i].len), &pp, &why);
        for (size_t len = 0; len < rows[i].len; len++) {
            int n = hf_pp_read(tight(rows[i].bytes, len), &pp, &part_why);
            assert_int_equal(pp.version, 0);
            if (n > 0 || (n == 0) != (part_why == NULL) || (n < 0 && part_why != why))
                fail_msg("%s: %zu bytes: %d", rows[i].name, len, n);
        }
    }
}

/* What no row of good beginnings can be is refused at its first byte. */
static void test_first_bytes(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        char byte = (char)c;
        hf_pp pp;
        const char *why;
        assert_int_equal(hf_pp_read(tight(&byte, 1), &pp, &why), c == 'P' || c == '\r' ? 0 : -1);
    }
}

/* ---- writing ---- */

static const hf_pp tcp4 = { .version = 2,
                            .source = { 192, 0, 2, 1 },
                            .destination = { 192, 0, 2, 2 },
                            .source_port = 4711,
                            .destination_port = 443 };

static void assert_written(const hf_pp *pp, const hf_pp_facts *facts, const char *want, size_t len)
{
    uint8_t out[HF_PP_MAX];

    assert_int_equal(hf_pp_write(pp, facts, out, sizeof out), len);
    assert_memory_equal(out, want, len);
    for (size_t room = 0; room < len; room++)
        assert_int_equal(hf_pp_write(pp, facts, out, room), 0);
}
#define WRITTEN(pp, facts, want) assert_written(pp, facts, want, sizeof(want) - 1)

static void test_write(void **state)
{
    hf_pp pp = tcp4;
    hf_pp_facts facts = { .alpn = "h2" };

    (void)state;
    WRITTEN(&pp, NULL, SIGNATURE "\x21\x11\0\x0c" A4);
    pp.version = 1;
    WRITTEN(&pp, &facts, "PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n");
    pp.local = true;
    WRITTEN(&pp, &facts, "PROXY UNKNOWN\r\n");
    pp.version = 2;
    WRITTEN(&pp, &facts, SIGNATURE "\x20\0\0\0");
    pp = (hf_pp){ .version = 1,
                  .ipv6 = true,
                  .source = { 0x20, 1, 0x0d, 0xb8, [15] = 1 },
                  .source_port = 65535 };
    WRITTEN(&pp, NULL, "PROXY TCP6 2001:db8::1 :: 65535 0\r\n");
    memset(pp.source, 0xff, 16);
    memset(pp.destination, 0xff, 16);
    pp.destination_port = 65535;
    WRITTEN(&pp, NULL,
            "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n");
}

static void test_write_facts(void **state)
{
    hf_pp_facts facts = { .alpn = "http/1.1", .authority = "a.test" };

    (void)state;
    WRITTEN(&tcp4, &facts, SIGNATURE "\x21\x11\0\x20" A4 "\1\0\x08http/1.1\2\0\6a.test");
    facts = (hf_pp_facts){ .tls = true, .version = "TLSv1.3", .cn = "nobody" };
    WRITTEN(&tcp4, &facts, SIGNATURE "\x21\x11\0\x1e" A4 "\x20\0\x0f\1\0\0\0\1\x21\0\7TLSv1.3");
    facts = (hf_pp_facts){ .tls = true, .cipher = "X", .cn = "me", .certificate = true };
    WRITTEN(&tcp4, &facts, SIGNATURE "\x21\x11\0\x1d" A4 "\x20\0\x0e\7\0\0\0\1\x23\0\1X\x22\0\2me");
    facts = (hf_pp_facts){ .tls = true, .certificate = true, .resumed = true, .verified = true };
    WRITTEN(&tcp4, &facts, SIGNATURE "\x21\x11\0\x14" A4 "\x20\0\5\5\0\0\0\0");
    facts =
        (hf_pp_facts){ .tls = true,
                       .verified = true }; /* without a certificate there is none that is good */
    WRITTEN(&tcp4, &facts, SIGNATURE "\x21\x11\0\x14" A4 "\x20\0\5\1\0\0\0\1");
}

static void test_too_many_facts(void **state)
{
    static char text[HF_PP_MAX];
    hf_pp_facts facts = { .authority = text };
    uint8_t out[2 * HF_PP_MAX];
    hf_pp pp;
    const char *why;

    (void)state;
    memset(text, 'a', sizeof text - 1);
    assert_int_equal(hf_pp_write(&tcp4, &facts, out, sizeof out), 0);
    text[HF_PP_MAX - 16 - 12 - 3] = '\0'; /* as much as may be */
    assert_int_equal(hf_pp_write(&tcp4, &facts, out, sizeof out), HF_PP_MAX);
    assert_int_equal(hf_pp_read(hf_span_of(out, HF_PP_MAX), &pp, &why), HF_PP_MAX);
}

/* RFC 3720 B.4's examples. */
static void test_crc32c(void **state)
{
    uint8_t bytes[32];

    (void)state;
    memset(bytes, 0, 32);
    assert_int_equal(hf_crc32c(0, hf_span_of(bytes, 32)), 0x8a9136aa);
    memset(bytes, 0xff, 32);
    assert_int_equal(hf_crc32c(0, hf_span_of(bytes, 32)), 0x62a8ab43);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = i;
    assert_int_equal(hf_crc32c(0, hf_span_of(bytes, 32)), 0x46dd794e);
    assert_int_equal(hf_crc32c(hf_crc32c(0, hf_span_of(bytes, 7)), hf_span_of(bytes + 7, 25)),
                     0x46dd794e);
}

/* As other writers do: the last TLV is the CRC32C of the header with zeros in its place. */
static size_t add_checksum(uint8_t *header, size_t n)
{
    static const uint8_t tlv[7] = { HF_PP2_CRC32C, 0, 4 };

    header[15] = (uint8_t)(header[15] + sizeof tlv);
    memcpy(header + n, tlv, sizeof tlv);
    n += sizeof tlv;
    uint32_t crc = hf_crc32c(0, hf_span_of(header, n));
    for (int i = 0; i < 4; i++)
        header[n - 4 + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
    return n;
}

/* A header with a checksum, any bit of it turned, is refused or waited for, or is no longer one with a checksum. */
static void test_checksum(void **state)
{
    hf_pp_facts facts = { .alpn = "h2", .tls = true, .version = "TLSv1.3" };
    uint8_t out[HF_PP_MAX];
    size_t n = add_checksum(out, hf_pp_write(&tcp4, &facts, out, sizeof out));
    hf_pp pp;
    const char *why;

    (void)state;
    assert_int_equal(hf_pp_read(hf_span_of(out, n), &pp, &why), n);
    for (size_t bit = 16 * 8; bit < 8 * n; bit++) {
        out[bit / 8] ^= (uint8_t)(1 << bit % 8);
        int got = hf_pp_read(hf_span_of(out, n), &pp, &why);
        if (got != -1 && bit / 8 != n - 7)
            fail_msg("bit %zu of %zu: %d", bit, 8 * n, got);
        out[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(hf_pp_read(hf_span_of(out, n), &pp, &why), n);
    out[15] = (uint8_t)(out[15] + 7); /* the same TLV again */
    memcpy(out + n, out + n - 7, 7);
    assert_int_equal(hf_pp_read(hf_span_of(out, n + 7), &pp, &why), -1);
}

/* The common name that is told on is an attribute of its own, never a part of another's value (RFC 4514 2.4, 3). */
static void test_common_name(void **state)
{
    static const struct {
        const char *subject, *cn;
    } names[] = {
        { "CN=device7", "device7" },
        { "O=CN=admin, CN=device7", "device7" },
        { "O=x CN=admin, CN=device7", "device7" },
        { "O=a\\, CN=admin, CN=device7", "device7" },
        { "O=a\\+CN=admin, CN=device7", "device7" },
        { "O=a\\\\, CN=b", "b" },
        { "UID=x+CN=Jim\\, the \\\"one\\\", O=b", "Jim, the \"one\"" },
        { "CN=one, CN=two", "one" },
        { "CN=a=b, O=c", "a=b" },
        { "OCN=admin", NULL },
        { "O=CN=admin", NULL },
        { "2.5.4.99=#0403434E3D, O=CN=x", NULL },
        { "CN=#0C0161", NULL },
        { "CN=\\#1", "#1" },
        { "CN=a\\00b", NULL },
        { "CN=", NULL },
        { "", NULL },
        { NULL, NULL },
    };
    char out[64], longer[300];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *cn = hf_subject_cn(names[i].subject, out, sizeof out);
        if (!names[i].cn != !cn || (cn && strcmp(cn, names[i].cn) != 0))
            fail_msg("%s: %s", names[i].subject, cn ? cn : "none");
    }
    memset(longer, 'x', sizeof longer);
    longer[255] = '\0';
    memcpy(longer, "CN=", 3);
    assert_null(hf_subject_cn(longer, out, sizeof out));
    char all[256];
    assert_null(hf_subject_cn(longer, all, sizeof all)); /* perhaps cut */
    memcpy(longer + 240, ", O=", 4);
    assert_non_null(hf_subject_cn(longer, all, sizeof all));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),           cmocka_unit_test(test_ports),
        cmocka_unit_test(test_truncated),      cmocka_unit_test(test_first_bytes),
        cmocka_unit_test(test_write),          cmocka_unit_test(test_write_facts),
        cmocka_unit_test(test_too_many_facts), cmocka_unit_test(test_crc32c),
        cmocka_unit_test(test_checksum),       cmocka_unit_test(test_common_name),
    };

    return cmocka_run_group_tests_name("PROXY protocol", tests, NULL, NULL);
}
