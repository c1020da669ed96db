/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Files of packets: pcap and pcapng. */
#include "unit/capture_support.h"

/* ---- what was heard ---- */

typedef struct heard {
    size_t n;
    hf_packet packets[16];
} heard;

static void hear(void *user, const hf_packet *packet)
{
    heard *h = user;

    assert_true(h->n < 16);
    h->packets[h->n++] = *packet;
}

static hf_error read_into(heard *h, hf_span file, hf_keylog *keylog, hf_complaint *complaint)
{
    *h = (heard){ .n = 0 };
    return hf_packets_read(file, keylog, hear, h, complaint);
}

static void assert_packet(const hf_packet *p, uint64_t number, int64_t us, const char *text,
                          bool cut)
{
    assert_int_equal(p->number, number);
    assert_int_equal(p->us, us);
    assert_int_equal(p->bytes.len, strlen(text));
    assert_memory_equal(p->bytes.data, text, strlen(text));
    assert_int_equal(p->cut, cut);
}

/* ---- pcap ---- */

static void pcap_of(bool little, uint32_t magic, uint32_t part)
{
    pile p = { .little = little };
    heard h;
    hf_complaint c;

    put_pcap(&p, magic, 0x10000001); /* above the link type: the length of a frame check sequence */
    put_record(&p, 1700000000, part, hf_span_str("one"), 3);
    put_record(&p, 1700000001, 0, hf_span_str(""), 0);
    put_record(&p, 4294967295u, 0, hf_span_str("three"), 1500);
    hf_span file = tight(&p);
    assert_true(hf_capture_is(file));
    assert_int_equal(read_into(&h, file, NULL, &c), HF_OK);
    assert_false(c.happened);
    assert_int_equal(h.n, 3);
    assert_packet(&h.packets[0], 1, 1700000000123456, "one", false);
    assert_packet(&h.packets[1], 2, 1700000001000000, "", false);
    assert_packet(&h.packets[2], 3, 4294967295000000, "three", true);
    assert_int_equal(h.packets[0].link_type, 1);
    free((void *)file.data);
    pile_free(&p);
}

static void test_pcap_of_four_magics(void **state)
{
    (void)state;
    for (int little = 0; little < 2; little++) {
        pcap_of(little, magic_us, 123456);
        pcap_of(little, magic_ns, 123456789);
    }
}

/* ---- pcapng ---- */

static void put_all_blocks(pile *p)
{
    pile unknown = { .little = p->little };

    put_section(p);
    pile_bytes(&unknown, "statistics", 10);
    put_and_free(p, 5, &unknown);
    put_interface(p, 1, 0, 0, 0);
    put_interface(p, 101, 4, 9, 100);
    put_enhanced(p, 1, 1700000000123456789, hf_span_str("ns"), 2);
    put_old(p, 0, 1700000000000001, hf_span_str("old"));
    put_simple(p, hf_span_str("simple"), 6);
    put_enhanced(p, 0, 5, hf_span_str("cut"), 9);
}

static void all_blocks(bool little)
{
    pile p = { .little = little };
    heard h;
    hf_complaint c;

    put_all_blocks(&p);
    hf_span file = tight(&p);
    assert_true(hf_capture_is(file));
    assert_int_equal(read_into(&h, file, NULL, &c), HF_OK);
    assert_int_equal(h.n, 4);
    assert_packet(&h.packets[0], 1, 1700000100123456, "ns", false);
    assert_packet(&h.packets[1], 2, 1700000000000001, "old", false);
    assert_packet(&h.packets[2], 3, 1700000000000001, "simple", false); /* has no time of its own */
    assert_packet(&h.packets[3], 4, 5, "cut", true);
    assert_int_equal(h.packets[0].link_type, 101);
    assert_int_equal(h.packets[2].link_type, 1);
    free((void *)file.data);
    pile_free(&p);
}

static void test_pcapng_blocks_in_both_orders(void **state)
{
    (void)state;
    all_blocks(false);
    all_blocks(true);
}

