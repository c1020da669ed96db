/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Reassembly of TCP: order, repetition, overlaps, gaps, wrap-around and limits. */
#include "unit/stream_support.h"

/* ---- order ---- */

static void test_both_directions(void **state)
{
    scene s = open_scene();

    (void)state;
    shake_hands(&s);
    say(&s, 1000, "hello");
    answer(&s, 5000, 1005, "good ");
    answer(&s, 5005, 1005, "day");
    say(&s, 1005, ", bye");
    end_both(&s, 1010, 5008);
    const hf_tcp *tcp = read_one(&s);
    assert_stream(&tcp->stream[HF_CLIENT], "hello, bye", true);
    assert_stream(&tcp->stream[HF_SERVER], "good day", true);
    assert_int_equal(tcp->port[HF_CLIENT], 50000);
    assert_int_equal(tcp->port[HF_SERVER], 443);
    assert_int_equal(tcp->address[HF_CLIENT][3], 1);
    assert_int_equal(tcp->first_packet, 1);
    assert_int_equal(s.capture.packets, 10);
    assert_int_equal(s.capture.not_tcp, 0);
    const hf_piece *own = tcp->stream[HF_CLIENT].pieces, *other = tcp->stream[HF_SERVER].pieces;
    assert_int_equal(tcp->stream[HF_CLIENT].n_pieces, 2);
    assert_int_equal(tcp->stream[HF_SERVER].n_pieces, 2);
    assert_true(own[0].order == 1 && other[0].order == 2 && other[1].order == 3 &&
                own[1].order == 4);
    assert_int_equal(own[0].packet, 4);
    assert_int_equal(other[1].at, 5);
    assert_int_equal(other[1].us - tcp->started_us, 5000);
    hf_capture_free(&s.capture);
}

static void test_out_of_order(void **state)
{
    scene s = open_scene();

    (void)state;
    shake_hands(&s);
    say(&s, 1006, "three ");
    say(&s, 1012, "four");
    say(&s, 1003, "two");
    say(&s, 1000, "one");
    SAY(&s, .sequence = 1016, .ack = 5000, .flags = T_FIN | T_ACK);
    const hf_tcp *tcp = read_one(&s);
    const hf_stream *c = &tcp->stream[HF_CLIENT];
    assert_stream(c, "onetwothree four", true);
    assert_int_equal(c->n_pieces, 4);
    assert_int_equal(c->pieces[0].packet, 7);
    assert_int_equal(c->pieces[3].packet, 5);
    /* all could be read once the first bytes were there */
    assert_int_equal(c->pieces[3].us, c->pieces[0].us);
    hf_capture_free(&s.capture);
}

/* The end may be captured before the bytes that it follows. */
static void test_fin_out_of_order(void **state)
{
    scene s = open_scene();

    (void)state;
    shake_hands(&s);
    SAY(&s, .sequence = 1003, .ack = 5000, .flags = T_FIN | T_ACK, .text = "two");
    say(&s, 1000, "one");
    say(&s, 1006, "after the end"); /* is none */
    assert_stream(&read_one(&s)->stream[HF_CLIENT], "onetwo", true);
    hf_capture_free(&s.capture);
}

static void test_retransmissions(void **state)
{
    scene s = open_scene();

    (void)state;
    shake_hands(&s);
    SAY(&s, .sequence = 999, .flags = T_SYN);
    say(&s, 1000, "one");
    say(&s, 1000, "one");
    say(&s, 999, "?"); /* a probe that keeps the connection alive: one byte before */
    say(&s, 1002, "e two");
    say(&s, 1000, "one two");
    SAY(&s, .from_server = true, .sequence = 4999, .ack = 1000, .flags = T_SYN | T_ACK);
    assert_stream(&read_one(&s)->stream[HF_CLIENT], "one two", false);
    hf_capture_free(&s.capture);
}

/* What was captured first counts, in order and ahead of it. */
static void test_first_bytes_win(void **state)
{
    scene s = open_scene();

    (void)state;
    shake_hands(&s);
    say(&s, 1000, "aaaa");
    say(&s, 1000, "bbbbbb");
    say(&s, 1010, "cc");
    say(&s, 1014, "dd");
    say(&s, 1008, "eeeeeeeeee"); /* around both of them */
    say(&s, 1009, "ffff");
    say(&s, 1004, "gggggggggggggggg");
    assert_stream(&read_one(&s)->stream[HF_CLIENT], "aaaabbggeecceeddeegg", false);
    hf_capture_free(&s.capture);
}

static void test_sequence_numbers_wrap_around(void **state)
{
    scene s = open_scene();

    (void)state;
    SAY(&s, .sequence = 0xfffffffb, .flags = T_SYN);
    SAY(&s, .sequence = 2, .flags = T_ACK, .text = "ghij");
    SAY(&s, .sequence = 0xfffffffc, .flags = T_ACK, .text = "abcd");
    SAY(&s, .sequence = 0, .flags = T_ACK, .text = "ef");
    SAY(&s, .sequence = 0xfffffffe, .flags = T_ACK, .text = "XXXX");
    assert_stream(&read_one(&s)->stream[HF_CLIENT], "abcdefghij", false);
    hf_capture_free(&s.capture);
}

