/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What leads from a packet to a TCP segment: the link layers, both IPs, TCP's header. */
#include "unit/capture_support.h"

static bool segment_of(const pile *frame, uint32_t link_type, bool cut, hf_segment *segment,
                       const char **why)
{
    static hf_span kept; /* the segment points into it */

    free((void *)kept.data);
    kept = tight(frame);
    hf_packet packet = { .link_type = link_type, .us = 7, .number = 9, .bytes = kept, .cut = cut };
    return hf_segment_read(&packet, segment, why);
}

static void assert_hello(const pile *frame, uint32_t link_type, bool ipv6)
{
    hf_segment s;
    const char *why = "";

    assert_true(segment_of(frame, link_type, false, &s, &why));
    assert_null(why);
    assert_int_equal(s.ipv6, ipv6);
    assert_int_equal(s.from[ipv6 ? 15 : 3], 1);
    assert_int_equal(s.to[ipv6 ? 15 : 3], 2);
    assert_int_equal(s.from_port, 50000);
    assert_int_equal(s.to_port, 443);
    assert_int_equal(s.sequence, 0xfffffff0);
    assert_int_equal(s.ack, 77);
    assert_true(s.has_ack && s.fin && !s.syn && !s.rst);
    assert_int_equal(s.payload.len, 5);
    assert_memory_equal(s.payload.data, "hello", 5);
    assert_int_equal(s.cut, 0);
    assert_int_equal(s.us, 7);
    assert_int_equal(s.packet, 9);
}

static talk hello(bool ipv6)
{
    return (talk){
        .ipv6 = ipv6, .sequence = 0xfffffff0, .ack = 77, .flags = T_ACK | T_FIN, .text = "hello"
    };
}

/* The header in front of an IP packet, and its link type. */
static void assert_link(uint32_t link_type, const char *header, size_t len, bool ipv6)
{
    talk t = hello(ipv6);
    pile ip = ip_of(&t), frame = { .little = false };

    pile_bytes(&frame, header, len);
    pile_bytes(&frame, ip.data, ip.len);
    assert_hello(&frame, link_type, ipv6);
    for (frame.len = 0; frame.len < len + 20; frame.len++) { /* cut within its headers it is none */
        hf_segment s;
        const char *why;
        assert_false(segment_of(&frame, link_type, true, &s, &why));
    }
    pile_free(&ip);
    pile_free(&frame);
}

static void test_link_layers(void **state)
{
    static const char macs[] = "aaaaaabbbbbb";
    char tagged[22];

    (void)state;
    assert_link(1, "aaaaaabbbbbb\x08\x00", 14, false);
    assert_link(1, "aaaaaabbbbbb\x86\xdd", 14, true);
    assert_link(1, "aaaaaabbbbbb\x81\x00\x00\x07\x08\x00", 18, false); /* 802.1Q */
    memcpy(tagged, macs, 12);
    memcpy(tagged + 12, "\x88\xa8\x00\x01\x81\x00\x00\x02\x86\xdd", 10); /* QinQ */
    assert_link(1, tagged, 22, true);
    memcpy(tagged + 12, "\x91\x00\x00\x01\x81\x00\x00\x02\x08\x00", 10);
    assert_link(1, tagged, 22, false);
    assert_link(0, "\2\0\0\0", 4, false);
    assert_link(0, "\0\0\0\2", 4, false);
    assert_link(0, "\x1e\0\0\0", 4, true);
    assert_link(108, "\0\0\0\x18", 4, true);
    assert_link(101, "", 0, false);
    assert_link(101, "", 0, true);
    assert_link(12, "", 0, false);
    assert_link(14, "", 0, true);
    assert_link(228, "", 0, false);
    assert_link(229, "", 0, true);
    assert_link(113, "\0\0\3\4\0\6\0\0\0\0\0\0\0\0\x08\x00", 16, false);
    assert_link(113, "\0\0\3\4\0\6\0\0\0\0\0\0\0\0\x86\xdd", 16, true);
    assert_link(276, "\x08\0\0\0\0\0\0\1\3\4\0\6\0\0\0\0\0\0\0\0", 20, false);
    assert_link(276, "\x86\xdd\0\0\0\0\0\1\3\4\0\6\0\0\0\0\0\0\0\0", 20, true);
}