/* Each section has its byte order, and its interfaces begin anew. */
static void test_several_sections(void **state)
{
    pile p = { .little = true };
    heard h;
    hf_complaint c;

    (void)state;
    put_section(&p);
    put_interface(&p, 1, 0, 0, 0);
    put_enhanced(&p, 0, 1, hf_span_str("first"), 5);
    p.little = false;
    put_section(&p);
    put_interface(&p, 113, 0, 0, 0);
    put_enhanced(&p, 0, 2, hf_span_str("second"), 6);
    put_section(&p);
    put_enhanced(&p, 0, 3, hf_span_str("third"), 5);
    assert_int_equal(read_into(&h, hf_span_of(p.data, p.len), NULL, &c), HF_E_CAPTURE);
    assert_int_equal(h.n, 2);
    assert_packet(&h.packets[0], 1, 1, "first", false);
    assert_packet(&h.packets[1], 2, 2, "second", false);
    assert_int_equal(h.packets[1].link_type, 113);
    assert_int_equal(c.packet, 2);
    assert_non_null(strstr(c.why, "interface 0, and 0 are described"));
    pile_free(&p);
}

/* draft-ietf-opsawg-pcapng 4.2: if_tsresol is a power of ten, or of two; if_tsoffset counts seconds. */
static void test_clocks(void **state)
{
    static const struct {
        uint8_t resolution;
        int64_t offset;
        uint64_t ticks;
        int64_t us;
    } rows[] = {
        { 0, 0, 1234567, 1234567 },
        { 3, 0, 1234, 1234000 },
        { 6, 5, 1, 5000001 },
        { 6, -5, 6000001, 1000001 },
        { 9, 0, 1234567891, 1234567 },
        { 12, 0, 1234567891234, 1234567 },
        { 19, 0, 12345678912345678912u, 1234567 },
        { 0x80 | 10, 0, 1024 + 512, 1500000 },
        { 0x80 | 20, 0, 3 << 19, 1500000 },
        { 0x80 | 63, 0, (uint64_t)3 << 62, 1500000 },
        { 0x80, 0, UINT64_MAX,
          ((int64_t)1 << 40) * 1000000 }, /* years that nobody writes, bounded */
        { 0x80, INT64_MIN, 0, -((int64_t)1 << 40) * 1000000 },
    };
    heard h;
    hf_complaint c;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        pile p = { .little = true };
        put_section(&p);
        put_interface(&p, 1, 0, rows[i].resolution, rows[i].offset);
        put_enhanced(&p, 0, rows[i].ticks, hf_span_str("x"), 1);
        assert_int_equal(read_into(&h, hf_span_of(p.data, p.len), NULL, &c), HF_OK);
        assert_packet(h.packets, 1, rows[i].us, "x", false);
        pile_free(&p);
    }
}

static void test_simple_packets_end_at_the_snap_length(void **state)
{
    pile p = { .little = true };
    heard h;
    hf_complaint c;

    (void)state;
    put_section(&p);
    put_interface(&p, 1, 5, 0, 0);
    put_simple(&p, hf_span_str("12345"), 90);
    assert_int_equal(read_into(&h, hf_span_of(p.data, p.len), NULL, &c), HF_OK);
    assert_packet(h.packets, 1, 0, "12345", true);
    pile_free(&p);
}

#define RANDOM "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SECRET "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"

/* Only those of TLS are lines of a key log. */
static void test_secrets_blocks(void **state)
{
    static const char line[] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET " RANDOM " " SECRET "\n";
    pile p = { .little = false };
    heard h;
    hf_complaint c;
    hf_keylog keylog = { .n = 0 };

    (void)state;
    put_section(&p);
    put_secrets(&p, 0x57474b4c, "not TLS: WireGuard's");
    put_secrets(&p, 0x544c534b, line);
    put_secrets(&p, 0x544c534b, "EXPORTER_SECRET " RANDOM " " SECRET);
    assert_int_equal(read_into(&h, hf_span_of(p.data, p.len), &keylog, &c), HF_OK);
    assert_int_equal(keylog.n, 2);
    assert_int_equal(keylog.bad_lines, 0);
    assert_string_equal(keylog.secrets[0].label, "CLIENT_HANDSHAKE_TRAFFIC_SECRET");
    assert_int_equal(keylog.secrets[0].client_random[31], 0x1f);
    assert_int_equal(keylog.secrets[1].len, 32);
    hf_keylog_free(&keylog);
    assert_int_equal(read_into(&h, hf_span_of(p.data, p.len), NULL, &c), HF_OK);
    pile_free(&p);
}