static void test_data_with_syn(void **state)
{
    scene s = open_scene();

    (void)state;
    SAY(&s, .sequence = 999, .flags = T_SYN, .text = "fast ");
    say(&s, 1005, "open");
    assert_stream(&read_one(&s)->stream[HF_CLIENT], "fast open", false);
    hf_capture_free(&s.capture);
}

/* ---- gaps ---- */

static void test_gap_before_later_bytes(void **state)
{
    scene s = open_scene();

    (void)state;
    shake_hands(&s);
    say(&s, 1000, "one");
    say(&s, 1009, "four");
    say(&s, 1006, "three");
    SAY(&s, .sequence = 1013, .ack = 5000, .flags = T_FIN | T_ACK);
    assert_gap(&read_one(&s)->stream[HF_CLIENT], "one", 6); /* the first after what is missing */
    hf_capture_free(&s.capture);
}

/* Nothing comes after the missing bytes, but the other end had them. */
static void test_gap_that_is_acknowledged(void **state)
{
    scene s = open_scene();

    (void)state;
    shake_hands(&s);
    say(&s, 1000, "one");
    answer(&s, 5000, 1003, "a");
    answer(&s, 5001, 1009, "b");
    const hf_tcp *tcp = read_one(&s);
    assert_gap(&tcp->stream[HF_CLIENT], "one", 6);
    assert_stream(&tcp->stream[HF_SERVER], "ab", false);
    hf_capture_free(&s.capture);
}

static void test_gap_before_fin(void **state)
{
    scene s = open_scene();

    (void)state;
    shake_hands(&s);
    SAY(&s, .sequence = 1003, .ack = 5000, .flags = T_FIN | T_ACK);
    assert_gap(&read_one(&s)->stream[HF_CLIENT], "", 4);
    hf_capture_free(&s.capture);
}

/* An end whose FIN was not captured acknowledges one number more than there are bytes. */
static void test_a_missing_fin_is_no_gap(void **state)
{
    scene s = open_scene();

    (void)state;
    shake_hands(&s);
    say(&s, 1000, "one");
    answer(&s, 5000, 1004, NULL);
    assert_stream(&read_one(&s)->stream[HF_CLIENT], "one", false);
    hf_capture_free(&s.capture);
}

/* A snap length leaves a hole in the stream, not bytes that follow each other; also where nothing follows. */
static void cut_packet(bool last)
{
    scene s = open_scene();
    talk t = { .sequence = 1000,
               .flags = T_ACK,
               .text = "whole packet that is longer than Ethernet's least" };
    pile frame = ethernet_of(&t);

    shake_hands(&s);
    put_record(&s.file, 1700000100, 0, hf_span_of(frame.data, 54 + 12), frame.len);
    pile_free(&frame);
    if (!last)
        say(&s, 1000 + (uint32_t)strlen(t.text), "next");
    assert_gap(&read_one(&s)->stream[HF_CLIENT], "whole packet", last ? 4 : 5);
    hf_capture_free(&s.capture);
}

static void test_gap_of_a_cut_packet(void **state)
{
    (void)state;
    cut_packet(false);
    cut_packet(true);
}

/* A stray number far away says nothing against a stream that came to its end. */
static void test_strays_after_a_whole_stream(void **state)
{
    scene s = open_scene();

    (void)state;
    shake_hands(&s);
    say(&s, 0x40000000, "stray");
    say(&s, 0xc0000000, "older stray");
    say(&s, 1000, "all");
    SAY(&s, .sequence = 1003, .ack = 5000, .flags = T_FIN | T_ACK);
    assert_stream(&read_one(&s)->stream[HF_CLIENT], "all", true);
    hf_capture_free(&s.capture);
}

/* ---- limits ---- */

/* As many segments wait as HF_AHEAD_MAX; one more is lost, and is told unless it comes again. */
static void ahead(uint32_t n, bool again)
{
    scene s = open_scene();

    shake_hands(&s);
    for (uint32_t i = 0; i < n; i++)
        say(&s, 1001 + 2 * i, "b"); /* every other byte, so that each waits by itself */
    for (uint32_t i = 0; i < n; i++)
        say(&s, 1000 + 2 * i, "a");
    if (again)
        say(&s, 1000 + 2 * n - 1, "b");
    const hf_stream *c = &read_one(&s)->stream[HF_CLIENT];
    bool lost = n > HF_AHEAD_MAX && !again;
    assert_int_equal(c->len, lost ? 2 * n - 1 : 2 * n);
    assert_int_equal(c->gap, lost);
    for (size_t i = 0; i < c->len; i++)
        assert_int_equal(c->bytes[i], i % 2 ? 'b' : 'a');
    assert_pieces(c);
    hf_capture_free(&s.capture);
}