/* Nothing of TCP: no segment, and nothing to tell of. */
static void test_other_packets_are_passed_over(void **state)
{
    static const struct {
        uint32_t link_type;
        const char *bytes;
        size_t len;
    } rows[] = {
        { 1, "aaaaaabbbbbb\x08\x06\0\1\x08\0\6\4", 20 }, /* ARP */
        { 1, "aaaaaabbbbbb\0\x26\x42\x42\3", 17 },       /* 802.3 */
        { 1, "short", 5 },
        { 0, "\7\0\0\0", 4 },
        { 101, "\x10", 1 },
        { 113, "\0\0\3\4\0\6\0\0\0\0\0\0\0\0\x08\x06", 16 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        pile p = { .little = false };
        hf_segment s;
        const char *why = "";
        pile_bytes(&p, rows[i].bytes, rows[i].len);
        assert_false(segment_of(&p, rows[i].link_type, false, &s, &why));
        assert_null(why);
        pile_free(&p);
    }
    talk t = hello(false);
    pile udp = ip_of(&t);
    hf_segment s;
    const char *why = "";
    udp.data[9] = 17;
    udp.data[6] = 0x20;
    assert_false(segment_of(&udp, 101, false, &s, &why));
    assert_null(why);
    pile_free(&udp);
}

static void test_lengths_decide_what_is_payload(void **state)
{
    talk t = hello(false);
    pile ip = ip_of(&t);

    (void)state;
    pile_bytes(&ip, "padding", 7);
    assert_hello(&ip, 101, false);
    pile_free(&ip);
    for (int ipv6 = 0; ipv6 < 2; ipv6++) { /* left to the network card to cut and to fill in */
        t = hello(ipv6);
        t.length_unsaid = true;
        ip = ip_of(&t);
        assert_hello(&ip, 101, ipv6);
        pile_free(&ip);
    }
}

static void test_options_are_skipped(void **state)
{
    talk t = hello(false);

    (void)state;
    t.options = 10;
    pile plain = ip_of(&t), ip = { .little = false };
    pile_bytes(&ip, plain.data, 20);
    pile_bytes(&ip, "\x94\4\0\0", 4); /* router alert */
    pile_bytes(&ip, plain.data + 20, plain.len - 20);
    ip.data[0] = 0x46;
    ip.data[3] = (uint8_t)(ip.data[3] + 4);
    assert_hello(&ip, 101, false);
    pile_free(&plain);
    pile_free(&ip);
}

static pile extended(uint8_t next, const char *headers, size_t len)
{
    talk t = hello(true);
    pile tcp = { .little = false }, ip = { .little = false };

    put_tcp(&tcp, &t);
    put_ipv6(&ip, &tcp, &t, next, hf_span_of(headers, len));
    pile_free(&tcp);
    return ip;
}

/* RFC 8200 4: hop-by-hop, routing, destination, a fragment header of a whole packet (RFC 6946), authentication. */
static void test_extension_headers(void **state)
{
    static const char chain[] = "\x2b\0\1\4\0\0\0\0" /* hop-by-hop, then routing */
                                "\x3c\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                "\x2c\0\1\4\0\0\0\0" /* destination, then fragment */
                                "\x33\0\0\0\0\0\0\1"
                                "\6\1\0\0\0\0\0\1\0\0\0\1"; /* authentication */
    pile ip = extended(0, chain, sizeof chain - 1);

    (void)state;
    assert_hello(&ip, 101, true);
    pile_free(&ip);
}

static void assert_odd(const pile *frame, const char *expected)
{
    hf_segment s;
    const char *why = NULL;

    assert_false(segment_of(frame, 101, false, &s, &why));
    assert_non_null(why);
    if (!strstr(why, expected))
        fail_msg("\"%s\", expected: %s", why, expected);
}

static void test_fragments_are_told(void **state)
{
    talk t = hello(false);
    pile ip = ip_of(&t);

    (void)state;
    ip.data[6] = 0x20; /* more fragments */
    assert_odd(&ip, "fragments are not reassembled");
    ip.data[6] = 0;
    ip.data[7] = 9; /* a later one */
    assert_odd(&ip, "fragments are not reassembled");
    ip.data[6] = 0x40; /* "don't fragment" is none */
    ip.data[7] = 0;
    assert_hello(&ip, 101, false);
    pile_free(&ip);
    ip = extended(44, "\6\0\0\1\0\0\0\1", 8);
    assert_odd(&ip, "fragments are not reassembled");
    pile_free(&ip);
    ip = extended(44, "\x3c\0\0\x08\0\0\0\1", 8); /* a later one, of whatever */
    hf_segment s;
    const char *why = "";
    assert_false(segment_of(&ip, 101, false, &s, &why));
    assert_null(why);
    pile_free(&ip);
}

/* One byte changed in a packet that was good. */
static void assert_changed_is_odd(bool ipv6, size_t at, uint8_t value, const char *why)
{
    talk t = hello(ipv6);
    pile ip = ip_of(&t);

    ip.data[at] = value;
    assert_odd(&ip, why);
    pile_free(&ip);
}

static void test_headers_that_make_no_sense(void **state)
{
    (void)state;
    assert_changed_is_odd(false, 0, 0x44, "lengths make no sense");
    assert_changed_is_odd(false, 0, 0x4f, "lengths make no sense");
    assert_changed_is_odd(false, 3, 19, "lengths make no sense");
    assert_changed_is_odd(false, 3, 46, "longer than it is");
    assert_changed_is_odd(false, 3, 20, "has nothing");
    assert_changed_is_odd(false, 3, 39, "TCP header that is cut off");
    assert_changed_is_odd(false, 20 + 12, 0x40, "TCP header whose length");
    assert_changed_is_odd(false, 20 + 12, 0x70, "TCP header whose length");
    assert_changed_is_odd(true, 5, 26, "longer than it is");
    assert_changed_is_odd(true, 5, 19, "TCP header that is cut off");
    pile ip = extended(0, "\6\xff\0\0\0\0\0\0", 8);
    assert_odd(&ip, "extension header whose length");
    pile_free(&ip);
    talk t = hello(false);
    pile other = ip_of(&t);
    hf_segment s;
    const char *why = NULL;
    assert_false(segment_of(&other, 127, false, &s, &why));
    assert_string_equal(why, "a link layer that is not known here");
    pile_free(&other);
}

/* A capture with a snap length has the beginning, and knows how much more there was. */
static void test_cut_packets_give_what_is_there(void **state)
{
    talk t = hello(false);
    pile ip = ip_of(&t);
    hf_segment s;
    const char *why;

    (void)state;
    ip.len -= 3;
    assert_true(segment_of(&ip, 101, true, &s, &why));
    assert_int_equal(s.payload.len, 2);
    assert_int_equal(s.cut, 3);
    pile_free(&ip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_link_layers),
        cmocka_unit_test(test_other_packets_are_passed_over),
        cmocka_unit_test(test_lengths_decide_what_is_payload),
        cmocka_unit_test(test_options_are_skipped),
        cmocka_unit_test(test_extension_headers),
        cmocka_unit_test(test_fragments_are_told),
        cmocka_unit_test(test_headers_that_make_no_sense),
        cmocka_unit_test(test_cut_packets_give_what_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