/* ---- what makes no sense ---- */

static void assert_refused(const pile *p, size_t packets, size_t offset, const char *why)
{
    hf_span file = tight(p);
    heard h;
    hf_complaint c;

    assert_int_equal(read_into(&h, file, NULL, &c), HF_E_CAPTURE);
    assert_true(c.happened);
    assert_int_equal(h.n, packets);
    assert_int_equal(c.packet, packets);
    assert_int_equal(c.offset, offset);
    if (!strstr(c.why, why))
        fail_msg("\"%s\", expected: %s", c.why, why);
    free((void *)file.data);
}

static void test_no_captures(void **state)
{
    static const char *const texts[] = {
        "", "\n", "\n\r\r", "GIF89a", "{\"schema\": 1}", "\xd4\xc3\xb2"
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        pile p = { .little = false };
        pile_bytes(&p, texts[i], strlen(texts[i]));
        assert_false(hf_capture_is(hf_span_str(texts[i])));
        assert_refused(&p, 0, 0, "neither pcap nor pcapng");
        pile_free(&p);
    }
}

/* Of a file cut at any byte, each whole packet is given, and where it ends is told. */
static void cut_everywhere(const pile *whole, size_t packets, const size_t *ends)
{
    for (size_t n = 4; n < whole->len; n++) {
        pile p = { .little = false };
        heard h;
        hf_complaint c;
        size_t there = 0;

        pile_bytes(&p, whole->data, n);
        hf_span file = tight(&p);
        hf_error e = read_into(&h, file, NULL, &c);
        for (size_t i = 0; i < packets; i++)
            there += ends[i] <= n;
        assert_int_equal(h.n, there);
        assert_int_equal(e, c.happened ? HF_E_CAPTURE : HF_OK);
        assert_true(c.happened ? c.why[0] && c.offset <= n : true);
        free((void *)file.data);
        pile_free(&p);
    }
}

static void test_files_that_end_too_early(void **state)
{
    pile old = { .little = true }, new = { .little = false };
    size_t old_ends[2], new_ends[2];

    (void)state;
    put_pcap(&old, magic_us, 1);
    put_section(&new);
    put_interface(&new, 1, 0, 9, 0);
    for (int i = 0; i < 2; i++) {
        put_record(&old, 1, 1, hf_span_str("packet"), 6);
        old_ends[i] = old.len;
        put_enhanced(&new, 0, 1, hf_span_str("packet"), 6);
        new_ends[i] = new.len;
    }
    cut_everywhere(&old, 2, old_ends);
    cut_everywhere(&new, 2, new_ends);
    old.len--;
    assert_refused(&old, 1, old_ends[0], "a packet of 6 bytes, and 5 bytes left in the file");
    old.len = old_ends[0] + 15;
    assert_refused(&old, 1, old_ends[0], "ends within the header of a packet");
    new.len -= 4;
    assert_refused(&new, 1, new_ends[0], "bytes left in the file");
    new.len = new_ends[0] + 11;
    assert_refused(&new, 1, new_ends[0], "ends within a block");
    new.len = 11;
    assert_refused(&new, 0, 0, "ends within a block");
    pile_free(&old);
    pile_free(&new);
}

/* One block that is wrong in one way, after a section and an interface. */
static void assert_block_refused(uint32_t type, const char *body, size_t len, const char *why)
{
    pile p = { .little = true }, b = { .little = true };

    put_section(&p);
    put_interface(&p, 1, 0, 0, 0);
    size_t at = p.len;
    pile_bytes(&b, body, len);
    put_and_free(&p, type, &b);
    assert_refused(&p, 0, at, why);
    pile_free(&p);
}