static void test_waiting_segments_are_bounded(void **state)
{
    (void)state;
    ahead(HF_AHEAD_MAX, false);
    ahead(HF_AHEAD_MAX + 1, false);
    ahead(HF_AHEAD_MAX + 1, true);
}

static void test_streams_are_bounded(void **state)
{
    enum { SEGMENT = 60000, ENOUGH = HF_STREAM_MAX / SEGMENT + 2 };
    static uint8_t bytes[SEGMENT];
    scene s = open_scene();

    (void)state;
    memset(bytes, 'x', sizeof bytes);
    shake_hands(&s);
    for (uint32_t i = 0; i < ENOUGH; i++)
        SAY(&s, .sequence = 1000 + i * SEGMENT, .flags = T_ACK, .bytes = { bytes, SEGMENT });
    answer(&s, 5000, 1000 + ENOUGH * SEGMENT, "thanks");
    const hf_tcp *tcp = read_one(&s);
    assert_int_equal(tcp->stream[HF_CLIENT].len, HF_STREAM_MAX);
    assert_true(tcp->stream[HF_CLIENT].full);
    assert_false(tcp->stream[HF_CLIENT].gap);
    assert_pieces(&tcp->stream[HF_CLIENT]);
    assert_stream(&tcp->stream[HF_SERVER], "thanks", false);
    hf_capture_free(&s.capture);
}

/* A hole wider than the window: what lies beyond is not kept, and told. */
static void test_far_ahead(void **state)
{
    scene s = open_scene();

    (void)state;
    shake_hands(&s);
    say(&s, 1000, "near");
    say(&s, 1004 + HF_STREAM_MAX + 1, "far");
    assert_gap(&read_one(&s)->stream[HF_CLIENT], "near", 5);
    hf_capture_free(&s.capture);
}

/* However many strays there are, what waits for its turn finds room. */
static void test_strays_take_no_room(void **state)
{
    scene s = open_scene();

    (void)state;
    shake_hands(&s);
    for (uint32_t i = 0; i < HF_AHEAD_MAX; i++)
        say(&s, 0x40000000 + 2 * i, "x");
    say(&s, 1003, "two");
    say(&s, 1000, "one");
    SAY(&s, .sequence = 1006, .ack = 5000, .flags = T_FIN | T_ACK);
    assert_stream(&read_one(&s)->stream[HF_CLIENT], "onetwo", true);
    hf_capture_free(&s.capture);
}

/* ---- any order ---- */

static uint32_t draw(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Segments of one text, of any length, order and number: if each byte came once, the text is there. */
static void shuffled(uint32_t seed)
{
    enum { LEN = 300, SEGMENTS = 60 };
    char text[LEN + 1];
    bool there[LEN] = { false };
    size_t whole = 0;
    scene s = open_scene();

    for (size_t i = 0; i < LEN; i++)
        text[i] = (char)('!' + i % 90);
    text[LEN] = '\0';
    SAY(&s, .sequence = 0xffffff7f, .flags = T_SYN); /* wraps around within the text */
    for (int i = 0; i < SEGMENTS; i++) {
        uint32_t at = draw(&seed) % LEN, len = 1 + draw(&seed) % 30;
        len = len < LEN - at ? len : LEN - at;
        SAY(&s, .sequence = 0xffffff80 + at, .flags = T_ACK, .bytes = hf_span_of(text + at, len));
        memset(there + at, true, len);
    }
    while (whole < LEN && there[whole])
        whole++;
    const hf_stream *c = &read_one(&s)->stream[HF_CLIENT];
    assert_int_equal(c->len, whole);
    if (whole > 0)
        assert_memory_equal(c->bytes, text, whole);
    assert_int_equal(c->gap, memchr(there + whole, true, LEN - whole) != NULL);
    assert_pieces(c);
    hf_capture_free(&s.capture);
}

static void test_any_order(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 300; seed++)
        shuffled(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_directions),
        cmocka_unit_test(test_out_of_order),
        cmocka_unit_test(test_fin_out_of_order),
        cmocka_unit_test(test_retransmissions),
        cmocka_unit_test(test_first_bytes_win),
        cmocka_unit_test(test_sequence_numbers_wrap_around),
        cmocka_unit_test(test_data_with_syn),
        cmocka_unit_test(test_gap_before_later_bytes),
        cmocka_unit_test(test_gap_that_is_acknowledged),
        cmocka_unit_test(test_gap_before_fin),
        cmocka_unit_test(test_a_missing_fin_is_no_gap),
        cmocka_unit_test(test_gap_of_a_cut_packet),
        cmocka_unit_test(test_strays_after_a_whole_stream),
        cmocka_unit_test(test_waiting_segments_are_bounded),
        cmocka_unit_test(test_streams_are_bounded),
        cmocka_unit_test(test_far_ahead),
        cmocka_unit_test(test_strays_take_no_room),
        cmocka_unit_test(test_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