static void test_blocks_that_make_no_sense(void **state)
{
    static const char zeroes[24];

    (void)state;
    assert_block_refused(1, zeroes, 4, "an interface description of 4 bytes");
    assert_block_refused(1, "\1\0\0\0\0\0\0\0\x09\0\1\0\x14\0\0\0", 16, "if_tsresol");
    assert_block_refused(1, "\1\0\0\0\0\0\0\0\x09\0\1\0\xc0\0\0\0", 16, "if_tsresol");
    assert_block_refused(2, zeroes, 16, "a packet block of 16 bytes");
    assert_block_refused(3, zeroes, 0, "a packet block of 0 bytes");
    assert_block_refused(3, "\5\0\0\0", 4, "a packet of 5 bytes in a block that has room for 0");
    assert_block_refused(6, "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20,
                         "of interface 1, and 1 are");
    assert_block_refused(6, "\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0\5\0\0\0four", 24, "has room for 4");
    assert_block_refused(6, "\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff\0\0\0\0", 20,
                         "4294967295 bytes");
    assert_block_refused(10, "KSLT\1\0\0\0", 8, "secrets that are longer");
    assert_block_refused(10, "KSLT", 4, "secrets that are longer");
}

static void test_lengths_that_make_no_sense(void **state)
{
    static const uint32_t lengths[] = { 0, 4, 8, 13, 14, 0xfffffffc, 0x7ffffffc };

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        pile p = { .little = false };
        put_section(&p);
        size_t at = p.len;
        pile_number(&p, 5, 4);
        pile_number(&p, lengths[i], 4);
        pile_number(&p, 0, 8);
        assert_refused(&p, 0, at, "a block of ");
        pile_free(&p);
    }
    pile p = { .little = false };
    put_section(&p);
    size_t at = p.len;
    for (int i = 0; i < 2; i++) { /* its end agrees, but it is no multiple of four */
        pile_number(&p, i == 0 ? 5 : 0, i == 0 ? 4 : 1);
        pile_number(&p, 13, 4);
    }
    assert_refused(&p, 0, at, "a block of 13 bytes");
    p.len = at;
    p.data[p.len - 1] ^= 4;
    assert_refused(&p, 0, 0, "that says 24 at its end");
    p.data[8] ^= 1;
    assert_refused(&p, 0, 0, "without a byte order");
    pile_free(&p);
}

static void test_sections_that_are_not_known(void **state)
{
    pile p = { .little = false }, body = { .little = false };

    (void)state;
    put_section(&p);
    p.data[13] = 2;
    assert_refused(&p, 0, 0, "pcapng of version 2");
    pile_free(&p);
    pile_number(&body, 0x1a2b3c4d, 4);
    put_and_free(&p, 0x0a0d0d0a, &body);
    assert_refused(&p, 0, 0, "a section header of 4 bytes");
    pile_free(&p);
}

static void test_interfaces_are_bounded(void **state)
{
    pile p = { .little = true };
    heard h;
    hf_complaint c;

    (void)state;
    put_section(&p);
    for (int i = 0; i < HF_INTERFACES_MAX; i++)
        put_interface(&p, 1, 0, 0, 0);
    put_enhanced(&p, HF_INTERFACES_MAX - 1, 7, hf_span_str("last"), 4);
    assert_int_equal(read_into(&h, hf_span_of(p.data, p.len), NULL, &c), HF_OK);
    assert_packet(h.packets, 1, 7, "last", false);
    size_t at = p.len;
    put_interface(&p, 1, 0, 0, 0);
    assert_refused(&p, 1, at, "more than 256 interfaces");
    pile_free(&p);
}

/* The bytes are not looked at, so they need not be there. */
static void test_files_are_bounded(void **state)
{
    static const uint8_t magic[4] = { 0x0a, 0x0d, 0x0d, 0x0a };
    heard h;
    hf_complaint c;

    (void)state;
    assert_int_equal(read_into(&h, hf_span_of(magic, (size_t)HF_CAPTURE_MAX + 1), NULL, &c),
                     HF_E_CAPTURE);
    assert_non_null(strstr(c.why, "the most that is read"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pcap_of_four_magics),
        cmocka_unit_test(test_pcapng_blocks_in_both_orders),
        cmocka_unit_test(test_several_sections),
        cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_simple_packets_end_at_the_snap_length),
        cmocka_unit_test(test_secrets_blocks),
        cmocka_unit_test(test_no_captures),
        cmocka_unit_test(test_files_that_end_too_early),
        cmocka_unit_test(test_blocks_that_make_no_sense),
        cmocka_unit_test(test_lengths_that_make_no_sense),
        cmocka_unit_test(test_sections_that_are_not_known),
        cmocka_unit_test(test_interfaces_are_bounded),
        cmocka_unit_test(test_files_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
